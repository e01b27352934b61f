"""The effects that are installed, as Python classes and as an enumeration.

`playa stubs` writes this file anew for the plugins that are installed.
"""

# Any name may be that of an effect, and what its parameters need is imported for all.
# pyright: reportIncompleteStub=false, reportUnusedImport=false

import collections.abc as _abc
import enum as _enum
import inspect as _inspect
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

    AdjustHSV: _t.ClassVar[EffectType]
    """Adjust HSV"""

    BrightnessContrast: _t.ClassVar[EffectType]
    """Brightness/Contrast"""

    ColorMatrix: _t.ClassVar[EffectType]
    """Color Matrix"""

    Exposure: _t.ClassVar[EffectType]
    """Exposure"""

    Gamma: _t.ClassVar[EffectType]
    """Gamma"""

    GaussianBlur: _t.ClassVar[EffectType]
    """Gaussian Blur"""

class AdjustHSV(EffectCall):
    """Turns the hues of a picture, and makes its colours stronger or weaker, brighter or darker.

    Takes source. `org.playa.adjust_hsv`, version 1.0.0.
    """

    def __init__(
        self,
        *,
        hue_shift: float = 0.0,
        saturation: float = 1.0,
        value: float = 1.0,
    ) -> None: ...

    @property
    def hue_shift(self) -> float:
        """How far every hue moves on the colour circle: 120 makes red green, -120 makes it blue. (in degrees, usually -180..180)"""

    @hue_shift.setter
    def hue_shift(self, value: float) -> None: ...

    @property
    def saturation(self) -> float:
        """How strong colours are: 0 is grey, 1 as they were, 2 twice as strong. (within 0..1000, usually 0..2)"""

    @saturation.setter
    def saturation(self, value: float) -> None: ...

    @property
    def value(self) -> float:
        """How bright colours are: a factor. (within 0..1000, usually 0..2)"""

    @value.setter
    def value(self, value: float) -> None: ...

class BrightnessContrast(EffectCall):
    """Makes a picture brighter or darker, and its contrast around middle grey stronger or weaker.

    Takes source. `org.playa.brightness_contrast`, version 1.0.0.
    """

    def __init__(
        self,
        *,
        brightness: float = 0.0,
        contrast: float = 0.0,
    ) -> None: ...

    @property
    def brightness(self) -> float:
        """What is added to every component. (within -1..1)"""

    @brightness.setter
    def brightness(self, value: float) -> None: ...

    @property
    def contrast(self) -> float:
        """How much further than before a component lies from 0.5: 1 doubles the distance, -1 makes everything grey. (within -1..1)"""

    @contrast.setter
    def contrast(self, value: float) -> None: ...

class ColorMatrix(EffectCall):
    """Mixes red, green and blue: each new component is a weighted sum of the old ones, and a constant.

    Takes source. `org.playa.color_matrix`, version 1.0.0.
    """

    def __init__(
        self,
        *,
        red: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (1.0, 0.0, 0.0),
        green: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (0.0, 1.0, 0.0),
        blue: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (0.0, 0.0, 1.0),
        offset: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (0.0, 0.0, 0.0),
    ) -> None: ...

    @property
    def red(self) -> tuple[float, float, float]:
        """How much of the old red, green and blue is in the new red."""

    @red.setter
    def red(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...

    @property
    def green(self) -> tuple[float, float, float]:
        """How much of the old red, green and blue is in the new green."""

    @green.setter
    def green(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...

    @property
    def blue(self) -> tuple[float, float, float]:
        """How much of the old red, green and blue is in the new blue."""

    @blue.setter
    def blue(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...

    @property
    def offset(self) -> tuple[float, float, float]:
        """What is added to the new red, green and blue."""

    @offset.setter
    def offset(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...

class Exposure(EffectCall):
    """Makes a picture brighter or darker, as more or less light in the camera would.

    Takes source. `org.playa.exposure`, version 1.0.0.
    """

    def __init__(
        self,
        *,
        stops: float = 0.0,
    ) -> None: ...

    @property
    def stops(self) -> float:
        """How often the light is doubled: 1 is twice as much, -1 half. (in stops, within -100..100, usually -10..10)"""

    @stops.setter
    def stops(self, value: float) -> None: ...

class Gamma(EffectCall):
    """Bends colour along a power curve: dark parts become brighter or darker, black and white stay.

    Takes source. `org.playa.gamma`, version 1.0.0.
    """

    def __init__(
        self,
        *,
        gamma: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (1.0, 1.0, 1.0),
    ) -> None: ...

    @property
    def gamma(self) -> tuple[float, float, float]:
        """How far the curve of red, green and blue is bent: above 1 lifts dark parts, below 1 lowers them. (within 0.01..100, usually 0.2..5)"""

    @gamma.setter
    def gamma(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...

class GaussianBlur(EffectCall):
    """Makes a picture softer: every pixel becomes a mean of those around it, weighted by a Gaussian.

    Takes source. `org.playa.gaussian_blur`, version 1.0.0.
    """

    class Edges(_enum.StrEnum):
        """What lies around the picture."""

        CLAMP = "clamp"
        """The nearest pixel of the edge: the picture keeps its size."""

        TRANSPARENT = "transparent"
        """Nothing: the picture fades out and grows by the reach of the blur."""

    class Quality(_enum.StrEnum):
        """How close the result is to a true Gaussian."""

        FAST = "fast"
        """Within 5e-4 of the peak, at a cost that hardly depends on the radius."""

        EXACT = "exact"
        """Within 2e-6 of the peak, at a cost that grows with the radius."""

    def __init__(
        self,
        *,
        radius: float = 5.0,
        edges: Edges | _t.Literal["clamp", "transparent"] = Edges.CLAMP,
        quality: Quality | _t.Literal["fast", "exact"] = Quality.FAST,
    ) -> None: ...

    @property
    def radius(self) -> float:
        """How far the blur looks: the Gaussian's standard deviation is half of it, and it ends at twice of it. (in px, within 0..10000, usually 0..100)"""

    @radius.setter
    def radius(self, value: float) -> None: ...

    @property
    def edges(self) -> Edges:
        """What lies around the picture."""

    @edges.setter
    def edges(self, value: Edges | _t.Literal["clamp", "transparent"]) -> None: ...

    @property
    def quality(self) -> Quality:
        """How close the result is to a true Gaussian."""

    @quality.setter
    def quality(self, value: Quality | _t.Literal["fast", "exact"]) -> None: ...
