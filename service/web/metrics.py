"""What the process did, for Prometheus: counts, durations and states, and never what a record says.

Labels are bounded: operations are those of the document by their ids there, methods and classes of
statuses are few, and only datasets that exist are named. Each worker counts for itself. Where there
are several, `PROMETHEUS_MULTIPROC_DIR` names the folder through which any of them tells the counts
of all; what another one did is told a twentieth of a second later.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from service.errors import RecensionError
from service.reading import datasets, ingestions
from service.store import Database
from service.web.batch import Batch

CONTENT_TYPE = "text/plain; version=0.0.4"

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the environment by which the client library finds the folder."""

NO_OPERATION = "none"
"""The operation of a request for which there is none."""

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
OTHER = "other"

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

MOST_DATASETS = 1000


class _Ended(NamedTuple):
    """A request that was answered; `status` is the class of it."""

    operation: str
    method: str
    status: str
    seconds: float
    store_seconds: float


class _Counted(NamedTuple):
    """What is counted for one operation, method and class of statuses."""

    requests: Any
    seconds: Any
    store_seconds: Any


class Metrics:
    """The counts of this process."""

    def __init__(self) -> None:
        # The library looks for its folder when it is imported, and workers are forks of a process
        # that imported this module before the folder was there.
        import prometheus_client as client

        self._client = client
        self._registry = client.CollectorRegistry()
        named: Mapping[str, Any] = {"registry": self._registry}
        self._requests = client.Counter(
            "recension_requests", "Requests that were answered.",
            ("operation", "method", "status"), **named)  # fmt: skip
        self._seconds = client.Histogram(
            "recension_request_seconds", "From the request to the last byte that was made.",
            ("operation",), buckets=BUCKETS, **named)  # fmt: skip
        self._store_seconds = client.Counter(
            "recension_store_seconds", "Seconds that the store took of it.",
            ("operation",), **named)  # fmt: skip
        self.shed = client.Counter(
            "recension_requests_shed", "Requests that were refused for too many others.", **named
        )
        self._in_flight = client.Gauge(
            "recension_requests_in_flight", "Requests that are being answered.",
            multiprocess_mode="livesum", **named)  # fmt: skip
        self._counted: dict[tuple[str, str, str], _Counted] = {}
        self._notes = Batch(self._count)

    def begin(self) -> None:
        """Count a request that is being answered from now on."""
        self._notes.add(None)

    def end(
        self, operation: str, method: str, status: str, seconds: float, store_seconds: float
    ) -> None:
        """Count a request that was answered; `status` is the line of the answer."""
        self._notes.add(_Ended(operation, method, status[:1], seconds, store_seconds))

    def exposition(self, db: Database) -> bytes:
        """Return the counts of all workers, and the state of the store, in the text format."""
        self._notes.flush()
        if os.environ.get(FOLDER):
            registry = self._client.CollectorRegistry()
            from prometheus_client import multiprocess

            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            counted = self._client.generate_latest(registry)
        else:
            counted = self._client.generate_latest(self._registry)
        state = self._client.CollectorRegistry()
        state.register(_Store(db))
        return bytes(counted + self._client.generate_latest(state))

    def _count(self, notes: Sequence[_Ended | None]) -> None:
        """Count requests that began, which are None, and those that were answered."""
        alike = defaultdict[tuple[str, str, str], list[_Ended]](list)
        for ended in filter(None, notes):
            alike[ended[:3]].append(ended)
        for key, group in alike.items():
            counted = self._counted.get(key) or self._made(key)
            counted.requests.inc(len(group))
            counted.store_seconds.inc(sum(ended.store_seconds for ended in group))
            for ended in group:
                counted.seconds.observe(ended.seconds)
        self._in_flight.inc(len(notes) - 2 * sum(map(len, alike.values())))

    def _made(self, key: tuple[str, str, str]) -> _Counted:
        operation, method, status = key
        counted = _Counted(
            self._requests.labels(operation, method if method in METHODS else OTHER, f"{status}xx"),
            self._seconds.labels(operation),
            self._store_seconds.labels(operation),
        )
        if method in METHODS:
            self._counted[key] = counted
        return counted


class _Store:
    """What the store holds, read when it is asked for: whoever published, counts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def collect(self) -> Iterator[Any]:
        """Yield the families; of a store that does not answer, only that."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        up = GaugeMetricFamily("recension_store_up", "Whether the store answers.")
        heads = GaugeMetricFamily(
            "recension_head_revision", "The number of the newest revision.", labels=["dataset"]
        )
        loads = CounterMetricFamily(
            "recension_ingestions", "Runs of the loader, whoever started them.", labels=["outcome"]
        )
        try:
            for dataset in datasets.every(self._db)[:MOST_DATASETS]:
                heads.add_metric([dataset.name], dataset.head.number)
            for outcome, count in ingestions.outcomes(self._db).items():
                loads.add_metric([outcome], count)
        except RecensionError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield from (up, heads, loads)
