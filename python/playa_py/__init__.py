"""Playa from Python: projects of layers, effects from plugins, frames as numpy arrays.

Importing is cheap: numpy is imported when the first array is asked for, plugins are looked for when the first effect
is.
"""

from typing import TYPE_CHECKING

from playa_py import effects
from playa_py._native import (
    Attrs,
    Cache,
    Camera,
    Comp,
    Diagnostic,
    Effect,
    EffectSpec,
    FileNode,
    Frame,
    Layer,
    Memory,
    Node,
    ParamSpec,
    PluginFile,
    Profile,
    Project,
    RenderRange,
    __version__,
    cache,
    load_plugin,
    memory,
    plugins,
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
    ConfigError,
    CycleError,
    EffectError,
    EffectNotFoundError,
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
from playa_py.keys import Key
from playa_py.records import CachedPicture, CacheReport, CacheStats, MemoryStats, ProfileRow

if TYPE_CHECKING:
    from playa_py.futures import RenderFuture

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
    "Comp",
    "ConfigError",
    "CycleError",
    "Diagnostic",
    "Effect",
    "EffectError",
    "EffectNotFoundError",
    "EffectSpec",
    "EffectType",
    "FileNode",
    "Frame",
    "Key",
    "Layer",
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
    "RenderFuture",
    "RenderRange",
    "RenderTimeoutError",
    "UnsupportedMediaError",
    "__version__",
    "cache",
    "effects",
    "load_plugin",
    "memory",
    "plugins",
]


def __getattr__(name: str) -> object:
    # What few programs need, and takes time to import.
    if name == "RenderFuture":
        from playa_py.futures import RenderFuture

        return RenderFuture
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
