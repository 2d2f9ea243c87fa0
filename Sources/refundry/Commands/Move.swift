import ArgumentParser
import Foundation
import RefundService
import RefundStorage

/// Moves all data into another database.
struct Move: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Move all data into an empty database, of the same or the other engine.",
        discussion: """
            Stop the servers of both databases first: what is written to the source during the move would be lost, \
            and where that is seen, nothing is moved. All rows are moved and compared in one transaction of the \
            target, or none. The source stays as it is.
            """)

    @Option(help: ArgumentHelp("The database to read, as sqlite:PATH or postgres://….", valueName: "url"))
    var from: DatabaseURL

    @Option(
        help: ArgumentHelp("The empty database to fill; its schema is applied where it has none.", valueName: "url"))
    var to: DatabaseURL

    mutating func run() async throws {
        let (from, to) = (from, to)
        try await reporting {
            guard !from.isSame(as: to) else {
                throw CommandFailure("\(from.name) cannot be moved into itself", exitCode: 64)
            }
            if case .sqlite(let path) = from, !FileManager.default.fileExists(atPath: path) {
                throw CommandFailure("there is no database \(path)", exitCode: 66)
            }
            let verification = try await Self.using(from, migrating: false) { source in
                try await Self.using(to, migrating: true) { target in
                    try await Self.move(from, source, to, target)
                    return try await Verification.of(target)
                }
            }
            try verification.printed()
            print("If the servers had a simulated gateway, keep its book: --simulator \(from.simulatorBookPath)")
        }
    }

    private static func move(
        _ from: DatabaseURL, _ source: any Store, _ to: DatabaseURL, _ target: any Store
    ) async throws {
        let display = ProgressDisplay()
        do {
            let rows = try await display.during {
                try await MoveRecords(from: source, to: target).run { display.show($0) }
            }
            print("\(rows) rows moved from \(from.name) to \(to.name), and compared")
        } catch let failure as MoveFailure {
            throw CommandFailure(failure, from: from.name, to: to.name)
        }
    }

    /// Opens a database for as long as the body runs.
    private static func using<T>(
        _ url: DatabaseURL, migrating: Bool, _ body: (any Store) async throws -> T
    ) async throws -> T {
        do {
            let store = try url.open(migrating: migrating)
            do {
                let result = try await body(store)
                await store.close()
                return result
            } catch {
                await store.close()
                throw error
            }
        } catch {
            throw CommandFailure(error, database: url.name)
        }
    }
}

extension DatabaseURL {
    /// Whether another URL names the same database, as far as the text tells.
    fileprivate func isSame(as other: DatabaseURL) -> Bool {
        switch (self, other) {
        case (.sqlite(let path), .sqlite(let otherPath)):
            URL(filePath: path).resolvingSymlinksInPath() == URL(filePath: otherPath).resolvingSymlinksInPath()
        case (.postgres(let url), .postgres(let otherURL)): url == otherURL
        case (.sqlite, .postgres), (.postgres, .sqlite): false
        }
    }
}

extension CommandFailure {
    fileprivate init(_ failure: MoveFailure, from: String, to: String) {
        switch failure {
        case .source(let error): self.init(error, database: from)
        case .target(let error): self.init(error, database: to)
        case .targetNotEmpty(let table):
            self.init("\(to) is not empty: there are rows in \(table); nothing was moved", exitCode: 73)
        case .sourceChanged(let table):
            self.init(
                "\(from) was written to during the move, in \(table): stop its servers; nothing was moved", exitCode: 75
            )
        case .differs(let table):
            self.init("\(table) of \(to) is not what was read from \(from); nothing was moved", exitCode: 70)
        case .cutShort:
            self.init("a connection was lost on the way; nothing was moved, try again", exitCode: 75)
        }
    }
}
