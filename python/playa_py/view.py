"""How frames are looked at."""

from enum import StrEnum


class Tonemap(StrEnum):
    """Curves from scene light of any brightness to a display's 0..1, each colour by itself. A member is its name as text:
    where one is taken, `"aces"` is as good as `Tonemap.ACES`.

    Below 0 and NaN become 0, infinity becomes 1. The sRGB curve comes after it and is no part of it.
    """

    Clamp = "clamp"
    """`x`, cut off at 1."""
    Reinhard = "reinhard"
    """`x / (1 + x)`: Reinhard et al., SIGGRAPH 2002, equation 3."""
    ACES = "aces"
    """`x (2.51 x + 0.03) / (x (2.43 x + 0.59) + 0.14)`, cut off at 1: the fit by Narkowicz, 2016. It is brighter than ACES
    by a factor of 0.6, which `exposure=-0.737` takes back."""
    Filmic = "filmic"
    """Hable, GDC 2010: `h(2 x) / h(11.2)`, cut off at 1, so that a light of 5.6 is white."""
