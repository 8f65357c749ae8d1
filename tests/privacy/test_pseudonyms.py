"""Pseudonyms: keyed, stable over waves, checked for collisions, and a key that nobody else reads."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stat

import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.privacy import pseudonyms


def survey(cells, **more):
    about = tk.Variable("person", "Person", "id", identifier="direct", **more)
    return tk.Survey(pd.DataFrame({"person": cells}), tk.Codebook({"person": about}))


@pytest.fixture
def key(tmp_path):
    return tk.make_key(tmp_path / "panel.key")


def test_a_pseudonym_is_the_first_16_letters_of_the_keyed_hash(key):
    secret = bytes.fromhex(key.read_text().strip())
    expected = base64.b32encode(hmac.new(secret, b"A17", hashlib.sha256).digest()).decode()[:16]
    assert tk.pseudonymise(survey(["A17"]), key).data["person"].tolist() == [expected]


def test_pseudonyms_are_the_same_in_every_wave_and_type_of_column(key):
    first = tk.pseudonymise(survey([1, 2, 3]), key).data["person"].tolist()
    later = tk.pseudonymise(survey([3.0, float("nan"), 1.0]), key).data["person"]
    as_text = tk.pseudonymise(survey(["2", " 1 "]), key).data["person"].tolist()
    assert later.tolist()[::2] == [first[2], first[0]]
    assert pd.isna(later[1])
    assert as_text == [first[1], first[0]]


def test_composed_and_decomposed_letters_are_one_id(key):
    both = tk.pseudonymise(survey(["Jos\u00e9", "Jose\u0301"]), key).data["person"]
    assert both[0] == both[1]


def test_another_key_gives_other_pseudonyms(key, tmp_path):
    other = tk.make_key(tmp_path / "other.key")
    both = [tk.pseudonymise(survey(["A"]), one).data["person"][0] for one in (key, other)]
    assert both[0] != both[1]


def test_repeated_ids_stay_repeated_and_missing_codes_stay(key):
    found = tk.pseudonymise(survey(["A", "A", "-9"], missing={"-9": "refused"}), key).data["person"]
    assert found[0] == found[1]
    assert str(found[2]) in ("-9", "Refused")


def test_two_ids_with_one_pseudonym_are_refused(key, monkeypatch):
    monkeypatch.setattr(pseudonyms, "pseudonym", lambda *_: "AAAAAAAAAAAAAAAA")
    with pytest.raises(DataError, match="two different ids get the same pseudonym"):
        tk.pseudonymise(survey(["A", "B"]), key)


def test_pseudonyms_get_no_pseudonyms_again(key):
    once = tk.pseudonymise(survey(["A1", None, "A2"]), key)
    with pytest.raises(DataError, match="the ids of person are pseudonyms already") as refused:
        tk.pseudonymise(once, key)
    assert "A1" not in str(refused.value)
    assert once.data["person"][0] not in str(refused.value)


def test_ids_of_which_only_some_have_the_form_of_a_pseudonym_get_pseudonyms(key):
    found = tk.pseudonymise(survey(["ABCDEFGHIJKLMNOP", "A2"]), key).data["person"]
    assert found[0] != "ABCDEFGHIJKLMNOP"


def test_a_survey_without_an_id_is_refused(key):
    age = tk.Variable("age", "Age", "numeric")
    with pytest.raises(DataError, match="no id to replace"):
        tk.pseudonymise(tk.Survey(pd.DataFrame({"age": [3.0]}), tk.Codebook({"age": age})), key)


@pytest.mark.skipif(os.name != "posix", reason="modes of files are of POSIX systems")
def test_a_key_is_made_for_its_owner_only_and_one_that_others_read_is_refused(key):
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o644)
    with pytest.raises(DataError, match="others may read the key file") as refused:
        tk.pseudonymise(survey(["A"]), key)
    assert refused.value.got == "mode 644"


def test_a_key_is_never_written_over(key):
    before = key.read_text()
    with pytest.raises(DataError, match="exists already"):
        tk.make_key(key)
    assert key.read_text() == before


def test_two_keys_differ(tmp_path):
    assert tk.make_key(tmp_path / "a.key").read_text() != tk.make_key(tmp_path / "b.key").read_text()


@pytest.mark.parametrize("inside", [".git", "data/raw"])
def test_a_key_in_a_repository_or_a_study_is_refused(tmp_path, inside):
    (tmp_path / inside).mkdir(parents=True)
    (tmp_path / "data").mkdir(exist_ok=True)
    with pytest.raises(DataError, match="the key lies in a"):
        tk.make_key(tmp_path / "data" / "panel.key")


def test_files_that_are_no_key_are_refused(tmp_path):
    wrong = tmp_path / "wrong.key"
    wrong.write_text("secret")
    wrong.chmod(0o600)
    for path, words in (
        (wrong, "holds no key"),
        (tmp_path, "not a file"),
        (tmp_path / "none", "can't be read"),
    ):
        with pytest.raises(DataError, match=words):
            tk.pseudonymise(survey(["A"]), path)


def test_a_key_in_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(DataError, match="can't be written"):
        tk.make_key(tmp_path / "none" / "panel.key")


def test_a_key_beside_the_study_may_be_named_from_inside_it(tmp_path, monkeypatch):
    (tmp_path / "study" / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "study")
    tk.make_key("../panel.key")
    assert (tmp_path / "panel.key").exists()


def test_a_link_does_not_bring_a_key_into_a_study(tmp_path):
    (tmp_path / "study" / "data" / "raw").mkdir(parents=True)
    try:
        (tmp_path / "link").symlink_to(tmp_path / "study", target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(DataError, match="the key lies in a study"):
        tk.make_key(tmp_path / "link" / "panel.key")
    assert not (tmp_path / "study" / "panel.key").exists()
