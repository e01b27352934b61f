"""Whether two functions make the same of the same: by their code, and by what it uses."""

from __future__ import annotations

import itertools
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

_fresh = itertools.count()


def fingerprint(*things: Any) -> bytes:
    """Bytes that are the same for the same functions and constants.

    Of a function that is its code without the place where it stands, and all that it names: constants, arrays, other
    functions, modules by their names. Something else whose content cannot be known, such as an object that may change,
    makes the bytes unlike all others.
    """
    return repr(_part(things, [])).encode("utf-8", "surrogatepass")


def _part(thing: Any, within: list[int]) -> Any:
    if thing is None or isinstance(thing, (bool, int, float, complex, str, bytes)):
        return (type(thing).__name__, repr(thing))
    if id(thing) in within:
        return "itself"
    within = [*within, id(thing)]
    if isinstance(thing, (tuple, list)):
        return (type(thing).__name__, [_part(item, within) for item in thing])
    if isinstance(thing, (set, frozenset)):
        return ("set", sorted(repr(_part(item, within)) for item in thing))
    if isinstance(thing, dict):
        return ("dict", [(_part(key, within), _part(value, within)) for key, value in thing.items()])
    if isinstance(thing, CodeType):
        names = (thing.co_names, thing.co_varnames, thing.co_freevars, thing.co_cellvars)
        shape = (thing.co_argcount, thing.co_posonlyargcount, thing.co_kwonlyargcount, thing.co_flags)
        return ("code", thing.co_code, names, shape, [_part(constant, within) for constant in thing.co_consts])
    if isinstance(thing, FunctionType):
        return ("function", _part(thing.__code__, within), _uses(thing, within))
    if isinstance(thing, ModuleType):
        return ("module", thing.__name__)
    if isinstance(thing, BuiltinFunctionType):
        return ("builtin", thing.__module__, thing.__qualname__)
    if hasattr(thing, "dtype") and hasattr(thing, "tobytes"):
        return ("array", str(thing.dtype), getattr(thing, "shape", ()), thing.tobytes())
    if isinstance(thing, type) and thing.__module__ == "builtins":
        return ("class", thing.__qualname__)
    return ("unknown", next(_fresh))


def _uses(function: FunctionType, within: list[int]) -> Any:
    """Defaults, what it closes over, and the globals that its code names."""
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append(_part(cell.cell_contents, within))
        except ValueError:
            # Not filled yet.
            cells.append("empty")
    named: list[tuple[str, Any]] = []
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        seen = (name for name in code.co_names if name in function.__globals__)
        named += [(name, _part(function.__globals__[name], within)) for name in seen]
    return (_part(function.__defaults__, within), _part(function.__kwdefaults__, within), cells, named)
