//! How layers combine: closed formulas on premultiplied values, the order of layers, and which ones are seen.

use playa_host::image::Rect;
use playa_host::project::{BlendMode, Value};
use playa_host::render::Region;
use playa_host::render::blend::blend_row;

use crate::support::{Pixel, Scene, assert_image, assert_same_bits, flat, image, noise, overscan, picture, vec3};

/// The general rule of W3C Compositing with B = Cs and B = Cb + Cs, in f64 on straight colours, as the law states it.
fn law(add: bool, s: Pixel, opacity: f64, d: Pixel) -> [f64; 4] {
    let (alpha_s, alpha_b) = (f64::from(s[3]) * opacity, f64::from(d[3]));
    let straight = |p: Pixel, i: usize| if p[3] == 0.0 { 0.0 } else { f64::from(p[i]) / f64::from(p[3]) };
    std::array::from_fn(|i| {
        if i == 3 {
            return alpha_s + alpha_b - alpha_s * alpha_b;
        }
        let (cs, cb) = (straight(s, i), straight(d, i));
        let blended = if add { cb + cs } else { cs };
        alpha_s * (1.0 - alpha_b) * cs + alpha_s * alpha_b * blended + (1.0 - alpha_s) * alpha_b * cb
    })
}

#[test]
fn normal_and_add_follow_the_law_over_every_kind_of_pixel() {
    let (below, above) = (picture(23, 11, noise(10)), picture(23, 11, noise(11)));
    for mode in ["normal", "add"] {
        for opacity in [1.0, 0.75, 0.3, 0.0] {
            let scene = Scene::new(23, 11);
            scene.layer(&below);
            let layer = scene.layer(&above);
            scene.set(layer, &[("blend_mode", Value::Choice(mode.into())), ("opacity", Value::Float(opacity))]);
            // Values up to 7, two products and two sums of f32 against f64: 4 roundings of 2^-22.
            assert_image(&scene.render(), 2e-6, |x, y| {
                law(mode == "add", above.image.pixel(x, y), opacity, below.image.pixel(x, y)).map(|v| v as f32)
            });
        }
    }
}

#[test]
fn a_layer_is_blended_in_the_mode_that_it_names() {
    let (below, above) = (picture(23, 11, noise(17)), picture(23, 11, noise(18)));
    let mut seen = Vec::new();
    for mode in BlendMode::ALL {
        let scene = Scene::new(23, 11);
        scene.layer(&below);
        let layer = scene.layer(&above);
        scene.set(layer, &[("blend_mode", Value::Choice(mode.key().into())), ("opacity", Value::Float(0.75))]);
        let found = scene.render();
        // The formulas have tests beside them.
        assert_image(&found, 0.0, |x, y| {
            let mut pixel = [below.image.pixel(x, y)];
            blend_row(mode, &mut pixel, &[above.image.pixel(x, y)], 0.75);
            pixel[0]
        });
        seen.push((0..23 * 11).map(|i| found.pixel(i % 23, i / 23).map(f32::to_bits)).collect::<Vec<_>>());
    }
    let modes = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), modes, "no two modes do the same");
}

#[test]
fn modes_that_keep_nothing_where_the_layer_is_clear_work_on_the_whole_comp() {
    let below = picture(20, 11, flat([0.25, 0.5, 4.0, 1.0]));
    for mode in BlendMode::ALL {
        // Inside, at either side, outside of the comp, and not seen at all.
        for (x, opacity) in [(0.0, 1.0), (-8.0, 1.0), (8.0, 1.0), (100.0, 1.0), (0.0, 0.0)] {
            let scene = Scene::new(20, 11);
            scene.layer(&below);
            let layer = scene.layer(&picture(6, 5, flat([0.5, 0.5, 0.5, 0.5])));
            let mode_key = Value::Choice(mode.key().into());
            let opacity = Value::Float(opacity);
            scene
                .set(layer, &[("blend_mode", mode_key), ("opacity", opacity.clone()), ("position", vec3(x, 0.0, 0.0))]);
            let found = scene.render();
            let outside = if mode.keeps_backdrop_where_clear() { below.image.pixel(0, 0) } else { [0.0; 4] };
            let layer_x = 7 + x as i32;
            for (x, y) in (0..20).flat_map(|x| (0..11).map(move |y| (x, y))) {
                let inside = (layer_x..layer_x + 6).contains(&x) && (3..8).contains(&y) && opacity != Value::Float(0.0);
                assert!(inside || found.pixel(x, y) == outside, "{mode:?} at {x}, {y}: {:?}", found.pixel(x, y));
            }
        }
    }
}

#[test]
fn values_that_a_formula_must_not_touch_stay_exact() {
    let (opaque, clear) = ([4.0, -0.25, 65504.0, 1.0], [0.0; 4]);
    let light: Pixel = [100.0, 1e6, 0.125, 0.0]; // Premultiplied light without cover, as from a flare.
    for (mode, below, above, expected) in [
        ("normal", opaque, clear, opaque),
        ("normal", clear, opaque, opaque),
        ("normal", [9.0; 4], opaque, opaque),
        ("normal", opaque, light, [104.0, 999_999.75, 65504.125, 1.0]),
        ("normal", [f32::INFINITY, 1.0, 1.0, 1.0], clear, [f32::INFINITY, 1.0, 1.0, 1.0]),
        ("add", opaque, clear, opaque),
        ("add", clear, opaque, opaque),
        ("add", opaque, opaque, [8.0, -0.5, 131_008.0, 1.0]),
    ] {
        let scene = Scene::new(3, 3);
        scene.layer(&picture(3, 3, flat(below)));
        let layer = scene.layer(&picture(3, 3, flat(above)));
        scene.set(layer, &[("blend_mode", Value::Choice(mode.into()))]);
        assert_image(&scene.render(), 0.0, flat(expected));
    }
}

#[test]
fn the_first_layer_is_on_top() {
    let scene = Scene::new(2, 2);
    let [red, green] = [[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0]];
    scene.layer(&picture(2, 2, flat(red)));
    let top = scene.layer(&picture(2, 2, flat(green)));
    assert_eq!(scene.project.snapshot().comps[&scene.comp].layers[0].uuid(), top);
    assert_image(&scene.render(), 0.0, flat(green));
    scene.project.move_layer(top, 1).expect("valid");
    assert_image(&scene.render(), 0.0, flat(red));
}

#[test]
fn solo_mute_and_visible_choose_the_layers() {
    // Layer i adds 2^i of red, so that the sum tells which were seen.
    let layers = 3;
    for pattern in 0..4_u32.pow(layers) {
        let scene = Scene::new(1, 1);
        let states: Vec<u32> = (0..layers).map(|i| pattern / 4_u32.pow(i) % 4).collect();
        for (i, state) in states.iter().enumerate() {
            let layer = scene.layer(&picture(1, 1, flat([(1 << i) as f32, 0.0, 0.0, 1.0])));
            scene.set(layer, &[("blend_mode", Value::Choice("add".into()))]);
            match state {
                1 => scene.set(layer, &[("solo", Value::Bool(true))]),
                2 => scene.set(layer, &[("mute", Value::Bool(true))]),
                3 => scene.set(layer, &[("visible", Value::Bool(false)), ("solo", Value::Bool(true))]),
                _ => {}
            }
        }
        let solo = states.iter().any(|state| [1, 3].contains(state));
        let seen = |state: u32| state == 1 || state == 0 && !solo;
        let sum: u32 = states.iter().enumerate().filter(|(_, state)| seen(**state)).map(|(i, _)| 1 << i).sum();
        let found = scene.render();
        assert_eq!(found.pixel(0, 0)[0], sum as f32, "states {states:?}");
    }
}

#[test]
fn a_comp_without_anything_to_see_is_transparent_and_has_its_size() {
    let scene = Scene::new(7, 5);
    assert_same_bits(&scene.render(), &image(Rect::of_size(7, 5), flat([0.0; 4])));
    assert!(scene.render_region(Region::Data).window().is_empty());
    let layer = scene.layer(&picture(7, 5, noise(12)));
    scene.set(layer, &[("opacity", Value::Float(0.0))]);
    assert_same_bits(&scene.render(), &image(Rect::of_size(7, 5), flat([0.0; 4])));
    // Beyond the last frame of the comp.
    scene.set(layer, &[("opacity", Value::Float(1.0))]);
    assert_same_bits(&scene.render_at(1_000_000), &image(Rect::of_size(7, 5), flat([0.0; 4])));
    assert_same_bits(&scene.render_at(i64::MIN), &image(Rect::of_size(7, 5), flat([0.0; 4])));
}

#[test]
fn layers_meet_wherever_their_windows_lie() {
    let display = Rect::of_size(9, 9);
    let windows = [Rect::new(-3, -3, 4, 4), Rect::new(2, 2, 12, 12), Rect::new(6, -5, 8, 20)];
    let scene = Scene::new(9, 9);
    let pictures: Vec<_> =
        windows.iter().zip(13..).map(|(window, seed)| overscan(*window, display, noise(seed))).collect();
    for picture in &pictures {
        scene.layer(picture);
    }
    let over = |x, y| {
        pictures.iter().fold([0.0; 4], |d: Pixel, picture| {
            let s = picture.image.pixel(x, y);
            std::array::from_fn(|i| s[i] + (1.0 - s[3]) * d[i])
        })
    };
    let whole = scene.render_region(Region::Data);
    assert_eq!(whole.window(), Rect::new(-3, -5, 12, 20), "the union of the windows");
    // The same three operations in f32: nothing to tolerate.
    assert_image(&whole, 0.0, over);
    assert_image(&scene.render(), 0.0, over);
    assert_image(&scene.render_region(Region::Window(Rect::new(-4, -6, 5, 8))), 0.0, over);
}

#[test]
fn opacity_and_place_do_not_depend_on_each_other() {
    let source = picture(6, 6, noise(16));
    let scene = Scene::new(10, 10);
    let layer = scene.layer(&source);
    scene.set(layer, &[("opacity", Value::Float(0.5)), ("position", vec3(1.0, 2.0, 0.0))]);
    // A 6 x 6 picture centred in 10 x 10 lies at (2, 2); one right and two up of that is (3, 0).
    assert_image(&scene.render(), 0.0, |x, y| source.image.pixel(x - 3, y).map(|value| value * 0.5 + 0.0));
}
