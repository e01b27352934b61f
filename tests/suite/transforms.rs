//! Where a layer's pixels land: exact copies, exact turns, and bilinear samples against an independent peer.

use playa_host::image::{Frame, Image, Rect};
use playa_host::project::Value;
use playa_host::render::Region;

use crate::support::{Pixel, Scene, assert_image, assert_same_bits, image, noise, overscan, picture, vec3};

/// Position, rotation about Z, scale and pivot in the plane.
#[derive(Clone, Copy)]
struct Place {
    position: [f64; 2],
    rotation: f64,
    scale: [f64; 2],
    pivot: [f64; 2],
}

const CENTRED: Place = Place { position: [0.0; 2], rotation: 0.0, scale: [1.0; 2], pivot: [0.0; 2] };

impl Place {
    fn attrs(&self) -> [(&'static str, Value); 4] {
        [
            ("position", vec3(self.position[0], self.position[1], 0.0)),
            ("rotation", vec3(0.0, 0.0, self.rotation)),
            ("scale", vec3(self.scale[0], self.scale[1], 1.0)),
            ("pivot", vec3(self.pivot[0], self.pivot[1], 0.0)),
        ]
    }

    /// The value at the centre of a comp pixel by the definition, backwards and in f64:
    /// `p = pivot + S^-1 R^-1 (comp - position)` with +Y up and the origin at the centres, then the neighbours.
    fn sample(&self, frame: &Frame, comp: (f64, f64), x: i32, y: i32) -> Pixel {
        let (cx, cy) = (f64::from(x) + 0.5 - comp.0 / 2.0, comp.1 / 2.0 - (f64::from(y) + 0.5));
        let (dx, dy) = (cx - self.position[0], cy - self.position[1]);
        // Clockwise by r with +Y up is (x cos r + y sin r, -x sin r + y cos r); this is its inverse.
        let (sin, cos) = self.rotation.to_radians().sin_cos();
        let (ux, uy) = (dx * cos - dy * sin, dx * sin + dy * cos);
        let (px, py) = (ux / self.scale[0] + self.pivot[0], uy / self.scale[1] + self.pivot[1]);
        let display = frame.display_window;
        let u = px + f64::from(display.x0 + display.x1) / 2.0 - 0.5;
        let v = f64::from(display.y0 + display.y1) / 2.0 - py - 0.5;
        // A triangle along each axis, as wide as a pixel of the comp where that is more than one of the layer.
        let triangle = |at: f64, scale: f64| {
            let wide = (1.0 / scale.abs()).max(1.0);
            let pixels = (at - wide).floor() as i32..=(at + wide).ceil() as i32;
            let weights = pixels.map(move |k| (k, (1.0 - (f64::from(k) - at).abs() / wide).max(0.0)));
            let sum: f64 = weights.clone().map(|(_, weight)| weight).sum();
            weights.map(move |(k, weight)| (k, weight / sum))
        };
        let mut sum = [0.0_f64; 4];
        for (row, down) in triangle(v, self.scale[1]) {
            for (column, across) in triangle(u, self.scale[0]) {
                for (sum, value) in sum.iter_mut().zip(frame.image.pixel(column, row)) {
                    *sum += down * across * f64::from(value);
                }
            }
        }
        sum.map(|value| value as f32)
    }
}

fn placed(frame: &std::sync::Arc<Frame>, width: i64, height: i64, place: Place) -> Scene<'static> {
    let scene = Scene::new(width, height);
    let layer = scene.layer(frame);
    scene.set(layer, &place.attrs());
    scene
}

#[test]
fn a_move_by_whole_pixels_copies_the_bits() {
    let source = picture(8, 6, noise(20));
    for (dx, dy) in [(0, 0), (3, 0), (0, 2), (-5, -4), (7, 1), (100, 0)] {
        let place = Place { position: [f64::from(dx), f64::from(dy)], ..CENTRED };
        let scene = placed(&source, 8, 6, place);
        // +Y is up.
        assert_image(&scene.render(), 0.0, |x, y| source.image.pixel(x - dx, y + dy));
        assert_eq!(scene.render_region(Region::Data).window(), Rect::of_size(8, 6).translate(dx, -dy));
    }
}

#[test]
fn a_layer_is_centred_by_its_frame_and_not_by_its_pixels() {
    let source = overscan(Rect::new(-3, 1, 5, 9), Rect::of_size(4, 4), noise(21));
    let scene = placed(&source, 10, 8, CENTRED);
    assert_image(&scene.render(), 0.0, |x, y| source.image.pixel(x - 3, y - 2));
}

#[test]
fn half_a_pixel_is_the_mean_of_the_neighbours() {
    let source = picture(7, 5, noise(22));
    let scene = placed(&source, 7, 5, Place { position: [0.5, 0.0], ..CENTRED });
    assert_image(&scene.render(), 0.0, |x, y| {
        let (left, right) = (source.image.pixel(x - 1, y), source.image.pixel(x, y));
        std::array::from_fn(|i| left[i] * 0.5 + right[i] * 0.5 + 0.0)
    });
    // An odd picture in an even comp lies between its pixels.
    let between = placed(&source, 8, 5, CENTRED);
    assert_image(&between.render(), 0.0, |x, y| {
        let (left, right) = (source.image.pixel(x - 1, y), source.image.pixel(x, y));
        std::array::from_fn(|i| left[i] * 0.5 + right[i] * 0.5 + 0.0)
    });
    let up = placed(&source, 7, 5, Place { position: [0.0, 0.5], ..CENTRED });
    assert_image(&up.render(), 0.0, |x, y| {
        let (above, below) = (source.image.pixel(x, y), source.image.pixel(x, y + 1));
        std::array::from_fn(|i| above[i] * 0.5 + below[i] * 0.5 + 0.0)
    });
}

#[test]
fn quarter_turns_permute_the_pixels_exactly() {
    // Infinity and NaN too: a neighbour without weight has no part in a pixel.
    let source = picture(6, 6, |x, y| match (x, y) {
        (1, 2) => [f32::INFINITY, f32::NEG_INFINITY, 1.0, 1.0],
        (4, 4) => [f32::NAN, 0.5, 0.5, 1.0],
        _ => noise(23)(x, y),
    });
    type Source = fn(i32, i32) -> (i32, i32);
    let turns: [(f64, Source); 4] = [
        (90.0, |x, y| (y, 5 - x)),
        (180.0, |x, y| (5 - x, 5 - y)),
        (270.0, |x, y| (5 - y, x)),
        (-90.0, |x, y| (5 - y, x)),
    ];
    for (rotation, from) in turns {
        let scene = placed(&source, 6, 6, Place { rotation, ..CENTRED });
        assert_image(&scene.render(), 0.0, |x, y| {
            let (x, y) = from(x, y);
            source.image.pixel(x, y)
        });
    }
    for (scale, from) in
        [([-1.0, 1.0], (|x, y| (5 - x, y)) as fn(i32, i32) -> (i32, i32)), ([1.0, -1.0], |x, y| (x, 5 - y))]
    {
        let scene = placed(&source, 6, 6, Place { scale, ..CENTRED });
        assert_image(&scene.render(), 0.0, |x, y| {
            let (x, y) = from(x, y);
            source.image.pixel(x, y)
        });
    }
}

/// Where nothing shrinks: there a filter widens, which the tests of the samplers are about.
#[test]
fn any_place_is_the_bilinear_sample_of_the_definition() {
    let display = Rect::of_size(21, 15);
    let sources = [picture(21, 15, noise(24)), overscan(Rect::new(-6, 3, 30, 12), display, noise(25))];
    let places = [
        Place { scale: [2.0, 2.0], ..CENTRED },
        Place { rotation: 30.0, scale: [1.1, 1.1], ..CENTRED },
        Place { position: [3.25, -4.5], rotation: -77.0, scale: [1.5, 1.2], pivot: [5.0, -2.0] },
        Place { position: [-8.0, 6.0], rotation: 200.0, scale: [-1.25, 3.0], pivot: [-10.5, 7.5] },
        Place { scale: [1.25, 4.0], pivot: [1.0, 1.0], ..CENTRED },
    ];
    for source in &sources {
        for place in places {
            let scene = placed(source, 33, 27, place);
            let whole = scene.render_region(Region::Data);
            // Values up to 3.5; f32 weights have an error of 6e-8 and there are four of them; u and v are computed in
            // f64 by another route.
            let expected = |x, y| place.sample(source, (33.0, 27.0), x, y);
            assert_image(&whole, 1e-5, expected);
            assert_image(&scene.render(), 1e-5, expected);
            // Nothing is cut off: beyond the data window the definition gives nothing.
            let around = whole.window().grow(2, 2);
            assert_image(&scene.render_region(Region::Window(around)), 1e-5, expected);
        }
    }
}

#[test]
fn the_pivot_stays_where_the_position_is() {
    // One bright pixel at (2, 3), its centre 3.5 left and 1.5 up of the centre of a 12 x 10 picture.
    let source = picture(12, 10, |x, y| if (x, y) == (2, 3) { [1.0; 4] } else { [0.0; 4] });
    for rotation in [0.0, 90.0, 180.0, 270.0] {
        let place = Place { pivot: [-3.5, 1.5], position: [0.5, 0.5], rotation, ..CENTRED };
        let found = placed(&source, 12, 10, place).render();
        assert_image(&found, 0.0, |x, y| if (x, y) == (6, 4) { [1.0; 4] } else { [0.0; 4] });
    }
}

#[test]
fn regions_agree_where_they_overlap_and_pieces_make_the_whole() {
    let source = overscan(Rect::new(-5, -5, 40, 30), Rect::of_size(32, 24), noise(26));
    let scene = Scene::new(32, 24);
    let lower = scene.layer(&source);
    scene.effect(lower, "GaussianBlur", &[("radius", Value::Float(3.0))]);
    scene.set(lower, &Place { rotation: 33.0, scale: [1.25, 0.75], position: [2.5, 1.0], ..CENTRED }.attrs());
    let upper = scene.layer(&source);
    scene.effect(upper, "Gain", &[("gain", Value::Float(2.0))]);
    scene.effect(
        upper,
        "GaussianBlur",
        &[("radius", Value::Float(2.0)), ("edges", Value::Choice("transparent".into()))],
    );
    scene.set(upper, &[("opacity", Value::Float(0.5)), ("position", vec3(7.0, -3.0, 0.0))]);

    let data = scene.render_region(Region::Data);
    let display = scene.render();
    assert_eq!(display.window(), Rect::of_size(32, 24));
    assert!(data.window().contains_rect(&display.window()), "{}", data.window());
    assert_same_bits(&display, &image(display.window(), |x, y| data.pixel(x, y)));
    let around = data.window().grow(3, 3);
    assert_same_bits(&scene.render_region(Region::Window(around)), &image(around, |x, y| data.pixel(x, y)));
    for tile in tiles(data.window(), 13, 7) {
        assert_same_bits(&scene.render_region(Region::Window(tile)), &image(tile, |x, y| data.pixel(x, y)));
    }
}

/// The window in pieces of this size, smaller ones at its right and bottom.
fn tiles(window: Rect, width: i32, height: i32) -> impl Iterator<Item = Rect> {
    let steps = |from: i32, to: i32, by: i32| (from..to).step_by(by as usize);
    steps(window.y0, window.y1, height).flat_map(move |y| {
        steps(window.x0, window.x1, width).map(move |x| Rect::new(x, y, x + width, y + height).intersect(&window))
    })
}

#[test]
fn a_layer_that_is_flat_or_seen_edge_on_is_not_there() {
    let source = picture(6, 6, noise(27));
    let nothing: Image = image(Rect::of_size(6, 6), |_, _| [0.0; 4]);
    for (name, value) in
        [("scale", vec3(0.0, 1.0, 1.0)), ("scale", vec3(0.0, 0.0, 0.0)), ("rotation", vec3(0.0, 90.0, 0.0))]
    {
        let scene = Scene::new(6, 6);
        let layer = scene.layer(&source);
        scene.set(layer, &[(name, value)]);
        assert_same_bits(&scene.render(), &nothing);
    }
}
