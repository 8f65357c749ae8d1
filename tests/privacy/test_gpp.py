"""GPP strings: values as the reference library was given them, and damage refused with its bit."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustkit.errors import DataError
from trustkit.privacy.consent_bits import ALPHABET
from trustkit.privacy.gpp import SECTIONS, decode_gpp

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "gpp" / "strings.json").read_text(encoding="utf-8")
)
NUMBERS = {section.name: number for number, section in SECTIONS.items()}
NATIONAL = next(case for case in REFERENCE if case["ids"] == [7])["encoded"]


@pytest.mark.parametrize("number", range(len(REFERENCE)))
def test_a_string_holds_the_values_that_the_reference_library_was_given(number):
    case = REFERENCE[number]
    decoded = decode_gpp(case["encoded"])
    assert list(decoded.section_ids) == case["ids"]
    assert decoded.unread == ()
    given_values = dict(case["sections"])
    tcf, us_privacy = given_values.pop("tcfeuv2", None), given_values.pop("uspv1", None)
    if tcf is not None:
        assert decoded.tcf.cmp_id == tcf["CmpId"]
        chosen = [at for at, is_on in enumerate(tcf["PurposeConsents"], 1) if is_on]
        assert list(decoded.tcf.purposes_consent) == chosen
    assert (decoded.tcf is None) == (tcf is None)
    if us_privacy is not None:
        fields = ("Notice", "OptOutSale", "LspaCovered")
        assert decoded.us_privacy == "1" + "".join(us_privacy[field] for field in fields)
    assert set(decoded.sections) == set(given_values)
    for name, values in given_values.items():
        version = values.pop("MspaVersion", None) or values.pop("Version")
        known = {"Version": version} | {
            field: tuple(value) if isinstance(value, list) else value
            for field, value in values.items()
            if field not in ("GpcSegmentType", "GpcSegmentIncluded")
        }
        written = case["encoded"].split("~")[1 + case["ids"].index(NUMBERS[name])]
        if "." not in written:  # the library then gives the signal as off
            assert known.pop("Gpc", False) is False
        assert decoded.sections[name] == known, name


def test_the_reference_has_every_section():
    assert {number for case in REFERENCE for number in case["ids"]} == {2, 6, *SECTIONS}


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("", "the GPP string is empty", "header, type, bit 0"),
        ("garbage", "does not begin as a GPP string does", "header, type, bit 0"),
        ("CPBFOSAPEu6zIr5KkyEN4ECAAAAAAH_gAACYAAALzgBgACAAQAvMAAAA", "does not begin", "header, type, bit 0"),
        ("DCABLA~BAAA", "a GPP string of version 2 can't be read", "header, version, bit 6"),
        ("DBAB", "ends inside a field", "header, section ids, bit 24"),
        ("DBABAAAAAA~1YNN", "a number that does not end", "header, section ids, bit 50"),
        ("DBABLA", "other sections than its header lists", "header"),
        (f"{NATIONAL}~1YNN", "other sections than its header lists", "header"),
        ("DBABLA~", "other sections than its header lists", "header"),
        ("DBABLA~D", "a section of version 3 can't be read", "section usnat, version, bit 0"),
        ("DBABLA~CAAA", "ends inside a field", "section usnat, SensitiveDataProcessing, bit 24"),
        ("DBABLA~BD", "a value that no field has", "section usnat, SharingOptOutNotice, bit 10"),
        ("DBABLA~B!", "a character that is not base64", "section usnat, version, bit 6"),
        (NATIONAL.partition(".")[0] + ".gA", "the unknown type 2", "section usnat, segment 2, type, bit 0"),
        (NATIONAL.partition(".")[0] + ".YA.YA", "too many segments", "section usnat"),
        (
            NATIONAL.partition(".")[0] + "AAAAAAAA",
            "goes on after its last field",
            "section usnat, end, bit 70",
        ),
    ],
)
def test_damaged_strings_are_refused_with_the_bit_where_they_fail(text, what, where):
    with pytest.raises(DataError) as refused:
        decode_gpp(text)
    assert what in refused.value.what
    assert str(refused.value.where).startswith(where)


@given(st.sampled_from(REFERENCE), st.data())
def test_a_string_that_is_cut_or_changed_is_refused_in_words_or_read_and_never_crashes(case, data):
    text = case["encoded"]
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(["", "~", ".", "!", *ALPHABET]))
    for changed in (text[:place], text[:place] + other + text[place + 1 :]):
        with suppress(DataError):
            assert decode_gpp(changed).section_ids is not None


def test_sections_of_other_laws_are_named_and_left():
    decoded = decode_gpp("DBABDA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA")
    assert (decoded.section_ids, decoded.unread, decoded.sections) == ((5,), (5,), {})
