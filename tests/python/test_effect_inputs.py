"""Further inputs of effects on layers: which layer is read, what of it, and what cannot be one."""

import pickle
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest
from playa_py import effects


def picture(seed: int, width: int = 24, height: int = 16) -> np.ndarray:
    """Premultiplied noise."""
    pixels = np.random.default_rng(seed).random((height, width, 4), np.float32)
    pixels[..., :3] *= pixels[..., 3:]
    return pixels


@pytest.fixture
def wide(project: playa.Project) -> playa.Comp:
    """A comp of 24x16 pixels."""
    return project.add_comp("Main", width=24, height=16)


def hidden(comp: playa.Comp, pixels: np.ndarray, **attrs: object) -> playa.Layer:
    return comp.add_layer(pixels, visible=False, **attrs)


def test_a_dissolve_on_a_layer_is_the_one_on_pictures(wide: playa.Comp) -> None:
    source, other, mask = picture(1), picture(2), picture(3)
    under, matte = hidden(wide, other, name="other"), hidden(wide, mask, name="mask")
    dissolve = wide.add_layer(source).add_effect("Dissolve", amount=0.3)
    with pytest.raises(playa.RenderError, match='needs its input "other", which is not connected; set it in'):
        wide.render(0)
    assert list(dissolve.inputs) == dissolve.inputs.keys() == ["other", "mask"] and len(dissolve.inputs) == 2
    dissolve.inputs["other"] = under
    assert (wide.render(0).to_numpy() == effects.Dissolve(amount=0.3)(source, other)).all()
    dissolve.inputs["mask"] = matte
    assert (wide.render(0).to_numpy() == effects.Dissolve(amount=0.3)(source, other, mask)).all()
    assert dissolve.inputs["mask"] == matte and "mask" in dissolve.inputs and "source" not in dissolve.inputs
    assert dissolve.inputs.items() == [("other", under), ("mask", matte)]
    assert dissolve.inputs.values() == [under, matte]
    assert isinstance(dissolve.inputs, playa.EffectInputs)
    assert repr(dissolve.inputs).startswith("<EffectInputs other=<Layer")
    del dissolve.inputs["mask"]
    assert dissolve.inputs["mask"] is None
    # At either end it is one of the two as it is.
    for amount, expected in [(0.0, source), (1.0, other)]:
        dissolve.amount = amount
        assert (wide.render(0).to_numpy() == expected).all()
    dissolve.mix = 0.5
    assert np.abs(wide.render(0).to_numpy() - (source + other) / 2).max() <= 1e-7


def test_a_key_takes_out_what_a_layer_covers(wide: playa.Comp) -> None:
    source, garbage = picture(4), picture(5)
    garbage[..., 3] = garbage[..., 3].round()
    garbage[..., :3] *= garbage[..., 3:]
    key = wide.add_layer(source).add_effect(effects.ChromaKey(tolerance=0.2))
    assert (wide.render(0).to_numpy() == effects.ChromaKey(tolerance=0.2)(source)).all()
    key.inputs["garbage"] = hidden(wide, garbage)
    assert (wide.render(0).to_numpy() == effects.ChromaKey(tolerance=0.2)(source, garbage)).all()


def test_what_is_read_has_its_effects_and_not_its_place(wide: playa.Comp) -> None:
    source, other = picture(6), picture(7)
    under = hidden(wide, other, position=(9, 3, 0), scale=(2, 2, 1), opacity=0.25, blend_mode="add")
    gain = under.add_effect("Exposure", stops=1.0)
    dissolve = wide.add_layer(source).add_effect("Dissolve", amount=0.5)
    dissolve.inputs["other"] = under
    brighter = effects.Exposure(stops=1.0)(other).copy()
    expected = effects.Dissolve(amount=0.5)(source, brighter)
    assert (wide.render(0).to_numpy() == expected).all()
    # What is kept of it is another picture when the layer is.
    gain.stops = 0.0
    assert (wide.render(0).to_numpy() == effects.Dissolve(amount=0.5)(source, other)).all()
    gain.stops = 1.0
    assert (wide.render(0).to_numpy() == expected).all()


def test_outside_its_trims_it_is_empty(wide: playa.Comp) -> None:
    source, other = picture(8), picture(9)
    under = hidden(wide, other)
    under.trim_in = 5
    first = under.attrs["in"] + 5
    dissolve = wide.add_layer(source).add_effect("Dissolve", amount=0.5)
    dissolve.inputs["other"] = under
    assert (wide.render(first).to_numpy() == effects.Dissolve(amount=0.5)(source, other)).all()
    nothing = effects.Dissolve(amount=0.5)(source, np.zeros_like(other))
    assert (wide.render(first - 1).to_numpy() == nothing).all()


def test_the_graph_and_events_tell_of_it(wide: playa.Comp, project: playa.Project) -> None:
    under = hidden(wide, picture(1))
    dissolve = wide.add_layer(picture(2)).add_effect("Dissolve", amount=0.5)
    seen = []
    project.events.subscribe("attrs_changed", lambda event: seen.append((event.node, event.names)))
    dissolve.inputs["other"] = under
    project.events.flush()
    assert [(effect, list(names)) for effect, names in seen] == [(dissolve, ["inputs"])]
    nodes = wide.graph(0)["nodes"]
    [effect] = [node for node in nodes if node["kind"] == "effect"]
    assert len(effect["inputs"]) == 2 and all(nodes[at]["kind"] == "memory" for at in effect["inputs"])


def test_undo_removal_and_cycles(wide: playa.Comp, project: playa.Project) -> None:
    under = hidden(wide, picture(1), name="under")
    top = wide.add_layer(picture(2), name="top")
    dissolve = top.add_effect("Dissolve")
    dissolve.inputs["other"] = under
    assert project.undo() == "set input other" and dissolve.inputs["other"] is None
    project.redo()
    with pytest.raises(playa.NodeInUseError, match="is an input of effects on Main / top"):
        under.remove()
    with pytest.raises(playa.CycleError, match="top -> top"):
        dissolve.inputs["mask"] = top
    back = under.add_effect("Dissolve")
    with pytest.raises(playa.CycleError, match="a layer cannot be an input of its own effects"):
        back.inputs["other"] = top
    back.remove()
    elsewhere = project.add_comp("Other").add_layer(picture(3))
    with pytest.raises(playa.ParamError, match="expected the uuid of another layer of its comp"):
        dissolve.inputs["other"] = elsewhere
    with pytest.raises(playa.ParamNameError, match="did you mean `other`"):
        dissolve.inputs["othre"] = under
    with pytest.raises(playa.ParamNameError, match="which is the layer that it is on"):
        dissolve.inputs["source"] = under
    with pytest.raises(playa.ParamTypeError, match="expected a Layer or None"):
        dissolve.inputs["other"] = 3
    assert dissolve.inputs["other"] == under
    dissolve.remove()
    under.remove()


def test_it_is_saved_pickled_and_copied(wide: playa.Comp, project: playa.Project, tmp_path: Path) -> None:
    under = hidden(wide, picture(1), name="under")
    top = wide.add_layer(picture(2), name="top")
    dissolve = top.add_effect("Dissolve", amount=0.5)
    dissolve.inputs["other"] = under
    before = wide.render(0).to_numpy()
    project.save(tmp_path / "shot.playa")
    text = (tmp_path / "shot.playa").read_text()
    assert f'inputs]\nother = "{under.uuid}"' in text, text
    again = playa.Project.load(tmp_path / "shot.playa")
    assert (again.get_comp("Main").render(0).to_numpy() == before).all()
    copied = pickle.loads(pickle.dumps(dissolve))
    assert copied.inputs["other"].uuid == under.uuid
    copy = wide.add_layer(picture(3)).add_effect(dissolve)
    assert copy.inputs["other"] == under and copy.amount == 0.5
    other = project.add_comp("Other", width=24, height=16).add_layer(picture(3)).add_effect(dissolve)
    assert other.inputs["other"] is None
