#!/usr/bin/env python3
"""Takes a payment over, refunds a part of it safely, and lists its refunds: Python's standard library is enough.

    make run                            # in another terminal: the demo on 127.0.0.1:8080
    python3 examples/python/refund.py

It may be run again: the records are put, not added, and the refund's key makes it one refund for good.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

SERVER = os.environ.get("REFUNDRY", "http://127.0.0.1:8080")
TOKEN = os.environ.get(
    "REFUNDRY_TOKEN", "1000.41d9xxxxxxxxxxxxxxxxxxxxxxxxc2d1.8fccxxxxxxxxxxxxxxxxxxxxxxxx125f")
ATTEMPTS = 5


class Refused(Exception):
    """The server understood the request and will not do it: sending it again changes nothing."""


def call(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """Sends a request until it is answered for certain.

    A lost answer or a 5xx says nothing about what was done. Sending again is safe for a GET, for a PUT, and for a POST
    that carries a key.
    """
    request = urllib.request.Request(
        f"{SERVER}/refundry/v1{path}", method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"} | (headers or {}))
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(2 ** attempt / 10)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500:
                problem = json.load(error)["error"]
                # Where the first request with this key is still under way, its answer will be ours.
                if problem["code"] != "key_in_progress":
                    raise Refused(f"{problem['code']}: {problem['message']}") from error
        except (OSError, http.client.HTTPException):
            pass
    raise TimeoutError(f"{method} {path} was not answered {ATTEMPTS} times: run this again, with the same key")


def refund(payment: str, amount: str, key: str, remaining: str) -> Any:
    """Refunds a part of a payment, once for its key, and only where this much remained of it before."""
    return call(
        "POST", "/refunds", {"payment": payment, "amount": amount, "reason": "requested_by_customer"},
        {"Idempotency-Key": key, "Refundry-Expected-Remaining": remaining})


def refunds_of(payment: str) -> Iterator[Any]:
    """All refunds of a payment, the newest first, page by page."""
    after = ""
    while True:
        page = call("GET", f"/refunds?payment={payment}&limit=50{after}")
        yield from page["refunds"]
        if page["next"] is None:
            return
        after = f"&after={page['next']}"


def main() -> None:
    call("PUT", "/parties/example-customer", {"name": "Asha Rao", "email": "asha@example.com"})
    call("PUT", "/payments/example-payment", {
        "party": "native:example-customer", "number": "PAY-EXAMPLE", "mode": "bank_transfer", "currency": "INR",
        "captured": "500.00", "received_on": "2026-01-10"})

    # The key is chosen before the first attempt and kept with the order, so that a crash here cannot refund it twice.
    made = refund("native:example-payment", "120.50", key="example-order-7", remaining="500.00")
    print(f"{made['number']} of {made['amount']} {made['currency']} is {made['state']}")

    # Whoever still believes that 500.00 are left is told what is.
    try:
        refund("native:example-payment", "120.50", key="example-order-7-again", remaining="500.00")
    except Refused as refusal:
        print(refusal)

    for listed in refunds_of("native:example-payment"):
        print(f"{listed['number']}  {listed['effective_on']}  {listed['amount']:>10} {listed['currency']}")
    print(f"{call('GET', '/payments/native:example-payment')['remaining']} remain of the payment")


if __name__ == "__main__":
    main()
