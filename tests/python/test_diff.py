"""Differences of pictures: FLIP against its authors' implementation, SSIM against scipy, the rest against numpy."""

from pathlib import Path

import flip_evaluator
import numpy as np
import playa_py as playa
import pytest
from scipy import ndimage

from playa_py import Frame


def scene(height: int = 180, width: int = 240) -> np.ndarray:
    """An opaque picture of 0..1 with soft ramps, hard edges, fine lines, points, and noise in places."""
    random = np.random.default_rng(5)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    colour = np.stack([x / width, y / height, 0.5 + 0.5 * np.sin(x / 9) * np.cos(y / 13)], axis=-1)
    colour[40:90, 60:140] = [0.9, 0.1, 0.05]
    colour[100:160:3, 20:200] *= 0.3
    colour[random.integers(0, height, 60), random.integers(0, width, 60)] = 1
    colour[:, 180:] += random.normal(0, 0.1, colour[:, 180:].shape)
    return np.dstack([np.clip(colour, 0, 1), np.ones_like(x)]).astype(np.float32)


def changed(picture: np.ndarray) -> np.ndarray:
    """The same with blur, noise, a shifted part, other colours in parts, and parts as they were."""
    other = picture.copy()
    other[:60] = ndimage.gaussian_filter(picture[:60], (1.2, 1.2, 0))
    other[60:100, :120] = np.roll(picture[60:100, :120], 2, axis=1)
    other[100:140, 100:] += np.random.default_rng(6).normal(0, 0.03, other[100:140, 100:].shape)
    other[150:170, 30:80] = [0.0, 1.0, 0.0, 1.0]
    other[120:128, 200:208, :3] += 0.002
    other[..., 3] = 1
    return np.clip(other, 0, 1).astype(np.float32)


def light(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pixels[..., :3])


@pytest.mark.parametrize("ppd", [None, 30.0, 120.0])
def test_flip_is_that_of_its_authors(ppd: float | None) -> None:
    """Both compute in float32; the root of a small difference of edges magnifies their roundings."""
    a, b = scene(), changed(scene())
    parameters = {} if ppd is None else {"ppd": ppd}
    expected, mean, _ = flip_evaluator.evaluate(light(a), light(b), "LDR", False, False, True, parameters)
    diff = playa.diff(a, b) if ppd is None else playa.diff(a, b, ppd=ppd)
    error = np.abs(diff.map("flip") - expected[..., 0])
    assert error.max() < 2e-4, error.max()
    assert diff.flip == pytest.approx(mean, abs=1e-6)
    assert diff.flip > 0.05


@pytest.mark.parametrize("size", [(180, 240), (31, 45)])
def test_hdr_flip_is_that_of_its_authors(size: tuple[int, int]) -> None:
    a, b = scene(*size), changed(scene(*size))
    glow = np.exp2(np.random.default_rng(8).uniform(-1, 4, (*size, 1)))
    a[..., :3] *= glow
    b[..., :3] *= glow
    expected, mean, parameters = flip_evaluator.evaluate(light(a), light(b), "HDR", False, False, True, {})
    diff = playa.diff(a, b, metrics=["hdr_flip"])
    error = np.abs(diff.map("hdr_flip") - expected[..., 0])
    assert parameters["numExposures"] >= 2
    assert error.max() < 2e-4, error.max()
    assert diff.hdr_flip == pytest.approx(mean, abs=1e-6)


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Wang et al. 2004, of luma as a display shows it, in float64."""

    def luma(pixels: np.ndarray) -> np.ndarray:
        linear = np.clip(pixels[..., :3].astype(np.float64), 0, 1)
        signal = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        return signal @ [0.2126, 0.7152, 0.0722]

    def mean(values: np.ndarray) -> np.ndarray:
        return ndimage.gaussian_filter(values, 1.5, radius=5)[5:-5, 5:-5]

    x, y = luma(a), luma(b)
    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    return float((((2 * mx * my + c1) * (2 * cov + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean())


def test_ssim_is_that_of_the_paper() -> None:
    a, b = scene(), changed(scene())
    assert playa.diff(a, b).ssim == pytest.approx(ssim(a, b), abs=1e-6)
    assert playa.diff(a * 3 - 1, b * 2 - 0.5).ssim == pytest.approx(ssim(a * 3 - 1, b * 2 - 0.5), abs=1e-6)
    with pytest.raises(playa.CompareError, match="8 x 20 pixels are too few for SSIM"):
        _ = playa.diff(np.zeros((20, 8)), np.zeros((20, 8))).ssim


def test_errors_are_those_of_numpy() -> None:
    random = np.random.default_rng(9)
    a = random.normal(0, 10, (137, 211, 4)).astype(np.float32)
    b = (a + random.normal(0, 1, a.shape)).astype(np.float32)
    b[::2] = a[::2]
    apart = np.abs(a.astype(np.float64) - b)
    diff = playa.diff(a, b)
    assert diff.max == apart.max()
    assert diff.at is not None
    x, y, channel = diff.at
    assert apart[y, x, channel] == apart.max()
    # Two orders of a sum of 28907 float64.
    assert diff.mean == pytest.approx(apart.mean(), rel=1e-13)
    assert diff.rms == pytest.approx(np.sqrt((apart**2).mean()), rel=1e-13)
    assert diff.psnr == pytest.approx(-10 * np.log10((apart**2).mean()), abs=1e-11)
    assert diff.max_by_channel == tuple(apart.max(axis=(0, 1)))
    assert diff.mean_by_channel == pytest.approx(tuple(apart.mean(axis=(0, 1))), rel=1e-13)
    assert diff.rms_by_channel == pytest.approx(tuple(np.sqrt((apart**2).mean(axis=(0, 1)))), rel=1e-13)
    assert diff.differing == (apart > 0).any(axis=-1).sum()
    assert (diff.map() == apart.astype(np.float32)).all()


def test_frames_paths_and_arrays_can_be_compared(footage: Path) -> None:
    path = footage / "fg.0001.exr"
    frame = Frame.load(path)
    array = frame.to_numpy().copy()
    for a in (path, str(path), frame, array):
        for b in (path, frame, array):
            diff = playa.diff(a, b)
            assert isinstance(diff, playa.Diff)
            assert (diff.max, diff.psnr, diff.at, diff.ssim, diff.flip) == (0, np.inf, None, 1, 0)
    assert array.flags.writeable
    other = playa.diff(path, footage / "fg.0002.exr")
    assert other.max > 0.1
    assert other.window == (0, 0, 96, 54)
    assert repr(other).startswith("<Diff: max ")


def test_nan_in_both_is_equal_and_in_one_is_not() -> None:
    a = np.ones((4, 5, 4), np.float32)
    a[1, 2, 0] = np.nan
    assert playa.diff(a, a).max == 0
    diff = playa.diff(a, np.ones_like(a))
    assert (diff.max, diff.at, diff.differing) == (np.inf, (2, 1, 0), 1)


def test_what_is_wrong_is_named(footage: Path) -> None:
    a = np.zeros((4, 6))
    with pytest.raises(playa.CompareError, match="6 x 4 and 4 x 6 pixels"):
        playa.diff(a, np.zeros((6, 4)))
    with pytest.raises(playa.AttrValueError, match='no metric "dssim", expected one of max, mean, rms'):
        playa.diff(a, a, metrics=["dssim"])
    with pytest.raises(playa.AttrValueError, match="0 pixels per degree, expected 1 to 1000"):
        _ = playa.diff(a, a, ppd=0).flip
    with pytest.raises(playa.AttrValueError, match="expected \"abs\", \"flip\" or \"hdr_flip\""):
        playa.diff(a, a).map("ssim")
    with pytest.raises(playa.MediaNotFoundError):
        playa.diff(a, footage / "absent.exr")
    with pytest.raises(playa.ArrayError):
        playa.diff(a, np.zeros((4, 6), np.int16))
