from collections.abc import Callable
from typing import Any, TypeVar, overload

from ._checked import text
from ._errors import Failure
from ._host import current

T = TypeVar("T")
_WORDS = {"true": True, "false": False}


@overload
def parameter(name: str) -> str | None: ...
@overload
def parameter(name: str, *, default: str) -> str: ...
@overload
def parameter(name: str, type: Callable[[str], T]) -> T | None: ...
@overload
def parameter(name: str, type: Callable[[str], T], *, default: T) -> T: ...
def parameter(name: str, type: Callable[[str], Any] = str, *, default: Any = None) -> Any:
    """What the person running the group gave with `--set NAME=VALUE`, made a `type` of, or the default.

    Parameters are known while the fields are read, and not in hooks: what a hook needs of them can be in its
    container's environment.

        @drillmaster.field
        def ports(self):
            return {5432: drillmaster.parameter("port", int, default=5433)}

    A value of which no `type` can be made fails the command, with the parameter's name and the value. `bool` takes
    `true` and `false`.
    """
    value = current().parameter(text(name, "the name of a parameter"))
    if value is None:
        return default
    try:
        return _boolean(value) if type is bool else type(value)
    except ValueError as error:
        raise Failure(f"the parameter `{name}` cannot be `{value}`: {error}") from error


def _boolean(value: str) -> bool:
    if value not in _WORDS:
        raise ValueError("it is true or false")
    return _WORDS[value]
