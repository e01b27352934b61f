"""What pickle and deepcopy call: projects as text, with the frames that layers show from memory as arrays.

A handle (`Project`, `Comp`, `Layer`, `Camera`, `FileNode`, `Effect`) carries its whole project, and is again what it was in
there. Handles of one project that are pickled together share one project afterwards.
"""

from playa_py import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["effect_call", "frame_state", "handle", "project"]


def handle(shared: _native.SharedProject, kind: str, uuid: str) -> object:
    """What is called so in a project."""
    return shared.handle(kind, uuid)


def project(text: str, frames: "list[tuple[str, Any]]") -> _native.SharedProject:
    """The project of a text and of the frames in it."""
    return _native.SharedProject(text, [(name, _frame(state)) for name, state in frames])


def frame_state(frame: _native.Frame) -> object:
    """A frame as pickle takes it: itself where frames can be pickled, otherwise its array, windows and pixel aspect."""
    if type(frame).__reduce__ is not object.__reduce__:
        return frame
    x0, y0, _, _ = frame.data_window
    return frame.to_numpy(), (x0, y0), frame.display_window, frame.pixel_aspect


def _frame(state: "Any") -> _native.Frame:
    return state if isinstance(state, _native.Frame) else _native.frame_from_parts(*state)


def effect_call(effect: str, params: "dict[str, Any]") -> object:
    """An effect of `playa_py.effects` with its parameters."""
    from playa_py import effects

    return getattr(effects, effect)(**params)
