"""Reading what came in with a request: a JSON body or a query, checked against its shape."""

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from consoles.refusals import Refusal, wrong_fields

Shape = TypeVar("Shape", bound=BaseModel)


def body(shape: type[Shape]) -> Shape:
    """The JSON body of this request; none at all counts as empty. Raises Refusal (422) in plain words."""
    given: Any = {}
    if request.get_data(cache=True):
        given = request.get_json(silent=True, force=True)
        if not isinstance(given, dict):
            raise Refusal(422, "invalid", 'The body must be a JSON object such as {"status": "available"}.')
    return _checked(shape, given)


def query(shape: type[Shape]) -> Shape:
    """The query of this request. Raises Refusal (422) in plain words."""
    return _checked(shape, request.args.to_dict())


def _checked(shape: type[Shape], given: dict[str, Any]) -> Shape:
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        raise wrong_fields(error) from None
