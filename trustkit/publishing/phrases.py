"""Many phrases looked for in a text at once, in time linear in the text, whatever their number.

A phrase is a run of words. Words of the text are replaced by their numbers among the phrases' words; the run
of numbers from each word on is hashed for all words together, and the hashes are looked up in a sorted list.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Letters of scripts that put no spaces between words, or put words of grammar to a name without one: Thai,
Burmese, Khmer, Japanese, Chinese, Korean."""

WORD = re.compile(rf"(?=[^\W_])(?:[{UNSPACED}]|[^\W_{UNSPACED}]+)")
"""A word: letters and digits; in scripts without spaces each letter is one."""

ONE_LETTER = re.compile(f"[{UNSPACED}]")

UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Characters without a shape, which may stand in the middle of a word."""

LONGEST = 16
"""How many words of a phrase are looked for; the first ones of a longer phrase."""

RUN = 8
"""How many words of an open answer are looked for as one; of scripts without spaces, `LONGEST` letters."""

FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""What the number of a word is multiplied by, so that close numbers have distant hashes."""


def composed(text: str) -> str:
    """Return a text in which each character is written in one way, without those that have no shape.

    Examples
    --------
    >>> composed("Zoe\u0308 \uff22row\u00adn") == "Zo\u00eb Brown"
    True
    """
    return text if text.isascii() else unicodedata.normalize("NFKC", UNSEEN.sub("", text))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as phrases have them, whatever their case.

    Examples
    --------
    >>> words_of("Ann.Brown@Example.org")
    ('ann', 'brown', 'example', 'org')
    """
    text = composed(text)
    small = text.casefold()
    if len(small) == len(text):
        return tuple(WORD.findall(small))
    return tuple(word.casefold() for word in WORD.findall(text))  # as many as WORD finds in the text


def run_length(words: Sequence[str]) -> int:
    """Return how many of some words are looked for as a run.

    Examples
    --------
    >>> run_length(["we", "trust", "banks"]), run_length(list("\u6211\u4eec\u4fe1\u4efb"))
    (8, 16)
    """
    letters = sum(ONE_LETTER.fullmatch(word) is not None for word in words)
    return LONGEST if letters * 2 > len(words) else RUN


class Phrases:
    """Phrases to look for, each with what it is.

    Parameters
    ----------
    phrases
        The words of each phrase, as `words_of` returns them -> what it is. One without words is left out.

    Examples
    --------
    >>> phrases = Phrases({("ann", "brown"): "a name", ("p4711",): "an id"})
    >>> list(phrases.find(words_of("To Ann Brown, (P4711)")))
    [(1, 2, 'a name'), (3, 1, 'an id')]
    """

    def __init__(self, phrases: Mapping[tuple[str, ...], str]) -> None:
        self._what = {words[:LONGEST]: what for words, what in phrases.items() if words}
        self._numbers: dict[str, int] = {}
        for words in self._what:
            for word in words:
                self._numbers.setdefault(word, len(self._numbers) + 1)
        by_length: dict[int, list[tuple[str, ...]]] = {}
        for words in self._what:
            by_length.setdefault(len(words), []).append(words)
        self._hashes = {
            length: np.unique(_hashes(np.array([self._numbered(words) for words in group], np.uint64)))
            for length, group in sorted(by_length.items())
        }

    def __len__(self) -> int:
        return len(self._what)

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """Iterate over where phrases stand: the place of the first word, the number of words, what it is.

        Parameters
        ----------
        words
            The words of a text, as `words_of` returns them.
        """
        numbers = np.fromiter((self._numbers.get(word, 0) for word in words), np.uint64, len(words))
        known = np.flatnonzero(numbers)
        if not len(known):
            return
        ends = np.append(np.flatnonzero(np.diff(known) > 1), len(known) - 1)
        last = known[ends[np.searchsorted(ends, np.arange(len(known)))]]  # of each known word's run
        runs = last - known + 1
        found: list[tuple[int, int, str]] = []
        for length, hashes in self._hashes.items():
            starts = known[runs >= length]
            if len(starts):
                looked = _hashes(numbers[starts[:, None] + np.arange(length)])
                at = np.minimum(np.searchsorted(hashes, looked), len(hashes) - 1)
                for start in starts[hashes[at] == looked].tolist():
                    what = self._what.get(tuple(words[start : start + length]))
                    if what is not None:  # another phrase with the same hash is not looked for
                        found.append((start, length, what))
        yield from sorted(found)

    def without(self, texts: Iterable[str]) -> frozenset[tuple[str, ...]]:
        """Return the phrases that do not stand in any of some texts."""
        seen: set[tuple[str, ...]] = set()
        for text in texts:
            words = words_of(text)
            seen.update(words[start : start + length] for start, length, _ in self.find(words))
        return frozenset(self._what.keys() - seen)

    def _numbered(self, words: tuple[str, ...]) -> list[int]:
        return [self._numbers[word] for word in words]


def _hashes(numbers: Hashes) -> Hashes:
    """Return a hash of each row of numbers."""
    hashes = np.zeros(len(numbers), np.uint64)
    for column in numbers.T:
        mixed = column * FACTOR
        hashes = (hashes * np.uint64(1_000_003)) ^ (mixed ^ (mixed >> np.uint64(29)))
    return hashes
