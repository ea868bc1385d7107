from typing import NamedTuple


class Address(NamedTuple):
    """Where something listens: a pair, as sockets take it. As text it is `host:port`, so that it fits into a URL."""

    host: str
    """A name or an IP address, without brackets."""
    port: int
    """The port on that host."""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
