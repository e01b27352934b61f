//! The effect against sorting every square, at its edges, and with numbers that are none.

use playa_plugin_api::{ErrorCode, ImageView, Rect, simd, testing};

use super::*;

fn apply(radius: u32, picture: ImageView<'_>, window: Rect) -> Vec<Pixel> {
    testing::apply(&Median { radius }, &[picture], window).expect("the effect works")
}

/// The bits of every value: -0 differs from +0, and a NaN is itself.
fn bits(pixels: &[Pixel]) -> Vec<u32> {
    pixels.as_flattened().iter().map(|value| value.to_bits()).collect()
}

/// What the documentation says, written down.
fn reference(radius: u32, picture: ImageView<'_>) -> Vec<Pixel> {
    let (has, radius) = (picture.window(), radius as i32);
    let median = |x: i32, y: i32, channel: usize| {
        let mut square = Vec::new();
        for y in y - radius..=y + radius {
            for x in x - radius..=x + radius {
                let pixel = picture.pixel(x.clamp(has.x0, has.x1 - 1), y.clamp(has.y0, has.y1 - 1));
                square.push(if pixel[channel].is_nan() { f32::NAN } else { pixel[channel] });
            }
        }
        square.sort_by(f32::total_cmp);
        square[square.len() / 2]
    };
    let places = (has.y0..has.y1).flat_map(|y| (has.x0..has.x1).map(move |x| (x, y)));
    places.map(|(x, y)| std::array::from_fn(|channel| median(x, y, channel))).collect()
}

/// Values of every size and sign, many of them the same, and some that are no numbers.
fn noise(window: Rect) -> Vec<Pixel> {
    const SPECIAL: [f32; 8] = [0.0, -0.0, f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40, -1e38];
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let mut value = || match next() % 16 {
        special @ 0..8 => SPECIAL[special as usize],
        8..11 => (next() % 5) as f32,
        _ => (next() as f32 / (1 << 23) as f32 - 1.0) * 10.0,
    };
    (0..window.area()).map(|_| std::array::from_fn(|_| value())).collect()
}

#[test]
fn every_value_is_the_middle_one_of_its_square() {
    for [width, height] in [[23, 17], [150, 9], [1, 1], [1, 40], [70, 1]] {
        let window = Rect::new(-7, 3, width - 7, height + 3);
        let pixels = noise(window);
        let picture = ImageView::new(window, &pixels);
        for radius in [1, 2, 3, 4, 7, 20] {
            let expected = bits(&reference(radius, picture));
            simd::on_each_level(|level| {
                let found = bits(&apply(radius, picture, window));
                assert_eq!(found, expected, "radius {radius}, {width} x {height}, {}", level.name());
            });
        }
    }
}

#[test]
fn the_widest_square_is_the_middle_one_too() {
    let window = Rect::of_size(12, 9);
    let pixels = noise(window);
    let picture = ImageView::new(window, &pixels);
    assert_eq!(bits(&apply(MAX_RADIUS, picture, window)), bits(&reference(MAX_RADIUS, picture)));
}

#[test]
fn a_window_has_the_pixels_of_the_whole() {
    let whole = Rect::of_size(90, 61);
    let pixels = noise(whole);
    let picture = ImageView::new(whole, &pixels);
    for radius in [1, 2, 3, 11] {
        let expected = apply(radius, picture, whole);
        for window in [Rect::new(0, 0, 5, 61), Rect::new(3, 20, 90, 21), Rect::new(40, 33, 77, 60)] {
            let found = apply(radius, picture, window);
            let rows = (window.y0..window.y1).zip(found.chunks(window.width()));
            for (y, row) in rows {
                let expected = &expected[y as usize * 90 + window.x0 as usize..][..window.width()];
                assert_eq!(bits(row), bits(expected), "radius {radius}, row {y} of {window}");
            }
        }
    }
}

#[test]
fn a_picture_at_the_ends_of_the_coordinates_is_filtered_like_any_other() {
    let at_origin = Rect::of_size(5, 4);
    let pixels = noise(at_origin);
    for radius in [1, 3, 64] {
        let expected = apply(radius, ImageView::new(at_origin, &pixels), at_origin);
        for window in [
            Rect::new(i32::MIN, i32::MAX - 4, i32::MIN + 5, i32::MAX),
            Rect::new(i32::MAX - 5, i32::MIN, i32::MAX, i32::MIN + 4),
        ] {
            assert_eq!(bits(&apply(radius, ImageView::new(window, &pixels), window)), bits(&expected));
        }
    }
}

#[test]
fn specks_vanish_and_edges_stay() {
    let window = Rect::of_size(12, 9);
    let edge = |x: usize| if x < 6 { [0.25, 0.5, 1.0, 1.0] } else { [8.0, 0.0, 0.0, 0.5] };
    let clean: Vec<Pixel> = (0..12 * 9).map(|place| edge(place % 12)).collect();
    let mut specked = clean.clone();
    (specked[12 * 4 + 2], specked[12 * 2 + 9]) = ([f32::NAN; 4], [1e9; 4]);
    for radius in [1, 2, 3] {
        assert_eq!(apply(radius, ImageView::new(window, &specked), window), clean);
    }
}

#[test]
fn a_radius_beyond_its_range_is_an_error() {
    let window = Rect::of_size(2, 2);
    let picture = ImageView::new(window, &[[0.0; 4]; 4]);
    let error = testing::apply(&Median { radius: MAX_RADIUS + 1 }, &[picture], window).expect_err("refused");
    assert_eq!((error.code, error.param.as_str()), (ErrorCode::Param, "radius"));
}
