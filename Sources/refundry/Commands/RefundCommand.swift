import ArgumentParser
import RefundDomain
import RefundService

/// Refunds: show, cancel, check, retry, retry-unsent, resolve.
struct RefundCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refund", abstract: "Look at a refund, or act on it, by any reference.",
        subcommands: [Show.self, Cancel.self, Check.self, Retry.self, RetryUnsent.self, Resolve.self])

    /// The options that name a refund.
    struct Named: ParsableArguments {
        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Argument(help: "The refund: its number, its identifier, or the identifier of any dialect.") var refund: String
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a refund, its history and its postings.")

        @OptionGroup var named: Named

        mutating func run() async throws {
            try await named.act { operations, reference, organization in
                try await operations.retrieveHistory(of: reference, of: organization).printed
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Withdraw a refund, where that is possible.")

        @OptionGroup var named: Named
        @Option(help: "Why.") var reason: String = ""

        mutating func run() async throws {
            let reason = reason
            try await named.act { operations, reference, organization in
                try await operations.cancelRefund(
                    reference, of: organization, by: "operator:command line", remark: reason
                ).printed
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let the server send or ask about a refund now, whether or not it is due.")

        @OptionGroup var named: Named

        mutating func run() async throws {
            try await named.act { operations, reference, organization in
                try await operations.checkRefund(
                    reference, of: organization, by: "operator:command line"
                ).printed
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a refund again that failed, was canceled or came back; one that is open is checked.")

        @OptionGroup var named: Named

        mutating func run() async throws {
            try await named.act { operations, reference, organization in
                try await operations.retryRefund(
                    reference, of: organization, as: "operator:command line"
                ).printed
            }
        }
    }

    struct RetryUnsent: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make every refund again that never left for want of its gateway, each once.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Option(help: "The gateway whose refunds are meant; by default all.") var gateway: String?

        mutating func run() async throws {
            let (data, name, gateway) = (data, organization, gateway.map { GatewayName($0) })
            try await reporting {
                let refused = try await Composition.atCommandLine(data) { operations in
                    let organization = try await operations.organization(named: name)
                    var refused = 0
                    try await operations.retryUnsent(
                        of: organization.id, through: gateway, as: "operator:command line"
                    ) { retried in
                        switch retried.again {
                        case .success(let view): print(view.printed)
                        case .failure(let failure):
                            refused += 1
                            print(
                                "\(retried.first.number)\t\(retried.first.id)\tnot made again: "
                                    + "\(CommandFailure(failure, database: ""))")
                        }
                    }
                    return refused
                }
                if refused > 0 { throw CommandFailure("\(refused) refunds were not made again", exitCode: 65) }
            }
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End an unknown or a stuck pending refund by an operator's word, kept with reason and evidence.")

        @OptionGroup var named: Named
        @Option(help: "How it ended: succeeded or failed.") var state: String
        @Option(help: "The amount that went, where it succeeded; by default the amount that was asked for.")
        var paid: String?
        @Option(help: "Why you are sure.") var reason: String
        @Option(help: "Where it can be seen.") var evidence: String
        @Option(help: "Who says so.") var person: String

        mutating func run() async throws {
            guard let outcome = Resolution.Outcome(rawValue: state) else {
                throw ValidationError("--state is succeeded or failed")
            }
            let amount = paid.flatMap(DecimalAmount.init)
            if paid != nil, amount == nil || outcome == .failed {
                throw ValidationError("--paid is an amount such as 200.00, and stands with --state succeeded alone")
            }
            let resolution = Resolution(
                outcome: outcome, failure: nil, paid: amount, reason: reason, evidence: evidence, person: person)
            try await named.act { operations, reference, organization in
                try await operations.resolveRefund(reference, of: organization, as: resolution).printed
            }
        }
    }
}

extension RefundCommand.Named {
    /// Finds the organization, runs an operation on the refund, and prints what it gives.
    fileprivate func act(
        _ operation: @escaping (Operations, RecordReference, OrganizationID) async throws -> String
    ) async throws {
        let data = data
        let (name, text) = (organization, refund)
        try await reporting {
            let printed = try await Composition.atCommandLine(data) { operations in
                let organization = try await operations.organization(named: name)
                let reference = try await operations.reference(toRefund: text, of: organization)
                return try await operation(operations, reference, organization.id)
            }
            print(printed)
        }
    }
}

extension Operations {
    /// The refund that a text means: `dialect:identifier`, or what the first dialect that knows it takes it for.
    fileprivate func reference(
        toRefund text: String, of organization: Organization
    ) async throws -> RecordReference {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let isOfOneDialect = parts.count == 2
        let dialects =
            isOfOneDialect
            ? [DialectName(parts[0])] : [.native] + organization.tenants.keys.sorted { $0.text < $1.text }
        let text = isOfOneDialect ? parts[1] : text
        for dialect in dialects {
            let reference = RecordReference(
                dialect: dialect, text: text, generated: Int64(text), mayBeNumber: true)
            if (try? await retrieveRefund(reference, of: organization.id)) != nil { return reference }
        }
        throw CommandFailure("there is no refund \(text)", exitCode: 66)
    }
}

extension RefundView {
    fileprivate var printed: String {
        let way =
            switch refund.channel {
            case .offline(let mode): mode.code
            case .electronic(let gateway): "through \(gateway)"
            }
        let first = refund.retryOf.map { "\tretry of \($0)" } ?? ""
        let again = retriedAs.map { "\tretried as \($0)" } ?? ""
        return "\(refund.number)\t\(refund.id)\t\(refund.state.rawValue)\t\(refund.amount)\t\(way)\t\(party.name)"
            + first + again
    }
}

extension RefundHistory {
    fileprivate var printed: String {
        let steps = steps.map { step in
            "  \(step.step)\t\(step.event.rawValue)\t\(step.state.rawValue)\t\(step.actor)\t\(step.remark)"
        }
        let postings = (postings + fees.flatMap(\.postings)).map { line in
            "  \(line.effectiveOn)\t\(line.account)\t\(line.amount)\t\(line.cause.rawValue)"
        }
        let actions = actions.map { "  \($0.deed.rawValue)\t\($0.actor)\t\($0.remark)" }
        let lines = [view.printed, "History:"] + steps + ["Asked for:"] + actions + ["Postings:"] + postings
        return lines.joined(separator: "\n")
    }
}
