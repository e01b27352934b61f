"""The built-in effects of areas, of time, of several pictures and of none, each compared over whole pictures with an
independent peer or its formula in numpy."""

from pathlib import Path

import cv2
import numpy as np
import playa_py as playa
import pytest
import scipy.ndimage
from playa_py import effects


def picture(height: int = 61, width: int = 83, *, seed: int = 5) -> np.ndarray:
    """Noise up to 1 with some peaks of a hundred."""
    random = np.random.default_rng(seed)
    pixels = random.random((height, width, 4), np.float32)
    pixels[::5, ::3, :3] *= 100
    return pixels


def through(pixels: np.ndarray, effect: effects.EffectCall, region: object = "display") -> np.ndarray:
    """What a layer of these pixels looks like with the effect."""
    height, width = pixels.shape[:2]
    comp = playa.Project().add_comp("Main", width=width, height=height)
    comp.add_layer(pixels.copy()).add_effect(effect)
    return comp.render(0, region=region).to_numpy()


@pytest.mark.parametrize("radius", [1, 2, 3, 5, 16])
def test_median_is_that_of_scipy_to_the_bit(radius: int) -> None:
    pixels = picture()
    side = 2 * radius + 1
    expected = scipy.ndimage.median_filter(pixels, size=(side, side, 1), mode="nearest")
    assert (through(pixels, effects.Median(radius=radius)) == expected).all()


@pytest.mark.parametrize("radius", [1, 2])
def test_median_of_a_large_picture_is_that_of_opencv_to_the_bit(radius: int) -> None:
    pixels = picture(700, 900)
    assert (effects.Median(radius=radius)(pixels) == cv2.medianBlur(pixels, 2 * radius + 1)).all()


@pytest.mark.parametrize(
    ("k1", "k2", "scale", "centre"),
    [(0.3, 0, 1, (0, 0)), (-0.25, 0.05, 1.2, (7.5, -12)), (0.1, 0.2, 0.8, (-30, 4)), (0, 0, 1.5, (0.25, 0.25))],
)
def test_lens_distortion_is_the_map_of_opencv_sampled_by_scipy(
    k1: float, k2: float, scale: float, centre: tuple[float, float]
) -> None:
    pixels = picture()
    height, width = pixels.shape[:2]
    half, middle = np.hypot(width, height) / 2, ((width - 1) / 2 + centre[0], (height - 1) / 2 - centre[1])
    camera = np.array([[half, 0, middle[0]], [0, half, middle[1]], [0, 0, 1]])
    seen = np.array([[half * scale, 0, middle[0]], [0, half * scale, middle[1]], [0, 0, 1]])
    maps = cv2.initUndistortRectifyMap(camera, np.array([k1, k2, 0, 0]), None, seen, (width, height), cv2.CV_32FC1)
    channels = [
        scipy.ndimage.map_coordinates(pixels[..., channel].astype(np.float64), maps[::-1], order=1, mode="grid-constant")
        for channel in range(4)
    ]
    effect = effects.LensDistortion(k1=k1, k2=k2, scale=scale, centre=centre, filter="bilinear")
    # OpenCV's map is of float32: places up to 120 are off by 8e-6.
    assert np.abs(through(pixels, effect) - np.stack(channels, axis=-1)).max() <= 3e-5 * pixels.max()


@pytest.mark.parametrize(
    "effect",
    [
        effects.LensDistortion(k1=-0.2, k2=0.1, scale=1.1, centre=(5, 3)),
        effects.LensDistortion(k1=0.4, filter="bilinear"),
        effects.Median(radius=7),
        effects.Noise(size=20, evolution=0.3),
    ],
    ids=repr,
)
def test_a_window_has_the_bits_of_the_whole(effect: effects.EffectCall) -> None:
    pixels = picture(150, 210)
    whole = through(pixels, effect)
    for x0, y0, x1, y1 in [(0, 0, 50, 150), (199, 3, 210, 150), (31, 77, 140, 93)]:
        assert (through(pixels, effect, (x0, y0, x1, y1)) == whole[y0:y1, x0:x1]).all()


@pytest.mark.parametrize(
    ("before", "after", "step", "decay", "operator"),
    [(2, 0, 1, 0.5, "blend"), (1, 2, 2, 1, "blend"), (3, 1, 1, 0.75, "add"), (4, 0, 1, 0.5, "maximum")],
)
def test_echo_is_its_formula_over_the_frames_of_a_sequence(
    footage: Path, before: int, after: int, step: int, decay: float, operator: str
) -> None:
    frames = {frame: playa.Frame.load(footage / f"fg.{frame:04d}.exr").to_numpy().astype(np.float64) for frame in range(1, 9)}
    comp = playa.Project().add_comp("Main", width=96, height=54)
    layer = comp.add_layer(footage / "fg.####.exr")
    layer.add_effect(effects.Echo(before=before, after=after, step=step, decay=decay, operator=operator))
    for frame in (1, 4, 8):
        offsets = np.arange(-before, after + 1)
        weights = decay ** np.abs(offsets, dtype=np.float64)
        # The first and the last frame are held.
        shown = [frames[held] * weight for held, weight in zip(np.clip(frame + step * offsets, 1, 8), weights, strict=True)]
        expected = np.max(shown, axis=0) if operator == "maximum" else np.sum(shown, axis=0)
        if operator == "blend":
            expected /= weights.sum()
        elif operator == "add":
            expected[..., 3] = expected[..., 3].clip(max=1)
        # Up to five sums of float32.
        assert np.abs(comp.render(frame).to_numpy() - expected).max() <= 1e-6 * expected.max()


def mixed(number: np.ndarray) -> np.ndarray:
    """The hash `lowbias32`."""
    number = (number ^ (number >> np.uint32(16))) * np.uint32(0x7FEB352D)
    number = (number ^ (number >> np.uint32(15))) * np.uint32(0x846CA68B)
    return number ^ (number >> np.uint32(16))


GRADIENTS = np.array(
    [(1, 1, 0), (-1, 1, 0), (1, -1, 0), (-1, -1, 0), (1, 0, 1), (-1, 0, 1), (1, 0, -1), (-1, 0, -1)]
    + [(0, 1, 1), (0, -1, 1), (0, 1, -1), (0, -1, -1), (1, 1, 0), (0, -1, 1), (-1, 1, 0), (0, -1, -1)]
)
"""As in Perlin's reference implementation."""


def octave(index: int, x: np.ndarray, y: np.ndarray, z: float, seed: int) -> np.ndarray:
    """Gradient noise at places, by weighting all eight corners."""
    own = mixed(mixed(np.array([seed], np.uint32)) + np.uint32(index))
    x, y, z = (axis + mixed(own ^ np.uint32(number + 1)) / (2**32 - 1) for number, axis in enumerate((x, y, np.full_like(x, z))))
    total = np.zeros_like(x)
    for corner in np.ndindex(2, 2, 2):
        cells = [np.floor(axis) + step for axis, step in zip((x, y, z), corner, strict=True)]
        words = [cell.astype(np.int64).astype(np.uint32) for cell in cells]
        gradient = GRADIENTS[mixed(words[0] ^ mixed(words[1] ^ mixed(words[2] ^ own))) & 15]
        offsets = [axis - cell for axis, cell in zip((x, y, z), cells, strict=True)]
        product = sum(gradient[..., axis] * offset for axis, offset in enumerate(offsets))
        for offset in offsets:
            t = 1 - np.abs(offset)
            product = product * (t**3 * (t * (t * 6 - 15) + 10))
        total += product
    return total


@pytest.mark.parametrize("pattern", ["clouds", "turbulence"])
def test_noise_is_its_formula(pattern: str) -> None:
    params = {"size": 17, "octaves": 4, "lacunarity": 2.25, "gain": 0.625, "evolution": -3.75, "offset": (3, -8), "seed": 7}
    low, high = (0.5, 0.0, 2.0, 1.0), (1.0, 3.0, 0.0, 0.5)
    found = effects.Noise(pattern=pattern, low=low, high=high, **params)(size=(90, 50)).to_numpy()
    y, x = np.mgrid[0:50, 0:90] + 0.5
    x, y = (x - 45 - 3) / 17, (y - 25 - 8) / 17
    weights = [0.625**index for index in range(4)]
    layers = [octave(index, x * 2.25**index, y * 2.25**index, -3.75, 7) for index in range(4)]
    if pattern == "clouds":
        height = sum(weight * (0.5 + 0.5 * layer) for weight, layer in zip(weights, layers, strict=True)) / sum(weights)
    else:
        height = sum(weight * np.abs(layer) for weight, layer in zip(weights, layers, strict=True)) / sum(weights)
    height = height.clip(0, 1)[..., np.newaxis]
    low, high = (np.array([*(value * colour[3] for value in colour[:3]), colour[3]]) for colour in (low, high))
    expected = low * (1 - height) + high * height
    # Offsets and mixes are of float32, up to 4 octaves.
    assert np.abs(found - expected).max() <= 1e-5 * np.abs(high - low).max()


def test_noise_on_a_layer_fills_its_canvas() -> None:
    noise = effects.Noise(size=12)
    assert (through(np.zeros((50, 90, 4), np.float32), noise) == noise(size=(90, 50)).to_numpy()).all()


def keyed(pixels: np.ndarray, screen: tuple[float, ...], tolerance: float, softness: float, despill: float) -> np.ndarray:
    """The formula of the chroma key in float64."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    straight, screen = pixels[..., :3] / pixels[..., 3:].astype(np.float64), np.array(screen[:3])

    def chroma(colour: np.ndarray) -> np.ndarray:
        luma = colour @ weights
        return np.stack([(colour[..., 2] - luma) / 1.8556, (colour[..., 0] - luma) / 1.5748], axis=-1)

    c, s = chroma(straight), chroma(screen)
    k = (c @ s - np.abs(c[..., 0] * s[1] - c[..., 1] * s[0])) / (s @ s)
    keep = np.clip((1 - tolerance - k) / softness, 0, 1)[..., np.newaxis] * pixels[..., 3:]
    colour = straight - despill * np.maximum(k, 0)[..., np.newaxis] * (screen - screen @ weights)
    return np.concatenate([colour * keep, keep], axis=-1)


@pytest.mark.parametrize(
    "params",
    [
        {"screen": (0.1, 0.6, 0.15, 1), "tolerance": 0.3, "softness": 0.3, "despill": 1},
        {"screen": (0.05, 0.1, 0.7, 1), "tolerance": 0, "softness": 1, "despill": 0.5},
        {"screen": (2, 0.1, 0.3, 1), "tolerance": 0.75, "softness": 0.125, "despill": 0},
    ],
)
def test_chroma_key_is_its_formula(params: dict) -> None:
    pixels = picture()
    pixels[..., 3] = 0.25 + 0.75 * pixels[..., 3]
    pixels[20:40, :, :3] = np.array(params["screen"][:3], np.float32) * np.linspace(0, 1.2, 83, dtype=np.float32)[:, None]
    pixels[20:40, :, :3] *= pixels[20:40, :, 3:]
    expected = keyed(pixels, **params)
    # `k` is a difference of float32 up to the peak over the screen, and softness divides it.
    tolerance = 2e-6 * np.abs(pixels).max() / max(params["screen"]) / params["softness"]
    assert np.abs(through(pixels, effects.ChromaKey(**params)) - expected).max() <= tolerance * pixels.max()
    garbage = picture(seed=9)
    garbage[..., 3] = garbage[..., 3].round()
    found = effects.ChromaKey(**params)(pixels, garbage)
    assert (found[garbage[..., 3] == 1] == 0).all()
    stays = garbage[..., 3] == 0
    assert (found[stays] == effects.ChromaKey(**params)(pixels)[stays]).all()


def test_dissolve_is_its_formula_with_a_mask_and_without() -> None:
    source, other, mask = picture(seed=1), picture(seed=2), picture(seed=3)
    for inputs, weight in [((source, other), np.float64(0.3)), ((source, other, mask), 0.3 * mask[..., 3:].astype(np.float64))]:
        expected = (1 - weight) * source + weight * other
        assert np.abs(effects.Dissolve(amount=0.3)(*inputs) - expected).max() <= 2e-7 * expected.max()
    assert (effects.Dissolve(amount=0)(source, other) == source).all()
    assert (effects.Dissolve(amount=1)(source, other) == other).all()


def test_a_layer_that_cannot_give_the_other_picture_says_so() -> None:
    with pytest.raises(playa.PlayaError, match="needs its input \"other\", which is not connected"):
        through(picture(), effects.Dissolve())
