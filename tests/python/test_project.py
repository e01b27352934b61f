"""Comps, layers and their sources: what is where, at which frame, and how it renders."""

import shutil
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest


def grey(value: float, height: int = 4, width: int = 6) -> np.ndarray:
    """An opaque picture of one grey."""
    pixels = np.full((height, width, 4), value, np.float32)
    pixels[..., 3] = 1
    return pixels


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
    for attrs in ({"opacity": 3}, {"opactiy": 1}, {"out": -5}):
        with pytest.raises((playa.AttrValueError, playa.AttrNameError)):
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
    with pytest.raises(playa.AttrTypeError, match="a solid, a text, a Frame or an array, found an object of type"):
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


def shown(comp: playa.Comp, frame: int) -> int:
    """Which frame of the footage is seen: its blue is the frame number in eighths."""
    blue = comp.render(frame).to_numpy()[0, 0, 2] * 8
    assert blue == round(blue)
    return round(blue)


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
