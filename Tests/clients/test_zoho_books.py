"""zohopy, a community client of Zoho Books, against Refundry: the refunds of a contact."""

from __future__ import annotations

import unittest
from decimal import Decimal
from typing import Any

from demo import ALL_SCOPES, Credentials, Demo, DemoCase
from zohopy import (
    DataCenter, SyncZohoClient, ZohoAuthenticationError, ZohoConfig, ZohoInvalidFieldError, ZohoNotFoundError,
    ZohoTokenRefreshError, ZohoValidationError)
from zohopy.products.books import ZohoBooks

CONTACT = "460000000026049"
CONTACT_WITHOUT_REFUNDS = "460000000026050"


class Here(ZohoConfig):
    """The client's configuration, with this server in the place of a data centre of Zoho."""

    server: str

    @property
    def accounts_url(self) -> str:
        return self.server

    @property
    def base_api_url(self) -> str:
        return self.server


def connected(
    demo: Demo, credentials: Credentials = ALL_SCOPES, organization: str = "123456789"
) -> SyncZohoClient:
    """A client that fetches its tokens itself, and reads no settings from the environment's files."""
    return SyncZohoClient(Here(
        _env_file=None, server=demo.url, organization_id=organization, data_center=DataCenter.IN,
        **credentials._asdict()))


class BooksCase(DemoCase):
    """A test with a client that asks for the refunds of a contact."""

    def answer(self, contact: str, **connection: Any) -> dict[str, Any]:
        """The whole answer for a contact, envelope and all."""
        with connected(self.demo, **connection) as client:
            return ZohoBooks(client).contacts.list_refunds(contact)


class Listing(BooksCase):
    def test_the_documented_refund_is_listed(self) -> None:
        answer = self.answer(CONTACT)
        self.assertEqual(answer, {
            "code": 0,
            "message": "success",
            "refunds": [{
                "refund_id": "460000000026201",
                "contact_id": CONTACT,
                "customer_name": "Kalki LLP Solutions",
                "date": "2023-11-10",
                "refund_mode": "bank_transfer",
                "reference_number": "REF-99882",
                "amount": 150.0,
                "status": "refunded",
                "description": "Refund for damaged goods return.",
            }],
        })

    def test_a_contact_without_refunds_has_an_empty_list(self) -> None:
        self.assertEqual(self.answer(CONTACT_WITHOUT_REFUNDS)["refunds"], [])

    def test_pages_hold_every_refund_once(self) -> None:
        contact = self.demo.native("/parties/demo-customer-0")["id"]
        all_at_once = self.answer(contact)["refunds"]
        path = f"/books/v3/contacts/{contact}/refunds"
        with connected(self.demo) as client:
            pages = [page["refunds"] for page in client.paginate(path, per_page=7)]
        self.assertGreater(len(pages), 2)
        self.assertEqual(sum(pages, []), all_at_once)
        dates = [refund["date"] for refund in all_at_once]
        self.assertEqual(dates, sorted(dates, reverse=True))

    def test_amounts_are_those_of_the_ledger(self) -> None:
        party = self.demo.native("/parties/demo-customer-1")["id"]
        listed = self.answer(party)["refunds"]
        native = self.demo.native(f"/refunds?party={party}&state=succeeded&limit=200")["refunds"]
        self.assertEqual(
            sorted(Decimal(str(refund["amount"])) for refund in listed),
            sorted(Decimal(refund["amount"]) for refund in native))


class Refusals(BooksCase):
    def test_an_unknown_contact_is_not_found(self) -> None:
        with self.assertRaisesRegex(ZohoNotFoundError, "contact"):
            self.answer("460000000099999")

    def test_a_contact_that_is_no_number_is_an_invalid_value(self) -> None:
        with self.assertRaises(ZohoInvalidFieldError) as caught:
            self.answer("kalki")
        self.assertEqual(caught.exception.details["code"], 2)

    def test_another_organization_is_refused(self) -> None:
        with self.assertRaises(ZohoValidationError) as caught:
            self.answer(CONTACT, organization="99999999")
        self.assertEqual(caught.exception.details["code"], 6024)

    def test_a_token_of_another_scope_is_not_authorized(self) -> None:
        narrow = self.demo.client("ZohoBooks.creditnotes.READ")
        with self.assertRaises(ZohoAuthenticationError):
            self.answer(CONTACT, credentials=narrow)

    def test_an_unknown_refresh_token_is_an_invalid_code(self) -> None:
        with self.assertRaisesRegex(ZohoTokenRefreshError, "invalid_code"):
            self.answer(CONTACT, credentials=ALL_SCOPES._replace(refresh_token="1000.unknown.token"))


if __name__ == "__main__":
    unittest.main()
