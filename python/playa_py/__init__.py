"""Playa from Python: projects of layers, effects from plugins, frames as numpy arrays.

Importing is cheap: numpy is imported when the first array is asked for, plugins are looked for when the first effect
is.
"""

from playa_py._native import __version__
from playa_py.errors import (
    AttrNameError,
    AttrReadOnlyError,
    AttrTypeError,
    AttrValueError,
    CancelledError,
    CycleError,
    EffectError,
    EffectNotFoundError,
    FrameSetError,
    MediaError,
    MediaNotFoundError,
    MemoryLimitError,
    NodeNotFoundError,
    NodeRemovedError,
    ParamError,
    ParamNameError,
    ParamTypeError,
    PlayaError,
    PluginLoadError,
    ProjectFileError,
    RenderError,
    UnsupportedMediaError,
)

__all__ = [
    "AttrNameError",
    "AttrReadOnlyError",
    "AttrTypeError",
    "AttrValueError",
    "CancelledError",
    "CycleError",
    "EffectError",
    "EffectNotFoundError",
    "FrameSetError",
    "MediaError",
    "MediaNotFoundError",
    "MemoryLimitError",
    "NodeNotFoundError",
    "NodeRemovedError",
    "ParamError",
    "ParamNameError",
    "ParamTypeError",
    "PlayaError",
    "PluginLoadError",
    "ProjectFileError",
    "RenderError",
    "UnsupportedMediaError",
    "__version__",
]
