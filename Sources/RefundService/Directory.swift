package import RefundDomain
package import RefundStorage
import Synchronization

/// What is looked up for every request and changes rarely: organizations and access tokens, remembered for a while.
///
/// A change made by another node or by the command line is seen within `Limits.directoryLifetime`.
package final class Directory: Sendable {
    private struct Remembered<T: Sendable>: Sendable {
        let value: T
        let until: Instant
    }

    private let store: any Store
    private let now: @Sendable () -> Instant
    private let organizations = Mutex<[OrganizationID: Remembered<Organization>]>([:])
    private let tokens = Mutex<[String: Remembered<StoredToken>]>([:])

    package init(store: any Store, now: @escaping @Sendable () -> Instant) {
        self.store = store
        self.now = now
    }

    /// An organization by its identifier; nil where there is none.
    ///
    /// Throws `StorageError`.
    package func organization(_ id: OrganizationID) async throws -> Organization? {
        let now = now()
        if let known = organizations.withLock({ $0[id] }), known.until > now { return known.value }
        guard let found = try await store.read({ try $0.organization(id) }) else { return nil }
        organizations.withLock { $0[id] = Remembered(value: found, until: now + Limits.directoryLifetime) }
        return found
    }

    /// The caller that an access token stands for, by the token's hash; nil where it opens nothing.
    ///
    /// Throws `StorageError`.
    package func caller(tokenHash: String) async throws -> Caller? {
        let now = now()
        if let known = tokens.withLock({ $0[tokenHash] }), known.until > now {
            return known.value.isAlive(at: now) ? Caller(known.value) : nil
        }
        guard let found = try await store.read({ try $0.token(hash: tokenHash) }), found.purpose == .access else {
            return nil
        }
        tokens.withLock { tokens in
            if tokens.count >= Limits.rememberedTokensMax { tokens.removeAll(keepingCapacity: true) }
            tokens[tokenHash] = Remembered(value: found, until: now + Limits.directoryLifetime)
        }
        return found.isAlive(at: now) ? Caller(found) : nil
    }

    /// Forgets what is remembered of an organization, after this node has changed it.
    package func forget(_ id: OrganizationID) {
        organizations.withLock { _ = $0.removeValue(forKey: id) }
        tokens.withLock { $0 = $0.filter { $0.value.value.organization != id } }
    }
}

extension Caller {
    init(_ token: StoredToken) {
        self.init(organization: token.organization, client: token.client, scopes: token.scopes)
    }
}
