"""Write the file that R reads: run as ``python make_sav.py`` in this folder, with ``tests`` on the path."""

from __future__ import annotations

import tempfile
from pathlib import Path

import survey_files

from trustkit.files.read import read
from trustkit.files.write import write

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        source = survey_files.spss_file(Path(folder) / "source.sav")
        write(read(source), Path(__file__).with_name("trust.sav"))
