"""How long frames of an HD movie take: decoded alone, by PyAV and OpenCV with their conversions, by Playa to linear floats.

    python python/benches/video.py [FRAMES]

Each is the best of three runs over the same file, in milliseconds per frame. What is beside decoding is the colour: PyAV's
is that of FFmpeg's scaler to 16 bits, OpenCV's to 8 bits; neither undoes a curve.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import playa_py as playa
from playa_py import video

WIDTH, HEIGHT = 1920, 1080


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 48
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    picture = np.stack([x / WIDTH, y / HEIGHT, 0.5 + 0.3 * np.sin((x + y) / 40), np.ones_like(x)], axis=-1)
    frames = [playa.Frame.from_numpy(np.roll(picture, 8 * number, 1)) for number in range(8)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "hd.mp4")

        def write() -> None:
            with video.MovieWriter(path, (WIDTH, HEIGHT), 24, preset="veryfast") as movie:
                for number in range(count):
                    movie.append(frames[number % len(frames)])

        def decode(to: str | None) -> None:
            with av.open(str(path)) as container:
                container.streams.video[0].thread_type = "AUTO"
                for frame in container.decode(video=0):
                    if to is not None:
                        frame.to_ndarray(format=to).astype(np.float32)

        def opencv() -> None:
            capture = cv2.VideoCapture(str(path))
            while capture.read()[0]:
                pass

        def playa_in_order() -> None:
            for _ in video.Movie(path):
                pass

        def playa_at_random() -> None:
            movie = video.Movie(path)
            for number in np.random.default_rng(1).permutation(count):
                movie.read(int(number))

        show("Playa, written with x264 veryfast", best(write, count))
        alone = best(lambda: decode(None), count)
        show("decoded alone", alone)
        for name, work in [
            ("PyAV, rgb48 to float32", lambda: decode("rgb48le")),
            ("OpenCV, 8 bits", opencv),
            ("Playa, linear float32", playa_in_order),
            ("Playa, frames in any order", playa_at_random),
        ]:
            seconds = best(work, count)
            show(name, seconds, f"{seconds / alone:.1f} of decoding")


def best(work: Callable[[], None], count: int) -> float:
    runs: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        runs.append(time.perf_counter() - start)
    return min(runs) / count


def show(name: str, seconds: float, beside: str = "") -> None:
    print(f"{name:36} {seconds * 1000:8.1f} ms  {beside}")


if __name__ == "__main__":
    main()
