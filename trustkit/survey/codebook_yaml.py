"""The codebook as a YAML file: read with all faults at once, and written so that it reads back the same."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from trustkit.arguments import CODEBOOK, PATH, TEXT, accepts
from trustkit.errors import CodebookError, suggest, writing
from trustkit.survey.answer_blocks import check_blocks, find_blocks, with_block, with_missing
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.permissions import check_purposes, stated_terms
from trustkit.survey.protection import read_protection, stated_protection
from trustkit.survey.purposes import read_keep_until, read_purposes
from trustkit.survey.replicate_columns import read_replicate_columns
from trustkit.survey.table_rows import Nets, read_nets
from trustkit.survey.variable import Code, Variable, answers_of_set, read_variable
from trustkit.yaml_documents import Document, flow_text, key_text, replace_file, scalar_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trustkit.yaml_documents import Entry

BLOCK_WIDTH = 110
"""Characters in a line; codes that need more are written one per line."""

UNWRITTEN = ("purpose", "consent", "retention")
"""Fields that only a person can fill in; a written codebook has them even if they are empty."""


def read_codebook(path: str | Path) -> Codebook:
    r"""Read a codebook from YAML, checking all of it.

    Parameters
    ----------
    path
        The file. Its top level holds ``title``, ``data``, ``population``, ``sample``, ``source``,
        ``fieldwork``, ``sheet``, ``encoding``, ``design``, ``cleaning``, ``track``, ``sets``, ``disclosure``,
        ``purposes``, ``keep_until``, ``used_for``, ``protection`` and ``variables``; see `Codebook` and
        `Variable`. A purpose stands as ``name: wording``, or as ``name: {wording: ..., record: ...}``; a term
        as ``2026-03-31`` or ``{months: 24, after: fieldwork}``. Under ``protection`` stand the thresholds of
        `Protection` that differ, as ``{threshold: 15, rounding: 10}``. A missing code stands as
        ``98: refused`` or, in the source's own words, as ``98: {reason: refused, label: Prefer not to say}``;
        a range as ``missing_ranges: [{low: 97, high: 99, reason: refused}]``.

    Raises
    ------
    CodebookError
        With every fault in the file, each with its line and path.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "codebook.yaml"
    >>> _ = file.write_text("title: Tiny\nvariables:\n  age: {label: Age in years, kind: numeric}\n")
    >>> tk.read_codebook(file)["age"].label
    'Age in years'
    """
    accepts(path=(path, PATH))
    document = Document(path, CodebookError)
    top = document.root
    own = [item.name for item in fields(Codebook) if item.name not in ("joined", "nets")]
    top.keys([*own, "answers", "missing"], needed=["variables"])
    check_blocks(top)
    variables = {
        str(name): read_variable(str(name), with_missing(with_block(entry, top), top))
        for name, entry in top.child("variables").children()
    }
    roles = top.child("design")
    known = [item.name for item in fields(Roles)]
    roles.keys(known)
    design = Roles(**{role: _read_role(roles.child(role), role) for role in known if roles.has(role)})
    codebook = Codebook(
        variables=variables,
        title=top.child("title").text(),
        data=top.child("data").choice(("real", "synthetic"), "real"),
        population=top.child("population").text(),
        sample=top.child("sample").choice(("probability", "opt-in"), "probability"),
        source=top.child("source").text(),
        fieldwork=top.child("fieldwork").text(),
        sheet=top.child("sheet").text(),
        encoding=top.child("encoding").text(),
        design=design,
        cleaning=tuple(_read_step(item) for item in top.child("cleaning").items()),
        track={str(name): label.text() for name, label in top.child("track").children()},
        sets={str(name): _wording(words).text() for name, words in top.child("sets").children()},
        nets=_nets_of_sets(top.child("sets"), variables),
        disclosure={str(item): text.text() for item, text in top.child("disclosure").children()},
        purposes=read_purposes(top.child("purposes")),
        keep_until=read_keep_until(top.child("keep_until")) if top.has("keep_until") else None,
        used_for=top.child("used_for").texts(),
        protection=read_protection(top.child("protection")) if top.has("protection") else None,
    )
    _check_references(codebook, top)
    check_purposes(top, codebook.purposes, codebook.variables, codebook.used_for)
    document.finish()
    return codebook


def write_codebook(codebook: Codebook, path: str | Path, *, about: str = "") -> Path:
    r"""Write a codebook as YAML that `read_codebook` reads back as the same codebook.

    The file is written whole or not at all: made aside and moved into place. The order of variables, codes
    and missing codes is kept; comments that stood in an older file are not.

    Parameters
    ----------
    codebook
        What to write.
    path
        The file; one that is there is replaced.
    about
        Lines to put at the top as a comment.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "codebook.yaml"
    >>> sex = tk.Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"}, purpose="weighting")
    >>> print(tk.write_codebook(tk.Codebook({"sex": sex}), file).read_text().replace("\"\"", "''"), end="")
    variables:
      sex:
        label: "Sex"
        kind: single
        codes: {1: "Women", 2: "Men"}
        purpose: weighting
        consent: ''
        identifier: none
        retention: ''
    >>> tk.read_codebook(file) == tk.Codebook({"sex": sex})
    True
    """
    accepts(codebook=(codebook, CODEBOOK), path=(path, PATH), about=(about, TEXT))
    codebook = codebook.compact()
    shown = "".join(mark if mark.isprintable() or mark == "\n" else " " for mark in about)
    lines = [f"# {line}".rstrip() for line in shown.splitlines()]
    plain = Codebook({})
    lines += [
        f"{name}: {scalar_text(getattr(codebook, name))}"
        for name in ("title", "data", "population", "sample", "source", "fieldwork", "sheet", "encoding")
        if getattr(codebook, name) != getattr(plain, name)
    ]
    roles = {role: column for role, column in vars(codebook.design).items() if column is not None}
    if codebook.design.replicates is not None:
        roles["replicates"] = codebook.design.replicates.stated()
    if roles:
        lines.append(f"design: {flow_text(roles)}")
    if codebook.cleaning:
        lines += ["cleaning:", *(f"  - {flow_text(step)}" for step in codebook.cleaning)]
    lines += _block("track", codebook.track, "", plain=False)
    lines += _block("sets", _sets_with_nets(codebook), "", plain=False)
    lines += _block("disclosure", codebook.disclosure, "")
    purposes = {
        name: {part: value for part, value in vars(purpose).items() if value or part == "wording"}
        for name, purpose in codebook.purposes.items()
    }
    lines += _block("purposes", purposes, "", plain=False)
    if codebook.keep_until is not None:
        lines.append(f"keep_until: {flow_text(codebook.keep_until.stated())}")
    if codebook.used_for:
        lines.append(f"used_for: {flow_text(list(codebook.used_for))}")
    if codebook.protection is not None and stated_protection(codebook.protection):
        lines.append(f"protection: {flow_text(stated_protection(codebook.protection))}")
    blocks = find_blocks(codebook.variables.values())
    if blocks:
        lines.append("answers:")
        for name in dict.fromkeys(blocks.values()):
            first = next(
                variable for variable in codebook.variables.values() if blocks.get(variable.name) == name
            )
            lines += [f"  {key_text(name, chr(10) + '  ')}", *_answer_lines(first)]
    if codebook.variables:
        lines.append("variables:")
        for variable in codebook.variables.values():
            block = blocks.get(variable.name, "")
            lines += [f"  {key_text(variable.name, chr(10) + '  ')}", *_variable_lines(variable, block)]
    else:
        lines.append("variables: {}")
    with writing(path):
        return replace_file(path, "\n".join(lines) + "\n")


def _read_step(entry: Entry) -> dict[str, object]:
    """Read a cleaning step: its name and its arguments."""
    for name in entry.mapping():
        if not isinstance(name, str):
            entry.fault(f"the argument {name!r} is not a name", "write the argument's name as text")
    return {str(name): value for name, value in entry.mapping().items()}


def _wording(entry: Entry) -> Entry:
    """Return the entry with the wording of a set, which stands by itself or beside the set's nets."""
    if not isinstance(entry.value, dict):
        return entry
    entry.keys(["wording", "nets"], needed=["wording"])
    return entry.child("wording")


def _nets_of_sets(sets: Entry, variables: Mapping[str, Variable]) -> dict[str, Nets]:
    """Read the nets of sets: of their boxes, or of the answers that each of their questions has."""
    nets = {}
    for name, entry in sets.children():
        if isinstance(entry.value, dict) and entry.has("nets"):
            members = [one for one in variables.values() if one.set == name and one.kind != "text"]
            nets[str(name)] = read_nets(entry.child("nets"), answers_of_set(members, _wording(entry).text()))
    return nets


def _sets_with_nets(codebook: Codebook) -> dict[str, object]:
    """Return the sets as they are written: the wording, or the wording and the nets."""
    sets: dict[str, object] = dict(codebook.sets)
    for name, nets in codebook.nets.items():
        own = {net: list(answers) for net, answers in nets.items()}
        sets[name] = {"wording": codebook.sets.get(name, ""), "nets": own}
    return sets


def _read_role(entry: Entry, role: str) -> Any:  # noqa: ANN401 (text, or several for strata and PSUs)
    """Return the column of a role, several columns of strata or PSUs, or the replicate weights."""
    if role == "replicates":
        return read_replicate_columns(entry)
    several = role in ("strata", "psu") and isinstance(entry.value, list)
    return entry.texts() if several else entry.text()


def _check_references(codebook: Codebook, top: Entry) -> None:
    """Record an error for names of variables, sets and labels that the codebook does not contain."""
    known = codebook.variables
    for name, label in codebook.track.items():
        if name not in known:
            top.child("track").fault(f"no variable {name!r}", suggest(name, known))
        elif label not in known[name].labels:
            top.child("track").child(name).fault(
                f"{label!r} is not one of its answers", suggest(label, known[name].labels)
            )
    for role, columns in codebook.design.columns.items():
        for column in columns:
            if column not in known:
                top.child("design").child(role).fault(f"no variable {column!r}", suggest(column, known))
    weights = codebook.design.weights
    if weights is not None and weights in known and known[weights].kind not in ("weight", "numeric"):
        top.child("design").child("weights").fault(
            f"{weights!r} is of the kind {known[weights].kind}", "name a column of the kind weight"
        )
    used = list(dict.fromkeys(variable.set for variable in known.values() if variable.set))
    for name in codebook.sets:
        if name not in used:
            top.child("sets").child(name).fault(f"no variable has the set {name!r}", suggest(name, used))
    for variable in known.values():
        _check_asked(variable, known, top.child("variables").child(variable.name).child("asked"))


def _check_asked(variable: Variable, known: Mapping[str, Variable], entry: Entry) -> None:
    """Record an error for a condition on answers that do not exist."""
    for of, labels in variable.asked.items():
        if of not in known:
            entry.fault(f"no variable {of!r}", suggest(of, known))
            continue
        if of == variable.name or not labels:
            what = "a question can't depend on itself" if labels else "no answer is listed"
            entry.child(of).fault(what, "list answers of an earlier question")
        for label in labels:
            if label not in known[of].labels:
                entry.child(of).fault(
                    f"{label!r} is not one of its answers", suggest(label, known[of].labels)
                )


def _answer_lines(variable: Variable) -> list[str]:
    """Write a variable's answers and missing codes."""
    indent = " " * 4
    missing: dict[Code, object] = {
        code: {"reason": reason, "label": variable.missing_words[code]}
        if code in variable.missing_words
        else reason
        for code, reason in variable.missing.items()
    }
    lines = _block("codes", variable.codes, indent, plain=False)
    lines += _block("missing", missing, indent)
    if variable.missing_ranges:
        lines.append(f"{indent}missing_ranges: {flow_text([vars(span) for span in variable.missing_ranges])}")
    return [*lines, *_block("scores", variable.scores, indent)]


def _variable_lines(variable: Variable, block: str) -> list[str]:
    """Write the lines below a variable's name; its answers only if they are not in a block."""
    indent = " " * 4
    lines = [f"{indent}label: {scalar_text(variable.label, plain=False)}", f"{indent}kind: {variable.kind}"]
    lines += [f"{indent}answers: {scalar_text(block)}"] if block else _answer_lines(variable)
    if variable.reverse:
        lines.append(f"{indent}reverse: true")
    bounds = {end: getattr(variable, end) for end in ("low", "high")}
    lines += [f"{indent}{end}: {scalar_text(bound)}" for end, bound in bounds.items() if bound is not None]
    lines += _block("asked", variable.asked, indent, plain=False)
    for name in ("set", "split"):
        if getattr(variable, name):
            lines.append(f"{indent}{name}: {scalar_text(getattr(variable, name), plain=False)}")
    if variable.exclusive:
        lines.append(f"{indent}exclusive: {flow_text(list(variable.exclusive), plain=False)}")
    if variable.empty != "no answer":
        lines.append(f"{indent}empty: {variable.empty}")
    lines += _block(
        "nets", {net: list(answers) for net, answers in variable.nets.items()}, indent, plain=False
    )
    if variable.statistic != "mean":
        lines.append(f"{indent}statistic: {variable.statistic}")
    if variable.last:
        lines.append(f"{indent}last: {flow_text(list(variable.last), plain=False)}")
    for name in ("purpose", "consent", "identifier", "retention", "review"):
        text = getattr(variable, name)
        if text or name in UNWRITTEN:
            lines.append(f"{indent}{name}: {scalar_text(text)}")
    lines += [f"{indent}{name}: {flow_text(value)}" for name, value in stated_terms(variable).items()]
    if variable.unsure:
        lines.append(f"{indent}unsure: true")
    if variable.short:
        lines.append(f"{indent}short: {scalar_text(variable.short, plain=False)}")
    return lines


def _block(name: str, mapping: Mapping[Any, object], indent: str, *, plain: bool = True) -> list[str]:
    """Write a mapping on one line, or one key a line where it does not fit; nothing if it is empty."""
    if not mapping:
        return []
    line = f"{indent}{name}: {flow_text(mapping, plain=plain)}"
    if len(line) <= BLOCK_WIDTH:
        return [line]
    inner = f"{indent}  "
    return [
        f"{indent}{name}:",
        *(
            f"{inner}{key_text(key, chr(10) + inner)} {flow_text(value, plain=plain)}"
            for key, value in mapping.items()
        ),
    ]
