"""The API against its own OpenAPI document: schemathesis asks, right and wrong, and checks."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from api_clients import api_client

EXAMPLES = 15
"""For each operation and mode, besides the cases that cover its schema."""
HOST = {"host": "127.0.0.1"}


@pytest.fixture(scope="module")
def schema(juten_folder, tmp_path_factory):
    feedback = tmp_path_factory.mktemp("feedback") / "feedback.sqlite"
    with api_client(juten_folder, feedback=feedback) as client:
        loaded = schemathesis.openapi.from_asgi("/api/v1/openapi.json", client.app, headers=HOST)
        # A body may be over the limit of all bodies whether its form is right or wrong.
        checks = loaded.config.checks
        for check in (checks.positive_data_acceptance, checks.negative_data_rejection):
            check.expected_statuses = [*check.expected_statuses, "413"]
        yield loaded


@pytest.fixture(scope="module")
def operations(schema):
    return [found.ok() for found in schema.get_all_operations()]


def test_every_address_is_described(operations):
    # schemathesis leaves out where the document itself lies.
    assert [operation.label for operation in operations] == [
        "GET /api/v1/search",
        "POST /api/v1/search",
        "GET /api/v1/ask",
        "POST /api/v1/ask",
        "GET /api/v1/documents",
        "GET /api/v1/documents/{identity}",
        "GET /api/v1/passages/{identity}",
        "GET /api/v1/pages/{document}/{page}.png",
        "POST /api/v1/feedback",
        "GET /api/v1/health/live",
        "GET /api/v1/health/ready",
        "GET /api/v1/version",
        "POST /genai/invoke",
    ]


def test_what_covers_the_schema_is_answered_as_it_says(schema, operations, subtests):
    for operation in operations:
        cases = schema.iter_coverage_cases(
            operation,
            generation_modes=list(GenerationMode),
            generation_config=schema.config.generation,
        )
        with subtests.test(operation.label):
            for case in cases:
                case.call_and_validate(headers=HOST)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_anything_is_answered_as_the_schema_says(operations, subtests, mode):
    for operation in operations:
        # What takes only an id, or nothing, cannot be asked in a wrong form.
        if mode == GenerationMode.NEGATIVE and not (operation.query or operation.body):
            continue
        with subtests.test(operation.label):
            _fuzz(operation, mode)


def _fuzz(operation, mode):
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def answered(case):
        case.call_and_validate(headers=HOST)

    answered()
