"""The name of every column a rule may read, and the clause for a column that holds or is there; in Chinese and in English."""

from __future__ import annotations

from audit.words import clauses, items, limits, made, phrases, stored

Pair = dict[str, str]  # language (zh, en) -> words


def _pair(words: str) -> Pair:
    zh, en = words.split(" | ")
    return {"zh": zh.strip().replace(",", "，"), "en": en.strip()}


def _names() -> dict[str, Pair]:
    rows = "".join((stored.LISTING, items.FACTS, made.MEASURES, made.PARAMETERS)).splitlines()
    return {column: _pair(words) for column, words in (row.split(maxsplit=1) for row in rows if row.strip())}


def _clauses(listing: str) -> dict[str, dict[bool, Pair]]:
    rows = [row.strip() for row in listing.splitlines() if row.strip()]
    return {column: {True: _pair(yes[1:]), False: _pair(no[1:])} for column, yes, no in zip(*[iter(rows)] * 3, strict=True)}


NAMES = _names()
TRUTH, PHRASES = _clauses(clauses.TRUTH), _clauses(phrases.PHRASES)
PRESENCE = _clauses(clauses.FOUND) | _clauses(limits.LIMITS)


def name(column: str, language: str) -> str:
    """What a column is called; the column itself while nobody has named it (lint says so)."""
    return NAMES[column][language] if column in NAMES else column


def truth(column: str, holds: bool, language: str) -> str:
    """The clause for a Boolean column that is true (`holds`) or false."""
    said = TRUTH.get(column) or PRESENCE.get(column)
    if said:
        return said[holds][language]
    called = name(column, language)
    if language == "zh":
        return called + ("为是" if holds else "为否")
    return f"{called}: {'yes' if holds else 'no'}"


def presence(column: str, there: bool, language: str) -> str:
    """The clause for a value that is there or missing."""
    if column in PRESENCE:
        return PRESENCE[column][there][language]
    called = name(column, language)
    if language == "zh":
        return called + ("已知" if there else "不详")
    return f"the {called} is {'known' if there else 'not known'}"


def phrase(sql: str, holds: bool, language: str) -> str | None:
    """The words of its own that a comparison has, headed by its SQL; None for all others."""
    return PHRASES[sql][holds][language] if sql in PHRASES else None


def some(column: str, any_: bool, language: str) -> str:
    """The clause for an amount above zero, or not."""
    called = name(column, language)
    if language == "zh":
        return ("有" if any_ else "没有") + called
    return f"there is {('an' if called[0] in 'aeiou' else 'a') if any_ else 'no'} {called}"
