"""Signing in and out, and who is asking: flask-login behind this one file.

Who someone is, is in SQL; a session carries a signed copy, so that with SQL down the people at work stay at work.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from consoles import accounts, room
from logs import log
from queues import agent_moves

FRESH_MS = 60_000
SQL_REST_MS = 10_000
HOMES = {"agent": "/desk", "supervisor": "/floor", "operator": "/floor"}

blueprint = Blueprint("signin", __name__)
login = LoginManager()
limiter = Limiter(key_func=get_remote_address, strategy="sliding-window-counter", in_memory_fallback_enabled=True)


class Person(UserMixin):
    """Who is signed in: an agent (`agent` names them in the center file), a supervisor or the operator."""

    def __init__(self, name: str, role: str, agent: str, mark: str) -> None:
        self.id = name
        self.name, self.role, self.agent, self.mark = name, role, agent, mark

    @property
    def watches(self) -> bool:
        """May they see the floor and every call?"""
        return self.role in ("supervisor", "operator")

    @property
    def home(self) -> str:
        """The page they work on."""
        return HOMES.get(self.role, "/")


def who() -> Person:
    """Who asks; behind the pages' guard always someone signed in."""
    return cast(Person, current_user)


def person(user: accounts.Account) -> Person:
    """The person of a row; the mark changes with the password, which ends older sessions."""
    mark = hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]
    return Person(user.name, user.role, user.agent, mark)


@dataclass
class Acquaintance:
    """People read from SQL in the last minute, so that a page does not cost a query."""

    people: dict[str, tuple[int, Person | None]] = field(default_factory=dict)
    sql_rests_until_ms: int = 0

    def of(self, name: str) -> Person | None:
        """The person of that name, or None when they may no longer sign in. With SQL down: who the session says."""
        center = room.center()
        now_ms = center.now_ms()
        read_ms, found = self.people.get(name, (0, None))
        if now_ms - read_ms < FRESH_MS:
            return found
        if now_ms >= self.sql_rests_until_ms:
            try:
                user = center.history.user(name)
                self.people[name] = now_ms, person(user) if user else None
                return self.people[name][1]
            except SQLAlchemyError:
                self.sql_rests_until_ms = now_ms + SQL_REST_MS
        return Person(**session["person"]) if session.get("person", {}).get("name") == name else None


def set_up(app: Flask) -> None:
    """Hang sign-in on the app."""
    app.extensions["acquaintance"] = Acquaintance()
    login.session_protection = "strong"
    login.init_app(app)
    limiter.init_app(app)

    @login.user_loader  # type: ignore[untyped-decorator]
    def load(name: str) -> Person | None:
        found: Person | None = current_app.extensions["acquaintance"].of(name)
        return found if found and found.mark == session.get("person", {}).get("mark") else None

    @login.unauthorized_handler  # type: ignore[untyped-decorator]
    def stranger() -> Any:
        if request.method != "GET" or request.accept_mimetypes.best == "application/json":
            return {"error": "signed_out", "message": "You are signed out. Sign in again."}, 401
        return redirect(url_for("pages.signin.sign_in", next=request.full_path.rstrip("?")))

    @app.errorhandler(RateLimitExceeded)
    def too_often(_error: RateLimitExceeded) -> Any:
        return _form("Too many tries. Wait a minute, then try again.", 429)


def _who_tries() -> str:
    return f"{get_remote_address()} {request.form.get('name', '').strip().lower()[:80]}"


@blueprint.get("/sign-in")
def sign_in() -> Any:
    """The form; someone signed in goes to their page."""
    return redirect(who().home) if who().is_authenticated else _form()


@blueprint.post("/sign-in")
@limiter.limit("10 per minute", key_func=_who_tries)
@limiter.limit("600 per minute")
def enter() -> Any:
    """Check name and password. The same words for a wrong name and a wrong password."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    try:
        user = room.center().history.user(name)
    except SQLAlchemyError:
        return _form("The record of who may sign in cannot be read just now. Those at work go on; try again soon.", 503)
    if not accounts.matches(user, password) or user is None:
        return _form("This name and password do not go together. Check both, then try again.", 401)
    found = person(user)
    session.clear()
    session["person"] = {"name": found.name, "role": found.role, "agent": found.agent, "mark": found.mark}
    session.permanent = True
    login_user(found)
    return redirect(_safe(request.args.get("next", "")) or found.home, 303)


@blueprint.post("/sign-out")
def leave() -> Any:
    """Sign out; an agent is offline from here, so that no call rings an empty desk."""
    if who().is_authenticated and who().agent in room.center().plan.agents:
        try:
            agent_moves.choose_status(room.center(), who().agent, "offline")
        except RedisError:
            log.warning("signed_out_without_live_state")
    logout_user()
    session.clear()
    return redirect(url_for("pages.signin.sign_in"), 303)


def _form(trouble: str = "", status: int = 200) -> Response:
    page = render_template("sign_in.html", trouble=trouble, name=request.form.get("name", ""))
    return Response(page, status)


def _safe(path: str) -> str:
    """A path of ours to go on to; never another site's address (browsers read a backslash as a slash)."""
    plain = path.replace("\\", "/")
    return path if plain.startswith("/") and not plain.startswith("//") and not urlsplit(plain).netloc else ""
