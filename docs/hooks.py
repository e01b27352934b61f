"""What the manual says of effects comes from the effects: their pictures are rendered, and their tables written, when it is
built.
"""

import html
from io import BytesIO

import numpy as np
import playa_py as playa
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

WIDTH, HEIGHT = 320, 180

SHOWN: dict[str, dict[str, object]] = {
    "AdjustHSV": {"hue_shift": 60.0, "saturation": 1.3},
    "BrightnessContrast": {"brightness": 0.1, "contrast": 0.4},
    "ChromaKey": {"screen": (0.9, 0.35, 0.12, 1.0), "tolerance": 0.5},
    "ColorMatrix": {"red": (0.3, 0.6, 0.1), "green": (0.2, 0.6, 0.1), "blue": (0.1, 0.5, 0.1)},
    "Exposure": {"stops": 1.5},
    "GaussianBlur": {"radius": 12.0},
    "Gamma": {"gamma": (2.2, 2.2, 2.2)},
    "LensDistortion": {"k1": -0.25, "scale": 0.8},
    "Median": {"radius": 6},
    "Noise": {"size": 60.0, "low": (0.1, 0.2, 0.6, 1.0)},
}
"""Parameters that show what an effect is for. Any other is shown with those that it starts with."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the page of the effects, and its pictures."""
    specs = [effect.spec for effect in playa.EffectType]
    page = [
        "# Effects\n",
        "The effects that come with Playa, each on the same picture. `playa effects` lists those that are installed, and"
        " `help(playa.effects.GaussianBlur)` says the same as this page.\n",
        "![The picture without an effect](effects/none.png)\n",
    ]
    files.append(File.generated(config, "effects/none.png", content=_png(None, {})))
    for spec in specs:
        params = SHOWN.get(spec.name, {})
        files.append(File.generated(config, f"effects/{spec.name}.png", content=_png(spec, params)))
        page += [f"## {spec.label}\n", spec.help + "\n", f"`{spec.id}`, version {spec.version}\n"]
        call = f"playa.effects.{spec.name}({', '.join(f'{name}={value!r}' for name, value in params.items())})"
        page += [f"![{spec.label}](effects/{spec.name}.png)\n", f"`{call}`\n"]
        if spec.params:
            page += ["| parameter | default | range | unit | meaning |", "| --- | --- | --- | --- | --- |"]
            page += [_row(param) for param in spec.params]
            page.append("")
    files.append(File.generated(config, "effects.md", content="\n".join(page)))
    return files


def _row(param: playa.ParamSpec) -> str:
    limits = "" if param.range is None else "{:g} to {:g}".format(*param.range)
    cells = [f"`{param.name}`", f"`{param.default!r}`", ", ".join(param.choices) or limits, param.unit, param.doc]
    return "| " + " | ".join(html.escape(cell, quote=False).replace("|", "\\|") for cell in cells) + " |"


def _png(spec: playa.EffectSpec | None, params: dict[str, object]) -> bytes:
    """The picture on which effects are shown, with this one, as it looks on a screen."""
    picture = playa.Frame.from_numpy(_picture())
    if spec is not None:
        effect = getattr(playa.effects, spec.name)(**params)
        if not spec.inputs:
            picture = effect(size=(WIDTH, HEIGHT))
        elif "other" in spec.inputs:
            picture = effect(picture, playa.Frame.from_numpy(_picture()[::-1].copy()), region="display")
        else:
            picture = effect(picture, region="display")
    buffer = BytesIO()
    picture.to_pil().save(buffer, "PNG")
    return buffer.getvalue()


def _picture() -> np.ndarray:
    """A dusk: a sky, a sun that is brighter than white, hills, and coloured lights."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    height = (y / HEIGHT)[..., None]
    pixels = np.ones((HEIGHT, WIDTH, 4), np.float32)
    pixels[..., :3] = (0.05, 0.12, 0.35) * (1 - height) + height * np.array((0.9, 0.35, 0.12), np.float32)
    sun = np.clip(24 - np.hypot(x - 220, y - 100), 0, 1)[..., None]
    pixels[..., :3] += sun * np.array((6.0, 3.0, 0.8), np.float32)
    hills = y > 125 + 18 * np.sin(x / 37) + 6 * np.sin(x / 11)
    pixels[hills, :3] = (0.02, 0.03, 0.05)
    for index, colour in enumerate([(1.0, 0.1, 0.1), (0.1, 1.0, 0.2), (0.2, 0.3, 1.0), (1.0, 0.9, 0.1)]):
        pixels[np.hypot(x - 40 - 45 * index, y - 158) < 6, :3] = colour
    return pixels
