"""Consent: opt-in rates under each definition in use, and the consent funnel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, cast

import numpy as np
import pandas as pd

from trustkit.arguments import CONDITIONS, DESIGN, NAME, NUMBER, WHERE, a_trustkit, accepts, is_of, one_of
from trustkit.counted import Counted, ShownCount
from trustkit.design.design import Design
from trustkit.design.held import beside, held_by
from trustkit.design.sums import Cells, Functional, cross
from trustkit.errors import DataError
from trustkit.estimation.assembly import Part, assemble
from trustkit.estimation.consent_definitions import refuse_unknown_letters, word_key
from trustkit.estimation.opt_in_definitions import (
    AUTHORIZED,
    OptInDefinition,
    shipped_opt_in_definitions,
)
from trustkit.survey.quoted_cells import quoted_cells
from trustkit.survey.variable import CODED
from trustkit.survey.where import Where, condition, conditions_in, rows_where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.held import Held
    from trustkit.design.sums import Sums
    from trustkit.estimation.results import Estimate
    from trustkit.survey.variable import Variable

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


FunnelOf = Literal["entry", "stage before"]

CONVERSION = "conversion"
"""The name of conversion rates among the variables of an estimate."""

TURNED_OFF = "E"
"""The state of a device whose owner turned off the requests of all apps."""

DENIED_IN_WORDS = (
    "Apple's status denied also covers devices whose owner turned off the requests of all apps. Without a "
    f"separate state {TURNED_OFF}, these devices are counted as denied."
)

DEFINITIONS = a_trustkit("OptInDefinition", "make one with tk.OptInDefinition").listed(
    "a list of OptInDefinitions", "write one as [tk.OptInDefinition(...)]", least=1
)

NUMBERS_IN_WORDS = (
    "States are Apple's numbers: 0 is not determined, 1 restricted, 2 denied, 3 authorized. If they mean "
    "something else here, give the column labels in the codebook."
)


class DeviceStates(Protocol):
    """What has tracking states of devices, such as `Consents`."""

    @property
    def devices(self) -> pd.DataFrame:
        """One row per device and app, with its state and whether the app prompts."""


BEFORE = "not the first stage"
"""What respondents are called who enter a funnel and do not reach its first stage."""


def opt_in_rates(
    design: Design | DeviceStates,
    *,
    state: str = "state",
    app: str = "app",
    prompts: str = "prompts",
    definitions: Sequence[OptInDefinition] | None = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate the opt-in rate under each definition, from the same devices.

    Parameters
    ----------
    design
        One row per device and app; or the tracking states that `read_consents` returns, without further
        columns. Their apps count as prompting if the file says so, or else if any device answered.
    state
        The device's state in the app, by its codes or labels: A authorized, B denied, C not determined (not
        prompted), D restricted, E requests turned off for all apps; or Apple's words ``authorized``,
        ``denied``, ``notDetermined`` and ``restricted``, in any capitals and spacing; or Apple's numbers for
        them, 3, 2, 0 and 1. Words of other platforms are not read, because the same word, such as
        ``denied``, means another state there.
    app, prompts
        The app, and whether it shows the prompt (1 or 0).
    definitions
        The definitions to apply. None: those in use by Flurry, Branch and AppsFlyer, which come with
        trustkit as ``opt_in_definitions.yaml``, each with its source.
    conf
        The intervals' coverage.

    Returns
    -------
    Estimate
        One row per definition, with the full covariance: all rates are of the same devices.

    Raises
    ------
    DataError
        An unknown state, in the data or in a definition; prompts that are not numbers; or a definition that
        counts no device.

    Notes
    -----
    A rate is a ratio of counts of devices; a device adds w (1[A] - rate) 1[counted] / sum of w counted.
    The mean over apps averages the apps' rates, so its influence is averaged too; apps without a device in
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
    if is_of(design, "Consents"):
        if (state, app, prompts) != ("state", "app", "prompts"):
            raise DataError(
                "the columns of tracking states are known", where="opt_in_rates",
                do="leave state, app and prompts out",
            )  # fmt: skip
        design = _device_design(cast("DeviceStates", design).devices)
    accepts(
        design=(design, DESIGN),
        state=(state, NAME),
        app=(app, NAME),
        prompts=(prompts, NAME),
        definitions=(definitions, DEFINITIONS.optional()),
        conf=(conf, NUMBER),
    )
    design = cast("Design", design)
    places, states, notes = _letters(design, state)
    definitions = shipped_opt_in_definitions()[1] if definitions is None else definitions
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
    letters = [one.letter for one in shipped_opt_in_definitions()[0]]
    for definition in definitions:
        refuse_unknown_letters(definition.name, definition.denominator, letters)
    rates = [_Rate.of(definition, states, mass) for definition in definitions]

    def estimate(first: Floats) -> Floats:
        totals = first[..., 0].reshape(*first.shape[:-2], *shape)
        return np.stack([rate.value(totals) for rate in rates], axis=-1)

    gradient = np.stack([rate.slope(mass).ravel() for rate in rates], axis=-1)[:, None, :]
    keys = pd.DataFrame(
        {
            "definition": [definition.name for definition in definitions],
            "counted": [definition.counted for definition in definitions],
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
        beside([_held(design, cells, sums, rate.counted.ravel() > 0) for rate in rates]),
        (state,),
        counted=_authorized(state, keys, n, rates),
    )
    rates_of_devices = assemble(design, [part], "proportion", conf, ci="logit")
    return replace(rates_of_devices, notes=(*rates_of_devices.notes, *notes))


def _authorized(state: str, keys: pd.DataFrame, n: Ints, rates: Sequence[_Rate]) -> Counted:
    """Return the devices of each definition that are authorized, and all others that it counts."""
    below = np.array([int((n * rate.counted).sum()) for rate in rates], dtype=np.intp)
    above = np.array([int((n * rate.counted * rate.authorized).sum()) for rate in rates], dtype=np.intp)
    names = ("definition", "counted")
    groups = tuple(keys[list(names)].itertuples(index=False, name=None))
    shown = tuple(ShownCount(place, "", (AUTHORIZED,)) for place in range(len(rates)))
    counts = np.column_stack([above, below - above])
    return Counted(state, (AUTHORIZED, "others"), names, groups, None, counts, shown)


def _device_design(devices: pd.DataFrame) -> Design:
    """Return a design of devices, of which each app's prompt is known or follows from its answers."""
    if not len(devices):
        raise DataError(
            "the consent file holds no tracking states", expected="a column such as att_status",
            do="read another file",
        )  # fmt: skip
    last = devices.drop_duplicates(["subject", "app"], keep="last")
    said = last["prompts"].map(word_key)
    unknown = sorted(set(said) - {"", "0", "1", "true", "false", "yes", "no"})
    if unknown:
        raise DataError(
            "prompts is neither yes nor no", got=f"{len(unknown)} other values", expected="1 or 0",
            do="correct the column in the file",
        )  # fmt: skip
    answered = last["state"].isin(["A", "B"]).groupby(last["app"]).transform("any")
    prompts = said.isin(["1", "true", "yes"]) | ((said == "") & answered)
    return Design(last[["state", "app"]].assign(prompts=prompts.astype(int)))


def consent_funnel(
    design: Design,
    stages: Mapping[str, Mapping[str, object]],
    *,
    of: FunnelOf = "entry",
    where: Mapping[str, object] | pd.Series | None = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate how many respondents reach each stage of a funnel, or convert from one stage to the next.

    Parameters
    ----------
    design
        The design.
    stages
        Stage -> ``{variable: level or list}``. To reach a stage, a respondent must meet its condition and
        the conditions of all earlier stages.
    of
        ``entry``: shares of the respondents who enter. ``stage before``: conversion rates, the share of those
        at the stage before who also reach this one.
    where
        Who enters the funnel, as in `trustkit.proportion`; None is everybody.
    conf
        The intervals' coverage.

    Returns
    -------
    Estimate
        One row per stage: the share of the respondents who enter the funnel and reach this stage, or its
        conversion rate. ``n`` counts who enters, or who reaches the stage before.

    Raises
    ------
    DataError
        No stages, nobody who enters, or an unknown variable or level.

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
    >>> tk.consent_funnel(tk.Design(frame), stages, of="stage before").estimate.round(2).tolist()
    [0.75, 0.33]
    """
    accepts(
        design=(design, DESIGN), stages=(stages, CONDITIONS), of=(of, one_of(FunnelOf)), where=(where, WHERE),
        conf=(conf, NUMBER),
    )  # fmt: skip
    entered, words = rows_where(where, design.data, design.variable), condition(where, design.variable)
    inside = np.ones(len(design.data), dtype=bool) if entered is None else entered
    if not stages or not (inside & (design.weights > 0)).any():
        raise DataError(
            "the funnel is empty",
            got=f"{len(stages)} stages, {inside.sum()} respondents who enter",
            do="give at least one stage, and a where that somebody meets",
        )
    depth = np.zeros(len(inside), dtype=np.intp)
    reached = inside
    for stage in stages.values():
        met = rows_where(stage, design.data, design.variable)
        reached = reached if met is None else reached & met
        depth += reached
    size = len(stages) + 1
    cells = Cells(np.where(inside, depth, size), size)
    sums = design.sums(cells)
    if of == "stage before":
        rests_on = tuple(name for stage in stages.values() for name in stage)
        parts = [
            _conversion(design, (cells, sums), list(stages), number, (where, words), rests_on)
            for number in range(1, size)
        ]
        return assemble(design, parts, "proportion", conf, ci="logit")
    at_least = np.tri(size, size)[:, 1:]

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0]
        shares: Floats = mass @ at_least / mass.sum(axis=-1, keepdims=True)
        return shares

    base_mass = sums.total[:, 0].sum()
    gradient = ((at_least - estimate(sums.total)) / base_mass)[:, None, :]
    everyone = np.zeros(size, dtype=np.intp)
    part = Part(
        Functional(cells, sums, estimate, gradient),
        np.full(len(stages), sums.count.sum()),
        pd.DataFrame({"stage": list(stages), "variable": "funnel", "level": ""}),
        f"respondents where {words}" if words else "everyone",
        "funnel",
        held_by(design.sample, cells, sums, everyone, everyone[1:]),
        tuple(name for stage in stages.values() for name in stage),
        counted=_reached(list(stages), sums.count, where),
    )
    return assemble(design, [part], "proportion", conf, ci="logit")


def _conversion(
    design: Design,
    given: tuple[Cells, Sums],
    stages: Sequence[str],
    number: int,
    entry: tuple[Where, str],
    rests_on: tuple[str, ...],
) -> Part:
    """Return the share of those at the stage before who reach a stage, by its number from 1."""
    cells, sums = given
    below, above = (np.arange(cells.size) >= least for least in (number - 1, number))

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            shares: Floats = mass @ above.astype(float) / (mass @ below.astype(float))
        return shares[..., None]

    base_mass = float(sums.total[below, 0].sum())
    rate = float(sums.total[above, 0].sum()) / base_mass if base_mass else 0.0
    slope = (above - rate * below) / (base_mass or 1.0)
    before = "everyone" if number == 1 else f'respondents who reach "{stages[number - 2]}"'
    counts = np.where(below, sums.count, 0)
    where, words = entry
    ends = (BEFORE, *stages)
    return Part(
        Functional(cells, sums, estimate, slope[:, None, None]),
        np.array([counts.sum()]),
        pd.DataFrame({"stage": [stages[number - 1]], "variable": CONVERSION, "level": ""}),
        f"{before}, where {words}" if words else before,
        CONVERSION,
        held_by(design.sample, cells, sums, np.where(below, 0, -1), [0]),
        rests_on,
        counted=Counted(
            f"conversion to {stages[number - 1]}", ends, (), ((),), conditions_in(where),
            np.asarray(counts, dtype=np.intp)[None, :], (ShownCount(0, stages[number - 1], ends[number:]),),
        ),
    )  # fmt: skip


def _reached(stages: Sequence[str], depth: Ints, where: Where) -> Counted:
    """Return the respondents who get as far as each stage, and no further."""
    ends = (BEFORE, *stages)
    shown = [ShownCount(0, stage, tuple(ends[place:])) for place, stage in enumerate(stages, 1)]
    counts = np.asarray(depth, dtype=np.intp)[None, :]
    return Counted(f"funnel of {', '.join(stages)}", ends, (), ((),), conditions_in(where), counts, (*shown,))


@dataclass(frozen=True, eq=False)
class _Rate:
    """One definition, applied to devices by app, prompting (no, yes) and state."""

    counted: Floats
    authorized: Floats
    axes: tuple[int, ...]
    has_rate: NDArray[np.bool_]

    @classmethod
    def of(cls, definition: OptInDefinition, states: Sequence[str], mass: Floats) -> _Rate:
        counted = np.zeros(mass.shape)
        first = 0 if definition.apps == "all" else 1
        counted[:, first:, :] = [letter in definition.denominator for letter in states]
        axes = (-2, -1) if definition.pooling == "mean" else (-3, -2, -1)
        has_rate = np.atleast_1d((mass * counted).sum(axis=axes)) > 0
        if not has_rate.any():
            raise DataError(f"no device is in the denominator of {definition.name!r}")
        return cls(counted, np.array([float(letter == AUTHORIZED) for letter in states]), axes, has_rate)

    def value(self, mass: Floats) -> Floats:
        """Return the rate from sums of shape (..., apps, 2, states)."""
        below = (mass * self.counted).sum(axis=self.axes)
        above = (mass * self.counted * self.authorized).sum(axis=self.axes)
        if -3 in self.axes:  # noqa: PLR2004
            pooled: Floats = above / below
            return pooled
        mean: Floats = (above[..., self.has_rate] / below[..., self.has_rate]).mean(axis=-1)
        return mean

    def slope(self, mass: Floats) -> Floats:
        """Return the rate's derivative by each sum."""
        below = (mass * self.counted).sum(axis=self.axes, keepdims=True)
        above = (mass * self.counted * self.authorized).sum(axis=self.axes, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = (self.authorized - above / below) * self.counted / below / self.has_rate.sum()
        return np.where(below > 0, slopes, 0.0)


def _held(design: Design, cells: Cells, sums: Sums, counted: NDArray[np.bool_]) -> Held:
    """Return the PSUs and strata of the devices in some cells."""
    return held_by(design.sample, cells, sums, np.where(counted, 0, -1), [0])


def _shows(design: Design, prompts: str) -> NDArray[np.bool_]:
    """Return which rows belong to an app that shows the prompt."""
    if design.variable(prompts).kind in CODED and pd.api.types.is_bool_dtype(design.data[prompts]):
        return design.data[prompts].to_numpy(dtype=bool)
    shows: NDArray[np.bool_] = design.numbers(prompts)[0] > 0
    return shows


def _letters(design: Design, state: str) -> tuple[np.ndarray, list[str], tuple[str, ...]]:
    """Return each row's place among the states, their letters, and what a reader must know of the reading."""
    about = design.variable(state)
    known = shipped_opt_in_definitions()[0]
    by_number = {str(one.number): one.letter for one in known if one.number is not None}
    if not about.codes:
        return *_numbered(design, state, by_number), (NUMBERS_IN_WORDS, DENIED_IN_WORDS)
    texts = [(label, str(code)) for code, label in about.codes.items()]
    if all(label in by_number for label, _ in texts):
        letters = [by_number[label] for label, _ in texts]
        return design.codes(state, about.labels), letters, (NUMBERS_IN_WORDS, DENIED_IN_WORDS)
    by_letter = {one.letter: one.letter for one in known}
    by_word = {word_key(word): one.letter for one in known for word in one.words}
    letters, unknown, in_words = [], [], False
    for label, code in texts:
        letter = next((by_letter[text] for text in (code, label) if text in by_letter), "")
        word = next((by_word[word_key(text)] for text in (label, code) if word_key(text) in by_word), "")
        letters.append(letter or word)
        in_words = in_words or not letter
        if not letters[-1]:
            unknown.append(code)
    if unknown:
        raise _unknown_states(design.variable(state), unknown)
    notes = (DENIED_IN_WORDS,) if in_words and TURNED_OFF not in letters else ()
    return design.codes(state, about.labels), letters, notes


def _numbered(design: Design, state: str, by_number: Mapping[str, str]) -> tuple[np.ndarray, list[str]]:
    """Return each row's place among the states, and their letters, from Apple's numbers."""
    numbers, valid = design.numbers(state)
    known = np.ones(len(numbers), dtype=bool) if valid is None else valid
    unknown = [f"{number:g}" for number in np.unique(numbers[known]) if f"{number:g}" not in by_number]
    if unknown:
        raise _unknown_states(design.variable(state), unknown)
    places = np.full(len(numbers), -1)
    for place, number in enumerate(by_number):
        places[known & (numbers == float(number))] = place
    return places, list(by_number.values())


def _unknown_states(about: Variable, unknown: Sequence[str]) -> DataError:
    """Return the error that names unknown states, and says what each known one is."""
    known = shipped_opt_in_definitions()[0]
    meanings = (f"{one.letter} {one.label}" for one in known)
    words = (word for one in known for word in one.words[:1])
    numbers = sorted((one.number, one.label) for one in known if one.number is not None)
    return DataError(
        f"{about.name} has unknown states", got=quoted_cells(unknown[:5], about, among=unknown),
        expected=f"{', '.join(meanings)}; or Apple's {', '.join(words)}; "
        f"or Apple's {', '.join(f'{number} {label}' for number, label in numbers)}",
        do="recode them",
    )  # fmt: skip
