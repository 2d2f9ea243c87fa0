import ArgumentParser
import RefundDomain
import RefundHTTP
import RefundService
import RefundStorage

/// Organizations: create, set, list.
struct OrganizationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organization", abstract: "Create, set and list organizations.",
        subcommands: [Create.self, Set.self, List.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create an organization.")

        @OptionGroup var data: DataOptions
        @Option(help: "Its base currency, such as INR.") var currency: String
        @Option(help: "Its time zone, such as Asia/Kolkata.") var timeZone: String
        @Option(help: "An identifier that a dialect knows it by, as dialect=identifier; may be repeated.")
        var tenant: [String] = []
        @Argument(help: "Its name.") var name: String

        mutating func run() async throws {
            let data = data
            guard let currency = Currency(currency) else { throw ValidationError("\(currency) is no currency") }
            var tenants: [DialectName: [String]] = [:]
            for text in tenant {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { throw ValidationError("write --tenant dialect=identifier") }
                tenants[DialectName(parts[0]), default: []].append(parts[1])
            }
            let (name, timeZone, known) = (name, timeZone, tenants)
            try await reporting {
                let organization = try await Composition.atCommandLine(data) { operations in
                    try await operations.putOrganization(
                        Organization(
                            id: try await operations.newOrganizationID(), name: name, baseCurrency: currency,
                            timeZone: timeZone, tenants: known))
                }
                print(organization.id)
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set settings of an organization.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Argument(help: "The settings, as name=value.") var settings: [String]

        mutating func run() async throws {
            let data = data
            let (name, settings) = (organization, settings)
            try await reporting {
                try await Composition.atCommandLine(data) { operations in
                    var organization = try await operations.organization(named: name)
                    for setting in settings {
                        let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
                        guard parts.count == 2, organization.settings.set(parts[0], to: parts[1]) else {
                            throw CommandFailure("\(setting) is no setting; see docs/operations.md", exitCode: 64)
                        }
                    }
                    _ = try await operations.putOrganization(organization)
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the organizations.")

        @OptionGroup var data: DataOptions

        mutating func run() async throws {
            let data = data
            try await reporting {
                let organizations = try await Composition.atCommandLine(data) { try await $0.listOrganizations() }
                for organization in organizations {
                    print(
                        "\(organization.id)\t\(organization.name)\t\(organization.baseCurrency)\t"
                            + organization.timeZone)
                }
            }
        }
    }
}

/// Clients: create, list, revoke.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Create, list and revoke clients.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a client; its secret is printed once, and kept nowhere.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Option(help: "What its tokens may carry, parted by commas.") var scopes: String
        @Argument(help: "Its name.") var name: String

        mutating func run() async throws {
            let data = data
            let (organization, scopes, name) = (organization, ScopeSet(text: scopes), name)
            try await reporting {
                let (publicID, secret) = (RequestID.make(), SecretText.make(bytes: 20))
                try await Composition.atCommandLine(data) { operations in
                    let owner = try await operations.organization(named: organization)
                    _ = try await operations.createClient(
                        named: name, publicID: publicID, secretHash: secretHash(secret), scopes: scopes, of: owner.id)
                }
                print("client_id\t\(publicID)\nclient_secret\t\(secret)")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the clients of an organization.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String

        mutating func run() async throws {
            let data = data
            let organization = organization
            try await reporting {
                let clients = try await Composition.atCommandLine(data) { operations in
                    try await operations.listClients(of: try await operations.organization(named: organization).id)
                }
                for stored in clients {
                    let state = stored.revokedAt == nil ? "active" : "revoked"
                    print("\(stored.client.publicID)\t\(stored.client.name)\t\(state)\t\(stored.client.scopes.text)")
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a client and all its tokens, on every node within ten seconds.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Argument(help: "The client's client_id.") var client: String

        mutating func run() async throws {
            let data = data
            let (organization, publicID) = (organization, client)
            try await reporting {
                try await Composition.atCommandLine(data) { operations in
                    let client = try await operations.client(publicID, in: organization)
                    try await operations.revokeClient(client.id, of: client.organization)
                }
            }
        }
    }
}

/// Tokens: create, list, revoke.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Create, list and revoke tokens.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a token; it is printed once, and kept nowhere.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Option(help: "The client's client_id.") var client: String
        @Option(help: "What it carries, parted by commas; by default, all that its client may.") var scopes: String?
        @Flag(help: "A refresh token, to be exchanged for access tokens.") var refresh = false
        @Option(help: "How many days it lives; by default, until it is revoked.") var days: Int?

        func validate() throws {
            guard (1...Limits.tokenDaysMax).contains(days ?? 1) else {
                throw ValidationError("--days is a number from 1 to \(Limits.tokenDaysMax)")
            }
        }

        mutating func run() async throws {
            let data = data
            let command = self
            try await reporting {
                let token = "1000.\(SecretText.make(bytes: 16)).\(SecretText.make(bytes: 16))"
                try await Composition.atCommandLine(data) { operations in
                    let client = try await operations.client(command.client, in: command.organization)
                    _ = try await operations.createToken(
                        hash: secretHash(token), purpose: command.refresh ? .refresh : .access,
                        scopes: command.scopes.map(ScopeSet.init(text:)) ?? client.scopes,
                        lifetime: command.days.map { .seconds($0 * 86_400) }, for: client)
                }
                print(token)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tokens of an organization, by their SHA-256.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String

        mutating func run() async throws {
            let data = data
            let organization = organization
            try await reporting {
                let tokens = try await Composition.atCommandLine(data) { operations in
                    try await operations.listTokens(of: try await operations.organization(named: organization).id)
                }
                for token in tokens {
                    let state = token.revokedAt == nil ? "active" : "revoked"
                    print("\(token.hash)\t\(token.purpose.rawValue)\t\(state)\t\(token.scopes.text)")
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a token, on every node within ten seconds.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Argument(help: "The token, or its SHA-256 as `token list` prints it.") var token: String

        mutating func run() async throws {
            let data = data
            let (organization, token) = (organization, token)
            try await reporting {
                try await Composition.atCommandLine(data) { operations in
                    let owner = try await operations.organization(named: organization)
                    let hash = token.count == 64 && !token.contains(".") ? token : secretHash(token)
                    try await operations.revokeToken(hash: hash, of: owner.id)
                }
            }
        }
    }
}

/// Random text for secrets.
enum SecretText {
    /// So many random bytes of the system's generator, in hexadecimal digits.
    static func make(bytes count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }.hexadecimal
    }
}
