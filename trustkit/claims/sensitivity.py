"""How much a figure depends on the rules by which respondents were excluded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import CLAIM, FUNCTION, SURVEY, TARGETS, accepts, in_words
from trustkit.claims.claims import Claim
from trustkit.claims.readings import recompute
from trustkit.cleaning.clean import EXCLUSIONS, apply_steps, refuse_cleaning_faults
from trustkit.counted import Counted, counted_beside
from trustkit.design.design import Design
from trustkit.display import Shown
from trustkit.errors import ClaimError, DataError, TrustkitError
from trustkit.estimation.results import Estimate
from trustkit.field_kinds import accepts_fields
from trustkit.given_functions import called
from trustkit.units import MEASURES, Unit, difference_unit, headed, show_values, with_plus
from trustkit.weighting.calibration import rake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from trustkit.survey.survey import Survey

    Settings = Mapping[str, object]

DESIGN_DO = "it takes a survey and returns a design, as tk.Design does"
FIGURE_DO = "it takes a design and returns an Estimate of one row, as lambda design: tk.mean(design, 'age')"

ALL, NONE = "all rules", "no rule"


@dataclass(frozen=True, eq=False, repr=False)
class ExclusionSensitivity(Shown):
    """One figure under all exclusion rules, without each of them, and with each of them alone.

    Attributes
    ----------
    estimate
        One row per choice, its column ``rules`` saying which: all rules, no rule, without each, only each.
        `trustkit.dot_interval` draws it. The choices share most of their respondents, and their
        covariances are not known: off the diagonal ``vcov`` is NaN.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> codes = {1: "yes", 0: "no"}
    >>> variables = (tk.Variable("id", "Id", "id"), tk.Variable("trust", "Trust", "single", codes=codes))
    >>> steps = ({"step": "drop_duplicates", "key": "id"},)
    >>> book = tk.Codebook({v.name: v for v in variables}, cleaning=steps)
    >>> survey = tk.Survey(pd.DataFrame({"id": ["a", "a", "b"], "trust": [1, 1, 0]}), book)
    >>> claim = tk.Claim("half", "Half trust", 50, 0, tk.Reading("trust", "yes"))
    >>> tk.exclusion_sensitivity(survey, claim).difference.round(3).tolist()
    [0.0, 0.167, 0.167, 0.0]
    """

    estimate: Estimate

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    @property
    def difference(self) -> NDArray[np.float64]:
        """Each choice's estimate minus that under all rules."""
        values = self.estimate.estimate
        return values - float(values[0])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per choice of rules, unrounded.

        Returns
        -------
        DataFrame
            ``rules``, ``estimate``, ``se``, ``ci_low``, ``ci_high``, ``n`` and ``difference``, the
            estimate minus that under all rules. Shares are between 0 and 1.
        """
        frame = self.estimate.to_frame()[["rules", "estimate", "se", "ci_low", "ci_high", "n"]]
        return frame.assign(difference=self.difference)

    def _column_units(self) -> dict[str, tuple[Unit, ...]]:
        """Return the unit of each row, for the columns of the frame that have units."""
        units = self.estimate.units
        return dict.fromkeys(MEASURES, units) | dict.fromkeys(
            ["difference"], tuple(map(difference_unit, units))
        )

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        table = self._parts()[1]
        last = len(table.columns) - 1
        numbers = [column for column in range(1, last + 1) if column != last - 1]
        return counted_beside(
            self.estimate.n.tolist(),
            lambda row: [(row, column) for column in numbers],
            lambda row: [(row, last - 1)],
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        title, table, notes = self.estimate._parts()  # noqa: SLF001
        if "answer" in table:
            title = f"{title} ({table['answer'].iloc[0]})"
            table = table.drop(columns="answer")
        units = tuple(map(difference_unit, self.estimate.units))
        change = list(map(with_plus, show_values(self.difference, units, self.estimate.se)))
        return f"{title}, by exclusion rules", table.assign(**{headed("change", units): change}), notes


def exclusion_sensitivity(
    survey: Survey,
    figure: Claim | Callable[[Design], Estimate],
    *,
    targets: Mapping[str, Mapping[str, float]] | pd.DataFrame | str | Path | None = None,
    design: Callable[[Survey], Design] = Design,
) -> ExclusionSensitivity:
    """Compute a figure with each exclusion rule left out, and with each alone.

    Parameters
    ----------
    survey
        As read, not yet cleaned. The exclusion rules are the entries of its codebook's cleaning list that
        drop respondents. The other entries are applied for every choice, in their order.
    figure
        A claim, or a function that returns an `Estimate` of one row for a design.
    targets
        Targets to rake to, as in `trustkit.rake`; None leaves the weights as they are.
    design
        A function that returns the design of a cleaned survey.

    Returns
    -------
    ExclusionSensitivity
        2 + 2k choices for k rules. For each, the sample is weighted again. Thresholds that depend on the
        respondents left, such as a share of the median time, are also computed again.

    Raises
    ------
    DataError
        If the survey was cleaned already, its codebook has no exclusion rule, the data disagree with the
        codebook, or the figure has more than one row. If a choice of rules fails, the error names it.
    CodebookError
        With every error in the cleaning list.
    ClaimError
        If the claim can't be checked.

    Examples
    --------
    >>> from functools import partial
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> about = tk.Variable("trust", "Trust", "single", codes={1: "yes", 0: "no"})
    >>> steps = ({"step": "drop_duplicates", "key": "id"},)
    >>> book = tk.Codebook({"id": tk.Variable("id", "Id", "id"), "trust": about}, cleaning=steps)
    >>> survey = tk.Survey(pd.DataFrame({"id": ["a", "a", "b"], "trust": [1, 1, 0]}), book)
    >>> share = partial(tk.proportion, variable="trust", level="yes")
    >>> tk.exclusion_sensitivity(survey, share).to_frame()[["rules", "estimate", "n"]].round(3)
                               rules  estimate  n
    0                      all rules     0.500  2
    1                        no rule     0.667  3
    2  without "repeated interviews"     0.667  3
    3     only "repeated interviews"     0.500  2
    """
    accepts(
        survey=(survey, SURVEY),
        figure=(figure, CLAIM | FUNCTION),
        targets=(targets, TARGETS.optional()),
        design=(design, FUNCTION),
    )
    if isinstance(figure, Claim) and figure.unchecked:
        raise ClaimError(f"the claim {figure.name!r} can't be checked", got=figure.unchecked)
    steps = survey.codebook.cleaning
    dropping = {step.__name__ for step in EXCLUSIONS}
    rules = [place for place, entry in enumerate(steps) if str(entry.get("step", "")) in dropping]
    done = [step.step for step in survey.log.steps if step.step in dropping]
    if done:
        raise DataError("the survey was cleaned already", got=", ".join(done), do="pass it as it was read")
    survey.refuse_faults()
    refuse_cleaning_faults(survey)
    if not rules:
        raise DataError(
            "the cleaning list has no exclusion rule", do="add one under cleaning in the codebook"
        )
    names = _names(survey, rules, dropping)
    choices = {ALL: set(rules), NONE: set()}
    choices |= {f"without {names[rule]}": set(rules) - {rule} for rule in rules}
    choices |= {f"only {names[rule]}": {rule} for rule in rules}
    estimates = {}
    for choice, chosen in choices.items():
        applied = [entry for place, entry in enumerate(steps) if place in chosen or place not in rules]
        try:
            weighted = design_made(called(design, apply_steps(survey, applied), name="design", do=DESIGN_DO))
            weighted = weighted if targets is None else rake(weighted, targets)
            estimates[choice] = _one(
                recompute(figure.reading, weighted)
                if isinstance(figure, Claim)
                else called(figure, weighted, name="figure", do=FIGURE_DO)
            )
        except TrustkitError as fault:
            fault.add_note(f"exclusion_sensitivity, {choice}")
            raise
    return ExclusionSensitivity(_stack(estimates))


def _names(survey: Survey, rules: Sequence[int], dropping: set[str]) -> dict[int, str]:
    """Name each rule by its reason in words, and also by its entry's number if a reason occurs twice."""
    log = apply_steps(survey, survey.codebook.cleaning).log
    words = [step.reason or step.step.replace("_", " ") for step in log.steps if step.step in dropping]
    times = Counter(words)
    return {
        rule: f'"{said}"{f" (entry {rule + 1})" if times[said] > 1 else ""}'
        for rule, said in zip(rules, words, strict=True)
    }


def design_made(design: object) -> Design:
    """Refuse what a function made of a survey if it is not a design."""
    if not isinstance(design, Design):
        raise DataError("the function must make a design", where="design", got=in_words(design), do=DESIGN_DO)
    return design


def _one(estimate: object) -> Estimate:
    if not isinstance(estimate, Estimate):
        raise DataError(
            "the function must give an estimate", where="figure", got=in_words(estimate), do=FIGURE_DO
        )
    if len(estimate.keys) != 1:
        raise DataError(
            "the figure must be one number", got=f"{len(estimate.keys)} rows",
            do="give a level, and no by",
        )  # fmt: skip
    return estimate


def _stack(estimates: Mapping[str, Estimate]) -> Estimate:
    """Combine estimates of one row each into one estimate with a row for each."""
    first = estimates[ALL]
    parts = estimates.values()
    keys = pd.concat([part.keys for part in parts], ignore_index=True)
    keys.insert(0, "rules", list(estimates))

    def column(name: str) -> NDArray[np.float64]:
        return np.concatenate([getattr(part, name) for part in parts])

    vcov = np.full((len(keys), len(keys)), np.nan)
    np.fill_diagonal(vcov, column("se") ** 2)
    notes = (
        *first.notes,
        "Most respondents are the same from row to row, so the changes have no interval.",
    )
    return replace(
        first, keys=keys, estimate=column("estimate"), se=column("se"), ci_low=column("ci_low"),
        ci_high=column("ci_high"), df=column("df"), n=np.concatenate([part.n for part in parts]),
        n_eff=column("n_eff"), vcov=vcov, notes=notes, held=(), units=sum((part.units for part in parts), ()),
        reasons=tuple(reason for part in parts for reason in part.reasons),
    )  # fmt: skip
