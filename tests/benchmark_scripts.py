"""The scripts of `benchmarks`, loaded as modules."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


def script(name):
    """Return a script as a module, which finds the modules beside it as if it ran alone."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))


def committed(name):
    """Return the path of a script's committed results."""
    return FOLDER / f"{name}.csv"
