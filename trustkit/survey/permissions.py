"""What a variable may be used for: its permission, what a variable made of several inherits, and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.errors import suggest
from trustkit.survey.purposes import Basis, Described, KeepUntil

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustkit.survey.purposes import Purpose
    from trustkit.survey.variable import Variable
    from trustkit.yaml_documents import Entry

CONSENTED: tuple[Basis, ...] = ("consent", "explicit consent")
"""The bases for which the respondent was asked."""


def check_purposes(
    top: Entry, purposes: Mapping[str, Purpose], variables: Mapping[str, Variable], used_for: str
) -> None:
    """Record an error for purposes, columns and answers that the codebook does not contain."""
    for variable in variables.values():
        for name in variable.permission:
            if name not in purposes:
                top.child("variables").child(variable.name).child("permission").fault(
                    f"no purpose {name!r}", suggest(name, purposes) or "describe it under purposes"
                )
    if used_for and used_for not in purposes:
        top.child("used_for").fault(f"no purpose {used_for!r}", suggest(used_for, purposes))
    for name, purpose in purposes.items():
        entry = top.child("purposes").child(name)
        if not purpose.wording.strip():
            entry.fault("the purpose has no wording", "write what respondents were told")
        if not purpose.record:
            continue
        if purpose.record in variables:
            known = variables[purpose.record].labels
            for label in purpose.agreed:
                if label not in known:
                    entry.child("agreed").fault(f"{label!r} is not one of its answers", suggest(label, known))
        elif "." not in purpose.record:
            entry.child("record").fault(
                f"no variable {purpose.record!r}",
                suggest(purpose.record, variables) or "name a column, or a file such as consents.csv",
            )


def stated_terms(variable: Variable) -> dict[str, object]:
    """Return why a variable is held and for how long, as it stands in a codebook; only what is stated.

    Examples
    --------
    >>> from trustkit import Variable
    >>> stated_terms(Variable("a", "A", "text", basis="consent", keep_until=KeepUntil("2026-03-31")))
    {'basis': 'consent', 'keep_until': '2026-03-31'}
    """
    term = variable.keep_until
    stated = {
        "basis": "" if variable.basis == "not stated" else variable.basis,
        "special": "" if variable.special == "none" else variable.special,
        "permission": list(variable.permission),
        "keep_until": None if term is None else term.stated(),
    }
    return {name: value for name, value in stated.items() if value}


def described_by(variables: Iterable[Variable]) -> Described:
    """Return the fields of a variable that is made from several: the strictest of each.

    It is permitted for a purpose only if all of them are. The basis is the one that they share, or consent if
    any was held on consent. The term is the one that they share.

    Examples
    --------
    >>> from trustkit import Variable
    >>> a = Variable("a", "A", "text", basis="consent", permission=("research", "marketing"))
    >>> b = Variable("b", "B", "text", basis="contract", permission=("research",))
    >>> described_by([a, b])["basis"], described_by([a, b])["permission"]
    ('consent', ('research',))
    """
    every = list(variables)
    bases: Sequence[Basis] = list(dict.fromkeys(variable.basis for variable in every))
    strict: Basis = next((basis for basis in CONSENTED if basis in bases), "not stated")
    terms = {variable.keep_until for variable in every} - {None, KeepUntil(after="cleaning")}
    limited = [variable for variable in every if needs_permission(variable)]
    return {
        "basis": bases[0] if len(bases) == 1 else strict,
        "special": next((variable.special for variable in every if variable.special != "none"), "none"),
        "permission": tuple(
            name
            for name in dict.fromkeys(name for variable in limited for name in variable.permission)
            if all(name in variable.permission for variable in limited)
        ),
        "keep_until": next(iter(terms)) if len(terms) == 1 else None,
    }


def needs_permission(variable: Variable) -> bool:
    """Return whether a variable may be used only for the purposes that it names.

    One held on another basis than consent, and that names none, is free.
    """
    return bool(variable.permission) or variable.basis in (*CONSENTED, "not stated")


def permits(variable: Variable, purpose: str) -> bool:
    """Return whether a variable may be used for a purpose.

    Examples
    --------
    >>> from trustkit import Variable
    >>> permits(Variable("a", "A", "text", permission=("research",)), "marketing")
    False
    >>> permits(Variable("a", "A", "text", basis="legal obligation"), "marketing")
    True
    """
    return purpose in variable.permission or not needs_permission(variable)
