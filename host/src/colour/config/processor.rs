//! What a config does to pixels, as a transform.

use std::sync::Arc;

use ocio::{CpuProcessor, OptimizationFlags, Processor};

use super::super::gamut::Matrix;
use super::super::way::PIECE;
use super::super::{Transform, Way, straightened};
use crate::image::Pixel;

/// Steps are put together only where that changes no result: what is left out is logarithms and powers that are nearly right.
const EXACT: OptimizationFlags = OptimizationFlags::LOSSLESS;

/// Steps of a config, made ready for pixels. Alpha stays, whatever they do to it.
#[derive(Debug)]
struct Steps {
    cpu: CpuProcessor,
    /// What it is, for people.
    label: String,
    fingerprint: Vec<u8>,
}

/// A processor as a transform. What is a matrix becomes one of ours; `None` where nothing is to be done.
pub(super) fn transform(processor: &Processor, label: String) -> Option<Arc<dyn Transform>> {
    if let Some(matrix) = matrix(processor) {
        return Way::of_matrix(matrix).map(Into::into);
    }
    let cpu = processor.optimized_cpu_processor(EXACT);
    let kinds: Vec<&str> = cpu.ops().iter().map(|op| op.name()).collect();
    let fingerprint = format!("OpenColorIO {}", cpu.cache_id()).into_bytes();
    Some(Arc::new(Steps { label: format!("{label} ({})", kinds.join(", ")), cpu, fingerprint }))
}

/// The matrix that a processor is and nothing else: for straight colour, without an offset.
pub(super) fn matrix(processor: &Processor) -> Option<Matrix> {
    let steps = processor.optimized(EXACT);
    let mut result = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for op in steps.ops().iter().filter(|op| !op.is_no_op()) {
        let Some(ocio::Transform::Matrix(found)) = op.to_transform() else { return None };
        let [a, b, c, 0.0, d, e, f, 0.0, g, h, i, 0.0, 0.0, 0.0, 0.0, 1.0] = found.matrix else { return None };
        if found.offset != [0.0; 4] || found.direction != ocio::TransformDirection::Forward {
            return None;
        }
        result = super::super::gamut::product([[a, b, c], [d, e, f], [g, h, i]], result);
    }
    Some(result)
}

impl Transform for Steps {
    fn apply(&self, pixels: &mut [Pixel]) {
        straightened(pixels, |pixels| self.apply_straight(pixels));
    }

    fn apply_straight(&self, pixels: &mut [Pixel]) {
        for pixels in pixels.chunks_mut(PIECE) {
            let mut alphas = [0.0; PIECE];
            alphas.iter_mut().zip(&*pixels).for_each(|(alpha, pixel)| *alpha = pixel[3]);
            self.cpu.apply_pixels(pixels);
            pixels.iter_mut().zip(alphas).for_each(|(pixel, alpha)| pixel[3] = alpha);
        }
    }

    fn is_linear(&self) -> bool {
        false
    }

    fn fingerprint(&self) -> Vec<u8> {
        self.fingerprint.clone()
    }

    fn steps(&self) -> Vec<String> {
        vec![self.label.clone()]
    }
}
