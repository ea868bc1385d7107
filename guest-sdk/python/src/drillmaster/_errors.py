from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._output import Output


class Error(Exception):
    """What this package raises about a hook's work. Its text is a sentence for people."""

    __module__ = "drillmaster"


class HostError(Error):
    """The host could not do what it was asked; its text says what was tried and why it failed."""

    __module__ = "drillmaster"


class CommandFailed(Error):
    """A command in a container exited with another code than 0, and was expected to succeed."""

    __module__ = "drillmaster"

    output: Output
    """What the command left."""

    def __init__(self, text: str, output: Output) -> None:
        super().__init__(text)
        self.output = output


class Failure(Error):
    """For you to raise: fails the hook with this text alone. Of any other exception the person sees the traceback too.

        raise drillmaster.Failure("the licence has run out: put a new one into licence.txt")
    """

    __module__ = "drillmaster"
