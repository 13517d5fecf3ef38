"""A rule's text as the fields of a form, and the fields written back into the text.

    fields = read(text)            name_zh, when, ..., and for each example ex0_name, ex0_lines, ...; None where only the text can tell
    written(text, fields) -> str   the text with the keys whose fields differ written anew; every other line stays as it was

So a form that nobody touched gives the text back byte for byte, comments and all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from audit.rulebook.drawn import TABLES
from audit.rulebook.strict import Source

Fields = dict[str, str]
# top-level keys in the order in which they are written, with the fields that say them
KEYS: dict[str, tuple[str, ...]] = {
    "id": ("id",), "name": ("name_zh", "name_en"), "rule_no": ("rule_no",), "national_code": ("national_code",),
    "local_code": ("local_code",), "version": ("version",), "status": ("status",), "reason": ("reason",), "finding": ("finding",),
    "grain": ("grain",), "stages": ("stages",), "effective": ("effective_from", "effective_to"),
    "clause": ("clause_source", "clause_text"), "when": ("when",), "amount": ("amount", "amount_fen"), "concerned": ("concerned",),
    "evidence": ("evidence",), "message": ("message_zh", "message_en"),
    "innocent_explanations": ("innocent_explanations_zh", "innocent_explanations_en"), "examples": (),
}  # fmt: skip
_LISTS = ("stages", "concerned", "evidence")  # their field holds the entries with blanks between
_MAYBE = ("rule_no", "national_code", "local_code", "reason", "concerned", "evidence", "innocent_explanations")  # absent when empty
OF_EXAMPLE = ("name", *TABLES, "flags", "cannot_tell", "amounts")
_EXAMPLE = re.compile(r"ex(\d{1,3})_[a-z_]+")


def read(text: str) -> Fields | None:
    """The fields of a text; empty where a key is missing or is not what the form expects."""
    root = _root(text)
    if root is None:
        return None
    top = {key.value: value for key, value in root.value}
    fields: Fields = {}
    for key, names in KEYS.items():
        node = top.get(key)
        if key == "examples":
            for number, example in enumerate(_items(node)):
                fields |= {f"ex{number}_{name}": said for name, said in _example(example).items()}
        elif key in _LISTS:
            fields[key] = " ".join(_scalar(item) for item in _items(node))
        elif key == "innocent_explanations":
            told = _pairs(node)
            lists = {"zh": told.get("zh", node), "en": told.get("en")}  # an older text has one list, in Chinese
            fields |= {f"{key}_{tongue}": "\n".join(map(_scalar, _items(lists[tongue]))) for tongue in lists}
        elif key == "amount" and isinstance(node, yaml.ScalarNode):
            fields |= {"amount": _scalar(node), "amount_fen": ""}
        elif len(names) > 1:
            inner, of = _pairs(node), {"amount": "method", "amount_fen": "fen"}
            fields |= {name: _scalar(inner.get(of.get(name, name.removeprefix(f"{key}_")))) for name in names}
        else:
            fields[key] = _scalar(node)
    return fields


def examples(fields: Mapping[str, str]) -> list[Fields]:
    """The examples of a form in their order, by OF_EXAMPLE."""
    numbers = sorted({int(found[1]) for name in fields if (found := _EXAMPLE.fullmatch(name))})
    return [{name: fields.get(f"ex{number}_{name}", "") for name in OF_EXAMPLE} for number in numbers]


def field_at(text: str, line: int) -> str:
    """The field that says what stands on a line of the text, the first of its key."""
    above = [found[1] for row in text.split("\n")[:line] if (found := re.match(r"(\w+):", row))]
    key = above[-1] if above else ""
    return next(iter(KEYS.get(key, ())), "ex0_name" if key == "examples" else "")


def with_examples(fields: Mapping[str, str], drawn: list[Fields]) -> Fields:
    """The same form with these examples instead."""
    kept = {name: said for name, said in fields.items() if not _EXAMPLE.fullmatch(name)}
    return kept | {f"ex{number}_{name}": said for number, example in enumerate(drawn) for name, said in example.items()}


def written(text: str, fields: Mapping[str, str]) -> str:
    """The text as the form says it now. ValueError where the form cannot have come from this text."""
    was = read(text)
    if was is None:
        raise ValueError("only the text can tell")
    for key in KEYS:
        if not _same(key, was, fields):
            text = _replaced(text, key, _said(key, fields))
    return text


def _same(key: str, was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    if key == "examples":
        return [_plain(one) for one in examples(was)] == [_plain(one) for one in examples(now)]
    return all(_line_ends(was.get(name, "")) == _line_ends(now.get(name, "")) for name in KEYS[key])


def _plain(example: Fields) -> Fields:
    return {name: _line_ends(said) if name in TABLES else " ".join(said.split()) for name, said in example.items()}


def _line_ends(said: str) -> str:
    """Browsers send their own line ends, and blanks at the end of a line mean nothing."""
    return "\n".join(row.rstrip() for row in said.replace("\r\n", "\n").strip().split("\n"))


def _replaced(text: str, key: str, said: str) -> str:
    """The text with the lines of `key` given anew, or taken out, or put in where they belong."""
    root, rows = _root(text), text.splitlines(keepends=True)
    top = {name.value: (name, value) for name, value in root.value} if root else {}
    if key not in top:
        later = list(KEYS)[list(KEYS).index(key) + 1 :]
        first = min((top[name][0].start_mark.line for name in later if name in top), default=len(rows))
        if rows and not rows[-1].endswith("\n"):
            rows[-1] += "\n"
        return "".join([*rows[:first], said, *rows[first:]])
    name, value = top[key]
    first, last, column = name.start_mark.line, value.end_mark.line, value.end_mark.column
    if column:
        rest = rows[last][column:].rstrip("\n") if last < len(rows) else ""
        if said.count("\n") == 1 and rest.strip().startswith("#"):  # a remark at the end of the line stays
            said = said.rstrip("\n") + rest + "\n"
        last += 1
    while last > first + 1 and (not rows[last - 1].strip() or rows[last - 1].startswith("#")):  # what stands before the next key
        last -= 1
    return "".join([*rows[:first], said, *rows[last:]])


def _said(key: str, fields: Mapping[str, str]) -> str:
    """The lines of one key, or nothing where it may be absent and says nothing."""
    told = {name: _line_ends(fields.get(name, "")) for name in KEYS[key]}
    value: Any = next(iter(told.values()), "")
    if key in _MAYBE and not any(told.values()):
        return ""
    if key == "examples":
        value = [_drawn(example) for example in examples(fields)]
    elif key in _LISTS:
        value = [entry for entry in re.split(r"[\s,，、]+", value) if entry]
    elif key == "innocent_explanations":
        value = {name.removeprefix(f"{key}_"): [entry.strip() for entry in told[name].split("\n") if entry.strip()] for name in told}
    elif key == "amount":
        value = {"method": value, "fen": told["amount_fen"]} if told["amount_fen"] else value
    elif key == "effective":
        value = {name.removeprefix("effective_"): _AsIs(said) for name, said in told.items() if said or name == "effective_from"}
    elif len(told) > 1:
        value = {name.removeprefix(f"{key}_"): said for name, said in told.items()}
    elif key in ("rule_no", "version"):
        value = _AsIs(value)
    flow = False if key in ("clause", "message") or isinstance(value, str) else None  # None: flat lists and mappings on one line
    return str(yaml.dump({key: value}, Dumper=_Writer, allow_unicode=True, sort_keys=False, width=10**9, default_flow_style=flow))


def _drawn(example: Fields) -> dict[str, Any]:
    told: dict[str, Any] = {"name": " ".join(example["name"].split())}
    for table in TABLES:
        if example[table].strip():
            told[table] = _line_ends(example[table]) + "\n"
    for name in ("flags", "cannot_tell"):
        labels = [_AsIs(label) for label in re.split(r"[\s,，、]+", example[name]) if label]
        if labels or name == "flags":
            told[name] = labels
    amounts = re.findall(r"([^\s:,，：]+)\s*[:：]\s*([^\s,，]+)", example["amounts"])
    return told | ({"amounts": {_AsIs(label): _AsIs(yuan) for label, yuan in amounts}} if amounts else {})


def _example(node: yaml.Node) -> Fields:
    inner = _pairs(node)
    told = {name: _scalar(inner.get(name)) for name in ("name", *TABLES)}
    told |= {name: ", ".join(_scalar(item) for item in _items(inner.get(name))) for name in ("flags", "cannot_tell")}
    return told | {"amounts": ", ".join(f"{label}: {_scalar(value)}" for label, value in _pairs(inner.get("amounts")).items())}


def _root(text: str) -> yaml.MappingNode | None:
    """The top of a text that a form can show: one key per line, each once."""
    root = Source.read(text, "").root
    if not isinstance(root, yaml.MappingNode) or root.flow_style or root.start_mark.column:
        return None
    names = [key.value for key, _ in root.value if isinstance(key, yaml.ScalarNode)]
    return root if len(set(names)) == len(root.value) else None


def _scalar(node: yaml.Node | None) -> str:
    return _line_ends(node.value) if isinstance(node, yaml.ScalarNode) and not node.tag.endswith(":null") else ""


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _pairs(node: yaml.Node | None) -> dict[str, yaml.Node]:
    return {str(key.value): value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}


class _AsIs(str):
    """A number, a day or a label, written without quotes as it was typed."""


class _Writer(yaml.SafeDumper):
    """YAML as people write it: lists set in, tables as blocks, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(writer: _Writer, said: str) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:str", said, style="|" if "\n" in said else None)


def _as_is(writer: _Writer, said: _AsIs) -> yaml.ScalarNode:
    return writer.represent_scalar(writer.resolve(yaml.ScalarNode, str(said), (True, False)), str(said))


_Writer.add_representer(str, _text)
_Writer.add_representer(_AsIs, _as_is)
