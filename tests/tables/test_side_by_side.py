"""Banners side by side: the numbers and letters of each, lettered on, protected as one table."""

from __future__ import annotations

import docx
import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError


@pytest.fixture(scope="module")
def books():
    rng = np.random.default_rng(12)
    n = 900
    area = rng.choice(list("abc"), n)
    trust = np.where(rng.random(n) < np.where(area == "a", 0.7, 0.45), "yes", "no")
    frame = pd.DataFrame(
        {"trust": trust, "area": area, "sex": rng.choice(["m", "f"], n), "w": rng.gamma(2, 0.5, n)}
    )
    columns = ["area", "sex", {"a men": {"area": "a", "sex": "m"}, "all men": {"sex": "m"}}]
    weighted, plain = tk.Design(frame, weights="w"), tk.Design(frame)
    return {name: tk.banner(one, ["trust"], columns) for name, one in (("w", weighted), ("plain", plain))}


def test_every_number_and_letter_of_each_banner_is_in_the_joined_one(books):
    joined = tk.beside(books)["trust"]
    letters = joined.frame["letter"][joined.frame["letter"] != ""].drop_duplicates().tolist()
    assert letters == list("ABCDEFGHIJKLMN")
    for name, book in books.items():
        own = book["trust"].frame
        head = [f"{one}, {name}" if one else name for one in own["head"]]
        part = joined.frame[joined.frame["head"].isin(head)]
        renamed = dict(zip(own["letter"], part["letter"], strict=True))
        for column in ("estimate", "se", "n", "n_kish"):
            np.testing.assert_array_equal(part[column], own[column])
        expected = [" ".join(renamed[letter] for letter in text.split()) for text in own["higher"]]
        assert part["higher"].tolist() == expected
        assert any(expected)
    heads = dict.fromkeys(joined.frame["head"])
    assert list(heads)[:4] == ["w", "plain", "area, w", "area, plain"]
    assert len(joined.tests) == sum(len(book["trust"].tests) for book in books.values())


def test_the_table_shows_a_column_for_each_and_names_what_is_whose(books):
    joined = tk.beside(books)
    shown = str(joined)
    assert "Total, w" in shown
    assert "Total, plain" in shown
    assert "Columns: area, w A to C; area, plain D to F; sex, w G to H; sex, plain I to J;" in shown
    assert "Weighting (plain): Not weighted." in joined.about


def test_banners_with_the_same_numbers_are_said_to_have_them(books):
    same = tk.beside({"weighted": books["w"], "unweighted": books["w"]})["trust"]
    assert "All numbers of 'weighted' and 'unweighted' are the same." in same.notes
    assert not any("are the same" in note for note in tk.beside(books)["trust"].notes)


def test_a_head_of_one_column_is_wide_enough_for_its_name(books, tmp_path):
    tk.write_tables(tk.beside({"weighted": books["w"], "unweighted": books["plain"]}), tmp_path / "t.docx")
    table = docx.Document(tmp_path / "t.docx").tables[0]
    heads = [cell.text for cell in table.rows[0].cells]
    widths = [column.width for column in table.columns]
    assert widths[heads.index("unweighted")] > widths[heads.index("weighted")]


def test_protection_hides_the_same_cells_in_both():
    small = pd.DataFrame(
        {
            "trust": ["y"] * 40 + ["n"] * 4 + ["u"] * 30 + ["y"] * 60 + ["n"] * 50 + ["u"] * 40,
            "sex": ["m"] * 74 + ["f"] * 150,
        }
    ).assign(w=lambda frame: np.arange(len(frame)) % 3 + 1)
    both = {
        name: tk.banner(tk.Design(small, weights=w), ["trust"], ["sex"])
        for name, w in (("w", "w"), ("plain", None))
    }
    table = tk.protect(tk.beside(both)).tables[0].table.set_index("answer")
    hidden = (table == "[c]").to_numpy()
    assert hidden.any()
    np.testing.assert_array_equal(hidden[:, 2:4], hidden[:, 4:6])
    assert tk.attack(tk.protect(tk.beside(both)))["safe"].all()


def test_banners_that_differ_are_refused_with_the_first_difference(books):
    design = tk.Design(pd.DataFrame({"trust": ["yes", "no"] * 50, "sex": list("mmff") * 25}))
    nets = {"all": ["yes", "no"]}
    one = tk.banner(design, ["trust"], ["sex"])
    with pytest.raises(DataError, match="differ in a column of trust"):
        tk.beside({"a": books["w"], "b": one})
    with pytest.raises(DataError, match="differ in a question"):
        tk.beside({"a": one, "b": tk.banner(design, ["trust", "sex"], ["sex"])})
    with pytest.raises(DataError, match="differ in a row of trust"):
        tk.beside({"a": one, "b": tk.banner(design, [tk.Question("trust", nets=nets)], ["sex"])})
    with pytest.raises(DataError, match="'banners' can't be used"):
        tk.beside({"a": one})
