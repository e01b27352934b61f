"""The compiled half of `playa_py`. Import names from `playa_py`, not from here."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from os import PathLike
from pathlib import Path
from types import GenericAlias
from typing import (
    Any,
    Generic,
    Literal,
    NotRequired,
    Self,
    SupportsIndex,
    TypeAlias,
    TypedDict,
    TypeVar,
    final,
    overload,
    type_check_only,
)

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from typing_extensions import disjoint_base

from playa_py._events import Listener
from playa_py.effects import EffectCall, EffectType
from playa_py.errors import PlayaError
from playa_py.futures import RenderFuture
from playa_py.keys import Key
from playa_py.records import (
    CacheReport,
    CacheStats,
    ColourConfig,
    ColourExplanation,
    ColourSpace,
    FoundSequence,
    FrameStats,
    Histogram,
    MemoryStats,
    PlayerStats,
    ProfileRow,
    Vectorscope,
    Waveform,
)
from playa_py.view import Tonemap

__all__ = [
    "Attrs",
    "Cache",
    "Camera",
    "Comp",
    "Diagnostic",
    "Diff",
    "Edit",
    "Effect",
    "EffectInputs",
    "EffectSpec",
    "Event",
    "EventBus",
    "EventQueue",
    "FileNode",
    "Frame",
    "Layer",
    "Layers",
    "Memory",
    "Node",
    "ParamSpec",
    "Player",
    "PluginFile",
    "Preset",
    "Profile",
    "Project",
    "RenderFutures",
    "RenderRange",
    "RenderTask",
    "SharedProject",
    "Solid",
    "Subscription",
    "Text",
    "__version__",
    "apply_effect",
    "cache",
    "check_params",
    "cli_main",
    "colour_config",
    "colour_configs",
    "colour_spaces",
    "convert_colour",
    "diff",
    "effect_specs",
    "events",
    "explain_colour",
    "find_sequences",
    "find_effect",
    "forked",
    "load_plugin",
    "memory",
    "movie_planes",
    "next_delivery",
    "pause_watch",
    "plugins",
    "preset_params",
    "presets",
    "register_effect",
    "reload_plugins",
    "restore_frame",
    "resume_watch",
    "retry_plugin",
    "rollback_plugin",
    "save_preset",
    "serve_worker",
    "settle",
    "stop_events",
]

_Item = TypeVar("_Item", covariant=True)
_Path: TypeAlias = str | PathLike[str]
_Rate: TypeAlias = Fraction | float | str | tuple[int, int] | Sequence[int]
_Vec3: TypeAlias = tuple[float, float, float]
_Color: TypeAlias = tuple[float, float, float, float]
_Window: TypeAlias = tuple[int, int, int, int]
_Transfer: TypeAlias = Literal["linear", "srgb"]
_Alpha: TypeAlias = Literal["premultiplied", "straight"]
_T = TypeVar("_T")
_BlendMode: TypeAlias = Literal[
    "normal",
    "add",
    "subtract",
    "multiply",
    "screen",
    "overlay",
    "divide",
    "difference",
    "darken",
    "lighten",
    "color_dodge",
    "color_burn",
    "hard_light",
    "soft_light",
    "exclusion",
    "hue",
    "saturation",
    "color",
    "luminosity",
    "in",
    "out",
    "atop",
    "xor",
    "under",
    "stencil",
    "copy",
]
_Filter: TypeAlias = Literal["impulse", "bilinear", "cubic", "mitchell", "lanczos3"]
_Alignment: TypeAlias = Literal["left", "center", "right", "justified"]
_Interp: TypeAlias = Literal["hold", "linear", "bezier"]
_Handle: TypeAlias = tuple[float, float | Sequence[float] | NDArray[Any]]
_Tonemap: TypeAlias = Literal["clamp", "reinhard", "aces", "filmic"]
_Metric: TypeAlias = Literal["max", "mean", "rms", "psnr", "ssim", "flip", "hdr_flip"]
_TiffCompression: TypeAlias = Literal["none", "lzw", "deflate", "packbits"]
_Compression: TypeAlias = Literal["none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab"]

@type_check_only
class _AttrSchema(TypedDict):
    type: Literal["bool", "int", "float", "string", "vec2", "vec3", "vec4", "color", "choice", "uuid", "list", "map"]
    default: Any
    range: tuple[float, float] | None
    unit: str
    doc: str
    choices: list[str]
    affects_pixels: bool
    keyable: bool
    read_only: bool

@type_check_only
class _Painted(TypedDict):
    input: int
    blend_mode: _BlendMode
    opacity: float
    matte: NotRequired[int]

@type_check_only
class _GraphNode(TypedDict):
    id: int
    kind: Literal["nothing", "file", "memory", "fill", "text", "reduce", "effect", "colour", "place", "mean", "comp"]
    label: str
    key: str
    domain: list[int]
    canvas: list[int]
    opaque: bool
    making: Literal["fused", "output", "source", "wide", "sampled", "shared", "kept", "deep", "unread"]
    inputs: list[int]
    layers: NotRequired[list[_Painted]]

@type_check_only
class _Graph(TypedDict):
    comp: str
    frame: int
    nodes: list[_GraphNode]

_Outcome: TypeAlias = Literal["made", "skipped", "failed"]

@type_check_only
class _FileOptions(TypedDict, total=False):
    compression: str
    zip_level: int
    dwa_level: float
    dtype: Literal["half", "float"]
    depth: int
    alpha: bool
    quality: int
    filling: str
    endian: str
    colour_space: str
    tonemap: str
    proxy: int

@type_check_only
class _FileOutput(_FileOptions):
    path: str | PathLike[str]

@type_check_only
class _SinkOutput(TypedDict):
    sink: Callable[[int, Frame], object]
    proxy: NotRequired[int]

_Output: TypeAlias = str | PathLike[str] | Callable[[int, Frame], object] | _FileOutput | _SinkOutput

@type_check_only
class _Found(TypedDict):
    hits: int
    misses: int

@type_check_only
class _FileReport(TypedDict):
    path: str
    outcome: _Outcome
    bytes: int | None
    seconds: float
    message: str | None

@type_check_only
class _Seconds(TypedDict):
    total: float
    check: float
    wait: float
    decode: float
    composite: float
    encode: float

@type_check_only
class _FrameReport(TypedDict):
    frame: int
    outcome: _Outcome
    error: str | None
    outputs: list[_FileReport]
    seconds: _Seconds
    cache: _Found

@type_check_only
class _Totals(TypedDict):
    frames: int
    made: int
    skipped: int
    failed: int
    not_rendered: int
    interrupted: bool
    bytes: int
    seconds: float
    cache: _Found

@type_check_only
class _MovieReport(TypedDict):
    path: str
    frames: int
    bytes: int | None
    error: str | None

@type_check_only
class _Report(TypedDict):
    outputs: list[str]
    frames: list[_FrameReport]
    movies: list[_MovieReport]
    totals: _Totals

__version__: str
"""Version of the compiled half, the same as that of the distribution `playa-py`."""

@disjoint_base
class Node:
    """Something of a project that has attributes. A handle: it stays valid while the project changes, and raises
    `NodeRemovedError` once what it stands for was removed. Handles of the same thing are equal.

    `node.opacity`, `node["opacity"]` and `node.get_attr("opacity")` agree, and so do the ways to set it. A name or a
    value that does not fit raises `AttrNameError`, `AttrTypeError`, `AttrValueError` or `AttrReadOnlyError`, which say
    what does.
    """

    @property
    def attrs(self) -> Attrs:
        """All attributes as a mapping, with their schema."""

    def get_attr(self, name: str) -> Any:
        """The constant value of an attribute, whether it has keys or not."""

    def set_attr(self, name: str, value: Any) -> None:
        """Sets an attribute to a constant; its keys are removed. Setting an equal value changes nothing."""

    def set_key(
        self,
        name: str,
        frame: float,
        value: Any,
        interp: _Interp = "linear",
        *,
        incoming: _Handle | None = None,
        outgoing: _Handle | None = None,
    ) -> None:
        """Sets a key of an attribute: its value at a comp frame, in place of a key on the same frame. Only attributes
        that `schema()` calls keyable take keys.

        `interp` says how the value goes from there to the next key: `hold` stays, `linear` is a straight line, `bezier`
        a curve. Before the first key and after the last the value stays. `incoming` and `outgoing` are the ends of
        Bezier curves at this key, `(frames, offset)` from it, such as `(8, 0.5)`, or `(-8, (10, 0, 0))` for a position.
        Without them they are smooth: flat at extremes, at the ends and beside a hold.

        Raises AttrNameError, AttrTypeError or AttrValueError.
        """

    def remove_key(self, name: str, frame: float) -> bool:
        """Removes the key of an attribute on a frame. With its last key the attribute has its constant value again. Tells
        whether there was one.
        """

    def keys(self, name: str) -> list[Key]:
        """The keys of an attribute, in the order of their frames."""

    def value_at(self, name: str, frame: float) -> Any:
        """The value of an attribute at a comp frame, which need not be whole: that of its keys, or the constant one."""

    def __getitem__(self, name: str, /) -> Any: ...
    def __setitem__(self, name: str, value: Any, /) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Attrs:
    """The attributes of a project, comp, layer, camera, solid, text or media as a mapping from name to value. Live: it
    always shows what is set now. `schema()` says what each one is.
    """

    def keys(self) -> list[str]:
        """The names, in the order of the schema."""

    def values(self) -> list[Any]:
        """The values, in the order of the names."""

    def items(self) -> list[tuple[str, Any]]:
        """Pairs of name and value."""

    def get(self, name: str, default: Any = None) -> Any:
        """The value of an attribute, or `default` if the node has none of that name."""

    @overload
    def update(self, values: Mapping[str, Any] | Attrs | None = None, /, **named: Any) -> None:
        """Sets several attributes as one step, all or none of them: from what a dict can be made of, from keyword
        arguments, or both.
        """

    @overload
    def update(self, values: Iterable[tuple[str, Any]], /, **named: Any) -> None: ...
    def schema(self) -> dict[str, _AttrSchema]:
        """What each attribute is: a dict from name to a dict with `type`, `default`, `range`, `unit`, `doc`, `choices`,
        `affects_pixels`, `keyable` and `read_only`.
        """

    def __len__(self) -> int: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __getitem__(self, name: str, /) -> Any: ...
    def __setitem__(self, name: str, value: Any, /) -> None: ...

@final
class Project(Node):
    """A project: comps of layers over media. Everything in it is reached through it, and it is what is saved."""

    name: str
    """What people call it."""
    @property
    def colour_config(self) -> str:
        """The OpenColorIO config whose spaces, displays, views and looks there are: the path of an .ocio or .ocioz file, a
        built-in one such as ocio://cg-config-v4.0.0_aces-v2.0_ocio-v2.5, or $OCIO for the one that this variable of the
        environment names; empty for the built-in spaces alone, as None sets it."""

    @colour_config.setter
    def colour_config(self, value: _Path | None) -> None: ...

    working_space: str
    """The colour space in which layers are composited: one whose numbers are light, such as linear (primaries of Rec.709) or
    acescg."""
    white_adaptation: Literal["known", "bradford", "none"]
    """Whether the white of a file becomes that of the working space."""
    @property
    def colour_rules(self) -> tuple[tuple[str, str], ...]:
        """What files are taken for: pairs of a pattern of paths and a colour space, of which the first that fits counts."""

    @colour_rules.setter
    def colour_rules(self, value: Sequence[Sequence[str]]) -> None: ...

    def __new__(cls, name: str = "") -> Self: ...
    @classmethod
    def load(cls, path: _Path, *, strict: bool = False) -> Project:
        """Opens a project file: `NAME.playa`, the text of `to_json` in a file, or a project of the original Playa. What can
        be opened but may not render as meant (unknown keys and effects, missing media, what of an original project cannot
        be kept) is warned of and listed in `diagnostics`; with `strict` it is an error.

        Raises ProjectNotFoundError, or ProjectFileError, which names the line.
        """

    @classmethod
    def from_json(cls, text: str, *, strict: bool = False) -> Project:
        """Opens a project from the text that `to_json` gave."""

    def save(self, path: _Path, *, memory: Literal["write", "refuse"] = "write") -> None:
        """Writes the project to a file `NAME.playa`, whole or not at all. Layers that show arrays or frames from memory:
        `memory="write"` writes those as EXR beside the project, `memory="refuse"` refuses to save.
        """

    def to_json(self) -> str:
        """The project as JSON text, with the same content as its file."""

    def add_comp(
        self,
        name: str,
        *,
        width: int = 1920,
        height: int = 1080,
        fps: _Rate = 24,
        in_: int = 0,
        out: int = ...,
        trim_in: int = 0,
        trim_out: int = 0,
        auto_bounds: bool = True,
        shutter_angle: float = 180,
        shutter_phase: float = -90,
        motion_samples: int = 16,
    ) -> Comp:
        """Adds a comp. Keyword arguments are attributes: `width`, `height`, `fps`, ..."""

    def get_comp(self, name: str) -> Comp:
        """The comp of this name or identity. Raises NodeNotFoundError."""

    @property
    def comps(self) -> list[Comp]:
        """The comps, in the order in which they were added."""

    def add_media(self, path: _Path) -> FileNode:
        """Adds a file or a sequence, such as `shot.####.exr`, without a layer. The same path again is the same media.

        Raises MediaNotFoundError or MediaError.
        """

    @property
    def media(self) -> list[FileNode]:
        """The media, in the order in which they were added."""

    def add_camera(
        self,
        name: str,
        *,
        projection_type: Literal["perspective", "orthographic"] = "perspective",
        fov: float = 39.6,
        near_clip: float = 1,
        far_clip: float = 10_000,
        ortho_scale: float = 1,
        use_poi: bool = False,
        point_of_interest: Sequence[float] | NDArray[Any] = ...,
    ) -> Camera:
        """Adds a camera. A comp is looked at through it once a layer shows it. Keyword arguments are attributes: `fov`,
        `projection_type`, ...
        """

    @property
    def cameras(self) -> list[Camera]:
        """The cameras, in the order in which they were added."""

    def add_solid(
        self, name: str, *, color: Sequence[float] | NDArray[Any] = (0, 0, 0, 1), width: int = 0, height: int = 0
    ) -> Solid:
        """Adds a solid, a colour over a rectangle, for layers to show. Keyword arguments are attributes: `color`,
        `width`, `height`.
        """

    @property
    def solids(self) -> list[Solid]:
        """The solids, in the order in which they were added."""

    def add_text(
        self,
        text: str,
        *,
        name: str = ...,
        font: _Path = "",
        font_size: float = 72,
        color: Sequence[float] | NDArray[Any] = (1, 1, 1, 1),
        alignment: _Alignment = "left",
        line_height: float = 1.2,
        bg_color: Sequence[float] | NDArray[Any] = (0, 0, 0, 0),
        width: int = 0,
        height: int = 0,
    ) -> Text:
        """Adds a text for layers to show, called by its first line unless `name` says otherwise. Keyword arguments are
        attributes: `font`, `font_size`, ...

        Raises AttrValueError where there is no such font, with the nearest name.
        """

    @property
    def texts(self) -> list[Text]:
        """The texts, in the order in which they were added."""

    def remove(self, node: Comp | FileNode | Camera | Solid | Text | Layer) -> None:
        """Removes a comp, media, camera, solid or text that no layer shows, or a layer that is no matte.

        Raises NodeInUseError, which names the layers.
        """

    def edit(self, name: str) -> Edit:
        """Edits that are one step and one set of events: all that is edited within `with project.edit("name"):`. An
        exception that leaves it puts everything back as it was.

        One within another joins it: the step has the name of the outermost, and is made when the last one ends. An
        exception that leaves the inner one puts back what was there when that began. The project does not know threads:
        what others edit meanwhile joins too, and is put back with the rest. Edits that change nothing are no step.
        """

    def undo(self) -> str | None:
        """Takes back the last step, and returns its name; `None` where there is none. Everything is as it was, to the
        bit, and handles of what was removed work again. Each edit that changes something is a step, 1000 are kept.

        Raises HistoryError within `edit`.
        """

    def redo(self) -> str | None:
        """Does the last step that was undone again, and returns its name; `None` where there is none, or something was
        edited since.

        Raises HistoryError within `edit`.
        """

    @property
    def undo_steps(self) -> list[str]:
        """Names of the steps that can be undone, the next one last."""

    @property
    def redo_steps(self) -> list[str]:
        """Names of the steps that can be redone, the next one first."""

    def clear_history(self) -> None:
        """Forgets all steps, and with them what only they keep in memory, such as frames and arrays that removed layers
        show.
        """

    @property
    def events(self) -> EventBus:
        """Where it tells what changed, after each edit, undo and redo. See `EventBus`."""

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What was noticed while it was loaded and edited."""

@final
class Edit:
    """What `Project.edit` returns, for `with`."""

    def __enter__(self) -> Self: ...
    def __exit__(self, exception: object, _value: object, _traceback: object) -> Literal[False]: ...

@final
class Event:
    """Something that happened: a `name`, and what it says about it as attributes, such as `event.node`. Nodes are
    handles, lists are tuples, and frames are `(first, last)`.
    """

    @property
    def name(self) -> str:
        """What happened, such as `attrs_changed`."""

    @property
    def payload(self) -> dict[str, Any]:
        """All that it says, by name."""

    @type_check_only
    def __getattr__(self, name: str, /) -> Any: ...

@final
class EventBus:
    """Where events are emitted and subscribed to. Each project has one, `project.events`; `playa_py.events` is that of
    the process, for plugins and the cache; and a program may make its own.

    After each edit, undo and redo, a project tells what differs, each thing once and in this order:

    - `attrs_changed`: `node`, a handle, and `names` of attributes that have another value or other keys. Of an effect,
      its parameters, `enabled` and `mix`; `effects` of a layer are which there are, and in which order.
    - `media_changed`, `cameras_changed`, `solids_changed`, `texts_changed`, `comps_changed`: handles `added` and `removed`.
    - `layers_changed`: what the layers of `comp` show may have changed within `frames`, also in what they show.
    - `project_changed`: `cause` is `edit`, `undo`, `redo`, or `plugins` when effects were loaded anew, and `step` its name.

    The bus of the process tells what happens to plugin files, each with its `path`:

    - `plugin_loaded`: ids of its `effects`, `generation`, and `seconds` from reading it to its use.
    - `plugin_reloaded`: the same, and what becomes of parameters, as `effect id.name`: `kept`, `converted`, `lost`, and
      `renamed` by effect. `gone` are effects that it has no more.
    - `plugin_failed`: `error`, in one line. What was in use of the file goes on.
    - `plugin_quarantined`: `hash` and `reason`, in one line. What was in use of the file goes on.
    - `plugin_removed`: `effects` that are missing now.

    And it tells of the cache, 0.1 seconds after the first change with all that came until then, so ten times a second at
    most:

    - `cache_changed`: so many pictures were `added` and `removed`, and so many `entries` of so many `bytes` are kept now.
      A project tells the same of its own comps: `comps`, those for which pictures were made that came or went, and how
      many were `added` and `removed`. Pictures that two comps share are of the one that had them made.

    A player tells `frame_changed`: `comp`, and its frame: `old` and `frame`. Other names are free for those who emit
    them.
    """

    def __new__(cls) -> Self: ...
    def subscribe(self, name: str, callback: Callable[[Event], object]) -> Subscription:
        """Calls `callback` with each event of this name from now on, `"*"` for all.

        All callbacks of the process run on one thread of their own, one after the other, with nothing locked: they may
        edit, render, subscribe and unsubscribe. Those of one event run in the order in which they subscribed. An
        exception is logged to `playa_py`, and the others run. At most 1000 events wait for a callback: of one more the
        older half is dropped, and it is called with an `events_lost` event that says their `count`. When the program
        ends, what waits is dropped.

        The bus refers to the callback, and the subscription lasts until it is closed, or as long as the bus: keeping
        what is returned is not needed. A callback that refers to a project keeps it until then. A name that is almost one of Playa's warns with EventNameWarning; one that is none
        raises EventNameError.
        """

    def emit(self, name: str, /, **payload: Any) -> None:
        """Emits an event. Keyword arguments are what it says. Returns at once: callbacks are called later. Raises
        EventNameError.
        """

    def listen(self, *names: str, timeout: float | None = None) -> Listener:
        """The events of these names from now on, all without any, to iterate over with `for` or `async for`. Iteration
        ends when the listener is closed, or no event came within `timeout` seconds.
        """

    def flush(self, timeout: float | None = None) -> bool:
        """Waits until the callbacks for all events emitted so far are done, those of other buses too. Tells whether they
        were before `timeout` seconds were over. Raises RuntimeError within a callback, which would wait for itself.
        """

@final
class Subscription:
    """A callback that is called with events, until it is closed. Leaving `with` closes it."""

    @property
    def closed(self) -> bool:
        """Whether it was closed."""

    def close(self) -> None:
        """Ends it: no call begins any more, also of events that were emitted before. One that runs goes on to its
        end.
        """

    def unsubscribe(self) -> None:
        """The same as `close`."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class EventQueue:
    """The events that wait for a `Listener`."""

    def next(self, timeout: float | None = None) -> Event | None:
        """Waits for the next event, for so many seconds at most. `None` when it is closed or the time is over."""

    def poll(self) -> tuple[Event | None, bool]:
        """The next event, or `None`, and whether it is closed. Does not wait."""

    def on_next(self, wake: Callable[[], object]) -> None:
        """Calls `wake` once on the dispatcher thread, when there is an event or it is closed."""

    def close(self) -> None:
        """Ends it: nothing comes any more, and who waits goes on."""

@final
class Diagnostic:
    """Something worth knowing about a project that was loaded all the same."""

    @property
    def severity(self) -> Literal["warning", "error"]:
        """`warning`: it renders, perhaps not as meant. `error`: some frames will not render."""

    @property
    def path(self) -> Path | None:
        """The project's file."""

    @property
    def line(self) -> int | None:
        """The line in that file, from 1."""

    @property
    def message(self) -> str:
        """What was found, and what follows from it."""

@final
class Comp(Node):
    """Layers over a range of frames, in a frame of `width` x `height` pixels. `layers[0]` is the top one."""

    name: str
    """What people call it."""
    width: int
    """Width of the pictures, in pixels."""
    height: int
    """Height of the pictures, in pixels."""
    @property
    def fps(self) -> Fraction:
        """Frames per second: 24, 23.976, "24000/1001" or (24000, 1001)."""

    @fps.setter
    def fps(self, value: _Rate) -> None: ...

    in_: int
    """First frame. Setting it by hand turns `auto_bounds` off."""
    out: int
    """Last frame, included. Setting it by hand turns `auto_bounds` off."""
    trim_in: int
    """Frames at the start that are not part of the work area."""
    trim_out: int
    """Frames at the end that are not part of the work area."""
    auto_bounds: bool
    """Whether `in_` and `out` follow the visible layers whenever layers change."""
    shutter_angle: float
    """How long the shutter is open, for layers with `motion_blur`, in degrees; 360 is a whole frame."""
    shutter_phase: float
    """When the shutter opens, from the time of the frame, in degrees; 360 is a whole frame."""
    motion_samples: int
    """At how many times within the open shutter a moving layer is looked at."""

    @property
    def uuid(self) -> str:
        """Identity, the same for ever."""

    @property
    def in_frame(self) -> int:
        """First frame of the work area."""

    @property
    def out_frame(self) -> int:
        """Last frame of the work area, included."""

    @property
    def project(self) -> Project:
        """The project it belongs to."""

    @property
    def layers(self) -> list[Layer]:
        """The layers, the top one first."""

    def add_layer(
        self,
        source: _Path | FileNode | Comp | Camera | Solid | Text | Frame | NDArray[Any],
        /,
        *,
        index: SupportsIndex | None = None,
        name: str = ...,
        in_: int = ...,
        out: int = ...,
        src_len: int = ...,
        trim_in: float = 0,
        trim_out: float = 0,
        speed: float = 1,
        opacity: float = 1,
        visible: bool = True,
        solo: bool = False,
        mute: bool = False,
        blend_mode: _BlendMode = "normal",
        position: Sequence[float] | NDArray[Any] = ...,
        rotation: Sequence[float] | NDArray[Any] = ...,
        scale: Sequence[float] | NDArray[Any] = ...,
        pivot: Sequence[float] | NDArray[Any] = ...,
        filter: _Filter = "bilinear",
        motion_blur: bool = False,
        matte: Layer | str | None = None,
        channels: str = "",
        part: str | int = "",
        view: str = "",
        matte_channel: str = "alpha",
        matte_invert: bool = False,
    ) -> Layer:
        """Adds a layer, on top unless `index` says where in `layers` it comes to be.

        `source` is a path (a file, or a sequence such as `fg.####.exr`), media of the project, another comp, a camera, a
        solid, a text, a `Frame`, or an array of numpy, which is wrapped as by `Frame.from_numpy`. Keyword arguments are attributes.

        A camera stands where a layer of the comp's size at z = 0 fills the frame, unless `position` says where.

        Raises MediaNotFoundError, CycleError, PositionError or ArrayError, and ChannelNotFoundError where the file does not
        have the `channels` that it is to show.
        """

    def render(
        self,
        frame: SupportsIndex,
        *,
        region: Literal["display", "data"] | Sequence[int] | None = None,
        proxy: SupportsIndex = 1,
        skip_missing_effects: bool = False,
        skip_failing_effects: bool = False,
        cache: bool = True,
        timeout: float | None = None,
    ) -> Frame:
        """Renders a frame. Other Python threads run meanwhile, and Ctrl-C ends it.

        `region` is `"display"` (the comp's own frame), `"data"` (all that its layers reach, overscan included), or a
        rectangle `(x0, y0, x1, y1)`, the last two exclusive. An effect that is not loaded is an error, or passed over
        with `skip_missing_effects`. With `skip_failing_effects`, the layer of an effect that fails is shown without it; that
        is a warning in the log, and `metadata["playa:passedOver"]` of the frame lists the errors. With `cache=False` nothing
        is used that was made before, and nothing is kept; the pixels are the same.

        With a `timeout`, a frame that takes more seconds ends with RenderTimeoutError, and leaves nothing. Time and Ctrl-C
        are heard within a tenth of a second, whatever goes on; a file or an effect that does not look up then goes on
        alone until it does, and nobody gets to see what it made.

        Raises RenderError, EffectError, MissingEffectError or MemoryLimitError, with comp or layer and frame.
        """

    def render_async(
        self,
        frame: SupportsIndex,
        *,
        region: Literal["display", "data"] | Sequence[int] | None = None,
        proxy: SupportsIndex = 1,
        skip_missing_effects: bool = False,
        skip_failing_effects: bool = False,
        cache: bool = True,
        timeout: float | None = None,
    ) -> RenderFuture:
        """Begins to render a frame and returns at once: `comp.render_async(12).result()`, or in asyncio
        `await comp.render_async(12)`. The project is as it is now, whatever is edited meanwhile. The arguments are those of
        `render`; the time of `timeout` begins with the render.

        As many are rendered at once as `render_range` has workers; the others wait in a line that may be long, and costs
        little. Frames that are done and not dropped take memory, though: for many frames, take `render_range(...).futures()`
        or wait for some before asking for more.

        What is not done when the interpreter ends is cancelled.
        """

    @overload
    def render_range(
        self,
        frames: str | Iterable[SupportsIndex] | None = None,
        *,
        on_error: Literal["raise"] = "raise",
        workers: SupportsIndex | None = None,
        progress: Callable[[int, int, int], object] | None = None,
        timeout: float | None = None,
        region: Literal["display", "data"] | Sequence[int] | None = None,
        proxy: SupportsIndex = 1,
        skip_missing_effects: bool = False,
        skip_failing_effects: bool = False,
        cache: bool = True,
    ) -> RenderRange[Frame]:
        """Renders many frames: an iterator of `(number, Frame)`, while the next ones are rendered. The project is as it is
        now, whatever is edited meanwhile.

        `frames` are whole numbers, in the order in which they shall come, or a text such as `"1-100x2"`; else the work
        area of the comp. At most `workers` frames, 1 to 256, are in the making or wait to be taken: one more than there
        are cores unless told otherwise, 4 at most. Each takes memory of its own. The other arguments are those of
        `render`.

        The error of a frame, one of those of `render`, is raised in its place; the next call gives the next frame. With
        `on_error="collect"` it stands in its place, `(number, exception)`, so that a `for` loop goes on.

        `progress(done, total, number)` is called for each frame that comes by iteration, just before, on the thread that
        iterates; what it raises comes out there, in place of the frame. `timeout` holds for each frame by itself, from its
        beginning, and includes what it waits for memory.

        Ctrl-C stops the work, and so does `close()`, the end of a `with` block, or to drop the iterator. Raises
        AttrValueError or AttrTypeError for frames that are none.
        """

    @overload
    def render_range(
        self,
        frames: str | Iterable[SupportsIndex] | None = None,
        *,
        on_error: Literal["collect"],
        workers: SupportsIndex | None = None,
        progress: Callable[[int, int, int], object] | None = None,
        timeout: float | None = None,
        region: Literal["display", "data"] | Sequence[int] | None = None,
        proxy: SupportsIndex = 1,
        skip_missing_effects: bool = False,
        skip_failing_effects: bool = False,
        cache: bool = True,
    ) -> RenderRange[Frame | PlayaError]: ...

    def write(
        self,
        outputs: _Output | list[_Output] | tuple[_Output, ...],
        frames: str | Iterable[SupportsIndex] | None = None,
        *,
        existing: Literal["overwrite", "skip", "error"] = "overwrite",
        on_error: Literal["raise", "collect"] = "raise",
        workers: SupportsIndex | None = None,
        progress: Callable[[int, int, int], object] | None = None,
        timeout: float | None = None,
        region: Literal["display", "data"] | Sequence[int] | None = None,
        proxy: SupportsIndex = 1,
        skip_missing_effects: bool = False,
        skip_failing_effects: bool = False,
        cache: bool = True,
    ) -> _Report:
        """Writes many frames to files and returns a report when all are done: what `playa render` does, by the same code. The
        project is as it is now, whatever is edited meanwhile.

        An output is a path with a place for the frame number, `"out/shot.####.exr"`; a dict of such a `path` and options,
        which are those of `Frame.save`, and `tonemap` and `proxy`; the path of a movie, `"out/shot.mp4"`, whose options are those
        of `playa_py.video.MovieWriter` and `proxy`; or a function, or a dict of it as `sink` and a `proxy`,
        which is called as `sink(number, frame)` for each frame in their order, on this thread. Of a list
        of them, all are made of one composite. EXR is written in floats, unless a `dtype` says otherwise. A `proxy` of 2, 4 or 8 makes
        each pixel the mean of so many by so many.

        Each file is there whole or not at all. `existing` says what becomes of files that are there: with `"skip"` those stay
        that are good, which is to say that all of their pixels can be read, that they are as large as the frame, and that
        they are of the same content, where they say so (`playa:hash`). With `"error"` nothing is begun if there are any. What a
        killed render left unfinished in the folders is removed. Movies are made anew in any case, of all frames, and are not
        there if one of these fails.

        The first error of a frame is raised and ends the work, or stands in the report with `on_error="collect"`, where the
        others go on. What a function raises ends it too. `frames`, `workers`, `timeout` and the rest are those of
        `render_range`; `progress(done, total, number)` is called after each frame. Ctrl-C ends the work, and leaves whole files.

        The report is a dict, the document that `playa render --report` writes: `outputs` (the paths that were asked for),
        `frames`, `movies` (`path`, `frames`, `bytes` and `error` of each) and `totals`. A frame has its number `frame`, an `outcome` (`"made"`, `"skipped"`, `"failed"`), an `error` or
        None, `outputs` with `path`, `outcome`, `bytes`, `seconds` and `message` of each file, `seconds` (`total`, `check`, `wait`,
        `decode`, `composite`, `encode`), and `cache` (`hits`, `misses`).

        Raises AttrValueError for outputs that cannot be written, before anything is, MediaError for a file that could not be,
        and the errors of `render`.
        """

    def graph(self, frame: SupportsIndex, *, skip_missing_effects: bool = False) -> _Graph:
        """What a frame is made of, and how: a dict with `comp`, `frame` and `nodes`, a list of pictures, the inputs of
        each before it, the comp the last. Reads headers of files, and makes no pixels.

        Of a picture, `id` is its place in the list, `kind` what it is (`mean` is motion blur), `label` that for people,
        `key` its content: the same key means the same pixels. `domain` is where it has pixels and `canvas` the frame that
        it is meant to fill, `[x0, y0, x1, y1]` with the last two exclusive. `opaque` says whether all its alpha is known
        to be 1. `inputs` are the pictures it is made of. `making` is `fused` where it is made tile by tile within what
        reads it; else it is made whole, for the reason it says. A comp has `layers`, the lowest first.

        Raises RenderError or MissingEffectError for what is known without pixels.
        """

@final
class RenderRange(Generic[_Item]):
    """The frames that `Comp.render_range` renders, in order, each as `(number, Frame)`. As a context manager it stops
    the work at the end of the block.
    """

    def __iter__(self) -> Self: ...
    def __next__(self) -> tuple[int, _Item]: ...
    def __class_getitem__(cls, item: Any) -> GenericAlias: ...
    def __len__(self) -> int:
        """How many frames it was asked for, those included that came already."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
    def futures(self) -> RenderFutures:
        """The frames that did not come yet as an iterator of `RenderFuture`s, in order. It never waits, so it may be used
        in an event loop: `for future in comp.render_range().futures(): frame = await future`.

        As without it, at most `workers` frames are in the making or done and not handed to a future, and they are done in
        order. A frame that is cancelled is not made, or stopped; the others go on. Errors are those of the futures,
        whatever `on_error` says, and `progress` is not called. From now on the range itself gives no frames.
        """

    def close(self) -> None:
        """Stops rendering: nothing comes any more. Does not wait for the work to end, which it does at the next tile."""

@final
class Cache:
    """The pictures that renders made and the next ones can use: files, layers with their effects, comps. One for the
    process, `playa_py.cache`, shared by all projects.

    A picture is found by all that it depends on: an edit makes another picture, and taking it back finds the old one.
    """

    budget: int
    """How many bytes are kept at most, 0 for none; pictures of renders that are going on count too. What is beyond it goes
    at once. At first half of the memory that is free. `memory.limit` may ask for less.
    """
    strategy: Literal["all", "last_only"]
    """Which pictures are kept as long as there is room: `"all"`, or of each layer's file, each of its effects, and each
    comp the one that was used last. The latter is enough to work on one frame, and nothing piles up while frames go by;
    set, it drops the others at once.
    """
    identity: Literal["facts", "content"]
    """How files are told from others, so that one that is written again is another picture: `"facts"`, by path, length, time
    of the last change and, on Unix, inode; or `"content"`, by a hash of all their bytes (BLAKE3), which are read whenever a
    frame is made of them. The latter is for storage that tells wrong times, and takes copies for one picture.
    """

    def stats(self) -> CacheStats:
        """What it holds and what it was good for."""

    def report(self) -> CacheReport:
        """The pictures that are kept, the largest first: a list that shows itself as a table, in notebooks too."""

    def clear(self) -> None:
        """Drops all pictures. The counts go on."""

cache: Cache
"""The pictures that renders made and the next ones can use."""

@final
class Memory:
    """The memory that pixels take in this process: pictures in the making, frames that were handed out and are still there,
    what the cache keeps, what pools keep for the next pictures, and scratch memory of effects. Arrays that were wrapped
    as frames are their owner's and do not count.
    """

    limit: int
    """How many bytes they take together at most: three quarters of the memory that was free when it was first asked for,
    within the limits of the control group, unless set.

    A frame that does not fit has the cache give up pictures, then waits for frames that are in the making, and if that
    does not help ends with MemoryLimitError, which says what is needed and what has the memory. A frame tells before it
    begins what it will take, so those that wait hold nothing. Reading a file outside of renders, as `Frame.load`, counts
    and is not refused. What does not count, such as the interpreter, buffers of files being read and tiles, is some ten
    MiB for each thread.
    """

    def stats(self) -> MemoryStats:
        """What takes memory now."""

memory: Memory
"""The memory that pixels take in this process."""

@final
class RenderTask:
    """The render of a `RenderFuture`, for that."""

    def begun(self) -> bool:
        """Whether it has begun."""

    def stop(self) -> None:
        """Asks it to stop."""

@final
class RenderFutures:
    """The frames of a `RenderRange` as futures, in order."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> RenderFuture: ...
    def __length_hint__(self) -> int: ...

@final
class Profile:
    """Takes notes of where the time goes of what this thread renders and saves within a `with` block:

        with playa.Profile() as profile:
            comp.render(0)
        print(profile)

    It can be entered again, and goes on then. Within another one it takes the notes instead of that.
    """

    def __new__(cls) -> Self: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
    def rows(self) -> list[ProfileRow]:
        """A row for each thing and kind of work, the longest first."""

    def save(self, path: _Path) -> None:
        """Writes every piece of work, with begin, end and thread, as a JSON trace for Perfetto or Chrome's
        `about:tracing`, whole or not at all. Raises MediaError where the system refuses.
        """

@final
class Player:
    """Plays a comp: a current frame that follows an exact clock on a thread of its own, and pictures that are rendered
    ahead of it on another. Frames are never late: where rendering is too slow, they pass without their pictures. Edits
    of the project show from then on.

    It tells on its own bus, `events`: `player_opened` (`comp`), `frame_changed` (`comp`, `old`, `frame`),
    `playing_changed` (`playing`), `picture_ready` (`frame`) and `picture_failed` (`frame`, `message`).

        player = playa.Player(project)
        player.subscribe("picture_ready", lambda event: print(event.frame))
        player.play()
    """

    def __new__(cls, source: Project | Comp | None = None) -> Self: ...
    def open(self, source: Project | Comp, comp: str | None = None) -> None:
        """Opens a comp, or a comp of a project: the one of this name or identity, else its first one. It is paused at
        the first frame of its work area.

        Raises NodeNotFoundError or NodeRemovedError.
        """

    def close(self) -> None:
        """Closes what is open, as leaving a `with` block does. A comp that is removed from its project closes too."""

    @property
    def comp(self) -> Comp | None:
        """The comp that is open."""

    def play(self) -> None:
        """Plays on from the current frame; if it does not loop and is at the end, from the start."""

    def pause(self) -> None:
        """Stays at the current frame."""

    def stop(self) -> None:
        """Pauses, and takes back what jogging changed: speed and direction. The frame stays."""

    def toggle(self) -> None:
        """Pauses if it plays, plays if it does not."""

    def step(self, frames: SupportsIndex = 1) -> None:
        """Pauses, and goes so many frames on, or back if negative: around the range if it loops, else to its end."""

    def jog(self, direction: Literal[1, -1] = 1) -> None:
        """Plays forward or backward at `fps`; if it already plays in that direction, faster with each call: at the next of
        1, 2, 4, 8, 12, 24, 30, 60, 120, 240, 360, 480, 600, 720, 960 frames per second.
        """

    def seek(self, frame: SupportsIndex) -> None:
        """Goes to a frame, or the end of the range that is nearer to it, and plays on if it played."""

    @property
    def frame(self) -> int:
        """The current frame. Setting it is `seek`."""

    @frame.setter
    def frame(self, value: SupportsIndex) -> None: ...
    @property
    def playing(self) -> bool:
        """Whether it plays."""

    @property
    def direction(self) -> int:
        """1 where it plays, or played last, to higher frames, -1 to lower ones."""

    loop: bool
    """Whether the range is played again and again, as it is at first."""
    @property
    def fps(self) -> Fraction:
        """Frames per second that it plays: those of the comp until others are set."""

    @fps.setter
    def fps(self, value: _Rate) -> None: ...
    @property
    def speed(self) -> Fraction:
        """Frames per second of the moment: other than `fps` after jogging."""

    @property
    def range(self) -> tuple[int, int]:
        """First and last frame that are played, both included: the work area of the comp, as it is edited, until another
        range is set. `None` goes back to that.
        """

    @range.setter
    def range(self, value: tuple[int, int] | None) -> None: ...

    ahead: int
    """How many pictures are rendered ahead at most, 8 at first and 256 at most. Together they take 1 GiB at most, or are
    two."""

    def picture(self, timeout: float | None = None) -> tuple[int, Frame]:
        """The picture of the frame that is current now, with its number. Waits for it, `timeout` seconds at most; Ctrl-C
        ends that.

        Raises RenderTimeoutError, or what `Comp.render` raises.
        """

    @property
    def shown(self) -> tuple[int, Frame] | None:
        """The picture that was ready last when its frame was current, with its number. Does not wait."""

    @property
    def events(self) -> EventBus:
        """The bus on which it tells what happens."""

    def subscribe(self, name: str, callback: Callable[[Event], object]) -> Subscription:
        """Calls `callback` with each of its events of this name: `player.events.subscribe`."""

    def stats(self) -> PlayerStats:
        """How it fares since the comp was opened."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class Layer(Node):
    """A source in a comp, with its place in time and space and its effects."""

    name: str
    """What people call it."""
    in_: int
    """The comp frame at which the source starts, before trimming."""
    out: int
    """The last visible comp frame; setting it trims the layer."""
    src_len: int
    """Length of the source in source frames."""
    trim_in: float
    """Source frames hidden at the start; negative holds the first frame for longer."""
    trim_out: float
    """Source frames hidden at the end; negative holds the last frame for longer."""
    speed: float
    """Source frames per comp frame; negative plays backwards; 0.001 at least in magnitude."""
    opacity: float
    """How much of the layer is seen, 0..1."""
    visible: bool
    """Whether the layer is seen."""
    solo: bool
    """Hides the layers of the comp that are not solo."""
    mute: bool
    """Hides the layer."""
    blend_mode: _BlendMode
    """How its colours combine with what is below."""
    @property
    def position(self) -> _Vec3:
        """Where the pivot lies, in pixels; 0, 0, 0 is the comp's centre, +X right, +Y up."""

    @position.setter
    def position(self, value: Sequence[float] | NDArray[Any]) -> None: ...
    @property
    def rotation(self) -> _Vec3:
        """Turns about X, Y and Z in this order, in degrees, clockwise positive."""

    @rotation.setter
    def rotation(self, value: Sequence[float] | NDArray[Any]) -> None: ...
    @property
    def scale(self) -> _Vec3:
        """Factors of size; 1 is 100 %."""

    @scale.setter
    def scale(self, value: Sequence[float] | NDArray[Any]) -> None: ...
    @property
    def pivot(self) -> _Vec3:
        """The point about which it turns and scales, in pixels from the layer's centre."""

    @pivot.setter
    def pivot(self, value: Sequence[float] | NDArray[Any]) -> None: ...

    filter: _Filter
    """How pixels are sampled where it is not moved by whole pixels; all but impulse widen where it shrinks."""
    motion_blur: bool
    """Whether its moves blur it, by the shutter of the comp."""

    @property
    def matte(self) -> str:
        """The uuid of another layer of the comp, which says where this one is seen; empty for none. Takes the layer
        itself too, and `None`. A matte is usually hidden by `visible = False`, and still serves.
        """

    @matte.setter
    def matte(self, value: Layer | str | None) -> None: ...

    channels: str
    """What it shows of its file: a layer such as `"diffuse"` (or `"left.diffuse"`), a channel such as `"Z"`, which is grey,
    or two to four channels for red, green, blue and alpha such as `"N.x,N.y,N.z"`, the same as in `Frame.load`. Empty for
    the file's colour. A missing blue is 0, a missing alpha is 1. Setting what the file does not have raises
    ChannelNotFoundError, which lists what it has; where there is no file yet, rendering does. Depth, normals, motion and
    ids stay as they are, whatever `colour_space` the media have; ids and Cryptomatte are sampled by `"impulse"` and not
    blurred by motion.
    """
    @property
    def part(self) -> str:
        """The part of its file, by name or by its place from 0; empty for the first in which the channels are found, the
        main one before others.
        """

    @part.setter
    def part(self, value: str | int) -> None: ...

    view: str
    """The view of its file, such as `"left"`, the same as in `Frame.load`; empty for all channels by their whole names.
    `channels` and `part` then choose within that view. Raises ChannelNotFoundError, which lists the views, for another one.
    """

    matte_channel: str
    """What of the matte counts: `"alpha"`, `"luminance"` (by Rec.709), `"red"`, `"green"` or `"blue"` of what it shows, or a
    channel of its file by name, such as `"Z"` or `"mask.R"`, whose numbers stay as they are. Raises ChannelNotFoundError for
    one that the file does not have, and for ids, which are no amounts.
    """
    matte_invert: bool
    """Whether the layer is seen where the matte is not."""

    @property
    def uuid(self) -> str:
        """Identity, the same for ever."""

    @property
    def comp(self) -> Comp:
        """The comp it is in."""

    @property
    def source(self) -> FileNode | Comp | Camera | Solid | Text | Frame:
        """What it shows: a `FileNode`, a `Comp`, a `Camera`, a `Solid`, a `Text` or a `Frame`."""

    @property
    def effects(self) -> list[Effect]:
        """The effects, in the order in which they act."""

    def add_effect(
        self, effect: str | EffectType | EffectCall | EffectSpec | Effect | Callable[..., Any], /, **params: Any
    ) -> Effect:
        """Adds an effect behind those it has. `effect` is an id, a type name, an `EffectType`, an effect of
        `playa_py.effects` with or without its parameters, a function that `playa_py.effect` made one, or one of another
        layer, whose parameters are copied with their keys; keyword arguments are parameters.

        Raises EffectNotFoundError, ParamNameError, ParamTypeError or ParamError.
        """

    def remove(self) -> None:
        """Takes it out of its comp."""

    def move(self, index: SupportsIndex) -> None:
        """Moves it within its comp: `layers[index]` is where it is then, 0 is the top."""

@final
class Camera(Node):
    """A lens to look at comps through. A layer that shows it shows no pixels: its position and rotation are where the
    camera stands and which way it looks. Of the camera layers that are seen at a frame, the one nearest the top counts.
    """

    name: str
    """What people call it."""
    projection_type: Literal["perspective", "orthographic"]
    """How space becomes a picture."""
    fov: float
    """The angle between the upper and the lower edge of the picture, in perspective, in degrees."""
    near_clip: float
    """A layer that is nearer with all of its corners is not seen, in pixels."""
    far_clip: float
    """A layer that is farther away with all of its corners is not seen, in pixels; a long lens needs more."""
    ortho_scale: float
    """How large things look, if the camera is orthographic; 1 is 100 %."""
    use_poi: bool
    """Whether it looks at `point_of_interest`, instead of where its layer's rotation says."""
    @property
    def point_of_interest(self) -> _Vec3:
        """What it looks at if `use_poi` is true, in the space of its comp, in pixels."""

    @point_of_interest.setter
    def point_of_interest(self, value: Sequence[float] | NDArray[Any]) -> None: ...
    @property
    def uuid(self) -> str:
        """Identity, the same for ever."""

    @property
    def project(self) -> Project:
        """The project it belongs to."""

@final
class Solid(Node):
    """One colour over a rectangle, as the source of layers. It takes no memory: its pixels are made where they are read."""

    name: str
    """What people call it."""
    @property
    def color(self) -> _Color:
        """Its colour: red, green, blue and alpha, scene-linear and straight; alpha within 0..1. Three numbers are opaque.
        Takes keys, at frames of the comp that shows it.
        """

    @color.setter
    def color(self, value: Sequence[float] | NDArray[Any]) -> None: ...

    width: int
    """Its width, in pixels; 0 for that of the comp that shows it."""
    height: int
    """Its height, in pixels; 0 for that of the comp that shows it."""
    @property
    def uuid(self) -> str:
        """Identity, the same for ever."""

    @property
    def project(self) -> Project:
        """The project it belongs to."""

@final
class Text(Node):
    """A text, as the source of layers. It has the same pixels on every machine.

    Its picture is as large as its box, which a layer places by its centre; glyphs that hang over are not cut, unless it
    has a `height`. It is made at full size, in quarters of a pixel and without hinting, and then sampled by the layer's
    transform: a layer scaled up is soft, so set `font_size` instead. Glyphs that the font lacks come from DejaVu Sans and
    Noto Emoji; what no font has is a box. `text`, `font_size`, `color`, `line_height` and `bg_color` take keys, at frames
    of the comp that shows it.
    """

    name: str
    """What people call it."""
    text: str
    """What it says, at most 65 536 characters; `\\n` begins a line. Right-to-left text is set as Unicode says."""
    @property
    def font(self) -> str:
        """The font: a family, or the path of a .ttf, .otf, .ttc or .otc file; empty for DejaVu Sans, which is built in, as
        is Noto Emoji. A family that is not built in is looked for among the fonts of the system, and may look different
        elsewhere. A variable font is regular.
        """

    @font.setter
    def font(self, value: _Path) -> None: ...

    font_size: float
    """How large it is: pixels per em, 1..4096."""
    @property
    def color(self) -> _Color:
        """The colour of its glyphs: red, green, blue and alpha, scene-linear and straight. Glyphs with colours of their own
        keep them, and take the alpha.
        """

    @color.setter
    def color(self, value: Sequence[float] | NDArray[Any]) -> None: ...

    alignment: _Alignment
    """Where lines lie in the width. `justified` widens the spaces of wrapped lines."""
    line_height: float
    """From one baseline to the next, in font sizes, 0.1..100."""
    @property
    def bg_color(self) -> _Color:
        """The colour of its box: red, green, blue and alpha, scene-linear and straight."""

    @bg_color.setter
    def bg_color(self, value: Sequence[float] | NDArray[Any]) -> None: ...

    width: int
    """The width of its box, in pixels, at which lines wrap; 0 for that of the longest line, unwrapped, made even."""
    height: int
    """The height of its box, in pixels, beyond which nothing is shown; 0 for that of all lines, made even."""
    @property
    def uuid(self) -> str:
        """Identity, the same for ever."""

    @property
    def project(self) -> Project:
        """The project it belongs to."""

@final
class FileNode(Node):
    """A file or a sequence of files in a project. Several layers may show it."""

    name: str
    """What people call it."""
    missing_pixels: Literal["error", "black", "hold"]
    """What shows where an OpenEXR file that was not finished has no pixels: it is an error, 0 in all channels, or the pixels
    above.
    """
    missing: Literal["error", "black", "hold", "nearest"]
    """What shows in place of a file that the sequence lacks."""
    colour_space: str
    """What the file holds, or raw; empty for what the rules of the project or the file say."""
    @property
    def fps(self) -> Fraction:
        """Frames per second: 24, 23.976, "24000/1001" or (24000, 1001)."""

    @fps.setter
    def fps(self, value: _Rate) -> None: ...
    @property
    def path(self) -> str:
        """The file, or the sequence with its place for the frame number as the user wrote it."""

    @property
    def in_(self) -> int:
        """First frame on disk."""

    @property
    def out(self) -> int:
        """Last frame on disk."""

    @property
    def width(self) -> int:
        """Width of the display window, in pixels; 0 where unknown."""

    @property
    def height(self) -> int:
        """Height of the display window, in pixels; 0 where unknown."""

    @property
    def uuid(self) -> str:
        """Identity, the same for ever."""

    @property
    def project(self) -> Project:
        """The project it belongs to."""

    def refresh(self) -> bool:
        """Looks again which files there are on disk, by reading their folder once. Returns whether others are there now
        than at the last time, which is a step to undo. Where all are gone, their frames are missing. Raises MediaError
        where the folder cannot be read, or NodeRemovedError.
        """

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Ranges of frames that the sequence lacks, first and last included."""

@final
class EffectInputs:
    """The further inputs of an effect, by name, each a layer of its comp or `None`: `key.inputs["mask"] = layer`.

    What an effect reads is the layer after its own effects, in its own pixels and not in its place in the comp. A hidden
    layer serves as well. The first input is the picture of the layer that the effect is on, and not among these.

    Raises ParamNameError for a name that the effect does not have, ParamTypeError for what is no layer, ParamError for a
    layer that is none of the comp, or a camera, CycleError.
    """

    def __getitem__(self, key: str, /) -> Layer | None: ...
    def __setitem__(self, key: str, value: Layer | None, /) -> None: ...
    def __delitem__(self, key: str, /) -> None: ...
    def __len__(self) -> int: ...
    def __contains__(self, key: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def keys(self) -> list[str]:
        """The names of the inputs."""

    def values(self) -> list[Layer | None]:
        """The layers, in the order of the names."""

    def items(self) -> list[tuple[str, Layer | None]]:
        """The names with their layers."""

@final
class Effect:
    """An effect on a layer. Its parameters are attributes and items: `blur.radius = 8`, `blur["radius"]`.

    A parameter with the name of something below is an item only.
    """

    enabled: bool
    """Whether it acts."""
    mix: float
    """How much of its result is seen, 0..1; the rest is its input."""

    @property
    def id(self) -> str:
        """Identity of the effect, such as `org.playa.gaussian_blur`."""

    @property
    def name(self) -> str:
        """Type name, such as `GaussianBlur`; the id while its plugin is not loaded."""

    @property
    def version(self) -> str:
        """Version of the effect that it was made with."""

    @property
    def uuid(self) -> str:
        """Identity of this use of the effect."""

    @property
    def loaded(self) -> bool:
        """Whether its plugin is loaded."""

    @property
    def params(self) -> dict[str, Any]:
        """All parameters with their values."""

    def set_key(
        self,
        name: str,
        frame: float,
        value: Any,
        interp: _Interp = "linear",
        *,
        incoming: _Handle | None = None,
        outgoing: _Handle | None = None,
    ) -> None:
        """Sets a key of a parameter, or of `mix`: its value at a comp frame, in place of a key on the same frame. Values
        without any in between (bool, string, choice) only `hold`. See `Node.set_key`.

        Raises ParamNameError, ParamTypeError or ParamError.
        """

    def remove_key(self, name: str, frame: float) -> bool:
        """Removes the key of a parameter, or of `mix`, on a frame. With its last key it has its constant value again.
        Tells whether there was one.
        """

    def keys(self, name: str) -> list[Key]:
        """The keys of a parameter, or of `mix`, in the order of their frames."""

    def value_at(self, name: str, frame: float) -> Any:
        """The value of a parameter, or of `mix`, at a comp frame, which need not be whole."""

    @property
    def inputs(self) -> EffectInputs:
        """The layers that it reads beside its own, by the names of its further inputs."""

    def presets(self) -> list[Preset]:
        """Its presets: those of `PLAYA_PRESET_PATH`, the user's, and those of the bundle that it comes from."""

    def apply_preset(self, preset: _Path | Preset) -> list[str]:
        """Sets its parameters to the values of a preset, given by its name, its file or itself, in one step. Others stay as
        they are, keys of those that are set are removed.

        Returns what was left out, and why: a preset of another version of the effect may have values that do not fit.
        Raises PresetError.
        """

    def save_preset(
        self, name: str, *, about: str = "", folder: _Path | None = None, replace: bool = False
    ) -> Path:
        """Saves the values of its parameters that have no keys as a preset, into the user's folder unless another one is
        named. Returns the file. Raises PresetError, also where it is there already and not to be replaced.
        """

    def remove(self) -> None:
        """Takes it off its layer."""

    def move(self, index: SupportsIndex) -> None:
        """Moves it within its layer: `effects[index]` is where it is then, 0 acts first."""

    @type_check_only
    def __getattr__(self, name: str, /) -> Any: ...
    def __setattr__(self, name: str, value: Any, /) -> None: ...
    def __getitem__(self, name: str, /) -> Any: ...
    def __setitem__(self, name: str, value: Any, /) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Frame:
    """A picture: float32 RGBA, premultiplied, scene-linear, over a data window, with a display window, metadata, and the
    other channels of its file. Immutable; arrays made of it keep it alive. Equal only to itself: compare pixels as
    arrays.

    `np.asarray(frame)`, `memoryview(frame)` and `np.from_dlpack(frame)` share its pixels, read-only. A frame can be
    pickled; with protocol 5 its pixels may go beside the pickle without a copy. `copy.copy` and `copy.deepcopy` give the
    frame itself.
    """

    @classmethod
    def load(
        cls,
        path: _Path,
        *,
        part: str | SupportsIndex | None = None,
        view: str | None = None,
        channels: str | None = None,
        level: int = 0,
        frame: int = 0,
        missing_pixels: Literal["error", "black", "hold"] = "error",
        colour_space: str | None = None,
        config: _Path | None = None,
        max_bytes: int | None = None,
    ) -> Frame:
        """Reads a picture file (EXR, PNG, JPEG, TIFF, TGA, Radiance HDR, WebP, BMP, DPX) or a frame of a movie, where
        `playa_py.video` can: its pixels over its data window, both windows, and the metadata. A picture that lies on its
        side is turned upright.

        `channels` is what to show as colour: a layer such as `"diffuse"` (or `"left.diffuse"`), a channel such as `"Z"`,
        which is grey, or two to four channels for red, green, blue and alpha such as `"N.x,N.y,N.z"`. A missing blue is 0, a
        missing alpha is 1. `part` is the name or index of a part of a multi-part file; without it the channels are looked
        for in all parts, the main one first, and the name of a part stands for its colour. With a `view`, such as `"left"`,
        the file is as if it had that view alone: `diffuse.left.R` is then `diffuse.R`, and the frame's metadata have `view` in
        place of `multiView`. `level` is that of a smaller
        picture within a tiled EXR file: each is half as wide and high as the one before, and begins at the same corner of
        the data window. `frame` is that of a movie, counted from 0. A file that would take more than `max_bytes` in memory is
        refused; 2 GiB unless told otherwise.

        `missing_pixels` says what shows where an EXR file that was not finished has no pixels: `"error"` refuses it,
        `"black"` fills all its channels with 0 there, `"hold"` repeats the line of pixels above, or below where there is
        none above. Missing are blocks of lines or tiles that are not where the file says, or that cannot be unpacked.

        `colour_space` is what the file holds: a name from `colour_spaces()`, or `"raw"` for numbers that are to stay as they
        are. Without it the file's own word counts, or else its type: floats are light, whole numbers are sRGB, movies BT.1886.
        The frame holds light of the file's primaries; where these are not those of Rec.709, its metadata have
        `chromaticities`. With a `config`, as `Project.colour_config` has it, spaces and roles are those of that as well; what
        is no light there becomes that of its role `scene_linear`.

        Raises MediaNotFoundError, UnsupportedMediaError, MediaMemoryError, ChannelNotFoundError, AttrValueError or MediaError.
        """

    @classmethod
    def from_numpy(
        cls,
        pixels: ArrayLike,
        *,
        copy: bool | None = None,
        transfer: _Transfer | None = None,
        alpha: _Alpha | None = None,
        data_window: _Window | None = None,
        display_window: _Window | None = None,
        pixel_aspect: float = 1.0,
        channels: Mapping[str, ArrayLike] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Frame:
        """A frame over the values of an array `(H, W)` or `(H, W, C)`, row 0 on top, of any layout and byte order.

        - 1 channel is grey, 2 are grey and alpha, 3 are red, green and blue, 4 are these and alpha. A missing alpha is 1.
          OpenCV's order is blue first: pass `pixels[..., ::-1]`, or `pixels[..., [2, 1, 0, 3]]` with alpha.
        - uint8 and uint16 are divided by 255 and 65535, bool is 0 or 1, float16, float32 and float64 are taken as they
          are; a float64 beyond float32 is infinite.
        - `transfer` says what curve the colour is on: `"linear"` or `"srgb"` (IEC 61966-2-1), which is undone. `alpha`
          says whether colour was multiplied by it: `"premultiplied"` or `"straight"`. Where not said, uint8 and uint16 are
          `"srgb"` and `"straight"`, as PNG, Pillow and OpenCV have them, and all other types `"linear"` and
          `"premultiplied"`, as Playa and OpenEXR have them. The curve is that of straight colour, alpha has none.

        `copy=None` shares the array's memory where no value changes: an aligned float32 array `(H, W, 4)` in C order,
        linear and premultiplied. Such an array is set read-only; do not change it through another view of its memory.
        `copy=False` raises where the memory cannot be shared, and says why; `copy=True` never shares it.

        The data window is `(0, 0, W, H)` unless `data_window` puts it elsewhere, and the display window is the same unless
        `display_window` says another. `channels` are further ones by name, `(H, W)` of float16, float32 or uint32, which
        are copied. `metadata` is as the property of that name: numbers, texts, fractions and tuples of OpenEXR's lengths.

        Raises ArrayError, or AttrValueError or AttrTypeError for the other arguments.
        """

    @classmethod
    def from_dlpack(
        cls,
        tensor: Any,
        *,
        copy: bool | None = None,
        transfer: _Transfer | None = None,
        alpha: _Alpha | None = None,
    ) -> Frame:
        """A frame over the memory of a tensor on the CPU, by DLPack. As `from_numpy` of the array that it is, channels
        last; its owner can still write to it, and should not. Raises ArrayError for another device.
        """

    @classmethod
    def from_pil(cls, image: Any) -> Frame:
        """A frame of a `PIL.Image.Image`: sRGB codes become linear light, straight colour is multiplied by alpha. Mode `F`
        is linear. Palettes and other colour models are converted to RGB by Pillow; a colour profile within the image is
        not looked at. Raises ArrayError for mode `I`, whose white is not known.
        """

    def to_numpy(self) -> NDArray[np.float32]:
        """The pixels as a read-only array `(height, width, 4)` of float32, without a copy."""

    def copy(self) -> NDArray[np.float32]:
        """The pixels as a new array `(height, width, 4)` of float32, to write to."""

    def to_pil(self) -> Any:
        """The display window as a `PIL.Image.Image` in mode RGBA: 8 bit sRGB with straight alpha, colour clamped to 0..1.
        Transparent where the frame has no pixels. Raises ModuleNotFoundError without Pillow.
        """

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]: ...
    @type_check_only
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def __copy__(self) -> Frame: ...
    def __deepcopy__(self, _memo: Any, /) -> Frame: ...
    def __reduce_ex__(self, _protocol: SupportsIndex, /) -> tuple[Any, ...]: ...
    def _repr_png_(self) -> bytes | None:
        """A PNG of the display window, at most 1024 pixels wide and high, for notebooks: 8 bit sRGB with straight alpha,
        colour clamped to 0..1, NaN as 0. `None` where there is nothing to show.
        """

    def _repr_html_(self) -> str:
        """That picture with a description, for notebooks."""

    def save(
        self,
        path: _Path,
        *,
        compression: _Compression | _TiffCompression | None = None,
        zip_level: int | None = None,
        dwa_level: float | None = None,
        dtype: Literal["keep", "half", "float"] | None = None,
        depth: Literal[8, 10, 12, 16] | None = None,
        alpha: bool | None = None,
        quality: int | None = None,
        filling: Literal["a", "b", "packed"] | None = None,
        endian: Literal["big", "little"] | None = None,
        colour_space: str | None = None,
        display: str | None = None,
        view: str | None = None,
        looks: str | None = None,
        config: _Path | None = None,
    ) -> None:
        """Writes a file of the format that the suffix names, whole or not at all.

        EXR keeps both windows, metadata and all channels. `compression` is `"zip"` unless told otherwise. `zip_level` is
        how hard zip, zips, dwaa and dwab deflate, 1 for fastest to 12 for smallest; 4 unless told otherwise, which makes
        files as small as those of OpenEXR's own writer; zip then leaves out looking for repeats where a sample has none. `dwa_level` is how much dwaa and dwab may lose, 0 for least; the
        `dwaCompressionLevel` of the metadata, or else 45. `dtype` is
        `"half"`, `"float"`, or `"keep"`, which is the default: half for what was read from half, float for everything
        else.

        Stills (`.png`, `.jpg`, `.tif`, `.tga`, `.hdr`, `.webp`, `.bmp`, `.dpx`) hold the display window: whole numbers of
        `depth` bits in sRGB with straight alpha, clamped to 0..1, NaN as 0. PNG has 8 or 16, TIFF 16 or 8, DPX 10, 8, 12
        or 16, the first unless told otherwise. TIFF with a `dtype` of `"half"` or `"float"` holds linear light with
        premultiplied alpha; its `compression` is `"deflate"`, `"lzw"`, `"packbits"` or `"none"`. HDR holds linear light.
        WebP is written without loss, JPEG with a `quality` of 1 to 100, 95 unless told otherwise.

        `alpha=False` leaves alpha out, and writes what is seen over black; so do JPEG and HDR always, BMP and DPX unless
        told otherwise. `filling` says where the free bits of a DPX of 10 or 12 bits are, `endian` its order of bytes:
        `"a"` and `"big"` unless told otherwise.

        `colour_space` is what the file is to hold: a name from `colour_spaces()`, or `"raw"` for the numbers as they are.
        Without it an EXR holds light of the frame's own primaries, and says so where these are not those of Rec.709; a still
        of whole numbers holds sRGB. An EXR in a space that was asked for says which in its attribute `colorInteropID`, where
        that has a name for it; a still in another space than sRGB does not say so.

        With a `config`, as `Project.colour_config` has it, spaces and roles are those of that as well. Instead of a space, the
        file may be for one of its displays, as `to_display` shows it: `display`, `view` and `looks`.

        Raises UnsupportedMediaError for another suffix, AttrTypeError for an option of another suffix, AttrValueError,
        MediaError, or MediaNotFoundError where the system refuses.
        """

    def convert(self, colour_space: str, *, config: _Path | None = None) -> Frame:
        """The same light in the primaries of another space: one whose numbers are light, such as `"acescg"`. With a `config`,
        as `Project.colour_config` has it, spaces and roles are those of that as well. Its metadata say so. White becomes white (Bradford) where both are known to be what an eye takes for white.

        Raises AttrValueError for another space, or MemoryLimitError.
        """

    @property
    def colour_space(self) -> str:
        """The space of its light: `"linear"`, which has the primaries of Rec.709, unless its metadata have
        `chromaticities`; `"unknown"` where no light has these.
        """

    def tonemap(
        self,
        tonemap: Tonemap | _Tonemap = "clamp",
        *,
        exposure: float = 0.0,
        alpha: Literal["straight", "premultiplied"] = "straight",
        background: tuple[float, float, float] | Sequence[float] | None = None,
    ) -> NDArray[np.uint8]:
        """The display window as a display shows it: a new array `(height, width, 4)` of uint8, sRGB, RGBA.

        Straight colour (as it is where alpha is 0) times 2 to the power of `exposure`, in stops, goes through the tone
        map, then the sRGB curve, and is rounded to 8 bits. NaN and what is below 0 is black. Alpha is cut to 0..1 and
        stays beside it; with `alpha="premultiplied"` the codes are multiplied by it. Where the frame has no pixels, all
        four are 0.

        Over a `background`, red, green and blue of linear light 0..1, the result is opaque: both are mixed as light of
        the display. Raises AttrValueError, or MemoryLimitError.
        """

    def to_display(
        self,
        display: str | None = None,
        view: str | None = None,
        *,
        looks: str | None = None,
        config: _Path,
        exposure: float = 0.0,
        dtype: Literal["uint8", "uint16", "float32"] = "uint8",
    ) -> NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]:
        """The display window as a display of an OpenColorIO config shows it: a new array `(height, width, 4)`, RGBA with
        straight alpha. `config` is a path or a name, as `Project.colour_config` has it.

        Without a name it is the first display of the config, and the first view of the display. `looks` are those that are
        applied instead of the view's own, as OpenColorIO has them: names with a comma between, `-` before one that is to be
        undone, `""` for none.

        Straight colour (as it is where alpha is 0) times 2 to the power of `exposure`, in stops, becomes codes. Those of
        whole numbers are cut to 0..1 and rounded, NaN is 0; `"float32"` are as the config makes them. Alpha is cut to 0..1.
        Where the frame has no pixels, all four are 0. Raises AttrValueError, or MemoryLimitError.
        """

    def stats(self) -> FrameStats:
        """Smallest, largest and mean value of each channel over the data window, the standard deviation, and how many
        values are NaN, infinite, negative, or above 1. The same bits for any number of threads.
        """

    def histogram(
        self,
        bins: int = 256,
        range: tuple[float, float] = ...,
        *,
        channels: str = "rgba",
        transfer: _Transfer = "linear",
    ) -> Histogram:
        """How often the values of each channel fall into bins of equal width over `range`, 0..1 by default, as
        `numpy.histogram` counts float64: a bin holds its lower edge and not its upper one, the last both.

        `channels` are letters of r, g, b, a, and y for Rec.709 luma (luminance of linear values). Values are those of the
        pixels, premultiplied; with `transfer="srgb"` colour is put on the sRGB curve first, which goes on above 1 and is
        mirrored below 0. At most 65536 bins. Raises AttrValueError.
        """

    def waveform(
        self,
        levels: int = 256,
        range: tuple[float, float] = ...,
        *,
        channels: str = "y",
        transfer: _Transfer = "srgb",
    ) -> Waveform:
        """How often values fall into levels of `range`, 0..1 by default, in each column of the picture: a waveform of
        luma, or, with `channels="rgb"`, a parade. What lies outside of the range is not counted; channels, transfer and
        levels are as in `histogram`. Raises AttrValueError, or MemoryLimitError.
        """

    def vectorscope(
        self, bins: int = 256, range: tuple[float, float] = ..., *, transfer: _Transfer = "srgb"
    ) -> Vectorscope:
        """How often colours fall into squares of the plane of Rec.709 colour differences, `Cb = (B - Y) / 1.8556` and
        `Cr = (R - Y) / 1.5748` with `Y = 0.2126 R + 0.7152 G + 0.0722 B`, of the colour on the sRGB curve or of
        linear values. Colours of 0..1 lie within -0.5..0.5, the default range of both; what lies outside is not counted.
        At most 2048 bins. Raises AttrValueError.
        """

    @property
    def width(self) -> int:
        """Columns of the pixels: width of the data window."""

    @property
    def height(self) -> int:
        """Rows of the pixels: height of the data window."""

    @property
    def data_window(self) -> _Window:
        """Where the pixels are: `(x0, y0, x1, y1)`, the last two exclusive, row 0 on top."""

    @property
    def display_window(self) -> _Window:
        """The frame that the picture is meant to fill: `(x0, y0, x1, y1)`, the last two exclusive."""

    @property
    def pixel_aspect(self) -> float:
        """Width of a pixel divided by its height."""

    @property
    def channels(self) -> list[str]:
        """Names of the channels beyond the colour, such as `Z` or `diffuse.R`."""

    def channel(self, name: str) -> NDArray[np.float16] | NDArray[np.float32] | NDArray[np.uint32]:
        """A channel beyond the colour as a read-only array `(height, width)` in the type of its file: float16, float32
        or uint32. Without a copy. Raises ChannelNotFoundError.
        """

    @property
    def layers(self) -> Layers:
        """The layers among those channels, each as a frame: `frame.layers["diffuse"]`."""

    @property
    def metadata(self) -> dict[str, Any]:
        """What the file said besides pixels and windows, by name."""

@final
class Layers:
    """The layers of a frame, by name: what stands before the last dot of a channel's name. Each is a `Frame` of its own,
    with the colour that `Frame.load(path, channels=name)` shows, and its channels named without the prefix.
    """

    def keys(self) -> list[str]:
        """The names, in the order of the channels."""

    def values(self) -> list[Frame]:
        """The layers, in the order of their names."""

    def items(self) -> list[tuple[str, Frame]]:
        """Pairs of name and layer."""

    @overload
    def get(self, name: str, default: None = None) -> Frame | None:
        """The layer of that name, or `default` if there is none."""

    @overload
    def get(self, name: str, default: _T) -> Frame | _T: ...
    def __len__(self) -> int: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __getitem__(self, name: str, /) -> Frame:
        """The layer of that name. Raises ChannelNotFoundError, which lists those there are."""

@final
class Diff:
    """How much two pictures differ, made by `diff`.

    What is compared are all four channels of the pixels, premultiplied and scene-linear, wherever at least one of both
    has pixels within the display window; the other is transparent black there. Equal values have no difference, NaN in
    both included; NaN, or infinity, against something else is an infinite difference. `ssim`, `flip` and `hdr_flip` are
    of the pictures as light over black, NaN as black. They are computed when they are first asked for, and kept.
    """

    @property
    def max(self) -> float:
        """The largest difference of a value; 0 for equal pictures."""

    @property
    def mean(self) -> float:
        """The mean difference of all values."""

    @property
    def rms(self) -> float:
        """The root of their mean square."""

    @property
    def psnr(self) -> float:
        """Peak signal to noise ratio in decibels, with a peak of 1: `-20 log10(rms)`; infinite for equal pictures."""

    @property
    def ssim(self) -> float:
        """Mean structural similarity (Wang et al. 2004: Gaussian window of 11 x 11 with sigma 1.5, K1 0.01, K2 0.03) of
        Rec.709 luma on the sRGB curve, cut to 0..1, over the places where the whole window lies in the picture; 1 for
        equal pictures. Raises CompareError for pictures smaller than the window.
        """

    @property
    def flip(self) -> float:
        """Mean LDR-FLIP error (Andersson et al. 2020), 0..1, of light cut off at 1."""

    @property
    def hdr_flip(self) -> float:
        """Mean HDR-FLIP error (Andersson et al. 2021), 0..1: the largest LDR-FLIP error of each pixel over exposures that
        follow from the first picture, through the tone map ACES.
        """

    @property
    def at(self) -> tuple[int, int, int] | None:
        """Where the largest difference is, the first from the top left of several: column, row, channel (0 to 3 for red,
        green, blue and alpha), in the coordinates of the first picture. `None` for equal pictures.
        """

    @property
    def max_by_channel(self) -> tuple[float, float, float, float]:
        """The largest difference of each channel."""

    @property
    def mean_by_channel(self) -> tuple[float, float, float, float]:
        """The mean difference of each channel."""

    @property
    def rms_by_channel(self) -> tuple[float, float, float, float]:
        """The root of the mean squared difference of each channel."""

    @property
    def differing(self) -> int:
        """How many pixels differ in some channel."""

    @property
    def window(self) -> _Window:
        """What was compared, in the coordinates of the first picture: `(x0, y0, x1, y1)`, the last two exclusive."""

    def map(self, of: Literal["abs", "flip", "hdr_flip"] = "abs") -> NDArray[np.float32]:
        """The error of each pixel of `window`, as a new array: `(height, width, 4)` of differences, or
        `(height, width)` of FLIP errors.
        """

def diff(
    a: Frame | _Path | ArrayLike,
    b: Frame | _Path | ArrayLike,
    *,
    metrics: Sequence[_Metric] = ...,
    ppd: float = ...,
) -> Diff:
    """Compares two pictures: frames, paths of files, or arrays as `Frame.from_numpy` takes them. Their display
    windows, laid on each other by the upper left corner, must be of one size.

    `metrics` names what is to be computed now instead of when it is asked for. `ppd` is how many pixels lie in a degree of
    what the viewer sees, for the FLIP errors, 1 to 1000; the default is that of the paper, 67.02: 3840 columns on 0.7 m,
    seen from 0.7 m. Raises CompareError where they differ in size, AttrValueError, or what reading raises.
    """

def colour_config(config: _Path) -> ColourConfig:
    """What is in an OpenColorIO config: spaces, roles, displays with their views, and looks. `config` is a path or a name, as
    `Project.colour_config` has it. Raises AttrValueError where there is none.
    """

def colour_configs() -> list[str]:
    """Names of the OpenColorIO configs that are built in, such as `ocio://cg-config-v4.0.0_aces-v2.0_ocio-v2.5`. What comes
    before `_aces` is enough; `ocio://default`, `ocio://cg-config-latest` and `ocio://studio-config-latest` are others with
    each version.
    """

def colour_spaces(project: Project | None = None) -> list[ColourSpace]:
    """The colour spaces there are, in a project or without one. Names are found in any case."""

def explain_colour(path: _Path, project: Project | None = None) -> ColourExplanation:
    """What the colour of a file, or of a sequence by its pattern, is taken for and why: in a project, or without one.

    Raises MediaNotFoundError, MediaError, or AttrValueError where the project names a space that is not known.
    """

def convert_colour(
    pixels: ArrayLike,
    from_space: str,
    to_space: str,
    *,
    project: Project | None = None,
) -> NDArray[np.float32]:
    """Straight colours of one space in another: a new array of float32 of the same shape, whose last axis has 3 or 4 values.
    The fourth is alpha, which stays. Nothing is clamped; negative values and those above 1 go on with the same formula.

    Error: 1e-6 of the light (2e-6 for Cineon and ACEScct) and 2e-8; with a matrix, of the largest of the three. Raises AttrValueError for a
    name that is not known, ArrayError for another shape.
    """

@final
class EffectSpec:
    """What an effect says of itself."""

    @property
    def id(self) -> str:
        """Identity: `org.playa.gaussian_blur`."""

    @property
    def name(self) -> str:
        """Type name: `GaussianBlur`."""

    @property
    def label(self) -> str:
        """Name for people: `Gaussian Blur`."""

    @property
    def version(self) -> str:
        """Version: `1.0.0`."""

    @property
    def help(self) -> str:
        """What it does."""

    @property
    def tags(self) -> list[str]:
        """Words to find it by."""

    @property
    def path(self) -> Path:
        """The file it comes from."""

    @property
    def generation(self) -> str:
        """Identity of what was loaded: another one wherever the file, or the code of a Python function, is another."""

    @property
    def inputs(self) -> list[str]:
        """Names of the pictures that it takes. The first one is that of the layer it is put on; a generator has none."""

    @property
    def params(self) -> list[ParamSpec]:
        """Its parameters."""

@final
class ParamSpec:
    """What an effect says of one of its parameters."""

    @property
    def name(self) -> str:
        """Name of the keyword argument."""

    @property
    def label(self) -> str:
        """Name for people."""

    @property
    def kind(self) -> str:
        """Kind of value: bool, int, float, string, vec2, vec3, vec4, color, choice, uuid, list or map."""

    @property
    def default(self) -> Any:
        """The value until another is set."""

    @property
    def range(self) -> tuple[float, float] | None:
        """Lowest and highest value that is taken."""

    @property
    def soft_range(self) -> tuple[float, float] | None:
        """Lowest and highest value that a slider shows."""

    @property
    def unit(self) -> str:
        """Unit, such as `px`."""

    @property
    def doc(self) -> str:
        """What it does."""

    @property
    def choices(self) -> list[str]:
        """Keys of a choice."""

    @property
    def renamed_from(self) -> list[str]:
        """Names it had in earlier versions."""

    @property
    def argument(self) -> str:
        """Name of the keyword argument in Python: with a trailing `_` where Python has the name for itself."""

    @property
    def enum_name(self) -> str:
        """Name of the class of its choices within that of the effect."""

    @property
    def members(self) -> list[tuple[str, str, str]]:
        """Choices as members of that class: name, key and what it does."""

@final
class Preset:
    """Named values for the parameters of an effect."""

    @staticmethod
    def load(path: _Path) -> Preset:
        """The preset in a file. Raises PresetError."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def about(self) -> str:
        """What it is for; may be empty."""

    @property
    def effect(self) -> str:
        """Identity of the effect."""

    @property
    def version(self) -> str:
        """Version of the effect that the values were chosen for."""

    @property
    def origin(self) -> Literal["path", "user", "bundle"] | None:
        """Where it was found: in a folder of `PLAYA_PRESET_PATH`, that of the user, or that of the bundle of the effect;
        `None` for one that was loaded by its file.
        """

    @property
    def path(self) -> Path | None:
        """Its file."""

    @property
    def params(self) -> dict[str, Any]:
        """The values by name."""

@final
class PluginFile:
    """A file of the plugin directories: the plugin it became, or why it did not."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def state(self) -> Literal["live", "refused", "missing"]:
        """`live`, `refused`, or `missing`: it was in use and is gone."""

    @property
    def effects(self) -> list[str]:
        """Ids of its effects that are in use."""

    @property
    def error(self) -> str | None:
        """Why it was refused, in one line. What was in use of it before goes on."""

    @property
    def quarantine(self) -> str | None:
        """What it did in a process of its own for which it is not loaded, in one line, if it is quarantined."""

    @property
    def isolated(self) -> bool:
        """Whether its effects that are in use live in a process of their own."""

    @property
    def generation(self) -> int | None:
        """Which of its contents is in use: 1 for the first. Content that comes back has its old number."""

    @property
    def hash(self) -> str | None:
        """BLAKE3 of that content, in hexadecimal digits."""

    @property
    def api(self) -> str | None:
        """Version of the plugin API that it speaks."""

    @property
    def bundle(self) -> Path | None:
        """The bundle that it is in, if it is in one."""

    @property
    def build(self) -> dict[str, str] | None:
        """How it was built: `rustc`, `target`, `sdk`, `cpu_features` and `panic`."""

def find_sequences(path: _Path) -> list[FoundSequence]:
    """The sequences and pictures in a folder, by reading it once; of a file, the sequence that it belongs to; of a pattern
    such as `fg.####.exr`, its files.

    The frame number is the last run of digits before the suffix. Only files with the suffix of a picture are told of a
    folder. Raises MediaNotFoundError, or MediaError for a pattern that is none.
    """

def plugins() -> list[PluginFile]:
    """Every file of the plugin directories, with what became of it."""

def reload_plugins(path: _Path | None = None) -> list[PluginFile]:
    """Looks again at one plugin file, or at all of them and their directories, and returns what became of them.

    Files are watched, so this is for when watching is paused or off (`PLAYA_WATCH=0`), and for files that were refused
    for a reason that lies outside of them. The same content again changes nothing.
    """

def retry_plugin(path: _Path) -> PluginFile:
    """Takes a plugin file out of quarantine, looks at it again, and returns what became of it.

    Raises PluginLoadError if it is not quarantined or gone.
    """

def rollback_plugin(path: _Path) -> PluginFile:
    """Goes back to the content of a plugin file that was in use before.

    The file is not touched, and is loaded again when it changes. Going back again returns. Raises PluginLoadError if
    there is nothing to go back to.
    """

def pause_watch() -> None:
    """Leaves plugins as they are until `resume_watch`, whatever happens to their files."""

def resume_watch() -> None:
    """Goes on watching the plugin directories, with all that happened meanwhile."""

def load_plugin(path: _Path) -> list[str]:
    """Loads one plugin file, wherever it is, and returns the ids of its effects. Raises PluginLoadError."""

def effect_specs() -> list[EffectSpec]:
    """Every effect that is loaded, by id; of several versions of one, the highest."""

def find_effect(name: str) -> EffectSpec:
    """The effect of this id, type name or label. Raises EffectNotFoundError."""

def presets(effect: str) -> list[Preset]:
    """The presets of the effect with this id, type name or label."""

def preset_params(effect: str, preset: _Path | Preset) -> tuple[dict[str, Any], list[str]]:
    """The values that a preset sets of an effect, and what was left out of it. Raises PresetError."""

def save_preset(
    effect: str, params: dict[str, Any], name: str, about: str, folder: _Path | None, replace: bool
) -> Path:
    """Saves values of an effect as a preset. Returns the file. Raises PresetError."""

def check_params(effect: str, /, **params: Any) -> dict[str, Any]:
    """Checks keyword arguments of an effect, and returns all its parameters with their values."""

def movie_planes(
    frame: Frame,
    *,
    size: tuple[int, int],
    colour_space: str,
    matrix: int,
    full_range: bool,
    bits: int,
    sampling: tuple[int, int],
    alpha: bool,
) -> list[NDArray[np.uint16]]:
    """A frame as the planes of a movie: brightness, two differences, and alpha if asked for, each a flat array of codes, row
    by row. A frame of fewer columns and rows than `size` is continued with its last ones. `matrix` is a number of ITU-T
    H.273, `sampling` one sample of colour for so many columns and rows, 1 or 2. `playa_py.video` writes them.

    Raises AttrValueError, or MediaError for what no movie has.
    """

def restore_frame(
    pixels: ArrayLike,
    data_window: _Window,
    display_window: _Window,
    pixel_aspect: float,
    stored: str,
    channels: list[tuple[str, NDArray[Any]]],
    metadata: list[tuple[str, str, Any]],
    /,
) -> Frame:
    """A frame from what pickle kept of it."""

def settle(seconds: float) -> None:
    """Waits until no native thread has a `RenderFuture` to complete, for so many seconds at most."""

@final
class SharedProject:
    """A project while it is pickled, the same object for all handles of it. Used by `playa_py._pickling`."""

    def __new__(cls, text: str, frames: Sequence[tuple[str, Frame]]) -> Self:
        """The project of a text and of the frames that its layers show from memory, by their names in the text."""

    def handle(self, kind: str, uuid: str) -> Any:
        """The handle of what is called so in it."""

    def __reduce__(self) -> tuple[Any, ...]: ...

events: EventBus
"""The bus of the process, for what belongs to no project: plugins and the cache."""

def forked() -> None:
    """Tells that this process was forked off, and the threads that waited are not in it."""

def next_delivery() -> tuple[Callable[..., object], list[Event]] | None:
    """Waits for what the dispatcher thread does next: a function and its arguments, or `None` when it is to end."""

def stop_events(patience: int) -> None:
    """Ends all waiting for events, and gives those who wait so many seconds to notice."""
def apply_effect(
    effect: str,
    params: dict[str, Any],
    pictures: tuple[Frame | ArrayLike | None, ...],
    *,
    frame: int = 0,
    region: Literal["display", "data"] | tuple[int, int, int, int] | None = None,
    size: tuple[int, int] | None = None,
    window: tuple[int, int, int, int] | None = None,
) -> Any:
    """What an effect makes of pictures: an array of an array, a `Frame` of a `Frame` and of nothing. See `EffectCall`."""

def register_effect(
    spec: dict[str, Any],
    function: Callable[..., Any],
    reach: int | Callable[..., int] | None,
    parallel: bool,
    path: _Path,
    fingerprint: bytes,
) -> EffectSpec:
    """Registers a function of Python as an effect, in place of the one with the same id before. See `playa_py.effect`.

    `function` gets pictures, values of the parameters, the window of the pictures, the canvas and the frame, and returns a
    float32 array in C order with the shape of the window. `reach` is how far it looks: a number of pixels, a function of
    the parameters that says it, or None for the whole picture. The same `fingerprint` says that it makes the same pixels.

    Raises PluginLoadError.
    """

def serve_worker() -> int:
    """Lives as a process in which plugins run, until the host that started it ends."""

def cli_main(args: list[str]) -> int:
    """Run the command `playa` with these arguments, the program's name first, and return its exit status.

    0 done, 1 frames failed, 2 wrong usage, 3 bad project or pictures to compare, 130 interrupted. Releases the GIL
    while it runs.
    """
