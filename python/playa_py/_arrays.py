"""Arrays of other layouts as the one the host works on. Imported, and numpy with it, when the first one comes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from playa_py.errors import ArrayError


def rgba(pixels: Any) -> NDArray[np.float32]:
    """A new float32 array (H, W, 4): grey is repeated, a missing alpha is 1.

    Whole numbers are refused: only their source knows what 255 means, and on what curve.
    """
    array = np.asarray(pixels)
    if array.dtype.kind != "f":
        whole = array.dtype.kind in "iu"
        hint = "convert it to float first, for instance pixels.astype(np.float32) / 255" if whole else None
        raise ArrayError(f"an array of {array.dtype} is no picture, expected float16, float32 or float64", hint=hint)
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        raise ArrayError(f"an array of shape {array.shape} is no picture, expected (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)")
    result = np.ones((*array.shape[:2], 4), np.float32)
    # A float64 beyond the largest float32 is infinite.
    with np.errstate(over="ignore"):
        if array.shape[2] == 4:
            result[...] = array
        else:
            result[..., :3] = array
    return result
