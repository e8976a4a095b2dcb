"""The OpenAPI file, tried at random: no server error, and every answer is one that the file describes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

schemathesis = pytest.importorskip("schemathesis")
from schemathesis import checks  # noqa: E402

UNENDING = ["/v1/jobs/{id}/events"]
EXAMPLES = 3
"""Of each route; `schemathesis run ADDRESS/openapi.json` tries as many as one likes."""
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_route_answers_as_the_file_says(address):
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    tried = []
    for found in schema.exclude(path=UNENDING).get_all_operations():
        operation = found.ok()

        @QUIET
        @given(case=operation.as_strategy())
        def answers(case):
            case.call_and_validate(checks=CHECKS)

        answers()
        tried.append(operation.label)
    assert {"POST /v1/jobs", "POST /v1/images/edits", "GET /v1/results/{id}"} <= set(tried)
