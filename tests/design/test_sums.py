"""Grouped sums are what loops over the rows give."""

from __future__ import annotations

import numpy as np
import pytest

from trustkit.design.sums import (
    Cells,
    Functional,
    Sums,
    counts,
    cross,
    first_sums,
    group_totals,
    joint_sums,
    replicate_sums,
    second_sums,
)
from trustkit.errors import DesignError

GROUPS = np.array([0, 0, 1, 1, 2, 2])
WEIGHTS = np.array([1.0, 2.0, 3.0, 4.0, 0.0, 6.0])
Y = np.array([5.0, 1.0, 2.0, 8.0, 3.0, 7.0])
CODES = np.array([0, 1, 1, 2, 0, 0])  # 2 is in no cell
CELLS = Cells(CODES, 2, [Y], [(0,), (0, 0)], linear=2)


def looped(weights, basis, *, groups=None):
    """Sum weight x basis for each group and each of the two cells."""
    groups = np.zeros(6, dtype=int) if groups is None else groups
    found = np.zeros((groups.max() + 1, 2, len(basis)))
    for row in range(6):
        for place, column in enumerate(basis):
            if CODES[row] < 2:
                found[groups[row], CODES[row], place] += weights[row] * column[row]
    return found


def test_first_sums_are_weight_times_basis_by_group_and_cell():
    found = first_sums(GROUPS, 3, CELLS, WEIGHTS)
    assert np.array_equal(found, looped(WEIGHTS, [np.ones(6), Y, Y**2], groups=GROUPS))


def test_without_groups_there_is_one():
    found = first_sums(None, 1, CELLS, WEIGHTS)
    assert np.array_equal(found, looped(WEIGHTS, [np.ones(6), Y, Y**2]))


def test_second_sums_are_squares_times_products_of_the_linear_basis():
    found = second_sums(CELLS, WEIGHTS**2)
    assert found.shape == (2, 2, 2)
    for i, left in enumerate([np.ones(6), Y]):
        for j, right in enumerate([np.ones(6), Y]):
            assert np.array_equal(found[:, i, j], looped(WEIGHTS**2, [left * right])[0, :, 0])


@pytest.mark.parametrize("sums", [first_sums, second_sums, replicate_sums, counts])
def test_blocks_of_rows_add_up_to_the_whole(monkeypatch, sums):
    rng = np.random.default_rng(1)
    y, weights, groups = rng.normal(size=(3, 1_000))
    cells = Cells(rng.integers(0, 5, 1_000).astype(np.int8), 4, [y], [(0,), (0, 0)], 2, centres=[0.5])
    given = {
        first_sums: ((groups > 0).astype(int), 2, cells, weights),
        replicate_sums: (cells, np.asfortranarray(np.outer(weights, [1.0, 2.0]))),
    }.get(sums, (cells, weights))
    whole = sums(*given)
    monkeypatch.setattr("trustkit.design.sums.BLOCK", 64)
    np.testing.assert_allclose(sums(*given), whole, rtol=1e-12)


def test_joint_sums_pair_the_cells_of_two_tables():
    other = Cells(np.array([1, 0, 1, 0, 1, 0]), 2)
    found = joint_sums(CELLS, other, WEIGHTS**2)
    expected = np.zeros((4, 2))
    for row in range(6):
        if CODES[row] < 2:
            for place, column in enumerate([np.ones(6), Y]):
                expected[2 * CODES[row] + place, other.codes[row]] += WEIGHTS[row] ** 2 * column[row]
    assert np.array_equal(found, expected)


def test_replicate_sums_are_first_sums_of_each_set_of_weights():
    sets = np.column_stack([WEIGHTS, 2 * WEIGHTS, WEIGHTS[::-1]])
    found = replicate_sums(CELLS, sets)
    for place in range(3):
        assert np.allclose(found[place], first_sums(None, 1, CELLS, sets[:, place])[0], rtol=1e-15)


def test_counts_are_rows_in_a_cell_with_a_positive_weight():
    assert counts(CELLS, WEIGHTS).tolist() == [2, 2]
    assert counts(CELLS, np.ones(6)).tolist() == [3, 2]


def test_a_code_and_its_group_become_one_code():
    assert cross(np.array([0, 1, 2]), np.array([1, 0, 1]), 2).tolist() == [1, 2, 5]
    assert cross(None, np.array([1, 0]), 2).tolist() == [1, 0]


def test_group_totals_hold_a_place_for_groups_without_rows():
    assert group_totals(np.array([0, 2]), np.array([1.5, 2.0]), 4).tolist() == [1.5, 0.0, 2.0, 0.0]


def functional(*, clustered):
    """The mean of y in each of the two cells."""
    first = first_sums(GROUPS, 3, CELLS, WEIGHTS)
    second = None if clustered else second_sums(CELLS, WEIGHTS**2)
    sums = Sums(first, second, counts(CELLS, WEIGHTS))
    mass, total = sums.total[:, 0], sums.total[:, 1]
    gradient = np.zeros((2, 2, 2))
    for cell in range(2):
        gradient[cell, :, cell] = [-total[cell] / mass[cell] ** 2, 1 / mass[cell]]
    return Functional(CELLS, sums, lambda found: found[..., 1] / found[..., 0], gradient)


def influence():
    found = np.zeros((6, 2))
    for cell in range(2):
        rows = cell == CODES
        centre = np.average(Y[rows], weights=WEIGHTS[rows])
        found[rows, cell] = WEIGHTS[rows] * (Y[rows] - centre) / WEIGHTS[rows].sum()
    return found


def test_a_functional_gives_its_estimates_from_the_totals():
    found = functional(clustered=True).value
    assert np.allclose(found, [np.average([5, 3, 7], weights=[1, 0, 6]), np.average([1, 2], weights=[2, 3])])


def test_linearised_totals_are_the_influence_summed_over_groups():
    part = functional(clustered=True)
    expected = np.array([influence()[group == GROUPS].sum(axis=0) for group in range(3)])
    assert np.allclose(part.totals(part.sums.first), expected, atol=1e-15)


def test_the_spread_is_the_sum_of_squared_influence():
    assert np.allclose(functional(clustered=False).spread(), influence().T @ influence(), atol=1e-15)


def test_estimates_touch_only_the_cells_they_depend_on():
    assert functional(clustered=True).touched.tolist() == [[True, False], [False, True]]


def test_squared_influence_is_not_known_where_psus_hold_several_rows():
    with pytest.raises(DesignError, match="each row to be its own PSU"):
        functional(clustered=True).spread()
