//! The operators of Porter and Duff, and the other modes that are sums of layer `s` and backdrop `d` with weights made of
//! their alphas. Colour and alpha go the same way but for `add` and `subtract`, whose alpha is that of the general rule.

use crate::image::Pixel;

/// Porter-Duff calls it `over`. Nothing of the backdrop is seen where the layer is opaque, infinity and NaN included.
#[inline(always)]
pub fn normal(s: Pixel, d: Pixel) -> Pixel {
    let rest = 1.0 - s[3];
    [over(s[0], d[0], rest), over(s[1], d[1], rest), over(s[2], d[2], rest), over(s[3], d[3], rest)]
}

#[inline(always)]
fn over(s: f32, d: f32, rest: f32) -> f32 {
    if rest == 0.0 { s } else { s + rest * d }
}

#[inline(always)]
pub fn add(s: Pixel, d: Pixel) -> Pixel {
    [s[0] + d[0], s[1] + d[1], s[2] + d[2], s[3] + (1.0 - s[3]) * d[3]]
}

/// `as*(1-ab)*Cs + as*ab*(Cb-Cs) + (1-as)*ab*Cb`, sorted by `S` and `D`.
#[inline(always)]
pub fn subtract(s: Pixel, d: Pixel) -> Pixel {
    let weight = 1.0 - 2.0 * d[3];
    [d[0] + s[0] * weight, d[1] + s[1] * weight, d[2] + s[2] * weight, s[3] + (1.0 - s[3]) * d[3]]
}

#[inline(always)]
pub fn r#in(s: Pixel, d: Pixel) -> Pixel {
    s.map(|value| value * d[3])
}

#[inline(always)]
pub fn out(s: Pixel, d: Pixel) -> Pixel {
    let rest = 1.0 - d[3];
    s.map(|value| value * rest)
}

/// The backdrop's alpha stays to the bit, which `as*ab + ab*(1-as)` would round.
#[inline(always)]
pub fn atop(s: Pixel, d: Pixel) -> Pixel {
    let rest = 1.0 - s[3];
    [s[0] * d[3] + d[0] * rest, s[1] * d[3] + d[1] * rest, s[2] * d[3] + d[2] * rest, d[3]]
}

#[inline(always)]
pub fn xor(s: Pixel, d: Pixel) -> Pixel {
    let (of_s, of_d) = (1.0 - d[3], 1.0 - s[3]);
    [s[0] * of_s + d[0] * of_d, s[1] * of_s + d[1] * of_d, s[2] * of_s + d[2] * of_d, s[3] * of_s + d[3] * of_d]
}

#[inline(always)]
pub fn under(s: Pixel, d: Pixel) -> Pixel {
    normal(d, s)
}

#[inline(always)]
pub fn stencil(s: Pixel, d: Pixel) -> Pixel {
    d.map(|value| value * s[3])
}

#[inline(always)]
pub fn copy(s: Pixel, _d: Pixel) -> Pixel {
    s
}
