"""A claim under every combination of named choices, all on one design."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import CLAIM, FUNCTION, NUMBER, SURVEY, TARGETS, accepts
from trustkit.claims.choices import (
    LEAVE_OUT,
    OPTIONS,
    WEIGHTS,
    changes_of,
    combinations_of,
    exclusion_rules,
    reading_with,
    refuse_options,
)
from trustkit.claims.claims import ends_with_unit, printed_with_unit, with_unit
from trustkit.claims.readings import linear_part, recompute, scale_of
from trustkit.claims.sensitivity import DESIGN_DO, design_made
from trustkit.cleaning.clean import apply_steps
from trustkit.counted import NOTES, Counted, Place, all_cells, counted_beside, counted_everywhere
from trustkit.design.design import Design
from trustkit.display import Shown, show_interval
from trustkit.errors import ClaimError, DataError, TrustkitError
from trustkit.estimation.distributions import t_reach
from trustkit.estimation.intervals import check_conf
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.field_kinds import accepts_fields, accepts_lengths
from trustkit.given_functions import called
from trustkit.units import CHANGES, MEASURES, Unit, difference_unit, headed
from trustkit.weighting.calibration import rake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from trustkit.caveats import Caveats
    from trustkit.claims.choices import Choices, Combination
    from trustkit.claims.claims import Claim, Reading
    from trustkit.estimation.results import Estimate
    from trustkit.survey.survey import Survey

    Floats = NDArray[np.float64]

NOTE = (
    "All combinations are on one design, which gives the covariance of their estimates. Bases and numbers of "
    "respondents differ between them. There is no p-value over all combinations."
)


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Shown):
    """A claim under every combination of named choices.

    Attributes
    ----------
    claim
        The claim.
    estimate
        One row per combination, the reference first; a column for each choice names the option. ``vcov`` is
        the exact covariance of all rows.
    verdicts
        The verdict on each row: ``reproduced``, ``consistent`` or ``contradicted``; ``not checkable`` if it
        has no interval.
    choices
        Choice -> its options, the reference first.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> codes, missing = {1: "yes", 0: "no"}, {9: "don't know"}
    >>> trust = tk.Variable("trust", "Trust", "single", codes=codes, missing=missing)
    >>> frame = pd.DataFrame({"trust": [1] * 400 + [0] * 400 + [9] * 200})
    >>> survey = tk.Survey(frame, tk.Codebook({"trust": trust}))
    >>> claim = tk.Claim("half", "Half trust", 50, 0, tk.Reading("trust", "yes"))
    >>> choices = {"base": {"valid answers": {}, "everyone asked": {"base": "asked"}}}
    >>> found = tk.sensitivity(survey, claim, choices)
    >>> found.verdicts
    ('reproduced', 'contradicted')
    >>> found.flips
    'Alone, each of these changes the verdict: base: everyone asked.'
    """

    claim: Claim
    estimate: Estimate
    verdicts: tuple[str, ...]
    choices: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names.

        Raises
        ------
        DataError
            Also if the estimate has no column of a choice.
        """
        accepts_fields(self)
        accepts_lengths(self, len(self.estimate.keys), "verdicts")
        lacking = [choice for choice in self.choices if choice not in self.estimate.keys]
        if lacking or not self.choices:
            raise DataError(
                "the estimate has no column of a choice", where="Sensitivity",
                got=", ".join(map(str, self.estimate.keys)),
                expected=", ".join(self.choices) or "at least one choice",
                do="make it with tk.sensitivity",
            )  # fmt: skip

    @property
    def caveats(self) -> Caveats:
        """What a reader must know about the data."""
        return self.estimate.caveats

    def to_frame(self) -> pd.DataFrame:
        """Return one row per combination, unrounded.

        Returns
        -------
        DataFrame
            A column for each choice, then ``estimate``, ``se``, ``ci_low``, ``ci_high``, ``n``,
            ``difference`` (the estimate minus the reference), ``difference_se`` and ``verdict``. Shares are
            between 0 and 1.
        """
        columns = [*self.choices, "estimate", "se", "ci_low", "ci_high", "n"]
        difference, se = self._differences()
        return self.estimate.to_frame()[columns].assign(
            difference=difference, difference_se=se, verdict=list(self.verdicts)
        )

    @property
    def single(self) -> pd.DataFrame:
        """One row per option that is chosen while all other choices stay at the reference.

        ``choice``, ``option``, ``estimate``, ``difference``, ``difference_se``, the interval of the
        difference ``ci_low`` and ``ci_high``, ``verdict``, and ``flips``: whether it is another verdict than
        that of the reference.
        """
        difference, se = self._differences()
        df = np.minimum(self.estimate.df, self.estimate.df[0])
        reach = t_reach(df, self.estimate.conf) * se
        frame = pd.DataFrame(
            {
                "choice": "", "option": "", "estimate": self.estimate.estimate, "difference": difference,
                "difference_se": se, "ci_low": difference - reach, "ci_high": difference + reach,
                "verdict": list(self.verdicts), "flips": [own != self.verdicts[0] for own in self.verdicts],
            }
        )  # fmt: skip
        moved = np.column_stack(
            [self.estimate.keys[choice] != options[0] for choice, options in self.choices.items()]
        )
        alone = np.flatnonzero(moved.sum(axis=1) == 1)
        alone = alone[np.argsort(moved[alone].argmax(axis=1), kind="stable")]
        names = [list(self.choices)[place] for place in moved[alone].argmax(axis=1)]
        chosen = [self.estimate.keys[name].iloc[row] for name, row in zip(names, alone, strict=True)]
        return frame.iloc[alone].assign(choice=names, option=chosen).reset_index(drop=True)

    @property
    def flips(self) -> str:
        """Which single choices change the verdict, as a sentence."""
        single = self.single
        flips = (single["choice"] + ": " + single["option"])[single["flips"]].tolist()
        if not flips:
            return "No single choice changes the verdict."
        return f"Alone, each of these changes the verdict: {'; '.join(flips)}."

    def _differences(self) -> tuple[Floats, Floats]:
        """Return each row's difference from the reference, and its standard error."""
        vcov, values = self.estimate.vcov, self.estimate.estimate
        variances = np.diag(vcov) + vcov[0, 0] - 2 * vcov[0]
        return values - values[0], np.sqrt(np.maximum(variances, 0.0))

    def _column_units(self) -> dict[str, tuple[Unit, ...]]:
        """Return the unit of each row, for the columns of the frame that have units."""
        units = self.estimate.units
        return dict.fromkeys(MEASURES, units) | dict.fromkeys(CHANGES, tuple(map(difference_unit, units)))

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind all combinations of choices; if one is hidden, so are all."""
        table = self._parts()[1]
        return counted_combinations(
            self, [*all_cells(*table.shape, first=2), *((NOTES, note) for note in range(3))]
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        scale, single, shown = scale_of(self.claim.reading), self.single, partial(with_unit, self.claim)
        changed = self.claim.shown
        values = scale * self.estimate.estimate
        units = tuple(map(difference_unit, self.estimate.units))
        of_change = headed(f"{self.estimate.conf:.0%} interval of the change", units)
        ends = [
            show_interval(scale * low, scale * high, changed)
            for low, high in zip(single["ci_low"], single["ci_high"], strict=True)
        ]
        first = "; ".join(options[0] for options in self.choices.values())
        table = pd.DataFrame(
            {
                "choice": ["reference", *single["choice"]],
                "option": [first, *single["option"]],
                "estimate": [shown(values[0]), *(shown(scale * value) for value in single["estimate"])],
                headed("change", units): ["-", *(changed(scale * value) for value in single["difference"])],
                of_change: ["-", *ends],
                "verdict": [self.verdicts[0], *single["verdict"]],
            }
        )
        counts = Counter(self.verdicts)
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        range_of = ends_with_unit(self.claim, float(values.min()), float(values.max()))
        reference = ends_with_unit(
            self.claim, scale * float(self.estimate.ci_low[0]), scale * float(self.estimate.ci_high[0])
        )
        published = printed_with_unit(self.claim)
        notes = (
            f"Published: {published}. Interval of the reference: {reference}.",
            f"All {len(values)} combinations: {told}; the estimates range from {range_of}.",
            self.flips,
        )
        return f"{self.claim.title}: one choice at a time", table, (*notes, *self.estimate.remarks)


def sensitivity(
    survey: Survey,
    claim: Claim,
    choices: Mapping[str, Mapping[str, Mapping[str, object]]],
    *,
    targets: Mapping[str, Mapping[str, float]] | pd.DataFrame | str | Path | None = None,
    design: Callable[[Survey], Design] = Design,
    conf: float = 0.95,
) -> Sensitivity:
    """Compute a claim under every combination of named choices, and say which choice changes the verdict.

    Parameters
    ----------
    survey
        As read, not yet cleaned.
    claim
        The claim. Its reading is the reference.
    choices
        Choice -> option -> what the option changes; the first option of each choice is the reference, and
        most often changes nothing (``{}``). An option can change the reading of the claim (``variable``,
        ``level``, ``levels``, ``minus``, ``where``, ``base``, ``by``, ``groups``, ``denominator``), name
        exclusion rules of the codebook's cleaning list to leave out (``leave_out``, such as
        ``["drop_speeders"]``), and change the ``targets`` of weighting (None: not weighted to targets).
    targets
        Targets to rake to, as in `trustkit.rake`; None leaves the weights as they are.
    design
        A function that returns the design of a cleaned survey.
    conf
        The coverage of the intervals.

    Returns
    -------
    Sensitivity
        One row per combination. Cleaning and weighting are done again for each.

    Raises
    ------
    DataError
        An unknown key, rule or answer; two choices that change the same thing; too many combinations; a
        survey that was cleaned already; a design with replicates.
    ClaimError
        If the claim can't be checked, or is a quantile or a margin of error.

    Notes
    -----
    What each row adds to the estimate of a combination, less what its weighting explains, is summed over the
    PSUs of one design of all rows as read. Rows that a combination excludes add nothing to it. So two
    combinations have the covariance of two domains of one design. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import trustkit as tk
    >>> folder = tk.example_folder("consumer_trust")
    >>> survey = tk.read(folder / "responses.csv", codebook=folder / "codebook.yaml")
    >>> claim = tk.read_claims(folder / "claims.yaml")[0]
    >>> choices = {
    ...     "base": {"valid answers": {}, "everyone asked": {"base": "asked"}},
    ...     "hurried interviews": {"left out": {}, "kept": {"leave_out": ["drop_speeders"]}},
    ... }
    >>> found = tk.sensitivity(survey, claim, choices, targets=folder / "targets.yaml")
    >>> found.to_frame()["estimate"].round(3).tolist()
    [0.4, 0.39, 0.371, 0.363]
    """
    accepts(
        survey=(survey, SURVEY), claim=(claim, CLAIM), choices=(choices, OPTIONS),
        targets=(targets, TARGETS.optional()), design=(design, FUNCTION), conf=(conf, NUMBER),
    )  # fmt: skip
    check_conf(conf)
    if claim.unchecked:
        raise ClaimError(f"the claim {claim.name!r} can't be checked", got=claim.unchecked)
    rules = exclusion_rules(survey)
    refuse_options(choices, rules)
    numbered = replace(survey, data=survey.data.reset_index(drop=True))
    made = _Designs(numbered, rules, design, targets)
    whole = made.whole()
    combinations = combinations_of(choices)
    rows = [_Row.of(claim.reading, combination, choices, made, whole) for combination in combinations]
    added = np.column_stack([row.added for row in rows])
    weights = whole.weights[:, None]
    per_weight = np.divide(added, weights, out=np.zeros_like(added), where=weights > 0)
    keys = pd.DataFrame([row.combination for row in rows], columns=list(choices))
    first = rows[0].estimate
    numbers = Numbers(
        keys=keys.assign(variable=claim.reading.variable, level=" or ".join(claim.reading.answers)),
        value=np.array([float(row.estimate.estimate[0]) for row in rows]),
        vcov=whole.covariance_of(per_weight),
        n=np.array([int(row.estimate.n[0]) for row in rows]),
        df=np.array([float(row.estimate.df[0]) for row in rows]),
        unit=first.units * len(rows),
    )
    estimate = estimate_of(
        numbers, statistic=first.statistic, base=first.base, conf=conf,
        ci="logit" if claim.reading.statistic == "proportion" else "t",
        notes=(NOTE,), caveats=first.caveats, labels=first.labels,
    )  # fmt: skip
    scale = scale_of(claim.reading)
    ends = zip(estimate.estimate, estimate.ci_low, estimate.ci_high, strict=True)
    verdicts = tuple(_verdict(claim, *(scale * float(part) for part in row)) for row in ends)
    return Sensitivity(claim, estimate, verdicts, {name: tuple(options) for name, options in choices.items()})


def _verdict(claim: Claim, value: float, low: float, high: float) -> str:
    verdict = claim.judged(value, low, high)
    return "not checkable" if verdict == "contradicted" and not np.isfinite(high - low) else verdict


@dataclass(frozen=True, eq=False)
class _Designs:
    """The designs of a survey: with some exclusion rules left out, and weighted to some targets."""

    survey: Survey
    rules: Mapping[str, list[int]]
    design: Callable[[Survey], Design]
    targets: object

    def whole(self) -> Design:
        """Return the design of all rows as read, not weighted to targets.

        Raises
        ------
        DataError
            If it has replicates.
        """
        made = self._of(tuple(self.rules))
        if made.replicates is not None:
            raise DataError(
                "the design has replicates", expected="strata and PSUs, which give the covariance of choices",
                do="give a design without replicates",
            )  # fmt: skip
        return made

    def of(self, changes: Mapping[str, object]) -> Design:
        """Return the design of a combination."""
        made = self._of(changes.get(LEAVE_OUT, ()))  # type: ignore[arg-type]
        targets = changes.get(WEIGHTS, self.targets)
        return made if targets is None else rake(made, targets)  # type: ignore[arg-type]

    def _of(self, left_out: Sequence[str]) -> Design:
        gone = {place for name in left_out for place in self.rules[name]}
        steps = [entry for place, entry in enumerate(self.survey.codebook.cleaning) if place not in gone]
        cleaned = apply_steps(self.survey, steps)
        return design_made(called(self.design, cleaned, name="design", do=DESIGN_DO))


@dataclass(frozen=True, eq=False)
class _Row:
    """One combination: its estimate, and what each row of the whole design adds to it."""

    combination: Combination
    estimate: Estimate
    added: Floats

    @classmethod
    def of(
        cls, reading: Reading, combination: Combination, choices: Choices, made: _Designs, whole: Design
    ) -> _Row:
        """Compute one combination.

        Raises
        ------
        TrustkitError
            What the estimate raises, with a note that names the combination.
        """
        changes = changes_of(combination, choices)
        try:
            design = made.of(changes)
            read = reading_with(reading, changes)
            part, signs = linear_part(read, design)
            added = design.sample.of_rows(part.functional) @ signs
            estimate = recompute(read, design)
        except TrustkitError as fault:
            fault.add_note(f"sensitivity, {'; '.join(combination)}")
            raise
        places = whole.data.index.get_indexer(design.data.index)
        if (places < 0).any():
            raise DataError(
                "the design has rows that the survey does not have", where="design",
                do="return a design of the rows that the function is given",
            )  # fmt: skip
        all_rows = np.zeros(len(whole.data))
        all_rows[places] = added
        return cls(combination, estimate, all_rows)


def counted_combinations(sensitivity: Sensitivity, cells: Sequence[Place]) -> tuple[Counted, ...]:
    """Return the respondents of all combinations, for numbers that are printed in some cells."""
    sizes = list(dict.fromkeys(sensitivity.estimate.n.tolist()))
    return counted_everywhere(counted_beside(sizes, lambda _: cells), cells)
