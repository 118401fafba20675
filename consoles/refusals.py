"""What a person or a program is told when something cannot be done: what happened, what it means, what to do."""

from typing import Any

from pydantic import ValidationError

PROBLEMS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "string_type": "must be text",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
}


class Refusal(Exception):
    """A request that is not granted: `status` for HTTP, `error` for programs, the message for people."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error, self.message = status, error, message

    @property
    def answer(self) -> tuple[dict[str, str], int]:
        """The JSON body and the HTTP status."""
        return {"error": self.error, "message": self.message}, self.status


def wrong_fields(error: ValidationError) -> Refusal:
    """422 naming each wrong field and what is wrong with it."""
    return Refusal(422, "invalid", "; ".join(_sentence(dict(row)) for row in error.errors()))


def _sentence(row: dict[str, Any]) -> str:
    name = ".".join(str(step) for step in row["loc"]) or "the body"
    told = row["msg"].removeprefix("Value error, ").replace("Input should", "must").replace("String should", "must")
    problem = PROBLEMS.get(row["type"], told)
    return f"{name} {problem[0].lower()}{problem[1:]}"


def stale() -> Refusal:
    """409: the moment has passed, which is normal when two things happen at once."""
    return Refusal(409, "stale", "That is over: the call has moved on in the meantime. Nothing was changed.")


def unknown(what: str, name: str) -> Refusal:
    """404 for something that does not exist."""
    return Refusal(404, "not_found", f"There is no {what} {name!r}.")
