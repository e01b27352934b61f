//! Ways between spaces: what is done to each pixel.

use std::fmt::Debug;
use std::sync::Arc;

use playa_plugin_api::simd;
use rayon::prelude::*;

use super::gamut::{self, Matrix};
use super::{Adaptation, Curve, Space};
use crate::image::{Image, ImageError, Pixel};

/// Something that is done to each pixel by itself. Pixels are premultiplied before and after it; alpha stays.
pub trait Transform: Debug + Send + Sync {
    /// Changes pixels in place.
    fn apply(&self, pixels: &mut [Pixel]);

    /// Changes straight colour in place, and leaves the fourth value of each as it is.
    fn apply_straight(&self, pixels: &mut [Pixel]);

    /// Whether the sum of two pixels becomes the sum of what both become.
    fn is_linear(&self) -> bool;

    /// What tells it from every other one.
    fn fingerprint(&self) -> Vec<u8>;

    /// What it does, a line a step.
    fn steps(&self) -> Vec<String>;
}

/// The way between two built-in spaces: from codes to light, from one gamut to another, from light to codes.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    from: Curve,
    matrix: Option<Matrix>,
    to: Curve,
}

/// Pixels that go through the steps together: they fit into the first cache.
pub(super) const PIECE: usize = 256;

/// Pixels that a thread takes at once.
const RUN: usize = 1 << 14;

impl Way {
    /// The way from one space to another. `None` where nothing is to be done.
    pub fn between(from: Space, to: Space, adaptation: Adaptation) -> Option<Way> {
        let matrix = from.gamut.matrix_to(&to.gamut, adaptation);
        let way = Way { from: from.curve, matrix, to: to.curve };
        (way.matrix.is_some() || way.from != way.to).then_some(way)
    }

    /// Light times a matrix. `None` where that changes nothing.
    #[cfg(feature = "ocio")]
    pub(super) fn of_matrix(matrix: Matrix) -> Option<Way> {
        let same = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        (matrix != same).then_some(Way { from: Curve::Linear, matrix: Some(matrix), to: Curve::Linear })
    }

    /// One straight colour, in double precision.
    pub fn of_colour(&self, colour: [f64; 3]) -> [f64; 3] {
        let light = colour.map(|value| self.from.decode(value));
        let light = self.matrix.map_or(light, |matrix| gamut::multiply(matrix, light));
        light.map(|value| self.to.encode(value))
    }

    /// The way of values of four, of which the fourth is lost unless it is linear.
    #[inline(always)]
    fn walk(&self, values: &mut [f32]) {
        self.from.decode_all(values);
        if let Some(matrix) = self.matrix {
            mix(values.as_chunks_mut().0, matrix);
        }
        self.to.encode_all(values);
    }
}

impl Transform for Way {
    fn apply(&self, pixels: &mut [Pixel]) {
        simd::dispatch(
            #[inline(always)]
            || match (self.is_linear(), self.matrix) {
                (true, Some(matrix)) => mix(pixels, matrix),
                (true, None) => {}
                (false, _) => straightened(
                    pixels,
                    #[inline(always)]
                    |values| self.walk(values.as_flattened_mut()),
                ),
            },
        );
    }

    fn apply_straight(&self, pixels: &mut [Pixel]) {
        simd::dispatch(
            #[inline(always)]
            || {
                for pixels in pixels.chunks_mut(PIECE) {
                    let mut alphas = [0.0; PIECE];
                    alphas.iter_mut().zip(&*pixels).for_each(|(alpha, pixel)| *alpha = pixel[3]);
                    self.walk(pixels.as_flattened_mut());
                    pixels.iter_mut().zip(alphas).for_each(|(pixel, alpha)| pixel[3] = alpha);
                }
            },
        );
    }

    fn is_linear(&self) -> bool {
        self.from == Curve::Linear && self.to == Curve::Linear
    }

    fn fingerprint(&self) -> Vec<u8> {
        let matrix = self.matrix.iter().flat_map(|matrix| matrix.as_flattened()).flat_map(|value| value.to_le_bytes());
        let mut bytes = format!("{:?} {:?} ", self.from, self.to).into_bytes();
        bytes.extend(matrix);
        bytes
    }

    fn steps(&self) -> Vec<String> {
        let row = |row: &[f64; 3]| row.map(|value| format!("{value:.7}")).join(" ");
        let mut steps = Vec::new();
        if self.from != Curve::Linear {
            steps.push(format!("{} to linear light", self.from));
        }
        if let Some(matrix) = &self.matrix {
            steps.push(format!("matrix [{}]", matrix.each_ref().map(row).join("; ")));
        }
        if self.to != Curve::Linear {
            steps.push(format!("linear light to {}", self.to));
        }
        steps
    }
}

/// Premultiplied pixels through a change of straight colour: divided by an alpha above 0, and multiplied by it again. Colour
/// without alpha is taken as it is.
#[inline(always)]
pub fn straightened(pixels: &mut [Pixel], change: impl Fn(&mut [Pixel])) {
    let mut values = [[0.0; 4]; PIECE];
    for pixels in pixels.chunks_mut(PIECE) {
        let values = &mut values[..pixels.len()];
        for (value, &[r, g, b, a]) in values.iter_mut().zip(&*pixels) {
            let by = if a > 0.0 { a } else { 1.0 };
            *value = [r / by, g / by, b / by, a];
        }
        change(values);
        for (pixel, &[r, g, b, _]) in pixels.iter_mut().zip(&*values) {
            let a = pixel[3];
            let by = if a > 0.0 { a } else { 1.0 };
            *pixel = [r * by, g * by, b * by, a];
        }
    }
}

#[inline(always)]
fn mix(pixels: &mut [Pixel], matrix: Matrix) {
    let [[rr, rg, rb], [gr, gg, gb], [br, bg, bb]] = matrix.map(|row| row.map(|value| value as f32));
    for pixel in pixels {
        let [r, g, b, a] = *pixel;
        *pixel = [rr * r + rg * g + rb * b, gr * r + gg * g + gb * b, br * r + bg * g + bb * b, a];
    }
}

/// An image after a transform, on all threads.
///
/// # Errors
/// If there is no memory for it.
pub fn transformed(image: &Image, transform: &dyn Transform) -> Result<Image, ImageError> {
    let mut result = Image::unpainted(image.window())?;
    let pixels = result.values_mut().unwrap_or_default().as_chunks_mut::<4>().0;
    pixels.par_chunks_mut(RUN).zip(image.pixels().par_chunks(RUN)).for_each(|(to, from)| {
        to.copy_from_slice(from);
        transform.apply(to);
    });
    Ok(result)
}

/// As something that is shared.
impl From<Way> for Arc<dyn Transform> {
    fn from(way: Way) -> Self {
        Arc::new(way)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Gamut, SPACES};
    use super::*;

    /// Straight colours of every kind: dark, bright, negative.
    fn colours() -> Vec<Pixel> {
        let value = |n: u32| (n.wrapping_mul(2_654_435_761) >> 12) as f32 / (1 << 20) as f32 * 1.4 - 0.2;
        (0..3 * PIECE as u32 + 7)
            .map(|n| [value(3 * n), value(3 * n + 1), value(3 * n + 2), value(n).abs().min(1.0)])
            .collect()
    }

    #[test]
    fn every_way_is_that_of_double_precision_and_leads_back() {
        let spaces: Vec<Space> = SPACES.iter().map(|known| known.space).collect();
        for from in &spaces {
            assert_eq!(Way::between(*from, *from, Adaptation::Known), None);
            for to in &spaces {
                let Some(way) = Way::between(*from, *to, Adaptation::Known) else { continue };
                let back = Way::between(*to, *from, Adaptation::Known).expect("they differ");
                let mut found = colours();
                way.apply_straight(&mut found);
                for (found, colour) in found.iter().zip(colours()) {
                    let [r, g, b, a] = colour;
                    let exact = way.of_colour([r, g, b].map(f64::from));
                    let light = exact.map(|value| to.curve.decode(value));
                    assert_eq!(found[3], a);
                    for channel in 0..3 {
                        // An error in light counts as one in light: a curve is steep near black.
                        let found = to.curve.decode(f64::from(found[channel]));
                        let size = light.iter().fold(1.0_f64, |size, value| size.max(value.abs()));
                        assert!((found - light[channel]).abs() <= 4e-6 * size, "{from} to {to}: {found}, {light:?}");
                    }
                    // The one cuts what is too dark for it, and the pieces of the other do not quite meet.
                    let exact_back = |curve| !matches!(curve, Curve::Cineon | Curve::Rec709);
                    if exact_back(from.curve) && exact_back(to.curve) {
                        for (there, back) in [r, g, b].into_iter().zip(back.of_colour(exact)) {
                            assert!((f64::from(there) - back).abs() < 1e-9, "{from} to {to} and back: {there}, {back}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn premultiplied_pixels_are_those_of_straight_colour_times_alpha() {
        let way = Way::between(Space::SRGB, Space { curve: Curve::Linear, gamut: Gamut::AP1 }, Adaptation::Known)
            .expect("they differ");
        let (mut straight, mut pixels) = (colours(), colours());
        pixels.iter_mut().for_each(|[r, g, b, a]| {
            let by = if *a > 0.0 { *a } else { 1.0 };
            [*r, *g, *b] = [*r * by, *g * by, *b * by];
        });
        way.apply_straight(&mut straight);
        way.apply(&mut pixels);
        for (pixel, [r, g, b, a]) in pixels.iter().zip(straight) {
            let by = if a > 0.0 { a } else { 1.0 };
            for (found, expected) in pixel.iter().zip([r * by, g * by, b * by, a]) {
                assert!((found - expected).abs() <= 1e-6, "{found}, {expected}");
            }
        }
    }

    #[test]
    fn every_level_any_place_in_the_row_and_any_cut_gives_the_same_bits() {
        for (from, to) in [(Space::SRGB, Space::LINEAR), (Space::LINEAR, Space { gamut: Gamut::AP1, ..Space::LINEAR })]
        {
            let way = Way::between(from, to, Adaptation::Known).expect("they differ");
            let mut alone = colours();
            alone.iter_mut().for_each(|pixel| way.apply(std::slice::from_mut(pixel)));
            simd::on_each_level(|level| {
                let mut row = colours();
                way.apply(&mut row);
                assert!(
                    row.iter().flatten().zip(alone.iter().flatten()).all(|(a, b)| a.to_bits() == b.to_bits()),
                    "{level:?}"
                );
            });
        }
    }

    #[test]
    fn only_what_has_no_curve_is_linear_and_fingerprints_differ() {
        let ways: Vec<Way> = SPACES
            .iter()
            .filter_map(|known| Way::between(known.space, Space::LINEAR, Adaptation::Known))
            .chain(Way::between(Space::SRGB, Space { gamut: Gamut::AP0, ..Space::LINEAR }, Adaptation::None))
            .collect();
        let prints: std::collections::HashSet<Vec<u8>> = ways.iter().map(Way::fingerprint).collect();
        assert_eq!(prints.len(), ways.len());
        for way in &ways {
            assert_eq!(way.is_linear(), way.from == Curve::Linear);
            assert!(!way.steps().is_empty());
        }
    }
}
