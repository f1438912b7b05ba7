"""The documentation: complete, valid, and from nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI

from tests.api.lab import Lab

_VERBS = (
    "approve", "reject", "confirm", "decline", "cancel", "start", "complete", "fail", "hand-over", "undo", "requote",
    "reopen", "reprint",
)  # fmt: skip
_PATHS = {
    "/api/v1/jobs": {"get", "post"},
    "/api/v1/jobs/{job_id}": {"get", "patch"},
    "/api/v1/jobs/{job_id}/events": {"get"},
    "/api/v1/jobs/{job_id}/analyse": {"post"},
    **{f"/api/v1/jobs/{{job_id}}/{verb}": {"post"} for verb in _VERBS},
    "/api/v1/jobs/{job_id}/open": {"post"},
    "/api/v1/open/conclude": {"post"},
    "/api/v1/open/redeem": {"post"},
    "/api/v1/jobs/{job_id}/revisions": {"post"},
    "/api/v1/jobs/{job_id}/revisions/{number}/content": {"get"},
    "/api/v1/jobs/{job_id}/revisions/{number}/choose": {"post"},
    "/api/v1/track/{token}": {"get"},
    **{f"/api/v1/track/{{token}}/{verb}": {"post"} for verb in ("confirm", "decline", "cancel")},
    "/api/v1/mails/bounces": {"post"},
    "/api/cost/preview": {"get"},
    "/healthz/live": {"get"},
    "/healthz/ready": {"get"},
}


@pytest.fixture
async def spec(lab: Lab) -> dict[str, Any]:
    async with lab.client() as client:
        return (await client.get("/api/openapi.json")).json()


def _operations(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def _schemas(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  (any JSON)
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for inner in node.values():
            yield from _schemas(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _schemas(inner)


def test_it_is_openapi_3_1_with_every_address(spec: dict[str, Any]) -> None:
    OpenAPI.model_validate(spec)
    assert spec["openapi"].startswith("3.1.")
    assert {path: set(methods) for path, methods in spec["paths"].items()} == _PATHS


def test_every_reference_leads_somewhere(spec: dict[str, Any]) -> None:
    wanted = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(spec)))
    assert wanted <= set(spec["components"]["schemas"])
    assert '"$ref": "#/$defs' not in json.dumps(spec)
    assert "HTTPValidationError" not in spec["components"]["schemas"]


def test_every_field_and_parameter_is_described(spec: dict[str, Any]) -> None:
    for schema in _schemas(spec):
        for name, field in schema["properties"].items():
            assert field.get("description"), f"{schema.get('title')}.{name}"
    for name, schema in spec["components"]["schemas"].items():
        assert schema.get("description"), name
    for name, operation in _operations(spec):
        assert operation["summary"], name
        assert operation["description"], name
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{name} {parameter['name']}"


def test_operations_have_names_of_their_own_and_say_how_they_refuse(spec: dict[str, Any]) -> None:
    operations = dict(_operations(spec))
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(ids) == len(set(ids))
    for name, operation in operations.items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and "healthz" not in name:
                assert "application/problem+json" in answer["content"], f"{name} {status}"


def test_who_may_is_said(spec: dict[str, Any]) -> None:
    operations = dict(_operations(spec))
    assert operations["post /api/v1/jobs"]["security"] == [{}, {"token": []}]
    for name, operation in operations.items():
        if "/jobs" in name and name != "post /api/v1/jobs":
            assert operation["security"] == [{"token": []}, {"session": []}], name


def test_the_form_is_documented(spec: dict[str, Any]) -> None:
    form = spec["paths"]["/api/v1/jobs"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert list(form["properties"]) == [
        "file", "name", "email", "method", "printer", "material", "color", "quantity", "strength", "needed_by",
        "course", "notes", "scale", "accept_terms",
    ]  # fmt: skip
    assert set(form["required"]) == {
        "file", "name", "email", "method", "printer", "material", "color", "accept_terms",
    }  # fmt: skip


async def test_the_page_loads_only_our_own_files_and_no_inline_script(lab: Lab) -> None:
    async with lab.client() as client:
        page = await client.get("/api/docs")
        links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        files = [await client.get(link) for link in links]
        other = await client.get(links[0].replace("static/", "static/0"))
    assert page.headers["content-type"].startswith("text/html")
    assert len(links) == 4
    assert all(link.startswith("/api/static/") for link in links)
    assert re.findall(r"<script(?![^>]*src)", page.text) == []
    for file in files:
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
    assert other.status_code == 404
