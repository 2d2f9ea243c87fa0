extension Schema {
    static let version1 = organizations + documents + refunds + bookkeeping

    private static let organizations = [
        """
        create table schema_versions (
            version bigint not null,
            primary key (version)
        )
        """,
        """
        create table organizations (
            organization_id bigint not null,
            name text not null,
            base_currency text not null check (length(base_currency) = 3),
            time_zone text not null,
            primary key (organization_id)
        )
        """,
        """
        create table tenants (
            organization_id bigint not null,
            dialect text not null,
            external_id text not null,
            primary key (organization_id, dialect, external_id),
            foreign key (organization_id) references organizations (organization_id)
        )
        """,
        """
        create table settings (
            organization_id bigint not null,
            name text not null,
            value text not null,
            primary key (organization_id, name),
            foreign key (organization_id) references organizations (organization_id)
        )
        """,
        """
        create table clients (
            organization_id bigint not null,
            id bigint not null,
            public_id text not null,
            name text not null,
            secret_hash text not null,
            scopes text not null,
            revoked_at bigint,
            primary key (organization_id, id),
            foreign key (organization_id) references organizations (organization_id)
        )
        """,
        "create index clients_by_public_id on clients (public_id)",
        """
        create table tokens (
            organization_id bigint not null,
            hash text not null check (length(hash) = 64),
            client_id bigint not null,
            purpose text not null check (purpose in ('access', 'refresh')),
            scopes text not null,
            expires_at bigint,
            revoked_at bigint,
            primary key (organization_id, hash),
            foreign key (organization_id, client_id) references clients (organization_id, id)
        )
        """,
        "create index tokens_by_hash on tokens (hash)",
        """
        create table aliases (
            organization_id bigint not null,
            kind text not null,
            dialect text not null,
            external_id text not null,
            record_id bigint not null,
            primary key (organization_id, kind, dialect, external_id)
        )
        """,
        "create index aliases_by_record on aliases (organization_id, record_id)",
    ]

    private static let documents = [
        """
        create table parties (
            organization_id bigint not null,
            id bigint not null,
            role text not null check (role in ('customer', 'vendor')),
            name text not null,
            email text not null,
            is_active bigint not null check (is_active in (0, 1)),
            primary key (organization_id, id),
            foreign key (organization_id) references organizations (organization_id)
        )
        """,
        """
        create table payment_methods (
            organization_id bigint not null,
            id bigint not null,
            party_id bigint not null,
            mode text not null,
            gateway text not null,
            token text not null,
            card_last_four text check (length(card_last_four) = 4),
            card_expiry_month bigint check (card_expiry_month between 1 and 12),
            card_expiry_year bigint check (card_expiry_year between 2000 and 9999),
            state text not null check (state in ('active', 'closed')),
            primary key (organization_id, id),
            foreign key (organization_id, party_id) references parties (organization_id, id)
        )
        """,
        """
        create table payments (
            organization_id bigint not null,
            id bigint not null,
            party_id bigint not null,
            number text not null,
            state text not null check (state in ('pending', 'succeeded', 'failed', 'canceled')),
            mode text not null,
            gateway text,
            charge_reference text,
            payment_method_id bigint,
            currency text not null check (length(currency) = 3),
            captured bigint not null check (captured >= 0),
            reserved bigint not null check (reserved >= 0),
            refunded bigint not null check (refunded >= 0),
            disputed bigint not null check (disputed >= 0),
            excess bigint not null check (excess >= 0),
            rate text not null,
            received_on bigint not null,
            invoice_number text not null,
            primary key (organization_id, id),
            foreign key (organization_id, party_id) references parties (organization_id, id),
            foreign key (organization_id, payment_method_id) references payment_methods (organization_id, id),
            check (reserved + refunded + disputed <= captured + excess),
            check ((gateway is null) = (charge_reference is null))
        )
        """,
        "create index payments_by_party on payments (organization_id, party_id)",
        """
        create table credit_notes (
            organization_id bigint not null,
            id bigint not null,
            party_id bigint not null,
            number text not null,
            state text not null check (state in ('draft', 'open', 'void')),
            currency text not null check (length(currency) = 3),
            total bigint not null check (total >= 0),
            tax bigint not null check (tax >= 0 and tax <= total),
            applied bigint not null check (applied >= 0),
            drawn bigint not null check (drawn >= 0),
            rate text not null,
            raised_on bigint not null,
            reference text not null,
            payment_id bigint,
            invoice_number text not null,
            is_for_refund bigint not null check (is_for_refund in (0, 1)),
            primary key (organization_id, id),
            unique (organization_id, number),
            foreign key (organization_id, party_id) references parties (organization_id, id),
            foreign key (organization_id, payment_id) references payments (organization_id, id),
            check (applied + drawn <= total),
            check (state = 'open' or drawn = 0)
        )
        """,
        "create index credit_notes_by_party on credit_notes (organization_id, party_id)",
        """
        create table credit_note_lines (
            organization_id bigint not null,
            credit_note_id bigint not null,
            position bigint not null,
            id bigint not null,
            item_id bigint,
            name text not null,
            amount bigint not null check (amount >= 0),
            drawn bigint not null check (drawn >= 0 and drawn <= amount),
            primary key (organization_id, credit_note_id, position),
            unique (organization_id, id),
            foreign key (organization_id, credit_note_id) references credit_notes (organization_id, id)
        )
        """,
    ]

    private static let refunds = [
        """
        create table refunds (
            organization_id bigint not null,
            id bigint not null,
            number bigint not null check (number > 0),
            party_id bigint not null,
            payment_id bigint,
            credit_note_id bigint,
            payment_method_id bigint,
            amount bigint not null check (amount > 0),
            currency text not null check (length(currency) = 3),
            rate text not null,
            mode text,
            gateway text,
            state text not null check (state in ('requested', 'awaiting_approval', 'approved', 'submitting', 'pending',
                'unknown', 'succeeded', 'failed', 'canceled', 'voided', 'returned')),
            step bigint not null check (step > 0),
            reason text,
            initiator text not null check (initiator in ('merchant', 'customer', 'system')),
            description text not null,
            reference text not null,
            effective_on bigint not null,
            created_at bigint not null,
            updated_at bigint not null,
            settled_at bigint,
            created_by bigint not null,
            failure_reason text,
            note_remaining_after bigint,
            annotations text not null,
            request_digest text,
            primary key (organization_id, id),
            unique (organization_id, number),
            foreign key (organization_id, party_id) references parties (organization_id, id),
            foreign key (organization_id, payment_id) references payments (organization_id, id),
            foreign key (organization_id, credit_note_id) references credit_notes (organization_id, id),
            foreign key (organization_id, payment_method_id) references payment_methods (organization_id, id),
            check ((mode is null) <> (gateway is null)),
            check (payment_id is not null or credit_note_id is not null)
        )
        """,
        "create index refunds_by_party on refunds (organization_id, party_id, effective_on, id)",
        "create index refunds_by_payment on refunds (organization_id, payment_id) where payment_id is not null",
        "create index refunds_by_note on refunds (organization_id, credit_note_id) where credit_note_id is not null",
        """
        create index refunds_open_by_request on refunds (organization_id, request_digest)
            where state in ('approved', 'submitting', 'pending', 'unknown')
        """,
        """
        create table payouts (
            organization_id bigint not null,
            refund_id bigint not null,
            gateway text not null,
            target text not null check (target in ('charge', 'method')),
            target_reference text not null,
            last_four text,
            attempt bigint not null check (attempt >= 0),
            key text not null,
            key_sent_at bigint,
            lease_until bigint,
            due_at bigint,
            questions bigint not null check (questions >= 0),
            gateway_reference text not null,
            network_reference text not null,
            response_code text not null,
            response_message text not null,
            primary key (organization_id, refund_id),
            unique (organization_id, gateway, key),
            foreign key (organization_id, refund_id) references refunds (organization_id, id)
        )
        """,
        "create index payouts_by_due on payouts (due_at) where due_at is not null",
        """
        create index payouts_by_gateway_reference on payouts (organization_id, gateway, gateway_reference)
            where gateway_reference <> ''
        """,
        """
        create table line_draws (
            organization_id bigint not null,
            refund_id bigint not null,
            line_id bigint not null,
            amount bigint not null check (amount > 0),
            primary key (organization_id, refund_id, line_id),
            foreign key (organization_id, refund_id) references refunds (organization_id, id),
            foreign key (organization_id, line_id) references credit_note_lines (organization_id, id)
        )
        """,
        """
        create table refund_steps (
            organization_id bigint not null,
            refund_id bigint not null,
            step bigint not null check (step > 0),
            event text not null,
            state text not null,
            at bigint not null,
            actor text not null,
            remark text not null,
            primary key (organization_id, refund_id, step),
            foreign key (organization_id, refund_id) references refunds (organization_id, id)
        )
        """,
    ]

    private static let bookkeeping = [
        """
        create table journal_lines (
            organization_id bigint not null,
            record_id bigint not null,
            step bigint not null check (step > 0),
            line bigint not null check (line > 0),
            cause text not null,
            account text not null,
            currency text not null check (length(currency) = 3),
            amount bigint not null,
            base_amount bigint not null,
            effective_on bigint not null,
            recorded_at bigint not null,
            primary key (organization_id, record_id, step, line)
        )
        """,
        """
        create table idempotency_records (
            organization_id bigint not null,
            space text not null,
            key text not null,
            digest text not null,
            refund_id bigint,
            created_at bigint not null,
            answer_status bigint,
            answer_body bytea,
            primary key (organization_id, space, key)
        )
        """,
        """
        create table counters (
            organization_id bigint not null,
            series text not null,
            next bigint not null check (next > 0),
            primary key (organization_id, series),
            foreign key (organization_id) references organizations (organization_id)
        )
        """,
        """
        create table refund_exceptions (
            organization_id bigint not null,
            refund_id bigint not null,
            step bigint not null,
            at bigint not null,
            detail text not null,
            primary key (organization_id, refund_id, step, at),
            foreign key (organization_id, refund_id) references refunds (organization_id, id)
        )
        """,
    ]
}
