"""YAML documents read safely: every error at once, each with its line and its path in the file.

A codebook, a claims file and a targets file are all read through here. What YAML could do beyond
plain data (anchors, tags, duplicate keys) is refused, so a document means what a reader sees. What is
written here is read back as the same values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from trustkit.errors import Faults, TrustkitError, special_file, suggest, writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import yaml
    from yaml.error import Mark

Scalar = str | int | float | bool | None
Word = TypeVar("Word", bound=str)

LONGEST_SHOWN = 60
"""Characters of a value that a message shows."""


class Document:
    """One YAML file, the errors found in it so far, and the lines its values are on.

    Parameters
    ----------
    path
        The file.
    error
        The class of error to raise when something in the document is wrong.

    Raises
    ------
    TrustkitError
        At once if the file is missing, empty or not plain YAML; from `finish` for all other errors.
    """

    def __init__(self, path: str | Path, error: type[TrustkitError]) -> None:
        self.path = Path(path)
        self.faults = Faults(self.path.as_posix(), error)
        self._lines: dict[tuple[Scalar, ...], int] = {}
        import yaml  # noqa: PLC0415

        try:
            kind = special_file(self.path.stat().st_mode)
            if kind:
                raise error(
                    f"this is {kind}", where=self.path.as_posix(), expected="a file", do="name a YAML file"
                )
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise error(
                "no such file", where=self.path.as_posix(), do="check the path and the working directory"
            ) from None
        except IsADirectoryError:
            raise error("this is a folder", where=self.path.as_posix(), do="name a file in it") from None
        except OSError as fault:
            raise error(
                "the file can't be opened",
                where=self.path.as_posix(),
                got=fault.strerror,
                do="check the path and its rights",
            ) from None
        except UnicodeDecodeError as fault:
            raise error(
                "the file is not UTF-8", where=self.path.as_posix(), got=str(fault), do="save it as UTF-8"
            ) from None
        try:
            node = _compose(text)
            value = None if node is None else self._value(node, ())
        except yaml.YAMLError as fault:
            mark = getattr(fault, "problem_mark", None)
            line = f":{mark.line + 1}" if mark else ""
            raise error(
                "the file is not plain YAML",
                where=f"{self.path.as_posix()}{line}",
                got=str(getattr(fault, "problem", fault)),
                expected="mappings, lists and scalars, without anchors, aliases, tags or duplicate keys",
            ) from None
        if value is None:
            raise error("the file is empty", where=self.path.as_posix(), do="write the document into it")
        self.root = Entry(self, (), value)

    def fault(self, at: tuple[Scalar, ...], what: str, do: str = "") -> None:
        """Record an error at a path in the document."""
        known = at
        while known and known not in self._lines:
            known = known[:-1]
        path = ".".join(str(part) for part in at) or "(top)"
        self.faults.add(what, where=f"line {self._lines[known]}, {path}", do=do)

    def finish(self) -> None:
        """Raise one error that lists every error recorded."""
        self.faults.refuse()

    def _value(self, node: yaml.Node, at: tuple[Scalar, ...]) -> Any:  # noqa: ANN401
        import yaml  # noqa: PLC0415

        self._lines[at] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            mapping: dict[Scalar, Any] = {}
            for key_node, value_node in node.value:
                key = _scalar(key_node)
                if key in mapping:
                    self._lines[(*at, key)] = key_node.start_mark.line + 1
                    self.fault((*at, key), "the key occurs twice", "keep one of them")
                mapping[key] = self._value(value_node, (*at, key))
                self._lines[(*at, key)] = key_node.start_mark.line + 1
            return mapping
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*at, number)) for number, item in enumerate(node.value, 1)]
        return _scalar(node)


class Entry:
    """A value in a document; its readers record an error and return a harmless value in its place."""

    def __init__(self, document: Document, at: tuple[Scalar, ...], value: object) -> None:
        self.document, self.at, self.value = document, at, value

    def fault(self, what: str, do: str = "") -> None:
        """Record an error at this entry."""
        self.document.fault(self.at, what, do)

    def keys(self, known: Iterable[str], needed: Iterable[str] = ()) -> None:
        """Record an error for each key that is not known, and for each needed one that is missing."""
        mapping = self.mapping()
        known = list(known)
        for key in mapping:
            if key not in known:
                self.document.fault((*self.at, key), "unknown key", suggest(key, known))
        for key in needed:
            if mapping.get(key) is None:
                self.fault(f"the key {key!r} is missing")

    def keys_have_values(self) -> None:
        """Record an error for each key of a mapping that has no value."""
        for key, value in self.mapping().items():
            if value is None:
                self.document.fault((*self.at, key), "the key has no value", "write its text")

    def mapping(self) -> Mapping[Scalar, object]:
        """Return the entry as a mapping."""
        if isinstance(self.value, dict):
            return self.value
        if self.value is not None:
            self.fault(f"expected a mapping, got {_shown(self.value)}")
        return {}

    def has(self, key: Scalar) -> bool:
        """Return whether the entry has this key, with a value."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def child(self, key: Scalar) -> Entry:
        """Return the entry below a key (its value None if absent)."""
        return Entry(self.document, (*self.at, key), self.mapping().get(key))

    def children(self) -> Iterator[tuple[Scalar, Entry]]:
        """Iterate over the keys of a mapping and their entries."""
        for key in self.mapping():
            yield key, self.child(key)

    def items(self) -> Iterator[Entry]:
        """Iterate over a list's entries; a single scalar counts as a list of one."""
        if self.value is None:
            return
        if isinstance(self.value, dict):
            self.fault("expected a list, got a mapping")
            return
        values = self.value if isinstance(self.value, list) else [self.value]
        for number, value in enumerate(values, 1):
            yield Entry(self.document, (*self.at, number), value)

    def text(self, default: str = "") -> str:
        """Return the entry as text."""
        if self.value is None:
            return default
        if isinstance(self.value, str | int | float) and not isinstance(self.value, bool):
            return str(self.value)
        self.fault(
            f"expected text, got {_shown(self.value)}", "quote it" if isinstance(self.value, bool) else ""
        )
        return default

    def number(self, default: float | None = None) -> float:
        """Return the entry as a finite number."""
        if self.value is None and default is not None:
            return default
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return float(self.value)
        self.fault(f"expected a number, got {_shown(self.value)}")
        return 0.0 if default is None else default

    def flag(self, *, default: bool) -> bool:
        """Return the entry as true or false."""
        if self.value is None:
            return default
        if isinstance(self.value, bool):
            return self.value
        self.fault(f"expected true or false, got {_shown(self.value)}")
        return default

    def choice(self, options: tuple[Word, ...], default: Word) -> Word:
        """Return the entry as one of some words."""
        if self.value is None:
            return default
        for option in options:
            if self.value == option:
                return option
        self.fault(f"got {_shown(self.value)}", suggest(self.value, options))
        return default

    def texts(self) -> tuple[str, ...]:
        """Return the entry as a tuple of texts."""
        return tuple(item.text() for item in self.items())


def _shown(value: object) -> str:
    """Return a value for a message; a long one is cut, because a file of answers may be given by mistake."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def replace_file(path: str | Path, text: str) -> Path:
    """Write a text file completely or not at all: under another name first, then moved into place.

    Raises
    ------
    DataError
        If the disk is full or says no in another way; what was there is then as it was.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    with writing(path):
        try:
            part.write_text(text, encoding="utf-8", newline="\n")
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
    return path


def scalar_text(value: object, *, plain: bool = True) -> str:
    r"""Write a value so that `Document` reads the same value back: text is quoted wherever that is safer.

    Parameters
    ----------
    value
        Text, a number, true, false or None.
    plain
        Whether text may be written without quotes where it cannot be read as anything else.

    Examples
    --------
    >>> scalar_text("Yes, always"), scalar_text("007"), scalar_text(7.0), scalar_text(1e-7), scalar_text(None)
    ('"Yes, always"', '"007"', '7.0', '1.0e-07', 'null')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        number = repr(float(value)) if isinstance(value, float) else str(int(value))
        mantissa, exponent, power = number.partition("e")
        return number if not exponent or "." in mantissa else f"{mantissa}.0e{power}"
    text = str(value)
    if plain and _PLAIN.fullmatch(text) and text.casefold() not in _NOT_TEXT:
        return text
    return '"' + _SPECIAL.sub(_escape, text) + '"'


def flow_text(value: object, *, plain: bool = True) -> str:
    """Write a value on one line; ``plain`` as in `scalar_text`, for texts that are not keys.

    Examples
    --------
    >>> flow_text({1: "Yes", "a": ["No", 2.5]}, plain=False)
    '{1: "Yes", a: ["No", 2.5]}'
    """
    if isinstance(value, Mapping):
        inner = (f"{key_text(key, ' ')} {flow_text(item, plain=plain)}" for key, item in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow_text(item, plain=plain) for item in value) + "]"
    return scalar_text(value, plain=plain)


def key_text(key: object, gap: str) -> str:
    """Write a key and its colon; YAML wants ``?`` before a long key, and a gap before its colon."""
    text = scalar_text(key)
    longest = 1000  # YAML reads a key without introduction up to 1,024 characters
    return f"{text}:" if len(text) <= longest else f"? {text}{gap}:"


def _escape(match: re.Match[str]) -> str:
    r"""Write a character as YAML wants it between double quotes."""
    character = match[0]
    return "\\" + character if character in '"\\' else f"\\U{ord(character):08x}"


_PLAIN = re.compile(r"[A-Za-z_][\w.()/' +-]*(?<! )", re.ASCII)
"""Text that every YAML reader reads as text, on a separate line and in a mapping or list."""

_NOT_TEXT = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
"""Words that this reader or other readers of YAML do not take for text."""

_SPECIAL = re.compile(
    r"[^\x20\x21\x23-\x5b\x5d-\x7e\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What must be escaped between double quotes: quotes, backslashes, line breaks, invisible characters."""


def own_data(path: Path) -> Any:  # noqa: ANN401  # whatever the file holds
    """Return what a YAML file of the package holds, read by the fast loader where PyYAML has it.

    Such files are checked by tests; for files of users, whose errors are told, take the reader above.

    Examples
    --------
    >>> import trustkit
    >>> own_data(Path(trustkit.__file__).with_name("files") / "known_formats.yaml")[0]["what"]
    'this is the address of a Google Sheet'
    """
    import yaml  # noqa: PLC0415

    kind = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    loader = kind(path.read_text(encoding="utf-8"))
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


@cache
def _plain_loaders() -> tuple[type[yaml.SafeLoader], ...]:
    """Return loaders of plain data: yes, no, dates, 1:30 and 010 stay what they are on a questionnaire.

    The last is Python's own, whose errors are shown; before it stands the fast one, where PyYAML has it.
    """
    import yaml  # noqa: PLC0415

    own = _plain(yaml.SafeLoader)
    if not yaml.__with_libyaml__:
        return (own,)
    return _plain(cast("type[yaml.SafeLoader]", yaml.CSafeLoader)), own


def _plain(loader: type[yaml.SafeLoader]) -> type[yaml.SafeLoader]:
    """Return a loader that takes nothing but true, false, null and plain numbers for more than text."""
    import yaml  # noqa: PLC0415

    class PlainLoader(loader):  # type: ignore[misc, valid-type]
        yaml_implicit_resolvers = {  # noqa: RUF012
            first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[-1] == "null"]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    numeric = list("-+.0123456789")
    for name, pattern, first in (
        ("bool", "^(?:true|false)$", list("tf")),
        ("int", "^[-+]?(?:0|[1-9][0-9]*)$", numeric),
        ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", numeric),
    ):
        PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(pattern), first)
    return PlainLoader


def _compose(text: str) -> yaml.Node | None:
    """Parse one document, refusing anchors, aliases and explicit tags."""
    import yaml  # noqa: PLC0415

    *fast, own = _plain_loaders()
    for loader in fast:
        try:
            return _composed_by(loader, text)
        except yaml.YAMLError:  # read again, for the line and the words of the error
            break
    return _composed_by(own, text)


def _composed_by(loader: type[yaml.SafeLoader], text: str) -> yaml.Node | None:
    import yaml  # noqa: PLC0415

    for event in yaml.parse(text, Loader=loader):
        anchored = getattr(event, "anchor", None) is not None
        tag = getattr(event, "tag", None)
        if anchored or tag is not None:
            problem = "an anchor or alias" if anchored else f"the tag {tag}"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=_mark(event))
    return yaml.compose(text, Loader=loader)


def _scalar(node: yaml.Node) -> Scalar:
    """Build the value of a scalar node."""
    import yaml  # noqa: PLC0415

    if not isinstance(node, yaml.ScalarNode):
        raise yaml.MarkedYAMLError(problem="a mapping or list as a key", problem_mark=_mark(node))
    value: Scalar = yaml.constructor.SafeConstructor().construct_object(node)
    return value


def _mark(item: yaml.Node | yaml.Event) -> Mark | None:
    """Return where an item starts."""
    from yaml.error import Mark  # noqa: PLC0415

    mark = item.start_mark
    return Mark(mark.name, mark.index, mark.line, mark.column, None, 0) if mark else None
