import RefundStorage
import RefundTesting
import Testing

/// Which database the program is told to work on.
enum DatabaseKind: CaseIterable, CustomTestStringConvertible, Sendable {
    case sqlite, postgres

    var testDescription: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgres: "PostgreSQL"
        }
    }
}

/// An empty database, as the program's options name it.
struct ProgramDatabase: Sendable {
    let url: String
    /// The file in which the simulated gateway keeps what it did.
    let book: String
    /// The server behind it; nil for a file.
    let server: RunningPostgres?

    var options: [String] { ["--database", url, "--simulator", book] }

    /// The database as the program opens it.
    func open() throws -> any Store {
        if url.hasPrefix("sqlite:") { return try SQLiteStore(path: String(url.dropFirst("sqlite:".count))) }
        return try PostgresStore(url)
    }

    /// Checks the invariants over all data, by the program's own command.
    func verify() async throws -> Program.Finished {
        try await Program.run(["verify"] + options)
    }
}

/// Lends an empty database of its own, which is gone after the test.
func withDatabase<T>(_ kind: DatabaseKind, _ body: (ProgramDatabase) async throws -> T) async throws -> T {
    try await withFolder { folder in
        let book = "\(folder)/demo.simulator"
        switch kind {
        case .sqlite:
            return try await body(
                ProgramDatabase(url: "sqlite:\(folder)/demo.sqlite", book: book, server: nil))
        case .postgres:
            let server = try await RunningPostgres(durable: true)
            return try await body(ProgramDatabase(url: server.url, book: book, server: server))
        }
    }
}
