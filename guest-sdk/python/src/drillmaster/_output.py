from __future__ import annotations

from dataclasses import dataclass

from ._errors import CommandFailed

_SHOWN_LINES = 5
_SHOWN_PROGRAM = 120


@dataclass(frozen=True)
class Output:
    """What a command that ran in a container left."""

    argv: list[str]
    """The program and its arguments."""
    exit_code: int
    """0 by custom for success; 126 or 127 when the command could not be run."""
    stdout: bytes
    """At most the last 1 MiB."""
    stderr: bytes
    """At most the last 1 MiB."""

    @property
    def success(self) -> bool:
        """Whether the exit code is 0."""
        return self.exit_code == 0

    @property
    def stdout_text(self) -> str:
        """What the command wrote to stdout; bytes that are not UTF-8 are replaced."""
        return self.stdout.decode(errors="replace")

    @property
    def stderr_text(self) -> str:
        """What the command wrote to stderr; bytes that are not UTF-8 are replaced."""
        return self.stderr.decode(errors="replace")

    def check(self) -> Output:
        """Itself, if the command succeeded.

        Otherwise a `CommandFailed` with the program, the code and the last lines of stderr, or of stdout when stderr is
        empty. The program's arguments are counted and not shown: there can be a password among them.
        """
        if self.success:
            return self
        text = f"{self._command()} exited with {self.exit_code}"
        said = self.stderr_text.rstrip() or self.stdout_text.rstrip()
        if said:
            text += ": " + "\n".join(said.splitlines()[-_SHOWN_LINES:]).lstrip()
        raise CommandFailed(text, self)

    def _command(self) -> str:
        """The program, not too long, and how many arguments it has."""
        # Somebody may have put a whole command line there.
        words = self.argv[0].split() if self.argv else []
        program = words[0] if words else ""
        if len(words) > 1 or len(program) > _SHOWN_PROGRAM:
            program = program[:_SHOWN_PROGRAM] + "…"
        arguments = max(len(self.argv) - 1, 0)
        counted = "" if arguments == 0 else f" ({arguments} argument{'' if arguments == 1 else 's'})"
        return f"`{program}`{counted}"
