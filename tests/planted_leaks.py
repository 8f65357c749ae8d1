"""Leaks planted in files: made-up people, leaks that tell of them, and the files that hold them."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import random
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIRST = ("Adelune", "Brisk", "Corvina", "Grace", "Mark", "Odalric", "Rose", "Will", "Ysolde", "Zéphine")
LAST = ("Brambleby", "Larkspur", "Marrowby", "Oxenrider", "Pennywhistle", "Quillfeather", "Thistlewood")
WORDS = [
    *("shop", "sent", "far", "too", "many", "letters", "nobody", "asked", "before", "they"),
    *("gave", "number", "another", "firm", "which", "then", "kept", "calling", "night"),
    *("about", "loans", "nor", "did", "anyone", "explain", "why", "cousin", "received"),
    *("parcels", "addressed"),
]
RARE = ("Falconer", "Lighthouse keeper", "Bell founder")


def made_up_people(seed: int, count: int = 90) -> pd.DataFrame:
    """Answers of people who do not exist, with everything in them that must not be published."""
    rng = random.Random(seed)  # noqa: S311  # made-up people, no secret
    rows = []
    for number in range(count):
        first, last = rng.choice(FIRST), rng.choice(LAST)
        rows.append(
            {
                "respondent_id": f"QX{rng.randint(1000, 9999)}{number:03}",
                "first_name": first,
                "last_name": last,
                "email": f"{first}.{last}{number}@mailbox.example".lower(),
                "phone": f"+44 20 7946 0{number:03}",
                "age": rng.randint(18, 90),
                "sex": rng.choice(["Female", "Male"]),
                "region": rng.choice(["Eastmarch", "Northfold", "Southfold", "Westmarch"]),
                "education": rng.choice(["Primary", "Secondary", "Degree"]),
                "trust": rng.choice(["Yes", "No"]),
                "job": RARE[number % 3] if number < 6 else rng.choice(["Nurse", "Teacher", "Carpenter"]),
                "why": " ".join(rng.sample(WORDS, rng.randint(9, 16))),
            }
        )
    return pd.DataFrame(rows)


def check_letter(number: str, letters: str = "TRWAGMYFPDXBNJZSQVHLCKE") -> str:
    """The letter that follows a Spanish number."""
    return letters[int(number) % 23]


def iban(account: str) -> str:
    """A bank account with its check digits."""
    digits = "".join(str(int(sign, 36)) for sign in f"{account}GB00")
    return f"GB{98 - int(digits) % 97:02}{account}"


def leaks(people: pd.DataFrame, seed: int) -> dict[str, tuple[str, str]]:
    """Name of a leak -> what it is called when it is found, and its text."""
    rng = random.Random(seed)  # noqa: S311
    one = people.iloc[rng.randrange(len(people))]
    traits = ["sex", "age", "region", "education"]
    single = people[people.groupby(traits)["age"].transform("size") == 1]
    row = single.iloc[rng.randrange(len(single))]
    words = one["why"].split()
    start = rng.randrange(len(words) - 8)
    letters = "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(16))
    number = f"{rng.randrange(10**8):08}"
    return {
        "id": ("identifier", one["respondent_id"]),
        "id in small letters": ("identifier", f"see {one['respondent_id'].lower()}."),
        "id in an address": (
            "identifier",
            f"?q={quote(one['respondent_id'][:2])}%{ord(one['respondent_id'][2]):02X}{one['respondent_id'][3:]}",
        ),
        "id in base64": ("identifier", base64.b64encode(one["respondent_id"].encode()).decode()),
        "sentence in base64": (
            "identifier",
            base64.b64encode(f"sent to {one['email']} today".encode()).decode(),
        ),
        "first name": ("identifier", f"said {one['first_name']} to us"),
        "last name in capitals": ("identifier", one["last_name"].upper()),
        "e-mail of a respondent": ("identifier", f"<{one['email']}>"),
        "e-mail written for HTML": ("identifier", one["email"].replace("@", "&#64;")),
        "e-mail of a stranger": ("e-mail", f"tovald.{rng.randrange(999)}@elsewhere.example"),
        "telephone of a respondent": ("identifier", one["phone"].replace(" ", "")),
        "telephone of a stranger": ("telephone", f"+49 170 {rng.randrange(1000000, 9999999)}"),
        "telephone at home": ("telephone", f"call 020 7946 0{rng.randrange(100, 999)}"),
        "eight words of an open answer": ("open answer", " ".join(words[start : start + 8])),
        "open answer with signs": ("open answer", "; ".join(words[:8]).upper()),
        "rare answer": ("rare answer", rng.choice(RARE)),
        "bank account": ("IBAN", iban(f"WEST{rng.randrange(10**14):014}")),
        "official number": ("official", f"{number}{check_letter(number)}"),
        "key of a cloud": ("key", f"AK{'IA'}{letters}"),
        "password": ("key", f"pass{'word'} = '{letters[:6]}4711!'"),
        "path": ("path", f"/home/{rng.choice(LAST).lower()}/study/raw.csv"),
        "path of Windows": ("path", f"C:\\Users\\{rng.choice(LAST)}\\raw.csv"),
        "few respondents": ("a sentence with", f"only {rng.randint(2, 9)} respondents said so"),
        "row with a mark": ("row", ", ".join([*(str(row[name]) for name in traits), "[c]"])),
        "row": ("row", ", ".join(str(row[name]) for name in [*traits, "trust"])),
        "row with names": ("row", "; ".join(f"{name}={row[name]}" for name in traits)),
    }


def png(kind: bytes, data: bytes) -> bytes:
    """A picture of one dot with one further chunk."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    dot = zlib.compress(b"\x00\x00")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(kind, data)
        + chunk(b"IDAT", dot)
        + chunk(b"IEND", b"")
    )


def picture(text: str) -> str:
    """A picture with a text in its metadata, in base64."""
    return base64.b64encode(png(b"iTXt", b"Comment\x00\x00\x00\x00\x00" + text.encode())).decode()


def pdf(text: str, *, inside: bool) -> bytes:
    """A file of PDF with a text on its page, or in its information."""
    plain = (
        text.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    )
    drawn = zlib.compress(b"BT /F1 12 Tf 72 720 Td [(" + plain[:1] + b") -20 (" + plain[1:] + b")] TJ ET")
    title = b"/Title <feff" + text.encode("utf-16-be").hex().encode() + b">" if not inside else b""
    page = drawn if inside else zlib.compress(b"BT (Report) Tj ET")
    return (
        b"%PDF-1.4\n1 0 obj << /Type /Catalog " + title + b" >> endobj\n"
        b"2 0 obj << /Filter /FlateDecode >>\nstream\n"
        + page + b"\nendstream endobj\n%%EOF"
    )  # fmt: skip


def notebook(cell: dict[str, object] | None = None, **metadata: object) -> bytes:
    """A notebook of one cell."""
    cells = [{"cell_type": "code", "metadata": {}, "source": "1", "outputs": [], **(cell or {})}]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def output(kind: str, text: str) -> dict[str, object]:
    """A cell with one output."""
    data = {kind: text.splitlines(keepends=True)}
    return {"outputs": [{"output_type": "display_data", "data": data, "metadata": {}}]}


def zipped(**members: bytes) -> bytes:
    """An archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def workbook(text: str) -> bytes:
    """A workbook with a text in a cell."""
    import openpyxl

    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["answer", "note"])
    book.active.append(["Yes", text])
    book.save(stream)
    return stream.getvalue()


def document(text: str) -> bytes:
    """A document of Word in which a text is cut into runs."""
    import docx

    word, stream = docx.Document(), io.BytesIO()
    paragraph = word.add_paragraph()
    paragraph.add_run(text[:4])
    paragraph.add_run(text[4:]).bold = True
    word.save(stream)
    return stream.getvalue()


def slides(text: str) -> bytes:
    """A slide with a text in its notes."""
    import pptx

    deck, stream = pptx.Presentation(), io.BytesIO()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.notes_slide.notes_text_frame.text = text
    deck.save(stream)
    return stream.getvalue()


def split(text: str) -> str:
    """A text with tags in its words."""
    return f"<p>{html.escape(text[:3])}<b>{html.escape(text[3:5])}</b>{html.escape(text[5:])}</p>"


PAGE = "<!doctype html><html><head><title>Report</title></head><body>{}</body></html>"

FILES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "text of a page": ("index.html", lambda text: PAGE.format(f"<p>{html.escape(text)}</p>").encode()),
    "attribute": ("a.html", lambda text: PAGE.format(f'<img alt="{html.escape(text)}">').encode()),
    "comment": ("b.html", lambda text: PAGE.format(f"<!-- {text} -->").encode()),
    "text between tags": ("c.html", lambda text: PAGE.format(split(text)).encode()),
    "source of a cell": ("code/a.ipynb", lambda text: notebook({"source": ["# see\n", text]})),
    "printed by a cell": (
        "code/b.ipynb",
        lambda text: notebook(
            {"outputs": [{"output_type": "stream", "name": "stdout", "text": [text, "\n"]}]}
        ),
    ),
    "HTML of an output": (
        "code/c.ipynb",
        lambda text: notebook(output("text/html", f"<div>{html.escape(text)}</div>")),
    ),
    "JSON of an output": (
        "code/d.ipynb",
        lambda text: notebook(
            {"outputs": [{"output_type": "display_data", "data": {"application/json": {"a": [text]}}}]}
        ),
    ),
    "traceback": (
        "code/e.ipynb",
        lambda text: notebook(
            {"outputs": [{"output_type": "error", "ename": "E", "evalue": "", "traceback": [text]}]}
        ),
    ),
    "metadata of a notebook": ("code/f.ipynb", lambda text: notebook(authors=[{"name": text}])),
    "attachment": (
        "code/g.ipynb",
        lambda text: notebook(
            {
                "cell_type": "markdown",
                "attachments": {
                    "a.png": {
                        "image/png": base64.b64encode(png(b"tEXt", b"Comment\x00" + text.encode())).decode()
                    }
                },
            }
        ),
    ),
    "checkpoint": ("code/.ipynb_checkpoints/a-checkpoint.ipynb", lambda text: notebook({"source": text})),
    "JSON": ("data.json", lambda text: json.dumps({"a": {"b": [1, text]}}).encode()),
    "CSV": ("files/a.csv", lambda text: f'answer,note\r\nYes,"{text}"\r\n'.encode()),
    "CSV in UTF-16": ("files/b.csv", lambda text: f"answer\tnote\nYes\t{text}\n".encode("utf-16")),
    "Windows text": ("files/c.txt", lambda text: f"Café\n{text}\n".encode("cp1252", "replace")),
    "workbook": ("files/a.xlsx", workbook),
    "document": ("files/a.docx", document),
    "slides": ("files/a.pptx", slides),
    "page of a PDF": ("report.pdf", lambda text: pdf(text, inside=True)),
    "title of a PDF": ("report2.pdf", lambda text: pdf(text, inside=False)),
    "text chunk": ("shared/a.png", lambda text: png(b"tEXt", b"Comment\x00" + text.encode())),
    "packed text chunk": (
        "shared/b.png",
        lambda text: png(b"zTXt", b"Comment\x00\x00" + zlib.compress(text.encode())),
    ),
    "JPEG": (
        "shared/c.jpg",
        lambda text: (
            b"\xff\xd8\xff\xfe" + struct.pack(">H", len(text.encode()) + 2) + text.encode() + b"\xff\xd9"
        ),
    ),
    "drawing": (
        "_images/a.svg",
        lambda text: (
            f'<svg xmlns="http://www.w3.org/2000/svg"><text x="1">{html.escape(text)}</text></svg>'.encode()
        ),
    ),
    "picture in a page": (
        "d.html",
        lambda text: PAGE.format(f'<img src="data:image/png;base64,{picture(text)}">').encode(),
    ),
    "search index": (
        "searchindex.js",
        lambda text: f"Search.setIndex({json.dumps({'titles': [text]})})".encode(),
    ),
    "source map": (
        "_static/site.js.map",
        lambda text: json.dumps({"version": 3, "sourcesContent": [f"// {text}"]}).encode(),
    ),
    "script": ("_static/site.js", lambda text: f"/* {text} */".encode()),
    "packed file": ("files/a.csv.gz", lambda text: gzip.compress(f"note\n{text}\n".encode())),
    "archive in an archive": ("files/all.zip", lambda text: zipped(a=zipped(b__c=text.encode()))),
}
"""Kind of a file -> its name, and how its bytes are made of a text."""


def write_study(folder: Path, people: pd.DataFrame) -> Path:
    """A study of made-up people, as ``trustkit new`` makes it."""
    from trustkit.reporting.study import new_study

    people.to_csv(folder / "answers.csv", index=False)
    return new_study(folder / "study", folder / "answers.csv").folder
