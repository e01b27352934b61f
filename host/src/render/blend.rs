//! Blending a layer over what lies below it, on premultiplied values.
//!
//! With straight colours Cb, Cs and alphas ab, as (the layer's alpha times its opacity), the general rule of W3C
//! Compositing is `co = as*(1-ab)*Cs + as*ab*B(Cb,Cs) + (1-as)*ab*Cb`, `ao = as + ab - as*ab`. The formulas below are that
//! rule with `S = as*Cs`, `D = ab*Cb` put in, so that transparent areas and values above 1 stay exact.

use crate::image::Pixel;

/// How a layer is blended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlendMode {
    /// B = Cs: `co = S + (1-as)*D`.
    Normal,
    /// B = Cb + Cs: `co = S + D`, without limit.
    Add,
}

/// A blend mode that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no blend mode {found:?}, expected one of {}", BlendMode::ALL.map(BlendMode::key).join(", "))]
pub struct UnknownMode {
    /// The name found.
    pub found: String,
}

impl BlendMode {
    /// All of them.
    pub const ALL: [BlendMode; 2] = [BlendMode::Normal, BlendMode::Add];

    /// The name in projects.
    pub const fn key(self) -> &'static str {
        match self {
            BlendMode::Normal => "normal",
            BlendMode::Add => "add",
        }
    }

    /// The mode of this name.
    ///
    /// # Errors
    /// If there is none; the error lists the names.
    pub fn of_key(key: &str) -> Result<Self, UnknownMode> {
        Self::ALL.into_iter().find(|mode| mode.key() == key).ok_or_else(|| UnknownMode { found: key.to_owned() })
    }

    /// Whether the backdrop stays as it is, to the bit, where the layer is transparent black.
    pub const fn keeps_backdrop_where_clear(self) -> bool {
        true
    }

    /// Whether nothing of the backdrop is seen where the layer has alpha 1.
    pub const fn hides_backdrop_where_opaque(self) -> bool {
        matches!(self, BlendMode::Normal)
    }

    /// Whether the layer over nothing is the layer.
    pub const fn shows_alone(self) -> bool {
        true
    }

    /// Whether a backdrop with alpha 1 keeps it, whatever the layer is.
    pub const fn keeps_opaque(self) -> bool {
        true
    }

    /// One pixel: `s` with its opacity already multiplied in, over `d`.
    #[inline(always)]
    fn pixel(self, s: Pixel, d: Pixel) -> Pixel {
        let rest = 1.0 - s[3];
        match self {
            BlendMode::Normal => std::array::from_fn(|i| s[i] + rest * d[i]),
            BlendMode::Add => [s[0] + d[0], s[1] + d[1], s[2] + d[2], s[3] + rest * d[3]],
        }
    }
}

/// Blends a row of a layer, times `opacity`, over a row of what lies below.
#[inline(always)]
pub fn blend_row(mode: BlendMode, output: &mut [Pixel], layer: &[Pixel], opacity: f32) {
    match mode {
        BlendMode::Normal => each_pixel(output, layer, opacity, |s, d| BlendMode::Normal.pixel(s, d)),
        BlendMode::Add => each_pixel(output, layer, opacity, |s, d| BlendMode::Add.pixel(s, d)),
    }
}

/// Shows a row of a layer, times `opacity`, where nothing lies below.
#[inline(always)]
pub fn show_row(output: &mut [Pixel], layer: &[Pixel], opacity: f32) {
    if opacity == 1.0 {
        output.copy_from_slice(layer);
        return;
    }
    for (d, s) in output.iter_mut().zip(layer) {
        *d = s.map(|value| value * opacity);
    }
}

/// One copy of the loop for each mode, so that the mode is chosen outside of it.
#[inline(always)]
fn each_pixel(output: &mut [Pixel], layer: &[Pixel], opacity: f32, pixel: impl Fn(Pixel, Pixel) -> Pixel) {
    for (d, s) in output.iter_mut().zip(layer) {
        *d = pixel(s.map(|value| value * opacity), *d);
    }
}
