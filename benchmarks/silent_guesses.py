"""Count the wrong figures that nobody is warned of, over many invented questionnaires drafted without a hand.

    python benchmarks/silent_guesses.py [QUESTIONNAIRES]

Writes `silent_guesses.csv`: by way of exporting and kind of question, how many tables the draft alone
got right, how many it was not sure of, and how many were wrong and silent.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from questionnaires import CODED, PLATFORMS, questionnaire, wrong_and_silent

SUFFIXES = {"spss": ".sav", "stata": ".dta"}
VERDICTS = ("right", "unsure", "no figure", "wrong and silent")


def main(count: int) -> None:
    """Draft so many questionnaires and write the table."""
    seen: Counter[tuple[str, str, str]] = Counter()
    names = list(PLATFORMS)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(count):
            platform = names[seed % len(names)]
            questions = questionnaire(seed, coded=platform in CODED)
            export = PLATFORMS[platform](Path(folder, f"export{SUFFIXES.get(platform, '.csv')}"), questions)
            for name, verdict in wrong_and_silent(export, questions).items():
                seen[platform, name, verdict] += 1
                if verdict in VERDICTS[2:]:
                    print(f"seed {seed}, {platform}, {name}: {verdict}")
    rows = [
        {"platform": platform, "question": name}
        | {verdict: seen[platform, name, verdict] for verdict in VERDICTS}
        for platform in names
        for name in dict.fromkeys(question for of, question, _ in seen if of == platform)
    ]
    table = pd.DataFrame(rows)
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, lineterminator="\n")
    print(f"{count} questionnaires", table[list(VERDICTS)].sum().to_dict())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
