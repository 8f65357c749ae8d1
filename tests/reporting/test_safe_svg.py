"""Charts as SVG are shown only if they hold nothing that a browser could run or load."""

from __future__ import annotations

import pytest

from trustkit.reporting.safe_svg import svg_faults

START = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("<script>run()</script>", "the element script"),
        ("<a href='javascript:run()'><path d='M 0 0'/></a>", "the element a"),
        ("<foreignObject/>", "the element foreignObject"),
        ("<image href='data:image/png;base64,AA=='/>", "the element image"),
        ("<animate attributeName='href' to='javascript:run()'/>", "the element animate"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "the element svg"),
        ("<path onload='run()'/>", "the attribute onload of path"),
        ("<path style='fill: red'/>", "the attribute style of path"),
        ("<use href='https://example.org/a.svg#p1'/>", "the attribute href of use"),
        ("<use xmlns:x='http://www.w3.org/1999/xlink' x:href='//a.b'/>", "the attribute x:href of use"),
        ("<path fill='url(https://example.org/)'/>", "the attribute fill of path"),
        ("<path d='M 0 0' clip-path='url(other.svg#p1)'/>", "the attribute clip-path of path"),
        ("<text font-family='a;b{}'>t</text>", "the attribute font-family of text"),
        ("<style>@import 'https://example.org/a.css';</style>", "a style sheet of another kind"),
        ("<style>.c1{fill:url(https://example.org)}</style>", "a style sheet of another kind"),
        ("<?xml-stylesheet href='https://example.org/a.css'?>", "the instruction xml-stylesheet"),
        ("<path>", "XML that cannot be read"),
    ],
)  # fmt: skip
def test_what_could_run_or_load_is_a_fault(inside, fault):
    assert any(found.startswith(fault) for found in svg_faults(f"{START}{inside}</svg>"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain words",
        f"{START}</svg>{START}</svg>",
        '<svg xmlns="http://www.w3.org/1999/xhtml" width="9" height="9"/>',
        '<html xmlns="http://www.w3.org/1999/xhtml"/>',
        f'<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>{START}<text>&c;</text></svg>',
        f'<!DOCTYPE svg SYSTEM "file:///etc/hostname">{START}</svg>',
    ],
)
def test_a_file_that_is_no_chart_is_a_fault(text):
    assert list(svg_faults(text))


def test_text_that_looks_like_markup_is_text():
    assert list(svg_faults(f"{START}<title>&lt;script&gt;</title><text x='1'>a &amp; b</text></svg>")) == []
