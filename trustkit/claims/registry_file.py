"""The file of a registry of published figures, read with all of its errors at once."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from trustkit.arguments import PATH, accepts
from trustkit.claims.claims_file import page_address, printed_number
from trustkit.claims.feasibility import WHOLE_PERCENT
from trustkit.claims.registry import (
    Access,
    CheckKind,
    Extent,
    FigureStatistic,
    FigureWeighting,
    PublishedFigure,
    PublishedFigures,
    RegisteredCheck,
    StudyData,
)
from trustkit.claims.reported_precision import Definition
from trustkit.claims.reported_shares import Answers, Coverage
from trustkit.errors import ClaimError, suggest
from trustkit.yaml_documents import Document, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

REGISTRY = Path(__file__).with_name("published_figures.yaml")
"""The registry that comes with trustkit."""

RESPONDENTS = re.compile(r"(?:(more than|about) )?(\d+)")
"""How a number of respondents is written, besides "not published"."""

SHARED = ("population", "fieldwork", "weighting", "n", "note")
"""What a publication says once and a figure may replace."""

PUBLICATION_KEYS = (
    *SHARED,
    "source",
    "url",
    "read",
    "extent",
    "access",
    "margin",
    "margin_decimals",
    "figures",
    "checks",
)
"""The keys of a publication."""

FIGURE_KEYS = (
    *SHARED, "title", "published", "decimals", "statistic", "base", "question", "answers", "dont_know",
    "alternatives", "study",
)  # fmt: skip
"""The keys of a figure."""

CHECK_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sum": (("of",), ("answers",)),
    "groups": (("total", "parts"), ("groups",)),
    "change": (("earlier", "later"), ("definition",)),
}
"""Check -> the keys that it needs, and those that it may have."""


def published_figures(path: str | Path | None = None) -> PublishedFigures:
    """Return published figures on consumer trust, privacy and consent, or those of another registry.

    Parameters
    ----------
    path
        A registry in YAML; None: the one that comes with trustkit.

    Returns
    -------
    PublishedFigures
        Each figure with its number, population, base and source, and with the day on which the source's page
        was read and how much of it.

    Raises
    ------
    ClaimError
        With every error in the file, each with its line and path.

    Notes
    -----
    The file has ``publications``: name -> ``source``, ``access`` (``publisher`` or ``second hand``),
    ``url`` and ``read`` (together or not at all), ``extent`` (what was read: ``excerpt`` or ``whole
    page``), ``population``, ``n`` (a number, ``more than`` or ``about`` a number, ``not published``),
    ``fieldwork``, ``weighting``, ``margin``, ``margin_decimals``, ``note``, ``figures`` and ``checks``. A
    figure has ``title``, ``published``, ``decimals``, ``statistic``, ``base``, ``question``, ``answers``,
    ``dont_know``, ``alternatives``, ``study``, and may replace ``population``, ``fieldwork``,
    ``weighting``, ``n`` and ``note`` of its publication; with an ``n`` of its own it has no margin of
    error, as that belongs to the publication's ``n``. A check is a ``sum`` of figures, ``groups`` and their
    total, or a ``change``; figures printed with different decimals are not checked together.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.published_figures()["uc_2026_acted"].margin
    0.9
    """
    accepts(path=(path, PATH.optional()))
    document = Document(REGISTRY if path is None else path, ClaimError)
    top = document.root
    top.keys(["title", "publications"], needed=["title", "publications"])
    figures: list[PublishedFigure] = []
    listed: list[tuple[Entry, RegisteredCheck]] = []
    for name, entry in top.child("publications").children():
        figures += _publication(str(name), entry)
        for item in entry.child("checks").items():
            check = _check(item, str(name))
            listed += [(item, check)] if check else []
    names = [figure.name for figure in figures]
    for repeated in sorted({name for name in names if names.count(name) > 1}):
        top.child("publications").fault(f"two figures are named {repeated!r}", "give one another name")
    percentages = {figure.name for figure in figures if figure.statistic == "proportion"}
    for item, check in listed:
        for wanted in check.figures:
            if wanted not in names:
                item.fault(f"no figure is named {wanted!r}", suggest(wanted, names))
            elif wanted not in percentages:
                item.fault(f"{wanted!r} is no percentage", "name figures whose statistic is proportion")
    if not figures:
        top.fault("the registry has no figure", "add one under publications")
    document.finish()
    return PublishedFigures(top.child("title").text(), tuple(figures), tuple(check for _, check in listed))


def _publication(name: str, entry: Entry) -> list[PublishedFigure]:
    entry.keys(PUBLICATION_KEYS, needed=["source", "access", "population", "weighting", "figures"])
    url, read = page_address(entry), entry.child("read").text()
    if entry.has("url") != bool(read):
        entry.fault("url and read belong together", "give the page and the day on which you read it")
    if read and not _is_date(read):
        entry.child("read").fault(f"{read!r} is no date", "write it as 2026-11-25")
    margin, margin_decimals = printed_number(entry, "margin", "margin_decimals")
    if entry.has("margin") and margin <= 0:
        entry.child("margin").fault("a margin of error is positive", "give percentage points")
    shared: dict[str, object] = {
        "publication": name, "source": entry.child("source").text(), "url": url, "read": read,
        "margin": margin or None, "margin_decimals": margin_decimals,
        "extent": entry.child("extent").choice(get_args(Extent), "excerpt"),
        "access": entry.child("access").choice(get_args(Access), "second hand"),
    }  # fmt: skip
    return [_figure(str(figure), item, entry, shared) for figure, item in entry.child("figures").children()]


def _figure(name: str, item: Entry, above: Entry, shared: Mapping[str, object]) -> PublishedFigure:
    item.keys(FIGURE_KEYS, needed=["title", "published"])
    statistic = item.child("statistic").choice(get_args(FigureStatistic), "proportion")
    published, decimals = printed_number(item, "published", "decimals")
    if statistic == "proportion" and not 0 <= published <= WHOLE_PERCENT:
        item.child("published").fault("a percentage is from 0 to 100", "correct it, or name its statistic")
    own = {key: (item if item.has(key) else above).child(key) for key in SHARED}
    words, n = _respondents(own["n"])
    if item.has("n"):  # the margin is that of the publication's n
        shared = {**shared, "margin": None, "margin_decimals": 0}
    study, data = _study(item.child("study"), name)
    return PublishedFigure(
        name=name, title=item.child("title").text(), published=published, decimals=decimals,
        statistic=statistic,
        population=own["population"].text(), fieldwork=own["fieldwork"].text(), note=own["note"].text(),
        weighting=own["weighting"].choice(get_args(FigureWeighting), "not stated"), n=n, n_words=words,
        base=item.child("base").text(), question=item.child("question").text(),
        answers=item.child("answers").texts(), dont_know=item.child("dont_know").text(),
        alternatives=item.child("alternatives").texts(), study=study, study_data=data,
        **shared,  # type: ignore[arg-type]
    )  # fmt: skip


def _respondents(entry: Entry) -> tuple[str, int | None]:
    """Return how a number of respondents is published, and the number if it is exact."""
    text = entry.text()
    if text in ("", "not published"):
        return text, None
    match = RESPONDENTS.fullmatch(text)
    if not match or int(match[2]) == 0:
        entry.fault(
            f"{text!r} is no number of respondents",
            "write 607, more than 1000, about 27000, or not published",
        )
        return text, None
    number = int(match[2])
    words = f"{match[1]} {number:,}" if match[1] else f"{number:,}"
    return words, None if match[1] else number


def _study(entry: Entry, name: str) -> tuple[str, str]:
    """Return the file of claims that recomputes a figure, with its name, and the kind of data."""
    if entry.value is None:
        return "", ""
    entry.keys(["folder", "claims", "data"], needed=["folder", "claims", "data"])
    data = entry.child("data").choice(get_args(StudyData), "real")
    return f"{entry.child('folder').text()}/{entry.child('claims').text()}: {name}", data


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check(item: Entry, publication: str) -> RegisteredCheck | None:
    """Read a check; the names of its figures are looked up later."""
    kind = item.child("check").choice(get_args(CheckKind), "sum")
    needed, more = CHECK_KEYS[kind]
    item.keys(["check", *needed, *more], needed=["check", *needed])
    figures = tuple(name for key in needed for name in item.child(key).texts())
    options: dict[str, tuple[str, ...]] = {
        "answers": get_args(Answers), "groups": get_args(Coverage), "definition": get_args(Definition)
    }  # fmt: skip
    setting = item.child(more[0]).choice(options[more[0]], options[more[0]][0])
    least = {"sum": 1, "groups": 3, "change": 2}[kind]
    if len(figures) < least:
        item.fault(f"this check needs at least {least} figures", "name them")
        return None
    return RegisteredCheck(publication, kind, figures, setting)
