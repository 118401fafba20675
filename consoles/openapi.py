"""`/api/v1/openapi.json`: the description of the API, drawn from the same shapes that check what comes and goes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from consoles import api_shapes as shapes

REASONS = {401: "No or a wrong token", 404: "Unknown", 409: "Stale: the moment has passed", 422: "Wrong input"}
SCHEMAS = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Operation:
    """One route: what it is for, what it takes and gives, and which errors it may answer."""

    method: str
    path: str
    summary: str
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    errors: tuple[int, ...] = (401,)


def describe(operations: Iterable[Operation], base_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    operations = list(operations)
    models = {model for one in operations for model in (one.answer, one.body, one.query) if model} | {shapes.Error}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, "validation") for model in ordered], ref_template=SCHEMAS)
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(_plain(one.path), {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Third Ring", "version": "1", "description": "Times are integer UTC milliseconds."},
        "servers": [{"url": f"{base_url}/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _plain(path: str) -> str:
    """`/agents/<agent>/offers/<int:offer>` as OpenAPI writes it: `/agents/{agent}/offers/{offer}`."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def _operation(one: Operation) -> dict[str, Any]:
    answers = {"200": _content(one.answer, one.answer.__doc__ or "")}
    answers |= {str(status): _content(shapes.Error, REASONS[status]) for status in one.errors}
    found: dict[str, Any] = {
        "summary": one.summary,
        "operationId": re.sub(r"\W+", "_", f"{one.method} {_plain(one.path)}".lower()).strip("_"),
        "parameters": [*_path_parameters(one.path), *(_query_parameters(one.query) if one.query else [])],
        "responses": answers,
    }
    if one.body:
        found["requestBody"] = _content(one.body, one.body.__doc__ or "") | {"required": True}
    return found


def _content(model: type[BaseModel], description: str) -> dict[str, Any]:
    schema = {"$ref": SCHEMAS.format(model=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer" if kind == "int" else "string"}}
        for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", path)
    ]


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    properties = model.model_json_schema()["properties"]
    return [{"name": name, "in": "query", "schema": schema} for name, schema in properties.items()]
