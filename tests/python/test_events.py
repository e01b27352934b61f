"""Events: who is told what, in which order, on which thread, and how it ends."""

import gc
import logging
import os
import subprocess
import sys
import textwrap
import threading
import warnings
import weakref
from collections.abc import Iterator

import numpy as np
import playa_py as playa
import pytest

LONG = 60.0
"""So many seconds are waited for what must come; none of these tests takes that long unless it fails."""


@pytest.fixture
def layer(comp: playa.Comp) -> playa.Layer:
    """A layer of one grey."""
    return comp.add_layer(np.full((4, 6, 4), 0.5, np.float32), name="BG")


@pytest.fixture
def blocked() -> Iterator[threading.Event]:
    """The dispatcher thread waits until this is set."""
    gate, reached, blocker = threading.Event(), threading.Event(), playa.EventBus()

    def block(_: playa.Event) -> None:
        reached.set()
        gate.wait(LONG)

    with blocker.subscribe("block", block):
        blocker.emit("block")
        assert reached.wait(LONG)
        yield gate
        gate.set()
        assert blocker.flush(LONG)


def test_a_callback_gets_what_was_emitted_in_order(bus: playa.EventBus) -> None:
    seen: list[playa.Event] = []
    subscription = bus.subscribe("shot_approved", seen.append)
    assert isinstance(subscription, playa.Subscription)
    numbers = np.zeros(3)
    bus.emit("shot_approved", shot=10, by="Ünal", share=0.5, last=False, big=2**70, numbers=numbers, none=None)
    bus.emit("shot_refused")
    bus.emit("shot_approved")
    assert bus.flush(LONG)
    first, second = seen
    assert (first.name, first.shot, first.by, first.share, first.last) == ("shot_approved", 10, "Ünal", 0.5, False)
    assert (first.big, first.none) == (2**70, None)
    assert first.numbers is numbers
    assert second.payload == {}
    assert list(first.payload) == ["shot", "by", "share", "last", "big", "numbers", "none"]
    assert repr(second) == "<Event shot_approved>"
    assert repr(first).startswith("<Event shot_approved: shot=10, by='Ünal', share=0.5, last=False")
    assert {"name", "payload", "shot", "by"} <= set(dir(first))
    with pytest.raises(AttributeError, match="an event shot_approved has no `shto` .did you mean `shot`.*; it has name, payload"):
        first.shto  # noqa: B018
    assert repr(subscription) == "<Subscription to shot_approved>"


def test_a_project_tells_what_changed_with_handles(project: playa.Project, comp: playa.Comp, layer: playa.Layer) -> None:
    blur = layer.add_effect("GaussianBlur")
    seen: list[playa.Event] = []
    with project.events.subscribe("*", seen.append):
        layer.opacity = 0.5
        layer.opacity = 0.5
        blur.radius = 7
        other = project.add_comp("Other")
        camera = project.add_camera("lens")
        project.remove(other)
        project.undo()
        assert project.events.flush(LONG)
    told = [(event.name, event.payload) for event in seen]
    touched = ("layers_changed", {"comp": comp, "frames": (0, 120)})
    assert told == [
        ("attrs_changed", {"node": layer, "names": ("opacity",)}),
        touched,
        ("project_changed", {"cause": "edit", "step": "set opacity"}),
        ("attrs_changed", {"node": blur, "names": ("radius",)}),
        touched,
        ("project_changed", {"cause": "edit", "step": "set radius"}),
        ("comps_changed", {"added": (other,), "removed": ()}),
        ("project_changed", {"cause": "edit", "step": "add comp"}),
        ("cameras_changed", {"added": (camera,), "removed": ()}),
        ("project_changed", {"cause": "edit", "step": "add camera"}),
        ("comps_changed", {"added": (), "removed": (other,)}),
        ("project_changed", {"cause": "edit", "step": "remove comp"}),
        ("comps_changed", {"added": (other,), "removed": ()}),
        ("project_changed", {"cause": "undo", "step": "remove comp"}),
    ]
    assert [type(seen[0].node), type(seen[1].comp), type(seen[3].node)] == [playa.Layer, playa.Comp, playa.Effect]
    assert repr(seen[0]) == f"<Event attrs_changed: node={layer!r}, names=('opacity',)>"


def test_several_edits_as_one_are_told_once(project: playa.Project, layer: playa.Layer) -> None:
    seen: list[str] = []
    project.events.subscribe("*", lambda event: seen.append(event.name))
    with project.edit("many"):
        for opacity in np.linspace(0, 0.9, 20):
            layer.opacity = opacity
        layer.name = "FG"
    with pytest.raises(KeyError), project.edit("fails"):
        layer.opacity = 1
        raise KeyError
    layer.attrs.update(opacity=0.25, in_=2)
    assert project.events.flush(LONG)
    assert seen == [
        *("attrs_changed", "layers_changed", "project_changed"),
        *("attrs_changed", "attrs_changed", "layers_changed", "project_changed"),
    ], "the comp follows the layer to frame 2"


def test_nodes_go_through_custom_events(bus: playa.EventBus, layer: playa.Layer) -> None:
    blur = layer.add_effect("GaussianBlur")
    listener = bus.listen("picked")
    assert isinstance(listener, playa.Listener)
    bus.emit("picked", node=layer, effect=blur, comp=layer.comp, project=layer.comp.project)
    event = next(listener)
    assert (event.node, event.effect, event.comp, event.project) == (layer, blur, layer.comp, layer.comp.project)


def test_callbacks_run_on_one_thread_in_the_order_of_subscription(bus: playa.EventBus) -> None:
    other, calls = playa.EventBus(), []
    for label in "abc":
        for source in (bus, other):
            source.subscribe("tick", lambda event, label=label: calls.append((event.n, label, threading.current_thread())))
    for number in range(50):
        (bus, other)[number % 2].emit("tick", n=number)
    assert bus.flush(LONG)
    assert [call[:2] for call in calls] == [(number, label) for number in range(50) for label in "abc"]
    (thread,) = {call[2] for call in calls}
    assert thread is not threading.current_thread()
    assert (thread.name, thread.daemon) == ("playa-events", True)


def test_an_exception_is_logged_and_the_others_run(bus: playa.EventBus, caplog: pytest.LogCaptureFixture) -> None:
    seen = []

    def fails(event: playa.Event) -> None:
        raise (SystemExit if event.n else LookupError)("my mistake")

    bus.subscribe("tick", fails)
    bus.subscribe("tick", lambda event: seen.append(event.n))
    with caplog.at_level(logging.ERROR, logger="playa_py"):
        bus.emit("tick", n=0)
        bus.emit("tick", n=1)
        assert bus.flush(LONG)
    assert seen == [0, 1]
    assert [record.name for record in caplog.records] == ["playa_py"] * 2
    assert "fails" in caplog.records[0].getMessage()
    assert "<Event tick: n=0>" in caplog.records[0].getMessage()
    assert "LookupError: my mistake" in caplog.text
    assert "Traceback" in caplog.text


def test_a_callback_may_edit_render_subscribe_and_unsubscribe(
    project: playa.Project, comp: playa.Comp, layer: playa.Layer
) -> None:
    seen = []

    def react(event: playa.Event) -> None:
        subscription.close()
        with project.edit("reaction"):
            layer.name = "Seen"
            project.undo_steps  # noqa: B018
        seen.append((event.names, comp.render(0).to_numpy()[0, 0, 3]))
        project.events.subscribe("project_changed", lambda event: seen.append(event.step))
        project.name = "Done"
        with pytest.raises(RuntimeError, match="a callback cannot flush"):
            project.events.flush()
        seen.append("end")

    subscription = project.events.subscribe("attrs_changed", react)
    layer.opacity = 0.5
    for _ in range(2):
        assert project.events.flush(LONG)
    assert seen == [(("opacity",), 0.25), "end", "set name"]
    assert project.undo_steps[-2:] == ["reaction", "set name"]


def test_nothing_is_called_after_it_was_closed(bus: playa.EventBus, blocked: threading.Event) -> None:
    seen: list[playa.Event] = []
    subscriptions = [bus.subscribe("tick", seen.append) for _ in range(3)]
    with subscriptions[0] as entered:
        assert entered is subscriptions[0]
        bus.emit("tick")
    subscriptions[1].unsubscribe()
    subscriptions[1].close()
    assert [subscription.closed for subscription in subscriptions] == [True, True, False]
    assert repr(subscriptions[0]) == "<Subscription to tick: closed>"
    blocked.set()
    assert bus.flush(LONG)
    assert len(seen) == 1, "what waited for the others was not delivered"


def test_a_subscription_lasts_as_long_as_its_bus_and_keeps_its_callback() -> None:
    bus = playa.EventBus()

    class Watcher:
        calls = 0

        def see(self, _: playa.Event) -> None:
            Watcher.calls += 1

    watcher = Watcher()
    alive = weakref.ref(watcher)
    subscription = bus.subscribe("tick", watcher.see)
    bus.subscribe("tick", watcher.see)
    del watcher
    gc.collect()
    bus.emit("tick")
    assert bus.flush(LONG)
    assert Watcher.calls == 2
    del bus
    subscription.close()
    del subscription
    gc.collect()
    assert alive() is None


def test_of_too_many_events_the_older_half_is_lost_and_told(bus: playa.EventBus, blocked: threading.Event) -> None:
    quick, slow = [], []
    bus.subscribe("tick", lambda event: slow.append(event.payload))
    for number in range(1500):
        bus.emit("tick", n=number)
    bus.subscribe("tick", lambda event: quick.append(event.n))
    bus.emit("tick", n=1500)
    blocked.set()
    assert bus.flush(LONG)
    # The 1001st and the 1501st event each dropped 500.
    assert slow == [{"count": 1000}, *({"n": number} for number in range(1000, 1501))]
    assert quick == [1500]
    listener = bus.listen("tick")
    for number in range(1001):
        bus.emit("tick", n=number)
    lost = next(listener)
    assert (lost.name, lost.count) == ("events_lost", 500)
    assert [next(listener).n for _ in range(501)] == list(range(500, 1001))


def test_events_of_many_threads_all_arrive(bus: playa.EventBus) -> None:
    seen: dict[int, list[int]] = {thread: [] for thread in range(4)}
    bus.subscribe("tick", lambda event: seen[event.thread].append(event.n))

    def emit(thread: int) -> None:
        for number in range(200):
            bus.emit("tick", thread=thread, n=number)

    threads = [threading.Thread(target=emit, args=(thread,)) for thread in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bus.flush(LONG)
    assert all(numbers == list(range(200)) for numbers in seen.values())


def test_names_are_checked(bus: playa.EventBus) -> None:
    with pytest.warns(playa.EventNameWarning, match="no event of Playa is called `frame_chnaged` .did you mean `frame_changed`"):
        bus.subscribe("frame_chnaged", print)
    with pytest.warns(playa.EventNameWarning, match="atrs_changed"):
        bus.listen("frame_changed", "atrs_changed")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("frame_changed", "events_lost", "my_own_event", "studio.shot_approved", "*"):
            bus.subscribe(name, print).close()
    for name in ("", "Frame", "frame changed", "1st", "ünal"):
        with pytest.raises(playa.EventNameError, match="such as `shot_approved`"):
            bus.subscribe(name, print)
        with pytest.raises(playa.EventNameError):
            bus.listen("tick", name)
        with pytest.raises(ValueError, match="event name"):
            bus.emit(name)
    with pytest.raises(playa.EventNameError):
        bus.emit("*")
    with pytest.raises(playa.EventNameError, match="`name` of event tick: every event has that already"):
        bus.emit("tick", name="x")
    with pytest.raises(TypeError, match="a function of one event, found an object of type int"):
        bus.subscribe("tick", 3)
    for timeout in (-1, float("nan")):
        for wait in (bus.flush, lambda timeout: bus.listen(timeout=timeout)):
            with pytest.raises(playa.AttrValueError, match="0 or more"):
                wait(timeout)


def test_flush_tells_whether_everything_was_delivered(bus: playa.EventBus, blocked: threading.Event) -> None:
    bus.subscribe("tick", print)
    assert not bus.flush(0)
    assert not bus.flush(timeout=0.01)
    blocked.set()
    assert bus.flush()
    assert bus.flush(1e300)


def test_the_bus_of_the_process_is_one() -> None:
    listener = playa.events.listen("studio.test")
    playa.events.emit("studio.test", n=1)
    assert next(listener).n == 1
    assert isinstance(playa.events, playa.EventBus)


def test_an_undelivered_event_does_not_keep_its_project(bus: playa.EventBus) -> None:
    class Thing:
        pass

    thing = Thing()
    alive = weakref.ref(thing)
    listener = bus.listen()
    bus.emit("tick", thing=thing)
    del thing
    assert alive() is not None
    listener.close()
    gc.collect()
    assert alive() is None


FLOOD = """
    import asyncio, sys, threading, time
    import playa_py as playa

    project = playa.Project()
    comp = project.add_comp("Main")

    def flood():
        while True:
            comp.name = str(time.perf_counter())
            playa.events.emit("tick", n=1, text=object())

    def listen():
        for event in playa.events.listen():
            pass

    async def listen_async():
        async for event in project.events.listen():
            pass

    seen = threading.Event()
    def see(event):
        seen.set()
        len([comp.width for _ in range(50)])

    project.events.subscribe("*", see)
    playa.events.subscribe("tick", see)
    idle = playa.EventBus().listen()
    for target in (flood, flood, listen, lambda: asyncio.run(listen_async()), lambda: next(idle, None)):
        threading.Thread(target=target, daemon=True).start()
    assert seen.wait(60)
    time.sleep(0.05)
"""


@pytest.mark.parametrize(
    ("end", "code"),
    [("", 0), ("sys.exit(3)", 3), ("threading.Thread(target=time.sleep, args=(0.2,)).start()", 0)],
)
def test_a_program_ends_while_events_are_flooding(end: str, code: int) -> None:
    for _ in range(3):
        program = [sys.executable, "-c", textwrap.dedent(FLOOD) + end]
        done = subprocess.run(program, capture_output=True, text=True, timeout=LONG, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_nothing_is_called_once_the_interpreter_ends() -> None:
    program = """
        import atexit, threading, time
        import playa_py as playa

        bus, started = playa.EventBus(), threading.Event()
        def see(event):
            started.set()
            time.sleep(0.2)
            print("done", event.n, flush=True)
        bus.subscribe("tick", see)
        for n in range(3):
            bus.emit("tick", n=n)
        started.wait()
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=LONG, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done 0\n", ""), "the one that runs is waited for"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_a_dispatcher_of_its_own() -> None:
    program = """
        import os, sys
        import playa_py as playa

        bus = playa.EventBus()
        bus.subscribe("tick", lambda event: print(event.n, flush=True))
        bus.emit("tick", n=1)
        bus.flush()
        child = os.fork()
        if child:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        bus.emit("tick", n=2)
        assert bus.flush(30)
    """
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n2\n", "")
