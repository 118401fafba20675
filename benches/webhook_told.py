"""The webhook bench for people: its tables, and whether a faster exact form of a part would be worth its code. Pure."""

from collections.abc import Mapping
from typing import Any

Table = Mapping[str, Mapping[str, float]]
NAMES = ("signature", "form", "Redis", "menu step", "TwiML")
# A form of our own is code to read, to keep exact and to answer for: it must give a tenth of the request back.
WORTH = 0.1


def speed_lines(rows: Mapping[str, Any]) -> list[str]:
    """The full speed of both, for people."""
    head = f"{'full speed':<12}{'answers/s':>11}{'processor µs':>14}{'p50 ms':>9}{'refused':>9}"
    return [head] + [
        f"{name:<12}{row['per_second']:>11.0f}{row['cpu_us']:>14.0f}{row['p50_us'] / 1000:>9.1f}{row['refused']:>9.0f}"
        for name, row in rows.items()
        if name in ("ours", "minimal")
    ]


def held_lines(held: Mapping[str, Any], share: float) -> list[str]:
    """The fixed rate alone and beside others, for people."""
    head = f"\nat {held['per_second']:.0f}/s, {share:.0%} of it{'p50 ms':>12}{'p99 ms':>9}{'refused':>9}"
    names = {"alone": "alone", "beside": f"{held['pages']} pages, a report"}
    return [head] + [
        f"{names[name]:<22}{held[name]['p50_us'] / 1000:>10.1f}{held[name]['p99_us'] / 1000:>9.1f}"
        f"{held[name]['refused']:>9.0f}"
        for name in names
    ]


def part_lines(parts: Table) -> list[str]:
    """One line for each part, what is left beside them, and the judgement."""
    rows = [
        f"{name:<18}{_us(parts['ours'], name):>10}{_us(parts['minimal'], name):>10}{_us(parts['faster'], name):>14}"
        for name in NAMES
    ]
    rest = {who: f"{rest_us(parts[who]):.0f}" for who in ("ours", "minimal")}
    whole = {who: f"{parts[who]['whole']:.0f}" for who in ("ours", "minimal")}
    return [
        f"\n{'processor µs':<18}{'ours':>10}{'minimal':>10}{'faster form':>14}",
        *rows,
        f"{'all else':<18}{rest['ours']:>10}{rest['minimal']:>10}",
        f"{'whole':<18}{whole['ours']:>10}{whole['minimal']:>10}",
        judgement(parts),
    ]


def _us(table: Mapping[str, float], part: str) -> str:
    return f"{table[part]:.0f}" if part in table else "-"


def rest_us(table: Mapping[str, float]) -> float:
    """What no part took; not below 0, which clocks around parts can make of little."""
    return max(0.0, table["whole"] - sum(took for part, took in table.items() if part != "whole"))


def savings(parts: Table) -> dict[str, float]:
    """Part → the share of our whole request that its faster form would save."""
    ours = parts["ours"]
    return {part: (ours[part] - took) / ours["whole"] for part, took in parts["faster"].items()}


def judgement(parts: Table) -> str:
    """One line: which faster forms give a tenth of the request back, or that none does."""
    saved = savings(parts)
    each = ", ".join(f"{part} {share:.0%}" for part, share in sorted(saved.items(), key=lambda pair: -pair[1]))
    worth = [part for part, share in saved.items() if share >= WORTH]
    verdict = f"worth its code: {', '.join(worth)}" if worth else "none is worth its code"
    return f"a faster exact form would save of a request: {each}; {verdict} (from {WORTH:.0%})"
