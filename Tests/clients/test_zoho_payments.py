"""Zoho's own SDK of Zoho Payments against Refundry: tokens, and refunds of payments."""

from __future__ import annotations

import time
import unittest
from decimal import Decimal
from typing import Any
from unittest import mock

from demo import ALL_SCOPES, Credentials, DemoCase
from zohopayments import (
    AuthenticationException, Edition, InvalidRequestException, OAuthToken, PermissionException,
    ResourceNotFoundException, ZohoPayments, ZohoPaymentsAPIException, ZohoPaymentsClient, ZohoPaymentsException)
from zohopayments.models.refund import Refund
from zohopayments.params import MetaDataParams, RefundCreateParams

ACCOUNT = "23137556"
PAYMENT_OF_1000 = "731000001449003"
PAYMENT_OF_100 = "731000001449100"
PRINTED_REFUND = "173000002895561"


def refund_of(amount: Any, **fields: Any) -> RefundCreateParams:
    """A refund that a merchant makes for a customer, unless the fields say otherwise."""
    return RefundCreateParams(
        **{"amount": amount, "reason": "requested_by_customer", "type": "initiated_by_merchant"} | fields)


class PaymentsCase(DemoCase):
    """A test in which the SDK's edition for India is this server."""

    def setUp(self) -> None:
        super().setUp()
        # The SDK has no setting for its hosts: they are fields of the edition.
        self.enterContext(
            mock.patch.multiple(Edition.IN, _base_url=f"{self.demo.url}/api/v1", _accounts_url=self.demo.url))

    def token(self, credentials: Credentials = ALL_SCOPES) -> OAuthToken:
        return ZohoPayments.generate_access_token(
            refresh_token=credentials.refresh_token, client_id=credentials.client_id,
            client_secret=credentials.client_secret, redirect_uri="https://shop.example.com/zoho", edition=Edition.IN)

    def client(
        self, token: OAuthToken | str | None = None, account: str = ACCOUNT, headers: dict[str, str] | None = None
    ) -> ZohoPaymentsClient:
        """A client as a shop builds it, with a fresh token unless one is given."""
        builder = ZohoPayments.builder().account_id(account).edition(Edition.IN).oauth_token(token or self.token())
        for name, value in (headers or {}).items():
            builder.add_default_header(name, value)
        return self.enterContext(builder.build())

    def remaining(self, payment: str) -> Decimal:
        """What is left of a payment, as the program itself says."""
        return Decimal(self.demo.native(f"/payments/zoho_payments:{payment}")["remaining"])

    def assert_refused(
        self, code: str, exception: type[ZohoPaymentsAPIException], client: ZohoPaymentsClient, amount: Any,
        payment: str = PAYMENT_OF_100, **fields: Any
    ) -> None:
        """The refund raises the SDK's exception with Zoho's code."""
        with self.assertRaises(exception) as caught:
            client.refunds().create(payment, refund_of(amount, **fields))
        self.assertEqual(caught.exception.code_string, code)
        self.assertTrue(caught.exception.api_error_message)


class Tokens(PaymentsCase):
    def test_a_refresh_token_gives_an_access_token(self) -> None:
        token = self.token()
        self.assertRegex(token.access_token, r"^1000\.[0-9a-f]{32}\.[0-9a-f]{32}$")
        self.assertEqual(token.expires_in, 3600)

    def test_what_is_wrong_is_named(self) -> None:
        for name, word in [
            ("refresh_token", "invalid_code"), ("client_id", "invalid_client"),
            ("client_secret", "invalid_client_secret"),
        ]:
            with self.subTest(name), self.assertRaisesRegex(ZohoPaymentsException, f"{word}$"):
                self.token(ALL_SCOPES._replace(**{name: "wrong"}))

    def test_an_unknown_token_is_refused(self) -> None:
        with self.assertRaises(AuthenticationException) as caught:
            self.client("1000.unknown.token").refunds().get(PRINTED_REFUND)
        self.assertEqual(caught.exception.code_string, "invalid_oauthtoken")

    def test_a_token_that_may_only_read_refunds_nothing(self) -> None:
        reader = self.client(self.token(self.demo.client("ZohoPay.refunds.READ")))
        self.assertEqual(reader.refunds().get(PRINTED_REFUND).status, "succeeded")
        self.assert_refused("error", PermissionException, reader, 1.0)

    def test_another_account_is_not_authorised(self) -> None:
        with self.assertRaises(ResourceNotFoundException) as caught:
            self.client(account="99999999").refunds().get(PRINTED_REFUND)
        self.assertEqual(caught.exception.api_error_message, "Not Authorised")


class Refunding(PaymentsCase):
    def documented(self) -> Refund:
        return self.client().refunds().create(
            PAYMENT_OF_1000,
            refund_of(
                200, description="Refund for Payment (INV-000008)",
                meta_data=[MetaDataParams(key="Key1", value="Value1")]))

    def test_the_documented_refund_is_issued(self) -> None:
        refund = self.documented()
        self.assertRegex(refund.refund_id, "^[0-9]{15}$")
        self.assertRegex(refund.reference_number, "^[0-9]{19}$")
        self.assertEqual(refund.payment_id, PAYMENT_OF_1000)
        self.assertEqual((refund.amount, refund.default_currency_amount), ("200.00", "200.00"))
        self.assertEqual((refund.type, refund.reason), ("initiated_by_merchant", "requested_by_customer"))
        self.assertEqual((refund.status, refund.failure_reason), ("succeeded", ""))
        self.assertTrue(refund.network_reference_number)
        self.assertEqual(refund.description, "Refund for Payment (INV-000008)")
        self.assertEqual([(pair.key, pair.value) for pair in refund.meta_data], [("Key1", "Value1")])
        self.assertAlmostEqual(refund.date, time.time(), delta=60)

    def test_it_is_read_back(self) -> None:
        issued = self.documented()
        self.assertEqual(self.client().refunds().get(issued.refund_id), issued)

    def test_the_printed_refund_is_there(self) -> None:
        refund = self.client().refunds().get(PRINTED_REFUND)
        self.assertEqual((refund.amount, refund.date), ("200.00", 1724154320))
        self.assertEqual(refund.reference_number, "4113662000000240001")

    def test_the_least_that_may_be_said_is_enough(self) -> None:
        refund = self.client().refunds().create(PAYMENT_OF_100, refund_of(1.0))
        self.assertEqual((refund.amount, refund.description, refund.meta_data), ("1.00", "", []))


class Money(PaymentsCase):
    def test_partial_refunds_add_up_to_the_payment_and_not_a_cent_more(self) -> None:
        client = self.client()
        amounts = [33.33, 0.01, 0.1, 66.56]
        refunds = [client.refunds().create(PAYMENT_OF_100, refund_of(amount)) for amount in amounts]
        self.assertEqual([refund.amount for refund in refunds], ["33.33", "0.01", "0.10", "66.56"])
        self.assertEqual(sum(Decimal(refund.amount) for refund in refunds), Decimal("100.00"))
        self.assertEqual(self.remaining(PAYMENT_OF_100), 0)
        self.assert_refused("refund_cannot_be_initiated", InvalidRequestException, client, 0.01)

    def test_more_than_is_left_is_refused(self) -> None:
        client = self.client()
        client.refunds().create(PAYMENT_OF_100, refund_of(99.99))
        for amount in [100.01, 0.02]:
            self.assert_refused("refund_cannot_be_initiated", InvalidRequestException, client, amount)
        self.assertEqual(self.remaining(PAYMENT_OF_100), Decimal("0.01"))

    def test_what_is_no_amount_of_the_currency_is_refused(self) -> None:
        client = self.client()
        for amount in [-1, 0.001, 0.1 + 0.2, "1.00", 1e400]:
            with self.subTest(amount=amount):
                self.assert_refused("invalid_request", InvalidRequestException, client, amount)


class Refusals(PaymentsCase):
    def test_unknown_records_do_not_exist(self) -> None:
        client = self.client()
        with self.assertRaises(ResourceNotFoundException) as caught:
            client.refunds().get("999999999999999")
        self.assertEqual(caught.exception.code_string, "resource_does_not_exist")
        self.assert_refused(
            "resource_does_not_exist", ResourceNotFoundException, client, 1.0, payment="999999999999999")

    def test_words_of_no_list_are_refused(self) -> None:
        client = self.client()
        # The readme of the SDK shows `full`; the other two are Zoho's own words, not a caller's.
        for fields in [{"type": "full"}, {"type": "initiated_by_system"}, {"reason": "system_initiated"}]:
            with self.subTest(fields=fields):
                self.assert_refused("invalid_request", InvalidRequestException, client, 1.0, **fields)


class Repeating(PaymentsCase):
    def test_the_same_key_gives_the_same_refund(self) -> None:
        client = self.client(headers={"Idempotency-Key": "order-7"})
        first = client.refunds().create(PAYMENT_OF_100, refund_of(40.0))
        self.assertEqual(client.refunds().create(PAYMENT_OF_100, refund_of(40.0)), first)
        self.assertEqual(self.remaining(PAYMENT_OF_100), 60)

    def test_the_key_with_another_request_is_422(self) -> None:
        client = self.client(headers={"Idempotency-Key": "order-7"})
        client.refunds().create(PAYMENT_OF_100, refund_of(40.0))
        with self.assertRaises(InvalidRequestException) as caught:
            client.refunds().create(PAYMENT_OF_100, refund_of(41.0))
        self.assertEqual((caught.exception.http_status_code, caught.exception.code_string), (422, "invalid_request"))

    def test_a_stale_expectation_of_what_remains_is_refused(self) -> None:
        client = self.client(headers={"Refundry-Expected-Remaining": "100.00"})
        client.refunds().create(PAYMENT_OF_100, refund_of(40.0))
        with self.assertRaises(ZohoPaymentsAPIException) as caught:
            client.refunds().create(PAYMENT_OF_100, refund_of(40.0))
        self.assertEqual(caught.exception.http_status_code, 409)
        self.assertEqual(self.remaining(PAYMENT_OF_100), 60)


if __name__ == "__main__":
    unittest.main()
