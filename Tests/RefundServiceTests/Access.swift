import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Who may come in, and until when.
@Suite struct `Access` {
    private static let organization = Fixtures.organization.id
    private static let scopes = ScopeSet(["refunds.READ", "refunds.CREATE"])

    private static func hash(_ digit: Character) -> String { String(repeating: digit, count: 64) }

    /// Lends two nodes over one store, and a client whose access token has the hash of ones.
    private func withClient(_ body: (ServiceNode, ServiceNode, Client) async throws -> Void) async throws {
        try await withNode { node, _ in
            let other = ServiceNode(store: node.store, clock: node.clock, gateway: node.gateway)
            let client = try await node.operations.createClient(
                named: "Shop", publicID: "shop", secretHash: Self.hash("a"), scopes: Self.scopes,
                of: Self.organization)
            _ = try await node.operations.createToken(
                hash: Self.hash("1"), purpose: .access, scopes: Self.scopes, lifetime: .seconds(3_600), for: client)
            try await body(node, other, client)
        }
    }

    private func isOpen(_ digit: Character, on node: ServiceNode) async -> Bool {
        do throws(Failure) {
            _ = try await node.operations.authenticate(tokenHash: Self.hash(digit))
            return true
        } catch {
            #expect(error == .unauthenticated)
            return false
        }
    }

    @Test func `Is given to an access token, as its client and with its scopes`() async throws {
        try await withClient { node, _, client in
            let caller = try await node.operations.authenticate(tokenHash: Self.hash("1"))
            #expect(caller == Caller(organization: Self.organization, client: client.id, scopes: Self.scopes))
        }
    }

    @Test(arguments: ["token", "client"])
    func `Ends at once on the node that revokes, and elsewhere within the directory's memory`(
        revoked: String
    ) async throws {
        try await withClient { node, other, client in
            #expect(await isOpen("1", on: node))
            #expect(await isOpen("1", on: other))
            node.clock.move(by: .seconds(1))
            if revoked == "token" {
                try await node.operations.revokeToken(hash: Self.hash("1"), of: Self.organization)
            } else {
                try await node.operations.revokeClient(client.id, of: Self.organization)
            }
            #expect(await !isOpen("1", on: node))
            #expect(await isOpen("1", on: other))
            node.clock.move(by: Limits.directoryLifetime - .seconds(1))
            #expect(await !isOpen("1", on: other))
        }
    }

    @Test func `Ends with the token's life, remembered or not`() async throws {
        try await withClient { node, other, _ in
            node.clock.move(by: .seconds(3_599))
            #expect(await isOpen("1", on: node))
            node.clock.move(by: .seconds(1))
            #expect(await !isOpen("1", on: node))
            #expect(await !isOpen("1", on: other))
        }
    }

    @Test func `Is not given to a refresh token, nor to one that nobody made`() async throws {
        try await withClient { node, _, client in
            _ = try await node.operations.createToken(
                hash: Self.hash("2"), purpose: .refresh, scopes: Self.scopes, lifetime: nil, for: client)
            #expect(await !isOpen("2", on: node))
            #expect(await !isOpen("3", on: node))
        }
    }

    @Test func `Reaches no further than the client's scopes`() async throws {
        try await withClient { node, _, client in
            let token = try await node.operations.createToken(
                hash: Self.hash("2"), purpose: .access, scopes: ScopeSet(["refunds.READ", "all"]), lifetime: nil,
                for: client)
            #expect(token.scopes == ScopeSet(["refunds.READ"]))
            #expect(try await node.operations.authenticate(tokenHash: Self.hash("2")).scopes == token.scopes)
        }
    }

    @Test func `Is granted for the right secret of a client that is not revoked`() async throws {
        try await withClient { node, _, client in
            let operations = node.operations
            #expect(try await operations.client(publicID: "shop", secretHash: Self.hash("a")) == .success(client))
            let wrong = try await operations.client(publicID: "shop", secretHash: Self.hash("b"))
            #expect(wrong == .failure(.wrongSecret))
            let shorter = try await operations.client(publicID: "shop", secretHash: "a")
            #expect(shorter == .failure(.wrongSecret))
            let unknown = try await operations.client(publicID: "nobody", secretHash: Self.hash("a"))
            #expect(unknown == .failure(.unknownClient))
            try await operations.revokeClient(client.id, of: Self.organization)
            let revoked = try await operations.client(publicID: "shop", secretHash: Self.hash("a"))
            #expect(revoked == .failure(.unknownClient))
        }
    }

    @Test func `Is renewed by a refresh token of the client that asks, and by nothing else`() async throws {
        try await withClient { node, _, client in
            let operations = node.operations
            let stranger = try await operations.createClient(
                named: "Other", publicID: "other", secretHash: Self.hash("c"), scopes: Self.scopes,
                of: Fixtures.stranger.id)
            _ = try await operations.createToken(
                hash: Self.hash("2"), purpose: .refresh, scopes: Self.scopes, lifetime: .seconds(60), for: client)
            #expect(try await operations.refreshScopes(tokenHash: Self.hash("2"), of: client) == .success(Self.scopes))
            let tries: [(Character, Client)] = [("1", client), ("9", client), ("2", stranger)]
            for (digit, client) in tries {
                let answer = try await operations.refreshScopes(tokenHash: Self.hash(digit), of: client)
                #expect(answer == .failure(.unknownToken))
            }
            node.clock.move(by: .seconds(60))
            let dead = try await operations.refreshScopes(tokenHash: Self.hash("2"), of: client)
            #expect(dead == .failure(.unknownToken))
        }
    }

    @Test func `An organization that another node renames is seen within the directory's memory`() async throws {
        try await withClient { node, other, _ in
            _ = try await other.operations.organization(Self.organization)
            var renamed = Fixtures.organization
            renamed.name = "Meridian Trading"
            _ = try await node.operations.putOrganization(renamed)
            #expect(try await node.operations.organization(Self.organization).name == "Meridian Trading")
            #expect(try await other.operations.organization(Self.organization).name == "Meridian Supplies")
            node.clock.move(by: Limits.directoryLifetime)
            #expect(try await other.operations.organization(Self.organization).name == "Meridian Trading")
        }
    }
}
