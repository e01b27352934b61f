"""What a call from Python costs, beside what it should cost at most.

    python python/benches/overheads.py

Each figure is the best of many, because the others measure what else the machine was doing.
"""

import subprocess
import sys
import time
import timeit
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import playa_py as playa


def nanoseconds(statement: str, names: dict[str, object]) -> float:
    """What a statement takes, without the loop around it."""
    timer = timeit.Timer(statement, globals=names)
    number = 5_000
    empty = min(timeit.Timer("pass").repeat(20, number))
    return (min(timer.repeat(60, number)) - empty) / number * 1e9


def import_milliseconds() -> float:
    """What the import takes in a fresh interpreter."""
    command = [sys.executable, "-X", "importtime", "-c", "import playa_py"]
    reports = [subprocess.run(command, capture_output=True, check=True, text=True).stderr for _ in range(9)]
    return min(int(report.splitlines()[-1].split("|")[1]) / 1000 for report in reports)


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The best of several."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def threads_of_python(comp: playa.Comp, frames: int) -> float:
    """How long 8 Python threads take for some frames, by how long 8 threads of the host take for them."""

    def python() -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda frame: comp.render(frame, cache=False), range(frames)))

    def host() -> None:
        for _ in comp.render_range(range(frames), workers=8, cache=False):
            pass

    return seconds(python) / seconds(host)


def main() -> None:
    """Print the table."""
    project = playa.Project("Overheads")
    comp = project.add_comp("Main", width=512, height=512)
    pixels = np.random.default_rng(0).random((512, 512, 4), np.float32)
    for _ in range(8):
        comp.add_layer(pixels.copy(), opacity=0.5, scale=(0.9, 0.9, 1))
    layer = comp.layers[4]
    frame = comp.render(0)
    names = {"layer": layer, "comp": comp, "frame": frame, "value": iter(np.tile([0.25, 0.75], 1_000_000).tolist()).__next__}
    rows = [
        ("get layer.opacity", nanoseconds("layer.opacity", names), 100, "ns"),
        ('get layer["opacity"]', nanoseconds('layer["opacity"]', names), 100, "ns"),
        ("get comp.width", nanoseconds("comp.width", names), 100, "ns"),
        ("set layer.opacity, equal", nanoseconds("layer.opacity = 0.5", names), 100, "ns"),
        ("set layer.opacity, other", nanoseconds("layer.opacity = value()", names), None, "ns"),
        ("hash(layer)", nanoseconds("hash(layer)", names), 60, "ns"),
        ("call frame.to_numpy()", nanoseconds("frame.to_numpy()", names), 60, "ns"),
        ("import playa_py", import_milliseconds(), 30, "ms"),
        ("8 Python threads / 8 of the host", threads_of_python(comp, 16), 1.1, "x"),
    ]
    gamma = playa.effects.Gamma()
    if callable(gamma):
        large = np.random.default_rng(0).random((1080, 1920, 4), np.float32)
        alone = playa.Project().add_comp("Alone", width=1920, height=1080)
        alone.add_layer(large).add_effect(gamma)
        ratio = seconds(lambda: gamma(large)) / seconds(lambda: alone.render(0, cache=False))
        rows.append(("Gamma on a 1080p array / in a render", ratio, 1.1, "x"))
    for what, found, target, unit in rows:
        print(f"{what:40} {found:10.1f} {unit:2}   {'' if target is None else f'target {target} {unit}'}")


if __name__ == "__main__":
    main()
