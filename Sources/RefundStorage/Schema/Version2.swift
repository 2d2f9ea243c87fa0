extension Schema {
    /// A refund remembers what its sources lacked when it succeeded late, so that its return gives back what it drew.
    static let version2 = [
        """
        alter table refunds add column payment_shortfall bigint not null default 0
            check (payment_shortfall between 0 and amount)
        """,
        """
        alter table refunds add column note_shortfall bigint not null default 0
            check (note_shortfall between 0 and amount)
        """,
    ]
}
