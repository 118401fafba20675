"""The tables of the record: what happened, and what it adds up to per call.

`events` is the truth; `calls`, `legs`, `offers`, `clocks` and `estimates` follow from it and are written anew whenever
a call is touched. Times are UTC milliseconds in BIGINT; empty text and 0 mean "not yet", NULL is used for running
verdicts and for shares of nothing only.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text

NAMES = {"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
metadata = MetaData(naming_convention=NAMES)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _stream_id() -> tuple[Column[str], Column[int], Column[int]]:
    """Where an entry stood: the life of the Redis that numbered it, and its number there."""
    return _text("life"), _number("stream_ms"), _number("stream_seq")


events = Table(
    "events",
    metadata,
    *_stream_id(),
    _text("name"),
    _number("at_ms"),
    _text("call"),
    _text("agent"),
    _number("offer"),
    _text("facts"),
    PrimaryKeyConstraint("life", "stream_ms", "stream_seq"),
    Index(None, "call"),
    Index(None, "at_ms"),
)

# Entries that could not be read as events, kept whole with the reason.
set_aside = Table(
    "set_aside",
    metadata,
    *_stream_id(),
    _text("reason"),
    _text("entry"),
    PrimaryKeyConstraint("life", "stream_ms", "stream_seq"),
)

# One row: how far the stream has been recorded, written in the transaction that records.
recorded = Table("recorded", metadata, _count("id"), *_stream_id(), PrimaryKeyConstraint("id"))

# Times of which the stream was lost; `life` is the one that began after the loss.
gaps = Table("gaps", metadata, _text("life"), _number("from_ms"), _number("to_ms"), PrimaryKeyConstraint("life"))

calls = Table(
    "calls",
    metadata,
    _text("call"),
    *[_text(name) for name in ("status", "outcome", "ended_by", "queue", "language", "needs", "agent")],
    *[_text(name) for name in ("caller", "called", "caller_name", "country")],
    *[_text(name) for name in ("disposition", "reason", "note", "solved")],
    *[_number(name) for name in ("began_ms", "received_ms", "greeted_ms", "enqueued_ms")],
    *[_number(name) for name in ("answered_ms", "joined_ms", "ended_ms", "wrapped_ms", "ring_ms")],
    _text("callback"),
    *[_number(name) for name in ("promised_ms", "promised_to_ms")],
    _text("case_id"),
    *[_number(name) for name in ("left_line_ms", "case_opened_ms", "case_resolved_ms", "surveyed_ms")],
    _count("satisfied"),
    *[_text(name) for name in ("solved_said", "comment")],
    _text("flow"),
    PrimaryKeyConstraint("call"),
    Index(None, "began_ms"),
    Index(None, "status"),
    Index(None, "queue", "enqueued_ms"),
)

legs = Table(
    "legs",
    metadata,
    *[_text(name) for name in ("call", "leg", "role", "agent", "status")],
    *[_number(name) for name in ("offer", "at_ms", "started_ms", "answered_ms", "ended_ms")],
    PrimaryKeyConstraint("call", "leg"),
    Index(None, "leg"),
)

offers = Table(
    "offers",
    metadata,
    _text("call"),
    _number("offer"),
    *[_text(name) for name in ("agent", "outcome", "why", "rule", "needs")],
    *[_count(name) for name in ("idle", "waiting")],
    *[_number(name) for name in ("offered_ms", "ringing_ms", "connected_ms", "answered_ms", "ended_ms")],
    *[_number(name) for name in ("limit_ms", "ring_ms")],
    Column("estimated", Boolean, nullable=False),
    PrimaryKeyConstraint("call", "offer"),
    Index(None, "agent"),
)

# A promise and its clock. While it runs `to_ms` is 0 and `verdict` NULL: at risk or not depends on when it is asked.
clocks = Table(
    "clocks",
    metadata,
    *[_text(name) for name in ("call", "target")],
    *[_number(name) for name in ("offer", "limit_ms", "from_ms", "to_ms", "actual_ms", "rings", "ring_ms")],
    Column("verdict", Text, nullable=True),
    *[_text(name) for name in ("level", "rule_version")],
    Column("estimated", Boolean, nullable=False),
    PrimaryKeyConstraint("call", "target", "offer"),
)

# What a caller was told of the wait, with the state it was told from, and when the wait was over.
estimates = Table(
    "estimates",
    metadata,
    _text("call"),
    _number("at_ms"),
    *[_text(name) for name in ("queue", "method", "news")],
    *[_number(name) for name in ("lo_ms", "hi_ms", "mean_ms")],
    *[_count(name) for name in ("ahead", "agents")],
    *[_number(name) for name in ("handle_ms", "patience_ms", "to_ms")],
    _text("outcome"),
    PrimaryKeyConstraint("call", "at_ms"),
    Index(None, "at_ms"),
)

# What was found of a local day, the night after; empty names are all queues, all methods.
nights = Table(
    "nights",
    metadata,
    *[_text(name) for name in ("day", "queue", "method")],
    *[_count(name) for name in ("told", "answered", "left", "over_lo", "over_hi")],
    *[Column(name, Float, nullable=True) for name in ("by_lo", "by_hi")],
    Column("loss_ms", BigInteger, nullable=True),
    *[_text(name) for name in ("verdict_lo", "verdict_hi")],
    _number("judged_ms"),
    PrimaryKeyConstraint("day", "queue", "method"),
)

languages = Table(
    "languages",
    metadata,
    _text("number"),
    _text("language"),
    _number("at_ms"),
    *_stream_id(),
    PrimaryKeyConstraint("number"),
)

agent_statuses = Table(
    "agent_statuses",
    metadata,
    *[_text(name) for name in ("agent", "status", "reason")],
    _number("at_ms"),
    *_stream_id(),
    PrimaryKeyConstraint("agent"),
)

users = Table(
    "users",
    metadata,
    *[_text(name) for name in ("name", "role", "agent", "password_hash")],
    PrimaryKeyConstraint("name"),
)

# What was promised to callers who hung up: in here before it is said, and found again whatever is lost.
callbacks = Table(
    "callbacks",
    metadata,
    *[_text(name) for name in ("id", "call", "number", "called", "name", "country", "queue", "language", "needs")],
    *[_number(name) for name in ("created_ms", "from_ms", "to_ms", "not_before_ms")],
    *[_number(name) for name in ("position_ms", "enqueued_ms", "received_ms")],
    _text("status"),
    _count("attempts"),
    *[_number(name) for name in ("attempt_ms", "changed_ms", "closed_ms")],
    PrimaryKeyConstraint("id"),
    Index(None, "status"),
    Index(None, "number"),
)

# One row for each time the phone was rung for a promise, written first.
callback_attempts = Table(
    "callback_attempts",
    metadata,
    _text("callback"),
    _count("attempt"),
    *[_number(name) for name in ("offer", "at_ms")],
    PrimaryKeyConstraint("callback", "attempt"),
)

# What we owe after a call: in here before it is said.
cases = Table(
    "cases",
    metadata,
    *[_text(name) for name in ("id", "kind", "call", "number", "caller_name", "queue", "language")],
    *[_text(name) for name in ("recording", "status", "who", "resolved_by", "note")],
    *[_number(name) for name in ("created_ms", "due_ms", "taken_ms", "resolved_ms")],
    PrimaryKeyConstraint("id"),
    Index(None, "status"),
    Index(None, "call"),
)

# What lies at the carrier: of which call, and of what kind. `words` is what a machine understood.
recordings = Table(
    "recordings",
    metadata,
    *[_text(name) for name in ("recording", "call", "kind", "status", "words")],
    _number("made_ms"),
    _count("seconds"),
    PrimaryKeyConstraint("recording"),
    Index(None, "call"),
)

# What a caller answered when asked whether the conversation may be recorded: one answer for a call.
consents = Table(
    "consents",
    metadata,
    *[_text(name) for name in ("call", "number", "country", "mode", "prompt", "language", "key", "answer")],
    _number("at_ms"),
    PrimaryKeyConstraint("call"),
)

# Numbers that are not asked how it was.
survey_refusals = Table("survey_refusals", metadata, _text("number"), _number("at_ms"), PrimaryKeyConstraint("number"))

# The menus that were published, and who got which: the row with the highest number is in force.
flow_versions = Table(
    "flow_versions",
    metadata,
    *[_text(name) for name in ("version", "text")],
    _number("published_ms"),
    *[_text(name) for name in ("by", "note")],
    PrimaryKeyConstraint("version"),
)

flow_changes = Table(
    "flow_changes",
    metadata,
    _count("number"),
    _number("at_ms"),
    *[_text(name) for name in ("deed", "current", "candidate", "by", "note")],
    Column("share", Float, nullable=False),
    PrimaryKeyConstraint("number"),
)

# What a person is still writing, begun from the version `onto`.
flow_drafts = Table(
    "flow_drafts",
    metadata,
    *[_text(name) for name in ("by", "text", "onto")],
    _count("number"),
    _number("at_ms"),
    PrimaryKeyConstraint("by"),
)
