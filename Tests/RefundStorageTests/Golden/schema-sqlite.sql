CREATE TABLE aliases (
    organization_id integer not null,
    kind text not null,
    dialect text not null,
    external_id text not null,
    record_id integer not null,
    primary key (organization_id, kind, dialect, external_id)
) strict, without rowid;

CREATE INDEX aliases_by_record on aliases (organization_id, record_id);

CREATE TABLE charge_disputes (
    organization_id integer not null,
    gateway text not null,
    reference text not null,
    payment_id integer not null,
    amount integer not null check (amount >= 0),
    currency text not null check (length(currency) = 3),
    state text not null check (state in ('inquiry', 'open', 'won', 'lost')),
    reason text not null,
    claim integer check (claim >= 0),
    withdrawn integer not null,
    is_loss integer not null check (is_loss in (0, 1)),
    updated_at integer not null,
    primary key (organization_id, gateway, reference),
    foreign key (organization_id, payment_id) references payments (organization_id, id)
) strict, without rowid;

CREATE INDEX charge_disputes_by_payment on charge_disputes (organization_id, payment_id);

CREATE TABLE charge_references (
    organization_id integer not null,
    gateway text not null,
    reference text not null,
    payment_id integer,
    primary key (organization_id, gateway, reference),
    foreign key (organization_id) references organizations (organization_id),
    foreign key (organization_id, payment_id) references payments (organization_id, id)
) strict, without rowid;

CREATE TABLE clients (
    organization_id integer not null,
    id integer not null,
    public_id text not null,
    name text not null,
    secret_hash text not null,
    scopes text not null,
    revoked_at integer,
    primary key (organization_id, id),
    foreign key (organization_id) references organizations (organization_id)
) strict, without rowid;

CREATE INDEX clients_by_public_id on clients (public_id);

CREATE TABLE counters (
    organization_id integer not null,
    series text not null,
    next integer not null check (next > 0),
    primary key (organization_id, series),
    foreign key (organization_id) references organizations (organization_id)
) strict, without rowid;

CREATE TABLE credit_note_lines (
    organization_id integer not null,
    credit_note_id integer not null,
    position integer not null,
    id integer not null,
    item_id integer,
    name text not null,
    amount integer not null check (amount >= 0),
    drawn integer not null check (drawn >= 0 and drawn <= amount),
    primary key (organization_id, credit_note_id, position),
    unique (organization_id, id),
    foreign key (organization_id, credit_note_id) references credit_notes (organization_id, id)
) strict, without rowid;

CREATE TABLE credit_notes (
    organization_id integer not null,
    id integer not null,
    party_id integer not null,
    number text not null,
    state text not null check (state in ('draft', 'open', 'void')),
    currency text not null check (length(currency) = 3),
    total integer not null check (total >= 0),
    tax integer not null check (tax >= 0 and tax <= total),
    applied integer not null check (applied >= 0),
    drawn integer not null check (drawn >= 0),
    rate text not null,
    raised_on integer not null,
    reference text not null,
    payment_id integer,
    invoice_number text not null,
    is_for_refund integer not null check (is_for_refund in (0, 1)), lacking integer not null default 0 check (lacking >= 0), excess integer not null default 0 check (excess >= 0), postings integer not null default 2 check (postings >= 2),
    primary key (organization_id, id),
    unique (organization_id, number),
    foreign key (organization_id, party_id) references parties (organization_id, id),
    foreign key (organization_id, payment_id) references payments (organization_id, id),
    check (applied + drawn <= total),
    check (state = 'open' or drawn = 0)
) strict, without rowid;

CREATE INDEX credit_notes_by_party on credit_notes (organization_id, party_id);

CREATE TABLE dispute_steps (
    organization_id integer not null,
    gateway text not null,
    event_id text not null,
    reference text not null,
    told_at integer not null,
    stage text not null check (stage in ('inquiry', 'open', 'won', 'lost', 'withdrawn', 'reinstated')),
    amount integer not null check (amount >= 0),
    currency text not null check (length(currency) = 3),
    primary key (organization_id, gateway, event_id, stage),
    foreign key (organization_id, gateway, reference)
        references charge_disputes (organization_id, gateway, reference)
) strict, without rowid;

CREATE INDEX dispute_steps_by_dispute on dispute_steps (organization_id, gateway, reference);

CREATE TABLE exception_steps (
    organization_id integer not null,
    exception_id text not null,
    revision integer not null check (revision > 0),
    event text not null check (event in ('opened', 'seen', 'resolved', 'reopened')),
    at integer not null,
    actor text not null,
    remark text not null,
    primary key (organization_id, exception_id, revision),
    foreign key (organization_id, exception_id) references exceptions (organization_id, id)
) strict, without rowid;

CREATE TABLE exceptions (
    organization_id integer not null,
    id text not null,
    kind text not null check (kind in ('over_refunded', 'disputed_after_refund', 'contradicted',
        'outcome_unknown', 'unmatched', 'late', 'dispute_currency', 'captured_differs', 'mismatched_link',
        'out_of_band')),
    refund_id integer,
    payment_id integer,
    credit_note_id integer,
    gateway text,
    reference text,
    cause text not null,
    detail text not null,
    fact text not null,
    opened_at integer not null,
    state text not null check (state in ('open', 'resolved')),
    resolved_at integer,
    resolved_by text,
    resolution text,
    revision integer not null check (revision > 0),
    primary key (organization_id, id),
    foreign key (organization_id, refund_id) references refunds (organization_id, id),
    foreign key (organization_id, payment_id) references payments (organization_id, id),
    foreign key (organization_id, credit_note_id) references credit_notes (organization_id, id),
    check ((gateway is null) = (reference is null)),
    check ((state = 'resolved') = (resolved_at is not null)),
    check ((resolved_at is null) = (resolved_by is null)),
    check ((resolved_at is null) = (resolution is null))
) strict, without rowid;

CREATE INDEX exceptions_by_opening on exceptions (organization_id, opened_at, id);

CREATE INDEX exceptions_by_payment on exceptions (organization_id, payment_id, opened_at)
    where payment_id is not null;

CREATE INDEX exceptions_by_refund on exceptions (organization_id, refund_id, opened_at)
    where refund_id is not null;

CREATE TABLE gateway_fees (
    organization_id integer not null,
    id integer not null,
    refund_id integer not null,
    gateway text not null,
    reference text not null,
    amount integer not null check (amount <> 0),
    currency text not null check (length(currency) = 3),
    posted_at integer not null,
    primary key (organization_id, id),
    unique (organization_id, gateway, reference),
    foreign key (organization_id, refund_id) references refunds (organization_id, id)
) strict, without rowid;

CREATE INDEX gateway_fees_by_refund on gateway_fees (organization_id, refund_id);

CREATE TABLE gateway_notices (
    organization_id integer not null,
    gateway text not null,
    event_id text not null,
    received_at integer not null,
    kept text not null,
    due_at integer,
    tries integer not null check (tries >= 0),
    applied_at integer,
    detail text not null,
    primary key (organization_id, gateway, event_id),
    foreign key (organization_id) references organizations (organization_id)
) strict, without rowid;

CREATE INDEX gateway_notices_by_due on gateway_notices (due_at) where due_at is not null;

CREATE TABLE gateway_settings (
    organization_id integer not null,
    gateway_id integer not null,
    name text not null,
    value text not null,
    is_sealed integer not null check (is_sealed in (0, 1)),
    primary key (organization_id, gateway_id, name),
    foreign key (organization_id, gateway_id) references gateways (organization_id, id)
) strict, without rowid;

CREATE TABLE gateway_turns (
    organization_id integer not null,
    gateway text not null,
    line text not null,
    next_at integer not null,
    primary key (organization_id, gateway, line),
    foreign key (organization_id) references organizations (organization_id)
) strict, without rowid;

CREATE TABLE gateways (
    organization_id integer not null,
    id integer not null,
    name text not null,
    kind text not null,
    is_active integer not null check (is_active in (0, 1)),
    revision integer not null check (revision > 0),
    primary key (organization_id, id),
    unique (organization_id, name),
    foreign key (organization_id) references organizations (organization_id)
) strict, without rowid;

CREATE INDEX gateways_by_id on gateways (id);

CREATE TABLE idempotency_records (
    organization_id integer not null,
    space text not null,
    key text not null,
    digest text not null,
    refund_id integer,
    created_at integer not null,
    answer_status integer,
    answer_body blob,
    primary key (organization_id, space, key)
) strict, without rowid;

CREATE TABLE journal_lines (
    organization_id integer not null,
    record_id integer not null,
    step integer not null check (step > 0),
    line integer not null check (line > 0),
    cause text not null,
    account text not null,
    currency text not null check (length(currency) = 3),
    amount integer not null,
    base_amount integer not null,
    effective_on integer not null,
    recorded_at integer not null,
    primary key (organization_id, record_id, step, line)
) strict, without rowid;

CREATE TABLE line_draws (
    organization_id integer not null,
    refund_id integer not null,
    line_id integer not null,
    amount integer not null check (amount > 0),
    primary key (organization_id, refund_id, line_id),
    foreign key (organization_id, refund_id) references refunds (organization_id, id),
    foreign key (organization_id, line_id) references credit_note_lines (organization_id, id)
) strict, without rowid;

CREATE TABLE merged_payments (
    organization_id integer not null,
    id integer not null,
    payment_id integer not null,
    primary key (organization_id, id),
    foreign key (organization_id, payment_id) references payments (organization_id, id)
) strict, without rowid;

CREATE TABLE nodes (
    number integer not null check (number between 0 and 31),
    lease_until integer not null,
    primary key (number)
) strict, without rowid;

CREATE TABLE note_backings (
    organization_id integer not null,
    credit_note_id integer not null,
    payment_id integer not null,
    position integer not null check (position > 0),
    amount integer not null check (amount >= 0),
    amount_max integer not null check (amount_max >= amount),
    allocated integer not null check (allocated >= 0),
    primary key (organization_id, credit_note_id, payment_id),
    foreign key (organization_id, credit_note_id) references credit_notes (organization_id, id),
    foreign key (organization_id, payment_id) references payments (organization_id, id)
) strict, without rowid;

CREATE INDEX note_backings_by_payment on note_backings (organization_id, payment_id);

CREATE TABLE notice_charges (
    organization_id integer not null,
    gateway text not null,
    reference text not null,
    event_id text not null,
    primary key (organization_id, gateway, reference, event_id),
    foreign key (organization_id, gateway, event_id)
        references gateway_notices (organization_id, gateway, event_id)
) strict, without rowid;

CREATE TABLE open_requests (
    organization_id integer not null,
    digest text not null,
    refund_id integer not null,
    taken_at integer not null,
    primary key (organization_id, digest),
    foreign key (organization_id) references organizations (organization_id)
) strict, without rowid;

CREATE TABLE organizations (
    organization_id integer not null,
    name text not null,
    base_currency text not null check (length(base_currency) = 3),
    time_zone text not null,
    primary key (organization_id)
) strict, without rowid;

CREATE TABLE parties (
    organization_id integer not null,
    id integer not null,
    role text not null check (role in ('customer', 'vendor')),
    name text not null,
    email text not null,
    is_active integer not null check (is_active in (0, 1)),
    primary key (organization_id, id),
    foreign key (organization_id) references organizations (organization_id)
) strict, without rowid;

CREATE TABLE payment_methods (
    organization_id integer not null,
    id integer not null,
    party_id integer not null,
    mode text not null,
    gateway text not null,
    token text not null,
    card_last_four text check (length(card_last_four) = 4),
    card_expiry_month integer check (card_expiry_month between 1 and 12),
    card_expiry_year integer check (card_expiry_year between 2000 and 9999),
    state text not null check (state in ('active', 'closed')),
    primary key (organization_id, id),
    foreign key (organization_id, party_id) references parties (organization_id, id)
) strict, without rowid;

CREATE TABLE payments (
    organization_id integer not null,
    id integer not null,
    party_id integer not null,
    number text not null,
    state text not null check (state in ('pending', 'succeeded', 'failed', 'canceled')),
    mode text not null,
    gateway text,
    charge_reference text,
    payment_method_id integer,
    currency text not null check (length(currency) = 3),
    captured integer not null check (captured >= 0),
    reserved integer not null check (reserved >= 0),
    refunded integer not null check (refunded >= 0),
    disputed integer not null check (disputed >= 0),
    excess integer not null check (excess >= 0),
    rate text not null,
    received_on integer not null,
    invoice_number text not null, captured_told integer not null default 0 check (captured_told >= 0), captured_seen integer not null default 0 check (captured_seen >= 0), claims integer not null default 0 check (claims >= 0), claims_told integer not null default 0 check (claims_told >= 0), is_disputed integer not null default 0 check (is_disputed in (0, 1)), postings integer not null default 0 check (postings >= 0), is_barred integer not null default 0 check (is_barred in (0, 1)),
    primary key (organization_id, id),
    foreign key (organization_id, party_id) references parties (organization_id, id),
    foreign key (organization_id, payment_method_id) references payment_methods (organization_id, id),
    check (reserved + refunded + disputed <= captured + excess),
    check ((gateway is null) = (charge_reference is null))
) strict, without rowid;

CREATE INDEX payments_by_charge on payments (organization_id, gateway, charge_reference)
    where charge_reference is not null;

CREATE INDEX payments_by_party on payments (organization_id, party_id);

CREATE TABLE payouts (
    organization_id integer not null,
    refund_id integer not null,
    gateway text not null,
    target text not null check (target in ('charge', 'method')),
    target_reference text not null,
    last_four text,
    attempt integer not null check (attempt >= 0),
    key text not null,
    key_sent_at integer,
    lease_until integer,
    due_at integer,
    questions integer not null check (questions >= 0),
    gateway_reference text not null,
    network_reference text not null,
    response_code text not null,
    response_message text not null, unsent integer not null default 0 check (unsent >= 0),
    primary key (organization_id, refund_id),
    unique (organization_id, gateway, key),
    foreign key (organization_id, refund_id) references refunds (organization_id, id)
) strict, without rowid;

CREATE INDEX payouts_by_due on payouts (due_at) where due_at is not null;

CREATE INDEX payouts_by_gateway_reference on payouts (organization_id, gateway, gateway_reference)
    where gateway_reference <> '';

CREATE TABLE refund_actions (
    organization_id integer not null,
    refund_id integer not null,
    at integer not null,
    action text not null check (action in ('cancel', 'retry', 'resolve')),
    actor text not null,
    remark text not null,
    primary key (organization_id, refund_id, at, action, actor),
    foreign key (organization_id, refund_id) references refunds (organization_id, id)
) strict, without rowid;

CREATE TABLE refund_allocations (
    organization_id integer not null,
    refund_id integer not null,
    payment_id integer not null,
    position integer not null check (position > 0),
    amount integer not null check (amount > 0),
    primary key (organization_id, refund_id, payment_id),
    foreign key (organization_id, refund_id) references refunds (organization_id, id),
    foreign key (organization_id, payment_id) references payments (organization_id, id)
) strict, without rowid;

CREATE INDEX refund_allocations_by_payment on refund_allocations (organization_id, payment_id);

CREATE TABLE refund_exceptions (
    organization_id integer not null,
    refund_id integer not null,
    step integer not null,
    at integer not null,
    detail text not null,
    primary key (organization_id, refund_id, step, at),
    foreign key (organization_id, refund_id) references refunds (organization_id, id)
) strict, without rowid;

CREATE TABLE refund_steps (
    organization_id integer not null,
    refund_id integer not null,
    step integer not null check (step > 0),
    event text not null,
    state text not null,
    at integer not null,
    actor text not null,
    remark text not null,
    primary key (organization_id, refund_id, step),
    foreign key (organization_id, refund_id) references refunds (organization_id, id)
) strict, without rowid;

CREATE TABLE refunds (
    organization_id integer not null,
    id integer not null,
    number integer not null check (number > 0),
    party_id integer not null,
    payment_id integer,
    credit_note_id integer,
    payment_method_id integer,
    amount integer not null check (amount > 0),
    currency text not null check (length(currency) = 3),
    rate text not null,
    mode text,
    gateway text,
    state text not null check (state in ('requested', 'awaiting_approval', 'approved', 'submitting', 'pending',
        'unknown', 'succeeded', 'failed', 'canceled', 'voided', 'returned')),
    step integer not null check (step > 0),
    reason text,
    initiator text not null check (initiator in ('merchant', 'customer', 'system')),
    description text not null,
    reference text not null,
    effective_on integer not null,
    created_at integer not null,
    updated_at integer not null,
    settled_at integer,
    created_by integer not null,
    failure_reason text,
    note_remaining_after integer,
    annotations text not null,
    request_digest text, note_shortfall integer not null default 0
    check (note_shortfall between 0 and amount), retry_of integer,
    primary key (organization_id, id),
    unique (organization_id, number),
    foreign key (organization_id, party_id) references parties (organization_id, id),
    foreign key (organization_id, payment_id) references payments (organization_id, id),
    foreign key (organization_id, credit_note_id) references credit_notes (organization_id, id),
    foreign key (organization_id, payment_method_id) references payment_methods (organization_id, id),
    check ((mode is null) <> (gateway is null)),
    check (payment_id is not null or credit_note_id is not null)
) strict, without rowid;

CREATE INDEX refunds_by_note on refunds (organization_id, credit_note_id) where credit_note_id is not null;

CREATE INDEX refunds_by_party on refunds (organization_id, party_id, effective_on, id);

CREATE INDEX refunds_by_payment on refunds (organization_id, payment_id) where payment_id is not null;

CREATE INDEX refunds_by_retry on refunds (organization_id, retry_of) where retry_of is not null;

CREATE INDEX refunds_open_by_request on refunds (organization_id, request_digest)
    where state in ('approved', 'submitting', 'pending', 'unknown');

CREATE TABLE schema_versions (
    version integer not null,
    primary key (version)
) strict, without rowid;

CREATE TABLE sending (
    id integer not null check (id = 1),
    state text not null check (state in ('on', 'off')),
    reason text not null,
    server text not null,
    primary key (id)
) strict, without rowid;

CREATE TABLE settings (
    organization_id integer not null,
    name text not null,
    value text not null,
    primary key (organization_id, name),
    foreign key (organization_id) references organizations (organization_id)
) strict, without rowid;

CREATE TABLE tenants (
    organization_id integer not null,
    dialect text not null,
    external_id text not null,
    primary key (organization_id, dialect, external_id),
    foreign key (organization_id) references organizations (organization_id)
) strict, without rowid;

CREATE TABLE tokens (
    organization_id integer not null,
    hash text not null check (length(hash) = 64),
    client_id integer not null,
    purpose text not null check (purpose in ('access', 'refresh')),
    scopes text not null,
    expires_at integer,
    revoked_at integer,
    primary key (organization_id, hash),
    foreign key (organization_id, client_id) references clients (organization_id, id)
) strict, without rowid;

CREATE INDEX tokens_by_hash on tokens (hash);

-- versions: [1, 2, 3, 4, 5, 6, 7, 8, 9]
