//! How fast the SDK runs pixel effects on one thread, at each instruction set: `cargo bench -p playa-plugin-api`.
//!
//! A tile passes through a call as the host makes it. Reported are nanoseconds a pixel, milliseconds for the pixels of a
//! 3840x2160 frame, and GB read and written a second.

use std::hint::black_box;
use std::time::Instant;

use abi_stable::RRef;
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{ROption, RStr, RVec};
use playa_plugin_api::abi::{
    BodyRef, Extension, InputAt, InputImage, RenderCall, Services, Services_TO, Soon, WireImage, WireValue,
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

/// Raises the components of straight colour to a power each, prepared for a call.
#[derive(Params)]
#[effect(id = "com.example.power")]
struct Power {
    #[param(default = [0.45, 0.85, 1.3])]
    powers: [f32; 3],
}

impl PixelEffect for Power {
    const ALPHA: Alpha = Alpha::Straight;

    fn pixel(&self, pixel: Pixel) -> Pixel {
        self.prepare()(pixel)
    }

    fn prepare(&self) -> impl Fn(Pixel) -> Pixel + Sync {
        let [red, green, blue] = self.powers.map(math::Power::new);
        #[inline(always)]
        move |[r, g, b, a]| [red.signed(r), green.signed(g), blue.signed(b), a]
    }
}

/// Raises straight colour to a power.
#[derive(Params)]
#[effect(id = "com.example.pow")]
struct Pow {
    #[param(default = 0.45)]
    power: f32,
}

impl PixelEffect for Pow {
    const ALPHA: Alpha = Alpha::Straight;

    #[inline(always)]
    fn pixel(&self, pixel: Pixel) -> Pixel {
        map_colour(
            pixel,
            #[inline(always)]
            |v| math::signed_pow(v, self.power),
        )
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
    fn pixel(&self, pixel: Pixel) -> Pixel {
        map_colour(pixel, |v| v.abs().powf(self.power).copysign(v))
    }
}

/// An input tile and an output tile of this size stay in a core's own cache.
const TILE: Rect = Rect::new(0, 0, 256, 32);
/// Calls in a batch, and batches of which the quickest counts.
const TILES: usize = 8;
const ROUNDS: usize = 400;

fn main() {
    let source: Vec<Pixel> = (0..TILE.area()).map(noise).collect();
    let mut result = vec![[0.0; 4]; source.len()];
    println!("{:<20} {:>8} {:>12} {:>8}", "", "ns/pixel", "ms/4K frame", "GB/s");
    simd::on_each_level(|level| {
        let name = |effect: &str| format!("{effect} {}", level.name());
        measure(&name("gain"), &export::entry::<_, Gain>(), &source, &mut result);
        measure(&name("matrix"), &export::entry::<_, Matrix>(), &source, &mut result);
        measure(&name("math::Power"), &export::entry::<_, Power>(), &source, &mut result);
        measure(&name("math::pow"), &export::entry::<_, Pow>(), &source, &mut result);
        measure(&name("f32::powf"), &export::entry::<_, Powf>(), &source, &mut result);
    });
    scalar("gain", &source, &mut result, |pixel| map_colour(pixel, |v| v * 1.25));
    scalar("f32::powf", &source, &mut result, |pixel| map_colour(pixel, |v| v.abs().powf(0.45).copysign(v)));
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
    let image = |data: *mut Pixel| WireImage {
        data: data.cast(),
        row_stride: (TILE.width() * size_of::<Pixel>()) as isize,
        pixel_stride: size_of::<Pixel>() as isize,
        window: TILE,
        format: 0,
    };
    let input = InputAt { input: 0, frame: 0.0 };
    let inputs = [InputImage { at: input, image: image(source.as_ptr().cast_mut()) }];
    let call = RenderCall {
        params: params[..].into(),
        inputs: inputs[..].into(),
        output: image(result.as_mut_ptr()),
        canvas: TILE,
        frame: 0.0,
        scale: 1.0,
        seed: 0,
        soon: Soon::NOTHING,
        properties: [][..].into(),
    };
    report(name, || {
        for _ in 0..TILES {
            effect.render(&call, &services).into_result().expect("the effect works");
        }
    });
}

/// What a plain loop costs, for comparison.
fn scalar(name: &str, source: &[Pixel], result: &mut [Pixel], pixel: impl Fn(Pixel) -> Pixel) {
    report(&format!("{name} pixel by pixel"), || {
        for _ in 0..TILES {
            for (out, source) in result.iter_mut().zip(source) {
                *out = pixel(black_box(*source));
            }
        }
    });
}

/// Runs `batch` often, and prints what the quickest run took.
fn report(name: &str, mut batch: impl FnMut()) {
    let mut seconds = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        batch();
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    let pixels = (TILES * TILE.area() as usize) as f64;
    let (frame, rate) = (seconds / pixels * 3840.0 * 2160.0 * 1e3, 32.0 * pixels / seconds * 1e-9);
    println!("{name:<20} {:>8.2} {frame:>12.1} {rate:>8.1}", seconds / pixels * 1e9);
}

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
