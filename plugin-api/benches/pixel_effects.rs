//! How fast the SDK runs pixel effects on one thread, at each instruction set: `cargo bench -p playa-plugin-api`.
//!
//! A 3840x2160 frame passes in tiles of 256x32 pixels through a call as the host makes it, so that an input tile and
//! an output tile stay in a core's own cache. Reported is the best of several frames, in nanoseconds and cycles a pixel
//! (cycles of the time stamp counter, where there is one) and GB read and written a second.

use std::hint::black_box;
use std::time::Instant;

use abi_stable::RRef;
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{ROption, RStr, RVec};
use playa_plugin_api::abi::{
    BodyRef, Extension, InputAt, InputImage, RenderCall, Services, Services_TO, WireImage, WireValue,
};
use playa_plugin_api::{export, math, prelude::*, simd};

/// Multiplies colour.
#[derive(Params)]
#[effect(id = "com.example.gain")]
struct Gain {
    #[param(default = 1.25)]
    gain: f32,
}

impl PixelEffect for Gain {
    #[inline(always)]
    fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
        [r * self.gain, g * self.gain, b * self.gain, a]
    }
}

/// Mixes the components of colour.
#[derive(Params)]
#[effect(id = "com.example.matrix")]
struct Matrix {
    #[param(default = [0.9, 0.2, -0.1])]
    red: [f32; 3],
    #[param(default = [0.1, 0.7, 0.2])]
    green: [f32; 3],
    #[param(default = [-0.2, 0.3, 0.9])]
    blue: [f32; 3],
}

impl PixelEffect for Matrix {
    #[inline(always)]
    fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
        let row = |[x, y, z]: [f32; 3]| x * r + y * g + z * b;
        [row(self.red), row(self.green), row(self.blue), a]
    }
}

/// Raises straight colour to a power.
#[derive(Params)]
#[effect(id = "com.example.power")]
struct Power {
    #[param(default = 0.45)]
    power: f32,
}

impl PixelEffect for Power {
    const ALPHA: Alpha = Alpha::Straight;

    #[inline(always)]
    fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
        let f = |v| math::signed_pow(v, self.power);
        [f(r), f(g), f(b), a]
    }
}

/// The same with the standard library's function, which is not made of vectors.
#[derive(Params)]
#[effect(id = "com.example.powf")]
struct Powf {
    #[param(default = 0.45)]
    power: f32,
}

impl PixelEffect for Powf {
    const ALPHA: Alpha = Alpha::Straight;

    #[inline(always)]
    fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
        let f = |v: f32| v.abs().powf(self.power).copysign(v);
        [f(r), f(g), f(b), a]
    }
}

const FRAME: Rect = Rect::new(0, 0, 1024, 64);
const TILE: (i32, i32) = (256, 32);
const ROUNDS: usize = 300;

fn main() {
    let source: Vec<Pixel> = (0..FRAME.area()).map(noise).collect();
    let mut result = vec![[0.0; 4]; source.len()];
    println!("{:<18} {:>8} {:>8} {:>8}", "", "ns/px", "cycles", "GB/s");
    simd::on_each_level(|level| {
        let name = |effect: &str| format!("{effect} {}", level.name());
        measure(&name("gain"), &export::entry::<_, Gain>(), &source, &mut result);
        measure(&name("matrix"), &export::entry::<_, Matrix>(), &source, &mut result);
        measure(&name("math::pow"), &export::entry::<_, Power>(), &source, &mut result);
        measure(&name("f32::powf"), &export::entry::<_, Powf>(), &source, &mut result);
    });
    scalar("gain", &source, &mut result, |[r, g, b, a]| [r * 1.25, g * 1.25, b * 1.25, a]);
}

/// Colour up to 2 and alpha up to 1, neither regular.
fn noise(index: u64) -> Pixel {
    let bits = index.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (index << 17);
    [3, 19, 35, 47].map(|shift| ((bits >> shift) & 0xffff) as f32 / 65536.0 * if shift == 47 { 1.0 } else { 2.0 })
}

fn measure(name: &str, entry: &export::Entry, source: &[Pixel], result: &mut [Pixel]) {
    let params: Vec<_> = (entry.spec)().params.iter().map(|param| WireValue::from(&param.default)).collect();
    let effect = (entry.create)().expect("the effect can be made");
    let host = OneThread;
    let services = Services_TO::from_ptr(RRef::new(&host), TD_Opaque);
    report(name, || {
        for y0 in (0..FRAME.y1).step_by(TILE.1 as usize) {
            for x0 in (0..FRAME.x1).step_by(TILE.0 as usize) {
                let window = Rect::new(x0, y0, x0 + TILE.0, y0 + TILE.1).intersect(&FRAME);
                let first = 0;
                let image = |data: *mut Pixel| WireImage {
                    data: data.cast(),
                    row_stride: (TILE.0 as usize * size_of::<Pixel>()) as isize,
                    pixel_stride: size_of::<Pixel>() as isize,
                    window,
                    format: 0,
                };
                let input = image(source[first..].as_ptr().cast_mut());
                let inputs = [InputImage { at: InputAt { input: 0, frame: 0.0 }, image: input }];
                let call = RenderCall {
                    params: params[..].into(),
                    inputs: inputs[..].into(),
                    output: image(result[first..].as_mut_ptr()),
                    canvas: FRAME,
                    frame: 0.0,
                    scale: 1.0,
                    seed: 0,
                    properties: [][..].into(),
                };
                effect.render(&call, &services).into_result().expect("the effect works");
            }
        }
    });
}

fn scalar(name: &str, source: &[Pixel], result: &mut [Pixel], pixel: impl Fn(Pixel) -> Pixel) {
    report(&format!("{name} loop"), || {
        for (out, source) in result.iter_mut().zip(source) {
            *out = black_box(pixel(*source));
        }
    });
}

fn report(name: &str, mut frame: impl FnMut()) {
    frame();
    let (mut seconds, mut cycles) = (f64::INFINITY, u64::MAX);
    for _ in 0..ROUNDS {
        let (start, first) = (Instant::now(), time_stamp());
        frame();
        cycles = cycles.min(time_stamp() - first);
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    let pixels = FRAME.area() as f64;
    let (nanos, cycles, rate) = (seconds * 1e9 / pixels, cycles as f64 / pixels, 32.0 * pixels / seconds * 1e-9);
    println!("{name:<18} {nanos:>8.2} {cycles:>8.2} {rate:>8.1}");
}

fn time_stamp() -> u64 { 
 #[allow(unsafe_code)] unsafe { std::arch::x86_64::_rdtsc() } }

/// A host of one thread.
struct OneThread;

impl Services for OneThread {
    fn parallel_for(&self, count: usize, body: &BodyRef<'_>) {
        (0..count).for_each(|index| body.run(index));
    }

    fn scratch(&self, _values: usize) -> ROption<RVec<f32>> {
        ROption::RNone
    }

    fn give_back(&self, _buffer: RVec<f32>) {}

    fn aborted(&self) -> bool {
        false
    }

    fn progress(&self, _done: f32) {}

    fn log(&self, _level: u32, _message: RStr<'_>) {}

    fn extension(&self, _name: RStr<'_>, _version: u32) -> ROption<Extension> {
        ROption::RNone
    }
}
