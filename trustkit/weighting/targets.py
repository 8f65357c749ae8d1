"""Targets: known figures of a population, from a mapping, a frame, a file or a reference sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN_OR_FRAME, MARGINS, OPTIONAL_NAME, PATH, TARGETS, TEXT, accepts, one_of
from trustkit.counted import Counted, ShownCount
from trustkit.design.coded import coded_variable
from trustkit.design.design import Design
from trustkit.design.sums import group_totals
from trustkit.design.weight_history import CROSSED
from trustkit.display import Shown, show_numbers, show_share
from trustkit.errors import DataError, Faults, TargetsError
from trustkit.field_kinds import accepts_fields
from trustkit.yaml_documents import Document

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from trustkit.yaml_documents import Entry

    Floats = NDArray[np.float64]

TargetKind = Literal["shares", "counts", "either", "mean", "total"]
Levels: TypeAlias = "dict[tuple[str, ...], float]"
TargetsLike: TypeAlias = "Targets | Mapping[Any, object] | pd.DataFrame | str | Path"

NUMERIC: tuple[TargetKind, TargetKind] = ("mean", "total")
"""Kinds of targets of numeric variables; a mapping or file uses these words in place of a level."""

VALUES: dict[str, TargetKind] = {"target": "either", "share": "shares", "count": "counts"}
"""Columns of a frame that may hold the targets, and the kind of these targets."""

ABOUT = ("source", "date")

ROUNDING_TOLERANCE = 0.005
"""Targets that differ by at most this fraction of their total are taken as rounded: rescaled, with a note."""

PERCENT = 100.0
"""What percentages sum to."""


@dataclass(frozen=True)
class Margin:
    """The targets of one variable, or of several crossed.

    Attributes
    ----------
    variables
        One variable, or several that are crossed.
    levels
        Level -> target. For a numeric variable ``()`` -> its total or mean.
    kind
        ``shares``, ``counts``, ``either`` (shares if they sum to one), ``mean`` or ``total``.
    domain
        The level of ``by`` that the margin belongs to; empty without ``by``.
    """

    variables: tuple[str, ...]
    levels: Mapping[tuple[str, ...], float]
    kind: TargetKind = "either"
    domain: str = ""

    @property
    def name(self) -> str:
        """The variable's name; crossed ones joined by `` x ``."""
        return CROSSED.join(self.variables)

    @property
    def words(self) -> str:
        """The name, with the domain in front."""
        return f"{self.domain}, {self.name}" if self.domain else self.name

    @property
    def whole(self) -> float:
        """What the targets should sum to if they are shares, 1 or 100; 0 for counts, totals and means."""
        values = np.array(list(self.levels.values()), dtype=float)
        total = float(values.sum())
        if self.kind in ("counts", *NUMERIC):
            return 0.0
        if abs(total / PERCENT - 1) <= ROUNDING_TOLERANCE:
            return PERCENT
        if abs(total - 1) <= ROUNDING_TOLERANCE or (values <= 1).all():
            return 1.0
        if self.kind == "either":
            return 0.0
        return PERCENT if total > PERCENT / 2 else 1.0

    @property
    def shown(self) -> list[str]:
        """Its targets as a table shows them: shares in percent, all others as numbers."""
        values = list(self.levels.values())
        return [show_share(value / self.whole) for value in values] if self.whole else show_numbers(values)


@dataclass(frozen=True, repr=False)
class Targets(Shown):
    """Known margins, totals and means of a population, and where they come from.

    Attributes
    ----------
    margins
        The margins, in order.
    by
        The variable whose levels have separate margins; empty if there is none.
    title, source, date
        The title, the source and the date of the targets.
    notes
        What a reader must know in addition to the numbers.
    counted
        The unweighted respondents of the reference sample behind the targets, if there is one.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"]})
    >>> tk.targets_of(frame, ["sex"], source="Register", date="2026").to_frame()
      variable level  target
    0      sex     f    0.75
    1      sex     m    0.25
    """

    margins: tuple[Margin, ...]
    by: str = ""
    title: str = ""
    source: str = ""
    date: str = ""
    notes: tuple[str, ...] = ()
    counted: tuple[Counted, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per target: the domain (if any), ``variable``, ``level``, ``target``."""
        rows = [
            (margin.domain, margin.name, CROSSED.join(level) or margin.kind, value)
            for margin in self.margins
            for level, value in margin.levels.items()
        ]
        frame = pd.DataFrame(rows, columns=[self.by or "domain", "variable", "level", "target"])
        return frame if self.by else frame.drop(columns="domain")

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents of the reference sample, if the targets were made from one."""
        return self.counted

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table = self.to_frame()
        table["target"] = [text for margin in self.margins for text in margin.shown]
        source = ", ".join(filter(None, (self.source.rstrip("."), self.date)))
        return self.title or "Targets", table, (f"Source: {source or 'not stated'}.", *self.notes)


def read_targets(path: str | Path, *, by: str | None = None) -> Targets:
    r"""Read weighting targets from YAML or CSV.

    Parameters
    ----------
    path
        A YAML file with ``margins``: variable -> label -> share or count. A joint margin is named
        ``age x sex`` and nests its labels; a numeric variable has ``{mean: ...}`` or ``{total: ...}``. With
        ``by``, margins are nested below the labels of that variable. ``title``, ``source`` and ``date`` are
        optional. Or a CSV file with the columns of a frame (see `trustkit.rake`).
    by
        The column of a CSV file that names the domain of each margin; YAML names it itself.

    Raises
    ------
    TargetsError
        With every error in the file, each with its line and path.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "targets.yaml"
    >>> _ = file.write_text("source: Census\ndate: 2021\nmargins: {sex: {Men: 0.49, Women: 0.51}}")
    >>> tk.read_targets(file)
    Targets
    variable  level  target
    sex       Men     49.0%
    sex       Women   51.0%
    Source: Census, 2021.
    """
    accepts(path=(path, PATH), by=(by, OPTIONAL_NAME))
    path = Path(path)
    if path.suffix.lower() == ".csv":
        if not path.is_file():
            raise TargetsError("no such file", where=path.as_posix(), do="check the path")
        return _from_frame(pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8"), by or "")
    document = Document(path, TargetsError)
    root = document.root
    root.keys(["title", "source", "date", "by", "margins"], needed=["margins"])
    domains = root.child("by").text()
    margins: list[Margin] = []
    for key, entry in root.child("margins").children():
        below = (
            [(str(key), entry)] if not domains else [(str(name), child) for name, child in entry.children()]
        )
        for name, levels in below:
            names = _variables(name)
            targets = dict(_entries(levels, len(names)))
            margins.append(_margin(names, targets, "either", str(key) if domains else ""))
            if any(len(level) != len(names) for level in targets):
                levels.fault(f"a level of {name} must name {len(names)} labels", "nest them")
    document.finish()
    title, source, date = (root.child(name).text() for name in ("title", *ABOUT))
    return Targets(tuple(margins), domains, title, source, date)


def targets_of(
    reference: Design | pd.DataFrame,
    variables: Sequence[str | tuple[str, ...]],
    *,
    by: str | None = None,
    kind: Literal["shares", "counts"] = "shares",
    source: str = "",
    date: str = "",
) -> Targets:
    """Return targets computed from a reference sample with its weights.

    Parameters
    ----------
    reference
        The design of the reference sample, or a frame in which each row counts once.
    variables
        Variables, joint ones as ``"age x sex"`` or ``("age", "sex")``; a numeric variable gives its mean.
    by
        A variable whose levels get separate margins.
    kind
        Shares, or counts (sums of weights; then totals of numeric variables).
    source, date
        Where the reference comes from, and its date.

    Returns
    -------
    Targets
        Standard errors treat these targets as known, although the reference is a sample; a note says so.

    Raises
    ------
    DataError
        An unknown variable, or nobody with an answer.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"]})
    >>> tk.targets_of(frame, ["sex"], source="Register").to_frame()["target"].tolist()
    [0.75, 0.25]
    """
    accepts(
        reference=(reference, DESIGN_OR_FRAME),
        variables=(variables, MARGINS),
        by=(by, OPTIONAL_NAME),
        kind=(kind, one_of(Literal["shares", "counts"])),
        source=(source, TEXT),
        date=(date, TEXT),
    )
    design = reference if isinstance(reference, Design) else Design(reference)
    margins: list[Margin] = []
    domains = [""] if by is None else list(coded_variable(design, by).labels)
    for domain in domains:
        weights = design.weights
        if by is not None:
            weights = np.where(design.codes(by, [domain]) == 0, weights, 0.0)
        for name in variables:
            names = _variables(name) if isinstance(name, str) else tuple(name)
            margins.append(_measured(design, names, weights, kind, domain))
    notes = ["Targets are estimates from a reference sample; standard errors treat them as known."]
    notes += [f"Reference: {note}" for note in design.caveats.sentences]
    stated = source or f"reference sample of {int((design.weights > 0).sum()):,}"
    counted = _respondents(design, by, margins)
    return Targets(tuple(margins), by or "", source=stated, date=date, notes=tuple(notes), counted=counted)


def _respondents(design: Design, by: str | None, margins: Sequence[Margin]) -> tuple[Counted, ...]:
    """Return the respondents of the reference sample behind each target."""
    found = []
    column, row = (2 if by is None else 3), 0
    for margin in margins:
        inside = design.weights > 0
        if by is not None:
            inside &= design.codes(by, [margin.domain]) == 0
        sizes = []
        for level in margin.levels:
            own = inside.copy()
            for name, label in zip(margin.variables, level, strict=False):
                own &= design.codes(name, [label]) == 0
            sizes.append(int(own.sum()))
        levels = tuple(f"target {row + place}" for place in range(len(sizes)))
        shown = tuple(
            ShownCount(0, level, (level,), (), ((row + place, column),)) for place, level in enumerate(levels)
        )
        counts = np.array([sizes], dtype=np.intp)
        found.append(Counted(margin.words, levels, (), ((),), None, counts, shown))
        row += len(sizes)
    return tuple(found)


def targets_from(given: TargetsLike, by: str | None) -> Targets:
    """Return targets from any form that `trustkit.rake` accepts.

    Raises
    ------
    TargetsError
        With every error in a mapping or frame.
    """
    accepts(targets=(given, TARGETS), by=(by, OPTIONAL_NAME))
    if isinstance(given, str | Path):
        given = read_targets(given, by=by)
    if isinstance(given, Targets):
        if by is not None and by != given.by:
            raise TargetsError(
                f"the targets are not by {by}",
                got=f"by {given.by}" if given.by else "targets without by",
                do="give the same by as the targets, or none",
            )
        return given
    if isinstance(given, pd.DataFrame):
        return _from_frame(given, by or "")
    if not isinstance(given, Mapping):
        raise TargetsError("targets must be a mapping, a frame, Targets or a path", got=type(given).__name__)
    faults = Faults("the targets", TargetsError)
    margins: list[Margin] = []
    for domain, below in given.items() if by is not None else [("", given)]:
        if not isinstance(below, Mapping):
            faults.add(f"with by={by!r}, each level needs its own margins, got {below!r}", where=str(domain))
            continue
        for key, given_levels in below.items():
            levels = given_levels.to_dict() if isinstance(given_levels, pd.Series) else given_levels
            names = tuple(map(str, key)) if isinstance(key, tuple) else _variables(str(key))
            where = f"{domain}, {CROSSED.join(names)}" if by is not None else CROSSED.join(names)
            rows = _flat(levels, len(names)) if isinstance(levels, Mapping) else [((str(key),), levels)]
            kind: TargetKind = "either" if isinstance(levels, Mapping) else "total"
            numbers = _levels(where, rows, len(names), faults)
            margins.append(_margin(names, numbers, kind, str(domain) if by is not None else ""))
    faults.refuse()
    return Targets(tuple(margins), by or "")


def _from_frame(frame: pd.DataFrame, by: str) -> Targets:
    """Read margins from a frame: one row per target, or one joint margin whose variables are columns."""
    value = next((name for name in VALUES if name in frame), "target")
    long = "variable" in frame or "level" in frame
    needed = [*(["variable", "level"] if long else []), value, *([by] if by else [])]
    if missing := [name for name in needed if name not in frame]:
        raise TargetsError(
            f"targets lack the columns {', '.join(missing)}",
            got=", ".join(map(str, frame.columns)),
            expected="variable, level and target (or share, or count); or the variables of a joint margin",
        )
    others = tuple(str(name) for name in frame if name not in (value, by, *ABOUT))
    if not others:
        raise TargetsError("targets name no variable", got=", ".join(map(str, frame.columns)))
    rows: dict[tuple[str, tuple[str, ...]], list[tuple[tuple[str, ...], object]]] = {}
    for row in frame.to_dict("records"):
        names = _variables(str(row["variable"])) if long else others
        if long:
            level = tuple(str(row["level"]).split(CROSSED)) if len(names) > 1 else (str(row["level"]),)
        else:
            level = tuple(str(row[name]) for name in others)
        rows.setdefault((str(row[by]) if by else "", names), []).append((level, row[value]))
    faults = Faults("the targets", TargetsError)
    margins = []
    for (domain, names), given in rows.items():
        where = f"{domain}, {CROSSED.join(names)}" if by else CROSSED.join(names)
        numbers = _levels(where, given, len(names), faults)
        margins.append(_margin(names, numbers, VALUES[value], domain))
    faults.refuse()
    source, date = (
        ", ".join(dict.fromkeys(map(str, frame[name].dropna()))) if name in frame else "" for name in ABOUT
    )
    return Targets(tuple(margins), by, source=source, date=date)


def _measured(
    design: Design, names: tuple[str, ...], weights: Floats, kind: TargetKind, domain: str
) -> Margin:
    """Measure one margin of a reference sample."""
    if len(names) == 1 and not design.variable(names[0]).codes:
        values, valid = design.numbers(names[0])
        mass = weights if valid is None else weights * valid
        total_mass = float(mass.sum())
        if not total_mass:
            raise DataError(f"no respondent has a number for {names[0]}", where=domain or None)
        total = float(mass @ values)
        return (
            Margin(names, {(): total}, "total", domain)
            if kind == "counts"
            else Margin(names, {(): total / total_mass}, "mean", domain)
        )
    labels = [list(coded_variable(design, name).labels) for name in names]
    codes = [design.codes(name, known) for name, known in zip(names, labels, strict=True)]
    inside = np.all([code >= 0 for code in codes], axis=0) & (weights > 0)
    sizes = [len(known) for known in labels]
    joint = np.ravel_multi_index([code[inside] for code in codes], sizes)
    mass = group_totals(joint, weights[inside], int(np.prod(sizes)))
    if not mass.any():
        raise DataError(f"no respondent has an answer to {CROSSED.join(names)}", where=domain or None)
    if kind == "shares":
        mass = mass / mass.sum()
    places = zip(*np.unravel_index(np.flatnonzero(mass), sizes), strict=True)
    levels = {
        tuple(known[place] for known, place in zip(labels, level, strict=True)): float(value)
        for level, value in zip(places, mass[mass > 0], strict=True)
    }
    return Margin(names, levels, kind, domain)


def _variables(name: str) -> tuple[str, ...]:
    """Return the variables of a margin; blanks around the name of a single one may be part of it."""
    parts = name.split(CROSSED)
    return tuple(part.strip() for part in parts) if len(parts) > 1 else (name,)


def _margin(names: tuple[str, ...], levels: Levels, kind: TargetKind, domain: str) -> Margin:
    """Return a margin; if its only level is the word mean or total, it belongs to a numeric variable."""
    only = next(iter(levels), ())
    if kind == "total":
        return Margin(names, {(): levels[only]} if levels else {}, kind, domain)
    for word in NUMERIC:
        if len(levels) == 1 and only == (word,):
            return Margin(names, {(): levels[only]}, word, domain)
    return Margin(names, levels, kind, domain)


def _flat(levels: Mapping[Hashable, object], depth: int) -> Iterator[tuple[tuple[str, ...], object]]:
    """Walk nested levels to their targets."""
    for key, value in levels.items():
        parts = tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)
        if isinstance(value, Mapping):
            for below, target in _flat(value, depth - len(parts)):
                yield (*parts, *below), target
        else:
            if len(parts) == 1 and depth > 1:
                parts = tuple(parts[0].split(CROSSED))
            yield parts, value


def _entries(entry: Entry, depth: int) -> Iterator[tuple[tuple[str, ...], float]]:
    """Walk nested levels of a file to their targets."""
    for key, child in entry.children():
        if depth > 1 and isinstance(child.value, dict):
            for below, target in _entries(child, depth - 1):
                yield (str(key), *below), target
        else:
            yield (tuple(str(key).split(CROSSED)) if depth > 1 else (str(key),)), child.number()


def _levels(where: str, rows: Iterable[tuple[tuple[str, ...], object]], depth: int, faults: Faults) -> Levels:
    """Return the targets of a margin's levels as numbers; record levels and targets that can't be used.

    A level must name ``depth`` labels, one for each variable of the margin.
    """
    targets: Levels = {}
    for level, target in rows:
        shown = CROSSED.join(level)
        if level in targets:
            faults.add(f"the level {shown!r} has two targets", where=where)
        if len(level) != depth:
            faults.add(
                f"the level {shown!r} needs {depth} labels, nested or joined by {CROSSED!r}", where=where
            )
        try:
            targets[level] = float(target)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            faults.add(f"the target of {shown!r} is not a number, got {target!r}", where=where)
            targets[level] = 1.0
    return targets
