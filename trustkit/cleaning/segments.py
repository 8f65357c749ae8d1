"""Segments: respondents sorted by a registered rule that counts answers which show concern."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from trustkit.arguments import SURVEY, TEXT, WHOLE, WORDS, a_trustkit, accepts
from trustkit.cleaning.derive import strongest
from trustkit.errors import DataError, suggest
from trustkit.field_kinds import accepts_fields
from trustkit.published_scales.registry import Checked
from trustkit.survey.exclusion_log import Step
from trustkit.survey.permissions import described_by
from trustkit.survey.quoted_cells import quoted_cells
from trustkit.survey.variable import CODED, Variable
from trustkit.yaml_documents import Document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.survey.survey import Survey

Concern = Literal["agree", "disagree"]

SHIPPED = Path(__file__).with_name("segment_rules.yaml")
"""The file of the rules that come with trustkit."""

RULE = a_trustkit("SegmentRule", "make one with tk.SegmentRule") | TEXT
"""What `segments` takes as a rule."""

ANSWERS = TEXT.listed("a list of answers", 'write them as ["Agree", "Strongly agree"]', least=1)
"""What `segments` takes as answers that agree, or that disagree."""

RANGES_DO = "give each segment its lowest and its highest number, so that each number is in one segment"
"""What to do about ranges that leave a number out, or hold it twice."""

NOT_READ = "The rule was not read at its source: check it before you publish the segments."
"""The note on segments of a rule that is unverified."""


@dataclass(frozen=True)
class SegmentRule:
    """A rule that sorts respondents by the number of their answers that show concern.

    Attributes
    ----------
    title
        What the segments are.
    items
        Item -> ``agree`` or ``disagree``: the answer that shows concern.
    segments
        Segment -> the lowest and the highest number of such answers. Together they hold every number.
    about
        Item -> what it is about, in a few words.
    caveats
        What a reader of the segments must know.
    source
        Where the rule is published.
    checked
        ``read``: the rule was read there. ``unverified``: it was not, and estimates of the segments say so.

    Examples
    --------
    >>> import trustkit as tk
    >>> rule = tk.SegmentRule("Concern", {"control": "agree"}, {"Concerned": (1, 1), "Unconcerned": (0, 0)})
    >>> rule.segment_of(1)
    'Concerned'
    """

    title: str
    items: Mapping[str, Concern]
    segments: Mapping[str, tuple[int, int]]
    about: Mapping[str, str] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    source: str = ""
    checked: Checked = "read"

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and segments that leave a number out.

        Raises
        ------
        DataError
            A number of answers without a segment, or with several, or a segment of numbers that nobody can
            have.
        """
        accepts_fields(self)
        fault = fault_of(self.segments, len(self.items))
        if fault:
            raise DataError(fault, where=self.title, do=RANGES_DO)

    def segment_of(self, count: int) -> str:
        """Return the segment of respondents with a number of answers that show concern.

        Raises
        ------
        DataError
            A number that no respondent can have.
        """
        accepts(count=(count, WHOLE))
        if not 0 <= count <= len(self.items):
            raise DataError(
                "count is out of range", got=str(count), expected=f"0 to {len(self.items)}",
                do="give the number of items of which the answer shows concern",
            )  # fmt: skip
        return next(name for name, (low, high) in self.segments.items() if low <= count <= high)


def fault_of(segments: Mapping[str, Sequence[float]], items: int) -> str:
    """Return what is wrong with the ranges of segments; empty if each number from 0 to ``items`` is in one.

    Examples
    --------
    >>> fault_of({"High": (2, 3), "Low": (0, 0)}, 3)
    '1 answers that show concern are in 0 segments'
    """
    if any(len(ends) != 2 for ends in segments.values()):  # noqa: PLR2004
        return "a segment needs two numbers"
    for name, (low, high) in segments.items():
        if not 0 <= low <= high <= items:
            return f"the segment {name!r} is from {low:g} to {high:g}, and numbers are from 0 to {items}"
    for count in range(items + 1):
        times = sum(low <= count <= high for low, high in segments.values())
        if times != 1:
            return f"{count} answers that show concern are in {times} segments"
    return ""


def read_segment_rules(path: str | Path) -> dict[str, SegmentRule]:
    """Read rules from YAML: name -> rule.

    Raises
    ------
    DataError
        With every error in the file, each with its line and path.

    Examples
    --------
    >>> sorted(read_segment_rules(SHIPPED))[-1]
    'westin_segmentation_1995'
    """
    document = Document(path, DataError)
    top = document.root
    top.keys(["title", "rules"], needed=["rules"])
    needed = ("title", "items", "segments", "caveats", "source", "checked")
    read = []
    for name, entry in top.child("rules").children():
        entry.keys(needed, needed=needed)
        about: dict[str, str] = {}
        items: dict[str, Concern] = {}
        for item, told in entry.child("items").children():
            told.keys(["about", "concern"], needed=["about", "concern"])
            about[str(item)] = told.child("about").text()
            items[str(item)] = told.child("concern").choice(get_args(Concern), "agree")
        segments = {
            str(segment): tuple(int(end.number(0)) for end in ends.items())
            for segment, ends in entry.child("segments").children()
        }
        fault = fault_of(segments, len(items))
        if fault:
            entry.child("segments").fault(fault, RANGES_DO)
        checked = entry.child("checked").choice(get_args(Checked), "unverified")
        texts = entry.child("title").text(), entry.child("caveats").texts(), entry.child("source").text()
        read.append((str(name), items, segments, about, texts, checked))
    document.finish()
    return {
        name: SegmentRule(title, items, dict(segments), about, caveats, source, checked)  # type: ignore[arg-type]
        for name, items, segments, about, (title, caveats, source), checked in read
    }


@cache
def shipped_segment_rules() -> dict[str, SegmentRule]:
    """Return the rules that come with trustkit."""
    return read_segment_rules(SHIPPED)


def segments(
    survey: Survey,
    rule: str | SegmentRule,
    *,
    items: Mapping[str, str],
    agree: Sequence[str],
    disagree: Sequence[str],
    into: str = "segment",
) -> Survey:
    """Sort respondents into segments by a rule that counts their answers which show concern.

    Alan Westin's indexes were computed in another way in different years. Each variant is a rule of its own
    here, with its caveats and its source, in the file ``segment_rules.yaml``.

    Parameters
    ----------
    survey
        The survey.
    rule
        ``westin_segmentation_1995``, or a `SegmentRule`. The file also has the variants
        ``westin_concern_1990``, ``westin_consumer_1991`` and ``westin_distrust_1994`` as the literature
        describes them. They were not read at their source, so they are refused by name: whoever has read it
        gives the rule as a `SegmentRule`.
    items
        The rule's items -> the survey's variables.
    agree, disagree
        The answers that agree and that disagree. Every substantive answer is one of them: a rule says nothing
        of answers in the middle.
    into
        The new variable's name.

    Returns
    -------
    Survey
        With the new variable. Who has no substantive answer to one of the items is in no segment. The log has
        the rule, its caveats and its source. If a `SegmentRule` of yours was not read at its source, the new
        variable is unsure (`Variable.unsure`), and estimates of it say so.

    Raises
    ------
    DataError
        An unknown rule, item or variable; a rule that was not read at its source; an item without a
        variable; or an answer that neither agrees nor disagrees.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> rule = tk.SegmentRule("Concern", {"control": "agree"}, {"Concerned": (1, 1), "Unconcerned": (0, 0)})
    >>> lost = tk.Variable("lost", "Control is lost", "single", codes={1: "agree", 2: "disagree"})
    >>> survey = tk.Survey(pd.DataFrame({"lost": [1, 2]}), tk.Codebook({"lost": lost}))
    >>> words = {"agree": ["agree"], "disagree": ["disagree"]}
    >>> tk.segments(survey, rule, items={"control": "lost"}, **words).data["segment"].tolist()
    ['Concerned', 'Unconcerned']
    """
    accepts(
        survey=(survey, SURVEY), rule=(rule, RULE), items=(items, WORDS), agree=(agree, ANSWERS),
        disagree=(disagree, ANSWERS), into=(into, TEXT),
    )  # fmt: skip
    chosen = _rule(rule) if isinstance(rule, str) else rule
    _refuse_items(chosen, items)
    about = [_item(survey, items[item], agree, disagree) for item in chosen.items]
    n = len(survey.data)
    counts, known = np.zeros(n, dtype=np.intp), np.ones(n, dtype=bool)
    for variable, concern in zip(about, chosen.items.values(), strict=True):
        column = survey.data[variable.name]
        known &= column.isin([*agree, *disagree]).to_numpy()
        counts += column.isin(agree if concern == "agree" else disagree).to_numpy()
    labels = list(chosen.segments)
    place_of = np.array([labels.index(chosen.segment_of(count)) for count in range(len(about) + 1)])
    codes = np.where(known, place_of[counts], -1)
    identifier = strongest(item.identifier for item in about)
    unread = chosen.checked != "read"
    new = Variable(
        into, chosen.title, "single", codes=dict(enumerate(labels, 1)), identifier=identifier,
        review=NOT_READ if unread else "", unsure=unread, **described_by(about),
    )  # fmt: skip
    values = pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(labels))
    return survey.with_variable(new, values).tracked(_step(chosen, codes, labels))


def _rule(name: str) -> SegmentRule:
    known = shipped_segment_rules()
    if name not in known:
        raise DataError(
            f"no rule is named {name!r}", expected=", ".join(known),
            do=suggest(name, list(known)) or "make one with tk.SegmentRule",
        )  # fmt: skip
    rule = known[name]
    if rule.checked != "read":
        raise DataError(
            f"the rule {name!r} was not read at its source, so it gives no segments",
            where=rule.title, got="a rule as other texts describe it", expected="a rule that was read",
            do=f"compare it with {rule.source}, and give the rule that you find there as a tk.SegmentRule",
        )  # fmt: skip
    return rule


def _refuse_items(rule: SegmentRule, items: Mapping[str, str]) -> None:
    """Refuse items that the rule does not have, and items of it without a variable."""
    for item in items:
        if item not in rule.items:
            raise DataError(
                f"the rule has no item {item!r}", where=rule.title, expected=", ".join(rule.items),
                do=suggest(item, list(rule.items)) or "name its items",
            )  # fmt: skip
    lacking = [item for item in rule.items if item not in items]
    if lacking:
        told = (f"{item} ({rule.about[item]})" if item in rule.about else item for item in lacking)
        raise DataError(
            "the rule needs a variable for each of its items", where=rule.title,
            got=f"none for {', '.join(told)}", do="add them to items",
        )  # fmt: skip
    twice = [name for name in items.values() if list(items.values()).count(name) > 1]
    if twice:
        raise DataError(f"{twice[0]} is given for several items", do="give each item its own variable")


def _item(survey: Survey, name: str, agree: Sequence[str], disagree: Sequence[str]) -> Variable:
    """Return the variable of an item, all of whose answers agree or disagree."""
    known = survey.codebook.variables
    if name not in known:
        raise DataError(f"no variable {name!r}", do=suggest(name, list(known)) or "see survey.codebook")
    about = known[name]
    if about.kind not in CODED:
        raise DataError(f"{name} has no labelled answers", got=f"kind {about.kind}", do="label its codes")
    both = [answer for answer in agree if answer in disagree]
    if both:
        raise DataError(f"the answer {both[0]!r} agrees and disagrees", do="name it in one of both")
    between = [answer for answer in about.labels if answer not in (*agree, *disagree)]
    if between:
        raise DataError(
            f"answers of {name} neither agree nor disagree",
            got=quoted_cells(between, about, among=about.labels),
            expected="answers of agree or of disagree, as the rule knows no others",
            do="name them in agree or disagree; a question with a middle answer needs a rule of its own",
        )  # fmt: skip
    return about


def _step(rule: SegmentRule, codes: NDArray[np.intp], labels: Sequence[str]) -> Step:
    """Return the row of the log: the rule, its sizes, caveats and source."""
    sizes = np.bincount(codes + 1, minlength=len(labels) + 1).tolist()
    counts = zip([*labels, "no segment"], [*sizes[1:], sizes[0]], strict=True)
    parts = [f"{rule.title}: {', '.join(f'{name} {size:,}' for name, size in counts)}"]
    parts += [caveat.rstrip(".") for caveat in rule.caveats]
    parts += [f"source: {rule.source}"] if rule.source else []
    parts += [NOT_READ.rstrip(".")] if rule.checked != "read" else []
    n = len(codes)
    return Step("segments", "; ".join(parts), "sorted into segments by a registered rule", n, n)
