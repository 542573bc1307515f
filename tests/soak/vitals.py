"""How a process is, looked at again and again, and whether that stays as it was."""

import os
import statistics
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Gauge:
    """`share` and `more`: by how much the median of the last quarter may be above that of the second."""

    name: str
    unit: str
    share: float
    more: float


# the tail of the journal is kept in memory, up to a length that a run of minutes doesn't come to
GAUGES = (
    Gauge("memory", "MB", 0.1, 12),
    Gauge("file handles", "", 0, 6),
    Gauge("threads", "", 0, 4),
    Gauge("tail behind", "rows", 0, 20),
    Gauge("slowest console behind", "rows", 0, 50),
    Gauge("jobs waiting", "", 0, 50),
    Gauge("timers overdue", "s", 0, 2),
    Gauge("webhooks behind", "posts", 0, 200),
)


async def look(http: ClientSession, url: str, pid: int) -> dict[str, float]:
    """All but `webhooks behind`, which the hub doesn't count."""
    async with http.get(f"{url}/metrics") as answer:
        text = await answer.text()
    samples = {one.name: one.value for family in text_string_to_metric_families(text) for one in family.samples}
    process = Path(f"/proc/{pid}")
    return {
        "memory": int((process / "statm").read_text().split()[1]) * PAGE / 1e6,
        "file handles": sum(1 for _ in (process / "fd").iterdir()),
        "threads": sum(1 for _ in (process / "task").iterdir()),
        "tail behind": samples["bandeja_tail_lag_rows"],
        "slowest console behind": samples["bandeja_slowest_connection_lag_rows"],
        "jobs waiting": samples["bandeja_writer_queue_jobs"],
        "timers overdue": samples["bandeja_timers_overdue_seconds"],
    }


def quarters(looks: list[dict[str, float]], name: str) -> list[float]:
    """The median of each quarter of the time."""
    values = [one[name] for one in looks]
    return [statistics.median(values[len(values) * n // 4 : len(values) * (n + 1) // 4]) for n in range(4)]


def table(looks: list[dict[str, float]]) -> str:
    rows = [f"{'medians of each quarter':<32}{'1st':>9}{'2nd':>9}{'3rd':>9}{'4th':>9}{'most':>9}{'may be':>9}"]
    for gauge in GAUGES:
        found = quarters(looks, gauge.name)
        name = f"{gauge.name}, {gauge.unit}".removesuffix(", ")
        values = [*found, max(one[gauge.name] for one in looks), allowed(gauge, found)]
        rows.append(f"{name:<32}" + "".join(f"{value:>9.1f}" for value in values))
    return "\n".join(rows)


def allowed(gauge: Gauge, found: list[float]) -> float:
    return found[1] + max(found[1] * gauge.share, gauge.more)


def grown(looks: list[dict[str, float]]) -> list[str]:
    """What did not stay as it was."""
    found = {gauge: quarters(looks, gauge.name) for gauge in GAUGES}
    return [gauge.name for gauge, four in found.items() if four[3] > allowed(gauge, four)]
