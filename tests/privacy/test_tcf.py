"""Strings of the Transparency and Consent Framework: against the reference library, and damaged ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.errors import DataError
from trustkit.privacy.consent_bits import ALPHABET, CHARACTER_BITS
from trustkit.privacy.tcf import RESTRICTIONS

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "tcf" / "strings.json").read_text(encoding="utf-8")
)
STRINGS = [one["string"] for one in REFERENCE]
PLAIN = (
    "cmp_id", "cmp_version", "consent_screen", "consent_language", "vendor_list_version", "policy_version",
    "service_specific", "non_standard_texts", "purpose_one_treatment", "publisher_country",
)  # fmt: skip
NUMBERED = (
    "special_features", "purposes_consent", "purposes_interest", "vendors_consent", "vendors_interest"
)  # fmt: skip


def numbers(runs):
    """Return the numbers of a text such as "1-3 8"."""
    every = []
    for run in runs.split():
        first, _, last = run.partition("-")
        every += range(int(first), int(last or first) + 1)
    return tuple(every)


def refusal(text):
    with pytest.raises(DataError) as refused:
        tk.decode_tcf(text)
    return refused.value


def attempt(text):
    """Return what a string says, or where it fails."""
    try:
        return tk.decode_tcf(text)
    except DataError as fault:
        return fault.where


def bits_of(segment):
    return "".join(f"{ALPHABET.index(character):06b}" for character in segment)


def text_of(bits):
    filled = bits + "0" * (-len(bits) % CHARACTER_BITS)
    return "".join(ALPHABET[int(filled[at : at + 6], 2)] for at in range(0, len(filled), CHARACTER_BITS))


@pytest.mark.parametrize("one", REFERENCE, ids=lambda one: one["id"])
def test_every_field_is_what_the_reference_library_reads(one):
    text, expected = tk.decode_tcf(one["string"]), one["decoded"]
    assert {name: getattr(text, name) for name in PLAIN} == {name: expected[name] for name in PLAIN}
    assert {name: getattr(text, name) for name in NUMBERED} == {
        name: numbers(expected[name]) for name in NUMBERED
    }
    assert text.created == datetime.fromisoformat(expected["created"])
    assert text.last_updated == datetime.fromisoformat(expected["last_updated"])
    limits = [(part.purpose, RESTRICTIONS.index(part.kind), part.vendors) for part in text.restrictions]
    assert sorted(limits) == sorted(
        (part["purpose"], part["kind"], numbers(part["vendors"])) for part in expected["restrictions"]
    )
    for name in ("disclosed", "allowed"):
        assert getattr(text, name) == (None if expected[name] is None else numbers(expected[name]))
    own = expected["publisher"]
    assert (text.publisher is None) == (own is None)
    if own is not None:
        assert text.publisher.custom == own["custom"]
        for name in ("consent", "interest", "custom_consent", "custom_interest"):
            assert getattr(text.publisher, name) == numbers(own[name])


def test_the_references_hold_both_encodings_of_vendors_restrictions_and_every_segment():
    cores = [bits_of(text.split(".")[0]) for text in STRINGS]
    assert {bits[229] for bits in cores} == {"0", "1"}
    assert sum(bool(one["decoded"]["restrictions"]) for one in REFERENCE) > 20
    assert {kind for one in REFERENCE for kind in one["decoded"]["segments"]} == {1, 2, 3}
    assert len(REFERENCE) == 50


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STRINGS), st.data())
def test_a_string_cut_inside_a_field_is_refused_at_the_bit_where_it_ends(text, data):
    segments = text.split(".")
    which = data.draw(st.integers(0, len(segments) - 1))
    size = data.draw(st.integers(0, len(segments[which]) - 1))
    cut = ".".join([*segments[:which], segments[which][:size]])
    if "1" not in bits_of(segments[which])[6 * size :] and len(segments[which]) - size < 4:
        return  # fill at the end, tested below
    fault = refusal(cut)
    assert fault.where.endswith(f"bit {6 * size}")
    assert fault.where.startswith("core" if which == 0 else f"segment {which + 1}")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(STRINGS))
def test_a_string_without_the_fill_at_its_end_says_the_same(text):
    core = text.split(".")[0]
    whole = tk.decode_tcf(core)
    for less in range(1, 4):
        shorter = core[:-less]
        if set(core[-less:]) == {"A"}:
            read = attempt(shorter)
            assert read == whole or read.endswith(f"bit {6 * len(shorter)}")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(STRINGS), st.integers(0, 63).filter(lambda version: version != 2))
def test_every_other_version_is_refused_at_the_bit_where_the_version_ends(text, version):
    fault = refusal(ALPHABET[version] + text[1:])
    assert fault.where == "core, version, bit 6"
    assert f"version {version} " in fault.what


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=ALPHABET + "./+= \u00e9", max_size=80))
def test_any_text_is_decoded_or_refused_with_a_bit(text):
    read = attempt(text)
    assert isinstance(read, tk.TCString) or "bit " in read


def test_empty_garbage_and_version_1_are_refused():
    assert refusal("").what == "the TCF string is empty"
    assert "version 32" in refusal("garbage").what
    assert "version 1 " in refusal("BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA").what


def test_a_character_that_is_not_base64_is_refused_at_its_bit():
    assert refusal(STRINGS[0][:10] + "+" + STRINGS[0][11:]).where.endswith("bit 60")


def test_bits_after_the_last_field_are_refused():
    assert "goes on" in refusal(STRINGS[0] + "AAAA").what
    assert "goes on" in refusal(STRINGS[0] + "B").what


def core_with(at, bits):
    """Return the core of the first string with other bits from a place on."""
    core = bits_of(STRINGS[0].split(".")[0])
    return text_of(core[:at] + bits + core[at + len(bits) :])


def test_values_that_no_field_can_have_are_refused():
    assert "two letters" in refusal(core_with(108, "111111")).what
    head = bits_of(STRINGS[0])[:213]
    vendors = f"{5:016b}" + "1" + f"{1:012b}" + "1" + f"{4:016b}" + f"{3:016b}"
    fault = refusal(text_of(head + vendors))
    assert "range of vendors" in fault.what
    assert fault.got == "4 to 3"
    none = f"{0:016b}0"
    kinds = f"{1:012b}" + f"{2:06b}" + "11"
    assert "restriction of the unknown type 3" in refusal(text_of(head + none + none + kinds)).what


def test_unknown_and_repeated_segments_are_refused():
    core = STRINGS[0].split(".")[0]
    disclosed = text_of("001" + f"{2:016b}" + "0" + "11")
    assert tk.decode_tcf(f"{core}.{disclosed}").disclosed == (1, 2)
    assert "two segments of disclosed vendors" in refusal(f"{core}.{disclosed}.{disclosed}").what
    assert "unknown type 4" in refusal(f"{core}.{text_of('100' + '0' * 17)}").what


def test_a_string_of_any_length_is_decoded_or_refused_soon():
    assert "too long" in refusal("C" * 200_000).what


def test_times_are_in_utc():
    assert tk.decode_tcf(STRINGS[0]).created.tzinfo is UTC
