from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Build:
    """How the image of a service is built: from a directory below the project directory.

    Where nothing else is to be said, the directory's name alone is one: `build = "appdb"`.
    """

    directory: str
    """The directory that is sent to the engine, relative to the project directory."""
    dockerfile: str | None = None
    """A path inside that directory; `Dockerfile` if nothing is said."""
    target: str | None = None
    """The stage to build up to; the last one if nothing is said."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Values for the `ARG`s of the Dockerfile."""
