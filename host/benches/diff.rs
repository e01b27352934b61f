//! How long comparing two frames of 1920 x 1080 takes on all threads: `cargo bench -p playa-host --bench diff`.

use std::hint::black_box;
use std::time::Instant;

use playa_host::compare::{Comparison, DEFAULT_PPD};
use playa_host::image::{Frame, Image, Rect};
use playa_host::view::display::{Display, to_srgb8};
use playa_host::view::scopes::{self, Bins, Component, Transfer};
use playa_host::view::stats::stats;

/// Runs, of which the quickest counts.
const ROUNDS: usize = 5;

fn main() {
    let (a, b) = (picture(1), picture(2));
    let comparison = Comparison::new(&a, &b).expect("they are of one size");
    let bins = Bins::new(256, (0.0, 1.0)).expect("it is a range");
    let colours = [Component::Red, Component::Green, Component::Blue];
    println!("{} threads, milliseconds", rayon::current_num_threads());
    measure("max, mean, rms", || comparison.errors());
    measure("ssim", || comparison.ssim());
    measure("flip", || comparison.flip(DEFAULT_PPD));
    measure("hdr_flip", || comparison.hdr_flip(DEFAULT_PPD));
    measure("stats", || stats(&a.image));
    measure("histogram", || scopes::histogram(&a.image, Transfer::Srgb, &colours, &bins));
    measure("parade", || scopes::waveform(&a.image, Transfer::Srgb, &colours, &bins));
    measure("vectorscope", || scopes::vectorscope(&a.image, Transfer::Srgb, &bins));
    measure("tone map", || to_srgb8(&a, &Display::default()));
}

fn measure<T>(name: &str, work: impl Fn() -> T) {
    let seconds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64()
    });
    println!("{name:<16} {:>8.1}", seconds.fold(f64::INFINITY, f64::min) * 1e3);
}

/// Opaque light of 0 to 2, smooth, with noise that depends on the seed.
fn picture(seed: u32) -> Frame {
    let window = Rect::of_size(1920, 1080);
    let value = |index: u32| {
        let (pixel, channel) = (index / 4, index % 4);
        let noise = (index ^ seed).wrapping_mul(2_654_435_761) >> 24;
        let smooth = (pixel % 1920 * (channel + 1) % 1024) as f32 / 1024.0;
        if channel == 3 { 1.0 } else { 2.0 * smooth + noise as f32 / 2560.0 }
    };
    Frame::new(Image::from_vec(window, (0..1920 * 1080 * 4).map(value).collect()).expect("it fits"))
}
