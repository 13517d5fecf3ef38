"""The files in rules/ that nobody writes by hand: the page for people, the schema for editors."""

from __future__ import annotations

import polars as pl

from audit.errors import Fault
from audit.examples.page import page
from audit.examples.schema import schema
from audit.rulebook import Rulebook

Schemas = tuple[pl.Schema, pl.Schema]


def write_generated(book: Rulebook, schemas: Schemas) -> None:
    """Write them as the rules and the columns of lines and claims are now."""
    for name, text in _generated(book, schemas).items():
        (book.folder / name).write_text(text, encoding="utf-8")


def not_current(book: Rulebook, schemas: Schemas) -> list[Fault]:
    """A fault for each that does not say what the rules and measures are now."""
    return [
        Fault(
            f"{book.folder.name}/{name} 不是最新；`audit check-rules --lock` 会写出它。",
            f"{book.folder.name}/{name} is not current; `audit check-rules --lock` writes it.",
        )
        for name, text in _generated(book, schemas).items()
        if not (book.folder / name).exists() or (book.folder / name).read_text(encoding="utf-8") != text
    ]


def _generated(book: Rulebook, schemas: Schemas) -> dict[str, str]:
    return {"README.md": page(book, schemas), "rule.schema.json": schema(schemas)}
