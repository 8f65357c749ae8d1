"""The file of claims: published figures and how each is computed, read with all of its errors at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast, get_args

from trustkit.arguments import PATH, accepts
from trustkit.claims.claims import PLACE, Claim, Claims, Reading, Statistic
from trustkit.claims.printed_numbers import DECIMALS, MOST_DECIMALS
from trustkit.errors import ClaimError
from trustkit.estimation.domains import Base
from trustkit.yaml_documents import Document, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")
"""What the address of a publication looks like."""

READING_KEYS = (
    "variable", "level", "levels", "statistic", "where", "base", "minus", "by", "groups", "denominator",
    "quantile",
)  # fmt: skip
"""The keys of how a figure is computed."""

CLAIM_KEYS = (
    *READING_KEYS, "title", "published", "decimals", "alternatives",
    "source", "population", "n", "note", "unchecked", "url", "scale", "headline",
)  # fmt: skip
"""The keys of a claim."""


def read_claims(path: str | Path) -> Claims:
    """Read published figures from YAML, checking all of the file.

    Parameters
    ----------
    path
        A file with ``claims``: name -> ``title``, ``published``, ``decimals``, ``variable``, ``level``,
        ``levels``, ``minus``, ``by``, ``groups``, ``denominator``, ``quantile``, ``statistic``, ``where``,
        ``base``, ``alternatives``, ``source``, ``population``, ``n``, ``note``,
        ``unchecked``, ``url``, ``scale``, ``headline``.

    Returns
    -------
    tuple of Claim
        The claims in the order of the file. A notebook shows them as one table.

    Raises
    ------
    ClaimError
        With every fault in the file, each with its line and path.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "claims.yaml"
    >>> _ = file.write_text("claims: {a: {title: Some trust, published: 40, variable: trust, level: No}}")
    >>> tk.read_claims(file)[0].published
    40.0
    """
    accepts(path=(path, PATH))
    document = Document(path, ClaimError)
    top = document.root
    top.keys(["title", "claims"], needed=["claims"])
    claims = Claims(_claim(str(name), entry) for name, entry in top.child("claims").children())
    document.finish()
    return claims


def _claim(name: str, entry: Entry) -> Claim:
    entry.keys(CLAIM_KEYS, needed=["title", "published"])
    published, decimals = printed_number(entry, "published", "decimals")
    reading = _reading(entry, Reading())
    unchecked = entry.child("unchecked").text()
    if not unchecked and not reading.variable and reading.statistic != "margin of error":
        entry.fault(
            "the claim has neither a variable nor a reason why it is unchecked", "add variable, or unchecked"
        )
    for what, do in reading.lacks if reading.variable else ():
        entry.fault(what, do)
    others = []
    for item in entry.child("alternatives").items():
        item.keys([*READING_KEYS, "because"], needed=["because"])
        other = _reading(item, reading)
        for what, do in other.lacks if other.variable and not reading.lacks else ():
            item.fault(what, do)
        others.append(other)
    return Claim(
        name=name,
        title=entry.child("title").text(),
        published=published,
        decimals=decimals,
        reading=reading,
        alternatives=tuple(others),
        source=entry.child("source").text(),
        population=entry.child("population").text(),
        n=entry.child("n").text(),
        note=entry.child("note").text(),
        unchecked=unchecked,
        url=page_address(entry),
        scale=entry.child("scale").text(),
        headline=_headline(entry),
    )


def _headline(entry: Entry) -> int:
    """Return a claim's place among the figures that the report leads with; 0 if it has none."""
    given = entry.child("headline").number(0.0)
    if given.is_integer() and PLACE.fits(int(given)):
        return int(given)
    entry.child("headline").fault(f"expected {PLACE.words}, got {given:g}")
    return 0


def printed_number(entry: Entry, key: str, decimals_key: str) -> tuple[float, int]:
    """Return a printed number and its decimals, from two keys of an entry."""
    number, given = entry.child(key).number(0.0), entry.child(decimals_key).number(0.0)
    if not (given.is_integer() and 0 <= given <= MOST_DECIMALS):
        entry.child(decimals_key).fault(f"expected {DECIMALS.words}, got {given:g}")
        return number, 0
    decimals = int(given)
    if round(number, decimals) != number:
        entry.child(key).fault(f"{number:g} has more than {decimals} decimals", f"correct {decimals_key}")
    return number, decimals


def page_address(entry: Entry) -> str:
    """Return the address of a page, from the key ``url`` of an entry; empty if there is none."""
    url = entry.child("url").text()
    if url and not ADDRESS.fullmatch(url):
        entry.child("url").fault(
            f"{url!r} is no address of a page", "write all of it, beginning with https://"
        )
        return ""
    return url


def _reading(entry: Entry, default: Reading) -> Reading:
    """Read a specification; missing keys come from the default."""
    where = {
        str(name): [item.value for item in levels.items()] for name, levels in entry.child("where").children()
    }
    one, several = entry.has("level"), entry.has("levels")
    return Reading(
        variable=entry.child("variable").text(default.variable),
        level=entry.child("level").text("" if several else default.level),
        levels=entry.child("levels").texts() if several or one else default.levels,
        minus=entry.child("minus").texts() if entry.has("minus") else default.minus,
        by=entry.child("by").text(default.by),
        groups=entry.child("groups").texts() if entry.has("groups") else default.groups,
        denominator=entry.child("denominator").text(default.denominator),
        quantile=entry.child("quantile").number(default.quantile),
        statistic=entry.child("statistic").choice(get_args(Statistic), default.statistic),
        where=cast("Mapping[str, object]", where) if entry.has("where") else default.where,
        base=entry.child("base").choice(get_args(Base), default.base),
        because=entry.child("because").text() if "because" in entry.mapping() else "",
    )
