//! Milliseconds to place a 4K picture: `cargo bench -p playa-host --bench sample [-- THREADS [RUNS]]`, for 2 threads
//! unless told.
//!
//! The picture is turned by 12 degrees and enlarged by 1.3, turned the other way, turned and made a little smaller, shrunk by 3 both turned and
//! upright, and turned by a right angle, by every filter. Threads take bands of rows and tiles of them, as in a render. A plain copy of the frame is
//! beside, which is what memory alone takes.

use std::{hint::black_box, time::Instant};

use playa_host::image::{Image, Pixel, Rect};
use playa_host::project::{Homography, Placement};
use playa_host::render::sample::{Filter, Placed};
use playa_plugin_api::simd::{self, Level};
use rayon::prelude::*;

const SIZE: Rect = Rect::new(0, 0, 3840, 2160);
const TILE: (usize, usize) = (256, 32);

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let (threads, runs) = (numbers.next().unwrap_or(2), numbers.next().unwrap_or(9));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    println!(
        "{} x {} RGBA, {threads} threads, {} instructions; milliseconds, best / median",
        SIZE.width(),
        SIZE.height(),
        Level::current().name()
    );
    let source = noise();
    let mut frame = Image::transparent(SIZE).expect("memory");
    let out = frame.values_mut().expect("a new image is not shared").as_chunks_mut::<4>().0;
    report("copy", runs, || {
        pool.install(|| {
            let band = SIZE.width() * TILE.1;
            out.par_chunks_mut(band).zip(source.pixels().par_chunks(band)).for_each(|(out, from)| {
                out.copy_from_slice(from);
            });
        });
    });
    for (name, rotation, scale) in [
        ("enlarged", 12.0, 1.3),
        ("turned back", -20.0, 1.3),
        ("turned, 0.8", 12.0, 0.8),
        ("shrunk", 12.0, 1.0 / 3.0),
        ("upright", 0.0, 1.0 / 3.0),
        ("quarter turn", 90.0, 1.0),
    ] {
        let placement = Placement { rotation: [0.0, 0.0, rotation], scale: [scale, scale, 1.0], ..Placement::CENTRED };
        let to_comp = Homography::from(placement.to_comp(SIZE, 3840, 2160));
        for filter in Filter::ALL {
            let placed = Placed::new(SIZE, &to_comp, filter, SIZE).expect("it is seen");
            report(&format!("{} {name}", filter.key()), runs, || pool.install(|| paint(&placed, &source, out)));
        }
    }
    black_box(frame);
}

/// Samples the whole frame, tile by tile.
fn paint(placed: &Placed, source: &Image, out: &mut [Pixel]) {
    out.par_chunks_mut(SIZE.width() * TILE.1).enumerate().for_each(|(band, pixels)| {
        simd::dispatch(
            #[inline(always)]
            || {
                for x in (0..SIZE.width()).step_by(TILE.0) {
                    for (y, row) in pixels.chunks_exact_mut(SIZE.width()).enumerate() {
                        let (x0, y0) = (x as i32, (band * TILE.1 + y) as i32);
                        let at = Rect::new(x0, y0, x0 + TILE.0 as i32, y0 + 1).intersect(&SIZE);
                        let seen = at.intersect(&placed.domain);
                        if !seen.is_empty() {
                            let row = &mut row[seen.x0 as usize..seen.x1 as usize];
                            placed.sample_row(source, seen, row);
                        }
                    }
                }
            },
        );
    });
}

/// Prints the best and the median time of `runs` runs.
fn report(name: &str, runs: usize, mut run: impl FnMut()) {
    run();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:22} {:7.1} / {:7.1}", times[0], times[runs / 2]);
}

/// Values from 0 to 1, different everywhere.
fn noise() -> Image {
    let mut state = 1_u32;
    let values = (0..SIZE.area() * 4).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    });
    Image::from_vec(SIZE, values.collect()).expect("as many values as pixels")
}
