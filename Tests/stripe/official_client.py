"""Talks to Stripe, or to what stands in for it, with Stripe's own library.

official_client.py ADDRESS charge AMOUNT CURRENCY   takes money by card, and prints the charge's id
official_client.py ADDRESS refunds CHARGE           prints what was given back of a charge, as JSON
"""

import json
import sys

import stripe

address, action, *words = sys.argv[1:]
stripe.api_base = address
stripe.api_key = "sk_test_12345"
if action == "charge":
    amount, currency = words
    intent = stripe.PaymentIntent.create(
        amount=int(amount), currency=currency, payment_method="pm_card_visa", confirm=True, expand=["latest_charge"])
    print(intent.latest_charge.id)
else:
    (charge,) = words
    print(json.dumps([refund.to_dict() for refund in stripe.Refund.list(charge=charge, limit=100).auto_paging_iter()]))
