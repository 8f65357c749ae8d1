"""Waves with respondents in common: each person is one PSU, so that answers of one person are related."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, NAME, accepts
from trustkit.design.coded import coded_variable
from trustkit.design.sums import compact, cross
from trustkit.errors import DesignError, first_few, suggest, without_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.first_stage import FirstStage
    from trustkit.design.replicates import ReplicateWeights

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]

SAME_SAMPLE = 0.5
"""Replicate weights of one person in two waves are correlated at least this much, on average over persons."""


def link_waves(design: Design, *, wave: str, person: str) -> Design:
    """Return a design of several waves that knows which rows are of the same person.

    Parameters
    ----------
    design
        One row per person and wave, with the weights of each wave (`stack_waves` makes such rows).
    wave
        The variable whose answers are the waves.
    person
        The column that identifies a person in all waves.

    Returns
    -------
    Design
        Without PSUs, persons are the PSUs, inside the strata. With PSUs, the design stays as it is, as each
        person is in one of them. Estimates ``by`` the wave then have the right covariance between waves.

    Raises
    ------
    DesignError
        Missing persons; a person twice in a wave, in two strata, or in two PSUs; an fpc without PSUs;
        replicate weights that were made apart for each wave.
    DataError
        An unknown variable, or a wave without labelled answers.

    Notes
    -----
    A person who answers in two waves adds to both. With PSUs that hold all rows of a person, the covariance
    between PSU totals contains the covariance between waves. Matches ``svydesign(ids = ~person)`` of R survey
    on stacked rows. If the waves are taken as independent instead, standard errors of changes are silently
    wrong, and usually too large. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> rows = {"id": [1, 2, 3, 1, 2, 4], "year": ["2019"] * 3 + ["2021"] * 3, "trust": [5, 3, 2, 6, 4, 2]}
    >>> design = tk.Design(pd.DataFrame(rows))
    >>> design.df, tk.link_waves(design, wave="year", person="id").df
    (5.0, 3.0)
    """
    accepts(design=(design, DESIGN), wave=(wave, NAME), person=(person, NAME))
    persons, _ = persons_in(design, wave, person)
    sample = design.sample
    stage = sample.first_stage
    if sample.replicates is not None:
        _refuse_separate_replicates(sample.replicates, sample.weights, stage, persons)
        return design
    if stage.clustered:
        groups = np.zeros(len(persons), dtype=np.intp) if stage.groups is None else stage.groups
        _refuse_parted(design, persons, groups, "PSU")
        if sample.later is not None:
            if sample.later.rows_are_units:
                raise DesignError(
                    "rows are the last stage of the design, but a person has a row in each wave",
                    do=f"add the persons as the last stage: tk.Stage({person!r})",
                )
            _refuse_parted(design, persons, sample.later.groups, "unit of the last stage")
        return design
    linked = _persons_as_psus(design, persons, person)
    if (linked.sizes == 1).any() and sample.lonely_psu == "fail":
        raise DesignError(
            f"{int((linked.sizes == 1).sum()):,} strata have one person, which shows no sampling variance",
            do="merge strata, or choose lonely_psu: adjust, average, remove or certainty",
        )
    return design.replace(sample=replace(sample, first_stage=linked.counting(sample.weights > 0)))


def persons_in(design: Design, wave: str, person: str) -> tuple[Ints, Ints]:
    """Return each row's person, and its wave (the place among the wave's answers, -1 for none).

    Raises
    ------
    DesignError
        Missing persons, or a person twice in a wave.
    """
    labels = coded_variable(design, wave).labels
    if person not in design.columns:
        raise DesignError(f"there is no column {person!r}", do=suggest(person, design.columns))
    column = design.data[person]
    persons, _ = pd.factorize(column)
    if (persons < 0).any():
        raise DesignError(
            without_value(design.data.index[persons < 0]), where=person,
            do="fill in the person, or leave these rows out before making the design",
        )  # fmt: skip
    places = design.codes(wave, labels)
    there = places >= 0
    pairs = cross(persons[there], places[there], len(labels))
    repeated = pd.Series(pairs).duplicated().to_numpy()
    if repeated.any():
        raise DesignError(
            f"{int(repeated.sum()):,} rows repeat a person in the same wave",
            where=f"{person}, {wave}",
            got=f"first at rows {first_few(design.data.index[there][repeated])}",
            expected="one row per person and wave",
            do="drop duplicates before making the design",
        )
    return persons.astype(np.intp), places


def _persons_as_psus(design: Design, persons: Ints, person: str) -> FirstStage:
    """Return the first stage with persons as PSUs of the strata."""
    stage = design.sample.first_stage
    if stage.fractions.any() or stage.pairs is not None:
        raise DesignError(
            "the fpc counts rows, but a person has a row in each wave",
            where="fpc",
            do=f"name the persons as PSUs: tk.Design(..., psu={person!r}, fpc=...)",
        )
    strata = np.zeros(len(persons), dtype=np.intp) if stage.groups is None else stage.groups
    _refuse_parted(design, persons, strata, "stratum")
    size = int(persons.max()) + 1
    pairs, groups = compact(cross(strata, persons, size), len(stage.sizes) * size)
    stratum_of_group = pairs // size
    sizes = np.bincount(stratum_of_group, minlength=len(stage.sizes)).astype(float)
    return replace(
        stage, groups=groups, stratum_of_group=stratum_of_group, sizes=sizes, clustered=True,
        df=float(len(pairs) - np.count_nonzero(sizes)),
    )  # fmt: skip


def _refuse_parted(design: Design, persons: Ints, groups: Ints, what: str) -> None:
    """Refuse persons whose rows are in more than one group.

    Raises
    ------
    DesignError
        With the number of such persons.
    """
    first = np.full(int(persons.max()) + 1, -1, dtype=np.intp)
    first[persons[::-1]] = groups[::-1]
    moved = first[persons] != groups
    if moved.any():
        several = {"stratum": "strata", "PSU": "PSUs"}.get(what, "units of the last stage")
        raise DesignError(
            f"{len(np.unique(persons[moved])):,} persons are in more than one of the {several}",
            got=f"first at rows {first_few(design.data.index[moved])}",
            expected=f"one {what} per person, in all waves",
            do=f"give each person the {what} in which the person was sampled first",
        )


def _refuse_separate_replicates(
    replicates: ReplicateWeights, weights: Floats, stage: FirstStage, persons: Ints
) -> None:
    """Refuse replicate weights that vary apart in the waves of a person.

    Raises
    ------
    DesignError
        If the rows of the same persons have unrelated replicate weights.
    """
    used = np.flatnonzero(weights > 0)
    order = used[np.argsort(persons[used], kind="stable")]
    same = np.flatnonzero(persons[order][1:] == persons[order][:-1])
    if not len(same):
        return
    rows = np.unique(np.concatenate([order[same], order[same + 1]]))
    factors = replicates.rows(weights, stage.groups)[rows] / weights[rows, None]
    factors = factors - factors.mean(axis=1, keepdims=True)
    first, second = (factors[np.searchsorted(rows, order[place])] for place in (same, same + 1))
    sizes = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    varies = sizes > 0
    if not varies.any():
        return
    correlation = float(((first * second).sum(axis=1)[varies] / sizes[varies]).mean())
    if correlation < SAME_SAMPLE:
        raise DesignError(
            "the replicate weights of a person are unrelated between waves",
            where="replicates",
            got=f"a correlation of {correlation:.2f} on average",
            expected="replicates that drop or repeat the same persons in all waves",
            do="make replicates of the stacked waves: tk.replicate(tk.link_waves(...), ...)",
        )
