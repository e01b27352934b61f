//! Structural similarity: Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 13 (2004).
//!
//! Of luma as a display shows it: premultiplied light is cut to 0..1 (NaN to 0), put on the sRGB curve, and weighed by
//! Rec.709. As in the paper: a Gaussian window of 11 x 11 pixels with a standard deviation of 1.5, weighted moments without
//! a correction for the size of the sample, K1 = 0.01, K2 = 0.03, a range of 1, and the mean over the places where the
//! whole window lies in the picture. In f64, because variances are small differences.

use playa_plugin_api::{math, simd};
use rayon::prelude::*;

use super::filter::{Padded, Taps};
use super::{CompareError, Plane};
use crate::image::Image;

/// Columns and rows of the window.
pub const SIDE: usize = 11;

const SIGMA: f64 = 1.5;
const C1: f64 = 0.01 * 0.01;
const C2: f64 = 0.03 * 0.03;

pub(super) fn ssim(a: &Image, b: &Image) -> Result<f64, CompareError> {
    let region = a.window();
    let (width, height) = (region.width(), region.height());
    if width < SIDE || height < SIDE {
        return Err(CompareError::TooSmall { region });
    }
    let (a, b) = (luma(a)?, luma(b)?);
    let taps = window();
    let margin = SIDE / 2;
    let rows = (margin..height - margin).into_par_iter();
    let sums: Vec<f64> = rows.map_init(Moments::default, |moments, y| moments.row([&a, &b], y, &taps)).collect();
    Ok(sums.iter().sum::<f64>() / ((width - 2 * margin) * (height - 2 * margin)) as f64)
}

fn window() -> Taps<f64> {
    let weights: Vec<f64> = (0..SIDE)
        .map(|index| {
            let x = index as f64 - (SIDE / 2) as f64;
            (-x * x / (2.0 * SIGMA * SIGMA)).exp()
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    Taps::new(weights.iter().map(|weight| weight / sum).collect())
}

/// Luma on the sRGB curve, 0..1.
fn luma(image: &Image) -> Result<Plane<f64>, CompareError> {
    let mut plane = Plane::new(image.window())?;
    let width = image.window().width();
    plane.par_rows_mut().for_each(|(y, row)| {
        let pixels = &image.pixels()[y * width..][..width];
        simd::dispatch(
            #[inline(always)]
            || {
                for (luma, [r, g, b, _]) in row.iter_mut().zip(pixels) {
                    let signal = [*r, *g, *b].map(
                        #[inline(always)]
                        |light| f64::from(math::linear_to_srgb(if light > 0.0 { light.min(1.0) } else { 0.0 })),
                    );
                    *luma = crate::view::luma(signal);
                }
            },
        );
    });
    Ok(plane)
}

/// Weighted sums around the pixels of a row: of both pictures, their squares and their product.
#[derive(Default)]
struct Moments {
    columns: Padded<f64>,
    moments: [Vec<f64>; 5],
}

impl Moments {
    /// The sum of the similarities of a row's places.
    fn row(&mut self, planes: [&Plane<f64>; 2], y: usize, taps: &Taps<f64>) -> f64 {
        simd::dispatch(
            #[inline(always)]
            || {
                self.moment(0, planes, y, taps, |a, _| a);
                self.moment(1, planes, y, taps, |_, b| b);
                self.moment(2, planes, y, taps, |a, _| a * a);
                self.moment(3, planes, y, taps, |_, b| b * b);
                self.moment(4, planes, y, taps, |a, b| a * b);
                self.similarity()
            },
        )
    }

    #[inline(always)]
    fn moment(
        &mut self,
        index: usize,
        planes: [&Plane<f64>; 2],
        y: usize,
        taps: &Taps<f64>,
        of: impl Fn(f64, f64) -> f64,
    ) {
        self.columns.columns_of(planes, y, taps, of);
        let moment = &mut self.moments[index];
        moment.clear();
        moment.resize(planes[0].window().width() + 1 - SIDE, 0.0);
        self.columns.rows(SIDE / 2, taps, moment);
    }

    #[inline(always)]
    fn similarity(&mut self) -> f64 {
        let [mean_a, mean_b, square_a, square_b, product] = &mut self.moments;
        let places = mean_a.iter_mut().zip(&*mean_b).zip(&*square_a).zip(&*square_b).zip(&*product);
        for ((((a, b), square_a), square_b), product) in places {
            let (variance_a, variance_b) = (square_a - *a * *a, square_b - b * b);
            let covariance = product - *a * b;
            let luminance = (2.0 * *a * b + C1) / (*a * *a + b * b + C1);
            *a = luminance * (2.0 * covariance + C2) / (variance_a + variance_b + C2);
        }
        mean_a.iter().sum()
    }
}
