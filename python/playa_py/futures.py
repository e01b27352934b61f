"""Frames that are being rendered while Python does something else.

`Comp.render_async` and `RenderRange.futures` make them. Imported with the first one, and `concurrent.futures` with it.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Generator
from concurrent.futures import Future, InvalidStateError
from typing import Any

from playa_py import _native

__all__ = ["RenderFuture"]


class RenderFuture(Future[_native.Frame]):
    """A frame that is being rendered: a `concurrent.futures.Future`, and awaitable in asyncio.

    `result(timeout)` waits for the frame, or raises the error of `Comp.render`. `await future` does the same without
    keeping the event loop; where the task is cancelled that awaits it, the render is too. Callbacks run on the native
    thread that completes the future, one after the other: what takes long belongs elsewhere. An exception that one raises
    goes to the logger `concurrent.futures`.
    """

    number: int
    """The frame's number."""

    def __init__(self, number: int, task: _native.RenderTask) -> None:
        super().__init__()
        self.number = number
        self._task = task
        self._told = threading.Lock()
        _pending.add(self)
        self.add_done_callback(_pending.discard)

    # For the base class, a render is pending until it is done: only so can it be cancelled all that time.

    def running(self) -> bool:
        """Whether it has begun and is not done."""
        return not self.done() and self._task.begun()

    def cancel(self) -> bool:
        """Cancels it, also while it is being rendered: the work ends at its next step, and nothing of it is kept.

        Who waits for the result gets `concurrent.futures.CancelledError`, or asyncio's. Returns False if it is done.
        """
        if not super().cancel():
            return False
        self._task.stop()
        if self._told.acquire(blocking=False):
            # Wakes `concurrent.futures.wait` and `as_completed`.
            self.set_running_or_notify_cancel()
        return True

    def __await__(self) -> Generator[Any, None, _native.Frame]:
        import asyncio

        return asyncio.wrap_future(self).__await__()

    def _finish(self, frame: _native.Frame) -> None:
        try:
            self.set_result(frame)
        except InvalidStateError:
            pass  # It was cancelled meanwhile.

    def _fail(self, error: BaseException) -> None:
        try:
            self.set_exception(error)
        except InvalidStateError:
            pass  # It was cancelled meanwhile.

    def __repr__(self) -> str:
        if self.cancelled():
            state = "cancelled"
        elif self.done():
            state = "failed" if self.exception() else "done"
        else:
            state = "running" if self.running() else "pending"
        return f"<RenderFuture of frame {self.number}: {state}>"


_pending: set[Future[_native.Frame]] = set()
"""Those that are not done."""


def _stop_all() -> None:
    """Nothing is rendered for an interpreter that ends, and no native thread is about to enter it."""
    for future in list(_pending):
        future.cancel()
    _native.settle(2.0)


atexit.register(_stop_all)
