"""Events as Python takes them: the thread that calls callbacks, and queues to iterate over."""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING, Self

from playa_py import _native

if TYPE_CHECKING:
    import asyncio
    from types import TracebackType

PATIENCE = 5
"""So many seconds the end of the interpreter waits for a callback that is running."""

_lock = threading.Lock()
_thread: threading.Thread | None = None


def start() -> None:
    """Starts the thread that calls callbacks, unless it runs."""
    global _thread
    with _lock:
        if _thread is None:
            # A daemon, so that threads that are waited for may go on emitting: `stop` ends it, after those ended.
            _thread = threading.Thread(target=_run, name="playa-events", daemon=True)
            _thread.start()


def can_flush() -> bool:
    """Whether the current thread may wait for the one that calls callbacks, which is started if need be."""
    start()
    return threading.current_thread() is not _thread


def _run() -> None:
    while (delivery := _native.next_delivery()) is not None:
        function, arguments = delivery
        try:
            function(*arguments)
        except BaseException:  # SystemExit too: a callback ends nothing but itself.
            import logging

            logging.getLogger("playa_py").exception("the callback %r failed on %r", function, arguments)
        # What they refer to is not kept until the next event comes.
        del delivery, function, arguments


def stop() -> None:
    """Ends the thread and all listeners before the interpreter does. What was not delivered is dropped."""
    _native.stop_events(PATIENCE)
    if _thread is not None:
        _thread.join(PATIENCE)


def _forked() -> None:
    """In a process that was forked off, which has no other threads: begins anew, with the same subscriptions."""
    global _lock, _thread
    was_running, _lock, _thread = _thread is not None, threading.Lock(), None
    _native.forked()
    if was_running:
        start()


atexit.register(stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class Listener:
    """Events of a bus from the moment `EventBus.listen` was called, to iterate over with `for` or `async for`.

    At most 1000 wait: of one more the older half is dropped, and an `events_lost` event with their `count` comes in
    their place. Iteration ends when it is closed, or when none came within its `timeout`.
    """

    def __init__(self, queue: _native.EventQueue, names: tuple[str, ...], timeout: float | None) -> None:
        self._queue = queue
        self._names = names
        self._timeout = timeout
        self._closed = False
        self._lock = threading.Lock()
        self._waiting: set[asyncio.Future[None]] = set()
        self._noted = False

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def close(self) -> None:
        """Ends it: nothing comes any more, and who waits goes on."""
        self._closed = True
        self._queue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exception: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> _native.Event:
        """Waits for the next event. Other Python threads run meanwhile."""
        event = self._queue.next(self._timeout)
        if event is None:
            raise StopIteration
        return event

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _native.Event:
        """Waits for the next event, without a thread and without looking again and again."""
        import asyncio

        start()
        loop = asyncio.get_running_loop()
        end = None if self._timeout is None else loop.time() + self._timeout
        while True:
            event, closed = self._queue.poll()
            if event is not None:
                return event
            if closed:
                raise StopAsyncIteration
            ready: asyncio.Future[None] = loop.create_future()
            self._wake_later(ready)
            try:
                async with asyncio.timeout_at(end):
                    await ready
            except TimeoutError:
                raise StopAsyncIteration from None
            finally:
                with self._lock:
                    self._waiting.discard(ready)

    def _wake_later(self, ready: asyncio.Future[None]) -> None:
        """Sets a future once there is something. All that wait share one note in the queue."""
        with self._lock:
            self._waiting.add(ready)
            noted, self._noted = self._noted, True
        if not noted:
            self._queue.on_next(self._wake)

    def _wake(self) -> None:
        """On the dispatcher thread: tells the loops of all that wait to look again."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
            self._noted = False
        for ready in waiting:
            loop = ready.get_loop()
            try:
                loop.call_soon_threadsafe(_set, ready)
            except RuntimeError:
                # The loop was closed meanwhile, and nobody waits there any more.
                if not loop.is_closed():
                    raise

    def __repr__(self) -> str:
        state = ": closed" if self._closed else ""
        return f"<Listener to {', '.join(self._names) or '*'}{state}>"


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
