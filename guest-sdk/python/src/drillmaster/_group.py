"""The services that belong together, and their hooks: whatever the definition's modules have declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from . import _checked, _fields
from ._declaration import Declaration
from ._errors import Error, Failure

if TYPE_CHECKING:
    from ._container import Container
    from ._service import Service

ServicesHook = TypeVar("ServicesHook", bound=Callable[[list[str]], object])
ServiceHook = TypeVar("ServiceHook", bound=Callable[[str], object])

_name: str | None = None
_classes: list[type[Service]] = []
_on_start: list[Callable[[list[str]], object]] = []
_on_stop: list[Callable[[list[str]], object]] = []
_on_reload: list[Callable[[str], object]] = []


def group_name(name: str) -> None:
    """Names the group. Without it the group is named after the project directory; `--group` on the command line wins over
    both."""
    global _name
    _name = _checked.text(name, "the group's name")


def on_start(hook: ServicesHook) -> ServicesHook:
    """Makes a function run after `start`, with the names of the services that it started. An exception is reported and
    undoes nothing."""
    _checked.hook(hook, "what on_start is given")
    _on_start.append(hook)
    return hook


def on_stop(hook: ServicesHook) -> ServicesHook:
    """Makes a function run after `stop`, with the names of the services that it stopped. An exception is reported and
    undoes nothing."""
    _checked.hook(hook, "what on_stop is given")
    _on_stop.append(hook)
    return hook


def on_reload(hook: ServiceHook) -> ServiceHook:
    """Makes a function run after `reload` of one service, with its name. An exception is reported and undoes
    nothing."""
    _checked.hook(hook, "what on_reload is given")
    _on_reload.append(hook)
    return hook


def add(service: type[Service]) -> None:
    """Adds a service, or a base of some."""
    if hasattr(service, "name"):
        _checked.text(service.name, f"`{service.__qualname__}.name`, by which hooks find the service,")
    _classes.append(service)


def services() -> list[type[Service]]:
    """The services, in the order in which their classes were made."""
    return [service for service in _classes if hasattr(service, "name")]


def declare(declared: Iterable[type[Service]] | None = None) -> Declaration:
    """What the host is told: of all services, or of these. What is wrong with them is one `Failure`."""
    told, wrong = [], []
    if declared is None:
        declared = services()
        wrong = [f"`{service.__qualname__}` has an image but no name: it is no service" for service in _nameless()]
    for service in declared:
        try:
            told.append(_fields.declared(service()))
        except Failure as failure:
            wrong.append(str(failure))
    if wrong:
        raise Failure("\n".join(wrong))
    return Declaration(_name, told)


def _nameless() -> list[type[Service]]:
    """What looks like a service and is none. A base for others may have an image."""
    leaves = (service for service in _classes if not service.__subclasses__())
    return [service for service in leaves if not hasattr(service, "name") and vars(service).get("image")]


def ping(container: Container) -> bool:
    """Calls `ping` of the service that the container belongs to."""
    service = _found(container.name)(container)
    ready: object = service.ping()
    if not isinstance(ready, bool):
        raise TypeError(f"`{type(service).__qualname__}.ping` returned {ready!r}: it says True or False")
    return ready


def post_start_init(container: Container) -> None:
    """Calls `post_start_init` of the service that the container belongs to."""
    _found(container.name)(container).post_start_init()


def pre_start(service: str) -> None:
    """Calls `pre_start` of a service."""
    _found(service)().pre_start()


def pre_stop(container: Container) -> None:
    """Calls `pre_stop` of the service that the container belongs to."""
    _found(container.name)(container).pre_stop()


def started(services: list[str]) -> None:
    """Calls the hooks given to `on_start`."""
    for hook in _on_start:
        hook(services)


def stopped(services: list[str]) -> None:
    """Calls the hooks given to `on_stop`."""
    for hook in _on_stop:
        hook(services)


def reloaded(service: str) -> None:
    """Calls the hooks given to `on_reload`."""
    for hook in _on_reload:
        hook(service)


def _found(name: str) -> type[Service]:
    for service in services():
        if service.name == name:
            return service
    names = ", ".join(service.name for service in services())
    raise Error(f"the definition has no service `{name}`, only {names}")
