"""Projects and what is in them survive pickle and deepcopy, and render in other processes to the same bits."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest
from playa_py import effects

Duplicate = Callable[[object], object]


@pytest.fixture
def shot(footage: Path) -> playa.Project:
    """A project with a node of every kind, keys, a matte, and an image in memory that two layers show."""
    project = playa.Project("Shot")
    inner = project.add_comp("Inner", width=40, height=30)
    pixels = np.random.default_rng(3).random((30, 40, 4), np.float32)
    frame = playa.Frame.from_numpy(pixels)
    inner.add_layer(frame, name="memory", scale=(0.5, 0.7, 1)).set_key("opacity", 1, 0.25)
    comp = project.add_comp("Main", width=96, height=54, fps="24000/1001")
    comp.add_layer(footage / "bg.####.exr")
    matte = comp.add_layer(frame, visible=False)
    layer = comp.add_layer(inner, name="inner", rotation=(0, 0, 12), matte=matte)
    layer.add_effect("GaussianBlur", radius=3)
    comp.add_layer(project.add_camera("Camera", fov=50))
    return project


@pytest.fixture(params=[*(f"pickle {protocol}" for protocol in range(6)), "deepcopy"])
def duplicate(request: pytest.FixtureRequest) -> Duplicate:
    if request.param == "deepcopy":
        return copy.deepcopy
    protocol = int(request.param.split()[1])
    return lambda value: pickle.loads(pickle.dumps(value, protocol))


def same_pixels(a: playa.Comp, b: playa.Comp) -> None:
    for frame in (1, 5):
        assert (a.render(frame).to_numpy() == b.render(frame).to_numpy()).all()


def test_a_comp_carries_its_project(shot: playa.Project, duplicate: Duplicate) -> None:
    comp = shot.get_comp("Main")
    again = duplicate(comp)
    assert isinstance(again, playa.Comp)
    assert (again.uuid, again != comp, again.project != shot) == (comp.uuid, True, True)
    assert [each.name for each in again.project.comps] == ["Inner", "Main"], "nothing stands for images any more"
    same_pixels(again, comp)
    again.layers[1].opacity = 0.5
    assert comp.layers[1].opacity == 1, "they are two projects"


def test_handles_that_are_pickled_together_share_a_project(shot: playa.Project, duplicate: Duplicate) -> None:
    comp = shot.get_comp("Main")
    handles = {
        "project": shot,
        "comp": comp,
        "layer": comp.layers[1],
        "effect": comp.layers[1].effects[0],
        "camera": shot.cameras[0],
        "media": shot.media[0],
    }
    again = duplicate(handles)
    assert isinstance(again, dict)
    project = again["project"]
    assert project == again["comp"].project == again["camera"].project == again["media"].project
    assert again["comp"].layers[1] == again["layer"]
    assert again["layer"].effects == [again["effect"]]
    assert again["effect"].radius == 3
    assert again["media"].path == shot.media[0].path
    assert project.name == "Shot"


def test_two_projects_stay_two(duplicate: Duplicate) -> None:
    a, b, c = duplicate([first := playa.Project("A"), playa.Project("B"), first])
    assert (a == c, a == b) == (True, False)


def test_an_image_that_two_layers_show_is_one_afterwards(shot: playa.Project) -> None:
    again = pickle.loads(pickle.dumps(shot))
    memory, matte = again.get_comp("Inner").layers[0], again.get_comp("Main").layers[2]
    pixels = [layer.source.to_numpy() for layer in (memory, matte)]
    assert np.shares_memory(*pixels)
    assert (pixels[0] == shot.get_comp("Inner").layers[0].source.to_numpy()).all()


def test_arrays_may_travel_out_of_band(shot: playa.Project) -> None:
    buffers: list[pickle.PickleBuffer] = []
    text = pickle.dumps(shot, 5, buffer_callback=buffers.append)
    assert len(text) < 20_000
    assert buffers
    same_pixels(pickle.loads(text, buffers=buffers).get_comp("Main"), shot.get_comp("Main"))


def test_where_a_frame_lies_is_kept(tmp_path: Path) -> None:
    comp = playa.Project().add_comp("Main", width=20, height=20)
    wide = playa.Project().add_comp("Wide", width=20, height=20)
    wide.add_layer(np.ones((8, 8, 4), np.float32), position=(9, 3, 0))
    frame = wide.render(0, region="data")
    comp.add_layer(frame)
    again = pickle.loads(pickle.dumps(comp)).layers[0].source
    assert (again.data_window, again.display_window) == (frame.data_window, frame.display_window)
    assert frame.data_window != frame.display_window


def test_copy_is_another_handle_of_the_same(shot: playa.Project) -> None:
    comp = shot.get_comp("Main")
    assert copy.copy(comp) == comp
    assert copy.copy(comp.layers[1].effects[0]) == comp.layers[1].effects[0]


def test_a_removed_node_is_not_pickled(comp: playa.Comp) -> None:
    layer = comp.add_layer(np.zeros((2, 2, 4), np.float32))
    effect = layer.add_effect("GaussianBlur")
    layer.remove()
    for handle in (layer, effect):
        with pytest.raises(playa.NodeRemovedError):
            pickle.dumps(handle)


def test_values_that_are_not_of_a_project(duplicate: Duplicate, comp: playa.Comp) -> None:
    layer = comp.add_layer(np.zeros((2, 2, 4), np.float32))
    layer.set_key("opacity", 3, 0.5, "bezier", outgoing=(2, 0.1))
    for value in (
        playa.EffectType.GaussianBlur,
        effects.GaussianBlur(radius=7),
        layer.keys("opacity")[0],
        playa.cache.stats(),
    ):
        again = duplicate(value)
        assert (type(again), again) == (type(value), value)


WORKER = """
import concurrent.futures, hashlib, multiprocessing, sys
import playa_py as playa

def digest(comp, frame):
    return hashlib.sha256(comp.render(frame).to_numpy().tobytes()).hexdigest()

if __name__ == "__main__":
    project = playa.Project.load(sys.argv[1])
    comp = project.get_comp("Main")
    import numpy as np
    comp.add_layer(np.random.default_rng(1).random((20, 30, 4), np.float32), opacity=0.5, position=(3.5, 1, 0))
    spawn = multiprocessing.get_context("spawn")
    here = [digest(comp, frame) for frame in range(1, 5)]
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=spawn) as pool:
        futures = [pool.submit(digest, comp, frame) for frame in range(1, 5)]
        assert [future.result() for future in futures] == here
        try:
            pool.submit(digest, comp, "x").result()
        except TypeError:
            pass
        broken = project.add_comp("Broken", width=1 << 20, height=1 << 20)
        try:
            pool.submit(digest, broken, 7).result()
        except playa.MemoryLimitError as error:
            assert (error.node, error.frame) == ("Broken", 7), (error.node, error.frame)
        else:
            raise AssertionError("no error came back")
    with spawn.Pool(1) as pool:
        assert pool.starmap(digest, [(comp, 2)]) == here[1:2]
    print("same", len(set(here)))
"""


def test_other_processes_render_the_same_bits(tmp_path: Path, footage: Path) -> None:
    project = playa.Project()
    comp = project.add_comp("Main", width=96, height=54)
    comp.add_layer(footage / "bg.####.exr").add_effect("GaussianBlur", radius=2)
    project.save(tmp_path / "shot.playa")
    script = tmp_path / "worker.py"
    script.write_text(WORKER, encoding="utf-8")
    command = [sys.executable, str(script), str(tmp_path / "shot.playa")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "same 4\n"
