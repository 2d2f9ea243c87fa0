import Foundation
import Synchronization

/// Stands between a client and a PostgreSQL server, and cuts a connection when COMMIT has been answered: the server has
/// done it, and the client never hears.
package final class CuttingProxy: Sendable {
    package let folder: String
    /// The folder of the server's own socket.
    package let server: String
    private let listener: Int32
    private let plan = Mutex((passing: 0, cuts: 0))
    private let lingering = Mutex<Int32>(0)

    /// Listens in a folder on the socket of a server's name, and passes everything on to the server in another.
    fileprivate init(in folder: String, before server: String) throws {
        self.folder = folder
        self.server = server
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard Self.withAddress(folder, { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0 else {
            throw POSIXError(.EADDRINUSE)
        }
        let thread = Thread { [self] in acceptAll() }
        thread.start()
    }

    deinit { close(listener) }

    /// Lets so many answers to COMMIT be lost, once others have passed.
    package func cut(_ times: Int, after others: Int = 0) { plan.withLock { $0 = (others, times) } }

    /// Whether every answer that was to be lost is lost.
    package var hasCut: Bool { plan.withLock { $0.cuts == 0 } }

    /// Lets a connection's end come so many milliseconds after the server's last word.
    package func linger(_ milliseconds: Int32) { lingering.withLock { $0 = milliseconds } }

    /// Ends the listening.
    fileprivate func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func acceptAll() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard Self.withAddress(server, { connect(upstream, $0, $1) }) == 0 else {
                close(client)
                close(upstream)
                continue
            }
            let pair = SocketPair(client: client, upstream: upstream)
            Thread { [self] in pass(from: client, to: upstream, isAnswer: false, of: pair) }.start()
            Thread { [self] in pass(from: upstream, to: client, isAnswer: true, of: pair) }.start()
        }
    }

    private func pass(from source: Int32, to target: Int32, isAnswer: Bool, of pair: SocketPair) {
        defer { withExtendedLifetime(pair) {} }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0, !(isAnswer && isCut(buffer[..<count])) else { break }
            guard send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        poll(nil, 0, lingering.withLock { $0 })
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private func isCut(_ answer: ArraySlice<UInt8>) -> Bool {
        let tag = Array("COMMIT\0".utf8)
        guard answer.indices.contains(where: { answer[$0...].starts(with: tag) }) else { return false }
        return plan.withLock { plan in
            guard plan.passing == 0 else {
                plan.passing -= 1
                return false
            }
            guard plan.cuts > 0 else { return false }
            plan.cuts -= 1
            return true
        }
    }

    private static func withAddress(
        _ folder: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: Array("\(folder)/.s.PGSQL.5432".utf8).prefix(path.count - 1))
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// The two sockets of one connection, closed when neither direction needs them any more.
private final class SocketPair: Sendable {
    private let client: Int32
    private let upstream: Int32

    init(client: Int32, upstream: Int32) {
        self.client = client
        self.upstream = upstream
    }

    deinit {
        close(client)
        close(upstream)
    }
}

/// Lends two connection strings of a schema that nobody else uses: one to the server, and one behind a proxy.
package func withCuttingProxy<T>(
    _ body: (_ direct: String, _ behind: String, CuttingProxy) async throws -> T
) async throws -> T {
    try await withPostgresSchema { direct in
        try await withTemporaryFolder { folder in
            guard let server = direct.firstMatch(of: /host=(\S+)/)?.1 else { throw POSIXError(.EADDRNOTAVAIL) }
            let place = folder.path(".")
            let proxy = try CuttingProxy(in: place, before: String(server))
            defer { proxy.stop() }
            return try await body(direct, direct.replacing(server, with: place) + " application_name=\(place)", proxy)
        }
    }
}
