"""Caveats: what a reader must know about the data behind a result, as a value and in sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

SYNTHETIC = "Synthetic data."
"""The note on every result from data that a program made."""

OPT_IN = "Opt-in sample: intervals are model-based, as if "
"""How the sentence on an opt-in sample begins; its assumption follows."""

GUESSED = "Not reviewed: a guess about how the answers were read could change this. Question: "
"""How the caveat on a guess begins; the question's wording follows."""

SELECTED = "Only respondents who agreed to: "
AS_RANDOM = (
    "Intervals treat them as a random part of their groups; weight them again to the population, because "
    "those who agree may differ."
)
"""The note on respondents who were selected by their consent; the purpose stands between."""


@dataclass(frozen=True)
class Caveats:
    """What a reader must know about the data behind a result, as a value; it becomes words when shown.

    Attributes
    ----------
    synthetic
        The data were made by a program.
    assumptions
        The models under which intervals of an opt-in sample hold, each as the end of "as if ...", one for
        each design behind the result; none for a probability sample.
    guesses
        The wordings of variables whose description is a guess that could change the result, and that nobody
        has reviewed (`Variable.unsure`).
    allowed
        The purposes to which the respondents counted agreed; the others are left out (`Codebook.used_for`).
    rules
        What must not be published, by the codebook of each survey behind the result: a `Protection`, or
        None for the default. It is not shown, and two caveats with the same words are equal.

    Examples
    --------
    >>> Caveats(synthetic=True).joined(Caveats(assumptions=("nobody moved",))).sentences
    ('Synthetic data.', 'Opt-in sample: intervals are model-based, as if nobody moved.')
    """

    synthetic: bool = False
    assumptions: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    rules: tuple[object, ...] = field(default=(), compare=False, repr=False)

    @property
    def assumption(self) -> str | None:
        """All assumptions, one after the other; None for a probability sample."""
        return "; ".join(self.assumptions) or None

    @property
    def data(self) -> str:
        """``synthetic`` or ``real``."""
        return "synthetic" if self.synthetic else "real"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is shown to a reader."""
        synthetic = (SYNTHETIC,) if self.synthetic else ()
        models = (f"{OPT_IN}{assumption}." for assumption in self.assumptions)
        guesses = (f"{GUESSED}{wording}" for wording in self.guesses)
        selected = (f"{SELECTED}{purpose}. {AS_RANDOM}" for purpose in self.allowed)
        return (*synthetic, *models, *guesses, *selected)

    def joined(self, *others: Caveats) -> Caveats:
        """Return the caveats of results that are made from several designs."""
        every = (self, *others)
        assumptions = dict.fromkeys(assumption for one in every for assumption in one.assumptions)
        guesses = dict.fromkeys(wording for one in every for wording in one.guesses)
        allowed = dict.fromkeys(purpose for one in every for purpose in one.allowed)
        rules = dict.fromkeys(rule for one in every for rule in one.rules)
        synthetic = any(one.synthetic for one in every)
        return Caveats(synthetic, tuple(assumptions), tuple(guesses), tuple(allowed), tuple(rules))


NO_CAVEATS = Caveats()
"""The caveats of real data from a probability sample: none."""
