"""Respondents placed in latent classes: their most likely class as a variable, and answers by class.

Who is placed in a class is not always a member of it. A table of other answers by the most likely class is
therefore too flat; `class_proportion` corrects for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, NAME, NUMBER, WHERE, a_trustkit, accepts
from trustkit.cleaning.derive import strongest
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Cells, group_totals
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.estimation.domains import Domains
from trustkit.estimation.intervals import check_conf
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.scales.answer_patterns import covariance_of_cells
from trustkit.scales.class_mixture import Patterns, refitted
from trustkit.survey.permissions import described_by
from trustkit.survey.quoted_cells import quoted_cells
from trustkit.survey.variable import Variable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.scales.class_mixture import Classes, Fitted
    from trustkit.scales.latent_classes import ClassModel, LatentClasses
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MODAL = "modal_class"
"""The name of the variable that places respondents."""

CLASSES = a_trustkit("LatentClasses", "make them with tk.latent_classes")

UNCLEAR = 1e-6
"""The classification cannot be turned around if its smallest singular value is below this."""

OUTSIDE = (
    "A share is below 0 or above 1: its class is too small, or too many are placed in it wrongly, for this "
    "correction. Take fewer classes."
)


def modal_class(design: Design, classes: LatentClasses) -> Design:
    """Add each respondent's most likely latent class as the variable ``modal_class``.

    Parameters
    ----------
    design
        A design with the items of the classes: that of the classes, or a later wave's.
    classes
        The classes.

    Returns
    -------
    Design
        With the variable ``modal_class``; respondents whom the rule of the classes for missing answers leaves
        out have none. Its wording contains the share of respondents who are expected to be placed wrongly.

    Raises
    ------
    DataError
        If the design has no such item, or answers that the classes do not know, or the variable is there.

    Notes
    -----
    **Tables of other answers by this variable are biased towards no difference between classes**, as some
    respondents are placed wrongly; take `class_proportion` for these.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> words = ["yes yes yes"] * 30 + ["no no no"] * 20 + ["yes no yes"] * 4 + ["no no yes"] * 3
    >>> design = tk.Design(pd.DataFrame([one.split() for one in words], columns=["a", "b", "c"]))
    >>> placed = tk.modal_class(design, tk.latent_classes(design, ["a", "b", "c"], 2))
    >>> placed.data["modal_class"].value_counts().to_dict()
    {'Class 1': 34, 'Class 2': 23}
    """
    accepts(design=(design, DESIGN), classes=(classes, CLASSES))
    places = _places(design, classes)
    about = [design.variable(name) for name in classes.items]
    labels = list(classes.names)
    new = Variable(
        MODAL,
        f"Most likely of {len(labels)} latent classes ({show_share(classes.error_rate)} placed wrongly)",
        "single", codes=dict(enumerate(labels, 1)),
        identifier=strongest(item.identifier for item in about), **described_by(about),
    )  # fmt: skip
    return design.with_variable(new, pd.Categorical.from_codes(places, dtype=pd.CategoricalDtype(labels)))


def class_proportion(
    classes: LatentClasses, variable: str, *, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate the shares of another question's answers in each latent class.

    Parameters
    ----------
    classes
        The classes, which know their design.
    variable
        The other question, none of the items.
    where
        Only these respondents' answers count, as in `trustkit.proportion`; the classes stay the same.
    conf
        The coverage of the intervals.

    Returns
    -------
    Estimate
        One row per class and answer, in the columns ``class``, ``variable`` and ``level``; ``n`` counts all
        respondents with a class and an answer, as nobody's class is known.

    Raises
    ------
    DataError
        As `trustkit.proportion`; an item of the classes; classes so alike that the correction is not defined.

    Notes
    -----
    The correction of Bolck, Croon and Hagenaars (2004, doi:10.1093/pan/mph001): with D the classification of
    `LatentClasses`, the weight of a respondent placed in class s counts for class t by the element (s, t) of
    the inverse of D. It is unbiased if the other answer is independent of the items within a class; else it
    is silently wrong. Standard errors also contain that the classes and D are estimated. Formulas:
    `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> words = ["y y y a"] * 30 + ["n n n b"] * 20 + ["y n y a"] * 4 + ["n n y b"] * 3 + ["y y n b"] * 3
    >>> frame = pd.DataFrame([one.split() for one in words], columns=["q", "r", "s", "other"])
    >>> found = tk.latent_classes(tk.Design(frame), ["q", "r", "s"], 2)
    >>> tk.class_proportion(found, "other").to_frame()[["class", "level", "estimate"]].round(2).head(2)
         class level  estimate
    0  Class 1     a      0.92
    1  Class 1     b      0.08
    """
    accepts(classes=(classes, CLASSES), variable=(variable, NAME), where=(where, WHERE), conf=(conf, NUMBER))
    check_conf(conf)
    model = cast("ClassModel", classes.model)
    design, given = model.given.design, model.given
    if variable in classes.items:
        raise DataError(
            f"{variable} is an item of the classes", do="see its shares in the profile of the classes"
        )
    about = coded_variable(design, variable)
    domains = Domains.of(design, None, where)
    base = design.rows_in((), where=domains.rows)
    answers = len(about.labels)
    answer = np.where(base.codes < base.size, design.codes(variable, about.labels), -1)
    counted = (answer >= 0) & (given.codes < given.size)
    if not counted.any():
        raise domains.empty(variable)
    width = answers + 1  # the last place is for those without this answer, who still tell of the classes
    codes = given.codes * width + np.where(answer < 0, answers, answer)
    cells = Cells(np.where(given.codes < given.size, codes, given.size * width), given.size * width)
    mass = group_totals(cells.codes.astype(np.intp), design.weights, cells.size + 1)[:-1]
    scale = given.n / mass.sum()

    def again(own: Floats) -> Floats:
        own = own.reshape(-1, width) * (given.n / own.sum())
        moved = refitted(given.patterns, model.found.classes, own.sum(axis=1))
        return Corrected.of(given.patterns, moved, own).shares.ravel()

    corrected = Corrected.of(given.patterns, model.found.classes, mass.reshape(-1, width) * scale)
    if np.linalg.svd(corrected.placed_as, compute_uv=False)[-1] < UNCLEAR:
        raise DataError(
            "the classes are not told apart well enough for this correction",
            got=f"{show_share(classes.error_rate)} placed wrongly", do="take fewer classes",
        )  # fmt: skip
    value = corrected.shares.ravel()
    vcov = covariance_of_cells(design, cells, corrected.influences(model.found) * scale, again)
    inside = Cells((~counted).astype(np.int8), 1)
    one = np.zeros(1, dtype=np.intp)
    held = held_by(design.sample, inside, design.sums(inside), one, [0] * len(value))
    outside = (OUTSIDE,) if ((value < 0) | (value > 1)).any() else ()
    return estimate_of(
        Numbers(
            pd.DataFrame(
                [(name, variable, level) for name in classes.names for level in about.labels],
                columns=["class", "variable", "level"],
            ),
            value, vcov, np.full(len(value), int(counted.sum())), (held,), unit="share",
        ),
        statistic="proportion",
        base=domains.counted("substantive answers of those with a class", about, design.called),
        conf=conf, ci="logit", notes=(*domains.notes, *outside),
        caveats=design.caveats_about(variable, *classes.items, *domains.names),
        labels={**design.headings([variable]), **design.labels([variable])},
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Corrected:
    """Shares of another question's answers by class, corrected for wrong placement.

    Attributes
    ----------
    patterns
        The patterns of the items.
    mass
        Shape (C, L + 1): the weight of each pattern and answer; the last column has no answer.
    members, placed
        Shape (C, K): the chance of each class, and the most likely class as 0 and 1.
    placed_as
        D, shape (K, K): the share of each class's members placed in each.
    totals
        Shape (K, L): the corrected weight of each class and answer.
    """

    patterns: Patterns
    mass: Floats
    members: Floats
    placed: Floats
    placed_as: Floats
    totals: Floats

    @classmethod
    def of(cls, patterns: Patterns, classes: Classes, mass: Floats) -> Corrected:
        """Correct the weights of patterns and answers."""
        members, _ = patterns.memberships(classes)
        placed = np.eye(members.shape[1])[members.argmax(axis=1)]
        joint = (members * mass.sum(axis=1)[:, None]).T @ placed
        placed_as = joint / joint.sum(axis=1, keepdims=True)
        own = placed.T @ mass[:, :-1]
        return cls(patterns, mass, members, placed, placed_as, np.linalg.pinv(placed_as).T @ own)

    @property
    def shares(self) -> Floats:
        """The share of each answer in each class, shape (K, L)."""
        shares: Floats = self.totals / self.totals.sum(axis=1, keepdims=True)
        return shares

    def influences(self, found: Fitted) -> Floats:
        """Return the derivative of the shares by the weight of each pattern and answer, (C (L + 1), K L).

        Directly, by the classification, and by the parameters of the classes, on which the classification
        depends.
        """
        k, answers = self.totals.shape
        turned, sizes, shares = np.linalg.inv(self.placed_as), self.totals.sum(axis=1), self.shares
        # per class t and place s: how the members' weights enter D[t, s]
        mass = self.mass.sum(axis=1)
        away = self.members[:, :, None] * (self.placed[:, None, :] - self.placed_as)
        away /= (self.members * mass[:, None]).sum(axis=0)[:, None]
        by_weight = away.reshape(len(mass), k * k)
        heavy = by_weight * mass[:, None]
        count = len(found.classes.shares)
        complete = np.zeros((k * k, k + k * count))
        for t in range(k):
            own_rows, block = slice(t * k, (t + 1) * k), slice(k + t * count, k + (t + 1) * count)
            complete[own_rows, block] = heavy[:, own_rows].T @ self.patterns.away(found.classes.shares[:, t])
        scores = self.patterns.scores(found.classes, found.free)
        by_odds = complete[:, found.free] - heavy.T @ scores
        of_table = by_weight + self.patterns.influences(found) @ by_odds.T
        # how D enters the shares: dN = -X' dD' N
        moved = -np.einsum("st,ul->ustl", turned, self.totals)
        slope = (moved - moved.sum(axis=3, keepdims=True) * shares) / sizes[:, None]
        through = of_table @ slope.reshape(k * k, k * answers)
        own = np.eye(answers) - shares[:, None, :]
        direct = np.einsum("cs,st,tlm->cltm", self.placed, turned / sizes, own)
        every = np.zeros((len(mass), answers + 1, k * answers))
        every[:, :answers] = direct.reshape(len(mass), answers, k * answers)
        every += through[:, None, :]
        return every.reshape(-1, k * answers)


def _places(design: Design, classes: LatentClasses) -> Ints:
    """Return the place of each row's most likely class, shape (n,); -1 for a row that the classes leave out.

    Raises
    ------
    DataError
        If the design has answers that the classes do not know.
    """
    own = []
    for name, labels in classes.answers().items():
        about = coded_variable(design, name)
        codes = design.codes(name, labels)
        strange = (codes < 0) & (design.codes(name, about.labels) >= 0)
        if strange.any():
            every = design.codes(name, about.labels)[strange]
            unknown = [about.labels[place] for place in np.unique(every)]
            raise DataError(
                f"answers to {name} are not known to the classes",
                got=quoted_cells(unknown, about, among=unknown), expected=", ".join(labels),
                do="find the classes in a design that has these answers, or join rare answers (tk.recode)",
            )  # fmt: skip
        own.append(codes)
    codes = np.column_stack(own)
    given = codes >= 0
    rule = cast("ClassModel", classes.model).given.missing
    complete = given.all(axis=1) if rule == "left_out" else given.any(axis=1)
    kinds, back = np.unique(codes[complete], axis=0, return_inverse=True)
    levels = np.array([len(labels) for labels in classes.answers().values()], dtype=np.intp)
    members, _ = Patterns(kinds, levels).memberships(classes.classes())
    places = np.full(len(codes), -1, dtype=np.intp)
    places[complete] = members.argmax(axis=1)[back]
    return places
