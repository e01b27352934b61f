"""Texts as the source of layers: glyphs in their places beside those of Skia and FreeType, fonts, files, errors."""

import io
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest
import skia
from fontTools import fontBuilder
from fontTools.colorLib.builder import buildCOLR, buildCPAL
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.sbixGlyph import Glyph
from fontTools.ttLib.tables.sbixStrike import Strike
from numpy.typing import NDArray
from PIL import Image, ImageFont


@pytest.fixture(scope="session")
def font_file(repository: Path) -> Path:
    """The built-in font as a file."""
    return repository / "host" / "fonts" / "DejaVuSans.ttf"


#: Around the boxes of texts.
MARGIN = 20


def quarters(place: float) -> float:
    """The nearest quarter of a pixel."""
    return float(np.floor(place * 4 + 0.5) / 4)


def rendered(text: playa.Text, margin: int = MARGIN) -> NDArray[np.float32]:
    """The pixels of a text in its box and `margin` pixels around."""
    comp = text.project.add_comp("probe", width=2, height=2)
    comp.add_layer(text)
    width, height = size(text)
    # The centre of the box is the comp's, and lies between pixels as its does.
    x, y = 1 - width // 2, 1 - height // 2
    assert width % 2 == height % 2 == 0
    region = (x - margin, y - margin, x + width + margin, y + height + margin)
    return comp.render(0, region=region).to_numpy()


def size(text: playa.Text) -> tuple[int, int]:
    """Width and height of its box."""
    comp = text.project.add_comp("probe")
    comp.add_layer(text)
    nodes = comp.graph(0)["nodes"]
    x0, y0, x1, y1 = nodes[0]["canvas"]
    return x1 - x0, y1 - y0


def origins(font_file: Path, line: str) -> list[int]:
    """Where the glyphs of a line start, and where the last one ends, in units of the font: by fontTools from the tables
    of advances and of kerning.
    """
    font = TTFont(font_file)
    names = [font.getBestCmap()[ord(letter)] for letter in line]
    kerning = font["kern"].kernTables[0].kernTable
    starts = [0]
    for name, following in zip(names, [*names[1:], None], strict=True):
        starts.append(starts[-1] + font["hmtx"][name][0] + kerning.get((name, following), 0))
    return starts


def with_skia(font_file: Path, line: str, font_size: float, baseline: float, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Coverage of a line: Skia's outlines, not hinted, at quarters of a pixel."""
    font = skia.Font(skia.Typeface.MakeFromFile(str(font_file)), font_size)
    font.setHinting(skia.FontHinting.kNone)
    font.setSubpixel(True)
    font.setLinearMetrics(True)
    height, width, *_ = shape
    scale = 8
    pixels = np.zeros((height * scale, width * scale, 4), np.uint8)
    surface = skia.Surface.MakeRasterDirect(
        skia.ImageInfo.Make(width * scale, height * scale, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType), pixels
    )
    canvas = surface.getCanvas()
    canvas.scale(scale, scale)
    paint = skia.Paint(AntiAlias=True, Color=skia.ColorWHITE)
    for glyph, start in zip(font.textToGlyphs(line), origins(font_file, line), strict=False):
        canvas.save()
        canvas.translate(MARGIN + quarters(start * font_size / 2048), MARGIN + quarters(baseline))
        if (path := font.getPath(glyph)) is not None:
            canvas.drawPath(path, paint)
        canvas.restore()
    return pixels[..., 3].reshape(height, scale, width, scale).mean(axis=(1, 3)).astype(np.float32) / 255


@pytest.mark.parametrize(
    ("line", "font_size"),
    [("Hamburg", 72), ("AVATAR To.", 17.5), ("minimum &%@ 0123", 40), ("\u0416\u0437\u03b1\u03b2\u03c9", 55), ("iiiiiiiiii", 12)],
)
def test_glyphs_lie_and_cover_as_with_skia(project: playa.Project, font_file: Path, line: str, font_size: float) -> None:
    text = project.add_text(line, font_size=font_size, height=2 * round(font_size))
    found = rendered(text)
    ascent, descent = 1901 / 2048 * font_size, 483 / 2048 * font_size
    baseline = (font_size * 1.2 - ascent - descent) / 2 + ascent
    expected = with_skia(font_file, line, font_size, baseline, found.shape)
    np.testing.assert_array_equal(found[..., 0], found[..., 3])
    difference = np.abs(found[..., 3] - expected)
    # A curve is drawn as lines that are off by at most 1/16 of a pixel, as with FreeType; Skia draws it eight times as
    # large. Where there are no curves, coverage is in 255ths.
    assert difference.max() < (0.01 if set(line) == {"i"} else 0.09)
    assert difference.mean() < 6e-4
    assert expected.max() > 0.9


@pytest.mark.parametrize("line", ["Hamburgefonstiv", "AVATAR To. Ty", "Wörter, naïve & £5", "\u0395\u03bb\u03bb\u03b7"])
def test_lines_are_as_long_as_the_font_says(project: playa.Project, font_file: Path, line: str) -> None:
    units = origins(font_file, line)[-1]
    for font_size in (12, 72, 333.25):
        width, _ = size(project.add_text(line, font_size=font_size))
        # The box is rounded up to whole pixels, an even number of them.
        assert width - 2 - 1e-2 <= units * font_size / 2048 <= width + 1e-2


def test_coverage_is_that_of_freetype(project: playa.Project, font_file: Path) -> None:
    scale, font_size, line = 8, 48, "minimum"
    large = ImageFont.truetype(str(font_file), font_size * scale, layout_engine=ImageFont.Layout.BASIC)
    mask = np.array(large.getmask(line), np.float64)
    text = project.add_text(line, font_size=font_size, height=60)
    found = rendered(text)[..., 3].astype(np.float64).sum()
    # FreeType rounds outlines to whole pixels of the large picture, an eighth of ours: half of that at either edge of a stem.
    assert abs(mask.sum() / 255 / scale**2 - found) < 0.02 * found


def test_a_text_is_a_node_with_attributes(project: playa.Project, comp: playa.Comp) -> None:
    hello = project.add_text("Hello\nyou")
    named = project.add_text("x", name="Title", font_size=10, color=(1, 0, 0), alignment="center", width=50, height=20)
    assert isinstance(hello, playa.Text)
    assert isinstance(hello, playa.Node)
    assert project.texts == [hello, named]
    assert hello.project == project
    assert (hello.name, hello.text, hello.font, hello.font_size) == ("Hello", "Hello\nyou", "", 72)
    assert (hello.color, hello.alignment, hello.line_height, hello.bg_color) == ((1, 1, 1, 1), "left", 1.2, (0, 0, 0, 0))
    assert (hello.width, hello.height) == (0, 0)
    assert (named.name, named.color, named["alignment"], named.width) == ("Title", (1, 0, 0, 1), "center", 50)
    assert repr(named) == '<Text "Title": 10 px>'
    assert project.add_text("").name == "Text"
    keyable = {name for name, spec in hello.attrs.schema().items() if spec["keyable"]}
    assert keyable == {"text", "font_size", "color", "line_height", "bg_color"}
    layer = comp.add_layer(hello)
    assert (layer.source, layer.name, layer.in_, layer.out) == (hello, "Hello", comp.in_, comp.out)
    [node, *_] = comp.graph(0)["nodes"]
    assert (node["kind"], node["making"]) == ("text", "source")
    with pytest.raises(playa.NodeInUseError, match="text `Hello` is in use by Main / Hello"):
        project.remove(hello)
    layer.remove()
    project.remove(hello)
    with pytest.raises(playa.NodeRemovedError, match="the text"):
        _ = hello.font_size


@pytest.mark.parametrize(
    ("name", "value", "error", "says"),
    [
        ("text", "x" * 65_537, playa.AttrValueError, "65537 characters is outside its range, expected a text of at most 65536"),
        ("text", 3, playa.AttrTypeError, "text"),
        ("font_size", 0.5, playa.AttrValueError, "1..=4096"),
        ("font_size", 4097, playa.AttrValueError, "1..=4096"),
        ("line_height", 0, playa.AttrValueError, "0.1..=100"),
        ("alignment", "middle", playa.AttrValueError, "left, center, right, justified"),
        ("color", (0, 0, 0, 2), playa.AttrValueError, "alpha"),
        ("width", -1, playa.AttrValueError, "width"),
        ("font", "DejaVu Sanz", playa.AttrValueError, "did you mean `DejaVu Sans`"),
        ("font", "/nowhere/font.ttf", playa.AttrValueError, "/nowhere/font.ttf"),
        ("fontsize", 3, playa.AttrNameError, "font_size"),
    ],
)
def test_what_does_not_fit_is_refused(
    project: playa.Project, name: str, value: object, error: type[playa.PlayaError], says: str
) -> None:
    text = project.add_text("as it was")
    before = dict(text.attrs)
    with pytest.raises(error, match=says.replace(".", r"\.")):
        setattr(text, name, value)
    assert dict(text.attrs) == before
    if name != "text":
        with pytest.raises(error):
            project.add_text("refused", **{name: value})
    assert project.texts == [text]
    text.text = "x" * 65_536


def test_the_error_of_a_font_file_names_it(project: playa.Project, tmp_path: Path) -> None:
    with pytest.raises(playa.AttrValueError) as caught:
        project.add_text("x", font=tmp_path / "none.otf")
    assert caught.value.path == tmp_path / "none.otf"
    comp, text = project.add_comp("c", width=8, height=8), project.add_text("x")
    comp.add_layer(text)
    file = tmp_path / "there.ttf"
    file.write_bytes(b"not a font")
    with pytest.raises(playa.AttrValueError, match="no font that can be read"):
        text.font = file
    assert text.font == ""


def test_a_font_file_goes_with_the_project(project: playa.Project, font_file: Path, tmp_path: Path) -> None:
    own = tmp_path / "fonts" / "own.ttf"
    own.parent.mkdir()
    own.write_bytes(font_file.read_bytes())
    comp = project.add_comp("Main", width=120, height=40)
    text = project.add_text("own", font=own, font_size=30)
    comp.add_layer(text)
    assert text.font == str(own)
    picture = comp.render(0).to_numpy()
    text.font = "dejavu sans"
    np.testing.assert_array_equal(comp.render(0).to_numpy(), picture)
    text.font = str(own)
    (tmp_path / "shots").mkdir()
    project.save(tmp_path / "shots" / "one.playa")
    assert 'font = "../fonts/own.ttf"' in (tmp_path / "shots" / "one.playa").read_text()
    (tmp_path / "moved").mkdir()
    for folder in ("shots", "fonts"):
        (tmp_path / folder).rename(tmp_path / "moved" / folder)
    back = playa.Project.load(tmp_path / "moved" / "shots" / "one.playa")
    assert back.texts[0].font == str(tmp_path / "moved" / "fonts" / "own.ttf")
    np.testing.assert_array_equal(back.comps[0].render(0).to_numpy(), picture)
    (tmp_path / "moved" / "fonts" / "own.ttf").unlink()
    with pytest.warns(playa.ProjectWarning, match="own.ttf"):
        gone = playa.Project.load(tmp_path / "moved" / "shots" / "one.playa")
    assert [diagnostic.severity for diagnostic in gone.diagnostics] == ["error"]
    with pytest.raises(playa.RenderError, match="own.ttf") as caught:
        gone.comps[0].render(0)
    assert caught.value.node == "own"


def test_texts_come_back_from_files(project: playa.Project, comp: playa.Comp, tmp_path: Path) -> None:
    said = 'He said:\n\t"\u05e9\u05dc\u05d5\u05dd" \\ \U0001f600'
    text = project.add_text(said, alignment="right", bg_color=(0, 0, 1, 0.5), line_height=1, width=70)
    text.set_key("text", 5, "five", "hold")
    text.set_key("font_size", 0, 10)
    comp.add_layer(text)
    project.save(tmp_path / "shot.playa")
    for back in (playa.Project.load(tmp_path / "shot.playa"), playa.Project.from_json(project.to_json())):
        [found] = back.texts
        assert dict(found.attrs) == dict(text.attrs)
        assert found.keys("text") == text.keys("text")
        assert back.comps[0].layers[0].source == found
        np.testing.assert_array_equal(back.comps[0].render(0).to_numpy(), comp.render(0).to_numpy())


def test_text_keys_hold_and_numbers_move(project: playa.Project) -> None:
    text = project.add_text("one", font_size=20, width=60, height=30)
    comp = project.add_comp("Main", width=60, height=30)
    comp.add_layer(text)
    one = comp.render(0).to_numpy()
    text.set_key("text", 0, "one", "hold")
    text.set_key("text", 10, "two", "hold")
    with pytest.raises(playa.AttrValueError, match="hold"):
        text.set_key("text", 12, "three", "linear")
    text.set_key("color", 0, (1, 1, 1, 1))
    text.set_key("color", 20, (1, 1, 1, 0))
    np.testing.assert_array_equal(comp.render(0).to_numpy(), one)
    np.testing.assert_allclose(comp.render(5).to_numpy(), one * np.float32(0.75), atol=1e-7)
    assert np.abs(comp.render(10).to_numpy() * 2 - one).max() > 0.5, "it says another thing"
    assert not comp.render(20).to_numpy().any()


def test_a_background_fills_the_box_alone(project: playa.Project) -> None:
    text = project.add_text("", bg_color=(2, 0.5, 0.25, 0.5), width=10, height=6)
    pixels = rendered(text, margin=3)
    inside = np.zeros(pixels.shape[:2], bool)
    inside[3:-3, 3:-3] = True
    assert (pixels[inside] == np.array([1, 0.25, 0.125, 0.5], np.float32)).all()
    assert not pixels[~inside].any()


def own_font(path: Path, *tables: tuple[str, object]) -> None:
    """A font of one letter A with some more tables: its outline covers 0..900, that of `low` 0..600, of `mid` 300..600, of
    `high` 600..900 of 1000 units, all of them from the baseline up to 800.
    """

    def square(left: int, right: int) -> object:
        pen = TTGlyphPen(None)
        pen.moveTo((left, 0))
        for corner in ((left, 800), (right, 800), (right, 0)):
            pen.lineTo(corner)
        pen.closePath()
        return pen.glyph()

    squares = {".notdef": (0, 10), "A": (0, 900), "low": (0, 600), "mid": (300, 600), "high": (600, 900)}
    builder = fontBuilder.FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(squares))
    builder.setupCharacterMap({ord("A"): "A"})
    builder.setupGlyf({name: square(*edges) for name, edges in squares.items()})
    builder.setupHorizontalMetrics({name: (1000, left) for name, (left, _) in squares.items()})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Own", "styleName": "Regular", "psName": "Own-Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    for tag, table in tables:
        builder.font[tag] = table
    builder.save(path)


def light(codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The linear light of sRGB codes."""
    value = codes / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def test_layers_of_a_glyph_are_blended_in_linear_light(project: playa.Project, tmp_path: Path) -> None:
    layers = buildCOLR({"A": [("low", 0), ("mid", 1), ("high", 0xFFFF)]}, version=0)
    palette = buildCPAL([[(1, 0, 0, 1), (0.5, 0.5, 0.5, 0.5)]])
    code = palette.palettes[0][1]
    own_font(tmp_path / "own.ttf", ("COLR", layers), ("CPAL", palette))
    text = project.add_text("A", font=tmp_path / "own.ttf", font_size=20, line_height=1, color=(0, 3, 0, 0.5))
    assert size(text) == (20, 20)
    grey, half = float(light(np.uint8(code.red))), code.alpha / 255
    expected = np.zeros((24, 24, 4))
    expected[2:18, 2:14] = [1, 0, 0, 1]
    expected[2:18, 8:14] = [grey * half + 1 - half, grey * half, grey * half, 1]
    expected[2:18, 14:20] = [0, 3, 0, 1]
    np.testing.assert_allclose(rendered(text, margin=2), expected * 0.5, rtol=0, atol=1e-6)


def test_pictures_of_glyphs_are_scaled_in_linear_light(project: playa.Project, tmp_path: Path) -> None:
    codes = np.random.default_rng(3).integers(0, 256, (20, 20, 4), np.uint8)
    png = io.BytesIO()
    Image.fromarray(codes).save(png, "PNG")
    strike = Strike(ppem=20, resolution=72)
    strike.glyphs["A"] = Glyph(glyphName="A", graphicType="png ", originOffsetX=0, originOffsetY=0, imageData=png.getvalue())
    pictures = newTable("sbix")
    pictures.strikes = {20: strike}
    own_font(tmp_path / "own.ttf", ("sbix", pictures))
    alpha = codes[..., 3:] / 255
    picture = np.concatenate([light(codes[..., :3]) * alpha, alpha], axis=-1)
    text = project.add_text("A", font=tmp_path / "own.ttf", font_size=20, line_height=1)
    # The picture stands on the baseline, 16 pixels below the upper edge of the box.
    expected = np.pad(picture, ((4, 12), (8, 8), (0, 0)))
    np.testing.assert_allclose(rendered(text, margin=8), expected, rtol=0, atol=1e-6)
    # At half the size, a pixel is the mean of four.
    text.font_size = 10
    expected = np.pad(picture.reshape(10, 2, 10, 2, 4).mean(axis=(1, 3)), ((6, 10), (8, 8), (0, 0)))
    np.testing.assert_allclose(rendered(text, margin=8), expected, rtol=0, atol=1e-6)


def test_a_family_of_the_system_is_found_by_name(project: playa.Project) -> None:
    installed = ["DejaVu Sans Mono", "DejaVu Serif", "Arial", "Helvetica", "Segoe UI", "Liberation Sans", "Noto Sans"]
    for name in installed:
        try:
            text = project.add_text("Hxg", font=name.upper(), font_size=40)
        except playa.AttrValueError:
            continue
        text.width, text.height = 200, 60
        there = rendered(text)
        text.font = ""
        assert np.abs(there - rendered(text)).max() > 0.5, f"{name} is another font"
        return
    pytest.skip(f"none of these is installed: {', '.join(installed)}")
