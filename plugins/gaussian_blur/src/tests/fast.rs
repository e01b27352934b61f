//! How far `fast` is from the exact kernel: its own kernel added up, and whole pictures.

use super::*;

/// What may differ between the kernels of one direction, summed over all pixels, whichever pixel they are for.
///
/// With both directions it is at most twice that. The kernels have the same sum, so one half of the differences is above
/// and one below: a picture with values from `low` to `high` comes out within `KERNEL_DIFFERENCE * (high - low)`.
const KERNEL_DIFFERENCE: f64 = 3.5e-4;

/// What the documentation promises, in proportion to the difference between the highest and the lowest value.
const PROMISED: f64 = 5e-4;

/// The weights of the distances `-reach` to `reach` in one direction.
fn exact_kernel(radius: f32) -> Vec<f64> {
    let (reach, sigma) = (i64::from(cascade::exact_reach(radius)), f64::from(radius) / 2.0);
    let bell: Vec<f64> = (-reach..=reach).map(|i| (-0.5 * (i as f64 / sigma).powi(2)).exp()).collect();
    let total: f64 = bell.iter().sum();
    bell.iter().map(|weight| weight / total).collect()
}

/// The exact blur with clamped edges, a direction after the other in `f64`.
fn exact(radius: f32, source: Rect, pixels: &[Pixel]) -> Vec<[f64; 4]> {
    let kernel = exact_kernel(radius);
    let (width, height) = (source.width() as i64, source.height() as i64);
    let pass = |from: &[[f64; 4]], dx: i64, dy: i64| -> Vec<[f64; 4]> {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let sum = |(x, y): (i64, i64)| {
            let mut sum = [0.0; 4];
            for (i, weight) in (-(kernel.len() as i64 / 2)..).zip(&kernel) {
                let (x, y) = ((x + i * dx).clamp(0, width - 1), (y + i * dy).clamp(0, height - 1));
                let pixel = from[(y * width + x) as usize];
                (0..4).for_each(|channel| sum[channel] += weight * pixel[channel]);
            }
            sum
        };
        places.map(sum).collect()
    };
    let pixels: Vec<_> = pixels.iter().map(|pixel| pixel.map(f64::from)).collect();
    pass(&pass(&pixels, 1, 0), 0, 1)
}

fn fast(radius: f32, source: Rect, pixels: &[Pixel]) -> Vec<Pixel> {
    apply(&GaussianBlur { radius, edges: Edges::Clamp, quality: Quality::Fast }, source, pixels, source)
}

/// The largest difference in proportion to the difference between the highest and the lowest value.
fn error(radius: f32, source: Rect, pixels: &[Pixel]) -> f64 {
    let values = || pixels.as_flattened().iter().copied().map(f64::from);
    let span = values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min);
    let (found, expected) = (fast(radius, source, pixels), exact(radius, source, pixels));
    let pairs = found.as_flattened().iter().zip(expected.as_flattened());
    pairs.map(|(found, expected)| (f64::from(*found) - expected).abs()).fold(0.0, f64::max) / span
}

#[test]
fn the_kernel_is_close_to_the_exact_one_for_every_pixel() {
    // At and around the radii where a step is added, where the error is largest, and between them.
    for radius in [6.4, 6.5, 8.0, 12.7, 12.8, 18.3, 18.41, 19.0, 20.0, 25.5, 25.6, 51.1, 51.2, 73.6, 102.4] {
        let cascade = Cascade::fast(radius);
        let reach = cascade::reach(&cascade.steps, cascade.bottom_reach);
        let period = cascade.steps.iter().map(|step| step.factor).product::<i32>();
        let kernel = exact_kernel(radius);
        let source = Rect::new(-reach, 0, period + reach, 1);
        let mut differences = vec![0.0; period as usize];
        // Four columns at once, one in each channel. One row that is clamped is blurred sideways only.
        for first in (source.x0..source.x1).step_by(4) {
            let mut pixels = vec![[0.0; 4]; source.width()];
            for channel in 0..4.min(source.x1 - first) {
                pixels[(first + channel - source.x0) as usize][channel as usize] = 1.0;
            }
            let found = fast(radius, source, &pixels);
            for (x, difference) in (0..period).zip(&mut differences) {
                for channel in 0..4.min(source.x1 - first) {
                    let distance = (first + channel - x).unsigned_abs() as usize;
                    let exact = kernel.get(kernel.len() / 2 + distance).copied().unwrap_or(0.0);
                    *difference += (f64::from(found[(x - source.x0) as usize][channel as usize]) - exact).abs();
                }
            }
        }
        let largest = differences.into_iter().fold(0.0, f64::max);
        assert!(largest <= KERNEL_DIFFERENCE, "radius {radius}: {largest:.2e}");
    }
}

#[test]
fn whole_pictures_keep_the_promise() {
    let source = Rect::new(-37, 11, 91, 107);
    let noise = noise(source);
    // Squares of 13 pixels: hard edges at every phase of the small pictures.
    let squares: Vec<_> = places(source).map(|(x, y)| [((x / 13 + y / 13) % 2) as f32; 4]).collect();
    // Lights of 50 times white on noise around 0.5.
    let lights: Vec<_> =
        (0..).zip(&noise).map(|(i, p)| p.map(|c| if i % 331 == 0 { 50.0 } else { 0.02 * c + 0.5 })).collect();
    // What shrinking by 4 confuses with a constant.
    let stripes: Vec<_> = places(source).map(|(x, _)| [f32::from(u8::from(x.rem_euclid(4) < 2)); 4]).collect();
    let mut half = vec![[0.0; 4]; noise.len()];
    half[noise.len() / 2..].fill([1.0; 4]);
    for radius in [1.0, 4.0, 6.4, 9.0, 14.0, 18.41, 20.0, 33.0, 60.0] {
        let pictures =
            [("noise", &noise), ("squares", &squares), ("lights", &lights), ("stripes", &stripes), ("half", &half)];
        for (name, pixels) in pictures {
            let error = error(radius, source, pixels);
            assert!(error <= PROMISED, "radius {radius} on {name}: {error:.2e}");
        }
    }
}

#[test]
fn pictures_smaller_than_the_blur_keep_the_promise() {
    for (width, height) in [(1, 1), (1, 50), (50, 1), (7, 3)] {
        let source = Rect::new(-5, 2, width - 5, height + 2);
        for radius in [6.4, 20.0, 60.0, 500.0] {
            let pixels = noise(source);
            let error = error(radius, source, &pixels);
            assert!(error <= PROMISED, "radius {radius} on {source}: {error:.2e}");
        }
    }
}

#[test]
fn the_sum_of_all_pixels_is_kept() {
    let source = Rect::new(-90, -80, 90, 83);
    let mut pixels = vec![[0.0; 4]; source.area() as usize];
    for (index, pixel) in (0..).zip(&mut pixels[80 * 180 + 70..][..40]) {
        *pixel = [1.0, -2.0, index as f32, 50.0];
    }
    let sum = |pixels: &[Pixel], channel: usize| pixels.iter().map(|pixel| f64::from(pixel[channel])).sum::<f64>();
    for radius in [6.4, 12.8, 18.41] {
        let found = fast(radius, source, &pixels);
        for channel in 0..4 {
            let (found, expected) = (sum(&found, channel), sum(&pixels, channel));
            // Weights are rounded to 24 bits.
            assert!((found - expected).abs() <= 2e-6 * expected.abs(), "radius {radius}: {found}, expected {expected}");
        }
    }
}

#[test]
fn the_largest_radius_ends() {
    let source = Rect::of_size(30, 20);
    let pixels = noise(source);
    // So wide a blur sees only the corners' pixels, by symmetry with the same weight.
    let corners = [0, 29, 19 * 30, 19 * 30 + 29].map(|index| pixels[index].map(f64::from));
    let mean = [0, 1, 2, 3].map(|channel| corners.iter().map(|corner| corner[channel] / 4.0).sum::<f64>());
    let found = fast(MAX_RADIUS, source, &pixels);
    assert_close(&found, &vec![mean; found.len()], 0.01 * PEAK, "the largest radius");
}
