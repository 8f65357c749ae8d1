"""Write consumer.csv: the synthetic consumer survey as trustkit cleans it, for R to weight.

Run from the project's root as ``python tests/reference/calibration/export_consumer.py``.
"""

from __future__ import annotations

from pathlib import Path

import trustkit as tk

STUDY = Path("data/raw/consumer_trust")
COLUMNS = ["age_group", "country", "sex", "duration_seconds", "trust_score", "trust_all_brands"]


def consumer() -> tk.Survey:
    """Return the cleaned survey."""
    return tk.clean(tk.read(STUDY / "responses.csv", codebook=STUDY / "codebook.yaml"))


if __name__ == "__main__":
    frame = consumer().data[COLUMNS]
    valid = frame["trust_all_brands"].astype(str).str.contains("trust all brands")
    frame = frame.assign(trust_all_brands=frame["trust_all_brands"].astype(str).where(valid))
    frame.to_csv(Path(__file__).with_name("consumer.csv"), index=False, lineterminator="\n")
