"""Attributes of projects, comps, layers and media, and handles of what was removed."""

import copy
import inspect
import pickle
import pydoc
import uuid
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest


def grey(value: float, height: int = 4, width: int = 6) -> np.ndarray:
    """An opaque picture of one grey."""
    pixels = np.full((height, width, 4), value, np.float32)
    pixels[..., 3] = 1
    return pixels


def test_attribute_item_and_method_agree(comp: playa.Comp) -> None:
    layer = comp.add_layer(grey(1))
    layer.opacity = 0.5
    assert layer.opacity == layer["opacity"] == layer.get_attr("opacity") == layer.attrs["opacity"] == 0.5
    layer["opacity"] = 0.25
    assert layer.opacity == 0.25
    layer.set_attr("opacity", 0.75)
    assert layer.opacity == 0.75
    layer.attrs["opacity"] = 1
    assert layer.opacity == 1
    layer.in_ = 7
    assert layer.in_ == layer["in"] == layer.get_attr("in") == getattr(layer, "in") == 7


class Mode(StrEnum):
    ADD = "add"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("opacity", np.float32(0.5), 0.5),
        ("opacity", np.float64(0.5), 0.5),
        ("opacity", np.array(0.5), 0.5),
        ("opacity", 1, 1.0),
        ("in", np.int64(5), 5),
        ("in", np.uint8(5), 5),
        ("in", -5, -5),
        ("visible", np.bool_(False), False),
        ("visible", False, False),
        ("name", "Ümläut", "Ümläut"),
        ("name", np.str_("numpy"), "numpy"),
        ("blend_mode", Mode.ADD, "add"),
        ("position", [1, 2, 3], (1, 2, 3)),
        ("position", (1.5, 2, np.float32(3)), (1.5, 2, 3)),
        ("position", np.array([1, 2, 3]), (1, 2, 3)),
    ],
)
def test_values_of_python_and_numpy_are_taken(comp: playa.Comp, name: str, value: object, expected: object) -> None:
    layer = comp.add_layer(grey(1))
    layer[name] = value
    assert layer[name] == expected
    assert type(layer[name]) is type(expected)


ENDLESS: list = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("name", "value", "error", "reason"),
    [
        ("opactiy", 1, playa.AttrNameError, "did you mean `opacity`.*; it has uuid, name, in, out"),
        ("opacity", 1.5, playa.AttrValueError, "1.5 is outside its range, expected float within 0..=1"),
        ("opacity", float("nan"), playa.AttrValueError, "NaN"),
        ("opacity", "half", playa.AttrTypeError, 'expected float, found "half" .string.'),
        ("opacity", None, playa.AttrTypeError, "attribute `opacity`: expected .*, found an object of type NoneType"),
        ("opacity", Decimal("0.5"), playa.AttrTypeError, "type Decimal"),
        ("opacity", 10**400, playa.AttrValueError, "beyond 64 bits"),
        ("name", "\ud800", playa.AttrValueError, "the str is no text"),
        ("name", b"bytes", playa.AttrTypeError, "type bytes"),
        ("position", (1, 2), playa.AttrTypeError, "expected vec3"),
        ("position", ENDLESS, playa.AttrValueError, "more than 32 deep"),
        ("position", {1: 2}, playa.AttrTypeError, "expected a str as key"),
        ("blend_mode", "addd", playa.AttrValueError, "normal, add"),
        ("speed", 0.0001, playa.AttrValueError, "at least 0.001"),
        ("uuid", str(uuid.uuid4()), playa.AttrReadOnlyError, "`uuid` of a layer is read-only"),
    ],
)
def test_what_does_not_fit_is_refused_alike_in_every_way(
    comp: playa.Comp, name: str, value: object, error: type, reason: str
) -> None:
    layer = comp.add_layer(grey(1), name="BG")
    before = dict(layer.attrs)
    for way in (
        lambda: setattr(layer, name, value),
        lambda: layer.__setitem__(name, value),
        lambda: layer.set_attr(name, value),
        lambda: layer.attrs.update({name: value}),
    ):
        with pytest.raises(error, match=reason) as caught:
            way()
        assert caught.value.node == "BG"
    assert dict(layer.attrs) == before


def test_a_function_is_no_value_and_the_error_hints_at_keys(comp: playa.Comp) -> None:
    layer = comp.add_layer(grey(1))
    blur = layer.add_effect("GaussianBlur")

    def fade(frame: float) -> float:
        return frame / 100

    for name, error, way in (
        ("opacity", playa.AttrTypeError, lambda: setattr(layer, "opacity", fade)),
        ("opacity", playa.AttrTypeError, lambda: layer.__setitem__("opacity", fade)),
        ("opacity", playa.AttrTypeError, lambda: layer.set_attr("opacity", fade)),
        ("opacity", playa.AttrTypeError, lambda: layer.attrs.update(opacity=fade)),
        ("opacity", playa.AttrTypeError, lambda: layer.set_key("opacity", 1, fade)),
        ("opacity", playa.AttrTypeError, lambda: comp.add_layer(grey(1), opacity=fade)),
        ("radius", playa.ParamTypeError, lambda: setattr(blur, "radius", fade)),
        ("radius", playa.ParamTypeError, lambda: blur.set_key("radius", 1, fade)),
    ):
        with pytest.raises(error, match=f"`{name}`: expected .*, found an object of type function") as caught:
            way()
        assert f"call `set_key({name!r}, frame, value)`".replace("'", '"') in (caught.value.hint or "")
    assert (layer.opacity, layer.keys("opacity"), blur.radius, len(comp.layers)) == (1, [], 5, 1)


def test_a_wrong_name_is_answered_with_the_closest_first(project: playa.Project, comp: playa.Comp) -> None:
    layer = comp.add_layer(grey(1))
    blur = layer.add_effect("GaussianBlur")
    for way, first, then in (
        (lambda: layer.opactiy, "did you mean `opacity`", "it has uuid, name, in, out"),
        (lambda: layer["postion"], "did you mean `position`", "it has uuid, name, in, out"),
        (lambda: layer.attrs.update(blend_mod="add"), "did you mean `blend_mode`", "it has uuid, name, in, out"),
        (lambda: layer.set_key("rotaton", 1, 2), "did you mean `rotation`", "it has uuid, name, in, out"),
        (lambda: layer.keys("rotaton"), "did you mean `rotation`", "it has uuid, name, in, out"),
        (lambda: setattr(comp, "widht", 5), "did you mean `width`", "it has uuid, name, width"),
        (lambda: project.nmae, "did you mean `name`", "it has name, colour_config"),
        (lambda: blur.radus, "did you mean `radius`", "it has: radius"),
    ):
        with pytest.raises((playa.AttrNameError, playa.ParamNameError), match=f"{first}.*{then}") as caught:
            way()
        assert isinstance(caught.value, AttributeError)
        assert isinstance(caught.value, KeyError)


def test_what_the_classes_define_cannot_be_set(comp: playa.Comp) -> None:
    layer = comp.add_layer(grey(1))
    for node, name in (
        (layer, "effects"),
        (layer, "source"),
        (layer, "attrs"),
        (comp, "layers"),
        (comp, "in_frame"),
        (comp, "render"),
        (comp.project, "comps"),
    ):
        with pytest.raises(playa.AttrReadOnlyError, match=f"`{type(node).__name__}.{name}` cannot be set"):
            setattr(node, name, [])
    with pytest.raises(AttributeError):
        del layer.opacity


def test_nodes_behave_when_they_are_probed(comp: playa.Comp) -> None:
    layer = comp.add_layer(grey(1))
    assert not hasattr(layer, "opactiy")
    assert getattr(layer, "nope", None) is None
    assert getattr(layer, "_repr_html_", None) is None
    assert getattr(layer, "_ipython_canary_method_should_not_exist_", None) is None
    assert {"opacity", "in_", "effects", "add_effect"} <= set(dir(layer))
    assert "How much of the layer is seen." in pydoc.render_doc(playa.Layer)
    assert inspect.getdoc(playa.Comp.fps).startswith("Frames per second")
    assert "frame, *, region=None, proxy=1, skip_missing_effects=False" in str(inspect.signature(playa.Comp.render))
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot pickle"):
            duplicate(layer.attrs)
    with pytest.raises(TypeError):
        playa.Layer()


def test_the_attributes_are_a_mapping(comp: playa.Comp) -> None:
    attrs = comp.add_layer(grey(1), name="BG").attrs
    assert list(attrs) == attrs.keys() == [name for name, _ in attrs.items()]
    assert len(attrs) == len(attrs.values()) == len(dict(attrs)) == 25
    assert "opacity" in attrs
    assert "opactiy" not in attrs
    assert 3 not in attrs
    assert attrs.get("opacity") == 1
    assert attrs.get("opactiy") is None
    assert attrs.get("opactiy", 2) == 2
    attrs.update({"opacity": 0.5}, in_=3)
    attrs.update([("name", "FG")])
    attrs.update()
    attrs.update(None)
    assert (attrs["opacity"], attrs["in"], attrs["name"]) == (0.5, 3, "FG")
    assert "opacity=0.5, visible=True" in repr(attrs)
    with pytest.raises(KeyError):
        attrs["opactiy"]


@pytest.mark.parametrize("kind", ["project", "comp", "layer", "media", "camera", "solid", "text"])
def test_the_schema_says_what_every_attribute_is(project: playa.Project, comp: playa.Comp, footage: Path, kind: str) -> None:
    layer = comp.add_layer(footage / "bg.####.exr")
    camera = project.add_camera("lens")
    drawn = {"solid": project.add_solid("sky"), "text": project.add_text("title")}
    node = {"project": project, "comp": comp, "layer": layer, "media": layer.source, "camera": camera, **drawn}[kind]
    schema = node.attrs.schema()
    assert list(schema) == list(node.attrs)
    for name, spec in schema.items():
        assert set(spec) == {
            *("type", "default", "range", "unit", "doc", "choices"),
            *("affects_pixels", "keyable", "read_only"),
        }
        assert spec["doc"].endswith(".")
        assert spec["doc"] == inspect.getdoc(getattr(type(node), "in_" if name == "in" else name))
        assert bool(spec["choices"]) == (spec["type"] == "choice")
        if spec["read_only"]:
            with pytest.raises(playa.AttrReadOnlyError):
                node[name] = node[name]
        else:
            node[name] = node[name]
    if kind == "layer":
        assert schema["opacity"] == {
            **{"type": "float", "default": 1.0, "range": (0, 1), "unit": "", "choices": []},
            **{"affects_pixels": True, "keyable": True, "read_only": False, "doc": "How much of the layer is seen."},
        }


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        (30, Fraction(30)),
        (23.976, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("24000/1001", Fraction(24000, 1001)),
        ((24000, 1001), Fraction(24000, 1001)),
        ([50, 2], Fraction(25)),
        (Fraction(30000, 1001), Fraction(30000, 1001)),
        (np.array([24000, 1001]), Fraction(24000, 1001)),
        (np.float64(12.0), Fraction(12)),
    ],
    ids=repr,
)
def test_rates_are_fractions(project: playa.Project, given: object, rate: Fraction) -> None:
    comp = project.add_comp("Main", fps=given)
    assert comp.fps == comp["fps"] == comp.attrs["fps"] == rate
    assert isinstance(comp.fps, Fraction)
    assert comp.out == round(5 * rate)
    assert isinstance(comp.attrs.schema()["fps"]["default"], Fraction)


@pytest.mark.parametrize("wrong", [0, -24, "fast", float("inf"), (24, 0), (1, 2, 3), None])
def test_what_is_no_rate_is_refused(project: playa.Project, wrong: object) -> None:
    with pytest.raises(playa.AttrValueError, match="`fps`"):
        project.add_comp("Main", fps=wrong)
    assert project.comps == []


def test_handles_of_removed_nodes_raise_everywhere_but_in_repr(project: playa.Project, comp: playa.Comp, footage: Path) -> None:
    layer = comp.add_layer(footage / "bg.####.exr")
    media = layer.source
    with pytest.raises(playa.NodeInUseError, match="media `bg.####.exr` is in use by Main / bg.####.exr"):
        project.remove(media)
    project.remove(layer)
    project.remove(media)
    project.remove(comp)
    assert (project.comps, project.media) == ([], [])
    uses: list[Callable[[], object]] = [
        *(lambda name=name: getattr(layer, name) for name in ("opacity", "in_", "effects", "source", "comp")),
        *(lambda name=name: getattr(comp, name) for name in ("width", "fps", "layers", "in_frame", "out_frame", "project")),
        *(lambda name=name: getattr(media, name) for name in ("path", "gaps", "project", "missing")),
        lambda: layer.remove(),
        lambda: layer.move(0),
        lambda: layer.add_effect("GaussianBlur"),
        lambda: layer.set_attr("opacity", 1),
        lambda: layer["opacity"],
        lambda: layer.attrs["opacity"],
        lambda: layer.attrs.values(),
        lambda: comp.render(0),
        lambda: comp.add_layer(grey(1)),
        lambda: comp.__setitem__("width", 3),
        lambda: project.remove(comp),
        lambda: project.remove(media),
        lambda: project.add_comp("Other").add_layer(media),
    ]
    for use in uses:
        with pytest.raises(playa.NodeRemovedError, match=r"not in the project any more|was it removed\?") as caught:
            use()
        assert isinstance(caught.value, ReferenceError)
        assert caught.value.node
    for node, name in ((layer, "Layer"), (comp, "Comp"), (media, "FileNode")):
        assert repr(node).startswith(f"<{name} ")
        assert repr(node).endswith(": removed>")
        assert repr(node.attrs) == "<Attrs: removed>"
        assert node == node  # noqa: PLR0124
        assert {node} == {node}
        assert not hasattr(node, "_repr_html_")
        assert "attrs" in dir(node)


def test_bounds_follow_the_layers_until_they_are_set(project: playa.Project) -> None:
    comp = project.add_comp("Bounds", width=6, height=4)
    layer = comp.add_layer(np.zeros((4, 6, 4), np.float32), src_len=10)
    assert (comp.auto_bounds, comp.in_, comp.out) == (True, 0, 9)
    layer.in_ = 5
    assert (comp.auto_bounds, comp.in_, comp.out) == (True, 5, 14)
    comp.out = 30
    layer.in_ = 0
    assert (comp.auto_bounds, comp.in_, comp.out) == (False, 5, 30)
    comp.auto_bounds = True
    assert (comp.in_, comp.out) == (0, 9)


def test_the_working_space_is_linear(project: playa.Project) -> None:
    assert isinstance(project.attrs, playa.Attrs)
    assert project.working_space == project.attrs["working_space"] == "linear"
    with pytest.raises(playa.AttrValueError, match="`acescgg`.*did you mean `acescg`.*linear"):
        project.working_space = "acescgg"
