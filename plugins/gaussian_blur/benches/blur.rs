//! Milliseconds for a 4K picture: `cargo bench -p playa-gaussian-blur [-- THREADS...]`, for 1 and 2 threads unless told.
//!
//! A plugin file offers nothing to link, so the modules are compiled into the bench. Each thread blurs one part of the
//! picture's rows, on a host of its own.

use std::{hint::black_box, thread, time::Instant};

use playa_plugin_api::{prelude::*, simd::Level};

#[path = "../src/cascade.rs"]
mod cascade;
#[path = "../src/kernel.rs"]
mod kernel;
#[path = "../src/passes.rs"]
mod passes;
#[path = "../src/tiles.rs"]
mod tiles;

use cascade::Cascade;
use passes::{Edges, Picture};

const SIZE: Rect = Rect::new(0, 0, 3840, 2160);

fn main() {
    let threads: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let threads = if threads.is_empty() { vec![1, 2] } else { threads };
    println!(
        "{} x {} RGBA, {} instructions; milliseconds, best / median",
        SIZE.width(),
        SIZE.height(),
        Level::current().name()
    );
    let source = noise(SIZE.area() as usize);
    let mut out = vec![[0.0; 4]; source.len()];
    for threads in threads {
        for sigma in [2.0, 4.0, 10.0, 50.0, 200.0] {
            let radius = 2.0 * sigma;
            report("fast", sigma, threads, 9, || blur(&Cascade::fast(radius), &source, &mut out, threads));
            if sigma <= 10.0 {
                report("exact", sigma, threads, 5, || blur(&Cascade::exact(radius), &source, &mut out, threads));
            }
        }
    }
}

/// Blurs `source`, each of `threads` threads as many rows.
fn blur(cascade: &Cascade, source: &[Pixel], out: &mut [Pixel], threads: usize) {
    let picture = Picture { view: ImageView::new(SIZE, source), edges: Edges::Clamp };
    let weights = cascade.weights();
    let parts = ImageViewMut::new(SIZE, out).into_bands(SIZE.height().div_ceil(threads));
    thread::scope(|scope| {
        for part in parts {
            scope.spawn(|| passes::blur(&cascade.steps, &weights, picture, part, &Host::alone()).expect("a blur"));
        }
    });
    black_box(out);
}

/// Prints the best and the median time of `runs` runs.
fn report(quality: &str, sigma: f32, threads: usize, runs: usize, mut run: impl FnMut()) {
    run();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{quality:5} sigma {sigma:3}  {threads} threads  {:7.1} / {:7.1}", times[0], times[runs / 2]);
}

/// Values from 0 to 1, different everywhere.
fn noise(pixels: usize) -> Vec<Pixel> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    (0..pixels).map(|_| [(); 4].map(|()| next())).collect()
}
