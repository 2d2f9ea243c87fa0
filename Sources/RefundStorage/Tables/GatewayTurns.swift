package import RefundDomain

enum GatewayTurnSQL {
    /// Takes the next turn of a line, unless that is too late; the row is when the one after it comes.
    ///
    /// What lies behind the horizon was written by a clock that was wrong, and holds up nobody.
    static let take: SQLText = """
        insert into gateway_turns (organization_id, gateway, line, next_at) \
        values ($1, $2, $3, cast($4 as bigint) + $5) \
        on conflict (organization_id, gateway, line) do update set next_at = \
        case when gateway_turns.next_at > $4 and gateway_turns.next_at <= $6 then gateway_turns.next_at else $4 end \
        + $5 where gateway_turns.next_at <= $7 or gateway_turns.next_at > $6 returning next_at
        """

    static let giveBack: SQLText = """
        update gateway_turns set next_at = next_at - $1 where organization_id = $2 and gateway = $3 and line = $4
        """

    static let close: SQLText = """
        insert into gateway_turns (organization_id, gateway, line, next_at) values ($1, $2, $3, $4) \
        on conflict (organization_id, gateway, line) do update set next_at = excluded.next_at \
        where gateway_turns.next_at < excluded.next_at
        """

    static let all = [take, giveBack, close]
}

extension Session {
    /// Takes the next turn of a line; nil, and no turn, where it comes later than `latest`.
    ///
    /// `horizon` is the last moment that a clock which is right can have written.
    package func takeTurn(
        on line: TurnLine, at now: Instant, notLaterThan latest: Instant, horizon: Instant
    ) throws(StorageError) -> Instant? {
        let distance = line.distance.wholeMicroseconds
        let next = try row(
            StoredInteger.self, GatewayTurnSQL.take,
            line.key + [
                .integer(now.microseconds), .integer(distance), .integer(horizon.microseconds),
                .integer(latest.microseconds),
            ])
        return next.map { Instant(microseconds: $0.value - distance) }
    }

    /// Gives back a turn that was just taken in the same unit.
    package func giveBackTurn(on line: TurnLine) throws(StorageError) {
        try execute(GatewayTurnSQL.giveBack, [.integer(line.distance.wholeMicroseconds)] + line.key)
    }

    /// Lets no turn of a line come before a moment.
    package func closeLine(_ line: TurnLine, until moment: Instant) throws(StorageError) {
        try execute(GatewayTurnSQL.close, line.key + [.integer(moment.microseconds)])
    }
}

extension TurnLine {
    fileprivate var key: [Value] { [.integer(organization.value), .text(gateway.text), .text(name)] }
}
