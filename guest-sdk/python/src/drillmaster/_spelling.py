"""Attributes that were meant as fields or hooks and are none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from types import FunctionType

from ._fields import FIELDS

# What Docker Compose and miniboss call these fields.
_ELSEWHERE = {
    "build_from": "build",
    "cmd": "command",
    "depends_on": "dependencies",
    "environment": "env",
    "healthcheck": "health_check",
    "mem_limit": "memory_limit_mib",
    "restart": "restart_policy",
    "shm_size": "shared_memory_mib",
    "stop_grace_period": "stop_timeout",
    "working_dir": "working_directory",
}
# What others call these hooks.
_HOOKS_ELSEWHERE = {
    "is_ready": "ping",
    "on_ready": "post_start_init",
    "post_init": "post_start_init",
    "post_start": "post_start_init",
    "post_stop": "pre_stop",
}
_SIMILAR = 0.8
# Hooks have shorter names, and a service may have methods of its own.
_SIMILAR_HOOK = 0.85


def check(service: type, hooks: Sequence[str]) -> None:
    """Raises a `TypeError` for an attribute that has nearly a field's name and a value such as that field's, and for a
    method that has nearly a hook's name.

    Whatever else a class has is its own affair, and so are names that begin with `_` or are in capitals.
    """
    for name, value in vars(service).items():
        if name.startswith("_") or name in FIELDS or name in hooks:
            continue
        meant = _ELSEWHERE.get(name) or _nearest(name, FIELDS, _SIMILAR)
        if meant and isinstance(value, FIELDS[meant].written_as):
            raise _unknown(service, name, "field", meant)
        meant = _HOOKS_ELSEWHERE.get(name) or _nearest(name, hooks, _SIMILAR_HOOK)
        if meant and isinstance(value, FunctionType):
            raise _unknown(service, name, "hook", meant)


def _nearest(name: str, names: Iterable[str], similar: float) -> str | None:
    return next(iter(get_close_matches(name, names, 1, similar)), None)


def _unknown(service: type, name: str, kind: str, meant: str) -> TypeError:
    return TypeError(
        f"`{service.__qualname__}.{name}` is no {kind}: did you mean `{meant}`? If it is for yourself, call it `_{name}`"
    )
