import HTTPTypes
import RefundDomain
import RefundService
import Testing

@testable import RefundHTTP

@Suite struct `A table of routes` {
    private static let table = RouteTable([
        Paths(
            "a", prefixes: ["/a", "/old"], ["/notes/{id}", "/notes/refunds", "/{kind}/refunds/{id}", "/notes/{id}/{x}"])
    ])

    @Test(arguments: [
        ("/a/notes/refunds", "/notes/refunds"), ("/old/notes/7", "/notes/{id}"), ("/a/notes/7", "/notes/{id}"),
        ("/a/notes/refunds/7", "/notes/{id}/{x}"), ("/a/bills/refunds/7", "/{kind}/refunds/{id}"),
    ])
    func `takes the more literal of two paths`(path: String, route: String) {
        guard case .route(_, let found, _) = Self.table.match(.get, path) else {
            Issue.record("\(path) has no route")
            return
        }
        #expect(found.path == route)
    }

    @Test(arguments: ["/a", "/a/notes/", "/a//refunds", "/a/notes/%zz", "/old/nothing", "/a/notes/refunds/"])
    func `knows whose path it is that leads nowhere`(path: String) {
        guard case .unknownPath(dialect: 0) = Self.table.match(.get, path) else {
            Issue.record("\(path) leads somewhere")
            return
        }
    }

    @Test func `has no owner for a path that begins as none`() {
        guard case .unknownPrefix = Self.table.match(.get, "/ab/notes/7") else {
            Issue.record("/ab is no prefix")
            return
        }
    }

    @Test func `decodes what stands at a placeholder`() {
        guard case .route(_, _, let parameters) = Self.table.match(.get, "/a/notes/CN%2D7%2F8") else {
            Issue.record("no route")
            return
        }
        #expect(parameters == ["id": "CN-7/8"])
    }

    /// A dialect of paths, and of nothing else.
    private struct Paths: Dialect {
        let name: DialectName
        let prefixes: [String]
        let routes: [Route]

        init(_ name: String, prefixes: [String], _ paths: [String]) {
            self.name = DialectName(name)
            self.prefixes = prefixes
            routes = paths.map { .open(.get, $0) { (_) throws(Failure) in Reply(status: .ok) } }
        }

        func admit(_ call: Call, scope: String) async throws(Failure) -> Caller { throw .unauthenticated }

        func reply(to failure: Failure, of call: Call) -> Reply { Reply(status: .badRequest) }

        func reply(to problem: TransportProblem, of call: Call) -> Reply { Reply(status: problem.status) }
    }
}
