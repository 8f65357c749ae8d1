"""Write ``tables.json``: fifty tables of 5 x 8 cells with 700 respondents, seeded, without empty cells."""

import json
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    rng = np.random.default_rng(5)
    tables = []
    while len(tables) < 50:
        table = rng.multinomial(700, rng.dirichlet(np.full(40, 1.5))).reshape(5, 8)
        if table.min() > 0:
            tables.append(table.tolist())
    Path(__file__).with_name("tables.json").write_text(json.dumps(tables), encoding="utf-8")
