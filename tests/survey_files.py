"""Small exports as the platforms write them, and files made by the real writers."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from xml.sax.saxutils import escape

import pandas as pd

from trustkit.files.spss_bytes import with_sets

TRUST_LABELS = {1: "Not at all", 2: "Somewhat", 3: "Completely", 8: "Don't know", 9: "Prefer not to say"}


def spss_file(path, *, compress=False):
    """Write an SPSS file with user-missing values, a range, labels, levels and two response sets."""
    import pyreadstat

    data = pd.DataFrame(
        {
            "id": ["001", "002", "003", "004", "005", "006"],
            "sex": [1.0, 2.0, 2.0, 1.0, 3.0, None],
            "trust": [1.0, 3.0, 8.0, 9.0, 2.0, 7.0],
            "age": [34.0, 51.0, 998.0, -1.0, 999.0, 18.0],
            "received_email": [1.0, 0.0, 1.0, 0.0, None, 1.0],
            "received_sms": [0.0, 0.0, 1.0, 1.0, None, 0.0],
            "brand_1": [1.0, 2.0, 3.0, 1.0, 2.0, 3.0],
            "brand_2": [2.0, 3.0, 1.0, 3.0, 3.0, 1.0],
            "weight": [0.5, 1.5, 1.0, 0.75, 1.25, 1.0],
            "when": pd.to_datetime(
                ["2026-03-01", "2026-03-02", None, "2026-03-04", "2026-03-05", "2026-03-06"]
            ),
            "words": ["fine", "", "line\nbreak", "é", "ok", "no"],
        }
    )
    brands = {1.0: "Acme", 2.0: "Globex", 3.0: "Initech"}
    pyreadstat.write_sav(
        data, str(path), compress=compress, file_label="Consumer trust",
        column_labels={
            "sex": "Are you ...?", "trust": "How far do you trust brands?", "age": "Age in years",
            "received_email": "Email", "received_sms": "Text messages",
            "brand_1": "First brand", "brand_2": "Second brand",
        },
        variable_value_labels={
            "sex": {1.0: "A man", 2.0: "A woman"},
            "trust": {float(code): label for code, label in TRUST_LABELS.items()},
            "age": {999.0: "Refused"},
            "received_email": {1.0: "Yes", 0.0: "No"},
            "brand_1": brands, "brand_2": brands,
        },
        missing_ranges={"trust": [8.0, 9.0], "age": [{"lo": 990.0, "hi": 999.0}, -1.0]},
        variable_measure={
            "sex": "nominal", "trust": "ordinal", "age": "scale", "weight": "scale",
            "received_email": "nominal", "received_sms": "nominal", "brand_1": "nominal", "brand_2": "nominal",
        },
    )  # fmt: skip
    if not compress:
        sets = {
            "received": ("In which ways did brands write to you?", 1, ["received_email", "received_sms"]),
            "brands": ("Which brands do you know?", None, ["brand_1", "brand_2"]),
        }
        path.write_bytes(with_sets(path.read_bytes(), sets))
    return path


def qualtrics_rows(*, numeric=False):
    """Return Qualtrics' rows: three headers, then five answers (choice text, or numeric values)."""
    columns = {
        "StartDate": ("Start Date", {"ImportId": "startDate", "timeZone": "Europe/Berlin"}),
        "Status": ("Response Type", {"ImportId": "status"}),
        "IPAddress": ("IP Address", {"ImportId": "ipAddress"}),
        "Duration (in seconds)": ("Duration (in seconds)", {"ImportId": "duration"}),
        "ResponseId": ("Response ID", {"ImportId": "_recordId"}),
        "Q1": ("Do you trust brands\nwith your data?", {"ImportId": "QID1"}),
        "Q2_1": ("Which have you used? - Selected Choice - Email", {"ImportId": "QID2", "choiceId": "1"}),
        "Q2_2": ("Which have you used? - Selected Choice - Phone", {"ImportId": "QID2", "choiceId": "2"}),
        "Q2_3": ("Which have you used? - Selected Choice - Other:", {"ImportId": "QID2", "choiceId": "3"}),
        "Q2_3_TEXT": ("Which have you used? - Other: - Text", {"ImportId": "QID2_3_TEXT"}),
        "Q3_1": ("How much do you trust ... - Banks", {"ImportId": "QID3_1"}),
        "Q3_2": ("How much do you trust ... - Shops", {"ImportId": "QID3_2"}),
        "Q4": ("Anything else?", {"ImportId": "QID4_TEXT"}),
        "weight": ("weight", {"ImportId": "weight"}),
    }
    text = [
        ["2026-03-01 10:00:00", "IP Address", "192.0.2.1", "120", "R_1", "Yes", "Email", "", "", "", "A lot", "A little", "007", "0.5"],
        ["2026-03-01 10:05:00", "IP Address", "192.0.2.2", "90", "R_2", "No", "", "Phone", "Other:", 'fax, "old"', "A little", "A little", "two\nlines", "1.5"],
        ["2026-03-01 10:07:00", "IP Address", "192.0.2.3", "45", "R_3", "Don't know", "Email", "Phone", "", "", "A lot", "A lot", "", "1"],
        ["2026-03-01 10:09:00", "Survey Preview", "192.0.2.4", "300", "R_4", "Yes", "", "", "", "", "-99", "A lot", "", "0.75"],
        ["2026-03-01 10:11:00", "IP Address", "192.0.2.5", "210", "R_5", "No", "Email", "", "", "", "A little", "-99", "", "1.25"],
    ]  # fmt: skip
    codes = {
        "IP Address": "0", "Survey Preview": "1", "Yes": "1", "No": "2", "Don't know": "3",
        "Email": "1", "Phone": "1", "Other:": "1", "A lot": "1", "A little": "2",
    }  # fmt: skip
    answers = [[codes.get(cell, cell) for cell in row] for row in text] if numeric else text
    return [
        list(columns),
        [wording for wording, _ in columns.values()],
        [json.dumps(about, separators=(",", ":")) for _, about in columns.values()],
        *answers,
    ]


def surveymonkey_rows(*, numeric=False):
    """Return SurveyMonkey's rows: two headers, then five answers (answer text, or numeric values)."""
    meta = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name", "Last Name", "Custom Data 1"]  # fmt: skip
    heads = [
        [*meta, "Do you trust brands?", "", "Which have you used? Select all that apply.", "", "", "",
         "How much do you trust ...", "", "How old are you?", "weight"],
        [*[""] * 9, "Response", "Other (please specify)", "Email", "Phone", "Post", "Other (please specify)",
         "Banks", "Shops", "Open-Ended Response", "Response"],
    ]  # fmt: skip
    begin = ["10/14/2026 09:12:44 AM", "10/14/2026 09:19:01 AM", "192.0.2.1", "", "", "", ""]
    text = [
        ["Yes", "", "Email", "", "Post", "", "A lot", "A little", "34", "0.5"],
        ["No", "it depends, really", "", "", "", "fax", "A little", "A lot", "051", "1.5"],
        ["Don't know", "", "", "", "", "", "A lot", "A lot", "", "1"],
        ["Yes", "", "Email", "Phone", "", "", "", "", "nineteen", "0.75"],
        ["No", "", "", "Phone", "", "", "A little", "A lot", "20", "1.25"],
    ]
    codes = {
        "Yes": "1", "No": "2", "Don't know": "3", "Email": "1", "Phone": "2", "Post": "3",
        "A lot": "1", "A little": "2",
    }  # fmt: skip
    answers = [[codes.get(cell, cell) for cell in row] for row in text] if numeric else text
    return [*heads, *([f"1180000000{n}", "400", *begin, *row] for n, row in enumerate(answers, 1))]


def limesurvey_rows(*, answers="codes", headings="codes"):
    """Return LimeSurvey's rows: answer codes or full answers, headed by codes, both, or full wording."""
    heads = [
        [
            "id",
            "submitdate",
            "lastpage",
            "startlanguage",
            "seed",
            "ipaddr",
            "Q01",
            "Q01[other]",
            "Q02[SQ001]",
            "Q02[SQ002]",
            "Q02[other]",
            "Q03[SQ001]",
            "Q03[SQ002]",
            "Q04",
            "Q05",
        ],
        [
            "Response ID",
            "Date submitted",
            "Last page",
            "Start language",
            "Seed",
            "IP address",
            "Do you trust brands?",
            "Do you trust brands? [Other]",
            "Which have you used? [Email]",
            "Which have you used? [Phone]",
            "Which have you used? [Other]",
            "How much do you trust ... [Banks]",
            "How much do you trust ... [Shops]",
            "Anything else?",
            "Age",
        ],
    ]
    both = [code if at < 6 else f"{code}. {text}" for at, (code, text) in enumerate(zip(*heads, strict=True))]
    codes = [
        [
            "1",
            "2026-03-01 10:00:00",
            "3",
            "en",
            "1799",
            "192.0.2.1",
            "A1",
            "",
            "Y",
            "N",
            "",
            "AO01",
            "AO02",
            "007",
            "34",
        ],
        [
            "2",
            "2026-03-01 10:05:00",
            "3",
            "en",
            "0455",
            "192.0.2.2",
            "-oth-",
            "it depends",
            "N",
            "Y",
            "fax",
            "AO02",
            "AO02",
            "two\nlines",
            "51",
        ],
        [
            "3",
            "2026-03-01 10:07:00",
            "3",
            "en",
            "9012",
            "192.0.2.3",
            "A2",
            "",
            "Y",
            "Y",
            "",
            "AO01",
            "AO01",
            "",
            "20",
        ],
        ["4", "", "1", "de", "3321", "192.0.2.4", "A1", "", "", "", "", "", "", "", ""],
    ]
    full = {
        "A1": "Yes",
        "A2": "No",
        "-oth-": "Other",
        "Y": "Yes",
        "N": "No",
        "AO01": "A lot",
        "AO02": "A little",
    }
    rows = codes if answers == "codes" else [[full.get(cell, cell) for cell in row] for row in codes]
    return [{"codes": heads[0], "text": heads[1], "both": both}[headings], *rows]


def googleforms_rows(joint=";"):
    """Return the rows of Google Forms: a timestamp, a grid, and checkboxes joined in one cell."""
    head = [
        "Timestamp",
        "Email Address",
        "Do you trust brands?",
        "Which have you used?",
        "How much? [Banks]",
        "How much? [Shops]",
        "Anything else?",
        "Why?",
    ]
    used = [
        ["Email", "Phone"],
        ["Post"],
        ["Email"],
        [],
        ["Phone", "Post", "carrier pigeon"],
        ["Email", "Post"],
    ]
    rest = [
        ["Yes, always", "A lot", "A little", "007", "well, I like it"],
        ["No, never", "A little", "A lot", "", "no, thanks"],
        ["Yes, always", "A lot", "A lot", "x", ""],
        ["No, never", "A lot", "A lot", "", "they told me, so I do"],
        ["Don't know", "A little", "A lot", "", "yes; and no"],
        ["Don't know", "A lot", "A little", "", "no reason"],
    ]
    return [
        head,
        *(
            [f"2026/03/0{day} 10:00:00 AM GMT+1", f"r{day}@example.org", first, joint.join(ways), *others]
            for day, (ways, (first, *others)) in enumerate(zip(used, rest, strict=True), 1)
        ),
    ]


def as_csv(rows, *, delimiter=",", encoding="utf-8"):
    """Return rows as the bytes of a delimited file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


QUOTE = {'"': "&quot;"}
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def column_letters(number):
    """Return a sheet column's letters: A for 0, AA for 26."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def sheet_xml(rows):
    """Return a worksheet of rows: numbers as numbers, text as text, a tuple as the XML inside a cell."""
    lines = []
    for at, row in enumerate(rows, 1):
        cells = ""
        for place, cell in enumerate(row):
            where = f'r="{column_letters(place)}{at}"'
            if isinstance(cell, tuple):
                cells += f"<c {where} {cell[0]}>{cell[1]}</c>"
            elif isinstance(cell, int | float):
                cells += f"<c {where}><v>{cell}</v></c>"
            elif cell:
                cells += f'<c {where} t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        lines.append(f'<row r="{at}">{cells}</row>')
    return f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def workbook(path, *sheets, texts=(), settings="", formats=()):
    """Write an Excel workbook: each sheet a list of rows, or its XML.

    Cells of the type ``s`` hold a number of one of its `texts`; `settings` are attributes of ``workbookPr``.
    Cells of the style 2 and higher have one of the number `formats`.
    """
    numbers = range(1, len(sheets) + 1)
    names = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    style, text = len(sheets) + 1, len(sheets) + 2
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    codes = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{escape(code, QUOTE)}"/>'
        for number, code in enumerate(formats, 164)
    )
    own = "".join(
        f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in range(164, 164 + len(formats))
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in numbers
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{RELATIONS}"><workbookPr {settings}/><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}<Relationship Id="rId{style}" Type="{RELATIONS}/styles" Target="styles.xml"/><Relationship Id="rId{text}" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{SPREADSHEET}"><numFmts>{codes}</numFmts><cellStyleXfs count="1"><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>{own}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{SPREADSHEET}">{"".join(f"<si><t>{escape(item)}</t></si>" for item in texts)}</sst>',
        **{
            f"xl/worksheets/sheet{n}.xml": sheet if isinstance(sheet, str) else sheet_xml(sheet)
            for n, sheet in zip(numbers, sheets, strict=True)
        },
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{text}')
    return path
