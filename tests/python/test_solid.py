"""Solids: a colour over a rectangle as the source of layers."""

from pathlib import Path

import numpy as np
import playa_py as playa
import pytest


def test_a_solid_is_a_node_with_attributes(project: playa.Project, comp: playa.Comp) -> None:
    sky = project.add_solid("sky", color=(0.25, 0.5, 1))
    card = project.add_solid("card", color=np.array([4, 0, 0, 0.5]), width=3, height=2)
    assert isinstance(sky, playa.Solid)
    assert isinstance(sky, playa.Node)
    assert project.solids == [sky, card]
    assert (sky.name, sky.color, sky.width, sky.height) == ("sky", (0.25, 0.5, 1, 1), 0, 0)
    assert (card.color, card["width"], card.get_attr("height")) == ((4, 0, 0, 0.5), 3, 2)
    assert sky.project == project
    assert repr(card) == '<Solid "card": color [4.0, 0.0, 0.0, 0.5]>'
    layer = comp.add_layer(sky)
    assert (layer.source, layer.name) == (sky, "sky")
    assert (layer.in_, layer.out) == (comp.in_, comp.out), "it lasts as long as the comp"
    with pytest.raises(playa.NodeInUseError, match="solid `sky` is in use by Main / sky"):
        project.remove(sky)
    layer.remove()
    project.remove(sky)
    assert project.solids == [card]
    with pytest.raises(playa.NodeRemovedError, match="the solid"):
        sky.color = (0, 0, 0)
    with pytest.raises(playa.NodeRemovedError):
        comp.add_layer(sky)
    assert repr(sky).endswith("removed>")


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("color", (0, 0, 0, 1.5), playa.AttrValueError),
        ("color", (0, 0, 0, -0.5), playa.AttrValueError),
        ("color", (float("nan"), 0, 0), playa.AttrValueError),
        ("color", (1, 2), playa.AttrTypeError),
        ("color", "red", playa.AttrTypeError),
        ("width", -1, playa.AttrValueError),
        ("height", 1 << 21, playa.AttrValueError),
        ("colour", (0, 0, 0), playa.AttrNameError),
    ],
)
def test_what_does_not_fit_is_refused(project: playa.Project, name: str, value: object, error: type[Exception]) -> None:
    solid = project.add_solid("solid")
    with pytest.raises(error, match=name):
        setattr(solid, name, value)
    with pytest.raises(error, match=name):
        project.add_solid("refused", **{name: value})
    assert project.solids == [solid]
    assert solid.color == (0, 0, 0, 1)


def test_colour_is_straight_and_unbounded_and_goes_over_what_is_below(project: playa.Project, comp: playa.Comp) -> None:
    below = np.random.default_rng(1).random((4, 6, 4), np.float32)
    below[..., 3] = 1
    comp.add_layer(below)
    comp.add_layer(project.add_solid("veil", color=(4, -1, 0.5, 0.25)))
    expected = np.array([1, -0.25, 0.125, 0.25], np.float32) + below * np.float32(0.75)
    # A product and a sum are rounded to 24 bits each.
    np.testing.assert_allclose(comp.render(0).to_numpy(), expected, rtol=0, atol=2e-7)


def test_a_solid_takes_keys_and_is_no_picture_in_memory(project: playa.Project, comp: playa.Comp) -> None:
    solid = project.add_solid("fade", color=(1, 1, 1, 1))
    comp.add_layer(solid)
    solid.set_key("color", 0, (1, 0, 0, 0))
    solid.set_key("color", 4, (1, 0, 0, 1))
    for frame, alpha in [(0, 0), (1, 0.25), (4, 1), (9, 1)]:
        assert (comp.render(frame).to_numpy() == np.array([alpha, 0, 0, alpha], np.float32)).all()
    [fill, _] = comp.graph(4)["nodes"]
    assert (fill["kind"], fill["making"], fill["opaque"]) == ("fill", "fused", True)
    assert fill["label"].startswith('solid of layer "fade" of comp "Main"')
    assert comp.graph(1)["nodes"][0]["opaque"] is False


def test_solids_come_back_from_files(project: playa.Project, comp: playa.Comp, tmp_path: Path) -> None:
    solid = project.add_solid("card", color=(0.5, 0.25, 2, 0.5), width=4)
    solid.set_key("color", 3, (0, 0, 0, 1), "bezier")
    comp.add_layer(solid, position=(1, 0, 0))
    project.save(tmp_path / "shot.playa")
    for back in (playa.Project.load(tmp_path / "shot.playa"), playa.Project.from_json(project.to_json())):
        [found] = back.solids
        assert dict(found.attrs) == dict(solid.attrs)
        assert found.keys("color") == solid.keys("color")
        assert back.comps[0].layers[0].source == found
        np.testing.assert_array_equal(back.comps[0].render(0).to_numpy(), comp.render(0).to_numpy())
