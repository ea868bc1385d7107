"""What a definition exports as a component. Only a component can import this.

The module that componentize-py makes a component of names the definition and these:

    import shop
    from drillmaster.component import GroupHooks, Lifecycle, ServiceHooks
"""

# The standard library looks these up by name when they are needed, and what was not imported while the component was
# built is not there then: names of hosts, texts of sockets, times that are read.
import _strptime  # type: ignore[import-not-found]  # noqa: F401
import encodings.ascii  # noqa: F401
import encodings.idna  # noqa: F401
import encodings.latin_1  # noqa: F401
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from componentize_py_types import Err
from wit_world.imports import container as contract
from wit_world.imports import context, definition, log

from . import _checked, _group, _host, _sources
from ._container import Container
from ._declaration import Declaration, DeclaredService
from ._errors import HostError
from ._failure import told

T = TypeVar("T")

__all__ = ["GroupHooks", "Lifecycle", "ServiceHooks", "imported_by"]

_load: Callable[[], object] | None = None


def imported_by(load: Callable[[], object]) -> None:
    """For a component that holds no definition and imports one when it runs: `load` does that, at the beginning of each
    call. What it raises is told like an exception of a hook."""
    global _load
    _load = load


class Lifecycle:
    """What every definition exports."""

    def __init__(self) -> None:
        # It is made when everything has been imported, and what it leaves is in each instance of the component.
        logging.basicConfig(handlers=[_LogHandler()], level=logging.DEBUG, force=True)
        _sources.remember()

    def fields(self, group: definition.Group) -> None:
        _answer(lambda: _tell(group, _group.declare()), group.parameter)

    def ping(self, container: contract.Container) -> bool:
        return _answer(lambda: _group.ping(_container(container)))

    def post_start_init(self, container: contract.Container) -> None:
        _answer(lambda: _group.post_start_init(_container(container)))


class ServiceHooks:
    """Around a container's life."""

    def pre_start(self, service: str) -> None:
        _answer(lambda: _group.pre_start(service))

    def pre_stop(self, container: contract.Container) -> None:
        _answer(lambda: _group.pre_stop(_container(container)))


class GroupHooks:
    """After a command has changed the group."""

    def on_start(self, services: list[str]) -> None:
        _answer(lambda: _group.started(services))

    def on_stop(self, services: list[str]) -> None:
        _answer(lambda: _group.stopped(services))

    def on_reload(self, service: str) -> None:
        _answer(lambda: _group.reloaded(service))


def _answer(hook: Callable[[], T], parameter: Callable[[str], str | None] | None = None) -> T:
    """Runs one export: whatever it raises becomes the contract's error. Anything else would end the component."""
    try:
        if _load is not None:
            _load()
        _host.enter(_Imports(parameter))
        return hook()
    except BaseException as error:
        raise Err(told(error)) from None


def _asked(call: Callable[..., T], *arguments: Any) -> T:
    """Calls an import."""
    try:
        return call(*arguments)
    except Err as error:
        raise HostError(error.value) from None


class _Imports:
    """The host, as a component sees it."""

    def __init__(self, parameter: Callable[[str], str | None] | None) -> None:
        self._parameter = parameter

    def get(self, key: str) -> str | None:
        return context.get(key)

    def set(self, key: str, value: str) -> None:
        _asked(context.set, key, value)

    def parameter(self, name: str) -> str | None:
        if self._parameter is None:
            raise HostError(
                f"the parameter `{name}` is not known in a hook, only while the fields are read: "
                "put it into the environment of the container"
            )
        return self._parameter(name)


class _Handle:
    """A container, as a component sees it."""

    def __init__(self, handle: contract.Container) -> None:
        self._handle = handle

    def service_name(self) -> str:
        return self._handle.service_name()

    def address(self, port: int) -> tuple[str, int]:
        return _asked(self._handle.address, port)

    def is_running(self) -> bool:
        return _asked(self._handle.is_running)

    def health(self) -> str:
        return _asked(self._handle.health)

    def exec(self, argv: list[str], timeout_ms: int) -> contract.ExecOutput:
        return _asked(self._handle.exec, argv, timeout_ms)

    def probe_tcp(self, port: int, timeout_ms: int) -> bool:
        return self._handle.probe_tcp(port, timeout_ms)

    def http_get(self, port: int, path: str, timeout_ms: int) -> contract.HttpResponse:
        return _asked(self._handle.http_get, port, path, timeout_ms)

    def log_tail(self, lines: int) -> bytes:
        return _asked(self._handle.log_tail, lines)

    def dependency(self, service: str) -> "_Handle":
        return _Handle(_asked(self._handle.dependency, service))


def _container(handle: contract.Container) -> Container:
    return Container(_Handle(handle))


class _Formatter(logging.Formatter):
    """The message alone; a traceback as the person sees those of hooks."""

    def formatException(self, ei: Any) -> str:
        return told(ei[1])


class _LogHandler(logging.Handler):
    """Python's log lines, as the host's."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record).encode(errors="backslashreplace").decode()
        except Exception:
            self.handleError(record)
            return
        if record.levelno >= logging.ERROR:
            log.error(text)
        elif record.levelno >= logging.WARNING:
            log.warn(text)
        elif record.levelno >= logging.INFO:
            log.info(text)
        else:
            log.debug(text)


def _tell(group: definition.Group, declaration: Declaration) -> None:
    if declaration.name is not None:
        group.set_name(declaration.name)
    for service in declaration.services:
        _tell_fields(group.add_service(service.name, service.image), service)


def _tell_fields(service: definition.Service, fields: DeclaredService) -> None:
    if fields.build is not None:
        service.set_build(fields.build.directory, fields.build.dockerfile)
        for name, value in fields.build.arguments.items():
            service.add_build_argument(name, value)
        if fields.build.target is not None:
            service.set_build_target(fields.build.target)
    for name in fields.dependencies:
        service.add_dependency(name)
    for name, value in fields.env.items():
        service.set_env(name, value)
    for container, host in fields.ports.items():
        service.add_port(container, host)
    for container, host in fields.udp_ports.items():
        service.add_udp_port(container, host)
    if fields.always_start_new:
        service.set_always_start_new(True)
    if fields.stop_signal is not None:
        service.set_stop_signal(fields.stop_signal)
    if fields.stop_timeout is not None:
        service.set_stop_timeout(_checked.milliseconds(fields.stop_timeout))
    if fields.entrypoint is not None:
        service.set_entrypoint(fields.entrypoint)
    if fields.command is not None:
        service.set_command(fields.command)
    if fields.user is not None:
        service.set_user(fields.user)
    if fields.working_directory is not None:
        service.set_working_directory(fields.working_directory)
    for mount in fields.mounts:
        service.add_mount(mount.source, mount.target, mount.read_only)
    for volume in fields.volumes:
        service.add_volume(volume.source, volume.target, volume.read_only)
    for target in fields.tmpfs:
        service.add_tmpfs(target)
    for name, value in fields.labels.items():
        service.add_label(name, value)
    for hostname in fields.aliases:
        service.add_alias(hostname)
    for name in fields.networks:
        service.add_network(name)
    if fields.restart_policy is not None:
        service.set_restart_policy(fields.restart_policy)
    if fields.health_check is not None:
        interval = _checked.duration(fields.health_check.interval, "the interval")
        service.set_health_check(list(fields.health_check.argv), _checked.milliseconds(interval))
    if fields.platform is not None:
        service.set_platform(fields.platform)
    if fields.shared_memory_mib is not None:
        service.set_shared_memory(fields.shared_memory_mib)
    if fields.memory_limit_mib is not None:
        service.set_memory_limit(fields.memory_limit_mib)
    if fields.cpu_limit_millicpus is not None:
        service.set_cpu_limit(fields.cpu_limit_millicpus)
