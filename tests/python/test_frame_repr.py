"""What people see: descriptions of objects, and frames in notebooks."""

import base64
import re
from pathlib import Path

import cv2
import numpy as np
import playa_py as playa
import pytest

Window = tuple[int, int, int, int]


def frame(pixels: np.ndarray, **options: object) -> playa.Frame:
    return playa.Frame.from_numpy(pixels, copy=True, **options)


def decoded(png: bytes) -> np.ndarray:
    """RGBA codes."""
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    return image[..., [2, 1, 0, 3]]


def srgb(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def test_a_frame_says_what_it_is() -> None:
    pixels = np.zeros((5, 7, 4), np.float32)
    assert repr(frame(pixels)) == "<Frame 7x5 RGBA float32, data window (0, 0, 7, 5), metadata 0>"
    plane = np.zeros((5, 7), np.float32)
    full = frame(
        pixels,
        data_window=(-3, 5, 4, 10),
        display_window=(0, 0, 10, 10),
        pixel_aspect=2,
        channels={f"layer{at}.R": plane for at in range(11)},
        metadata={"owner": "us"},
    )
    names = " ".join(f"layer{at}.R" for at in range(8))
    assert repr(full) == (
        "<Frame 7x5 RGBA float32, data window (-3, 5, 4, 10), display window (0, 0, 10, 10), pixel aspect 2, "
        f"channels {names} and 3 more, metadata 1>"
    )


def test_everything_says_what_it_is(footage: Path) -> None:
    project = playa.Project("Shot")
    for at in range(9):
        comp = project.add_comp(f"C{at}", width=96, height=54)
    layer = comp.add_layer(footage / "bg.####.exr")
    camera = project.add_camera("Cam")
    effect = layer.add_effect("GaussianBlur")
    with playa.Profile() as profile:
        comp.render(1)
    frames = comp.render_range("1-3")
    assert repr(frames) == "<RenderRange of 3 frames>"
    frames.close()
    assert repr(frames) == "<RenderRange of 3 frames, closed>"
    names = ", ".join(f'"C{at}"' for at in range(8))
    assert repr(project) == f'<Project "Shot": comps [{names}] and 1 more, 1 media>'
    assert repr(comp) == '<Comp "C8": 96x54, 24 fps, frames 1-8, 1 layers>'
    assert repr(layer) == '<Layer "bg.####.exr" of "C8": frames 1-8, effects ["GaussianBlur"]>'
    assert re.fullmatch(r"<Profile: \d+\.\d{4} seconds of all threads in \d+ rows>", repr(profile))
    for thing in layer.source, camera, effect, playa.cache, comp.attrs, comp.render(1), comp.render(1).layers:
        assert type(thing).__name__ in repr(thing)
        assert " object at 0x" not in repr(thing)


def test_a_comp_renders_nothing_to_describe_itself(footage: Path) -> None:
    comp = playa.Project().add_comp("Main", width=96, height=54)
    comp.add_layer(footage / "bg.####.exr")
    before = playa.cache.stats().entries
    assert repr(comp).startswith("<Comp")
    assert not hasattr(comp, "_repr_png_")
    assert not hasattr(comp, "_repr_html_")
    assert playa.cache.stats().entries == before


def test_a_notebook_shows_the_display_window() -> None:
    random = np.random.default_rng(8)
    pixels = random.uniform(0, 1.2, (54, 96, 4)).astype(np.float32)
    pixels[..., 3] = random.uniform(0.5, 1, (54, 96))
    shown = decoded(frame(pixels, data_window=(-6, 4, 90, 58), display_window=(0, 0, 100, 50))._repr_png_())
    alpha = pixels[..., 3:].astype(np.float64)
    straight = np.clip(pixels[..., :3] / alpha, 0, 1)
    codes = np.concatenate([srgb(straight), alpha], axis=-1) * 255
    wanted = np.zeros((50, 100, 4))
    wanted[4:, :90] = codes[:46, 6:]
    assert np.abs(shown - wanted).max() <= 0.5 + 1e-3  # rounded to the nearest code, off by some units of a float32


def test_a_large_frame_is_shown_small() -> None:
    pixels = np.random.default_rng(9).uniform(0, 1, (1500, 2100, 4)).astype(np.float32)
    pixels[..., 3] = 1
    shown = decoded(frame(pixels)._repr_png_())
    assert shown.shape == (500, 700, 4)
    means = pixels.astype(np.float64).reshape(500, 3, 700, 3, 4).mean(axis=(1, 3))
    assert np.abs(shown[..., :3] - srgb(means[..., :3]) * 255).max() <= 0.5 + 1e-3
    wide = decoded(frame(np.ones((1, 30000, 4), np.float32))._repr_png_())
    assert wide.shape == (1, 1000, 4)
    # What is left of the last block counts as a whole one.
    odd = decoded(frame(np.ones((1025, 1025, 4), np.float32))._repr_png_())
    assert odd.shape == (513, 513, 4)
    assert (odd == 255).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, -3e38])
def test_what_is_no_colour_is_shown_anyway(value: float) -> None:
    pixels = np.full((40, 2000, 4), value, np.float32)
    shown = decoded(frame(pixels)._repr_png_())
    assert (shown == (255 if value > 0 else 0)).all()


@pytest.mark.parametrize(
    ("window", "size"),
    [
        ((0, 0, 0, 0), None),
        ((5, 5, 5, 90), None),
        ((-(2**31), -(2**31), 2**31 - 1, 2**31 - 1), (1024, 1024)),
        ((100, 100, 103, 102), (2, 3)),
    ],
)
def test_strange_windows_show_a_picture_or_none(window: Window, size: tuple[int, int] | None) -> None:
    shown = frame(np.ones((4, 4, 4), np.float32), display_window=window)
    png = shown._repr_png_()
    assert (None if png is None else decoded(png).shape[:2]) == size
    assert f"display window {window}" in shown._repr_html_()
    assert ("<img" in shown._repr_html_()) == (size is not None)


def test_an_empty_frame_is_described_in_words() -> None:
    empty = frame(np.zeros((0, 0, 4), np.float32))
    assert empty._repr_png_() is None
    assert "<img" not in empty._repr_html_()
    assert "Frame 0x0" in empty._repr_html_()


def test_html_is_the_picture_and_the_description_escaped() -> None:
    named = frame(np.ones((3, 2, 4), np.float32), channels={"<b>&": np.zeros((3, 2), np.float32)})
    html = named._repr_html_()
    (picture,) = re.findall(r'src="data:image/png;base64,([^"]*)"', html)
    assert base64.b64decode(picture) == named._repr_png_()
    assert "&lt;Frame 2x3 RGBA float32" in html
    assert "channels &lt;b&gt;&amp;," in html
    assert "<b>" not in html
