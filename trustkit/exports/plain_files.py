"""Tables as CSV, as a zip file of CSV files, and as JSON, Parquet and HTML; numbers unrounded."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
from html import escape
from itertools import groupby
from numbers import Integral
from typing import TYPE_CHECKING, Any

import pandas as pd

from trustkit.caveats import SYNTHETIC
from trustkit.errors import needs
from trustkit.exports.safe_text import csv_text, one_line, plain_text, sheet_names
from trustkit.exports.same_bytes import packed
from trustkit.exports.table_sheets import marks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.exports.printed_tables import Cell, PrintedTable

DATA = "data"
"""The column that says whether the data are synthetic."""

TABLE = "table"
"""The column of a Parquet file that says which table a row is of."""

READ_ME = "about.txt"
"""The file in a zip file that holds titles and notes."""

STYLE = """
body{font-family:system-ui,sans-serif;line-height:1.45;margin:2rem auto;max-width:80rem;padding:0 1rem;
color:#1a1a1a;background:#fff}
h1,h2,.note,.base{overflow-wrap:anywhere}
table{border-collapse:collapse;margin:0 0 .6rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:.25rem .6rem;vertical-align:top}
thead th{border-bottom:1px solid #777;vertical-align:bottom;text-align:left}
tbody th{font-weight:400;text-align:left;min-width:9rem;max-width:28rem}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
thead th.n{text-align:right;white-space:normal}
.letters{color:#1f4e8c;font-size:.85em}
.base{color:#4a4a4a}
.note{font-size:.9rem;margin:.15rem 0;max-width:60rem}
.wide{overflow-x:auto;position:relative}
img{max-width:100%;height:auto}
section{margin:0 0 2.5rem}
"""
"""How the page of tables looks."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the page may load: nothing."""


def long_form(table: PrintedTable, *, synthetic: bool) -> pd.DataFrame:
    """Return a table's numbers in long form, with a column that says that the data are synthetic."""
    frame = table.data.reset_index(drop=True)
    if not synthetic or DATA in frame:
        return frame
    return frame.assign(**{DATA: "synthetic" if table.synthetic else "real"})


def csv_bytes(table: PrintedTable) -> tuple[bytes, list[tuple[str, str, str]]]:
    """Return a table as CSV in UTF-8, and each text that was changed: where, as written, as it was.

    Numbers are written with all their digits; a missing one is empty. Text that a spreadsheet would take
    for a formula begins with an apostrophe.
    """
    frame = long_form(table, synthetic=table.synthetic)
    changed: list[tuple[str, str, str]] = []

    def field(value: object, where: str, *, numeric: bool) -> str:
        if pd.isna(value):  # type: ignore[call-overload]
            return ""
        if numeric or isinstance(value, float):
            return _digits(value)
        text = plain_text(value)
        written = csv_text(text)
        if written != str(value):
            changed.append((where, written, str(value)))
        return written

    columns = []
    for name in frame.columns:
        own = frame[name]
        numeric = pd.api.types.is_numeric_dtype(own) and not pd.api.types.is_bool_dtype(own)
        head = field(str(name), "the name of a column", numeric=False)
        columns.append([head, *(field(value, f"text of {name}", numeric=bool(numeric)) for value in own)])
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(zip(*columns, strict=True))
    return stream.getvalue().encode("utf-8-sig"), list(dict.fromkeys(changed))


def _digits(value: object) -> str:
    if isinstance(value, Integral):
        return str(int(value))
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def csv_files(tables: Sequence[PrintedTable]) -> tuple[bytes, list[tuple[str, str, str, str]]]:
    """Return a zip file with a CSV file for each table and one text of their titles and notes."""
    names = [
        name.replace(" ", "_") for name in sheet_names(f"T{n:02d} {t.name}" for n, t in enumerate(tables, 1))
    ]
    members, changed, told = [], [], []
    for table, name in zip(tables, names, strict=True):
        content, own = csv_bytes(table)
        members.append((f"{name}.csv", content))
        changed += [(name, *one) for one in own]
        told.append("\n".join([f"{name}.csv", table.title, *table.notes, *table.about]))
    told += ["\n".join(marks_of(tables))]
    members.append((READ_ME, ("\n\n".join(filter(None, told)) + "\n").encode()))
    return packed(members), changed


def json_bytes(tables: Sequence[PrintedTable], title: str) -> bytes:
    """Return tables as JSON; a number that does not exist is null."""
    document = {
        "title": title,
        "data": _data_of(tables),
        "marks": marks_of(tables),
        "tables": [
            {
                "name": table.name,
                "title": table.title,
                "data": "synthetic" if table.synthetic else "real",
                "base": table.base.removeprefix("Base: "),
                "notes": list(table.notes),
                "about": list(table.about),
                "columns": [str(name) for name in table.data.columns],
                "rows": [
                    {str(name): _plain(value) for name, value in row.items()}
                    for row in table.data.to_dict("records")
                ],
            }
            for table in tables
        ],
    }
    return (json.dumps(document, ensure_ascii=True, allow_nan=False, indent=1) + "\n").encode()


def _data_of(tables: Sequence[PrintedTable]) -> str:
    kinds = {table.synthetic for table in tables}
    return "synthetic and real" if len(kinds) > 1 else "synthetic" if kinds.pop() else "real"


def _plain(value: Any) -> object:  # noqa: ANN401
    """Return a value as JSON knows it."""
    if isinstance(value, str):
        return plain_text(value)
    if pd.isna(value):
        return None
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and not math.isfinite(plain):
        return str(plain)
    return plain if isinstance(plain, bool | int | float) else plain_text(plain)


def parquet_bytes(
    tables: Sequence[PrintedTable], title: str
) -> tuple[bytes, list[tuple[str, str, str, str]]]:
    """Return tables as one Parquet file in long form, and which columns became text."""
    pyarrow = needs("pyarrow", "files", ".parquet", what="writing Parquet")
    parquet = needs("pyarrow.parquet", "files", ".parquet", what="writing Parquet")
    synthetic = any(table.synthetic for table in tables)
    frames = [long_form(table, synthetic=synthetic) for table in tables]
    if len(tables) > 1 and not all("question" in frame for frame in frames):
        frames = [
            frame.rename(columns={TABLE: f"{TABLE} (column)"}).assign(**{TABLE: table.title})
            for table, frame in zip(tables, frames, strict=True)
        ]
    names = list(dict.fromkeys(str(name) for frame in frames for name in frame.columns))
    if TABLE in names:
        names = [TABLE, *(name for name in names if name != TABLE)]
    lost, columns = [], {}
    for name in names:
        own = [frame.get(name) for frame in frames]
        numeric = [pd.api.types.is_numeric_dtype(part) for part in own if part is not None]
        if all(numeric):
            parts = [
                pd.Series([float("nan")] * len(frame)) if part is None else part
                for part, frame in zip(own, frames, strict=True)
            ]
            columns[name] = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
            continue
        if any(numeric):
            lost.append(("all tables", f"numbers of {name}", "text", "numbers"))
        columns[name] = pd.Series(
            [
                None if value is None or pd.isna(value) else _text_of(value)
                for part, frame in zip(own, frames, strict=True)
                for value in (part if part is not None else [None] * len(frame))
            ],
            dtype="str",
        )
    table = pyarrow.Table.from_pandas(pd.DataFrame(columns), preserve_index=False)
    about = {
        "title": title,
        "data": _data_of(tables),
        "tables": [
            {"name": one.name, "title": one.title, "notes": [*one.notes, *one.about]} for one in tables
        ],
    }
    table = table.replace_schema_metadata({"trustkit": json.dumps(about)})
    stream = io.BytesIO()
    parquet.write_table(table, stream)
    return stream.getvalue(), lost


def _text_of(value: object) -> str:
    """Return a value of a column of texts; a number among them with all its digits."""
    return _digits(value) if isinstance(value, float) else plain_text(value)


def html_bytes(tables: Sequence[PrintedTable], title: str) -> bytes:
    """Return tables as one page without scripts, which screen readers can read and which loads nothing."""
    heading = escape(title or "Tables")
    about = list(dict.fromkeys(part for table in tables for part in table.about))
    synthetic = [SYNTHETIC] if any(table.synthetic for table in tables) else []
    lines = "".join(f'<p class="base">{escape(line)}</p>' for line in [*synthetic, *about])
    sections = "".join(_section(table, number) for number, table in enumerate(tables, 1))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{heading}</title><style>{STYLE}</style></head><body><main><h1>{heading}</h1>{lines}{sections}"
        "</main></body></html>\n"
    ).encode()


def _section(table: PrintedTable, number: int) -> str:
    picture = ""
    if table.picture:
        source = base64.b64encode(table.picture).decode()
        picture = f'<p><img alt="{escape(table.words)}" src="data:image/png;base64,{source}"></p>'
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in [*table.remarks, *marks_of([table])])
    above = f'<p class="base">{escape(table.above)}</p>' if table.above else ""
    title = escape(one_line(table.title))
    label = f'tabindex="0" role="region" aria-label="Table {number}: {title}"'
    return (
        f"<section><h2>{title}</h2>{above}{picture}"
        f'<div class="wide" {label}>{_table(table)}</div>{notes}</section>'
    )


def _table(table: PrintedTable) -> str:
    kinds = [' class="n"' if column.numeric else "" for column in table.columns]
    heads = ""
    groups = [(head, len(list(part))) for head, part in groupby(table.columns, lambda column: column.head)]
    if table.has_heads:
        cells = (
            f'<th scope="colgroup" colspan="{width}">{escape(head)}</th>'
            if head
            else f'<td colspan="{width}"></td>'
            for head, width in groups
        )
        heads = f"<tr>{''.join(cells)}</tr>"
    names = "".join(
        f'<th scope="col"{kind}>{escape(column.heading)}</th>'
        for column, kind in zip(table.columns, kinds, strict=True)
    )
    spans = "".join(f'<colgroup span="{width}"></colgroup>' for _, width in groups)
    rows = []
    for row in table.rows:
        filled = (
            [f'<th scope="row">{escape(row[0].text)}</th>'] if row and not table.columns[0].numeric else []
        )
        filled += [
            f"<td{kind}>{_html_cell(cell)}</td>"
            for cell, kind in zip(row[len(filled) :], kinds[len(filled) :], strict=True)
        ]
        rows.append(f"<tr>{''.join(filled)}</tr>")
    return (
        f"<table><caption>{escape(table.title)}</caption>{spans}<thead>{heads}<tr>{names}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _html_cell(cell: Cell) -> str:
    """Return a cell; a number also with all its digits, for programs that read the page."""
    letters = f' <span class="letters">{escape(cell.letters)}</span>' if cell.letters else ""
    if cell.number is None:
        return escape(cell.text) + letters
    return f'<data value="{cell.number!r}">{escape(cell.text)}</data>{letters}'
