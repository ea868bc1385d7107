"""The one seam between this package and what it runs in: the imports of a component, or the fakes of a test."""

from typing import Protocol

from ._errors import Error


class ExecOutput(Protocol):
    @property
    def exit_code(self) -> int: ...
    @property
    def stdout(self) -> bytes: ...
    @property
    def stderr(self) -> bytes: ...


class HttpResponse(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...


class Handle(Protocol):
    """A container. Each method raises `HostError` when the host cannot do it."""

    def service_name(self) -> str: ...
    def address(self, port: int) -> tuple[str, int]: ...
    def is_running(self) -> bool: ...
    def health(self) -> str: ...
    def exec(self, argv: list[str], timeout_ms: int) -> ExecOutput: ...
    def probe_tcp(self, port: int, timeout_ms: int) -> bool: ...
    def http_get(self, port: int, path: str, timeout_ms: int) -> HttpResponse: ...
    def log_tail(self, lines: int) -> bytes: ...
    def dependency(self, service: str) -> "Handle": ...


class Host(Protocol):
    """What is there beside containers. Each method raises `HostError` when the host cannot do it."""

    def get(self, key: str) -> str | None: ...
    def set(self, key: str, value: str) -> None: ...
    def parameter(self, name: str) -> str | None: ...


class _Nobody:
    """While a definition is imported nothing is known yet, and nothing can be kept."""

    def get(self, key: str) -> str | None:
        raise _too_early(f"the context value `{key}`")

    def set(self, key: str, value: str) -> None:
        raise _too_early(f"the context value `{key}`")

    def parameter(self, name: str) -> str | None:
        raise _too_early(f"the parameter `{name}`")


def _too_early(what: str) -> Error:
    return Error(
        f"{what} is not there while the definition is imported: use it in a hook, or in a field that is a method. "
        "In a test, import drillmaster.testing first"
    )


_current: Host = _Nobody()


def current() -> Host:
    """The host of this call."""
    return _current


def enter(host: Host) -> None:
    """From here on, this is the host."""
    global _current
    _current = host
