"""A site's style sheet without what no page can use."""

from __future__ import annotations

import pytest

from trustkit.reporting.page_styles import trim_styles, trimmed

SHEET = """@charset "utf-8";
/* .gone { } */
.kept, .gone .kept { color: red }
.gone::before { content: "} .kept" }
#top > .kept[data-x=".gone"] { margin: 0 }
#bottom { margin: 0 }
.w-1\\/2 { width: 50% }
:not(.gone) { padding: 0 }
@media print { .gone { display: none } }
@media screen { .gone, p { display: none } .kept { top: 0 } }
@keyframes turn { from { top: 0 } to { top: 1px } }
@font-face { font-family: "A"; src: url(a.woff2) }"""


KEPT = """@charset "utf-8";
.kept { color: red }
#top > .kept[data-x=".gone"] { margin: 0 }
.w-1\\/2 { width: 50% }
:not(.gone) { padding: 0 }
@media screen { p { display: none } .kept { top: 0 } }
@keyframes turn { from { top: 0 } to { top: 1px } }
@font-face { font-family: "A"; src: url(a.woff2) }"""


def test_rules_that_can_apply_are_kept_and_all_others_are_not():
    assert "".join(trimmed(SHEET, {"kept", "top"}).split()) == "".join(KEPT.split())


@pytest.mark.parametrize(("name", "text"), [("a.html", '<p class="gone">'), ("b.js", 'add("gone")')])
def test_what_a_page_or_a_script_names_is_kept(tmp_path, name, text):
    (tmp_path / "theme.css").write_text(".gone{top:0}.other{top:0}")
    (tmp_path / name).write_text(text)
    trim_styles(tmp_path, "theme.css")
    assert (tmp_path / "theme.css").read_text() == ".gone{top:0}"
