//! Pixels that the effect makes, beside those of its input.

use playa_plugin_api::{ImageView, Pixel, Rect, prelude::*, testing};

use __crate__::__Type__;

const WINDOW: Rect = Rect::new(0, 0, 8, 6);

fn picture(x: i32, y: i32) -> Pixel {
    if WINDOW.contains(x, y) { [x as f32, y as f32 - 3.0, 0.5, 1.0] } else { [0.0; 4] }
}

fn pixels(window: Rect, pixel: impl Fn(i32, i32) -> Pixel) -> Vec<Pixel> {
    let places = (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| (x, y)));
    places.map(|(x, y)| pixel(x, y)).collect()
}

#[test]
fn every_pixel_moves_and_none_is_lost() {
    let input = pixels(WINDOW, picture);
    // More than the picture, so that what moves out of its frame is seen.
    let window = WINDOW.grow(10, 10);
    for (right, down) in [(3, 2), (-3, 4), (9, -7), (0, 0)] {
        let effect = __Type__ { right, down };
        let made = testing::apply(&effect, &[ImageView::new(WINDOW, &input)], window).expect("it renders");
        assert_eq!(made, pixels(window, |x, y| picture(x - right, y - down)), "by {right}, {down}");
    }
}
