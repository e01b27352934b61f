//! How much two pictures differ.
//!
//! - [`errors`]: the largest, mean and root mean square difference of the values, and from it PSNR.
//! - [`ssim`]: structural similarity, of luma as a display shows it.
//! - [`flip`]: the difference that a viewer sees who flips between both on a display; [`hdr_flip`](Comparison::hdr_flip)
//!   at all exposures that matter.
//!
//! [`Comparison`] lays two frames over each other, whatever their windows. All results have the same bits for any number
//! of threads and at every SIMD level.

pub mod errors;
mod filter;
pub mod flip;
mod metric;
mod plane;
pub mod ssim;

pub use errors::{Errors, Largest};
pub use flip::{DEFAULT_PPD, Exposures};
pub use metric::Metric;
pub use plane::Plane;

use crate::image::{Frame, Image, ImageError, Rect, View};

/// Two pictures of the same size, one over the other.
///
/// The upper left corners of their display windows lie on each other. What is compared is where at least one of them has
/// pixels, within the display window; where the other has none it is transparent black. Values are those of the pixels:
/// premultiplied and scene-linear. Channels beyond the colour are not looked at.
#[derive(Clone, Debug)]
pub struct Comparison {
    a: Image,
    b: Image,
}

/// Why two pictures cannot be compared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// They differ in size.
    #[error("the pictures differ in size: {} x {} and {} x {} pixels of their display windows; scale or crop one of them", a.width(), a.height(), b.width(), b.height())]
    Size {
        /// The display window of the first.
        a: Rect,
        /// The display window of the second.
        b: Rect,
    },
    /// No memory for what is in between.
    #[error("no memory to compare {0}: {1} bytes")]
    OutOfMemory(Rect, u64),
    /// The picture is too small.
    #[error("{} x {} pixels are too few for SSIM, whose window takes {side} x {side}", region.width(), region.height(), side = ssim::SIDE)]
    TooSmall {
        /// What is compared.
        region: Rect,
    },
    /// A viewing distance that does not exist, or is out of reach.
    #[error("{0} pixels per degree, expected {low} to {high}", low = flip::PPD_RANGE.0, high = flip::PPD_RANGE.1)]
    PixelsPerDegree(f32),
}

impl From<ImageError> for CompareError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::OutOfMemory { window, bytes } => CompareError::OutOfMemory(window, bytes),
            ImageError::OverLimit { window, refused } => CompareError::OutOfMemory(window, refused.needed),
            // No image is made of given values here.
            ImageError::Size { window, expected, .. } => CompareError::OutOfMemory(window, expected.saturating_mul(4)),
        }
    }
}

impl Comparison {
    /// Lays one frame over the other.
    ///
    /// # Errors
    /// If their display windows differ in size, or there is no memory for what has to be cut out.
    pub fn new(a: &Frame, b: &Frame) -> Result<Self, CompareError> {
        let (display, other) = (a.display_window, b.display_window);
        if (display.width(), display.height()) != (other.width(), other.height()) {
            return Err(CompareError::Size { a: display, b: other });
        }
        let (dx, dy) = (display.x0.wrapping_sub(other.x0), display.y0.wrapping_sub(other.y0));
        let b_data = b.data_window().intersect(&other).translate(dx, dy);
        let region = a.data_window().intersect(&display).union(&b_data);
        Ok(Self { a: cut(&a.image, region, 0, 0)?, b: cut(&b.image, region, dx, dy)? })
    }

    /// What is compared, in the coordinates of the first picture.
    pub fn region(&self) -> Rect {
        self.a.window()
    }

    /// Largest, mean and root mean square difference, of each channel and of all.
    pub fn errors(&self) -> Errors {
        errors::errors(&self.a, &self.b)
    }

    /// The difference of each value, `|a - b|`, as four channels, by the rules of [`errors`].
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn map(&self) -> Result<Image, CompareError> {
        errors::map(&self.a, &self.b)
    }

    /// Mean structural similarity: 1 for equal pictures. See [`ssim`].
    ///
    /// # Errors
    /// If what is compared is smaller than SSIM's window, or there is no memory for it.
    pub fn ssim(&self) -> Result<f64, CompareError> {
        ssim::ssim(&self.a, &self.b)
    }

    /// The FLIP error of each pixel, 0..1, of both as a display shows them that cuts light off at 1. See [`flip`].
    ///
    /// # Errors
    /// If `ppd` is out of range, or there is no memory for it.
    pub fn flip(&self, ppd: f32) -> Result<Plane, CompareError> {
        flip::ldr(&self.a, &self.b, ppd)
    }

    /// The HDR-FLIP error of each pixel, 0..1: the largest FLIP error over a range of exposures, and which these were. See
    /// [`flip`].
    ///
    /// # Errors
    /// If `ppd` is out of range, or there is no memory for it.
    pub fn hdr_flip(&self, ppd: f32) -> Result<(Plane, Exposures), CompareError> {
        flip::hdr(&self.a, &self.b, ppd)
    }
}

/// The pixels of `region`, of an image that is moved there; shared where they are all there is.
fn cut(image: &Image, region: Rect, dx: i32, dy: i32) -> Result<Image, CompareError> {
    if image.window() == region && (dx, dy) == (0, 0) {
        return Ok(image.clone());
    }
    let mut cut = Image::unpainted(region)?;
    let source = View::from(image);
    // Cropped first: what lies beyond the display window may not be movable.
    let source = source.crop(region.translate(dx.wrapping_neg(), dy.wrapping_neg())).translate(dx, dy);
    if let Some(mut target) = cut.view_mut() {
        target.copy_from(source);
    }
    Ok(cut)
}

#[cfg(test)]
mod tests;
