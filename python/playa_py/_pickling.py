"""What pickle and deepcopy call: projects as text, with the frames that layers show from memory.

A handle (`Project`, `Comp`, `Layer`, `Camera`, `Solid`, `Text`, `FileNode`, `Effect`) carries its whole project, and is again what it was in
there. Handles of one project that are pickled together share one project afterwards.
"""

from playa_py import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["effect_call", "handle", "project"]


def handle(shared: _native.SharedProject, kind: str, uuid: str) -> object:
    """What is called so in a project."""
    return shared.handle(kind, uuid)


def project(text: str, frames: list[tuple[str, _native.Frame]]) -> _native.SharedProject:
    """The project of a text and of the frames in it."""
    return _native.SharedProject(text, frames)


def effect_call(effect: str, params: "dict[str, Any]") -> object:
    """An effect of `playa_py.effects` with its parameters."""
    from playa_py import effects

    return getattr(effects, effect)(**params)
