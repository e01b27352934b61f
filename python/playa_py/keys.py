"""Keys of attributes and parameters, as `keys(name)` lists them."""

from typing import Any, Literal, NamedTuple, TypeAlias

Interp: TypeAlias = Literal["hold", "linear", "bezier"]

Handle: TypeAlias = tuple[float, Any]
"""Frames and value from a key to the end of its handle: `(8, 0.5)`, or `(8, (0.5, 0, 0))` for a vector of three."""


class Key(NamedTuple):
    """A value at a frame, and how it goes on from there: what `set_key` takes, `layer.set_key(name, **key._asdict())`.
    """

    frame: float
    """The comp frame."""
    value: Any
    """The value at it."""
    interp: Interp = "linear"
    """How the value goes from here to the next key."""
    incoming: Handle | None = None
    """Where a Bezier curve comes from that ends here; automatic where there is none."""
    outgoing: Handle | None = None
    """Where a Bezier curve goes that starts here; automatic where there is none."""
