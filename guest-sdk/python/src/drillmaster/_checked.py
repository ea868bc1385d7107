"""Values, checked before they reach the host: one of another type than the contract's would end the component."""

import math
from collections.abc import Sequence
from datetime import timedelta
from inspect import iscoroutinefunction

_MOST = 2**32 - 1


def text(value: object, what: str) -> str:
    """Text that UTF-8 can carry."""
    if not isinstance(value, str):
        raise TypeError(f"{what} is a text, not {value!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{what} has something in it that is no character: {value!r}") from None
    return value


def texts(value: object, what: str, each: str) -> list[str]:
    """Several texts. One alone is no list of its letters."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise TypeError(f"{what} is a list of texts, not {value!r}")
    return [text(item, each) for item in value]


def number(value: object, what: str) -> int:
    """A number that the contract can carry. Whether it makes sense is for the host to say."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{what} is a whole number, not {value!r}")
    if not 0 <= value <= _MOST:
        raise ValueError(f"{what} is a number from 0 to {_MOST}, not {value}")
    return value


def duration(value: object, what: str) -> timedelta:
    """A time. A number is of seconds."""
    if isinstance(value, timedelta):
        time = value
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        microseconds = min(max(round(value * 1e6, 3), -1), _MOST * 1000)
        time = timedelta(microseconds=math.ceil(microseconds))
    else:
        raise TypeError(f"{what} is a number of seconds or a timedelta, not {value!r}")
    if time < timedelta():
        raise ValueError(f"{what} cannot be less than nothing, as {value!r} is")
    return time


def milliseconds(time: timedelta) -> int:
    """Rounded up: 0 has a meaning of its own in the contract, and a short time must not become it."""
    whole, rest = divmod(time, timedelta(milliseconds=1))
    return min(whole + bool(rest), _MOST)


def hook(value: object, what: str) -> None:
    """Something that runs to its end when it is called."""
    if not callable(value):
        raise TypeError(f"{what} is not a function but {value!r}")
    if iscoroutinefunction(value):
        raise TypeError(f"{what} is async, and nobody would await it: a hook is a plain function")
