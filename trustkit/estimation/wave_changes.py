"""The change between two waves whose respondents may be the same persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import (
    NAME,
    NAME_LIST,
    OPTIONAL_TEXT,
    accepts_estimator,
    one_of,
)
from trustkit.design.coded import coded_variable
from trustkit.design.wave_pairs import wave_pair
from trustkit.errors import DataError
from trustkit.estimation.domains import Base, Domains
from trustkit.estimation.estimates import mean, proportion
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.wave_pairs import WavePair
    from trustkit.estimation.domains import By
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

AS_INDEPENDENT = "If the waves were taken as independent, standard errors would be {} times as large."


def change(
    design: Design,
    variable: str,
    *,
    wave: str,
    person: str,
    between: Sequence[str] | None = None,
    level: str | None = None,
    by: By = None,
    where: Where = None,
    base: Base = "valid",
    conf: float = 0.95,
) -> Estimate:
    """Estimate the change between two waves that may share respondents.

    Parameters
    ----------
    design
        One row per person and wave, with the weights of each wave (`stack_waves` makes such rows).
    variable
        The question, under one name in both waves.
    wave
        The variable whose answers are the waves.
    person
        The column that identifies a person in all waves.
    between
        The earlier and the later wave; None: the only two.
    level
        One of the labelled answers; None is all of them. A number changes by its mean. For the mean of
        scores, take the `contrast` of the `mean` by wave of a design from `link_waves`.
    by, where, base, conf
        As in `proportion`. Who is in a group, and who is counted, is read in each wave.

    Returns
    -------
    Estimate
        Later minus earlier, one row per domain and answer; shares differ by a number from -1 to 1. Notes say
        how many respondents the waves share. ``n`` counts persons in either wave; the df are those of both
        waves together.

    Raises
    ------
    DataError
        Unknown waves, or no group with respondents in both waves; as in `proportion` and `mean`.
    DesignError
        As in `link_waves`.

    Notes
    -----
    The variance of the difference is V_later + V_earlier - 2 C, with the covariance C from persons (or the
    PSUs that hold them) as PSUs. Each wave counts all of its respondents, with their weights of that wave;
    `transitions` counts those in both waves alone. Matches ``svyby(covmat = TRUE)`` and ``svycontrast`` of R
    survey on stacked rows with ``ids = ~person``. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> rows = {"id": [1, 2, 3, 1, 2, 4], "year": ["2019"] * 3 + ["2021"] * 3, "trust": [5, 3, 2, 6, 4, 2]}
    >>> found = tk.change(tk.Design(pd.DataFrame(rows)), "trust", wave="year", person="id")
    >>> found.estimate.round(3).tolist(), found.notes[0]
    ([0.667], '2 respondents are counted in both waves, 1 only in 2019, 1 only in 2021.')
    """
    accepts_estimator(
        design, by, where, conf,
        variable=(variable, NAME), wave=(wave, NAME), person=(person, NAME),
        between=(between, NAME_LIST.optional()), level=(level, OPTIONAL_TEXT), base=(base, one_of(Base)),
    )  # fmt: skip
    pair = wave_pair(design, wave, person, between)
    groups = (by,) if isinstance(by, str) else tuple(by or ())
    shares = level is not None or pair.design.variable(variable).kind in CODED
    domains = (wave, *groups)
    waves = (
        proportion(pair.design, variable, level=level, by=domains, where=where, base=base, conf=conf)
        if shares
        else mean(pair.design, variable, by=domains, where=where, conf=conf)
    )
    inside, place = _counted(pair, variable, groups, where, base if shares else None)
    return _difference(waves, pair, groups, (inside, place), shares=shares)


def _counted(
    pair: WavePair, variable: str, groups: Sequence[str], where: Where, base: Base | None
) -> tuple[NDArray[np.bool_], Ints]:
    """Return the rows in the base, and the group of each row; ``base`` is None for a mean."""
    domains = Domains.of(pair.design, groups or None, where)
    if base is None:
        cells = pair.design.rows_in(domains.dims, [(variable,)], where=domains.rows)
        return cells.codes < cells.size, cells.codes.astype(np.intp)
    about = coded_variable(pair.design, variable)
    levels = about.labels if base == "valid" else about.asked_labels
    cells = pair.design.rows_in([*domains.dims, (variable, levels)], where=domains.rows)
    return cells.codes < cells.size, cells.codes.astype(np.intp) // len(levels)


def _difference(
    waves: Estimate,
    pair: WavePair,
    groups: Sequence[str],
    counted: tuple[NDArray[np.bool_], Ints],
    *,
    shares: bool,
) -> Estimate:
    """Return the later wave's rows of an estimate by waves, less the earlier wave's."""
    rest = waves.keys.drop(columns=pair.wave).astype(str)
    rows = {
        name: {
            key: place
            for place, key in enumerate(rest.itertuples(index=False, name=None))
            if str(waves.keys[pair.wave].iloc[place]) == name
        }
        for name in pair.names
    }
    before, after = (rows[name] for name in pair.names)
    common = [key for key in before if key in after]
    if not common:
        raise DataError(
            "no group has respondents in both waves", where=f"{pair.wave}: {pair.words}",
            do="widen where, or choose other waves",
        )  # fmt: skip
    old, new = (np.array([wave[key] for key in common]) for wave in (before, after))
    v = waves.vcov
    vcov = v[np.ix_(new, new)] + v[np.ix_(old, old)] - v[np.ix_(new, old)] - v[np.ix_(old, new)]
    used = [np.isin(np.arange(len(v)), pair_of_rows) for pair_of_rows in zip(old, new, strict=True)]
    inside, group = counted
    keys = pd.DataFrame(common, columns=list(rest))
    numbers = Numbers(
        unit="points" if shares else "number",
        keys=keys,
        value=waves.estimate[new] - waves.estimate[old],
        vcov=vcov,
        n=_persons_of(pair, inside, group, keys, groups),
        df=np.array([waves.df_of(mask) for mask in used]),
        reasons=tuple(
            next(filter(None, (waves.reasons[place] for place in places)), "")
            for places in zip(new, old, strict=True)
        ),
    )
    apart = np.sqrt(np.diag(v)[new] + np.diag(v)[old])
    notes = [
        pair.in_words(inside),
        *_ratio_in_words(apart, np.sqrt(np.maximum(np.diag(vcov), 0)), shared=_shared(pair, inside)),
        *_left_out(common, before, after, pair),
        *_moved(pair, inside, group, groups),
        *waves.notes,
    ]
    labels = {name: words for name, words in waves.labels.items() if name != pair.wave}
    return estimate_of(
        numbers,
        statistic="difference of shares" if shares else "difference",
        base=f"{waves.base}, {pair.words}",
        conf=waves.conf,
        notes=tuple(notes),
        caveats=waves.caveats,
        labels=labels,
        counted=waves.counted,
    )


def _persons_of(
    pair: WavePair, inside: NDArray[np.bool_], group: Ints, keys: pd.DataFrame, groups: Sequence[str]
) -> NDArray[np.int64]:
    """Count the persons of each row's group who are in either wave, shape (m,)."""
    dims = Domains.of(pair.design, tuple(groups) or None, None).dims
    labels = pd.MultiIndex.from_product([answers for _, answers in dims]) if dims else None
    places = (
        np.zeros(len(keys), dtype=np.intp)
        if labels is None
        else labels.get_indexer(pd.MultiIndex.from_frame(keys[list(groups)]))
    )
    sizes = {place: int(pair.answered(inside & (group == place)).any(axis=0).sum()) for place in set(places)}
    return np.array([sizes[place] for place in places], dtype=np.int64)


def _shared(pair: WavePair, inside: NDArray[np.bool_]) -> bool:
    return bool(pair.answered(inside).all(axis=0).any())


def _ratio_in_words(apart: Floats, se: Floats, *, shared: bool) -> list[str]:
    """Return how much larger standard errors would be if the waves were independent."""
    known = se > 0
    if not (shared and known.any()):
        return []
    ratios = apart[known] / se[known]
    low, high = f"{ratios.min():.2f}", f"{ratios.max():.2f}"
    return [AS_INDEPENDENT.format(low if low == high else f"{low} to {high}")]


def _left_out(common: Sequence[object], before: object, after: object, pair: WavePair) -> list[str]:
    """Return which groups have no row because one wave lacks them."""
    alone = [
        (", ".join(filter(None, key[:-2])) or key[-1], name)
        for wave, name in ((before, pair.names[0]), (after, pair.names[1]))
        for key in wave  # type: ignore[attr-defined]
        if key not in common
    ]
    words = list(dict.fromkeys(f"{group} (only in {name})" for group, name in alone))
    return [f"Without a change, as one wave has no respondents: {', '.join(words)}."] if words else []


def _moved(pair: WavePair, inside: NDArray[np.bool_], group: Ints, groups: Sequence[str]) -> list[str]:
    """Return how many respondents are in another group in the later wave."""
    if not groups:
        return []
    where = np.full((2, int(pair.persons.max()) + 1), -1, dtype=np.intp)
    for place in (0, 1):
        rows = pair.rows[place] & inside
        where[place, pair.persons[rows]] = group[rows]
    moved = int(((where[0] != where[1]) & (where >= 0).all(axis=0)).sum())
    return [f"{moved:,} respondents are in another group in the later wave."] if moved else []
