//! The SDK as an author and a host meet it, without a plugin file.

mod blocks;
mod derive;
mod effects;
mod math;
mod pixels;
mod rects;
mod values;
mod wire;

use std::collections::BTreeMap;

use playa_plugin_api::{Uuid, prelude::*};

/// An effect with a parameter of every kind.
///
/// It says "hello\n".
#[derive(Clone, Debug, Params, PartialEq)]
#[effect(id = "com.example.every_kind", label = "All of Them", version = "2.1.0-beta.1", tags = ["test", "kinds"])]
struct EveryKind {
    /// On or off.
    #[param(default = true, label = "Turned on", group = "Switches")]
    on: bool,
    #[param(default = -3, range = -10..=10, step = 1)]
    count: i32,
    #[param(default = 9_007_199_254_740_993)]
    big: i64,
    #[param(enabled_if = "on")]
    index: u32,
    /// How much.
    /// It goes on.
    #[param(default = 0.1, range = 0.0..=1e6, soft = 0.0..=2.0, unit = "stops", renamed_from = "gain", renamed_from = "amount")]
    exposure: f32,
    #[param(default = 0.1, range = -1.0..=1.0)]
    precise: f64,
    #[param(default = "a \"quoted\" text")]
    text: String,
    #[param(default = [0.1, 2.0], unit = "px")]
    offset: [f32; 2],
    direction: [f32; 3],
    corners: [f32; 4],
    #[param(default = Color([1.0, 0.5, 0.25, 1.0]))]
    tint: Color,
    mode: Mode,
    #[param(default = Mode::First)]
    other_mode: Mode,
    identity: Uuid,
    #[param(default = vec![0.0, 0.5])]
    curve: Vec<f32>,
    r#loop: BTreeMap<String, Vec<bool>>,
}

/// Two ways and a third.
#[derive(Choice, Clone, Copy, Debug, PartialEq)]
enum Mode {
    /// The first way.
    First,
    #[default]
    #[choice(key = "2nd", label = "The 2nd")]
    Second,
    ThirdWay,
}

impl PixelEffect for EveryKind {
    fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
        let Color([red, ..]) = self.tint;
        [r * red + self.exposure, g, b, a]
    }
}
