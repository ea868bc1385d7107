"""The fields of a service: how each is read, and what it is written as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _checked
from ._build import Build
from ._declaration import DeclaredService
from ._errors import Failure
from ._failure import told
from ._health import HealthCheck
from ._mount import Mount

if TYPE_CHECKING:
    from ._service import Service


class Field(NamedTuple):
    read: Callable[[Any], Any]
    """Checks a value and makes of it what is declared."""
    written_as: tuple[type, ...]
    """What people may write it as, rightly or not: an attribute of such a type and nearly of this name is meant."""


def declared(service: Service) -> DeclaredService:
    """Reads every field of a service. What is wrong with them is one `Failure`, a line for each."""
    values, wrong = {}, []
    for name, field in FIELDS.items():
        try:
            value = getattr(service, name)
        except Exception as error:
            wrong.append(f"{name}: {told(error)}")
            continue
        try:
            values[name] = field.read(value)
        except (TypeError, ValueError) as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise Failure("\n".join(f"service `{service.name}`, {problem}" for problem in wrong))
    return DeclaredService(service.name, **values)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"it is True or False, not {value!r}")
    return value


def _text(value: object) -> str:
    return _checked.text(value, "it")


def _number(value: object) -> int:
    return _checked.number(value, "it")


def _duration(value: object) -> timedelta:
    return _checked.duration(value, "it")


def _texts(value: object) -> list[str]:
    return _checked.texts(value, "it", "each")


def _pairs(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError(f"it is a dictionary of names and values, not {value!r}")
    return {
        _checked.text(name, "a name"): _checked.text(text, f"the value of `{name}`") for name, text in value.items()
    }


def _ports(value: object) -> dict[int, int | None]:
    if not isinstance(value, Mapping):
        raise TypeError(f"it is a dictionary from ports of the container to ports of the host or None, not {value!r}")
    return {
        _checked.number(container, "a port"): None if host is None else _checked.number(host, "a port of the host")
        for container, host in value.items()
    }


def _mounts(value: object) -> list[Mount]:
    if isinstance(value, Mapping):
        mounts = [Mount(source, target) for source, target in value.items()]
    elif isinstance(value, list | tuple) and all(isinstance(mount, Mount) for mount in value):
        mounts = list(value)
    else:
        raise TypeError(f"it is a dictionary from sources to targets, or a list of Mount, not {value!r}")
    for mount in mounts:
        _checked.text(mount.source, "a source")
        _checked.text(mount.target, "a target")
        _flag(mount.read_only)
    return mounts


def _build(value: object) -> Build:
    build = Build(value) if isinstance(value, str) else value
    if not isinstance(build, Build):
        raise TypeError(f"it is a directory's name or a Build, not {value!r}")
    return Build(
        _checked.text(build.directory, "the directory"),
        None if build.dockerfile is None else _checked.text(build.dockerfile, "the dockerfile"),
        None if build.target is None else _checked.text(build.target, "the target"),
        _pairs(build.arguments),
    )


def _health_check(value: object) -> HealthCheck:
    if not isinstance(value, HealthCheck):
        raise TypeError(f"it is a HealthCheck, not {value!r}")
    return HealthCheck(_texts(value.argv), _checked.duration(value.interval, "the interval"))


def _optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


_LIST = (list, tuple, set, str)
_MAPPING = (dict, list, tuple, set)
_NUMBER = (int, float)

# In the order in which the host lists them.
FIELDS = {
    "image": Field(_text, (str,)),
    "env": Field(_pairs, _MAPPING),
    "ports": Field(_ports, _MAPPING),
    "udp_ports": Field(_ports, _MAPPING),
    "dependencies": Field(_texts, _LIST),
    "always_start_new": Field(_flag, (bool,)),
    "stop_signal": Field(_optional(_text), (str,)),
    "stop_timeout": Field(_optional(_duration), (*_NUMBER, timedelta)),
    "build": Field(_optional(_build), (str, dict, Build)),
    "entrypoint": Field(_optional(_texts), _LIST),
    "command": Field(_optional(_texts), _LIST),
    "user": Field(_optional(_text), (str,)),
    "working_directory": Field(_optional(_text), (str,)),
    "mounts": Field(_mounts, (*_MAPPING, str, Mount)),
    "volumes": Field(_mounts, (*_MAPPING, str, Mount)),
    "tmpfs": Field(_texts, _LIST),
    "labels": Field(_pairs, _MAPPING),
    "aliases": Field(_texts, _LIST),
    "networks": Field(_texts, _LIST),
    "restart_policy": Field(_optional(_text), (str,)),
    "health_check": Field(_optional(_health_check), (*_LIST, dict, HealthCheck)),
    "platform": Field(_optional(_text), (str,)),
    "shared_memory_mib": Field(_optional(_number), _NUMBER),
    "memory_limit_mib": Field(_optional(_number), _NUMBER),
    "cpu_limit_millicpus": Field(_optional(_number), _NUMBER),
}
