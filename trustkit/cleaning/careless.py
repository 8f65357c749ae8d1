"""Screening a survey for careless responding: every index, one row per respondent. Nobody is dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import special

from trustkit.arguments import (
    OPTIONAL_NAME,
    OPTIONAL_NAME_LIST,
    OPTIONAL_NUMBERS,
    OPTIONAL_WORDS,
    SURVEY,
    accepts,
)
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.cleaning.careless_inputs import Answers, cleaned_by, scaled_batteries
from trustkit.cleaning.consistency import even_odd, psychant, psychsyn
from trustkit.cleaning.duplicates import (
    percent_match,
    same_rows,
    same_texts,
    same_values,
    similar_texts,
)
from trustkit.cleaning.response_patterns import (
    irv,
    longest_run,
    mahalanobis,
    relative_time,
    varying,
)
from trustkit.display import Shown, show_number
from trustkit.errors import DataError, NotComputableError, suggest
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.survey.columns import describe
from trustkit.survey.where import asked_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trustkit.survey.survey import Survey

Side = Literal["below", "above", "at least"]


@dataclass(frozen=True)
class Rule:
    """When an index flags a respondent.

    Attributes
    ----------
    side
        Which side of the threshold is careless.
    threshold
        In the index's unit; None: the index flags no respondent.
    why
        Where the threshold comes from.
    """

    side: Side
    threshold: float | None
    why: str

    def flags(self, scores: pd.Series) -> pd.Series:
        """Return which scores are on the careless side of the threshold; missing scores are not."""
        if self.threshold is None:
            return pd.Series(data=False, index=scores.index, name=scores.name)
        if self.side == "below":
            return scores < self.threshold
        return scores > self.threshold if self.side == "above" else scores >= self.threshold

    def __str__(self) -> str:
        """Return the rule in words."""
        return "-" if self.threshold is None else f"{self.side} {show_number(self.threshold)}"


HALF = 0.5
"""Share of the items that a run of one answer must reach to be flagged (Curran 2016)."""

CONFIDENCE = 0.99
"""Chi-square quantile above which a Mahalanobis distance is flagged, as in the R package careless."""

FEWEST = {"percent_match": 100, "even_odd": 10, "psychsyn": 10, "psychant": 10}
"""Items, batteries and pairs from which an index's threshold is applied: 85% equal answers was proposed for
long questionnaires; a correlation of fewer than ten points is mostly noise (trustkit's choice)."""

RULES: Mapping[str, Rule] = {
    "relative_time": Rule("below", 1 / 3, "a third of the median time (Greszki, Meyer and Schoen 2015)"),
    "longstring": Rule("at least", None, "half of the items (Curran 2016)"),
    "irv": Rule("below", None, "no accepted threshold"),
    "even_odd": Rule("above", -0.3, "below .30, from 10 batteries on (Jackson 1977, in Johnson 2005)"),
    "psychsyn": Rule("below", 0.0, "the wrong sign, from 10 pairs on (trustkit's choice)"),
    "psychant": Rule("above", 0.0, "the wrong sign, from 10 pairs on (trustkit's choice)"),
    "mahalanobis": Rule("above", None, "chi-square quantile .99, if answers were normal"),
    "failed_checks": Rule("at least", 1.0, "one failed check"),
    "same_rows": Rule("at least", 1.0, "one equal row"),
    "same_ids": Rule("at least", 1.0, "one equal id"),
    "percent_match": Rule("above", 0.85, "85%, from 100 items on (Kuriakose and Robbins 2016)"),
    "same_texts": Rule("at least", 1.0, "one equal text"),
    "similar_texts": Rule("at least", 1.0, "one text that resembles it by .8"),
}
"""Every index, in the order of the columns, with the rule by which it flags."""


@dataclass(frozen=True, eq=False, repr=False)
class Careless(Shown):
    """Indices of careless responding, one row per respondent.

    Attributes
    ----------
    scores
        One row per respondent, in the data's order and index; one column per index, NaN where it can't
        be computed.
    rules
        Index -> the rule applied.
    reasons
        Index -> why it cannot be computed for any respondent.
    caveats
        What a reader must know about the data.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> scale = {number: str(number) for number in range(1, 6)}
    >>> items = {name: tk.Variable(name, name, "ordinal", codes=scale, set="trust") for name in "abc"}
    >>> survey = tk.Survey(pd.DataFrame({"a": [1, 3], "b": [1, 4], "c": [1, 2]}), tk.Codebook(items))
    >>> careless = tk.careless(survey, indices=["longstring"])
    >>> careless.scores["longstring"].tolist()
    [3, 1]
    >>> careless.rules["longstring"].why
    'half of the items (Curran 2016)'
    """

    scores: pd.DataFrame
    rules: Mapping[str, Rule]
    reasons: Mapping[str, str]
    caveats: Caveats = NO_CAVEATS

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "scores", self.rules)

    @property
    def flags(self) -> pd.DataFrame:
        """One row per respondent: which indices are on the careless side of their thresholds."""
        return pd.DataFrame({name: rule.flags(self.scores[name]) for name, rule in self.rules.items()})

    def to_frame(self) -> pd.DataFrame:
        """Return one row per respondent: each index, unrounded, and ``flags``, how many flag them."""
        return self.scores.assign(flags=self.flags.sum(axis=1))

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        flags, counts = self.flags, self.flags.sum(axis=1)
        table = pd.DataFrame(
            {
                "index": list(self.rules),
                "known for": [f"{self.scores[name].notna().sum():,}" for name in self.rules],
                "flagged": [
                    "-" if name in self.reasons or rule.threshold is None else f"{flags[name].sum():,}"
                    for name, rule in self.rules.items()
                ],
                "flagged if": [str(rule) for rule in self.rules.values()],
            },
            dtype="str",
        )
        base = (
            f"Base: all {len(flags):,} respondents; {(counts > 0).sum():,} have a flag, "
            f"{(counts > 1).sum():,} more than one. Nobody is dropped: a flag is a reason to look."
        )
        notes = [f"{name} is not known: {reason}." for name, reason in self.reasons.items()]
        idle = [
            name for name in self.rules if self.rules[name].threshold is None and name not in self.reasons
        ]
        if idle:
            notes.insert(
                0, f"No accepted threshold for {', '.join(idle)} here: give one, or look at the extremes."
            )
        notes += self.caveats.sentences
        return "Careless responding", table, [base, *notes]


def careless(
    survey: Survey,
    *,
    batteries: Sequence[str] | None = None,
    duration: str | None = None,
    attention: Mapping[str, str] | None = None,
    ids: str | None = None,
    texts: Sequence[str] | None = None,
    within: str | None = None,
    thresholds: Mapping[str, float] | None = None,
    indices: Sequence[str] | None = None,
) -> Careless:
    """Compute the indices of careless responding for every respondent.

    Parameters
    ----------
    survey
        As read, before cleaning.
    batteries
        Sets of ordinal or numeric items (`Variable.set`); all of them by default. Straight-lining,
        variability, synonyms, antonyms and Mahalanobis distance take the answers as presented, even-odd
        consistency as scored (`Variable.scoring`), reversed items turned around.
    duration, attention, ids
        The interview's length; attention check -> the label asked for (no answer fails, unless it was
        not asked); the variable that identifies a respondent. By default what the codebook's
        ``cleaning`` list names.
    texts
        Open answers; by default the variables of kind ``text``.
    within
        A variable: answers are compared for near-duplicates only with respondents of the same value.
        Needed above some 20,000 respondents, as all pairs are compared.
    thresholds
        Index -> threshold, instead of the default ones (``Careless.rules`` of the result holds those used).
    indices
        Which indices to compute; by default all: ``relative_time``, ``longstring``, ``irv``, ``even_odd``,
        ``psychsyn``, ``psychant``, ``mahalanobis``, ``failed_checks``, ``same_rows``, ``same_ids``,
        ``percent_match``, ``same_texts``, ``similar_texts``.

    Returns
    -------
    Careless
        One row per respondent; an index that can't be computed is NaN, and ``reasons`` says why.

    Raises
    ------
    DataError
        If there is no such variable, label, battery or index (all at once), or ``even_odd``, ``psychsyn``
        or ``psychant`` is wanted and the extra ``all`` is not installed.

    Notes
    -----
    Curran 2016, doi:10.1016/j.jesp.2015.07.006, and Meade and Craig 2012, doi:10.1037/a0028085, review
    the indices. ``longstring`` (the longest run), ``irv``, ``even_odd``, ``psychsyn``,
    ``psychant`` and ``mahalanobis`` are those of the R package careless.
    Thresholds are conventions. Items with different ranges are put on 0 to 1 where answers to different
    items are correlated within a respondent. ``same_rows`` compares all columns but ids; ``percent_match``
    all coded answers and battery items but the attention checks.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> scale = {number: str(number) for number in range(1, 6)}
    >>> items = {name: tk.Variable(name, name, "ordinal", codes=scale, set="trust") for name in "abc"}
    >>> data = pd.DataFrame({"a": [1, 3], "b": [1, 4], "c": [1, 2]}, index=["r1", "r2"])
    >>> careless = tk.careless(tk.Survey(data, tk.Codebook(items)), indices=["longstring", "irv"])
    >>> careless.to_frame()
        longstring  irv  flags
    r1           3  0.0      1
    r2           1  1.0      0
    """
    accepts(
        survey=(survey, SURVEY),
        batteries=(batteries, OPTIONAL_NAME_LIST),
        duration=(duration, OPTIONAL_NAME),
        attention=(attention, OPTIONAL_WORDS),
        ids=(ids, OPTIONAL_NAME),
        texts=(texts, OPTIONAL_NAME_LIST),
        within=(within, OPTIONAL_NAME),
        thresholds=(thresholds, OPTIONAL_NUMBERS),
        indices=(indices, OPTIONAL_NAME_LIST),
    )
    wanted = list(RULES if indices is None else indices)
    _refuse_unknown_indices([*wanted, *(thresholds or {})])
    checks = zip(
        cleaned_by(survey, "drop_failed_attention", "variable"),
        cleaned_by(survey, "drop_failed_attention", "passed"),
        strict=False,
    )
    written = [name for name, about in survey.codebook.variables.items() if about.kind == "text"]
    answers = Answers(
        survey,
        batteries=tuple(dict.fromkeys(scaled_batteries(survey) if batteries is None else batteries)),
        duration=duration or next(iter(cleaned_by(survey, "drop_speeders", "duration")), None),
        ids=ids or next(iter(cleaned_by(survey, "drop_duplicates", "key")), None),
        within=within,
        attention=dict(checks) if attention is None else attention,
        texts=tuple(written if texts is None else texts),
    )
    answers.refuse_unknown()
    scores, rules, reasons = {}, {}, {}
    for name in wanted:
        rules[name] = RULES[name]
        try:
            scores[name] = INDICES[name](answers)
        except NotComputableError as error:
            reasons[name] = error.what + (f" ({error.got})" if error.got else "")
            scores[name] = pd.Series(np.nan, index=survey.data.index)
        else:
            rules[name] = _resolved(name, answers)
        if thresholds and name in thresholds:
            rules[name] = replace(rules[name], threshold=float(thresholds[name]), why="as given")
    return Careless(
        pd.DataFrame(scores, index=survey.data.index),
        rules,
        reasons,
        caveats=survey.codebook.caveats,
    )


def _even_odd(answers: Answers) -> pd.Series:
    return even_odd(answers.keyed, [len(battery) for battery in answers.sets])


def _failed_checks(answers: Answers) -> pd.Series:
    """Count the attention checks without the answer asked for; no answer fails, unless not asked."""
    if not answers.attention:
        raise NotComputableError("no attention check is named")
    data, book = answers.survey.data, answers.survey.codebook
    failed = pd.Series(0, index=data.index)
    for name, passed in answers.attention.items():
        failed += (data[name].astype(str) != passed) & asked_rows(data, describe(data, book, name))
    return failed


def _same_rows(answers: Answers) -> pd.Series:
    """Count the other rows that are equal in all columns but ids."""
    variables = answers.survey.codebook.variables
    ids = {answers.ids, *(name for name, about in variables.items() if about.kind == "id")}
    return same_rows(answers.survey.data.drop(columns=[name for name in ids if name in answers.survey.data]))


def _percent_match(answers: Answers) -> pd.Series:
    within = None if answers.within is None else answers.column(answers.within, "group")
    return percent_match(answers.compared, within=within)


def _most(answers: Answers, count: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Return the highest count over the open answers."""
    if not answers.texts:
        raise NotComputableError("there is no open answer")
    return pd.DataFrame({name: count(answers.column(name, "text")) for name in answers.texts}).max(axis=1)


INDICES: Mapping[str, Callable[[Answers], pd.Series]] = {
    "relative_time": lambda answers: relative_time(answers.numbers(answers.duration, "duration")),
    "longstring": lambda answers: longest_run(answers.given),
    "irv": lambda answers: irv(answers.presented),
    "even_odd": _even_odd,
    "psychsyn": lambda answers: psychsyn(answers.presented_on_one_range, pairs=answers.pairs),
    "psychant": lambda answers: psychant(answers.presented_on_one_range, pairs=answers.pairs),
    "mahalanobis": lambda answers: mahalanobis(answers.presented),
    "failed_checks": _failed_checks,
    "same_rows": _same_rows,
    "same_ids": lambda answers: same_values(answers.column(answers.ids, "id")),
    "percent_match": _percent_match,
    "same_texts": lambda answers: _most(answers, same_texts),
    "similar_texts": lambda answers: _most(answers, similar_texts),
}
"""Index -> how it is computed; the names are those of `RULES`."""


def _resolved(name: str, answers: Answers) -> Rule:
    """Return an index's rule, its threshold fitted to how many items, batteries and pairs there are."""
    rule = RULES[name]
    if name == "longstring":
        return replace(rule, threshold=HALF * len(answers.items))
    if name == "mahalanobis":
        items = int(varying(answers.presented).sum())
        return replace(rule, threshold=2 * float(special.gammaincinv(items / 2, CONFIDENCE)))
    counts = {
        "percent_match": lambda: answers.compared.shape[1],
        "even_odd": lambda: len(answers.sets),
        "psychsyn": lambda: int((answers.pairs["r"] > 0).sum()),
        "psychant": lambda: int((answers.pairs["r"] < 0).sum()),
    }
    return replace(rule, threshold=None) if name in counts and counts[name]() < FEWEST[name] else rule


def _refuse_unknown_indices(names: Sequence[str]) -> None:
    """Raise one `DataError` for all names that are no index."""
    unknown = [name for name in dict.fromkeys(names) if name not in RULES]
    if unknown:
        raise DataError(
            "careless has no such index",
            got=", ".join(map(repr, unknown)),
            do="; ".join(suggest(name, RULES) for name in unknown),
        )
