"""What the hub counts, for Prometheus. One `Metrics` a hub with a registry of its own: nothing here is global.

Labels are bounded: names of commands, codes, limits and routes that the code declares, never an id, a person or an
address. What happens on the hot path is observed once a commit, on the event loop, after the commit; what can be
looked up is looked up when somebody asks (`hub.vitals`).
"""

from collections import Counter as Tally
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import generate_latest

from hub import __version__
from hub.protocol.commands import REGISTRY
from hub.store.unit import Unit

QUICK = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)  # seconds
SIZES = (1, 2, 4, 8, 16, 32, 64, 128)  # jobs; the writer takes no more at a time
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"  # the label of what nothing declares


LABELS = {
    "bandeja_build": ("version",),
    "bandeja_commands": ("command", "outcome"),
    "bandeja_command_seconds": ("command",),
    "bandeja_http_requests": ("route", "method", "status"),
    "bandeja_refused": ("limit",),
    "bandeja_paced": ("limit",),
    "bandeja_sign_ins": ("outcome",),
    "bandeja_sockets": ("of",),
}


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        build = Info("bandeja_build", "The version that runs.", registry=self.registry)
        build.info({"version": __version__})
        self._commands = self._counter("commands", "Commands: ok, repeated, fault, or the code of the refusal.")
        self._seconds = self._histogram("command_seconds", "A command's own time in the writer.", QUICK)
        self._timed: dict[str, Histogram] = {}  # by command: looking it up by its label costs as much as observing
        self._sizes = self._histogram("writer_group_jobs", "Jobs in a commit.", SIZES)
        self._waited = self._histogram("writer_wait_seconds", "How long the first job of a commit had waited.", QUICK)
        self._committed = self._histogram("writer_commit_seconds", "Making a group durable, once it has run.", QUICK)
        self._requests = self._counter("http_requests", "HTTP requests, also those that became sockets.")
        self._refused = self._counter("refused", "What a limit has refused: see LIMITS.md.")
        self._paced = self._counter("paced", "What a limit has made wait: see LIMITS.md.")
        self._sign_ins = self._counter("sign_ins", "Attempts to sign in: ok, or the code of the refusal.")
        self.sockets = self._gauge("sockets", "Open sockets, of agents and of visitors.")
        gauges = {
            "writer_queue_jobs": "Jobs that wait for the writer.",
            "writer_busy_seconds": "How long the writer has been at the group that it writes now.",
            "windows": "Open windows of agents.",
            "tail_lag_rows": "Journal rows that are committed and not read by this hub yet.",
            "slowest_connection_lag_rows": "Journal rows that the agents' slowest connection has not been told yet.",
            "timers": "Timers that are set.",
            "timers_overdue": "Timers whose time is over.",
            "timers_overdue_seconds": "How long the oldest of those has been due.",
            "database_bytes": "Size of the database.",
            "database_up": "1 where the database answered just now.",
            "database_full": "1 where the database's disk had no room for a commit within the last ten seconds.",
            "draining": "1 while the hub is stopping.",
        }
        self.gauges = {name: self._gauge(name, words) for name, words in gauges.items()}

    def _counter(self, name: str, words: str) -> Counter:
        full = f"bandeja_{name}"
        return Counter(full, words, LABELS.get(full, ()), registry=self.registry)

    def _gauge(self, name: str, words: str) -> Gauge:
        full = f"bandeja_{name}"
        return Gauge(full, words, LABELS.get(full, ()), registry=self.registry)

    def _histogram(self, name: str, words: str, buckets: Sequence[float]) -> Histogram:
        full = f"bandeja_{name}"
        return Histogram(full, words, LABELS.get(full, ()), buckets=buckets, registry=self.registry)

    def render(self) -> bytes:
        """The text format of Prometheus, version 0.0.4."""
        return generate_latest(self.registry)

    # -- what happens --------------------------------------------------------------------------------------------------

    def committed(self, unit: Unit) -> None:
        """A group of commands has become durable."""
        if (group := unit.group) is not None:
            self._sizes.observe(group.size)
            self._waited.observe(group.waited)
            self._committed.observe(group.committed)
        for (command, outcome), times in Tally(one[:2] for one in unit.done).items():
            self._commands.labels(command, outcome).inc(times)
        for one in unit.done:
            timed = self._timed.get(one.command)
            if timed is None:
                timed = self._timed[one.command] = self._seconds.labels(one.command)
            timed.observe(one.seconds)

    def failed(self, command: str) -> None:
        """The writer has given up a job by a fault of ours, or because the database was away."""
        self._commands.labels(_known(command), "fault").inc()

    def unheard(self, command: str, outcome: str) -> None:
        """A command was refused before it came to the writer."""
        self._commands.labels(_known(command), outcome).inc()

    def requested(self, route: str, method: str, status: int) -> None:
        """`route` as it was declared, with names for what varies; empty where there is none."""
        self._requests.labels(route or OTHER, method if method in METHODS else OTHER, str(status)).inc()

    def refused(self, limit: str) -> None:
        self._refused.labels(limit).inc()

    def paced(self, limit: str) -> None:
        self._paced.labels(limit).inc()

    def signed_in(self, outcome: str) -> None:
        """`ok`, or the code that it was refused with."""
        self._sign_ins.labels(outcome).inc()


def _known(command: str) -> str:
    return command if command in REGISTRY else OTHER
