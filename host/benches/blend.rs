//! How fast one thread blends, in every mode and at each instruction set: `cargo bench -p playa-host --bench blend`.
//!
//! A layer is blended over a tile that stays in a core's own cache. Reported are nanoseconds a pixel, and milliseconds
//! for the pixels of a 3840x2160 frame.

use std::hint::black_box;
use std::time::Instant;

use playa_host::image::Pixel;
use playa_host::render::blend::{BlendMode, blend_row};
use playa_plugin_api::simd;

/// A tile as the renderer has it: its size in columns and rows.
const TILE: (usize, usize) = (1024, 8);
/// Batches, of which the quickest counts.
const ROUNDS: usize = 300;

fn main() {
    let pixels = TILE.0 * TILE.1;
    let picture = |seed: u64| (0..pixels as u64).map(|index| noise(index + (seed << 32))).collect::<Vec<_>>();
    let (backdrop, layer) = (picture(1), picture(2));
    println!("{:<22} {:>8} {:>12}", "", "ns/pixel", "ms/4K frame");
    simd::on_each_level(|level| {
        for mode in BlendMode::ALL {
            let nanoseconds = measure(mode, &backdrop, &layer);
            let frame = nanoseconds * 3840.0 * 2160.0 * 1e-6;
            println!("{:<12} {:<9} {nanoseconds:>8.2} {frame:>12.1}", mode.key(), level.name());
        }
    });
}

/// Nanoseconds a pixel.
fn measure(mode: BlendMode, backdrop: &[Pixel], layer: &[Pixel]) -> f64 {
    let mut output = backdrop.to_vec();
    let mut seconds = f64::INFINITY;
    for _ in 0..ROUNDS {
        // Blending again and again over the same pixels would end at infinity.
        output.copy_from_slice(backdrop);
        let start = Instant::now();
        simd::dispatch(
            #[inline(always)]
            || {
                for (output, layer) in output.chunks_exact_mut(TILE.0).zip(layer.chunks_exact(TILE.0)) {
                    blend_row(mode, output, black_box(layer), black_box(0.75));
                }
            },
        );
        seconds = seconds.min(start.elapsed().as_secs_f64());
        black_box(&output);
    }
    seconds / layer.len() as f64 * 1e9
}

/// Premultiplied colour up to 2 times alpha, and alpha up to 1, neither regular.
fn noise(index: u64) -> Pixel {
    let bits = index.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (index << 17);
    let [r, g, b, a] = [3, 19, 35, 47].map(|shift| ((bits >> shift) & 0xffff) as f32 / 65536.0);
    [2.0 * r * a, 2.0 * g * a, 2.0 * b * a, a]
}
