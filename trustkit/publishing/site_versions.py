"""Two versions of a site: what the counts of both tell of a few respondents, whom only one of them counts.

Whoever kept the site that was published before can subtract. The ledgers of both sites say which respondents
each published count is about; counts of the same respondents, or of respondents of whom some are inside the
others, are compared.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustkit.errors import ReportError
from trustkit.ledger import PUBLISHED_COUNTS, counted_from_json
from trustkit.publishing.small_counts import group_place, is_small
from trustkit.survey.protection import PROTECTION
from trustkit.tables.placed_cells import CONDITION, is_inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from trustkit.counted import Counted
    from trustkit.tables.placed_cells import Key

    Pages = Mapping[str, Sequence[Counted]]

DIFFERENT = "a count that differs by fewer than {} respondents from the site published before: {}"
RENAMED = "a count that differs by fewer than {} respondents from a group with another name before: {}"
FOLLOWS = "a count of fewer than {} respondents that follows from this site and the one before: {}"

WITHDRAW = (
    "Some counts differ by few respondents from the site published before.",
    "Whoever has both sites learns what these respondents answered.",
    "Withdraw the old site: do not leave it beside the new one.",
    "Then publish without --against. Or leave these counts out of the new site.",
)
"""What to do about differences."""

BASE_OF = "base of "
"""How a condition begins that the respondents of a base meet: that they answered, whatever they answered."""


@dataclass(frozen=True)
class _Count:
    """A published count, and in words where it is published."""

    value: int
    words: str


@dataclass(frozen=True, eq=False)
class _Version:
    """What a site publishes: the counts of each set of respondents, and all answers and groups it knows."""

    counts: dict[Key, list[_Count]] = field(default_factory=lambda: defaultdict(list))
    levels: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, page: str, table: Counted) -> None:
        """Add the counts of a table."""
        where = (
            {CONDITION: (f"of page {page}",)}
            if table.where is None
            else {name: tuple(sorted(levels)) for name, levels in table.where}
        )
        for name, levels in (*where.items(), (table.variable, table.answers)):
            self.levels[name].update(levels)
        for number, group in enumerate(table.groups):
            by = dict(zip(table.by, group, strict=True))
            for name, level in by.items():
                self.levels[name].add(level)
            context = {**where, **{name: (level,) for name, level in by.items()}}
            context.pop(table.variable, None)
            rest = tuple(context.items())
            place = _place(page, table, group)
            for answers, value in _known_counts(table, number).items():
                words = " or ".join(map(repr, answers))
                self._put((*rest, (table.variable, answers)), value, f"{words} of {place}")
            base = int(table.bases[number])
            self._put((*rest, (table.variable, tuple(sorted(table.answers)))), base, f"base of {place}")
            self._put((*rest, _answered(table.variable)), base, f"base of {place}")

    def _put(self, conditions: Key, value: int, words: str) -> None:
        if value >= 0:
            self.counts[tuple(sorted(conditions))].append(_Count(value, words))


def site_differences(old: Path, new: Path, fewest: int = PROTECTION.threshold) -> list[tuple[str, str]]:
    """Return what two versions of a site tell of fewer than 10 respondents: place, and what.

    Parameters
    ----------
    old, new
        The folders of the sites, each with its ledger of published counts.
    fewest
        The smallest difference that is published.

    Raises
    ------
    ReportError
        If a site has no ledger, or one that cannot be read.
    """
    return version_differences(_published_pages(old), _published_pages(new), fewest)


def version_differences(old: Pages, new: Pages, fewest: int = PROTECTION.threshold) -> list[tuple[str, str]]:
    """Return what the counts of two versions tell of fewer than 10 respondents: place, and what.

    Four things are compared: counts of the same respondents; counts of respondents of whom one version
    counts some and the other all, by the conditions on them; counts of groups or answers that have another
    name in the other version, if the data have not grown; and what is left of a group if the answers of
    both versions are taken from it, where both have the same data.

    Parameters
    ----------
    old, new
        For each page, the counts that it publishes; -1 where a count is not published.
    fewest
        The smallest difference that is published.

    Examples
    --------
    >>> import numpy as np
    >>> from trustkit.counted import Counted
    >>> def page(*counts):
    ...     return {"trust": [Counted("trust", ("no", "yes"), (), ((),), (), np.array([counts]))]}
    >>> [place for place, _ in version_differences(page(40, 60), page(40, 59))]
    ["'yes' of trust, page trust", 'base of trust, page trust']
    >>> version_differences(page(40, 60), page(240, 360))
    []
    """
    before, now = _version(old), _version(new)
    found: dict[tuple[str, str], None] = {}
    for own, other in _same_pairs(before, now):
        if is_small(abs(own.value - other.value), fewest):
            found[own.words, DIFFERENT.format(fewest, other.words)] = None
    for key, other_key in _near_pairs(before, now, fewest):
        form = DIFFERENT if is_inside(key, other_key) or is_inside(other_key, key) else RENAMED
        if form == DIFFERENT or _is_renamed(key, other_key, before, now, fewest):
            for own in now.counts[key]:
                for other in before.counts[other_key]:
                    if is_small(abs(own.value - other.value), fewest):
                        found[own.words, form.format(fewest, other.words)] = None
    found.update(dict.fromkeys(_left_over(before, now, fewest)))
    return list(found)


def _version(pages: Pages) -> _Version:
    """Return what a site publishes."""
    version = _Version()
    for page, tables in pages.items():
        for table in tables:
            version.add(page, table)
    return version


def _known_counts(table: Counted, group: int) -> dict[tuple[str, ...], int]:
    """Return the published counts of a group: those of answers, and those of several answers together."""
    known: dict[tuple[str, ...], int] = {
        tuple(sorted(one.answers)): one.count
        for one in table.shown
        if one.group == group and len(one.answers) > 1
    }
    for answer, count in zip(table.answers, table.counts[group], strict=True):
        known[(answer,)] = int(count)
    return known


def _place(page: str, table: Counted, group: Sequence[str]) -> str:
    """Return in words which group of which page is meant."""
    condition = "some respondents" if table.where is None else ""
    return ", ".join(filter(None, (group_place(table, group), condition, f"page {page}" if page else "")))


def _answered(variable: str) -> tuple[str, tuple[str, ...]]:
    return (f"{BASE_OF}{variable}", ("any answer",))


def _same_pairs(before: _Version, now: _Version) -> Iterator[tuple[_Count, _Count]]:
    """Iterate over the counts of the same respondents in both versions that are not equal.

    A key may have several counts: of data sets whose questions have the same names.
    """
    for key, counts in now.counts.items():
        left = list(before.counts.get(key, ()))
        unmatched = []
        for one in counts:
            equal = next((other for other in left if other.value == one.value), None)
            if equal is None:
                unmatched.append(one)
            else:
                left.remove(equal)
        if len(left) == len(unmatched):
            yield from zip(unmatched, left, strict=True)
        else:
            known = {other.value for other in before.counts.get(key, ())}
            for one in unmatched:
                if one.value not in known:
                    yield from ((one, other) for other in before.counts.get(key, ()))


def _near_pairs(before: _Version, now: _Version, fewest: int) -> Iterator[tuple[Key, Key]]:
    """Iterate over sets of respondents that only one version counts, and that differ by few respondents.

    Where a version counts both sets, it was protected against their difference.
    """
    old_of: dict[frozenset[str], list[tuple[int, Key]]] = defaultdict(list)
    for key, counts in before.counts.items():
        if key not in now.counts:
            old_of[frozenset(name for name, _ in key)] += [(one.value, key) for one in counts]
    for family in old_of.values():
        family.sort()
    for key, counts in now.counts.items():
        if key in before.counts:
            continue
        names = frozenset(name for name, _ in key)
        for others in [own for other, own in old_of.items() if names <= other or other <= names]:
            for one in counts:
                first = bisect_right(others, one.value - fewest, key=lambda pair: pair[0])
                end = bisect_left(others, one.value + fewest, key=lambda pair: pair[0])
                yield from ((key, other) for _, other in others[first:end])


def _is_renamed(key: Key, other: Key, before: _Version, now: _Version, fewest: int) -> bool:
    """Return whether two sets may be the same but for one name that each version alone has.

    They are not, if the group that both are part of has many more or fewer respondents in one version.
    """
    own, whole = dict(key), dict(other)
    differing = [name for name in own if own[name] != whole.get(name)]
    if own.keys() != whole.keys() or len(differing) != 1:
        return False
    (name,) = differing
    if set(own[name]) & before.levels[name] or set(whole[name]) & now.levels[name]:
        return False
    rest = [part for part in key if part[0] != name]
    for around in (tuple(rest), tuple(sorted((*rest, _answered(name))))):
        old, new = before.counts.get(around), now.counts.get(around)
        if old and new:
            return any(abs(one.value - two.value) < fewest for one in old for two in new)
    return True


def _left_over(before: _Version, now: _Version, fewest: int) -> Iterator[tuple[str, str]]:
    """Iterate over what is left of a group after the parts that either version publishes, if it is small."""
    families: dict[tuple[Key, str], set[Key]] = defaultdict(set)
    wholes: dict[tuple[Key, str], set[Key]] = defaultdict(set)
    every = {**before.counts, **now.counts}
    for key in every:
        for name, levels in key:
            rest = tuple(part for part in key if part[0] != name)
            (families if len(levels) == 1 else wholes)[rest, name].add(key)
    for (rest, name), parts in families.items():
        wide = sorted(wholes.get((rest, name), ()))
        for whole, beside in [(whole, part) for whole in (rest, *wide) for part in (None, *wide)]:
            if beside is not None and (beside == whole or not is_inside(beside, whole)):
                continue
            inside = [part for part in sorted(parts) if is_inside(part, whole)]
            if beside is not None:
                inside = [beside, *(part for part in inside if not is_inside(part, beside))]
            if whole not in every or not _are_alike((whole, *inside), before, now):
                continue
            alone = [_rest(whole, inside, version.counts) for version in (before, now)]
            together = _rest(whole, inside, every)
            if together is not None and is_small(together, fewest) and together not in alone:
                here = next(key for key in (whole, *inside) if key in now.counts)
                there = next(key for key in (whole, *inside) if key not in now.counts)
                yield now.counts[here][0].words, FOLLOWS.format(fewest, before.counts[there][0].words)


def _are_alike(keys: Sequence[Key], before: _Version, now: _Version) -> bool:
    """Return whether two versions have at least one of some sets in common, and all of these are equal."""
    common = [key for key in keys if key in before.counts and key in now.counts]
    return bool(common) and all(
        {one.value for one in before.counts[key]} == {one.value for one in now.counts[key]} for key in common
    )


def _rest(whole: Key, parts: Sequence[Key], counts: Mapping[Key, Sequence[_Count]]) -> int | None:
    """Return how many respondents of a group are in none of its parts, if that is known."""
    if whole not in counts:
        return None
    return counts[whole][0].value - sum(counts[part][0].value for part in parts if part in counts)


def _published_pages(site: Path) -> dict[str, list[Counted]]:
    """Return the ledger of a site, page by page; that of a single result is a page without a name."""
    path = site / PUBLISHED_COUNTS
    if not path.is_file():
        raise ReportError(
            "the site has no ledger of its counts, so that it cannot be compared",
            where=path.as_posix(),
            do="make the site again with this version of trustkit: trustkit report",
        )
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise ReportError(
            "the ledger of a site is not JSON",
            where=path.as_posix(),
            do="make the site again: trustkit report",
        ) from fault
    pages = ledger.get("pages") if isinstance(ledger, dict) else None
    if not isinstance(pages, dict):
        return {"": counted_from_json(ledger)}
    version = ledger.get("version")
    return {
        str(page): counted_from_json({"version": version, "tables": tables}) for page, tables in pages.items()
    }
