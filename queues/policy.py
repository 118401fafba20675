"""How a queue chooses among its callers and agents, as the center file says it. Pure models; `routing.py` acts on them.

Every policy here becomes a position: a line in which a call stands, a score, and the times at which either changes.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

Level = Annotated[int, Field(ge=1, le=10)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Skill = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(:[a-z0-9_-]+)?$")]
Minutes = Annotated[float, Field(ge=0, le=60)]
RecordingMode = Annotated[
    Literal["off", "notice", "opt_in"], BeforeValidator(lambda value: "off" if value is False else value)
]
Rule = Literal["least_flexible", "longest_idle", "best_level"]
WAYS_OUT = frozenset({"voicemail", "callback"})


class Part(BaseModel):
    """A part of the center file: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Relax(Part):
    """After this wait the call asks for less: a lower level, or 0 for not at all. Clock and place are kept."""

    after_s: int = Field(ge=1, le=3600)
    needs: dict[Skill, Annotated[int, Field(ge=0, le=10)]] = Field(min_length=1)


class Reserve(Part):
    """Agents with `skill` are kept for those who need it; others reach them only after this wait."""

    skill: Skill
    after_s: int = Field(ge=1, le=3600)


class Overflow(Part):
    """When this queue cannot help, the call stands in another one too, in the place of its own `enqueued`.

    `to` is that queue, or a way out of the line: `voicemail`, `callback` (offered once, by key), or a number in E.164,
    which is dialled while the place is kept.
    """

    to: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,39}|\+[1-9][0-9]{6,14})$")]
    after_s: int = Field(default=0, ge=0, le=3600)
    when: Literal["waited", "nobody_signed_in", "length"] = "waited"
    length: int = Field(default=0, ge=0, le=5000)

    @property
    def leads_out(self) -> bool:
        """True when the caller is to leave the line."""
        return self.to in WAYS_OUT or self.to.startswith("+")


class QueuePlan(Part):
    """Callers waiting for one kind of help. Limits in seconds, as people write them."""

    title: str
    needs: dict[Skill, Level] = {}
    rule: Rule = "least_flexible"
    ring_several: int = Field(default=1, ge=1, le=10)
    priority_minutes: Minutes = 0
    relax: list[Relax] = []
    preferred_s: int = Field(default=0, ge=0, le=60)
    reserve: Reserve | None = None
    overflow: list[Overflow] = []
    service_level_s: int = Field(default=20, ge=1, le=3600)
    time_to_person_s: int = Field(default=90, ge=1, le=3600)
    wrap_up_s: int = Field(default=60, ge=5, le=1800)
    hours: str = "always"

    def asked_after(self, needs: Mapping[str, int], waited_s: float) -> dict[str, int]:
        """What a call that asked for `needs` asks for after this wait."""
        asked = dict(needs)
        for step in self.relax:
            if step.after_s <= waited_s:
                asked |= {skill: min(asked[skill], level) for skill, level in step.needs.items() if skill in asked}
        return {skill: level for skill, level in asked.items() if level}


class CallbackPlan(Part):
    """When callers may be called back. `hours` are wall-clock hours where the called person is.

    `countries` are those that may be dialled; none means the center's own and that of the number that was called.
    A callback is offered aloud after `offer_after_s` in line; `window_minutes` is how long the window is that is said.
    """

    offer_after_s: int = Field(default=20, ge=0, le=3600)
    window_minutes: int = Field(default=30, ge=10, le=240)
    attempts: int = Field(default=3, ge=1, le=5)
    hours: str = Field(default="09:00-20:00", pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$")
    countries: list[Annotated[str, Field(pattern=r"^[A-Z]{2}$")]] = []
    came_back_s: int = Field(default=300, ge=0, le=3600)

    @field_validator("hours")
    @classmethod
    def _is_by_day(cls, value: str) -> str:
        first, _, last = value.partition("-")
        if first >= last:  # no moment would be decent, and so every moment would do
            raise ValueError("must begin before they end, on one day")
        return value


class VoicemailPlan(Part):
    """Messages that callers leave: the longest, and the silence that ends one. `offered` says so to those who wait."""

    most_s: int = Field(default=120, ge=10, le=600)
    silence_s: int = Field(default=4, ge=2, le=10)
    offered: bool = True


class SurveyPlan(Part):
    """Who is asked afterwards how it was: a `share` of conversations, of these `queues` (none: all), and about what."""

    share: float = Field(default=0, ge=0, le=1)
    queues: list[Name] = []
    ask_solved: bool = True
    ask_open: bool = True


class RecordingPlan(Part):
    """Whether conversations are recorded: by the caller's country, `notice` is said, `opt_in` asks for a key.

    YAML reads a bare `off` as false; that is meant too. Whatever was recorded, messages too, is erased at the carrier
    after `keep_days`, but for the message of a case that is still open.
    """

    default: RecordingMode = "off"
    countries: dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], RecordingMode] = {}
    keep_days: int = Field(default=365, ge=1, le=3660)

    def mode(self, country: str) -> str:
        """What is done with callers of this country (ISO)."""
        return self.countries.get(country, self.default)


class FlowPlan(Part):
    """When a version of the menu that only a share of the callers get is withdrawn by itself.

    Once both versions have had `least_calls`: when the share of callers who hang up in the menu is `worse_hang_ups`
    (0 to 1) higher than with the current one, or the mean time to a line `worse_seconds` longer.
    """

    least_calls: int = Field(default=100, ge=10, le=100_000)
    worse_hang_ups: float = Field(default=0.02, ge=0, le=1)
    worse_seconds: float = Field(default=3, ge=0, le=600)


class Importance(Part):
    """Callers from these numbers (a whole number or a prefix) count as if they had waited so much longer."""

    caller: str = Field(pattern=r"^\+[0-9]{1,15}$")
    minutes: Minutes
