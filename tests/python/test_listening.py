"""Events taken one by one, with `for` and `async for`."""

import asyncio
import signal
import sys
import threading
import time

import playa_py as playa
import pytest

LONG = 60.0
"""So many seconds are waited for what must come; none of these tests takes that long unless it fails."""


def test_listening_in_a_loop(bus: playa.EventBus) -> None:
    bus.emit("tick", n=-1)
    listener = bus.listen("tick", "tock")
    for number in range(5):
        bus.emit(("tick", "tock", "else")[number % 3], n=number)
    bus.emit("tick", n=9)
    numbers = []
    for event in listener:
        numbers.append(event.n)
        if event.n == 9:
            listener.close()
    assert numbers == [0, 1, 3, 4, 9]
    assert listener.closed
    assert repr(listener) == "<Listener to tick, tock: closed>"
    with bus.listen(timeout=0) as everything:
        bus.emit("a")
        bus.emit("b")
        assert [event.name for event in everything] == ["a", "b"], "it ends when none comes in time"
    assert repr(bus) == "<EventBus(0 subscriptions)>"


def test_a_listener_that_waits_is_woken_by_an_event_and_by_close(bus: playa.EventBus) -> None:
    listener, seen = bus.listen(), []
    thread = threading.Thread(target=lambda: seen.extend(event.n for event in listener))
    thread.start()
    bus.emit("tick", n=1)
    while not seen:
        time.sleep(0.001)
    listener.close()
    thread.join(LONG)
    assert (thread.is_alive(), seen) == (False, [1])


@pytest.mark.skipif(sys.platform == "win32", reason="no other process can press Ctrl-C there for one process alone")
def test_ctrl_c_ends_waiting(bus: playa.EventBus) -> None:
    threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        next(bus.listen())


def test_async_listening(bus: playa.EventBus) -> None:
    async def listen() -> list[int]:
        seen = []
        listener = bus.listen("tick")
        emitter = threading.Thread(target=lambda: [bus.emit("tick", n=number) for number in range(100)])
        emitter.start()
        async for event in listener:
            seen.append(event.n)
            if event.n == 99:
                asyncio.get_running_loop().call_later(0.01, listener.close)
        return seen

    assert asyncio.run(asyncio.wait_for(listen(), LONG)) == list(range(100))


def test_async_listening_waits_without_looking_and_can_be_cancelled(bus: playa.EventBus) -> None:
    async def look() -> int:
        listener = bus.listen("tick")
        steps = 0
        poll, queue = listener._queue.poll, listener._queue  # noqa: SLF001

        class Counted:
            on_next, close = queue.on_next, queue.close

            def poll(self) -> object:
                nonlocal steps
                steps += 1
                return poll()

        listener._queue = Counted()  # noqa: SLF001
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(listener), 0.01)
        waiting = [asyncio.ensure_future(anext(listener)) for _ in range(2)]
        await asyncio.sleep(0.05)
        looked, steps = steps, 0
        bus.emit("tick", n=1)
        bus.emit("tick", n=2)
        assert sorted(event.n for event in await asyncio.gather(*waiting)) == [1, 2]
        assert looked == 5
        return steps

    assert asyncio.run(asyncio.wait_for(look(), LONG)) <= 6


def test_async_listening_ends_with_its_timeout_and_loops_may_go(bus: playa.EventBus) -> None:
    async def names(timeout: float) -> list[str]:
        return [event.name async for event in bus.listen(timeout=timeout)]

    assert asyncio.run(names(0.01)) == []
    listener = bus.listen()

    async def leave() -> None:
        task = asyncio.ensure_future(anext(listener))
        await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(leave())
    bus.emit("late")
    assert bus.flush(LONG)
    assert next(listener).name == "late"
