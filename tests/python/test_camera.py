"""Cameras, track mattes and motion blur: what a project says of them, and what is seen through a camera."""

import uuid
from pathlib import Path

import cv2
import numpy as np
import playa_py as playa
import pytest
from numpy.typing import NDArray


def picture(width: int, height: int, seed: int = 1) -> NDArray[np.float32]:
    """A premultiplied picture in which no pixel is like its neighbour."""
    pixels = np.random.default_rng(seed).random((height, width, 4), np.float32)
    pixels[..., :3] *= pixels[..., 3:]
    return pixels


def grey(value: float, width: int, height: int) -> NDArray[np.float32]:
    """An opaque picture of one grey."""
    pixels = np.full((height, width, 4), value, np.float32)
    pixels[..., 3] = 1
    return pixels


def test_a_camera_is_a_node_with_attributes(project: playa.Project) -> None:
    lens = project.add_camera("lens")
    wide = project.add_camera("wide", fov=90, use_poi=True, point_of_interest=(1, 2, 3))
    assert isinstance(lens, playa.Camera)
    assert isinstance(lens, playa.Node)
    assert project.cameras == [lens, wide]
    assert lens.project == project
    assert (lens.name, lens.projection_type, lens.fov) == ("lens", "perspective", 39.6)
    assert (lens.near_clip, lens.far_clip) == (1, 10_000)
    assert (lens.ortho_scale, lens.use_poi, lens.point_of_interest) == (1, False, (0, 0, 0))
    assert (wide.fov, wide.use_poi, wide.point_of_interest) == (90, True, (1, 2, 3))
    assert repr(wide) == '<Camera "wide": perspective, fov 90>'
    wide.projection_type, wide["ortho_scale"] = "orthographic", 0.5
    assert repr(wide) == '<Camera "wide": orthographic, scale 0.5>'
    schema = lens.attrs.schema()
    assert {name for name, spec in schema.items() if spec["keyable"]} == {
        "fov",
        "near_clip",
        "far_clip",
        "ortho_scale",
        "point_of_interest",
    }
    assert (schema["fov"]["unit"], schema["fov"]["range"]) == ("degrees", (0.1, 179))
    for name, value, error in [
        ("fov", 180, playa.AttrValueError),
        ("near_clip", 0, playa.AttrValueError),
        ("projection_type", "fisheye", playa.AttrValueError),
        ("fov", "wide", playa.AttrTypeError),
        ("focal_length", 35, playa.AttrNameError),
    ]:
        with pytest.raises(error, match=name):
            setattr(lens, name, value)
        with pytest.raises(error, match=name):
            project.add_camera("refused", **{name: value})
    assert len(project.cameras) == 2


def test_a_layer_of_a_camera_stands_before_the_comp(project: playa.Project, comp: playa.Comp) -> None:
    lens = project.add_camera("lens", fov=60)
    layer = comp.add_layer(lens)
    assert layer.source == lens
    assert (layer.name, layer.in_, layer.out) == ("lens", 0, 120)
    assert layer.position == pytest.approx((0, 0, comp.height / 2 * np.sqrt(3)), abs=1e-12)
    assert comp.add_layer(lens, position=(1, 2, 3), name="other").position == (1, 2, 3)
    assert not comp.render(0).to_numpy().any()
    with pytest.raises(playa.NodeInUseError, match=r"camera `lens` is in use by Main / other, Main / lens"):
        project.remove(lens)
    for layer in comp.layers:
        layer.remove()
    project.remove(lens)
    assert project.cameras == []
    assert repr(lens).endswith(": removed>")
    for use in (lambda: lens.fov, lambda: lens.project, lambda: comp.add_layer(lens), lambda: project.remove(lens)):
        with pytest.raises(playa.NodeRemovedError, match="camera"):
            use()
    with pytest.raises(playa.AttrValueError, match="belongs to another project"):
        comp.add_layer(playa.Project().add_camera("foreign"))


def test_cameras_mattes_and_shutters_are_saved(project: playa.Project, tmp_path: Path) -> None:
    comp = project.add_comp("Main", width=64, height=36, shutter_angle=90, shutter_phase=-45, motion_samples=8)
    inner = project.add_comp("Inner", width=8, height=8)
    holdout = comp.add_layer(inner, name="holdout", visible=False)
    comp.add_layer(inner, name="fg", matte=holdout, matte_channel="red", matte_invert=True, motion_blur=True)
    comp.add_layer(project.add_camera("lens", fov=50, far_clip=500), rotation=(1, 2, 3))
    project.save(tmp_path / "shot.playa")
    loaded = (playa.Project.load(tmp_path / "shot.playa", strict=True), playa.Project.from_json(project.to_json()))
    for back in loaded:
        again = back.get_comp("Main")
        assert dict(again.attrs) == dict(comp.attrs)
        assert [dict(layer.attrs) for layer in again.layers] == [dict(layer.attrs) for layer in comp.layers]
        assert dict(back.cameras[0].attrs) == dict(project.cameras[0].attrs)
        assert again.layers[0].source == back.cameras[0]
        assert again.layers[1].matte == again.layers[2].uuid


def test_a_matte_is_a_layer_its_identity_or_none(comp: playa.Comp) -> None:
    holdout = comp.add_layer(grey(1, 6, 4), name="holdout")
    layer = comp.add_layer(grey(1, 6, 4), name="fg")
    assert (layer.matte, layer.matte_channel, layer.matte_invert) == ("", "alpha", False)
    for matte in (holdout, holdout.uuid, uuid.UUID(holdout.uuid), holdout.uuid.upper()):
        layer.matte = matte
        assert layer.matte == layer["matte"] == layer.get_attr("matte") == holdout.uuid
        layer.matte = None
        assert layer.matte == ""
    assert comp.add_layer(grey(1, 6, 4), matte=layer).matte == layer.uuid
    assert comp.add_layer(grey(1, 6, 4), matte=None).matte == ""
    for channel in ("alpha", "luminance", "red", "green", "blue"):
        layer.matte_channel = channel
        assert layer.matte_channel == channel
    layer.matte = holdout
    with pytest.raises(playa.ChannelNotFoundError, match="shows no file: it has alpha, luminance, red, green, blue"):
        layer.matte_channel = "hue"
    with pytest.raises(playa.AttrValueError, match="alpha, luminance, red, green, blue, or the name of one channel"):
        layer.matte_channel = "R,G"


def test_what_cannot_be_a_matte_is_refused(project: playa.Project, comp: playa.Comp) -> None:
    holdout, layer = comp.add_layer(grey(1, 6, 4), name="holdout"), comp.add_layer(grey(1, 6, 4), name="fg")
    elsewhere = project.add_comp("Other").add_layer(grey(1, 6, 4))
    camera = comp.add_layer(project.add_camera("lens"))
    for wrong in (elsewhere, elsewhere.uuid, camera, comp.uuid, str(uuid.uuid4())):
        with pytest.raises(playa.AttrValueError, match="the uuid of another layer of its comp") as caught:
            layer.matte = wrong
        assert caught.value.node == "Main / fg"
    with pytest.raises(playa.AttrValueError, match="the uuid of a layer"):
        layer.matte = "holdout"
    for wrong in (1, comp, project):
        with pytest.raises(playa.AttrTypeError):
            layer.matte = wrong
    with pytest.raises(playa.AttrTypeError):
        layer.name = holdout
    with pytest.raises(playa.CycleError, match="fg -> fg"):
        layer.matte = layer
    holdout.matte = layer
    with pytest.raises(playa.CycleError, match="a layer cannot be its own matte: .*holdout"):
        layer.matte = holdout
    assert layer.matte == ""
    with pytest.raises(playa.NodeInUseError, match="`Main / fg` is the matte of Main / holdout"):
        layer.remove()
    holdout.matte = None
    layer.remove()


def test_motion_blur_is_off_and_the_shutter_half_open_by_default(comp: playa.Comp) -> None:
    assert (comp.shutter_angle, comp.shutter_phase, comp.motion_samples) == (180, -90, 16)
    layer = comp.add_layer(grey(1, 6, 4), motion_blur=True)
    assert layer.motion_blur is True
    assert comp.add_layer(grey(1, 6, 4)).motion_blur is False
    out_of_range = {"shutter_angle": (-1, 720.5), "shutter_phase": (-361, 361), "motion_samples": (0, 257)}
    for name, value in [(name, value) for name, values in out_of_range.items() for value in values]:
        with pytest.raises(playa.AttrValueError, match=name):
            setattr(comp, name, value)


@pytest.mark.parametrize(("width", "height"), [(96, 54), (97, 55), (31, 77)])
def test_a_new_camera_changes_no_pixel(project: playa.Project, width: int, height: int) -> None:
    comp = project.add_comp("Main", width=width, height=height)
    pixels = picture(width, height)
    layer = comp.add_layer(pixels)
    small = comp.add_layer(picture(width - 10, height - 20, 2), position=(3, -4, 0), opacity=0.5)
    flat = comp.render(0).to_numpy()
    camera = comp.add_layer(project.add_camera("lens"))
    np.testing.assert_array_equal(comp.render(0).to_numpy(), flat)
    small.remove()
    np.testing.assert_array_equal(comp.render(0).to_numpy(), pixels)
    # Moved together, in places where sums are no longer exact.
    layer.position = (0.1, 0.2, 0.3)
    camera.position = np.add(camera.position, layer.position)
    np.testing.assert_array_equal(comp.render(0).to_numpy(), pixels)


def test_the_top_camera_that_is_seen_counts_and_moves_the_view(project: playa.Project) -> None:
    comp = project.add_comp("Main", width=40, height=30)
    comp.add_layer(picture(40, 30))
    flat = comp.render(0).to_numpy()
    lens = project.add_camera("lens")
    low, high = comp.add_layer(lens), comp.add_layer(lens)
    low.position = np.add(low.position, (0, 5, 0))
    high.position = np.add(high.position, (7, 0, 0))
    left, down = comp.render(0).to_numpy(), np.zeros_like(flat)
    np.testing.assert_array_equal(left[:, :-7], flat[:, 7:])
    high.visible = False
    down[5:] = flat[:-5]
    np.testing.assert_array_equal(comp.render(0).to_numpy(), down)
    low.in_ = 3
    np.testing.assert_array_equal(comp.render(0).to_numpy(), flat)
    np.testing.assert_array_equal(comp.render(3).to_numpy(), down)


def test_through_a_camera_lower_z_is_painted_first(project: playa.Project) -> None:
    comp = project.add_comp("Main", width=9, height=9)
    comp.add_layer(grey(1, 9, 9), position=(0, 0, 2))
    comp.add_layer(grey(2, 9, 9))
    assert comp.render(0).to_numpy()[4, 4, 0] == 2
    camera = comp.add_layer(project.add_camera("lens"))
    assert comp.render(0).to_numpy()[4, 4, 0] == 1
    camera.mute = True
    assert comp.render(0).to_numpy()[4, 4, 0] == 2


def test_an_orthographic_camera_scales_all_depths_alike(project: playa.Project) -> None:
    comp = project.add_comp("Main", width=32, height=24)
    layer = comp.add_layer(picture(32, 24))
    layer.scale = (2, 2, 2)
    expected = comp.render(0).to_numpy()
    layer.scale = (1, 1, 1)
    comp.add_layer(project.add_camera("lens", projection_type="orthographic", ortho_scale=2))
    for z in (0, -700):
        layer.position = (0, 0, z)
        np.testing.assert_array_equal(comp.render(0).to_numpy(), expected)


def axis(number: int, degrees: float) -> NDArray[np.float64]:
    """OpenCV's matrix of a turn about an axis, clockwise for one who looks against it."""
    turn = np.zeros(3)
    turn[number] = np.radians(-degrees)
    return cv2.Rodrigues(turn)[0]


def rotation(degrees: tuple[float, float, float]) -> NDArray[np.float64]:
    """X first, then Y, then Z."""
    return axis(2, degrees[2]) @ axis(1, degrees[1]) @ axis(0, degrees[0])


def look_at(eye: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    """The directions of a camera (right, up, back) as columns."""
    back = (eye - point) / np.linalg.norm(eye - point)
    right = np.cross((0, 1, 0), back)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(back, right), back], axis=1)


@pytest.mark.parametrize("use_poi", [False, True])
@pytest.mark.parametrize(
    ("fov", "eye", "turn", "place", "layer_turn"),
    [
        (39.6, (0, 0, 420), (0, 0, 0), (0, 0, -50), (0, 40, 0)),
        (50, (60, 90, 330), (12, -9, 20), (0, 0, 0), (0, 0, 0)),
        (70, (-120, 30, 260), (5, 25, -35), (10, 20, 15), (25, -20, 75)),
    ],
)
def test_bright_pixels_are_where_opencv_projects_them(
    project: playa.Project,
    fov: float,
    eye: tuple[float, float, float],
    turn: tuple[float, float, float],
    place: tuple[float, float, float],
    layer_turn: tuple[float, float, float],
    use_poi: bool,
) -> None:
    width, height, scale = 401, 301, 6.0
    # Four single pixels, far enough from each other, in a layer that is enlarged so that each is some pixels wide.
    spots = [(10, 7), (32, 9), (12, 21), (35, 24)]
    pixels = np.zeros((31, 45, 4), np.float32)
    for x, y in spots:
        pixels[y, x] = 1
    comp = project.add_comp("Main", width=width, height=height)
    comp.add_layer(pixels, position=place, rotation=layer_turn, scale=(scale,) * 3)
    camera = project.add_camera("lens", fov=fov, use_poi=use_poi, point_of_interest=(5, -8, 12))
    comp.add_layer(camera, position=eye, rotation=turn)

    middle = np.array([45 / 2, 31 / 2])
    offsets = np.array([(x + 0.5, y + 0.5) for x, y in spots]) - middle
    local = np.column_stack([offsets[:, 0], -offsets[:, 1], np.zeros(4)]) * scale
    world = local @ rotation(layer_turn).T + np.array(place)
    axes = look_at(np.array(eye, float), np.array((5.0, -8.0, 12.0))) if use_poi else rotation(turn)
    # OpenCV's camera has Y down and looks along +Z.
    to_camera = np.diag([1.0, -1.0, -1.0]) @ axes.T
    focal = height / 2 / np.tan(np.radians(fov) / 2)
    matrix = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    expected = cv2.projectPoints(world, cv2.Rodrigues(to_camera)[0], -to_camera @ np.array(eye, float), matrix, None)[0]

    alpha = comp.render(0).to_numpy()[..., 3].astype(np.float64)
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    expected = expected.reshape(-1, 2)
    assert (expected > 10).all()
    assert (expected < (width - 10, height - 10)).all()
    for x, y in expected:
        near = np.where(np.hypot(columns - x, rows - y) < 12, alpha, 0)
        found = np.array([(near * columns).sum(), (near * rows).sum()]) / near.sum()
        assert np.abs(found - (x, y)).max() < 0.5, f"{found} is not at {x}, {y}"
