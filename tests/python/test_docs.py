"""Every code block of the README and of the manual does what it says."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MANUAL = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [ROOT / "README.md", *MANUAL]

RUN = """
import subprocess, sys
def command(*words):
    subprocess.run([sys.executable, "-m", "playa_py", *words], check=True, stdout=subprocess.DEVNULL)
"""


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each block, in order."""
    return re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_page_run_one_after_the_other(page: Path, tmp_path: Path) -> None:
    script = [RUN]
    for language, text in blocks(page):
        if language == "python":
            script.append(text)
        elif language == "sh":
            # `#` within a word is no comment, but a place for digits.
            words = [shlex.split(re.sub(r"(^|\s)#.*", "", line)) for line in text.splitlines()]
            commands = [line[1:] for line in words if line[:1] == ["playa"] and line != ["playa", "demo"]]
            script += [f"command(*{arguments!r})" for arguments in commands]
    source = tmp_path / "page.py"
    source.write_text("\n".join(script), encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    run = [sys.executable, "-W", "error", str(source)]
    done = subprocess.run(run, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_the_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shell = "\n".join(text for language, text in blocks(ROOT / "README.md") if language == "sh")
    targets = re.findall(r"^make (\w+)", shell, re.MULTILINE)
    assert targets[:2] == ["demo", "test"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_effect_is_the_one_that_is_compiled_and_at_most_25_lines() -> None:
    (rust,) = [text for language, text in blocks(ROOT / "README.md") if language == "rust"]
    assert rust == (ROOT / "tests/fixtures/plugins/gain/src/lib.rs").read_text(encoding="utf-8")
    assert len(rust.splitlines()) <= 25


def test_what_is_not_run_is_a_file_that_is_compiled_or_no_code() -> None:
    assert {language for language, _ in blocks(ROOT / "README.md")} == {"python", "rust", "sh"}
    for page in MANUAL:
        for language, text in blocks(page):
            included = re.fullmatch(r'--8<-- "(\S+)"\n', text)
            assert language in {"python", "sh", "text", "toml"} or included, f"{page}: {language}"
            if language == "toml" and not included:
                tomllib.loads(text)
            assert included is None or (ROOT / included[1]).is_file(), f"{page}: {text}"


def test_links_of_pages_outside_the_manual_lead_somewhere() -> None:
    for page in ["README.md", "ARCHITECTURE.md"]:
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / target).exists(), f"{page}: {target}"


def test_the_manual_is_built_without_a_warning(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    effects = (tmp_path / "effects.html").read_text(encoding="utf-8")
    assert "org.playa.gaussian_blur" in effects
    assert (tmp_path / "effects" / "GaussianBlur.png").read_bytes().startswith(b"\x89PNG")
