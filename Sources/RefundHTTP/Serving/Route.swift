package import HTTPTypes

/// One line of a dialect's route list.
package struct Route: Sendable {
    /// Who may call.
    package enum Access: Sendable {
        /// For callers whose token carries the scope.
        case scoped(String, Handler)
        /// For everybody: it checks by itself who is calling.
        case open(OpenHandler)
    }

    package let method: HTTPRequest.Method
    /// Segments after the dialect's prefix, `{name}` for a placeholder: `/contacts/{contact_id}/refunds`.
    package let path: String
    package let access: Access

    /// A route that reads.
    package static func get(_ path: String, scope: String, _ handler: @escaping Handler) -> Route {
        Route(method: .get, path: path, access: .scoped(scope, handler))
    }

    /// A route that makes something.
    package static func post(_ path: String, scope: String, _ handler: @escaping Handler) -> Route {
        Route(method: .post, path: path, access: .scoped(scope, handler))
    }

    /// A route that brings something to a state.
    package static func put(_ path: String, scope: String, _ handler: @escaping Handler) -> Route {
        Route(method: .put, path: path, access: .scoped(scope, handler))
    }

    /// A route that checks by itself who is calling.
    package static func open(
        _ method: HTTPRequest.Method, _ path: String, _ handler: @escaping OpenHandler
    ) -> Route {
        Route(method: method, path: path, access: .open(handler))
    }
}

/// Finds the route of a path.
///
/// A literal segment wins over a placeholder; an empty segment matches nothing.
struct RouteTable: Sendable {
    enum Match: Sendable {
        case route(dialect: Int, Route, parameters: [String: String])
        /// The path is served, though not with this method.
        case otherMethods(dialect: Int, [HTTPRequest.Method])
        /// The path begins as a dialect's do.
        case unknownPath(dialect: Int)
        case unknownPrefix
    }

    fileprivate enum Segment: Sendable {
        case literal(String)
        case placeholder(String)
    }

    fileprivate struct Entry: Sendable {
        let dialect: Int
        let segments: [Segment]
        let route: Route
    }

    private var entriesByLength: [Int: [Entry]] = [:]
    private var prefixes: [(prefix: [String], dialect: Int)] = []

    /// Lists the routes of dialects under each of their prefixes.
    init(_ dialects: [any Dialect]) {
        for (index, dialect) in dialects.enumerated() {
            for prefix in dialect.prefixes {
                // A dialect without a prefix owns its routes alone, and no path beside them.
                if !prefix.isEmpty { prefixes.append((Self.segments(of: prefix), index)) }
                for route in dialect.routes {
                    let segments = Self.segments(of: prefix + route.path).map(Segment.init)
                    entriesByLength[segments.count, default: []].append(
                        Entry(dialect: index, segments: segments, route: route))
                }
            }
        }
        // Where several match, the one whose first differing segment is literal is listed first.
        for (length, entries) in entriesByLength {
            entriesByLength[length] = entries.sorted { $0.isMoreLiteral(than: $1) }
        }
        prefixes.sort { $0.prefix.count > $1.prefix.count }
    }

    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        let segments = Self.segments(of: path)
        var methods: [HTTPRequest.Method] = []
        var servingDialect: Int?
        for entry in entriesByLength[segments.count] ?? [] {
            guard let parameters = entry.parameters(matching: segments) else { continue }
            if entry.route.method == method {
                return .route(dialect: entry.dialect, entry.route, parameters: parameters)
            }
            servingDialect = servingDialect ?? entry.dialect
            let answered = entry.route.method == .get ? [.get, .head] : [entry.route.method]
            methods += answered.filter { !methods.contains($0) }
        }
        if let servingDialect { return .otherMethods(dialect: servingDialect, methods) }
        let owner = prefixes.first { segments.starts(with: $0.prefix) }
        return owner.map { .unknownPath(dialect: $0.dialect) } ?? .unknownPrefix
    }

    /// The parts between slashes after the leading one, empty ones included.
    private static func segments(of path: String) -> [String] {
        path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

extension RouteTable.Segment {
    fileprivate init(_ text: String) {
        self = text.utf8.first == UInt8(ascii: "{") ? .placeholder(String(text.dropFirst().dropLast())) : .literal(text)
    }

    fileprivate var isLiteral: Bool {
        switch self {
        case .literal: true
        case .placeholder: false
        }
    }
}

extension RouteTable.Entry {
    fileprivate func isMoreLiteral(than other: Self) -> Bool {
        for (mine, theirs) in zip(segments, other.segments) where mine.isLiteral != theirs.isLiteral {
            return mine.isLiteral
        }
        return false
    }

    /// The values of the placeholders, or nil where a segment differs, is empty, or is not well encoded.
    fileprivate func parameters(matching path: [String]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .literal(let literal):
                guard literal == text else { return nil }
            case .placeholder(let name):
                guard let value = PercentEncoding.decodePathComponent(text), !value.isEmpty else { return nil }
                parameters[name] = value
            }
        }
        return parameters
    }
}
