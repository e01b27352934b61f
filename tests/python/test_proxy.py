"""Smaller pictures for a quick look: against the full picture, reduced by a box."""

from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import playa_py as playa
import pytest

SCALES = [2, 4, 8]


def reduced(pixels: np.ndarray, n: int) -> np.ndarray:
    """The mean of n by n pixels; what lies beyond the picture is transparent."""
    height, width = pixels.shape[:2]
    padded = np.zeros((-(-height // n) * n, -(-width // n) * n, 4), np.float64)
    padded[:height, :width] = pixels
    return padded.reshape(padded.shape[0] // n, n, padded.shape[1] // n, n, 4).mean((1, 3))


def smooth(width: int, height: int, seed: int = 1, cell: int = 16, grain: float = 0.01) -> np.ndarray:
    """A picture as cameras make them: soft, with some grain, opaque."""
    noise = np.random.default_rng(seed).random((height // cell, width // cell, 3), np.float32)
    pixels = np.ones((height, width, 4), np.float32)
    grains = np.random.default_rng(seed + 1).normal(0, grain, (height, width, 3))
    pixels[..., :3] = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) + grains
    return pixels


@pytest.mark.parametrize("n", SCALES)
def test_sizes_and_places_need_not_be_multiples(project: playa.Project, n: int) -> None:
    comp = project.add_comp("Main", width=131, height=67)
    comp.add_layer(smooth(144, 80), position=(-23.5, 16.5, 0.0))
    comp.add_layer(project.add_text("Proxy", font_size=24.0), opacity=0.5)
    full, small = comp.render(0), comp.render(0, proxy=n)
    assert small.display_window == (0, 0, -(-131 // n), -(-67 // n))
    assert small.data_window == small.display_window
    # The comp's frame is cut after it is made smaller: pixels at its edges hold what lies beyond it as well.
    inner = np.s_[: 67 // n, : 131 // n, :]
    difference = np.abs(small.to_numpy()[inner] - reduced(full.to_numpy(), n)[inner])
    # What is moved by a part of a pixel is softer by as much, of the small picture here and of the full one there.
    assert difference.mean() < 0.02 and np.quantile(difference, 0.99) < 0.15


@pytest.mark.parametrize("n", SCALES)
def test_a_layer_in_its_place_is_exact(project: playa.Project, n: int) -> None:
    comp = project.add_comp("Main", width=64, height=48)
    comp.add_layer(smooth(64, 48))
    layer = comp.add_layer(smooth(32, 32, 5), position=(8.0, -8.0, 0.0), blend_mode="add", opacity=0.25)
    layer.add_effect("Exposure", stops=1.0)
    found = comp.render(0, proxy=n).to_numpy()
    np.testing.assert_allclose(found, reduced(comp.render(0).to_numpy(), n), rtol=0, atol=2e-6)


@pytest.mark.parametrize("n", SCALES)
@pytest.mark.parametrize("camera", [False, True])
def test_transforms_cameras_and_blurs_are_those_of_the_full_picture(
    project: playa.Project, camera: bool, n: int
) -> None:
    comp = project.add_comp("Main", width=640, height=352)
    inner = project.add_comp("Inner", width=320, height=192)
    inner.add_layer(smooth(320, 192, 7, 64, 0), rotation=(0.0, 0.0, 20.0))
    comp.add_layer(smooth(640, 352, 1, 64, 0))
    turned = comp.add_layer(inner, position=(100.0, 40.0, 0.0), scale=(0.8, 1.1, 1.0), rotation=(0, 0, -30))
    turned.add_effect("GaussianBlur", radius=24.0, edges="transparent")
    red = project.add_solid("Red", color=(0.5, 0.0, 0.0, 0.5), width=96, height=64)
    comp.add_layer(red, position=(-160.0, 0.0, 0.0))
    if camera:
        comp.add_layer(project.add_camera("View"), position=(30.0, 20.0, 500.0))
    full, small = reduced(comp.render(0).to_numpy(), n), comp.render(0, proxy=n).to_numpy()
    assert small.shape == full.shape
    difference = np.abs(small - full)[..., :3]
    # Filters and edges of layers are as wide as a pixel, of the small picture here and of the full one there. A layer
    # that is a pixel of the small picture beside its place differs by more.
    beside = np.abs(np.roll(full, 1, 1) - full)[..., :3].mean()
    assert difference.mean() < 0.2 * beside, (difference.mean(), beside)


@pytest.mark.parametrize("n", SCALES)
def test_places_are_exact_to_a_fraction_of_a_pixel(project: playa.Project, n: int) -> None:
    y, x = np.mgrid[0:128, 0:128].astype(np.float32) - 63.5
    blob = np.exp(-(x**2 + y**2) / (2 * 16**2))[..., None] * np.ones(4, np.float32)
    comp = project.add_comp("Main", width=512, height=320)
    layer = comp.add_layer(blob, position=(37.25, -21.5, 0.0), pivot=(10.0, 5.0, 0.0))
    layer.rotation, layer.scale = (0.0, 0.0, 33.0), (1.5, 1.2, 1.0)

    def centre(pixels: np.ndarray) -> np.ndarray:
        alpha = pixels[..., 3].astype(np.float64)
        rows, columns = np.indices(alpha.shape)
        return np.array([(alpha * (columns + 0.5)).sum(), (alpha * (rows + 0.5)).sum()]) / alpha.sum()

    full, small = centre(comp.render(0).to_numpy()), centre(comp.render(0, proxy=n).to_numpy())
    assert np.abs(full / n - small).max() < 0.01, (full / n, small)


def test_lengths_in_pixels_are_scaled_and_their_ranges_hold(project: playa.Project) -> None:
    pixels = np.zeros((64, 64, 4), np.float32)
    pixels[24:40, 24:40] = 1
    comp = project.add_comp("Main", width=64, height=64)
    layer = comp.add_layer(pixels)
    layer.add_effect("GaussianBlur", radius=16.0, quality="exact", edges="transparent")
    small, wide = comp.render(0, proxy=4).to_numpy(), reduced(comp.render(0).to_numpy(), 4)
    assert np.abs(small - wide).max() < 0.02
    # Not that of 16 pixels of the small picture, which is four times as wide.
    other = project.add_comp("Other", width=16, height=16)
    other.add_layer(reduced(pixels, 4).astype(np.float32)).add_effect(
        "GaussianBlur", radius=16.0, quality="exact", edges="transparent"
    )
    assert np.abs(other.render(0).to_numpy() - wide).max() > 0.1


@pytest.mark.parametrize("n", SCALES)
def test_footage_is_reduced_as_light(project: playa.Project, tmp_path: Path, n: int) -> None:
    playa.Frame.from_numpy(smooth(96, 64)).save(tmp_path / "a.png", depth=16)
    comp = project.add_comp("Main", width=96, height=64)
    comp.add_layer(tmp_path / "a.png")
    found = comp.render(0, proxy=n).to_numpy()
    np.testing.assert_allclose(found, reduced(comp.render(0).to_numpy(), n), rtol=0, atol=2e-6)


@pytest.mark.parametrize("n", SCALES)
@pytest.mark.parametrize("name", ["rgba/StillLife.exr", "rgba/Desk.exr", "tiled/GoldenGate.exr"])
def test_real_footage_is_that_of_the_full_picture(project: playa.Project, shared: Path, name: str, n: int) -> None:
    path = shared / "media" / name
    media = playa.Frame.load(path)
    comp = project.add_comp("Main", width=media.width, height=media.height)
    comp.add_layer(path)
    turned = comp.add_layer(path, rotation=(0.0, 0.0, 12.0), scale=(0.7, 0.7, 1.0), opacity=0.5)
    turned.add_effect("GaussianBlur", radius=20.0)
    full, small = comp.render(0), comp.render(0, proxy=n)
    inner = np.s_[: media.height // n, : media.width // n]
    expected = reduced(full.to_numpy(), n)[inner]
    difference = np.abs(small.to_numpy()[inner] - expected)
    # One hundredth of the light, in the mean: edges of the turned layer, and grain.
    assert difference.mean() < 0.01 * expected.mean(), difference.mean() / expected.mean()


def with_levels(path: Path, pixels: np.ndarray) -> Path:
    """A tiled file with smaller pictures, by a filter of its own and brighter from level to level."""
    height, width = pixels.shape[:2]
    levels = [pixels]
    while min(width, height) > 1:
        width, height = width // 2, height // 2
        level = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC)
        levels.append(np.ascontiguousarray(level + (len(levels), 0, 0, 0), np.float32))
    out = oiio.ImageOutput.create(str(path))
    for at, level in enumerate(levels):
        spec = oiio.ImageSpec(level.shape[1], level.shape[0], 4, oiio.FLOAT)
        spec.tile_width, spec.tile_height = 32, 32
        spec.attribute("textureformat", "Plain Texture")  # with levels
        assert out.open(str(path), spec, "Create" if at == 0 else "AppendMIPLevel"), out.geterror()
        assert out.write_image(level), out.geterror()
    out.close()
    return path


def level_of(path: Path, level: int) -> np.ndarray:
    return oiio.ImageBuf(str(path), 0, level).get_pixels(oiio.FLOAT)


@pytest.mark.parametrize("n", SCALES)
def test_a_file_with_smaller_pictures_shows_these(project: playa.Project, tmp_path: Path, n: int) -> None:
    path = with_levels(tmp_path / "levels.exr", smooth(256, 128))
    comp = project.add_comp("Main", width=256, height=128)
    layer = comp.add_layer(path)
    full, small = comp.render(0).to_numpy(), comp.render(0, proxy=n)
    level = level_of(path, SCALES.index(n) + 1)
    assert small.data_window == small.display_window == (0, 0, 256 // n, 128 // n)
    np.testing.assert_array_equal(small.to_numpy(), level)
    assert np.abs(level - reduced(full, n)).max() > 0.5, "the level is told from what the full picture becomes"
    np.testing.assert_array_equal(comp.render(0).to_numpy(), full)
    # Whatever comes after it is of the same size.
    layer.add_effect("Exposure", stops=1.0)
    expected = level * np.array([2, 2, 2, 1], np.float32)
    np.testing.assert_allclose(comp.render(0, proxy=n).to_numpy(), expected, rtol=1e-6)
    # Codes are brought to light before they are reduced, so their levels say nothing.
    layer.effects[0].remove()
    layer.source.colour_space = "cineon"
    light = comp.render(0).to_numpy()
    np.testing.assert_allclose(comp.render(0, proxy=n).to_numpy(), reduced(light, n), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("n", SCALES)
def test_levels_of_other_sizes_are_left_alone(project: playa.Project, tmp_path: Path, n: int) -> None:
    path = with_levels(tmp_path / "odd.exr", smooth(255, 129))
    comp = project.add_comp("Main", width=255, height=129)
    comp.add_layer(path)
    small = comp.render(0, proxy=n).to_numpy()
    np.testing.assert_allclose(small, reduced(comp.render(0).to_numpy(), n), rtol=0, atol=2e-6)


def test_regions_and_caches_know_the_size(project: playa.Project) -> None:
    comp = project.add_comp("Main", width=64, height=48)
    layer = comp.add_layer(smooth(64, 48), rotation=(0.0, 0.0, 10.0))
    full = comp.render(0)
    small = comp.render(0, proxy=4)
    again = comp.render(0)
    np.testing.assert_array_equal(full.to_numpy(), again.to_numpy())
    part = comp.render(0, proxy=4, region=(9, 8, 21, 20))
    assert part.data_window == (2, 2, 6, 5)
    np.testing.assert_array_equal(part.to_numpy(), small.to_numpy()[2:5, 2:6])
    layer.position = (400.0, 0.0, 0.0)
    assert not comp.render(0, proxy=2).to_numpy().any()
    (_, ranged), *_ = comp.render_range([0], proxy=8)
    assert ranged.display_window == (0, 0, 8, 6)
    assert comp.render_async(0, proxy=2).result(timeout=60).display_window == (0, 0, 32, 24)
    with pytest.raises(playa.AttrValueError, match="expected 1, 2, 4 or 8"):
        comp.render(0, proxy=3)


def test_files_are_written_at_the_size_that_each_asks_for(project: playa.Project, tmp_path: Path) -> None:
    comp = project.add_comp("Main", width=64, height=48, in_=0, out=0)
    comp.add_layer(smooth(64, 48))
    sizes = []
    comp.write(
        [
            tmp_path / "a.exr",
            {"path": tmp_path / "b.exr", "proxy": 8},
            lambda number, frame: sizes.append((frame.width, frame.height)),
        ],
        proxy=2,
    )
    assert sizes == [(32, 24)]
    half, eighth = playa.Frame.load(tmp_path / "a.exr"), playa.Frame.load(tmp_path / "b.exr")
    assert (half.width, eighth.width) == (32, 8)
    np.testing.assert_allclose(eighth.to_numpy(), reduced(half.to_numpy(), 4), rtol=0, atol=2e-6)
