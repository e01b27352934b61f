//! Solids and texts in comps.

use playa_host::image::{Image, Rect};
use playa_host::project::{Interp, Key, LayerSource, Node, Value};
use playa_host::render::plan::Making;
use playa_host::render::{Problem, Region, RenderOptions};
use playa_host::text::{Font, Ink, Setting, Typeset, TypesetError};

use crate::support::{Scene, assert_image, assert_same_bits, flat, noise, picture, vec3};

fn color(r: f64, g: f64, b: f64, a: f64) -> (&'static str, Value) {
    ("color", Value::Color([r, g, b, a]))
}

fn solid(scene: &Scene<'_>, attrs: &[(&str, Value)]) -> uuid::Uuid {
    scene.layer_of(LayerSource::Solid(scene.project.add_solid("solid", attrs).expect("a solid")))
}

fn text(scene: &Scene<'_>, text: &str, attrs: &[(&str, Value)]) -> uuid::Uuid {
    scene.layer_of(LayerSource::Text(scene.project.add_text(text, attrs).expect("a text")))
}

fn kinds(scene: &Scene<'_>) -> Vec<(&'static str, Making)> {
    scene.graph().nodes.iter().map(|node| (node.kind, node.making)).collect()
}

#[test]
fn a_solid_is_its_premultiplied_colour_over_the_comp_and_takes_no_memory() {
    let scene = Scene::new(37, 23);
    solid(&scene, &[color(4.0, 0.5, -0.25, 0.5)]);
    assert_image(&scene.render(), 0.0, flat([2.0, 0.25, -0.125, 0.5]));
    assert_eq!(kinds(&scene), [("fill", Making::Fused), ("comp", Making::Output)]);
    // Once for two layers, and still not made whole.
    solid(&scene, &[color(4.0, 0.5, -0.25, 0.5)]);
    assert_eq!(kinds(&scene), [("fill", Making::Fused), ("comp", Making::Output)]);
    assert_image(&scene.render(), 1e-6, flat([3.0, 0.375, -0.1875, 0.75]));
}

#[test]
fn a_solid_of_its_own_size_is_centred_and_moves_by_whole_pixels_without_memory() {
    let scene = Scene::new(20, 10);
    let layer = solid(&scene, &[color(1.0, 0.5, 0.25, 1.0), ("width", Value::Int(6)), ("height", Value::Int(4))]);
    scene.set(layer, &[("position", vec3(3.0, 1.0, 0.0))]);
    let inside = Rect::new(10, 2, 16, 6);
    let at = |x, y| if inside.contains(x, y) { [1.0, 0.5, 0.25, 1.0] } else { [0.0; 4] };
    assert_image(&scene.render(), 0.0, at);
    assert_eq!(kinds(&scene), [("fill", Making::Fused), ("place", Making::Fused), ("comp", Making::Output)]);
    // In a comp of another size it is as large as that.
    let wide = scene.inner("Wide", 40, 5);
    let whole = solid(&scene, &[color(0.0, 1.0, 0.0, 1.0)]);
    let source = scene.project.snapshot().layer(whole).expect("it is there").2.source.clone();
    let playa_host::project::Source::Solid(source) = source else { panic!("a solid") };
    wide.layer_of(LayerSource::Solid(source));
    assert_image(&wide.render(), 0.0, flat([0.0, 1.0, 0.0, 1.0]));
}

#[test]
fn an_opaque_solid_hides_what_is_below_and_that_is_not_made() {
    let scene = Scene::new(16, 9);
    // A file that is gone: below an opaque solid nobody asks for it.
    let folder = tempfile::tempdir().expect("a folder");
    let file = crate::support::solid_file(folder.path(), "gone.png", 16, 9);
    scene.layer_of(LayerSource::Path(file.clone()));
    let hiding = solid(&scene, &[color(0.5, 0.5, 0.5, 1.0)]);
    let _ = scene.render();
    let bytes = std::fs::read(&file).expect("a file");
    // Its header is whole, its pixels are not.
    std::fs::write(&file, &bytes[..bytes.len() - 30]).expect("a file");
    assert_image(&scene.render(), 0.0, flat([0.5, 0.5, 0.5, 1.0]));
    scene.set(hiding, &[("opacity", Value::Float(0.5))]);
    assert!(scene.try_render(0, &RenderOptions::default()).is_err(), "now it is seen");
}

#[test]
fn solids_blend_as_pictures_of_their_colour_do() {
    for mode in ["normal", "add", "multiply", "screen", "overlay", "luminosity", "in", "out", "stencil", "xor"] {
        let render = |drawn: bool| {
            let scene = Scene::new(33, 17);
            scene.layer(&picture(33, 17, noise(3)));
            let layer = match drawn {
                true => solid(&scene, &[color(0.75, 0.5, 0.25, 0.5)]),
                false => scene.layer(&picture(33, 17, flat([0.375, 0.25, 0.125, 0.5]))),
            };
            let turned = [("rotation", vec3(0.0, 0.0, 20.0)), ("blend_mode", Value::Choice(mode.into()))];
            scene.set(layer, &turned);
            scene.effect(layer, "GaussianBlur", &[]);
            scene.render()
        };
        assert_same_bits(&render(true), &render(false));
    }
}

#[test]
fn a_keyed_solid_fades_in_straight_colour() {
    let scene = Scene::new(4, 3);
    let layer = solid(&scene, &[]);
    let document = scene.project.snapshot();
    let playa_host::project::Source::Solid(source) = document.layer(layer).expect("it is there").2.source else {
        panic!("a solid")
    };
    for (frame, value) in [(0.0, [1.0, 0.0, 0.0, 1.0]), (10.0, [0.0, 1.0, 0.0, 0.0])] {
        let key = Key::new(frame, Value::Color(value), Interp::Linear);
        scene.project.set_key(Node::Solid(source), "color", &key).expect("a key");
    }
    // Moving the layer does not move its keys.
    scene.set(layer, &[("in", Value::Int(-3))]);
    assert_image(&scene.render_at(0), 0.0, flat([1.0, 0.0, 0.0, 1.0]));
    assert_image(&scene.render_at(5), 1e-7, flat([0.25, 0.25, 0.0, 0.5]));
    assert_image(&scene.render_at(10), 0.0, flat([0.0; 4]));
}

/// What the text itself paints in its place.
fn alone(setting: &Setting, ink: &Ink, window: Rect) -> Image {
    let font = Font::find(&setting.font).expect("a font");
    let mut image = Image::unpainted(window).expect("memory");
    let typeset = Typeset::new(&font, setting).expect("it can be set");
    typeset.paint(ink, &mut image, 1 << 30).expect("it can be painted");
    image
}

fn setting(text: &str, font_size: f64) -> Setting {
    Setting {
        text: text.to_owned(),
        font: String::new(),
        font_size,
        line_height: 1.2,
        alignment: playa_host::text::Alignment::Left,
        width: 0,
        height: 0,
    }
}

const WHITE: Ink = Ink { color: [1.0; 4], background: [0.0; 4] };

#[test]
fn a_text_lies_with_the_centre_of_its_box_where_its_layer_is() {
    let setting = Setting { width: 40, height: 30, ..setting("Ag", 20.0) };
    let scene = Scene::new(60, 40);
    let size = [("width", Value::Int(40)), ("height", Value::Int(30)), ("font_size", Value::Float(20.0))];
    let layer = text(&scene, "Ag", &size);
    let plain = alone(&setting, &WHITE, Rect::new(-10, -5, 50, 35));
    assert_image(&scene.render(), 0.0, |x, y| plain.pixel(x - 10, y - 5));
    scene.set(layer, &[("position", vec3(7.0, -2.0, 0.0))]);
    assert_image(&scene.render(), 0.0, |x, y| plain.pixel(x - 17, y - 7));
    let kinds = kinds(&scene);
    assert_eq!(kinds, [("text", Making::Source), ("place", Making::Fused), ("comp", Making::Output)]);
}

#[test]
fn a_text_larger_than_its_comp_is_made_where_it_is_seen() {
    let scene = Scene::new(64, 48);
    let layer = text(&scene, &"wide text ".repeat(2000), &[("font_size", Value::Float(40.0))]);
    // All of it would take more than so much.
    let options = RenderOptions { max_image_bytes: 4 << 20, ..RenderOptions::default() };
    let frame = scene.try_render(0, &options).expect("only what is seen is made");
    assert!(frame.image.values().iter().any(|value| *value > 0.0));
    let error = scene.try_render(0, &RenderOptions { region: Region::Data, ..options.clone() }).expect_err("all of it");
    assert!(matches!(*error.problem, Problem::TooLarge { .. }), "{error}");
    let Some(text) = scene.project.snapshot().texts.keys().next().copied() else { panic!("a text") };
    scene.project.set_attr(Node::Text(text), "text", &Value::String("W".repeat(65_536))).expect("valid");
    let error = scene.error();
    assert!(matches!(*error.problem, Problem::Text(TypesetError::TooLarge { .. })), "{error}");
    assert!(error.to_string().starts_with("comp \"Main\", frame 0, layer \"wide text"), "{error}");
    scene.set(layer, &[("visible", Value::Bool(false))]);
    assert_image(&scene.render(), 0.0, flat([0.0; 4]));
}

#[test]
fn a_text_with_keys_says_another_thing_and_grows() {
    let scene = Scene::new(80, 40);
    let layer = text(&scene, "zero", &[("font_size", Value::Float(20.0))]);
    let document = scene.project.snapshot();
    let playa_host::project::Source::Text(node) = document.layer(layer).expect("it is there").2.source else {
        panic!("a text")
    };
    for (frame, said) in [(0.0, "one"), (5.0, "two")] {
        let key = Key::new(frame, Value::String(said.to_owned()), Interp::Hold);
        scene.project.set_key(Node::Text(node), "text", &key).expect("a key");
    }
    for (frame, size) in [(0.0, 10.0), (10.0, 30.0)] {
        let key = Key::new(frame, Value::Float(size), Interp::Linear);
        scene.project.set_key(Node::Text(node), "font_size", &key).expect("a key");
    }
    for (frame, said, size) in [(0, "one", 10.0), (4, "one", 18.0), (5, "two", 20.0), (20, "two", 30.0)] {
        let (setting, comp) = (setting(said, size), Rect::of_size(80, 40));
        let font = Font::find("").expect("it is built in");
        let frame_of = Typeset::new(&font, &setting).expect("it can be set").frame();
        let (width, height) = (frame_of.width() as i32, frame_of.height() as i32);
        // A box is even, and so lies on the pixels of the comp.
        let (dx, dy) = ((comp.x1 - width) / 2, (comp.y1 - height) / 2);
        let plain = alone(&setting, &WHITE, comp.translate(-dx, -dy));
        assert_image(&scene.render_at(frame), 0.0, |x, y| plain.pixel(x - dx, y - dy));
    }
}

#[test]
fn what_was_set_before_is_found_again_by_its_content() {
    let scene = Scene::new(60, 40);
    let layer = text(&scene, "keys", &[]);
    let key = |scene: &Scene<'_>| scene.graph().nodes[0].key.clone();
    let first = key(&scene);
    scene.set(layer, &[("position", vec3(5.0, 0.0, 0.0))]);
    assert_eq!(key(&scene), first, "its place is no part of it");
    let Some(text) = scene.project.snapshot().texts.keys().next().copied() else { panic!("a text") };
    for (name, value) in [
        ("text", Value::String("key".to_owned())),
        ("font", Value::String("Noto Emoji".to_owned())),
        ("font_size", Value::Float(71.0)),
        ("color", Value::Color([1.0, 0.0, 0.0, 1.0])),
        ("bg_color", Value::Color([1.0, 0.0, 0.0, 1.0])),
        ("alignment", Value::Choice("right".to_owned())),
        ("line_height", Value::Float(1.0)),
        ("width", Value::Int(50)),
        ("height", Value::Int(50)),
    ] {
        let before = scene.project.get_attr(Node::Text(text), name).expect("an attribute");
        scene.project.set_attr(Node::Text(text), name, &value).expect("valid");
        assert_ne!(key(&scene), first, "{name}");
        scene.project.set_attr(Node::Text(text), name, &before).expect("valid");
        assert_eq!(key(&scene), first, "{name}");
    }
}
