"""The consent step drops whoever has not agreed, and nobody of whom nothing is known is kept on consent."""

from __future__ import annotations

import pytest
from builders import survey

from trustkit.cleaning.consent import drop_without_consent
from trustkit.errors import DataError
from trustkit.survey.variable import Variable

STATUS = Variable("status", "Status", "text", basis="legal obligation")
YES_NO = {1: "yes", 2: "no"}


def answers(*statuses, basis):
    asked = Variable("a", "A", "single", codes=YES_NO, basis=basis, permission=("research",))
    return survey({"status": list(statuses), "a": 1}, STATUS, asked)


def test_those_without_a_given_status_are_dropped_counted_and_the_rest_limited_to_the_purpose():
    study = answers("given", "refused", None, "withdrawn", "refused", basis="consent")
    found = drop_without_consent(study, purpose="research", status="status")
    assert found.data.index.tolist() == [0]
    assert found.log.steps[-1].rule == "last record is not given: 2 refused, 1 no record, 1 withdrawn"
    assert found.codebook.used_for == ("research",)


@pytest.mark.parametrize("basis", ["consent", "explicit consent"])
def test_nobody_without_a_status_is_kept_where_the_basis_is_consent(basis):
    study = answers("given", None, basis=basis)
    with pytest.raises(DataError, match="respondents without a record can't be kept"):
        drop_without_consent(study, purpose="research", status="status", unknown="include")


def test_those_without_a_status_may_be_kept_where_the_basis_is_another():
    study = answers("given", None, "refused", basis="contract")
    found = drop_without_consent(study, purpose="research", status="status", unknown="include")
    assert found.data.index.tolist() == [0, 1]


def test_a_status_column_that_is_not_there_is_refused():
    with pytest.raises(DataError, match="no variable 'state'"):
        drop_without_consent(answers("given", basis="contract"), purpose="research", status="state")
