//! Motion blur: the mean of what a layer is at the times at which the shutter is open.

use playa_host::image::Image;
use playa_host::project::{Interp, Node, Value};
use playa_host::render::Region;
use uuid::Uuid;

use crate::support::{Pixel, Scene, assert_image, assert_same_bits, flat, key_layer, noise, picture, vec3};

fn set_shutter(scene: &Scene<'_>, angle: f64, phase: f64, samples: i64) {
    let attrs = [
        ("shutter_angle", Value::Float(angle)),
        ("shutter_phase", Value::Float(phase)),
        ("motion_samples", Value::Int(samples)),
    ];
    for (name, value) in &attrs {
        scene.project.set_attr(Node::Comp(scene.comp), name, value).expect("valid");
    }
}

/// A layer that moves to the right, turns and grows, from frame 0 on.
fn moving(scene: &Scene<'_>, source: &std::sync::Arc<playa_host::image::Frame>) -> Uuid {
    let layer = scene.layer(source);
    let line = |name: &str, to: Value| {
        let from = scene.project.get_attr(Node::Layer(layer), name).expect("an attribute");
        key_layer(scene, layer, name, &[(0.0, from, Interp::Linear), (8.0, to, Interp::Linear)]);
    };
    line("position", vec3(40.0, -9.0, 0.0));
    line("rotation", vec3(0.0, 0.0, 100.0));
    line("scale", vec3(2.0, 1.5, 1.0));
    scene.set(layer, &[("motion_blur", Value::Bool(true))]);
    layer
}

/// The layer where it is at a time, set by hand.
fn at(
    source: &std::sync::Arc<playa_host::image::Frame>,
    keyed: (&Scene<'_>, Uuid),
    time: f64,
    region: Region,
) -> Image {
    let scene = Scene::new(41, 29);
    let layer = scene.layer(source);
    for name in ["position", "rotation", "scale"] {
        let value = keyed.0.project.value_at(Node::Layer(keyed.1), name, time).expect("an attribute");
        scene.set(layer, &[(name, value)]);
    }
    scene.render_region(region)
}

/// A bar of one pixel that moves 4 pixels in the time is the mean of its places.
#[test]
fn a_bar_of_a_pixel_is_spread_over_its_way() {
    let scene = Scene::new(16, 3);
    let layer = scene.layer(&picture(1, 3, flat([2.0, 1.0, 0.5, 1.0])));
    // From column 8 on, where a picture of odd width is not between two columns.
    let keys = [(0.0, vec3(0.5, 0.0, 0.0), Interp::Linear), (4.0, vec3(16.5, 0.0, 0.0), Interp::Hold)];
    key_layer(&scene, layer, "position", &keys);
    scene.set(layer, &[("motion_blur", Value::Bool(true))]);
    // 4 samples 1 pixel apart at times 1/8, 3/8, 5/8, 7/8 of a frame: 8.5, 9.5, 10.5, 11.5, each half of two columns.
    set_shutter(&scene, 360.0, 0.0, 4);
    let share = |x: i32| match x {
        8 | 12 => 0.125,
        9..=11 => 0.25,
        _ => 0.0,
    };
    assert_image(&scene.render(), 0.0, |x, _| [2.0, 1.0, 0.5, 1.0].map(|value| value * share(x)));
    // With a phase that puts the same four samples on whole columns: times 0, 1/4, 1/2, 3/4.
    set_shutter(&scene, 360.0, -45.0, 4);
    let share = |x: i32| if (8..12).contains(&x) { 0.25 } else { 0.0 };
    assert_image(&scene.render(), 0.0, |x, _| [2.0, 1.0, 0.5, 1.0].map(|value| value * share(x)));
}

#[test]
fn a_moving_layer_is_the_mean_of_its_places_set_by_hand() {
    let source = picture(19, 13, noise(50));
    let scene = Scene::new(41, 29);
    let layer = moving(&scene, &source);
    for (frame, angle, phase, samples) in
        [(2, 180.0, -90.0, 5), (4, 720.0, -360.0, 16), (1, 90.0, 45.0, 2), (3, 180.0, 0.0, 1)]
    {
        set_shutter(&scene, angle, phase, samples);
        let times = scene.project.snapshot().comps[&scene.comp].shutter_times(frame);
        let places: Vec<Image> =
            times.iter().map(|time| at(&source, (&scene, layer), *time, Region::Display)).collect();
        // Sums of up to 16 values below 4, each rounded.
        assert_image(&scene.render_at(frame), 5e-6, |x, y| {
            let mut sum = [0.0_f64; 4];
            for place in &places {
                sum.iter_mut().zip(place.pixel(x, y)).for_each(|(sum, value)| *sum += f64::from(value));
            }
            sum.map(|sum| (sum / samples as f64) as f32)
        });
    }
}

#[test]
fn what_does_not_move_is_not_changed_by_a_bit() {
    for attrs in [vec![], vec![("rotation", vec3(0.0, 0.0, 20.0)), ("scale", vec3(0.7, 1.3, 1.0))]] {
        let [sharp, blurred] = [false, true].map(|blur| {
            let scene = Scene::new(41, 29);
            let layer = scene.layer(&picture(19, 13, noise(51)));
            scene.set(layer, &attrs);
            scene.set(layer, &[("motion_blur", Value::Bool(blur))]);
            let hold = [(0.0, Value::Float(0.5), Interp::Linear), (9.0, Value::Float(1.0), Interp::Hold)];
            key_layer(&scene, layer, "opacity", &hold);
            scene.render_at(3)
        });
        assert_same_bits(&blurred, &sharp);
    }
}

/// A shutter that is open for no time, and a single sample, see the layer sharp where it is at that time.
#[test]
fn one_moment_is_sharp_wherever_the_shutter_puts_it() {
    let source = picture(19, 13, noise(52));
    let scene = Scene::new(41, 29);
    let layer = moving(&scene, &source);
    for (angle, phase, samples, time) in
        [(0.0, 0.0, 16, 3.0), (0.0, 90.0, 16, 3.25), (180.0, -90.0, 1, 3.0), (180.0, 0.0, 1, 3.25)]
    {
        set_shutter(&scene, angle, phase, samples);
        assert_same_bits(&scene.render_at(3), &at(&source, (&scene, layer), time, Region::Display));
    }
}

/// A layer that jumps while the shutter is open is there for its share of the time, and behind it what lies below.
#[test]
fn what_jumps_out_of_sight_is_seen_for_its_share_of_the_time() {
    let scene = Scene::new(5, 3);
    scene.layer(&picture(5, 3, flat([0.0, 1.0, 0.0, 1.0])));
    let layer = scene.layer(&picture(5, 3, flat([1.0, 0.0, 0.0, 1.0])));
    let keys = [(0.0, vec3(0.0, 0.0, 0.0), Interp::Hold), (1.25, vec3(1000.0, 0.0, 0.0), Interp::Hold)];
    key_layer(&scene, layer, "position", &keys);
    scene.set(layer, &[("motion_blur", Value::Bool(true))]);
    set_shutter(&scene, 360.0, 0.0, 8);
    let expected: Pixel = [0.25, 0.75, 0.0, 1.0];
    assert_image(&scene.render_at(1), 0.0, flat(expected));
    let flat_at_zero = [(0.0, vec3(1.0, 1.0, 1.0), Interp::Hold), (1.25, vec3(0.0, 1.0, 1.0), Interp::Hold)];
    scene.project.remove_key(Node::Layer(layer), "position", 1.25).expect("it is there");
    key_layer(&scene, layer, "scale", &flat_at_zero);
    assert_image(&scene.render_at(1), 0.0, flat(expected));
}
