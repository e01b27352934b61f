//! Blending a layer over what lies below it, on premultiplied values.
//!
//! [`BlendMode`] says what each mode means, in straight colours `Cb`, `Cs` and alphas `ab`, `as`. The formulas here are
//! the same with `D = ab*Cb` and `S = as*Cs` put in, so that transparent areas and values above 1 stay exact, and nothing
//! is divided by an alpha of 0. They work on values of any size, also on light without cover (colour where alpha is 0).
//!
//! 1. [`porter_duff`]: sums of `S` and `D` with weights made of alphas. `add` and `subtract` are such sums too.
//!    [`over`] is `normal` for many layers at once.
//! 2. [`separable`]: functions of one component of both colours.
//! 3. [`hsl`]: functions of hue, saturation and luminosity.

mod hsl;
pub mod over;
mod porter_duff;
mod separable;
#[cfg(test)]
mod tests;

pub use crate::project::BlendMode;

use crate::image::Pixel;

impl BlendMode {
    /// Whether the backdrop stays as it is where the layer is transparent black: to the bit, infinite values too, but
    /// that -0 may become 0.
    pub const fn keeps_backdrop_where_clear(self) -> bool {
        !matches!(self, BlendMode::In | BlendMode::Out | BlendMode::Stencil | BlendMode::Copy)
    }

    /// Whether the result is the layer, to the bit and whatever the backdrop is, where the layer's alpha is 1 and its
    /// opacity too.
    pub const fn hides_backdrop_where_opaque(self) -> bool {
        matches!(self, BlendMode::Normal | BlendMode::Copy)
    }

    /// Whether the result over nothing is the layer, times its opacity: it is taken as it is, with no sum that would make
    /// 0 of -0.
    pub const fn shows_alone(self) -> bool {
        !matches!(self, BlendMode::In | BlendMode::Atop | BlendMode::Stencil)
    }

    /// Whether the result has alpha 1 where the backdrop has, whatever the layer is.
    pub const fn keeps_opaque(self) -> bool {
        !matches!(self, BlendMode::In | BlendMode::Out | BlendMode::Xor | BlendMode::Stencil | BlendMode::Copy)
    }
}

/// Blends a row of a layer, times `opacity`, over a row of what lies below. Each mode has a loop of its own.
///
/// Meant for the inside of [`simd::dispatch`](playa_plugin_api::simd::dispatch).
#[inline(always)]
pub fn blend_row(mode: BlendMode, output: &mut [Pixel], layer: &[Pixel], opacity: f32) {
    use separable::blended;
    match mode {
        BlendMode::Normal => over::paint(output, false, &[(layer, opacity)], false, &[]),
        BlendMode::Add => each_pixel(output, layer, opacity, porter_duff::add),
        BlendMode::Subtract => each_pixel(output, layer, opacity, porter_duff::subtract),
        BlendMode::Multiply => each_pixel(output, layer, opacity, blended(separable::multiply)),
        BlendMode::Screen => each_pixel(output, layer, opacity, blended(separable::screen)),
        BlendMode::Overlay => each_pixel(output, layer, opacity, blended(separable::overlay)),
        BlendMode::Divide => each_pixel(output, layer, opacity, blended(separable::divide)),
        BlendMode::Difference => each_pixel(output, layer, opacity, blended(separable::difference)),
        BlendMode::Darken => each_pixel(output, layer, opacity, blended(separable::darken)),
        BlendMode::Lighten => each_pixel(output, layer, opacity, blended(separable::lighten)),
        BlendMode::ColorDodge => each_pixel(output, layer, opacity, blended(separable::color_dodge)),
        BlendMode::ColorBurn => each_pixel(output, layer, opacity, blended(separable::color_burn)),
        BlendMode::HardLight => each_pixel(output, layer, opacity, blended(separable::hard_light)),
        BlendMode::SoftLight => each_pixel(output, layer, opacity, blended(separable::soft_light)),
        BlendMode::Exclusion => each_pixel(output, layer, opacity, blended(separable::exclusion)),
        BlendMode::Hue => each_pixel(output, layer, opacity, hsl::blended(hsl::hue)),
        BlendMode::Saturation => each_pixel(output, layer, opacity, hsl::blended(hsl::saturation)),
        BlendMode::Color => each_pixel(output, layer, opacity, hsl::blended(hsl::color)),
        BlendMode::Luminosity => each_pixel(output, layer, opacity, hsl::blended(hsl::luminosity)),
        BlendMode::In => each_pixel(output, layer, opacity, porter_duff::r#in),
        BlendMode::Out => each_pixel(output, layer, opacity, porter_duff::out),
        BlendMode::Atop => each_pixel(output, layer, opacity, porter_duff::atop),
        BlendMode::Xor => each_pixel(output, layer, opacity, porter_duff::xor),
        BlendMode::Under => each_pixel(output, layer, opacity, porter_duff::under),
        BlendMode::Stencil => each_pixel(output, layer, opacity, porter_duff::stencil),
        BlendMode::Copy => each_pixel(output, layer, opacity, porter_duff::copy),
    }
}

/// Shows a row of a layer, times `opacity`, where nothing lies below: for modes that [show
/// alone](BlendMode::shows_alone).
#[inline(always)]
pub fn show_row(output: &mut [Pixel], layer: &[Pixel], opacity: f32) {
    for (d, s) in output.iter_mut().zip(layer) {
        *d = s.map(|value| value * opacity);
    }
}

/// One copy of the loop for each mode, so that the mode is chosen outside of it. `pixel` gets the layer's pixel, with
/// its opacity already multiplied in, and the backdrop's.
#[inline(always)]
fn each_pixel(output: &mut [Pixel], layer: &[Pixel], opacity: f32, pixel: impl Fn(Pixel, Pixel) -> Pixel) {
    for (d, s) in output.iter_mut().zip(layer) {
        *d = pixel(s.map(|value| value * opacity), *d);
    }
}

/// The general rule, given what it has where both are: `as*ab*B`.
#[inline(always)]
fn general_rule(s: Pixel, d: Pixel, both: [f32; 3]) -> Pixel {
    let (sa, da) = (s[3], d[3]);
    let colour = |i: usize| s[i] * (1.0 - da) + d[i] * (1.0 - sa) + both[i];
    // Also where the backdrop is infinite: then the products with 0 in `both` are no numbers.
    let clear = s == [0.0; 4];
    let unless_clear = |old: f32, new: f32| if clear { old } else { new };
    [unless_clear(d[0], colour(0)), unless_clear(d[1], colour(1)), unless_clear(d[2], colour(2)), sa + da * (1.0 - sa)]
}

/// The larger. Unlike `f32::max` it says which zero it takes, so that every instruction set gives the same.
#[inline(always)]
fn max(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The smaller; see [`max`].
#[inline(always)]
fn min(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}
