"""Every planted violation and near miss: `n` cases of each type at least, each with persons of its own."""

from __future__ import annotations

from audit.synth import plant_codes, plant_items, plant_lines, plant_medical, plant_pairs, plant_people, plant_policy, plant_stays
from audit.synth.book import Book
from audit.synth.points import Points


def everything(book: Book, points: Points, n: int) -> None:
    """Write `n` cases per type into the book; types whose points are not in `points` are left out."""
    plant_items.all_of(book, points, n)
    plant_people.all_of(book, points, n)
    plant_pairs.all_of(book, points, n)
    plant_stays.all_of(book, n)
    plant_lines.all_of(book, n)
    plant_policy.all_of(book, points, n)
    plant_medical.all_of(book, points, n)
    plant_codes.all_of(book, n)
