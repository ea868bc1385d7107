"""An exception as the text that the person sees."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

from ._errors import Error, Failure

_OURS = os.path.dirname(__file__) + os.sep
_IMPORTS = "<frozen importlib"
# Not that of `os`, which is frozen: in a component it is said to be elsewhere.
_STANDARD_LIBRARY = os.path.dirname(traceback.__file__) + os.sep
# The host keeps the beginning of what it is told, and the last calls are the interesting ones.
_SHOWN_CALLS = 30


def told(error: BaseException) -> str:
    """What went wrong on the first line, which some places alone show; then the traceback, without the calls of this
    package and of Python's imports; then the causes in the same way. Of a `Failure`, its text alone."""
    try:
        text = "\n".join(_lines(error, set()))
    except Exception as worse:
        # An exception that cannot say what it is must not end the component.
        text = f"{type(error).__qualname__}, which cannot be told: {type(worse).__qualname__}"
    # What is no character cannot be told.
    return text.encode(errors="backslashreplace").decode()


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    yield _head(error)
    if isinstance(error, Failure):
        return
    yield from _calls(error.__traceback__)
    for word, cause in _causes(error):
        if id(cause) not in seen:
            first, *rest = _lines(cause, seen)
            yield f"{word} {first}"
            yield from rest


def _head(error: BaseException) -> str:
    # Ours are sentences of their own.
    if isinstance(error, Error) and str(error):
        return str(error)
    return "".join(traceback.format_exception_only(error)).rstrip()


def _calls(trace: TracebackType | None) -> Iterator[str]:
    calls = [call for call in traceback.extract_tb(trace) if not call.filename.startswith((_OURS, _IMPORTS))]
    if not calls:
        return
    yield "Traceback (most recent call last):"
    if len(calls) > _SHOWN_CALLS:
        yield f"  ({len(calls) - _SHOWN_CALLS} calls before these)"
    shown = traceback.StackSummary.from_list(calls[-_SHOWN_CALLS:])
    for call in shown:
        _shorten(call)
    for lines in shown.format():
        yield lines.rstrip("\n")


def _shorten(call: traceback.FrameSummary) -> None:
    """Names the file as an import would find it: where it lay when the component was built says nothing."""
    file = call.filename
    # Its line is found under its full name, and kept.
    _ = call.line
    if not file.startswith(_STANDARD_LIBRARY):
        roots = [root.rstrip(os.sep) + os.sep for root in sys.path if root]
        root = max((root for root in roots if file.startswith(root)), key=len, default="")
        call.filename = file.removeprefix(root)


def _causes(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    if error.__cause__:
        yield "caused by", error.__cause__
    elif error.__context__ and not error.__suppress_context__:
        yield "while handling", error.__context__
    for part in getattr(error, "exceptions", ()):
        yield "of which one is", part
