"""The effects that are installed, as Python classes and as an enumeration.

`playa stubs` writes this file anew for the plugins that are installed.
"""

# Any name may be that of an effect, and what its parameters need is imported for all.
# pyright: reportIncompleteStub=false, reportUnusedImport=false

import collections.abc as _abc
import enum as _enum
import inspect as _inspect
import os as _os
import pathlib as _pathlib
import typing as _t
import uuid as _uuid

import numpy as _np
import numpy.typing as _npt

from playa_py import _native

__all__ = ["EffectCall", "EffectType"]

_Region: _t.TypeAlias = _t.Literal["display", "data"] | tuple[int, int, int, int]
_Picture: _t.TypeAlias = _native.Frame | _npt.NDArray[_t.Any]

class EffectCall:
    """An effect with its parameters, not yet on a layer. Its subclasses are the effects that are loaded.

    Parameters are attributes and items, checked when they are set: `blur.radius = 6`, `blur["radius"] = 6`.
    """

    spec: _t.ClassVar[_native.EffectSpec]
    """What the effect says of itself."""
    __signature__: _t.ClassVar[_inspect.Signature]

    def __init__(self, **params: _t.Any) -> None: ...
    @property
    def id(self) -> str:
        """Identity of the effect, such as `org.playa.gaussian_blur`."""

    @property
    def params(self) -> dict[str, _t.Any]:
        """All parameters with their values."""

    @classmethod
    def presets(cls) -> list[_native.Preset]:
        """Its presets: those of `PLAYA_PRESET_PATH`, the user's, and those of the bundle that it comes from."""

    def apply_preset(self, preset: str | _os.PathLike[str] | _native.Preset) -> list[str]:
        """Sets its parameters to the values of a preset, given by its name, its file or itself. Others stay as they are.

        Returns what was left out, and why: a preset of another version of the effect may have values that do not fit.
        Raises PresetError.
        """

    def save_preset(
        self,
        name: str,
        *,
        about: str = "",
        folder: str | _os.PathLike[str] | None = None,
        replace: bool = False,
    ) -> _pathlib.Path:
        """Saves the values of its parameters as a preset, into the user's folder unless another one is named. Returns the
        file. Raises PresetError, also where it is there already and not to be replaced.
        """

    @_t.overload
    def __call__(
        self, picture: _native.Frame, /, *pictures: _Picture | None, frame: int = 0, region: _Region | None = None
    ) -> _native.Frame:
        """What the effect makes of pictures, one for each of its inputs.

        Of a `Frame` it makes a `Frame`, with windows and metadata of the first one, over all that the effect reaches. Of
        an array, in any layout that `Frame.from_numpy` takes, it makes a new float32 array (H, W, 4) of the same size.
        An effect that takes no picture makes a `Frame` of `size` (width, height), or over `window` (x0, y0, x1, y1).

        `frame` is the time; a picture is the same at every frame. `region` says which pixels to make: "display", "data"
        (all that the effect reaches) or a window. An array is read-only to other threads meanwhile.

        Raises ParamTypeError for pictures that are missing, too many or none; ArrayError, EffectError, MemoryLimitError.
        """

    @_t.overload
    def __call__(
        self, picture: _npt.NDArray[_t.Any], /, *pictures: _Picture | None, frame: int = 0, region: _Region | None = None
    ) -> _npt.NDArray[_np.float32]: ...
    @_t.overload
    def __call__(
        self,
        *,
        frame: int = 0,
        region: _Region | None = None,
        size: tuple[int, int] | None = None,
        window: tuple[int, int, int, int] | None = None,
    ) -> _native.Frame: ...
    def __getitem__(self, name: str) -> _t.Any: ...
    def __setitem__(self, name: str, value: _t.Any) -> None: ...
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...
    def __dir__(self) -> list[str]: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

def _update(spec: _native.EffectSpec) -> type[EffectCall]: ...
def __getattr__(name: str) -> type[EffectCall]: ...
def __dir__() -> list[str]: ...

class _EffectTypes(type):
    def __getattr__(cls, name: str) -> EffectType: ...
    def __iter__(cls) -> _abc.Iterator[EffectType]: ...
    def __len__(cls) -> int: ...
    def __contains__(cls, effect: object) -> bool: ...
    def __dir__(cls) -> list[str]: ...

class EffectType(metaclass=_EffectTypes):
    """The effects that are loaded: `EffectType.GaussianBlur`, `EffectType("org.playa.gaussian_blur")`.

    Iterating over the class gives all of them.
    """

    __slots__ = ("spec",)

    spec: _native.EffectSpec
    """What the effect says of itself."""

    def __init__(self, name: str) -> None:
        """The effect with this id, type name or label. Raises EffectNotFoundError."""

    @property
    def id(self) -> str:
        """Identity, stored in projects: `org.playa.gaussian_blur`."""

    @property
    def name(self) -> str:
        """Name of the type: `GaussianBlur`."""

    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
