"""Projects, comps, layers and media: attributes, handles, time, sources, files."""

import copy
import inspect
import json
import pickle
import pydoc
import shutil
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


@pytest.fixture
def project() -> playa.Project:
    return playa.Project("Shot 10")


@pytest.fixture
def comp(project: playa.Project) -> playa.Comp:
    return project.add_comp("Main", width=6, height=4)


# Attributes


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
    assert "frame, *, region=None, skip_missing_effects=False" in str(inspect.signature(playa.Comp.render))
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot pickle"):
            duplicate(layer)
    with pytest.raises(TypeError):
        playa.Layer()


def test_the_attributes_are_a_mapping(comp: playa.Comp) -> None:
    attrs = comp.add_layer(grey(1), name="BG").attrs
    assert list(attrs) == attrs.keys() == [name for name, _ in attrs.items()]
    assert len(attrs) == len(attrs.values()) == len(dict(attrs)) == 17
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


@pytest.mark.parametrize("kind", ["project", "comp", "layer", "media"])
def test_the_schema_says_what_every_attribute_is(project: playa.Project, comp: playa.Comp, footage: Path, kind: str) -> None:
    layer = comp.add_layer(footage / "bg.####.exr")
    node = {"project": project, "comp": comp, "layer": layer, "media": layer.source}[kind]
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


# Structure


def test_a_project_lists_and_finds_its_comps(project: playa.Project) -> None:
    first, second = project.add_comp("First"), project.add_comp("Second", width=10, height=5, in_=-3, out=9)
    assert project.comps == [first, second]
    assert project.get_comp("Second") == project.get_comp(second.uuid) == second
    assert (second.width, second.height, second.in_frame, second.out_frame) == (10, 5, -3, 9)
    assert (first.width, first.height, first.fps, first.in_frame, first.out_frame) == (1920, 1080, 24, 0, 120)
    second.trim_in, second.trim_out = 2, 3
    assert (second.in_frame, second.out_frame) == (-1, 6)
    assert second.project == project != playa.Project()
    assert project.name == "Shot 10"
    assert repr(project) == '<Project "Shot 10": comps ["First", "Second"], 0 media>'
    assert repr(second) == '<Comp "Second": 10x5, 24 fps, frames -1-6, 0 layers>'
    with pytest.raises(playa.NodeNotFoundError, match="no comp is called `Frist` .did you mean `First`.*: First, Second"):
        project.get_comp("Frist")


def test_handles_are_equal_where_they_stand_for_the_same(comp: playa.Comp) -> None:
    layer = comp.add_layer(grey(1))
    assert comp.layers[0] == layer
    assert comp.layers[0] is not layer
    assert len({comp.layers[0], layer, comp}) == 2
    assert layer != comp
    assert layer != "layer"
    assert layer.comp == comp
    assert comp.project != playa.Project()


def test_layers_are_added_on_top_or_at_an_index_and_moved(comp: playa.Comp) -> None:
    low, high = comp.add_layer(grey(1), name="low"), comp.add_layer(grey(2), name="high")
    middle = comp.add_layer(grey(3), name="middle", index=1, position=(1, 2, 3), in_=4, opacity=0.5)
    assert [layer.name for layer in comp.layers] == ["high", "middle", "low"]
    assert (middle.position, middle.in_, middle.opacity) == ((1, 2, 3), 4, 0.5)
    low.move(np.int64(0))
    assert comp.layers == [low, high, middle]
    for move in (lambda: low.move(3), lambda: low.move(-1), lambda: comp.add_layer(grey(4), index=4)):
        with pytest.raises(playa.PositionError) as caught:
            move()
        assert isinstance(caught.value, IndexError)
    with pytest.raises(TypeError):
        low.move("top")
    assert comp.layers == [low, high, middle]
    assert repr(middle) == '<Layer "middle" of "Main": frames 4-124, effects []>'


def test_an_add_layer_that_fails_changes_nothing(comp: playa.Comp, footage: Path) -> None:
    before = dict(comp.attrs)
    for attrs, error in (({"opacity": 3}, playa.AttrValueError), ({"opactiy": 1}, playa.AttrNameError), ({"out": -5}, playa.AttrValueError)):
        with pytest.raises(error):
            comp.add_layer(footage / "bg.####.exr", **attrs)
    assert comp.layers == []
    assert dict(comp.attrs) == before


def test_sources_are_what_they_were(project: playa.Project, comp: playa.Comp, footage: Path) -> None:
    media = project.add_media(footage / "bg.####.exr")
    frame = playa.Frame.from_numpy(grey(2))
    inner = project.add_comp("Inner", width=6, height=4)
    assert comp.add_layer(media).source == media
    assert comp.add_layer(str(footage / "bg.####.exr")).source == media
    assert comp.add_layer(inner).source == inner
    assert np.shares_memory(comp.add_layer(frame).source.to_numpy(), frame.to_numpy())
    assert project.media == [media]
    assert (media.in_, media.out, media.width, media.height, media.gaps) == (1, 8, 96, 54, [])
    assert media.name == "bg.####.exr"
    assert Path(media.path) == footage / "bg.####.exr"
    assert media.project == project
    assert repr(media) == f'<FileNode "bg.####.exr": "{media.path}", frames 1-8>'


@pytest.mark.parametrize("source", [3, None, b"bytes", object(), [1.0, 2.0]])
def test_what_no_layer_shows_is_refused(comp: playa.Comp, source: object) -> None:
    with pytest.raises(playa.AttrTypeError, match="a path, media, a comp, a Frame or an array, found an object of type"):
        comp.add_layer(source)


def test_sources_of_other_projects_and_layers_are_refused(project: playa.Project, comp: playa.Comp) -> None:
    other = playa.Project().add_comp("Foreign")
    for use in (lambda: comp.add_layer(other), lambda: project.remove(other)):
        with pytest.raises(playa.AttrValueError, match='"Foreign" belongs to another project'):
            use()
    for wrong in (comp.add_layer(grey(1)), project):
        with pytest.raises(playa.AttrTypeError, match="a path, media, a comp"):
            comp.add_layer(wrong)


def test_an_array_is_a_layer_without_a_copy_and_is_set_read_only(comp: playa.Comp) -> None:
    array = grey(2)
    layer = comp.add_layer(array)
    assert np.shares_memory(layer.source.to_numpy(), array)
    assert not array.flags.writeable
    assert (comp.render(0).to_numpy() == array).all()


def test_nested_comps_render_and_a_cycle_is_refused(project: playa.Project, comp: playa.Comp) -> None:
    middle, inner = (project.add_comp(name, width=6, height=4) for name in ("Middle", "Inner"))
    inner.add_layer(grey(3))
    middle.add_layer(inner, opacity=0.5)
    comp.add_layer(middle)
    assert comp.render(0).to_numpy()[0, 0].tolist() == [1.5, 1.5, 1.5, 0.5]
    for outer, path in ((inner, "Inner -> Main -> Middle -> Inner"), (comp, "Main -> Main")):
        with pytest.raises(playa.CycleError, match=path):
            outer.add_layer(comp)
    assert len(inner.layers) == len(comp.layers) == 1


def test_comps_as_deep_as_they_may_be_render(project: playa.Project) -> None:
    comp = project.add_comp("0", width=6, height=4)
    comp.add_layer(grey(3))
    for depth in range(1, 64):
        inner, comp = comp, project.add_comp(str(depth), width=6, height=4)
        comp.add_layer(inner)
    assert (comp.render(0).to_numpy() == grey(3)).all()
    with pytest.raises(playa.CycleError, match="64 deep"):
        project.add_comp("64").add_layer(comp)


# Removed nodes


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


# Time


def shown(comp: playa.Comp, frame: int) -> int:
    """Which frame of the footage is seen: its blue is the frame number in eighths."""
    blue = comp.render(frame).to_numpy()[0, 0, 2] * 8
    assert blue == round(blue)
    return round(blue)


@pytest.fixture
def sequence(project: playa.Project, footage: Path) -> playa.Layer:
    return project.add_comp("Time", width=96, height=54).add_layer(footage / "bg.####.exr")


def test_a_sequence_starts_at_its_first_number(sequence: playa.Layer) -> None:
    assert (sequence.in_, sequence.out, sequence.src_len) == (1, 8, 8)
    assert (sequence.comp.in_frame, sequence.comp.out_frame) == (1, 8)
    assert [shown(sequence.comp, frame) for frame in range(0, 10)] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 0]


def test_a_negative_speed_plays_backwards(sequence: playa.Layer) -> None:
    sequence.speed = -1
    assert [shown(sequence.comp, frame) for frame in range(1, 9)] == [8, 7, 6, 5, 4, 3, 2, 1]
    sequence.speed = -2
    assert [shown(sequence.comp, frame) for frame in range(1, 6)] == [8, 6, 4, 2, 0]


def test_out_trims_and_negative_trims_hold(sequence: playa.Layer) -> None:
    sequence.out = 4
    assert (sequence.trim_out, sequence.comp.out_frame, shown(sequence.comp, 4), shown(sequence.comp, 5)) == (4, 4, 4, 0)
    sequence.trim_in, sequence.trim_out = -2, -1
    assert [shown(sequence.comp, frame) for frame in range(-1, 11)] == [1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 0]
    with pytest.raises(playa.AttrValueError, match="it cannot end at frame -5"):
        sequence.out = -5


def test_frames_far_away_are_empty_and_no_frame_is_refused_by_type(sequence: playa.Layer) -> None:
    for frame in (-(2**63), 2**63 - 1, 10**12):
        assert not sequence.comp.render(frame).to_numpy().any()
    with pytest.raises(OverflowError):
        sequence.comp.render(2**63)
    with pytest.raises(TypeError):
        sequence.comp.render(1.5)
    with pytest.raises(TypeError):
        sequence.comp.render("1")


def test_a_missing_file_follows_the_policy_of_its_media(project: playa.Project, footage: Path, tmp_path: Path) -> None:
    for number in (1, 2, 5):
        shutil.copy(footage / f"bg.{number:04d}.exr", tmp_path)
    comp = project.add_comp("Gaps", width=96, height=54)
    layer = comp.add_layer(tmp_path / "bg.####.exr")
    assert layer.source.gaps == [(3, 4)]
    with pytest.raises(playa.RenderError, match="frame 4 is missing") as caught:
        comp.render(4)
    assert (caught.value.frame, caught.value.node, caught.value.path) == (4, "bg.####.exr", tmp_path / "bg.0004.exr")
    for policy, seen in (("black", 0), ("hold", 2), ("nearest", 5)):
        layer.source.missing = policy
        assert shown(comp, 4) == seen


# Rendering


def test_regions(comp: playa.Comp) -> None:
    comp.add_layer(grey(2, 10, 12))
    whole = comp.render(0, region="data")
    assert whole.data_window == (-3, -3, 9, 7)
    assert whole.display_window == (0, 0, 6, 4)
    assert comp.render(0).data_window == comp.render(frame=0, region="display").data_window == (0, 0, 6, 4)
    part = comp.render(0, region=[-4, 1, 2, 3])
    assert part.data_window == (-4, 1, 2, 3)
    assert (part.to_numpy()[:, 1:] == 2).sum() == 2 * 5 * 3
    assert not part.to_numpy()[:, 0].any()
    assert comp.render(0, region=np.array([0, 0, 1, 1])).width == 1
    for wrong in ("all", (1, 2, 3), (3, 0, 0, 3), (0.5, 0, 1, 1), 7):
        with pytest.raises(playa.AttrValueError, match="expected \"display\", \"data\" or .x0, y0, x1, y1."):
            comp.render(0, region=wrong)


def test_a_render_that_is_too_large_is_refused(comp: playa.Comp) -> None:
    limit = 2**31
    with pytest.raises(playa.MemoryLimitError, match="the limit is 2147483648") as caught:
        comp.render(5, region=(-limit, -limit, limit - 1, limit - 1))
    assert isinstance(caught.value, MemoryError)
    assert (caught.value.node, caught.value.frame) == ("Main", 5)


def test_the_top_layer_covers_and_switches_hide(comp: playa.Comp) -> None:
    below, above = comp.add_layer(grey(1)), comp.add_layer(grey(2))
    seen = lambda: comp.render(0).to_numpy()[0, 0, 0]  # noqa: E731
    assert seen() == 2
    above.blend_mode = "add"
    assert seen() == 3
    above.visible = False
    assert seen() == 1
    above.visible, below.mute = True, True
    assert seen() == 2
    below.mute, below.solo = False, True
    assert seen() == 1


# Files


def test_a_saved_project_loads_with_the_same_content_and_pixels(
    project: playa.Project, sequence: playa.Layer, tmp_path: Path
) -> None:
    sequence.position, sequence.opacity = (3.5, -2, 0), 0.9
    sequence.add_effect("GaussianBlur", radius=2.5, edges="transparent").mix = 0.5
    path = tmp_path / "shot.playa"
    project.save(path)
    again = playa.Project.load(str(path))
    assert again.diagnostics == []
    comp = again.get_comp("Time")
    assert dict(comp.layers[0].attrs) == dict(sequence.attrs)
    assert comp.layers[0].effects[0].params == {"radius": 2.5, "edges": "transparent"}
    assert comp.layers[0].effects[0].mix == 0.5
    assert (comp.render(3).to_numpy() == sequence.comp.render(3).to_numpy()).all()
    assert again != project
    before = path.read_bytes()
    again.save(path)
    assert path.read_bytes() == before


def test_json_has_the_same_content(project: playa.Project, sequence: playa.Layer) -> None:
    text = project.to_json()
    assert isinstance(json.loads(text), dict)
    again = playa.Project.from_json(text)
    assert again.to_json() == text
    assert (again.get_comp("Time").render(2).to_numpy() == sequence.comp.render(2).to_numpy()).all()
    with pytest.raises(playa.ProjectFileError):
        playa.Project.from_json("{")


def test_arrays_are_written_beside_the_project_or_refused(project: playa.Project, comp: playa.Comp, tmp_path: Path) -> None:
    comp.add_layer(grey(0.1), name="Paint")
    path = tmp_path / "shot.playa"
    with pytest.raises(playa.ProjectFileError, match="layer `Paint` shows an image in memory") as caught:
        project.save(path, memory="refuse")
    assert caught.value.node == "Paint"
    with pytest.raises(playa.ProjectFileError, match="image in memory"):
        project.to_json()
    with pytest.raises(playa.AttrValueError, match="expected \"write\" or \"refuse\""):
        project.save(path, memory="keep")
    assert list(tmp_path.iterdir()) == []
    project.save(path)
    comp = playa.Project.load(path).get_comp("Main")
    assert isinstance(comp.layers[0].source, playa.FileNode)
    assert (comp.render(0).to_numpy() == grey(0.1)).all()


def saved_with(tmp_path: Path, project: playa.Project, old: str, new: str) -> Path:
    """The project's file with a text replaced in it."""
    path = tmp_path / "shot.playa"
    project.save(path)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return path


def test_an_unknown_effect_is_warned_of_kept_and_written_back(
    project: playa.Project, sequence: playa.Layer, tmp_path: Path
) -> None:
    sequence.add_effect("GaussianBlur", radius=2.5)
    path = saved_with(tmp_path, project, "org.playa.gaussian_blur", "com.example.glow")
    with pytest.warns(playa.ProjectWarning, match="com.example.glow") as warned:
        again = playa.Project.load(path)
    assert warned[0].filename == __file__
    (diagnostic,) = again.diagnostics
    assert (diagnostic.severity, diagnostic.path) == ("error", path)
    assert "com.example.glow" in diagnostic.message
    assert path.read_text("utf-8").splitlines()[diagnostic.line - 1].strip().startswith(("[[", "id"))
    assert str(diagnostic) in repr(diagnostic)
    comp = again.get_comp("Time")
    (glow,) = comp.layers[0].effects
    assert (glow.id, glow.name, glow.loaded, glow.params) == ("com.example.glow", "com.example.glow", False, {"radius": 2.5})
    assert repr(glow) == "<Effect com.example.glow(radius=2.5), not loaded>"
    with pytest.raises(playa.MissingEffectError, match="com.example.glow.*install its plugin") as caught:
        comp.render(3)
    assert caught.value.frame == 3
    for change in (lambda: setattr(glow, "radius", 3), lambda: comp.layers[0].add_effect(glow)):
        with pytest.raises(playa.EffectNotFoundError, match="com.example.glow"):
            change()
    sequence.effects[0].remove()
    skipped = comp.render(3, skip_missing_effects=True)
    assert (skipped.to_numpy() == sequence.comp.render(3).to_numpy()).all()
    before = path.read_bytes()
    again.save(path)
    assert path.read_bytes() == before
    with pytest.raises(playa.ProjectFileError, match="com.example.glow"):
        playa.Project.load(path, strict=True)


def test_an_unknown_key_is_warned_of_with_its_line_and_kept(project: playa.Project, comp: playa.Comp, tmp_path: Path) -> None:
    path = saved_with(tmp_path, project, 'name = "Main"', 'name = "Main"\nmood = "bleak"')
    with pytest.warns(playa.ProjectWarning, match="mood"):
        again = playa.Project.load(path)
    (diagnostic,) = again.diagnostics
    assert diagnostic.severity == "warning"
    assert path.read_text("utf-8").splitlines()[diagnostic.line - 1] == 'mood = "bleak"'
    again.save(path)
    assert 'mood = "bleak"' in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("width = 6", 'width = "six"', "width"),
        ("width = 6", "width = -6", "width"),
        ("width = 6", "width = ", ""),
    ],
)
def test_a_wrong_value_in_a_file_is_an_error_with_its_line(
    project: playa.Project, comp: playa.Comp, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    path = saved_with(tmp_path, project, old, new)
    line = path.read_text("utf-8").splitlines().index(new) + 1
    with pytest.raises(playa.ProjectFileError, match=f"shot.playa:{line}: .*{reason}") as caught:
        playa.Project.load(path)
    assert caught.value.path == path


def test_missing_media_loads_with_a_warning(project: playa.Project, sequence: playa.Layer, footage: Path, tmp_path: Path) -> None:
    path = saved_with(tmp_path, project, "bg.####.exr", "gone.####.exr")
    with pytest.warns(playa.ProjectWarning, match="gone.####.exr"):
        again = playa.Project.load(path)
    with pytest.raises(playa.RenderError, match="gone"):
        again.get_comp("Time").render(3)
    with pytest.raises(playa.ProjectFileError, match="gone.####.exr"):
        playa.Project.load(path, strict=True)


def test_missing_files_are_named(project: playa.Project, comp: playa.Comp, footage: Path, tmp_path: Path) -> None:
    with pytest.raises(playa.ProjectNotFoundError) as caught:
        playa.Project.load(tmp_path / "none.playa")
    assert isinstance(caught.value, FileNotFoundError)
    assert caught.value.path == tmp_path / "none.playa"
    with pytest.raises(playa.ProjectFileError, match="NAME.playa"):
        project.save(tmp_path / "shot.txt")
    for path in (footage / "none.exr", footage / "none.####.exr", tmp_path / "none" / "x.exr"):
        with pytest.raises(playa.MediaNotFoundError) as caught:
            comp.add_layer(path)
        assert caught.value.path == path
    assert (comp.layers, project.media) == ([], [])
    with pytest.raises(playa.ProjectFileError, match="only paths in UTF-8"):
        comp.add_layer(tmp_path / "byte-\udcff.exr")


def test_damaged_media_is_refused(comp: playa.Comp, tmp_path: Path) -> None:
    (tmp_path / "noise.exr").write_bytes(b"\x76\x2f\x31\x01 and then nothing of the kind")
    with pytest.raises(playa.MediaError, match="noise.exr") as caught:
        comp.add_layer(tmp_path / "noise.exr")
    assert caught.value.path == tmp_path / "noise.exr"
