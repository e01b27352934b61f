"""How far reading, compositing and writing of a sequence overlap, and what memory that takes:
`python python/benches/overlap.py FOLDER [--frames 100] [--size 4096x2160] [--workers N]`.

Makes a sequence of half RGBA ZIP files in FOLDER, shows it in a comp that lays a small picture over it, and writes it
as the same kind of files. Everything that was made is removed at the end.

The whole can take no less than its slower stage alone, and no less than its work divided by the cores: since reading
and writing each use all cores, the second one binds where there are few. The overlap is the larger of the two, divided
by the time of the whole: 1 is perfect. Memory is the resident set after every tenth frame, by `/proc`.
"""

import argparse
import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import playa_py as playa

DISTINCT = 10


def footage(folder, width, height, frames):
    """Soft pictures with some grain, as films are. Ten of them, each under many names: every name is a file of its own
    to the compositor."""
    for number in range(1, frames + 1):
        path = folder / f"in.{number:04}.exr"
        if number > DISTINCT:
            os.link(folder / f"in.{(number - 1) % DISTINCT + 1:04}.exr", path)
            continue
        random = np.random.default_rng(number)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        pixels = np.ones((height, width, 4), np.float32)
        for channel in range(3):
            wave = np.sin(x / (90 + 31 * channel) + number) * np.cos(y / (70 + 17 * channel))
            pixels[..., channel] = 0.4 + 0.3 * wave + random.normal(0, 0.01, (height, width))
        playa.Frame.from_numpy(pixels).save(path, dtype="half", compression="zip")


def resident():
    """Bytes of memory that the process has now; 0 where nobody tells."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def timed(work):
    """Seconds that it took, and seconds of all cores."""
    start, cpu = time.perf_counter(), sum(os.times()[:2])
    work()
    return time.perf_counter() - start, sum(os.times()[:2]) - cpu


def run(folder, width, height, frames, workers):
    footage(folder, width, height, frames)
    comp = playa.Project().add_comp("bench", width=width, height=height, in_=1, out=frames)
    comp.add_layer(folder / "in.####.exr", in_=1)
    comp.add_layer(np.full((64, 64, 4), 0.5, np.float32), src_len=frames + 1)
    still = playa.Project().add_comp("still", width=width, height=height, in_=1, out=frames)
    still.add_layer(playa.Frame.load(folder / "in.0001.exr"), src_len=frames + 1)
    output = {"path": folder / "out.####.exr", "dtype": "half", "compression": "zip"}
    memory = []

    def written(done, total, number):
        (folder / f"out.{number:04}.exr").unlink()
        if done % 10 == 0:
            memory.append(resident())

    def read():
        for _ in comp.render_range(workers=workers, cache=False):
            pass

    decode, decode_cpu = timed(read)
    encode, encode_cpu = timed(lambda: still.write(output, workers=workers, progress=written))
    memory.clear()
    whole, cpu = timed(lambda: comp.write(output, workers=workers, cache=False, progress=written))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    bound = max(decode, encode, cpu / cores)
    yield f"{frames} frames of {width}x{height}, half RGBA ZIP, {cores} cores"
    yield f"reading and compositing: {decode:.1f} s ({decode_cpu:.1f} s of cores)"
    yield f"writing:                 {encode:.1f} s ({encode_cpu:.1f} s of cores)"
    yield f"both:                    {whole:.1f} s ({cpu:.1f} s of cores, {cpu / cores:.1f} s of each)"
    yield f"slower stage / whole: {max(decode, encode) / whole:.2f}; overlap, of what is possible: {bound / whole:.2f}"
    yield "resident MiB after every tenth frame: " + " ".join(f"{bytes / 2**20:.0f}" for bytes in memory)
    if len(memory) > 2 and memory[1]:
        late = memory[1:]
        yield f"from the second on within {(max(late) - min(late)) / max(late):.1%} of the largest"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--size", default="4096x2160")
    parser.add_argument("--workers", type=int)
    args = parser.parse_args()
    width, height = map(int, args.size.split("x"))
    made = Path(tempfile.mkdtemp(prefix="overlap-", dir=args.folder))
    try:
        for line in run(made, width, height, args.frames, args.workers):
            print(line, flush=True)
    finally:
        shutil.rmtree(made)


if __name__ == "__main__":
    main()
