import ArgumentParser
import RefundDomain
import RefundService

/// Exceptions: list, show, resolve, reopen.
struct ExceptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exception", abstract: "Look at what contradicts the data, and say what became of it.",
        subcommands: [List.self, Show.self, Resolve.self, Reopen.self])

    /// The options that name an exception.
    struct Named: ParsableArguments {
        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Argument(help: "The exception, as `exception list` prints it.") var exception: String
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List exceptions, the newest first.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Option(help: "One kind alone.") var kind: String?
        @Option(help: "open or resolved; open by default.") var state: String = "open"
        @Option(help: "How many at most.") var limit: Int = 200

        mutating func run() async throws {
            var query = ExceptionQuery()
            guard let state = RefundException.State(rawValue: state) else {
                throw ValidationError("--state is open or resolved")
            }
            query.states = [state]
            if let text = kind {
                guard let kind = ExceptionKind(rawValue: text) else {
                    let kinds = ExceptionKind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--kind is one of \(kinds)")
                }
                query.kinds = [kind]
            }
            guard (1...Limits.pageRowsMax).contains(limit) else {
                throw ValidationError("--limit is 1 to \(Limits.pageRowsMax)")
            }
            query.limit = limit
            let (data, name, asked) = (data, organization, query)
            try await reporting {
                let page = try await Composition.atCommandLine(data) { operations in
                    let organization = try await operations.organization(named: name)
                    return try await operations.listExceptions(asked, of: organization.id)
                }
                for exception in page.exceptions { print(exception.printed) }
                if page.next != nil { print("There are more: name a kind, or resolve some.") }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show an exception and its life.")

        @OptionGroup var named: Named

        mutating func run() async throws {
            try await named.act { operations, id, organization in
                let history = try await operations.retrieveException(id, of: organization)
                let steps = history.steps.map { step in
                    "  \(step.revision)\t\(step.event.rawValue)\t\(step.actor)\t\(step.remark)"
                }
                return ([history.exception.printed, "Life:"] + steps).joined(separator: "\n")
            }
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End an open exception, with a reason.")

        @OptionGroup var named: Named
        @Option(help: "What became of it.") var reason: String
        @Option(help: "Who says so.") var person: String

        mutating func run() async throws {
            let (reason, actor) = (reason, "operator:\(person)")
            guard !reason.isBlank, !person.isBlank else { throw ValidationError("--reason and --person are texts") }
            try await named.act { operations, id, organization in
                try await operations.resolveException(id, of: organization, by: actor, because: reason)
                    .unkeyed().printed
            }
        }
    }

    struct Reopen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open a resolved exception again.")

        @OptionGroup var named: Named
        @Option(help: "Why.") var reason: String = ""
        @Option(help: "Who says so.") var person: String

        mutating func run() async throws {
            let (reason, actor) = (reason, "operator:\(person)")
            guard !person.isBlank else { throw ValidationError("--person is a text") }
            try await named.act { operations, id, organization in
                try await operations.reopenException(id, of: organization, by: actor, because: reason)
                    .unkeyed().printed
            }
        }
    }
}

extension ExceptionCommand.Named {
    /// Finds the organization, runs an operation on the exception, and prints what it gives.
    fileprivate func act(
        _ operation: @escaping (Operations, ExceptionID, OrganizationID) async throws -> String
    ) async throws {
        let (data, name, id) = (data, organization, ExceptionID(text: exception))
        try await reporting {
            let printed = try await Composition.atCommandLine(data) { operations in
                let organization = try await operations.organization(named: name)
                return try await operation(operations, id, organization.id)
            }
            print(printed)
        }
    }
}

extension RefundException {
    fileprivate var printed: String {
        let end = resolution.map { "\t\($0.by): \($0.reason)" } ?? ""
        return "\(id.text)\t\(state.rawValue)\t\(detail)\(end)"
    }
}
