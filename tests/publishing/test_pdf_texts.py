"""What the pages of a PDF show is read with the map of each text's own font."""

from __future__ import annotations

from trustkit.publishing.pdf_texts import pdf_texts

MAP = "beginbfchar\n{}\nendbfchar"


def pdf(*bodies: str) -> bytes:
    """A file of numbered objects; a body in two parts is an object and its stream."""
    objects = []
    for number, body in enumerate(bodies, 1):
        head, _, stream = body.partition("|")
        held = f"{head}\nstream\n{stream}\nendstream" if stream else head
        objects.append(f"{number} 0 obj\n{held}\nendobj\n")
    return "".join(["%PDF-1.7\n", *objects]).encode("latin-1")


def two_fonts(resources: str) -> bytes:
    """A page on which one font writes "ab" and another "12", with the same two codes."""
    letters, digits = (
        MAP.format(f"<0001> <{one:04X}>\n<0002> <{one + 1:04X}>") for one in (ord("a"), ord("1"))
    )
    return pdf(
        "<</Type/Page/Resources 2 0 R/Contents 3 0 R>>",
        resources,
        "<</Length 60>>|BT /f0 9 Tf <00010002> Tj ET BT /f1 9 Tf <00010002> Tj ET",
        "<</Type/Font/ToUnicode 6 0 R>>",
        "<</Type/Font/ToUnicode 7 0 R>>",
        f"<</Length 40>>|{letters}",
        f"<</Length 40>>|{digits}",
    )


def texts(content: bytes) -> list[str]:
    return ["".join(text.split()) for where, text in pdf_texts(content) if where == "text"]


def test_each_text_is_read_with_the_map_of_its_own_font() -> None:
    assert texts(two_fonts("<</Font<</f0 4 0 R/f1 5 0 R>>>>")) == ["ab12"]


def test_without_the_fonts_of_a_page_its_texts_are_read_with_every_map() -> None:
    for resources in ("<<>>", "<</Font<</f0 4 0 R/f1 9 0 R>>>>"):  # none, or one that the file does not have
        assert {"abab", "1212"} <= set(texts(two_fonts(resources)))


def test_a_font_that_the_page_does_not_name_or_an_object_that_was_replaced_is_read_with_every_map() -> None:
    page = two_fonts("<</Font<</f0 4 0 R/f1 5 0 R>>>>")
    for changed in (page.replace(b"/f1 9 Tf", b"/f2 9 Tf"), page + b"4 0 obj\n<</Type/Font>>\nendobj\n"):
        assert {"abab", "1212"} <= set(texts(changed))


def test_numbers_of_the_file_itself_are_not_among_its_texts() -> None:
    held = [text for _, text in pdf_texts(pdf("<</Flags 131078/Length 10602>>|x", "<</Title(Wave 10602)>>"))]
    assert not any("131078" in text for text in held)
    assert sum(text.count("10602") for text in held) == 2  # the title, as it stands and as a string
