"""Layers show channels of their files, mattes take them, and what is no colour stays as it is."""

import json
from pathlib import Path

import numpy as np
import OpenEXR
import playa_py as playa
import pytest
from numpy.typing import NDArray

HEIGHT, WIDTH = 8, 12

HEADER = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}


def noise(seed: int, *, dtype: type = np.float32) -> NDArray:
    return np.random.default_rng(seed).uniform(0, 1, (HEIGHT, WIDTH)).astype(dtype)


CHANNELS = {
    **{name: noise(seed, dtype=np.float16) for seed, name in enumerate("RGBA")},
    **{f"diffuse.{name}": noise(seed + 10) for seed, name in enumerate("RGB")},
    **{f"N.{name}": noise(seed + 20) * 2 - 1 for seed, name in enumerate("xyz")},
    "Z": noise(30) * 1000,
    "mask.R": noise(31),
    "id": np.random.default_rng(32).integers(0, 1 << 20, (HEIGHT, WIDTH), np.uint32),
    "uAsset.red": noise(33),
    "uAsset00.red": noise(34) * 1e30,
    "uAsset00.green": noise(35),
    "uAsset00.blue": noise(36) * 1e30,
    "uAsset00.alpha": noise(37),
}

CRYPTOMATTE = {"cryptomatte/1234567/name": "uAsset", "cryptomatte/1234567/hash": "MurmurHash3_32"}


def write(path: Path, channels: dict[str, NDArray], **header: object) -> Path:
    with OpenEXR.File({**HEADER, **header}, dict(channels)) as file:
        file.write(str(path))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "aovs.exr", CHANNELS, **CRYPTOMATTE)


@pytest.fixture
def comp(project: playa.Project) -> playa.Comp:
    return project.add_comp("Main", width=WIDTH, height=HEIGHT, in_=0, out=3)


def expected(*names: str | None) -> NDArray:
    """The pixels of four channels; none is 0, or 1 for alpha."""
    flat = [np.full((HEIGHT, WIDTH), at == 3, np.float32) for at in range(4)]
    planes = [flat[at] if name is None else CHANNELS[name].astype(np.float32) for at, name in enumerate(names)]
    return np.stack(planes, axis=-1)


SHOWN = {
    "": ("R", "G", "B", "A"),
    "R,G,B,A": ("R", "G", "B", "A"),
    "diffuse": ("diffuse.R", "diffuse.G", "diffuse.B", None),
    "Z": ("Z", "Z", "Z", None),
    "N.x, N.y,N.z": ("N.x", "N.y", "N.z", None),
    "N.x,N.y": ("N.x", "N.y", None, None),
    "G,B,R,mask.R": ("G", "B", "R", "mask.R"),
    "mask": ("mask.R", "mask.R", "mask.R", None),
    "id": ("id", "id", "id", None),
    "uAsset00": ("uAsset00.red", "uAsset00.green", "uAsset00.blue", "uAsset00.alpha"),
}


@pytest.mark.parametrize("channels", SHOWN)
def test_a_layer_shows_what_reading_shows(comp: playa.Comp, path: Path, channels: str) -> None:
    layer = comp.add_layer(path, channels=channels)
    assert layer.channels == channels.replace(" ", "")
    assert (comp.render(0).to_numpy() == expected(*SHOWN[channels])).all()
    read = playa.Frame.load(path, channels=channels) if channels else playa.Frame.load(path)
    assert (read.to_numpy() == expected(*SHOWN[channels])).all()


def test_layers_of_one_file_have_one_node_and_read_it_once(project: playa.Project, comp: playa.Comp, path: Path) -> None:
    beauty = comp.add_layer(path)
    matte = comp.add_layer(path, visible=False)
    depth = comp.add_layer(path, channels="Z", blend_mode="add", matte=matte, matte_channel="mask.R")
    diffuse = comp.add_layer(path, channels="diffuse", blend_mode="add")
    same = comp.add_layer(path, channels="diffuse.R,diffuse.G,diffuse.B", blend_mode="add")
    assert beauty.source == depth.source == diffuse.source == same.source == matte.source
    assert len(project.media) == 1
    files = [node for node in comp.graph(0)["nodes"] if node["kind"] == "file"]
    labels = sorted(node["label"] for node in files)
    assert labels == ["aovs.exr", "aovs.exr (Z)", "aovs.exr (diffuse)", "aovs.exr (mask.R)"], "equal pictures are one node"
    with playa.Profile() as profile:
        together = comp.render(0, cache=False).to_numpy()
    assert [row.pieces for row in profile.rows() if row.kind == "read"] == [1]
    mask = CHANNELS["mask.R"][..., None]
    rgba = expected("R", "G", "B", "A")
    added = (expected("Z", "Z", "Z", None) * mask, *[expected("diffuse.R", "diffuse.G", "diffuse.B", None)] * 2)
    colour = rgba[..., :3] + sum(picture[..., :3] for picture in added)
    np.testing.assert_allclose(together[..., :3], colour, rtol=1e-6)


def test_channels_are_attributes_like_any_other(project: playa.Project, comp: playa.Comp, path: Path, tmp_path: Path) -> None:
    layer = comp.add_layer(path)
    heard = []
    project.events.subscribe("attrs_changed", lambda event: heard.append(event.names))
    before = comp.render(0)
    layer.channels = "diffuse"
    assert (comp.render(0).to_numpy() == expected(*SHOWN["diffuse"])).all()
    project.undo()
    assert layer.channels == ""
    assert (comp.render(0).to_numpy() == before.to_numpy()).all()
    project.redo()
    project.events.flush()
    assert heard == [("channels",)] * 3
    layer.part = 0
    assert layer.part == "0"
    project.save(tmp_path / "shot.playa")
    again = playa.Project.load(tmp_path / "shot.playa").get_comp("Main")
    assert (again.layers[0].channels, again.layers[0].part) == ("diffuse", "0")
    assert (again.render(0).to_numpy() == expected(*SHOWN["diffuse"])).all()
    assert '"channels": "diffuse"' in json.dumps(json.loads(project.to_json()))


def test_channels_that_are_not_there_are_refused_with_those_that_are(
    project: playa.Project, comp: playa.Comp, path: Path, tmp_path: Path
) -> None:
    has = r"no channels \"difuse\"; it has the layers N, diffuse, mask, uAsset, uAsset00 and the channels A, B, G, N.x"
    with pytest.raises(playa.ChannelNotFoundError, match=has) as caught:
        comp.add_layer(path, channels="difuse")
    assert caught.value.path == path
    assert comp.layers == []
    layer = comp.add_layer(path)
    with pytest.raises(playa.ChannelNotFoundError, match=has):
        layer.channels = "difuse"
    with pytest.raises(playa.ChannelNotFoundError, match="there is no part beauty; it has 0"):
        layer.part = "beauty"
    with pytest.raises(playa.AttrValueError, match="two to four channels"):
        layer.channels = "R,G,B,A,Z"
    assert (layer.channels, layer.part) == ("", "")
    with pytest.raises(playa.ChannelNotFoundError, match="the layer shows no file"):
        comp.add_layer(playa.Frame.load(path), channels="diffuse")
    # What cannot be known when it is set is an error of the frame.
    folder = tmp_path / "shot"
    folder.mkdir()
    write(folder / "a.0001.exr", CHANNELS)
    write(folder / "a.0002.exr", {name: CHANNELS[name] for name in "RGBA"})
    sequence = project.add_comp("Sequence", width=WIDTH, height=HEIGHT)
    sequence.add_layer(folder / "a.####.exr", channels="diffuse")
    assert (sequence.render(1).to_numpy() == expected(*SHOWN["diffuse"])).all()
    with pytest.raises(playa.RenderError, match=r"a\.0002\.exr: there are no channels \"diffuse\""):
        sequence.render(2)


def test_parts_are_chosen_by_name_and_found_by_channel(comp: playa.Comp, tmp_path: Path) -> None:
    path = tmp_path / "parts.exr"
    beauty = {name: CHANNELS[name] for name in "RGBA"}
    parts = [
        OpenEXR.Part(dict(HEADER), dict(beauty), "rgba"),
        OpenEXR.Part(dict(HEADER), {"Z": CHANNELS["Z"]}, "depth"),
        OpenEXR.Part(dict(HEADER), {name: CHANNELS[f"diffuse.{name}"] for name in "RGB"}, "diffuse"),
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(path))
    layer = comp.add_layer(path)
    for attrs, shown in (
        ({}, ""),
        ({"part": "diffuse"}, "diffuse"),
        ({"part": 2}, "diffuse"),
        ({"channels": "diffuse", "part": ""}, "diffuse"),
        ({"channels": "Z"}, "Z"),
        ({"channels": "depth"}, "Z"),
        ({"channels": "", "part": "depth"}, "Z"),
    ):
        for name, value in attrs.items():
            layer[name] = value
        assert (comp.render(0).to_numpy() == expected(*SHOWN[shown])).all(), attrs
    with pytest.raises(playa.ChannelNotFoundError, match="there is no part specular; it has rgba, depth, diffuse"):
        layer.part = "specular"


def test_a_view_is_read_as_if_it_were_alone(comp: playa.Comp, tmp_path: Path) -> None:
    """Among the channels of a part, as OpenEXR's multi-view files have them, for `Frame.load` and for layers."""
    channels = {f"{view}{name}": noise(at) for at, (view, name) in enumerate((v, n) for v in ("", "right.") for n in "RGBA")}
    channels |= {f"diffuse.{view}.{name}": noise(ord(name) + len(view)) for view in ("left", "right") for name in "RGB"}
    channels |= {"Z": noise(50), "right.Z": noise(51), "shared.M": noise(52)}
    path = write(tmp_path / "stereo.exr", channels, multiView=["left", "right"])
    flat = np.ones((HEIGHT, WIDTH), np.float32)

    def stacked(*names: str) -> NDArray:
        return np.stack([channels.get(name, flat) for name in (*names, "")[:4]], axis=-1)

    layer = comp.add_layer(path)
    for view, chosen, names in (
        ("left", "", ("R", "G", "B", "A")),
        ("right", "", ("right.R", "right.G", "right.B", "right.A")),
        ("right", "diffuse", ("diffuse.right.R", "diffuse.right.G", "diffuse.right.B")),
        ("left", "diffuse", ("diffuse.left.R", "diffuse.left.G", "diffuse.left.B")),
        ("right", "Z", ("right.Z",) * 3),
        ("left", "Z", ("Z",) * 3),
        ("right", "shared.M", ("shared.M",) * 3),
        ("", "right", ("right.R", "right.G", "right.B", "right.A")),
    ):
        wish = {"view": view or None, "channels": chosen or None}
        assert (playa.Frame.load(path, **wish).to_numpy() == stacked(*names)).all(), wish
        layer.channels = ""
        layer.view, layer.channels = view, chosen
        assert (comp.render(0).to_numpy() == stacked(*names)).all(), wish

    right = playa.Frame.load(path, view="right")
    assert {"Z", "diffuse.B", "diffuse.G", "diffuse.R", "shared.M"} <= set(right.channels)
    assert not any("right" in name or "left" in name for name in right.channels)
    assert right.metadata["view"] == "right" and "multiView" not in right.metadata
    assert playa.Frame.load(path).metadata["multiView"] == ("left", "right")
    layer.channels = ""
    for view in ("centre", "Left"):
        with pytest.raises(playa.ChannelNotFoundError, match=f'there is no view "{view}"; it has left, right'):
            playa.Frame.load(path, view=view)
        with pytest.raises(playa.ChannelNotFoundError, match=f'there is no view "{view}"; it has left, right'):
            layer.view = view


def test_parts_have_views(comp: playa.Comp, tmp_path: Path, path: Path) -> None:
    """Views in parts of their own; a part that names none belongs to all."""
    file = tmp_path / "views.exr"
    eyes = {view: {name: noise(at * 10 + len(view)) for at, name in enumerate("RGBA")} for view in ("left", "right")}
    parts = [
        OpenEXR.Part(dict(HEADER), {"Z": noise(60)}, "depth"),
        *(OpenEXR.Part(dict(HEADER, view=view), dict(eyes[view]), f"rgba.{view}") for view in eyes),
    ]
    with OpenEXR.File(parts) as written:
        written.write(str(file))
    for view, channels in eyes.items():
        shown = np.stack([channels[name] for name in "RGBA"], axis=-1)
        assert (playa.Frame.load(file, view=view).to_numpy() == shown).all()
        layer = comp.add_layer(file, view=view)
        assert layer.view == view and (comp.render(0).to_numpy() == shown).all()
        layer.remove()
        for wish in ({"channels": "Z"}, {"part": "depth"}):
            assert (playa.Frame.load(file, view=view, **wish).to_numpy()[..., 0] == noise(60)).all()
    with pytest.raises(playa.ChannelNotFoundError, match='there is no view "centre"; it has left, right'):
        playa.Frame.load(file, view="centre")
    with pytest.raises(playa.ChannelNotFoundError, match='there is no view "right"; it has left'):
        playa.Frame.load(file, view="right", part="rgba.left")
    with pytest.raises(playa.ChannelNotFoundError, match='there is no view "left"; it has none: read it without `view`'):
        playa.Frame.load(path, view="left")


def test_what_is_no_colour_is_not_converted(project: playa.Project, comp: playa.Comp, path: Path) -> None:
    project.working_space = "acescg"
    layer = comp.add_layer(path)
    layer.source.colour_space = "srgb"
    beauty = comp.render(0).to_numpy()
    assert not np.allclose(beauty, expected(*SHOWN[""]), atol=1e-3)
    for channels in ("Z", "N.x, N.y,N.z", "id", "uAsset00", "uAsset"):
        layer.channels = channels
        shown = SHOWN.get(channels, ("uAsset.red", "uAsset.red", "uAsset.red", None))
        assert (comp.render(0).to_numpy() == expected(*shown)).all(), channels
    layer.channels = "diffuse"
    assert not np.allclose(comp.render(0).to_numpy(), expected(*SHOWN["diffuse"]), atol=1e-3)


@pytest.mark.parametrize("channels", ["id", "uAsset00"])
def test_names_of_things_are_never_averaged(comp: playa.Comp, path: Path, channels: str) -> None:
    layer = comp.add_layer(path, channels=channels, filter="lanczos3", motion_blur=True)
    layer.rotation, layer.scale = (0, 0, 30), (0.7, 1.3, 1)
    layer.set_key("position", 0, (0, 0, 0))
    layer.set_key("position", 3, (5, 0, 0))
    pixels = comp.render(1, region="data").to_numpy().reshape(-1, 4)
    known = {row.tobytes() for row in expected(*SHOWN[channels]).reshape(-1, 4)}
    seen = [row for row in pixels if row.any()]
    assert len(seen) > 40
    assert all(row.tobytes() in known for row in seen)
    still = comp.project.add_comp("Still", width=WIDTH, height=HEIGHT)
    nearest = still.add_layer(path, channels=channels, filter="impulse", position=layer.value_at("position", 1))
    nearest.rotation, nearest.scale = layer.rotation, layer.scale
    assert (still.render(0, region="data").to_numpy().reshape(-1, 4) == pixels).all()


def test_amounts_are_sampled_like_colour(comp: playa.Comp, path: Path) -> None:
    layer = comp.add_layer(path, channels="Z", scale=(2, 2, 1), filter="bilinear")
    read = playa.Frame.load(path, channels="Z")
    other = comp.project.add_comp("Other", width=WIDTH, height=HEIGHT)
    other.add_layer(read, scale=(2, 2, 1), filter="bilinear")
    assert layer.filter == "bilinear"
    assert (comp.render(0).to_numpy() == other.render(0).to_numpy()).all()
    known = set(CHANNELS["Z"].ravel().tolist())
    assert any(value not in known for value in comp.render(0).to_numpy()[..., 0].ravel().tolist())


@pytest.mark.parametrize("channel", ["Z", "mask.R", "N.x", "uAsset00.green", "uAsset00.alpha", "A", "R"])
@pytest.mark.parametrize("invert", [False, True])
def test_any_channel_is_a_matte(project: playa.Project, comp: playa.Comp, path: Path, channel: str, invert: bool) -> None:
    project.working_space = "acescg"
    matte = comp.add_layer(path, visible=False, channels="diffuse")
    white = np.ones((HEIGHT, WIDTH, 4), np.float32)
    comp.add_layer(white, matte=matte, matte_channel=channel, matte_invert=invert)
    share = np.clip(CHANNELS[channel].astype(np.float32), 0, 1)
    share = 1 - share if invert else share
    assert (comp.render(0).to_numpy()[..., 3] == share).all()


def test_a_matte_is_placed_and_treated_as_its_layer_is(comp: playa.Comp, path: Path) -> None:
    matte = comp.add_layer(path, visible=False, position=(2, 0, 0), opacity=0.5)
    layer = comp.add_layer(np.ones((HEIGHT, WIDTH, 4), np.float32), matte=matte, matte_channel="mask.R")
    moved = np.zeros((HEIGHT, WIDTH), np.float32)
    moved[:, 2:] = CHANNELS["mask.R"][:, :-2] * np.float32(0.5)
    assert (comp.render(0).to_numpy()[..., 3] == moved).all()
    matte.opacity, matte.position = 1, (0, 0, 0)
    matte.add_effect("GaussianBlur", radius=2)
    blurred = comp.render(0).to_numpy()[..., 3]
    shown = playa.Frame.load(path, channels="mask.R")
    alone = playa.effects.GaussianBlur(radius=2)(shown).to_numpy()[..., 0]
    np.testing.assert_allclose(blurred, alone, atol=1e-6)
    assert layer.matte_channel == "mask.R"


def test_ids_are_no_matte(comp: playa.Comp, path: Path) -> None:
    matte = comp.add_layer(path, visible=False)
    layer = comp.add_layer(np.ones((HEIGHT, WIDTH, 4), np.float32), matte=matte)
    for channel in ("id", "uAsset00.red", "uAsset00.blue"):
        with pytest.raises(playa.ChannelNotFoundError, match=f'"{channel}" holds names of things'):
            layer.matte_channel = channel
    with pytest.raises(playa.ChannelNotFoundError, match='no channels "mask.G"'):
        layer.matte_channel = "mask.G"
    assert layer.matte_channel == "alpha"


def test_a_matte_of_a_still_may_be_a_channel_beyond_colour(comp: playa.Comp, tmp_path: Path) -> None:
    grey = np.linspace(0, 255, HEIGHT * WIDTH).astype(np.uint8).reshape(HEIGHT, WIDTH, 1)
    playa.Frame.from_numpy(grey).save(tmp_path / "grey.png")
    matte = comp.add_layer(tmp_path / "grey.png", visible=False)
    layer = comp.add_layer(np.ones((HEIGHT, WIDTH, 4), np.float32), matte=matte, matte_channel="R")
    # Its numbers as they are: no curve is undone.
    np.testing.assert_allclose(comp.render(0).to_numpy()[..., 3], grey[..., 0] / 255, atol=1e-7)
    layer.matte_channel = "red"
    assert not np.allclose(comp.render(0).to_numpy()[..., 3], grey[..., 0] / 255, atol=1e-2)


def test_unfinished_files_show_what_the_media_say(project: playa.Project, shared: Path) -> None:
    path = shared / "media" / "damaged" / "partial.exr"
    comp = project.add_comp("Partial", width=256, height=256)
    layer = comp.add_layer(path)
    assert layer.source.missing_pixels == "error"
    with pytest.raises(playa.RenderError, match="unfinished file: 6 of 16"):
        comp.render(0)
    for missing in ("black", "hold"):
        layer.source.missing_pixels = missing
        read = playa.Frame.load(path, missing_pixels=missing)
        assert (comp.render(0).to_numpy() == read.to_numpy()).all()
    again = playa.Project.from_json(project.to_json()).get_comp("Partial")
    assert again.layers[0].source.missing_pixels == "hold"
    with pytest.raises(playa.AttrValueError, match="error, black, hold"):
        layer.source.missing_pixels = "nearest"
