//! Frames of a comp of pictures in memory, with a `finish` that makes them meet or wait.

use std::sync::atomic::AtomicUsize;

use super::*;
use crate::engine::Engine;
use crate::image::{Image, Rect};
use crate::project::{LayerSource, Node, Project, Value};

/// How long a test waits for what has to happen.
const LONG: Duration = Duration::from_secs(30);

/// A comp of 4x3 pixels whose red is the number of the frame, over frames 0 to 99.
fn comp(engine: &Engine) -> (Project, Uuid) {
    let project = engine.new_project();
    let size = [("width", Value::Int(4)), ("height", Value::Int(3)), ("out", Value::Int(99))];
    let comp = project.add_comp("Main", &size).expect("a comp");
    let image = Image::from_vec(Rect::of_size(4, 3), [100.0, 0.0, 0.0, 1.0].repeat(12)).expect("it fits");
    let layer = project.add_layer(comp, LayerSource::Memory(Arc::new(Frame::new(image))), None).expect("a layer");
    project.set_attr(Node::Layer(layer), "src_len", &Value::Int(100)).expect("it is set");
    for (frame, value) in [(0.0, 0.0), (99.0, 0.99)] {
        let key = crate::project::Key::new(frame, Value::Float(value), crate::project::Interp::Linear);
        project.set_key(Node::Layer(layer), "opacity", &key).expect("it is set");
    }
    (project, comp)
}

fn batch(frames: impl IntoIterator<Item = i64>, workers: usize) -> Batch {
    let engine = Engine::default();
    let (project, comp) = comp(&engine);
    Batch { workers, ..engine.batch(&project, comp, frames.into_iter().collect(), RenderOptions::default()) }
}

/// A number that threads wait for.
#[derive(Default)]
struct Count {
    value: Mutex<usize>,
    changed: Condvar,
}

impl Count {
    fn up(&self) {
        *self.value.lock().expect("no panic") += 1;
        self.changed.notify_all();
    }

    /// Whether it comes to be this much.
    fn reaches(&self, value: usize) -> bool {
        let count = self.value.lock().expect("no panic");
        let (count, _) = self.changed.wait_timeout_while(count, LONG, |count| *count < value).expect("no panic");
        *count >= value
    }
}

#[test]
fn frames_come_in_the_order_asked_for_with_their_pixels() {
    for workers in [1, 3, 8] {
        let asked = [7, 3, 3, 90, 0, 41, 2];
        let finish = |_, picture: Result<Frame, RenderError>| {
            let on_its_own = rayon::current_thread_index().is_none();
            assert!(on_its_own, "a thread of the pool would take up a frame while it waits within another one");
            picture.expect("it renders").image.pixel(3, 2)[0]
        };
        let frames = batch(asked, workers).start(finish);
        let done: Vec<_> = frames.expect("it starts").collect();
        for (done, asked) in done.iter().zip(asked) {
            assert_eq!(done.frame, asked);
            assert!((done.result - asked as f32).abs() < 1e-4 && done.seconds > 0.0, "{done:?}");
        }
        assert_eq!(done.len(), asked.len());
    }
    assert_eq!(batch([], 2).start(|_, _| ()).expect("it starts").count(), 0);
}

#[test]
fn a_frame_is_finished_while_the_next_one_is_rendered() {
    // Each frame but the last is finished only after the next one was rendered: one after the other, none ever is.
    let rendered = Arc::new(Count::default());
    let seen = Arc::clone(&rendered);
    let finish = move |frame: i64, picture: Result<Frame, RenderError>| {
        assert!(picture.is_ok());
        seen.up();
        frame == 9 || seen.reaches(frame as usize + 2)
    };
    let frames = batch(0..10, 2).start(finish).expect("it starts");
    assert!(frames.map(|done| done.result).eq([true; 10]));
}

#[test]
fn no_more_frames_than_workers_are_in_flight_those_not_taken_included() {
    for workers in [1, 2, 3] {
        let (begun, at_work, most) = (Arc::new(Count::default()), Arc::new(AtomicUsize::new(0)), Arc::default());
        let (up, now, top): (_, _, Arc<AtomicUsize>) = (Arc::clone(&begun), Arc::clone(&at_work), Arc::clone(&most));
        let finish = move |_, _| {
            up.up();
            top.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(1));
            now.fetch_sub(1, Ordering::SeqCst);
        };
        let frames = batch(0..20, workers).start(finish).expect("it starts");
        for taken in 0..20 {
            assert!(begun.reaches(20.min(taken + workers)), "the next ones begin without anyone asking");
            thread::sleep(Duration::from_millis(2));
            assert_eq!(*begun.value.lock().expect("no panic"), 20.min(taken + workers), "and no more of them");
            assert_eq!(frames.next_within(LONG).expect("it comes").expect("there is one").frame, taken as i64);
        }
        assert_eq!(frames.next_within(LONG), Ok(None));
        assert!(most.load(Ordering::SeqCst) <= workers);
    }
}

#[test]
fn an_error_is_in_its_place_and_the_others_go_on() {
    let finish = |frame, picture: Result<Frame, RenderError>| {
        picture
            .map_err(|error| error.to_string())
            .and_then(|_| if frame % 3 == 1 { Err("no room".into()) } else { Ok(()) })
    };
    let frames = batch(0..8, 3).start(finish).expect("it starts");
    let oks: Vec<bool> = frames.map(|done| done.result.is_ok()).collect();
    assert_eq!(oks, [true, false, true, true, false, true, true, false]);
    let mut absent = batch(0..2, 2);
    absent.comp = Uuid::nil();
    let frames = absent.start(|_, picture| picture.expect_err("there is no such comp").to_string());
    assert!(frames.expect("it starts").all(|done| done.result.contains("has no comp")));
}

#[test]
fn abort_ends_it_and_what_had_begun_is_told() {
    let (begun, go) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let (up, wait) = (Arc::clone(&begun), Arc::clone(&go));
    let batch = batch(0..1000, 3);
    let abort = Arc::clone(&batch.options.abort);
    let frames = batch.start(move |_, _| {
        up.up();
        wait.reaches(1)
    });
    let frames = frames.expect("it starts");
    assert!(begun.reaches(3));
    assert_eq!(frames.next_within(Duration::from_millis(1)), Err(NotYet));
    abort.store(true, Ordering::SeqCst);
    go.up();
    let done: Vec<_> = frames.map(|done| (done.frame, done.result)).collect();
    assert_eq!(done, [(0, true), (1, true), (2, true)]);
}

#[test]
fn dropping_it_stops_the_renders_and_the_end_does_not() {
    let unfinished = batch(0..1000, 2);
    let abort = Arc::clone(&unfinished.options.abort);
    let mut frames = unfinished.start(|_, _| ()).expect("it starts");
    assert_eq!(frames.next().map(|done| done.frame), Some(0));
    drop(frames);
    assert!(abort.load(Ordering::SeqCst));

    let finished = batch(0..3, 2);
    let abort = Arc::clone(&finished.options.abort);
    let mut frames = finished.start(|_, _| ()).expect("it starts");
    assert_eq!(frames.by_ref().count(), 3);
    drop(frames);
    assert!(!abort.load(Ordering::SeqCst));
}

#[test]
fn a_panic_of_one_frame_reaches_who_takes_it() {
    let mut frames = batch(0..3, 2).start(|frame, _| assert!(frame != 1, "frame 1 is bad")).expect("it starts");
    assert_eq!(frames.next().map(|done| done.frame), Some(0));
    let panic = catch_unwind(AssertUnwindSafe(|| frames.next())).expect_err("it panics");
    assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("frame 1 is bad")));
    assert_eq!(frames.next().map(|done| done.frame), Some(2));
}

#[test]
fn one_frame_is_cancelled_and_the_others_go_on() {
    let go_on = Arc::new(Count::default());
    let wait = Arc::clone(&go_on);
    let finish = move |_, picture: Result<Frame, RenderError>| {
        assert!(wait.reaches(1));
        picture.map(drop).map_err(|error| error.is_abort())
    };
    let frames = batch(0..5, 1).start(finish).expect("it starts");
    frames.cancel(3);
    assert!(!frames.has_begun(3));
    go_on.up();
    assert!(frames.next_within(LONG).expect("it comes").expect("there is one").result.is_ok());
    assert_eq!(frames.taken(), 1);
    frames.cancel(0);
    assert_eq!(frames.map(|done| done.result).collect::<Vec<_>>(), [Ok(()), Ok(()), Err(true), Ok(())]);
}

#[test]
fn a_turn_comes_after_all_before_it_and_others_hold_what_is_not_taken() {
    let done = |frame| Done { frame, seconds: 0.0, result: () };
    let shared = Shared::new(4, 4);
    let never = AtomicBool::new(false);
    (0..4).for_each(|index| assert_eq!(shared.begin(&never).expect("there is room").0, index));
    let place = |index| Place { shared: &shared, index };
    let has_come = || [0, 1, 2, 3].map(|index| place(index).has_come());
    assert_eq!(has_come(), [true, false, false, false]);
    place(1).pass();
    assert_eq!(has_come(), [true, false, false, false], "the first one has not begun");
    place(0).pass();
    assert_eq!(has_come(), [true, true, true, false]);
    assert!(!place(0).others_hold() && place(1).others_hold());
    shared.line().in_flight[0].done = Some(Ok(done(0)));
    shared.take(None).expect("it is there");
    assert!(place(1).others_hold(), "somebody works with the first one");
    assert_eq!(shared.take(Some(Instant::now())).map(drop), Err(NotYet));
    assert!(!place(1).others_hold(), "and asks for the next one");
}

#[test]
fn a_frame_that_waits_for_its_turn_counts_what_it_found_once() {
    /// The turn comes after it was asked for once.
    struct Later(AtomicUsize);
    impl Turn for Later {
        fn has_come(&self) -> bool {
            self.0.fetch_add(1, Ordering::SeqCst) > 0
        }
        fn others_hold(&self) -> bool {
            true
        }
        fn pass(&self) {}
    }
    let Batch { renderer, document, effects, comp, options, .. } = batch([], 1);
    let profile = Arc::new(crate::render::Profile::default());
    let options = RenderOptions { profile: Some(Arc::clone(&profile)), ..options };
    let counted = |frame, turn: &dyn Turn| {
        renderer.render_in_turn(&document, &effects, comp, frame, &options, turn).expect("it renders");
        let stats = renderer.cache().stats();
        (stats.hits, stats.misses)
    };
    assert_eq!(counted(1, &Later(AtomicUsize::new(0))), (0, 1));
    assert_eq!(counted(1, &Later(AtomicUsize::new(0))), (1, 1));
    assert_eq!(counted(1, &Later(AtomicUsize::new(1))), (2, 1), "it did not wait");
    let notes: usize = profile.rows().iter().filter(|row| row.kind == "cached").map(|row| row.pieces).sum();
    assert_eq!(notes, 2);
}
