"""What is not computed again, how threads share, and what memory a batch takes: `python python/benches/engine.py [--report report.md]`.

Each figure is printed with what it is compared with; the memory of a batch is drawn as a curve against the budget.
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time

import numpy as np
import playa_py as playa

W, H = 3840, 2160


def noise(seed, opaque=False):
    pixels = np.random.default_rng(seed).random((H, W, 4), np.float32)
    if opaque:
        pixels[..., 3] = 1
    pixels[..., :3] *= pixels[..., 3:]
    return pixels


def seconds(work, count=7):
    taken = []
    for index in range(count):
        start = time.perf_counter()
        work(index)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def comp_of(count, picture):
    comp = playa.Project().add_comp("bench", width=W, height=H)
    layers = [comp.add_layer(picture(index)) for index in range(count)]
    return comp, layers


def edits():
    """The second render after a change of the top layer's opacity in a comp of 20, against one blend of that layer."""
    pictures = [noise(seed) for seed in range(4)]
    comp, layers = comp_of(20, lambda index: pictures[index % 4])
    two, _ = comp_of(2, lambda index: pictures[index])
    whole = seconds(lambda _: comp.render(0, cache=False), 3)
    blend = seconds(lambda _: two.render(0, cache=False))
    comp.render(0)

    def change(index):
        layers[-1].opacity = 0.5 + index / 100
        comp.render(0)

    change(50)
    edited = seconds(change)
    lookup = seconds(lambda _: comp.render(0), 50)
    next_frame = seconds(lambda index: comp.render(index), 50)
    yield f"20 layers at 4K, nothing cached: {whole * 1e3:.1f} ms"
    yield f"after a change of the top layer's opacity: {edited * 1e3:.1f} ms"
    yield f"one layer over another, nothing cached: {blend * 1e3:.1f} ms; ratio {edited / blend:.2f}"
    yield f"the same frame again: {lookup * 1e6:.0f} us; another frame of the static comp: {next_frame * 1e6:.0f} us"


THREADS = """
import sys, time
sys.path.insert(0, sys.argv[1])
import engine
comp, layers = engine.comp_of(1, engine.noise)
for layer in layers:
    layer.add_effect("Gamma", gamma=(1.2, 1.1, 0.9))
    layer.add_effect("AdjustHSV", hue_shift=20.0)
comp.render(0, cache=False)
print(engine.seconds(lambda _: comp.render(0, cache=False)))
"""


def threads():
    """Two threads against one, on work that is bound by computing."""
    taken = []
    for count in (1, 2):
        command = [sys.executable, "-c", THREADS, os.path.dirname(os.path.abspath(__file__))]
        environment = {**os.environ, "RAYON_NUM_THREADS": str(count)}
        taken.append(float(subprocess.run(command, env=environment, check=True, capture_output=True).stdout))
    yield f"gamma and hue at 4K: {taken[0] * 1e3:.1f} ms with 1 thread, {taken[1] * 1e3:.1f} ms with 2: {taken[0] / taken[1]:.2f}x"


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def memory(frames=200, budget=2 << 30):
    """Resident memory above the sources while frames are rendered, each one different, within a budget."""
    pictures = [noise(seed) for seed in range(8)]
    comp, layers = comp_of(8, lambda index: pictures[index])
    comp.out = frames - 1
    for frame in (0, frames - 1):
        layers[-1].set_key("opacity", frame, 0.1 + 0.8 * frame / frames)
    playa.cache.clear()
    playa.cache.budget = budget
    base, curve, done = resident(), [], threading.Event()

    def watch():
        while not done.wait(0.05):
            curve.append(resident() - base)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _, frame in comp.render_range(range(frames)):
        del frame
    done.set()
    watcher.join()
    most = max(curve)
    yield f"{frames} frames of 8 layers at 4K, budget {budget >> 20} MiB: at most {most >> 20} MiB, {most / budget:.2f} of it"
    yield from plot(curve, budget)


def plot(curve, budget, width=72, height=12):
    """A curve of bytes over time, and the budget as a line of `-`."""
    top = max(max(curve), budget) * 1.1
    columns = [max(part) for part in np.array_split(curve, min(width, len(curve)))]
    for row in range(height, 0, -1):
        level = top * row / height
        line = "-" if abs(level - budget) <= top / height / 2 else " "
        bar = "".join("#" if value >= level - top / height / 2 else line for value in columns)
        yield f"{level / 2**20:7.0f} MiB |{bar}"
    yield " " * 12 + "+" + "-" * len(columns) + " time"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", help="also write the lines to this file")
    parser.add_argument("--only", help="edits, threads or memory")
    options = parser.parse_args()
    lines = []
    for part in (edits, threads, memory):
        if options.only in (None, part.__name__):
            lines += ["", part.__doc__]
            print("\n" + part.__doc__, flush=True)
            for line in part():
                print("   ", line, flush=True)
                lines.append("    " + line)
    if options.report:
        with open(options.report, "w") as file:
            file.write("\n".join(lines).strip() + "\n")


if __name__ == "__main__":
    main()
