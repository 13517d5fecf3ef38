"""A condition as a tree of parts, so that each can be said and answered by itself for the values of one finding."""

from __future__ import annotations

from dataclasses import dataclass

from audit.rulebook import trees
from audit.rulebook.sentence import LANGUAGES, clause


@dataclass(frozen=True)
class Part:
    """One part of a condition: its SQL, its clause by language, the columns it reads, and the parts it is joined from by `joint`:
    all (AND), any (OR), case (CASE), or none (a comparison)."""

    sql: str
    says: dict[str, str]
    columns: tuple[str, ...]
    joint: str
    parts: tuple[Part, ...]

    def walk(self) -> list[Part]:
        """This part and all below it."""
        return [self, *(inner for part in self.parts for inner in part.walk())]


def condition(when: str) -> Part:
    """The condition as a tree of parts. RuleError when it is not one SQL expression."""
    return _part(trees.tree(when))


def _part(node: dict) -> Part:
    joint, inner = "none", []
    if node["class"] == "CONJUNCTION":
        joint, inner = ("all" if node["type"] == "CONJUNCTION_AND" else "any"), node["children"]
    elif node["class"] == "CASE":
        branches = [expr for check in node["case_checks"] for expr in (check["when_expr"], check["then_expr"])]
        joint, inner = "case", [expr for expr in (*branches, node.get("else_expr")) if expr and expr["class"] != "CONSTANT"]
    says = {language: clause(node, language) for language in LANGUAGES}
    return Part(trees.text_of(node), says, trees.columns_of(node), joint, tuple(_part(child) for child in inner))
