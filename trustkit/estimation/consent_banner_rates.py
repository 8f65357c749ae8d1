"""Consent rates of banners on websites, under each definition in use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from trustkit.arguments import NAME, NUMBER, a_trustkit, accepts, accepts_estimator, is_of
from trustkit.counted import Counted as Visits
from trustkit.counted import ShownCount
from trustkit.design.coded import coded_variable
from trustkit.design.held import beside, held_by
from trustkit.design.sums import Functional
from trustkit.errors import DataError
from trustkit.estimation.assembly import Part, assemble
from trustkit.estimation.consent_counts import rates_of_counts
from trustkit.estimation.consent_definitions import (
    State,
    read_counted,
    read_states,
    refuse_unknown_letters,
    word_key,
)
from trustkit.estimation.domains import By, Domains
from trustkit.field_kinds import accepts_fields
from trustkit.survey.quoted_cells import quoted_cells
from trustkit.yaml_documents import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.consent_counts import Counted
    from trustkit.estimation.results import Estimate
    from trustkit.survey.variable import Variable
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

SHIPPED = Path(__file__).with_name("consent_banner_definitions.yaml")
"""The states and definitions that come with trustkit."""

DEFINITIONS = a_trustkit("ConsentBannerDefinition", "make one with tk.ConsentBannerDefinition").listed(
    "a list of ConsentBannerDefinitions", "write one as [tk.ConsentBannerDefinition(...)]", least=1
)


@dataclass(frozen=True)
class ConsentBannerDefinition:
    """One definition of the consent rate of a banner.

    Attributes
    ----------
    name
        The name of the definition.
    numerator, denominator
        The states counted above and below the line, as letters (see `consent_banner_rates`).
    counted
        The definition in words.
    source
        Where it is published.

    Examples
    --------
    >>> import trustkit as tk
    >>> mine = tk.ConsentBannerDefinition("Refused", frozenset("R"), frozenset("AMSR"), "refused / choices")
    >>> sorted(mine.denominator)
    ['A', 'M', 'R', 'S']
    """

    name: str
    numerator: frozenset[str]
    denominator: frozenset[str]
    counted: str
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and a numerator outside the denominator.

        Raises
        ------
        DataError
            If a state of the numerator is not in the denominator, or the numerator is empty.
        """
        accepts_fields(self)
        outside = sorted(set(self.numerator) - set(self.denominator))
        if outside or not self.numerator:
            raise DataError(
                "the numerator of a rate must be part of its denominator", where=self.name,
                got=", ".join(outside) or "no state", do="add these states to the denominator",
            )  # fmt: skip


def read_banner_definitions(
    path: str | Path,
) -> tuple[tuple[State, ...], tuple[ConsentBannerDefinition, ...]]:
    """Read the states of a visitor, and definitions of consent rates, from YAML.

    Raises
    ------
    DataError
        With every error in the file, each with its line and path.

    Examples
    --------
    >>> states, definitions = read_banner_definitions(SHIPPED)
    >>> [definition.name for definition in definitions][:2]
    ['Of choices', 'Of banners shown']
    """
    document = Document(path, DataError)
    top = document.root
    top.keys(["title", "states", "definitions"], needed=["states", "definitions"])
    states = read_states(top.child("states"))
    letters = [state.letter for state in states]
    read: list[ConsentBannerDefinition] = []
    needed = ("numerator", "denominator", "counted", "source")
    for name, entry in top.child("definitions").children():
        entry.keys(needed, needed=needed)
        above, below = (frozenset(read_counted(entry.child(side), letters)) for side in needed[:2])
        counted, source = entry.child("counted").text(), entry.child("source").text()
        if above and above <= below:
            read.append(ConsentBannerDefinition(str(name), above, below, counted, source))
        else:
            entry.child("numerator").fault("the numerator must be part of the denominator", "correct it")
    document.finish()
    return states, tuple(read)


@cache
def shipped_banner_definitions() -> tuple[tuple[State, ...], tuple[ConsentBannerDefinition, ...]]:
    """Return the states and definitions that come with trustkit, each definition with its source."""
    return read_banner_definitions(SHIPPED)


def consent_banner_rates(
    design: Design | Counted | pd.DataFrame,
    *,
    choice: str = "choice",
    definitions: Sequence[ConsentBannerDefinition] | None = None,
    by: By = None,
    where: Where = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate the consent rate of a banner under each definition, from the same visits.

    The twin of `opt_in_rates` for websites. Most of the difference between published rates is in the
    denominator: visitors who made no choice count in some definitions and not in others.

    Parameters
    ----------
    design
        One row per visit. Or counts of a consent platform: what `read_consents` returns, or its
        ``aggregates``. The other arguments, ``conf`` aside, are for visits only.
    choice
        What the visitor did, by codes or labels: A accepted all purposes, M accepted some and marketing among
        them, S accepted some but not marketing, R refused all, N saw the banner and made no choice, I made no
        choice and browsing on was taken as consent, V saw no banner. A label in words, such as
        ``refused all``, is read, too.
    definitions
        The definitions to apply. None: those that come with trustkit as
        ``consent_banner_definitions.yaml``, each with its source: of choices, of banners shown, of visitors,
        marketing only, strict, with implied.
    by, where, conf
        As in `trustkit.proportion`.

    Returns
    -------
    Estimate
        One row per domain and definition, with the full covariance: all rates are of the same visits. ``n``
        counts the visits in the denominator. Of counts: one row per unit (devices, device-days, consents),
        purpose and definition of ``consent_count_definitions.yaml``, as far as the source gives the counts.

    Raises
    ------
    DataError
        An unknown state, in the data or in a definition, or a definition that counts no visit; or counts
        from which no rate can be computed.

    Notes
    -----
    A rate is a ratio of counts; a visit adds w (1[numerator] - rate) 1[denominator] / sum of w counted.
    From counts the standard error is the root of rate (1 - rate) / (n - 1), as of n independent visits.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> visits = pd.DataFrame({"choice": ["accepted all"] * 49 + ["refused all"] * 21 + ["no choice"] * 30})
    >>> tk.consent_banner_rates(tk.Design(visits)).to_frame()[["definition", "estimate"]].head(2)
             definition  estimate
    0        Of choices      0.70
    1  Of banners shown      0.49
    """
    if is_of(design, "Consents") or isinstance(design, pd.DataFrame):
        if (choice, definitions, by, where) != ("choice", None, None, None):
            raise DataError(
                "counts can't be split or defined anew", where="counts", expected="conf as the only argument",
                do="leave choice, definitions, by and where out, or give a design with one row per visit",
            )  # fmt: skip
        accepts(conf=(conf, NUMBER))
        table = design if isinstance(design, pd.DataFrame) else cast("Counted", design).counts()
        return rates_of_counts(table, conf)
    accepts_estimator(
        design, by, where, conf, choice=(choice, NAME), definitions=(definitions, DEFINITIONS.optional())
    )
    visits = cast("Design", design)
    return _of_visits(visits, choice, definitions, Domains.of(visits, by, where), conf)


def _of_visits(
    design: Design,
    choice: str,
    definitions: Sequence[ConsentBannerDefinition] | None,
    domains: Domains,
    conf: float,
) -> Estimate:
    """Estimate the rates of visits."""
    about = coded_variable(design, choice)
    letters = _letters(about)
    definitions = shipped_banner_definitions()[1] if definitions is None else definitions
    for one in definitions:
        refuse_unknown_letters(
            one.name, one.denominator, [state.letter for state in shipped_banner_definitions()[0]]
        )
    cells = design.cells([*domains.dims, (choice, about.labels)], where=domains.rows)
    sums = design.sums(cells)
    width = len(letters)
    n = sums.count.reshape(-1, width)
    groups = domains.nonempty(n.sum(axis=1), choice)
    above = np.array([[letter in one.numerator for one in definitions] for letter in letters], float)
    below = np.array([[letter in one.denominator for one in definitions] for letter in letters], float)

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0].reshape(*first.shape[:-2], -1, width)[..., groups, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            rates: Floats = ((mass @ above) / (mass @ below)).reshape(*first.shape[:-2], -1)
        return rates

    mass = sums.total[:, 0].reshape(-1, width)[groups] @ below
    if not mass.all():
        lacking = definitions[int(np.argmin(mass.min(axis=0)))].name
        raise DataError(
            f"no visit is in the denominator of {lacking!r}", do="leave the definition out, or widen where"
        )
    rates = estimate(sums.total).reshape(mass.shape)
    gradient = np.zeros((n.shape[0], width, len(groups), len(definitions)))
    each = np.arange(len(groups))
    gradient[groups, :, each, :] = (above - below * rates[:, None]) / mass[:, None]
    place = np.arange(cells.size)
    held = beside(
        [
            held_by(design.sample, cells, sums, np.where(side[place % width] > 0, place // width, -1), groups)
            for side in below.T
        ]
    )
    by_group = np.arange(len(definitions) * len(groups)).reshape(len(definitions), -1).T.ravel()
    keys = domains.keys(groups, choice, [one.name for one in definitions])
    counted = [one.counted for one in definitions] * len(groups)
    keys.insert(len(domains.dims), "definition", keys["level"])
    keys.insert(len(domains.dims) + 1, "counted", counted)
    part = Part(
        Functional(cells, sums, estimate, gradient.reshape(cells.size, 1, -1)),
        (n[groups] @ below).astype(int).ravel(),
        keys.assign(level=""),
        domains.counted("visits that each definition counts", replace(about, asked={}), design.called),
        choice,
        replace(held, rows=held.rows[by_group]),
        (choice, *domains.names),
        notes=domains.notes,
        counted=_visits(choice, keys, n[groups] @ above, n[groups] @ below),
    )
    return assemble(design, [part], "proportion", conf, ci="logit")


def _visits(choice: str, keys: pd.DataFrame, above: Floats, below: Floats) -> Visits:
    """Return the visits that each rate takes as consent, and all others that it counts."""
    names = tuple(str(name) for name in keys if name not in ("variable", "level"))
    groups = tuple(keys[list(names)].astype(str).itertuples(index=False, name=None))
    inside, every = above.ravel().astype(np.intp), below.ravel().astype(np.intp)
    shown = tuple(ShownCount(place, "", ("consent",)) for place in range(len(groups)))
    counts = np.column_stack([inside, every - inside])
    return Visits(choice, ("consent", "others"), names, groups, None, counts, shown)


def _letters(about: Variable) -> list[str]:
    """Return the letter of each label, by itself, its code or its words."""
    labels, codes = about.labels, {label: str(code) for code, label in about.codes.items()}
    states = shipped_banner_definitions()[0]
    known = {word_key(word): state.letter for state in states for word in (state.label, *state.words)}
    known |= {word_key(state.letter): state.letter for state in states}
    letters = [
        known.get(word_key(label)) or known.get(word_key(codes.get(label, ""))) or "" for label in labels
    ]
    unknown = [label for label, letter in zip(labels, letters, strict=True) if not letter]
    if unknown:
        raise DataError(
            f"{about.name} has unknown states", got=quoted_cells(unknown[:5], about, among=unknown),
            expected=", ".join(f"{state.letter} {state.label}" for state in states), do="recode them",
        )  # fmt: skip
    return letters
