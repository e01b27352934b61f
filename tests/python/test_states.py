"""Any sequence of edits, undo, redo, saves and renders of a project keeps what must hold: a state machine, driven by
hypothesis.

`PLAYA_STATES=1000` runs as many sequences; without it there are 250.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

EXAMPLES = int(os.environ.get("PLAYA_STATES", "250"))
STEPS = 12

BOUND = 64 << 20
"""So much more memory may be in use at the end than after a quarter of the sequences. 1000 take 30 MiB, which are the notes
that hypothesis keeps: the same edits without it take 3 MiB. One picture, handle or document of some KiB that stayed behind
at each of their steps would be seen.
"""

MODES = ["normal", "add", "multiply", "screen", "difference", "atop"]
EFFECTS = [("GaussianBlur", {"radius": 1.5}), ("BrightnessContrast", {"brightness": 0.25}), ("AdjustHSV", {"hue_shift": 60})]
SMALL = st.integers(0, 7)
PICTURES = [np.random.default_rng(seed).random((4, 6, 4), np.float32) for seed in range(2)]


class ScriptError(Exception):
    """What a script raises within an edit of several steps."""


@dataclass
class State:
    """A project at one moment: what is saved of it, and the pixels of one frame of one comp."""

    text: str
    comp: str
    frame: int
    pixels: bytes = field(repr=False)


class Editing(RuleBasedStateMachine):
    """A project of small comps in the hands of someone who does anything, in any order. Each rule is one step at most."""

    ended = 0
    resident: tuple[int, int] = (0, 0)

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        for number, pixels in enumerate(PICTURES):
            playa.Frame.from_numpy(pixels).save(self.folder / f"picture{number}.exr")
        self.handles: dict[str, playa.Node] = {}
        project = playa.Project("States")
        project.add_comp("Comp 0", width=8, height=6)
        self.open(project)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)
        Editing.ended += 1
        if Editing.ended == EXAMPLES // 4:
            Editing.resident = (resident(), 0)
        elif Editing.ended > EXAMPLES // 4:
            Editing.resident = (Editing.resident[0], resident())

    def open(self, project: playa.Project) -> None:
        """Goes on with this project, which has no history."""
        self.project = project
        project.clear_history()
        self.past: list[State] = []
        self.future: list[State] = []
        self.handles.clear()
        self.now = self.look()

    def look(self) -> State:
        comps = self.project.comps
        comp = comps[len(self.past) % len(comps)]
        frame = len(self.past) % 5
        return State(self.project.to_json(), comp.uuid, frame, comp.render(frame).to_numpy().tobytes())

    def comp(self, number: int) -> playa.Comp:
        comps = self.project.comps
        return comps[number % len(comps)]

    def layer(self, number: int) -> playa.Layer | None:
        layers = [layer for comp in self.project.comps for layer in comp.layers]
        return layers[number % len(layers)] if layers else None

    def add(self, comp: int, source: object, index: int | None = None) -> None:
        if len(self.comp(comp).layers) < 4:
            self.comp(comp).add_layer(source, index=index)

    @precondition(lambda self: len(self.project.comps) < 4)
    @rule()
    def add_comp(self) -> None:
        self.project.add_comp(f"Comp {len(self.project.comps)}", width=8, height=6)

    @rule(comp=SMALL, picture=st.integers(0, 1), index=st.none() | st.just(0))
    def add_picture(self, comp: int, picture: int, index: int | None) -> None:
        self.add(comp, self.folder / f"picture{picture}.exr", index)

    @rule(comp=SMALL, kind=st.sampled_from(["solid", "text", "camera"]))
    def add_drawn(self, comp: int, kind: str) -> None:
        if len(self.comp(comp).layers) < 4:
            with self.project.edit(f"add {kind}"):
                match kind:
                    case "solid":
                        self.add(comp, self.project.add_solid("sky", color=(0.25, 0.5, 1, 0.5), width=5, height=3))
                    case "text":
                        self.add(comp, self.project.add_text("A", font_size=6))
                    case _:
                        self.add(comp, self.project.add_camera("lens"))

    @rule(outer=SMALL, inner=SMALL)
    def nest(self, outer: int, inner: int) -> None:
        try:
            self.add(outer, self.comp(inner))
        except playa.CycleError:
            assert self.project.to_json() == self.now.text, "a refused edit changes nothing"

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

    @rule(layer=SMALL)
    def remove_a_key(self, layer: int) -> None:
        if (target := self.layer(layer)) and (keys := target.keys("opacity")):
            assert target.remove_key("opacity", keys[0].frame)

    @rule(layer=SMALL, effect=st.sampled_from(EFFECTS))
    def add_effect(self, layer: int, effect: tuple[str, dict[str, float]]) -> None:
        if (target := self.layer(layer)) and len(target.effects) < 2:
            target.add_effect(effect[0], **effect[1])

    @rule(layer=SMALL, what=st.sampled_from(["enabled", "mix", "move", "remove"]), share=st.floats(0, 1))
    def change_an_effect(self, layer: int, what: str, share: float) -> None:
        if (target := self.layer(layer)) and (effects := target.effects):
            match what:
                case "enabled":
                    effects[0].enabled = not effects[0].enabled
                case "mix":
                    effects[0].mix = share
                case "move":
                    effects[0].move(len(effects) - 1)
                case _:
                    effects[0].remove()

    @rule(layer=SMALL, matte=SMALL, channel=st.sampled_from(["alpha", "luminance"]), invert=st.booleans())
    def set_matte(self, layer: int, matte: int, channel: str, invert: bool) -> None:
        if target := self.layer(layer):
            others = target.comp.layers
            try:
                with self.project.edit("set matte"):
                    target.matte_channel, target.matte_invert = channel, invert
                    target.matte = others[matte % len(others)]
            except (playa.CycleError, playa.AttrValueError):
                assert self.project.to_json() == self.now.text, "what came before the refusal is taken back"

    @rule(layer=SMALL, opacity=st.floats(0, 1), x=st.floats(-4, 4), fails=st.booleans())
    def edit_as_one_step(self, layer: int, opacity: float, x: float, fails: bool) -> None:
        target, steps = self.layer(layer), self.project.undo_steps
        try:
            with self.project.edit("several"):
                if target:
                    target.opacity = opacity
                    target.position = (x, 0, 0)
                with pytest.raises(playa.HistoryError):
                    self.project.undo()
                if fails:
                    raise ScriptError
        except ScriptError:
            assert (self.project.to_json(), self.project.undo_steps) == (self.now.text, steps)
        else:
            assert self.project.undo_steps[len(steps) :] in ([], ["several"])

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

    @precondition(lambda self: len(self.project.comps) > 1)
    @rule(number=SMALL)
    def remove_comp(self, number: int) -> None:
        comp = self.comp(number)
        try:
            self.project.remove(comp)
        except playa.NodeInUseError:
            assert comp in self.project.comps

    @precondition(lambda self: self.past)
    @rule(times=st.integers(1, 3))
    def undo(self, times: int) -> None:
        for _ in range(min(times, len(self.past))):
            name = self.project.undo_steps[-1]
            assert self.project.undo() == name
            self.future.insert(0, self.now)
            self.now = self.past.pop()
            self.is_as_it_was(name)

    @precondition(lambda self: self.future)
    @rule(times=st.integers(1, 3))
    def redo(self, times: int) -> None:
        for _ in range(min(times, len(self.future))):
            name = self.project.redo_steps[0]
            assert self.project.redo() == name
            self.past.append(self.now)
            self.now = self.future.pop(0)
            self.is_as_it_was(name)

    def is_as_it_was(self, name: str) -> None:
        assert self.project.to_json() == self.now.text, name
        for cache in (True, False):
            frame = self.project.get_comp(self.now.comp).render(self.now.frame, cache=cache)
            assert frame.to_numpy().tobytes() == self.now.pixels, name

    @rule(comp=SMALL, frame=st.integers(-2, 9))
    def load_what_was_saved(self, comp: int, frame: int) -> None:
        path, again = self.folder / "states.playa", self.folder / "again.playa"
        self.project.save(path)
        loaded = playa.Project.load(path)
        assert loaded.to_json() == self.project.to_json()
        loaded.save(again)
        assert again.read_bytes() == path.read_bytes()
        assert playa.Project.from_json(self.project.to_json()).to_json() == self.project.to_json()
        here = self.comp(comp)
        there = loaded.get_comp(here.uuid)
        expected = here.render(frame).to_numpy()
        assert (there.render(frame, cache=False).to_numpy() == expected).all()

    @rule()
    def load_into_its_place(self) -> None:
        path = self.folder / "again.playa"
        self.project.save(path)
        self.open(playa.Project.load(path))

    @invariant()
    def every_step_is_known(self) -> None:
        steps = self.project.undo_steps
        if len(steps) > len(self.past):
            self.past.append(self.now)
            self.future.clear()
            self.now = self.look()
        else:
            assert self.project.to_json() == self.now.text, "without a step nothing changes"
        assert (len(steps), len(self.project.redo_steps)) == (len(self.past), len(self.future))

    @invariant()
    def handles_live_as_long_as_what_they_stand_for(self) -> None:
        alive: dict[str, playa.Node] = {}
        for comp in self.project.comps:
            alive |= {comp.uuid: comp} | {layer.uuid: layer for layer in comp.layers}
        for uuid in alive.keys() & self.handles.keys():
            # Also one that was removed and came back.
            assert self.handles[uuid].get_attr("name") == alive[uuid].get_attr("name")
            assert "removed" not in repr(self.handles[uuid])
        for uuid in self.handles.keys() - alive.keys():
            assert "removed" in repr(self.handles[uuid])
            with pytest.raises(playa.NodeRemovedError):
                self.handles[uuid].get_attr("name")
        self.handles |= {uuid: node for uuid, node in alive.items() if uuid not in self.handles}

    @invariant()
    def comps_are_acyclic(self) -> None:
        inside = {c.uuid: {s.uuid for la in c.layers if isinstance(s := la.source, playa.Comp)} for c in self.project.comps}
        while inside:
            leaves = {comp for comp, inner in inside.items() if not inner & inside.keys()}
            assert leaves, inside
            inside = {comp: inner for comp, inner in inside.items() if comp not in leaves}


def resident() -> int:
    """Bytes of memory that this process has now; 0 where the system does not say."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def test_any_sequence_of_edits_keeps_what_must_hold() -> None:
    options = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    budget, Editing.ended = playa.cache.budget, 0
    playa.cache.budget = 1 << 20
    try:
        run_state_machine_as_test(Editing, settings=options)
    finally:
        playa.cache.budget = budget
    assert Editing.ended >= EXAMPLES
    after_a_quarter, at_the_end = Editing.resident
    print(f"{Editing.ended} sequences, {(at_the_end - after_a_quarter) / 2**20:.1f} MiB more than after a quarter")
    assert at_the_end - after_a_quarter < BOUND


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
