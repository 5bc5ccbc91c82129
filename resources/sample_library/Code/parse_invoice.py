"""Read the total, the date and the number out of an invoice that was saved as plain text.

Usage: python parse_invoice.py invoices/*.txt > invoices.csv
"""

from __future__ import annotations

import csv
import re
import sys
from dataclasses import astuple, dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path

_NUMBER = re.compile(r"invoice\s*(?:no\.?|number)?\s*[:#]?\s*([A-Z]{0,4}-?\d{3,})", re.IGNORECASE)
_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_TOTAL = re.compile(
    r"^\s*(?:grand\s+total|total\s+due|total)\b\D*([\d.,]+)", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True)
class Invoice:
    """What the bookkeeping asks for."""

    file: str
    number: str
    issued: date
    total: Decimal


def parse_amount(text: str) -> Decimal:
    """Turn 1,234.50 and 1.234,50 alike into a number: the last mark before two digits decides."""
    digits = re.sub(r"[.,]", "", text)
    has_cents = re.search(r"[.,]\d{2}$", text) is not None
    return Decimal(digits) / 100 if has_cents else Decimal(digits)


def parse_invoice(path: Path) -> Invoice:
    """Read one file; ValueError names what could not be found in it."""
    text = path.read_text(encoding="utf-8")
    number, day, totals = _NUMBER.search(text), _DATE.search(text), _TOTAL.findall(text)
    if not (number and day and totals):
        raise ValueError(f"{path.name}: no invoice number, date or total")
    year, month, day_of_month = map(int, day.groups())
    # The last total wins: the lines above it are subtotals before tax.
    return Invoice(
        path.name, number[1], date(year, month, day_of_month), parse_amount(totals[-1].strip(".,"))
    )


def main() -> None:
    """Write one line for each invoice named on the command line."""
    table = csv.writer(sys.stdout)
    table.writerow(field.name for field in fields(Invoice))
    for name in sys.argv[1:]:
        try:
            table.writerow(astuple(parse_invoice(Path(name))))
        except ValueError as error:
            print(error, file=sys.stderr)


if __name__ == "__main__":
    main()
