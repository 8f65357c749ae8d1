"""How long do regressions of 1,000,000 respondents take, beside svy and R survey, and do the numbers agree?

Run as ``python benchmarks/models_speed.py [--peer PYTHON]``. It writes ``benchmarks/models_speed.csv``: for
each model the median of the runs in seconds of the clock and of the processor, and the largest difference of
coefficients (in standard errors) and of standard errors (as a share) from those of trustkit. PYTHON is the
interpreter of an environment with svy, which runs in a process of its own; R runs if ``Rscript`` and its
package survey are installed. With
``--large`` one more model is fitted on 100,000,000 rows of a Parquet file, and its memory is given. Seeded;
three minutes, six with ``--large``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

CSV = Path(__file__).with_suffix(".csv")
ROWS, RUNS = 1_000_000, 3
MANY = 100_000_000
COLUMNS = ["model", "package", "seconds", "processor", "difference", "rows", "mebibytes"]
MODELS = {
    "logit on two factors": ["age", "country"],
    "logit on two numbers": ["x", "z"],
}
SVY = """
import json, sys, time
import polars as pl, svy
frame = pl.read_parquet(sys.argv[1])
sample = svy.Sample(frame, svy.Design(stratum="stratum", psu="unit", wgt="weight"))
models = json.loads(sys.argv[2])
found = {}
for name, predictors in models.items():
    x = [svy.Cat(one) if frame[one].dtype == pl.String else one for one in predictors]
    seconds = []
    for _ in range(int(sys.argv[3])):
        clock, processor = time.perf_counter(), time.process_time()
        fit = sample.glm.fit("yes", x=x, family="binomial", tol=1e-12)
        seconds.append((time.perf_counter() - clock, time.process_time() - processor))
    table = fit.coefs
    found[name] = {"seconds": seconds, "estimate": [c.est for c in table], "se": [c.se for c in table]}
print(json.dumps(found))
"""
R = """
suppressPackageStartupMessages(library(survey))
args <- commandArgs(TRUE)
d <- read.csv(args[1], stringsAsFactors = TRUE)
des <- svydesign(ids = ~unit, strata = ~stratum, weights = ~weight, data = d)
models <- list(`logit on two factors` = yes ~ age + country, `logit on two numbers` = yes ~ x + z)
out <- lapply(models, function(f) {
  tight <<- list(epsilon = 1e-14, maxit = 50) # looked up again by glm
  seconds <- system.time(m <- svyglm(f, des, family = quasibinomial, control = tight))
  list(seconds = list(c(seconds[["elapsed"]], seconds[["user.self"]] + seconds[["sys.self"]])),
       estimate = unname(coef(m)), se = unname(SE(m)))
})
cat(jsonlite::toJSON(out, digits = NA))
"""


def main() -> None:
    """Time each model with each package, and write the file."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415
    from respondents import make_respondents  # noqa: PLC0415

    import trustkit as tk  # noqa: PLC0415

    parser = argparse.ArgumentParser(description="regressions beside svy and R survey")
    parser.add_argument("--peer", default="", help="the interpreter of an environment with svy")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--large", action="store_true", help=f"also {MANY:,} rows of Parquet through DuckDB")
    parser.add_argument("--out", type=Path, default=CSV)
    given = parser.parse_args()
    frame = make_respondents(given.rows)
    draw = np.random.default_rng(20251126)
    frame["x"], frame["z"] = draw.normal(size=given.rows), draw.normal(size=given.rows)
    chance = 1 / (1 + np.exp(-(0.3 * frame["x"] - 0.2 * frame["z"] + 0.1 * frame["age"].cat.codes - 0.3)))
    frame["yes"] = (draw.random(given.rows) < chance).astype(float)
    frame["unit"] = frame["stratum"] * 100 + frame["psu"]
    design = tk.Design(frame, weights="weight", strata="stratum", psu="unit")
    found: dict[str, dict[str, dict[str, list[float]]]] = {"trustkit": {}}
    calls = {
        name: (lambda terms=terms: tk.glm(design, f"yes ~ {' + '.join(terms)}", family="binomial"))
        for name, terms in MODELS.items()
    }
    calls["ordinal on three factors"] = lambda: tk.ordinal(design, "answer ~ age + country + sex")
    for name, call in calls.items():
        seconds = []
        for _ in range(RUNS + 1):
            clock, processor = time.perf_counter(), time.process_time()
            fit = call()
            seconds.append((time.perf_counter() - clock, time.process_time() - processor))
        # the first run imports
        found["trustkit"][name] = {"seconds": seconds[1:], "estimate": list(fit.estimate), "se": list(fit.se)}
    with tempfile.TemporaryDirectory() as folder:
        needed = frame[["yes", "age", "country", "x", "z", "weight", "stratum", "unit"]]
        needed = needed.astype({"age": str, "country": str})
        if given.peer:
            path = Path(folder) / "rows.parquet"
            needed.to_parquet(path)
            command = [given.peer, "-c", SVY, str(path), json.dumps(MODELS), str(RUNS)]
            found["svy"] = json.loads(subprocess.check_output(command))
        program = shutil.which("Rscript")
        if program:
            path = Path(folder) / "rows.csv"
            needed.to_csv(path, index=False)
            script = Path(folder) / "models.R"
            script.write_text(R, encoding="utf-8")
            found["R survey"] = json.loads(subprocess.check_output([program, str(script), str(path)]))
    rows = []
    for package, models in found.items():
        for name, result in models.items():
            own = found["trustkit"][name]
            clock, processor = np.median(result["seconds"], axis=0)
            apart = max(
                float(np.max(np.abs((np.array(result["estimate"]) - own["estimate"]) / own["se"]))),
                float(np.max(np.abs(np.array(result["se"]) / own["se"] - 1))),
            )
            rows.append(
                {
                    "model": name,
                    "package": package,
                    "seconds": round(clock, 3),
                    "processor": round(processor, 3),
                    "difference": f"{apart:.1e}",
                    "rows": given.rows,
                }
            )
    if given.large:
        rows.append(many_rows())
    pd.DataFrame(rows, columns=COLUMNS).to_csv(given.out, index=False)
    sys.stdout.write(given.out.read_text(encoding="utf-8"))


def many_rows() -> dict[str, object]:
    """Fit the logit on two factors through DuckDB, in a process whose memory is measured."""
    from respondents import write_many  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.parquet"
        write_many(path, MANY)
        command = [sys.executable, str(Path(__file__).with_name("many.py")), str(path), "--model", "logit"]
        made, fitted, memory = map(float, subprocess.check_output(command, text=True).split())
    return {
        "model": "logit on two factors, Parquet through DuckDB, design included",
        "package": "trustkit",
        "seconds": round(made + fitted, 1),
        "rows": MANY,
        "mebibytes": round(memory / 2**20),
    }


if __name__ == "__main__":
    main()
