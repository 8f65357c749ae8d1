"""Lazy sources give the numbers of the pandas source, from one GROUP BY a call."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from lazy_cases import CALLS, DESIGNS, TESTS, assert_same_numbers, make_rows

import trustkit as tk
from trustkit.design.lazy import EngineRows
from trustkit.errors import DataError, DesignError
from trustkit.survey.variable import MissingRange


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return make_rows()


@pytest.fixture(scope="module")
def parquet(frame, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("lazy") / "answers.parquet"
    frame.to_parquet(path)
    return str(path)


SOURCES = {"path": str, "duckdb": duckdb.read_parquet, "polars": pl.scan_parquet}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("kind", DESIGNS)
@pytest.mark.parametrize("call", CALLS)
def test_a_lazy_source_gives_the_pandas_numbers(frame, parquet, source, kind, call):
    here = CALLS[call](tk.Design(frame, weights="w", **DESIGNS[kind]))
    there = CALLS[call](tk.Design(SOURCES[source](parquet), weights="w", **DESIGNS[kind]))
    assert_same_numbers(here, there)


@pytest.mark.parametrize("source", SOURCES)
def test_tests_and_contrasts_work_on_a_lazy_source(frame, parquet, source):
    here = tk.Design(frame, weights="w", strata="stratum", psu="psu")
    there = tk.Design(SOURCES[source](parquet), weights="w", strata="stratum", psu="psu")
    for test in TESTS.values():
        assert test(there).p_value == pytest.approx(test(here).p_value, rel=1e-9)


def test_several_variables_share_one_covariance_where_there_are_psus(frame, parquet):
    design = {"weights": "w", "strata": "stratum", "psu": "psu"}
    here = tk.mean(tk.Design(frame, **design), ["income", "size"])
    there = tk.mean(tk.Design(parquet, **design), ["income", "size"])
    np.testing.assert_allclose(there.vcov, here.vcov, rtol=1e-11)


def test_several_variables_without_psus_say_so(parquet):
    with pytest.raises(DesignError, match="covariance of one variable at a time"):
        tk.mean(tk.Design(parquet, weights="w"), ["income", "size"])


@pytest.mark.parametrize("source", SOURCES)
def test_quantiles_far_apart_and_in_many_domains_are_found(frame, tmp_path, source, monkeypatch):
    monkeypatch.setattr("trustkit.design.lazy_distributions.MOST_INTERVALS", 3)
    many = frame.assign(group=[f"g{number % 20:02d}" for number in range(len(frame))])
    many.loc[:4, "income"] = [1e308, -1e308, 1e-300, 0.0, -0.0]
    many.loc[many["group"] == "g07", "income"] = 5.0
    path = tmp_path / "many.parquet"
    many.to_parquet(path)
    probs = [0.001, 0.5, 0.999]
    for by in (None, "group"):
        here = tk.quantile(tk.Design(many, weights="w"), "income", probs, by=by)
        there = tk.quantile(tk.Design(SOURCES[source](str(path)), weights="w"), "income", probs, by=by)
        for name in ("estimate", "ci_low", "ci_high", "n"):
            np.testing.assert_array_equal(getattr(there, name), getattr(here, name))


def test_a_quantile_of_nobody_says_so_in_the_engine(parquet):
    with pytest.raises(DataError, match="nobody is in the base"):
        tk.quantile(tk.Design(parquet, weights="w"), "income", where={"size": 99.0})


def test_codes_that_share_a_label_are_one_domain_of_a_quantile(frame, tmp_path):
    frame.assign(sex=np.arange(len(frame)) % 3).to_parquet(tmp_path / "codes.parquet")
    sex = tk.Variable("sex", "Sex", "single", codes={0: "One", 1: "Other", 2: "One"})
    book = tk.Codebook({"sex": sex})
    lazy = tk.Design(str(tmp_path / "codes.parquet"), codebook=book, weights="w")
    eager = tk.Design(frame.assign(sex=np.where(np.arange(len(frame)) % 3 == 1, "Other", "One")), weights="w")
    for probs in (0.1, 0.5, 0.9):
        here, there = (tk.quantile(each, "income", probs, by="sex") for each in (eager, lazy))
        assert dict(zip(there.keys["sex"], there.estimate, strict=True)) == dict(
            zip(here.keys["sex"], here.estimate, strict=True)
        )


def test_infinite_values_have_no_quantile_in_the_engine(frame, tmp_path):
    frame.assign(income=np.inf).to_parquet(tmp_path / "infinite.parquet")
    with pytest.raises(DataError, match="some values of income are infinite"):
        tk.quantile(tk.Design(str(tmp_path / "infinite.parquet"), weights="w"), "income")


def test_where_takes_a_narwhals_expression(frame, parquet):
    import narwhals as nw

    there = tk.mean(tk.Design(parquet, weights="w"), "income", where=nw.col("size") > 3)
    here = tk.mean(tk.Design(frame, weights="w"), "income", where=frame["size"] > 3)
    np.testing.assert_allclose(there.estimate, here.estimate, rtol=1e-12)
    np.testing.assert_allclose(there.se, here.se, rtol=1e-12)


def test_codes_are_labelled_by_the_codebook(frame, tmp_path):
    coded = frame.assign(income=frame["income"].where(frame.index % 5 > 0, 1.5e9))
    coded = coded.assign(answer=frame["answer"].map({"a": 1, "b": 2, "c": 98}).astype("Int64"))
    coded.to_parquet(tmp_path / "coded.parquet")
    answer = tk.Variable("answer", "Trust?", "single", codes={1: "Yes", 2: "No"}, missing={98: "don't know"})
    answer = replace(answer, missing={}, missing_ranges=(MissingRange(90, 99, "don't know"),))
    spans = (MissingRange(1e9, 2e9, "refused"),)
    income = tk.Variable("income", "Income", "numeric", missing={0: "refused"}, missing_ranges=spans)
    book = tk.Codebook({"answer": answer, "income": income})
    lazy = tk.Design(str(tmp_path / "coded.parquet"), codebook=book, weights="w")
    eager = tk.Design(tk.Survey(coded, book), weights="w")
    for call in (
        lambda d: tk.proportion(d, "answer", base="asked"),
        lambda d: tk.mean(d, "income", where={"answer": "No"}),
    ):
        np.testing.assert_allclose(call(lazy).estimate, call(eager).estimate, rtol=1e-12)
        assert call(lazy).labels == call(eager).labels


def test_the_design_shows_its_size_without_bringing_rows(parquet, frame):
    design = tk.Design(parquet, weights="w", strata="stratum")
    assert isinstance(design.rows, EngineRows)
    assert "3,000" in repr(design)
    kish = frame["w"].sum() ** 2 / (frame["w"] ** 2).sum()
    assert f"{kish:,.0f}" in repr(design)


@pytest.mark.parametrize(
    "call",
    [
        lambda d: tk.rank_test(d, "income", "sex"),
        lambda d: tk.ttest(d, "income", minus="size"),
        lambda d: tk.rake(d, {"sex": {"Female": 0.5, "Male": 0.5}}),
    ],
)
def test_what_needs_rows_says_so_and_what_to_do(parquet, call):
    with pytest.raises(
        DesignError, match=r"in an engine(.|\n)*bring the columns that the step needs into pandas"
    ):
        call(tk.Design(parquet, weights="w"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"w": None}, "3,000 weights are missing"),
        ({"w": -1.0}, "3,000 weights are negative"),
        ({"w": np.inf}, "3,000 weights are infinite"),
        ({"w": 0.0}, "all weights are zero"),
        ({"stratum": None}, "3,000 values are missing"),
        ({"psus": 2}, r"fpc is smaller than the sample(.|\n)*4 sampled PSUs in stratum 1"),
        ({"psu": 1}, "strata have one PSU"),
    ],
)
def test_bad_designs_are_refused_in_the_engine(frame, tmp_path, change, message):
    path = tmp_path / "bad.parquet"
    frame.assign(**change).to_parquet(path)
    with pytest.raises(DesignError, match=message):
        tk.Design(str(path), weights="w", strata="stratum", psu="psu", fpc="psus")


def test_an_empty_source_is_refused(frame, tmp_path):
    frame.head(0).to_parquet(tmp_path / "empty.parquet")
    with pytest.raises(DesignError, match="no rows"):
        tk.Design(str(tmp_path / "empty.parquet"), weights="w", strata="stratum")


def test_names_that_are_not_there_are_named(parquet, tmp_path):
    with pytest.raises(DesignError, match=r"no column 'stratums' for strata(.|\n)*did you mean 'stratum'"):
        tk.Design(parquet, strata="stratums")
    with pytest.raises(DataError, match="no variable 'incomes'"):
        tk.mean(tk.Design(parquet), "incomes")
    with pytest.raises(DataError, match="no such file"):
        tk.Design(str(tmp_path / "missing.parquet"))
    with pytest.raises(DataError, match="unsupported data source"):
        tk.Design(42)
    with pytest.raises(DataError, match="a boolean Series can't be used with a lazy source"):
        tk.mean(tk.Design(parquet), "income", where=pd.Series([True]))
    with pytest.raises(DataError, match="size: a range needs rows in memory"):
        tk.mean(tk.Design(parquet), "income", where={"size": {"low": 3}})


def test_scores_and_wide_columns_are_refused(frame, tmp_path):
    path = tmp_path / "wide.parquet"
    frame.assign(name=[f"person {i}" for i in range(len(frame))]).to_parquet(path)
    answer = tk.Variable("answer", "Trust?", "ordinal", codes={1: "a", 2: "b", 3: "c"})
    with pytest.raises(DataError, match="scores of answer"):
        tk.mean(tk.Design(str(path), codebook=tk.Codebook({"answer": answer})), "answer")
    with pytest.raises(DataError, match="different values"):
        tk.proportion(tk.Design(str(path)), "name")
    with pytest.raises(DesignError, match="takes no replicates"):
        tk.Design(str(path), replicates=tk.Replicates(["w", "size"], "JK1"))


@pytest.mark.parametrize(
    "step",
    [
        lambda design: design.weights,
        lambda design: tk.trim(design, 2),
        tk.normalize,
        lambda design: tk.normalize(design, 100),
        tk.weight_summary,
        lambda design: tk.targets_of(design, ["answer"]),
    ],
)
def test_what_needs_the_rows_weights_refuses_a_lazy_source(frame, step):
    with pytest.raises(DesignError, match="this step needs the rows in memory, but they are in an engine"):
        step(tk.Design(pl.from_pandas(frame).lazy(), weights="w"))


@pytest.mark.parametrize("offset", [1e6, 1e9, 1.7e9])
@pytest.mark.parametrize("source", ["polars", "duckdb"])
def test_a_column_far_from_zero_keeps_its_variance_in_the_engine(source, offset):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"y": rng.normal(0, 10, 500) + offset, "w": rng.uniform(0.5, 3, 500), "sex": "m"})
    frame.loc[::2, "sex"] = "f"
    lazy = pl.from_pandas(frame).lazy() if source == "polars" else duckdb.from_df(frame)
    here, there = tk.Design(frame, weights="w"), tk.Design(lazy, weights="w")
    for where in (None, {"sex": "f"}):
        for estimator in (tk.mean, tk.variance):
            expected, found = (estimator(design, "y", where=where) for design in (here, there))
            np.testing.assert_allclose(found.estimate, expected.estimate, rtol=1e-9)
            np.testing.assert_allclose(found.se, expected.se, rtol=1e-9)


@pytest.mark.parametrize("estimator", [tk.mean, tk.total, tk.variance])
def test_infinite_values_are_refused_in_the_engine_as_in_memory(frame, estimator):
    infinite = frame.assign(income=frame["income"].where(frame.index > 0, np.inf).fillna(1.0))
    for source in (infinite, pl.from_pandas(infinite).lazy(), duckdb.from_df(infinite)):
        with pytest.raises(DataError, match="1 value of income is infinite"):
            estimator(tk.Design(source, weights="w"), "income")


def test_the_levels_of_an_enum_keep_their_order_and_those_nobody_chose():
    levels = ["Never", "Sometimes", "Always", "Unsure"]
    lazy = pl.LazyFrame({"often": pl.Series(["Always", "Never", "Always"], dtype=pl.Enum(levels))})
    frame = pd.DataFrame({"often": pd.Categorical(["Always", "Never", "Always"], levels)})
    here, there = (tk.proportion(tk.Design(source), "often") for source in (frame, lazy))
    assert there.keys["level"].tolist() == here.keys["level"].tolist() == levels
    np.testing.assert_allclose(there.estimate, here.estimate)


@pytest.mark.parametrize("source", SOURCES)
def test_dates_and_blank_texts_of_an_engine_are_described_as_those_in_memory(tmp_path, source):
    path = str(tmp_path / "blank.parquet")
    frame = pd.DataFrame({"brand": ["a", "", " ", None] * 5, "day": pd.Timestamp("2025-03-01")})
    frame.to_parquet(path)
    for design in (tk.Design(frame), tk.Design(SOURCES[source](path))):
        assert tk.proportion(design, "brand").to_frame()[["level", "n"]].to_numpy().tolist() == [["a", 5]]
        assert design.variable("day").kind == "date"
