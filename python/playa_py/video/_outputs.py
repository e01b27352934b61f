"""Movies among the outputs of `Comp.write` and `playa render`, whose options are text."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from playa_py.errors import AttrValueError
from playa_py.video._writer import MovieWriter

if TYPE_CHECKING:
    import os


def begin(
    path: str | os.PathLike[str], size: tuple[int, int], rate: tuple[int, int], options: dict[str, str]
) -> MovieWriter:
    """A writer with options by their names and values. Raises what `MovieWriter` raises."""
    given: dict[str, Any] = dict(options)
    for name, read in {"crf": _number, "alpha": _flag, "pad": _flag}.items():
        if name in given:
            given[name] = read(name, given[name])
    wide, high = size
    return MovieWriter(path, (wide, high), Fraction(*rate), **given)


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise AttrValueError(f"{name}={value!r}: expected a number") from None


def _flag(name: str, value: str) -> bool:
    flag = {"true": True, "false": False}.get(value.lower())
    if flag is None:
        raise AttrValueError(f"{name}={value!r}: expected true or false")
    return flag
