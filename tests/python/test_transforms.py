"""Layers that are turned and scaled, by each filter, against other libraries over whole images."""

import cv2
import numpy as np
import OpenImageIO as oiio
import playa_py as playa
import pytest

WIDTH, HEIGHT = 121, 87
DEGREES, SCALE = 12.0, 1.3


def noise() -> np.ndarray:
    return np.random.default_rng(7).random((HEIGHT, WIDTH, 4), dtype=np.float32)


def rendered(picture: np.ndarray, filter: str, scale: float = SCALE) -> np.ndarray:
    """The picture in a comp of its size, turned clockwise and scaled about its centre."""
    comp = playa.Project().add_comp("Main", width=WIDTH, height=HEIGHT)
    layer = comp.add_layer(picture)
    layer.rotation = (0.0, 0.0, DEGREES)
    layer.scale = (scale, scale, 1.0)
    layer.filter = filter
    return comp.render(0).to_numpy()


def to_layer(scale: float = SCALE) -> np.ndarray:
    """The 2x3 matrix from the centres of the comp's pixels, counted from 0, to those of the picture."""
    turn = np.deg2rad(DEGREES)
    linear = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) / scale
    centre = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    return np.column_stack([linear, centre - linear @ centre])


def keys(t: np.ndarray) -> np.ndarray:
    t = np.abs(t)
    return np.where(t < 1, 1.5 * t**3 - 2.5 * t**2 + 1, np.where(t < 2, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2, 0))


def mitchell(t: np.ndarray) -> np.ndarray:
    t = np.abs(t)
    near, far = (7 * t**3 - 12 * t**2 + 16 / 3) / 6, (-7 / 3 * t**3 + 12 * t**2 - 20 * t + 32 / 3) / 6
    return np.where(t < 1, near, np.where(t < 2, far, 0))


def lanczos3(t: np.ndarray) -> np.ndarray:
    return np.where(np.abs(t) < 3, np.sinc(t) * np.sinc(t / 3), 0)


def triangle(t: np.ndarray) -> np.ndarray:
    return np.maximum(1 - np.abs(t), 0)


def expected(picture: np.ndarray, kernel, scale: float) -> np.ndarray:
    """The definition in 64 bits: normalised weights along each axis of the picture, wider where it shrinks."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    u, v = np.tensordot(to_layer(scale), np.stack([x, y, np.ones_like(x)]), axes=1)
    wide = max(1 / scale, 1)
    margin = int(np.ceil(4 * wide)) + WIDTH
    padded = np.pad(picture.astype(np.float64), ((margin, margin), (margin, margin), (0, 0)))
    reach = int(np.ceil(3 * wide)) + 1
    steps = np.arange(-reach, reach + 1)

    def weights(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pixels = np.floor(at).astype(int)[..., None] + steps
        values = kernel((pixels - at[..., None]) / wide)
        return pixels + margin, values / values.sum(axis=-1, keepdims=True)

    (columns, across), (rows, down) = weights(u), weights(v)
    return sum(
        (down[..., j] * across[..., i])[..., None] * padded[rows[..., j], columns[..., i]]
        for j in range(steps.size)
        for i in range(steps.size)
    )


# Values reach from 0 to 1; weights are good to 1e-6 and rounded sums of 36 products to as much.
@pytest.mark.parametrize("scale", [SCALE, 0.4])
@pytest.mark.parametrize(
    ("filter", "kernel"), [("bilinear", triangle), ("cubic", keys), ("mitchell", mitchell), ("lanczos3", lanczos3)]
)
def test_a_filter_is_its_definition_over_the_whole_image(filter, kernel, scale):
    picture = noise()
    np.testing.assert_allclose(rendered(picture, filter, scale), expected(picture, kernel, scale), atol=5e-6, rtol=0)


def test_bilinear_is_what_opencv_computes():
    picture = noise()
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    peer = cv2.warpAffine(picture, to_layer(), (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_CONSTANT)
    # OpenCV computes coordinates in 32 bits: 1e-5 pixels at 121, times the difference of neighbours.
    np.testing.assert_allclose(rendered(picture, "bilinear"), peer, atol=5e-5, rtol=0)


def test_lanczos3_is_what_openimageio_computes_inside():
    picture = noise()
    matrix = np.eye(3)
    # OpenImageIO's map goes forwards, between pixel centres at +0.5, and multiplies rows.
    centred = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    matrix[:2] = to_layer()
    forwards = centred @ np.linalg.inv(matrix) @ np.linalg.inv(centred)
    source = oiio.ImageBuf(np.ascontiguousarray(picture))
    peer = oiio.ImageBufAlgo.warp(source, tuple(forwards.T.ravel()), "lanczos3", 6.0)
    assert not peer.has_error, peer.geterror()
    inside = np.s_[20:-20, 20:-20]
    found, theirs = rendered(picture, "lanczos3")[inside], peer.get_pixels()[inside]
    # OpenImageIO computes its filter and its map in 32 bits.
    np.testing.assert_allclose(found, theirs, atol=5e-5, rtol=0)


def test_impulse_copies_the_nearest_pixels():
    picture = noise()
    u, v = np.tensordot(to_layer(), np.stack([*np.mgrid[0:HEIGHT, 0:WIDTH][::-1], np.ones((HEIGHT, WIDTH))]), axes=1)
    column, row = np.floor(u + 0.5).astype(int), np.floor(v + 0.5).astype(int)
    inside = (column >= 0) & (column < WIDTH) & (row >= 0) & (row < HEIGHT)
    nearest = picture[row.clip(0, HEIGHT - 1), column.clip(0, WIDTH - 1)] * inside[..., None]
    np.testing.assert_array_equal(rendered(picture, "impulse"), nearest)


def test_an_unknown_filter_is_an_error_that_lists_the_names():
    layer = playa.Project().add_comp("Main").add_layer(noise())
    with pytest.raises(playa.AttrValueError, match="impulse, bilinear, cubic, mitchell, lanczos3"):
        layer.filter = "cubik"
