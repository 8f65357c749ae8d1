"""What a variable may be used for: its permission, what a variable made of several inherits, and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustkit.survey.purposes import Basis, Described, KeepUntil, Purpose
    from trustkit.survey.variable import Variable
    from trustkit.yaml_documents import Entry

CONSENTED: tuple[Basis, ...] = ("consent", "explicit consent")
"""The bases for which the respondent was asked."""

STRICTEST: tuple[Basis, ...] = (
    *CONSENTED, "not stated", "legitimate interests", "public task", "contract", "legal obligation",
    "vital interests", "not personal",
)  # fmt: skip
"""The bases in the order in which one goes before another for what is made of several: what the respondent
can withdraw, what nobody stated, what they may object to (GDPR Art. 21), a contract, whose data they may take
along (Art. 20), and the rest."""


def check_purposes(
    top: Entry, purposes: Mapping[str, Purpose], variables: Mapping[str, Variable], used_for: Sequence[str]
) -> None:
    """Record an error for purposes, columns and answers that the codebook does not contain."""
    for variable in variables.values():
        for name in variable.permission:
            if name not in purposes:
                top.child("variables").child(variable.name).child("permission").fault(
                    f"no purpose {name!r}", suggest(name, purposes) or "describe it under purposes"
                )
    for name in sorted(set(used_for) - set(purposes)):
        top.child("used_for").fault(f"no purpose {name!r}", suggest(name, purposes))
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
    >>> from trustkit.survey.purposes import KeepUntil
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

    It is permitted for a purpose only if all of them are. The basis is one on which some of them are held:
    consent if there is one; else "not stated" if one is not; else the basis that gives the respondent most
    rights over all of it (``STRICTEST``). Data of no person don't count beside others. Where permissions have
    no purpose in common, the basis is not stated, so that it may not be used for any. The term is the one
    that ends first; terms that only the calendar of fieldwork could compare are left to the study.

    Examples
    --------
    >>> from trustkit import Variable
    >>> a = Variable("a", "A", "text", basis="consent", permission=("research", "marketing"))
    >>> b = Variable("b", "B", "text", basis="contract", permission=("research",))
    >>> described_by([a, b])["basis"], described_by([a, b])["permission"]
    ('consent', ('research',))
    >>> described_by([b, Variable("c", "C", "text", basis="contract", permission=("sales",))])["basis"]
    'not stated'
    >>> free = [Variable(basis, "D", "text", basis=basis) for basis in ("contract", "public task")]
    >>> described_by(free)["basis"]
    'public task'
    """
    every = list(variables)
    bases = {variable.basis for variable in every}
    strictest: Basis = next((basis for basis in STRICTEST if basis in bases), "not stated")
    limited = [variable for variable in every if needs_permission(variable)]
    permission = tuple(
        name
        for name in dict.fromkeys(name for variable in limited for name in variable.permission)
        if all(name in variable.permission for variable in limited)
    )
    return {
        "basis": "not stated" if limited and not permission and strictest not in CONSENTED else strictest,
        "special": next((variable.special for variable in every if variable.special != "none"), "none"),
        "permission": permission,
        "keep_until": first_term(variable.keep_until for variable in every),
    }


def first_term(terms: Iterable[KeepUntil | None]) -> KeepUntil | None:
    """Return the term that ends first; None if there is none, or only some of them are dates.

    A column kept until the data are cleaned sets no term for what is made of it.

    Examples
    --------
    >>> from trustkit.survey.purposes import KeepUntil
    >>> print(first_term([KeepUntil("2027-03-31"), None, KeepUntil("2026-03-31")]))
    until 2026-03-31
    """
    lasting = [term for term in terms if term is not None and term.after != "cleaning"]
    if len({term.after for term in lasting}) != 1:
        return None
    return min(lasting, key=lambda term: (term.date, term.months))


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
