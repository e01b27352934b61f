//! Which file shows at which frame of a comp: starts, trims, holds, speed, and files that are missing.

use std::path::Path;

use playa_host::media::{self, ColourType, WriteOptions};
use playa_host::project::{LayerSource, Node, Value};
use playa_host::render::{Problem, Region, RenderOptions};
use uuid::Uuid;

use crate::support::{Scene, assert_image, flat, picture};

/// Writes one-pixel files whose red is their number.
fn write_numbered(folder: &Path, frames: impl IntoIterator<Item = i64>) {
    for frame in frames {
        let number = picture(1, 1, flat([frame as f32, 0.0, 0.0, 1.0]));
        let options = WriteOptions { colour: ColourType::Float, ..WriteOptions::default() };
        media::write(folder.join(format!("shot.{frame:04}.exr")), &number, &options).expect("written");
    }
}

/// A comp of numbered footage, in a folder that lives as long as it.
fn numbered(frames: impl IntoIterator<Item = i64>) -> (tempfile::TempDir, Scene<'static>, Uuid) {
    let folder = tempfile::tempdir().expect("a folder");
    write_numbered(folder.path(), frames);
    let scene = Scene::new(1, 1);
    let layer = scene.layer_of(LayerSource::Path(folder.path().join("shot.####.exr")));
    (folder, scene, layer)
}

/// The number of the file that shows; `None` where nothing does.
fn shown(scene: &Scene<'_>, frame: i64) -> Option<i64> {
    let [red, _, _, alpha] = scene.render_at(frame).pixel(0, 0);
    (alpha == 1.0).then_some(red as i64)
}

fn shown_in(scene: &Scene<'_>, frames: std::ops::RangeInclusive<i64>) -> Vec<Option<i64>> {
    frames.map(|frame| shown(scene, frame)).collect()
}

#[test]
fn comp_frame_24_shows_file_24() {
    let (_folder, scene, _) = numbered(21..=26);
    assert_eq!(shown_in(&scene, 20..=27), [None, Some(21), Some(22), Some(23), Some(24), Some(25), Some(26), None]);
}

#[test]
fn trims_hide_and_hold() {
    let (_folder, scene, layer) = numbered(1..=6);
    scene.set(layer, &[("trim_in", Value::Float(2.0)), ("trim_out", Value::Float(1.0))]);
    assert_eq!(shown_in(&scene, 1..=6), [None, None, Some(3), Some(4), Some(5), None]);
    scene.set(layer, &[("trim_in", Value::Float(-2.0)), ("trim_out", Value::Float(-1.0))]);
    let held = [None, Some(1), Some(1), Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), Some(6), None];
    assert_eq!(shown_in(&scene, -2..=8), held);
    scene.set(layer, &[("out", Value::Int(3))]);
    assert_eq!(shown_in(&scene, 2..=4), [Some(2), Some(3), None]);
}

#[test]
fn speed_stretches_and_turns_round() {
    let (_folder, scene, layer) = numbered(11..=16);
    for (speed, expected) in [
        // By hand from: source = 11 + round((t - 11) * |speed|), mirrored in 11..=16 when negative; the bar has
        // round(6 / |speed|) frames.
        (2.0, vec![Some(11), Some(13), Some(15), None]),
        (-2.0, vec![Some(16), Some(14), Some(12), None]),
        (-1.0, vec![Some(16), Some(15), Some(14), Some(13), Some(12), Some(11), None]),
        (0.5, [11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16, 16].map(Some).to_vec()),
        (1.5, vec![Some(11), Some(13), Some(14), Some(16), None]),
    ] {
        scene.set(layer, &[("speed", Value::Float(speed))]);
        let last = 10 + expected.len() as i64;
        assert_eq!(shown_in(&scene, 11..=last), expected, "speed {speed}");
    }
}

#[test]
fn the_extremes_of_speed_and_time_are_frames_like_others() {
    let (_folder, scene, layer) = numbered(1..=3);
    for (speed, expected) in [(1000.0, 1), (-1000.0, 3), (0.001, 1), (-0.001, 3)] {
        scene.set(layer, &[("speed", Value::Float(speed))]);
        if speed.abs() < 1.0 {
            assert_eq!(shown(&scene, 1), Some(expected), "speed {speed}");
        } else {
            assert_eq!(shown(&scene, 1), None, "a bar of round(3 / 1000) frames");
        }
    }
    // Halfway along 3000 frames lies the middle file, in either direction.
    scene.set(layer, &[("speed", Value::Float(-0.001))]);
    assert_eq!((shown(&scene, 1001), shown(&scene, 3000)), (Some(2), Some(1)));
    scene.set(layer, &[("in", Value::Int(-1_000_000_000)), ("speed", Value::Float(1.0))]);
    assert_eq!(shown_in(&scene, -1_000_000_000..=-999_999_997), [Some(1), Some(2), Some(3), None]);
}

#[test]
fn the_work_area_of_a_comp_is_what_it_shows() {
    let (_folder, scene, _) = numbered(1..=6);
    let set = |name, value| scene.project.set_attr(Node::Comp(scene.comp), name, &Value::Int(value)).expect("valid");
    set("trim_in", 1);
    set("trim_out", 2);
    assert_eq!(shown_in(&scene, 1..=6), [None, Some(2), Some(3), Some(4), None, None]);
}

#[test]
fn a_missing_file_follows_the_policy_of_its_media() {
    let (folder, scene, layer) = numbered([1, 2, 5, 6]);
    let media = scene.project.snapshot().media.values().next().expect("its media").uuid();
    let error = scene.try_render(4, &RenderOptions::default()).expect_err("the file is missing");
    assert!(matches!(*error.problem, Problem::Sequence(_)), "{error}");
    assert_eq!((error.frame, error.layer.as_deref()), (4, Some("shot.####.exr")));
    assert!(error.to_string().contains("shot.0004.exr"), "{error}");
    for (policy, expected) in [
        ("black", [Some(1), Some(2), None, None, Some(5)]),
        ("hold", [Some(1), Some(2), Some(2), Some(2), Some(5)]),
        ("nearest", [Some(1), Some(2), Some(2), Some(5), Some(5)]),
    ] {
        let policy_value = Value::Choice(policy.into());
        scene.project.set_attr(Node::Media(media), "missing", &policy_value).expect("valid");
        assert_eq!(shown_in(&scene, 1..=5), expected, "{policy}");
    }
    // A generator on a black frame has the size of the footage all the same.
    scene.project.set_attr(Node::Media(media), "missing", &Value::Choice("black".into())).expect("valid");
    scene.effect(layer, "Generator", &[]);
    assert_image(&scene.render_at(3), 0.0, flat([1.0; 4]));

    std::fs::remove_file(folder.path().join("shot.0006.exr")).expect("it was there");
    let options = RenderOptions { region: Region::Data, ..RenderOptions::default() };
    let error = scene.try_render(6, &options).expect_err("it is gone since the folder was read");
    assert!(matches!(*error.problem, Problem::Media(_)) && error.to_string().contains("shot.0006.exr"), "{error}");
}
