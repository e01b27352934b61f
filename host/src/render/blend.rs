//! Blending a layer over what lies below it, on premultiplied values.
//!
//! With straight colours Cb, Cs and alphas ab, as (the layer's alpha times its opacity), the general rule of W3C
//! Compositing is `co = as*(1-ab)*Cs + as*ab*B(Cb,Cs) + (1-as)*ab*Cb`, `ao = as + ab - as*ab`. The formulas below are that
//! rule with `S = as*Cs`, `D = ab*Cb` put in, so that transparent areas and values above 1 stay exact.

use rayon::prelude::*;

use crate::image::Image;

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

    /// One pixel: `s` with its opacity already multiplied in, over `d`.
    #[inline(always)]
    fn pixel(self, s: [f32; 4], d: [f32; 4]) -> [f32; 4] {
        let rest = 1.0 - s[3];
        match self {
            BlendMode::Normal => std::array::from_fn(|i| s[i] + rest * d[i]),
            BlendMode::Add => [s[0] + d[0], s[1] + d[1], s[2] + d[2], s[3] + rest * d[3]],
        }
    }
}

/// Blends `layer` times `opacity` into `output` where their windows meet. Elsewhere the layer is transparent and changes
/// nothing. `output` is not shared with anyone.
pub fn blend(mode: BlendMode, output: &mut Image, layer: &Image, opacity: f32) {
    match mode {
        BlendMode::Normal => blend_rows(output, layer, opacity, |s, d| BlendMode::Normal.pixel(s, d)),
        BlendMode::Add => blend_rows(output, layer, opacity, |s, d| BlendMode::Add.pixel(s, d)),
    }
}

/// One copy of the loop for each mode, so that the mode is chosen outside of it.
fn blend_rows(output: &mut Image, layer: &Image, opacity: f32, pixel: impl Fn([f32; 4], [f32; 4]) -> [f32; 4] + Sync) {
    let (whole, from) = (output.window(), layer.window());
    let window = whole.intersect(&from);
    if window.is_empty() {
        return;
    }
    let columns = |of: i32| (window.x0 - of) as usize * 4..(window.x1 - of) as usize * 4;
    let (into, source) = (columns(whole.x0), columns(from.x0));
    let rows = output.values_mut().expect("the output of a render is not shared");
    let rows = rows.par_chunks_mut(whole.width() * 4).zip(whole.y0..whole.y1);
    rows.filter(|(_, y)| (window.y0..window.y1).contains(y)).for_each(|(row, y)| {
        let layer = &layer.row(y)[source.clone()];
        for (d, s) in row[into.clone()].as_chunks_mut::<4>().0.iter_mut().zip(layer.as_chunks::<4>().0) {
            *d = pixel(s.map(|value| value * opacity), *d);
        }
    });
}
