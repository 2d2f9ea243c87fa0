import ArgumentParser
import Foundation
import RefundDomain
import RefundHTTP
import RefundService
import RefundStorage

/// Takes over records from a file.
struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take over records from a JSON file, with the identifiers given in it.",
        discussion: """
            All of it, or, where one record is wrong, nothing. Refunds in the file are history: final, counted and \
            posted, and never sent to a gateway. The same file again changes nothing; the same identifier with other \
            content is an error.
            """)

    @OptionGroup var data: DataOptions

    @Option(help: "The organization that the records belong to, by identifier or by the identifier of a dialect.")
    var organization: String

    @Argument(help: "The file.")
    var file: String

    mutating func run() async throws {
        let data = data
        let (name, file) = (organization, file)
        try await reporting {
            guard let bytes = FileManager.default.contents(atPath: file) else {
                throw CommandFailure("\(file) cannot be read", exitCode: 66)
            }
            let results = try await Composition.atCommandLine(data) { operations in
                let organization = try await operations.organization(named: name)
                return try await operations.put(try LoadFile.read(Array(bytes)), for: organization.id)
            }
            let created = results.count { $0 == .created }
            print("\(results.count) records: \(created) new, \(results.count - created) there already")
        }
    }
}

/// Checks the data.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the promises of the product over all data; exit 1 where one is broken.")

    @OptionGroup var data: DataOptions

    mutating func run() async throws {
        let data = data
        try await reporting {
            let verification = try await Composition.atCommandLine(data) { try await $0.verify() }
            try verification.printed()
        }
    }
}

extension Verification {
    /// Prints what was found, a line each.
    ///
    /// Throws the exit code 1 where a promise is broken.
    func printed() throws(ExitCode) {
        for damage in damages {
            print("broken \(Invariant.durable.rawValue) (\(Invariant.durable.title)): \(damage)")
        }
        for breach in breaches {
            print(
                "broken \(breach.invariant.rawValue) (\(breach.invariant.title)): organization "
                    + "\(breach.organization), record \(breach.record): \(breach.detail)")
        }
        for (kind, count) in exceptionCounts { print("to look at: \(count) open of kind \(kind.rawValue)") }
        for exception in exceptions {
            print(
                "to look at: organization \(exception.organization), exception \(exception.id.text): "
                    + exception.detail)
        }
        for notice in unsettledNotices {
            print(
                "to look at: organization \(notice.organization), notice \(notice.event) of \(notice.gateway): "
                    + notice.detail)
        }
        guard damages.isEmpty, breaches.isEmpty else { throw ExitCode(1) }
        print("All \(Invariant.allCases.count) invariants hold.")
    }
}
