"""What a frame is made of, as a dict."""

from pathlib import Path

import numpy as np
import playa_py as playa
import pytest


@pytest.fixture
def layer(project: playa.Project, footage: Path) -> playa.Layer:
    """A blurred and turned layer of the frames 1-8 of `bg.####.exr`, alone in a comp of its size."""
    comp = project.add_comp("Main", width=96, height=54)
    layer = comp.add_layer(footage / "bg.####.exr", name="sky", rotation=(0, 0, 30), opacity=0.75)
    layer.add_effect("GaussianBlur", radius=4)
    return layer


def test_the_nodes_are_the_way_from_file_to_comp(layer: playa.Layer) -> None:
    graph = layer.comp.graph(3)
    assert (graph["comp"], graph["frame"]) == ("Main", 3)
    nodes = graph["nodes"]
    assert [node["id"] for node in nodes] == [0, 1, 2, 3]
    assert [node["kind"] for node in nodes] == ["file", "effect", "place", "comp"]
    assert [node["making"] for node in nodes] == ["source", "wide", "fused", "output"]
    assert [node["inputs"] for node in nodes] == [[], [0], [1], [2]]
    assert nodes[0]["label"] == "bg.0003.exr"
    assert nodes[1]["label"] == 'GaussianBlur of layer "sky" of comp "Main"'
    assert nodes[0]["domain"] == nodes[3]["canvas"] == [0, 0, 96, 54]
    assert nodes[3]["layers"] == [{"input": 2, "blend_mode": "normal", "opacity": 0.75}]
    assert all("layers" not in node for node in nodes[:3])


def test_the_key_is_that_of_the_content(layer: playa.Layer) -> None:
    def keys(frame: int = 1) -> list[str]:
        return [node["key"] for node in layer.comp.graph(frame)["nodes"]]

    first = keys()
    assert keys() == first
    assert all(a != b for a, b in zip(keys(2), first, strict=True))
    layer.opacity = 0.5
    assert keys()[:3] == first[:3]
    assert keys()[3] != first[3]
    layer.opacity = 0.75
    assert keys() == first


def test_what_two_layers_show_is_there_once(layer: playa.Layer, footage: Path) -> None:
    layer.comp.add_layer(footage / "bg.####.exr", blend_mode="screen", matte=layer)
    nodes = layer.comp.graph(1)["nodes"]
    assert [node["kind"] for node in nodes].count("file") == 1
    lower, upper = nodes[-1]["layers"]
    assert (lower["blend_mode"], upper["blend_mode"], upper["input"]) == ("normal", "screen", 0)
    assert nodes[upper["matte"]]["kind"] == "comp"


def test_no_pixels_are_made(comp: playa.Comp) -> None:
    comp.add_layer(np.zeros((4, 6, 4), np.float32))
    comp.render(0)
    before = playa.cache.stats()
    assert comp.graph(0)["nodes"][-1]["kind"] == "comp"
    assert playa.cache.stats() == before
    assert [node["kind"] for node in comp.graph(-1)["nodes"]] == ["comp"], "outside of the work area"


def test_what_cannot_be_rendered_is_an_error(project: playa.Project, comp: playa.Comp, tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    playa.Frame.from_numpy(np.zeros((4, 6, 4), np.float32)).save(path)
    comp.add_layer(path, name="gone")
    path.unlink()
    with pytest.raises(playa.RenderError, match="a.exr") as caught:
        comp.graph(0)
    assert (caught.value.node, caught.value.frame) == ("gone", 0)
    project.remove(comp)
    with pytest.raises(playa.NodeRemovedError):
        comp.graph(0)
