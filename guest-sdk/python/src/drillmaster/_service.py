from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from . import _checked, _group, _spelling
from ._build import Build
from ._container import Container
from ._errors import Error
from ._health import HealthCheck
from ._mount import Mount

StopSignal = Literal["SIGINT", "SIGTERM", "SIGKILL", "SIGQUIT"]
"""The signal that asks a container to stop."""

RestartPolicy = Literal["no", "always", "on-failure", "unless-stopped"]
"""What the engine does when a container exits by itself."""

_HOOKS = ("ping", "post_start_init", "pre_start", "pre_stop")


class Service:
    """A service: what its container is like, and what happens in its life.

    Each subclass with a `name` is a service of the group; one without is a base for others. Fields are attributes of
    the class; one that depends on a parameter is a method made a field by `@drillmaster.field`.

    With the same parameters the fields must be the same. The host checks the whole group and reports every mistake at
    once.

    Hooks are methods. Each call of one is on a new object, in a fresh instance of the component, with a deadline, and
    perhaps beside a call for another service: what a hook leaves for later goes into `drillmaster.context`. An
    exception from a hook fails the service: the person sees it with its traceback, or only its text if it is a
    `drillmaster.Failure`.
    """

    name: str
    """Unique in the group, and a valid hostname: other services reach this one under it."""

    image: str = ""
    """The image's reference; with a build, what it is called within the group."""

    dependencies: Sequence[str] = ()
    """The names of the services that must be ready first, and are stopped later. Hooks may reach their containers with
    `Container.dependency`."""

    env: Mapping[str, str] = {}
    """Environment variables. `{key}` in a value is replaced from the context when the service starts, `{{key}}` is the
    text `{key}`, and all else is left as it is."""

    ports: Mapping[int, int | None] = {}
    """Published TCP ports: of the container, and of the host; None publishes on whichever port is free."""

    udp_ports: Mapping[int, int | None] = {}
    """The same for UDP."""

    always_start_new: bool = False
    """Whether a stopped container is replaced by a new one instead of started again."""

    stop_signal: StopSignal | None = None
    """The signal that asks the container to stop; by default the image says which, and else it is SIGTERM."""

    stop_timeout: float | timedelta | None = None
    """How long the container may take to stop after that signal before it is killed; 10 seconds if nothing is said. A
    number is of seconds. Rounded up to seconds."""

    build: str | Build | None = None
    """Builds the image, when the group has not built it yet or what it is built from has changed, from a directory below
    the project directory: the directory's name, or a `Build` that says more."""

    entrypoint: Sequence[str] | None = None
    """Instead of the image's own entrypoint. An empty one takes that away; then there has to be a `command`."""

    command: Sequence[str] | None = None
    """Instead of the image's own command."""

    user: str | None = None
    """The user of the image that the container runs as: a name or number, `user` or `user:group`."""

    working_directory: str | None = None
    """The directory that the container's process starts in, an absolute path in the container."""

    mounts: Mapping[str, str] | Sequence[Mount] = ()
    """Directories and files below the project directory: `{source: target}`, or a list of `Mount`s, which can be
    read-only. The target is an absolute path in the container."""

    volumes: Mapping[str, str] | Sequence[Mount] = ()
    """Named volumes, which belong to the group and outlive its containers: `{name: target}`, or a list of `Mount`s."""

    tmpfs: Sequence[str] = ()
    """Where empty file systems in memory are mounted."""

    labels: Mapping[str, str] = {}
    """Labels on the container. Names that begin with `dev.drillmaster.` are the host's own; those that other tools act on
    (as `traefik.` or `com.docker.`) need a grant."""

    aliases: Sequence[str] = ()
    """Further names of this service on the group's networks."""

    networks: Sequence[str] = ()
    """Further networks of the group, beside the one that all its services share."""

    restart_policy: RestartPolicy | None = None
    """What the engine does when the container exits by itself; nothing, if nothing is said."""

    health_check: HealthCheck | None = None
    """The engine's own health check. The service is ready once it is healthy, unless `ping` is written."""

    platform: str | None = None
    """The platform of the image, as `linux/amd64`."""

    shared_memory_mib: int | None = None
    """The size of `/dev/shm` in MiB."""

    memory_limit_mib: int | None = None
    """The most memory that the container may use, in MiB."""

    cpu_limit_millicpus: int | None = None
    """The most CPU time that the container may use, in thousandths of one CPU: 1500 is one and a half."""

    def __init__(self, container: Container | None = None) -> None:
        self._container = container

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        _spelling.check(cls, _HOOKS)
        for hook in _HOOKS:
            _checked.hook(getattr(cls, hook), f"`{cls.__qualname__}.{hook}`")
        _group.add(cls)

    @property
    def container(self) -> Container:
        """The container of this service. There is none yet in `pre_start`."""
        if self._container is None:
            raise Error(f"`{self.name}` has no container here: `ping`, `post_start_init` and `pre_stop` have one")
        return self._container

    def ping(self) -> bool:
        """Whether the service is ready. False means "not yet": it is asked again 0.1 s later, until its time is up.

        It must not change anything. An exception fails the service at once. Unless it is written, the service is ready
        once its container runs and its health check, its own or that of its image, says healthy, if there is one. One that
        is written counts alone.
        """
        return self.container.is_running() and self.container.health() in ("none", "healthy")

    def post_start_init(self) -> None:
        """Runs once for each new container, after the first true of `ping`; dependents wait for it.

        It does not run when a stopped container is started again. It should bear finding its own traces in a volume,
        from an earlier container or from a run that failed halfway. An exception fails the service; the next start
        replaces the container and runs this again.
        """

    def pre_start(self) -> None:
        """Runs before a container is created, once the dependencies are ready.

        What it sets in the context can be used in this service's own environment. An exception fails the service, and
        no container is created.
        """

    def pre_stop(self) -> None:
        """Runs before a running container is stopped. An exception is reported and does not keep the service up."""
