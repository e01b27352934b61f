//! Values between pixels. Around the picture there is nothing: its edge fades out within a pixel or two.

use playa_plugin_api::{ImageView, Pixel};

/// The value at (x, y) from the 2 x 2 pixels around it.
#[inline(always)]
pub fn bilinear(source: &ImageView<'_>, x: f64, y: f64) -> Pixel {
    weighted(source, x, y, 0, |t| [1.0 - t, t])
}

/// The value at (x, y) from the 4 x 4 pixels around it, by the cubic convolution of Keys with a = -0.5.
#[inline(always)]
pub fn cubic(source: &ImageView<'_>, x: f64, y: f64) -> Pixel {
    weighted(source, x, y, 1, |t| {
        [
            t * (-0.5 + t * (1.0 - 0.5 * t)),
            1.0 + t * t * (-2.5 + 1.5 * t),
            t * (0.5 + t * (2.0 - 1.5 * t)),
            t * t * (-0.5 + 0.5 * t),
        ]
    })
}

/// The sum of N x N pixels, the first ones `before` in front of the pixel whose centre is at or before the place; `weights`
/// of a coordinate depend on how far it lies beyond that centre.
#[inline(always)]
fn weighted<const N: usize>(
    source: &ImageView<'_>,
    x: f64,
    y: f64,
    before: i32,
    weights: impl Fn(f32) -> [f32; N],
) -> Pixel {
    let split = |at: f64| {
        let first = (at - 0.5).floor();
        (first as i32, (at - 0.5 - first) as f32)
    };
    let ((x, right), (y, down)) = (split(x), split(y));
    let (right, down) = (weights(right), weights(down));
    let window = source.window();
    let mut sum = [0.0; 4];
    for (j, down) in down.iter().enumerate() {
        let Some(y) = y.checked_add(j as i32 - before).filter(|y| (window.y0..window.y1).contains(y)) else { continue };
        let row = source.row(y);
        let mut sideways = [0.0; 4];
        for (i, right) in right.iter().enumerate() {
            let column = i64::from(x) + i as i64 - i64::from(before) - i64::from(window.x0);
            let pixel = usize::try_from(column).ok().and_then(|column| row.get(column));
            // A weight of 0 asks for nothing, not even for a pixel that is no number.
            if let Some(pixel) = pixel.filter(|_| *right != 0.0) {
                for channel in 0..4 {
                    sideways[channel] += right * pixel[channel];
                }
            }
        }
        if *down != 0.0 {
            for channel in 0..4 {
                sum[channel] += down * sideways[channel];
            }
        }
    }
    sum
}
