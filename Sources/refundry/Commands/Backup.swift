import ArgumentParser
import RefundStorage

/// Copies a database while it is served.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy a SQLite database to a new file, beside a running server.",
        discussion: """
            The copy is one consistent state of the data, in one file; it is on disk and checked before the command \
            says so. For PostgreSQL, use pg_dump or pg_basebackup: docs/operations.md has the commands.
            """)

    @OptionGroup var data: DataOptions

    @Option(help: ArgumentHelp("The file to make; it must not exist.", valueName: "file"))
    var to: String

    mutating func run() async throws {
        let (url, to) = (try data.url(), to)
        try await reporting {
            let path = try url.fileToCopy()
            do {
                let copy = try SQLiteCopy(of: path, at: to)
                print("\(copy.path): \(copy.bytes) bytes, schema version \(copy.schemaVersion), checked")
            } catch {
                throw CommandFailure(error, database: path)
            }
        }
    }
}

extension DatabaseURL {
    /// The path of a database that is a file.
    ///
    /// Throws `CommandFailure` for one on a server, with what to use instead.
    func fileToCopy() throws(CommandFailure) -> String {
        switch self {
        case .sqlite(let path): return path
        case .postgres:
            throw CommandFailure(
                """
                \(name) is on a PostgreSQL server: back it up with pg_dump --format=custom or pg_basebackup, and \
                restore it with pg_restore; docs/operations.md has the commands
                """, exitCode: 64)
        }
    }
}
