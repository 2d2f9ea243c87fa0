"""Zuora's own SDK against Refundry: credit memo refunds and the list of refunds."""

from __future__ import annotations

import json
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

from demo import ALL_SCOPES, Credentials, Demo, DemoCase
from zuora_sdk import (
    CreditMemosApi, CustomRates, GatewayOptions, GetRefundsResponse, OAuthApi, RefundCreditMemoItemRequest,
    RefundCreditMemoRequest, RefundCreditMemoResponse, RefundResponse, RefundsApi)
from zuora_sdk.exceptions import ApiException, BadRequestException, NotFoundException, UnauthorizedException
from zuora_sdk.zuora_client import ZuoraClient

ACCOUNT = "4028905f5a87c0ff015a87d25ae90025"
MEMO_OF_7_10 = "4028905f5a890526015a8d73f73d0015"
MEMO_OF_100 = "CM00000005"
DRAFT = "CM00000002"
CARD, DECLINED_CARD = "4028905f5a87c0ff015a87d25ae90101", "4028905f5a87c0ff015a87d25ae90102"

DOCUMENTED = RefundCreditMemoRequest(
    type="External",
    total_amount=7.1,
    method_type="CreditCard",
    refund_date=date(2017, 3, 2),
    items=[
        RefundCreditMemoItemRequest(amount=7, credit_memo_item_id="4028905f5a890526015a8d73f74b0016"),
        RefundCreditMemoItemRequest(amount=0.1, credit_tax_item_id="4028905f5a890526015a8d73f90c0018"),
    ],
    custom_rates=[
        CustomRates(currency="CAD", custom_fx_rate=2.22, rate_date=date(2022, 10, 21)),
        CustomRates(currency="EUR", custom_fx_rate=Decimal("1.5"), rate_date=date(2022, 10, 21)),
    ],
    gateway_options=GatewayOptions(Comments="test", IPAddress="192.168.1.1"),
)


def connected(demo: Demo, credentials: Credentials = ALL_SCOPES) -> ZuoraClient:
    """A client with a token, which differs from one of Zuora's in its host alone.

    `initialize()` fetches its token in the same way, and starts a thread that takes five seconds to stop.
    """
    client = ZuoraClient(credentials.client_id, credentials.client_secret, None)
    client.set_base_url(demo.url)
    client.refresh_token()
    return client


def external(amount: Any, **fields: Any) -> RefundCreditMemoRequest:
    """A refund that was paid in cash."""
    return RefundCreditMemoRequest(type="External", method_type="Cash", total_amount=amount, **fields)


def category(answer: RefundCreditMemoResponse | RefundResponse | GetRefundsResponse) -> int:
    """The last two digits of a refusal's code: Zuora documents those, and clients compare no more."""
    if isinstance(answer, RefundCreditMemoResponse):
        return answer.additional_properties["reasons"][0]["code"] % 100
    return answer.reasons[0].code % 100


class ZuoraCase(DemoCase):
    """A test with a client of the SDK that may do everything."""

    def setUp(self) -> None:
        super().setUp()
        self.client = connected(self.demo)
        self.memos = CreditMemosApi(self.client.api_client)
        self.refunds = RefundsApi(self.client.api_client)

    def assert_refused(self, answer: Any, expected: int) -> None:
        """The answer is a failure of the category, and says so in `success`."""
        self.assertIs(answer.success, False)
        self.assertEqual(category(answer), expected)


class Tokens(ZuoraCase):
    def token(self, **changes: str) -> Any:
        fields = {
            "client_id": ALL_SCOPES.client_id, "client_secret": ALL_SCOPES.client_secret,
            "grant_type": "client_credentials"}
        return OAuthApi(self.client.api_client).create_token(**(fields | changes))

    def test_a_token_lives_an_hour_at_most_and_names_its_scopes(self) -> None:
        token = self.token()
        self.assertEqual(token.token_type, "bearer")
        self.assertIsInstance(token.expires_in, int)
        self.assertTrue(0 < token.expires_in <= 3600)
        self.assertIn("zuora.refunds.write", token.scope.split(" "))
        self.assertTrue(token.jti)

    def test_initialize_fetches_a_token(self) -> None:
        client = ZuoraClient(ALL_SCOPES.client_id, ALL_SCOPES.client_secret, None)
        client.set_base_url(self.demo.url)
        client.initialize()
        self.addCleanup(client.stop_auto_auth)
        self.assertTrue(RefundsApi(client.api_client).get_refund("R-00000001").success)

    def test_a_dead_bearer_does_not_disturb_the_call_for_the_next_token(self) -> None:
        self.client.add_default_header("Authorization", "Bearer dead")
        self.client.refresh_token()
        self.assertTrue(self.refunds.get_refund("R-00000001").success)

    def test_wrong_credentials_are_unauthorized(self) -> None:
        with self.assertRaises(UnauthorizedException) as caught:
            self.token(client_secret="not-the-secret-of-this-client")
        self.assertTrue(caught.exception.data.message)

    def test_another_grant_is_a_bad_request(self) -> None:
        with self.assertRaises(BadRequestException) as caught:
            self.token(grant_type="password")
        self.assertIsInstance(caught.exception.data.code, int)

    def test_an_unknown_token_is_unauthorized(self) -> None:
        self.client.add_default_header("Authorization", "Bearer unknown")
        with self.assertRaises(UnauthorizedException) as caught:
            self.refunds.get_refund("R-00000001")
        self.assertEqual(caught.exception.data.message, "Authentication error")
        self.assertEqual(json.loads(caught.exception.body)["reasons"][0]["code"], 90000011)

    def test_a_token_that_may_only_read_refunds_nothing(self) -> None:
        reader = connected(self.demo, self.demo.client("zuora.refunds.read")).api_client
        self.assertTrue(RefundsApi(reader).get_refund("R-00000001").success)
        self.assert_refused(CreditMemosApi(reader).refund_credit_memo(MEMO_OF_100, external(1)), 10)


class Refunding(ZuoraCase):
    def test_the_documented_refund_is_issued(self) -> None:
        refund = self.memos.refund_credit_memo(MEMO_OF_7_10, DOCUMENTED)
        self.assertIs(refund.success, True)
        self.assertRegex(refund.id, "^[0-9a-f]{32}$")
        self.assertRegex(refund.number, "^R-[0-9]{8}$")
        self.assertEqual(Decimal(str(refund.amount)), Decimal("7.1"))
        self.assertEqual((refund.status, refund.gateway_state), ("Processed", "NotSubmitted"))
        self.assertEqual((refund.type, refund.method_type), ("External", "CreditCard"))
        self.assertEqual((refund.credit_memo_id, refund.account_id), (MEMO_OF_7_10, ACCOUNT))
        self.assertEqual((refund.refund_date, refund.reason_code), ("2017-03-02", "Standard Refund"))
        self.assertRegex(refund.created_date, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertEqual(refund.finance_information.transferred_to_accounting, "No")
        for field in ["payment_id", "payment_method_id", "gateway_id", "submitted_on", "cancelled_on", "comment"]:
            self.assertIsNone(getattr(refund, field), field)

    def test_it_is_read_back_by_id_and_by_number(self) -> None:
        issued = json.loads(self.memos.refund_credit_memo_with_http_info(MEMO_OF_7_10, DOCUMENTED).raw_data)
        by_id = self.refunds.get_refund_with_http_info(issued["id"])
        self.assertEqual(self.refunds.get_refund_with_http_info(issued["number"]).raw_data, by_id.raw_data)
        read = json.loads(by_id.raw_data)
        self.assertEqual(read, read | issued)
        self.assertEqual(by_id.data.number, issued["number"])

    def test_an_electronic_refund_goes_through_the_gateway(self) -> None:
        electronic = RefundCreditMemoRequest(type="Electronic", total_amount=12.5, payment_method_id=CARD)
        refund = self.memos.refund_credit_memo(MEMO_OF_100, electronic)
        self.assertEqual((refund.status, refund.gateway_state), ("Processed", "Submitted"))
        self.assertEqual(refund.submitted_on, refund.created_date)
        self.assertTrue(refund.reference_id)

    def test_a_declined_refund_fails_and_stays_listed(self) -> None:
        electronic = RefundCreditMemoRequest(type="Electronic", total_amount=12.5, payment_method_id=DECLINED_CARD)
        self.assert_refused(self.memos.refund_credit_memo(MEMO_OF_100, electronic), 99)
        [kept] = self.refunds.get_refunds(account_id=ACCOUNT).refunds
        self.assertEqual((kept.status, kept.gateway_state), ("Error", "NotSubmitted"))
        self.assertTrue(self.memos.refund_credit_memo(MEMO_OF_100, external(100)).success)

    def test_own_fields_and_texts_are_returned(self) -> None:
        given = {"comment": "Für Zoë ☕", "reference_id": "REF-1", "reason_code": "Other", "colour__c": ["blue", 1]}
        issued = self.memos.refund_credit_memo(MEMO_OF_100, external(1, **given))
        read = self.refunds.get_refund(issued.id)
        for name in ["comment", "reference_id", "reason_code"]:
            self.assertEqual(getattr(read, name), given[name])
        self.assertEqual(read.additional_properties["colour__c"], given["colour__c"])

    def test_a_track_id_comes_back(self) -> None:
        answer = self.memos.refund_credit_memo_with_http_info(MEMO_OF_100, external(1), zuora_track_id="order-7")
        self.assertEqual(answer.headers["Zuora-Track-Id"], "order-7")

    def test_an_answer_comes_compressed_where_it_is_asked_for(self) -> None:
        answer = self.memos.refund_credit_memo_with_http_info(MEMO_OF_100, external(1), accept_encoding="gzip")
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertTrue(answer.data.success)


class Money(ZuoraCase):
    def test_partial_refunds_add_up_to_the_memo_and_not_a_cent_more(self) -> None:
        # As the SDK's users write amounts; it sends a Decimal as text.
        for amount in [33.33, Decimal("33.33"), "0.01", 33.33]:
            refund = self.memos.refund_credit_memo(MEMO_OF_100, external(amount))
            self.assertEqual(str(refund.amount), str(amount))
        listed = self.refunds.get_refunds(account_id=ACCOUNT).refunds
        self.assertEqual(sum(Decimal(str(refund.amount)) for refund in listed), Decimal("100.00"))
        self.assert_refused(self.memos.refund_credit_memo(MEMO_OF_100, external(0.01)), 30)

    def test_more_than_is_left_is_refused(self) -> None:
        self.assert_refused(self.memos.refund_credit_memo(MEMO_OF_100, external(100.01)), 30)

    def test_eight_at_once_refund_it_once(self) -> None:
        with ThreadPoolExecutor(8) as callers:
            answers = callers.map(lambda _: self.memos.refund_credit_memo(MEMO_OF_100, external(100)), range(8))
        self.assertEqual(sorted(answer.success for answer in answers), [False] * 7 + [True])

    def test_what_is_no_amount_of_the_currency_is_refused(self) -> None:
        for amount in [0, -1, 1.001, 0.1 + 0.2, "1_0", True]:
            with self.subTest(amount=amount):
                self.assert_refused(self.memos.refund_credit_memo(MEMO_OF_100, external(amount)), 20)


class Refusals(ZuoraCase):
    def test_an_unknown_memo_is_not_found(self) -> None:
        answer = self.memos.refund_credit_memo("CM99999999", external(1))
        self.assert_refused(answer, 40)
        self.assertEqual(
            answer.additional_properties["reasons"][0]["message"], "Cannot find entity by key: 'CM99999999'.")

    def test_an_unknown_refund_is_not_found(self) -> None:
        answer = self.refunds.get_refund("R-99999999")
        self.assert_refused(answer, 40)
        self.assertEqual(answer.reasons[0].code, 50000040)
        self.assertTrue(answer.process_id)

    def test_a_draft_is_refused(self) -> None:
        self.assert_refused(self.memos.refund_credit_memo(DRAFT, external(1)), 30)

    def test_fields_are_checked(self) -> None:
        cases: list[tuple[RefundCreditMemoRequest, int]] = [
            (external(1, surprise=1), 21),
            (RefundCreditMemoRequest(type="External", method_type="Cash"), 22),
            (RefundCreditMemoRequest(type="External", total_amount=1), 22),
            (RefundCreditMemoRequest(type="external", method_type="Cash", total_amount=1), 20),
            (external(1, comment="c" * 256), 20),
            (external(1, reason_code="Because"), 20),
            (external(1, refund_date=date(2017, 2, 28)), 30),
        ]
        for request, expected in cases:
            with self.subTest(request=request.to_dict()):
                self.assert_refused(self.memos.refund_credit_memo(MEMO_OF_100, request), expected)

    def test_a_path_that_is_not_served_is_not_found(self) -> None:
        with self.assertRaises(NotFoundException):
            self.memos.get_credit_memo_pdf_status("CM00000005")


class Repeating(ZuoraCase):
    def send(self, amount: Any) -> Any:
        return self.memos.refund_credit_memo_with_http_info(MEMO_OF_100, external(amount), idempotency_key="order-7")

    def test_the_same_key_gives_the_first_answer_byte_for_byte(self) -> None:
        first, again = self.send(40), self.send(40)
        self.assertEqual(again.raw_data, first.raw_data)
        self.assertNotEqual(again.headers["Zuora-Request-Id"], first.headers["Zuora-Request-Id"])
        self.assertEqual(len(self.refunds.get_refunds(account_id=ACCOUNT).refunds), 1)

    def test_a_refusal_is_kept_as_well(self) -> None:
        refused = self.send(101)
        self.assert_refused(refused.data, 30)
        self.assertEqual(self.send(101).raw_data, refused.raw_data)

    def test_the_key_with_another_request_is_422(self) -> None:
        self.send(40)
        with self.assertRaises(ApiException) as caught:
            self.send(41)
        self.assertEqual(caught.exception.status, 422)
        self.assertIs(json.loads(caught.exception.body)["success"], False)

    def test_eight_at_once_with_one_key_are_one_refund(self) -> None:
        with ThreadPoolExecutor(8) as callers:
            answers = list(callers.map(lambda _: self.attempt(), range(8)))
        self.assertEqual(len({answer.raw_data for answer in answers if answer}), 1)
        self.assertEqual(len(self.refunds.get_refunds(account_id=ACCOUNT).refunds), 1)

    def attempt(self) -> Any:
        """The answer, or nothing where the first request with the key is still under way."""
        try:
            return self.send(40)
        except ApiException as error:
            self.assertEqual(error.status, 409)
            return None


class Lists(ZuoraCase):
    def numbers(self, **query: Any) -> list[str]:
        return [refund.number for refund in self.refunds.get_refunds(**query).refunds]

    def test_pages_lead_through_all_refunds_from_the_newest_number_down(self) -> None:
        numbers: list[str] = []
        page = 1
        while True:
            answer = self.refunds.get_refunds(page=page, page_size=40)
            self.assertIs(answer.success, True)
            numbers += [refund.number for refund in answer.refunds]
            if answer.next_page is None:
                break
            page += 1
            self.assertEqual(answer.next_page, f"{self.demo.url}/v1/refunds?page={page}&pageSize=40")
        self.assertEqual(numbers, [f"R-{number:08}" for number in range(len(numbers), 0, -1)])
        self.assertGreater(len(numbers), 300)

    def test_minus_ascends_and_plus_descends(self) -> None:
        self.assertEqual(self.numbers(sort="-number", page_size=2), ["R-00000001", "R-00000002"])
        self.assertEqual(self.numbers(sort="+number"), self.numbers())
        amounts = [refund.amount for refund in self.refunds.get_refunds(sort="-amount", page_size=40).refunds]
        self.assertEqual(amounts, sorted(amounts))
        dates = [refund.refund_date for refund in self.refunds.get_refunds(sort="refundDate", page_size=40).refunds]
        self.assertEqual(dates, sorted(dates, reverse=True))

    def test_filters_are_equality(self) -> None:
        issued = self.memos.refund_credit_memo(MEMO_OF_7_10, DOCUMENTED)
        only = [issued.number]
        self.assertEqual(self.numbers(account_id=ACCOUNT), only)
        self.assertEqual(self.numbers(number=issued.number), only)
        self.assertEqual(self.numbers(amount=7.1), only)
        self.assertEqual(self.numbers(refund_date=date(2017, 3, 2)), only)
        self.assertEqual(self.numbers(status="Canceled"), [])
        for query in [{"status": "Error"}, {"type": "External"}]:
            [(name, value)] = query.items()
            found = self.refunds.get_refunds(**query).refunds
            self.assertEqual({getattr(refund, name) for refund in found}, {value})

    def test_a_listed_refund_is_the_one_that_is_read(self) -> None:
        [listed] = self.refunds.get_refunds(page_size=1).refunds
        read = self.refunds.get_refund(listed.id).to_dict()
        self.assertEqual(listed.to_dict(), {name: read[name] for name in listed.to_dict()})

    def test_a_wrong_question_is_refused(self) -> None:
        for query in [{"page_size": 0}, {"status": "Lost"}, {"sort": "-colour"}]:
            with self.subTest(query=query):
                self.assert_refused(self.refunds.get_refunds(**query), 20)


if __name__ == "__main__":
    unittest.main()
