import RefundDomain
import RefundStorage
import Synchronization

/// Refund numbers, taken from the database in blocks: a number is never used twice, and gaps are allowed.
final class RefundNumbers: Sendable {
    private static let blockSize = 64

    private let store: any Store
    private let blocks = Mutex<[OrganizationID: Range<Int64>]>([:])

    init(store: any Store) {
        self.store = store
    }

    /// The next number of an organization.
    ///
    /// Throws what the store throws.
    func next(for organization: OrganizationID) async throws -> RefundNumber {
        if let number = takeFromBlock(of: organization) { return RefundNumber(number) }
        let first = try await store.write(for: organization) { session in
            try session.takeNumbers(Self.blockSize, of: .refund, for: organization)
        }
        // Of two blocks taken at once, the numbers of the one that is replaced are the gap.
        return blocks.withLock { blocks in
            blocks[organization] = first + 1..<first + Int64(Self.blockSize)
            return RefundNumber(first)
        }
    }

    /// Forgets the numbers that are left of an organization's block: they are a gap.
    func letGoOfBlock(of organization: OrganizationID) {
        blocks.withLock { $0[organization] = nil }
    }

    private func takeFromBlock(of organization: OrganizationID) -> Int64? {
        blocks.withLock { blocks in
            guard let block = blocks[organization], let number = block.first else { return nil }
            blocks[organization] = block.dropFirst()
            return number
        }
    }
}
