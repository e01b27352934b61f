//! Modes that make each component of a colour of the same component of both: `as*ab*B(Cb, Cs)`, from `s = as*Cs`,
//! `d = ab*Cb` and the alphas `sa`, `da`. `s*da` and `d*sa` are the two colours on the scale `as*ab`, on which white
//! is `sa*da`.

use super::{general_rule, max, min};
use crate::image::Pixel;

/// The pixel of a mode whose component where both are is `both(s, d, sa, da)`.
#[inline(always)]
pub fn blended(both: impl Fn(f32, f32, f32, f32) -> f32) -> impl Fn(Pixel, Pixel) -> Pixel {
    #[inline(always)]
    move |s, d| {
        let component = |i: usize| both(s[i], d[i], s[3], d[3]);
        general_rule(s, d, [component(0), component(1), component(2)])
    }
}

#[inline(always)]
pub fn multiply(s: f32, d: f32, _sa: f32, _da: f32) -> f32 {
    s * d
}

#[inline(always)]
pub fn screen(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    let (above, below) = (s * da, d * sa);
    let within = above + below - s * d;
    if s > sa || d > da { max(above, below) } else { within }
}

#[inline(always)]
pub fn overlay(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    hard_light(d, s, da, sa)
}

#[inline(always)]
pub fn hard_light(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    let (dark, light) = (2.0 * s * d, screen(2.0 * s - sa, d, sa, da));
    if 2.0 * s > sa { light } else { dark }
}

/// The smallest magnitude of a divisor, in straight colour.
pub const MIN_DIVISOR: f32 = 1e-5;

#[inline(always)]
pub fn divide(s: f32, d: f32, sa: f32, _da: f32) -> f32 {
    // Above 0 also where alpha is 0, where there is nothing to divide.
    let smallest = max(sa * MIN_DIVISOR, f32::MIN_POSITIVE);
    // The sum makes 0 of -0, which has no sign to keep.
    let divisor = max(s.abs(), smallest).copysign(s + 0.0);
    d * sa * sa / divisor
}

#[inline(always)]
pub fn difference(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    (d * sa - s * da).abs()
}

#[inline(always)]
pub fn darken(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    min(d * sa, s * da)
}

#[inline(always)]
pub fn lighten(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    max(d * sa, s * da)
}

#[inline(always)]
pub fn color_dodge(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    let limit = sa * max(da, d);
    let brightened = d * sa * sa / (sa - s);
    let up_to_limit = if s < sa { min(brightened, limit) } else { limit };
    if d > 0.0 { up_to_limit } else { d * sa }
}

#[inline(always)]
pub fn color_burn(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    // How far it is from white, which is burnt as `color_dodge` dodges.
    let lack = da - d;
    let limit = sa * max(da, lack);
    let darkened = lack * sa * sa / s;
    let up_to_limit = if s > 0.0 { min(darkened, limit) } else { limit };
    if lack > 0.0 { sa * da - up_to_limit } else { d * sa }
}

#[inline(always)]
pub fn soft_light(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    let straight = d / da;
    // 0 where there is no backdrop, too. How much 0 and 1 are changed is 0.
    let cb = if straight > 0.0 { min(straight, 1.0) } else { 0.0 };
    let towards_black = cb * (1.0 - cb);
    let polynomial = ((16.0 * cb - 12.0) * cb + 4.0) * cb;
    let root = cb.sqrt();
    let towards_white = if cb > 0.25 { root } else { polynomial } - cb;
    let strength = 2.0 * s - sa;
    let change = if strength > 0.0 { towards_white } else { towards_black };
    d * sa + strength * da * change
}

#[inline(always)]
pub fn exclusion(s: f32, d: f32, sa: f32, da: f32) -> f32 {
    s * da + d * sa - 2.0 * s * d
}
