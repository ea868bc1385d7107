"""Trying a definition with plain `unittest` or `pytest`: no WebAssembly, no Docker.

A `FakeContainer` answers what a test tells it to and remembers what was called. From the import of this module on,
`drillmaster.context` is kept in memory. `declare` gives what a group declares as plain data.

    class DatabaseTest(unittest.TestCase):
        def setUp(self):
            testing.clear()

        def test_a_new_database_gets_its_table(self):
            fake = testing.FakeContainer("appdb").exec_succeeds(["psql"])
            shop.Database(fake).post_start_init()
            self.assertEqual(fake.calls, ["exec psql --command CREATE TABLE items (text text)"])
            self.assertIn("appdb.url", drillmaster.context)

        def test_the_port_is_a_parameter(self):
            declared = testing.declare(parameters={"port": "6000"})
            self.assertEqual(declared["appdb"].ports, {5432: 6000})
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from . import _group, _host
from ._container import Container
from ._declaration import Declaration
from ._errors import HostError
from ._health import Health
from ._response import Response
from ._service import Service

__all__ = ["FakeContainer", "clear", "declare"]

T = TypeVar("T")

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LONGEST_KEY = 256
_LONGEST_VALUE = 64 * 1024


def declare(*services: type[Service], parameters: Mapping[str, str] | None = None) -> Declaration:
    """What the host would be told of the whole group, or of these services alone, with these parameters.

    What is wrong with the fields is one `Failure`, a line for each.
    """
    _memory.parameters = dict(parameters or {})
    try:
        return _group.declare(services or None)
    finally:
        _memory.parameters = {}


def clear() -> None:
    """Forgets the context."""
    _memory.values.clear()


class FakeContainer(Container):
    """A container that answers what a test tells it to, and remembers what was called.

    It runs and has no health check until told otherwise. What the test told nothing about is a `HostError` that names
    the call; an unexpected TCP probe finds nothing, with a warning in the log, as on the host. What a test tells later
    counts from then on.
    """

    def __init__(self, service: str) -> None:
        self._told = _Told(service)
        super().__init__(self._told)

    def exec_succeeds(self, argv: Sequence[str], stdout: str | bytes = b"") -> FakeContainer:
        """A command that begins with these words exits with 0 and writes this to stdout. The answer told to the most
        words is taken, and of equals the one told last."""
        return self._exec(argv, _Left(0, _bytes(stdout), b""))

    def exec_fails(self, argv: Sequence[str], exit_code: int = 1, stderr: str | bytes = b"") -> FakeContainer:
        """A command that begins with these words exits with this code and writes this to stderr."""
        return self._exec(argv, _Left(exit_code, b"", _bytes(stderr)))

    def exec_errors(self, argv: Sequence[str], error: str) -> FakeContainer:
        """A command that begins with these words cannot be run at all: its time is up, or the container stopped."""
        return self._exec(argv, HostError(error))

    def http_answers(self, port: int, path: str, status: int = 200, body: str | bytes = b"") -> FakeContainer:
        """A GET request to this path of this container port has this answer."""
        self._told.pages[port, path] = Response(status, _bytes(body))
        return self

    def http_errors(self, port: int, path: str, error: str) -> FakeContainer:
        """A GET request to this path of this container port has no answer."""
        self._told.pages[port, path] = HostError(error)
        return self

    def published(self, port: int, host: str, host_port: int) -> FakeContainer:
        """The host reaches this container port at that address."""
        self._told.addresses[port] = (host, host_port)
        return self

    def listening(self, port: int) -> FakeContainer:
        """Something accepts TCP connections on this container port."""
        self._told.listening.add(port)
        return self

    def logged(self, text: str) -> FakeContainer:
        """What the container wrote to stdout and stderr."""
        self._told.log = text
        return self

    def health_is(self, health: Health) -> FakeContainer:
        """What the engine's health check says."""
        self._told.state = health
        return self

    def stopped(self) -> FakeContainer:
        """The container does not run."""
        self._told.running = False
        return self

    def depends_on(self, dependency: FakeContainer) -> FakeContainer:
        """The container of a service that this one depends on."""
        self._told.dependencies[dependency.name] = dependency
        return self

    @property
    def calls(self) -> list[str]:
        """What was called so far, oldest first: `exec createdb shop`, `http-get 8080 /health`, `address 5432`,
        `probe-tcp 5432`, `log-tail 20`, `dependency appdb`, `is-running`, `health`."""
        return list(self._told.calls)

    def _exec(self, argv: Sequence[str], answer: _Left | HostError) -> FakeContainer:
        self._told.execs.append((list(argv), answer))
        return self


@dataclass(frozen=True)
class _Left:
    exit_code: int
    stdout: bytes
    stderr: bytes


@dataclass
class _Told:
    """What a fake container was told, as a host answers it."""

    service: str
    running: bool = True
    state: Health = "none"
    log: str = ""
    addresses: dict[int, tuple[str, int]] = field(default_factory=dict)
    listening: set[int] = field(default_factory=set)
    execs: list[tuple[list[str], _Left | HostError]] = field(default_factory=list)
    pages: dict[tuple[int, str], Response | HostError] = field(default_factory=dict)
    dependencies: dict[str, FakeContainer] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def service_name(self) -> str:
        return self.service

    def address(self, port: int) -> tuple[str, int]:
        return self._answer(f"address {port}", lambda: self.addresses.get(port))

    def is_running(self) -> bool:
        return self._answer("is-running", lambda: self.running)

    def health(self) -> str:
        return self._answer("health", lambda: self.state)

    def exec(self, argv: list[str], timeout_ms: int) -> _Left:
        def find() -> _Left | HostError | None:
            # Of equals the last is the largest.
            fitting = [
                (len(words), at, answer)
                for at, (words, answer) in enumerate(self.execs)
                if argv[: len(words)] == words
            ]
            return max(fitting)[2] if fitting else None

        return self._answer(" ".join(["exec", *argv]), find)

    def probe_tcp(self, port: int, timeout_ms: int) -> bool:
        try:
            return self._answer(f"probe-tcp {port}", lambda: port in self.listening or None)
        except HostError as error:
            logging.getLogger(__name__).warning("%s", error)
            return False

    def http_get(self, port: int, path: str, timeout_ms: int) -> Response:
        return self._answer(f"http-get {port} {path}", lambda: self.pages.get((port, path)))

    def log_tail(self, lines: int) -> bytes:
        def find() -> bytes:
            log = self.log.splitlines(keepends=True)
            return "".join(log[max(len(log) - lines, 0) :]).encode()

        return self._answer(f"log-tail {lines}", find)

    def dependency(self, service: str) -> _host.Handle:
        return self._answer(f"dependency {service}", lambda: self.dependencies.get(service))._told

    def _answer(self, call: str, find: Callable[[], T | HostError | None]) -> T:
        """Remembers a call and gives the answer to it."""
        self.calls.append(call)
        answer = find()
        if answer is None:
            raise HostError(f"the fake container `{self.service}` was told nothing about `{call}`")
        if isinstance(answer, HostError):
            raise answer
        return answer


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


class _Memory:
    """The host of a test."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.parameters: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.values.get(key)

    def set(self, key: str, value: str) -> None:
        if not _KEY.fullmatch(key):
            raise HostError(f"`{key}` is no key: a letter or `_`, then letters, digits, `_`, `.` or `-`")
        if len(key) > _LONGEST_KEY:
            raise HostError(f"the key has {len(key)} bytes; {_LONGEST_KEY} are allowed")
        if len(value.encode()) > _LONGEST_VALUE:
            raise HostError(f"the value of `{key}` is longer than 64 KiB")
        self.values[key] = value

    def parameter(self, name: str) -> str | None:
        return self.parameters.get(name)


_memory = _Memory()
_host.enter(_memory)
