import ArgumentParser
import Foundation
import RefundDomain
import RefundGateways
import RefundStorage

/// Where the data is: `sqlite:PATH`, or `postgres://user@host/database` with libpq's parameters.
enum DatabaseURL: ExpressibleByArgument, Sendable {
    case sqlite(path: String)
    case postgres(String)

    init?(argument: String) {
        if argument.hasPrefix("sqlite:"), argument.count > "sqlite:".count {
            self = .sqlite(path: String(argument.dropFirst("sqlite:".count)))
        } else if argument.hasPrefix("postgres://") || argument.hasPrefix("postgresql://") {
            self = .postgres(argument)
        } else {
            return nil
        }
    }

    /// What messages call the database: a path, or a URL without password and parameters.
    var name: String {
        switch self {
        case .sqlite(let path): return path
        case .postgres(let url):
            guard var parts = URLComponents(string: url) else { return "the PostgreSQL database" }
            parts.password = nil
            parts.query = nil
            return parts.string ?? "the PostgreSQL database"
        }
    }

    /// The file in which the simulated gateway keeps what it did, where no other is named.
    var simulatorBookPath: String {
        switch self {
        case .sqlite(let path): path + ".simulator"
        case .postgres: "refundry.simulator"
        }
    }

    /// Opens the database.
    ///
    /// Throws `StorageError`.
    func open(migrating: Bool) throws(StorageError) -> any Store {
        switch self {
        case .sqlite(let path): try SQLiteStore(path: path, migrating: migrating)
        case .postgres(let url): try PostgresStore(url, migrating: migrating)
        }
    }
}

/// The options of every command that works on the data.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The database, as sqlite:PATH or postgres://…; else the environment's REFUNDRY_DATABASE, else \
            sqlite:refundry.sqlite.
            """,
            valueName: "url"))
    var database: DatabaseURL?

    @Option(
        help: ArgumentHelp(
            """
            Have a simulated gateway, which moves no money and keeps in this file what it did; else \
            REFUNDRY_SIMULATOR, else there is none but in the demo.
            """,
            valueName: "path"))
    var simulator: String?

    @Option(
        help: ArgumentHelp(
            """
            The file with the keys that secrets of gateways are sealed with; else REFUNDRY_KEY_FILE, else secrets \
            cannot be kept.
            """,
            valueName: "path"))
    var keyFile: String?

    /// The keys that the options, or else the environment, name; nil where none are named.
    ///
    /// Throws `CommandFailure` where the file cannot be read or holds no key.
    func vault() throws -> KeyRing? {
        guard let path = keyFile ?? Environment.value("REFUNDRY_KEY_FILE") else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure("the key file \(path) cannot be read", exitCode: 66)
        }
        do throws(KeyRingMalformed) {
            return try KeyRing(text: text)
        } catch {
            throw CommandFailure(
                "line \(error.line) of the key file \(path) is no key; see refundry gateway key", exitCode: 65)
        }
    }

    /// The database that the options, or else the environment, name.
    ///
    /// Throws `ValidationError` where the environment names something that is no database.
    func url() throws -> DatabaseURL {
        if let database { return database }
        let text = Environment.value("REFUNDRY_DATABASE") ?? "sqlite:refundry.sqlite"
        guard let url = DatabaseURL(argument: text) else {
            throw ValidationError("REFUNDRY_DATABASE is no database; write sqlite:PATH or postgres://…")
        }
        return url
    }

    /// The simulated gateway's file, also where nobody named one: beside the database, or `refundry.simulator`.
    func simulatorBookPath() throws -> String {
        try namedSimulatorBookPath ?? url().simulatorBookPath
    }

    /// The file of the simulated gateway that somebody asked for; nil where nobody did.
    var namedSimulatorBookPath: String? {
        simulator ?? Environment.value("REFUNDRY_SIMULATOR")
    }
}
