//! The blur against closed formulas, a blur in `f64` that is written another way, and OpenCV: what holds at both
//! qualities, and how exact `exact` is.

use playa_plugin_api::{ErrorCode, simd, testing};

use super::*;

mod fast;
mod opencv;

/// What images hold at most; tolerances are in proportion to it.
const PEAK: f64 = 16.0;

/// Two passes of sums in `f32`, small weights first.
const TOLERANCE: f64 = 2e-6 * PEAK;

/// Pixels from -4 to `PEAK`, different everywhere.
fn noise(window: Rect) -> Vec<Pixel> {
    let mut state = 0x9E37_79B9_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 * 20.0 - 4.0
    };
    (0..window.area()).map(|_| [(); 4].map(|()| next())).collect()
}

fn apply(effect: &GaussianBlur, source: Rect, pixels: &[Pixel], window: Rect) -> Vec<Pixel> {
    testing::apply(effect, &[ImageView::new(source, pixels)], window).expect("the blur works")
}

/// [`apply`] in the exact quality.
fn blurred(radius: f32, edges: Edges, source: Rect, pixels: &[Pixel], window: Rect) -> Vec<Pixel> {
    apply(&GaussianBlur { radius, edges, quality: Quality::Exact }, source, pixels, window)
}

/// The blur of one pixel as a single sum over both directions, in `f64`.
fn reference(radius: f32, edges: Edges, source: ImageView<'_>, (x, y): (i32, i32)) -> [f64; 4] {
    let reach = (2.0 * radius).ceil() as i32;
    let sigma = f64::from(radius) / 2.0;
    let w = source.window();
    let (mut sum, mut total) = ([0.0; 4], 0.0);
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let weight = (-f64::from(dx * dx + dy * dy) / (2.0 * sigma * sigma)).exp();
            let pixel = match edges {
                Edges::Clamp => source.pixel((x + dx).clamp(w.x0, w.x1 - 1), (y + dy).clamp(w.y0, w.y1 - 1)),
                Edges::Transparent => source.pixel(x + dx, y + dy),
            };
            total += weight;
            for channel in 0..4 {
                sum[channel] += weight * f64::from(pixel[channel]);
            }
        }
    }
    sum.map(|channel| channel / total)
}

fn assert_close(found: &[Pixel], expected: &[[f64; 4]], tolerance: f64, case: &str) {
    assert_eq!(found.len(), expected.len(), "{case}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        for (found, expected) in found.iter().zip(expected) {
            let difference = (f64::from(*found) - expected).abs();
            assert!(difference <= tolerance, "{case}: pixel {index} is {found}, expected {expected}");
        }
    }
}

fn places(window: Rect) -> impl Iterator<Item = (i32, i32)> {
    (window.y0..window.y1).flat_map(move |y| (window.x0..window.x1).map(move |x| (x, y)))
}

fn assert_like_reference(radius: f32, edges: Edges, source: Rect, window: Rect) {
    let pixels = noise(source);
    let view = ImageView::new(source, &pixels);
    let expected: Vec<_> = places(window).map(|place| reference(radius, edges, view, place)).collect();
    let case = format!("radius {radius} on {source}");
    assert_close(&blurred(radius, edges, source, &pixels, window), &expected, TOLERANCE, &case);
}

#[test]
fn noise_is_blurred_as_in_f64() {
    let source = Rect::new(-3, 5, 20, 18);
    for radius in [0.01, 0.3, 0.5, 1.0, 2.5, 5.0] {
        assert_like_reference(radius, Edges::Clamp, source, source);
    }
}

#[test]
fn radius_larger_than_image() {
    assert_like_reference(20.0, Edges::Clamp, Rect::new(0, 0, 7, 3), Rect::new(0, 0, 7, 3));
    assert_like_reference(100.0, Edges::Clamp, Rect::new(0, 0, 5, 3), Rect::new(0, 0, 5, 3));
    assert_like_reference(20.0, Edges::Transparent, Rect::new(0, 0, 7, 3), Rect::new(-9, -4, 9, 2));
}

#[test]
fn transparent_edges_grow_the_picture_by_the_reach() {
    let source = Rect::new(10, -6, 19, 5);
    for radius in [1.0, 2.2] {
        assert_like_reference(radius, Edges::Transparent, source, source.grow(8, 8));
    }
    let query = Query { window: source, canvas: source, frame: 0.0, scale: 1.0, domains: &[Some(source)] };
    let plan =
        GaussianBlur { radius: 2.2, edges: Edges::Transparent, quality: Quality::Exact }.plan(&query).expect("a plan");
    assert_eq!(plan.domain, source.grow(5, 5));
    let plan = GaussianBlur { radius: 20.0, edges: Edges::Transparent, quality: Quality::Fast }.plan(&query);
    assert_eq!(plan.expect("a plan").domain, source.grow(40, 40), "both qualities grow alike");
}

#[test]
fn an_impulse_becomes_the_kernel() {
    let source = Rect::of_size(31, 31);
    let mut pixels = vec![[0.0; 4]; 31 * 31];
    pixels[15 * 31 + 15] = [1.0, -1.0, PEAK as f32, 0.5];
    let (reach, sigma) = (10, 2.5_f64);
    let bell = |i: i32| if i.abs() <= reach { (-f64::from(i * i) / (2.0 * sigma * sigma)).exp() } else { 0.0 };
    let total: f64 = (-reach..=reach).map(bell).sum();
    let weight = |i: i32| bell(i) / total;
    let expected: Vec<_> =
        places(source).map(|(x, y)| [1.0, -1.0, PEAK, 0.5].map(|c| c * weight(x - 15) * weight(y - 15))).collect();
    let found = blurred(5.0, Edges::Clamp, source, &pixels, source);
    assert_close(&found, &expected, TOLERANCE, "impulse");
    for ((x, y), pixel) in places(source).zip(&found) {
        let mirrored = found[(30 - y as usize) * 31 + 30 - x as usize];
        assert_eq!(*pixel, mirrored, "the blur has no side that it prefers, at {x}, {y}");
        assert!((x - 15).abs() <= reach && (y - 15).abs() <= reach || *pixel == [0.0; 4], "beyond the reach: {x}, {y}");
    }
}

#[test]
fn a_constant_stays_constant() {
    let colour = [0.25, PEAK as f32, -1.0, 1.0];
    for (width, height, radius) in [(1, 1, 5.0), (9, 1, 30.0), (40, 30, 100.0)] {
        let source = Rect::of_size(width, height);
        let pixels = vec![colour; source.area() as usize];
        let expected = vec![colour.map(f64::from); pixels.len()];
        for quality in [Quality::Fast, Quality::Exact] {
            let found = apply(&GaussianBlur { radius, edges: Edges::Clamp, quality }, source, &pixels, source);
            assert_close(&found, &expected, TOLERANCE, &format!("radius {radius}"));
        }
    }
}

#[test]
fn radius_0_is_the_input_itself() {
    let source = Rect::new(-2, -2, 5, 4);
    let pixels = noise(source);
    for (edges, quality) in [(Edges::Clamp, Quality::Fast), (Edges::Transparent, Quality::Exact)] {
        assert_eq!(apply(&GaussianBlur { radius: 0.0, edges, quality }, source, &pixels, source), pixels);
    }
}

/// The qualities with radii that take every sequence of steps up to three.
const KINDS: [(Quality, Edges, f32); 8] = [
    (Quality::Exact, Edges::Clamp, 5.0),
    (Quality::Exact, Edges::Clamp, 40.0),
    (Quality::Exact, Edges::Transparent, 2.3),
    (Quality::Fast, Edges::Clamp, 2.5),
    (Quality::Fast, Edges::Clamp, 6.4),
    (Quality::Fast, Edges::Transparent, 14.0),
    (Quality::Fast, Edges::Clamp, 20.0),
    (Quality::Fast, Edges::Transparent, 55.0),
];

#[test]
fn any_tiles_give_the_bits_of_the_whole() {
    for (quality, edges, radius) in KINDS {
        for source in [Rect::new(-11, 3, 46, 40), Rect::new(1001, -2007, 1038, -1940)] {
            let pixels = noise(source);
            let effect = GaussianBlur { radius, edges, quality };
            let area = source.grow(6, 6);
            let whole = apply(&effect, source, &pixels, area);
            let whole = ImageView::new(area, &whole);
            for (width, height) in [(area.width(), 1), (1, area.height()), (13, 17), (8, 8), (31, 5)] {
                for y in (area.y0..area.y1).step_by(height) {
                    for x in (area.x0..area.x1).step_by(width) {
                        let tile = Rect::new(x, y, x + width as i32, y + height as i32).intersect(&area);
                        let found = apply(&effect, source, &pixels, tile);
                        let expected = (tile.y0..tile.y1).flat_map(|y| whole.span(y, tile.x0, tile.x1)).copied();
                        assert!(found.iter().copied().eq(expected), "radius {radius}, tile {tile}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    let source = Rect::new(-11, 3, 192, 80);
    let pixels = noise(source);
    for (quality, edges, radius) in KINDS {
        let effect = GaussianBlur { radius, edges, quality };
        let mut expected = None;
        simd::on_each_level(|level| {
            let found = apply(&effect, source, &pixels, source);
            assert!(*expected.get_or_insert_with(|| found.clone()) == found, "radius {radius} at {level:?}");
        });
    }
}

#[test]
fn a_bad_pixel_spreads_no_further_than_the_reach() {
    let source = Rect::of_size(130, 70);
    let (bad_x, bad_y) = (61, 33);
    for (quality, _, radius) in KINDS {
        let effect = GaussianBlur { radius, edges: Edges::Clamp, quality };
        let cascade = effect.cascade().expect("a radius in range");
        let reach = cascade::reach(&cascade.steps, cascade.bottom_reach);
        for bad in [f32::NAN, f32::INFINITY] {
            let mut pixels = noise(source);
            pixels[bad_y as usize * source.width() + bad_x as usize] = [bad; 4];
            for ((x, y), pixel) in places(source).zip(apply(&effect, source, &pixels, source)) {
                let near = (x - bad_x).abs() <= reach && (y - bad_y).abs() <= reach;
                assert!(near || pixel.iter().all(|c| c.is_finite()), "{bad} reached {x}, {y} with radius {radius}");
            }
        }
    }
}

#[test]
fn a_picture_agrees_with_opencv() {
    let source = Rect::of_size(6, 5);
    let value = |x: i32, y: i32, c: i32| ((7 * x + 13 * y + 5 * c + x * y) % 17) as f32 / 16.0;
    let pixels: Vec<_> = places(source).map(|(x, y)| [0, 1, 2, 3].map(|c| value(x, y, c))).collect();
    let expected = opencv::RADIUS_3.map(|pixel| pixel.map(f64::from));
    // The picture's peak is 1.
    assert_close(&blurred(3.0, Edges::Clamp, source, &pixels, source), &expected, 2e-6, "OpenCV");
}

#[test]
fn windows_at_the_ends_of_the_coordinates() {
    let at_origin = Rect::of_size(5, 4);
    let pixels = noise(at_origin);
    for source in [
        Rect::new(i32::MIN, i32::MAX - 4, i32::MIN + 5, i32::MAX),
        Rect::new(i32::MAX - 5, i32::MIN, i32::MAX, i32::MIN + 4),
    ] {
        for (quality, edges, radius) in KINDS {
            let effect = GaussianBlur { radius, edges, quality };
            let found = apply(&effect, source, &pixels, source);
            match quality {
                Quality::Exact => assert_eq!(found, apply(&effect, at_origin, &pixels, at_origin)),
                // The small picture's pixels lie elsewhere.
                Quality::Fast => assert!(found.as_flattened().iter().all(|value| value.is_finite())),
            }
        }
    }
}

#[test]
fn a_radius_outside_its_range_is_an_error() {
    let source = Rect::of_size(2, 2);
    for radius in [f32::NAN, -1.0, f32::INFINITY, 1e9] {
        let effect = GaussianBlur { radius, edges: Edges::Clamp, quality: Quality::Exact };
        let error = testing::apply(&effect, &[ImageView::new(source, &noise(source))], source).expect_err("refused");
        assert_eq!((error.code, error.param.as_str()), (ErrorCode::Param, "radius"));
    }
}

#[test]
fn the_descriptor_says_what_users_of_playa_know() {
    let spec = GaussianBlur::spec();
    assert_eq!((spec.id.as_str(), spec.type_name.as_str()), ("org.playa.gaussian_blur", "GaussianBlur"));
    assert_eq!(spec.label, "Gaussian Blur");
    let radius = spec.param("radius").expect("a radius");
    assert_eq!((radius.unit.as_str(), radius.soft_range), ("px", Some((0.0, 100.0))));
    assert_eq!(GaussianBlur::defaults().radius, 5.0);
    assert!(matches!(GaussianBlur::defaults().edges, Edges::Clamp));
    assert!(matches!(GaussianBlur::defaults().quality, Quality::Fast));
}
