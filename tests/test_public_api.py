"""The public names are a promise: this list changes on purpose, with a line in CHANGELOG.md."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import trustkit as tk
from trustkit.errors import DISTRIBUTION

PUBLIC = [
    "Anonymity",
    "Attrition",
    "Banner",
    "BannerTable",
    "Careless",
    "Claim",
    "Codebook",
    "ConsentBannerDefinition",
    "Consents",
    "CrossTable",
    "DataFigure",
    "DataTable",
    "Design",
    "Disclosure",
    "Erasure",
    "Estimate",
    "ExclusionLog",
    "ExclusionSensitivity",
    "Expiry",
    "FactorModel",
    "Factors",
    "Feasibility",
    "FigureChecks",
    "Fit",
    "GroupFits",
    "HouseStyle",
    "Instrument",
    "Invariance",
    "Inventory",
    "ItemNonresponse",
    "LatentClasses",
    "Letters",
    "MarginOfError",
    "ModelTable",
    "OptInDefinition",
    "Pairs",
    "Pps",
    "Protected",
    "ProtectedTable",
    "Protection",
    "PublishedFigure",
    "PublishedFigures",
    "Question",
    "Ranking",
    "Reading",
    "Replicates",
    "SegmentRule",
    "Sensitivity",
    "Stage",
    "Survey",
    "Synthesis",
    "TCString",
    "Targets",
    "TestResult",
    "Transitions",
    "TrustkitError",
    "Turf",
    "Variable",
    "Verdict",
    "Verdicts",
    "WeightStep",
    "WeightSummary",
    "Willingness",
    "adjust_nonresponse",
    "agreement",
    "anonymity",
    "attack",
    "attrition",
    "attrition_weights",
    "average_effect",
    "banner",
    "beside",
    "calibrate",
    "careless",
    "change",
    "change_beyond_noise",
    "check_fit",
    "check_mean",
    "check_release",
    "check_test",
    "chisq_test",
    "class_proportion",
    "clean",
    "collapse",
    "compare_norm",
    "confirm",
    "consent_banner_rates",
    "consent_funnel",
    "consented",
    "contrast",
    "correlation",
    "count",
    "crosstab",
    "data_table",
    "decode_tcf",
    "delta",
    "derive",
    "difference_dots",
    "difference_from_rest",
    "disclosure",
    "distribution",
    "dot_interval",
    "draft_codebook",
    "drivers",
    "drop_duplicates",
    "drop_failed_attention",
    "drop_inconsistent",
    "drop_speeders",
    "drop_straightliners",
    "drop_where",
    "drop_without_consent",
    "erase",
    "example_folder",
    "exclusion_flow",
    "exclusion_losses",
    "exclusion_sensitivity",
    "expire",
    "factors",
    "feasible",
    "fit_by_group",
    "flag_inconsistent",
    "funnel",
    "glm",
    "gof_test",
    "heat_table",
    "house_style",
    "implied_deff",
    "instrument",
    "instruments",
    "invariance",
    "inventory",
    "item_analysis",
    "item_nonresponse",
    "keep_where",
    "latent_classes",
    "likert_bars",
    "link_waves",
    "make_key",
    "margin_fits",
    "margin_of_error",
    "mean",
    "modal_class",
    "model_table",
    "multinomial",
    "net",
    "nonresponse_pattern",
    "normalize",
    "nps",
    "oneway_test",
    "opt_in_rates",
    "ordinal",
    "paired_proportions",
    "pairwise",
    "polychoric",
    "pool",
    "poststratify",
    "predict",
    "predicted_means",
    "propensity_weights",
    "proportion",
    "protect",
    "pseudonymise",
    "published_figures",
    "quantile",
    "rake",
    "rank",
    "rank_test",
    "ratio",
    "read",
    "read_claims",
    "read_codebook",
    "read_consents",
    "read_targets",
    "recode",
    "release",
    "reliability",
    "replicate",
    "reverse",
    "score",
    "segments",
    "sensitivity",
    "set_missing",
    "specification_curve",
    "stack_waves",
    "standardize",
    "strip_plot",
    "subgroups_fit",
    "sums_to_100",
    "synthesize",
    "targets_of",
    "term_test",
    "top_box",
    "total",
    "tracked_path",
    "transitions",
    "trend",
    "trend_test",
    "trim",
    "trust_index",
    "ttest",
    "turf",
    "variance",
    "verdict_dots",
    "verify",
    "verify_erasure",
    "wave_difference",
    "weight_shift",
    "weight_summary",
    "willingness",
    "with_consent_status",
    "with_imputations",
    "with_replicates",
    "write",
    "write_codebook",
    "write_tables",
]


def test_the_public_names_are_frozen():
    assert tk.__all__ == PUBLIC


def test_every_public_name_can_be_used():
    for name in PUBLIC:
        assert callable(getattr(tk, name))


def test_every_public_name_says_what_it_is():
    undocumented = [name for name in PUBLIC if not getattr(tk, name).__doc__]
    assert undocumented == []


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_an_example_that_runs_when_pasted_alone(name):
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    (found,) = doctest.DocTestFinder(recurse=False).find(getattr(tk, name), name, globs={})
    said = []
    run = doctest.DocTestRunner(verbose=False, optionflags=flags).run(found, out=said.append)
    assert found.examples, "no example"
    assert any(f"tk.{name}" in example.source for example in found.examples) or isinstance(
        getattr(tk, name), type
    ), "the example does not call the function"
    assert run.failed == 0, "".join(said)


def test_no_public_parameter_has_a_name_that_says_nothing():
    vague = {"found", "value", "data_", "thing", "obj", "kept", "own", "told", "one"}
    functions = {name: getattr(tk, name) for name in PUBLIC if inspect.isfunction(getattr(tk, name))}
    assert len(functions) > 40
    named = {
        name: vague & set(inspect.signature(function).parameters) for name, function in functions.items()
    }
    assert {name: words for name, words in named.items() if words} == {}


def test_tests_of_groups_take_the_variable_and_its_groups_in_one_order():
    for name in ("ttest", "oneway_test", "rank_test", "chisq_test"):
        parameters = list(inspect.signature(getattr(tk, name)).parameters.values())
        assert [parameter.kind for parameter in parameters[:3]] == [
            inspect.Parameter.POSITIONAL_OR_KEYWORD
        ] * 3


def test_the_names_are_listed_for_completion():
    assert dir(tk) == sorted([*PUBLIC, "__version__"])


def test_help_lists_every_name_by_its_topic_once():
    listed = re.findall(r"``(\w+)``", tk.__doc__.partition("until a name is used.")[2])
    assert sorted(listed) == PUBLIC


def test_a_packages_docstring_names_its_modules():
    root = Path(tk.__file__).parent
    for package in sorted(path.parent for path in root.glob("*/__init__.py")):
        named = re.findall(
            r"^(\w+)\n    ", ast.get_docstring(ast.parse((package / "__init__.py").read_text())), re.MULTILINE
        )
        assert named == sorted(path.stem for path in package.glob("*.py") if path.stem != "__init__"), package


def test_type_checkers_see_the_same_names():
    source = Path(tk.__file__).read_text(encoding="utf-8")
    assert [name for name in PUBLIC if f" import {name} as {name}\n" not in source] == []


def test_each_name_is_listed_once_under_the_module_that_defines_it():
    listed = [(name, f"trustkit.{module}") for module, names in tk._HOMES.items() for name in names]
    assert sorted(name for name, _ in listed) == PUBLIC
    assert [name for name, module in listed if getattr(tk, name).__module__ != module] == []


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'trustkit' has no attribute 'reed'"):
        tk.reed  # noqa: B018


def test_the_version_is_the_packages_own():
    try:
        installed = metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        pyproject = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
        assert f'version = "{tk.__version__}"' in pyproject
    else:
        assert tk.__version__ == installed


def test_importing_the_package_imports_nothing_heavy():
    heavy = [
        "numpy",
        "pandas",
        "scipy",
        "matplotlib",
        "yaml",
        "typer",
        "rich",
        "narwhals",
        "duckdb",
        "IPython",
    ]
    code = f"import sys, trustkit; print(sorted(set({heavy}) & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_first_estimate_imports_nothing_that_it_does_not_use():
    heavy = [
        "scipy.stats", "scipy.optimize", "scipy.linalg", "scipy.sparse", "matplotlib", "IPython", "yaml",
        "statsmodels", "duckdb", "narwhals", "pyreadstat", "formulaic",
    ]  # fmt: skip
    code = (
        "import sys, pandas, trustkit as tk\n"
        "tk.proportion(tk.Design(pandas.DataFrame({'a': ['x', 'y']})), 'a')\n"
        f"print(sorted(set({heavy}) & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "name",
    [
        "Design", "chisq_test", "contrast", "correlation", "delta", "gof_test", "mean", "paired_proportions",
        "count", "oneway_test", "pairwise", "proportion", "quantile", "rank_test", "ratio", "replicate",
        "standardize", "total", "ttest", "variance",
        "wave_difference", "with_replicates",
    ],
)  # fmt: skip
def test_what_computes_cites_the_page_of_its_formulas(name):
    assert "`docs/maths.md`" in getattr(tk, name).__doc__
