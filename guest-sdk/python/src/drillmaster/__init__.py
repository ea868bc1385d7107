"""Write a definition for drillmaster: which Docker services belong together, when each is ready, and what a new one
needs.

    class Database(drillmaster.Service):
        name = "appdb"
        image = "postgres:17"
        env = {"POSTGRES_PASSWORD": "secret"}
        ports = {5432: 5433}

        def ping(self) -> bool:
            return self.container.exec(["pg_isready", "--host", "127.0.0.1"]).success

        def post_start_init(self) -> None:
            self.container.exec(["createdb", "--username", "postgres", "shop"]).check()
            drillmaster.context["appdb.url"] = "postgresql://postgres:secret@appdb/shop"

All that a definition needs is here; what a test of it needs is in `drillmaster.testing`. Log lines are written with
Python's own `logging`.
"""

from ._address import Address
from ._build import Build
from ._container import Container
from ._context import Context, context
from ._declaration import DeclaredService, Declaration
from ._errors import CommandFailed, Error, Failure, HostError
from ._field import field
from ._group import group_name, on_reload, on_start, on_stop
from ._health import Health, HealthCheck
from ._mount import Mount
from ._output import Output
from ._parameter import parameter
from ._response import Response
from ._service import RestartPolicy, Service, StopSignal

__all__ = [
    "Address",
    "Build",
    "CommandFailed",
    "Container",
    "Context",
    "Declaration",
    "DeclaredService",
    "Error",
    "Failure",
    "Health",
    "HealthCheck",
    "HostError",
    "Mount",
    "Output",
    "Response",
    "RestartPolicy",
    "Service",
    "StopSignal",
    "context",
    "field",
    "group_name",
    "on_reload",
    "on_start",
    "on_stop",
    "parameter",
]
