"""Rows of two waves matched by their domains, variables and answers, whatever their order and spelling."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.errors import DataError, Faults, suggest
from trustkit.survey.column_names import caseless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.estimation.results import Estimate

KINDS = {"variable": "variable", "level": "answer"}
"""Names, for readers, of the columns of keys that are not variables of ``by``."""

WAYS_OUT = (
    "give both waves the same answers (recode or collapse the answers of one wave), or compare "
    "the answers and groups that both waves have (level, where)"
)
RENAME = "give the question one column name in both waves before the data are read"


def matched_rows(later: Estimate, earlier: Estimate) -> tuple[Estimate, tuple[str, ...]]:
    """Return the earlier wave with its rows in the order of the later one, and notes on what differed.

    Names of variables, answers and groups match if they are equal, or if they differ only in capitals and
    blanks. Variables with other names match if each wave has one variable and both have the same wording.

    Raises
    ------
    DataError
        If the waves estimate different statistics, or with every variable, answer and group that only one of
        them has.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> waves = [pd.Categorical(["Yes", "No"], order) for order in (["Yes", "No"], ["No", "Yes"])]
    >>> later, earlier = (tk.proportion(tk.Design(pd.DataFrame({"a": wave})), "a") for wave in waves)
    >>> earlier.keys["level"].tolist(), matched_rows(later, earlier)[0].keys["level"].tolist()
    (['No', 'Yes'], ['Yes', 'No'])
    """
    if later.statistic != earlier.statistic:
        raise DataError(
            "the waves' rows don't match: they are different statistics",
            got=f"later: {later.statistic}; earlier: {earlier.statistic}",
            do="make the same estimate of both waves",
        )
    now = later.keys.astype(str).reset_index(drop=True)
    before = earlier.keys.astype(str).reset_index(drop=True)
    spelled: list[str] = []
    notes: list[str] = []
    before.columns = pd.Index(_renamed([*map(str, before)], [*map(str, now)], spelled))
    if set(now) != set(before):
        raise DataError(
            "the waves' rows don't match: they are by different variables",
            got=f"later: {_domains(now)}; earlier: {_domains(before)}",
            do="give both waves the same by",
        )
    before = before[list(now)]
    before = _same_question(later, earlier, now, before, notes)
    for name in now:
        texts = list(dict.fromkeys(before[name]))
        matched = dict(zip(texts, _renamed(texts, list(dict.fromkeys(now[name])), spelled), strict=True))
        before[name] = before[name].map(matched)
    places = {row: place for place, row in enumerate(before.itertuples(index=False, name=None))}
    rows = list(now.itertuples(index=False, name=None))
    if set(rows) != set(places) or len(now) != len(before) or len(places) != len(before):
        _refuse(now, before)
    order = np.array([places[row] for row in rows], dtype=np.intp)
    if not np.array_equal(order, np.arange(len(order))):
        notes.append("The waves list their rows in another order; rows were matched by name.")
    if spelled:
        notes.append(f"Matched although spelled differently (later, earlier): {'; '.join(spelled)}.")
    return _reordered(earlier, order, later.keys), tuple(notes)


def _renamed(theirs: Sequence[str], own: Sequence[str], spelled: list[str]) -> list[str]:
    """Return names of the earlier wave as the later one spells them; unmatched names stay as they are."""
    free = [text for text in own if text not in theirs]
    counts = Counter(map(caseless, free))
    counts_of_theirs = Counter(caseless(text) for text in theirs if text not in own)
    index = {caseless(text): text for text in free}
    renamed = []
    for text in theirs:
        plain = caseless(text)
        if text in own or counts[plain] != 1 or counts_of_theirs[plain] != 1:
            renamed.append(text)
            continue
        renamed.append(index[plain])
        spelled.append(f"{index[plain]!r} and {text!r}")
    return renamed


def _same_question(
    later: Estimate, earlier: Estimate, now: pd.DataFrame, before: pd.DataFrame, notes: list[str]
) -> pd.DataFrame:
    """Give the earlier wave's only variable the later one's name if both have the same wording."""
    names = [list(dict.fromkeys(map(str, keys["variable"]))) for keys in (now, before)]
    if [len(own) for own in names] != [1, 1] or caseless(names[0][0]) == caseless(names[1][0]):
        return before
    (new,), (old,) = names
    wordings = [caseless(later.labels.get(new, "")), caseless(earlier.labels.get(old, ""))]
    if not wordings[0] or wordings[0] != wordings[1] or new in earlier.labels or old in later.labels:
        return before
    notes.append(f"Matched by their wording: {new!r} in the later wave and {old!r} in the earlier one.")
    return before.assign(variable=new)


def _refuse(now: pd.DataFrame, before: pd.DataFrame) -> None:
    """Raise one error that names the variables, answers and groups that only one wave has."""
    faults = Faults("the rows of the two waves, which don't match", DataError)
    renamed = False
    for name in map(str, now):
        kind = KINDS.get(name, f"group of {name}")
        own = {wave: list(dict.fromkeys(keys[name])) for wave, keys in (("later", now), ("earlier", before))}
        for wave, other in (("later", "earlier"), ("earlier", "later")):
            for text in own[wave]:
                if text not in own[other]:
                    renamed |= name == "variable"
                    near = suggest(text, [theirs for theirs in own[other] if theirs])
                    faults.add(
                        f"only the {wave} wave has the {kind} {text!r}",
                        do=f"the {other} wave: {near}" if near.startswith("did you mean") else "",
                    )
    if not faults:
        rows = [set(keys.itertuples(index=False, name=None)) for keys in (now, before)]
        for wave, only in (("later", rows[0] - rows[1]), ("earlier", rows[1] - rows[0])):
            for row in sorted(only):
                faults.add(f"only the {wave} wave has the row {', '.join(filter(None, row))}")
    if not faults:
        faults.add("a wave has the same row twice")
    answers = [
        f"{wave}: {', '.join(map(repr, dict.fromkeys(filter(None, keys['level']))))}"
        for wave, keys in (("later", now), ("earlier", before))
        if keys["level"].any()
    ]
    where = f"answers of the waves: {'; '.join(answers)}" if answers else None
    faults.refuse(where=where, do=RENAME if renamed else WAYS_OUT)


def _reordered(
    estimate: Estimate, order: np.ndarray[tuple[int], np.dtype[np.intp]], keys: pd.DataFrame
) -> Estimate:
    """Return an estimate with its rows in another order, under other keys."""
    reasons = estimate.reasons
    return replace(
        estimate,
        keys=keys.reset_index(drop=True),
        estimate=estimate.estimate[order],
        se=estimate.se[order],
        ci_low=estimate.ci_low[order],
        ci_high=estimate.ci_high[order],
        df=estimate.df[order],
        n=estimate.n[order],
        n_eff=estimate.n_eff[order],
        vcov=estimate.vcov[np.ix_(order, order)],
        units=tuple(estimate.units[place] for place in order),
        reasons=tuple(reasons[place] for place in order) if reasons else (),
        held=tuple(replace(part, rows=part.rows[order]) for part in estimate.held),
    )


def _domains(keys: pd.DataFrame) -> str:
    """Return in words which variables an estimate is by."""
    names = [str(name) for name in keys if name not in KINDS]
    return f"by {', '.join(names)}" if names else "without by"
