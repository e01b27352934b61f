//! Players on real comps. Time is real here: nothing is asserted that a slow machine could break.

use std::sync::Arc;

use playa_plugin_api::Value;

use super::*;
use crate::events::Next;
use crate::image::{Image, Rect};
use crate::project::{Interp, Key, LayerSource};

const SOON: Duration = Duration::from_secs(30);

/// A comp of 8x4 pixels and frames 0 to 9, of a white picture whose opacity is a tenth of the frame.
fn scene() -> (Arc<Engine>, Project, Uuid) {
    let engine = Arc::new(Engine::default());
    let project = engine.new_project();
    let attrs = [("width", 8), ("height", 4), ("in", 0), ("out", 9)].map(|(name, value)| (name, Value::Int(value)));
    let comp = project.add_comp("Main", &attrs).expect("a comp");
    let white = Frame::new(Image::from_vec(Rect::of_size(8, 4), vec![1.0; 128]).expect("an image"));
    let layer = project.add_layer(comp, LayerSource::Memory(Arc::new(white)), None).expect("a layer");
    for (frame, value) in [(0.0, 0.0), (9.0, 0.9)] {
        let key = Key::new(frame, Value::Float(value), Interp::Linear);
        project.set_key(Node::Layer(layer), "opacity", &key).expect("a key");
    }
    (engine, project, comp)
}

fn alpha(picture: &Frame) -> f32 {
    picture.image.pixels()[0][3]
}

/// A player with that comp open.
fn open() -> (Player, Project, Uuid) {
    let (engine, project, comp) = scene();
    let player = Player::new(engine).expect("threads");
    player.open(&project, comp).expect("it opens");
    (player, project, comp)
}

#[test]
fn the_current_frame_has_its_picture_wherever_it_goes() {
    let (player, project, comp) = open();
    assert_eq!(player.opened().map(|(opened, comp)| (opened.is_same(&project), comp)), Some((true, comp)));
    for frame in [0, 7, 3, 9, 2] {
        player.control(|transport, now| transport.seek(frame, now));
        let (number, picture) = player.picture_within(SOON).expect("it renders").expect("in time");
        assert_eq!(number, frame);
        assert!((alpha(&picture) - frame as f32 / 10.0).abs() < 1e-6, "frame {frame}: {}", alpha(&picture));
    }
}

#[test]
fn an_edit_shows_in_the_picture() {
    let (player, project, comp) = open();
    let layer = project.snapshot().comps[&comp].layers[0].uuid();
    player.control(|transport, now| transport.seek(5, now));
    player.picture_within(SOON).expect("it renders").expect("in time");
    let ready = player.events().listen(Filter::from_iter(["picture_ready"]));
    project.set_attr(Node::Layer(layer), "opacity", &Value::Float(0.125)).expect("an edit");
    // The event of the first picture may come late.
    while alpha(&player.shown().expect("a picture").1) != 0.125 {
        assert!(matches!(ready.next_within(SOON), Next::Event(_)), "it is rendered without being asked for");
    }
}

#[test]
fn frames_follow_each_other_in_order_and_each_is_told_once() {
    let (player, ..) = open();
    let events = player.events().listen(Filter::from_iter(["frame_changed", "playing_changed"]));
    player.control(|transport, now| {
        transport.set_looping(false, now);
        transport.set_rate(Rate::new(200, 1).expect("a rate"), now);
        transport.play(now);
    });
    let mut frames = vec![0];
    let mut playing = Vec::new();
    while playing.last() != Some(&false) {
        let Next::Event(event) = events.next_within(SOON) else { panic!("{frames:?}") };
        let int = |name| match event.field(name) {
            Some(Field::Value(Value::Int(value))) => *value,
            other => panic!("{other:?}"),
        };
        if event.name() == "frame_changed" {
            assert_eq!(int("old"), *frames.last().expect("one"), "{frames:?}");
            frames.push(int("frame"));
        } else {
            playing.push(matches!(event.field("playing"), Some(Field::Value(Value::Bool(true)))));
        }
    }
    assert!(frames.is_sorted_by(|a, b| a < b) && frames.last() == Some(&9), "{frames:?}");
    assert_eq!(playing, [true, false]);
    let stats = player.stats();
    assert_eq!((stats.due, stats.current), (9, frames.len() as u64 - 1));
    assert!(stats.shown <= stats.current);
}

#[test]
fn the_range_is_the_work_area_until_another_is_set() {
    let (player, project, comp) = open();
    let comp = Node::Comp(comp);
    assert_eq!(player.transport().range(), (0, 9));
    project.set_attr(comp, "trim_in", &Value::Int(4)).expect("an edit");
    assert_eq!((player.transport().range(), player.transport().frame()), ((4, 9), 4));
    player.set_range(Some((6, 20)));
    project.set_attr(comp, "trim_in", &Value::Int(2)).expect("an edit");
    assert_eq!((player.transport().range(), player.transport().frame()), ((6, 20), 6));
    player.set_range(None);
    assert_eq!(player.transport().range(), (2, 9));
}

#[test]
fn what_cannot_be_rendered_is_an_error_of_its_frame() {
    let (player, project, comp) = open();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gone.exr");
    let frame = Frame::new(Image::from_vec(Rect::of_size(1, 1), vec![1.0; 4]).expect("an image"));
    crate::media::write(&file, &frame, &crate::media::WriteOptions::default()).expect("it is written");
    project.add_layer(comp, LayerSource::Path(file.clone()), None).expect("a layer");
    player.picture_within(SOON).expect("it renders").expect("in time");
    let failed = player.events().listen(Filter::from_iter(["picture_failed"]));
    std::fs::remove_file(&file).expect("it was there");
    player.control(|transport, now| transport.seek(1, now));
    let layer = project.snapshot().comps[&comp].layers[1].uuid();
    project.set_attr(Node::Layer(layer), "opacity", &Value::Float(0.5)).expect("an edit");
    let error = player.picture_within(SOON).expect_err("the file is gone");
    assert_eq!(error.frame, 1);
    assert!(matches!(failed.next_within(SOON), Next::Event(_)));
}

#[test]
fn a_player_without_a_comp_does_nothing() {
    let (engine, project, comp) = scene();
    let player = Player::new(engine).expect("threads");
    player.control(|transport, now| transport.play(now));
    assert!(!player.transport().is_playing());
    assert!(player.picture_within(Duration::ZERO).expect("no error").is_none());
    player.open(&project, comp).expect("it opens");
    player.control(|transport, now| transport.play(now));
    assert!(player.transport().is_playing());
    player.close();
    assert!(!player.transport().is_playing());
    assert!(player.picture_within(SOON).expect("no error").is_none(), "at once");
    player.open(&project, comp).expect("it opens again");
    project.remove_comp(comp).expect("it is removed");
    assert!(player.opened().is_none() && player.shown().is_none(), "with its comp it is closed");
    player.open(&project, comp).expect_err("it is gone");
}
