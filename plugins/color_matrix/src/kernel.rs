//! Mixing the components of one pixel.

use playa_plugin_api::Pixel;

/// `rows * colour + offset * alpha`: of premultiplied colour what `rows * colour + offset` is of straight colour.
/// Alpha stays.
#[inline(always)]
pub fn mix([r, g, b, a]: Pixel, rows: [[f32; 3]; 3], offset: [f32; 3]) -> Pixel {
    let sum = |i: usize| rows[i][0] * r + rows[i][1] * g + rows[i][2] * b + offset[i] * a;
    [sum(0), sum(1), sum(2), a]
}
