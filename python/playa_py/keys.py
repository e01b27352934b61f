"""Keys of attributes and parameters, as `keys(name)` lists them."""

from typing import Any, Literal, NamedTuple


class Key(NamedTuple):
    """A value at a frame, and how it goes on from there: what `set_key` takes, `layer.set_key(name, **key._asdict())`.
    """

    frame: float
    """The comp frame."""
    value: Any
    """The value at it."""
    interp: Literal["hold", "linear", "bezier"] = "linear"
    """How the value goes from here to the next key."""
    incoming: tuple[float, Any] | None = None
    """Where a Bezier curve comes from that ends here, as frames and value from the key: `(-8, 0.5)`, or
    `(-8, (0.5, 0, 0))` for a vector of three. Automatic where there is none."""
    outgoing: tuple[float, Any] | None = None
    """Where a Bezier curve goes that starts here, in the same way."""
