-- AliasSQL

select record_id from aliases where organization_id = $1 and kind = $2 and dialect = $3 and external_id = $4;

insert into aliases (organization_id, kind, dialect, external_id, record_id) values ($1, $2, $3, $4, $5);

select record_id, external_id from aliases where organization_id = $1 and record_id = $2 and dialect = $3 order by external_id limit 1;


-- ChargeReferenceSQL

insert into charge_references (organization_id, gateway, reference, payment_id) values ($1, $2, $3, null) on conflict (organization_id, gateway, reference) do update set reference = excluded.reference returning payment_id;

update charge_references set payment_id = $1 where organization_id = $2 and gateway = $3 and reference = $4 and payment_id is null;

insert into charge_references (organization_id, gateway, reference, payment_id) values ($1, $2, $3, $4) on conflict (organization_id, gateway, reference) do update set payment_id = coalesce(charge_references.payment_id, excluded.payment_id) returning payment_id;

select payment_id from charge_references where organization_id = $1 and gateway = $2 and reference = $3;

select payment_id from charge_references where organization_id = $1 and gateway = $2 and payment_id is not null and exists (select 1 from charge_references o where o.organization_id = $1 and o.gateway = $3 and o.reference = charge_references.reference and o.payment_id is not null) limit 1;


-- ClientSQL

select organization_id, id, public_id, name, secret_hash, scopes, revoked_at from clients where public_id = $1;

select organization_id, id, public_id, name, secret_hash, scopes, revoked_at from clients where organization_id = $1 order by id;

insert into clients (organization_id, id, public_id, name, secret_hash, scopes, revoked_at) values ($1, $2, $3, $4, $5, $6, $7);

update clients set revoked_at = $1 where organization_id = $2 and id = $3 and revoked_at is null;


-- CounterSQL

insert into counters (organization_id, series, next) values ($1, $2, $3 + 1) on conflict (organization_id, series) do update set next = counters.next + $3 returning next;

insert into counters (organization_id, series, next) values ($1, $2, $3) on conflict (organization_id, series) do update set next = excluded.next where counters.next < excluded.next;


-- CreditNoteLineSQL

select id, item_id, name, amount, drawn from credit_note_lines where organization_id = $1 and credit_note_id = $2 order by position;

insert into credit_note_lines (organization_id, credit_note_id, position, id, item_id, name, amount, drawn) values ($1, $2, $3, $4, $5, $6, $7, $8);

update credit_note_lines set drawn = drawn + $1 where organization_id = $2 and id = $3;

update credit_note_lines set drawn = drawn - (select amount from line_draws where organization_id = $1 and refund_id = $2 and line_id = credit_note_lines.id) where organization_id = $1 and id in (select line_id from line_draws where organization_id = $1 and refund_id = $2);


-- CreditNoteSQL

select id, party_id, number, state, currency, total, tax, applied, drawn, lacking, excess, rate, raised_on, reference, payment_id, invoice_number, is_for_refund from credit_notes where organization_id = $1 and id = $2;

select id, party_id, number, state, currency, total, tax, applied, drawn, lacking, excess, rate, raised_on, reference, payment_id, invoice_number, is_for_refund from credit_notes where organization_id = $1 and number = $2;

insert into credit_notes (organization_id, id, party_id, number, state, currency, total, tax, applied, drawn, lacking, excess, rate, raised_on, reference, payment_id, invoice_number, is_for_refund) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

update credit_notes set drawn = drawn where organization_id = $1 and id = $2 returning id, party_id, number, state, currency, total, tax, applied, drawn, lacking, excess, rate, raised_on, reference, payment_id, invoice_number, is_for_refund;

update credit_notes set drawn = drawn + $1 where organization_id = $2 and id = $3 and state = 'open' and applied + drawn + $1 <= total and currency = $4 returning id, party_id, number, state, currency, total, tax, applied, drawn, lacking, excess, rate, raised_on, reference, payment_id, invoice_number, is_for_refund;

update credit_notes set drawn = drawn + $1, lacking = lacking + $2 where organization_id = $3 and id = $4 and lacking + $2 <= 4000000000000000000 returning id, party_id, number, state, currency, total, tax, applied, drawn, lacking, excess, rate, raised_on, reference, payment_id, invoice_number, is_for_refund;

update credit_notes set excess = $1 where organization_id = $2 and id = $3;

update credit_notes set state = 'void' where organization_id = $1 and id = $2 and drawn = 0;

update credit_notes set state = $1, applied = $2, payment_id = $3 where organization_id = $4 and id = $5 and $2 + drawn <= total returning id, party_id, number, state, currency, total, tax, applied, drawn, lacking, excess, rate, raised_on, reference, payment_id, invoice_number, is_for_refund;

update credit_notes set postings = postings + 1 where organization_id = $1 and id = $2 returning postings;

select coalesce(cast(sum(amount) as bigint), 0), coalesce(cast(sum(coalesce((select sum(a.amount) from refund_allocations a where a.organization_id = refunds.organization_id and a.refund_id = refunds.id), 0)) as bigint), 0), coalesce((select cast(sum(b.amount) as bigint) from note_backings b where b.organization_id = $1 and b.credit_note_id = $2), 0) from refunds where organization_id = $1 and credit_note_id = $2 and state not in ('failed', 'canceled', 'voided', 'returned');

select id, note_shortfall from refunds where organization_id = $1 and credit_note_id = $2 and note_shortfall > 0 order by id;

update refunds set note_shortfall = note_shortfall - $1 where organization_id = $2 and id = $3;


-- DisputeSQL

select gateway, reference, payment_id, amount, currency, state, reason, claim, withdrawn, is_loss from charge_disputes where organization_id = $1 and gateway = $2 and reference = $3;

select gateway, reference, payment_id, amount, currency, state, reason, claim, withdrawn, is_loss from charge_disputes where organization_id = $1 and payment_id = $2;

insert into charge_disputes (organization_id, gateway, reference, payment_id, amount, currency, state, reason, claim, withdrawn, is_loss, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (organization_id, gateway, reference) do update set amount = excluded.amount, currency = excluded.currency, state = excluded.state, reason = excluded.reason, claim = excluded.claim, withdrawn = excluded.withdrawn, is_loss = excluded.is_loss, updated_at = excluded.updated_at;

select told_at, stage, amount, currency from dispute_steps where organization_id = $1 and gateway = $2 and reference = $3;

insert into dispute_steps (organization_id, gateway, event_id, reference, told_at, stage, amount, currency) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing;


-- ExceptionSQL

select organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision from exceptions where organization_id = $1 and id = $2;

insert into exceptions (organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', null, null, null, 1) on conflict (organization_id, id) do nothing returning revision;

update exceptions set cause = $1, detail = $2, fact = $3, opened_at = case when state = 'open' then opened_at else $4 end, state = 'open', resolved_at = null, resolved_by = null, resolution = null, revision = revision + 1 where organization_id = $5 and id = $6 and revision = $7 returning revision;

update exceptions set opened_at = $1, state = 'open', resolved_at = null, resolved_by = null, resolution = null, revision = revision + 1 where organization_id = $2 and id = $3 and state = 'resolved' returning organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision;

update exceptions set state = 'resolved', resolved_at = $1, resolved_by = $2, resolution = $3, revision = revision + 1 where organization_id = $4 and id = $5 and state = 'open' returning organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision;

select organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision from exceptions where organization_id = $1 and payment_id = $2 and kind = $3 and state = 'open' order by opened_at, id;

select organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision from exceptions where organization_id = $1 and $2 = $2 and kind in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12) and state in ($13, $14) and (opened_at, id) < ($15, $16) order by opened_at desc, id desc limit $17;

select organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision from exceptions where organization_id = $1 and refund_id = $2 and kind in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12) and state in ($13, $14) and (opened_at, id) < ($15, $16) order by opened_at desc, id desc limit $17;

select organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision from exceptions where organization_id = $1 and payment_id = $2 and kind in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12) and state in ($13, $14) and (opened_at, id) < ($15, $16) order by opened_at desc, id desc limit $17;


-- ExceptionStepSQL

insert into exception_steps (organization_id, exception_id, revision, event, at, actor, remark) values ($1, $2, $3, $4, $5, $6, $7);

select revision, event, at, actor, remark from exception_steps where organization_id = $1 and exception_id = $2 order by revision;


-- GatewayFeeSQL

insert into gateway_fees (organization_id, id, refund_id, gateway, reference, amount, currency, posted_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (organization_id, gateway, reference) do nothing returning id;

select id, refund_id, gateway, reference, amount, currency, posted_at from gateway_fees where organization_id = $1 and refund_id = $2 order by id;


-- GatewayNoticeSQL

insert into gateway_notices (organization_id, gateway, event_id, received_at, kept, due_at, tries, applied_at, detail) values ($1, $2, $3, $4, $5, $6, 0, null, '') on conflict do nothing;

select organization_id, gateway, event_id, kept, received_at, due_at, tries from gateway_notices where due_at <= $1 order by due_at limit $2;

update gateway_notices set due_at = $1, tries = tries + 1, applied_at = $2, detail = $3 where organization_id = $4 and gateway = $5 and event_id = $6 and due_at = $7 returning tries;


-- GatewaySQL

select organization_id, id, name, kind, is_active, revision from gateways where organization_id = $1 order by id;

select organization_id, id, name, kind, is_active, revision from gateways where id = $1;

insert into gateways (organization_id, id, name, kind, is_active, revision) values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id;

update gateways set is_active = $1, revision = revision + 1 where organization_id = $2 and id = $3 and revision = $4 returning revision;

select gateway_id, name, value, is_sealed from gateway_settings where organization_id = $1 order by gateway_id, name;

delete from gateway_settings where organization_id = $1 and gateway_id = $2;

insert into gateway_settings (organization_id, gateway_id, name, value, is_sealed) values ($1, $2, $3, $4, $5);


-- GatewayTurnSQL

insert into gateway_turns (organization_id, gateway, line, next_at) values ($1, $2, $3, cast($4 as bigint) + $5) on conflict (organization_id, gateway, line) do update set next_at = case when gateway_turns.next_at > $4 and gateway_turns.next_at <= $6 then gateway_turns.next_at else $4 end + $5 where gateway_turns.next_at <= $7 or gateway_turns.next_at > $6 returning next_at;

update gateway_turns set next_at = next_at - $1 where organization_id = $2 and gateway = $3 and line = $4;

insert into gateway_turns (organization_id, gateway, line, next_at) values ($1, $2, $3, $4) on conflict (organization_id, gateway, line) do update set next_at = excluded.next_at where gateway_turns.next_at < excluded.next_at;


-- IdempotencySQL

insert into idempotency_records (organization_id, space, key, digest, refund_id, created_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning created_at;

select digest, refund_id, created_at, answer_status, answer_body from idempotency_records where organization_id = $1 and space = $2 and key = $3;

update idempotency_records set answer_status = $1, answer_body = $2 where organization_id = $3 and space = $4 and key = $5 and answer_status is null;

delete from idempotency_records where organization_id = $1 and space = $2 and key = $3 and refund_id is null and created_at <= $4;


-- JournalSQL

insert into journal_lines (organization_id, record_id, step, line, cause, account, currency, amount, base_amount, effective_on, recorded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

select step, cause, account, currency, amount, base_amount, effective_on, recorded_at from journal_lines where organization_id = $1 and record_id = $2 order by step, line;


-- LineDrawSQL

insert into line_draws (organization_id, refund_id, line_id, amount) values ($1, $2, $3, $4) on conflict (organization_id, refund_id, line_id) do update set amount = line_draws.amount + excluded.amount;

select line_id, amount from line_draws where organization_id = $1 and refund_id = $2 order by line_id;

delete from line_draws where organization_id = $1 and refund_id = $2;


-- MovedTableSQL

select organization_id, name, base_currency, time_zone from organizations order by organization_id limit $1;

select organization_id, name, base_currency, time_zone from organizations where (organization_id) > ($1) order by organization_id limit $2;

insert into organizations (organization_id, name, base_currency, time_zone) values ($1, $2, $3, $4);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(name), count(base_currency), count(time_zone) from organizations;

select organization_id, dialect, external_id from tenants order by organization_id, dialect, external_id limit $1;

select organization_id, dialect, external_id from tenants where (organization_id, dialect, external_id) > ($1, $2, $3) order by organization_id, dialect, external_id limit $4;

insert into tenants (organization_id, dialect, external_id) values ($1, $2, $3);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(dialect), count(external_id) from tenants;

select organization_id, name, value from settings order by organization_id, name limit $1;

select organization_id, name, value from settings where (organization_id, name) > ($1, $2) order by organization_id, name limit $3;

insert into settings (organization_id, name, value) values ($1, $2, $3);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(name), count(value) from settings;

select organization_id, id, public_id, name, secret_hash, scopes, revoked_at from clients order by organization_id, id limit $1;

select organization_id, id, public_id, name, secret_hash, scopes, revoked_at from clients where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into clients (organization_id, id, public_id, name, secret_hash, scopes, revoked_at) values ($1, $2, $3, $4, $5, $6, $7);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(public_id), count(name), count(secret_hash), count(scopes), count(revoked_at), coalesce(cast(sum(revoked_at / 4294967296) as bigint), 0), coalesce(cast(sum(revoked_at % 4294967296) as bigint), 0) from clients;

select organization_id, hash, client_id, purpose, scopes, expires_at, revoked_at from tokens order by organization_id, hash limit $1;

select organization_id, hash, client_id, purpose, scopes, expires_at, revoked_at from tokens where (organization_id, hash) > ($1, $2) order by organization_id, hash limit $3;

insert into tokens (organization_id, hash, client_id, purpose, scopes, expires_at, revoked_at) values ($1, $2, $3, $4, $5, $6, $7);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(hash), count(client_id), coalesce(cast(sum(client_id / 4294967296) as bigint), 0), coalesce(cast(sum(client_id % 4294967296) as bigint), 0), count(purpose), count(scopes), count(expires_at), coalesce(cast(sum(expires_at / 4294967296) as bigint), 0), coalesce(cast(sum(expires_at % 4294967296) as bigint), 0), count(revoked_at), coalesce(cast(sum(revoked_at / 4294967296) as bigint), 0), coalesce(cast(sum(revoked_at % 4294967296) as bigint), 0) from tokens;

select organization_id, kind, dialect, external_id, record_id from aliases order by organization_id, kind, dialect, external_id limit $1;

select organization_id, kind, dialect, external_id, record_id from aliases where (organization_id, kind, dialect, external_id) > ($1, $2, $3, $4) order by organization_id, kind, dialect, external_id limit $5;

insert into aliases (organization_id, kind, dialect, external_id, record_id) values ($1, $2, $3, $4, $5);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(kind), count(dialect), count(external_id), count(record_id), coalesce(cast(sum(record_id / 4294967296) as bigint), 0), coalesce(cast(sum(record_id % 4294967296) as bigint), 0) from aliases;

select organization_id, id, role, name, email, is_active from parties order by organization_id, id limit $1;

select organization_id, id, role, name, email, is_active from parties where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into parties (organization_id, id, role, name, email, is_active) values ($1, $2, $3, $4, $5, $6);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(role), count(name), count(email), count(is_active), coalesce(cast(sum(is_active / 4294967296) as bigint), 0), coalesce(cast(sum(is_active % 4294967296) as bigint), 0) from parties;

select organization_id, id, party_id, mode, gateway, token, card_last_four, card_expiry_month, card_expiry_year, state from payment_methods order by organization_id, id limit $1;

select organization_id, id, party_id, mode, gateway, token, card_last_four, card_expiry_month, card_expiry_year, state from payment_methods where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into payment_methods (organization_id, id, party_id, mode, gateway, token, card_last_four, card_expiry_month, card_expiry_year, state) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(party_id), coalesce(cast(sum(party_id / 4294967296) as bigint), 0), coalesce(cast(sum(party_id % 4294967296) as bigint), 0), count(mode), count(gateway), count(token), count(card_last_four), count(card_expiry_month), coalesce(cast(sum(card_expiry_month / 4294967296) as bigint), 0), coalesce(cast(sum(card_expiry_month % 4294967296) as bigint), 0), count(card_expiry_year), coalesce(cast(sum(card_expiry_year / 4294967296) as bigint), 0), coalesce(cast(sum(card_expiry_year % 4294967296) as bigint), 0), count(state) from payment_methods;

select organization_id, id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured, reserved, refunded, disputed, excess, rate, received_on, invoice_number, captured_told, captured_seen, claims, claims_told, is_disputed, postings, is_barred from payments order by organization_id, id limit $1;

select organization_id, id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured, reserved, refunded, disputed, excess, rate, received_on, invoice_number, captured_told, captured_seen, claims, claims_told, is_disputed, postings, is_barred from payments where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into payments (organization_id, id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured, reserved, refunded, disputed, excess, rate, received_on, invoice_number, captured_told, captured_seen, claims, claims_told, is_disputed, postings, is_barred) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(party_id), coalesce(cast(sum(party_id / 4294967296) as bigint), 0), coalesce(cast(sum(party_id % 4294967296) as bigint), 0), count(number), count(state), count(mode), count(gateway), count(charge_reference), count(payment_method_id), coalesce(cast(sum(payment_method_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_method_id % 4294967296) as bigint), 0), count(currency), count(captured), coalesce(cast(sum(captured / 4294967296) as bigint), 0), coalesce(cast(sum(captured % 4294967296) as bigint), 0), count(reserved), coalesce(cast(sum(reserved / 4294967296) as bigint), 0), coalesce(cast(sum(reserved % 4294967296) as bigint), 0), count(refunded), coalesce(cast(sum(refunded / 4294967296) as bigint), 0), coalesce(cast(sum(refunded % 4294967296) as bigint), 0), count(disputed), coalesce(cast(sum(disputed / 4294967296) as bigint), 0), coalesce(cast(sum(disputed % 4294967296) as bigint), 0), count(excess), coalesce(cast(sum(excess / 4294967296) as bigint), 0), coalesce(cast(sum(excess % 4294967296) as bigint), 0), count(rate), count(received_on), coalesce(cast(sum(received_on / 4294967296) as bigint), 0), coalesce(cast(sum(received_on % 4294967296) as bigint), 0), count(invoice_number), count(captured_told), coalesce(cast(sum(captured_told / 4294967296) as bigint), 0), coalesce(cast(sum(captured_told % 4294967296) as bigint), 0), count(captured_seen), coalesce(cast(sum(captured_seen / 4294967296) as bigint), 0), coalesce(cast(sum(captured_seen % 4294967296) as bigint), 0), count(claims), coalesce(cast(sum(claims / 4294967296) as bigint), 0), coalesce(cast(sum(claims % 4294967296) as bigint), 0), count(claims_told), coalesce(cast(sum(claims_told / 4294967296) as bigint), 0), coalesce(cast(sum(claims_told % 4294967296) as bigint), 0), count(is_disputed), coalesce(cast(sum(is_disputed / 4294967296) as bigint), 0), coalesce(cast(sum(is_disputed % 4294967296) as bigint), 0), count(postings), coalesce(cast(sum(postings / 4294967296) as bigint), 0), coalesce(cast(sum(postings % 4294967296) as bigint), 0), count(is_barred), coalesce(cast(sum(is_barred / 4294967296) as bigint), 0), coalesce(cast(sum(is_barred % 4294967296) as bigint), 0) from payments;

select organization_id, id, party_id, number, state, currency, total, tax, applied, drawn, rate, raised_on, reference, payment_id, invoice_number, is_for_refund, lacking, excess, postings from credit_notes order by organization_id, id limit $1;

select organization_id, id, party_id, number, state, currency, total, tax, applied, drawn, rate, raised_on, reference, payment_id, invoice_number, is_for_refund, lacking, excess, postings from credit_notes where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into credit_notes (organization_id, id, party_id, number, state, currency, total, tax, applied, drawn, rate, raised_on, reference, payment_id, invoice_number, is_for_refund, lacking, excess, postings) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(party_id), coalesce(cast(sum(party_id / 4294967296) as bigint), 0), coalesce(cast(sum(party_id % 4294967296) as bigint), 0), count(number), count(state), count(currency), count(total), coalesce(cast(sum(total / 4294967296) as bigint), 0), coalesce(cast(sum(total % 4294967296) as bigint), 0), count(tax), coalesce(cast(sum(tax / 4294967296) as bigint), 0), coalesce(cast(sum(tax % 4294967296) as bigint), 0), count(applied), coalesce(cast(sum(applied / 4294967296) as bigint), 0), coalesce(cast(sum(applied % 4294967296) as bigint), 0), count(drawn), coalesce(cast(sum(drawn / 4294967296) as bigint), 0), coalesce(cast(sum(drawn % 4294967296) as bigint), 0), count(rate), count(raised_on), coalesce(cast(sum(raised_on / 4294967296) as bigint), 0), coalesce(cast(sum(raised_on % 4294967296) as bigint), 0), count(reference), count(payment_id), coalesce(cast(sum(payment_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_id % 4294967296) as bigint), 0), count(invoice_number), count(is_for_refund), coalesce(cast(sum(is_for_refund / 4294967296) as bigint), 0), coalesce(cast(sum(is_for_refund % 4294967296) as bigint), 0), count(lacking), coalesce(cast(sum(lacking / 4294967296) as bigint), 0), coalesce(cast(sum(lacking % 4294967296) as bigint), 0), count(excess), coalesce(cast(sum(excess / 4294967296) as bigint), 0), coalesce(cast(sum(excess % 4294967296) as bigint), 0), count(postings), coalesce(cast(sum(postings / 4294967296) as bigint), 0), coalesce(cast(sum(postings % 4294967296) as bigint), 0) from credit_notes;

select organization_id, credit_note_id, position, id, item_id, name, amount, drawn from credit_note_lines order by organization_id, credit_note_id, position limit $1;

select organization_id, credit_note_id, position, id, item_id, name, amount, drawn from credit_note_lines where (organization_id, credit_note_id, position) > ($1, $2, $3) order by organization_id, credit_note_id, position limit $4;

insert into credit_note_lines (organization_id, credit_note_id, position, id, item_id, name, amount, drawn) values ($1, $2, $3, $4, $5, $6, $7, $8);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(credit_note_id), coalesce(cast(sum(credit_note_id / 4294967296) as bigint), 0), coalesce(cast(sum(credit_note_id % 4294967296) as bigint), 0), count(position), coalesce(cast(sum(position / 4294967296) as bigint), 0), coalesce(cast(sum(position % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(item_id), coalesce(cast(sum(item_id / 4294967296) as bigint), 0), coalesce(cast(sum(item_id % 4294967296) as bigint), 0), count(name), count(amount), coalesce(cast(sum(amount / 4294967296) as bigint), 0), coalesce(cast(sum(amount % 4294967296) as bigint), 0), count(drawn), coalesce(cast(sum(drawn / 4294967296) as bigint), 0), coalesce(cast(sum(drawn % 4294967296) as bigint), 0) from credit_note_lines;

select organization_id, id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, request_digest, note_shortfall, retry_of from refunds order by organization_id, id limit $1;

select organization_id, id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, request_digest, note_shortfall, retry_of from refunds where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into refunds (organization_id, id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, request_digest, note_shortfall, retry_of) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(number), coalesce(cast(sum(number / 4294967296) as bigint), 0), coalesce(cast(sum(number % 4294967296) as bigint), 0), count(party_id), coalesce(cast(sum(party_id / 4294967296) as bigint), 0), coalesce(cast(sum(party_id % 4294967296) as bigint), 0), count(payment_id), coalesce(cast(sum(payment_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_id % 4294967296) as bigint), 0), count(credit_note_id), coalesce(cast(sum(credit_note_id / 4294967296) as bigint), 0), coalesce(cast(sum(credit_note_id % 4294967296) as bigint), 0), count(payment_method_id), coalesce(cast(sum(payment_method_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_method_id % 4294967296) as bigint), 0), count(amount), coalesce(cast(sum(amount / 4294967296) as bigint), 0), coalesce(cast(sum(amount % 4294967296) as bigint), 0), count(currency), count(rate), count(mode), count(gateway), count(state), count(step), coalesce(cast(sum(step / 4294967296) as bigint), 0), coalesce(cast(sum(step % 4294967296) as bigint), 0), count(reason), count(initiator), count(description), count(reference), count(effective_on), coalesce(cast(sum(effective_on / 4294967296) as bigint), 0), coalesce(cast(sum(effective_on % 4294967296) as bigint), 0), count(created_at), coalesce(cast(sum(created_at / 4294967296) as bigint), 0), coalesce(cast(sum(created_at % 4294967296) as bigint), 0), count(updated_at), coalesce(cast(sum(updated_at / 4294967296) as bigint), 0), coalesce(cast(sum(updated_at % 4294967296) as bigint), 0), count(settled_at), coalesce(cast(sum(settled_at / 4294967296) as bigint), 0), coalesce(cast(sum(settled_at % 4294967296) as bigint), 0), count(created_by), coalesce(cast(sum(created_by / 4294967296) as bigint), 0), coalesce(cast(sum(created_by % 4294967296) as bigint), 0), count(failure_reason), count(note_remaining_after), coalesce(cast(sum(note_remaining_after / 4294967296) as bigint), 0), coalesce(cast(sum(note_remaining_after % 4294967296) as bigint), 0), count(annotations), count(request_digest), count(note_shortfall), coalesce(cast(sum(note_shortfall / 4294967296) as bigint), 0), coalesce(cast(sum(note_shortfall % 4294967296) as bigint), 0), count(retry_of), coalesce(cast(sum(retry_of / 4294967296) as bigint), 0), coalesce(cast(sum(retry_of % 4294967296) as bigint), 0) from refunds;

select organization_id, refund_id, gateway, target, target_reference, last_four, attempt, key, key_sent_at, lease_until, due_at, questions, gateway_reference, network_reference, response_code, response_message, unsent from payouts order by organization_id, refund_id limit $1;

select organization_id, refund_id, gateway, target, target_reference, last_four, attempt, key, key_sent_at, lease_until, due_at, questions, gateway_reference, network_reference, response_code, response_message, unsent from payouts where (organization_id, refund_id) > ($1, $2) order by organization_id, refund_id limit $3;

insert into payouts (organization_id, refund_id, gateway, target, target_reference, last_four, attempt, key, key_sent_at, lease_until, due_at, questions, gateway_reference, network_reference, response_code, response_message, unsent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(gateway), count(target), count(target_reference), count(last_four), count(attempt), coalesce(cast(sum(attempt / 4294967296) as bigint), 0), coalesce(cast(sum(attempt % 4294967296) as bigint), 0), count(key), count(key_sent_at), coalesce(cast(sum(key_sent_at / 4294967296) as bigint), 0), coalesce(cast(sum(key_sent_at % 4294967296) as bigint), 0), count(lease_until), coalesce(cast(sum(lease_until / 4294967296) as bigint), 0), coalesce(cast(sum(lease_until % 4294967296) as bigint), 0), count(due_at), coalesce(cast(sum(due_at / 4294967296) as bigint), 0), coalesce(cast(sum(due_at % 4294967296) as bigint), 0), count(questions), coalesce(cast(sum(questions / 4294967296) as bigint), 0), coalesce(cast(sum(questions % 4294967296) as bigint), 0), count(gateway_reference), count(network_reference), count(response_code), count(response_message), count(unsent), coalesce(cast(sum(unsent / 4294967296) as bigint), 0), coalesce(cast(sum(unsent % 4294967296) as bigint), 0) from payouts;

select organization_id, refund_id, line_id, amount from line_draws order by organization_id, refund_id, line_id limit $1;

select organization_id, refund_id, line_id, amount from line_draws where (organization_id, refund_id, line_id) > ($1, $2, $3) order by organization_id, refund_id, line_id limit $4;

insert into line_draws (organization_id, refund_id, line_id, amount) values ($1, $2, $3, $4);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(line_id), coalesce(cast(sum(line_id / 4294967296) as bigint), 0), coalesce(cast(sum(line_id % 4294967296) as bigint), 0), count(amount), coalesce(cast(sum(amount / 4294967296) as bigint), 0), coalesce(cast(sum(amount % 4294967296) as bigint), 0) from line_draws;

select organization_id, refund_id, step, event, state, at, actor, remark from refund_steps order by organization_id, refund_id, step limit $1;

select organization_id, refund_id, step, event, state, at, actor, remark from refund_steps where (organization_id, refund_id, step) > ($1, $2, $3) order by organization_id, refund_id, step limit $4;

insert into refund_steps (organization_id, refund_id, step, event, state, at, actor, remark) values ($1, $2, $3, $4, $5, $6, $7, $8);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(step), coalesce(cast(sum(step / 4294967296) as bigint), 0), coalesce(cast(sum(step % 4294967296) as bigint), 0), count(event), count(state), count(at), coalesce(cast(sum(at / 4294967296) as bigint), 0), coalesce(cast(sum(at % 4294967296) as bigint), 0), count(actor), count(remark) from refund_steps;

select organization_id, record_id, step, line, cause, account, currency, amount, base_amount, effective_on, recorded_at from journal_lines order by organization_id, record_id, step, line limit $1;

select organization_id, record_id, step, line, cause, account, currency, amount, base_amount, effective_on, recorded_at from journal_lines where (organization_id, record_id, step, line) > ($1, $2, $3, $4) order by organization_id, record_id, step, line limit $5;

insert into journal_lines (organization_id, record_id, step, line, cause, account, currency, amount, base_amount, effective_on, recorded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(record_id), coalesce(cast(sum(record_id / 4294967296) as bigint), 0), coalesce(cast(sum(record_id % 4294967296) as bigint), 0), count(step), coalesce(cast(sum(step / 4294967296) as bigint), 0), coalesce(cast(sum(step % 4294967296) as bigint), 0), count(line), coalesce(cast(sum(line / 4294967296) as bigint), 0), coalesce(cast(sum(line % 4294967296) as bigint), 0), count(cause), count(account), count(currency), count(amount), coalesce(cast(sum(amount / 4294967296) as bigint), 0), coalesce(cast(sum(amount % 4294967296) as bigint), 0), count(base_amount), coalesce(cast(sum(base_amount / 4294967296) as bigint), 0), coalesce(cast(sum(base_amount % 4294967296) as bigint), 0), count(effective_on), coalesce(cast(sum(effective_on / 4294967296) as bigint), 0), coalesce(cast(sum(effective_on % 4294967296) as bigint), 0), count(recorded_at), coalesce(cast(sum(recorded_at / 4294967296) as bigint), 0), coalesce(cast(sum(recorded_at % 4294967296) as bigint), 0) from journal_lines;

select organization_id, space, key, digest, refund_id, created_at, answer_status, answer_body from idempotency_records order by organization_id, space, key limit $1;

select organization_id, space, key, digest, refund_id, created_at, answer_status, answer_body from idempotency_records where (organization_id, space, key) > ($1, $2, $3) order by organization_id, space, key limit $4;

insert into idempotency_records (organization_id, space, key, digest, refund_id, created_at, answer_status, answer_body) values ($1, $2, $3, $4, $5, $6, $7, $8);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(space), count(key), count(digest), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(created_at), coalesce(cast(sum(created_at / 4294967296) as bigint), 0), coalesce(cast(sum(created_at % 4294967296) as bigint), 0), count(answer_status), coalesce(cast(sum(answer_status / 4294967296) as bigint), 0), coalesce(cast(sum(answer_status % 4294967296) as bigint), 0), count(answer_body) from idempotency_records;

select organization_id, series, next from counters order by organization_id, series limit $1;

select organization_id, series, next from counters where (organization_id, series) > ($1, $2) order by organization_id, series limit $3;

insert into counters (organization_id, series, next) values ($1, $2, $3);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(series), count(next), coalesce(cast(sum(next / 4294967296) as bigint), 0), coalesce(cast(sum(next % 4294967296) as bigint), 0) from counters;

select organization_id, refund_id, step, at, detail from refund_exceptions order by organization_id, refund_id, step, at limit $1;

select organization_id, refund_id, step, at, detail from refund_exceptions where (organization_id, refund_id, step, at) > ($1, $2, $3, $4) order by organization_id, refund_id, step, at limit $5;

insert into refund_exceptions (organization_id, refund_id, step, at, detail) values ($1, $2, $3, $4, $5);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(step), coalesce(cast(sum(step / 4294967296) as bigint), 0), coalesce(cast(sum(step % 4294967296) as bigint), 0), count(at), coalesce(cast(sum(at / 4294967296) as bigint), 0), coalesce(cast(sum(at % 4294967296) as bigint), 0), count(detail) from refund_exceptions;

select organization_id, id, name, kind, is_active, revision from gateways order by organization_id, id limit $1;

select organization_id, id, name, kind, is_active, revision from gateways where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into gateways (organization_id, id, name, kind, is_active, revision) values ($1, $2, $3, $4, $5, $6);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(name), count(kind), count(is_active), coalesce(cast(sum(is_active / 4294967296) as bigint), 0), coalesce(cast(sum(is_active % 4294967296) as bigint), 0), count(revision), coalesce(cast(sum(revision / 4294967296) as bigint), 0), coalesce(cast(sum(revision % 4294967296) as bigint), 0) from gateways;

select organization_id, gateway_id, name, value, is_sealed from gateway_settings order by organization_id, gateway_id, name limit $1;

select organization_id, gateway_id, name, value, is_sealed from gateway_settings where (organization_id, gateway_id, name) > ($1, $2, $3) order by organization_id, gateway_id, name limit $4;

insert into gateway_settings (organization_id, gateway_id, name, value, is_sealed) values ($1, $2, $3, $4, $5);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(gateway_id), coalesce(cast(sum(gateway_id / 4294967296) as bigint), 0), coalesce(cast(sum(gateway_id % 4294967296) as bigint), 0), count(name), count(value), count(is_sealed), coalesce(cast(sum(is_sealed / 4294967296) as bigint), 0), coalesce(cast(sum(is_sealed % 4294967296) as bigint), 0) from gateway_settings;

select organization_id, gateway, event_id, received_at, kept, due_at, tries, applied_at, detail from gateway_notices order by organization_id, gateway, event_id limit $1;

select organization_id, gateway, event_id, received_at, kept, due_at, tries, applied_at, detail from gateway_notices where (organization_id, gateway, event_id) > ($1, $2, $3) order by organization_id, gateway, event_id limit $4;

insert into gateway_notices (organization_id, gateway, event_id, received_at, kept, due_at, tries, applied_at, detail) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(gateway), count(event_id), count(received_at), coalesce(cast(sum(received_at / 4294967296) as bigint), 0), coalesce(cast(sum(received_at % 4294967296) as bigint), 0), count(kept), count(due_at), coalesce(cast(sum(due_at / 4294967296) as bigint), 0), coalesce(cast(sum(due_at % 4294967296) as bigint), 0), count(tries), coalesce(cast(sum(tries / 4294967296) as bigint), 0), coalesce(cast(sum(tries % 4294967296) as bigint), 0), count(applied_at), coalesce(cast(sum(applied_at / 4294967296) as bigint), 0), coalesce(cast(sum(applied_at % 4294967296) as bigint), 0), count(detail) from gateway_notices;

select organization_id, gateway, line, next_at from gateway_turns order by organization_id, gateway, line limit $1;

select organization_id, gateway, line, next_at from gateway_turns where (organization_id, gateway, line) > ($1, $2, $3) order by organization_id, gateway, line limit $4;

insert into gateway_turns (organization_id, gateway, line, next_at) values ($1, $2, $3, $4);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(gateway), count(line), count(next_at), coalesce(cast(sum(next_at / 4294967296) as bigint), 0), coalesce(cast(sum(next_at % 4294967296) as bigint), 0) from gateway_turns;

select organization_id, id, refund_id, gateway, reference, amount, currency, posted_at from gateway_fees order by organization_id, id limit $1;

select organization_id, id, refund_id, gateway, reference, amount, currency, posted_at from gateway_fees where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into gateway_fees (organization_id, id, refund_id, gateway, reference, amount, currency, posted_at) values ($1, $2, $3, $4, $5, $6, $7, $8);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(gateway), count(reference), count(amount), coalesce(cast(sum(amount / 4294967296) as bigint), 0), coalesce(cast(sum(amount % 4294967296) as bigint), 0), count(currency), count(posted_at), coalesce(cast(sum(posted_at / 4294967296) as bigint), 0), coalesce(cast(sum(posted_at % 4294967296) as bigint), 0) from gateway_fees;

select organization_id, credit_note_id, payment_id, position, amount, amount_max, allocated from note_backings order by organization_id, credit_note_id, payment_id limit $1;

select organization_id, credit_note_id, payment_id, position, amount, amount_max, allocated from note_backings where (organization_id, credit_note_id, payment_id) > ($1, $2, $3) order by organization_id, credit_note_id, payment_id limit $4;

insert into note_backings (organization_id, credit_note_id, payment_id, position, amount, amount_max, allocated) values ($1, $2, $3, $4, $5, $6, $7);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(credit_note_id), coalesce(cast(sum(credit_note_id / 4294967296) as bigint), 0), coalesce(cast(sum(credit_note_id % 4294967296) as bigint), 0), count(payment_id), coalesce(cast(sum(payment_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_id % 4294967296) as bigint), 0), count(position), coalesce(cast(sum(position / 4294967296) as bigint), 0), coalesce(cast(sum(position % 4294967296) as bigint), 0), count(amount), coalesce(cast(sum(amount / 4294967296) as bigint), 0), coalesce(cast(sum(amount % 4294967296) as bigint), 0), count(amount_max), coalesce(cast(sum(amount_max / 4294967296) as bigint), 0), coalesce(cast(sum(amount_max % 4294967296) as bigint), 0), count(allocated), coalesce(cast(sum(allocated / 4294967296) as bigint), 0), coalesce(cast(sum(allocated % 4294967296) as bigint), 0) from note_backings;

select organization_id, refund_id, payment_id, position, amount from refund_allocations order by organization_id, refund_id, payment_id limit $1;

select organization_id, refund_id, payment_id, position, amount from refund_allocations where (organization_id, refund_id, payment_id) > ($1, $2, $3) order by organization_id, refund_id, payment_id limit $4;

insert into refund_allocations (organization_id, refund_id, payment_id, position, amount) values ($1, $2, $3, $4, $5);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(payment_id), coalesce(cast(sum(payment_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_id % 4294967296) as bigint), 0), count(position), coalesce(cast(sum(position / 4294967296) as bigint), 0), coalesce(cast(sum(position % 4294967296) as bigint), 0), count(amount), coalesce(cast(sum(amount / 4294967296) as bigint), 0), coalesce(cast(sum(amount % 4294967296) as bigint), 0) from refund_allocations;

select organization_id, gateway, reference, payment_id, amount, currency, state, reason, claim, withdrawn, is_loss, updated_at from charge_disputes order by organization_id, gateway, reference limit $1;

select organization_id, gateway, reference, payment_id, amount, currency, state, reason, claim, withdrawn, is_loss, updated_at from charge_disputes where (organization_id, gateway, reference) > ($1, $2, $3) order by organization_id, gateway, reference limit $4;

insert into charge_disputes (organization_id, gateway, reference, payment_id, amount, currency, state, reason, claim, withdrawn, is_loss, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(gateway), count(reference), count(payment_id), coalesce(cast(sum(payment_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_id % 4294967296) as bigint), 0), count(amount), coalesce(cast(sum(amount / 4294967296) as bigint), 0), coalesce(cast(sum(amount % 4294967296) as bigint), 0), count(currency), count(state), count(reason), count(claim), coalesce(cast(sum(claim / 4294967296) as bigint), 0), coalesce(cast(sum(claim % 4294967296) as bigint), 0), count(withdrawn), coalesce(cast(sum(withdrawn / 4294967296) as bigint), 0), coalesce(cast(sum(withdrawn % 4294967296) as bigint), 0), count(is_loss), coalesce(cast(sum(is_loss / 4294967296) as bigint), 0), coalesce(cast(sum(is_loss % 4294967296) as bigint), 0), count(updated_at), coalesce(cast(sum(updated_at / 4294967296) as bigint), 0), coalesce(cast(sum(updated_at % 4294967296) as bigint), 0) from charge_disputes;

select organization_id, gateway, event_id, reference, told_at, stage, amount, currency from dispute_steps order by organization_id, gateway, event_id, stage limit $1;

select organization_id, gateway, event_id, reference, told_at, stage, amount, currency from dispute_steps where (organization_id, gateway, event_id, stage) > ($1, $2, $3, $4) order by organization_id, gateway, event_id, stage limit $5;

insert into dispute_steps (organization_id, gateway, event_id, reference, told_at, stage, amount, currency) values ($1, $2, $3, $4, $5, $6, $7, $8);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(gateway), count(event_id), count(reference), count(told_at), coalesce(cast(sum(told_at / 4294967296) as bigint), 0), coalesce(cast(sum(told_at % 4294967296) as bigint), 0), count(stage), count(amount), coalesce(cast(sum(amount / 4294967296) as bigint), 0), coalesce(cast(sum(amount % 4294967296) as bigint), 0), count(currency) from dispute_steps;

select organization_id, digest, refund_id, taken_at from open_requests order by organization_id, digest limit $1;

select organization_id, digest, refund_id, taken_at from open_requests where (organization_id, digest) > ($1, $2) order by organization_id, digest limit $3;

insert into open_requests (organization_id, digest, refund_id, taken_at) values ($1, $2, $3, $4);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(digest), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(taken_at), coalesce(cast(sum(taken_at / 4294967296) as bigint), 0), coalesce(cast(sum(taken_at % 4294967296) as bigint), 0) from open_requests;

select organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision from exceptions order by organization_id, id limit $1;

select organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision from exceptions where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into exceptions (organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), count(kind), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(payment_id), coalesce(cast(sum(payment_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_id % 4294967296) as bigint), 0), count(credit_note_id), coalesce(cast(sum(credit_note_id / 4294967296) as bigint), 0), coalesce(cast(sum(credit_note_id % 4294967296) as bigint), 0), count(gateway), count(reference), count(cause), count(detail), count(fact), count(opened_at), coalesce(cast(sum(opened_at / 4294967296) as bigint), 0), coalesce(cast(sum(opened_at % 4294967296) as bigint), 0), count(state), count(resolved_at), coalesce(cast(sum(resolved_at / 4294967296) as bigint), 0), coalesce(cast(sum(resolved_at % 4294967296) as bigint), 0), count(resolved_by), count(resolution), count(revision), coalesce(cast(sum(revision / 4294967296) as bigint), 0), coalesce(cast(sum(revision % 4294967296) as bigint), 0) from exceptions;

select organization_id, exception_id, revision, event, at, actor, remark from exception_steps order by organization_id, exception_id, revision limit $1;

select organization_id, exception_id, revision, event, at, actor, remark from exception_steps where (organization_id, exception_id, revision) > ($1, $2, $3) order by organization_id, exception_id, revision limit $4;

insert into exception_steps (organization_id, exception_id, revision, event, at, actor, remark) values ($1, $2, $3, $4, $5, $6, $7);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(exception_id), count(revision), coalesce(cast(sum(revision / 4294967296) as bigint), 0), coalesce(cast(sum(revision % 4294967296) as bigint), 0), count(event), count(at), coalesce(cast(sum(at / 4294967296) as bigint), 0), coalesce(cast(sum(at % 4294967296) as bigint), 0), count(actor), count(remark) from exception_steps;

select organization_id, refund_id, at, action, actor, remark from refund_actions order by organization_id, refund_id, at, action, actor limit $1;

select organization_id, refund_id, at, action, actor, remark from refund_actions where (organization_id, refund_id, at, action, actor) > ($1, $2, $3, $4, $5) order by organization_id, refund_id, at, action, actor limit $6;

insert into refund_actions (organization_id, refund_id, at, action, actor, remark) values ($1, $2, $3, $4, $5, $6);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(refund_id), coalesce(cast(sum(refund_id / 4294967296) as bigint), 0), coalesce(cast(sum(refund_id % 4294967296) as bigint), 0), count(at), coalesce(cast(sum(at / 4294967296) as bigint), 0), coalesce(cast(sum(at % 4294967296) as bigint), 0), count(action), count(actor), count(remark) from refund_actions;

select organization_id, gateway, reference, payment_id from charge_references order by organization_id, gateway, reference limit $1;

select organization_id, gateway, reference, payment_id from charge_references where (organization_id, gateway, reference) > ($1, $2, $3) order by organization_id, gateway, reference limit $4;

insert into charge_references (organization_id, gateway, reference, payment_id) values ($1, $2, $3, $4);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(gateway), count(reference), count(payment_id), coalesce(cast(sum(payment_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_id % 4294967296) as bigint), 0) from charge_references;

select organization_id, gateway, reference, event_id from notice_charges order by organization_id, gateway, reference, event_id limit $1;

select organization_id, gateway, reference, event_id from notice_charges where (organization_id, gateway, reference, event_id) > ($1, $2, $3, $4) order by organization_id, gateway, reference, event_id limit $5;

insert into notice_charges (organization_id, gateway, reference, event_id) values ($1, $2, $3, $4);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(gateway), count(reference), count(event_id) from notice_charges;

select organization_id, id, payment_id from merged_payments order by organization_id, id limit $1;

select organization_id, id, payment_id from merged_payments where (organization_id, id) > ($1, $2) order by organization_id, id limit $3;

insert into merged_payments (organization_id, id, payment_id) values ($1, $2, $3);

select count(*), count(organization_id), coalesce(cast(sum(organization_id / 4294967296) as bigint), 0), coalesce(cast(sum(organization_id % 4294967296) as bigint), 0), count(id), coalesce(cast(sum(id / 4294967296) as bigint), 0), coalesce(cast(sum(id % 4294967296) as bigint), 0), count(payment_id), coalesce(cast(sum(payment_id / 4294967296) as bigint), 0), coalesce(cast(sum(payment_id % 4294967296) as bigint), 0) from merged_payments;


-- NodeSQL

update nodes set lease_until = $1 where number = (select min(number) from nodes where lease_until <= $2) and lease_until <= $2 returning number;

update nodes set lease_until = $1 where number = $2 and lease_until = $3 returning number;

select max(lease_until) from nodes;

update nodes set lease_until = $1 where lease_until < $1;


-- NoticeChargeSQL

insert into notice_charges (organization_id, gateway, reference, event_id) values ($1, $2, $3, $4) on conflict do nothing;

select organization_id, gateway, event_id, kept, received_at, coalesce(due_at, received_at), tries from gateway_notices where organization_id = $1 and gateway = $2 and event_id in ( select event_id from notice_charges where organization_id = $1 and gateway = $2 and reference = $3) and applied_at is null order by received_at, event_id;

update gateway_notices set due_at = null, tries = tries + 1, applied_at = $1, detail = '' where organization_id = $2 and gateway = $3 and event_id = $4 and applied_at is null returning tries;

update gateway_notices set due_at = $1 where organization_id = $2 and gateway = $3 and event_id = $4 and due_at is not null;


-- OpenRequestSQL

insert into open_requests (organization_id, digest, refund_id, taken_at) values ($1, $2, $3, $4) on conflict do nothing returning refund_id;

update open_requests set refund_id = $1, taken_at = $2 where organization_id = $3 and digest = $4 and taken_at <= $5 and exists (select 1 from refunds r where r.organization_id = open_requests.organization_id and r.id = open_requests.refund_id and r.state not in ('requested', 'awaiting_approval', 'approved', 'submitting', 'unknown')) returning refund_id;

update open_requests set refund_id = $1, taken_at = $2 where organization_id = $3 and digest = $4 and taken_at <= $5 and exists (select 1 from refunds r where r.organization_id = open_requests.organization_id and r.id = open_requests.refund_id and r.state <> 'unknown') returning refund_id;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and id = (select o.refund_id from open_requests o where o.organization_id = $1 and o.digest = $2);


-- OrganizationSQL

select organization_id, name, base_currency, time_zone from organizations where organization_id = $1;

select organization_id, name, base_currency, time_zone from organizations order by organization_id;

insert into organizations (organization_id, name, base_currency, time_zone) values ($1, $2, $3, $4) on conflict (organization_id) do update set name = excluded.name;

select dialect, external_id from tenants where organization_id = $1 order by dialect, external_id;

insert into tenants (organization_id, dialect, external_id) values ($1, $2, $3) on conflict do nothing;

select name, value from settings where organization_id = $1 order by name;

insert into settings (organization_id, name, value) values ($1, $2, $3) on conflict (organization_id, name) do update set value = excluded.value;


-- PartySQL

select id, role, name, email, is_active from parties where organization_id = $1 and id = $2;

insert into parties (organization_id, id, role, name, email, is_active) values ($1, $2, $3, $4, $5, $6) on conflict (organization_id, id) do update set name = excluded.name, email = excluded.email, is_active = excluded.is_active;


-- PaymentMethodSQL

select id, party_id, mode, gateway, token, card_last_four, card_expiry_month, card_expiry_year, state from payment_methods where organization_id = $1 and id = $2;

insert into payment_methods (organization_id, id, party_id, mode, gateway, token, card_last_four, card_expiry_month, card_expiry_year, state) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);


-- PaymentSQL

select id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred from payments where organization_id = $1 and id = $2;

select payment_id from merged_payments where organization_id = $1 and id = $2;

insert into payments (organization_id, id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred, captured, disputed, excess) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 0);

update payments set reserved = reserved where organization_id = $1 and id = $2 returning id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred;

update payments set reserved = reserved + $1 where organization_id = $2 and id = $3 and state = 'succeeded' and captured > 0 and is_barred = 0 and reserved + refunded + claims + $1 <= captured and currency = $4 returning id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred;

update payments set reserved = reserved + $1, refunded = refunded + $2, excess = case when reserved + $1 + refunded + $2 > captured then reserved + $1 + refunded + $2 - (captured) else 0 end, disputed = case when captured <= (reserved + $1 + refunded + $2) then 0 when (captured) - (reserved + $1 + refunded + $2) < claims then (captured) - (reserved + $1 + refunded + $2) else claims end where organization_id = $3 and id = $4 and reserved + $1 + refunded + $2 <= 4000000000000000000 returning id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred;

update payments set claims = claims - claims_told + $1, claims_told = 0, is_disputed = 1, disputed = case when captured <= (reserved + refunded) then 0 when (captured) - (reserved + refunded) < (claims - claims_told + $1) then (captured) - (reserved + refunded) else (claims - claims_told + $1) end where organization_id = $2 and id = $3 and claims - claims_told + $1 <= 4000000000000000000 returning id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred;

select id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred from payments where organization_id = $1 and gateway = $2 and charge_reference = $3 order by id limit 2;

update payments set number = $1, state = $2, captured_told = $3, captured = case when $3 > captured_seen then $3 else captured_seen end, claims = claims - claims_told + case when is_disputed = 1 then 0 else $4 end, claims_told = case when is_disputed = 1 then 0 else $4 end, invoice_number = $5, excess = case when reserved + refunded > case when $3 > captured_seen then $3 else captured_seen end then reserved + refunded - (case when $3 > captured_seen then $3 else captured_seen end) else 0 end, disputed = case when case when $3 > captured_seen then $3 else captured_seen end <= (reserved + refunded) then 0 when (case when $3 > captured_seen then $3 else captured_seen end) - (reserved + refunded) < (claims - claims_told + case when is_disputed = 1 then 0 else $4 end) then (case when $3 > captured_seen then $3 else captured_seen end) - (reserved + refunded) else (claims - claims_told + case when is_disputed = 1 then 0 else $4 end) end where organization_id = $6 and id = $7 and (case when $3 > captured_seen then $3 else captured_seen end >= captured or reserved + refunded <= case when $3 > captured_seen then $3 else captured_seen end) returning id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred;

update payments set captured_seen = $1, captured = case when $1 > captured then $1 else captured end, state = 'succeeded', excess = case when reserved + refunded > case when $1 > captured then $1 else captured end then reserved + refunded - (case when $1 > captured then $1 else captured end) else 0 end, disputed = case when case when $1 > captured then $1 else captured end <= (reserved + refunded) then 0 when (case when $1 > captured then $1 else captured end) - (reserved + refunded) < claims then (case when $1 > captured then $1 else captured end) - (reserved + refunded) else claims end where organization_id = $2 and id = $3 and captured_seen < $1 returning id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred;

update payments set postings = postings + 1 where organization_id = $1 and id = $2 returning postings;

update payments set party_id = $1, mode = $2, payment_method_id = $3, rate = $4, received_on = $5 where organization_id = $6 and id = $7 and captured_told = 0 and reserved = 0 and refunded = 0 and claims = 0 and is_disputed = 0 and postings = 0 and not exists (select 1 from refund_allocations a where a.organization_id = $6 and a.payment_id = $7) and not exists (select 1 from note_backings b where b.organization_id = $6 and b.payment_id = $7) returning id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred;


-- NoteBackingSQL

select payment_id, amount, amount_max, allocated from note_backings where organization_id = $1 and credit_note_id = $2 order by position;

insert into note_backings (organization_id, credit_note_id, position, payment_id, amount, amount_max, allocated) values ($1, $2, $3, $4, $5, $6, $7);

delete from note_backings where organization_id = $1 and credit_note_id = $2;

update note_backings set allocated = allocated + $1 where organization_id = $2 and credit_note_id = $3 and payment_id = $4 and allocated + $1 <= amount returning payment_id, amount, amount_max, allocated;

update note_backings set allocated = allocated + $1 where organization_id = $2 and credit_note_id = $3 and payment_id = $4;

update note_backings set amount = case when amount_max < $1 then amount_max else $1 end where organization_id = $2 and payment_id = $3 and amount < amount_max and amount < $1 returning credit_note_id;


-- PayoutSQL

select refund_id, gateway, target, target_reference, last_four, attempt, key, key_sent_at, lease_until, due_at, questions, unsent, gateway_reference, network_reference, response_code, response_message from payouts where organization_id = $1 and refund_id = $2;

insert into payouts (organization_id, refund_id, gateway, target, target_reference, last_four, attempt, key, key_sent_at, lease_until, due_at, questions, unsent, gateway_reference, network_reference, response_code, response_message) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

update payouts set attempt = $1, key_sent_at = $2, lease_until = $3, due_at = $4, questions = $5, unsent = $6, gateway_reference = $7, network_reference = $8, response_code = $9, response_message = $10 where organization_id = $11 and refund_id = $12 and attempt = $13 and coalesce(lease_until, 0) = $14 returning refund_id, gateway, target, target_reference, last_four, attempt, key, key_sent_at, lease_until, due_at, questions, unsent, gateway_reference, network_reference, response_code, response_message;

select organization_id, refund_id from payouts where due_at <= $1 order by due_at limit $2;

update payouts set due_at = $1 where organization_id = $2 and refund_id = $3 and lease_until is null and (due_at is not null or attempt > 0 or gateway_reference <> '') returning refund_id, gateway, target, target_reference, last_four, attempt, key, key_sent_at, lease_until, due_at, questions, unsent, gateway_reference, network_reference, response_code, response_message;

select refund_id, gateway, target, target_reference, last_four, attempt, key, key_sent_at, lease_until, due_at, questions, unsent, gateway_reference, network_reference, response_code, response_message from payouts where organization_id = $1 and gateway = $2 and gateway_reference = $3 and gateway_reference <> '';

select id from refunds where organization_id = $1 and id in (select refund_id from refund_allocations where organization_id = $1 and payment_id = $2) and exists (select 1 from payouts p where p.organization_id = refunds.organization_id and p.refund_id = refunds.id and p.gateway = $3 and p.gateway_reference = '' and p.attempt = 0 and p.key_sent_at is null and p.due_at is null) and amount = $4 and currency = $5 and effective_on between $6 and $7 order by id limit 1;

update payouts set gateway_reference = $1, due_at = $2 where organization_id = $3 and refund_id = $4 and gateway_reference = '' returning refund_id;


-- RefundAllocationSQL

select payment_id, amount from refund_allocations where organization_id = $1 and refund_id = $2 order by position;

insert into refund_allocations (organization_id, refund_id, position, payment_id, amount) values ($1, $2, $3, $4, $5);


-- RefundActionSQL

insert into refund_actions (organization_id, refund_id, at, action, actor, remark) values ($1, $2, $3, $4, $5, $6) on conflict do nothing;

select at, action, actor, remark from refund_actions where organization_id = $1 and refund_id = $2 order by at, action, actor;


-- RefundListingSQL

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by amount asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by amount desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by effective_on asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by effective_on desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by number asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by number desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by updated_at asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and $2 = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by updated_at desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by amount asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by amount desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by effective_on asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by effective_on desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by number asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by number desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by updated_at asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and credit_note_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by updated_at desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by amount asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by amount desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by effective_on asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by effective_on desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by number asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by number desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by updated_at asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and party_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by updated_at desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by amount asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by amount desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by effective_on asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by effective_on desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by number asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by number desc, id desc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by updated_at asc, id asc limit $28 offset $29;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and payment_id = $2 and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) and case when gateway is null then 0 else 1 end between $14 and $15 and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 order by updated_at desc, id desc limit $28 offset $29;


-- RefundSQL

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and id = $2;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and number = $2;

insert into refunds (organization_id, id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of, request_digest) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29);

update refunds set state = $1, step = $2, updated_at = $3, settled_at = $4, failure_reason = $5, note_shortfall = $6 where organization_id = $7 and id = $8 and step = $9 and note_shortfall = $10 returning id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and request_digest = $2 and state in ('approved', 'submitting', 'pending', 'unknown') order by case state when 'unknown' then 0 when 'pending' then 2 else 1 end, id desc limit 1;

select id from refunds where organization_id = $1 and id in (select refund_id from refund_allocations where organization_id = $1 and payment_id = $2) and state in ('submitting', 'unknown') and exists (select 1 from payouts p where p.organization_id = refunds.organization_id and p.refund_id = refunds.id and p.gateway_reference = '') limit 1;

select id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of from refunds where organization_id = $1 and id in (select refund_id from refund_allocations where organization_id = $1 and payment_id = $2) and state in ('requested', 'awaiting_approval', 'approved', 'submitting', 'pending', 'unknown') order by id;

select id from refunds where organization_id = $1 and retry_of = $2;


-- RefundStepSQL

insert into refund_steps (organization_id, refund_id, step, event, state, at, actor, remark) values ($1, $2, $3, $4, $5, $6, $7, $8);

select refund_id, step, event, state, at, actor, remark from refund_steps where organization_id = $1 and refund_id = $2 order by step;


-- SendingSQL

select state, reason from sending where id = 1;

update sending set state = 'off', reason = $1 where id = 1;

update sending set state = 'on', reason = '' where id = 1;

update sending set server = $1, state = case when server = '' then state else 'off' end, reason = case when server = '' then reason else $2 end where id = 1 and server = $3;

select server from sending where id = 1;

select max(updated_at) from refunds where organization_id = $1 having count(*) > 0;


-- TokenSQL

select t.organization_id, t.hash, t.client_id, t.purpose, t.scopes, t.expires_at, coalesce(t.revoked_at, c.revoked_at) from tokens t join clients c on c.organization_id = t.organization_id and c.id = t.client_id where t.hash = $1;

select organization_id, hash, client_id, purpose, scopes, expires_at, revoked_at from tokens where organization_id = $1 order by client_id, hash;

insert into tokens (organization_id, hash, client_id, purpose, scopes, expires_at, revoked_at) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing;

update tokens set revoked_at = $1 where organization_id = $2 and hash = $3 and revoked_at is null;


-- VerificationSQL

select organization_id, id, 'what it holds or is over-refunded by does not follow from its figures' from payments where reserved < 0 or refunded < 0 or claims < claims_told or captured <> case when captured_told > captured_seen then captured_told else captured_seen end or excess <> case when reserved + refunded > captured then reserved + refunded - captured else 0 end or disputed <> case when reserved + refunded >= captured then 0 when captured - reserved - refunded < claims then captured - reserved - refunded else claims end;

select organization_id, id, 'more is applied or drawn than the note is worth' from credit_notes where applied + drawn > total or drawn < 0 or applied < 0;

select organization_id, id, 'more is drawn than the line is worth' from credit_note_lines where drawn > amount or drawn < 0;

select r.organization_id, r.id, 'an electronic refund without an intent for its gateway' from refunds r left join payouts p on p.organization_id = r.organization_id and p.refund_id = r.id where r.gateway is not null and (p.refund_id is null or p.key = '' or p.gateway <> r.gateway);

select organization_id, min(refund_id), 'one refund of the gateway counted for several of ours' from payouts where gateway_reference <> '' group by organization_id, gateway, gateway_reference having count(*) > 1;

select r.organization_id, r.id, 'its history does not end where it stands' from refunds r left join refund_steps s on s.organization_id = r.organization_id and s.refund_id = r.id and s.step = r.step where s.state is null or s.state <> r.state;

select organization_id, refund_id, 'a step of its history is missing' from refund_steps group by organization_id, refund_id having count(*) <> max(step) or min(step) <> 1;

select p.organization_id, p.id, 'reserved and refunded are not what its refunds hold' from payments p left join (select a.organization_id, a.payment_id, sum(case when r.state <> 'succeeded' then a.amount else 0 end) as reserved, sum(case when r.state = 'succeeded' then a.amount else 0 end) as spent from refund_allocations a join refunds r on r.organization_id = a.organization_id and r.id = a.refund_id where r.state not in ('failed', 'canceled', 'voided', 'returned') group by a.organization_id, a.payment_id) r on r.organization_id = p.organization_id and r.payment_id = p.id where p.reserved <> coalesce(r.reserved, 0) or p.refunded <> coalesce(r.spent, 0);

select r.organization_id, r.id, 'what it takes of payments is not its amount, or more' from refunds r left join (select organization_id, refund_id, sum(amount) as amount from refund_allocations group by organization_id, refund_id) a on a.organization_id = r.organization_id and a.refund_id = r.id where coalesce(a.amount, 0) > r.amount or r.credit_note_id is null and coalesce(a.amount, 0) <> r.amount;

select p.organization_id, p.id, 'claims are not what its disputes claim' from payments p left join (select d.organization_id, d.payment_id, sum(coalesce(d.claim, q.captured)) as claimed from charge_disputes d join payments q on q.organization_id = d.organization_id and q.id = d.payment_id group by d.organization_id, d.payment_id) c on c.organization_id = p.organization_id and c.payment_id = p.id where p.claims <> coalesce(c.claimed, p.claims_told) or (c.payment_id is null) <> (p.is_disputed = 0);

select n.organization_id, n.id, 'its payments back more than it is worth' from credit_notes n join (select organization_id, credit_note_id, sum(amount) as amount from note_backings group by organization_id, credit_note_id) b on b.organization_id = n.organization_id and b.credit_note_id = n.id where b.amount > n.total;

select organization_id, min(id), 'several payments have its charge' from payments where charge_reference is not null group by organization_id, gateway, charge_reference having count(*) > 1 and sum(is_barred) < count(*);

select b.organization_id, b.credit_note_id, 'what refunds took of its payments is not what they count' from note_backings b left join (select r.organization_id, r.credit_note_id, a.payment_id, sum(a.amount) as taken from refunds r join refund_allocations a on a.organization_id = r.organization_id and a.refund_id = r.id where r.state not in ('failed', 'canceled', 'voided', 'returned') group by r.organization_id, r.credit_note_id, a.payment_id) t on t.organization_id = b.organization_id and t.credit_note_id = b.credit_note_id and t.payment_id = b.payment_id where b.allocated <> coalesce(t.taken, 0);

select n.organization_id, n.id, 'a payment behind it is another party''s or in another currency' from note_backings b join credit_notes n on n.organization_id = b.organization_id and n.id = b.credit_note_id join payments p on p.organization_id = b.organization_id and p.id = b.payment_id where p.party_id <> n.party_id or p.currency <> n.currency;

select n.organization_id, n.id, 'the payment it refers to is another party''s or in another currency' from credit_notes n join payments p on p.organization_id = n.organization_id and p.id = n.payment_id left join exceptions e on e.organization_id = n.organization_id and e.credit_note_id = n.id and e.kind = 'mismatched_link' where (p.party_id <> n.party_id or p.currency <> n.currency) and e.id is null;

select n.organization_id, n.id, 'what is drawn on it is not what its refunds hold' from credit_notes n left join (select organization_id, credit_note_id, sum(amount - note_shortfall) as held, sum(note_shortfall) as lacking from refunds where credit_note_id is not null and state not in ('failed', 'canceled', 'voided', 'returned') group by organization_id, credit_note_id) r on r.organization_id = n.organization_id and r.credit_note_id = n.id where n.drawn <> coalesce(r.held, 0) or n.lacking <> coalesce(r.lacking, 0);

select l.organization_id, l.id, 'drawn is not what the draws of open and done refunds add up to' from credit_note_lines l left join (select d.organization_id, d.line_id, sum(d.amount) as held from line_draws d join refunds r on r.organization_id = d.organization_id and r.id = d.refund_id where r.state not in ('failed', 'canceled', 'voided', 'returned') group by d.organization_id, d.line_id) h on h.organization_id = l.organization_id and h.line_id = l.id where l.drawn <> coalesce(h.held, 0);

select organization_id, record_id, 'a journal does not balance' from journal_lines group by organization_id, record_id, step, currency having sum(amount) <> 0 or sum(base_amount) <> 0;

select r.organization_id, r.id, 'refunds_payable is not what it owes' from refunds r left join (select organization_id, record_id, sum(amount) as owed, sum(base_amount) as worth from journal_lines where account = 'refunds_payable' group by organization_id, record_id) j on j.organization_id = r.organization_id and j.record_id = r.id where coalesce(j.owed, 0) <> -(case when state in ('requested', 'awaiting_approval', 'approved', 'submitting', 'pending', 'unknown') then amount else 0 end) or (case when state in ('requested', 'awaiting_approval', 'approved', 'submitting', 'pending', 'unknown') then amount else 0 end) = 0 and coalesce(j.worth, 0) <> 0;

select n.organization_id, n.id, 'customer_credit is not the balance of the note' from credit_notes n left join (select organization_id, record_id, sum(amount) as credit from journal_lines where account = 'customer_credit' group by organization_id, record_id) o on o.organization_id = n.organization_id and o.record_id = n.id left join (select r.organization_id, r.credit_note_id, sum(j.amount) as debit from refunds r join journal_lines j on j.organization_id = r.organization_id and j.record_id = r.id and j.account = 'customer_credit' where r.credit_note_id is not null group by r.organization_id, r.credit_note_id) d on d.organization_id = n.organization_id and d.credit_note_id = n.id where coalesce(o.credit, 0) + coalesce(d.debit, 0) <> case when n.state = 'open' then -(n.total - n.applied - n.drawn) else 0 end;

select o.organization_id, o.organization_id, 'over_refunds is not what payments and notes are over-refunded by' from (select organization_id, currency, sum(amount / 1000000000) as billions, sum(amount % 1000000000) as rest from ( select organization_id, currency, amount from journal_lines where account = 'over_refunds' union all select organization_id, currency, -excess from payments where excess <> 0 union all select organization_id, currency, -excess from credit_notes where excess <> 0) parts group by organization_id, currency) o where o.rest % 1000000000 <> 0 or o.billions + o.rest / 1000000000 <> 0;

select coalesce(f.organization_id, j.organization_id), coalesce(f.id, j.record_id), 'a fee is not what was posted for it' from gateway_fees f full join (select organization_id, record_id, currency, sum(amount) as charged from journal_lines where account = 'gateway_fees' group by organization_id, record_id, currency) j on j.organization_id = f.organization_id and j.record_id = f.id where f.id is null or j.record_id is null or j.charged <> f.amount or j.currency <> f.currency;

select j.organization_id, j.record_id, 'a line is worth another amount in its own currency' from journal_lines j join organizations o on o.organization_id = j.organization_id and o.base_currency = j.currency where j.base_amount <> j.amount group by j.organization_id, j.record_id;

select k.organization_id, k.refund_id, 'an idempotency key whose refund is not there' from idempotency_records k left join refunds r on r.organization_id = k.organization_id and r.id = k.refund_id where k.refund_id is not null and r.id is null;

select organization_id, refund_id, 'several idempotency keys for one refund' from idempotency_records where refund_id is not null group by organization_id, refund_id having count(*) > 1;

select r.organization_id, r.id, 'its currency or amount is not that of its source' from refunds r left join payments p on p.organization_id = r.organization_id and p.id = r.payment_id left join credit_notes n on n.organization_id = r.organization_id and n.id = r.credit_note_id where r.amount <= 0 or r.currency <> coalesce(p.currency, r.currency) or r.currency <> coalesce(n.currency, r.currency);

select r.organization_id, r.id, 'its party, payment or note is not in its organization' from refunds r left join parties c on c.organization_id = r.organization_id and c.id = r.party_id left join payments p on p.organization_id = r.organization_id and p.id = r.payment_id left join credit_notes n on n.organization_id = r.organization_id and n.id = r.credit_note_id where c.id is null or (r.payment_id is not null and p.id is null) or (r.credit_note_id is not null and n.id is null);

select a.organization_id, a.refund_id, a.step, a.state, b.event, b.state, b.actor, b.remark from refund_steps a join refund_steps b on b.organization_id = a.organization_id and b.refund_id = a.refund_id and b.step = a.step + 1;

select organization_id, min(id), currency from refunds group by organization_id, currency;

select r.organization_id, r.id, 'a refund of the history, of whose return nobody would ask its gateway' from payouts p join refunds r on r.organization_id = p.organization_id and r.id = p.refund_id where r.state = 'succeeded' and r.created_at > $1 and p.gateway_reference <> '' and p.attempt = 0 and p.key_sent_at is null and p.lease_until is null and p.due_at is null and p.questions = 0;

select organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision from exceptions where state = 'open' order by organization_id, kind, opened_at, id;

select organization_id, gateway, event_id, detail from gateway_notices where detail <> '' and due_at is not null order by organization_id, gateway, event_id;
