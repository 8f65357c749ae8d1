"""The example data are found by name, complete, and called synthetic."""

from __future__ import annotations

import pytest

import trustkit as tk
from trustkit.checksums import read_digests, verify_digest
from trustkit.datasets.example_data import EXAMPLES
from trustkit.errors import DataError
from trustkit.shipped_files import SHIPPED


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_examples_folder_holds_its_files_unchanged(name):
    folder = tk.example_folder(name)
    listed = read_digests(folder)
    assert "codebook.yaml" in listed
    for file in listed:
        verify_digest(folder / file)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_called_synthetic(name):
    assert tk.read_codebook(tk.example_folder(name) / "codebook.yaml").data == "synthetic"


def test_every_example_is_shipped_in_a_wheel():
    assert {f"data/raw/{name}" for name in EXAMPLES} == {path for path in SHIPPED if path.startswith("data/")}


def test_a_misspelt_example_is_suggested():
    with pytest.raises(DataError, match="no example data set named 'consumer_trsut'") as caught:
        tk.example_folder("consumer_trsut")
    assert caught.value.do == "did you mean 'consumer_trust'?"
    assert caught.value.expected == "'consumer_trust' or 'app_tracking'"


def test_a_path_is_no_name():
    with pytest.raises(DataError, match="no example data set"):
        tk.example_folder("../raw/consumer_trust")
