//! Comps seen through cameras.

use std::sync::Arc;

use playa_host::image::{Frame, Rect};
use playa_host::project::{LayerSource, Value};
use playa_host::render::Region;

use crate::support::{Pixel, Scene, assert_image, assert_same_bits, flat, noise, overscan, picture, vec3};

/// Angles in degrees about X, then Y, then Z, clockwise positive seen against the axis; scale; position.
#[derive(Clone, Copy, Debug)]
struct Place {
    position: [f64; 3],
    rotation: [f64; 3],
    scale: [f64; 2],
}

type Vector = [f64; 3];

/// A vector turned by the angles of a place. Clockwise with +Y up is by the negative angle.
fn turned(v: Vector, [rx, ry, rz]: [f64; 3]) -> Vector {
    let [x, y, z] = v;
    let (s, c) = (-rx.to_radians()).sin_cos();
    let [x, y, z] = [x, c * y - s * z, s * y + c * z];
    let (s, c) = (-ry.to_radians()).sin_cos();
    let [x, y, z] = [c * x + s * z, y, c * z - s * x];
    let (s, c) = (-rz.to_radians()).sin_cos();
    [c * x - s * y, s * x + c * y, z]
}

fn dot(a: Vector, b: Vector) -> f64 {
    (0..3).map(|i| a[i] * b[i]).sum()
}

/// What an eye at `eye`, turned by `look`, sees in a pixel of a comp: the ray through its centre, where it meets the plane
/// of the layer, and the bilinear sample there. By geometry, without matrices.
fn traced(
    frame: &Frame,
    size: (f64, f64),
    fov: f64,
    (eye, look): (Vector, Vector),
    place: Place,
    x: i32,
    y: i32,
) -> Pixel {
    let distance = size.1 / 2.0 / (fov.to_radians() / 2.0).tan();
    let ray = [f64::from(x) + 0.5 - size.0 / 2.0, size.1 / 2.0 - f64::from(y) - 0.5, -distance];
    let ray = turned(ray, look);
    let [right, up, normal] =
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]].map(|axis| turned(axis, place.rotation));
    let to_plane: Vector = std::array::from_fn(|i| place.position[i] - eye[i]);
    let t = dot(to_plane, normal) / dot(ray, normal);
    if t <= 0.0 {
        return [0.0; 4];
    }
    let hit: Vector = std::array::from_fn(|i| t * ray[i] - to_plane[i]);
    let display = frame.display_window;
    let u = dot(hit, right) / place.scale[0] + f64::from(display.x0 + display.x1) / 2.0 - 0.5;
    let v = f64::from(display.y0 + display.y1) / 2.0 - dot(hit, up) / place.scale[1] - 0.5;
    let (left, top) = (u.floor(), v.floor());
    let mut sum = [0.0; 4];
    for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let near = |at: f64, low: f64, beyond: i32| if beyond == 1 { at - low } else { 1.0 - (at - low) };
        let weight = near(u, left, dx) * near(v, top, dy);
        let pixel = frame.image.pixel(left as i32 + dx, top as i32 + dy);
        (0..4).for_each(|i| sum[i] += weight * f64::from(pixel[i]));
    }
    sum.map(|value| value as f32)
}

fn with_camera(scene: &Scene<'_>, attrs: &[(&str, Value)]) -> uuid::Uuid {
    let camera = scene.project.add_camera("Eye", attrs).expect("valid");
    scene.layer_of(LayerSource::Camera(camera))
}

/// Layers that are enlarged everywhere: where they shrink the filter widens, which the tests of the samplers are about.
#[test]
fn a_layer_in_space_is_what_rays_through_the_pixels_meet() {
    let sources = [picture(21, 15, noise(90)), overscan(Rect::new(-4, 2, 26, 13), Rect::of_size(21, 15), noise(91))];
    let places = [
        Place { position: [0.0; 3], rotation: [0.0, 20.0, 0.0], scale: [4.0, 3.5] },
        Place { position: [4.0, -3.0, 10.0], rotation: [-18.0, 0.0, 0.0], scale: [3.5, 4.0] },
        Place { position: [-3.5, 2.25, 5.0], rotation: [12.0, -14.0, 40.0], scale: [3.5, 4.0] },
    ];
    for fov in [39.6, 60.0] {
        for look in [[0.0; 3], [4.0, -6.0, 10.0]] {
            for (source, place) in
                sources.iter().zip(places).chain(sources.iter().rev().zip(places)).chain([(&sources[0], places[2])])
            {
                let scene = Scene::new(47, 33);
                let layer = scene.layer(source);
                let [x, y, z] = place.position;
                let [rx, ry, rz] = place.rotation;
                scene.set(layer, &[("position", vec3(x, y, z)), ("rotation", vec3(rx, ry, rz))]);
                scene.set(layer, &[("scale", vec3(place.scale[0], place.scale[1], 1.0))]);
                let eye = [1.5, -2.0, 16.5 / (fov / 2.0_f64).to_radians().tan()];
                let shown = with_camera(&scene, &[("fov", Value::Float(fov))]);
                scene.set(
                    shown,
                    &[("position", vec3(eye[0], eye[1], eye[2])), ("rotation", vec3(look[0], look[1], look[2]))],
                );
                // Values up to 3.5 with weights of f32; positions by another route, of f64.
                let expected = |x, y| traced(source, (47.0, 33.0), fov, (eye, look), place, x, y);
                assert_image(&scene.render(), 1e-5, expected);
                let whole = scene.render_region(Region::Data);
                assert_image(&whole, 1e-5, expected);
                // What reaches behind the eye has no end, and is seen in the frame alone.
                let frame = Rect::of_size(47, 33);
                if whole.window() != frame {
                    let around = Region::Window(whole.window().union(&frame).grow(2, 2));
                    assert_image(&scene.render_region(around), 1e-5, expected);
                }
            }
        }
    }
}

#[test]
fn a_new_camera_changes_no_bit() {
    let source: Arc<Frame> = overscan(Rect::new(-6, -4, 50, 30), Rect::of_size(40, 24), noise(92));
    for (width, height) in [(40, 24), (55, 31), (1920, 1080)] {
        let scene = Scene::new(width, height);
        let lower = scene.layer(&source);
        scene.set(lower, &[("position", vec3(3.0, -2.0, 0.0))]);
        let upper = scene.layer(&source);
        scene.effect(upper, "Gain", &[("gain", Value::Float(0.5))]);
        scene.set(upper, &[("opacity", Value::Float(0.5)), ("position", vec3(7.5, 0.5, 0.0))]);
        scene.set(upper, &[("visible", Value::Bool((width, height) == (40, 24)))]);
        let whole_pixels = width % 2 == 0 && height % 2 == 0;
        let plain = scene.render();
        with_camera(&scene, &[]);
        // What lies between pixels is resampled at positions that a camera computes by another way.
        if whole_pixels && (width, height) != (40, 24) {
            assert_same_bits(&scene.render(), &plain);
        } else {
            assert_image(&scene.render(), 1e-5, |x, y| plain.pixel(x, y));
        }
    }
}

#[test]
fn what_is_nearer_is_painted_later_and_hides_what_is_farther() {
    let [red, green, blue]: [Pixel; 3] = [[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]];
    let scene = Scene::new(8, 6);
    let layers = [red, green, blue].map(|colour| scene.layer(&picture(64, 64, flat(colour))));
    let colour = |zs: [f64; 3]| {
        for (layer, z) in layers.iter().zip(zs) {
            scene.set(*layer, &[("position", vec3(0.0, 0.0, z))]);
        }
        let found = scene.render();
        let first = found.pixel(0, 0);
        assert_image(&found, 1e-6, flat(first));
        first.map(f32::round)
    };
    assert_eq!(colour([2.0, 1.0, 0.0]), blue, "without a camera the order of the list counts");
    with_camera(&scene, &[]);
    assert_eq!(colour([2.0, 1.0, 0.0]), red);
    assert_eq!(colour([0.0, 2.0, 1.0]), green);
    assert_eq!(colour([1.0, 1.0, -3.0]), green, "of the same z the higher one");
    assert_eq!(colour([0.0, -0.0, 0.0]), blue);
}
