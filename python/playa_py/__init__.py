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
    Node,
    ParamSpec,
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
    UnsupportedMediaError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:  # named tuples take longer to import than all the rest: they come when they are asked for
    from playa_py.keys import Key
    from playa_py.records import CacheStats, FrameStats, Histogram, ProfileRow, Vectorscope, Waveform
    from playa_py.view import Tonemap

__all__ = [
    "ArrayError",
    "AttrNameError",
    "AttrReadOnlyError",
    "AttrTypeError",
    "AttrValueError",
    "Attrs",
    "Cache",
    "CacheStats",
    "Camera",
    "CancelledError",
    "ChannelNotFoundError",
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
    "MediaError",
    "MediaMemoryError",
    "MediaNotFoundError",
    "MemoryLimitError",
    "MissingEffectError",
    "Node",
    "NodeInUseError",
    "NodeNotFoundError",
    "NodeRemovedError",
    "ParamError",
    "ParamNameError",
    "ParamSpec",
    "ParamTypeError",
    "PlayaError",
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
    "RenderRange",
    "Subscription",
    "Tonemap",
    "UnsupportedMediaError",
    "Vectorscope",
    "Waveform",
    "__version__",
    "cache",
    "diff",
    "effects",
    "events",
    "load_plugin",
    "pause_watch",
    "plugins",
    "reload_plugins",
    "resume_watch",
    "rollback_plugin",
]


_LATE = {
    "keys": ("Key",),
    "records": ("CacheStats", "FrameStats", "Histogram", "ProfileRow", "Vectorscope", "Waveform"),
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
