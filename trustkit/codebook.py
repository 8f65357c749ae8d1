"""The codebook: the single description of every column of a survey.

Labels, order, missing answers with their reasons, who was asked, and why a column is held at all
stand here once. Validation, labels, denominators, the data dictionary and disclosure control are
projections of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from html import escape
from typing import TYPE_CHECKING, Literal, cast, get_args

import pandas as pd

from trustkit.documents import Document, Entry
from trustkit.errors import CodebookError, suggest
from trustkit.results import html_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Kind = Literal["single", "multiple", "ordinal", "numeric", "text", "id", "weight", "date"]
Reason = Literal["don't know", "refused", "not asked", "skipped"]
Identifier = Literal["none", "direct", "quasi"]
Code = str | int | float

CODED: tuple[Kind, ...] = ("single", "multiple", "ordinal")
ANSWERED: tuple[Reason, ...] = ("don't know", "refused")
"""Reasons that stay in the denominator when the base is everyone asked."""


@dataclass(frozen=True)
class MissingRange:
    """Numbers from ``low`` to ``high``, both inclusive, that stand for no substantive answer.

    Examples
    --------
    >>> MissingRange(97, 99, "refused").holds(98), MissingRange(97, 99, "refused").holds(1)
    (True, False)
    """

    low: float
    high: float
    reason: Reason

    def holds(self, code: Code) -> bool:
        """Tell whether a code is in the range; what is no number is not."""
        try:
            return self.low <= float(code) <= self.high
        except (TypeError, ValueError):
            return False


@dataclass(frozen=True)
class Variable:
    """What is known about one column.

    Attributes
    ----------
    name
        The column's name.
    label
        The question as it was worded, or what the column holds.
    kind
        How the column is read and analysed. ``single`` and ``ordinal`` take one of `codes`,
        ``multiple`` is one box of a multiple-response set.
    codes
        Code in the raw file -> label, in questionnaire order (for ``ordinal``, ascending).
    missing
        Code in the raw file -> why there is no substantive answer.
    missing_words
        Code in `missing` -> how the source words it, where that differs from the reason.
    missing_ranges
        Ranges of numbers that are missing, too, as SPSS has them.
    scores
        Label -> number, where an answer counts as a number. Codes that are numbers score themselves.
    reverse
        The item is worded against its scale; `scores` run from high to low.
    low, high
        The range of a ``numeric`` column, inclusive.
    asked
        Variable -> labels: only respondents who gave one of these answers were asked.
    set
        The multiple-response set or battery that the column belongs to.
    purpose, consent, identifier, retention
        Why the column is held, on what consent basis, whether it identifies a person (``direct``),
        may do so together with others (``quasi``), and how long it is kept.
    review
        What was guessed when this description was drafted and nobody has looked at yet; empty if nothing.
    """

    name: str
    label: str
    kind: Kind
    codes: Mapping[Code, str] = field(default_factory=dict)
    missing: Mapping[Code, Reason] = field(default_factory=dict)
    missing_words: Mapping[Code, str] = field(default_factory=dict)
    missing_ranges: tuple[MissingRange, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    reverse: bool = False
    low: float | None = None
    high: float | None = None
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    set: str = ""
    purpose: str = ""
    consent: str = ""
    identifier: Identifier = "none"
    retention: str = ""
    review: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The substantive answers, in order."""
        return tuple(self.codes.values())

    @property
    def missing_names(self) -> dict[Code, str]:
        """Missing code -> the label it gets: the source's words, or the reason."""
        return {
            code: self.missing_words.get(code, reason.capitalize()) for code, reason in self.missing.items()
        }

    @property
    def missing_labels(self) -> tuple[str, ...]:
        """The labels of the answers that are not substantive, each once, in order."""
        ranges = [span.reason.capitalize() for span in self.missing_ranges]
        return tuple(dict.fromkeys([*self.missing_names.values(), *ranges]))

    @property
    def reason_of(self) -> dict[str, Reason]:
        """Label of an answer that is not substantive -> its reason."""
        found = {span.reason.capitalize(): span.reason for span in self.missing_ranges}
        return found | {self.missing_names[code]: reason for code, reason in self.missing.items()}

    @property
    def asked_labels(self) -> tuple[str, ...]:
        """Every answer of a respondent who was asked: the substantive ones, don't know and refused."""
        reasons = self.reason_of
        return self.labels + tuple(name for name in self.missing_labels if reasons[name] in ANSWERED)

    @property
    def scoring(self) -> dict[str, float]:
        """Label -> number: the written scores, else the numeric codes, turned around if `reverse`."""
        if self.scores:
            return dict(self.scores)
        scored = {label: float(code) for code, label in self.codes.items() if isinstance(code, int | float)}
        if self.reverse and scored:
            ends = min(scored.values()) + max(scored.values())
            scored = {label: ends - value for label, value in scored.items()}
        return scored


@dataclass(frozen=True)
class Roles:
    """Which columns carry the sampling design."""

    weights: str | None = None
    strata: str | None = None
    psu: str | None = None
    fpc: str | None = None


@dataclass(frozen=True)
class Codebook:
    """The description of a study and of each of its columns.

    Attributes
    ----------
    variables
        Name -> `Variable`, in the file's order.
    title, population, source, fieldwork
        The study in words.
    data
        ``real`` or ``synthetic``; every output made from synthetic data says so.
    sample
        ``probability`` or ``opt-in``.
    design
        The columns that carry weights, strata, PSUs and finite populations.
    cleaning
        The cleaning steps in order, each a mapping with ``step`` and its arguments.
    track
        Variable -> label: the shares that the exclusion log follows from step to step.
    sets
        Set -> the question that its variables share (`Variable.set`).
    disclosure
        What the AAPOR Transparency Initiative asks of a study and no other field holds, by item.

    Examples
    --------
    >>> codebook = Codebook({"sex": Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"})})
    >>> codebook["sex"].labels
    ('Men', 'Women')
    """

    variables: Mapping[str, Variable]
    title: str = ""
    data: Literal["real", "synthetic"] = "real"
    population: str = ""
    sample: Literal["probability", "opt-in"] = "probability"
    source: str = ""
    fieldwork: str = ""
    design: Roles = field(default_factory=Roles)
    cleaning: tuple[Mapping[str, object], ...] = ()
    track: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    disclosure: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Variable:
        """Return the variable of that name; a near miss is suggested."""
        if name not in self.variables:
            raise CodebookError(
                f"the codebook has no variable {name!r}", where=self.title, do=suggest(name, self.variables)
            )
        return self.variables[name]

    def members(self, name: str) -> tuple[str, ...]:
        """Return the variables of a set, in order (none if there is no such set)."""
        return tuple(variable.name for variable in self.variables.values() if name and variable.set == name)

    def to_frame(self) -> pd.DataFrame:
        """Return the data dictionary: one row per variable."""
        return pd.DataFrame(
            [
                {
                    "variable": variable.name,
                    "label": variable.label,
                    "kind": variable.kind,
                    "answers": "; ".join(f"{code} = {label}" for code, label in variable.codes.items()),
                    "missing": "; ".join(_missing_in_words(variable)),
                    "asked": "; ".join(f"{of}: {' or '.join(who)}" for of, who in variable.asked.items()),
                    "identifier": variable.identifier,
                    "purpose": variable.purpose,
                    "consent": variable.consent,
                    "retention": variable.retention,
                }
                for variable in self.variables.values()
            ]
        )

    def to_html(self) -> str:
        """Return the data dictionary as an HTML table, after a sentence about the study."""
        synthetic = "Synthetic data. " if self.data == "synthetic" else ""
        about = escape(f"{synthetic}{self.title}. Population: {self.population or 'not stated'}.")
        return f"<p>{about}</p>" + html_table(self.to_frame(), caption=f"Data dictionary: {self.title}")


def read_codebook(path: str | Path) -> Codebook:
    r"""Read a codebook from YAML, checking all of it.

    Parameters
    ----------
    path
        The file. Its top level holds ``title``, ``data``, ``population``, ``sample``, ``source``,
        ``fieldwork``, ``design``, ``cleaning``, ``track``, ``sets``, ``disclosure`` and ``variables``; see
        `Codebook` and `Variable`. A missing code stands as ``98: refused`` or, in the source's own words,
        as ``98: {reason: refused, label: Prefer not to say}``; a range as
        ``missing_ranges: [{low: 97, high: 99, reason: refused}]``.

    Raises
    ------
    CodebookError
        With every fault in the file, each with its line and path.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "codebook.yaml"
    >>> _ = file.write_text("title: Tiny\nvariables:\n  age: {label: Age in years, kind: numeric}\n")
    >>> read_codebook(file)["age"].label
    'Age in years'
    """
    document = Document(path, CodebookError)
    top = document.root
    top.keys([item.name for item in fields(Codebook)], needed=["variables"])
    variables = {str(name): _variable(str(name), entry) for name, entry in top.child("variables").children()}
    roles = top.child("design")
    known = [item.name for item in fields(Roles)]
    roles.keys(known)
    design = Roles(**{role: roles.child(role).text() for role in known if roles.has(role)})
    codebook = Codebook(
        variables=variables,
        title=top.child("title").text(),
        data=top.child("data").choice(("real", "synthetic"), "real"),
        population=top.child("population").text(),
        sample=top.child("sample").choice(("probability", "opt-in"), "probability"),
        source=top.child("source").text(),
        fieldwork=top.child("fieldwork").text(),
        design=design,
        cleaning=tuple(cast("dict[str, object]", item.mapping()) for item in top.child("cleaning").items()),
        track={str(name): label.text() for name, label in top.child("track").children()},
        sets={str(name): label.text() for name, label in top.child("sets").children()},
        disclosure={str(item): text.text() for item, text in top.child("disclosure").children()},
    )
    _check_references(codebook, top)
    document.finish()
    return codebook


def _variable(name: str, entry: Entry) -> Variable:
    """Build one variable, noting its faults."""
    own = ("name", "missing_words")
    entry.keys([item.name for item in fields(Variable) if item.name not in own], needed=["label", "kind"])
    kind = entry.child("kind").choice(get_args(Kind), "single")
    known = entry.child("kind").value in get_args(Kind)
    entry.child("codes").keys_have_values()
    codes = {_code(entry, code): label.text() for code, label in entry.child("codes").children()}
    missing, words = _missing(entry)
    if known and kind in CODED and not codes:
        entry.fault(f"a {kind} variable needs codes", "list each code with its label")
    if kind not in CODED and codes:
        entry.fault(f"a {kind} variable takes no codes", "drop them, or make the kind single or ordinal")
    _check_codes(entry, codes, missing, words)
    labels = list(codes.values())
    for label in dict.fromkeys(label for label in labels if labels.count(label) > 1):
        entry.child("codes").fault(f"the label {label!r} stands for several codes", "make labels distinct")
    scores = {str(label): number.number() for label, number in entry.child("scores").children()}
    for label in scores:
        if label not in labels:
            entry.child("scores").fault(f"{label!r} is not a label", suggest(label, labels))
    bounds = {end: entry.child(end).number() if entry.has(end) else None for end in ("low", "high")}
    if bounds["low"] is not None and bounds["high"] is not None and bounds["low"] > bounds["high"]:
        entry.fault(f"low {bounds['low']:g} is above high {bounds['high']:g}", "swap them")
    return Variable(
        name=name,
        label=entry.child("label").text(),
        kind=kind,
        codes=codes,
        missing=missing,
        missing_words=words,
        missing_ranges=tuple(_missing_range(item) for item in entry.child("missing_ranges").items()),
        scores=scores,
        reverse=entry.child("reverse").flag(default=False),
        low=bounds["low"],
        high=bounds["high"],
        asked={str(of): who.texts() for of, who in entry.child("asked").children()},
        set=entry.child("set").text(),
        purpose=entry.child("purpose").text(),
        consent=entry.child("consent").text(),
        identifier=entry.child("identifier").choice(get_args(Identifier), "none"),
        retention=entry.child("retention").text(),
        review=entry.child("review").text(),
    )


def _missing(entry: Entry) -> tuple[dict[Code, Reason], dict[Code, str]]:
    """Read the missing codes: their reasons, and their words where the source has its own."""
    reasons: dict[Code, Reason] = {}
    words: dict[Code, str] = {}
    for key, item in entry.child("missing").children():
        code = _code(entry, key)
        if not isinstance(item.value, dict):
            reasons[code] = item.choice(get_args(Reason), "skipped")
            continue
        item.keys(["reason", "label"], needed=["reason", "label"])
        reasons[code] = item.child("reason").choice(get_args(Reason), "skipped")
        words[code] = item.child("label").text()
    return reasons, words


def _missing_range(entry: Entry) -> MissingRange:
    """Read one range of missing numbers."""
    entry.keys(["low", "high", "reason"], needed=["low", "high", "reason"])
    low, high = (entry.child(end).number(0.0) for end in ("low", "high"))
    if low > high:
        entry.fault(f"low {low:g} is above high {high:g}", "swap them")
    return MissingRange(low, high, entry.child("reason").choice(get_args(Reason), "skipped"))


def _missing_in_words(variable: Variable) -> list[str]:
    """Say which codes are missing, and why."""
    codes = [
        f"{code} = {variable.missing_words[code]} ({reason})" if code in variable.missing_words
        else f"{code} = {reason}"
        for code, reason in variable.missing.items()
    ]  # fmt: skip
    return codes + [f"{span.low:g} to {span.high:g} = {span.reason}" for span in variable.missing_ranges]


def code_text(code: object) -> str:
    """Write a code as text: whole numbers without a decimal point, and without leading zeros.

    Examples
    --------
    >>> code_text(7.0), code_text("007"), code_text("a7")
    ('7', '7', 'a7')
    """
    if isinstance(code, float) and code.is_integer():
        return str(int(code))
    text = str(code)
    return str(int(text)) if text.isascii() and text.isdigit() else text


def _check_codes(
    entry: Entry, codes: Mapping[Code, str], missing: Mapping[Code, Reason], words: Mapping[Code, str]
) -> None:
    """Fault codes and labels that can't be told apart in the data."""
    seen: dict[str, Code] = {}
    for code in codes:
        if code_text(code) in seen:
            entry.child("codes").fault(
                f"the codes {seen[code_text(code)]!r} and {code!r} are read as one", "keep one of them"
            )
        seen[code_text(code)] = code
    for code in missing:
        if code_text(code) in seen:
            entry.child("missing").fault(
                f"the code {code!r} is an answer and missing at once", "keep one of them"
            )
    names: dict[str, Reason] = {}
    for code, reason in missing.items():
        name = words.get(code, reason.capitalize())
        if names.setdefault(name, reason) != reason:
            entry.child("missing").fault(
                f"the label {name!r} stands for two reasons", "word one of them differently"
            )
    for code, label in codes.items():
        if label in names:
            entry.child("codes").fault(
                f"the label {label!r} is also how missing answers are called",
                f"list the code {code!r} under missing, or word the label differently",
            )


def _code(entry: Entry, code: object) -> Code:
    """Take a mapping's key as a code."""
    if isinstance(code, bool) or not isinstance(code, str | int | float):
        entry.fault(f"the code {code!r} is neither text nor a number", "quote it")
        return str(code)
    return code


def _check_references(codebook: Codebook, top: Entry) -> None:
    """Fault names of variables and labels that the codebook does not hold."""
    known = codebook.variables
    for name, label in codebook.track.items():
        if name not in known:
            top.child("track").fault(f"no variable {name!r}", suggest(name, known))
        elif label not in known[name].labels:
            top.child("track").child(name).fault(
                f"{label!r} is no answer of it", suggest(label, known[name].labels)
            )
    for role, column in vars(codebook.design).items():
        if column is not None and column not in known:
            top.child("design").child(role).fault(f"no variable {column!r}", suggest(column, known))
    for variable in known.values():
        asked = top.child("variables").child(variable.name).child("asked")
        for of, labels in variable.asked.items():
            if of not in known:
                asked.fault(f"no variable {of!r}", suggest(of, known))
                continue
            for label in labels:
                if label not in known[of].labels:
                    asked.child(of).fault(f"{label!r} is no answer of it", suggest(label, known[of].labels))
