"""Whether two functions make the same of the same: by their code, and by what it uses."""

# Looks at objects of which nothing is known.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import itertools
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

_fresh = itertools.count()


def fingerprint(function: FunctionType, *things: Any) -> bytes:
    """Bytes that are the same for the same functions and constants.

    Of a function that is its code without the place where it stands, and all that it names: constants, arrays, other
    functions of its module, and what comes from other modules by name. Something else whose content cannot be known, such
    as an object that may change, makes the bytes unlike all others.
    """
    reader = _Reader(function.__module__)
    return repr([reader.read(thing) for thing in (function, *things)]).encode("utf-8", "surrogatepass")


class _Reader:
    """Reads objects as texts and tuples of texts. `home` is the module that may change: a notebook's, a script's."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.seen: dict[int, int] = {}

    def read(self, thing: Any) -> Any:
        if thing is None or isinstance(thing, (bool, int, float, complex, str, bytes)):
            return (type(thing).__name__, repr(thing))
        if isinstance(thing, ModuleType):
            return ("module", thing.__name__)
        if isinstance(thing, CodeType):
            names = (thing.co_names, thing.co_varnames, thing.co_freevars, thing.co_cellvars)
            shape = (thing.co_argcount, thing.co_posonlyargcount, thing.co_kwonlyargcount, thing.co_flags)
            return ("code", thing.co_code, names, shape, [self.read(constant) for constant in thing.co_consts])
        if isinstance(thing, tuple):
            return ("tuple", [self.read(item) for item in thing])
        if isinstance(thing, (set, frozenset)):
            return ("set", sorted(repr(self.read(item)) for item in thing))
        if isinstance(thing, (FunctionType, list, dict)):
            return self.read_once(thing)
        if not isinstance(thing, type) and hasattr(thing, "dtype") and hasattr(thing, "tobytes"):
            return ("array", str(thing.dtype), getattr(thing, "shape", ()), thing.tobytes())
        return self.imported(thing) or ("unknown", next(_fresh))

    def read_once(self, thing: FunctionType | list[Any] | dict[Any, Any]) -> Any:
        """What may contain itself."""
        if id(thing) in self.seen:
            return ("again", self.seen[id(thing)])
        self.seen[id(thing)] = len(self.seen)
        if isinstance(thing, list):
            return ("list", [self.read(item) for item in thing])
        if isinstance(thing, dict):
            return ("dict", [(self.read(key), self.read(value)) for key, value in thing.items()])
        if (name := self.imported(thing)) is not None:
            return ("function", name, thing.__code__.co_code, repr(thing.__code__.co_consts))
        return ("function", self.read(thing.__code__), self.uses(thing))

    def imported(self, thing: Any) -> tuple[str, str, str] | None:
        """The name of something that another module has under its own name."""
        module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(name, str) or module in (self.home, "__main__"):
            return None
        found: Any = sys.modules.get(module)
        for part in name.split("."):
            found = getattr(found, part, None)
        return ("imported", module, name) if found is thing else None

    def uses(self, function: FunctionType) -> Any:
        """Defaults, what it closes over, and the globals that its code names."""
        cells = []
        for cell in function.__closure__ or ():
            try:
                cells.append(self.read(cell.cell_contents))
            except ValueError:
                # Not filled yet.
                cells.append("empty")
        names: set[str] = set()
        codes = [function.__code__]
        while codes:
            code = codes.pop()
            codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
            names.update(code.co_names)
        named = [(name, self.read(function.__globals__[name])) for name in sorted(names & function.__globals__.keys())]
        return (self.read(function.__defaults__), self.read(function.__kwdefaults__), cells, named)
