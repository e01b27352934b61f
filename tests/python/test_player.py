"""Players: time goes on by itself, pictures follow. Nothing here depends on how fast the machine is."""

import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest

SOON = 30.0


@pytest.fixture
def fading(project: playa.Project) -> playa.Comp:
    """A comp of 6x4 pixels and frames 0-9: white, with a tenth of the frame as alpha."""
    comp = project.add_comp("Fade", width=6, height=4, in_=0, out=9)
    layer = comp.add_layer(np.ones((4, 6, 4), np.float32))
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 9, 0.9)
    return comp


@pytest.fixture
def player(fading: playa.Comp) -> playa.Player:
    return playa.Player(fading)


def test_a_player_opens_a_comp_or_one_of_a_project(project: playa.Project, fading: playa.Comp) -> None:
    other = project.add_comp("Other", in_=5, out=7, fps=25)
    player = playa.Player()
    assert player.comp is None and "nothing open" in repr(player)
    for source, name, comp in [(fading, None, fading), (project, "Other", other), (project, None, fading)]:
        player.open(source, name)
        assert player.comp == comp
        assert (player.frame, player.playing) == (comp.in_frame, False)
        assert (player.fps, player.range) == (comp.fps, (comp.in_frame, comp.out_frame))
    with pytest.raises(playa.NodeNotFoundError, match="Fade"):
        player.open(project, "Fad")
    with pytest.raises(playa.NodeNotFoundError, match="no comp"):
        player.open(playa.Project())
    with pytest.raises(playa.AttrTypeError, match="str"):
        player.open("shot.playa")  # type: ignore[arg-type]
    assert player.comp == fading, "what cannot be opened changes nothing"
    with player:
        pass
    assert player.comp is None
    with pytest.raises(playa.RenderError, match="nothing open"):
        player.picture()


def test_the_picture_is_that_of_the_current_frame(player: playa.Player) -> None:
    for frame in [0, 7, 3, 9]:
        player.seek(frame)
        number, picture = player.picture(timeout=SOON)
        assert (number, player.frame) == (frame, frame)
        np.testing.assert_allclose(picture.to_numpy()[..., 3], frame / 10, atol=1e-6)
        shown = player.shown
        assert shown is not None and shown[0] == frame
    player.frame = 99
    assert player.frame == 9, "the end that is nearer"


def test_frames_follow_each_other(player: playa.Player) -> None:
    frames: list[int] = [0]
    states: list[bool] = []
    done = threading.Event()

    def follow(event: playa.Event) -> None:
        if event.name == "frame_changed":
            assert (event.old, event.comp) == (frames[-1], player.comp)
            frames.append(event.frame)
        elif event.name == "playing_changed":
            states.append(event.playing)
            if not event.playing:
                done.set()

    player.subscribe("*", follow)
    player.loop = False
    player.fps = 100
    player.play()
    assert done.wait(SOON)
    assert frames[-1] == 9 and frames == sorted(set(frames)), frames
    assert states == [True, False]
    stats = player.stats()
    assert isinstance(stats, playa.PlayerStats)
    assert (stats.due, stats.current) == (9, len(frames) - 1)
    assert 0 <= stats.shown <= stats.current
    player.play()
    assert player.playing and player.frame <= 9, "again from the start"


def test_a_loop_goes_around(player: playa.Player) -> None:
    assert player.loop
    player.fps = 1000
    with player.events.listen("frame_changed", timeout=SOON) as events:
        player.play()
        seen = [next(events) for _ in range(30)]
    assert any(event.frame < event.old for event in seen)
    assert all(event.frame != event.old for event in seen)
    player.pause()
    assert 0 <= player.frame <= 9


def test_steps_and_jogs(player: playa.Player) -> None:
    player.play()
    player.step(0)
    player.seek(0)
    for frames, frame in [(1, 1), (-3, 8), (4, 2)]:
        player.step(frames)
        assert (player.frame, player.playing) == (frame, False)
    player.loop = False
    player.step(-5)
    assert player.frame == 0
    player.loop = True
    player.jog()
    player.jog()
    assert (player.speed, player.fps, player.direction, player.playing) == (30, 24, 1, True)
    player.jog(-1)
    assert (player.speed, player.direction) == (24, -1)
    player.stop()
    assert (player.speed, player.direction, player.playing) == (24, 1, False)
    player.toggle()
    assert player.playing
    player.toggle()
    assert not player.playing
    with pytest.raises(playa.AttrValueError, match="direction=2"):
        player.jog(2)  # type: ignore[arg-type]


def test_speed_and_range_are_checked(player: playa.Player, fading: playa.Comp) -> None:
    player.fps = 23.976
    assert player.fps == Fraction(24000, 1001)
    with pytest.raises(playa.AttrValueError, match="0"):
        player.fps = 0
    player.range = (2, 4)
    assert (player.range, player.frame) == ((2, 4), 2)
    with pytest.raises(playa.AttrValueError, match="behind"):
        player.range = (4, 2)
    player.range = None
    fading.set_attr("trim_in", 5)
    assert (player.range, player.frame) == ((5, 9), 5), "it follows the comp"
    player.ahead = 3
    assert player.ahead == 3


def test_edits_show_in_the_pictures(player: playa.Player, fading: playa.Comp) -> None:
    player.picture(timeout=SOON)
    with player.events.listen("picture_ready", timeout=SOON) as ready:
        fading.layers[0].opacity = 0.5
        assert next(ready).frame == 0
    _, picture = player.picture(timeout=SOON)
    np.testing.assert_array_equal(picture.to_numpy()[..., 3], 0.5)
    fading.project.undo()
    _, picture = player.picture(timeout=SOON)
    np.testing.assert_array_equal(picture.to_numpy()[..., 3], 0.0)


def test_what_cannot_be_rendered_is_raised(player: playa.Player, fading: playa.Comp, tmp_path: Path) -> None:
    for number in (0, 2):
        playa.Frame.from_numpy(np.ones((4, 6, 4), np.float32)).save(tmp_path / f"gap.{number:04}.exr")
    fading.add_layer(tmp_path / "gap.####.exr")
    with player.events.listen("picture_failed", timeout=SOON) as failed:
        player.seek(1)
        with pytest.raises(playa.RenderError) as caught:
            player.picture(timeout=SOON)
        assert (caught.value.frame, caught.value.path) == (1, tmp_path / "gap.0001.exr")
        event = next(failed)
        assert event.frame == 1 and "gap.0001.exr" in event.message
    player.seek(2)
    assert player.picture(timeout=SOON)[0] == 2, "the others go on"


def test_a_removed_comp_closes(player: playa.Player, fading: playa.Comp) -> None:
    player.play()
    fading.project.remove(fading)
    assert player.comp is None and not player.playing
    with pytest.raises(playa.NodeRemovedError):
        player.open(fading)


def test_callbacks_may_control_the_player(player: playa.Player) -> None:
    paused = threading.Event()

    def pause_at_4(event: playa.Event) -> None:
        if event.frame >= 4:
            player.pause()
            paused.set()

    player.fps = 200
    player.subscribe("frame_changed", pause_at_4)
    player.play()
    assert paused.wait(SOON)
    assert not player.playing
