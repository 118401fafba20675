"""What every page and API route finds when a request comes in: the center that this process serves."""

from typing import cast

from flask import Flask, current_app

from center import Center

EXTENSION = "center"


def furnish(app: Flask, center: Center) -> None:
    """Let the routes of this app find `center`."""
    app.extensions[EXTENSION] = center


def center() -> Center:
    """The center of the app that serves this request."""
    return cast(Center, current_app.extensions[EXTENSION])
