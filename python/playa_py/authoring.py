"""Effects written in Python: `@effect` makes one of a function of arrays, beside those of plugin files.

What the host learns of it, its description and how it is called, is made here; `fingerprint` tells whether two functions
make the same pixels.
"""

# Looks at objects of which nothing is known.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from playa_py import _native, effects
from playa_py.errors import PluginLoadError
from playa_py.fingerprint import fingerprint

__all__ = ["Color", "Param", "effect"]

_Function = TypeVar("_Function", bound=Callable[..., Any])

# Keywords that say how a function is called. They are no parameters of the effect.
_CALL = ("out", "frame", "window", "canvas")


class Param:
    """What an annotation says of a parameter besides its type: `Annotated[float, playa.Param(0, 1, unit="px")]`."""

    __slots__ = ("doc", "group", "high", "label", "low", "renamed_from", "soft", "step", "unit")

    def __init__(
        self,
        low: float | None = None,
        high: float | None = None,
        *,
        soft: tuple[float, float] | None = None,
        step: float | None = None,
        unit: str = "",
        doc: str = "",
        label: str = "",
        group: str = "",
        renamed_from: str | Sequence[str] = (),
    ) -> None:
        """`low` and `high`, both or none, are the range outside of which values are refused, of vectors for each number;
        `soft` is that of a slider, and `step` its step. `unit` is such as `px`, `degrees` or `stops`, `doc` what it does,
        `label` its name for people, `group` where it is shown. `renamed_from` are names that it had in earlier versions,
        under which projects may have it.
        """
        self.low, self.high, self.soft, self.step = low, high, soft, step
        self.unit, self.doc, self.label, self.group = unit, doc, label, group
        self.renamed_from = [renamed_from] if isinstance(renamed_from, str) else list(renamed_from)

    def __repr__(self) -> str:
        said = (f"{name}={getattr(self, name)!r}" for name in self.__slots__ if getattr(self, name) not in (None, "", []))
        return f"Param({', '.join(said)})"


if TYPE_CHECKING:
    Color: TypeAlias = tuple[float, float, float, float]
    """Scene-linear red, green, blue and alpha, straight, colour unbounded. Three numbers are an opaque colour."""
else:
    # To be told from other tuples of four numbers.
    class Color(tuple):
        """Scene-linear red, green, blue and alpha, straight, colour unbounded. Three numbers are an opaque colour."""

        __slots__ = ()


def effect(
    *,
    id: str,
    version: str = "1.0.0",
    name: str | None = None,
    label: str | None = None,
    tags: Sequence[str] = (),
    pixelwise: bool = False,
    radius: int | Callable[..., int] | None = None,
    parallel: bool = False,
) -> Callable[[_Function], _Function]:
    """Registers the function below it as an effect, and leaves it as it is.

    The function gets a read-only float32 array (H, W, 4) of premultiplied scene-linear pixels for each of its positional
    arguments, or None for one with the default None where nothing is connected; the first is the picture that the effect
    is put on. It returns a new float32 array of the same shape. With a keyword `out` it fills that array, which is
    transparent black, and returns None. NaN and infinity are pixels like any other. The array may be a part of the
    picture: by default all of it, and with `pixelwise` or `radius` (a number of pixels, or a function of the parameters
    that gives one) as much as the pixels that are wanted take, with so many more on each side as the picture has. What the
    function makes of those is thrown away. Keywords `window` and `canvas` are where the array and the frame of the picture
    are, `(x0, y0, x1, y1)`, and `frame` is the time: a function that has it is called for every frame. One without
    positional arguments makes a picture over `window`.

    All other keywords are the parameters: bool, int, float, str, tuples of 2 to 4 floats, `playa.Color`, an enum of texts
    or a Literal, each with a default, and annotated with `playa.Param` for range, unit and doc. The docstring is the help.

    `id` is the reverse-DNS identity that projects store with the `version`. `name` is that of the class in
    `playa_py.effects`, by default made of the function's: `SoftGlow` for `soft_glow`. An effect with the same id that was
    registered before is replaced; projects, classes and calls go over to the new one, and pixels of the old one are used
    again only if code, and constants and functions that it uses, are the same.

    It is called from threads of the host, attached to the interpreter, one call at a time unless `parallel`. An exception
    in it becomes the `__cause__` of an EffectError. It may call other effects and render comps, but not such as use itself.
    What it renders so, on its own thread, is a part of the frame that it works for and never waits for memory: where none is
    left, that is a MemoryLimitError. After any MemoryError in it the frame is made once more, with no other beside it, and
    then fails with MemoryLimitError.

    Raises PluginLoadError with what cannot be, and where.
    """

    def register(function: _Function) -> _Function:
        from inspect import cleandoc, signature

        plain: Any = function
        code = plain.__code__
        path = os.path.abspath(code.co_filename) if os.path.exists(code.co_filename) else code.co_filename

        def refused(reason: str) -> PluginLoadError:
            return PluginLoadError(f"{path}:{code.co_firstlineno}: effect {id!r}: {reason}", path=path, node=id)

        if pixelwise and radius is not None:
            raise refused("pixelwise=True says radius=0: give one of them")
        if isinstance(radius, int) and not 0 <= radius <= 65536:
            raise refused(f"radius={radius}: expected 0 to 65536 pixels")
        try:
            hints = get_type_hints(function, include_extras=True)
        except (NameError, TypeError) as error:
            raise refused(f"its annotations cannot be read: {error}") from error
        inputs: list[tuple[str, bool]] = []
        params: list[dict[str, Any]] = []
        choices: dict[str, Any] = {}
        asked: list[str] = []
        for argument in signature(function).parameters.values():
            if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
                raise refused(f"`{argument}`: an effect has a fixed number of pictures and parameters")
            if argument.kind is not argument.KEYWORD_ONLY:
                if argument.default is not argument.empty and argument.default is not None:
                    raise refused(f"picture `{argument.name}` has a default: parameters come behind a `*`")
                inputs.append((argument.name, argument.default is None))
            elif argument.name in _CALL:
                asked.append(argument.name)
            elif argument.default is argument.empty:
                raise refused(f"parameter `{argument.name}` has no default")
            else:
                try:
                    param, choices[argument.name] = _param(argument.name, hints.get(argument.name), argument.default)
                except TypeError as error:
                    raise refused(f"parameter `{argument.name}`: {error}") from None
                params.append(param)
        function_name: str = plain.__name__
        spec = {
            "id": id,
            "name": name or "".join(word[:1].upper() + word[1:] for word in function_name.split("_")),
            "label": label or function_name.replace("_", " ").strip().title(),
            "version": version,
            "help": cleandoc(function.__doc__ or ""),
            "tags": list(tags),
            "inputs": inputs,
            "params": params,
            "time_invariant": "frame" not in asked,
        }
        reach = 0 if pixelwise else radius
        call = _Call(function, [param["name"] for param in params], choices, asked)
        same = fingerprint(plain, id, version, repr(spec), reach)
        registered = _native.register_effect(spec, call, reach, parallel, path, same)
        plain.spec = effects._update(registered).spec  # pyright: ignore[reportPrivateUsage]: of this package
        return function

    return register


class _Call:
    """The function as the host calls it: with the values of its parameters in their order."""

    def __init__(self, function: Callable[..., Any], names: list[str], choices: dict[str, Any], asked: list[str]) -> None:
        self.function, self.names, self.choices, self.asked = function, names, choices, asked

    def __call__(
        self,
        pictures: tuple[Any, ...],
        values: tuple[Any, ...],
        window: tuple[int, int, int, int],
        canvas: tuple[int, int, int, int],
        frame: float,
    ) -> Any:
        import numpy as np

        (x0, y0, x1, y1), keywords = window, dict(zip(self.names, values, strict=True))
        for name, choice in self.choices.items():
            if choice is not None:
                keywords[name] = choice(keywords[name])
        said = {"window": window, "canvas": canvas, "frame": frame}
        keywords.update((name, said[name]) for name in self.asked if name != "out")
        shape = (y1 - y0, x1 - x0, 4)
        if "out" in self.asked:
            out = keywords["out"] = np.zeros(shape, np.float32)
            result = self.function(*pictures, **keywords)
            if result is not None and result is not out:
                raise TypeError(f"it has a keyword `out` to fill, and returned {_described(result)}: expected None")
            return out
        result = self.function(*pictures, **keywords)
        if not isinstance(result, np.ndarray) or result.dtype != np.float32 or result.shape != shape:
            hint = ""
            if isinstance(result, np.ndarray) and result.shape == shape and result.dtype.kind == "f":
                hint = "; return it as result.astype(np.float32)"
            expected = f"expected a float32 array of shape {shape}"
            raise TypeError(f"it returned {_described(result)}, {expected}{hint}")
        return np.ascontiguousarray(result)


def _described(result: Any) -> str:
    if hasattr(result, "dtype") and hasattr(result, "shape"):
        return f"an array of {result.dtype} with shape {result.shape}"
    return f"an object of type {type(result).__name__}"


def _param(name: str, annotation: Any, default: Any) -> tuple[dict[str, Any], Any]:
    """The description of a parameter, and the enumeration of which its values are, if it is one. Raises TypeError."""
    if annotation is None:
        raise TypeError("it has no annotation: expected such as `float` or `Annotated[float, playa.Param(0, 1)]`")
    said = Param()
    if get_origin(annotation) is Annotated:
        annotation, *notes = get_args(annotation)
        for note in notes:
            if isinstance(note, Param):
                _merge(said, note)
            elif isinstance(note, type) and issubclass(note, Param):
                raise TypeError("it is annotated with the class Param: expected `playa.Param(...)`")
    kind, choices, enumeration = _kind(annotation)
    if (said.low is None) != (said.high is None):
        raise TypeError(f"{said!r} has one end of a range: give `low` and `high`")
    if (said.low is not None or said.soft is not None) and kind in ("bool", "string", "choice"):
        raise TypeError(f"{said!r} has a range, and a {kind} has none")
    if enumeration is not None and isinstance(default, enumeration):
        default = default.value
    param = {
        "name": name,
        "kind": kind,
        "default": default,
        "label": said.label or name.replace("_", " ").strip().title(),
        "range": None if said.low is None else (said.low, said.high),
        "soft_range": said.soft,
        "step": said.step,
        "unit": said.unit,
        "doc": said.doc,
        "group": said.group,
        "choices": choices,
        "renamed_from": said.renamed_from,
    }
    return param, enumeration


def _merge(said: Param, note: Param) -> None:
    """What a further annotation says goes before what was said."""
    for field in Param.__slots__:
        if getattr(note, field) not in (None, "", []):
            setattr(said, field, getattr(note, field))


def _kind(annotation: Any) -> tuple[str, list[tuple[str, str]], Any]:
    """The kind of a parameter, its choices with their docs, and the enumeration of which its values are."""
    import enum

    plain = {bool: "bool", int: "int", float: "float", str: "string", Color: "color"}
    if isinstance(annotation, type) and annotation in plain:
        return plain[annotation], [], None
    items, args = get_origin(annotation), get_args(annotation)
    if items is tuple and 2 <= len(args) <= 4 and all(arg in (float, int) for arg in args):
        return f"vec{len(args)}", [], None
    if items is Literal and all(isinstance(arg, str) for arg in args):
        return "choice", [(arg, "") for arg in args], None
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        members = list(annotation)
        if members and all(isinstance(member.value, str) for member in members):
            own = type(members[0]).__doc__
            docs = (member.__doc__ if member.__doc__ != own else None for member in members)
            return "choice", [(member.value, doc or "") for member, doc in zip(members, docs, strict=True)], annotation
    expected = "bool, int, float, str, a tuple of 2 to 4 floats, playa.Color, an enum of texts or a Literal of texts"
    found = annotation if isinstance(annotation, str) else getattr(annotation, "__qualname__", None) or repr(annotation)
    raise TypeError(f"no kind of parameter is annotated `{found}`: expected {expected}")
