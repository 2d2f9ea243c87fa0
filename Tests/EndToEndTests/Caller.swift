import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A caller of the vendors' APIs, over a real socket.
struct Caller: Sendable {
    /// The token that the reference documents print.
    static let token = "1000.41d9xxxxxxxxxxxxxxxxxxxxxxxxc2d1.8fccxxxxxxxxxxxxxxxxxxxxxxxx125f"

    struct Answer: Sendable {
        let status: Int
        let body: String

        /// The value at a path of names; nil where there is none.
        subscript(_ path: String...) -> Any? {
            var value = try? JSONSerialization.jsonObject(with: Data(body.utf8))
            for name in path { value = (value as? [String: Any])?[name] }
            return value
        }

        func text(_ path: String...) -> String {
            var value = try? JSONSerialization.jsonObject(with: Data(body.utf8))
            for name in path { value = (value as? [String: Any])?[name] }
            return (value as? String) ?? (value as? NSNumber)?.stringValue ?? ""
        }
    }

    let origin: String
    /// How long it waits for an answer.
    var patience = TimeAmount.seconds(10)

    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> Answer {
        try await send(.GET, path, headers, nil)
    }

    func post(_ path: String, _ headers: [(String, String)] = [], _ body: String) async throws -> Answer {
        try await send(.POST, path, [("content-type", "application/json")] + headers, body)
    }

    func put(_ path: String, _ headers: [(String, String)] = [], _ body: String) async throws -> Answer {
        try await send(.PUT, path, [("content-type", "application/json")] + headers, body)
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ headers: [(String, String)], _ body: String?
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: origin + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Zoho-oauthtoken \(Self.token)")
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: patience)
        let bytes = try await response.body.collect(upTo: 1 << 22)
        return Answer(status: Int(response.status.code), body: String(buffer: bytes))
    }
}
