"""A minimal writer of portable SPSS files, whose dictionary and rows are given byte by byte."""

from __future__ import annotations


def portable(dictionary, rows):
    """Return a portable file, byte by byte as the format's description has it."""
    signs = b"0" * 64 + b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ."
    text = (
        b"ASCII SPSS PORT FILE".ljust(200) + signs.ljust(256, b"0") + b"SPSSPORT" + dictionary + b"F" + rows
    )
    text += b"Z" * (80 - len(text) % 80)
    return b"".join(text[at : at + 80] + b"\n" for at in range(0, len(text), 80))


LABELLED = (
    b"A8/202603026/12000017/program43/55/62/id"
    b"70/2/id5/8/0/5/8/0/C6/Person"
    b"73/5/words1/3/0/1/3/0/81/x"
    b"70/3/abc5/8/0/5/8/0/89/B1/3/9-4/A1K/"
    b"D1/2/id2/1/3/one-2/3/twoD1/5/words1/1/a5/AlphaE2/4/note5/lines"
)  # fmt: skip
