"""Whether anything on a page is cut off or stands outside its box, as a browser laid it out."""

from __future__ import annotations

WIDTHS = (1280, 768, 390)
PAPER = 688
"""Pixels between the margins of a sheet of A4, as `@page` of the style sets them."""

FAULTS = r"""
paper => {
  const found = [], room = document.documentElement.clientWidth;
  const told = (box, what) => found.push(
    `${what}: ${box.tagName.toLowerCase()}.${box.className.baseVal ?? box.className} ` +
    `"${(box.textContent || box.alt || '').trim().replace(/\s+/g, ' ').slice(0, 50)}"`);
  const known = new Map();
  const unseen = box => {
    if (!box) return false;
    if (!known.has(box)) {
      const style = getComputedStyle(box);
      known.set(box, style.clipPath !== 'none' || style.clip !== 'auto' || unseen(box.parentElement));
    }
    return known.get(box);
  };
  const manyColumns = box => [...box.querySelectorAll('thead tr')].some(row => row.children.length > 12);
  const spot = document.createRange();
  const parted = box => {
    const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (texts.nextNode())
      for (const word of texts.currentNode.data.matchAll(/[\p{L}\p{N}_.]{6,}/gu)) {
        if (word[0].length > 30) continue;
        spot.setStart(texts.currentNode, word.index);
        spot.setEnd(texts.currentNode, word.index + word[0].length);
        const lines = [...spot.getClientRects()].filter(line => line.width > 1).map(line => line.top);
        if (Math.max(...lines) - Math.min(...lines) > 4) return word[0];
      }
  };
  const lines = cell => {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), tops = new Set();
    while (texts.nextNode()) {  // not the box of an element, whose edge is no line
      spot.selectNodeContents(texts.currentNode);
      for (const line of spot.getClientRects()) if (line.width > 1) tops.add(line.top);
    }
    return tops.size;
  };
  const vast = box => (box.matches('.tk-scroll') && manyColumns(box)) || (paper && box.matches('.output') &&
    manyColumns(box) && [...box.querySelectorAll('table')].every(table =>
      table.offsetWidth <= box.clientWidth + 1 || manyColumns(table)));
  for (const box of document.querySelectorAll('main *, header *, footer *')) {
    if (box.closest('svg') && box.tagName !== 'svg') continue;
    const style = getComputedStyle(box), edge = box.getBoundingClientRect();
    if (!edge.width || !edge.height || !box.checkVisibility({visibilityProperty: true})) continue;
    if (unseen(box)) continue;
    const scrolls = box.parentElement.closest('.tk-scroll, .tk-math, pre');
    if (!scrolls && (edge.right > room + 1 || edge.left < -1)) told(box, 'outside the page');
    const hides = ['hidden', 'clip', 'auto', 'scroll'].includes(style.overflowX);
    const wide = box.scrollWidth > box.clientWidth + 1 && style.display !== 'inline';
    const scroller = (!paper && box.matches('.tk-scroll, .tk-math, pre')) || vast(box);
    if (hides && wide && !scroller) told(box, 'cut at the side');
    const tall = box.scrollHeight > box.clientHeight + 1;
    if (style.overflowY === 'hidden' && tall && !hides) told(box, 'cut below');
    const holdsText = /^(th|td|dd|dt|li|p|figcaption|summary|h\d|a)$/i.test(box.tagName);
    if (holdsText && wide && style.overflowX === 'visible' && !box.closest('math'))
      told(box, 'wider than its box');
    if (!paper && /^(th|td|p|h\d)$/i.test(box.tagName) && !box.closest('pre, code, svg, math') && parted(box))
      told(box, `the word ${parted(box)} on two lines`);
    if (!paper && room < 640 && box.matches('.tk-stacked > tbody > tr > :first-child:not(.tk-rows)') &&
        edge.width < box.parentElement.clientWidth - 2) told(box, 'a card with a narrow heading');
    const ofTwo = box.matches('.tk-table td') && box.parentElement.children.length === 2;
    if (room < 400 && ofTwo && edge.width < 110 && box.textContent.trim().length > 40)
      told(box, 'a column too narrow for its words');
    if (!paper && box.matches('td.tk-number') && lines(box) > 2) told(box, 'a number on three lines');
    if (paper && ['fixed', 'sticky'].includes(style.position)) told(box, 'fixed on paper');
  }
  if (paper || room >= 768)
    for (const box of document.querySelectorAll('.tk-scroll'))
      if (box.scrollWidth > box.clientWidth + 1 && !vast(box)) told(box, 'a table that does not fit');
  for (const letters of document.querySelectorAll('.tk-letters')) {
    if (getComputedStyle(letters).display !== 'block') told(letters, 'letters in the line of their number');
    const box = letters.closest('.tk-scroll'), first = letters.closest('tr').firstElementChild;
    const moves = !paper && box && box.scrollWidth > box.clientWidth + 1;
    if (moves && getComputedStyle(first).position !== 'sticky')
      told(first, 'answers that leave the screen with a banner');
  }
  for (const badge of document.querySelectorAll('.tk-scroll .tk-badge')) {
    const edge = badge.getBoundingClientRect(), table = badge.closest('.tk-scroll').getBoundingClientRect();
    if (edge.width && edge.right > table.right + 1) told(badge, 'a verdict out of sight');
  }
  if (paper)
    for (const box of document.querySelectorAll('details > :not(summary)'))
      if (box.parentElement.checkVisibility() && !box.checkVisibility({contentVisibilityAuto: true}))
        told(box, 'folded on paper');
  return found;
}
"""
"""Return what is cut or outside its box; argument: whether the page is on paper.

A table of more than 12 columns may scroll on every screen, and a narrower one on a phone; a verdict is
in sight on each of them. An interval takes two lines at most, and no long text in one of two columns is
squeezed on a phone. The letters of a banner stand below their number, and its answers stay when it moves.
No word of up to 30 letters is parted between two lines; digests are longer.
"""

OUTSIDE = r"""
() => {
  const chart = document.documentElement, box = chart.getBoundingClientRect();
  return [...chart.querySelectorAll('text')].filter(text => {
    const edge = text.getBoundingClientRect();
    return edge.width && getComputedStyle(text).display !== 'none' && (edge.left < box.left - 1 ||
      edge.right > box.right + 1 || edge.top < box.top - 1 || edge.bottom > box.bottom + 1);
  }).map(text => text.textContent);
}
"""
"""Return the texts of an SVG that stand outside it."""


def layout_faults(page):
    """Return what is cut or outside its box on a page, on screens of three widths and on paper."""
    faults = []
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        faults += [f"{fault} at {width} pixels" for fault in page.evaluate(FAULTS, arg=False)]
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = false)")
    page.set_viewport_size({"width": PAPER, "height": 900})
    page.emulate_media(media="print")
    faults += [f"{fault} on paper" for fault in page.evaluate(FAULTS, arg=True)]
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": WIDTHS[0], "height": 844})
    return faults


def chart_faults(browser, address, names):
    """Return the texts that stand outside their chart, of charts that are SVG."""
    page = browser.new_page()
    faults = []
    for name in names:
        page.goto(f"{address}{name}")
        faults += [f"{name}: {text}" for text in page.evaluate(OUTSIDE)]
    page.close()
    return faults
