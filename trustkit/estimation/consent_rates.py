"""Consent: opt-in rates under each definition in use, and the consent funnel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.design.sums import Cells, Functional, cross
from trustkit.errors import DataError
from trustkit.estimation.assembly import Part, assemble
from trustkit.survey.variable import CODED
from trustkit.survey.where import condition, rows_where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OptInDefinition:
    """One definition of the app-tracking opt-in rate.

    Attributes
    ----------
    name
        How the definition is called.
    denominator
        States that are counted; the numerator is always the authorized.
    apps
        ``all`` apps, or only ``prompting`` ones, which show the prompt.
    pooling
        ``pooled``: all devices together. ``mean``: the mean of the apps' own rates.
    users
        The definition in words.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> asked = tk.OptInDefinition(
    ...     "Asked", frozenset("AB"), apps="all", pooling="pooled", users="allowed / (allowed + denied)"
    ... )
    >>> frame = pd.DataFrame({"state": list("AABBC"), "app": "x", "prompts": 1})
    >>> tk.opt_in_rates(tk.Design(frame), definitions=[asked]).estimate.tolist()
    [0.5]
    """

    name: str
    denominator: frozenset[str]
    apps: Literal["all", "prompting"]
    pooling: Literal["pooled", "mean"]
    users: str


AUTHORIZED = "A"
"""The state of a device whose user allowed tracking in the app."""

DEFINITIONS: tuple[OptInDefinition, ...] = (
    OptInDefinition(
        "Flurry, all apps", frozenset("ABE"), "all", "pooled",
        "allowed / (allowed + denied + device-wide off), all apps",
    ),
    OptInDefinition(
        "Flurry, prompting apps", frozenset("ABE"), "prompting", "pooled",
        "the same, only apps that showed the prompt",
    ),
    OptInDefinition(
        "Branch, asked", frozenset("ABE"), "all", "pooled",
        "allowed / (allowed + denied + device-wide off): Flurry's rate by another name",
    ),
    OptInDefinition(
        "Branch, all", frozenset("ABCD"), "all", "pooled",
        "allowed / (allowed + denied + not prompted + restricted)",
    ),
    OptInDefinition(
        "AppsFlyer, prompts shown", frozenset("AB"), "all", "pooled", "allowed / (allowed + denied)",
    ),
    OptInDefinition(
        "Mean over apps", frozenset("AB"), "all", "mean",
        "mean of each app's allowed / (allowed + denied), apps where anybody answered",
    ),
)  # fmt: skip
"""States: A authorized, B denied, C not prompted, D restricted, E device-wide off."""


def opt_in_rates(
    design: Design,
    *,
    state: str = "state",
    app: str = "app",
    prompts: str = "prompts",
    definitions: Sequence[OptInDefinition] = DEFINITIONS,
    conf: float = 0.95,
) -> Estimate:
    """Estimate the opt-in rate under each definition, from the same devices.

    Parameters
    ----------
    design
        One row per device and app.
    state
        The device's state in the app; its codes in the codebook are the letters A to E.
    app, prompts
        The app, and whether it shows the prompt (1 or 0).
    definitions
        The definitions to apply.
    conf
        The intervals' coverage.

    Returns
    -------
    Estimate
        One row per definition, with the full covariance: the same devices stand behind every rate.

    Raises
    ------
    DataError
        An unknown state, prompts that are not numbers, or a definition whose denominator is empty.

    Notes
    -----
    A rate is a ratio of counts of devices; a device adds w (1[A] - rate) 1[counted] / sum of w counted.
    The mean over apps averages the apps' rates, so its influence is averaged too; apps without anybody in
    the denominator have no rate and are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"state": list("AABBCE"), "app": ["x", "y"] * 3, "prompts": 1})
    >>> tk.opt_in_rates(tk.Design(frame)).to_frame()[["definition", "estimate"]]
                     definition  estimate
    0          Flurry, all apps       0.4
    1    Flurry, prompting apps       0.4
    2             Branch, asked       0.4
    3               Branch, all       0.4
    4  AppsFlyer, prompts shown       0.5
    5            Mean over apps       0.5
    """
    places, states = _letters(design, state)
    design.variable(app)
    apps, app_names = pd.factorize(design.data[app], sort=True)
    shows = _shows(design, prompts)
    shape = (len(app_names), 2, len(states))
    size = int(np.prod(shape))
    inside = (places >= 0) & (apps >= 0)
    codes = cross(cross(apps, shows.astype(np.intp), 2), places, len(states))
    cells = Cells(np.where(inside, codes, size), size)
    sums = design.sums(cells)
    mass, n = sums.total[:, 0].reshape(shape), sums.count.reshape(shape)
    rates = [_Rate.of(definition, states, mass) for definition in definitions]

    def estimate(first: Floats) -> Floats:
        found = first[..., 0].reshape(*first.shape[:-2], *shape)
        return np.stack([rate.value(found) for rate in rates], axis=-1)

    gradient = np.stack([rate.slope(mass).ravel() for rate in rates], axis=-1)[:, None, :]
    keys = pd.DataFrame(
        {
            "definition": [definition.name for definition in definitions],
            "counted": [definition.users for definition in definitions],
            "variable": state,
            "level": "",
        }
    )
    part = Part(
        Functional(cells, sums, estimate, gradient),
        np.array([int((n * rate.counted).sum()) for rate in rates]),
        keys,
        "devices that each definition counts",
        state,
    )
    return assemble(design, [part], "proportion", conf, ci="logit")


def consent_funnel(
    design: Design,
    stages: Mapping[str, Mapping[str, object]],
    *,
    where: Mapping[str, object] | pd.Series | None = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate how many respondents reach each stage of a funnel.

    Parameters
    ----------
    design
        The design.
    stages
        Stage -> ``{variable: level or list}``. A respondent reaches a stage who meets its condition and
        those of all earlier stages.
    where
        Who enters the funnel, as in `trustkit.proportion`; None is everybody.
    conf
        The intervals' coverage.

    Returns
    -------
    Estimate
        One row per stage: the share of those who enter that reaches it.

    Raises
    ------
    DataError
        No stage, nobody who enters, or an unknown variable or level.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"asked": ["yes", "yes", "no", "yes"], "agreed": ["yes", "no", "no", "no"]})
    >>> stages = {"Was asked": {"asked": "yes"}, "Agreed": {"agreed": "yes"}}
    >>> tk.consent_funnel(tk.Design(frame), stages).to_frame()[["stage", "estimate"]]
           stage  estimate
    0  Was asked      0.75
    1     Agreed      0.25
    """
    entered, words = rows_where(where, design.data, design.variable), condition(where, design.variable)
    inside = np.ones(len(design.data), dtype=bool) if entered is None else entered
    if not stages or not (inside & (design.weights > 0)).any():
        raise DataError("the funnel is empty", got=f"{len(stages)} stages, {inside.sum()} who enter")
    depth = np.zeros(len(inside), dtype=np.intp)
    reached = inside
    for stage in stages.values():
        met = rows_where(stage, design.data, design.variable)
        reached = reached if met is None else reached & met
        depth += reached
    size = len(stages) + 1
    cells = Cells(np.where(inside, depth, size), size)
    sums = design.sums(cells)
    at_least = np.tri(size, size)[:, 1:]

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0]
        found: Floats = mass @ at_least / mass.sum(axis=-1, keepdims=True)
        return found

    whole = sums.total[:, 0].sum()
    gradient = ((at_least - estimate(sums.total)) / whole)[:, None, :]
    part = Part(
        Functional(cells, sums, estimate, gradient),
        np.full(len(stages), sums.count.sum()),
        pd.DataFrame({"stage": list(stages), "variable": "funnel", "level": ""}),
        f"those where {words}" if words else "everyone",
        "funnel",
    )
    return assemble(design, [part], "proportion", conf, ci="logit")


@dataclass(frozen=True, eq=False)
class _Rate:
    """One definition, applied to devices by app, prompting (no, yes) and state."""

    counted: Floats
    authorized: Floats
    axes: tuple[int, ...]
    kept: NDArray[np.bool_]

    @classmethod
    def of(cls, definition: OptInDefinition, states: Sequence[str], mass: Floats) -> _Rate:
        counted = np.zeros(mass.shape)
        first = 0 if definition.apps == "all" else 1
        counted[:, first:, :] = [letter in definition.denominator for letter in states]
        axes = (-2, -1) if definition.pooling == "mean" else (-3, -2, -1)
        kept = np.atleast_1d((mass * counted).sum(axis=axes)) > 0
        if not kept.any():
            raise DataError(f"no device is in the denominator of {definition.name!r}")
        return cls(counted, np.array([float(letter == AUTHORIZED) for letter in states]), axes, kept)

    def value(self, mass: Floats) -> Floats:
        """Return the rate from sums of shape (..., apps, 2, states)."""
        below = (mass * self.counted).sum(axis=self.axes)
        above = (mass * self.counted * self.authorized).sum(axis=self.axes)
        if -3 in self.axes:  # noqa: PLR2004
            pooled: Floats = above / below
            return pooled
        mean: Floats = (above[..., self.kept] / below[..., self.kept]).mean(axis=-1)
        return mean

    def slope(self, mass: Floats) -> Floats:
        """Return the rate's derivative by each sum."""
        below = (mass * self.counted).sum(axis=self.axes, keepdims=True)
        above = (mass * self.counted * self.authorized).sum(axis=self.axes, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = (self.authorized - above / below) * self.counted / below / self.kept.sum()
        return np.where(below > 0, slopes, 0.0)


def _shows(design: Design, prompts: str) -> NDArray[np.bool_]:
    """Tell which rows are of an app that shows the prompt."""
    if design.variable(prompts).kind in CODED and pd.api.types.is_bool_dtype(design.data[prompts]):
        return design.data[prompts].to_numpy(dtype=bool)
    found: NDArray[np.bool_] = design.numbers(prompts)[0] > 0
    return found


def _letters(design: Design, state: str) -> tuple[np.ndarray, list[str]]:
    """Return each row's place among the states, and the states' letters."""
    about = design.variable(state)
    letters = [str(code) for code in about.codes]
    known = set("ABCDE")
    if unknown := [letter for letter in letters if letter not in known]:
        raise DataError(
            f"{state} has states that no definition knows", got=", ".join(unknown), expected="A, B, C, D, E"
        )
    return design.codes(state, about.labels), letters
