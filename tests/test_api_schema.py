"""The API against its own OpenAPI document: schemathesis asks, right and wrong, and checks."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from api_clients import api_client

EXAMPLES = 12
"""For each operation, right and wrong ones; besides those that cover its schema."""


@pytest.fixture(scope="module")
def document(juten_folder, tmp_path_factory):
    feedback = tmp_path_factory.mktemp("feedback") / "feedback.sqlite"
    with api_client(juten_folder, feedback=feedback) as client:
        schema = schemathesis.openapi.from_asgi(
            "/api/v1/openapi.json", client.app, headers={"host": "127.0.0.1"}
        )
        schema.config.generation.update(max_examples=EXAMPLES)
        yield schema


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_api_is_as_its_document_says(case):
    case.call_and_validate(headers={"host": "127.0.0.1"})
