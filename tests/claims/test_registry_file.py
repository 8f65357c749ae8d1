"""Files of registries: read and checked; bad ones are refused with the line of each error."""

from __future__ import annotations

import pytest

import trustkit as tk
from trustkit.errors import ClaimError

GOOD = """\
title: Figures
publications:
  poll:
    source: A poll
    access: publisher
    url: https://example.org/poll
    read: 2026-11-25
    population: adults
    n: 607
    weighting: unweighted
    margin: 4.0
    margin_decimals: 1
    figures:
      yes: {title: Say yes, published: 40}
      no: {title: Say no, published: 55}
      both: {title: Say either, published: 48}
    checks:
      - {check: sum, of: [yes, no]}
"""


def written(folder, text):
    file = folder / "figures.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_registry_of_ones_own_is_read_and_checked(tmp_path):
    found = tk.published_figures(written(tmp_path, GOOD))
    table = found.check().table
    assert table["verdict"].tolist() == ["possible", "impossible", "cannot be checked"]
    assert found["yes"].margin == 4.0
    assert found["yes"].extent == "excerpt"
    whole = GOOD.replace("    read:", "    extent: whole page\n    read:")
    assert "whole page read on 2026-11-25" in repr(tk.published_figures(written(tmp_path, whole))["yes"])


def test_small_unweighted_samples_are_checked_figure_by_figure(tmp_path):
    text = GOOD.replace("n: 607", "n: 7").replace("    margin: 4.0\n    margin_decimals: 1\n", "")
    table = tk.published_figures(written(tmp_path, text)).check().table
    assert table["verdict"].tolist() == ["impossible"] * 4
    assert "neither is printed as 40%" in table["reason"].iloc[1]


def test_small_weighted_samples_cannot_be_checked(tmp_path):
    text = GOOD.replace("n: 607", "n: 7").replace("unweighted", "weighted")
    assert "may be" in tk.published_figures(written(tmp_path, text)).check().table["reason"].iloc[-1]


def test_a_margin_of_error_is_not_that_of_a_figure_with_another_n(tmp_path):
    text = GOOD.replace("published: 40}", "published: 40, n: 60}")
    found = tk.published_figures(written(tmp_path, text))
    assert (found["yes"].margin, found["no"].margin) == (None, 4.0)
    table = found.check().table
    assert table.loc[table["check"].str.contains("margin"), "verdict"].tolist() == ["possible"]


def test_percentages_with_unlike_decimals_are_not_held_against_each_other(tmp_path):
    text = GOOD.replace("published: 40}", "published: 45.4, decimals: 1}").replace(
        "published: 55", "published: 54"
    )
    (found,) = (
        tk.published_figures(written(tmp_path, text)).check().table.query("figures == 'yes, no'").itertuples()
    )
    assert found.verdict == "cannot be checked"
    assert "45.4%, 54%" in found.check
    assert "different numbers of decimals" in found.reason


def test_groups_of_one_base_are_all_checked(tmp_path):
    text = GOOD.replace("{check: sum, of: [yes, no]}", "{check: groups, total: both, parts: [yes, no]}")
    for figure in ("40", "55"):
        text = text.replace(f"published: {figure}", f"published: {figure}, base: one half")
    (found,) = (
        tk.published_figures(written(tmp_path, text))
        .check()
        .table.query("figures == 'both, yes, no'")
        .itertuples()
    )
    assert "40%, 55%" in found.check
    assert found.verdict == "possible"


BAD = {
    "no title": (("title: Figures\n", ""), "the key 'title' is missing"),
    "an unknown key at the top": (("title: Figures", "title: Figures\nfigure: 3"), "unknown key"),
    "no publications": ((GOOD[GOOD.index("publications") :], ""), "the key 'publications' is missing"),
    "publications as a list": ((GOOD[GOOD.index("  poll") :], "  - poll\n"), "expected a mapping"),
    "no source": (("    source: A poll\n", ""), "the key 'source' is missing"),
    "no access": (("    access: publisher\n", ""), "the key 'access' is missing"),
    "another access": (("access: publisher", "access: publishr"), "did you mean 'publisher'"),
    "another extent": (("read: 2026-11-25", "read: 2026-11-25\n    extent: all"), "extent: got 'all'"),
    "no population": (("    population: adults\n", ""), "the key 'population' is missing"),
    "no weighting": (("    weighting: unweighted\n", ""), "the key 'weighting' is missing"),
    "another weighting": (("weighting: unweighted", "weighting: rim"), "weighting: got 'rim'"),
    "an address without its beginning": (("https://example.org", "example.org"), "is no address of a page"),
    "a page without its day": (("    read: 2026-11-25\n", ""), "url and read belong together"),
    "a day without its page": (("    url: https://example.org/poll\n", ""), "url and read belong together"),
    "a day in another order": (("2026-11-25", "25-11-2026"), "'25-11-2026' is no date"),
    "a day that no month has": (("2026-11-25", "2026-02-30"), "'2026-02-30' is no date"),
    "n in words": (("n: 607", "n: six hundred"), "is no number of respondents"),
    "n with a sign": (("n: 607", "n: -607"), "is no number of respondents"),
    "n of zero": (("n: 607", "n: 0"), "is no number of respondents"),
    "n as a list": (("n: 607", "n: [607]"), "expected text"),
    "a margin in words": (("margin: 4.0", "margin: about 4"), "expected a number"),
    "a margin of zero": (("margin: 4.0", "margin: 0"), "a margin of error is positive"),
    "a margin with more decimals": (("margin: 4.0", "margin: 4.05"), "has more than 1 decimals"),
    "margin decimals below 0": (("margin_decimals: 1", "margin_decimals: -1"), "whole number from 0 to 15"),
    "an unknown key of a publication": (("access:", "acces: x\n    access:"), "did you mean 'access'"),
    "no figures": ((GOOD[GOOD.index("    figures") :], "    figures: {}\n"), "the registry has no figure"),
    "a figure without a title": (("title: Say yes, ", ""), "the key 'title' is missing"),
    "a figure without a number": ((", published: 40", ""), "the key 'published' is missing"),
    "a number in words": (("published: 40", "published: forty"), "expected a number"),
    "a share above 100": (("published: 40", "published: 140"), "a percentage is from 0 to 100"),
    "a share below 0": (("published: 40", "published: -40"), "a percentage is from 0 to 100"),
    "more decimals than said": (("published: 40", "published: 40.5"), "has more than 0 decimals"),
    "decimals that are not whole": (("published: 40", "published: 40, decimals: 0.5"), "whole number from 0"),
    "another statistic": (("published: 40", "published: 40, statistic: shares"), "statistic: got 'shares'"),
    "an unknown key of a figure": (("published: 40", "published: 40, base_: all"), "did you mean 'base'"),
    "a study without its data": (
        ("published: 40", "published: 40, study: {folder: a, claims: b}"),
        "the key 'data' is missing",
    ),
    "a study of other data": (
        ("published: 40", "published: 40, study: {folder: a, claims: b, data: fake}"),
        "data: got 'fake'",
    ),
    "a study as text": (("published: 40", "published: 40, study: here"), "expected a mapping"),
    "a check of no kind": (("{check: sum, of: [yes, no]}", "{of: [yes, no]}"), "the key 'check' is missing"),
    "a check of another kind": (("check: sum", "check: sums"), "did you mean 'sum'"),
    "a check of unknown figures": (("of: [yes, no]", "of: [yes, noo]"), "no figure is named 'noo'"),
    "a change of one figure": (
        ("{check: sum, of: [yes, no]}", "{check: change, earlier: yes}"),
        "the key 'later' is missing",
    ),
    "groups without a part": (
        ("{check: sum, of: [yes, no]}", "{check: groups, total: yes, parts: [no]}"),
        "needs at least 3 figures",
    ),
    "a check of a mean": (
        ("title: Say yes, ", "title: Say yes, statistic: mean, "),
        "'yes' is no percentage",
    ),
    "a setting of another check": (("of: [yes, no]", "of: [yes, no], groups: all"), "unknown key"),
    "the same key twice": (("    n: 607", "    n: 607\n    n: 608"), "the key occurs twice"),
    "an alias": (("title: Figures", "title: &a Figures\nother: *a"), "not plain YAML"),
    "an empty file": ((GOOD, ""), "the file is empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_registries_are_refused_with_the_line_or_the_file(tmp_path, case):
    (old, new), words = BAD[case]
    assert old in GOOD
    with pytest.raises(ClaimError) as refused:
        tk.published_figures(written(tmp_path, GOOD.replace(old, new, 1)))
    message = str(refused.value)
    assert words in message
    assert "figures.yaml" in message


def test_two_figures_of_one_name_are_refused(tmp_path):
    more = GOOD[GOOD.index("  poll") : GOOD.index("    checks")].replace("poll:", "other:")
    with pytest.raises(ClaimError, match="two figures are named 'yes'"):
        tk.published_figures(written(tmp_path, GOOD + more))


def test_all_errors_are_listed_at_once(tmp_path):
    text = GOOD.replace("n: 607", "n: 0").replace("published: 40", "published: 140").replace("noo", "no")
    with pytest.raises(ClaimError) as refused:
        tk.published_figures(written(tmp_path, text))
    assert len(refused.value.faults) == 2
