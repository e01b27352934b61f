"""`playa stubs`: what it writes, and what type checkers make of it."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import playa_py as playa
import pytest
from playa_py import effects

PACKAGE = Path(playa.__file__).parent

RIGHT = """
import numpy as np
import playa_py as playa
from playa_py import effects

pixels = np.zeros((4, 4, 4), np.float32)
blur = effects.GaussianBlur(radius=5, quality=effects.GaussianBlur.Quality.EXACT)
blur.radius = 6
blur.quality = "fast"
quality: effects.GaussianBlur.Quality = blur.quality
blurred = blur(pixels)
mean: float = float(blurred.mean())
frame: playa.Frame = effects.GaussianBlur(edges="transparent")(playa.Frame.from_numpy(pixels), region="data")
layer = playa.Project().add_comp("Main").add_layer(pixels)
layer.add_effect(effects.AdjustHSV(hue_shift=20))
kind: playa.EffectType = playa.EffectType.GaussianBlur
"""

WRONG = """
import numpy as np
from playa_py import effects

effects.GaussianBlur(raduis=5)
effects.GaussianBlur(radius="wide")
effects.GaussianBlur(quality="best")
effects.GaussianBlur().radius = "wide"
effects.GaussianBlur()(5)
"""


def alone(folder: Path) -> dict[str, str]:
    """An environment in which there are the built-in effects alone."""
    nothing = {"PLAYA_PLUGIN_PATH": "", "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    path = os.pathsep.join([str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, **nothing, "PYTHONPATH": path}


def stubs(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "playa_py", "stubs", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, cwd=folder, encoding="utf-8", env=alone(folder), check=False)


@pytest.fixture(scope="module")
def typings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stubs")
    done = stubs("-o", "typings", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(Path("typings", "playa_py", "effects.pyi"))
    return folder / "typings"


def test_the_stub_in_the_package_is_current(typings: Path) -> None:
    written = (typings / "playa_py" / "effects.pyi").read_text("utf-8")
    hint = "run `playa stubs` with the built-in effects alone"
    assert written == (PACKAGE / "effects.pyi").read_text("utf-8"), hint


def test_every_effect_is_a_class_with_its_parameters_choices_and_docs(typings: Path) -> None:
    text = (typings / "playa_py" / "effects.pyi").read_text("utf-8")
    for effect in playa.EffectType:
        spec = effect.spec
        if spec.path.parent != PACKAGE / "plugins":
            continue
        body = re.search(rf"^class {spec.name}\(EffectCall\):\n(.*?)(?=^class |\Z)", text, re.DOTALL | re.MULTILINE)
        assert body is not None, spec.name
        assert f"    {spec.name}: _t.ClassVar[EffectType]" in text
        for param in spec.params:
            assert f"def {param.argument}(self) -> " in body[1]
            assert re.search(rf"^        {param.argument}: .* = ", body[1], re.MULTILINE)
            if param.choices:
                choices = getattr(getattr(effects, spec.name), param.enum_name)
                assert f"    class {param.enum_name}(_enum.StrEnum):" in body[1]
                assert all(f'        {choice.name} = "{choice.value}"\n' in body[1] for choice in choices)
    assert "(in px, within 0..10000, usually 0..100)" in text


def checked(tool: list[str], source: str, folder: Path) -> tuple[int, str]:
    file = folder / "snippet.py"
    file.write_text(source, "utf-8")
    command = [sys.executable, "-m", *tool, str(file)]
    done = subprocess.run(command, capture_output=True, cwd=folder, encoding="utf-8", env=alone(folder), check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("place", ["package", "typings"])
@pytest.mark.parametrize("tool", ["mypy", "pyright"])
def test_type_checkers_take_right_uses_and_report_wrong_ones(
    tool: str, place: str, typings: Path, tmp_path: Path
) -> None:
    pytest.importorskip(tool, reason=f"needs {tool}")
    command = [tool, "--strict"] if tool == "mypy" else [tool]
    if place == "typings":
        (tmp_path / "mypy.ini").write_text(f"[mypy]\nmypy_path = {typings}\n", "utf-8")
        (tmp_path / "pyrightconfig.json").write_text(f'{{"stubPath": "{typings.as_posix()}"}}', "utf-8")
    status, report = checked(command, RIGHT, tmp_path)
    assert status == 0, report
    status, report = checked(command, WRONG, tmp_path)
    assert status == 1, report
    wrong = {int(line) for line in re.findall(r"snippet.py:(\d+).*error", report)}
    assert wrong == {5, 6, 7, 8, 9}, report


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only for this user")
def test_a_package_that_cannot_be_written_names_the_option(tmp_path: Path) -> None:
    mode = PACKAGE.stat().st_mode
    PACKAGE.chmod(mode & ~stat.S_IWUSR)
    try:
        done = stubs(folder=tmp_path)
    finally:
        PACKAGE.chmod(mode)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "hint: write into another folder with -o DIR" in done.stderr


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = stubs("-o", "file", folder=tmp_path)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
