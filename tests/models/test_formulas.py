"""Formulas: what is allowed is read, and nothing else is ever run."""

from __future__ import annotations

import time

import pytest

from trustkit.errors import FitError
from trustkit.models.expressions import columns_in
from trustkit.models.formulas import parse_formula

COLUMNS = ["y", "x", "z", "api.stu", "two words", "lambda_", "a", "b", "c"]

HOSTILE = [
    "y ~ __import__('os').getpid()",
    "y ~ {__import__('os').getpid()}",
    "y ~ I(__import__('os').getpid())",
    "y ~ I(__import__('os').getpid() * x)",
    "y ~ `__import__('os').getpid()`",
    "y ~ x.__class__",
    "y ~ x.__class__.__mro__[1]",
    "y ~ I(x.sum())",
    "y ~ x.sum()",
    "y ~ I((lambda q: q)(x))",
    "y ~ log(lambda: 1)",
    "y ~ I([q for q in x])",
    "y ~ I((q := x))",
    "y ~ I(x if x else z)",
    "y ~ I(x[0])",
    "y ~ x[0]",
    "y ~ I(f'{x}')",
    "y ~ I('x')",
    "y ~ eval('x')",
    "y ~ exec('x = 1')",
    "y ~ open('a.txt')",
    "y ~ getattr(x, 'sum')",
    "y ~ np.log(x)",
    "y ~ pd.read_csv('a.csv')",
    "y ~ C(x, contr.treatment)",
    "y ~ C(*x)",
    "y ~ log(**x)",
    "y ~ poly(x, degree=__import__('os').getpid())",
    "y ~ bs(x, df=z)",
    "y ~ poly(x, 2, raw=True)",
    "y ~ scale(center(x) + 1)",
    "y ~ log(x)(z)",
    "y ~ I(x @ z)",
    "y ~ I(x < z)",
    "y ~ I(x and z)",
    "y ~ I(~x)",
    "y ~ I(x ** 1e9)",
    "y ~ I(x ** z)",
    "y ~ I(await x)",
    "y ~ I(print(x))",
    "__import__('os').getpid() ~ x",
    "{y} ~ x",
    "level(y, __import__('os').getpid()) ~ x",
    "level(__import__('os'), 'a') ~ x",
    "y ~ offset(__import__('os').getpid())",
    "y ~ `__import__`('os').getpid()",
    "y ~ I(`__import__('os').getpid()`)",
    "y ~ log(`x`.__class__)",
    "y ~ log(`x)",
    "level(`y`, __import__('os').getpid()) ~ x",
    "y ~ hashed(x)",
    "y ~ lag(x)",
    "y ~ I(True)",
    "y ~ I(1j * x)",
    "y ~ x; import os",
    "y ~ x\nimport os",
    "y ~ x\0",
    "y ~ \\x",
    "y | z ~ x",
    "[y ~ x] ~ z",
]

MALFORMED = [
    "",
    "y",
    "~ x",
    "y ~ 0",
    "y + z ~ x",
    "y:z ~ x",
    "y ~ x ~ z",
    "y ~ (x",
    "y ~ 2",
    "y ~ 'x'",
    "y ~ .",
    "y ~ offset(x):z",
    "y == 'a' ~ x",
    "center(y) ~ x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_not_allowed_is_refused_in_words(text, monkeypatch):
    monkeypatch.setattr("os.getpid", lambda: pytest.fail("a part of the formula was run"))
    with pytest.raises(FitError) as caught:
        parse_formula(text, COLUMNS)
    assert caught.value.expected or caught.value.do


@pytest.mark.parametrize("text", MALFORMED)
def test_formulas_that_make_no_model_are_refused_in_words(text):
    with pytest.raises(FitError, match=r"formula|outcome"):
        parse_formula(text, COLUMNS)


@pytest.mark.parametrize(
    "text",
    [
        "y ~ " + "*".join("abc" * 40),
        "y ~ (a + b + c + x + z)**9",
        "y ~ (a + b)**1000000",
        "y ~ " + "(" * 500 + "x" + ")" * 500,
        "y ~ " + " + ".join(["x"] * 5_000),
        "y ~ I(" + "-" * 1_500 + "x)",
    ],
)
def test_formulas_that_grow_without_bound_are_refused_at_once(text):
    start = time.process_time()
    with pytest.raises(FitError):
        parse_formula(text, COLUMNS)
    assert time.process_time() - start < 5


def test_a_name_that_does_not_exist_is_refused_with_a_near_miss():
    with pytest.raises(FitError, match=r"did you mean 'api\.stu'"):
        parse_formula("y ~ api.sty", COLUMNS)


@pytest.mark.parametrize(
    ("text", "terms", "intercept"),
    [
        ("y ~ x + z", ["x", "z"], True),
        ("y ~ x * z", ["x", "z", "x:z"], True),
        ("y ~ 0 + x", ["x"], False),
        ("y ~ x - 1", ["x"], False),
        ("y ~ 1", [], True),
        ("y ~ (a + b)**2 - a:b", ["a", "b"], True),
        ("y ~ a/b", ["a", "a:b"], True),
        ("y ~ C(x) + poly(z, 2):a", ["C(x)", "poly(z, 2):a"], True),
        ("y ~ `two words` + api.stu", ["two words", "api.stu"], True),
        ("log(y) ~ I((x - 1) ** 2 / -z)", ["I((x - 1) ** 2 / -z)"], True),
        ("level(y, 'yes (50%)') ~ scale(x)", ["scale(x)"], True),
        ("y ~ x + offset(log(api.stu))", ["x"], True),
    ],
)
def test_terms_are_read_as_other_formulas_are(text, terms, intercept):
    formula = parse_formula(text, COLUMNS)
    assert [":".join(factor.text for factor in term) for term in formula.terms] == terms
    assert formula.intercept is intercept


def test_outcome_level_and_offset_are_read():
    formula = parse_formula("level(y, 'yes') ~ x + offset(log(api.stu))", COLUMNS)
    assert (formula.outcome.text, formula.outcome.level) == ("y", "yes")
    assert [columns_in(part) for part in formula.offsets] == [("api.stu",)]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("y ~ log(`two words`)", ("two words",)),
        ("y ~ I(`two words` ** 2 - `x`)", ("two words", "x")),
        ("y ~ scale(`two words`) + poly(`two words`, 2)", ("two words",)),
        ("log(`two words`) ~ offset(`api.stu`) + x", ("two words",)),
    ],
)
def test_names_in_backticks_may_stand_in_calls(text, columns):
    formula = parse_formula(text, COLUMNS)
    parts = [formula.outcome.part, *(factor.part for term in formula.terms for factor in term)]
    assert set(columns) <= {name for part in parts for name in columns_in(part)}


def test_an_answer_of_a_variable_with_blanks_is_an_outcome_as_it_is_written():
    outcome = parse_formula("level(`two words`, '`so` said') ~ x", COLUMNS).outcome
    assert (outcome.text, outcome.level) == ("two words", "`so` said")
