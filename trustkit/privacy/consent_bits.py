"""Rows of bits in consent strings: numbers, letters, times, fields of bits, ranges, Fibonacci numbers.

A string is base64 of a row of bits without a length, so that only the fields themselves tell where it ends.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from trustkit.errors import DataError

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Base64 for addresses: the place of a character is its value."""

VALUES = {character: value for value, character in enumerate(ALPHABET)}
CHARACTER_BITS = 6

MOST_SPARE = 23
"""The most bits after the last field: encoders fill up to a multiple of 6, 8 or 24 bits."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LONGEST_FIBONACCI, LARGEST_FIBONACCI = 24, 1_000
"""The most bits of a Fibonacci number, and the largest number that they write; sections have low numbers."""


class ConsentBits:
    """The bits of a segment, read from the left.

    Parameters
    ----------
    text
        The segment: base64 for addresses.
    segment
        What it is called in messages.
    called
        What kind of string it is of.
    first
        The name of its first field.
    """

    def __init__(self, text: str, segment: str, called: str, first: str = "version") -> None:
        self.segment, self.called, self.place, self.name = segment, called, 0, first
        self.size = CHARACTER_BITS * len(text)
        wrong = re.search(r"[^A-Za-z0-9_-]", text)
        if wrong:
            self.place = CHARACTER_BITS * wrong.start()
            self.refuse(f"the {self.called} holds a character that is not base64", "letters, digits, - and _")
        self.value = int("".join(f"{VALUES[character]:06b}" for character in text) or "0", 2)

    def refuse(self, what: str, expected: str, *, got: str | None = None, back: int = 0) -> NoReturn:
        """Raise the error of this place, or of some bits before it."""
        raise DataError(
            what, where=f"{self.segment}, {self.name}, bit {self.place - back}", got=got, expected=expected,
            do="take the whole string from its source",
        )  # fmt: skip

    def number(self, name: str, width: int) -> int:
        """Read a whole number."""
        self.name = name
        if self.place + width > self.size:
            self.place, needed = self.size, self.place + width
            self.refuse(
                f"the {self.called} ends inside a field", f"at least {needed} bits",
                got=f"a segment of {self.size} bits",
            )  # fmt: skip
        self.place += width
        return (self.value >> (self.size - self.place)) & ((1 << width) - 1)

    def is_on(self, name: str) -> bool:
        """Read one bit."""
        return bool(self.number(name, 1))

    def chosen(self, name: str, width: int) -> tuple[int, ...]:
        """Read a field of bits: the places of those that are on, from 1."""
        written = f"{self.number(name, width):0{width}b}" if width else ""
        return tuple(bit.start() + 1 for bit in re.finditer("1", written))

    def letters(self, name: str) -> str:
        """Read two letters."""
        both = [self.number(name, CHARACTER_BITS) for _ in range(2)]
        if max(both) > ord("Z") - ord("A"):
            self.refuse(f"the {self.called} has a code that is not two letters", "letters A to Z", back=12)
        return "".join(chr(ord("A") + one) for one in both)

    def time(self, name: str) -> datetime:
        """Read a time: tenths of a second since the start of 1970."""
        return EPOCH + timedelta(milliseconds=100 * self.number(name, 36))

    def vendors(self, name: str) -> tuple[int, ...]:
        """Read vendors, as a field of bits or as ranges."""
        largest = self.number(name, 16)
        if not self.is_on(name):
            return self.chosen(name, largest)
        return self.ranges(name, largest)

    def ranges(self, name: str, largest: int) -> tuple[int, ...]:
        """Read ranges of vendors, of which none goes beyond the largest."""
        chosen = 0
        for _ in range(self.number(name, 12)):
            is_range = self.is_on(name)
            first = self.number(name, 16)
            last = self.number(name, 16) if is_range else first
            if not 1 <= first <= last <= largest:
                self.refuse(
                    f"the {self.called} has an invalid range of vendors", f"vendors from 1 to {largest}",
                    got=f"{first} to {last}", back=32 if is_range else 16,
                )  # fmt: skip
            chosen |= ((1 << (last - first + 1)) - 1) << first
        return tuple(bit.start() for bit in re.finditer("1", f"{chosen:b}"[::-1]))

    def end(self) -> None:
        """Refuse bits after the last field, except zeros that fill up the last characters."""
        spare = self.size - self.place
        if spare > MOST_SPARE or (spare and self.value & ((1 << spare) - 1)):
            self.name = "end"
            self.refuse(
                f"the {self.called} goes on after its last field", f"at most {MOST_SPARE} bits of zeros",
                got=f"{spare} bits",
            )  # fmt: skip

    def fibonacci(self, name: str) -> int:
        """Read a number from 1 on as a sum of Fibonacci numbers, which ends with two bits that are on."""
        self.name = name
        total, numbers, was_on = 0, (1, 2), False
        start = self.place
        while True:
            is_on = self.is_on(name)
            if is_on and was_on:
                return total
            if self.place - start > LONGEST_FIBONACCI:
                self.refuse(f"the {self.called} has a number that does not end", "two bits that are on")
            total += numbers[0] * is_on
            numbers, was_on = (numbers[1], sum(numbers)), is_on

    def fibonacci_ranges(self, name: str) -> tuple[int, ...]:
        """Read rising numbers, alone or in ranges, each as its distance from the one before."""
        chosen: list[int] = []
        last = 0
        for _ in range(self.number(name, 12)):
            is_range = self.is_on(name)
            first = last + self.fibonacci(name)
            last = first + self.fibonacci(name) if is_range else first
            if last > LARGEST_FIBONACCI:
                self.refuse(
                    f"the {self.called} has a number that is too large", f"numbers up to {LARGEST_FIBONACCI}"
                )
            chosen += range(first, last + 1)
        return tuple(chosen)
