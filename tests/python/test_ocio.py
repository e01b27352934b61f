"""Configs of OpenColorIO give what the C++ library gives, over whole pictures; and are reached by name from everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import playa_py as playa
import PyOpenColorIO as ocio
import pytest
from numpy.typing import NDArray
from PIL import Image

NAME = "cg-config-v4.0.0_aces-v2.0_ocio-v2.5"
CG = f"ocio://{NAME}"
ACES = "ACES 2.0 - SDR 100 nits (Rec.709)"
GAMUT = "ACES 1.3 Reference Gamut Compression"

SWEEP = pytest.mark.skipif("PLAYA_OCIO_SWEEP" not in os.environ, reason="takes minutes: set PLAYA_OCIO_SWEEP=1")


def odd_pixels() -> NDArray[np.float32]:
    """Dark, bright, negative, tiny, huge, infinite values and NaN in every combination of three."""
    values = [0, -0.0, 1e-7, 1e-3, 0.18, 0.5, 1, 1.5, 16, 1000, 65504, -1e-4, -0.2, -10, np.inf, -np.inf, np.nan]
    grid = np.stack(np.meshgrid(values, values, values), axis=-1).reshape(-1, 3)
    alphas = np.resize([1, 0, 0.5], len(grid))
    return np.column_stack([grid, alphas]).astype(np.float32)


def picture(shared: Path, name: str = "rgba/Carrots.exr", step: int = 1) -> NDArray[np.float32]:
    pixels = playa.Frame.load(shared / "media" / name).to_numpy()
    return np.ascontiguousarray(pixels[::step, ::step].reshape(-1, 4), np.float32)


def by_ocio(pixels: NDArray, processor: ocio.Processor) -> NDArray[np.float32]:
    result = pixels.copy()
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGBA(result)
    return result


def assert_same(found: NDArray, expected: NDArray, what: object, error: float = 1e-6) -> float:
    """Colour within an error of itself, or of 1 where it is smaller; the same are NaN and infinite."""
    found, expected = found[..., :3], expected[..., :3]
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(found.astype(np.float64) - expected) / np.maximum(np.abs(expected), 1)
    apart[(found == expected) | (np.isnan(found) & np.isnan(expected))] = 0
    worst = float(apart.max())
    assert worst <= error, f"{what}: {worst:.2e} apart, {np.count_nonzero(~(apart <= error))} values"
    return worst


def check_config(name: str, pixels: NDArray[np.float32]) -> float:
    """All spaces to and from that of `scene_linear`, and all views of all displays."""
    config = ocio.Config.CreateFromBuiltinConfig(name)
    project = playa.Project()
    project.colour_config = f"ocio://{name}"
    listed = playa.colour_config(f"ocio://{name}")
    assert [space.name for space in listed.spaces] == list(config.getColorSpaceNames())
    light, alpha, worst = listed.roles["scene_linear"], pixels[..., 3:], 0.0
    for space in listed.spaces:
        for source, target in ((space.name, light), (light, space.name)):
            found = playa.convert_colour(pixels, source, target, project=project)
            assert ((found[..., 3:] == alpha) | np.isnan(alpha)).all()
            expected = by_ocio(pixels, config.getProcessor(source, target))
            worst = max(worst, assert_same(found, expected, (source, target)))
    assert listed.displays == {display: tuple(config.getViews(display)) for display in config.getDisplays()}
    straight = np.column_stack([pixels[..., :3], np.ones(len(pixels), np.float32)])
    frame = playa.Frame.from_numpy(straight[None]).convert(light, config=f"ocio://{name}")
    straight = frame.to_numpy()[0]
    for display, views in listed.displays.items():
        for view in views:
            found = frame.to_display(display, view, config=f"ocio://{name}", dtype="float32")[0]
            processor = config.getProcessor(light, display, view, ocio.TRANSFORM_DIR_FORWARD)
            worst = max(worst, assert_same(found, by_ocio(straight, processor), (display, view)))
    return worst


def test_odd_values_become_what_opencolorio_makes_of_them() -> None:
    check_config(NAME, odd_pixels())


def test_a_picture_becomes_what_opencolorio_makes_of_it(shared: Path) -> None:
    check_config(NAME, picture(shared, step=6))


@SWEEP
@pytest.mark.parametrize("name", [name.removeprefix("ocio://") for name in playa.colour_configs()])
def test_every_config_over_whole_pictures(name: str, shared: Path) -> None:
    check_config(name, odd_pixels())
    for file in ("rgba/Carrots.exr", "rgba/CandleGlass.exr", "rgba/StillLife.exr", "colour/WideColorGamut.exr"):
        print(name, file, f"{check_config(name, picture(shared, file)):.2e}")
