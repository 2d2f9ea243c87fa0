"""Signs and verifies notices with Stripe's own library; the body comes on the input.

signatures.py sign SECRET SECONDS      prints the header
signatures.py verify SECRET HEADER     prints the event's id, or `refused`
"""

import sys

import stripe

action, secret, text = sys.argv[1:]
body = sys.stdin.buffer.read().decode("utf-8")
if action == "sign":
    print(stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=int(text)))
else:
    try:
        print(stripe.Webhook.construct_event(body, text, secret).id)
    except stripe.SignatureVerificationError:
        print("refused")
