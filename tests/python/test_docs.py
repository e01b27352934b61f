"""Every code block of the README does what it says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def blocks(repository: Path) -> list[tuple[str, str]]:
    """Language and text of each block, in order."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_python_and_then_command_line_blocks_run_as_they_stand(
    blocks: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    python = [text for language, text in blocks if language == "python"]
    assert python
    for text in python:
        exec(compile(text, "README.md", "exec"), {})
    commands = [line for language, text in blocks if language == "sh" for line in text.splitlines()]
    playa = [line for line in commands if line.startswith("playa ") and line != "playa demo"]
    assert playa
    for line in playa:
        subprocess.run([sys.executable, "-m", "playa_py", *shlex.split(line)[1:]], check=True, capture_output=True)
    assert len(list((tmp_path / "frames").glob("sun.*.exr"))) == 4


def test_the_make_targets_exist(blocks: list[tuple[str, str]], repository: Path) -> None:
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make (\w+)", "\n".join(text for language, text in blocks if language == "sh"), re.MULTILINE)
    assert targets == ["demo", "test"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_effect_is_the_one_that_is_compiled_and_at_most_25_lines(
    blocks: list[tuple[str, str]], repository: Path
) -> None:
    (rust,) = [text for language, text in blocks if language == "rust"]
    assert rust == (repository / "tests/fixtures/plugins/gain/src/lib.rs").read_text(encoding="utf-8")
    assert len(rust.splitlines()) <= 25


def test_every_block_is_of_a_kind_that_is_run(blocks: list[tuple[str, str]]) -> None:
    assert {language for language, _ in blocks} == {"python", "rust", "sh"}


def test_links_lead_somewhere(repository: Path) -> None:
    for page in ["README.md", "ARCHITECTURE.md"]:
        text = (repository / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (repository / target).exists(), f"{page}: {target}"
