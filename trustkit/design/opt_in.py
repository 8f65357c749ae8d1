"""The model that the intervals of an opt-in sample rest on, in words, from the design."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trustkit.caveats import Caveats
from trustkit.design.weight_history import CROSSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustkit.design.weight_history import WeightStep
    from trustkit.survey.codebook import Codebook

NEUTRAL = ("trim", "normalize")
"""Weighting steps that assume nothing about who took part."""


def assume(
    margins: Sequence[str] = (), *, weighted: Sequence[str] = (), strata: str = "", psu: str = ""
) -> str:
    """Return the assumption behind the intervals of an opt-in sample, as the end of "as if ...".

    Parameters
    ----------
    margins
        Variables whose margins the weights meet.
    weighted
        Other sources of the weights: a column, a step.
    strata, psu
        Columns of strata and of primary sampling units.

    Notes
    -----
    With margins, the assumption is ignorable selection given them: taking part depends on nothing else that
    is related to the answers. Raking also assumes that the chance of taking part is a product over the
    margins, or that the mean answer is a sum over them (``docs/maths.md``). The sample can't test this.

    Examples
    --------
    >>> assume()
    'the sample were a simple random sample of the population'
    >>> assume(["age", "sex"])
    'among people alike in age and sex respondents answered like a random sample'
    """
    by = f", weighted by {in_words(weighted)}," if weighted else ""
    of = f" of clusters ({psu})" if psu else ""
    if margins:
        return f"among people alike in {in_words(margins)} respondents{by} answered like a random sample{of}"
    simple = "" if weighted or psu or strata else "simple "
    within = f" within each stratum ({strata})" if strata else ""
    shares = ", and strata in its proportions" if strata and not weighted else ""
    return f"the sample{by} were a {simple}random sample{of} of the population{within}{shares}"


def caveats_of(
    codebook: Codebook, roles: Mapping[str, str], history: Sequence[WeightStep], margins: Sequence[str] = ()
) -> Caveats:
    """Return the caveats of a design once its weights also meet some margins, with what is assumed.

    Parameters
    ----------
    codebook, roles, history
        Those of the design.
    margins
        The variables of the margins.
    """
    if codebook.sample != "opt-in":
        return codebook.caveats
    called = partial(called_in, codebook)
    columns = {role: called(name) for role, name in roles.items()}
    assumption = assume(
        list(dict.fromkeys(map(called, [*margins_of(history), *margins]))),
        weighted=[*([columns["weights"]] if "weights" in columns else []), *other_steps(history)],
        strata=columns.get("strata", ""),
        psu=columns.get("psu", ""),
    )
    return codebook.caveats.joined(Caveats(assumptions=(assumption,)))


def called_in(codebook: Codebook, name: str) -> str:
    """Return how sentences name a variable, or the variables of a crossed margin; unknown ones as they are.

    Examples
    --------
    >>> from trustkit import Codebook, Variable
    >>> called_in(Codebook({"sex": Variable("sex", "Sex", "single")}), "sex x age")
    'Sex x age'
    """
    known = codebook.variables
    if name in known:
        return known[name].called
    return CROSSED.join(known[part].called if part in known else part for part in name.split(CROSSED))


def margins_of(steps: Iterable[WeightStep]) -> list[str]:
    """Name the variables whose margins the steps of a weighting history meet, domains among them."""
    names: list[str] = []
    for step in steps:
        if len(step.margins):
            domains = list(step.margins.columns[: list(step.margins.columns).index("variable")])
            names += [*domains, *step.margins["variable"]]
    return list(dict.fromkeys(map(str, names)))


def other_steps(steps: Iterable[WeightStep]) -> list[str]:
    """Name the steps without targets that assume something about who took part."""
    names = [
        " ".join(filter(None, [step.title, step.rule]))
        for step in steps
        if not len(step.margins) and step.step not in NEUTRAL
    ]
    return list(dict.fromkeys(names))


def in_words(names: Sequence[str]) -> str:
    """Write names as a list in a sentence.

    Examples
    --------
    >>> in_words(["age", "sex", "country"])
    'age, sex and country'
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
