from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ._build import Build
from ._health import HealthCheck
from ._mount import Mount


@dataclass(frozen=True)
class DeclaredService:
    """What the host is told of one service: plain data that can be looked at and compared.

    Lists are lists, whatever they were written as, and times are `timedelta`s. `Service` says what each field means.
    """

    name: str
    image: str
    dependencies: list[str]
    env: dict[str, str]
    ports: dict[int, int | None]
    udp_ports: dict[int, int | None]
    always_start_new: bool
    stop_signal: str | None
    stop_timeout: timedelta | None
    build: Build | None
    entrypoint: list[str] | None
    command: list[str] | None
    user: str | None
    working_directory: str | None
    mounts: list[Mount]
    volumes: list[Mount]
    tmpfs: list[str]
    labels: dict[str, str]
    aliases: list[str]
    networks: list[str]
    restart_policy: str | None
    health_check: HealthCheck | None
    platform: str | None
    shared_memory_mib: int | None
    memory_limit_mib: int | None
    cpu_limit_millicpus: int | None


@dataclass(frozen=True)
class Declaration:
    """What the host is told of a group."""

    name: str | None
    """The name of the group; named after the project directory when none."""
    services: list[DeclaredService]
    """In the order in which their classes were made."""

    def __getitem__(self, name: str) -> DeclaredService:
        """The service of this name."""
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)
