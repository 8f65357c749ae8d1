"""The ledger: the respondents behind the numbers of a result, as JSON.

A result that holds `Counted` adds them to what it shows in a notebook, as JSON of the type `COUNTS_MIME`. The
ledger holds no row of the data and no row number. It holds counts that must not be published, so a published
copy of a notebook never has it; a site has the counts that were published, in ``counts.json``.

The JSON of the ledger is an object with two members: ``version``, which is `VERSION`, and ``tables``, a list
of objects. Each of them has

- ``variable``: the question's name;
- ``answers``: all answers of the base, in order;
- ``by``: the names of the variables whose groups are the domains;
- ``where``: the condition on the respondents, an object of name -> list of levels; empty for everybody, null
  for a condition that is not a mapping;
- ``groups``: for each group its level of each variable in ``by``;
- ``counts``: for each group the unweighted respondents of each answer; null where it is not published;
- ``n``: for each group the unweighted respondents of the base; null where it is not published;
- ``shown``: the numbers that are printed, each an object with ``group`` (its place in ``groups``), ``level``
  (what it is called), ``answers`` (the answers that it counts together; a mean counts none), ``scores`` (the
  score of each answer, for a mean or a net score; otherwise empty), ``cells`` and ``base_cells`` (where the
  number and its base are printed in the table, each a pair of row and column counted from 0), and ``letter``
  (of its column in a banner); the ledger of a site has no places, which tell of the order of hidden rows, and
  has the ``count`` of several answers together where it is published;
- ``table``: of a result that is shown as several tables, the number of the table, counted from 0;
- ``amounts``: for each group of a mean or total of amounts, the weighted sum and the two largest weighted
  amounts of one respondent; otherwise null, as in the ledger of a site;
- ``sorted``: whether the rows of the table are in the order of its numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trustkit.counted import Counted, ShownCount, printed_counts
from trustkit.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.counted import Place

COUNTS_MIME = "application/vnd.trustkit.counts+json"
"""The type of the output that holds the ledger."""

RESULT_MIME = "application/vnd.trustkit.result+json"
"""The type of the output that names the kind of a result that has no ledger."""

PUBLISHED_COUNTS = "counts.json"
"""The file of a site that holds the ledger of what it publishes."""

VERSION = 1
"""Of the ledger's form."""


def result_bundle(result: object) -> dict[str, object]:
    """Return what a result adds to its display in a notebook: its ledger, or its kind if it has none.

    Examples
    --------
    >>> result_bundle(3)
    {'application/vnd.trustkit.result+json': {'result': 'int'}}
    """
    return counts_bundle(printed_counts(result), kind=type(result).__name__)


def counts_bundle(tables: Sequence[Counted], *, kind: str) -> dict[str, object]:
    """Return the ledger of some respondents, or the kind of a result that does not know any."""
    return {COUNTS_MIME: counted_to_json(tables)} if tables else {RESULT_MIME: {"result": kind}}


def counted_to_json(tables: Sequence[Counted]) -> dict[str, Any]:
    """Return the ledger of some tables, as JSON holds it.

    Examples
    --------
    >>> one = Counted("trust", ("no", "yes"), ("sex",), (("m",), ("f",)), (), np.array([[3, 12], [20, 30]]))
    >>> counted_from_json(counted_to_json([one]))[0].counts.tolist()
    [[3, 12], [20, 30]]
    """
    return {"version": VERSION, "tables": [_to_json(table) for table in tables]}


def counted_from_json(ledger: object) -> list[Counted]:
    """Return the tables of a ledger.

    Raises
    ------
    ReportError
        If it is not of the form that the module describes.

    Examples
    --------
    >>> counted_from_json({"version": 1, "tables": []})
    []
    """
    got = type(ledger).__name__
    if isinstance(ledger, dict):
        got = f"version {ledger.get('version')}"
        if ledger.get("version") == VERSION:
            try:
                return [_from_json(table) for table in ledger["tables"]]
            except (KeyError, TypeError, ValueError, IndexError) as fault:
                got = f"{type(fault).__name__}: {fault}"
    raise ReportError(
        "the counts behind a result can't be read", got=got,
        expected=f"the ledger of version {VERSION} that trustkit writes",
        do="run the notebook again with this version of trustkit",
    )  # fmt: skip


def _to_json(table: Counted) -> dict[str, Any]:
    return {
        "variable": table.variable,
        "answers": list(table.answers),
        "by": list(table.by),
        "where": None if table.where is None else {name: list(levels) for name, levels in table.where},
        "groups": [list(group) for group in table.groups],
        "counts": [[_known(count) for count in row] for row in table.counts],
        "n": [_known(count) for count in table.bases],
        "shown": [
            {
                "group": one.group,
                "level": one.level,
                "answers": list(one.answers),
                "scores": list(one.scores),
                "cells": [list(place) for place in one.cells],
                "base_cells": [list(place) for place in one.base_cells],
                "letter": one.letter,
                **({"count": int(one.count)} if one.count >= 0 else {}),
            }
            for one in table.shown
        ],
        "table": table.table,
        "amounts": None if table.amounts is None else np.asarray(table.amounts, dtype=float).tolist(),
        "sorted": table.is_sorted,
    }


def _from_json(record: Mapping[str, Any]) -> Counted:
    where = record["where"]
    groups = tuple(tuple(map(str, group)) for group in record["groups"])
    answers = tuple(map(str, record["answers"]))
    counts = [[-1 if count is None else int(count) for count in row] for row in record["counts"]]
    amounts = record.get("amounts")
    return Counted(
        variable=str(record["variable"]),
        answers=answers,
        by=tuple(map(str, record["by"])),
        groups=groups,
        where=None
        if where is None
        else tuple((str(name), tuple(map(str, levels))) for name, levels in where.items()),
        counts=np.array(counts, dtype=np.intp).reshape(len(groups), len(answers)),
        shown=tuple(
            ShownCount(
                int(one["group"]),
                str(one["level"]),
                tuple(map(str, one["answers"])),
                tuple(map(float, one["scores"])),
                _places(one["cells"]),
                _places(one["base_cells"]),
                str(one["letter"]),
                int(one.get("count", -1)),
            )
            for one in record["shown"]
        ),
        n=np.array([-1 if count is None else int(count) for count in record["n"]], dtype=np.intp),
        table=int(record.get("table", 0)),
        amounts=None if amounts is None else np.array(amounts, dtype=float).reshape(len(groups), 3),
        is_sorted=bool(record.get("sorted", False)),
    )


def _places(given: Sequence[Sequence[int]]) -> tuple[Place, ...]:
    return tuple((int(row), int(column)) for row, column in given)


def _known(count: int) -> int | None:
    return None if count < 0 else int(count)
