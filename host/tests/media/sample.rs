//! Frames to test with, the same in every run.

use half::f16;
use playa_host::image::{Channel, Frame, Image, MetaValue, Rect, SampleType, Samples};

/// Numbers that look random (xorshift64*, Vigna 2016).
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 32) as usize % end
    }

    /// Any half, NaNs of all kinds among them.
    pub fn half(&mut self) -> f16 {
        f16::from_bits((self.next() >> 48) as u16)
    }
}

/// A window with odd sides and a negative corner, higher than two blocks of every compression but DWAB.
pub const WINDOW: Rect = Rect::new(-7, -3, 30, 64);

/// A frame with channels of every type and metadata of every kind. The colour is halves of all kinds, or floats of all
/// kinds.
pub fn frame(stored: SampleType) -> Frame {
    let mut noise = Noise::new(7);
    let area = WINDOW.area() as usize;
    let values = (0..area * 4)
        .map(|_| match stored {
            SampleType::Half => widened(noise.half()),
            _ => f32::from_bits((noise.next() >> 32) as u32),
        })
        .collect();
    let mut frame = Frame::new(Image::from_vec(WINDOW, values).unwrap());
    frame.stored = stored;
    frame.display_window = Rect::new(0, 0, 20, 500);
    frame.pixel_aspect = 1.5;
    frame.channels = vec![
        channel("Z", Samples::F32((0..area).map(|_| f32::from_bits((noise.next() >> 32) as u32)).collect())),
        channel("id", Samples::U32((0..area).map(|_| (noise.next() >> 32) as u32).collect())),
        channel("left.diffuse.R", Samples::F16((0..area).map(|_| noise.half()).collect())),
    ];
    frame.metadata = metadata().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    frame
}

/// A frame without surprises, for what loses precision.
pub fn smooth_frame() -> Frame {
    let (width, height) = (WINDOW.width(), WINDOW.height());
    let values = (0..width * height).flat_map(|i| {
        let (x, y) = ((i % width) as f32 / width as f32, (i / width) as f32 / height as f32);
        [x, y, x * y, 1.0]
    });
    let mut frame = Frame::new(Image::from_vec(WINDOW, values.collect()).unwrap());
    frame.channels = vec![
        channel("id", Samples::U32((0..(width * height) as u32).map(|i| i.wrapping_mul(0x9e37_79b9)).collect())),
        channel("depth.Z", Samples::F32((0..width * height).map(|i| 1.0 + i as f32 / 7.0).collect())),
    ];
    frame
}

fn channel(name: &str, samples: Samples) -> Channel {
    Channel { name: name.to_owned(), samples }
}

/// The float of a half with its NaN payload, by way of bits.
fn widened(half: f16) -> f32 {
    match half.is_nan() {
        true => {
            let bits = u32::from(half.to_bits());
            f32::from_bits((bits & 0x8000) << 16 | 0x7f80_0000 | (bits & 0x03ff) << 13)
        }
        false => half.to_f32(),
    }
}

fn metadata() -> Vec<(&'static str, MetaValue)> {
    let floats = |n: usize| (0..n).map(|i| i as f32 / 3.0);
    vec![
        ("owner", MetaValue::Text("Ωmega & Söhne".to_owned())),
        ("version", MetaValue::Text("a text, not the version of deep data".to_owned())),
        ("empty", MetaValue::Text(String::new())),
        ("a_name_that_is_longer_than_thirty_one_bytes", MetaValue::Int(-5)),
        ("float", MetaValue::Float(0.1)),
        ("double", MetaValue::Double(0.1)),
        ("multiView", MetaValue::TextList(vec!["left".to_owned(), "right".to_owned(), String::new()])),
        ("v2i", MetaValue::Vec2i([i32::MIN, i32::MAX])),
        ("v3i", MetaValue::Vec3i([1, 2, 3])),
        ("screenWindowCenter", MetaValue::Vec2([0.25, -0.5])),
        ("v3f", MetaValue::Vec3([1.0, f32::INFINITY, -0.0])),
        ("m33f", MetaValue::Matrix3(std::array::from_fn(|i| floats(9).nth(i).unwrap()))),
        ("worldToCamera", MetaValue::Matrix4(std::array::from_fn(|i| floats(16).nth(i).unwrap()))),
        ("originalDataWindow", MetaValue::BoxInt([-1, -2, 3, 4])),
        ("box2f", MetaValue::BoxFloat([-1.0, -2.0, 3.0, 4.0])),
        ("framesPerSecond", MetaValue::Rational(24000, 1001)),
        ("timeCode", MetaValue::TimeCode(0xffff_ffff, 0x1234_5678)),
        ("keyCode", MetaValue::KeyCode([1, 2, 3, 4, 5, 6, 7])),
        ("chromaticities", MetaValue::Chromaticities([0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329])),
        ("envmap", MetaValue::Opaque { type_name: "envmap".to_owned(), bytes: [1].into() }),
        ("ours", MetaValue::Opaque { type_name: "a studio's own".to_owned(), bytes: (0..=255).collect() }),
        ("screenWindowWidth", MetaValue::Float(2.0)),
    ]
}

/// The bits of an image's values, since NaN is not equal to itself.
pub fn bits(frame: &Frame) -> Vec<u32> {
    frame.image.values().iter().map(|value| value.to_bits()).collect()
}

/// The bits of samples.
pub fn sample_bits(samples: &Samples) -> Vec<u32> {
    match samples {
        Samples::F16(samples) => samples.iter().map(|sample| sample.to_bits().into()).collect(),
        Samples::F32(samples) => samples.iter().map(|sample| sample.to_bits()).collect(),
        Samples::U32(samples) => samples.to_vec(),
    }
}
