from typing import overload

from ._checked import text
from ._host import current


class Context:
    """Values that hooks leave for the services that start after them, by key.

    They are kept across commands. A service reads them here, or as `{key}` in its environment variables. A value
    belongs to the container whose hook set it and goes when that container is removed.

    A key is a letter or `_`, then letters, digits, `_`, `.` or `-`, at most 256 bytes. A value is at most 64 KiB.
    Fields and `ping` must not change anything: setting a value there is an error, a `HostError`, and so is it when the
    value cannot be saved.
    """

    def __getitem__(self, key: str) -> str:
        value = current().get(text(key, "a context key"))
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: str) -> None:
        key = text(key, "a context key")
        current().set(key, text(value, f"the context value `{key}`"))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    # Without this, `for key in context` would ask for the keys 0, 1, 2 …
    __iter__ = None

    @overload
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, default: str) -> str: ...
    def get(self, key: str, default: str | None = None) -> str | None:
        """The value under a key, or the default."""
        value = current().get(text(key, "a context key"))
        return default if value is None else value


context = Context()
"""The group's context."""
