from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

from ._address import Address
from ._checked import duration, milliseconds, number, text, texts
from ._health import Health
from ._host import Handle
from ._output import Output
from ._response import Response


class Container:
    """The container of the service whose hook is running, or of one of its dependencies.

    Ports are those of the container: the host finds out where it published them. A time-out is of seconds, if it is a
    number; one of zero, or one that would outlast the hook's own deadline, is cut to that deadline. What the host
    cannot do is a `HostError`.
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    @property
    def name(self) -> str:
        """The name of the service."""
        return self._handle.service_name()

    def address(self, port: int) -> Address:
        """Where the host reaches a published TCP port of the container. It does not say that anything listens there.

        A port that is not published is an error, which names those that are.
        """
        return Address(*self._handle.address(number(port, "a port")))

    def is_running(self) -> bool:
        """Whether the container's process is running now."""
        return self._handle.is_running()

    def health(self) -> Health:
        """What the engine's health check says; see `Service.health_check`."""
        return cast(Health, self._handle.health())

    def exec(self, argv: Sequence[str], *, timeout: float | timedelta = 30) -> Output:
        """Runs a command in the container and waits for it.

        There is no shell between: each item is one word. A command that cannot be found gives an exit code of 126 or
        127; `Output.check` makes an error of an exit code other than 0. It is an error when the container does not run,
        and when the time is up; the command itself may then go on in the container.
        """
        words = texts(argv, "a command", "a word of a command")
        left = self._handle.exec(words, _limit(timeout))
        return Output(words, left.exit_code, left.stdout, left.stderr)

    def probe_tcp(self, port: int, *, timeout: float | timedelta = 1) -> bool:
        """Whether something accepts a TCP connection on this published port."""
        return self._handle.probe_tcp(number(port, "a port"), _limit(timeout))

    def http_get(self, port: int, path: str = "/", *, timeout: float | timedelta = 10) -> Response:
        """Makes a GET request to this published port and waits for the answer.

        `path` begins with `/`. Redirects are not followed. Any status is an answer; it is an error when nothing answers
        in time, or not in HTTP.
        """
        answer = self._handle.http_get(number(port, "a port"), text(path, "a path"), _limit(timeout))
        return Response(answer.status, answer.body)

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that the container wrote to stdout and stderr, at most 10,000 lines and 1 MiB; bytes that are
        not UTF-8 are replaced."""
        return self._handle.log_tail(number(lines, "a number of lines")).decode(errors="replace")

    def dependency(self, service: str) -> Container:
        """The container of a service that this one depends on. Any other name is an error."""
        return Container(self._handle.dependency(text(service, "the name of a service")))


def _limit(timeout: float | timedelta) -> int:
    return milliseconds(duration(timeout, "a time-out"))
