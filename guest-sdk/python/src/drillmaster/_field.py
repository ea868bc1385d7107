from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


def field(method: Callable[[Any], T]) -> T:
    """Makes a field of a method, for what depends on a parameter.

        @drillmaster.field
        def ports(self):
            return {5432: drillmaster.parameter("port", int, default=5433)}

    It is a property; but a type checker takes it for the value, as it does for a field that is just assigned.
    """
    return cast(T, property(method))
