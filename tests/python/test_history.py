"""Undo, redo, and several edits as one step."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture
def layer(comp: playa.Comp) -> playa.Layer:
    """A layer of one grey, whose project has nothing to undo."""
    layer = comp.add_layer(np.full((4, 6, 4), 0.5, np.float32), name="BG")
    comp.project.clear_history()
    return layer


def test_undo_and_redo_go_from_step_to_step(project: playa.Project, layer: playa.Layer) -> None:
    assert (project.undo(), project.redo()) == (None, None)
    layer.opacity = 0.5
    layer.opacity = 0.25
    layer.position = (1, 2, 3)
    assert project.undo_steps == ["set opacity", "set opacity", "set position"]
    assert project.undo() == "set position"
    assert project.undo() == "set opacity"
    assert (layer.opacity, layer.position) == (0.5, (0, 0, 0))
    assert (project.undo_steps, project.redo_steps) == (["set opacity"], ["set opacity", "set position"])
    layer.opacity = 0.5
    assert project.redo() == "set opacity"
    assert layer.opacity == 0.25
    layer.opacity = 1
    assert (project.redo_steps, project.redo()) == ([], None)
    project.clear_history()
    assert (project.undo_steps, project.undo(), layer.opacity) == ([], None, 1)


def test_a_project_begins_without_steps(project: playa.Project, tmp_path: Path) -> None:
    assert (project.name, project.undo_steps) == ("Shot 10", [])
    project.add_comp("Main")
    project.save(tmp_path / "shot.playa")
    assert playa.Project.load(tmp_path / "shot.playa").undo_steps == []


def test_each_call_is_one_step(project: playa.Project, comp: playa.Comp, footage: Path) -> None:
    project.clear_history()
    layer = comp.add_layer(footage / "bg.####.exr", opacity=0.5)
    model = layer.add_effect("GaussianBlur", radius=3)
    model.set_key("radius", 1, 2)
    model.set_key("radius", 5, 4)
    copied = layer.add_effect(model, radius=7)
    layer.attrs.update({"opacity": 0.25}, in_=3, name="BG")
    assert project.undo_steps == [
        *("add layer", "add effect", "set key of radius", "set key of radius"),
        *("add effect", "set opacity, in, name"),
    ]
    assert project.undo() == "set opacity, in, name"
    assert (layer.opacity, layer.in_, layer.name) == (0.5, 1, "bg.####.exr")
    project.undo()
    assert layer.effects == [model]
    with pytest.raises(playa.NodeRemovedError):
        copied.radius  # noqa: B018
    project.redo()
    assert (copied.radius, copied.keys("radius")) == (7, [])
    for _ in range(5):
        project.undo()
    assert (comp.layers, project.media) == ([], [])


def test_an_update_that_fails_changes_nothing(project: playa.Project, layer: playa.Layer) -> None:
    for values, error in (
        ({"opacity": 0.5, "opactiy": 1}, playa.AttrNameError),
        ({"opacity": 0.5, "in": "late"}, playa.AttrTypeError),
        ({"opacity": 0.5, "out": -10}, playa.AttrValueError),
        ({"opacity": 0.5, "in": lambda frame: frame}, playa.AttrTypeError),
    ):
        with pytest.raises(error):
            layer.attrs.update(values)
    assert (layer.opacity, project.undo_steps) == (1, [])


def test_an_edit_is_one_step(project: playa.Project, layer: playa.Layer) -> None:
    before = layer.comp.render(0).to_numpy().copy()
    edit = project.edit("fade and name")
    assert isinstance(edit, playa.Edit)
    with edit:
        layer.opacity = 0.5
        with project.edit("an inner one joins"):
            layer.name = "FG"
    assert project.undo_steps == ["fade and name"]
    after = layer.comp.render(0).to_numpy().copy()
    project.undo()
    assert (layer.opacity, layer.name) == (1, "BG")
    assert (layer.comp.render(0).to_numpy() == before).all()
    project.redo()
    assert (layer.comp.render(0).to_numpy() == after).all()
    with project.edit("nothing"):
        layer.opacity = 0.5
    with project.edit("there and back"):
        layer.opacity = 0.75
        layer.opacity = 0.5
    assert project.undo_steps == ["fade and name"]
    assert repr(project.edit("name")) == '<Edit "name">'


def test_an_exception_takes_an_edit_back(project: playa.Project, layer: playa.Layer) -> None:
    comps = project.comps
    with pytest.raises(LookupError, match="mine"), project.edit("fails"):
        layer.opacity = 0.5
        project.add_comp("Other")
        raise LookupError("mine")
    assert (layer.opacity, project.comps, project.undo_steps) == (1, comps, [])
    with project.edit("outer"):
        layer.opacity = 0.5
        with pytest.raises(KeyError), project.edit("inner"):
            layer.opacity = 0.25
            raise KeyError
        assert layer.opacity == 0.5
    assert (layer.opacity, project.undo_steps) == (0.5, ["outer"])
    for interrupt in (KeyboardInterrupt, SystemExit):
        with pytest.raises(interrupt), project.edit("interrupted"):
            layer.opacity = 0
            raise interrupt
    assert layer.opacity == 0.5


def test_there_is_no_undo_within_an_edit(project: playa.Project, layer: playa.Layer) -> None:
    layer.opacity = 0.5
    with project.edit("fade"):
        for walk in (project.undo, project.redo):
            with pytest.raises(playa.HistoryError, match="while the edit `fade` is open; end it first") as caught:
                walk()
            assert isinstance(caught.value, RuntimeError)
    assert project.undo() == "set opacity"


def test_an_edit_that_is_entered_and_dropped_is_taken_back(project: playa.Project, layer: playa.Layer) -> None:
    edit = project.edit("dropped")
    edit.__enter__()
    layer.opacity = 0.5
    del edit
    assert (layer.opacity, project.undo_steps) == (1, [])
    edit = project.edit("twice")
    for opacity in (0.5, 0.25):
        with edit:
            layer.opacity = opacity
    assert project.undo_steps == ["twice", "twice"]
    edit.__exit__(None, None, None)


def test_what_other_threads_edit_meanwhile_joins(project: playa.Project, layer: playa.Layer) -> None:
    with project.edit("together"):
        layer.opacity = 0.5
        thread = threading.Thread(target=lambda: setattr(layer, "name", "FG"))
        thread.start()
        thread.join()
    assert (layer.name, project.undo_steps) == ("FG", ["together"])


def test_handles_of_removed_things_work_again(project: playa.Project, comp: playa.Comp, layer: playa.Layer) -> None:
    effect = layer.add_effect("GaussianBlur")
    project.remove(comp)
    for use in (lambda: layer.opacity, lambda: effect.radius, lambda: comp.render(0)):
        with pytest.raises(playa.NodeRemovedError):
            use()
    assert project.undo() == "remove comp"
    assert (layer.opacity, effect.radius, comp.layers, layer.effects) == (1, 5, [layer], [effect])
    assert comp.render(0).width == 6


def test_a_thousand_steps_are_kept(project: playa.Project, layer: playa.Layer) -> None:
    for frame in range(1, 1011):
        layer.in_ = frame
    assert len(project.undo_steps) == 1000
    while project.undo():
        pass
    assert layer.in_ == 10


NAMES = st.sampled_from(["a", "b", "ü"])
UNIT = st.floats(0, 1)
COORDINATE = st.floats(-4, 4)
INDEX = st.integers(0, 5)

EDITS = st.one_of(
    st.tuples(st.just("opacity"), INDEX, UNIT),
    st.tuples(st.just("place"), INDEX, st.tuples(COORDINATE, COORDINATE, st.just(0.0))),
    st.tuples(st.just("time"), INDEX, st.integers(-3, 3), st.integers(4, 9)),
    st.tuples(st.just("key"), INDEX, st.sampled_from(["opacity", "rotation"]), st.integers(0, 4), UNIT),
    st.tuples(st.just("unkey"), INDEX, st.integers(0, 4)),
    st.tuples(st.just("blend"), INDEX, st.sampled_from(["add", "multiply", "difference"])),
    st.tuples(st.just("switch"), INDEX, st.sampled_from(["solo", "mute", "visible"]), st.booleans()),
    st.tuples(st.just("add"), INDEX, st.sampled_from(["media", "comp"])),
    st.tuples(st.just("remove"), INDEX),
    st.tuples(st.just("move"), INDEX, INDEX),
    st.tuples(st.just("effect"), INDEX, UNIT),
    st.tuples(st.just("param"), INDEX, UNIT),
    st.tuples(st.just("unaffect"), INDEX),
    st.tuples(st.just("comp"), NAMES),
    st.tuples(st.just("name"), NAMES),
    st.tuples(st.just("edit"), INDEX, UNIT, NAMES),
)


def apply(project: playa.Project, comp: playa.Comp, media: playa.FileNode, edit: tuple) -> None:
    """Makes one edit, which may be refused: then it changes nothing."""
    match edit:
        case ("comp", name):
            project.add_comp(name, width=6, height=4)
            return
        case ("name", name):
            project.name = name
            return
        case ("add", index, kind):
            inner = next((other for other in project.comps if other != comp), media)
            comp.add_layer(inner if kind == "comp" else media, index=min(index, len(comp.layers)))
            return
    if not comp.layers:
        return
    layer = comp.layers[edit[1] % len(comp.layers)]
    effect = layer.effects[-1] if layer.effects else None
    match edit:
        case ("opacity", _, opacity):
            layer.opacity = opacity
        case ("place", _, position):
            layer.position = position
        case ("time", _, start, out):
            layer.attrs.update({"in": start, "out": out})
        case ("key", _, "opacity", frame, value):
            layer.set_key("opacity", frame, value, "bezier")
        case ("key", _, name, frame, value):
            layer.set_key(name, frame, (0, 0, value * 90))
        case ("unkey", _, frame):
            layer.remove_key("opacity", frame)
        case ("blend", _, mode):
            layer.blend_mode = mode
        case ("switch", _, name, value):
            layer[name] = value
        case ("remove", _):
            layer.remove()
        case ("move", _, index):
            layer.move(index % len(comp.layers))
        case ("effect", _, value):
            layer.add_effect("BrightnessContrast", brightness=value)
        case ("param", _, value) if effect:
            effect.brightness = value
            effect.set_key("contrast", 2, value / 2)
        case ("unaffect", _) if effect:
            effect.remove()
        case ("edit", _, opacity, name):
            with project.edit("both"):
                layer.opacity = opacity
                layer.name = name


def state(project: playa.Project, comp: playa.Comp) -> tuple[str, bytes]:
    """All of a project as text, and pixels of two frames."""
    return project.to_json(), b"".join(comp.render(frame, region="data").to_numpy().tobytes() for frame in (1, 3))


@settings(max_examples=60, deadline=None)
@given(edits=st.lists(EDITS, max_size=14))
def test_undo_all_the_way_back_and_redo_forward_give_the_same_bits(footage: Path, edits: list[tuple]) -> None:
    project = playa.Project("Random")
    comp = project.add_comp("Main", width=24, height=16)
    media = project.add_media(footage / "fg.####.exr")
    comp.add_layer(media)
    project.clear_history()
    states = [state(project, comp)]
    for edit in edits:
        steps = len(project.undo_steps)
        apply(project, comp, media, edit)
        # One edit may be two calls: each step in between is looked at when it is walked over.
        if len(project.undo_steps) > steps:
            states += [("", b"")] * (len(project.undo_steps) - steps - 1) + [state(project, comp)]
        else:
            assert state(project, comp) == states[-1]
    walk(project.undo, states[-2::-1], lambda: state(project, comp))
    walk(project.redo, states[1:], lambda: state(project, comp))


def walk(step: Callable[[], str | None], states: list[tuple[str, bytes]], now: Callable[[], tuple[str, bytes]]) -> None:
    for expected in states:
        assert step() is not None
        assert expected in (now(), ("", b""))
    assert step() is None
