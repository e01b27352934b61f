"""Attributes and parameters as functions of time: how they are set and read, and the pixels that come of them."""

import math
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest
from playa_py import Key


def flat(value: float, height: int = 4, width: int = 6) -> np.ndarray:
    """An opaque picture of one grey."""
    pixels = np.full((height, width, 4), value, np.float32)
    pixels[..., 3] = 1
    return pixels


@pytest.fixture
def layer(comp: playa.Comp) -> playa.Layer:
    """A grey layer of 2.0 in a comp of 6x4 pixels."""
    return comp.add_layer(flat(2))


def test_a_linear_fade_has_exact_pixels(comp: playa.Comp, layer: playa.Layer) -> None:
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 4, 1.0)
    for frame in range(6):
        opacity = min(frame / 4, 1)
        expected = np.broadcast_to(np.float32([2 * opacity] * 3 + [opacity]), (4, 6, 4))
        np.testing.assert_array_equal(comp.render(frame).to_numpy(), expected)


def test_hold_and_bezier_have_the_pixels_of_their_formula(comp: playa.Comp, layer: playa.Layer) -> None:
    layer.set_key("opacity", 0, 0.25, "hold")
    layer.set_key("opacity", 2, 0.5, "bezier")
    layer.set_key("opacity", 10, 1.0)
    for frame in range(12):
        u = (min(frame, 10) - 2) / 8
        opacity = 0.25 if frame < 2 else 0.5 + 0.5 * u * u * (3 - 2 * u)
        # One rounding to float32 of the opacity, one of the product.
        np.testing.assert_allclose(comp.render(frame).to_numpy()[..., 0], 2 * opacity, rtol=2.5e-7)


def test_a_keyed_position_moves_pixels(comp: playa.Comp) -> None:
    rng = np.random.default_rng(3)
    pixels = rng.random((4, 6, 4), np.float32)
    pixels[..., 3] = 1
    layer = comp.add_layer(pixels.copy())
    layer.set_key("position", 0, (0, 0, 0))
    layer.set_key("position", 4, (4, -2, 0))
    for frame, (right, down) in [(0, (0, 0)), (2, (2, 1)), (4, (4, 2)), (5, (4, 2))]:
        expected = np.zeros_like(pixels)
        expected[down:, right:] = pixels[: 4 - down, : 6 - right]
        np.testing.assert_array_equal(comp.render(frame).to_numpy(), expected)


def test_keyed_parameters_and_mix_of_an_effect_change_pixels(comp: playa.Comp, layer: playa.Layer) -> None:
    bright = layer.add_effect("BrightnessContrast")
    bright.set_key("brightness", 0, 0.0)
    bright.set_key("brightness", 4, 1.0)
    for frame in range(6):
        np.testing.assert_array_equal(comp.render(frame).to_numpy()[..., 0], np.float32(2 + min(frame / 4, 1)))
    bright.brightness = 1.0
    bright.set_key("mix", 0, 0.0)
    bright.set_key("mix", 2, 1.0)
    for frame, expected in enumerate([2.0, 2.5, 3.0, 3.0]):
        np.testing.assert_array_equal(comp.render(frame).to_numpy()[..., 0], np.float32(expected))


def test_a_keyed_choice_switches(comp: playa.Comp) -> None:
    blur = comp.add_layer(flat(1)).add_effect("GaussianBlur", radius=2)
    blur.set_key("edges", 0, "clamp", "hold")
    blur.set_key("edges", 3, "transparent", "hold")
    assert [blur.value_at("edges", frame) for frame in (-1, 0, 2.9, 3, 9)] == ["clamp"] * 3 + ["transparent"] * 2
    assert comp.render(2, region="data").data_window == (0, 0, 6, 4)
    assert comp.render(3, region="data").data_window == (-4, -4, 10, 8)


def test_keys_are_listed_replaced_and_removed(layer: playa.Layer) -> None:
    assert layer.keys("opacity") == []
    layer.set_key("opacity", 10, 1, "hold")
    layer.set_key("opacity", np.float32(-2.5), np.float64(0.5), interp="bezier", outgoing=(4, -0.25))
    layer.set_key("opacity", frame=3, value=0, incoming=(-1, 0.5))
    first, second, third = layer.keys("opacity")
    assert first == Key(-2.5, 0.5, "bezier", None, (4, -0.25))
    assert (second.frame, second.value, second.interp) == (3, 0, "linear")
    assert (second.incoming, second.outgoing) == ((-1, 0.5), None)
    assert third == (10, 1, "hold", None, None)
    layer.set_key("opacity", 3, 0.75)
    assert layer.keys("opacity")[1] == Key(3, 0.75)
    layer.set_key("opacity", **first._asdict())
    assert layer.keys("opacity")[0] == first
    assert layer.remove_key("opacity", 3) is True
    assert layer.remove_key("opacity", 3) is False
    assert [key.frame for key in layer.keys("opacity")] == [-2.5, 10]
    layer.set_key("position", 0, [1, 2, 3], "bezier", incoming=(-2, (0, 0, 1)), outgoing=(2, [1, 0, 0]))
    assert layer.keys("position") == [Key(0, (1, 2, 3), "bezier", (-2, (0, 0, 1)), (2, (1, 0, 0)))]


def test_the_constant_stays_beside_keys_and_replaces_them(layer: playa.Layer) -> None:
    layer.opacity = 0.5
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 8, 1.0)
    assert layer.opacity == layer.get_attr("opacity") == 0.5
    assert layer.value_at("opacity", 2) == 0.25
    assert layer.value_at("opacity", 2.5) == 0.3125
    assert layer.value_at("speed", 2) == 1
    layer.opacity = 0.5
    assert layer.keys("opacity") == []
    assert layer.value_at("opacity", 2) == 0.5
    layer.set_key("opacity", 0, 0.0)
    assert layer.remove_key("opacity", 0)
    assert layer.value_at("opacity", 0) == 0.5


def test_handles_bend_the_curve(layer: playa.Layer) -> None:
    layer.set_key("position", 0, (0, 0, 0), "bezier", outgoing=(4, (0, 12, 0)))
    layer.set_key("position", 12, (12, 0, 0), incoming=(-4, (-4, 0, 0)))
    # Time is even with handles of a third: halfway a Bezier curve is (a + 3 b + 3 c + d) / 8.
    assert layer.value_at("position", 6) == pytest.approx(((0 + 0 + 3 * 8 + 12) / 8, 3 * 12 / 8, 0), abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "reason"),
    [
        (("opacity", 0, 1.5), {}, playa.AttrValueError, "1.5 is outside its range, expected float within 0..=1"),
        (("opacity", 0, "half"), {}, playa.AttrTypeError, "expected float"),
        (("opacity", 0, math.nan), {}, playa.AttrValueError, "NaN"),
        (("opacity", math.inf, 1), {}, playa.AttrValueError, "key at frame inf: expected a frame within"),
        (("opacity", "first", 1), {}, playa.AttrTypeError, "frame: expected a number, found an object of type str"),
        (("opacity", 0, 1, "liner"), {}, playa.AttrValueError, "did you mean `linear`.*one of hold, linear, bezier"),
        (("opacity", 0, 1), {"incoming": (1, 0)}, playa.AttrValueError, "incoming handle: found 1 frames"),
        (("opacity", 0, 1), {"outgoing": 3}, playa.AttrTypeError, r"outgoing handle of opacity: expected \(frames"),
        (("opacity", 0, 1), {"outgoing": (1, (1, 2))}, playa.AttrValueError, "one offset for each of 1 components"),
        (("speed", 0, 1), {}, playa.AttrValueError, "`speed` of a layer takes no keys; these do: opacity, position"),
        (("opactiy", 0, 1), {}, playa.AttrNameError, "did you mean `opacity`"),
    ],
)
def test_a_wrong_key_is_refused_and_changes_nothing(
    layer: playa.Layer, arguments: tuple, keywords: dict, error: type, reason: str
) -> None:
    with pytest.raises(error, match=reason) as caught:
        layer.set_key(*arguments, **keywords)
    assert isinstance(caught.value, playa.PlayaError)
    assert layer.keys("opacity") == []


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        (("radius", 0, -1), playa.ParamError, "-1.0 is outside its range"),
        (("radius", 0, "wide"), playa.ParamTypeError, "expected float"),
        (("radius", 0, 1, "spline"), playa.ParamError, "one of hold, linear, bezier"),
        (("edges", 0, "clamp"), playa.ParamError, 'a choice has no values in between, expected "hold"'),
        (("edges", 0, "mirror", "hold"), playa.ParamError, "one of clamp, transparent"),
        (("mix", 0, 2), playa.ParamError, "parameter `mix` of effect GaussianBlur: 2.0 is outside its range"),
        (("size", 0, 1), playa.ParamNameError, "no parameter `size`"),
    ],
)
def test_a_wrong_key_of_an_effect_is_refused(layer: playa.Layer, arguments: tuple, error: type, reason: str) -> None:
    blur = layer.add_effect("GaussianBlur")
    with pytest.raises(error, match=reason):
        blur.set_key(*arguments)
    assert all(blur.keys(name) == [] for name in ("radius", "edges", "mix"))


def test_a_function_is_refused_with_a_hint(layer: playa.Layer) -> None:
    blur = layer.add_effect("GaussianBlur")
    for set_it in (
        lambda: layer.set_key("opacity", 0, math.sin),
        lambda: layer.set_attr("opacity", lambda frame: frame),
        lambda: blur.set_key("radius", 0, math.sin),
        lambda: setattr(blur, "radius", math.sin),
    ):
        with pytest.raises(TypeError, match="found an object of type .*function") as caught:
            set_it()
        assert "loop over the frames and call `set_key(" in caught.value.hint


def test_only_layers_have_attributes_that_take_keys(project: playa.Project, comp: playa.Comp) -> None:
    for node, name in [(comp, "width"), (project, "name")]:
        with pytest.raises(playa.AttrValueError, match="takes no keys; these do: none"):
            node.set_key(name, 0, node[name], "hold")
        assert node.keys(name) == []
        assert node.value_at(name, 3) == node[name]
    schema = comp.add_layer(flat(1)).attrs.schema()
    keyable = [name for name, spec in schema.items() if spec["keyable"]]
    assert keyable == ["opacity", "position", "rotation", "scale", "pivot"]


def test_keys_survive_file_and_json(comp: playa.Comp, layer: playa.Layer, tmp_path: Path) -> None:
    layer.set_key("opacity", 0, 0.125, "bezier", outgoing=(2, 0.25))
    layer.set_key("opacity", 4, 1, "hold")
    blur = layer.add_effect("GaussianBlur")
    blur.set_key("radius", 0, 1)
    blur.set_key("mix", 2, 0.5, "hold")
    path = tmp_path / "fade.playa"
    comp.project.save(path)
    loaded = playa.Project.load(path)
    for again in (loaded, playa.Project.from_json(loaded.to_json())):
        (copy,) = again.get_comp("Main").layers
        assert copy.keys("opacity") == layer.keys("opacity")
        assert copy.effects[0].keys("radius") == blur.keys("radius") == [Key(0, 1)]
        assert copy.effects[0].keys("mix") == blur.keys("mix") == [Key(2, 0.5, "hold")]
        for frame in range(5):
            rendered = again.get_comp("Main").render(frame).to_numpy()
            np.testing.assert_array_equal(rendered, comp.render(frame).to_numpy())


def test_an_effect_of_another_layer_is_copied_with_its_keys(comp: playa.Comp, layer: playa.Layer) -> None:
    blur = layer.add_effect("GaussianBlur")
    blur.set_key("radius", 0, 1)
    blur.set_key("edges", 0, "transparent", "hold")
    copy = comp.add_layer(flat(1)).add_effect(blur, edges="clamp")
    assert (copy.keys("radius"), copy.keys("edges"), copy.edges) == ([Key(0, 1)], [], "clamp")


def test_removed_nodes_have_no_keys(layer: playa.Layer) -> None:
    blur = layer.add_effect("GaussianBlur")
    layer.remove()
    for use in (
        lambda: layer.set_key("opacity", 0, 1),
        lambda: layer.keys("opacity"),
        lambda: layer.value_at("opacity", 0),
        lambda: layer.remove_key("opacity", 0),
        lambda: blur.set_key("radius", 0, 1),
        lambda: blur.keys("mix"),
        lambda: blur.value_at("radius", 0),
        lambda: blur.remove_key("mix", 0),
    ):
        with pytest.raises(playa.NodeRemovedError):
            use()
