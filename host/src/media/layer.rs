//! The layers among the channels of a frame, each as a frame of its own.

use super::exr::{Shown, by_layer};
use crate::image::{Channel, Frame, Image, ImageError, Samples, convert};

/// The names of the layers: what stands before the last dot of a channel's name, in the order of the channels.
pub fn layers(frame: &Frame) -> Vec<&str> {
    by_layer(&members(frame)).into_keys().collect()
}

/// The layer of that name as [`read`](super::read) gives it when it is asked for that layer alone: its colour by the same
/// rule, and its channels, named without the prefix. `None` if the frame has no channel of that layer.
pub fn layer(frame: &Frame, name: &str) -> Result<Option<Frame>, ImageError> {
    let strip = |member: &'_ (usize, &'_ str)| {
        let at = member.0;
        frame.channels[at].name.strip_prefix(name)?.strip_prefix('.').map(|rest| (at, rest))
    };
    let members: Vec<(usize, &str)> = members(frame).iter().filter_map(strip).collect();
    if members.is_empty() {
        return Ok(None);
    }
    let shown = Shown::among(&members);
    let mut image = Image::unpainted(frame.data_window())?;
    let pixels = image.values_mut().unwrap_or_default();
    for (at, plane) in shown.planes().into_iter().enumerate() {
        match plane.map(|index| &frame.channels[index].samples) {
            Some(samples) => fill(pixels, at, samples),
            None => pixels.iter_mut().skip(at).step_by(4).for_each(|value| *value = if at == 3 { 1.0 } else { 0.0 }),
        }
    }
    let stored = shown.stored(|index| frame.channels[index].samples.sample_type());
    let kept = members.into_iter().filter(|(index, name)| {
        let sample_type = frame.channels[*index].samples.sample_type();
        !shown.holds(*index, name, sample_type)
    });
    let channels =
        kept.map(|(index, name)| Channel { name: name.to_owned(), ..frame.channels[index].clone() }).collect();
    Ok(Some(Frame { image, stored, channels, ..frame.clone() }))
}

/// All channels, by their full names.
fn members(frame: &Frame) -> Vec<(usize, &str)> {
    frame.channels.iter().enumerate().map(|(index, channel)| (index, channel.name.as_str())).collect()
}

/// Puts samples in the place `at` of each pixel. Whole numbers become the nearest floats.
fn fill(pixels: &mut [f32], at: usize, samples: &Samples) {
    let values = pixels.iter_mut().skip(at).step_by(4);
    match samples {
        Samples::F32(samples) => values.zip(samples.iter()).for_each(|(value, sample)| *value = *sample),
        Samples::U32(samples) => values.zip(samples.iter()).for_each(|(value, sample)| *value = *sample as f32),
        Samples::F16(samples) => {
            values.zip(samples.iter()).for_each(|(value, sample)| *value = convert::widened(sample.to_bits()))
        }
    }
}
