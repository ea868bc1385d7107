from dataclasses import dataclass


@dataclass(frozen=True)
class Mount:
    """Something of the host's in the container's file system: a directory or file, or a named volume."""

    source: str
    """A path below the project directory, or the name of a volume."""
    target: str
    """An absolute path in the container."""
    read_only: bool = False
    """Whether the container may only read it."""
