"""What a component exports that runs definitions from their source. Only a component can import this.

It has no definition inside: at each call it imports the file that the host names, from a directory that the host lends
it, with whatever that imports from there. The whole standard library is inside, since nothing of it can be imported later
that was not while the component was built.

A component with a definition inside is made of this one: the host lets it import the definition once, and keeps it as it
then is.
"""

import importlib
import os
import pkgutil
import random
import sys
import warnings
from types import ModuleType

from componentize_py_types import Err
from wit_world.imports import environment

from . import _sources, component
from ._errors import Failure
from ._failure import told
from .component import GroupHooks, Lifecycle, ServiceHooks

__all__ = ["GroupHooks", "Lifecycle", "ServiceHooks", "WitWorld"]

# Where the host puts the directory and the packages that the definition requires, and the variable that holds the
# file's name.
_DIRECTORY = "/definition"
_PACKAGES = "/packages"
_FILE = "DRILLMASTER_DEFINITION"

# What a definition cannot use, or says something when it is imported.
_LEFT_OUT = {
    "__main__",
    "antigravity",
    "ensurepip",
    "idlelib",
    "pydoc_data",
    "test",
    "this",
    "tkinter",
    "turtle",
    "turtledemo",
    "venv",
}


def _import_standard_library() -> None:
    for name in sorted(sys.stdlib_module_names - _LEFT_OUT):
        module = _import_if_there(name)
        for inner in pkgutil.walk_packages(getattr(module, "__path__", []), f"{name}.", onerror=lambda _: None):
            if not _LEFT_OUT & {"tests", *inner.name.split(".")} - {name}:
                _import_if_there(inner.name)


def _import_if_there(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except BaseException:
        # It is for another system, or needs what is compiled.
        return None


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    _import_standard_library()


def _import_definition() -> None:
    # Nothing may be written there, and trying would be told to the person.
    sys.dont_write_bytecode = True
    sys.path.insert(0, _DIRECTORY)
    file = os.environ[_FILE]
    name = file.removesuffix(".py")
    if name in ("drillmaster", "wit_world") or name.startswith("componentize_py"):
        raise Failure(f"a definition cannot be called {file}: that is what drillmaster's own module is called")
    module = ModuleType(name)
    module.__file__ = f"{_DIRECTORY}/{file}"
    sys.modules[name] = module
    try:
        with open(module.__file__, "rb") as source:
            code = compile(source.read(), module.__file__, "exec", dont_inherit=True)
        exec(code, module.__dict__)
    except SyntaxError as error:
        # Where the host has put it says nothing.
        error.filename = (error.filename or "").removeprefix(f"{_DIRECTORY}/")
        raise


class WitWorld:
    """What the host calls while it builds a component with a definition inside."""

    def import_definition(self) -> None:
        """Imports the definition for good. What this package, Python and the definition itself have comes before what
        its packages have."""
        sys.path.append(_PACKAGES)
        try:
            _import_definition()
        except BaseException as error:
            raise Err(told(error)) from None
        _sources.remember()
        component.imported_by(_renew)


def _renew() -> None:
    """Forgets what was so when the definition was imported: the variables, and where the random numbers stood."""
    os.environ.clear()
    os.environ.update(environment.get_environment())
    random.seed()


component.imported_by(_import_definition)
