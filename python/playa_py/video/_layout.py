"""Where the codes of a pixel format of FFmpeg lie in its planes."""

from __future__ import annotations

import re
from typing import NamedTuple

Component = tuple[int, int, int, int]


class Layout(NamedTuple):
    """A pixel format."""

    model: str
    """`grey`, `ycc` for brightness and two differences, or `rgb`."""
    bits: int
    sampling: tuple[int, int]
    """One sample of colour for so many columns and rows."""
    components: tuple[Component, ...]
    """Brightness and two differences, or red, green and blue; alpha comes last. For each its plane, bytes from code to
    code, bytes to the first code, bits below a code."""
    alpha: bool = False
    full: bool = False
    """Whether it is of full range by its name."""


_SAMPLINGS = {"444": (1, 1), "440": (1, 2), "422": (2, 1), "420": (2, 2), "411": (4, 1), "410": (4, 4)}

_BYTES = {
    "rgb24": "rgb",
    "bgr24": "bgr",
    "rgba": "rgba",
    "bgra": "bgra",
    "argb": "argb",
    "abgr": "abgr",
    "rgb0": "rgb.",
    "bgr0": "bgr.",
    "0rgb": ".rgb",
    "0bgr": ".bgr",
    "rgb48le": "rgb",
    "bgr48le": "bgr",
    "rgba64le": "rgba",
    "bgra64le": "bgra",
    "yuyv422": "yu.v",
    "uyvy422": "uyv.",
    "yvyu422": "yv.u",
}


def layout(name: str) -> Layout | None:
    """That of a pixel format by its name; None for one that is not read."""
    if planar := re.fullmatch(r"yuv(a|j)?(\d\d\d)p(\d+)?(le)?", name):
        kind, sampling, bits, little = planar.groups()
        deep = _deep(bits, little)
        if sampling not in _SAMPLINGS or deep is None:
            return None
        planes = tuple((plane, 1 + (deep > 8), 0, 0) for plane in range(4 if kind == "a" else 3))
        return Layout("ycc", deep, _SAMPLINGS[sampling], planes, kind == "a", kind == "j")
    if grey := re.fullmatch(r"gray(\d+)?(le)?", name):
        deep = _deep(*grey.groups())
        return None if deep is None else Layout("grey", deep, (1, 1), ((0, 1 + (deep > 8), 0, 0),))
    if planar := re.fullmatch(r"gbr(a)?p(\d+)?(le)?", name):
        alpha, bits, little = planar.groups()
        deep = _deep(bits, little)
        if deep is None:
            return None
        planes = tuple((plane, 1 + (deep > 8), 0, 0) for plane in (2, 0, 1, *([3] if alpha else [])))
        return Layout("rgb", deep, (1, 1), planes, alpha is not None)
    if pairs := re.fullmatch(r"nv(12|21|16|24|42)", name):
        sampling = {"12": (2, 2), "21": (2, 2), "16": (2, 1)}.get(pairs[1], (1, 1))
        blue, red = (1, 0) if pairs[1] in ("21", "42") else (0, 1)
        return Layout("ycc", 8, sampling, ((0, 1, 0, 0), (1, 2, blue, 0), (1, 2, red, 0)))
    if pairs := re.fullmatch(r"p([024])(10|12|16)le", name):
        sampling = {"0": (2, 2), "2": (2, 1), "4": (1, 1)}[pairs[1]]
        deep = int(pairs[2])
        return Layout("ycc", deep, sampling, ((0, 2, 0, 16 - deep), (1, 4, 0, 16 - deep), (1, 4, 2, 16 - deep)))
    if letters := _BYTES.get(name):
        return _packed(name, letters)
    return None


def _deep(bits: str | None, little: str | None) -> int | None:
    """Bits of a code; None for those in words with the higher byte first."""
    deep = int(bits or 8)
    return deep if 8 <= deep <= 16 and (deep > 8) == (little is not None) else None


def _packed(name: str, letters: str) -> Layout:
    width = 2 if name.endswith("le") else 1
    step = len(letters) * width
    if "y" in letters:
        luma = (0, 2, letters.index("y"), 0)
        return Layout("ycc", 8, (2, 1), (luma, (0, 4, letters.index("u"), 0), (0, 4, letters.index("v"), 0)))
    order = "rgba" if "a" in letters else "rgb"
    components = tuple((0, step, letters.index(letter) * width, 0) for letter in order)
    return Layout("rgb", 8 * width, (1, 1), components, "a" in letters)
