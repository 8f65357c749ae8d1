"""Cells that join several answers to one question: which sign joins them, and which answers there are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from trustkit.drafting.missing_words import RULING_OUT, reason_in
from trustkit.drafting.wordings import plain_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PLAIN_JOINTS = (";", "\n", "|", "\uff1b", "\u250b")
"""Joints that answers hardly ever hold themselves, also of Chinese platforms."""

JOINTS = (*PLAIN_JOINTS, "\u3001", "\uff0c", ",", " ")
"""What exports put between the answers of one cell, the least mistakable first."""

MOST_OPTIONS = 80
"""How many answers a question may have."""

LONGEST_OPTION = 120
"""Characters of the longest answer."""

FEWEST_TIMES = 2
"""How often an answer has to be given before it counts as one of the question's."""

LEAST_KNOWN = 0.8
"""The least share of all parts that are such answers; the rest may be typed."""

ALONE = 5
"""How often an answer has to be given, always alone, before it is taken to rule out the others."""

MOVED = 4
"""One option of this many has to stand at different places if all cells hold the same number of answers."""

SOME_HELD, MOSTLY_HELD = 0.1, 0.5
"""The least share of rows whose cells hold a plain joint, and another one, before they are doubted."""

LONGEST_NONE = 5
"""Words of the longest answer that says that none of the others is true."""

CODE = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
"""A name of an answer that holds no blank, as forms write them."""

TWO_CODES = re.compile(r"([1-9]\d?),([1-9]\d?)")
"""Two numbers of answers, or one number with a decimal comma."""


@dataclass(frozen=True)
class Joined:
    """How a column's cells join answers.

    Attributes
    ----------
    joint
        The sign between answers.
    options
        The answers, in the order in which they are first met.
    exclusive
        Those never given with another, by their words or by how often.
    unsure
        Why the cells may be read another way; "" if they hardly can.
    """

    joint: str
    options: tuple[str, ...]
    exclusive: tuple[str, ...]
    unsure: str


def find_joined(cells: Mapping[str, int], joints: Sequence[str] = JOINTS) -> Joined | None:
    """Find out whether cells join the answers of a question with several answers.

    Answers come back in different company: the words between the commas of open answers do not, and the parts
    of one answer that holds a comma always stand together. If all cells have the same number of parts, some
    answers must also come back at another place: a town never stands where its country does.

    Parameters
    ----------
    cells
        A column's different cells -> how many rows hold each.
    joints
        The signs to try, in this order.

    Returns
    -------
    Joined or None
        None if the cells hold one answer each.

    Examples
    --------
    >>> find_joined({"Email;Post": 5, "Email": 4, "Post": 3, "None of these": 6}).options
    ('Email', 'Post', 'None of these')
    >>> find_joined({"Better, faster service": 9, "Price": 8, "Price, Better, faster service": 2}).options
    ('Better, faster service', 'Price')
    >>> find_joined({"Paris, France": 9, "Lyon, France": 8, "Rome, Italy": 7}) is None
    True
    >>> find_joined({"Email;Post": 9, "Email;Visit": 8, "Post;Visit": 7}).options
    ('Email', 'Post', 'Visit')
    """
    for joint in _held(cells, joints):
        choices = _joined_by(cells, joint)
        if choices:
            return choices
    return None


def _held(cells: Mapping[str, int], joints: Sequence[str]) -> list[str]:
    """Return the signs that some cell holds: all cells are searched at once, as most columns hold none."""
    together = "\0".join(cells)
    return [joint for joint in joints if joint in together]


def _inside(cells: Iterable[str], joint: str) -> list[str]:
    """Return the cells that hold a sign between other characters."""
    return [cell for cell in cells if joint in cell and joint in cell.strip(joint + " ")]


def _joined_by(cells: Mapping[str, int], joint: str) -> Joined | None:
    if not _inside(cells, joint):
        return None
    pieces: dict[str, list[str]] = {}
    for cell in cells:
        pieces[cell] = parts = _pieces(cell, joint)
        if len(set(parts)) < len(parts):
            return None
    lists, merged = (pieces, []) if joint == " " else _merged(pieces, joint)
    sizes = {len(parts) for parts in lists.values() if parts}
    one_size = len(sizes) == 1 and len(lists) > 1
    times: Counter[str] = Counter()
    for cell, parts in lists.items():
        for part in parts:
            times[part] += cells[cell]
    options = [part for part in times if times[part] >= FEWEST_TIMES]
    if max(sizes, default=0) <= 1 or not _are_given_often(options, times, sum(cells.values())):
        return None
    company = _company(lists.values(), options)
    if not _are_mixed(options, company) or (one_size and not _change_places(options, lists.values())):
        return None
    alone = {part for part in options if () in company[part]}
    if joint == " " and (alone != set(options) or any(reason_in(cell)[0] for cell in cells)):
        return None
    exclusive = tuple(
        part for part in options if company[part] == {()} and (_rules_out(part) or times[part] >= ALONE)
    )
    unsure = _doubt(joint, merged, options, times)
    once = [part for parts in lists.values() if len(parts) == 1 for part in parts if _is_none_of_all(part)]
    lone = [part for part in once if part not in options]
    options, exclusive = [*options, *lone], (*exclusive, *lone)
    if len(lists) > 1 and len({frozenset(parts) for parts in lists.values()}) == 1:
        unsure = f"every cell holds the same {max(sizes)} answers in another order, so it may be a ranking"
    if one_size and joint not in PLAIN_JOINTS:
        unsure = unsure or f"every cell has {max(sizes)} parts, so each may be one answer"
    return Joined(joint, tuple(options), exclusive, unsure)


def may_be_joined(cells: Mapping[str, int]) -> str:
    """Return the sign at which cells that were treated as one answer each may still be parted; "" if at none.

    Some cells do not tell: if all respondents chose the same answers, or if an answer was never given alone.

    Parameters
    ----------
    cells
        A column's different cells -> how many rows hold each.

    Examples
    --------
    >>> may_be_joined({"Email;Post": 40}), may_be_joined({"tv radio": 9, "tv web": 8, "radio web": 7})
    (';', ' ')
    >>> may_be_joined({"tv radio": 40}), may_be_joined({"email, post": 40})
    (' ', ',')
    >>> may_be_joined({"Yes, always": 9, "No, never": 8}), may_be_joined({"1,2": 9, "1,4": 8, "2,3": 9})
    ('', ',')
    """
    together = "\0".join(cells)
    held = (joint for joint in JOINTS if joint in together)
    return next((joint for joint in held if _may_be_joined_by(cells, joint, together)), "")


def _may_be_joined_by(cells: Mapping[str, int], joint: str, together: str) -> bool:
    rows = sum(cells.values())
    least = (SOME_HELD if joint in PLAIN_JOINTS else MOSTLY_HELD) * rows
    parts = _parted(cells, joint, least, together)
    times: Counter[str] = Counter()
    for cell, found in parts.items():
        for part in found:
            times[part] += cells[cell]
    options = [part for part in times if times[part] >= FEWEST_TIMES]
    if not _are_given_often(options, times, rows):
        return False
    same = len(parts) == len(cells) and _are_of_one_list(parts.values())
    if joint == ",":
        if all(TWO_CODES.fullmatch(cell) for cell in cells):
            return all(int(first) < int(second) for first, second in parts.values())
        return any(re.search(r"[^\W\d]", part) for part in options) and not _go_on(parts, same)
    if joint == " ":
        mixed = _are_mixed(options, _company(parts.values(), options))
        changed = mixed and _change_places(options, parts.values())
        return changed or (same and not any(reason_in(cell)[0] for cell in cells))
    return True


def _parted(cells: Mapping[str, int], joint: str, least: float, together: str) -> dict[str, list[str]]:
    """Return the parts of the cells that have several; nothing if too few rows hold them.

    Blanks join nothing but codes: nothing is returned if one part of a cell is none. Nor is anything
    where the first cells show that the parts are no answers of a list.
    """
    if joint == " " and not _are_codes(_pieces(next(iter(cells), ""), joint)):
        return {}
    if _differ_too_often(cells, joint, together.count(joint)):
        return {}
    likely = _inside(cells, joint)
    if not likely or sum(cells[cell] for cell in likely) < least:
        return {}
    parts = {}
    for cell in likely:
        found = _pieces(cell, joint)
        if len(found) > 1:
            if joint == " " and not _are_codes(found):
                return {}
            parts[cell] = found
    return parts if sum(cells[cell] for cell in parts) >= least else {}


def _differ_too_often(cells: Mapping[str, int], joint: str, joints: int) -> bool:
    """Return whether so many parts of the first cells differ that `_are_given_often` can't hold for all.

    Of all parts, those given once are too many then, even if all other cells held nothing but known
    answers. So open answers are not parted to their end, which would take most of a draft's time.
    """
    most_parts = joints + len(cells)
    most_different = MOST_OPTIONS + (1 - LEAST_KNOWN) * max(cells.values()) * most_parts + 1
    if most_different >= most_parts:
        return False
    first = islice(cells, int(1.1 * most_different * len(cells) / most_parts) + 1)
    several = _inside(first, joint)
    if not (text := joint.join(several)).isprintable():  # blanks of other kinds may hold nothing between
        text = joint.join(cell for cell in several if cell.isprintable())
    return len(set(_pieces(text, joint))) > most_different


def _are_codes(parts: Sequence[str]) -> bool:
    """Return whether a cell is one answer, or every part of it is a name that holds no blank."""
    return len(parts) <= 1 or all(CODE.fullmatch(part) for part in parts)


def _are_given_often(options: Sequence[str], times: Counter[str], rows: int) -> bool:
    """Return whether parts of cells may be answers of a list: few, short, and most of all that was given."""
    return (
        1 < len(options) <= MOST_OPTIONS
        and len(options) < rows
        and max(map(len, options)) <= LONGEST_OPTION
        and sum(times[part] for part in options) >= LEAST_KNOWN * times.total()
    )


def _are_mixed(options: Sequence[str], company: Mapping[str, set[tuple[str, ...]]]) -> bool:
    """Return whether answers come back in different company."""
    together = [part for part in options if any(company[part])]
    mixed = [part for part in together if len(company[part]) > 1]
    return len(together) > 1 and len(mixed) >= max(2, len(together) / 2)


def _are_of_one_list(lists: Iterable[Sequence[str]]) -> bool:
    """Return whether the longest list holds all others: respondents chose the same, or some of the same."""
    longest, *others = sorted(lists, key=len, reverse=True)
    return all(set(longest) >= set(parts) for parts in others)


def _go_on(parts: Mapping[str, Sequence[str]], same: bool) -> bool:  # noqa: FBT001
    """Return whether commas stand in sentences, which go on in small letters after a blank, or in numbers.

    The letters tell nothing if all cells hold the ``same`` parts, which may be what everybody chose.
    """
    later = [part for found in parts.values() for part in found[1:]]
    spaced = any(", " in cell for cell in parts)
    return any(
        re.match(r"\d{3}(?!\d)", part) or (spaced and not same and part[0].islower()) for part in later
    )


def _change_places(options: Sequence[str], lists: Iterable[Sequence[str]]) -> bool:
    """Return whether some answers stand first in one cell and later in another."""
    places: dict[str, set[int]] = {part: set() for part in options}
    for parts in lists:
        for place, part in enumerate(parts):
            places.get(part, set()).add(place)
    return sum(len(found) > 1 for found in places.values()) >= max(1, len(options) / MOVED)


def _company(lists: Iterable[Sequence[str]], options: Iterable[str]) -> dict[str, set[tuple[str, ...]]]:
    """Return what each answer was given with: alone, and with at most two different sets of others."""
    company: dict[str, set[tuple[str, ...]]] = {part: set() for part in options}
    for parts in lists:
        for part in parts:
            known = company.get(part)
            if known is None or (len(parts) > 1 and len(known) - (() in known) > 1):
                continue
            known.add(tuple(other for other in parts if other != part))
    return company


def _pieces(cell: str, joint: str) -> list[str]:
    if joint.isspace():
        return [piece for piece in (" ".join(part.split()) for part in cell.split(joint)) if piece]
    if "  " in cell or not cell.isprintable():  # only then can blanks have to be made alike
        cell = " ".join(cell.split())
    return [piece for piece in map(str.strip, cell.split(joint)) if piece]


def _merged(lists: Mapping[str, list[str]], joint: str) -> tuple[dict[str, list[str]], list[str]]:
    """Join again what always stands together in one order: the parts of one answer that holds the joint."""
    single = Counter(part for parts in lists.values() for part in parts)
    pairs = Counter(pair for parts in lists.values() for pair in pairwise(parts))
    after = {one: other for (one, other), count in pairs.items() if count == single[one] == single[other]}
    if not after:
        return dict(lists), []
    glue = joint if joint == "\n" else f"{joint} "
    begun = set(after.values())
    merged: dict[str, str] = {}
    for part in dict.fromkeys(part for parts in lists.values() for part in parts):
        if part in after and part not in begun:
            chain = [part]
            while chain[-1] in after:
                chain.append(after[chain[-1]])
            merged[part] = glue.join(chain)
    rejoined = {
        cell: [merged.get(part, part) for part in parts if part not in begun] for cell, parts in lists.items()
    }
    return rejoined, list(merged.values())


def _is_none_of_all(part: str) -> bool:
    """Return whether an answer that stands alone says that none of the others is true, and no more.

    It is one of the list though one respondent alone gave it; a longer text may be an open answer.
    """
    words = plain_words(part)
    if len(words.split()) > LONGEST_NONE:
        return False
    return bool(RULING_OUT.match(words)) or reason_in(part)[1]


def _rules_out(part: str) -> bool:
    words: re.Match[str] | None = RULING_OUT.search(plain_words(part))
    return bool(words) or reason_in(part)[0] is not None


def _doubt(joint: str, merged: Sequence[str], options: Sequence[str], times: Counter[str]) -> str:
    """Return why the cells may be read in another way."""
    kept = [text for text in merged if text in options]
    if kept:
        return f"{kept[0]!r} holds the sign {joint!r} itself, or is two answers that always stand together"
    if joint == " ":
        return "the words of a cell may be one answer"
    typed = [part for part in times if part not in options]
    if joint not in PLAIN_JOINTS and typed:
        return f"{typed[0]!r} was given once: an answer, part of one, or typed"
    return ""
