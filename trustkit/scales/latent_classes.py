"""Latent classes: groups of respondents that show in how their answers to several items go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import NAMES, POSITIVE_WHOLE, SEED, ArgumentKind, accepts_estimator, one_of
from trustkit.counted import NOTES, Counted, ShownCount, all_cells, counted_rows
from trustkit.display import Shown, show_number, show_share
from trustkit.errors import DataError
from trustkit.estimation.intervals import check_conf, interval
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.field_kinds import accepts_fields
from trustkit.headings import shortened
from trustkit.scales.answer_patterns import AnswerPatterns, MissingAnswers
from trustkit.scales.class_mixture import Classes, refitted
from trustkit.scales.class_search import best_classes, refuse_undetermined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.caveats import Caveats
    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.scales.class_mixture import Fitted
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

MOST_STARTS = 1_000
STARTS = ArgumentKind(
    lambda value: POSITIVE_WHOLE.fits(value) and value <= MOST_STARTS,  # type: ignore[operator]
    f"a whole number from 1 to {MOST_STARTS:,}",
    "give one whole number, such as 20",
)
"""More starts are held in memory at once than is worth it."""

SIZE = "class size"
"""The name of the shares of the classes among the variables of an estimate."""

LIMIT = "it is at its limit of 0 or 1 in this class, where there is no standard error"

ONE_REACHED = (
    "Only one of the starts reached the highest likelihood, so a higher one may exist: take more starts, or "
    "fewer classes."
)
PSEUDO = (
    "The log-likelihood and BIC are scaled to the effective n, which is an approximation. AIC is of weights "
    "that sum to n, and counts each parameter with its design effect. Both compare numbers of classes on the "
    "same items and respondents, and are no test."
)


@dataclass(frozen=True, eq=False)
class ClassModel:
    """Latent classes with the patterns of answers that they were found in."""

    given: AnswerPatterns
    found: Fitted


@dataclass(frozen=True, eq=False, repr=False)
class LatentClasses(Shown):
    """Latent classes: how large each is, and how its members answer.

    Attributes
    ----------
    sizes
        The share of each class, the largest first, as an `Estimate`.
    profile
        The share of each answer to each item in each class, as an `Estimate`: one row per class, item and
        answer, in the columns ``class``, ``variable`` and ``level``.
    items
        The items.
    classification
        One row per class and one column per class that is the most likely one: the share of the members of a
        class who are placed in each, if everybody is placed in their most likely class.
    error_rate
        The share of respondents who are expected to be placed in a wrong class that way.
    entropy
        How far the classes are told apart: 0 (not at all) to 1 (everybody's class is certain); NaN for one
        class.
    log_likelihood
        The weighted log-likelihood, scaled to the effective n.
    parameters, residual_df
        The number of parameters, and how many the patterns of answers could still have.
    effective_parameters
        The sum of the parameters' design effects, in the sense of Rao and Scott; those of shares at a limit
        are not in it.
    aic
        Minus twice the log-likelihood of weights that sum to the respondents, plus twice the effective
        parameters (Lumley and Scott 2015); lower is better.
    bic
        Of the scaled log-likelihood, with the logarithm of the effective n for each parameter; lower is
        better. No criterion for classes on a design is established: it takes one design effect for all
        parameters, and finds too few classes where PSUs differ in their classes.
    n_eff
        The size of a simple random sample in which the shares of answers are known as well (the median over
        all answers), at most n.
    reached, finished
        How many of the starts that were carried on to the end reached the highest likelihood, and how many
        were carried on.
    model
        What `class_proportion` needs.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> words = ["yes yes yes"] * 30 + ["no no no"] * 20 + ["yes no yes"] * 4 + ["no no yes"] * 3
    >>> answers = pd.DataFrame([one.split() for one in words], columns=["a", "b", "c"])
    >>> found = tk.latent_classes(tk.Design(answers), ["a", "b", "c"], 2)
    >>> found.sizes.estimate.round(2).tolist(), found.parameters
    ([0.6, 0.4], 7)
    """

    sizes: Estimate
    profile: Estimate
    items: tuple[str, ...]
    classification: pd.DataFrame
    error_rate: float
    entropy: float
    log_likelihood: float
    parameters: int
    effective_parameters: float
    residual_df: int
    aic: float
    bic: float
    n_eff: float
    reached: int
    finished: int
    model: object

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        count = len(self.sizes.estimate)
        if "class" not in self.profile.keys or len(self.profile.estimate) % count:
            raise DataError(
                "the argument 'profile' can't be used", where="LatentClasses",
                got=f"{len(self.profile.estimate)} estimates by {', '.join(map(str, self.profile.keys))}",
                expected=f"the same answers in each of {count} classes, by class, variable, level",
                do="let trustkit make this object; do not build it by hand",
            )  # fmt: skip
        asked = list(dict.fromkeys(map(str, self.profile.keys["variable"])))
        if sorted(self.items) != sorted(asked):
            raise DataError(
                "the argument 'items' can't be used", where="LatentClasses",
                got=", ".join(self.items), expected=f"the items of the profile: {', '.join(asked)}",
                do="let trustkit make this object; do not build it by hand",
            )  # fmt: skip
        if self.classification.shape != (count, count):
            raise DataError(
                "the argument 'classification' can't be used", where="LatentClasses",
                got=f"shape {self.classification.shape}", expected=f"shape {(count, count)}",
                do="let trustkit make this object; do not build it by hand",
            )  # fmt: skip

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return tuple(map(str, self.sizes.keys["level"]))

    @property
    def n(self) -> int:
        """Respondents, unweighted."""
        return int(self.sizes.n[0])

    @property
    def base(self) -> str:
        """Who is counted, in words."""
        return self.sizes.base

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know in addition to the numbers."""
        return self.sizes.notes

    @property
    def caveats(self) -> Caveats:
        """What a reader must know about the data."""
        return self.sizes.caveats

    def to_frame(self) -> pd.DataFrame:
        """Return one row per class, item and answer, unrounded, as the profile's `Estimate` does.

        Returns
        -------
        DataFrame
            The columns of `Estimate.to_frame`, and ``class_size`` beside each share.
        """
        sizes = dict(zip(self.names, self.sizes.estimate, strict=True))
        return self.profile.to_frame().assign(
            class_size=[sizes[name] for name in map(str, self.profile.keys["class"])]
        )

    def classes(self) -> Classes:
        """Return sizes and shares as arrays."""
        count = len(self.names)
        return Classes(self.sizes.estimate, self.profile.estimate.reshape(count, -1).T)

    def answers(self) -> dict[str, tuple[str, ...]]:
        """Return the answers to each item that the classes know."""
        first = self.profile.keys[self.profile.keys["class"] == self.names[0]].astype(str)
        return {name: tuple(first.loc[first["variable"] == name, "level"]) for name in self.items}

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it.

        All numbers rest on all respondents; a row also rests on those who gave its answer.
        """
        title, table, notes = self._parts()
        every = [*all_cells(*table.shape, first=2), *((NOTES, note) for note in range(len(notes)))]
        found = [counted_rows([title], [self.n], lambda _: every)]
        if not isinstance(self.model, ClassModel):
            return tuple(found)
        given, row = self.model.given, 0
        for place, (name, labels) in enumerate(zip(given.names, given.labels, strict=True)):
            columns = range(2, table.shape[1])
            shown = [
                ShownCount(0, label, (label,), cells=tuple((row + one, column) for column in columns))
                for one, label in enumerate(labels)
            ]
            counts = given.answered(place)[None, :]
            found.append(Counted(name, labels, (), ((),), given.chosen, counts, tuple(shown)))
            row += len(labels)
        return tuple(found)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        rows = self.profile.keys.astype(str)
        first = rows[rows["class"] == self.names[0]]
        called, shared = shortened([self.profile.label(name) for name in self.items])
        words = dict(zip(self.items, called, strict=True))
        table = pd.DataFrame(
            {"question": [words[name] for name in first["variable"]], "answer": list(first["level"])}
        )
        shares = self.profile.estimate.reshape(len(self.names), -1)
        for name, size, own in zip(self.names, self.sizes.estimate, shares, strict=True):
            table[f"{name} ({show_share(size)})"] = [show_share(share) for share in own]
        apart = "" if np.isnan(self.entropy) else f" Entropy {self.entropy:.2f}."
        reached = (
            f" {self.reached} of {self.finished} starts carried on to the end reached this likelihood."
            if len(self.names) > 1
            else ""
        )
        fit = (
            f"Log-likelihood {self.log_likelihood:,.1f}, {self.parameters} parameters (effective "
            f"{show_number(self.effective_parameters)}), AIC {self.aic:,.1f}, BIC {self.bic:,.1f}, "
            f"effective n = {show_number(self.n_eff)}.{apart}{reached}"
        )
        ends = [
            f"{name} {show_share(low)} to {show_share(high)}"
            for name, low, high in zip(self.names, self.sizes.ci_low, self.sizes.ci_high, strict=True)
        ]
        sized = [f"Size of the classes, {self.sizes.conf:.0%} intervals: {'; '.join(ends)}."]
        wrong = show_share(self.error_rate)
        error = [f"If all are placed in their most likely class, {wrong} are expected to be in a wrong one."]
        several = len(self.names) > 1
        notes = (
            f"Base: {self.base}. n = {self.n:,}.", *(sized + error if several else []), fit, PSEUDO,
            *self.caveats.sentences, *self.notes,
        )  # fmt: skip
        return "Latent classes" + (f": {shared}" if shared else ""), table, notes


def latent_classes(
    design: Design,
    items: str | Sequence[str],
    n_classes: int,
    *,
    missing: MissingAnswers = "left_out",
    starts: int = 20,
    seed: int = 0,
    where: Where = None,
    conf: float = 0.95,
) -> LatentClasses:
    """Find classes of respondents who answer several items alike, with the design's standard errors.

    Within a class, the answers to the items are taken to be independent of each other: the classes are what
    the items have in common. How many there are is chosen by whoever asks, from `LatentClasses.bic` and from
    whether the profiles make sense.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    items
        A battery's name, or variables with labelled answers; at least two. Answers need no order.
    n_classes
        How many classes. One class gives the shares of everybody, to compare with.
    missing
        ``left_out``: respondents without an answer to one of the items are left out. ``at_random``: whoever
        answered at least one item counts with the answers that they gave.
    starts
        How many random starts are tried, at most 1,000; the six with the highest likelihood are carried on to
        the end.
    seed
        Of the starts.
    where
        As in `trustkit.proportion`.
    conf
        The coverage of the intervals.

    Returns
    -------
    LatentClasses
        Sizes and profiles; the same each time.

    Raises
    ------
    DataError
        No such item, an item without labelled answers or with one answer only, nobody who answered the items,
        or more parameters than the patterns of answers can tell apart.
    FitError
        No start converges, a class is empty, or other parameters fit the answers as well.

    Notes
    -----
    Pseudo-maximum likelihood: EM from random starts, then Newton's method with the exact observed information
    (Louis 1982, doi:10.1111/j.2517-6161.1982.tb01203.x), on the weights of the patterns of answers, so that
    the time hardly depends on the number of respondents. A respondent's influence is the inverse information
    times their score (Binder 1983, doi:10.2307/1402588). Replicates fit again from the full fit, and their
    classes are matched to it, as labels may switch. Sizes and shares agree with stepmix and with a
    maximisation in R, standard errors with ``svytotal`` of R survey. stepmix's ``bic`` **takes no weights**.
    Shares at a limit of 0 or 1 have no standard error, and the others treat them as known. With
    ``missing="at_random"``, the likelihood of a respondent is that of the answers that they gave (Little and
    Rubin 2019, doi:10.1002/9781119482260), as in stepmix with ``categorical_nan``. This is silently wrong if
    whether somebody answers depends on what they would have answered. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import trustkit as tk
    >>> folder = tk.example_folder("consumer_trust")
    >>> design = tk.Design(tk.clean(tk.read(folder / "responses.csv", codebook=folder / "codebook.yaml")))
    >>> items = ["share_email_discount", "share_location_discount", "share_purchases_discount"]
    >>> tk.latent_classes(design, items, 2).sizes.to_frame()[["level", "estimate"]].round(2)
         level  estimate
    0  Class 1      0.53
    1  Class 2      0.47
    """
    accepts_estimator(
        design, None, where, conf,
        items=(items, NAMES), n_classes=(n_classes, POSITIVE_WHOLE),
        missing=(missing, one_of(MissingAnswers)), starts=(starts, STARTS), seed=(seed, SEED),
    )  # fmt: skip
    check_conf(conf)
    given = AnswerPatterns.of(design, items, where, missing)
    patterns, mass = given.patterns, given.mass(design.weights)
    parameters = patterns.parameters(n_classes)
    room = int(min(np.prod(patterns.levels.astype(float)) - 1, given.n - 1))
    if parameters > room:
        raise DataError(
            "the answers cannot tell so many classes apart",
            got=f"{parameters} parameters of {n_classes} classes of {len(given.names)} items",
            expected=f"at most {room:,}: the patterns of answers, or respondents, less 1",
            do="take fewer classes or more items, or join rare answers (tk.recode)",
        )  # fmt: skip
    found, reached, finished = best_classes(patterns, mass, n_classes, starts, seed)
    refuse_undetermined(found, given.n)
    n_eff = _effective_n(given, mass)
    members, log_chances = patterns.memberships(found.classes)
    unscaled = float(mass @ log_chances)
    loglik = unscaled * n_eff / given.n
    classification, error_rate, entropy = _told_apart(members, mass)
    names = [f"Class {number}" for number in range(1, n_classes + 1)]
    notes = [*given.notes, *([ONE_REACHED] if n_classes > 1 and reached < 2 and starts > 1 else [])]  # noqa: PLR2004
    sizes, profile, effective = _estimates(given, found, names, conf, tuple(notes))
    return LatentClasses(
        sizes, profile, given.names, pd.DataFrame(classification, index=names, columns=names), error_rate,
        entropy, loglik, parameters, effective, room - parameters, 2 * effective - 2 * unscaled,
        parameters * float(np.log(n_eff)) - 2 * loglik, n_eff, reached, finished, ClassModel(given, found),
    )  # fmt: skip


def _told_apart(members: Floats, mass: Floats) -> tuple[Floats, float, float]:
    """Return how the members of each class are placed, the share placed wrongly, and the entropy."""
    count = members.shape[1]
    weighted = members * mass[:, None]
    placed = np.eye(count)[members.argmax(axis=1)]
    classification = (weighted.T @ placed) / weighted.sum(axis=0)[:, None]
    error = 1 - float(mass @ members.max(axis=1)) / float(mass.sum())
    if count == 1:
        return classification, 0.0, np.nan
    logs = np.log(np.maximum(members, np.finfo(float).tiny))
    lost = -float((weighted * logs).sum()) / (float(mass.sum()) * float(np.log(count)))
    return classification, max(error, 0.0), 1 - lost


def _effective_n(given: AnswerPatterns, mass: Floats) -> float:
    """Return the size of a simple random sample in which shares of answers are known as well; at most n."""
    patterns = given.patterns
    shares = patterns.marginals(mass)
    variance = np.diag(given.covariance(patterns.marginal_influences(mass), patterns.marginals))
    sizes = 1 + shares * (1 - shares) / np.where(variance > 0, variance, np.inf)
    return float(min(np.median(sizes), given.n))


def _estimates(
    given: AnswerPatterns, found: Fitted, names: Sequence[str], conf: float, notes: tuple[str, ...]
) -> tuple[Estimate, Estimate, float]:
    """Return the sizes of the classes, the shares of answers in each, and the effective parameters."""
    patterns, classes = given.patterns, found.classes
    k = classes.count
    value = _flat(classes)

    def again(weights: Floats) -> Floats:
        return _flat(refitted(patterns, classes, weights))

    slopes = patterns.slopes(classes)[:, found.free]
    vcov = given.covariance(patterns.influences(found) * given.n, again)
    if given.design.replicates is None:
        vcov = slopes @ vcov @ slopes.T
    back = np.linalg.pinv(slopes)
    effective = float(np.trace(found.information @ back @ vcov @ back.T))
    at_limit = (value == 0) | (value == 1) if k > 1 else np.zeros(len(value), dtype=bool)
    vcov[at_limit], vcov[:, at_limit] = np.nan, np.nan
    reasons = [LIMIT if limit else "" for limit in at_limit]
    keys = pd.DataFrame({"variable": SIZE, "level": list(names)})
    answers = [
        (name, item, level)
        for name in names
        for item, levels in zip(given.names, given.labels, strict=True)
        for level in levels
    ]
    parts = [
        (keys, slice(0, k)),
        (pd.DataFrame(answers, columns=["class", "variable", "level"]), slice(k, len(value))),
    ]
    counts = [np.full(k, given.n), np.tile(np.repeat(given.respondents, patterns.levels), k)]
    made = []
    for (own, rows), n in zip(parts, counts, strict=True):
        held = given.held(len(own))
        se = np.sqrt(np.maximum(np.diag(vcov)[rows], 0.0))
        numbers = Numbers(
            own, value[rows], vcov[rows, rows], n, (held,), value[rows] * (1 - value[rows]),
            reasons=tuple(reasons[rows]), unit="share",
        )  # fmt: skip
        made.append(
            estimate_of(
                numbers,
                statistic="proportion",
                base=given.base,
                conf=conf,
                ci="logit",
                limits=interval("logit", value[rows], se, n.astype(float), held.df, conf),
                notes=notes,
                caveats=given.design.caveats_about(*given.names, *(name for name, _ in given.chosen or ())),
                labels={**given.design.labels(given.names), SIZE: "Size of the latent classes"},
            )
        )
    return made[0], made[1], effective


def _flat(classes: Classes) -> Floats:
    return np.concatenate([classes.sizes, classes.shares.T.ravel()])
