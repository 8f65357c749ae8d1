"""The codebook: the single description of every column of a survey.

Labels, order, missing answers with their reasons, who was asked, and why a column is held at all
stand here once. Validation, labels, denominators, the data dictionary and disclosure control are
projections of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import TEXT, accepts
from trustkit.caveats import Caveats
from trustkit.display import Shown, folded_rows, for_notebook, html_notes, html_table
from trustkit.errors import CodebookError, suggest
from trustkit.field_kinds import accepts_fields
from trustkit.survey.variable import answers_of_set

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.survey.protection import Protection
    from trustkit.survey.purposes import KeepUntil, Purpose
    from trustkit.survey.replicate_columns import ReplicateColumns
    from trustkit.survey.variable import Variable


DICTIONARY = (
    *("variable", "label", "kind", "answers", "missing", "range", "asked", "set"),
    *("identifier", "purpose", "consent", "retention", "review"),
)
"""The columns of the data dictionary."""

REVERSED = " (reversed)"
"""What follows the answers of a variable whose scores are reversed."""

ROWS_SHOWN = 10
"""How many variables a codebook shows at once."""


@dataclass(frozen=True)
class Roles:
    """Which columns carry the sampling design; several columns of strata or PSUs are crossed."""

    weights: str | None = None
    strata: str | tuple[str, ...] | None = None
    psu: str | tuple[str, ...] | None = None
    fpc: str | None = None
    replicates: ReplicateColumns | None = None

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns of each role that has any.

        Examples
        --------
        >>> Roles("w", strata=("region", "urban")).columns
        {'weights': ('w',), 'strata': ('region', 'urban')}
        """
        named = {role: getattr(value, "columns", value) for role, value in vars(self).items()}
        return {
            role: (value,) if isinstance(value, str) else value
            for role, value in named.items()
            if value is not None
        }


@dataclass(frozen=True, repr=False)
class Codebook(Shown):
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
        The columns that carry weights, strata, PSUs and finite populations, and replicate weights.
    cleaning
        The cleaning steps in order, each a mapping with ``step`` and its arguments.
    track
        Variable -> label: the shares that the exclusion log follows from step to step.
    sets
        Set -> the question that its variables share (`Variable.set`).
    joined
        Set -> the column of the file from which its boxes were made (`Variable.split`).
    disclosure
        Items of the AAPOR Transparency Initiative that no other field contains, by item.
    purposes
        Purpose -> what respondents were told, and where it is recorded who agreed (`Variable.permission`).
    keep_until
        The term after which columns without a term of their own are deleted.
    nets
        Set -> the nets of its boxes, or of the answers that each of its questions has; see `Variable.nets`.
    used_for
        The purposes for which these rows may be used: each respondent agreed to all of them. A design then
        refuses variables that respondents did not allow for each of them. Empty: no limit.
    protection
        What must not be published of this study, if it is another rule than the default.

    Examples
    --------
    >>> import trustkit as tk
    >>> codebook = tk.Codebook({"sex": tk.Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"})})
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
    joined: Mapping[str, Variable] = field(default_factory=dict)
    disclosure: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    encoding: str = ""
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    keep_until: KeepUntil | None = None
    used_for: tuple[str, ...] = ()
    nets: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    protection: Protection | None = None

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    @property
    def caveats(self) -> Caveats:
        """What a reader must know about the data; the design adds the assumption of an opt-in sample."""
        return Caveats(synthetic=self.data == "synthetic", allowed=self.used_for, rules=(self.protection,))

    def __getitem__(self, name: str) -> Variable:
        """Return the variable of that name; a near miss is suggested."""
        if name not in self.variables:
            raise CodebookError(
                f"the codebook has no variable {name!r}", where=self.title, do=suggest(name, self.variables)
            )
        return self.variables[name]

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        kinds = Counter(variable.kind for variable in self.variables.values())
        counted = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
        unsure = sum(variable.unsure for variable in self.variables.values())
        review = sum(bool(variable.review) for variable in self.variables.values())
        notes = [
            f"{len(self.variables):,} variables: {counted}." if counted else "No variable.",
            f"Sets: {', '.join(self.sets)}." if self.sets else "",
            f"To review: {review:,} variables, {unsure:,} of them with a guess that could change a figure."
            if review
            else "",
            f"Population: {self.population}." if self.population else "",
        ]
        more = len(self.variables) - ROWS_SHOWN
        if more > 0:
            notes.insert(0, f"The first {ROWS_SHOWN} of {len(self.variables):,} variables are shown.")
        return (
            f"Codebook: {self.title or 'untitled'}",
            self._listed().head(ROWS_SHOWN),
            [*filter(None, notes), *self.caveats.sentences],
        )

    def _listed(self) -> pd.DataFrame:
        """List the variables in words, a row each, with what most readers look for."""
        every = self.variables.values()
        listed = {
            "variable": [variable.name for variable in every],
            "label": [variable.label for variable in every],
            "kind": [str(variable.kind) for variable in every],
            "answers": ["; ".join(variable.labels) for variable in every],
        }
        return pd.DataFrame(listed)

    def _repr_html_(self) -> str:
        title, table, notes = self._parts()
        rest = self._listed().iloc[ROWS_SHOWN:]
        caption = f"The other variables of {self.title or 'the codebook'}"
        folded = folded_rows(rest, f"The other {len(rest):,} variables", caption=caption)
        return for_notebook(html_table(table, caption=title) + html_notes(notes) + folded)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.variables)

    def members(self, name: str) -> tuple[str, ...]:
        """Return the questions of a set, in order, without its open text (none if there is no such set)."""
        accepts(name=(name, TEXT))
        return tuple(
            variable.name
            for variable in self.variables.values()
            if name and variable.set == name and variable.kind != "text"
        )

    def nets_of(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """Return the nets of a variable or a set: its own, or those of the set that it belongs to."""
        accepts(name=(name, TEXT))
        if name in self.joined:
            return self.joined[name].nets
        about = self.variables.get(name)
        if about is None or about.nets:
            return self.nets.get(name, {}) if about is None else about.nets
        return {} if about.kind == "multiple" else self.nets.get(about.set, {})

    def compact(self) -> Codebook:
        """Return the codebook as it describes the file: boxes parted from a column are that column again."""
        variables: dict[str, Variable] = {}
        for name, variable in self.variables.items():
            if variable.set in self.joined:
                variables.setdefault(variable.set, self.joined[variable.set])
            else:
                variables[name] = variable
        sets = {name: words for name, words in self.sets.items() if name not in self.joined}
        return replace(self, variables=variables, sets=sets, joined={})

    def to_frame(self) -> pd.DataFrame:
        """Return the data dictionary: one row per variable, all in words.

        Returns
        -------
        DataFrame
            ``variable``, ``label``, ``kind``, ``answers``, ``missing``, ``range``, ``asked``, ``set``,
            ``identifier``, ``purpose``, ``consent``, ``retention`` and ``review``.
        """
        rows = [
            {
                "variable": variable.name,
                "label": variable.label,
                "kind": variable.kind,
                "answers": "; ".join(answers_in_words(variable)) + REVERSED * variable.reverse,
                "missing": "; ".join(_missing_in_words(variable)),
                "range": _range_in_words(variable),
                "asked": "; ".join(f"{of}: {' or '.join(who)}" for of, who in variable.asked.items()),
                "set": f"{variable.set}: {self.sets[variable.set]}"
                if variable.set in self.sets
                else variable.set,
                "identifier": variable.identifier,
                "purpose": variable.purpose,
                "consent": variable.consent,
                "retention": variable.retention,
                "review": variable.review,
            }
            for variable in self.variables.values()
        ]
        return pd.DataFrame(rows, columns=DICTIONARY)

    def to_html(self) -> str:
        """Return the data dictionary as an HTML table, after a sentence about the study.

        Columns of `to_frame` that say nothing of any variable are left out.
        """
        synthetic = "".join(f"{sentence} " for sentence in self.caveats.sentences)
        source = f" Source: {self.source.strip()}" if self.source.strip() else ""
        about = escape(f"{synthetic}{self.title}. Population: {self.population or 'not stated'}.{source}")
        frame = self.to_frame()
        empty = [name for name in ("range", "asked", "set", "review") if not frame[name].any()]
        return f"<p>{about}</p>" + html_table(
            frame.drop(columns=empty), caption=f"Data dictionary: {self.title}"
        )


def nets_among(book: Codebook, kept: Mapping[str, Variable]) -> dict[str, Mapping[str, tuple[str, ...]]]:
    """Return the nets of sets, without those that count answers or boxes that are not among some variables.

    Nets of columns whose joined answers became boxes are nets of the set of these boxes.

    Examples
    --------
    >>> from trustkit import Variable
    >>> codes = {1: "Yes"}
    >>> boxes = {name: Variable(name, f"Which? {name}", "multiple", codes=codes, set="s") for name in "ab"}
    >>> book = Codebook(boxes, sets={"s": "Which?"}, nets={"s": {"Either": ("a", "b")}})
    >>> nets_among(book, boxes), nets_among(book, {"a": boxes["a"]})
    ({'s': {'Either': ('a', 'b')}}, {})
    """
    every = {**{name: about.nets for name, about in book.joined.items()}, **book.nets}
    found: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for name, nets in every.items():
        members = [about for about in kept.values() if about.set == name and about.kind != "text"]
        known = answers_of_set(members, book.sets.get(name, ""))
        own = {net: answers for net, answers in nets.items() if set(answers) <= set(known)}
        if own:
            found[name] = own
    return found


def answers_in_words(variable: Variable) -> list[str]:
    """Return in words which codes are answers, one by one."""
    return [_coded(code, label) for code, label in variable.codes.items()]


def _coded(code: object, meaning: str) -> str:
    """Return a code and what it means; the words alone where the code is its own meaning.

    Examples
    --------
    >>> _coded(1, "Yes"), _coded("France", "France"), _coded("Don't know", "don't know")
    ('1 = Yes', 'France', "Don't know")
    """
    return str(code) if str(code).casefold() == meaning.casefold() else f"{code} = {meaning}"


def _range_in_words(variable: Variable) -> str:
    """Return the range of the answers in words."""
    low, high = ("" if end is None else _bound(end) for end in (variable.low, variable.high))
    if not low:
        return high and f"up to {high}"
    return f"{low} to {high}" if high else f"from {low}"


def _bound(number: float) -> str:
    """Write the end of a range: in full, and with thousands separators where it is longer than a year.

    Examples
    --------
    >>> _bound(1990.0), _bound(86400.0), _bound(2_500_000.0), _bound(0.5)
    ('1990', '86,400', '2,500,000', '0.5')
    """
    longer = 10_000
    return f"{number:,.12g}" if abs(number) >= longer else f"{number:.12g}"


def _missing_in_words(variable: Variable) -> list[str]:
    """Return in words which codes are missing, and why."""
    codes = [
        f"{code} = {variable.missing_words[code]} ({reason})" if code in variable.missing_words
        else _coded(code, reason)
        for code, reason in variable.missing.items()
    ]  # fmt: skip
    return codes + [f"{span.low:g} to {span.high:g} = {span.reason}" for span in variable.missing_ranges]
