"""Tone maps for a display: every code against the published formulas in float64."""

import os
import subprocess
import sys

import numpy as np
import playa_py as playa
import pytest


def lights(height: int = 97, width: int = 131) -> np.ndarray:
    """Premultiplied light from 2^-14 to 2^8, some of it negative, infinite or NaN, under every alpha."""
    random = np.random.default_rng(7)
    pixels = np.exp2(random.uniform(-14, 8, (height, width, 4))).astype(np.float32)
    pixels[..., 3] = random.choice([0.0, 0.25, 0.6, 1.0, 1.5], (height, width))
    pixels[::5, ::7, 0] *= -1
    pixels[3::11, 2::5, 1] = np.nan
    pixels[4::13, 1::6, 2] = np.inf
    return pixels


def hable(x: np.ndarray) -> np.ndarray:
    a, b, c, d, e, f = 0.15, 0.50, 0.10, 0.20, 0.02, 0.30
    return (x * (a * x + c * b) + d * e) / (x * (a * x + b) + d * f) - e / f


CURVES = {
    playa.Tonemap.Clamp: lambda x: x,
    playa.Tonemap.Reinhard: lambda x: x / (1 + x),
    playa.Tonemap.ACES: lambda x: x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14),
    playa.Tonemap.Filmic: lambda x: hable(2 * x) / hable(np.float64(11.2)),
}


def encode(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def straight_light(pixels: np.ndarray, tonemap: playa.Tonemap, exposure: float) -> tuple[np.ndarray, np.ndarray]:
    """Light of the display, 0..1, and alpha, 0..1, in float64."""
    alpha = pixels[..., 3:].astype(np.float64)
    with np.errstate(invalid="ignore"):
        light = pixels[..., :3] / np.where(alpha > 0, alpha, 1) * 2.0**exposure
        light = np.clip(np.where(light > 0, light, 0), 0, 1e9)
    return np.clip(CURVES[tonemap](light), 0, 1), np.clip(alpha, 0, 1)


def assert_codes(found: np.ndarray, expected: np.ndarray) -> None:
    """Exact but where the float64 value lies within 2e-4 codes of a rounding, which float32 may take to the other side."""
    assert (found.dtype, found.shape) == (np.uint8, expected.shape)
    exact = expected * 255
    assert (np.abs(found - exact) <= 0.5 + 2e-4).all(), np.abs(found - exact).max()
    assert (found == np.floor(exact + 0.5)).mean() > 0.999


@pytest.mark.parametrize("tonemap", playa.Tonemap)
@pytest.mark.parametrize("exposure", [0.0, -3.5, 2.0])
def test_every_code_is_that_of_the_formula(tonemap: playa.Tonemap, exposure: float) -> None:
    pixels = lights()
    frame = playa.Frame.from_numpy(pixels)
    light, alpha = straight_light(pixels, tonemap, exposure)
    found = frame.tonemap(tonemap, exposure=exposure)
    assert_codes(found, np.concatenate([encode(light), alpha], axis=-1))
    premultiplied = frame.tonemap(tonemap, exposure=exposure, alpha="premultiplied")
    assert_codes(premultiplied, np.concatenate([encode(light) * alpha, alpha], axis=-1))
    background = np.array([0.1, 0.5, 1.0])
    shown = np.minimum(light * np.where(alpha > 0, alpha, 1) + background * (1 - alpha), 1)
    over = frame.tonemap(tonemap, exposure=exposure, background=background)
    assert_codes(over, np.concatenate([encode(shown), np.ones_like(alpha)], axis=-1))


def test_members_are_their_names() -> None:
    assert playa.Tonemap("aces") is playa.Tonemap.ACES
    frame = playa.Frame.from_numpy(lights())
    for tonemap in playa.Tonemap:
        assert (frame.tonemap(tonemap) == frame.tonemap(str(tonemap))).all()
    assert (frame.tonemap() == frame.tonemap(playa.Tonemap.Clamp)).all()


def test_the_display_window_is_shown(comp: playa.Comp) -> None:
    comp.add_layer(playa.Frame.from_numpy(np.ones((20, 30, 4), np.float32)))
    frame = comp.render(0, region="data")
    assert (frame.width, frame.height) == (30, 20)
    assert frame.tonemap().shape == (4, 6, 4)
    assert (frame.tonemap() == 255).all()


def test_what_is_wrong_is_named() -> None:
    frame = playa.Frame.from_numpy(lights(2, 2))
    with pytest.raises(playa.AttrValueError, match='no tone map "agx", expected one of clamp, reinhard, aces, filmic'):
        frame.tonemap("agx")
    with pytest.raises(playa.AttrValueError, match='alpha="none": expected "straight" or "premultiplied"'):
        frame.tonemap(alpha="none")
    with pytest.raises(playa.AttrValueError, match="background=.*expected linear light"):
        frame.tonemap(background=(0, 0, 7))
    with pytest.raises(playa.AttrValueError, match="leave one of both out"):
        frame.tonemap(alpha="premultiplied", background=(0, 0, 0))
    with pytest.raises(playa.AttrValueError, match="exposure=NaN: expected a finite number of stops"):
        frame.tonemap(exposure=float("nan"))


LOOKED_AT = """
import hashlib, sys
import numpy as np, playa_py as playa
random = np.random.default_rng(3)
a = random.normal(0.4, 0.4, (203, 301, 4)).astype(np.float32)
b = (a + random.normal(0, 0.05, a.shape)).astype(np.float32)
frame, diff = playa.Frame.from_numpy(a), playa.diff(a, b)
seen = [frame.tonemap(tonemap, exposure=0.5) for tonemap in playa.Tonemap]
seen += [*frame.stats(), *frame.histogram(transfer="srgb"), *frame.waveform(channels="rgb"), *frame.vectorscope()]
seen += [diff.map(), diff.map("flip"), diff.map("hdr_flip")]
seen.append(np.array([diff.max, diff.mean, diff.rms, diff.ssim, diff.flip, diff.hdr_flip]))
print(hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in seen)).hexdigest())
"""


def test_the_same_bits_at_every_simd_level_and_on_any_number_of_threads() -> None:
    digests = set()
    for level in ("baseline", "avx2", "avx512"):
        for threads in ("1", "4"):
            settings = os.environ | {"PLAYA_SIMD": level, "RAYON_NUM_THREADS": threads}
            run = subprocess.run([sys.executable, "-c", LOOKED_AT], env=settings, check=True, capture_output=True)
            digests.add(run.stdout)
    assert len(digests) == 1
