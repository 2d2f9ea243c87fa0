import ArgumentParser

/// Where the data is: `sqlite:PATH`.
struct DatabaseURL: ExpressibleByArgument, Sendable {
    let path: String

    init?(argument: String) {
        guard argument.hasPrefix("sqlite:"), argument.count > "sqlite:".count else { return nil }
        path = String(argument.dropFirst("sqlite:".count))
    }

    /// The file in which the simulated gateway keeps what it did, beside the database.
    var simulatorBookPath: String { path + ".simulator" }
}

/// The options of every command that works on the data.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The database, as sqlite:PATH; else the environment's REFUNDRY_DATABASE, else sqlite:refundry.sqlite.",
            valueName: "url"))
    var database: DatabaseURL?

    /// The database that the options, or else the environment, name.
    ///
    /// Throws `ValidationError` where the environment names something that is no database.
    func url() throws -> DatabaseURL {
        if let database { return database }
        let text = Environment.value("REFUNDRY_DATABASE") ?? "sqlite:refundry.sqlite"
        guard let url = DatabaseURL(argument: text) else {
            throw ValidationError("REFUNDRY_DATABASE is no database; write sqlite:PATH")
        }
        return url
    }
}
