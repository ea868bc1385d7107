"""The lines of source that tracebacks show. A component has no files, but remembers what was read while it was built.
"""

import linecache
import os
import sys

_OURS = os.path.dirname(__file__) + os.sep
# Not that of `os`, which is frozen: in a component it is said to be elsewhere.
_STANDARD_LIBRARY = os.path.dirname(linecache.__file__) + os.sep


def remember() -> None:
    """Reads the sources of all modules that are imported by now, but those of this package and the standard library."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None) or ""
        if file.endswith(".py") and not file.startswith((_OURS, _STANDARD_LIBRARY)):
            lines = linecache.getlines(file)
            # With no time of change it is not compared with the file, and so not forgotten.
            linecache.cache[file] = (sum(map(len, lines)), None, lines, file)
