import ArgumentParser
import Foundation
import RefundDomain
import RefundGateways
import RefundService

/// Accounts at gateways: create, set, list, test, and the keys that seal their secrets.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Configure an organization's accounts at payment gateways.",
        discussion: """
            A setting is name=value; name=@FILE takes a file's text, so that a secret stands in no command line, and \
            name= takes the setting away.
            """,
        subcommands: [Create.self, Set.self, List.self, Test.self, Import.self, Reseal.self, Key.self])

    /// The options that name an account.
    struct Named: ParsableArguments {
        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Argument(help: "The account's name; payments and refunds know it by this.") var name: String

        fileprivate func act(
            _ work: @escaping @Sendable (Operations, OrganizationID, GatewayName) async throws -> Void
        ) async throws {
            let named = self
            try await reporting {
                try await Composition.atCommandLine(named.data) { operations in
                    let organization = try await operations.organization(named: named.organization)
                    try await work(operations, organization.id, GatewayName(named.name))
                }
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an account, and print where its gateway is to send notices.")

        @OptionGroup var named: Named
        @Option(help: "The kind of gateway.") var kind: String
        @Argument(help: "Its settings, as name=value.") var settings: [String] = []

        mutating func run() async throws {
            let (kind, settings) = (kind, try GatewayCommand.read(settings))
            try await named.act { operations, organization, name in
                let known = try await operations.listGateways(of: organization)
                guard !known.contains(where: { $0.instance.name == name }) else {
                    throw CommandFailure("there is a gateway \(name) already; see refundry gateway set", exitCode: 73)
                }
                let account = try await operations.putGateway(
                    GatewayChange(name: name, kind: kind, settings: settings), of: organization)
                print(account.noticePath)
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change settings of an account, or whether refunds are sent to it.")

        @OptionGroup var named: Named
        @Flag(inversion: .prefixedNo, help: "Whether new refunds may go through it.") var active: Bool?
        @Argument(help: "Settings, as name=value.") var settings: [String] = []

        mutating func run() async throws {
            let (active, settings) = (active, try GatewayCommand.read(settings))
            try await named.act { operations, organization, name in
                _ = try await operations.gateway(name, of: organization)
                _ = try await operations.putGateway(
                    GatewayChange(name: name, isActive: active, settings: settings), of: organization)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the accounts of an organization; of a secret it shows only that it is there.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String

        mutating func run() async throws {
            let (data, name) = (data, organization)
            try await reporting {
                let accounts = try await Composition.atCommandLine(data) { operations in
                    try await operations.listGateways(of: try await operations.organization(named: name).id)
                }
                for account in accounts { print(account.line) }
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ask the gateway whether it takes the credentials.")

        @OptionGroup var named: Named

        mutating func run() async throws {
            try await named.act { operations, organization, name in
                print(try await operations.testGateway(name, of: organization))
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put what the gateway has charged since a day as payments; safe to repeat.")

        @OptionGroup var named: Named
        @Option(help: "The day, such as 2026-01-31, in UTC.") var from: String

        mutating func run() async throws {
            guard let day = LocalDate(from) else { throw ValidationError("write --from as 2026-01-31, not \(from)") }
            let since = Instant(seconds: Int64(day.daysSinceEpoch) * 86_400)
            try await named.act { operations, organization, name in
                let display = ProgressDisplay()
                let result = try await display.during {
                    try await operations.importCharges(of: name, since: since, for: organization) { display.show($0) }
                }
                print("\(result.created) new, \(result.updated) updated, \(result.unchanged) there already")
                for (charge, reason) in result.refused.sorted(by: { $0.key < $1.key }) {
                    print("not taken: \(charge): \(reason)")
                }
                if !result.refused.isEmpty {
                    throw CommandFailure("\(result.refused.count) charges cannot be payments here", exitCode: 65)
                }
            }
        }
    }

    struct Reseal: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal all secrets by the first key of the key file; then the others can be taken away.")

        @OptionGroup var data: DataOptions

        mutating func run() async throws {
            let data = data
            try await reporting {
                let count = try await Composition.atCommandLine(data) { operations in
                    var count = 0
                    for organization in try await operations.listOrganizations() {
                        count += try await operations.resealGateways(of: organization.id)
                    }
                    return count
                }
                print("\(count) secrets were sealed by another key")
            }
        }
    }

    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a new key, as a line for the key file; the first line's key seals.")

        @Argument(help: "A name for it: lower-case letters, digits and -.") var name: String

        mutating func run() throws {
            print(KeyRing.newLine(named: name))
        }
    }

    /// Reads `name=value`, `name=@FILE` and `name=`.
    private static func read(_ settings: [String]) throws -> [String: String?] {
        var read: [String: String?] = [:]
        for text in settings {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw ValidationError("write a setting as name=value, not \(text)") }
            guard parts[1].hasPrefix("@") else {
                read.updateValue(parts[1].isEmpty ? nil : parts[1], forKey: parts[0])
                continue
            }
            let path = String(parts[1].dropFirst())
            guard let value = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw ValidationError("the file \(path) of the setting \(parts[0]) cannot be read")
            }
            read.updateValue(value.trimmingCharacters(in: .whitespacesAndNewlines), forKey: parts[0])
        }
        return read
    }
}

extension GatewayAccount {
    fileprivate var line: String {
        let settings = settings.map { "\($0.name)=\($0.value ?? "(sealed)")" }.joined(separator: " ")
        let state = instance.isActive ? "active" : "inactive"
        return "\(instance.name)\t\(instance.kind)\t\(state)\t\(noticePath)\t\(settings)"
    }
}
