"""Build the documentation: ``python docs/site/build.py build/docs``.

The pages of ``docs/`` and its decisions, the changelog, how to cite, and an entry for each public name.
Topics and names are parsed from the package's docstring. Any warning is an error; nothing is loaded from
elsewhere; a second build gives the same bytes. The site is built aside and moved into place when it is
complete.
"""  # noqa: INP001

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

import trustkit as tk
from trustkit.reporting.page_guard import drop_source_maps
from trustkit.reporting.page_styles import trim_styles

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def read_topics(text: str) -> dict[str, list[str]]:
    """Return topic -> names, as the package's docstring lists them."""
    blocks = re.findall(r"^([A-Z][\w ]+)\n((?:    .*\n)+)", text, re.MULTILINE)
    return {title: re.findall(r"``(\w+)``", names) for title, names in blocks}


def slug(title: str) -> str:
    """Return a title as the name of a file."""
    return re.sub(r"\W+", "_", title.lower())


def headed(title: str, rule: str) -> str:
    """Return a heading in reStructuredText."""
    return f"{title}\n{rule * len(title)}\n\n"


def entry(name: str) -> str:
    """Return the section of one public name."""
    found = getattr(tk, name)
    kind = "function"
    if isinstance(found, type):
        kind = "exception" if issubclass(found, Exception) else "class"
    members = "   :members:\n" if kind == "class" else ""
    return f"{headed(name, '-')}.. auto{kind}:: trustkit.{name}\n{members}\n"


def meaning(name: str) -> str:
    """Return the first line of a name's docstring."""
    line = str(getattr(tk, name).__doc__).strip().splitlines()[0]
    return re.sub(r"(?<!`)`trustkit\.(\w+)`(?!`)", r":py:obj:`\1 <trustkit.\1>`", line)


def write_reference(folder: Path) -> None:
    """Write a page for each topic, and one that lists them all."""
    folder.mkdir()
    topics = read_topics(tk.__doc__ or "")
    words = yaml.safe_load((HERE / "topics.yaml").read_text(encoding="utf-8"))
    if topics.keys() != words.keys():
        raise SystemExit(f"topics.yaml and the topics of the package differ: {topics.keys() ^ words.keys()}")
    contents = (
        headed("Reference", "=")
        + ".. currentmodule:: trustkit\n\nEvery function and class of ``import trustkit as tk``, by topic. "
        "Each has an entry with its arguments, its formula and an example that runs.\n\n"
    )
    contents += ".. toctree::\n   :hidden:\n\n" + "".join(f"   {slug(title)}\n" for title in topics) + "\n"
    for title, names in topics.items():
        rows = "".join(
            f"   * - :py:obj:`{name} <trustkit.{name}>`\n     - {meaning(name)}\n" for name in names
        )
        table = f".. list-table:: {title}\n   :header-rows: 1\n   :class: tk-names\n\n"
        table += f"   * - name\n     - meaning\n{rows}\n"
        contents += headed(title, "-") + table
        page = headed(title, "=") + f".. currentmodule:: trustkit\n\n{words[title]}\n\n"
        page += "".join(map(entry, names))
        (folder / f"{slug(title)}.rst").write_text(page, encoding="utf-8")
    (folder / "index.rst").write_text(contents, encoding="utf-8")


def citation(text: str) -> str:
    """Return the page on how to cite, from the text of CITATION.cff."""
    cff = yaml.safe_load(text)
    authors = " and ".join(
        author.get("name") or f"{author['given-names']} {author['family-names']}" for author in cff["authors"]
    )
    year = str(cff["date-released"])[:4]
    fields = {"author": f"{{{authors}}}", "title": cff["title"], "version": cff["version"], "year": year}
    bibtex = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    named = f"{authors[0].upper()}{authors[1:]}"
    return (
        f"# How to cite\n\n{named} ({year}). *{cff['title']}*. Version {cff['version']}.\n\n"
        f"The file `CITATION.cff` holds the same for programs. In BibTeX:\n\n"
        f"```bibtex\n@software{{trustkit,\n{bibtex}\n}}\n```\n"
    )


def build(out: Path) -> Path:
    """Build the documentation into a folder and return it; an older one is replaced.

    Raises
    ------
    SystemExit
        The folder holds something else, or Sphinx gives a warning.
    """
    if out.exists() and not (out / ".buildinfo").is_file() and (out.is_file() or any(out.iterdir())):
        raise SystemExit(f"{out}: not an earlier build of the documentation. Name a new or an empty folder.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".site-", dir=out.parent) as scratch:
        source, built = Path(scratch, "source"), Path(scratch, "built")
        source.mkdir()
        (source / "decisions").mkdir()
        for page in sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "decisions").glob("*.md")]):
            shutil.copyfile(page, source / page.relative_to(ROOT / "docs"))
        gallery = source / "gallery.md"
        text = runpy.run_path(str(HERE / "gallery.py"))["with_charts"](
            gallery.read_text(encoding="utf-8"), source / "charts"
        )
        gallery.write_text(text, encoding="utf-8")
        coming = source / "coming_from.md"
        tasks = runpy.run_path(str(HERE / "other_programs.py"))["with_tasks"](
            coming.read_text(encoding="utf-8")
        )
        coming.write_text(tasks, encoding="utf-8")
        shutil.copyfile(ROOT / "CHANGELOG.md", source / "changelog.md")
        cff = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
        (source / "cite.md").write_text(citation(cff), encoding="utf-8")
        write_reference(source / "reference")
        command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-N", "-E", "-W", "--keep-going"]
        command += ["-c", str(HERE), "-d", str(Path(scratch, "doctrees")), str(source), str(built)]
        done = subprocess.run(  # noqa: S603  # no shell
            command, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(done.stderr.replace(f"{source}{os.sep}", "").strip())
        drop_source_maps(built)
        trim_styles(built)
        if out.exists():
            out.rename(Path(scratch, "old"))
        built.rename(out)
    return out


if __name__ == "__main__":
    build(Path(sys.argv[1]))
