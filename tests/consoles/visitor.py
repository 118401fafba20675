"""Someone at a browser without a browser: signs in, reads pages, posts with the page's proof of origin."""

import html
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from center import Center
from consoles import accounts
from tests.stories.world import World

PASSWORD = "copper-heron-mint-42"
TOKEN = {"Authorization": "Bearer token"}


def let_in(center: Center, name: str, role: Any, agent: str = "") -> None:
    """Make an account with the tests' password."""
    center.history.add_user(name, role, accounts.hashed(PASSWORD), agent)


class Visitor:
    """One browser session."""

    def __init__(self, app: Flask, base_url: str = "http://center.test") -> None:
        self.client: FlaskClient = app.test_client()
        self.base_url = base_url

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=self.base_url, **options)

    def sign_in(self, name: str, password: str = PASSWORD, path: str = "/sign-in") -> TestResponse:
        data = {"name": name, "password": password, "csrf_token": self.proof("/sign-in")}
        return self.client.post(path, data=data, base_url=self.base_url)

    def proof(self, path: str) -> str:
        """The page's proof of origin."""
        found = re.search(r'name="csrf" content="([^"]+)"', self.get(path, follow_redirects=True).text)
        assert found, "the page has no proof of origin"
        return html.unescape(found[1])

    def post(self, path: str, body: Any = None, proof: str | None = None) -> TestResponse:
        """What the page's scripts do."""
        proof = self.proof("/calls") if proof is None else proof
        headers = {"X-CSRFToken": proof}
        return self.client.post(path, json=body or {}, headers=headers, base_url=self.base_url)

    def fill(self, path: str, **fields: str) -> TestResponse:
        """Send a page's form."""
        data = {**fields, "csrf_token": self.proof("/calls")}
        return self.client.post(path, data=data, base_url=self.base_url)


def signed_in(world: World, app: Flask, name: str, role: str = "agent") -> Visitor:
    """A visitor who has signed in as this agent or supervisor."""
    let_in(world.center, name, role, name if role == "agent" else "")
    visitor = Visitor(app)
    assert visitor.sign_in(name).status_code == 303
    return visitor
