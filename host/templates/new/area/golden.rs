//! Pixels that the effect makes, beside those that its formula says.

use playa_plugin_api::{ImageView, Pixel, Rect, prelude::*, testing};

use __crate__::__Type__;

const WINDOW: Rect = Rect::new(0, 0, 9, 7);

fn softened(radius: i32, picture: impl Fn(i32, i32) -> Pixel) -> Vec<Pixel> {
    let pixels: Vec<_> = (0..7).flat_map(|y| (0..9).map(move |x| (x, y))).map(|(x, y)| picture(x, y)).collect();
    testing::apply(&__Type__ { radius }, &[ImageView::new(WINDOW, &pixels)], WINDOW).expect("it renders")
}

#[test]
fn a_point_becomes_a_square() {
    let made = softened(1, |x, y| if (x, y) == (4, 3) { [9.0, 4.5, 0.0, 0.9] } else { [0.0; 4] });
    for (index, found) in (0..).zip(made) {
        let (x, y): (i32, i32) = (index % 9, index / 9);
        let is_near = (x - 4).abs() <= 1 && (y - 3).abs() <= 1;
        let expected = if is_near { [1.0, 0.5, 0.0, 0.1] } else { [0.0; 4] };
        for (found, expected) in found.into_iter().zip(expected) {
            // The roundings of a ninth and of the product with it.
            assert!((found - expected).abs() <= 1e-6, "({x}, {y}): {found}, expected {expected}");
        }
    }
}

#[test]
fn one_colour_stays_up_to_the_edges() {
    for found in softened(3, |_, _| [0.5, -2.0, 8.0, 1.0]) {
        for (found, expected) in found.into_iter().zip([0.5, -2.0, 8.0, 1.0_f32]) {
            // The roundings of 49 sums.
            assert!((found - expected).abs() <= 6e-6 * expected.abs(), "{found}, expected {expected}");
        }
    }
}

#[test]
fn a_radius_of_0_changes_nothing() {
    let picture = |x: i32, y: i32| [x as f32, y as f32, -1.0, 0.25];
    assert_eq!(softened(0, picture)[9 * 2 + 5], picture(5, 2));
}
