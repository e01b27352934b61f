"""Playa from Python: projects of layers, effects from plugins, frames as numpy arrays.

Importing is cheap: numpy is imported when the first array is asked for, plugins are looked for when the first effect
is.
"""

from playa_py import effects
from playa_py._events import Listener
from playa_py._native import (
    Attrs,
    Cache,
    Camera,
    Comp,
    Diagnostic,
    Diff,
    Edit,
    Effect,
    EffectSpec,
    Event,
    EventBus,
    FileNode,
    Frame,
    Layer,
    Layers,
    Memory,
    Node,
    ParamSpec,
    Player,
    PluginFile,
    Profile,
    Project,
    RenderRange,
    Subscription,
    __version__,
    cache,
    diff,
    events,
    load_plugin,
    memory,
    pause_watch,
    plugins,
    reload_plugins,
    resume_watch,
    rollback_plugin,
)
from playa_py.effects import EffectType
from playa_py.errors import (
    ArrayError,
    AttrNameError,
    AttrReadOnlyError,
    AttrTypeError,
    AttrValueError,
    CancelledError,
    ChannelNotFoundError,
    CompareError,
    ConfigError,
    CycleError,
    EffectError,
    EffectNotFoundError,
    EventNameError,
    EventNameWarning,
    HistoryError,
    MediaError,
    MediaMemoryError,
    MediaNotFoundError,
    MemoryLimitError,
    MissingEffectError,
    NodeInUseError,
    NodeNotFoundError,
    NodeRemovedError,
    ParamError,
    ParamNameError,
    ParamTypeError,
    PlayaError,
    PluginLoadError,
    PositionError,
    ProjectFileError,
    ProjectNotFoundError,
    ProjectWarning,
    RenderError,
    RenderTimeoutError,
    UnsupportedMediaError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:  # futures and named tuples take longer to import than all the rest: they come when they are asked for
    from playa_py.authoring import Color, Param, effect
    from playa_py.futures import RenderFuture
    from playa_py.keys import Key
    from playa_py.records import (
        CachedPicture,
        CacheReport,
        CacheStats,
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
    "ArrayError",
    "AttrNameError",
    "AttrReadOnlyError",
    "AttrTypeError",
    "AttrValueError",
    "Attrs",
    "Cache",
    "CacheReport",
    "CacheStats",
    "CachedPicture",
    "Camera",
    "CancelledError",
    "ChannelNotFoundError",
    "Color",
    "Comp",
    "CompareError",
    "ConfigError",
    "CycleError",
    "Diagnostic",
    "Diff",
    "Edit",
    "Effect",
    "EffectError",
    "EffectNotFoundError",
    "EffectSpec",
    "EffectType",
    "Event",
    "EventBus",
    "EventNameError",
    "EventNameWarning",
    "FileNode",
    "Frame",
    "FrameStats",
    "Histogram",
    "HistoryError",
    "Key",
    "Layer",
    "Layers",
    "MediaError",
    "MediaMemoryError",
    "MediaNotFoundError",
    "Memory",
    "MemoryLimitError",
    "MemoryStats",
    "MissingEffectError",
    "Node",
    "NodeInUseError",
    "NodeNotFoundError",
    "NodeRemovedError",
    "Param",
    "ParamError",
    "ParamNameError",
    "ParamSpec",
    "ParamTypeError",
    "PlayaError",
    "Player",
    "PlayerStats",
    "PluginFile",
    "PluginLoadError",
    "PositionError",
    "Profile",
    "ProfileRow",
    "Project",
    "ProjectFileError",
    "ProjectNotFoundError",
    "ProjectWarning",
    "RenderError",
    "RenderFuture",
    "RenderRange",
    "RenderTimeoutError",
    "Subscription",
    "Tonemap",
    "UnsupportedMediaError",
    "Vectorscope",
    "Waveform",
    "__version__",
    "cache",
    "diff",
    "effect",
    "effects",
    "events",
    "load_plugin",
    "memory",
    "pause_watch",
    "plugins",
    "reload_plugins",
    "resume_watch",
    "rollback_plugin",
]


_LATE = {
    "authoring": ("Color", "Param", "effect"),
    "futures": ("RenderFuture",),
    "keys": ("Key",),
    "records": (
        "CachedPicture",
        "CacheReport",
        "CacheStats",
        "FrameStats",
        "Histogram",
        "MemoryStats",
        "PlayerStats",
        "ProfileRow",
        "Vectorscope",
        "Waveform",
    ),
    "view": ("Tonemap",),
}


def __getattr__(name: str) -> object:
    module = next((module for module, names in _LATE.items() if name in names), None)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"playa_py.{module}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
