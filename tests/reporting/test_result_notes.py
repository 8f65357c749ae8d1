"""What stands below the results of a page: each thing said once."""

from __future__ import annotations

from trustkit.caveats import OPT_IN, SYNTHETIC
from trustkit.reporting.result_notes import AS_ABOVE, BADGE, LINE, said_once


def notes(*texts):
    return "".join(f'<p class="tk-note">{text}</p>' for text in texts)


MODEL = f"{OPT_IN}people were drawn at random."
FOLDED = "<details><summary>Numbers in the figure</summary><table></table></details>"


def test_short_notes_of_a_table_share_a_line_behind_one_badge():
    page = said_once(notes(MODEL) + "<hr>" + notes("Base: all.", SYNTHETIC, MODEL))
    assert page.endswith(notes(f"{BADGE} Base: all. {AS_ABOVE}"))
    assert said_once(notes(SYNTHETIC)) == notes(BADGE)


def test_a_long_note_keeps_a_line_of_its_own():
    long = "word " * (LINE // 5) + "end."
    assert said_once(notes("Base: all.", long, "One.", "Two.")) == notes("Base: all.", long, "One. Two.")


def test_the_note_of_a_chart_leaves_the_mark_of_synthetic_data_to_the_picture():
    page = said_once(notes(f"Base: all; n = 9. {SYNTHETIC} {MODEL}") + FOLDED)
    assert page == notes(f"Base: all; n = 9. {MODEL}") + FOLDED
    assert said_once(notes(SYNTHETIC) + FOLDED) == FOLDED


def test_the_notes_of_two_results_stay_apart():
    table = "<table></table>"
    page = notes(SYNTHETIC) + table + notes("Base: all.")
    assert said_once(page) == notes(BADGE) + table + notes("Base: all.")


def test_words_that_only_contain_the_sentence_stay():
    assert said_once(notes("Not-Synthetic data.")) == notes("Not-Synthetic data.")


def test_a_model_is_named_again_after_another_one():
    other = f"{OPT_IN}nobody moved."
    assert said_once("<hr>".join(map(notes, (MODEL, MODEL, other, MODEL)))) == "<hr>".join(
        map(notes, (MODEL, AS_ABOVE, other, MODEL))
    )


def test_the_dictionary_of_synthetic_data_begins_with_the_badge():
    assert said_once(f'<div class="tk-dictionary"><p>{SYNTHETIC} 9 columns.</p></div>') == (
        f'<div class="tk-dictionary"><p>{BADGE} 9 columns.</p></div>'
    )
