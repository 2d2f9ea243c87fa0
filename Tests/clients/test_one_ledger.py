"""A refund that one vendor's client issued, read by the clients of the others."""

from __future__ import annotations

import unittest
from decimal import Decimal
from typing import Any

import test_zoho_books
import test_zuora
from test_zoho_payments import PAYMENT_OF_100, PaymentsCase, refund_of
from zohopy.products.books import ZohoBooks
from zuora_sdk import CreditMemosApi, RefundsApi


class OneLedger(PaymentsCase):
    def setUp(self) -> None:
        super().setUp()
        self.zuora = test_zuora.connected(self.demo)

    def listed_in_books(self, contact: str, refund: str) -> dict[str, Any]:
        """The row that Books has of a refund."""
        with test_zoho_books.connected(self.demo) as client:
            rows = ZohoBooks(client).contacts.list_refunds(contact)["refunds"]
        [row] = [row for row in rows if row["refund_id"] == refund]
        return row

    def test_a_refund_of_zoho_payments_is_one_of_zuora_and_of_books(self) -> None:
        issued = self.client().refunds().create(PAYMENT_OF_100, refund_of(12.34, description="Order 7"))
        ours = self.demo.native(f"/refunds/zoho_payments:{issued.refund_id}")
        read = RefundsApi(self.zuora.api_client).get_refund(ours["number"])
        self.assertEqual((str(read.amount), read.comment), ("12.34", "Order 7"))
        self.assertEqual((read.type, read.status, read.reason_code), ("Electronic", "Processed", "Customer Request"))
        row = self.listed_in_books(ours["party"], issued.refund_id)
        self.assertEqual((str(row["amount"]), row["description"]), ("12.34", "Order 7"))
        self.assertEqual((row["refund_mode"], row["status"]), ("autotransaction", "refunded"))

    def test_a_refund_of_zuora_is_one_of_books(self) -> None:
        issued = CreditMemosApi(self.zuora.api_client).refund_credit_memo(
            test_zuora.MEMO_OF_100, test_zuora.external(Decimal("12.30"), comment="Order 8", reference_id="REF-8"))
        ours = self.demo.native(f"/refunds/{issued.number}")
        row = self.listed_in_books(ours["party"], ours["id"])
        self.assertEqual((str(row["amount"]), row["description"]), ("12.3", "Order 8"))
        self.assertEqual((row["refund_mode"], row["reference_number"]), ("cash", "REF-8"))


if __name__ == "__main__":
    unittest.main()
