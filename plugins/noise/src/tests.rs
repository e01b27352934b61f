//! The same bits everywhere, and what the noise promises of its values; the formula is compared in the Python tests.

use playa_plugin_api::{Rect, simd, testing};

use super::*;

fn apply(noise: &Noise, window: Rect) -> Vec<Pixel> {
    testing::apply(noise, &[], window).expect("the effect works")
}

/// The rendered pixels of `window` on a larger canvas.
fn part(noise: &Noise, canvas: Rect, window: Rect) -> Vec<Pixel> {
    // A generator's canvas is the window asked for: the offset moves the noise back to where it was.
    let middle = |rect: Rect| [(rect.x0 + rect.x1) as f32 / 2.0, (rect.y0 + rect.y1) as f32 / 2.0];
    let ([x, y], [left, top]) = (middle(canvas), middle(window));
    let Noise { pattern, size, octaves, lacunarity, gain, evolution, offset: [right, up], seed, low, high } = *noise;
    let offset = [right + x - left, up - (y - top)];
    apply(&Noise { pattern, size, octaves, lacunarity, gain, evolution, offset, seed, low, high }, window)
}

#[test]
fn any_window_at_any_level_has_the_bits_of_the_whole() {
    let canvas = Rect::new(-30, -8, 71, 33);
    for pattern in [Pattern::Clouds, Pattern::Turbulence] {
        let noise = Noise { pattern, size: 13.0, evolution: 2.25, seed: -5, ..Noise::defaults() };
        let whole = apply(&noise, canvas);
        simd::on_each_level(|level| {
            assert_eq!(apply(&noise, canvas), whole, "{}", level.name());
            for window in [Rect::new(-30, -8, -29, 33), Rect::new(0, 5, 71, 6), Rect::new(11, 3, 30, 31)] {
                for (y, row) in (window.y0..).zip(part(&noise, canvas, window).chunks(window.width())) {
                    let first = (y + 8) as usize * canvas.width() + (window.x0 + 30) as usize;
                    assert_eq!(row, &whole[first..][..row.len()], "{window} at {}", level.name());
                }
            }
        });
    }
}

#[test]
fn values_lie_around_the_middle_and_differ_with_every_parameter() {
    let window = Rect::of_size(256, 256);
    let base = Noise { size: 8.0, ..Noise::defaults() };
    let whole = apply(&base, window);
    let mean = whole.iter().map(|pixel| f64::from(pixel[0])).sum::<f64>() / whole.len() as f64;
    let variance = whole.iter().map(|pixel| (f64::from(pixel[0]) - mean).powi(2)).sum::<f64>() / whole.len() as f64;
    // Of a thousand cells, each with a deviation of about 0.1.
    assert!((mean - 0.5).abs() < 0.02, "mean {mean}");
    assert!((0.08..0.2).contains(&variance.sqrt()), "deviation {}", variance.sqrt());
    assert!(whole.iter().all(|[r, g, b, a]| r == g && g == b && (0.0..=1.0).contains(r) && *a == 1.0));
    let changed = [
        Noise { pattern: Pattern::Turbulence, size: 8.0, ..Noise::defaults() },
        Noise { size: 9.0, ..Noise::defaults() },
        Noise { size: 8.0, octaves: 5, ..Noise::defaults() },
        Noise { size: 8.0, lacunarity: 2.1, ..Noise::defaults() },
        Noise { size: 8.0, gain: 0.6, ..Noise::defaults() },
        Noise { size: 8.0, evolution: 0.5, ..Noise::defaults() },
        Noise { size: 8.0, offset: [0.0, 1.0], ..Noise::defaults() },
        Noise { size: 8.0, seed: 1, ..Noise::defaults() },
        Noise { size: 8.0, high: Color([1.0, 0.5, 0.0, 1.0]), ..Noise::defaults() },
    ];
    for (index, other) in changed.iter().enumerate() {
        let other = apply(other, window);
        let same = other.iter().zip(&whole).filter(|(a, b)| a == b).count();
        assert!(same < whole.len() / 50, "parameter {index}: {same} pixels are the same");
    }
}

#[test]
fn it_changes_little_from_place_to_place() {
    let smooth = Noise { size: 400.0, octaves: 1, ..Noise::defaults() };
    let row = apply(&smooth, Rect::of_size(2000, 1));
    assert!(row.windows(2).all(|pair| (pair[0][0] - pair[1][0]).abs() <= 0.005));
    let time = |evolution| apply(&Noise { size: 50.0, evolution, ..Noise::defaults() }, Rect::of_size(64, 64));
    for (before, after) in time(0.999_999).iter().zip(time(1.0)) {
        assert!((before[0] - after[0]).abs() <= 1e-5, "time goes on across a cell");
    }
}

#[test]
fn colours_are_mixed_premultiplied_and_far_away_there_is_noise_too() {
    let colours = [Color([2.0, -1.0, 0.0, 0.5]), Color([8.0, 0.0, 1.0, 1.0])];
    let noise = Noise { size: 5.0, low: colours[0], high: colours[1], ..Noise::defaults() };
    for pixel in apply(&noise, Rect::of_size(40, 40)) {
        let height = pixel[2];
        let expected = [1.0 + 7.0 * height, -0.5 + 0.5 * height, height, 0.5 + 0.5 * height];
        assert!(pixel.iter().zip(expected).all(|(found, expected)| (found - expected).abs() <= 2e-6), "{pixel:?}");
    }
    let far = Noise { size: 1.5, octaves: 10, lacunarity: 4.0, offset: [2e9, -2e9], ..Noise::defaults() };
    let found = apply(&far, Rect::of_size(32, 32));
    assert!(found.iter().flatten().all(|value| (0.0..=1.0).contains(value)));
    assert!(found.iter().any(|pixel| *pixel != found[0]));
}
