/// A key, in the space in which it is unique.
package struct IdempotencyKey: Hashable, Sendable {
    /// The client, or a dialect that keeps one space for all clients.
    package let space: String
    package let key: String
    /// Of method, path and body: what tells the same request from another.
    package let digest: String

    package init(space: String, key: String, digest: String) {
        self.space = space
        self.key = key
        self.digest = digest
    }
}

/// An answer as it went out: HTTP status and body.
package struct StoredAnswer: Hashable, Sendable {
    package let status: Int
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
