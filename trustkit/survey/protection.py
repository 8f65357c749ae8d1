"""What must not be published of a survey: the thresholds of protection, as named data with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Literal, get_args

from trustkit.caveats import Caveats
from trustkit.counted import SMALLEST_CELL
from trustkit.errors import DataError
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustkit.yaml_documents import Entry

Zeros = Literal["show", "protect"]
Unanswered = Literal["groups", "cells"]

SOURCES = {
    "threshold": "10 respondents: ACRO, UK LLC, the rule of thumb of ONS's Secure Research Service",
    "base": "10 respondents: GP Patient Survey, which shows no results of a smaller group",
    "zeros": "ONS on class disclosure; UK LLC counts zero as small",
    "dominance": "the two largest contributors, 90%: the defaults of ACRO; ESSnet's handbook",
    "p_percent": "10%: the defaults of ACRO; ESSnet's handbook of disclosure control",
    "rounding": "to 10 where it is used: Eurostat's rules for public tables",
}
"""Each threshold of `Protection`, and where it comes from."""

FEWEST = 2
"""The least threshold that hides anything."""


@dataclass(frozen=True)
class Protection:
    """What must not be published.

    Attributes
    ----------
    threshold
        A cell with fewer respondents, but not none, is hidden; so is a cell that all but fewer respondents of
        its base are in. An outsider must think 0 possible, and this number, too.
    base
        A group with fewer respondents is hidden as a whole.
    zeros
        ``"show"``: answers that nobody gave are shown. ``"protect"``: they are hidden as small cells are, for
        registers and for surveys of employees.
    unanswered
        Respondents without an answer to the question that makes the groups are in no group, but in the total;
        so their answers follow by subtraction. ``"groups"``: they are protected if they are fewer than
        ``base``. ``"cells"``: each of their answers is protected as a printed cell would be; this hides much
        more.
    dominance
        A number of respondents, and a share: a mean or a total of amounts is hidden if so many respondents
        have more than this share of the weighted sum. None: no such rule.
    p_percent
        A mean or a total of amounts is hidden if the respondent with the second largest weighted amount could
        estimate the largest to within this share of it. None: no such rule.
    rounding
        Numbers of respondents are printed as multiples of this number. None: as they are.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.Protection(threshold=5).base
    10
    """

    threshold: int = SMALLEST_CELL
    base: int = SMALLEST_CELL
    zeros: Zeros = "show"
    unanswered: Unanswered = "groups"
    dominance: tuple[int, float] | None = (2, 0.90)
    p_percent: float | None = 0.10
    rounding: int | None = None

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and thresholds that protect nobody."""
        accepts_fields(self)
        for name in ("threshold", "base", "rounding"):
            given = getattr(self, name)
            if given is not None and given < FEWEST:
                raise DataError(
                    f"the {name} of the protection hides nothing", where="Protection", got=str(given),
                    expected="at least 2 respondents", do="use 10",
                )  # fmt: skip
        if self.dominance is not None and not (
            self.dominance[0] in (1, FEWEST) and 0 < self.dominance[1] < 1
        ):
            raise DataError(
                "the rule of dominance can't be used", where="Protection",
                got=f"{self.dominance[0]} respondents, {self.dominance[1]:g}",
                expected="1 or 2 respondents, and a share between 0 and 1", do="use (2, 0.9)",
            )  # fmt: skip
        if self.p_percent is not None and not 0 < self.p_percent < 1:
            raise DataError(
                "the share of the p% rule is not between 0 and 1", where="Protection",
                got=f"{self.p_percent:g}", do="use 0.1",
            )  # fmt: skip


PROTECTION = Protection()
"""The rule of every published output, unless the codebook of the study has another one."""


def strictest(rules: Iterable[Protection | None]) -> Protection:
    """Return a rule that hides at least what each of some rules hides; the default if there are none.

    Parameters
    ----------
    rules
        The rules of the codebooks whose results are published together; None is the default.

    Examples
    --------
    >>> strictest([Protection(threshold=5), Protection(zeros="protect")]).threshold
    10
    """
    given = [rule or PROTECTION for rule in rules]
    if not given:
        return PROTECTION
    dominance = [rule.dominance for rule in given if rule.dominance is not None]
    shares = [rule.p_percent for rule in given if rule.p_percent is not None]
    units = [rule.rounding for rule in given if rule.rounding is not None]
    return Protection(
        threshold=max(rule.threshold for rule in given),
        base=max(rule.base for rule in given),
        zeros="protect" if any(rule.zeros == "protect" for rule in given) else "show",
        unanswered="cells" if any(rule.unanswered == "cells" for rule in given) else "groups",
        dominance=(max(one for one, _ in dominance), min(share for _, share in dominance))
        if dominance
        else None,
        p_percent=max(shares, default=None),
        rounding=max(units, default=None),
    )


def rule_for(results: Iterable[object], given: Protection) -> Protection:
    """Return the rule for results that are published together: never weaker than those of their studies.

    Parameters
    ----------
    results
        The results. A result knows the rule of its codebook by its caveats, or by those of the results that
        it is made of.
    given
        The rule of the caller. `PROTECTION` itself is the default of functions, and leaves it to the studies.
        A study without a rule of its own takes the caller's.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> trust = tk.Variable("trust", "Trust?", "single", codes={1: "yes", 2: "no"})
    >>> book = tk.Codebook({"trust": trust}, protection=tk.Protection(threshold=20))
    >>> frame = pd.DataFrame({"trust": ["yes"] * 40 + ["no"] * 30})
    >>> estimate = tk.proportion(tk.Design(tk.Survey(frame, book)), "trust")
    >>> rule_for([estimate], PROTECTION).threshold, rule_for([estimate], tk.Protection(threshold=5)).threshold
    (20, 20)
    """
    studies = [rule for result in results for rule in _rules_of(result)]
    if given is PROTECTION:
        return strictest(studies)
    return strictest([given, *(rule for rule in studies if rule is not None)])


def _rules_of(result: object, *, depth: int = 3) -> Iterator[Protection | None]:
    """Iterate over the rules of the studies behind a result; None is the default."""
    caveats = getattr(result, "caveats", None)
    if isinstance(caveats, Caveats):
        yield from (rule for rule in caveats.rules if isinstance(rule, Protection | None))
    elif depth and isinstance(result, Mapping | list | tuple):
        for part in result.values() if isinstance(result, Mapping) else result:
            yield from _rules_of(part, depth=depth - 1)
    elif depth and is_dataclass(result):
        for item in fields(result):
            yield from _rules_of(getattr(result, item.name), depth=depth - 1)


def read_protection(entry: Entry) -> Protection:
    """Read the rule of a codebook: overrides of the default one, by name; faults are noted."""
    entry.keys([item.name for item in fields(Protection)])
    given: dict[str, object] = {}
    for name, options in (("zeros", get_args(Zeros)), ("unanswered", get_args(Unanswered))):
        if entry.has(name):
            given[name] = entry.child(name).choice(options, options[0])
    for name in ("threshold", "base", "rounding"):
        if entry.has(name) and not (name == "rounding" and entry.child(name).value is None):
            given[name] = _whole(entry.child(name))
    stated = entry.mapping()
    if "p_percent" in stated:
        given["p_percent"] = (
            None if entry.child("p_percent").value is None else entry.child("p_percent").number()
        )
    if "dominance" in stated:
        given["dominance"] = _pair(entry.child("dominance"))
    try:
        return Protection(**given)  # type: ignore[arg-type]
    except DataError as fault:
        entry.fault(
            f"{fault.what}: {fault.got}" if fault.got else fault.what, fault.do or fault.expected or ""
        )
        return PROTECTION


def _whole(entry: Entry) -> int:
    number = entry.number(float(SMALLEST_CELL))
    if number != int(number):
        entry.fault(f"got {number:g}", "write a whole number of respondents")
    return int(number)


def _pair(entry: Entry) -> tuple[int, float] | None:
    if entry.value is None:
        return None
    parts = [item.number(0.0) for item in entry.items()]
    if len(parts) != FEWEST:
        entry.fault(f"got {len(parts)} numbers", "write a number of respondents and a share, as [2, 0.9]")
        return PROTECTION.dominance
    return int(parts[0]), parts[1]


def stated_protection(protection: Protection) -> dict[str, object]:
    """Return what a rule states that the default does not, as a codebook writes it.

    Examples
    --------
    >>> stated_protection(Protection(threshold=5))
    {'threshold': 5}
    """
    stated = {name: value for name, value in vars(protection).items() if value != getattr(PROTECTION, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in stated.items()}
