//! At which exposures HDR-FLIP looks.

use rayon::prelude::*;

use crate::compare::CompareError;
use crate::image::Image;

/// Exposures in stops: from the one at which the brightest pixel of the reference is nearly white to the one at which its
/// median is, a stop apart at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exposures {
    /// The darkest picture.
    pub start: f32,
    /// The brightest picture.
    pub stop: f32,
    /// How many there are, start and stop included.
    pub count: usize,
}

/// The fit of ACES by Narkowicz with its pre-exposure of 0.6, as the paper has it.
#[inline(always)]
pub(super) fn aces(x: f32) -> f32 {
    let x = 0.6 * x;
    x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)
}

impl Exposures {
    /// For a reference. A black one is looked at as it is.
    pub(super) fn of(reference: &Image) -> Result<Self, CompareError> {
        let count = reference.pixels().len();
        let mut light: Vec<f32> = Vec::new();
        if light.try_reserve_exact(count).is_err() {
            return Err(CompareError::OutOfMemory(reference.window(), count as u64 * 4));
        }
        light.par_extend(reference.pixels().par_iter().map(|[r, g, b, _]| {
            let [r, g, b] = [*r, *g, *b].map(|light| if light > 0.0 { light.min(1e12) } else { 0.0 });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        }));
        let brightest = light.iter().copied().fold(0.0, f32::max);
        if brightest == 0.0 {
            return Ok(Self { start: 0.0, stop: 0.0, count: 1 });
        }
        let (below, upper, _) = light.select_nth_unstable_by(count / 2, f32::total_cmp);
        let upper = *upper;
        let median =
            if count.is_multiple_of(2) { 0.5 * (upper + below.iter().copied().fold(0.0, f32::max)) } else { upper };
        let white = nearly_white();
        let (start, stop) = ((white / brightest).log2(), (white / median.max(f32::EPSILON)).log2());
        Ok(Self { start, stop, count: ((stop - start).ceil() as usize).max(2) })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = f32> {
        let Self { start, stop, count } = *self;
        let step = (stop - start) / (count.max(2) - 1) as f32;
        (0..count).map(move |index| start + index as f32 * step)
    }
}

/// The light that [`aces`] shows as 0.85.
fn nearly_white() -> f32 {
    const SHOWN: f64 = 0.85;
    let (a, b, c) = (2.51 - SHOWN * 2.43, 0.03 - SHOWN * 0.59, -SHOWN * 0.14);
    let x = (-b + (b * b - 4.0 * a * c).sqrt()) / (2.0 * a);
    (x / 0.6) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_white_is_shown_as_0_85() {
        assert!((aces(nearly_white()) - 0.85).abs() < 1e-6);
    }
}
