import Foundation
import RefundDomain
import RefundStorage

/// The PostgreSQL server of a test process: started when it is first needed, gone with the process.
actor PostgresServer {
    static let shared = PostgresServer()

    private var started: Task<RunningPostgres, any Error>?
    private var administration: PostgresStore?
    /// Stores that are open at a time: a server has its connections.
    private let places = Places(12)
    private var schemasMade = 0

    /// A schema that nobody else uses; the caller gives it back.
    func lend() async throws -> LentSchema {
        await places.take()
        do {
            let server = try await running()
            schemasMade += 1
            let name = "test_\(schemasMade)"
            try await administration(of: server).run("create schema \(name)")
            return LentSchema(name: name, connectionString: server.connectionString(schema: name))
        } catch {
            await places.giveBack()
            throw error
        }
    }

    /// Drops a schema with all that is in it.
    func takeBack(_ schema: LentSchema) async throws {
        let outcome = await Result { try await administration?.run("drop schema \(schema.name) cascade") }
        await places.giveBack()
        try outcome.get()
    }

    private func running() async throws -> RunningPostgres {
        if let started { return try await started.value }
        let starting = Task { try await RunningPostgres() }
        started = starting
        return try await starting.value
    }

    private func administration(of server: RunningPostgres) throws -> PostgresStore {
        if let administration { return administration }
        let store = try PostgresStore(server.connectionString())
        administration = store
        return store
    }
}

/// A schema of the shared server, and how a client reaches it.
struct LentSchema: Sendable {
    let name: String
    let connectionString: String
}

/// Lends the connection string of a schema that nobody else uses; it is dropped however the body ends.
package func withPostgresSchema<T>(_ body: (String) async throws -> T) async throws -> T {
    let schema = try await PostgresServer.shared.lend()
    let outcome = await Result { try await body(schema.connectionString) }
    try await PostgresServer.shared.takeBack(schema)
    return try outcome.get()
}

/// A PostgreSQL server of its own, in a temporary folder, that ends when its owner's process does.
package final class RunningPostgres: Sendable {
    private let folder: String
    private let commands: FileHandle
    private let words: AsyncStream<Void>

    /// Makes a cluster and starts it; what it commits survives its own crash, and the machine's where it is `durable`.
    ///
    /// Throws `PostgresNotStarted`, with what the server said.
    package init(durable: Bool = false) async throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "refundry-pg-\(UInt32.random(in: 0...UInt32.max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        let process = Process()
        process.executableURL =
            URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../scripts/postgres-for-tests").standardized
        process.arguments = [url.path] + (durable ? ["-c", "fsync=on"] : [])
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        let (words, said) = AsyncStream.makeStream(of: Void.self)
        output.fileHandleForReading.readabilityHandler = { handle in
            if handle.availableData.isEmpty {
                handle.readabilityHandler = nil
                said.finish()
            } else {
                said.yield()
            }
        }
        try process.run()
        self.words = words
        commands = input.fileHandleForWriting
        guard await isReady() else {
            let message = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
            throw PostgresNotStarted(message: message)
        }
    }

    /// How a client reaches the server, and the schema in it that it sees.
    package func connectionString(schema: String = "public") -> String {
        "host=\(folder) user=postgres dbname=postgres options='-c search_path=\(schema)'"
    }

    /// As `connectionString(schema:)`, as a URL.
    package var url: String {
        let host = folder.replacing("/", with: "%2F")
        return "postgres://postgres@\(host)/postgres"
    }

    /// Ends the server without a checkpoint, as a power cut would, and starts it again.
    package func crash() async throws {
        try commands.write(contentsOf: Data("crash\n".utf8))
        guard await isReady() else { throw PostgresNotStarted(message: "after a crash") }
    }

    /// Ends the server without a checkpoint, and leaves it so until it is started.
    package func stop() throws { try commands.write(contentsOf: Data("stop\n".utf8)) }

    /// Starts a server that was stopped.
    package func start() async throws {
        try commands.write(contentsOf: Data("start\n".utf8))
        guard await isReady() else { throw PostgresNotStarted(message: "after it was stopped") }
    }

    private func isReady() async -> Bool {
        for await _ in words { return true }
        return false
    }
}

extension Store {
    /// Runs a statement that no other unit knows.
    fileprivate func run(_ statement: String) async throws {
        try await write(for: OrganizationID(0)) { try $0.execute(SQLText(stringLiteral: statement), []) }
    }
}

/// A server that did not come up.
package struct PostgresNotStarted: Error {
    package let message: String
}
