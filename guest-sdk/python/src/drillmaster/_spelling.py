"""Attributes that were meant as fields and are none."""

from __future__ import annotations

from difflib import get_close_matches

from ._fields import FIELDS

# What Docker Compose calls these fields.
_COMPOSE = {
    "depends_on": "dependencies",
    "environment": "env",
    "healthcheck": "health_check",
    "mem_limit": "memory_limit_mib",
    "restart": "restart_policy",
    "shm_size": "shared_memory_mib",
    "stop_grace_period": "stop_timeout",
    "working_dir": "working_directory",
}
_SIMILAR = 0.8


def check(service: type) -> None:
    """Raises a `TypeError` for an attribute that has nearly a field's name and a value such as that field's.

    Whatever else a class has is its own affair, and so are names that begin with `_` or are in capitals.
    """
    for name, value in vars(service).items():
        if name.startswith("_") or name in FIELDS:
            continue
        meant = _COMPOSE.get(name) or next(iter(get_close_matches(name, FIELDS, 1, _SIMILAR)), None)
        if meant and isinstance(value, FIELDS[meant].written_as):
            raise TypeError(
                f"`{service.__qualname__}.{name}` is no field: did you mean `{meant}`? "
                f"If it is for yourself, call it `_{name}`"
            )
