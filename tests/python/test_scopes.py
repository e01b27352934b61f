"""What is counted and measured of frames, against numpy over whole images."""

import numpy as np
import playa_py as playa
import pytest

LUMA = np.array([0.2126, 0.7152, 0.0722])


def picture(height: int = 173, width: int = 211) -> np.ndarray:
    """Values around 0..1, many of them exactly on edges of bins, a few NaN and infinite."""
    random = np.random.default_rng(11)
    pixels = random.normal(0.5, 0.4, (height, width, 4)).astype(np.float32)
    pixels[::3] = random.integers(-10, 270, pixels[::3].shape) / np.float32(256)
    pixels[1::17, ::5, 1] = np.nan
    pixels[2::19, ::7, 2] = np.inf
    pixels[5::23, ::9, 0] = -np.inf
    return pixels


def luma(pixels: np.ndarray) -> np.ndarray:
    r, g, b = (pixels[..., channel].astype(np.float64) for channel in range(3))
    with np.errstate(invalid="ignore"):
        return LUMA[0] * r + LUMA[1] * g + LUMA[2] * b


def test_stats_are_those_of_numpy() -> None:
    pixels = picture()
    stats = playa.Frame.from_numpy(pixels, copy=True).stats()
    assert isinstance(stats, playa.FrameStats)
    for channel in range(4):
        values = pixels[..., channel].astype(np.float64)
        finite = values[np.isfinite(values)]
        assert (stats.min[channel], stats.max[channel]) == (finite.min(), finite.max())
        # Two orders of a sum of 36503 float64 of size 1.
        assert stats.mean[channel] == pytest.approx(finite.mean(), rel=1e-13)
        assert stats.std[channel] == pytest.approx(finite.std(), rel=1e-13)
        assert stats.nan[channel] == np.isnan(values).sum()
        assert stats.inf[channel] == np.isinf(values).sum()
        assert stats.negative[channel] == (values < 0).sum()
        assert stats.above_one[channel] == (values > 1).sum()


def test_stats_of_nothing_finite_are_nan() -> None:
    stats = playa.Frame.from_numpy(np.full((2, 3, 4), np.nan, np.float32)).stats()
    assert np.isnan([*stats.min, *stats.max, *stats.mean, *stats.std]).all()
    assert (stats.nan == 6).all()


@pytest.mark.parametrize(("bins", "low", "high"), [(256, 0.0, 1.0), (10, 0.0, 1.0), (77, -0.3, 1.7), (1, 0.25, 0.5)])
def test_histograms_are_those_of_numpy(bins: int, low: float, high: float) -> None:
    pixels = picture()
    found = playa.Frame.from_numpy(pixels, copy=True).histogram(bins, (low, high), channels="rgbay")
    planes = [*(pixels[..., channel].astype(np.float64) for channel in range(4)), luma(pixels)]
    assert found.counts.shape == (5, bins)
    for channel, values in enumerate(planes):
        known = values[~np.isnan(values)]
        counts, edges = np.histogram(known, bins, (low, high))
        assert (found.counts[channel] == counts).all()
        assert (found.edges == edges).all()
        assert found.under[channel] == (known < low).sum()
        assert found.over[channel] == (known > high).sum()
        assert found.nan[channel] == np.isnan(values).sum()


def test_histograms_of_the_signal_count_codes() -> None:
    """Light of the middle of each of 256 codes: no rounding of the curve takes it into another bin."""
    codes = np.random.default_rng(2).integers(0, 256, (64, 80, 3))
    signal = (codes + 0.5) / 256
    light = np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4).astype(np.float32)
    found = playa.Frame.from_numpy(light).histogram(channels="rgb", transfer="srgb")
    assert isinstance(found, playa.Histogram)
    for channel in range(3):
        assert (found.counts[channel] == np.bincount(codes[..., channel].ravel(), minlength=256)).all()


def test_waveforms_are_histograms_of_columns() -> None:
    pixels = picture()
    height, width, _ = pixels.shape
    frame = playa.Frame.from_numpy(pixels, copy=True)
    columns = np.broadcast_to(np.arange(width), (height, width)).ravel()
    for channels, planes in [("y", [luma(pixels)]), ("rgb", [pixels[..., channel] for channel in range(3)])]:
        found = frame.waveform(100, (-0.1, 1.1), channels=channels, transfer="linear")
        assert isinstance(found, playa.Waveform) and found.counts.shape == (len(planes), 100, width)
        for counts, values in zip(found.counts, planes, strict=True):
            values = values.astype(np.float64).ravel()
            known = np.isfinite(values)
            edges = [found.edges, np.arange(width + 1)]
            expected, *_ = np.histogram2d(values[known], columns[known], edges)
            assert (counts == expected).all()
    srgb = frame.waveform(channels="y")
    assert (srgb.counts[0].sum(axis=1) == frame.histogram(channels="y", transfer="srgb").counts[0]).all()


def test_vectorscopes_are_histograms_of_colour_differences() -> None:
    pixels = picture()
    found = playa.Frame.from_numpy(pixels, copy=True).vectorscope(64, (-0.6, 0.6), transfer="linear")
    y = luma(pixels)
    with np.errstate(invalid="ignore"):
        cb = (pixels[..., 2].astype(np.float64) - y) / 1.8556
        cr = (pixels[..., 0].astype(np.float64) - y) / 1.5748
    known = np.isfinite(cb) & np.isfinite(cr)
    expected, *_ = np.histogram2d(cr[known], cb[known], [found.edges, found.edges])
    assert isinstance(found, playa.Vectorscope) and (found.counts == expected).all()


def test_what_is_wrong_is_named() -> None:
    frame = playa.Frame.from_numpy(picture(3, 3))
    for call, message in [
        (lambda: frame.histogram(0), "0 bins, expected 1 to 65536"),
        (lambda: frame.histogram(range=(1, 1)), "expected two finite numbers of which the first is the smaller"),
        (lambda: frame.waveform(channels="rgbx"), 'channels="rgbx": expected up to five letters of r, g, b, a, and y'),
        (lambda: frame.waveform(transfer="rec709"), 'transfer="rec709": expected "linear" or "srgb"'),
        (lambda: frame.vectorscope(4096), "4096 bins, expected 1 to 2048"),
    ]:
        with pytest.raises(playa.AttrValueError, match=message):
            call()
