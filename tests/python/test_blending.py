"""Every blend mode over whole pictures: against Skia where Skia has it and does not clamp, else against its formula."""

from collections.abc import Callable

import numpy as np
import playa_py as playa
import pytest
import skia

SKIA = {
    "normal": skia.BlendMode.kSrcOver,
    "multiply": skia.BlendMode.kMultiply,
    "screen": skia.BlendMode.kScreen,
    "overlay": skia.BlendMode.kOverlay,
    "difference": skia.BlendMode.kDifference,
    "darken": skia.BlendMode.kDarken,
    "lighten": skia.BlendMode.kLighten,
    "color_dodge": skia.BlendMode.kColorDodge,
    "color_burn": skia.BlendMode.kColorBurn,
    "hard_light": skia.BlendMode.kHardLight,
    "soft_light": skia.BlendMode.kSoftLight,
    "exclusion": skia.BlendMode.kExclusion,
    "hue": skia.BlendMode.kHue,
    "saturation": skia.BlendMode.kSaturation,
    "color": skia.BlendMode.kColor,
    "luminosity": skia.BlendMode.kLuminosity,
    "in": skia.BlendMode.kSrcIn,
    "out": skia.BlendMode.kSrcOut,
    "atop": skia.BlendMode.kSrcATop,
    "xor": skia.BlendMode.kXor,
    "under": skia.BlendMode.kDstOver,
    "stencil": skia.BlendMode.kDstIn,
    "copy": skia.BlendMode.kSrc,
}
"""What has the same meaning in both for colours within 0..1. Skia's `kPlus` clamps and adds alphas."""

SAME_BEYOND = {"normal", "multiply", "difference", "darken", "lighten", "exclusion"} | {
    "in", "out", "atop", "xor", "under", "stencil", "copy"
}  # fmt: skip
"""Those whose formulas are the same for all colours."""

OPACITIES = [1.0, 0.37]


def picture(seed: int, most: float = 1, least: float = 0) -> np.ndarray:
    """Premultiplied noise; a seventh of its pixels are transparent black, a seventh opaque."""
    random = np.random.default_rng(seed)
    pixels = random.uniform(least, most, (43, 61, 4)).astype(np.float32)
    alpha = np.clip(random.uniform(-0.2, 1.2, (43, 61, 1)), 0, 1).astype(np.float32)
    pixels[..., 3] = 1
    return pixels * alpha


def ends(seed: int) -> np.ndarray:
    """Opaque colours of 0, a half and 1 alone."""
    pixels = np.random.default_rng(seed).integers(0, 3, (43, 61, 4)).astype(np.float32) / 2
    pixels[..., 3] = 1
    return pixels


def blended(mode: str, below: np.ndarray, above: np.ndarray, opacity: float = 1) -> np.ndarray:
    height, width = below.shape[:2]
    comp = playa.Project().add_comp("Main", width=width, height=height)
    comp.add_layer(below.copy())
    comp.add_layer(above.copy(), blend_mode=mode, opacity=opacity)
    return comp.render(0).to_numpy()


def blended_by_skia(mode: str, below: np.ndarray, above: np.ndarray, opacity: float) -> np.ndarray:
    height, width = below.shape[:2]
    info = skia.ImageInfo.Make(width, height, skia.kRGBA_F32_ColorType, skia.kPremul_AlphaType)
    output = below.copy()
    canvas = skia.Surface.MakeRasterDirect(info, output, width * 16).getCanvas()
    image = skia.Image.MakeRasterCopy(skia.Pixmap(info, above, width * 16))
    canvas.drawImage(image, 0, 0, skia.SamplingOptions(), skia.Paint(BlendMode=SKIA[mode], Alphaf=opacity))
    return output


def differ(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, in units of the largest value."""
    return float(np.abs(found.astype(np.float64) - expected).max() / max(1, np.abs(expected).max()))


def test_every_mode_is_held_against_something() -> None:
    choices = playa.Project().add_comp("Main", width=1, height=1).add_layer(ends(1)).attrs.schema()["blend_mode"]["choices"]
    assert set(choices) == set(SKIA) | {"add"} | set(FORMULAS)
    assert len(choices) == 26


@pytest.mark.parametrize("opacity", OPACITIES)
@pytest.mark.parametrize("mode", SKIA)
def test_modes_are_those_of_skia_for_colours_up_to_1(mode: str, opacity: float) -> None:
    below, above = picture(1), picture(2)
    # Both compute in float32, in different order.
    assert differ(blended(mode, below, above, opacity), blended_by_skia(mode, below, above, opacity)) <= 1e-6


@pytest.mark.parametrize("mode", SKIA)
def test_modes_are_those_of_skia_where_formulas_change_over(mode: str) -> None:
    below, above = ends(3), ends(4)
    assert differ(blended(mode, below, above), blended_by_skia(mode, below, above, 1)) <= 1e-6


@pytest.mark.parametrize("opacity", OPACITIES)
@pytest.mark.parametrize("mode", sorted(SAME_BEYOND))
def test_modes_are_those_of_skia_for_any_colour(mode: str, opacity: float) -> None:
    below, above = picture(5, 50, -5), picture(6, 50, -5)
    assert differ(blended(mode, below, above, opacity), blended_by_skia(mode, below, above, opacity)) <= 1e-6


def screen(cb: np.ndarray, cs: np.ndarray) -> np.ndarray:
    return np.where((cb > 1) | (cs > 1), np.maximum(cb, cs), cb + cs - cb * cs)


def hard_light(cb: np.ndarray, cs: np.ndarray) -> np.ndarray:
    return np.where(cs <= 0.5, cb * 2 * cs, screen(cb, 2 * cs - 1))


def color_dodge(cb: np.ndarray, cs: np.ndarray) -> np.ndarray:
    brightened = np.divide(cb, 1 - cs, out=np.full_like(cb, np.inf), where=cs < 1)
    return np.where(cb <= 0, cb, np.minimum(brightened, np.maximum(cb, 1)))


def soft_light(cb: np.ndarray, cs: np.ndarray) -> np.ndarray:
    cb01 = np.clip(cb, 0, 1)
    lighter = np.where(cb01 <= 0.25, ((16 * cb01 - 12) * cb01 + 4) * cb01, np.sqrt(cb01))
    change = np.where(cs <= 0.5, cb01 * (1 - cb01), lighter - cb01)
    return cb + (2 * cs - 1) * change


FORMULAS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "add": lambda cb, cs: cb + cs,
    "subtract": lambda cb, cs: cb - cs,
    "divide": lambda cb, cs: cb / np.copysign(np.maximum(np.abs(cs), 1e-5), cs),
    "screen": screen,
    "overlay": lambda cb, cs: hard_light(cs, cb),
    "hard_light": hard_light,
    "color_dodge": color_dodge,
    "color_burn": lambda cb, cs: 1 - color_dodge(1 - cb, 1 - cs),
    "soft_light": soft_light,
}
"""`B(Cb, Cs)` of modes that Skia lacks, or that mean something else there for colours beyond 0..1."""


def by_formula(mode: str, below: np.ndarray, above: np.ndarray, opacity: float) -> np.ndarray:
    """The general rule of W3C Compositing, in float64 on straight colours."""
    below, above = below.astype(np.float64), above * np.float64(np.float32(opacity))
    alpha_b, alpha_s = below[..., 3:], above[..., 3:]
    cb, cs = (
        np.divide(pixels[..., :3], alpha, out=np.zeros(alpha.shape[:2] + (3,)), where=alpha > 0)
        for pixels, alpha in ((below, alpha_b), (above, alpha_s))
    )
    both = alpha_s * alpha_b * FORMULAS[mode](cb, cs)
    colour = alpha_s * (1 - alpha_b) * cs + both + (1 - alpha_s) * alpha_b * cb
    return np.concatenate([colour, alpha_s + alpha_b - alpha_s * alpha_b], axis=-1)


@pytest.mark.parametrize("opacity", OPACITIES)
@pytest.mark.parametrize("mode", FORMULAS)
def test_modes_are_their_formulas_for_any_colour(mode: str, opacity: float) -> None:
    for most, least in ((1, 0), (3, -1), (50, -5)):
        below, above = picture(7, most, least), picture(8, most, least)
        assert differ(blended(mode, below, above, opacity), by_formula(mode, below, above, opacity)) <= 1e-6


def test_divide_by_nothing_is_large_and_finite() -> None:
    below, above = ends(9), ends(9)
    above[..., :3] = 0
    expected = np.where(below[..., :3] > 0, below[..., :3] * 1e5, 0)
    assert differ(blended("divide", below, above)[..., :3], expected) <= 1e-6


@pytest.mark.parametrize("mode", ["in", "out", "stencil", "copy"])
def test_nothing_is_left_around_a_layer_of_these_modes(mode: str) -> None:
    below, above = ends(10), ends(11)[:21, :31]
    found = blended(mode, below, above)
    around = np.ones(found.shape[:2], bool)
    around[11:32, 15:46] = False
    assert not found[around].any()
    assert found.any() == (mode != "out")
    assert not blended(mode, below, above, opacity=0).any()
