"""How the PDF of a report looks, and its first pages: the title, how to cite it, and the contents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustkit.reporting.citation import Citation

TEMPLATE = """\
#set document(title: TITLE, author: AUTHORS, date: none)
#set text(lang: "en", font: ("Libertinus Serif", "DejaVu Sans"), size: 10pt)
#set page(
  paper: "a4", margin: (x: 20mm, top: 22mm, bottom: 20mm), numbering: "1", number-align: right,
  header: context if here().page() > 1 {
    let chapters = query(heading.where(level: 1, outlined: true))
    let begun = chapters.filter(it => it.location().page() <= here().page())
    set text(size: 8.5pt, fill: luma(90))
    TITLE
    h(1fr)
    if begun != () and begun.last().location().page() < here().page() { begun.last().body }
  },
)
#set par(leading: 0.62em, spacing: 0.9em)
#set table(stroke: none, inset: (x: 4pt, y: 3pt))
#set table.hline(stroke: 0.6pt)
#show table: it => block(width: 100%, align(left, it))
#show table: set text(size: 8.5pt)
#show table: set par(leading: 0.5em)
#show table.cell.where(y: 0): strong
#show figure.where(kind: table): set block(above: 1.3em, below: 1.1em)
#set terms(spacing: 0.8em)
#show terms: set text(size: 9pt)
#show terms: set par(spacing: 0.5em)
#show terms: set block(spacing: 0.5em)
#show figure: set block(breakable: true)
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.caption: it => block(sticky: true, align(left, strong(it.body)))
#show figure.where(kind: table): set align(left)
#show link: set text(fill: rgb("#0b5c6b"))
#show heading: set block(above: 1.4em, below: 0.8em, sticky: true)
#show heading.where(level: 1): set text(size: 19pt)
#show heading.where(level: 2): set text(size: 14pt)
#show raw: set text(font: ("DejaVu Sans Mono",), size: 1.05em)
#let chart(file, words) = context {
  let drawn(..size) = image(file, alt: words, ..size)
  let (width, tallest) = (140mm, 165mm) // letters as large as those of notes, and room for the text before it
  if measure(drawn(width: width)).height > tallest { drawn(height: tallest) } else { drawn(width: width) }
}
#let note(body) = {
  set text(size: 8.5pt)
  set par(leading: 0.55em, spacing: 0.6em)
  block(spacing: 0.8em, body)
}
#let with-next(body) = block(sticky: true, spacing: 0.9em, body)
#let sect = sym.inter  // pandoc 3.9 writes the name that Typst 0.14 took away
#let horizontalrule = line(length: 100%, stroke: 0.5pt)

#block(above: 10mm, below: 6mm, text(size: 26pt, weight: "bold", TITLE))
#for line in ABOUT { par(line) }
#v(6mm)
#heading(outlined: false, level: 1)[Contents]
#set text(size: 8.5pt)
#context { // both columns are equally long on the last page of the contents
  let listed = query(heading.where(outlined: true)).filter(it => it.level <= 2)
  let row = measure[x #linebreak() x].height - measure[x].height
  let rows = listed.map(it => if measure(it.body).width > 70mm { 2 } else { 1 })
  let room = calc.floor((page.height - 20mm - here().position().y) / row)
  let left = rows.sum(default: 0)
  while left > 2 * room {
    left -= 2 * room
    room = calc.floor((page.height - 42mm) / row)
  }
  let place = listed.len()
  let short = calc.floor(left / 2)
  while short > 0 and place > 0 {
    place -= 1
    short -= rows.at(place)
  }
  show outline.entry: it => {
    if place < listed.len() and it.element.location() == listed.at(place).location() { colbreak() }
    it
  }
  columns(2, gutter: 8mm, outline(title: none, depth: 2, indent: 1em))
}
#set text(size: 10pt)
#show heading.where(level: 1): it => {
  if it.at("label", default: none) != <p0> { pagebreak(weak: true) } // the first one follows the contents
  it
}
"""
"""Rules of Typst for the whole document, and its first pages; words in capitals are put in."""


def opening(title: str, citation: Citation) -> str:
    """Return the beginning of a document of Typst: its rules, its title and its contents."""
    before, after = citation.cited
    about = [
        ", ".join(citation.authors),
        f"Published {citation.published}." if citation.published else "",
        f"Licence: {citation.licence}." if citation.licence else "",
        f"How to cite: {before}{title}. {after}".rstrip() if citation.authors else "",
    ]
    given = {"TITLE": quoted(title), "AUTHORS": _listed(citation.authors), "ABOUT": _listed(about)}
    return re.sub("|".join(given), lambda name: given[name[0]], TEMPLATE)


def _listed(texts: Iterable[str]) -> str:
    """Return texts, without empty ones, as an array of Typst's code."""
    return f"({''.join(f'{quoted(text)}, ' for text in texts if text)})"


def quoted(text: str) -> str:
    """Return a text of Typst's code: whatever it holds, it ends where it should."""
    return (
        '"'
        + "".join(
            sign if sign.isprintable() and sign not in '"\\' else f"\\u{{{ord(sign):x}}}" for sign in text
        )
        + '"'
    )
