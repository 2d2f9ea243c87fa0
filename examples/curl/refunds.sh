#!/usr/bin/env bash
# Issues a refund through each API of the demo, and reads it through another. `make run` serves the demo.
#
# Every POST carries an idempotency key: however often this runs, each refund is made once.
set -euo pipefail

server=${REFUNDRY:-http://127.0.0.1:8080}
native=$server/refundry/v1
token=1000.41d9xxxxxxxxxxxxxxxxxxxxxxxxc2d1.8fccxxxxxxxxxxxxxxxxxxxxxxxx125f

# get URL [OPTION...]: prints the answer, and ends this script where the server refuses.
get() {
    curl --silent --show-error --fail-with-body --header "Authorization: Bearer $token" "$@"
    echo
}

# post KEY URL JSON [OPTION...]
post() {
    local key=$1 url=$2 json=$3
    shift 3
    get "$url" --header "Idempotency-Key: $key" --header 'Content-Type: application/json' --data "$json" "$@"
}

# field NAME: the first text of that name in the JSON on stdin.
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

title() { printf '\n== %s\n' "$1"; }

title 'Issued through Zoho Payments'
answer=$(post example-payments "$server/api/v1/payments/731000001449003/refunds?account_id=23137556" \
    '{"amount": 12.34, "reason": "requested_by_customer", "description": "Order 1"}')
echo "$answer"

title "Read through Refundry's own API"
get "$native/refunds/zoho_payments:$(field refund_id <<<"$answer")"

title 'Issued through Zoho Billing: a payment, which gets a credit note'
answer=$(post example-billing "$server/billing/v1/payments/9030000079467/refunds" \
    '{"amount": "20.50", "description": "Order 2"}' --header 'X-com-zoho-subscriptions-organizationid: 10234695')
echo "$answer"

title 'Read through Zoho Payments'
get "$server/api/v1/refunds/$(field refund_id <<<"$answer")?account_id=23137556"

title 'Issued through Zuora: a credit memo, paid in cash'
answer=$(post example-zuora "$server/v1/credit-memos/CM00000005/refund" \
    '{"type": "External", "totalAmount": 7.1, "methodType": "Cash", "comment": "Order 3"}')
echo "$answer"

title 'Read through Zoho Books, as one of the refunds of its customer'
contact=$(get "$native/refunds/$(field number <<<"$answer")" | field party)
get "$server/books/v3/contacts/$contact/refunds?organization_id=123456789"

title "Issued through Refundry's own API"
answer=$(post example-native "$native/refunds" \
    '{"payment": "zoho_payments:731000001449003", "amount": "5.00", "reason": "duplicate"}')
echo "$answer"

title 'Read through Zuora'
get "$server/v1/refunds/$(field number <<<"$answer")"
