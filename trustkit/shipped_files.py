"""Files that a wheel takes from other folders of the project: example data, the pages of the method.

They stand in the project once, where people look for them (``data/raw``, ``docs``), and in a wheel inside the
package (``[tool.setuptools.package-dir]`` in ``pyproject.toml`` puts them there).
"""

from __future__ import annotations

from pathlib import Path

SHIPPED = {
    "data/raw/app_tracking": "datasets/app_tracking",
    "data/raw/consumer_trust": "datasets/consumer_trust",
    "docs": "reporting/docs",
}
"""A folder of the project -> its place in an installed package."""


def shipped(folder: str) -> Path:
    """Return where a folder of `SHIPPED` is: in the installed package, or in the project's own checkout.

    Examples
    --------
    >>> (shipped("data/raw/consumer_trust") / "codebook.yaml").is_file()
    True
    """
    package = Path(__file__).parent
    installed = package / SHIPPED[folder]
    return installed if installed.is_dir() else package.parent / folder
