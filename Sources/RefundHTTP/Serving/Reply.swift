package import HTTPTypes

/// One answer, before it is compressed and sent.
package struct Reply: Sendable {
    package var status: HTTPResponse.Status
    package var headers: HTTPFields
    package var body: [UInt8]

    package init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer that is one JSON object, its fields written by a closure in the order of the document.
    package static func json(_ status: HTTPResponse.Status, _ write: (inout JSONFields) -> Void) -> Reply {
        json(status, bytes: JSONWriter.object(write))
    }

    /// An answer in JSON that is written already.
    package static func json(_ status: HTTPResponse.Status, bytes: [UInt8]) -> Reply {
        Reply(status: status, headers: [.contentType: "application/json;charset=UTF-8"], body: bytes)
    }
}
