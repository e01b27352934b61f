//! What is exact: copies, turns, and the same bits however the work is cut.

use super::*;
use crate::render::key::KeyBuilder;

/// All filters that pass through the pixels.
const PASS_THROUGH: [Filter; 4] = [Filter::Impulse, Filter::Bilinear, Filter::Cubic, Filter::Lanczos3];

/// Noise with infinities and NaN.
fn wild(x: i32, y: i32) -> Pixel {
    match (x, y) {
        (3, 4) => [f32::INFINITY, f32::NEG_INFINITY, 1.0, 1.0],
        (6, 5) => [f32::NAN, 0.5, 0.5, 1.0],
        _ => noise(x, y),
    }
}

#[test]
fn a_move_by_whole_pixels_copies_the_bits_with_every_filter() {
    let image = image(Rect::new(-2, 1, 9, 8), wild);
    for filter in Filter::ALL {
        let placed = Placed::new(image.window(), &turned(0.0, [1.0, 1.0], [13.0, -6.0]), filter, VIEW).expect("seen");
        assert_eq!((placed.shift(), placed.domain), (Some((13, -6)), image.window().translate(13, -6)));
        assert_eq!(bits(&sampled(&placed, &image, placed.domain, 4)), bits(&image));
        let at = Rect::new(12, -3, 16, -2);
        assert_eq!(placed.source_window(at), Rect::new(-1, 3, 3, 4));
    }
}

#[test]
fn quarter_turns_and_mirrors_permute_the_pixels_exactly() {
    let image = image(Rect::of_size(11, 7), wild);
    type From = fn(i32, i32) -> (i32, i32);
    let turns: [(Homography, From); 4] = [
        (turned(90.0, [1.0, 1.0], [7.0, 0.0]), |x, y| (y, 6 - x)),
        (turned(180.0, [1.0, 1.0], [11.0, 7.0]), |x, y| (10 - x, 6 - y)),
        (turned(270.0, [1.0, 1.0], [0.0, 11.0]), |x, y| (10 - y, x)),
        (turned(0.0, [-1.0, 1.0], [11.0, 0.0]), |x, y| (10 - x, y)),
    ];
    for (map, from) in turns {
        for filter in PASS_THROUGH {
            let placed = Placed::new(image.window(), &map, filter, VIEW).expect("it is seen");
            let found = sampled(&placed, &image, Rect::new(-3, -3, 14, 14), 5);
            let expected = super::image(found.window(), |x, y| {
                let (x, y) = from(x, y);
                image.pixel(x, y)
            });
            assert_eq!(bits(&found), bits(&expected), "{filter:?} {map:?}");
        }
    }
}

#[test]
fn half_a_pixel_is_the_mean_of_the_neighbours_and_pixels_without_weight_have_no_part() {
    let image = image(Rect::of_size(11, 7), wild);
    let placed =
        |filter| Placed::new(image.window(), &turned(0.0, [1.0, 1.0], [0.5, 2.0]), filter, VIEW).expect("seen");
    let found = sampled(&placed(Filter::Bilinear), &image, Rect::new(-1, 0, 13, 10), 99);
    let expected = super::image(found.window(), |x, y| {
        let (left, right) = (image.pixel(x - 1, y - 2), image.pixel(x, y - 2));
        std::array::from_fn(|i| left[i] * 0.5 + right[i] * 0.5 + 0.0)
    });
    assert_eq!(bits(&found), bits(&expected));
    let found = sampled(&placed(Filter::Cubic), &image, Rect::new(2, 2, 10, 9), 99);
    for (x, y) in (2..9).flat_map(|y| (2..10).map(move |x| (x, y))) {
        let [a, b, c, d] = [-2, -1, 0, 1].map(|k| image.pixel(x + k, y - 2)[1]);
        let expected = -0.0625 * a + 0.5625 * b + 0.5625 * c - 0.0625 * d;
        let value = found.pixel(x, y)[1];
        assert!(value == expected || (value - expected).abs() < 1e-6, "{x}, {y}: {value}, expected {expected}");
    }
}

#[test]
fn what_is_shrunk_knows_nothing_of_wild_pixels_without_weight() {
    let window = Rect::of_size(70, 31);
    let (tame, wild) = (image(window, noise), image(window, wild));
    // Upright, the layer's neighbours that lie two away from a point have a weight of exactly nothing.
    for (degrees, scale) in [(0.0, 0.5), (90.0, 0.5), (12.0, 0.8), (12.0, 0.2)] {
        let map = turned(degrees, [scale, scale], [20.25, 0.25]);
        let placed = Placed::new(window, &map, Filter::Bilinear, VIEW).expect("seen");
        let to_layer = map.inverse().expect("it is not flat");
        let found = [&tame, &wild].map(|image| sampled(&placed, image, placed.domain, 99));
        let d = placed.domain;
        for (x, y) in (d.y0..d.y1).flat_map(|y| (d.x0..d.x1).map(move |x| (x, y))) {
            let (u, v) = to_layer.apply(f64::from(x) + 0.5, f64::from(y) + 0.5).expect("before the eye");
            let near = |(x, y): (f64, f64)| (u - x - 0.5).abs() < 1.0 / scale && (v - y - 0.5).abs() < 1.0 / scale;
            let feels = near((3.0, 4.0)) || near((6.0, 5.0));
            let [tame, wild] = [&found[0], &found[1]].map(|image| image.pixel(x, y).map(f32::to_bits));
            assert_eq!(tame != wild, feels, "{degrees}: {x}, {y}");
        }
    }
}

#[test]
fn pieces_of_rows_and_parts_of_the_image_give_the_same_bits() {
    let image = image(Rect::new(-9, -7, 190, 95), noise);
    let aslant = Homography { m: [[1.1, 0.2, 4.0], [-0.1, 0.9, 2.0], [0.001, -0.0005, 1.0]] };
    let maps = [
        turned(12.0, [1.3, 1.3], [40.25, -3.5]),
        turned(12.0, [0.8, 0.8], [40.25, -3.5]),
        turned(12.0, [0.55, 0.55], [40.25, -3.5]),
        turned(-33.0, [0.4, 0.9], [5.0, 66.0]),
        turned(0.0, [0.4, 0.3], [5.3, 6.6]),
        aslant,
    ];
    for map in &maps {
        for filter in Filter::ALL {
            let placed = Placed::new(image.window(), map, filter, VIEW).expect("it is seen");
            let whole = sampled(&placed, &image, placed.domain, 10_000);
            for columns in [1, 7, 64, 65] {
                assert!(
                    bits(&sampled(&placed, &image, placed.domain, columns)) == bits(&whole),
                    "{filter:?} {columns}"
                );
            }
            let step = |from: i32, to: i32, by: usize| (from..to).step_by(by);
            let d = placed.domain;
            for (x, y) in step(d.y0, d.y1, 23).flat_map(|y| step(d.x0, d.x1, 41).map(move |x| (x, y))) {
                let window = Rect::new(x, y, x + 41, y + 23).intersect(&d);
                let part = placed.source_window(window);
                assert!(image.window().contains_rect(&part));
                let part = super::image(part, |x, y| image.pixel(x, y));
                let expected = super::image(window, |x, y| whole.pixel(x, y));
                assert!(bits(&sampled(&placed, &part, window, 99)) == bits(&expected), "{filter:?} {map:?} {window}");
            }
        }
    }
}

#[test]
fn what_cannot_be_seen_is_not_placed_and_wild_maps_end() {
    let source = Rect::of_size(20, 10);
    assert!(Placed::new(Rect::EMPTY, &turned(3.0, [1.0, 1.0], [0.0, 0.0]), Filter::Cubic, VIEW).is_none());
    assert!(Placed::new(source, &turned(3.0, [1.0, 0.0], [0.0, 0.0]), Filter::Cubic, VIEW).is_none());
    let image = image(source, noise);
    for scale in [1e-12, 1e-9, 1e-5, 1e9, 1e12] {
        for filter in Filter::ALL {
            let map = turned(30.0, [scale, scale], [3.0, 4.0]);
            if let Some(placed) = Placed::new(source, &map, filter, VIEW) {
                let found = sampled(&placed, &image, Rect::new(-20, -20, 20, 20), 99);
                assert!(found.values().iter().all(|value| value.abs() < 4.0), "{filter:?} {scale}");
            }
        }
    }
}

#[test]
fn a_key_tells_filters_and_maps_apart_but_not_the_filters_of_a_copy() {
    let source = Rect::of_size(20, 10);
    let key = |map: &Homography, filter| {
        Placed::new(source, map, filter, VIEW).expect("it is seen").key(KeyBuilder::new("place")).finish()
    };
    let (copy, turn) = (turned(0.0, [1.0, 1.0], [3.0, 4.0]), turned(30.0, [1.0, 1.0], [3.0, 4.0]));
    assert_eq!(key(&copy, Filter::Cubic), key(&copy, Filter::Bilinear));
    let keys = Filter::ALL.map(|filter| key(&turn, filter));
    let distinct: std::collections::HashSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len());
    assert_ne!(key(&turn, Filter::Cubic), key(&turned(31.0, [1.0, 1.0], [3.0, 4.0]), Filter::Cubic));
    assert_eq!(key(&turn, Filter::Cubic), key(&turn, Filter::Cubic));
}

#[test]
fn an_unknown_filter_is_an_error_that_lists_the_names() {
    for filter in Filter::ALL {
        assert_eq!(Filter::of_key(filter.key()), Ok(filter));
    }
    let error = Filter::of_key("cubik").expect_err("there is none").to_string();
    let expected = "there is no filter \"cubik\", expected one of impulse, bilinear, cubic, mitchell, lanczos3";
    assert_eq!(error, expected);
}
