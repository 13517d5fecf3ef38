"""Strict YAML: every key once, every key known, text only where text is written; each fault with its file and line.

YAML guesses types: `0123` is a number, `NO` a boolean, `2023-05-15` a date. Here a value is read as what its key needs, and
what YAML would have guessed otherwise is a fault. Faults are gathered, never raised one by one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from audit.errors import Fault, Said
from audit.words import harm

DEEPEST = 20
_STR, _INT, _NULL, _DATE = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "null", "timestamp"))


class _Deep(yaml.YAMLError):
    """The text nests deeper than DEEPEST: composing recurses in C, and would end the whole process."""

    def __init__(self, line: int):
        self.line = line


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Counts how deep it is while it composes."""

    depth = 0

    def descend_resolver(self, parent: yaml.Node | None, index: object) -> None:
        self.depth += 1
        if parent is not None and self.depth > DEEPEST + 1:  # what lies in the deepest list or mapping is one level deeper
            raise _Deep(line(parent))

    def ascend_resolver(self) -> None:
        self.depth -= 1


def did_you_mean(wrong: str, known: Iterable[str]) -> Said:
    """`; did you mean 'x'?` for the nearest known name, or nothing."""
    near = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.5)
    return Said(f"；是否应为 '{near[0]}'？", f"; did you mean '{near[0]}'?") if near else Said("", "")


@dataclass
class Source:
    """One YAML file being read: `name` stands in faults, `root` is its top node (None when it cannot be read).

    What a value is called (`what`) is the name of its key, or Said where that is no name.
    """

    name: str
    faults: list[Fault] = field(default_factory=list)
    root: yaml.Node | None = None

    @classmethod
    def open(cls, path: Path, name: str) -> Source:
        """Read `path` as UTF-8 YAML; a file that is no YAML leaves `root` None and one fault."""
        try:
            return cls.read(path.read_text(encoding="utf-8"), name)
        except UnicodeDecodeError as broken:
            return cls(name, [Fault(f"不是可读取的 UTF-8 YAML：{broken}", f"not readable as UTF-8 YAML: {broken}", name, 1)])

    @classmethod
    def read(cls, text: str, name: str) -> Source:
        """The same of a text that is already in hand."""
        source = cls(name)
        try:
            source.root = yaml.compose(text, Loader=_Loader)
            if source.root is None:
                source.add(1, "文件为空", "the file is empty")
        except _Deep as deep:
            en = f"nested more than {DEEPEST} levels deep; look for stray brackets."
            source.add(deep.line, f"嵌套超过 {DEEPEST} 层；请检查是否有多余的括号。", en)
        except yaml.MarkedYAMLError as broken:
            at = broken.problem_mark.line + 1 if broken.problem_mark else 1
            source.add(at, f"不是可读取的 YAML：{broken.problem}", f"not readable as YAML: {broken.problem}")
        except yaml.YAMLError as broken:
            source.add(1, f"不是可读取的 UTF-8 YAML：{broken}", f"not readable as UTF-8 YAML: {broken}")
        return source

    def fault(self, node: yaml.Node, zh: str, en: str) -> None:
        self.add(line(node), zh, en)

    def add(self, at: int, zh: str, en: str) -> None:
        """A fault on a line of the file."""
        self.faults.append(Fault(zh, en, self.name, at))

    def mapping(self, node: yaml.Node, what: str, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, yaml.Node]:
        """The values of a mapping by key; a missing, unknown or repeated key is a fault."""
        required, known = list(required), [*required, *optional]
        pairs = self.pairs(node, what)
        for key, value in pairs.items():
            if key not in known:
                near, listed = did_you_mean(key, known), ", ".join(known)
                zh = f"{_called(what)}没有键 '{key}'{near.zh or '。'}可用的键：{listed}。"
                self.fault(value, zh, f"{what} has no key '{key}'{near} Keys: {listed}.")
        for key in required:
            if key not in pairs:
                self.fault(node, f"{_called(what)}缺少键 '{key}'。", f"{what} lacks the key '{key}'.")
        return {key: value for key, value in pairs.items() if key in known}

    def pairs(self, node: yaml.Node, what: str) -> dict[str, yaml.Node]:
        """A mapping with free keys, as written (a key 001 stays 001)."""
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, f"{_called(what)}必须写成映射（键: 值）。", f"{what} must be a mapping (key: value).")
            return {}
        pairs: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value in pairs:
                zh = f"{_called(what)}中键 '{key.value}' 出现两次；请只留一个。"
                self.fault(key, zh, f"the key '{key.value}' stands twice in {what}; keep one.")
            pairs[str(key.value)] = value
        return pairs

    def text(self, node: yaml.Node, what: str) -> str:
        """Text; what YAML reads as a number, a boolean or a date must be quoted."""
        if isinstance(node, yaml.ScalarNode) and node.tag == _STR and node.value.strip():
            return node.value.strip()
        if isinstance(node, yaml.ScalarNode) and node.tag not in (_STR, _NULL):
            guessed = node.tag.rsplit(":", 1)[-1]
            zh = f"{_called(what)}的值 {node.value} 会被 YAML 读作 {guessed}，此处应为文字；请加引号写作 '{node.value}'。"
            self.fault(node, zh, f"{what}: YAML reads {node.value} as {guessed}, but text is wanted: write '{node.value}' in quotes.")
        else:
            self.fault(node, f"{_called(what)}必须是文字，且不能为空。", f"{what} must be text and not empty.")
        return ""

    def wording(self, node: yaml.Node, what: str) -> str:
        """Text that people will be shown, so that it may be no formula and hold no markup."""
        text = self.text(node, what)
        if why := harm(text):
            self.fault(node, f"{_called(what)}{why.zh}。", f"{what} {why}.")
        return text

    def maybe_text(self, node: yaml.Node | None, what: str) -> str | None:
        """Text, or None for null or an absent key."""
        return None if node is None or node.tag == _NULL else self.text(node, what)

    def one_of(self, node: yaml.Node, what: str, known: Iterable[str]) -> str:
        value = self.text(node, what)
        known = list(known)
        if value and value not in known:
            near, listed = did_you_mean(value, known), ", ".join(known)
            zh = f"{_called(what)}的值 '{value}' 不可用，可用值为 {listed}{near.zh or '。'}"
            self.fault(node, zh, f"{what} '{value}' is not one of {listed}{near}")
        return value

    def whole(self, node: yaml.Node, what: str) -> int:
        """A whole number from 1 on."""
        if isinstance(node, yaml.ScalarNode) and node.tag == _INT and node.value.isdigit() and int(node.value) > 0:
            return int(node.value)
        self.fault(node, f"{_called(what)}必须是大于等于 1 的整数。", f"{what} must be a whole number from 1 on.")
        return 0

    def day(self, node: yaml.Node, what: str) -> date:
        """A calendar date written 2026-07-15."""
        try:
            return date.fromisoformat(node.value)
        except (TypeError, ValueError):
            self.fault(node, f"{_called(what)}必须是日期，如 2026-07-15。", f"{what} must be a date like 2026-07-15.")
            return date.min

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.fault(node, f"{_called(what)}必须是列表。", f"{what} must be a list.")
        return []

    def texts(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        """A list of texts; () for an absent key."""
        each = Said(f"{_called(what)}的每一项", f"each entry of {what}")
        return tuple(self.wording(item, each) for item in self.items(node, what)) if node is not None else ()

    def labels(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        """A list of row numbers or keys, each exactly as written; () for an absent key."""
        found = []
        for item in self.items(node, what) if node is not None else []:
            if isinstance(item, yaml.ScalarNode):
                found.append(str(item.value).strip())
            else:
                zh = f"{_called(what)}的每一项必须是一个行号或主键。"
                self.fault(item, zh, f"each entry of {what} must be one row number or key.")
        return tuple(found)


def _called(what: str) -> str:
    """What a value is called, before Chinese words."""
    return what.zh if isinstance(what, Said) else f"{what} "


def line(node: yaml.Node) -> int:
    """The line of a node in its file, counted from 1."""
    return int(node.start_mark.line) + 1


def plain(source: Source) -> dict:
    """The whole file as plain dicts, lists, numbers, dates and text, keys written once (for policy.yaml)."""

    def build(node: yaml.Node, what: str) -> object:
        if isinstance(node, yaml.MappingNode):
            return {key: build(value, key) for key, value in source.pairs(node, what).items()}
        if isinstance(node, yaml.SequenceNode):
            return [build(item, what) for item in node.value]
        loader = yaml.SafeLoader("")
        return loader.construct_object(node, deep=True)

    if source.root is None:
        return {}
    built = build(source.root, Said("参数文件", "the policy"))
    return built if isinstance(built, dict) else {}
