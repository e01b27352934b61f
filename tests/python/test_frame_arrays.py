"""Frames as arrays: every type, number of channels and layout, compared with numpy over whole images."""

import copy
import ctypes
import gc
import weakref
from fractions import Fraction

import numpy as np
import playa_py as playa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

DTYPES = ["?", "u1", "u2", "f2", "f4", "f8"]


def hdr(height: int = 5, width: int = 7, channels: int = 4) -> np.ndarray:
    """Premultiplied colour from far below zero to far above one."""
    return np.random.default_rng(1).normal(0, 100, (height, width, channels)).astype(np.float32)


def samples(dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """Random ones of the whole range of a type, alpha between 0 and 1."""
    random = np.random.default_rng(len(shape) + shape[-1])
    kind = np.dtype(dtype)
    if kind.kind == "f":
        array = random.normal(0, 2, shape)
        if len(shape) == 3 and shape[2] % 2 == 0:
            array[..., -1] = random.uniform(0, 1, shape[:2])
            array[0, 0, -1] = 0
        return array.astype(kind)
    return random.integers(0, 2 if kind.kind == "b" else np.iinfo(kind).max + 1, shape).astype(kind)


def linear_light(code: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1, mirrored for negative values, in float64."""
    size = np.abs(code.astype(np.float64))
    return np.copysign(np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4), code)


def expected(array: np.ndarray, transfer: str, alpha: str) -> np.ndarray:
    """What the documentation says, in float64."""
    array = array if array.ndim == 3 else array[..., None]
    white = {"?": 1, "B": 255, "H": 65535}.get(array.dtype.char, 1)
    unit = array.astype(np.float64) / white
    channels = unit.shape[2]
    opaque = np.ones(unit.shape[:2])
    a = unit[..., -1] if channels in (2, 4) else opaque
    colour = unit[..., :3] if channels >= 3 else np.repeat(unit[..., :1], 3, axis=2)
    by = np.where(a > 0, a, 1)[..., None]
    if transfer == "srgb" and alpha == "premultiplied":
        colour = linear_light(colour / by) * by
    elif transfer == "srgb":
        colour = linear_light(colour)
    if alpha == "straight":
        colour = colour * a[..., None]
    return np.concatenate([colour, a[..., None]], axis=2)


@pytest.mark.parametrize("alpha", ["premultiplied", "straight"])
@pytest.mark.parametrize("transfer", ["linear", "srgb"])
@pytest.mark.parametrize("shape", [(33, 70), (33, 70, 1), (33, 70, 2), (33, 70, 3), (33, 70, 4)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_values_are_those_of_the_formula(dtype: str, shape: tuple[int, ...], transfer: str, alpha: str) -> None:
    array = samples(dtype, shape)
    pixels = playa.Frame.from_numpy(array, transfer=transfer, alpha=alpha).to_numpy()
    wanted = expected(array, transfer, alpha)
    # The curve is off by at most 8 units in the last place, a product and a quotient by half of one each.
    np.testing.assert_allclose(pixels, wanted, rtol=(9 if transfer == "srgb" else 2) * 2.0**-23, atol=1e-44)
    assert (pixels[..., 3] == wanted[..., 3].astype(np.float32)).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_meant_where_nothing_is_said(dtype: str) -> None:
    array = samples(dtype, (9, 11, 4))
    usual = ("srgb", "straight") if dtype in ("u1", "u2") else ("linear", "premultiplied")
    said = playa.Frame.from_numpy(array, transfer=usual[0], alpha=usual[1])
    assert playa.Frame.from_numpy(array).to_numpy().tobytes() == said.to_numpy().tobytes()


@pytest.mark.parametrize("dtype", [">u2", ">f2", ">f4", ">f8", "<u2", "<f2", "<f4", "<f8"])
def test_bytes_may_be_in_either_order(dtype: str) -> None:
    array = samples(dtype[1:], (20, 30, 3))
    frame = playa.Frame.from_numpy(array.astype(dtype))
    assert frame.to_numpy().tobytes() == playa.Frame.from_numpy(array).to_numpy().tobytes()


def slices(length: int) -> st.SearchStrategy[slice]:
    end = st.integers(-length - 1, length + 1) | st.none()
    return st.builds(slice, end, end, st.sampled_from([None, 1, 2, 3, -1, -2, -3]))


@settings(max_examples=150, deadline=None)
@given(
    dtype=st.sampled_from([*DTYPES, ">f4", ">u2"]),
    channels=st.integers(1, 4),
    order=st.permutations([0, 1, 2]),
    rows=slices(21),
    columns=slices(67),
    flip=st.booleans(),
    offset=st.integers(0, 7),
    copy=st.sampled_from([None, True]),
)
def test_every_layout_is_read_as_numpy_reads_it(
    dtype: str, channels: int, order: list[int], rows: slice, columns: slice, flip: bool, offset: int, copy: bool | None
) -> None:
    values = samples(dtype, (21, 67, channels))
    # The axes lie in memory in the drawn order, from an odd address on.
    memory = np.zeros(values.nbytes + offset, np.uint8)[offset:].view(dtype)
    array = memory.reshape([values.shape[axis] for axis in order]).transpose(np.argsort(order))
    array[...] = values
    array = array[rows, columns, :: -1 if flip else 1]
    tight = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("="))
    frame = playa.Frame.from_numpy(array, copy=copy)
    assert frame.to_numpy().shape == (*array.shape[:2], 4) or frame.to_numpy().size == 0
    assert frame.to_numpy().tobytes() == playa.Frame.from_numpy(tight, copy=True).to_numpy().tobytes()


def test_repeated_values_without_memory_of_their_own_are_read() -> None:
    array = np.broadcast_to(np.float32([0.25, 0.5, 1, 1]), (40, 50, 4))
    assert (playa.Frame.from_numpy(array).to_numpy() == array).all()


def test_large_images_are_converted_whole() -> None:
    array = np.random.default_rng(2).integers(0, 256, (1080, 1920, 4), np.uint8)
    wanted = array.astype(np.float32) / np.float32(255)
    shown = playa.Frame.from_numpy(array, transfer="linear", alpha="premultiplied").to_numpy()
    assert (shown == wanted).all()
    turned = playa.Frame.from_numpy(np.asfortranarray(array), transfer="linear", alpha="premultiplied")
    assert (turned.to_numpy() == wanted).all()


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (hdr().astype(np.float64), "its type is not float32"),
        (hdr().astype(">f4"), "in the order of another machine"),
        (hdr()[..., :3], "it does not have 4 channels"),
        (np.asfortranarray(hdr()), "do not lie in C order"),
        (np.zeros(257, np.uint8)[1:].view(np.float32).reshape(4, 4, 4), "not aligned"),
        (np.zeros((2, 2, 4), np.uint8), "not float32, its colour is on the sRGB curve, its alpha is straight"),
        ([[[1.0, 1.0, 1.0, 1.0]]], "does not lend its memory"),
    ],
)
def test_copy_false_says_why_it_cannot_share(array: object, reason: str) -> None:
    with pytest.raises(playa.ArrayError, match=f"without a copy.*{reason}.*\nhint: pass an"):
        playa.Frame.from_numpy(array, copy=False)


def test_copy_false_refuses_what_the_meaning_changes() -> None:
    with pytest.raises(playa.ArrayError, match="its alpha is straight"):
        playa.Frame.from_numpy(hdr(), copy=False, alpha="straight")
    with pytest.raises(playa.ArrayError, match="on the sRGB curve"):
        playa.Frame.from_numpy(hdr(), copy=False, transfer="srgb")


def test_copy_false_shares_arrays_and_what_lends_its_memory() -> None:
    array = hdr()
    assert np.shares_memory(playa.Frame.from_numpy(array, copy=False).to_numpy(), array)
    lent = playa.Frame.from_numpy(memoryview(array), copy=False)
    assert np.shares_memory(lent.to_numpy(), array)
    again = playa.Frame.from_numpy(lent, copy=False)
    assert np.shares_memory(again.to_numpy(), array)
    del lent, array
    gc.collect()
    assert (again.to_numpy() == hdr()).all()


@pytest.mark.parametrize("copy", [None, False, True])
def test_a_read_only_array_is_as_good(copy: bool | None) -> None:
    array = hdr()
    array.flags.writeable = False
    assert np.shares_memory(playa.Frame.from_numpy(array, copy=copy).to_numpy(), array) == (copy is not True)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((3, 3, 4), np.int16), "an array of int16 .*uint16.*\nhint: only you know which number is white"),
        (np.zeros((3, 3, 4), np.uint32), "an array of uint32"),
        (np.zeros((3, 3), np.complex64), "complex64"),
        (np.zeros((3, 3), np.longdouble), "longdouble|float128|float96|\nhint: pass pixels.astype"),
        (np.zeros((3, 3), [("R", "f4"), ("G", "f4")]), "is no picture.*\nhint: stack its fields"),
        (np.zeros((9, 9, 5), np.float32), r"shape \(9, 9, 5\).*\nhint: select the channels"),
        (np.zeros((3, 3, 0), np.float32), r"shape \(3, 3, 0\)"),
        (np.zeros((4, 30, 30), np.float32), r"shape \(4, 30, 30\).*\nhint: its channels come first: pass np.moveaxis"),
        (np.zeros(9, np.float32), r"shape \(9,\)"),
        (np.zeros((2, 3, 3, 4), np.float32), r"shape \(2, 3, 3, 4\).*\nhint: pass one picture"),
        (np.ma.masked_array(np.zeros((3, 3, 4), np.float32)), "masked array.*\nhint: pass pixels.filled"),
        ([[0.0], [0.0, 1.0]], "numpy makes no array of an object of type list"),
        ("picture.exr", "<U11"),
        (None, "object"),
    ],
)
def test_what_is_no_picture_is_refused(array: object, reason: str) -> None:
    with pytest.raises(playa.ArrayError, match=reason):
        playa.Frame.from_numpy(array)


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"transfer": "gamma"}, playa.AttrValueError, 'transfer="gamma": expected "linear" or "srgb"'),
        ({"alpha": "none"}, playa.AttrValueError, 'expected "premultiplied" or "straight"'),
        ({"data_window": (0, 0, 7, 6)}, playa.ArrayError, "does not have the 5 rows and 7 columns"),
        ({"data_window": (7, 5, 0, 0)}, playa.AttrValueError, "data_window=.*x0 <= x1"),
        ({"display_window": (0, 9, 3, 0)}, playa.AttrValueError, "display_window=.*x0 <= x1"),
        ({"pixel_aspect": 0}, playa.AttrValueError, "a finite number above 0"),
        ({"pixel_aspect": np.nan}, playa.AttrValueError, "a finite number above 0"),
        ({"channels": {"Z": np.zeros((5, 6), np.float32)}}, playa.ArrayError, r'channel "Z".*expected .*\(5, 7\)'),
        ({"channels": {"Z": np.zeros((5, 7))}}, playa.ArrayError, "float64.*expected float16, float32 or uint32"),
        ({"channels": {"R": np.zeros((5, 7), np.float32)}}, playa.ArrayError, "beyond R, G, B and A"),
        ({"channels": [1]}, playa.AttrTypeError, "channels: expected a dict"),
        ({"metadata": "owner"}, playa.AttrTypeError, "metadata: expected a dict"),
        ({"metadata": {1: 2}}, playa.AttrTypeError, "expected texts as names"),
        ({"metadata": {"x": object()}}, playa.AttrTypeError, 'metadata "x".*object of type object'),
        ({"metadata": {"x": 1 << 40}}, playa.AttrTypeError, 'metadata "x"'),
        ({"metadata": {"x": (1, 2, 3, 4, 5)}}, playa.AttrTypeError, 'metadata "x".*2, 3, 4'),
    ],
)
def test_options_are_checked(options: dict, error: type, reason: str) -> None:
    with pytest.raises(error, match=reason):
        playa.Frame.from_numpy(hdr(), **options)


def test_windows_channels_and_metadata_go_into_a_file_and_come_back(tmp_path: object) -> None:
    metadata = {
        "owner": "somebody",
        "takes": 3,
        "exposure": 0.5,
        "precise": 0.1,
        "framesPerSecond": Fraction(24000, 1001),
        "timeCode": (0x01020304, 7),
        "crop": (1, 2, 3, 4),
        "offset": (1, 2),
        "scale": (0.5, 2.0, 1.0),
        "views": ("left", "right"),
        "worldToCamera": tuple(float(at) for at in range(16)),
        "raw": ("studioType", b"\0\1\2"),
    }
    depth = np.linspace(0, 1, 35, dtype=np.float32).reshape(5, 7)
    ids = np.arange(35, dtype=np.uint32).reshape(5, 7)[::-1]
    frame = playa.Frame.from_numpy(
        hdr(),
        data_window=(-3, 5, 4, 10),
        display_window=(0, 0, 10, 10),
        pixel_aspect=2,
        channels={"Z": depth, "id": ids, "diffuse.R": depth.astype(np.float16)},
        metadata=metadata,
    )
    path = tmp_path / "all.exr"
    frame.save(path)
    for found in frame, playa.Frame.load(path):
        assert found.data_window == (-3, 5, 4, 10)
        assert found.display_window == (0, 0, 10, 10)
        assert found.pixel_aspect == 2
        assert metadata.items() <= found.metadata.items()
        assert sorted(found.channels) == ["Z", "diffuse.R", "id"]
        assert (found.channel("Z") == depth).all()
        assert (found.channel("id") == ids).all()
        assert found.channel("diffuse.R").dtype == np.float16
    assert frame.metadata == metadata


def test_copy_is_a_new_array_to_write_to() -> None:
    frame = playa.Frame.from_numpy(hdr())
    array = frame.copy()
    assert array.flags.writeable
    assert array.dtype == np.float32
    assert not np.shares_memory(array, frame.to_numpy())
    array[:] = 0
    assert (frame.to_numpy() == hdr()).all()


def test_asarray_shares_memory_and_keeps_it_alive() -> None:
    frame = playa.Frame.from_numpy(hdr())
    for array in np.asarray(frame), frame.__array__(), frame.__array__(np.float32, copy=False), np.asarray(frame, "f4"):
        assert np.shares_memory(array, frame.to_numpy())
        assert array.shape == (5, 7, 4)
        assert not array.flags.writeable
    gone = weakref.ref(frame)
    del frame
    gc.collect()
    assert gone() is not None
    assert (array == hdr()).all()
    del array
    gc.collect()
    assert gone() is None


def test_array_takes_types_and_copies_as_numpy_2_says() -> None:
    frame = playa.Frame.from_numpy(hdr())
    assert frame.__array__(np.float64).dtype == np.float64
    assert (frame.__array__(np.float64) == hdr()).all()
    taken = frame.__array__(None, copy=True)
    assert taken.flags.writeable
    assert not np.shares_memory(taken, frame.to_numpy())
    with pytest.raises(ValueError, match="needs a copy"):
        frame.__array__(np.float64, copy=False)
    assert np.array(frame).flags.writeable
    assert np.array(frame, dtype=np.float16).dtype == np.float16
    assert (np.clip(frame, 0, 1) == hdr().clip(0, 1)).all()


def test_the_buffer_is_read_only_floats_in_three_dimensions() -> None:
    frame = playa.Frame.from_numpy(hdr())
    view = memoryview(frame)
    assert (view.format, view.shape, view.strides, view.itemsize) == ("f", (5, 7, 4), (112, 16, 4), 4)
    assert view.readonly
    assert view.c_contiguous
    assert view.tobytes() == hdr().tobytes()
    assert view[4, 6, 3] == hdr()[4, 6, 3]
    assert bytes(frame) == hdr().tobytes()
    gone = weakref.ref(frame)
    del frame
    gc.collect()
    assert gone() is not None
    assert view.tolist() == hdr().tolist()
    view.release()
    gc.collect()
    assert gone() is None


    with pytest.raises((BufferError, TypeError), match="read-only|not writable"):
        ctypes.c_char.from_buffer(playa.Frame.from_numpy(hdr()))


def test_empty_frames_are_empty_arrays() -> None:
    frame = playa.Frame.from_numpy(np.zeros((0, 5, 4), np.float32))
    assert np.asarray(frame).size == memoryview(frame).nbytes == frame.copy().size == 0
    assert playa.Frame.from_numpy(np.zeros((5, 0, 3), np.uint8)).to_numpy().size == 0


def test_frames_are_equal_to_themselves_alone_and_copies_are_themselves() -> None:
    frame, other = playa.Frame.from_numpy(hdr()), playa.Frame.from_numpy(hdr())
    assert frame == frame  # noqa: PLR0124
    assert frame != other
    assert len({frame, other, frame}) == 2
    assert copy.copy(frame) is frame
    assert copy.deepcopy([frame])[0] is frame
