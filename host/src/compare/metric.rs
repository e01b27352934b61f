//! The measures by name.

use crate::names::named;

/// One number that tells how much two pictures differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The largest difference of a value.
    #[default]
    Max,
    /// The mean difference of all values.
    Mean,
    /// The root of their mean square.
    Rms,
    /// Peak signal to noise ratio in decibels; infinite for equal pictures.
    Psnr,
    /// Mean structural similarity; 1 for equal pictures.
    Ssim,
    /// Mean FLIP error, 0..1.
    Flip,
    /// Mean HDR-FLIP error, 0..1.
    HdrFlip,
}

impl Metric {
    /// All there are.
    pub const ALL: [Metric; 7] =
        [Metric::Max, Metric::Mean, Metric::Rms, Metric::Psnr, Metric::Ssim, Metric::Flip, Metric::HdrFlip];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Metric::Max => "max",
            Metric::Mean => "mean",
            Metric::Rms => "rms",
            Metric::Psnr => "psnr",
            Metric::Ssim => "ssim",
            Metric::Flip => "flip",
            Metric::HdrFlip => "hdr_flip",
        }
    }

    /// What it is for equal pictures.
    pub const fn of_equals(self) -> f64 {
        match self {
            Metric::Psnr => f64::INFINITY,
            Metric::Ssim => 1.0,
            _ => 0.0,
        }
    }

    /// Whether pictures of this measure differ more than `limit` allows. One that is no number does.
    pub fn is_beyond(self, value: f64, limit: f64) -> bool {
        match self {
            _ if value.is_nan() => true,
            Metric::Psnr | Metric::Ssim => value < limit,
            _ => value > limit,
        }
    }
}

named!(Metric, "metric");
