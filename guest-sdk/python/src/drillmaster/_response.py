from dataclasses import dataclass


@dataclass(frozen=True)
class Response:
    """An HTTP answer of a container."""

    status: int
    """The status, as 200."""
    body: bytes
    """At most the first 1 MiB."""

    @property
    def ok(self) -> bool:
        """Whether the status is one of success, 200 to 299."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body; bytes that are not UTF-8 are replaced."""
        return self.body.decode(errors="replace")
