import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// Identifiers that came in with data.
@Suite struct `Aliases` {
    private static let organization = Fixtures.organization.id
    private static let dialect = DialectName("other")

    @Test(arguments: Engine.allCases)
    func `A record may have many, in many dialects, and each leads to it`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await store.unit { session in
                for (index, text) in Texts.all.enumerated() {
                    try session.insertAlias(.payment, text, in: .native, for: .max, of: Self.organization)
                    try session.insertAlias(.payment, text, in: Self.dialect, for: Int64(index), of: Self.organization)
                    try session.insertAlias(.party, text, in: .native, for: 7, of: Self.organization)
                }
            }
            for (index, text) in Texts.all.enumerated() {
                let found = try await store.look { session in
                    [
                        try session.record(.payment, knownAs: text, to: .native, of: Self.organization),
                        try session.record(.payment, knownAs: text, to: Self.dialect, of: Self.organization),
                        try session.record(.party, knownAs: text, to: .native, of: Self.organization),
                        try session.record(.party, knownAs: text, to: Self.dialect, of: Self.organization),
                        try session.record(.payment, knownAs: text, to: .native, of: Fixtures.stranger.id),
                    ]
                }
                #expect(found == [.max, Int64(index), 7, nil, nil])
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `An alias wins over the form of a generated identifier`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await store.unit { session in
                try session.insertAlias(.refund, "300", in: .native, for: 5, of: Self.organization)
            }
            // text, generated, found
            for (text, generated, expected) in [("300", 300, 5), ("301", 301, 301), ("x", nil, nil)]
                as [(String, Int64?, Int64?)]
            {
                let reference = RecordReference(dialect: .native, text: text, generated: generated)
                let found = try await store.look { try $0.record(.refund, reference, of: Self.organization) }
                #expect(found == expected)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `A dialect is shown its own alias of a record, the first of several`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await store.unit { session in
                for (text, record) in [("b", 1), ("a", 1), ("c", 2)] as [(String, Int64)] {
                    try session.insertAlias(.refund, text, in: Self.dialect, for: record, of: Self.organization)
                }
                try session.insertAlias(.refund, "0", in: .native, for: 1, of: Self.organization)
                try session.insertAlias(.refund, "0", in: Self.dialect, for: 1, of: Fixtures.stranger.id)
            }
            let found = try await store.look {
                try $0.externalIDs(of: [1, 2, 3], in: Self.dialect, of: Self.organization)
            }
            #expect(found == [1: "a", 2: "c"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `An alias that is taken is refused`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = await store.word { session in
                for record in [1, 1] as [Int64] {
                    try session.insertAlias(.refund, "a", in: Self.dialect, for: record, of: Self.organization)
                }
            }
            #expect(
                heard == "unique(\"aliases.organization_id, aliases.kind, aliases.dialect, aliases.external_id\")")
        }
    }
}

/// Programs that call, and what they show to be let in.
@Suite struct `Clients and tokens` {
    private static let organization = Fixtures.organization.id

    private func client(_ id: Int64, _ publicID: String, of organization: OrganizationID = organization) -> StoredClient
    {
        StoredClient(
            client: Client(
                id: ClientID(id), organization: organization, publicID: publicID, name: "Till \(id)",
                scopes: ScopeSet(text: "refunds.READ,refunds.CREATE")),
            secretHash: hash(id))
    }

    private func hash(_ seed: Int64) -> String {
        let digits = "\(seed)"
        return String(repeating: "a", count: 64 - digits.count) + digits
    }

    private func token(_ seed: Int64, of client: StoredClient, expiresAt: Instant? = nil) -> StoredToken {
        StoredToken(
            organization: client.client.organization, hash: hash(seed), client: client.client.id,
            purpose: seed.isMultiple(of: 2) ? .access : .refresh, scopes: ScopeSet(text: seed == 0 ? "" : "a.b,c"),
            expiresAt: expiresAt)
    }

    @Test(arguments: Engine.allCases)
    func `Clients are found by what they call themselves, and by their organization`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let own = Texts.all.enumerated().map { client(Int64(10 - $0), $1) }
            let namesake = client(5, Texts.all[2], of: Fixtures.stranger.id)
            try await store.unit { session in for client in own + [namesake] { try session.insert(client) } }
            for client in own where client.client.publicID != namesake.client.publicID {
                #expect(try await store.look { try $0.clients(publicID: client.client.publicID) } == [client])
            }
            let both = try await store.look { try $0.clients(publicID: namesake.client.publicID) }
            #expect(Set(both) == [own[2], namesake])
            let listed = try await store.look { try $0.clients(of: Self.organization) }
            #expect(listed == own.sorted { $0.client.id < $1.client.id })
            #expect(try await store.look { try $0.clients(publicID: "nobody") } == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Tokens are found by their hash, whosever they are`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let till = client(1, "till")
            let tokens = [
                token(0, of: till), token(1, of: till, expiresAt: Fixtures.now),
                token(2, of: till, expiresAt: Instant(microseconds: .max)),
            ]
            try await store.unit { session in
                try session.insert(till)
                for token in tokens { try session.insert(token) }
                // Kept already: it stays as it is.
                try session.insert(token(1, of: till, expiresAt: nil))
            }
            for token in tokens { #expect(try await store.look { try $0.token(hash: token.hash) } == token) }
            #expect(try await store.look { try $0.token(hash: hash(9)) } == nil)
            #expect(try await store.look { try $0.tokens(of: Self.organization) } == tokens)
            #expect(try await store.look { try $0.tokens(of: Fixtures.stranger.id) } == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A revoked token is dead from its moment on, and a revocation is never moved`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let till = client(1, "till")
            try await store.unit { session in
                try session.insert(till)
                for seed in [1, 2] as [Int64] { try session.insert(token(seed, of: till)) }
                try session.revokeToken(hash: hash(1), of: Fixtures.stranger.id, at: Fixtures.now)
            }
            #expect(try await store.look { try $0.token(hash: hash(1))?.isAlive(at: Fixtures.now) } == true)
            for later in [0, 60] as [Int64] {
                let moment = Fixtures.now + .seconds(later)
                try await store.unit { try $0.revokeToken(hash: hash(1), of: Self.organization, at: moment) }
            }
            let revoked = try await store.look { try $0.token(hash: hash(1)) }
            #expect(revoked?.revokedAt == Fixtures.now)
            #expect(revoked?.isAlive(at: Fixtures.now) == false)
            #expect(try await store.look { try $0.token(hash: hash(2))?.isAlive(at: Fixtures.now) } == true)
        }
    }

    @Test(arguments: Engine.allCases)
    func `A revoked client's tokens are dead with it`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let (till, desk) = (client(1, "till"), client(2, "desk"))
            try await store.unit { session in
                for client in [till, desk] { try session.insert(client) }
                try session.insert(token(1, of: till))
                try session.insert(token(2, of: desk))
                try session.revoke(till.client.id, of: Self.organization, at: Fixtures.now)
                try session.revoke(till.client.id, of: Self.organization, at: Fixtures.now + .seconds(5))
            }
            let found = try await store.look { session in
                (
                    till: try session.token(hash: hash(1))?.revokedAt,
                    desk: try session.token(hash: hash(2))?.revokedAt,
                    clients: try session.clients(of: Self.organization).map(\.revokedAt)
                )
            }
            #expect(found.till == Fixtures.now)
            #expect(found.desk == nil)
            #expect(found.clients == [Fixtures.now, nil])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A token of a client that is not there is refused`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let stray = token(1, of: client(1, "nobody"))
            #expect(await store.word { try $0.insert(stray) } == "constraint")
        }
    }
}
