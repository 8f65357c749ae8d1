"""Caveats of several designs are told once each, in their order."""

from __future__ import annotations

from trustkit.caveats import AS_RANDOM, GUESSED, NO_CAVEATS, OPT_IN, SELECTED, SYNTHETIC, Caveats

FIRST = Caveats(assumptions=("nobody moved",), guesses=("Do you trust it?",), allowed=("research",))


def test_joined_caveats_tell_each_assumption_guess_and_purpose_once():
    other = Caveats(
        synthetic=True,
        assumptions=("all are alike", "nobody moved"),
        guesses=FIRST.guesses,
        allowed=("panel", "research"),
    )
    assert FIRST.joined(other, FIRST) == Caveats(
        synthetic=True,
        assumptions=("nobody moved", "all are alike"),
        guesses=FIRST.guesses,
        allowed=("research", "panel"),
    )


def test_every_caveat_is_one_sentence_for_the_reader_and_none_without_one():
    assert NO_CAVEATS.sentences == ()
    assert FIRST.joined(Caveats(synthetic=True)).sentences == (
        SYNTHETIC,
        f"{OPT_IN}nobody moved.",
        f"{GUESSED}Do you trust it?",
        f"{SELECTED}research. {AS_RANDOM}",
    )


def test_one_synthetic_design_makes_the_result_synthetic():
    assert (FIRST.data, FIRST.joined(Caveats(synthetic=True)).data) == ("real", "synthetic")
