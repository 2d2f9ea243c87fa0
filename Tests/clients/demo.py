"""Runs the program with demo data of its own for one test."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import unittest
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

PROGRAM = os.environ.get("REFUNDRY_PROGRAM", str(Path(__file__).parents[2] / ".build/debug/refundry"))

# The demo's own access token, which carries every scope.
TOKEN = "1000.41d9xxxxxxxxxxxxxxxxxxxxxxxxc2d1.8fccxxxxxxxxxxxxxxxxxxxxxxxx125f"


class Credentials(NamedTuple):
    """What a client needs to ask for tokens."""

    client_id: str
    client_secret: str
    refresh_token: str


ALL_SCOPES = Credentials(
    "3f1c0a52-7d2e-4b6a-9c55-8e1f2a6b7c90",
    "refundry-demo-secret-0123456789abcdef",
    "1000.refundrydemorefresh00000000000001.refundrydemorefresh00000000000002",
)


class Demo:
    """The running program on a free port, with fresh demo data in a temporary folder."""

    url: str

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self._database = f"sqlite:{folder / 'demo.sqlite'}"
            errors = stack.enter_context(open(folder / "errors", "w+", encoding="utf-8"))
            serve = [PROGRAM, "serve", "--demo", "--database", self._database, "--port", "0"]
            server = stack.enter_context(
                subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"))
            stack.callback(server.terminate)
            # "refundry serves the demo on http://127.0.0.1:PORT", or nothing where it could not start.
            announced = server.stdout.readline() if server.stdout else ""
            if not announced:
                errors.seek(0)
                raise RuntimeError(f"{PROGRAM} did not start: {errors.read()}")
            self.url = announced.split()[-1]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def client(self, scopes: str) -> Credentials:
        """Makes a client whose tokens carry these scopes alone, parted by commas."""
        made = dict(line.split("\t") for line in self.run("client", "create", "--scopes", scopes, "narrow"))
        [refresh_token] = self.run("token", "create", "--client", made["client_id"], "--refresh")
        return Credentials(made["client_id"], made["client_secret"], refresh_token)

    def native(self, path: str) -> Any:
        """What the program's own API says of a record, such as `/payments/zoho_payments:731000001449003`."""
        request = urllib.request.Request(
            f"{self.url}/refundry/v1{path}", headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def run(self, *arguments: str) -> list[str]:
        """The lines that a command prints, run beside the server on its database."""
        command = [PROGRAM, *arguments, "--database", self._database, "--organization", "Refundry Demo"]
        return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.splitlines()


class DemoCase(unittest.TestCase):
    """A test with a server of its own."""

    def setUp(self) -> None:
        self.demo = self.enterContext(Demo())
