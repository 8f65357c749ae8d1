"""The instruments that come with trustkit, read from their files."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from trustkit.arguments import TEXT, accepts
from trustkit.errors import CodebookError, DataError, suggest
from trustkit.published_scales.instrument import (
    BY_RESPONDENT,
    DONT_KNOW,
    Instrument,
    Licence,
    Norm,
    PublishedReliability,
    Scoring,
)
from trustkit.yaml_documents import Document, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

Checked = Literal["read", "unverified"]

FOLDER = Path(__file__).parent
"""The folder of the files, one for each instrument."""

TOP = (
    "id",
    "sources",
    "identity",
    "licence",
    "items",
    "reversed",
    "subscales",
    "response",
    "scoring",
    "dont_know",
    "reliability",
    "norms",
    "caveats",
    "supersedes",
)
"""The keys of a file."""

LONGEST_ABOUT = 6
"""The most words that say what an item is about: a paraphrase, not its wording."""


def instruments() -> pd.DataFrame:
    """Return the instruments of the registry, one row each.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``year``, ``authors``, ``construct``, ``items``, ``subscales``, ``response``,
        ``scoring``, ``scored`` (whether `trustkit.score` takes it), ``reliability`` and ``norms`` (how many
        were read), ``licence``, and ``unverified``: the facts that were not read at a source. What is not
        verified stands nowhere else, except that ``name`` and ``construct`` say in words of ours what is
        meant.

    Examples
    --------
    >>> import trustkit as tk
    >>> known = tk.instruments()
    >>> known.loc[known["scored"], ["id", "items", "response"]]
                         id  items response
    1               edelman      4   1 to 9
    2         ess_political      5  0 to 10
    3            ess_social      3  0 to 10
    4  general_social_trust      8   1 to 5
    5              gentrust      6   1 to 5
    6               iuipc10     10   1 to 7
    7                iuipc8      8   1 to 7
    9              mcknight     11   1 to 7
    10                muipc      9   1 to 7
    14     trust_automation     12   1 to 7
    """
    found = [instrument(name) for name in _names()]
    return pd.DataFrame(
        {
            "id": [one.id for one in found],
            "name": [one.name for one in found],
            "year": pd.array([one.year for one in found], dtype="Int64"),
            "authors": [one.authors for one in found],
            "construct": [one.construct for one in found],
            "items": pd.array([one.items for one in found], dtype="Int64"),
            "subscales": [", ".join(one.subscales) for one in found],
            "response": [
                "" if one.low is None or one.high is None else f"{one.low:g} to {one.high:g}" for one in found
            ],
            "scoring": [one.scoring or "" for one in found],
            "scored": [one.scoring in BY_RESPONDENT and not one.needs for one in found],
            "reliability": [len(one.reliability) for one in found],
            "norms": [len(one.norms) for one in found],
            "licence": [one.licence for one in found],
            "unverified": [", ".join(one.unverified) for one in found],
        }
    )


def instrument(name: str) -> Instrument:
    """Return an instrument of the registry.

    Parameters
    ----------
    name
        Its ``id`` in `trustkit.instruments`.

    Returns
    -------
    Instrument
        With the facts that were read at a source; the others are only named.

    Raises
    ------
    DataError
        If there is none of this name.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.instrument("trust_automation").reversed_items
    (1, 2, 3, 4, 5)
    """
    accepts(name=(name, TEXT))
    if name not in _names():
        raise DataError(f"no instrument is named {name!r}", do=suggest(name, list(_names())))
    return _shipped(name)


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def _shipped(name: str) -> Instrument:
    return read_instrument(FOLDER / f"{name}.yaml")


def read_instrument(path: str | Path) -> Instrument:
    """Return the instrument of a file; what its file marks as unverified is only named.

    Parameters
    ----------
    path
        A file of YAML. Each fact names one of the file's ``sources``, whether it was ``checked`` there
        (``read`` or ``unverified``), and a source that was read has a ``url`` and the day (``read``).

    Raises
    ------
    CodebookError
        With every error in the file, each with its line and path.
    """
    document = Document(path, CodebookError)
    top = document.root
    top.keys(TOP, needed=["id", "sources", "identity"])
    sources = {str(key): entry for key, entry in top.child("sources").children()}
    for entry in sources.values():
        _check_source(entry)
    facts = Facts(sources)
    identity = top.child("identity")
    identity.keys(
        ("name", "year", "authors", "doi", "construct", "source", "checked"),
        needed=["name", "year", "authors", "construct"],
    )
    items, response, scoring = top.child("items"), top.child("response"), top.child("scoring")
    made: dict[str, Any] = {
        "id": top.child("id").text(), "name": identity.child("name").text(),
        "construct": identity.child("construct").text(),
    }  # fmt: skip
    if facts.read(identity, "identity"):
        made["year"] = int(identity.child("year").number(0))
        made |= {key: identity.child(key).text() for key in ("authors", "doi")}
    if made["id"] != Path(path).stem:
        top.child("id").fault(f"the id {made['id']!r} is not the file's name", "give both one name")
    if facts.read(top.child("licence"), "licence"):
        made["licence"] = top.child("licence").child("status").choice(get_args(Licence), "unknown")
    count = int(items.child("count").number(0)) if items.value is not None else 0
    if facts.read(items, "items"):
        made["items"] = count
        made["about"] = _about(items.child("about"), count)
    if facts.read(top.child("reversed"), "reversed items"):
        made["reversed_items"] = _positions(top.child("reversed").child("items"), count)
    if list(top.child("reversed").child("items").items()) and response.value is None:
        top.child("reversed").fault("items are reversed, and the file has no range", "add the response")
    subscales = top.child("subscales")
    if facts.read(subscales, "subscales"):
        made["subscales"] = _subscales(subscales.child("items"), count)
    if facts.read(response, "response"):
        made |= _response(response)
    if facts.read(scoring, "scoring"):
        made |= _scoring(scoring)
    made |= _in_words(top, facts)
    made["reliability"] = tuple(
        _reliability(entry, facts)
        for entry in top.child("reliability").items()
        if facts.read(entry, "reliability")
    )
    made["norms"] = tuple(
        _norm(entry, facts) for entry in top.child("norms").items() if facts.read(entry, "norms")
    )
    made["caveats"] = tuple(
        entry.child("text").text() for entry in top.child("caveats").items() if facts.read(entry, "caveats")
    )
    if not facts.used:
        top.fault("no fact was read at a source", "read one, or leave the instrument out")
    document.finish()
    return Instrument(
        **made,
        sources=tuple(facts.citation(key) for key in facts.used),
        verified=tuple(facts.verified),
        unverified=tuple(facts.unverified),
    )


class Facts:
    """The facts of a file: which were read, and at which source."""

    def __init__(self, sources: Mapping[str, Entry]) -> None:
        self.sources = sources
        self.used: list[str] = []
        self.verified: list[str] = []
        self.unverified: list[str] = []

    def read(self, entry: Entry, name: str) -> bool:
        """Return whether a fact is there and was read; one that was not is noted by its name."""
        if entry.value is None:
            return False
        source, checked = entry.child("source").text(), entry.child("checked")
        if not entry.has("checked"):
            entry.fault("the key 'checked' is missing", "write read or unverified")
        if checked.choice(get_args(Checked), "unverified") != "read":
            if name not in self.unverified:
                self.unverified.append(name)
            return False
        if source not in self.sources:
            entry.fault(f"no source is named {source!r}", suggest(source, list(self.sources)))
            return False
        if not self.sources[source].has("read"):
            entry.fault(f"the source {source!r} was not read", "write checked: unverified")
        if source not in self.used:
            self.used.append(source)
        if name not in self.verified:
            self.verified.append(name)
        return True

    def citation(self, key: str) -> str:
        """Return how a source is cited."""
        return self.sources[key].child("citation").text()


def _check_source(entry: Entry) -> None:
    entry.keys(("citation", "url", "doi", "read", "extent"), needed=["citation"])
    if entry.has("read"):
        day = entry.child("read").text()
        if not entry.has("url"):
            entry.fault("a source that was read has no url", "give the page")
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            entry.child("read").fault(f"{day!r} is no date", "write it as 2026-11-25")


def _positions(entry: Entry, count: int) -> tuple[int, ...]:
    positions = tuple(int(item.number(0)) for item in entry.items())
    if any(not 1 <= position <= count for position in positions) or len(set(positions)) < len(positions):
        entry.fault(
            "a position is not one of the items, or occurs twice", f"give positions from 1 to {count}"
        )
    return positions


def _about(entry: Entry, count: int) -> dict[int, str]:
    about = {}
    for key, words in entry.children():
        text = words.text()
        if not isinstance(key, int) or not 1 <= key <= count:
            words.fault("the item has no such position", f"give positions from 1 to {count}")
        elif len(text.split()) > LONGEST_ABOUT:
            words.fault(
                "this may be the wording of an item", f"say it in at most {LONGEST_ABOUT} words of yours"
            )
        else:
            about[key] = text
    return about


def _subscales(entry: Entry, count: int) -> dict[str, tuple[int, ...]]:
    """Read the subscales, which hold each item once."""
    found = {str(name): _positions(part, count) for name, part in entry.children()}
    if sorted(position for part in found.values() for position in part) != list(range(1, count + 1)):
        entry.fault("the subscales do not hold each item once", f"share out the positions 1 to {count}")
    return found


def _response(entry: Entry) -> dict[str, object]:
    entry.keys(("low", "high", "anchors", "midpoint", "source", "checked"), needed=["low", "high"])
    low, high = entry.child("low").number(0), entry.child("high").number(1)
    if not low < high:
        entry.fault("the range of answers is empty", "give the lowest as low and the highest as high")
    return {"low": low, "high": high, "anchors": entry.child("anchors").texts()}


def _scoring(entry: Entry) -> dict[str, object]:
    entry.keys(("method", "boxes", "min_items", "source", "checked"), needed=["method"])
    method = entry.child("method").choice(get_args(Scoring), "mean")
    if (method == "topbox") != entry.has("boxes"):
        entry.fault("boxes belong to the method topbox", "say how many answers at the upper end count")
    whole = {name: int(entry.child(name).number(0)) for name in ("boxes", "min_items") if entry.has(name)}
    return {"scoring": method, **whole}


def _in_words(top: Entry, facts: Facts) -> dict[str, str]:
    """Read the facts that are one text."""
    read = {}
    for key, name, value in (
        ("dont_know", DONT_KNOW, "counts"),
        ("supersedes", "supersedes", "instrument"),
    ):
        if facts.read(top.child(key), name):
            top.child(key).keys((value, "source", "checked"), needed=[value])
            read[key] = top.child(key).child(value).text()
    return read


def _reliability(entry: Entry, facts: Facts) -> PublishedReliability:
    entry.keys(
        ("population", "n", "method", "subscale", "value", "source", "checked"),
        needed=["population", "n", "method", "value"],
    )
    value, n = entry.child("value").number(0), int(entry.child("n").number(0))
    if not 0 < value < 1:
        entry.child("value").fault("a reliability is between 0 and 1", "correct it")
    if n < 1:
        entry.child("n").fault("n is at least 1", "give the number of respondents")
    return PublishedReliability(
        entry.child("population").text(), n, entry.child("method").text(), entry.child("subscale").text(),
        value, facts.citation(entry.child("source").text()),
    )  # fmt: skip


def _norm(entry: Entry, facts: Facts) -> Norm:
    entry.keys(
        (
            "name", "population", "year", "n", "weighting", "statistic", "subscale", "value", "source",
            "checked",
        ),
        needed=["name", "population", "year", "statistic", "value"],
    )  # fmt: skip
    return Norm(
        entry.child("name").text(), entry.child("population").text(), int(entry.child("year").number(0)),
        int(entry.child("n").number()) if entry.has("n") else None, entry.child("weighting").text(),
        entry.child("statistic").choice(("mean", "proportion"), "mean"), entry.child("subscale").text(),
        entry.child("value").number(0), facts.citation(entry.child("source").text()),
    )  # fmt: skip
