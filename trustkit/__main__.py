"""The command line as ``python -m trustkit``."""

from __future__ import annotations

from trustkit.cli import main

if __name__ == "__main__":
    main()
