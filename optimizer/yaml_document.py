"""A YAML file as plain values that remember their line. NO stays a word; a key given twice is an error."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from optimizer.errors import ConfigError, Problem

Where = tuple[str | int, ...]
PLAIN_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class _PlainLoader(yaml.SafeLoader):
    """YAML 1.2 words: NO (Norway) is text, 1e-4 is a number, days stay text until a key asks for one."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the library's own form


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false|True|False|TRUE|FALSE)$", "tfTF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    (
        "float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$",
        "-+.0123456789",
    ),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^<<$", "<"),
):
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


class YamlDocument:
    """The values of a file, and the line where each of them stands."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.repeated: list[Problem] = []
        self._values: dict[int, Any] = {}  # of nodes already read: an anchor used often is read once
        try:
            self._loader = _PlainLoader(text)
            self._root = self._loader.get_single_node()
            self.value: Any = self._plain(self._root, (), []) if self._root is not None else None
        except yaml.MarkedYAMLError as error:
            raise ConfigError([_malformed(file, error)]) from error
        except (
            yaml.YAMLError,
            RecursionError,
        ) as error:  # a character that YAML does not allow; too many brackets
            raise ConfigError(
                [Problem(file, None, "", "", f"is not YAML: {error}", "save the file as plain UTF-8 text")]
            ) from error

    def line(self, where: Where) -> int:
        """Line of a value, or of the nearest thing around it that is there; 1-based."""
        node, line = self._root, 1
        for step in where:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line

    def _plain(self, node: yaml.Node, where: Where, around: list[yaml.Node]) -> Any:
        if any(node is outer for outer in around):
            raise yaml.constructor.ConstructorError(None, None, "a value contains itself", node.start_mark)
        if id(node) not in self._values:
            self._values[id(node)] = self._read(node, where, [*around, node])
        return self._values[id(node)]

    def _read(self, node: yaml.Node, where: Where, inside: list[yaml.Node]) -> Any:
        if isinstance(node, yaml.CollectionNode) and node.tag not in PLAIN_TAGS:
            raise yaml.constructor.ConstructorError(None, None, f"unknown tag {node.tag}", node.start_mark)
        if isinstance(node, yaml.MappingNode):
            self._note_repeats(node, where)
            self._loader.flatten_mapping(node)
            return {key.value: self._plain(value, (*where, key.value), inside) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(value, (*where, i), inside) for i, value in enumerate(node.value)]
        return self._loader.construct_object(node)

    def _note_repeats(self, node: yaml.MappingNode, where: Where) -> None:
        first_line: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be plain text", key.start_mark
                )
            line = key.start_mark.line + 1
            if key.value in first_line:
                path = path_text((*where, key.value))
                rule = f"is given twice, first on line {first_line[key.value]}"
                self.repeated.append(Problem(self.file, line, path, "", rule, "keep one of the two"))
            first_line.setdefault(key.value, line)


def read_yaml(path: Path) -> tuple[YamlDocument, bytes]:
    """The file and its bytes. Raises ConfigError when it is missing, no text, or malformed."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            [Problem(str(path), None, "", "", f"cannot be read: {error.strerror}", "check the path")]
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        rule = f"is not UTF-8 text (byte {error.start})"
        raise ConfigError([Problem(str(path), None, "", "", rule, "save the file as UTF-8")]) from error
    return YamlDocument(str(path), text), raw


def path_text(where: Where) -> str:
    """("sites", 3, "pue") as "sites[3].pue"."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return text.removeprefix(".")


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):
            if key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


def _malformed(file: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    column = f", column {mark.column + 1}" if mark else ""
    rule = f"is not valid YAML{column}: {error.problem or error.context}"
    remedy = "check indentation, brackets and quotes just above; quote text with ': ' or a leading * & { ["
    return Problem(file, mark.line + 1 if mark else None, "", "", rule, remedy)
