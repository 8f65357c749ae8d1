"""What the names and wordings of neighbouring columns share at their start."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

APART = r"_.\-\[(/:\uff1a\uff08\uff3b\uff0f"
"""Signs between the name of a question and that of its item, besides spaces; the last four are full-width."""

STEM = re.compile(rf"(.*[^\s\d{APART}]\d*)[\s{APART}]+.*$|(.*[^\s\d{APART}])\d*$", re.DOTALL)
TAIL = re.compile(rf"[\s{APART}]|\d+$|[a-z]$")
"""How a stem ends, with a letter of any script or the end of a sentence, and what follows it in the names."""


def common_stem(names: Sequence[str]) -> str:
    """Return what names share at their start, up to a separator or a number; "" if that is no name."""
    stem = stem_of(shared_start(names))
    return stem if stem and are_numbered(names, stem) else ""


def shared_start(names: Sequence[str]) -> str:
    """Return the letters with which all names start."""
    return "".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, zip(*names, strict=False)))


def stem_of(start: str) -> str:
    """Return the name in what names share at their start: without a separator or number at its end."""
    cut = STEM.match(start)
    return next((part for part in (cut.groups() if cut else ()) if part), "")


def are_numbered(names: Sequence[str], stem: str) -> bool:
    """Return whether a separator, a number or a letter follows the stem in all names."""
    return all(TAIL.match(name[len(stem) :]) for name in names)


def shared_words(labels: Sequence[str]) -> str:
    """Return the words that wordings share at their start, without what joins them to the rest; or "".

    Words behind a dash belong to the items, even if all items begin with them.

    Examples
    --------
    >>> shared_words(["Do you agree? - Brands ask first", "Do you agree? - Brands keep data safe"])
    'Do you agree?'
    >>> shared_words(["How much do you trust banks", "How much do you trust shops"])
    'How much do you trust'
    """
    words = zip(*(label.split(" ") for label in labels), strict=False)
    shared = " ".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, words))
    if " " not in shared:
        return ""
    cut = shared.rstrip(" -:|[(")
    question = cut.rpartition(" - ")[0] if cut == shared else ""
    return question if " " in question else cut
