//! Comps in comps.

use playa_host::image::Rect;
use playa_host::project::document::MAX_NESTING;
use playa_host::project::{LayerSource, Node, ProjectError, Value};
use playa_host::render::{Problem, Region};
use uuid::Uuid;

use crate::support::{Scene, add_comp, assert_image, assert_same_bits, flat, image, noise, overscan, picture, vec3};

/// The same project with another comp to add layers to.
fn inside(scene: &Scene<'static>, comp: Uuid) -> Scene<'static> {
    Scene { comp, project: scene.project.clone(), engine: scene.engine }
}

#[test]
fn overscan_of_an_inner_comp_is_seen_in_the_outer_one() {
    let data = Rect::new(-6, -4, 15, 12);
    let source = overscan(data, Rect::of_size(8, 8), noise(40));
    let scene = Scene::new(20, 16);
    let inner = inside(&scene, add_comp(&scene.project, "Inner", 8, 8));
    inner.layer(&source);
    scene.layer_of(LayerSource::Comp(inner.comp));
    // The inner frame of 8 x 8 is centred in 20 x 16: at (6, 4). Its layer reaches beyond it.
    let moved = |x: i32, y: i32| source.image.pixel(x - 6, y - 4);
    assert_same_bits(&scene.render_region(Region::Data), &image(data.translate(6, 4), moved));
    assert_image(&scene.render(), 0.0, moved);
}

#[test]
fn an_inner_comp_is_blended_as_one_picture() {
    let (below, middle, above) = (picture(5, 5, noise(41)), picture(5, 5, noise(42)), picture(5, 5, noise(43)));
    let scene = Scene::new(5, 5);
    scene.layer(&below);
    let inner = inside(&scene, add_comp(&scene.project, "Inner", 5, 5));
    inner.layer(&middle);
    inner.layer(&above);
    let layer = scene.layer_of(LayerSource::Comp(inner.comp));
    scene.set(layer, &[("opacity", Value::Float(0.5))]);
    assert_image(&scene.render(), 0.0, |x, y| {
        let [b, m, a] = [&below, &middle, &above].map(|frame| frame.image.pixel(x, y));
        let group: [f32; 4] = std::array::from_fn(|i| a[i] + (1.0 - a[3]) * m[i]);
        let group = group.map(|value| value * 0.5);
        std::array::from_fn(|i| group[i] + (1.0 - group[3]) * b[i])
    });
}

#[test]
fn an_effect_sees_the_frame_of_the_inner_comp() {
    let scene = Scene::new(9, 9);
    let inner = inside(&scene, add_comp(&scene.project, "Inner", 4, 6));
    inner.layer(&picture(1, 1, flat([1.0; 4])));
    let layer = scene.layer_of(LayerSource::Comp(inner.comp));
    scene.effect(layer, "Generator", &[("size", Value::Int(100))]);
    scene.set(layer, &[("position", vec3(0.5, 0.5, 0.0))]);
    // 4 x 6 centred in 9 x 9 is at (2.5, 1.5); half a pixel right and up of it at (3, 1).
    let frame = Rect::of_size(4, 6).translate(3, 1);
    assert_same_bits(&scene.render_region(Region::Data), &image(frame, flat([1.0; 4])));
}

#[test]
fn the_time_of_an_inner_comp_is_its_own() {
    let scene = Scene::new(1, 1);
    let inner = inside(&scene, add_comp(&scene.project, "Inner", 1, 1));
    for (number, start) in [(1.0, 10), (2.0, 11), (3.0, 12)] {
        let layer = inner.layer(&picture(1, 1, flat([number, 0.0, 0.0, 1.0])));
        inner.set(layer, &[("in", Value::Int(start)), ("src_len", Value::Int(1))]);
    }
    let layer = scene.layer_of(LayerSource::Comp(inner.comp));
    let red = |frame| scene.render_at(frame).pixel(0, 0)[0];
    assert_eq!([9, 10, 11, 12, 13].map(red), [0.0, 1.0, 2.0, 3.0, 0.0], "as it lies in the inner comp");
    scene.set(layer, &[("speed", Value::Float(-1.0)), ("in", Value::Int(100))]);
    assert_eq!([99, 100, 101, 102, 103].map(red), [0.0, 3.0, 2.0, 1.0, 0.0], "reversed and moved");
    scene.set(layer, &[("trim_out", Value::Float(-2.0))]);
    assert_eq!([102, 104, 105].map(red), [1.0, 1.0, 0.0], "held");
}

#[test]
fn a_cycle_is_refused_before_it_is_made() {
    let scene = Scene::new(4, 4);
    let inner = inside(&scene, add_comp(&scene.project, "Inner", 4, 4));
    scene.layer_of(LayerSource::Comp(inner.comp));
    let before = scene.project.snapshot();
    for (comp, source) in [(inner.comp, scene.comp), (scene.comp, scene.comp)] {
        let error = scene.project.add_layer(comp, LayerSource::Comp(source), None).expect_err("a cycle");
        assert!(matches!(error, ProjectError::Cycle { .. }), "{error}");
    }
    assert_eq!(scene.project.snapshot(), before);
}

#[test]
fn an_error_inside_names_the_inner_comp() {
    let scene = Scene::new(4, 4);
    let inner = inside(&scene, add_comp(&scene.project, "Inner", 4, 4));
    let layer = inner.layer(&picture(4, 4, noise(44)));
    inner.set(layer, &[("name", Value::String("culprit".into()))]);
    inner.effect(layer, "PanicsInRender", &[]);
    scene.layer_of(LayerSource::Comp(inner.comp));
    let error = scene.error();
    assert_eq!((error.comp.as_str(), error.layer.as_deref()), ("Inner", Some("culprit")));
    assert!(matches!(*error.problem, Problem::Effect(_)), "{error}");
}

/// What a layer costs must not double with every comp and every effect around it.
#[test]
fn deep_nesting_with_effects_takes_as_long_as_it_is_deep() {
    let scene = Scene::new(3, 3);
    let mut innermost = inside(&scene, scene.comp);
    for depth in 1..MAX_NESTING {
        let next = inside(&scene, add_comp(&scene.project, &format!("Inside {depth}"), 3, 3));
        // A layer of an empty comp ends with it; its length is what the comp is made with.
        let layer = innermost.layer_of(LayerSource::Comp(next.comp));
        for _ in 0..3 {
            let effect = innermost.effect(layer, "Gain", &[("gain", Value::Float(1.0))]);
            innermost.project.set_effect_mix(effect, 0.5).expect("valid");
        }
        innermost = next;
    }
    innermost.layer(&picture(3, 3, flat([0.5, 1.0, 2.0, 1.0])));
    let started = std::time::Instant::now();
    assert_image(&scene.render(), 0.0, flat([0.5, 1.0, 2.0, 1.0]));
    // Some thousand calls, which a slow machine makes in a second; 2^64 would not end.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_comp_that_was_removed_is_an_error() {
    let scene = Scene::new(4, 4);
    let other = add_comp(&scene.project, "Other", 4, 4);
    scene.project.remove_comp(other).expect("nobody shows it");
    let gone = inside(&scene, other);
    let error = gone.error();
    assert!(matches!(*error.problem, Problem::NoComp(comp) if comp == other), "{error}");
    assert!(scene.project.get_attr(Node::Comp(other), "name").is_err());
}
