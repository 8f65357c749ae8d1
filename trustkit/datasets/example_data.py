"""The example data that come with the package: synthetic, each with its codebook and claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.arguments import TEXT, accepts
from trustkit.errors import DataError, suggest
from trustkit.shipped_files import shipped

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = ("consumer_trust", "app_tracking")
"""The names of the example data sets."""


def example_folder(name: str) -> Path:
    """Return the folder of an example data set, wherever the package is installed.

    Parameters
    ----------
    name
        ``consumer_trust``: a synthetic consumer survey (``responses.csv``) with codebook, targets and claims.
        ``app_tracking``: a synthetic table of devices (``devices.csv``) with codebook, claims and
        published opt-in rates.

    Returns
    -------
    Path
        The folder with the files named above. They are read-only example data: copy them to change them.

    Raises
    ------
    DataError
        If there is no example data set of this name.

    Notes
    -----
    Both data sets are made by a seeded generator (``trustkit.datasets.synthetic``). Nobody answered; results
    made from them say that they are synthetic.

    Examples
    --------
    >>> import trustkit as tk
    >>> raw = tk.example_folder("consumer_trust")
    >>> tk.read(raw / "responses.csv", codebook=raw / "codebook.yaml").codebook.data
    'synthetic'
    """
    accepts(name=(name, TEXT))
    if name not in EXAMPLES:
        raise DataError(
            f"there is no example data set named {name!r}",
            where="example_folder",
            got=repr(name),
            expected=" or ".join(repr(example) for example in EXAMPLES),
            do=suggest(name, EXAMPLES),
        )
    return shipped(f"data/raw/{name}")
