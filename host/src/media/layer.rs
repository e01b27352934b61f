//! The layers among the channels of a frame, each as a frame of its own.

use super::shown::{Shown, by_layer, without_prefix};
use crate::image::{Channel, Frame, Image, ImageError, Samples, convert};

/// The names of the layers: what stands before the last dot of a channel's name, in the order of the channels.
pub fn layers(frame: &Frame) -> Vec<&str> {
    by_layer(&members(frame)).into_keys().collect()
}

/// The layer of that name as [`read`](super::read) gives it when it is asked for that layer alone: its colour by the same
/// rule, and its channels, named without the prefix. `None` if the frame has no channel of that layer.
pub fn layer(frame: &Frame, name: &str) -> Result<Option<Frame>, ImageError> {
    let members = without_prefix(&members(frame), name);
    if members.is_empty() {
        return Ok(None);
    }
    let shown = Shown::among(&members);
    let samples = |index: usize| Plane::Channel(&frame.channels[index].samples);
    let image = image_of(frame, shown.planes().map(|plane| plane.map(samples)))?;
    let stored = shown.stored(|index| frame.channels[index].samples.sample_type());
    let kept = members.into_iter().filter(|(index, name)| {
        let sample_type = frame.channels[*index].samples.sample_type();
        !shown.holds(*index, name, sample_type)
    });
    let channels =
        kept.map(|(index, name)| Channel { name: name.to_owned(), ..frame.channels[index].clone() }).collect();
    Ok(Some(Frame { image, stored, channels, ..frame.clone() }))
}

/// Numbers of a frame that become a colour or the alpha of another one.
pub(super) enum Plane<'a> {
    /// Red, green, blue or alpha of its image, by its place.
    Colour(usize),
    /// Those of a channel.
    Channel(&'a Samples),
}

/// An image over the window of a frame, of its numbers for red, green, blue and alpha. None is 0 for a colour and 1 for
/// alpha.
pub(super) fn image_of(frame: &Frame, planes: [Option<Plane<'_>>; 4]) -> Result<Image, ImageError> {
    let mut image = Image::unpainted(frame.data_window())?;
    let pixels = image.values_mut().unwrap_or_default();
    for (at, plane) in planes.into_iter().enumerate() {
        match plane {
            Some(Plane::Channel(samples)) => fill(pixels, at, samples),
            Some(Plane::Colour(from)) => {
                let (pixels, colours) = (pixels.as_chunks_mut::<4>().0, frame.image.values().as_chunks::<4>().0);
                pixels.iter_mut().zip(colours).for_each(|(pixel, colour)| pixel[at] = colour[from]);
            }
            None => pixels.iter_mut().skip(at).step_by(4).for_each(|value| *value = if at == 3 { 1.0 } else { 0.0 }),
        }
    }
    Ok(image)
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
