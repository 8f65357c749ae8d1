"""A second oracle, independent of R: the Python packages svy and samplics on the reference samples.

Run with ``pytest -m peers``; needs the dependency group ``peers`` (``pip install --group peers``).

Tolerance: both sides add doubles in another order; the largest difference seen was 1e-14, and 1e-12 for
the standard error of a ratio, whose influences are small differences of large numbers. 1e-10 leaves room for
those and none for another formula.

Where a peer differs on purpose, it isn't compared, or the difference itself is:

- samplics' domains have the degrees of freedom of the whole design; trustkit's, svy's and R's subsets have
  those of the strata and PSUs in them
- svy's ``wilson`` takes n for the effective n, and its ``beta`` does not cap the effective n at n;
  ``korn-graubard`` does
- svy's rank test leaves the finite population out; trustkit's and R's have it
- where the cumulative weight is exactly one half (``apisrs``), svy's median is the next value, trustkit's
  and R's the first that reaches it
- samplics' median has another interval, and its ``CrossTabulation`` stops: with patsy on names such as
  ``sch.wide``, with current polars on others
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:samplics is archived:FutureWarning"),
    # samplics asks pandas and polars for what they are about to drop
    pytest.mark.filterwarnings("ignore::DeprecationWarning:samplics"),
]

FOLDER = Path(__file__).parent / "reference"
TOLERANCE = 1e-10

SCHOOLS = {"y": "api00", "x": "api99", "answer": "awards", "by": "sch.wide"}
PEOPLE = {"y": "HI_CHOL", "x": "WTMEC2YR", "answer": "race", "by": "RIAGENDR"}
CASES = {
    "apisrs": ("apisrs", {"weights": "pw"}),
    "apisrs, finite": ("apisrs", {"weights": "pw", "fpc": "fpc"}),
    "apistrat": ("apistrat", {"weights": "pw", "strata": "stype"}),
    "apistrat, finite": ("apistrat", {"weights": "pw", "strata": "stype", "fpc": "fpc"}),
    "apiclus1": ("apiclus1", {"weights": "pw", "psu": "dnum"}),
    "apiclus1, finite": ("apiclus1", {"weights": "pw", "psu": "dnum", "fpc": "fpc"}),
    "apiclus2": ("apiclus2", {"weights": "pw", "psu": "dnum"}),
    "apiclus2, finite": ("apiclus2", {"weights": "pw", "psu": "dnum", "fpc": "fpc1"}),
    "nhanes": ("nhanes", {"weights": "WTMEC2YR", "strata": "SDMVSTRA", "psu": "SDMVPSU"}),
}
SETS = {"jk1": "JK1", "boot": "bootstrap", "sdr": "SDR"}
SVY_ROLES = {"weights": "wgt", "strata": "stratum", "psu": "psu", "fpc": "pop_size"}


class Case:
    """A reference sample, its design and the variables to try."""

    def __init__(self, name: str) -> None:
        self.folder, self.roles = CASES[name]
        names = PEOPLE if self.folder == "nhanes" else SCHOOLS
        self.y, self.x, self.answer, self.by = (names[part] for part in ("y", "x", "answer", "by"))
        data = pd.read_csv(FOLDER / self.folder / "data.csv").dropna(subset=[self.y]).reset_index(drop=True)
        self.data = data.assign(**{name: data[name].astype(str) for name in (self.answer, self.by)})
        self.design = tk.Design(self.data, **self.roles)

    def sorted(self, found: tk.Estimate) -> pd.DataFrame:
        """Return estimates by domain, then answer, in the order of their names."""
        return found.to_frame().sort_values([*(name for name in (self.by,) if name in found.keys), "level"])


@pytest.fixture(params=CASES)
def case(request) -> Case:
    return Case(request.param)


CALLS = {
    "mean": lambda case: tk.mean(case.design, case.y, by=case.by),
    "total": lambda case: tk.total(case.design, case.y, by=case.by),
    "ratio": lambda case: tk.ratio(case.design, case.y, case.x, by=case.by),
    "prop": lambda case: tk.proportion(case.design, case.answer, by=case.by),
}


def same(theirs, ours) -> None:
    """Compare numbers; what is zero by design may be rounding noise on either side."""
    np.testing.assert_allclose(np.asarray(theirs, dtype=float), ours, rtol=TOLERANCE, atol=1e-14)


# ---- svy ----------------------------------------------------------------------------------------


def svy_sample(data: pd.DataFrame, **design: object):
    pl = pytest.importorskip("polars", reason="polars is not installed")
    svy = pytest.importorskip("svy", reason="svy is not installed")
    return svy.Sample(pl.from_pandas(data), svy.Design(**design))


def svy_numbers(found, *names: str) -> pd.DataFrame:
    """Return svy's estimates in the order of some columns."""
    import polars as pl

    table = found.to_polars()
    keys = [name for name in names if name in table.columns]
    table = table.with_columns(pl.col(keys).cast(pl.String)).sort(keys) if keys else table
    return table.select("est", "se", "lci", "uci").to_pandas()


@pytest.fixture
def sample(case):
    return svy_sample(case.data, **{SVY_ROLES[role]: column for role, column in case.roles.items()})


@pytest.mark.parametrize("call", CALLS)
def test_domains_match_svy(case, sample, call):
    variables = (case.y, case.x) if call == "ratio" else (case.answer if call == "prop" else case.y,)
    theirs = svy_numbers(getattr(sample.estimation, call)(*variables, by=case.by), case.by, case.answer)
    ours = case.sorted(CALLS[call](case))
    same(theirs["est"], ours["estimate"])
    same(theirs["se"], ours["se"])
    inside = ((ours["estimate"] > 0) & (ours["estimate"] < 1)).to_numpy() if call == "prop" else slice(None)
    same(theirs["lci"][inside], ours["ci_low"][inside])
    same(theirs["uci"][inside], ours["ci_high"][inside])


def test_intervals_of_the_whole_sample_match_svy(case, sample):
    theirs, ours = svy_numbers(sample.estimation.mean(case.y)), tk.mean(case.design, case.y)
    same(theirs["lci"], ours.ci_low)
    same(theirs["uci"], ours.ci_high)
    for method, name in (("logit", "logit"), ("korn-graubard", "beta")):
        theirs = svy_numbers(sample.estimation.prop(case.answer, ci_method=method), case.answer)
        ours = case.sorted(tk.proportion(case.design, case.answer, ci=name))
        same(theirs["lci"], ours["ci_low"])
        same(theirs["uci"], ours["ci_high"])


def test_the_median_and_its_interval_match_svy(case, sample):
    theirs, ours = svy_numbers(sample.estimation.median(case.y)), tk.quantile(case.design, case.y)
    if case.folder == "apisrs":
        below = case.data[case.y] <= ours.estimate[0]
        assert below.mean() == 0.5, "half of the weight lies exactly at or below the first of two medians"
        assert theirs["est"][0] == case.data.loc[~below, case.y].min()
    else:
        found = np.concatenate([ours.estimate, ours.se, ours.ci_low, ours.ci_high])
        same(theirs.loc[0, ["est", "se", "lci", "uci"]], found)


def test_rao_scott_matches_svy(case, sample):
    theirs = sample.categorical.tabulate(case.answer, case.by).stats.f
    ours = tk.chisq_test(case.design, case.answer, case.by)
    same([theirs.value, theirs.df_num, theirs.df_den], [ours.statistic, *ours.df])
    # svy takes 1 - cdf, which has no digits below 1e-16
    assert theirs.p_value == pytest.approx(ours.p_value, rel=1e-8, abs=1e-14)


def test_the_t_test_of_two_groups_matches_svy(case, sample):
    theirs = sample.categorical.ttest(case.y, group=case.by)
    ours = tk.ttest(case.design, case.y, by=case.by)
    same(
        [theirs.diff[0].diff, theirs.diff[0].se, theirs.stats.t, theirs.stats.df],
        [ours.estimate, ours.se, ours.statistic, *ours.df],
    )
    same(theirs.stats.p_value, ours.p_value)


def test_the_rank_test_matches_svy_where_the_population_is_infinite(case, sample):
    if "fpc" in case.roles:
        pytest.skip("svy's rank test leaves the finite population out")
    theirs = sample.categorical.ranktest(case.y, group=case.by)
    ours = tk.rank_test(case.design, case.y, case.by)
    same(theirs.diff[0].diff, ours.estimate)
    same([theirs.stats.value, theirs.stats.df], [ours.statistic, *ours.df])


@pytest.mark.parametrize("kind", ["jk1", "boot", "sdr"])
@pytest.mark.parametrize("centre", ["mean", "estimate"])
def test_replicates_match_svy(kind, centre):
    svy = pytest.importorskip("svy", reason="svy is not installed")
    given = json.loads((FOLDER / "replicates" / "sets.json").read_text(encoding="utf-8"))[kind]
    data, names = pd.read_csv(FOLDER / "replicates" / given["file"]), given["columns"]
    ours = tk.Design(
        data,
        weights="pw",
        replicates=tk.Replicates(
            names, SETS[kind], scale=given["scale"], rscales=given["rscales"], centre=centre
        ),
    )
    wanted = {"prefix": f"{kind}_", "n_reps": len(names), "scale": given["scale"]}
    weights = {"jk1": svy.JackknifeWgts, "boot": svy.BootstrapWgts, "sdr": svy.SdrWgts}[kind](**wanted)
    sample = svy_sample(data, wgt="pw", rep_wgts=weights)
    asked = {"method": "replication", "variance_center": "rep_mean" if centre == "mean" else "estimate"}
    for theirs, found in (
        (sample.estimation.mean("api00", **asked), tk.mean(ours, "api00")),
        (sample.estimation.prop("stype", **asked), tk.proportion(ours, "stype")),
    ):
        numbers = svy_numbers(theirs, "stype")
        same(numbers["est"], found.estimate)
        same(numbers["se"], found.se)


# ---- samplics -----------------------------------------------------------------------------------


@pytest.mark.parametrize("call", CALLS)
def test_domains_match_samplics(case, call):
    pytest.importorskip("samplics", reason="samplics is not installed")
    from samplics import PopParam, TaylorEstimator

    data, roles = case.data, case.roles
    given = {"samp_weight": data[roles["weights"]], "domain": data[case.by]}
    given |= {"stratum": data[roles["strata"]]} if "strata" in roles else {}
    given |= {"psu": data[roles["psu"]]} if "psu" in roles else {}
    given |= {"fpc": unsampled(case)} if "fpc" in roles else {}
    given |= {"x": data[case.x]} if call == "ratio" else {}
    estimator = TaylorEstimator(getattr(PopParam, call))
    estimator.estimate(y=data[case.answer if call == "prop" else case.y], **given)
    ours = case.sorted(CALLS[call](case))
    same(flat(estimator.point_est), ours["estimate"])
    same(flat(estimator.stderror), ours["se"])


def unsampled(case: Case) -> float | dict[str, float]:
    """Return samplics' finite-population factor 1 - f, by stratum where there are strata."""
    data, roles = case.data, case.roles

    def factor(rows: pd.DataFrame) -> float:
        sampled = rows[roles["psu"]].nunique() if "psu" in roles else len(rows)
        return 1 - sampled / rows[roles["fpc"]].iloc[0]

    if "strata" not in roles:
        return factor(data)
    return {stratum: factor(rows) for stratum, rows in data.groupby(roles["strata"])}


def flat(found) -> list[float]:
    """Return the numbers of nested dictionaries in the order of their keys."""
    if not isinstance(found, dict):
        return [found]
    return [number for key in sorted(found, key=str) for number in flat(found[key])]
