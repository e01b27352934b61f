use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::*;

const LONG: Duration = Duration::from_secs(30);

fn numbered(number: i64) -> Event {
    Event::new("numbered").with("number", number)
}

fn number(event: &Event) -> i64 {
    match event.field("number") {
        Some(Field::Value(Value::Int(number))) => *number,
        other => panic!("{other:?}"),
    }
}

fn next(listener: &Listener) -> Arc<Event> {
    match listener.next_within(LONG) {
        Next::Event(event) => event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sinks_are_called_in_the_order_of_subscription_with_what_they_want() {
    let (bus, calls) = (EventBus::new(), Arc::new(Mutex::new(Vec::new())));
    assert!(!bus.has_subscribers());
    let subscribe = |label: &'static str, names: &[&str]| {
        let calls = Arc::clone(&calls);
        let sink = move |event: &Arc<Event>| calls.lock().expect("calls").push(format!("{label} {}", event.name()));
        bus.subscribe(names.iter().copied().collect(), sink)
    };
    let first = subscribe("first", &["a", "b"]);
    subscribe("second", &["b"]);
    subscribe("third", &["*"]);
    for name in ["a", "b", "c"] {
        bus.emit(Event::new(name));
    }
    first.close();
    first.close();
    bus.clone().emit(Event::new("a"));
    let expected = ["first a", "third a", "first b", "second b", "third b", "third c", "third a"];
    assert_eq!(*calls.lock().expect("calls"), expected);
    assert!(first.is_closed() && bus.has_subscribers());
}

#[test]
fn a_sink_may_subscribe_close_and_emit() {
    let (bus, calls) = (EventBus::new(), Arc::new(AtomicUsize::new(0)));
    let (inner, count) = (bus.clone(), Arc::clone(&calls));
    bus.subscribe(["outer"].into_iter().collect(), move |_| {
        let count = Arc::clone(&count);
        let inside = inner.subscribe(["inner"].into_iter().collect(), move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        inner.emit(Event::new("inner"));
        inside.close();
        inner.emit(Event::new("inner"));
    });
    bus.emit(Event::new("outer"));
    bus.emit(Event::new("outer"));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[test]
fn a_listener_has_what_came_since_and_ends_when_it_is_closed() {
    let bus = EventBus::new();
    bus.emit(numbered(0));
    let listener = bus.listen(Filter::All);
    bus.emit(numbered(1));
    bus.emit(numbered(2));
    assert_eq!([next(&listener), next(&listener)].map(|event| number(&event)), [1, 2]);
    assert!(matches!(listener.next_within(Duration::ZERO), Next::Timeout));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| matches!(listener.next_within(LONG), Next::Closed));
        listener.close();
        assert!(waiting.join().expect("it waits"));
    });
    bus.emit(numbered(3));
    assert!(matches!(listener.next_within(LONG), Next::Closed));
    drop(listener);
    assert!(!bus.has_subscribers());
}

#[test]
fn who_waits_is_woken_once() {
    let (bus, woken) = (EventBus::new(), Arc::new(AtomicUsize::new(0)));
    let listener = bus.listen(Filter::All);
    let wake = || {
        let woken = Arc::clone(&woken);
        move || {
            woken.fetch_add(1, Ordering::Relaxed);
        }
    };
    listener.on_next(wake());
    assert_eq!(woken.load(Ordering::Relaxed), 0);
    bus.emit(numbered(1));
    bus.emit(numbered(2));
    assert_eq!(woken.load(Ordering::Relaxed), 1);
    listener.on_next(wake());
    assert_eq!(woken.load(Ordering::Relaxed), 2, "at once, as events wait");
    assert_eq!([next(&listener), next(&listener)].map(|event| number(&event)), [1, 2]);
    listener.on_next(wake());
    listener.close();
    assert_eq!(woken.load(Ordering::Relaxed), 3);
}

#[test]
fn of_too_many_events_the_older_half_is_lost_and_told() {
    let bus = EventBus::new();
    let listener = bus.listen(["numbered"].into_iter().collect());
    let limit = i64::try_from(BACKLOG).expect("it is small");
    for number in 0..limit {
        bus.emit(numbered(number));
    }
    assert_eq!(number(&next(&listener)), 0, "as many as there may be");
    for number in limit..limit + 502 {
        bus.emit(numbered(number));
    }
    let lost = next(&listener);
    assert_eq!(lost.name(), "events_lost");
    assert!(matches!(lost.field("count"), Some(Field::Value(Value::Int(1000)))), "two halves: {lost:?}");
    let rest: Vec<i64> = std::iter::from_fn(|| match listener.next_within(Duration::ZERO) {
        Next::Event(event) => Some(number(&event)),
        _ => None,
    })
    .collect();
    assert_eq!(rest, (1001..limit + 502).collect::<Vec<_>>());
}

#[test]
fn events_of_many_threads_all_arrive_in_the_order_of_each() {
    let bus = EventBus::new();
    let listener = bus.listen(Filter::All);
    thread::scope(|scope| {
        for thread in 0..4 {
            let bus = &bus;
            scope.spawn(move || (0..200).for_each(|number| bus.emit(numbered(1000 * thread + number))));
        }
    });
    let mut seen = vec![Vec::new(); 4];
    for _ in 0..800 {
        let number = number(&next(&listener));
        seen[usize::try_from(number / 1000).expect("a thread")].push(number % 1000);
    }
    assert!(seen.iter().all(|numbers| numbers.iter().copied().eq(0..200)));
}

#[test]
fn built_in_events_are_documented() {
    for (name, doc) in BUILT_IN {
        assert!(doc.contains('`') && doc.ends_with('.'), "{name}: its fields, in a sentence");
    }
}
