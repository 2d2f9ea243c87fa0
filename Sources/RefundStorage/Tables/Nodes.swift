package import RefundDomain

enum NodeSQL {
    /// Takes the lowest number whose lease has run out; of two who take it at once, one finds it taken.
    static let take: SQLText = """
        update nodes set lease_until = $1 \
        where number = (select min(number) from nodes where lease_until <= $2) and lease_until <= $2 returning number
        """

    /// Guarded by the end that the lease has: whoever took the number since has given it another.
    static let renew: SQLText = """
        update nodes set lease_until = $1 where number = $2 and lease_until = $3 returning number
        """

    static let last: SQLText = "select max(lease_until) from nodes"

    static let skip: SQLText = "update nodes set lease_until = $1 where lease_until < $1"

    static let all = [take, renew, last, skip]
}

/// A stretch of time in which one process alone draws identifiers with a number.
///
/// It is a stretch of the identifiers' time, not of any clock's: what was given out is never given out again, so that
/// processes whose clocks differ, and one that is taken for dead, still draw nothing twice.
package struct NodeLease: Hashable, Sendable {
    package let number: Int
    package let from: Instant
    /// The first moment that is no longer in it.
    package let until: Instant
}

extension Session {
    /// Takes the lowest number whose lease has ended by a moment; nil where none has.
    package func takeNode(from start: Instant, until end: Instant) throws(StorageError) -> NodeLease? {
        // Of several who take the same number at once one has it, and the others go on to the next.
        for _ in 0..<IdentifierSequence.nodesMax {
            let values: [Value] = [.integer(end.microseconds), .integer(start.microseconds)]
            if let taken = try row(StoredInteger.self, NodeSQL.take, values) {
                return NodeLease(number: Int(taken.value), from: start, until: end)
            }
        }
        return nil
    }

    /// The moment before which every identifier of this database was drawn.
    package func identifiersDrawnBefore() throws(StorageError) -> Instant {
        Instant(microseconds: try row(StoredInteger.self, NodeSQL.last, [])?.value ?? 0)
    }

    /// Lets no identifier be drawn of the moments before, whatever the clocks of the processes say.
    package func skipIdentifiers(before moment: Instant) throws(StorageError) {
        try execute(NodeSQL.skip, [.integer(moment.microseconds)])
    }

    /// Lets a lease end at another moment; nil where its number has been taken by another process.
    package func renew(_ lease: NodeLease, until end: Instant) throws(StorageError) -> NodeLease? {
        let renewed = try row(
            StoredInteger.self, NodeSQL.renew,
            [.integer(end.microseconds), .integer(lease.number), .integer(lease.until.microseconds)])
        return renewed.map { _ in NodeLease(number: lease.number, from: lease.from, until: end) }
    }
}
