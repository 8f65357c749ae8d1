"""Count the wrong figures that nobody is warned of, over many invented questionnaires drafted without a hand.

Run as ``python benchmarks/silent_guesses.py``; ``--questionnaires`` makes it smaller, ``--processes`` faster.
It writes ``silent_guesses.csv``: by way of exporting and kind of question, how many tables the draft alone
got right, how many it was not sure of, and how many were wrong and silent.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from questionnaires import CODED, PLATFORMS, questionnaire, wrong_and_silent

SUFFIXES = {"spss": ".sav", "stata": ".dta"}
VERDICTS = ("right", "unsure", "no figure", "wrong and silent")
NAMES = list(PLATFORMS)


def verdicts_of(seed: int) -> dict[str, str]:
    """Draft one questionnaire: question -> verdict."""
    platform = NAMES[seed % len(NAMES)]
    questions = questionnaire(seed, coded=platform in CODED)
    with tempfile.TemporaryDirectory() as folder:
        export = PLATFORMS[platform](Path(folder, f"export{SUFFIXES.get(platform, '.csv')}"), questions)
        return wrong_and_silent(export, questions)


def main(count: int, processes: int, out: Path) -> None:
    """Draft so many questionnaires and write the table."""
    seen: Counter[tuple[str, str, str]] = Counter()
    with ProcessPoolExecutor(processes) as pool:
        for seed, verdicts in enumerate(pool.map(verdicts_of, range(count), chunksize=20)):
            platform = NAMES[seed % len(NAMES)]
            for name, verdict in verdicts.items():
                seen[platform, name, verdict] += 1
                if verdict in VERDICTS[2:]:
                    print(f"seed {seed}, {platform}, {name}: {verdict}", flush=True)
    rows = [
        {"platform": platform, "question": name}
        | {verdict: seen[platform, name, verdict] for verdict in VERDICTS}
        for platform in NAMES
        for name in dict.fromkeys(question for of, question, _ in seen if of == platform)
    ]
    table = pd.DataFrame(rows)
    table.to_csv(out, index=False, lineterminator="\n")
    print(f"{count} questionnaires", table[list(VERDICTS)].sum().to_dict())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questionnaires", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    main(options.questionnaires, options.processes, options.out)
