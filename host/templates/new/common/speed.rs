//! How long the effect takes on one thread, with the parameters that it starts with: `cargo bench`.

use std::hint::black_box;
use std::time::Instant;

use playa_plugin_api::{ImageView, Params, Rect, testing};

use __crate__::__Type__;

const WIDTH: u32 = 960;
const HEIGHT: u32 = 540;
/// The quickest of these counts.
const ROUNDS: usize = 5;

fn main() {
    let window = Rect::of_size(WIDTH, HEIGHT);
    let colour = |i: u64| [(i % 251) as f32 / 100.0, (i % 127) as f32 / 127.0, 0.25, 1.0];
    let pixels: Vec<_> = (0..window.area()).map(colour).collect();
    let effect = __Type__::defaults();
    let seconds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        // An effect without inputs takes the size of the picture alone.
        let made = testing::apply(black_box(&effect), &[ImageView::new(window, &pixels)], window);
        black_box(made).expect("it renders");
        start.elapsed().as_secs_f64()
    });
    let quickest = seconds.fold(f64::INFINITY, f64::min);
    let each = quickest * 1e9 / window.area() as f64;
    println!("{WIDTH}x{HEIGHT}: {:.2} ms, {each:.2} ns a pixel", quickest * 1e3);
}
