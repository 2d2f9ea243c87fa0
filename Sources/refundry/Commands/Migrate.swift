import ArgumentParser
import RefundDomain
import RefundStorage

/// Applies the schema.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create the database, or bring its schema up to date.")

    @OptionGroup var data: DataOptions

    @Flag(help: "Also spread the tables over a cluster's servers, by organization: PostgreSQL with Citus only.")
    var distribute = false

    @Flag(help: "Change nothing, and tell what the migration would find and change.")
    var check = false

    mutating func validate() throws {
        if check, distribute { throw ValidationError("--check changes nothing, and --distribute does") }
    }

    mutating func run() async throws {
        let (url, isToDistribute, isToCheck) = (try data.url(), distribute, check)
        try await reporting {
            if isToCheck { return try url.tellWhatMigrationChanges() }
            if isToDistribute { _ = try url.connectionStringToDistribute() }
            do {
                await (try url.open(migrating: true)).close()
            } catch {
                throw CommandFailure(error, database: url.name)
            }
            print("\(url.name) has schema version \(Schema.current)")
            if isToDistribute { try url.distribute() }
        }
    }
}

extension DatabaseURL {
    /// Tells what a migration would find and change, a line each.
    ///
    /// Throws `CommandFailure`.
    fileprivate func tellWhatMigrationChanges() throws(CommandFailure) {
        let check: MigrationCheck
        do {
            switch self {
            case .sqlite(let path): check = try MigrationCheck(file: path)
            case .postgres(let connectionString): check = try MigrationCheck(postgres: connectionString)
            }
        } catch {
            throw CommandFailure(error, database: name)
        }
        for finding in check.findings { print(finding.words) }
        let versions = check.versions.map(String.init).joined(separator: ", ")
        print(
            """
            \(name) has schema version \(check.version); to apply: \(versions.isEmpty ? "none" : versions)
            Nothing was changed.
            """)
    }

    /// How a database is reached that may be distributed.
    ///
    /// Throws `CommandFailure` for a file.
    fileprivate func connectionStringToDistribute() throws(CommandFailure) -> String {
        switch self {
        case .postgres(let connectionString): return connectionString
        case .sqlite(let path):
            throw CommandFailure(
                "\(path) is a SQLite file, and stays on one machine: only a PostgreSQL database can be distributed",
                exitCode: 64)
        }
    }

    /// Distributes the tables, a line each; those that are distributed already stay as they are.
    ///
    /// Throws `CommandFailure` where the extension is missing or refuses.
    fileprivate func distribute() throws(CommandFailure) {
        let connectionString = try connectionStringToDistribute()
        var current = ""
        do throws(StorageError) {
            let distribution = try PostgresDistribution(connectionString)
            guard try distribution.isPossible() else { throw missingExtension }
            for table in DistributedTable.all {
                current = table.name
                let isNew = try distribution.distribute(table)
                print("\(table.name): \(isNew ? "" : "already ")\(table.place.words)")
            }
        } catch {
            let code = CommandFailure(error, database: name).exitCode
            let place = current.isEmpty ? "" : " at \(current); the tables above are, and stay so when it is run again"
            throw CommandFailure("\(name) was not distributed\(place): \(error.detail)", exitCode: code)
        }
    }
}

extension MigrationCheck.Finding {
    fileprivate var words: String {
        switch self {
        case .overRefunded(let organization, let payment, let before, let after):
            "\(organization)\tpayment \(payment)\tcomes out over-refunded by \(after), before \(before)"
        case .linkCut(let organization, let note, let payment):
            "\(organization)\tnote \(note)\tits link to payment \(payment) is cut: another party or currency, unused"
        case .linkBarred(let organization, let note, let payment):
            """
            \(organization)\tnote \(note)\tis barred from refunds: payment \(payment) is another party's or in \
            another currency, and refunds went by it
            """
        case .merged(let organization, let charge, let payments, let kept):
            """
            \(organization)\tcharge \(charge.reference) at \(charge.gateway.text)\tis that of several payments: \
            \(kept) keeps it, and has what \(payments.map { "\($0)" }.joined(separator: ", ")) had
            """
        case .chargeBarred(let organization, let charge, let payments):
            """
            \(organization)\tcharge \(charge.reference) at \(charge.gateway.text)\tis that of payments \
            \(payments.map { "\($0)" }.joined(separator: ", ")) of different parties or currencies: \
            they are barred from refunds
            """
        case .askedAbout(let count):
            "\(count) refunds of the history are asked about at their gateways"
        case .disputed(let organization, let payment, let held, let claims):
            "\(organization)\tpayment \(payment)\tits disputes held \(held), and claim \(claims)"
        case .exceptions(let kind, let count):
            "\(count) exceptions \(kind.rawValue) are opened"
        }
    }
}

/// What has to be done before a database can be distributed.
private let missingExtension = StorageError(
    .unavailable,
    """
    the extension Citus is not there. Install it on every server of the cluster (a package such as \
    postgresql-16-citus-12.1), put citus first into shared_preload_libraries, restart them, and run \
    "create extension citus" in this database
    """)

extension DistributedTable.Place {
    fileprivate var words: String {
        switch self {
        case .byOrganization: "by organization_id"
        case .everywhere: "on every server"
        }
    }
}
