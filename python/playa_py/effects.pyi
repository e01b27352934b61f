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

    AdjustHSV: _t.ClassVar[EffectType]
    """Adjust HSV"""

    BrightnessContrast: _t.ClassVar[EffectType]
    """Brightness/Contrast"""

    ChromaKey: _t.ClassVar[EffectType]
    """Chroma Key"""

    ColorMatrix: _t.ClassVar[EffectType]
    """Color Matrix"""

    Dissolve: _t.ClassVar[EffectType]
    """Dissolve"""

    Echo: _t.ClassVar[EffectType]
    """Echo"""

    Exposure: _t.ClassVar[EffectType]
    """Exposure"""

    Gamma: _t.ClassVar[EffectType]
    """Gamma"""

    GaussianBlur: _t.ClassVar[EffectType]
    """Gaussian Blur"""

    LensDistortion: _t.ClassVar[EffectType]
    """Lens Distortion"""

    Median: _t.ClassVar[EffectType]
    """Median"""

    Noise: _t.ClassVar[EffectType]
    """Noise"""

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

class ChromaKey(EffectCall):
    """Takes out what has the colour of a screen behind it, and the screen's light on the rest.

    Takes source, garbage (optional). `org.playa.chroma_key`, version 1.0.0.
    """

    def __init__(
        self,
        *,
        screen: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (0.1, 0.6, 0.15, 1.0),
        tolerance: float = 0.3,
        softness: float = 0.3,
        despill: float = 1.0,
    ) -> None: ...

    @property
    def screen(self) -> tuple[float, float, float, float]:
        """The colour of the screen, as it is in the picture."""

    @screen.setter
    def screen(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...

    @property
    def tolerance(self) -> float:
        """How much less of the screen's colour still is the screen. (within 0..1)"""

    @tolerance.setter
    def tolerance(self, value: float) -> None: ...

    @property
    def softness(self) -> float:
        """How much less than that is needed to stay as a whole: 0 is a hard edge. (within 0..1)"""

    @softness.setter
    def softness(self, value: float) -> None: ...

    @property
    def despill(self) -> float:
        """How much of the screen's colour is taken from what stays. (within 0..1)"""

    @despill.setter
    def despill(self, value: float) -> None: ...

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

class Dissolve(EffectCall):
    """Goes over from one picture to another.

    Takes source, other, mask (optional). `org.playa.dissolve`, version 1.0.0.
    """

    def __init__(
        self,
        *,
        amount: float = 0.5,
    ) -> None: ...

    @property
    def amount(self) -> float:
        """How much of the other picture is seen: 0 is the source, 1 the other one. (within 0..1)"""

    @amount.setter
    def amount(self, value: float) -> None: ...

class Echo(EffectCall):
    """Lays frames before and after into this one: trails behind what moves, or a longer shutter.

    Takes source. `org.playa.echo`, version 1.0.0.
    """

    class Operator(_enum.StrEnum):
        """How frames are put together."""

        BLEND = "blend"
        """Their weighted mean: a still picture stays as it is."""

        ADD = "add"
        """Their weighted sum, as light adds up; alpha ends at 1."""

        MAXIMUM = "maximum"
        """The largest weighted value of each channel."""

    def __init__(
        self,
        *,
        before: int = 4,
        after: int = 0,
        step: int = 1,
        decay: float = 0.5,
        operator: Operator | _t.Literal["blend", "add", "maximum"] = Operator.BLEND,
    ) -> None: ...

    @property
    def before(self) -> int:
        """How many frames before this one. (within 0..64, usually 0..16)"""

    @before.setter
    def before(self, value: int) -> None: ...

    @property
    def after(self) -> int:
        """How many frames after this one. (within 0..64, usually 0..16)"""

    @after.setter
    def after(self, value: int) -> None: ...

    @property
    def step(self) -> int:
        """How many frames lie from one to the next. (in frames, within 1..100, usually 1..10)"""

    @step.setter
    def step(self, value: int) -> None: ...

    @property
    def decay(self) -> float:
        """The weight of each frame in proportion to the one next to it, nearer to this frame: 1 is a mean of all. (within 0..1)"""

    @decay.setter
    def decay(self, value: float) -> None: ...

    @property
    def operator(self) -> Operator:
        """How frames are put together."""

    @operator.setter
    def operator(self, value: Operator | _t.Literal["blend", "add", "maximum"]) -> None: ...

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

class LensDistortion(EffectCall):
    """Bends a picture as a lens does, or straightens what a lens has bent.

    Takes source. `org.playa.lens_distortion`, version 1.0.0.
    """

    class Filter(_enum.StrEnum):
        """How values between pixels are found."""

        CUBIC = "cubic"
        """From 4 x 4 pixels, sharp (Keys, a = -0.5). May leave the range of the pixels by a little."""

        BILINEAR = "bilinear"
        """From 2 x 2 pixels, soft. Stays within the range of the pixels."""

    def __init__(
        self,
        *,
        k1: float = 0.0,
        k2: float = 0.0,
        centre: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (0.0, 0.0),
        scale: float = 1.0,
        filter: Filter | _t.Literal["cubic", "bilinear"] = Filter.CUBIC,
    ) -> None: ...

    @property
    def k1(self) -> float:
        """How strongly the picture bends: positive pulls its edges inwards, negative pushes them outwards. (within -2..2, usually -0.5..0.5)"""

    @k1.setter
    def k1(self, value: float) -> None: ...

    @property
    def k2(self) -> float:
        """The same for the corners alone, almost. (within -2..2, usually -0.5..0.5)"""

    @k2.setter
    def k2(self, value: float) -> None: ...

    @property
    def centre(self) -> tuple[float, float]:
        """The point around which the picture bends, from the centre of the canvas, +X right and +Y up. (in px, usually -1000..1000)"""

    @centre.setter
    def centre(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...

    @property
    def scale(self) -> float:
        """How much larger the picture becomes, to hide the edges of a bent one. (within 0.1..10, usually 0.5..2)"""

    @scale.setter
    def scale(self, value: float) -> None: ...

    @property
    def filter(self) -> Filter:
        """How values between pixels are found."""

    @filter.setter
    def filter(self, value: Filter | _t.Literal["cubic", "bilinear"]) -> None: ...

class Median(EffectCall):
    """Removes specks and grain and keeps edges: every value becomes the middle one of those in a square around it.

    Takes source. `org.playa.median`, version 1.0.0.
    """

    def __init__(
        self,
        *,
        radius: int = 1,
    ) -> None: ...

    @property
    def radius(self) -> int:
        """How far the square reaches from its centre: 1 is a square of 3 x 3 pixels. (in px, within 0..64, usually 0..16)"""

    @radius.setter
    def radius(self, value: int) -> None: ...

class Noise(EffectCall):
    """Makes clouds: random light and dark at several sizes, the same for the same seed.

    Takes no picture. `org.playa.noise`, version 1.0.0.
    """

    class Pattern(_enum.StrEnum):
        """What it looks like."""

        CLOUDS = "clouds"
        """Soft and even, around the middle of the two colours."""

        TURBULENCE = "turbulence"
        """Dark creases: the distance of each octave from its middle."""

    def __init__(
        self,
        *,
        pattern: Pattern | _t.Literal["clouds", "turbulence"] = Pattern.CLOUDS,
        size: float = 100.0,
        octaves: int = 6,
        lacunarity: float = 2.0,
        gain: float = 0.5,
        evolution: float = 0.0,
        offset: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (0.0, 0.0),
        seed: int = 0,
        low: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (0.0, 0.0, 0.0, 1.0),
        high: _abc.Sequence[float] | _npt.NDArray[_t.Any] = (1.0, 1.0, 1.0, 1.0),
    ) -> None: ...

    @property
    def pattern(self) -> Pattern:
        """What it looks like."""

    @pattern.setter
    def pattern(self, value: Pattern | _t.Literal["clouds", "turbulence"]) -> None: ...

    @property
    def size(self) -> float:
        """How large its largest features are. (in px, within 1..10000, usually 1..1000)"""

    @size.setter
    def size(self, value: float) -> None: ...

    @property
    def octaves(self) -> int:
        """How many sizes of features there are, each finer than the one before. (within 1..10)"""

    @octaves.setter
    def octaves(self, value: int) -> None: ...

    @property
    def lacunarity(self) -> float:
        """How much finer each of them is than the one before. (within 1..4)"""

    @lacunarity.setter
    def lacunarity(self, value: float) -> None: ...

    @property
    def gain(self) -> float:
        """How strong each of them is in proportion to the one before. (within 0..1)"""

    @gain.setter
    def gain(self, value: float) -> None: ...

    @property
    def evolution(self) -> float:
        """The time of the noise: it changes all over with every step of about 1. (usually 0..10)"""

    @evolution.setter
    def evolution(self, value: float) -> None: ...

    @property
    def offset(self) -> tuple[float, float]:
        """How far the noise is moved, +X right and +Y up. (in px, usually -1000..1000)"""

    @offset.setter
    def offset(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...

    @property
    def seed(self) -> int:
        """Another number makes another noise. (usually 0..1000)"""

    @seed.setter
    def seed(self, value: int) -> None: ...

    @property
    def low(self) -> tuple[float, float, float, float]:
        """Colour where the noise is lowest, straight."""

    @low.setter
    def low(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...

    @property
    def high(self) -> tuple[float, float, float, float]:
        """Colour where the noise is highest, straight."""

    @high.setter
    def high(self, value: _abc.Sequence[float] | _npt.NDArray[_t.Any]) -> None: ...
