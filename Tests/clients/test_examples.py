"""The examples of this repository, run as their pages say."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

from demo import DemoCase

EXAMPLES = Path(__file__).parents[2] / "examples"


class Examples(DemoCase):
    def output(self, *command: str | Path) -> str:
        """What an example prints; a failing one fails the test."""
        environment = os.environ | {"REFUNDRY": self.demo.url}
        return subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout

    def test_the_shell_example_makes_each_refund_once(self) -> None:
        first = self.output(EXAMPLES / "curl/refunds.sh")
        self.assertEqual(first.count("\n== Issued"), 4)
        self.assertEqual(self.output(EXAMPLES / "curl/refunds.sh"), first)

    def test_the_python_example_makes_its_refund_once(self) -> None:
        first = self.output(sys.executable, EXAMPLES / "python/refund.py")
        self.assertTrue(first.endswith("379.50 remain of the payment\n"))
        self.assertEqual(self.output(sys.executable, EXAMPLES / "python/refund.py"), first)

    def test_the_example_of_records_is_taken_over_once(self) -> None:
        load = ["load", str(EXAMPLES / "load/records.json")]
        self.assertEqual(self.demo.run(*load), ["8 records: 8 new, 0 there already"])
        self.assertEqual(self.demo.run(*load), ["8 records: 0 new, 8 there already"])
        self.assertEqual(self.demo.native("/payments/native:payment-1")["remaining"], "750.00")
        self.assertEqual(self.demo.native("/credit_notes/native:note-1")["remaining"], "100.00")


if __name__ == "__main__":
    unittest.main()
