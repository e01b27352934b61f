"""Any sequence of edits, saves and renders of a project keeps what must hold: a state machine, driven by hypothesis."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

MODES = ["normal", "add", "multiply", "screen", "difference", "atop"]
EFFECTS = [("GaussianBlur", {"radius": 1.5}), ("BrightnessContrast", {"brightness": 0.25}), ("AdjustHSV", {"hue_shift": 60})]
SMALL = st.integers(0, 7)
PICTURES = [np.random.default_rng(seed).random((4, 6, 4), np.float32) for seed in range(2)]


class Editing(RuleBasedStateMachine):
    """A project of small comps in the hands of someone who does anything, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        for number, pixels in enumerate(PICTURES):
            playa.Frame.from_numpy(pixels).save(self.folder / f"picture{number}.exr")
        self.project = playa.Project("States")
        self.project.add_comp("Comp 0", width=8, height=6)
        self.removed: list[playa.Comp | playa.Layer] = []

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def comp(self, number: int) -> playa.Comp:
        comps = self.project.comps
        return comps[number % len(comps)]

    def layer(self, number: int) -> playa.Layer | None:
        layers = [layer for comp in self.project.comps for layer in comp.layers]
        return layers[number % len(layers)] if layers else None

    @precondition(lambda self: len(self.project.comps) < 4)
    @rule()
    def add_comp(self) -> None:
        self.project.add_comp(f"Comp {len(self.project.comps)}", width=8, height=6)

    @rule(comp=SMALL, picture=st.integers(0, 1), index=st.none() | st.just(0))
    def add_picture(self, comp: int, picture: int, index: int | None) -> None:
        if len(self.comp(comp).layers) < 4:
            self.comp(comp).add_layer(self.folder / f"picture{picture}.exr", index=index)

    @rule(outer=SMALL, inner=SMALL)
    def nest(self, outer: int, inner: int) -> None:
        before = self.project.to_json()
        try:
            if len(self.comp(outer).layers) < 4:
                self.comp(outer).add_layer(self.comp(inner))
        except playa.CycleError:
            assert self.project.to_json() == before, "a refused edit changes nothing"

    @rule(
        layer=SMALL,
        value=st.one_of(
            st.tuples(st.just("opacity"), st.floats(0, 1)),
            st.tuples(st.just("blend_mode"), st.sampled_from(MODES)),
            st.tuples(st.just("position"), st.tuples(st.floats(-4, 4), st.floats(-4, 4), st.just(0.0))),
            st.tuples(st.sampled_from(["visible", "solo", "mute"]), st.booleans()),
            st.tuples(st.just("speed"), st.sampled_from([-2, -1, 0.5, 1, 2])),
            st.tuples(st.just("in"), st.integers(-3, 3)),
        ),
    )
    def set_attribute(self, layer: int, value: tuple[str, object]) -> None:
        if target := self.layer(layer):
            name, wanted = value
            target[name] = wanted
            assert target[name] == wanted

    @rule(layer=SMALL, frame=st.integers(0, 9), value=st.floats(0, 1), interp=st.sampled_from(["hold", "linear", "bezier"]))
    def set_key(self, layer: int, frame: int, value: float, interp: str) -> None:
        if target := self.layer(layer):
            target.set_key("opacity", frame, value, interp)
            assert target.value_at("opacity", frame) == value

    @rule(layer=SMALL, effect=st.sampled_from(EFFECTS))
    def add_effect(self, layer: int, effect: tuple[str, dict[str, float]]) -> None:
        if (target := self.layer(layer)) and len(target.effects) < 2:
            target.add_effect(effect[0], **effect[1])

    @rule(layer=SMALL, matte=SMALL, channel=st.sampled_from(["alpha", "luminance"]), invert=st.booleans())
    def set_matte(self, layer: int, matte: int, channel: str, invert: bool) -> None:
        if target := self.layer(layer):
            others = target.comp.layers
            try:
                target.matte = others[matte % len(others)]
            except (playa.CycleError, playa.AttrValueError):
                return
            target.matte_channel, target.matte_invert = channel, invert

    @rule(layer=SMALL, index=SMALL)
    def move(self, layer: int, index: int) -> None:
        if target := self.layer(layer):
            target.move(index % len(target.comp.layers))

    @rule(layer=SMALL)
    def remove_layer(self, layer: int) -> None:
        if target := self.layer(layer):
            try:
                target.remove()
            except playa.NodeInUseError:
                assert target.name is not None
            else:
                self.removed.append(target)

    @precondition(lambda self: len(self.project.comps) > 1)
    @rule(number=SMALL)
    def remove_comp(self, number: int) -> None:
        comp = self.comp(number)
        layers = comp.layers
        try:
            self.project.remove(comp)
        except playa.NodeInUseError:
            assert comp in self.project.comps
        else:
            self.removed += [comp, *layers]

    @rule(comp=SMALL, frame=st.integers(-2, 9))
    def load_what_was_saved(self, comp: int, frame: int) -> None:
        path = self.folder / "states.playa"
        self.project.save(path)
        loaded = playa.Project.load(path)
        assert loaded.to_json() == self.project.to_json()
        assert playa.Project.from_json(self.project.to_json()).to_json() == self.project.to_json()
        here = self.comp(comp)
        there = loaded.get_comp(here.uuid)
        expected = here.render(frame).to_numpy()
        assert (there.render(frame, cache=False).to_numpy() == expected).all()

    @rule(layer=SMALL)
    def load_into_its_place(self, layer: int) -> None:
        path = self.folder / "again.playa"
        self.project.save(path)
        self.project = playa.Project.load(path)

    @invariant()
    def removed_handles_say_so(self) -> None:
        for handle in self.removed[-3:]:
            assert "removed" in repr(handle)
            with pytest.raises(playa.NodeRemovedError):
                handle.get_attr("name")

    @invariant()
    def comps_are_acyclic(self) -> None:
        inside = {c.uuid: {s.uuid for la in c.layers if isinstance(s := la.source, playa.Comp)} for c in self.project.comps}
        while inside:
            leaves = {comp for comp, inner in inside.items() if not inner & inside.keys()}
            assert leaves, inside
            inside = {comp: inner for comp, inner in inside.items() if comp not in leaves}


TestEditing = Editing.TestCase
TestEditing.settings = settings(
    max_examples=200,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

MEMORY = """
import gc, resource, sys
import numpy as np
import playa_py as playa

def cycle(number):
    project = playa.Project()
    comp = project.add_comp("Main", width=256, height=256)
    layer = comp.add_layer(np.full((256, 256, 4), number % 7, np.float32), opacity=0.5)
    layer.add_effect("GaussianBlur", radius=2)
    comp.add_layer(comp.render(0), scale=(0.5, 0.5, 1))
    comp.render(1).to_numpy()
    layer.remove()

def used():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

playa.cache.budget = 0
for number in range(20):
    cycle(number)
before = used()
for number in range(60):
    cycle(number)
print(used() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for the memory of the process")
def test_memory_stays_where_it_is() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    # 60 rounds make and drop pictures of 1 MiB, five each: one of each that stays is seen.
    assert int(done.stdout) < 50 << 20
