//! Samples against a plain reference in `f64`, written from the definition.

mod exact;
mod reference;
mod whole;

use playa_plugin_api::simd;

use super::{Filter, Placed};
use crate::image::{Image, Pixel, Rect};
use crate::project::{Affine, Homography};

/// Wide enough for every layer of the tests.
const VIEW: Rect = Rect::new(-400, -400, 400, 400);

fn image(window: Rect, pixel: impl Fn(i32, i32) -> Pixel) -> Image {
    let values = (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| (x, y)));
    Image::from_vec(window, values.flat_map(|(x, y)| pixel(x, y)).collect()).expect("as many as pixels")
}

/// From -0.5 to 1.5, another for each pixel and channel.
fn noise(x: i32, y: i32) -> Pixel {
    std::array::from_fn(|channel| {
        let mut bits = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77) ^ channel as u32;
        for _ in 0..3 {
            bits = (bits ^ (bits >> 15)).wrapping_mul(0x2C1B_3C6D);
        }
        (bits >> 8) as f32 / (1 << 23) as f32 - 0.5
    })
}

/// The map of a layer turned clockwise by so many degrees about a point, with factors along its own axes.
fn turned(degrees: f64, [kx, ky]: [f64; 2], [x, y]: [f64; 2]) -> Homography {
    let (sin, cos) = match degrees {
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        _ => degrees.to_radians().sin_cos(),
    };
    Affine { xx: cos * kx, xy: -sin * ky, yx: sin * kx, yy: cos * ky, x, y }.into()
}

/// What shows in `window`, sampled row by row in pieces of `columns` pixels.
fn sampled(placed: &Placed, image: &Image, window: Rect, columns: usize) -> Image {
    let mut output = Image::transparent(window).expect("memory");
    let seen = window.intersect(&placed.domain);
    let rows = output.values_mut().expect("not shared").as_chunks_mut::<4>().0;
    for (y, row) in (window.y0..window.y1).zip(rows.chunks_exact_mut(window.width())) {
        for x0 in (seen.x0..seen.x1).step_by(columns) {
            let at = Rect::new(x0, y, x0.saturating_add(columns as i32), y + 1).intersect(&seen);
            if at.is_empty() {
                continue;
            }
            let out = &mut row[(at.x0 - window.x0) as usize..(at.x1 - window.x0) as usize];
            simd::dispatch(
                #[inline(always)]
                || placed.sample_row(image, at, out),
            );
        }
    }
    output
}

fn bits(image: &Image) -> Vec<u32> {
    image.values().iter().map(|value| value.to_bits()).collect()
}
