"""Settings read once, and `Center`: the assembled parts that every process of the service is handed.

The web process, the workers, the ticker, the recorder and the feed all start with `assemble()`. Nothing else reads
the environment or a clock.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import redis
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from adapters.carrier import Carrier, connect
from adapters.history import History
from adapters.job_queues import JobQueues
from adapters.live import Live
from ivr.check import check
from ivr.flow import Flow, load_flow
from ivr.lined_yaml import Problem, WrongFile
from ivr.voices import VOICES
from queues.plan import Plan, load_plan

HOUSE = Path(__file__).resolve().parent
LOOK_EVERY_MS = 1_000


class SettingsError(Exception):
    """The environment cannot be used; `lines` says why, one sentence per variable."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Settings(BaseSettings):
    """What the operator sets. Names in the environment are these in capitals; an empty value counts as not set."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", env_file=".env", env_file_encoding="utf-8")

    public_url: str = ""
    port: int = Field(default=8000, ge=1, le=65535)
    secret_key: SecretStr = SecretStr("")
    api_token: SecretStr = SecretStr("")
    redis_url: str = ""
    database_url: str = ""
    center_file: str = "center.yaml"
    twilio_account_sid: str = Field(default="", pattern=r"^(AC[0-9a-fA-F]{32})?$")
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_api_key: str = Field(default="", pattern=r"^(SK[0-9a-fA-F]{32})?$")
    twilio_api_secret: SecretStr = SecretStr("")
    twilio_caller_id: str = Field(default="", pattern=r"^(\+[1-9][0-9]{6,14})?$")
    twilio_twiml_app_sid: str = Field(default="", pattern=r"^(AP[0-9a-fA-F]{32})?$")
    twilio_api_base_url: str = ""
    web_concurrency: int = Field(default=2, ge=1, le=64)
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")
    feed_port: int = Field(default=0, ge=0, le=65535)
    feed_url: str = ""
    simulator_url: str = ""

    @field_validator("public_url", "twilio_api_base_url", "feed_url", "simulator_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must be an address such as https://calls.example.org")
        return value.rstrip("/")

    @field_validator("twilio_api_base_url")
    @classmethod
    def _has_no_path(cls, value: str) -> str:
        if urlsplit(value).path:
            raise ValueError("must be scheme://host[:port], without a path")
        return value

    @model_validator(mode="after")
    def _account_is_whole(self) -> "Settings":
        if self.simulated:
            return self
        missing = [
            name
            for name in ("TWILIO_AUTH_TOKEN", "TWILIO_CALLER_ID", "PUBLIC_URL", "SECRET_KEY")
            if not str(_plain(getattr(self, name.lower())))
        ]
        if missing:
            raise ValueError(f"TWILIO_ACCOUNT_SID is set, so {' and '.join(missing)} must be set too")
        return self

    @property
    def simulated(self) -> bool:
        """True when calls run on the simulated network: no account, or the one that `bin/dev` invented for it."""
        return bool(self.simulator_url) or not self.twilio_account_sid

    @property
    def base_url(self) -> str:
        """Where webhooks reach us; Twilio signs this address."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def carrier_url(self) -> str:
        """Who speaks Twilio's REST interface: empty is Twilio itself."""
        return self.twilio_api_base_url or self.simulator_url

    @property
    def database(self) -> str:
        """The SQLAlchemy URL; SQLite under `var/` when none is set."""
        url = self.database_url or f"sqlite:///{HOUSE / 'var' / 'history.db'}"
        return url.replace("postgres://", "postgresql://", 1)


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def read_settings(**overrides: object) -> Settings:
    """The settings of this process. Raises SettingsError naming every wrong variable."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError([_sentence(row["loc"], row["msg"]) for row in error.errors()]) from None
    if not settings.secret_key.get_secret_value():
        settings = settings.model_copy(update={"secret_key": SecretStr(secrets.token_hex(32))})
    return settings


def _sentence(where: tuple[int | str, ...], message: str) -> str:
    name = str(where[0]).upper() if where else ""
    return f"{name}: {message}".removeprefix(": ").replace("Value error, ", "")


@dataclass(frozen=True)
class Center:
    """The assembled parts. `pool` carries the waiting for the phone network's answers.

    `flow` is the one of the file; `flows` are the published versions that this process has read so far.
    """

    settings: Settings
    plan: Plan
    flow: Flow
    live: Live
    jobs: JobQueues
    history: History
    carrier: Carrier
    now_ms: Callable[[], int]
    pool: Executor
    flows: dict[str, Flow] = field(default_factory=dict)

    def with_plan(self, text: str) -> "Center":
        """The same parts over another center file. Raises WrongFile with every fault."""
        plan, flow = parse_plan(text, self.settings)
        return replace(self, plan=plan, flow=flow, live=self.live.with_plan(plan), flows={})


class Running:
    """The center that a process serves, with the center file that was published last."""

    def __init__(self, center: Center) -> None:
        self._center = center
        self._version = ""
        self._look_at_ms = 0

    def center(self) -> Center:
        """The newest; whether there is a newer file is looked up once a second."""
        now_ms = self._center.now_ms()
        if now_ms >= self._look_at_ms:
            self._look_at_ms = now_ms + LOOK_EVERY_MS
            self._renew()
        return self._center

    def _renew(self) -> None:
        with contextlib.suppress(redis.RedisError):
            version = self._center.live.plan_version()
            if version and version != self._version:
                self._center = self._center.with_plan(self._center.live.plan_text())
                self._version = version


def wall_clock_ms() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


def read_plan(settings: Settings) -> tuple[Plan, Flow]:
    """The center file and the flow it names. Raises SettingsError with file, line and reason for each fault."""
    try:
        return parse_plan(center_file(settings).read_text(encoding="utf-8"), settings)
    except WrongFile as error:
        raise SettingsError([str(row) for row in error.problems]) from None
    except OSError as error:
        raise SettingsError([f"CENTER_FILE: cannot read {error.filename}: {error.strerror}"]) from None


def center_file(settings: Settings) -> Path:
    """Where the center file lies."""
    return HOUSE / settings.center_file


def parse_plan(text: str, settings: Settings) -> tuple[Plan, Flow]:
    """A center file's text and the flow it names. Raises WrongFile with every fault of either."""
    plan = load_plan(text, settings.center_file)
    return plan, read_flow(flow_file(settings, plan).read_text(encoding="utf-8"), plan)


def flow_file(settings: Settings, plan: Plan) -> Path:
    """Where the flow lies that a center file names."""
    return center_file(settings).parent / plan.flow


def read_flow(text: str, plan: Plan) -> Flow:
    """A flow's text, checked for this center. Raises WrongFile with every fault."""
    flow = load_flow(text, plan.flow, plan.hours)
    if problems := check_flow(flow, plan):
        raise WrongFile(problems)
    return flow


def check_flow(flow: Flow, plan: Plan) -> list[Problem]:
    """Every fault of a flow in this center."""
    return check(flow, set(plan.queues), set(plan.languages), VOICES, set(plan.reasons))


def assemble(settings: Settings | None = None) -> Center:
    """Everything a process needs. Raises SettingsError when the environment or the center file is wrong."""
    settings = settings or read_settings()
    plan, flow = read_plan(settings)
    redis_url = settings.redis_url or "redis://127.0.0.1:6379/0"
    client = redis.Redis.from_url(
        redis_url,
        decode_responses=True,
        encoding_errors="replace",
        socket_connect_timeout=1,
        socket_timeout=5,
        # A Redis that restarts is back within a second; a caller should not hear silence for longer.
        retry=Retry(ExponentialBackoff(cap=0.4, base=0.05), 4),
    )
    jobs = JobQueues(redis_url)
    return Center(
        settings=settings,
        plan=plan,
        flow=flow,
        live=Live(client, plan, jobs.wake_dispatch),
        jobs=jobs,
        history=History(settings.database),
        carrier=connect(settings.twilio_account_sid, _credentials(settings), settings.carrier_url),
        now_ms=wall_clock_ms,
        pool=ThreadPoolExecutor(max_workers=32, thread_name_prefix="carrier"),
    )


def _credentials(settings: Settings) -> tuple[str, str]:
    """REST accepts the account's own token; webhooks are always signed with it."""
    return settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()


def process_name() -> str:
    """Which process this is, for logs and heartbeats."""
    return f"{os.uname().nodename}:{os.getpid()}"
