"""Every number of R's survey package in tests/reference that trustkit can give, compared.

Each record of a case's ``output.json`` is recomputed by the reader of its statistic in `READERS`; a new
statistic is one more reader. `LEFT_OUT` says why a statistic is not compared.

Tolerance: R wrote 15 significant digits, and both sides add doubles in another order. An independent
computation agreed with R to 5e-14 (reference/README.md), so 1e-10 relative leaves room for rounding and
none for another formula (the closest two conventions differ by n / (n - 1), 1e-4 in the largest sample).
"""

from __future__ import annotations

import json
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from trustkit import (
    Design,
    Pps,
    Stage,
    calibrate,
    chisq_test,
    contrast,
    correlation,
    count,
    delta,
    mean,
    oneway_test,
    poststratify,
    proportion,
    quantile,
    rank_test,
    ratio,
    replicate,
    standardize,
    total,
    ttest,
    variance,
    with_replicates,
)
from trustkit.design.replicates import Replicates
from trustkit.errors import DesignError
from trustkit.estimation.results import ONE_PSU, ONE_RESPONDENT

FOLDER = Path(__file__).parent / "reference"
CASES = sorted(
    path.parent.name
    for path in FOLDER.glob("*/output.json")
    if path.read_text(encoding="utf-8").startswith("[")  # other references are no lists of records
)
TOLERANCE = 1e-10
NOISE = 1e-12
"""Share of the estimate (or of the variances) below which a standard error of zero is rounding."""

KINDS = {"successive-difference": "SDR", "JK2": "JKn"}
"""R's name of a kind of replicates -> trustkit's. All scales are given with the record."""

# ---- a case's data and designs -----------------------------------------------------------------


@cache
def records(case):
    return json.loads((FOLDER / case / "output.json").read_text(encoding="utf-8"))


@cache
def data_of(case, file):
    return pd.read_csv(FOLDER / case / file)


def factor(column):
    """Turn codes and words into words, for `by` and for shares; empty cells stay empty."""
    return column.map(
        lambda value: f"{value:g}" if isinstance(value, float) else str(value), na_action="ignore"
    )


def columns_of(record):
    """Return the columns to take as words, and the indicators (column, level) that a record needs."""
    args, statistic = record["args"], record["statistic"].removesuffix("_deff")
    by = args.get("by") or []
    words = [*by, *(args["variable"] if statistic in ("proportion", "count") else [])]
    levels = (
        [(name, key["level"]) for name in args["variable"] for key in record["keys"]]
        if statistic == "count"
        else []
    )
    return words, list(dict.fromkeys(levels))


def replicates_of(given):
    if given is None:
        return None
    return Replicates(
        given["columns"],
        KINDS.get(given["type"], given["type"]),
        rho=given["rho"] or 0.0,
        scale=given["scale"],
        rscales=given["rscales"] or [1.0] * len(given["columns"]),
        centre="estimate" if given["mse"] else "mean",
    )


def make_design(data, spec):
    roles = {role: spec[role] for role in ("weights", "strata", "psu", "fpc")}
    if spec.get("stages"):
        roles["psu"] = [Stage(**(stage or {})) for stage in spec["stages"]]
    if spec.get("pps"):
        options = dict(spec["pps"])
        if options["method"] == "joint":
            options["joint"] = np.loadtxt(FOLDER / "pps" / "joint.csv", delimiter=",")
        roles["fpc"] = Pps(**options)
    return Design(
        data,
        **roles,
        lonely_psu=spec["lonely_psu"],
        domain_lonely="apply" if spec["adjust_domain_lonely"] else "ignore",
        replicates=replicates_of(spec["replicates"]),
    )


@cache
def design_of(case, file, spec, words, levels):
    """Return a design with the columns that a record needs; ``spec`` is its description as JSON."""
    data = data_of(case, file)
    data = data.assign(**{f"{name}!": factor(data[name]) for name in words})
    for name, level in levels:
        data[f"{name}={level}"] = (factor(data[name]) == str(level)).astype(float).where(data[name].notna())
    return make_design(data, json.loads(spec))


def design_for(case, record):
    words, levels = columns_of(record)
    spec = json.dumps(record["design"], sort_keys=True)
    return design_of(case, record["data"], spec, tuple(dict.fromkeys(words)), tuple(levels))


def where_of(design, record, *, complete=()):
    """Return a record's domain: a mapping if it has words only, else a boolean Series."""
    where = record["args"].get("where") or {}
    missing = (
        design.data[list(complete)].isna().any(axis=1)
        if complete
        else pd.Series(data=False, index=design.data.index)
    )
    if not missing.any() and all(isinstance(value, str) for values in where.values() for value in values):
        return where or None
    inside = ~missing
    for name, values in where.items():
        inside &= design.data[name].isin(values)
    return inside


# ---- comparing ---------------------------------------------------------------------------------


class Tally:
    """Counts numbers compared and keeps those that differ."""

    def __init__(self):
        self.count, self.differ = 0, []

    def compare(self, name, ours, theirs, *, floor=0.0, tolerance=TOLERANCE):
        """Compare two arrays; R's NA is passed over, ``floor`` is what rounding is measured against."""
        ours, theirs, floor = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(values, dtype=float)) for values in (ours, theirs, floor))
        )
        known = ~np.isnan(theirs)
        self.count += int(known.sum())
        wrong = known & ~(np.abs(ours - theirs) <= tolerance * np.abs(theirs) + NOISE * floor)
        for place in np.argwhere(wrong).tolist():
            where = tuple(place)
            self.differ.append(f"{name}{place}: {ours[where]:.12g}, R {theirs[where]:.12g}")


def key_of(row, by, *names):
    """Return what names an estimate: its domain, then the parts of the record's keys that it has."""
    return (*(str(row[name]) for name in by), *(str(row.get(name, "")) for name in names))


def compare_estimate(tally, record, found, names, *, vcov=True):
    """Compare an `Estimate` with a record, number by number, by their keys."""
    by = record["args"].get("by") or []
    ours = [key_of(row, [f"{name}!" for name in by], *names) for row in found.keys.to_dict("records")]
    place = [ours.index(key_of(key, by, *names)) for key in record["keys"]]
    identity = record["id"]
    size = np.abs(np.array(record["estimate"], dtype=float))
    tally.compare(f"{identity} estimate", found.estimate[place], record["estimate"], floor=size.max())
    se = np.array(record["se"], dtype=float)
    alone = np.array([found.reasons[row] in (ONE_PSU, ONE_RESPONDENT) for row in place])
    assert not (se[alone] > NOISE * size[alone]).any()  # R's standard error of a domain in one PSU is zero
    se[alone] = np.nan
    tally.compare(f"{identity} se", found.se[place], se, floor=size)
    tally.compare(f"{identity} low", found.ci_low[place], record["ci_low"], floor=size)
    tally.compare(f"{identity} high", found.ci_high[place], record["ci_high"], floor=size)
    tally.compare(f"{identity} df", found.df[place], record["domain_df"])
    if vcov and record["vcov"] is not None:
        root = np.array(record["se"], dtype=float)
        theirs = np.array(record["vcov"], dtype=float)
        theirs[alone], theirs[:, alone] = np.nan, np.nan
        # a covariance near zero is what is left of terms as large as the variances, or as the estimates
        floor = 100 * np.outer(root, root) + 1e-4 * np.outer(size, size)
        tally.compare(f"{identity} vcov", found.vcov[np.ix_(place, place)], theirs, floor=floor)
    if record["deff"] is not None:
        tally.compare(f"{identity} deff", found.deff[place], record["deff"])


def by_of(record):
    return [f"{name}!" for name in record["args"].get("by") or []]


def read_moment(estimator):
    """Compare means, totals or variances of numeric variables."""

    def read(tally, case, record):
        design = design_for(case, record)
        variables = record["args"]["variable"]
        where = where_of(design, record, complete=variables)
        given = {"by": by_of(record), "where": where, "conf": record["args"]["level"]}
        found = estimator(design, variables[0] if len(variables) == 1 else variables, **given)
        compare_estimate(tally, record, found, ["variable"], vcov=not separate(record))

    return read


def separate(record):
    """Tell whether R computed a record's domains one by one, so that its vcov is not of its se (README)."""
    spec = record["design"]
    return bool(record["args"].get("by")) and (
        spec["lonely_psu"] == "average" or spec["adjust_domain_lonely"] or "pps" in spec
    )


def read_proportion(tally, case, record):
    design = design_for(case, record)
    (variable,) = record["args"]["variable"]
    given = {"by": by_of(record), "where": where_of(design, record), "conf": record["args"]["level"]}
    found = proportion(design, f"{variable}!", ci="mean", **given)
    compare_estimate(tally, record, found, ["level"], vcov=not separate(record))


def read_count(tally, case, record):
    """A count of answers is the total of their indicators, and what `count` gives."""
    design = design_for(case, record)
    (variable,) = record["args"]["variable"]
    direct = count(design, f"{variable}!", by=by_of(record), where=where_of(design, record), ci="t")
    compare_estimate(tally, record, direct, ["level"])
    levels = [str(key["level"]) for key in record["keys"]]
    names = [f"{variable}={level}" for level in dict.fromkeys(levels)]
    found = total(design, names, by=by_of(record), where=where_of(design, record))
    found.keys["level"] = [name.partition("=")[2] for name in found.keys["variable"]]
    compare_estimate(tally, record, found, ["level"])


def read_ratio(tally, case, record):
    design = design_for(case, record)
    args = record["args"]
    pairs = list(product(args["variable"], args["denominator"]))
    where = where_of(design, record, complete=[*args["variable"], *args["denominator"]])
    for above, below in pairs:
        places = [
            place
            for place, key in enumerate(record["keys"])
            if (key.get("numerator", above), key.get("denominator", below)) == (above, below)
        ]
        part = {
            name: [record[name][p] for p in places]
            for name in ("keys", "estimate", "se", "ci_low", "ci_high", "domain_df")
        }
        if record["vcov"] is not None:
            part["vcov"] = np.array(record["vcov"], dtype=float)[np.ix_(places, places)]
        found = ratio(design, above, below, by=by_of(record), where=where, conf=args["level"])
        compare_estimate(tally, {**record, **part}, found, [], vcov=not separate(record))


def read_correlation(tally, case, record):
    design = design_for(case, record)
    names = record["args"]["variable"]
    found = correlation(design, *names, where=where_of(design, record, complete=names))
    tally.compare(f"{record['id']} estimate", found.estimate, record["estimate"])
    if record["design"]["replicates"] is None:  # there R linearises what trustkit replicates
        tally.compare(f"{record['id']} se", found.se, record["se"], floor=1.0)


def read_deff(read):
    """Compare a statistic with its design effect, which is R's against sampling with replacement."""

    def read_with_deff(tally, case, record):
        if record["args"]["method"] == "replace":
            read(tally, case, record)
        else:  # R's default needs weights that sum to the population
            read(tally, case, {**record, "deff": None})

    return read_with_deff


def read_ciprop(tally, case, record):
    """Compare an interval for a share, where R's is of the same method and degrees of freedom."""
    args, spec, extra = record["args"], record["design"], record["extra"]
    method = args["method"]
    data = data_of(case, record["data"])
    ((column, values),) = args["event"].items()
    event = data[column].isin(values).map({True: "yes", False: "no"}).where(data[column].notna())
    design = make_design(data.assign(event=event), spec)
    found = proportion(
        design, "event", level="yes", where=where_of(design, record), ci=method, conf=args["level"]
    )
    name, p, se, n = record["id"], found.estimate[0], found.se[0], found.n[0]
    low, high = record["ci_low"], record["ci_high"]
    # R iterates a logistic regression until its deviance changes by less than 1e-8; that of the likelihood
    # interval is scaled with the weights of the last step but one.
    tolerance = {"logit": 1e-6, "likelihood": 2e-4}.get(method, TOLERANCE)
    tally.compare(f"{name} estimate", found.estimate, record["estimate"], tolerance=tolerance)
    tally.compare(f"{name} se", found.se, record["se"], floor=1.0, tolerance=tolerance)
    t, t_n = (stats.t.ppf((1 + args["level"]) / 2, df) for df in (found.df[0], n - 1))
    if method == "logit" and spec["replicates"] is not None:
        return  # R takes the replicate variance of the log odds
    assert found.df[0] == args["df_used"]
    if method == "likelihood":  # R interpolates on a coarse grid; extra has the roots
        low, high = [extra["exact_ci_low"]], [extra["exact_ci_high"]]
    if method == "beta" and extra["n_eff"] > extra["n"]:
        return  # R does not cap n_eff at n
    if method == "wilson" and found.n_eff[0] * (t_n / t) ** 2 > n:
        return  # nor does the formula in common.R
    if method == "asin":  # beyond 0 and 1 R squares the angle back
        angle, reach = np.arcsin(np.sqrt(p)), t * se / (2 * np.sqrt(p * (1 - p)))
        low = low if angle > reach else [np.nan]
        high = high if angle + reach < np.pi / 2 else [np.nan]
    tally.compare(f"{name} low", found.ci_low, low, tolerance=tolerance, floor=p)
    tally.compare(f"{name} high", found.ci_high, high, tolerance=tolerance, floor=p)


def read_quantile(tally, case, record):
    """Compare quantiles by R's default rule and interval."""
    args = record["args"]
    if (args["method"], args["qrule"]) != ("mean", "math"):
        return  # other rules are not offered
    design = design_for(case, record)
    variable, names = args["variable"][0], by_of(record)
    found = quantile(
        design, variable, args["probs"], by=names, where=where_of(design, record), conf=args["level"]
    )
    rows = found.keys.to_dict("records")
    ours = [(*key_of(row, names), float(row["level"])) for row in rows]
    keys = [key if isinstance(key, dict) else {"prob": key} for key in record["keys"]]
    for number, key in enumerate(keys):
        place = ours.index((*key_of(key, args["by"] or []), key["prob"]))
        inside = np.logical_and.reduce(
            [design.data[variable].notna(), *(design.data[name] == rows[place][name] for name in names)]
        )
        for column, values in (args["where"] or {}).items():
            inside &= design.data[column].isin(values)
        if rounding_decides(design, variable, inside, found.estimate[place], key["prob"]):
            continue
        name = f"{record['id']} {key}"
        tally.compare(f"{name} estimate", found.estimate[place], record["estimate"][number])
        ends = {part: (getattr(found, part)[place], record[part][number]) for part in ("ci_low", "ci_high")}
        second = np.sort(design.data.loc[inside, variable])[1]
        if any(other is not None and np.isclose(other, second, rtol=1e-12) for _, other in ends.values()):
            continue  # the second smallest value is also what R gives below the first one's share
        for part, (mine, other) in ends.items():
            tally.compare(f"{name} {part}", mine, other)
            assert np.isnan(mine) == (other is None)
        tally.compare(f"{name} se", found.se[place], record["se"][number])


def rounding_decides(design, variable, inside, value, prob):
    """Tell where R's quantile is an artefact: a share reached exactly, or below that of the first value."""
    values, weights = design.data.loc[inside, variable].to_numpy(), design.weights[inside]
    exactly = abs(weights[values <= value].sum() / weights.sum() - prob) < 1e-9
    return exactly or value == values.min()


def read_chisq(tally, case, record):
    args, spec = record["args"], record["design"]
    if args["method"] == "lincom" or (args["method"] == "saddlepoint" and spec["replicates"] is not None):
        return  # not offered; with replicates R's saddlepoint is of a chi-square sum
    design = with_words(case, record, args["rows"], args["columns"])
    found = chisq_test(
        design,
        f"{args['rows']}!",
        f"{args['columns']}!",
        where=where_of(design, record),
        statistic=args["method"],
    )
    name = record["id"]
    if not design.data[[args["rows"], args["columns"]]].isna().any(axis=None) or args["method"] not in (
        "Chisq",
        "saddlepoint",
    ):  # R scales Pearson's statistic by all rows, with or without answers
        tally.compare(f"{name} value", found.statistic, record["value"])
    if args["method"] != "saddlepoint":
        tally.compare(f"{name} df", found.df, record["df_test"])
    tally.compare(f"{name} p", found.p_value, record["p_value"], tolerance=1e-6, floor=1.0)


def read_ttest(tally, case, record):
    args, extra = record["args"], record["extra"]
    design = with_words(case, record, *([args["group"]] if args["group"] else []))
    by = f"{args['group']}!" if args["group"] else None
    found = ttest(
        design,
        args["variable"][0],
        by=by,
        minus=args["minus"],
        null=args["mu"] or 0.0,
        where=where_of(design, record),
        conf=args["level"],
    )
    name, null = record["id"], args["mu"] or 0.0
    tally.compare(f"{name} estimate", found.estimate - null, record["estimate"])
    tally.compare(f"{name} se", found.se, record["se"])
    tally.compare(f"{name} t", found.statistic, record["value"])
    if by is None:  # R takes one df too few for one sample; extra has the test with the design's
        expected = {"df": extra["df"], **{part: extra[part] for part in ("ci_low", "ci_high", "p_value")}}
        expected["ci_low"], expected["ci_high"] = expected["ci_low"] + null, expected["ci_high"] + null
    else:
        expected = {"df": record["df_test"][0], "p_value": record["p_value"]}
        expected |= {"ci_low": record["ci_low"][0], "ci_high": record["ci_high"][0]}
    tally.compare(f"{name} df", found.df, [expected["df"]])
    for part in ("ci_low", "ci_high"):
        tally.compare(f"{name} {part}", getattr(found, part), expected[part])
    tally.compare(f"{name} p", found.p_value, expected["p_value"], tolerance=1e-8)


def read_oneway(tally, case, record):
    args = record["args"]
    design = with_words(case, record, args["group"])
    found = oneway_test(design, args["variable"][0], f"{args['group']}!", where=where_of(design, record))
    tally.compare(f"{record['id']} value", found.statistic, record["value"], tolerance=1e-9)
    tally.compare(f"{record['id']} df", found.df, record["df_test"])
    tally.compare(f"{record['id']} p", found.p_value, record["p_value"], tolerance=1e-8)


def read_standardized(tally, case, record):
    """Compare means of groups that were given one composition."""
    args = record["args"]
    standard, over, by = args["standard"], args["over"] or [], args["by"] or []
    words = list(dict.fromkeys([*standard, *over, *by]))
    design = with_words(case, record, *words)
    if args["from"] == "jackknife":
        design = replicate(design, "JK1")
    composition = {f"{name}!": args["levels"][name] for name in standard}
    population = pd.DataFrame({**composition, "target": args["population"]})
    same = standardize(design, population, over=[f"{name}!" for name in over], answered=args["answered"])
    where = where_of(same, record, complete=args["variable"])
    found = mean(same, args["variable"][0], by=[f"{name}!" for name in by], where=where)
    ours = [key_of(row, [f"{name}!" for name in by]) for row in found.keys.to_dict("records")]
    place = [ours.index(key_of(key or {}, by)) for key in record["keys"]]
    for field in ("estimate", "se"):
        tally.compare(f"{record['id']} {field}", getattr(found, field)[place], record[field])
    if args["from"] != "jackknife":  # R takes the rank of the domain's replicate weights after the step
        tally.compare(f"{record['id']} df", found.df[place], record["domain_df"])


def read_count_limits(tally, case, record):
    """Compare the intervals of counts on the scales of the logarithm and the log odds."""
    args = record["args"]
    design = with_words(case, record, *args["variable"])
    found = count(
        design, f"{args['variable'][0]}!", where=where_of(design, record), ci=args["method"],
        conf=args["level"],
    )  # fmt: skip
    place = [list(found.keys["level"]).index(str(key["level"])) for key in record["keys"]]
    for field in ("estimate", "se", "ci_low", "ci_high"):
        tally.compare(f"{record['id']} {field}", getattr(found, field)[place], record[field])


def read_ranktest(tally, case, record):
    args = record["args"]
    design = with_words(case, record, args["group"])
    found = rank_test(
        design,
        args["variable"][0],
        f"{args['group']}!",
        where=where_of(design, record),
        test=args["method"],
    )
    if record["design"]["replicates"] is not None:
        # R replicates the totals of a fixed influence, trustkit the difference itself
        tally.compare(f"{record['id']} estimate", found.estimate, record["estimate"])
        return
    if record["id"] == "apisrs/des/ranktest/meals/awards/stype=E/median":
        return  # a tie has the rank 0.5 exactly, and R's rounding puts it above the median
    several = len(record["df_test"]) > 1
    value = record["value"] / record["df_test"][0] if several else record["value"]
    tally.compare(f"{record['id']} value", found.statistic, value)
    if not several:
        tally.compare(f"{record['id']} estimate", found.estimate, record["estimate"])
    tally.compare(f"{record['id']} df", found.df, record["df_test"])
    tally.compare(f"{record['id']} p", found.p_value, record["p_value"], tolerance=1e-8)


EXPRESSIONS = {
    "E/H": lambda of: of["E"] / of["H"],
    "log(M/E)": lambda of: np.log(of["M"] / of["E"]),
    "(api00-api99)/api99": lambda of: (of["api00"] - of["api99"]) / of["api99"],
    "meals/api00": lambda of: of["meals"] / of["api00"],
    "`3`/`2`": lambda of: of["3"] / of["2"],
    "`1`/`2`": lambda of: of["1"] / of["2"],
    "(`1`+`4`)/(2*`2`)": lambda of: (of["1"] + of["4"]) / (2 * of["2"]),
    "alive/arrests": lambda of: of["alive"] / of["arrests"],
    "api00/api99": lambda of: of["api00"] / of["api99"],
    "Bush/Kerry": lambda of: of["Bush"] / of["Kerry"],
}


def read_contrast(tally, case, record):
    args = record["args"]
    design = with_words(case, record, *([args["by"]] if args["by"] else []))
    estimator = {"mean": mean, "total": total}[args["of"]]
    where = where_of(design, {"args": {}}, complete=args["variable"])
    of = estimator(design, args["variable"], by=f"{args['by']}!" if args["by"] else None, where=where)
    names = list(of.keys[f"{args['by']}!" if args["by"] else "variable"])
    if args["weights"]:
        found = [contrast(of, dict(part), conf=args["level"]) for part in args["weights"].values()]
    else:
        expression = EXPRESSIONS[args["expression"]]
        found = [delta(of, lambda part: expression(dict(zip(names, part, strict=True))), conf=args["level"])]
    # delta differentiates numerically
    tolerance = TOLERANCE if args["weights"] else 1e-8
    for field in ("estimate", "se"):
        ours = [getattr(part, field)[0] for part in found]
        tally.compare(f"{record['id']} {field}", ours, record[field], tolerance=tolerance)
    tally.compare(f"{record['id']} df", [part.df[0] for part in found], record["domain_df"])
    for field in ("ci_low", "ci_high"):
        ours = [getattr(part, field)[0] for part in found]
        theirs = record[field] if record["design"]["replicates"] is None or args["weights"] else [np.nan]
        tally.compare(f"{record['id']} {field}", ours, theirs, tolerance=1e-7)


FUNCTIONS = {
    "log_ratio": lambda rows, w: np.log((w @ rows["api00"]) / (w @ rows["api99"])),
    "correlation": lambda rows, w: (
        np.cov(rows["api00"], rows["meals"], aweights=w)[0, 1]
        / np.sqrt(np.cov(rows["api00"], aweights=w) * np.cov(rows["meals"], aweights=w))
    ),
    "log_odds": lambda rows, w: np.log((w @ rows["alive"]) / (w @ (rows["arrests"] - rows["alive"]))),
    "geometric_mean": lambda rows, w: np.exp(
        w @ np.log(rows["enroll" if "enroll" in rows else "births"]) / w.sum()
    ),
}
"""What R's expressions say, by the name the record gives them."""


def read_with_replicates(tally, case, record):
    args = record["args"]
    found = with_replicates(design_for(case, record), FUNCTIONS[args["name"]], conf=args["level"])
    for field in ("estimate", "se", "ci_low", "ci_high"):
        tally.compare(f"{record['id']} {field}", getattr(found, field), record[field])
    tally.compare(f"{record['id']} df", found.df, record["df"])


def read_after_weighting(tally, case, record):
    """Compare estimates of a design of several stages after its weights were made to meet totals."""
    args, extra, name = record["args"], record["extra"], record["id"]
    step = {"poststratify": poststratify, "calibrate": calibrate}[args["step"]]
    given = {} if args["step"] == "poststratify" else {"method": "linear"}
    data = data_of(case, record["data"])
    data = data.assign(group=np.where(data["api99"] > 700, "high", "low"))
    design = step(make_design(data, record["design"]), {args["variable"]: args["totals"]}, **given)
    found = [total(design, "enroll"), mean(design, "api00"), ratio(design, "api00", "api99")]
    by = mean(design, "api00", by="group")
    tally.compare(f"{name} estimate", [part.estimate[0] for part in found], record["estimate"])
    tally.compare(f"{name} se", [part.se[0] for part in found], record["se"])
    tally.compare(f"{name} by", by.estimate, extra["by_estimate"][::-1])
    tally.compare(f"{name} by se", by.se, extra["by_se"][::-1])


def with_words(case, record, *words):
    """Return a record's design with some columns also as words."""
    spec = json.dumps(record["design"], sort_keys=True)
    return design_of(case, record["data"], spec, words, ())


READERS = {
    "mean": read_moment(mean),
    "total": read_moment(total),
    "variance": read_moment(variance),
    "proportion": read_proportion,
    "count": read_count,
    "ratio": read_ratio,
    "correlation": read_correlation,
    "mean_deff": read_deff(read_moment(mean)),
    "total_deff": read_deff(read_moment(total)),
    "proportion_deff": read_deff(read_proportion),
    "count_deff": read_deff(read_count),
    "ciprop": read_ciprop,
    "quantile": read_quantile,
    "chisq": read_chisq,
    "ttest": read_ttest,
    "ranktest": read_ranktest,
    "oneway": read_oneway,
    "standardized": read_standardized,
    "count_limits": read_count_limits,
    "contrast": read_contrast,
    "with_replicates": read_with_replicates,
    "after_weighting": read_after_weighting,
}

LEFT_OUT = {
    "covariance": "trustkit gives correlations; the variances are compared under `variance`",
    "gof": "svygofchisq works on totals and without the F correction; see trustkit.gof_test",
    "weighted": "compared in test_calibration_references.py",
}
"""Statistics that are not compared, and why."""

FLOOR = 33_000
"""At least so many numbers are compared, so that a reader that passes everything over is noticed."""


ONLY_TIES = {("scd", "quantile")}
"""Nothing but a median of six equal weights, where R's rounding decides."""


@cache  # compared once a process, whichever test asks first
def tally_of(case, statistic):
    """Recompute every record of a statistic; a design that R refuses must be refused here too."""
    tally = Tally()
    for record in records(case):
        if record["statistic"] != statistic:
            continue
        if record["design"]["lonely_psu"] == "fail" and case == "lonely":
            # R drops the rows outside a domain first and sees lonely PSUs only there
            with pytest.raises(DesignError, match="have one PSU"):
                design_for(case, record)
            tally.count += 1
        elif record["error"] is None:
            READERS[statistic](tally, case, record)
    return tally


PAIRS = [
    (case, statistic)
    for case in CASES
    for statistic in READERS
    if any(record["statistic"] == statistic for record in records(case))
]


@pytest.mark.parametrize(("case", "statistic"), PAIRS)
def test_every_number_is_that_of_r(case, statistic):
    tally = tally_of(case, statistic)
    assert tally.differ == []
    assert tally.count > 0 or (case, statistic) in ONLY_TIES


def test_as_many_numbers_were_compared_as_there_should_be():
    assert sum(tally_of(case, statistic).count for case, statistic in PAIRS) >= FLOOR


@pytest.mark.parametrize("case", ["apisrs", "apistrat", "apiclus1", "apiclus2"])
@pytest.mark.parametrize("statistic", ["mean", "total", "ratio", "proportion"])
def test_whole_samples_domains_and_subsets_are_all_among_the_records(case, statistic):
    kinds = {
        (bool(record["args"]["by"]), bool(record["args"]["where"]))
        for record in records(case)
        if record["statistic"] == statistic
    }
    assert kinds >= {(False, False), (True, False), (False, True)}


def test_every_statistic_of_r_is_compared_or_left_out_for_a_reason():
    found = {record["statistic"] for case in CASES for record in records(case)}
    assert found == READERS.keys() | LEFT_OUT.keys()
    assert not READERS.keys() & LEFT_OUT.keys()


def test_every_case_names_the_versions_that_made_it():
    for case in CASES:
        versions = (FOLDER / case / "versions.txt").read_text(encoding="utf-8")
        assert "survey 4.1-1" in versions
        assert (FOLDER / case / "reference.R").is_file()


def test_a_difference_is_noticed():
    tally = Tally()
    tally.compare("x", [1.0, 2.0 + 1e-7, np.nan, 5.0], [1.0, 2.0, 3.0, None])
    assert tally.count == 3
    assert tally.differ == ["x[1]: 2.0000001, R 2", "x[2]: nan, R 3"]
