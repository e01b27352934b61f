//! Plans that ask for what is not there, for far too much, or for something else each time.

use std::time::{Duration, Instant};

use playa_host::engine::Engine;
use playa_host::image::{Image, Rect};
use playa_host::media::{self, ColourType, WriteOptions};
#[cfg(unix)]
use playa_host::plugin::Limits;
use playa_host::project::{LayerSource, Node, Value};
use playa_host::render::{Problem, Region, RenderError, RenderOptions};
use playa_tests::plugin;

#[cfg(unix)]
use crate::support::isolated;
use crate::support::{Scene, assert_image, assert_same_bits, engine_with, flat, noise, picture};

const PACKAGES: [&str; 1] = ["fixture-evil"];

/// What "soon" means here, on a machine that has much else to do.
const SOON: Duration = Duration::from_secs(20);

/// A layer that plans evil over a good one, in 40 x 30 pixels; the layer has those from (5, 5) to (25, 20).
fn scene<'a>(engine: &'a Engine, evil: &str) -> Scene<'a> {
    let scene = Scene::on(engine, 40, 30);
    scene.layer(&picture(40, 30, noise(1)));
    let source = crate::support::overscan(Rect::new(5, 5, 25, 20), Rect::of_size(40, 30), noise(2));
    let layer = scene.layer(&source);
    scene.set(layer, &[("name", Value::String("planner".into()))]);
    plans(&scene, layer, evil);
    scene
}

fn plans(scene: &Scene<'_>, layer: uuid::Uuid, evil: &str) {
    scene.effect(layer, "PlansEvil", &[("evil", Value::Choice(evil.into()))]);
}

fn engines() -> Vec<Engine> {
    let here = engine_with(&PACKAGES);
    #[cfg(unix)]
    return vec![here, isolated(&PACKAGES, Limits::default())];
    #[cfg(not(unix))]
    vec![here]
}

fn rendered(scene: &Scene<'_>, region: Region) -> Result<Image, RenderError> {
    let start = Instant::now();
    let frame = scene.try_render(0, &RenderOptions { region, ..RenderOptions::default() });
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    frame.map(|frame| frame.image)
}

#[test]
fn plans_that_ask_for_much_or_far_get_what_there_is() {
    for engine in engines() {
        let expected = scene(&engine, "nothing").render();
        for evil in ["everything", "most", "far", "long_ago", "shrinking"] {
            let found = rendered(&scene(&engine, evil), Region::Display);
            assert_same_bits(&found.unwrap_or_else(|error| panic!("{evil}: {error}")), &expected);
        }
        // Tile by tile, and in parts.
        let part = Rect::new(10, 7, 31, 22);
        for evil in ["everything", "most", "far", "shrinking"] {
            let found = rendered(&scene(&engine, evil), Region::Window(part));
            let found = found.unwrap_or_else(|error| panic!("{evil}: {error}"));
            assert_same_bits(&found, &crate::support::image(part, |x, y| expected.pixel(x, y)));
        }
    }
}

#[test]
fn the_whole_plane_is_too_large_to_be_shown_whole() {
    for engine in engines() {
        let error = rendered(&scene(&engine, "everything"), Region::Data).expect_err("it is too large");
        assert!(matches!(*error.problem, Problem::TooLarge { .. }), "{error}");
    }
}

#[test]
fn what_ends_before_it_begins_is_empty() {
    for engine in engines() {
        let below = Scene::on(&engine, 40, 30);
        below.layer(&picture(40, 30, noise(1)));
        for region in [Region::Display, Region::Data] {
            let found = rendered(&scene(&engine, "inverted"), region).expect("it renders");
            assert_same_bits(&found, &below.render());
        }
    }
}

#[test]
fn plans_that_cannot_be_are_an_error_in_one_line_that_says_what_is_wrong() {
    let file = plugin("fixture-evil").display().to_string();
    for engine in engines() {
        let expected = scene(&engine, "nothing").render();
        for (evil, parts) in [
            ("not_a_number", ["input 0 at frame NaN", "it has 1 inputs"]),
            ("infinity", ["input 0 at frame inf", "it has 1 inputs"]),
            ("other_input", ["its plan names input", "it has 1 inputs"]),
            ("too_many", ["asks for 4097 parts of pictures", "expected at most 4096"]),
            ("a_million", ["asks for 1000000 parts of pictures", "expected at most 4096"]),
        ] {
            let text = rendered(&scene(&engine, evil), Region::Display).expect_err(evil).to_string();
            assert_eq!(text.lines().count(), 1, "{text}");
            let place = "layer \"planner\", effect PlansEvil: ";
            for part in [place, &file].iter().chain(&parts) {
                assert!(text.contains(part), "{evil}: {part:?} in {text}");
            }
            assert_same_bits(&scene(&engine, "nothing").render(), &expected);
        }
        // The frames that are needed are those of the plan for the whole picture.
        let window = Region::Window(Rect::new(8, 8, 12, 12));
        let text = rendered(&scene(&engine, "other_frames"), window).expect_err("it lied").to_string();
        assert!(text.contains("needs frame 12, which that for all did not") && text.contains(&file), "{text}");
    }
}

/// Frames of files and comps, too: those before the first and after the last are held, those outside of a comp are empty.
#[test]
fn frames_at_the_ends_of_all_numbers_are_frames_like_others() {
    let folder = tempfile::tempdir().expect("a folder");
    for frame in 0..3 {
        let number = picture(4, 2, flat([frame as f32, 0.0, 0.0, 1.0]));
        let options = WriteOptions { colour: ColourType::Float, ..WriteOptions::default() };
        media::write(folder.path().join(format!("plate.{frame:04}.exr")), &number, &options).expect("written");
    }
    let engine = engine_with(&PACKAGES);
    for (evil, red) in [("nothing", 1.0), ("far", 1.0), ("long_ago", 0.0)] {
        let scene = Scene::on(&engine, 4, 2);
        let layer = scene.layer_of(LayerSource::Path(folder.path().join("plate.####.exr")));
        plans(&scene, layer, evil);
        assert_image(&scene.render_at(1), 0.0, flat([red, 0.0, 0.0, 1.0]));
        // Backwards, and beyond a trim.
        scene.set(layer, &[("speed", Value::Float(-1.0)), ("trim_in", Value::Float(-3.0))]);
        scene.render_at(-1);
        let outer = scene.inner("Outer", 4, 2);
        let shown = outer.layer_of(LayerSource::Comp(scene.comp));
        plans(&outer, shown, evil);
        outer.set(shown, &[("speed", Value::Float(-0.5))]);
        for (name, value) in [("in", Value::Int(-5)), ("out", Value::Int(20))] {
            outer.project.set_attr(Node::Comp(outer.comp), name, &value).expect("valid");
        }
        for frame in [-5, 0, 1, 20] {
            outer.render_at(frame);
        }
    }
}

/// Each of a thousand frames has a comp of its own, with effects that ask for a thousand others; who asked for the frame
/// does not wait for the end of that.
#[test]
fn a_plan_that_needs_more_than_can_be_is_stopped_in_time() {
    let engine = engine_with(&PACKAGES);
    let scene = Scene::on(&engine, 4, 4);
    let mut comp = scene.inner("Bottom", 4, 4);
    let layer = comp.layer(&picture(4, 4, noise(3)));
    plans(&comp, layer, "most");
    for depth in 0..3 {
        let above = scene.inner(&format!("Above {depth}"), 4, 4);
        for (name, value) in [("in", Value::Int(0)), ("out", Value::Int(100_000))] {
            scene.project.set_attr(Node::Comp(comp.comp), name, &value).expect("valid");
        }
        let shown = above.layer_of(LayerSource::Comp(comp.comp));
        plans(&above, shown, "most");
        comp = above;
    }
    let options = RenderOptions { timeout: Some(Duration::from_millis(200)), cache: false, ..RenderOptions::default() };
    let start = Instant::now();
    let error = engine.render(&scene.project, comp.comp, 0, &options).expect_err("its time is over");
    assert!(matches!(&*error.problem, Problem::TimedOut(_)), "{error}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}
