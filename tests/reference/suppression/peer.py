"""Protect tables with pytauargus: the cells that it hides, and what they cost.

Run in an environment of its own, which needs nothing but pytauargus: ``python peer.py``. It reads
``tables.json`` and writes ``output.json`` and ``versions.txt``. Each respondent is a row with a response of
one; FREQ(10,100) marks cells of fewer than ten, OPT hides cells at least cost.
"""

import json
import tempfile
from contextlib import chdir
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from pytauargus import protect

HERE = Path(__file__).resolve().parent


def hidden(counts):
    """Return the row, column and count of each cell that the program hides."""
    rows = [(f"r{i}", f"c{j}") for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]
    micro = {"row": [r for r, _ in rows], "column": [c for _, c in rows], "one": [1.0] * len(rows)}
    with tempfile.TemporaryDirectory() as folder, chdir(folder):  # it writes logs where it runs
        found = protect(
            micro,
            ["row", "column"],
            response="one",
            safety_rules="FREQ(10,100)",
            suppress="OPT(1)",
            workdir=folder,
        ).tables[0]
        return [
            [cell["row"], cell["column"], cell["freq"]]
            for cell, shown in zip(found.rows, found.safe(), strict=True)
            if shown == "x"
        ]


if __name__ == "__main__":
    tables = json.loads((HERE / "tables.json").read_text(encoding="utf-8"))
    output = {"hidden": [hidden(table) for table in tables]}
    (HERE / "output.json").write_text(json.dumps(output) + "\n", encoding="utf-8")
    names = f"python {python_version()}\npytauargus {version('pytauargus')}\n"
    (HERE / "versions.txt").write_text(names, encoding="utf-8")
