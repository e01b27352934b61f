//! The formula on pictures that overlap, with and without a mask, and what is planned.

use playa_plugin_api::{ImageView, Rect, simd, testing};

use super::*;

const SOURCE_AT: Rect = Rect::of_size(9, 6);
const OTHER_AT: Rect = Rect::new(4, -2, 15, 4);
const MASK_AT: Rect = Rect::new(2, 1, 12, 9);

fn noise(window: Rect, seed: u32) -> Vec<Pixel> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    (0..window.area()).map(|_| [(); 4].map(|()| next())).collect()
}

#[test]
fn every_pixel_is_the_mix_of_both_by_amount_and_mask() {
    let pixels = [noise(SOURCE_AT, 1), noise(OTHER_AT, 2), noise(MASK_AT, 3)];
    let views = [SOURCE_AT, OTHER_AT, MASK_AT].into_iter().zip(&pixels);
    let views: Vec<_> = views.map(|(window, pixels)| ImageView::new(window, pixels)).collect();
    let both = SOURCE_AT.union(&OTHER_AT);
    let window = both.grow(1, 1);
    simd::on_each_level(|level| {
        for amount in [0.0, 0.3, 1.0] {
            for inputs in [&views[..2], &views[..3]] {
                let found = testing::apply(&Dissolve { amount }, inputs, window).expect("the effect works");
                let places = (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| (x, y)));
                for ((x, y), found) in places.zip(found) {
                    let mask = inputs.get(2).map_or(1.0, |mask| mask.pixel(x, y)[3]);
                    let weight = f64::from(amount) * f64::from(mask);
                    for (channel, found) in found.iter().enumerate() {
                        let [a, b] = [0, 1].map(|input: usize| f64::from(inputs[input].pixel(x, y)[channel]));
                        let expected = (1.0 - weight) * a + weight * b;
                        // Three roundings of values up to 1.
                        let difference = (f64::from(*found) - expected).abs();
                        assert!(difference <= 2e-7, "{amount} at {x}, {y}, {}: {found}, {expected}", level.name());
                    }
                }
            }
        }
    });
}

#[test]
fn only_what_is_seen_is_planned() {
    let window = Rect::new(3, 0, 6, 5);
    let plan = |amount, mask: Option<Rect>| {
        let domains = [Some(SOURCE_AT), Some(OTHER_AT), mask];
        let query = Query { window, canvas: SOURCE_AT, frame: 7.0, scale: 1.0, domains: &domains };
        Dissolve { amount }.plan(&query).expect("a plan")
    };
    assert_eq!((plan(0.0, None).identity, plan(0.0, None).domain), (Some((0, 7.0)), SOURCE_AT));
    assert_eq!((plan(1.0, None).identity, plan(1.0, None).domain), (Some((1, 7.0)), OTHER_AT));
    let masked = plan(1.0, Some(MASK_AT));
    assert_eq!((masked.identity, masked.domain), (None, SOURCE_AT.union(&OTHER_AT)));
    let rects: Vec<_> = masked.needs.iter().map(|need| (need.input, need.rect)).collect();
    let expected = [SOURCE_AT, OTHER_AT, MASK_AT].map(|domain| window.intersect(&domain));
    assert_eq!(rects, [(0, expected[0]), (1, expected[1]), (2, expected[2])]);
    assert_eq!(plan(0.5, None).needs.len(), 2);
}

#[test]
fn what_is_not_seen_may_be_no_number() {
    let (from, to) = ([[f32::NAN, 1.0, f32::INFINITY, 1.0]; 3], [[2.0, f32::NAN, 3.0, 0.5]; 3]);
    let mut row = [[0.0; 4]; 3];
    kernel::mix(&from, &to, &[0.0, 1.0, 0.5], &mut row);
    assert_eq!((row[0][1..].to_vec(), row[1][0]), (vec![1.0, f32::INFINITY, 1.0], 2.0));
    assert!(row[2][0].is_nan() && row[2][1].is_nan() && row[2][3] == 0.75);
}
