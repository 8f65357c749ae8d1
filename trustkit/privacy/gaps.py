"""What an inventory of held data lacks: one rule for each thing that must be stated about a column.

Each rule names the article that asks for it. A rule says nothing of whether a basis is right: that is for the
people who hold the data to decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.survey.permissions import CONSENTED

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterator, Mapping

    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Variable

    Rule = Callable[["Held", Variable], str]

GAP = ("variable", "missing", "why")
"""The columns of the gaps."""

ANY = "-"
"""What stands in place of a variable where the whole study lacks something."""


@dataclass(frozen=True, eq=False)
class Held:
    """What is compared with the rules.

    Attributes
    ----------
    codebook
        The description of the columns.
    recorded
        The purposes for which consent records are at hand.
    columns
        The columns of the data; None: they are not compared.
    used
        The columns that an analysis names; None: it is not compared.
    on
        The day on which terms are compared; None: they are not.
    cleaned
        The columns of cleaned data, each with the files that hold it; None: they are not compared.
    """

    codebook: Codebook
    recorded: Collection[str] = ()
    columns: Collection[str] | None = None
    used: Collection[str] | None = None
    on: dt.date | None = None
    cleaned: Mapping[str, Collection[str]] | None = None

    def unrecorded(self, variable: Variable) -> list[str]:
        """Return the purposes of a variable for which nothing says who agreed."""
        purposes = self.codebook.purposes
        return [
            name
            for name in variable.permission
            if name not in self.recorded and not (name in purposes and purposes[name].record)
        ]


def is_sensitive(variable: Variable) -> bool:
    """Return whether a column may identify a person or is of a special category."""
    return variable.identifier != "none" or variable.special != "none"


def _purpose(_: Held, variable: Variable) -> str:
    lacks = is_sensitive(variable) and not variable.purpose.strip()
    return "Nobody knows why it is held (GDPR Art. 5(1)(b))." if lacks else ""


def _basis(_: Held, variable: Variable) -> str:
    lacks = is_sensitive(variable) and variable.basis == "not stated"
    return "Holding it is lawful only on one of the bases of GDPR Art. 6(1)." if lacks else ""


def _retention(held: Held, variable: Variable) -> str:
    stated = variable.retention.strip() or variable.keep_until or held.codebook.keep_until
    lacks = is_sensitive(variable) and not stated
    return "Nobody knows when it has to be deleted (GDPR Art. 5(1)(e))." if lacks else ""


def _permission(_: Held, variable: Variable) -> str:
    lacks = variable.basis in CONSENTED and not variable.permission
    return "Consent is given for named purposes, and none is named (GDPR Art. 6(1)(a))." if lacks else ""


def _wording(_: Held, variable: Variable) -> str:
    lacks = variable.basis in CONSENTED and not variable.consent.strip()
    return "It is not stated how consent was asked (GDPR Art. 7(1))." if lacks else ""


def _interest(_: Held, variable: Variable) -> str:
    lacks = variable.basis == "legitimate interests" and not variable.consent.strip()
    return "It is not stated which interest it is (GDPR Art. 13(1)(d))." if lacks else ""


def _record(held: Held, variable: Variable) -> str:
    unrecorded = held.unrecorded(variable) if variable.basis in CONSENTED else []
    named = ", ".join(unrecorded)
    return f"Nothing says who agreed to: {named} (GDPR Art. 7(1))." if unrecorded else ""


def _explicit(_: Held, variable: Variable) -> str:
    lacks = variable.special != "none" and variable.basis not in ("explicit consent", "not personal")
    words = f"It tells of {variable.special}, which needs explicit consent (GDPR Art. 9(2)(a))."
    return words if lacks else ""


def _personal(held: Held, variable: Variable) -> str:
    wrong = (
        held.codebook.data == "real" and variable.basis == "not personal" and variable.identifier == "direct"
    )
    return "A real column that identifies a person holds personal data (GDPR Art. 4(1))." if wrong else ""


def _end(held: Held, variable: Variable) -> str:
    term = variable.keep_until or held.codebook.keep_until
    undated = (
        term is not None and term.after == "fieldwork" and term.last_day(held.codebook.fieldwork) is None
    )
    return "The end of fieldwork is no date (write 2024-03-31), so the term has no end." if undated else ""


def _deletion(held: Held, variable: Variable) -> str:
    term = variable.keep_until or held.codebook.keep_until
    if held.on is None or term is None or (held.columns is not None and variable.name not in held.columns):
        return ""
    last = term.last_day(held.codebook.fieldwork)
    overdue = last is not None and last < held.on
    return f"It was to be deleted after {last} (GDPR Art. 5(1)(e))." if overdue else ""


def _cleaning(held: Held, variable: Variable) -> str:
    term = variable.keep_until or held.codebook.keep_until
    if term is None or term.after != "cleaning" or not held.cleaned:
        return ""
    files = ", ".join(held.cleaned.get(variable.name, ()))
    return (
        f"It was to be kept until the data are cleaned, and is in {files} (GDPR Art. 5(1)(e))."
        if files
        else ""
    )


def _use(held: Held, variable: Variable) -> str:
    if held.used is None or variable.basis == "not personal":
        return ""
    present = held.columns is None or variable.name in held.columns
    idle = variable.name not in held.used and present
    return "It is held and no analysis names it (GDPR Art. 5(1)(c))." if idle else ""


RULES: dict[str, Rule] = {
    "purpose": _purpose,
    "basis": _basis,
    "retention": _retention,
    "permission": _permission,
    "how consent was asked": _wording,
    "the interest": _interest,
    "a record of consent": _record,
    "explicit consent": _explicit,
    "a basis for personal data": _personal,
    "end of fieldwork": _end,
    "deletion": _deletion,
    "deletion from cleaned data": _cleaning,
    "use": _use,
}
"""What is missing -> the rule that returns why it matters, or nothing where all is well."""


def find_gaps(held: Held) -> pd.DataFrame:
    """Return what is missing: ``variable``, ``missing`` and ``why``, a row for each.

    Examples
    --------
    >>> from trustkit import Codebook, Variable
    >>> book = Codebook({"id": Variable("id", "Id", "id", identifier="direct", basis="contract")})
    >>> find_gaps(Held(book))["missing"].tolist()
    ['purpose', 'retention']
    """
    return pd.DataFrame(list(_gaps(held)), columns=list(GAP))


def _gaps(held: Held) -> Iterator[tuple[str, str, str]]:
    variables = held.codebook.variables
    for name, variable in variables.items():
        for missing, rule in RULES.items():
            why = rule(held, variable)
            if why:
                yield name, missing, why
    for name in held.columns or ():
        if name not in variables:
            yield name, "description", "The data hold a column that the codebook does not describe."
    allowed = {name for variable in variables.values() for name in variable.permission}
    for name in held.codebook.purposes:
        if name not in allowed:
            yield ANY, "a variable", f"Respondents were told of a purpose that no column serves: {name}."
