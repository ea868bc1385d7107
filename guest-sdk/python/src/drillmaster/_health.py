from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Health = Literal["none", "starting", "healthy", "unhealthy"]
"""What the engine's health check says of a container. `none`: there is no health check."""


@dataclass(frozen=True)
class HealthCheck:
    """The engine's own health check: a command run in the container at every `interval`, healthy when it exits with 0.

    `Container.health` reads it; nobody waits for it unless `ping` does.
    """

    argv: Sequence[str]
    """The program and its arguments."""
    interval: float | timedelta
    """The time from one check to the next. A number is of seconds."""
