"""What the host and effects have to say, as records of Python's logging."""

import json
import logging
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest

LONG = 60


@pytest.fixture(scope="session")
def talker(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of an effect that says its text on each level of the log, from a plugin built for this, alone in a folder."""
    cargo = shutil.which("cargo")
    if cargo is None:
        pytest.skip("needs cargo to build a plugin that logs")
    command = [cargo, "build", "--quiet", "--message-format=json", "-p", "fixture-records"]
    built = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    (path,) = [name for message in messages for name in message.get("filenames", []) if "fixture_records" in name]
    alone = shutil.copy(path, tmp_path_factory.mktemp("plugins"))
    return next(name for name in playa.load_plugin(alone) if name.endswith("says_all"))


@pytest.fixture
def comp(project: playa.Project, talker: str) -> playa.Comp:
    """A comp whose effect says "take 1"."""
    comp = project.add_comp("Talk", width=64, height=48)
    comp.add_layer(np.ones((48, 64, 4), np.float32), src_len=10).add_effect(talker, text="take 1")
    return comp


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    yield
    logging.getLogger("playa_py").setLevel(logging.NOTSET)
    logging.getLogger("playa_py.effect").setLevel(logging.NOTSET)


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int, str]]:
    records = [record for record in caplog.record_tuples if record[0].startswith("playa_py")]
    caplog.clear()
    return records


EFFECT = "playa_py.effect"
ALL = [
    (EFFECT, logging.ERROR, "com.example.says_all: take 1 Error"),
    (EFFECT, logging.WARNING, "com.example.says_all: take 1 Warning"),
    (EFFECT, logging.INFO, "com.example.says_all: take 1 Info"),
    (EFFECT, logging.DEBUG, "com.example.says_all: take 1 Detail"),
    (EFFECT, 5, "com.example.says_all: 50 % done"),
]


@pytest.mark.parametrize(
    ("level", "count"),
    [(1, 5), (logging.DEBUG, 4), (logging.INFO, 3), (logging.WARNING, 2), (logging.ERROR, 1), (logging.CRITICAL, 0)],
)
def test_messages_of_an_effect_are_records_of_their_level(
    comp: playa.Comp, caplog: pytest.LogCaptureFixture, level: int, count: int
) -> None:
    with caplog.at_level(level, "playa_py"):
        comp.render(0, cache=False)
        assert said(caplog) == ALL[:count]


def test_a_record_says_when_and_on_which_thread(comp: playa.Comp, caplog: pytest.LogCaptureFixture) -> None:
    before = time.time()
    comp.render(0, cache=False)
    record = next(record for record in caplog.records if record.name == EFFECT)
    assert before <= record.created <= time.time()
    assert record.pathname.endswith("services.rs") and record.lineno > 0
    assert record.threadName == "playa render"


def test_all_ways_to_render_tell(comp: playa.Comp, caplog: pytest.LogCaptureFixture) -> None:
    expected = ALL[:2]
    comp.render_async(0, cache=False).result(LONG)
    assert said(caplog) == expected, "before the future is done"
    for _ in comp.render_range([0], cache=False):
        assert said(caplog) == expected
    (future,) = comp.render_range([0], cache=False).futures()
    future.result(LONG)
    assert said(caplog) == expected


def test_the_host_says_that_a_frame_waits_for_memory(project: playa.Project, caplog: pytest.LogCaptureFixture) -> None:
    comp = project.add_comp("Large", width=1024, height=1024)
    layer = comp.add_layer(np.ones((1024, 1024, 4), np.float32), src_len=10, opacity=0.5)
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 10, 1.0)
    limit = playa.memory.limit
    playa.cache.clear()
    try:
        playa.memory.limit = playa.memory.stats().used - playa.memory.stats().kept + (40 << 20)
        with caplog.at_level(logging.DEBUG, "playa_py"):
            assert len([number for number, _ in comp.render_range(workers=4, cache=False)]) == 10
    finally:
        playa.memory.limit = limit
    assert any(name == "playa_py" and "waits for 16.0 MiB of memory" in text for name, _, text in said(caplog))


def test_handlers_may_render_and_other_threads_log(comp: playa.Comp) -> None:
    logger = logging.getLogger("playa_py")
    inner: list[logging.LogRecord] = []

    class Renders(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not inner:
                inner.append(record)
                comp.render(1, cache=False)
            inner.append(record)

    handler = Renders()
    logger.addHandler(handler)
    try:
        with ThreadPoolExecutor(8) as pool:
            frames = list(pool.map(lambda number: comp.render(number % 10, cache=False), range(32)))
        assert len(frames) == 32
    finally:
        logger.removeHandler(handler)
    assert len(inner) == 1 + 2 * 33


def test_what_a_handler_raises_comes_out_of_the_render(comp: playa.Comp) -> None:
    def refuses(record: logging.LogRecord) -> bool:
        raise LookupError("the filter's own")

    logger = logging.getLogger(EFFECT)
    logger.addFilter(refuses)
    try:
        with pytest.raises(LookupError, match="the filter's own"):
            comp.render(0, cache=False)
    finally:
        logger.removeFilter(refuses)
    assert comp.render(0, cache=False).width == 64


TALKS = """
import sys
import numpy as np
import playa_py as playa
from playa_py import _native
(talker,) = [name for name in playa.load_plugin(sys.argv[1]) if name.endswith("says_all")]
comp = playa.Project().add_comp("Talk", width=64, height=48)
comp.add_layer(np.ones((48, 64, 4), np.float32), src_len=10).add_effect(talker, text="take 1")
"""


def run(code: str, talker: str) -> tuple[int, str]:
    path = next(str(file.path) for file in playa.plugins() if talker in file.effects)
    ended = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=LONG, check=False)
    return ended.returncode, ended.stderr


def test_a_program_without_logging_sees_warnings(talker: str) -> None:
    code = TALKS + "comp.render(0)"
    status, text = run(code, talker)
    assert (status, text.splitlines()) == (0, [text for _, _, text in ALL[:2]])


def test_the_command_prints_as_ever_also_beside_renders(talker: str, tmp_path: Path) -> None:
    project, out = tmp_path / "talk.playa", tmp_path / "out.exr"
    code = TALKS + f"""
comp.project.save({str(project)!r})
comp.render(0, cache=False)
import os
os.environ["PLAYA_PLUGIN_PATH"] = os.path.dirname(sys.argv[1])
print("--", file=sys.stderr, flush=True)
status = _native.cli_main(["playa", "render", {str(project)!r}, "-o", {str(out)!r}, "-F", "0", "-q", "-v"])
print("--", file=sys.stderr, flush=True)
comp.render(0, cache=False)
raise SystemExit(status)
"""
    status, text = run(code, talker)
    assert status == 0, text
    first, command, last = (part.splitlines() for part in text.split("--\n"))
    assert first == last == [text for _, _, text in ALL[:2]]
    say = "com.example.says_all: take 1"
    mine = [line for line in command if "says_all: take" in line]
    assert mine == [f"error: {say} Error", f"warning: {say} Warning", f"info: {say} Info"]
