//! Which attributes projects, comps, layers, cameras, solids, texts and media have.

mod camera;
mod channels;
mod colour;
mod drawn;

pub use drawn::MAX_TEXT;

use std::sync::LazyLock;

use playa_plugin_api::{ChoiceSpec, Kind, Value, ValueError};

use super::attrs::{AttrSpec, Flags, Normalise, Schema};
use super::blend_mode::BlendMode;
use super::time::{FRAME_LIMIT, MIN_SPEED, Rate};

/// Attributes of the project.
pub fn project() -> &'static Schema {
    &PROJECT
}

/// Attributes of a comp.
pub fn comp() -> &'static Schema {
    &COMP
}

/// Attributes of a layer.
pub fn layer() -> &'static Schema {
    &LAYER
}

/// Attributes of a media node: a file, or a sequence of files.
pub fn media() -> &'static Schema {
    &MEDIA
}

/// Attributes of a camera. Where it stands and looks is said by the layers that show it.
pub fn camera() -> &'static Schema {
    &camera::CAMERA
}

/// Attributes of a solid.
pub fn solid() -> &'static Schema {
    &drawn::SOLID
}

/// Attributes of a text.
pub fn text() -> &'static Schema {
    &drawn::TEXT
}

static PROJECT: LazyLock<Schema> = LazyLock::new(|| Schema {
    node: "project",
    attrs: [string("name", "What people call it.")].into_iter().chain(colour::project()).collect(),
});

static COMP: LazyLock<Schema> = LazyLock::new(|| Schema {
    node: "comp",
    attrs: vec![
        uuid(),
        string("name", "What people call it."),
        int("width", 1920, 1, MAX_SIZE, "px", "Width of the pictures.").pixels(),
        int("height", 1080, 1, MAX_SIZE, "px", "Height of the pictures.").pixels(),
        fps(),
        frame("in", 0, "First frame. Setting it by hand turns auto_bounds off."),
        frame("out", 120, "Last frame, included. Setting it by hand turns auto_bounds off."),
        frame("trim_in", 0, "Frames at the start that are not part of the work area.").pixels(),
        frame("trim_out", 0, "Frames at the end that are not part of the work area.").pixels(),
        bool("auto_bounds", true, "Whether in and out follow the visible layers whenever layers change."),
    ]
    .into_iter()
    .chain(camera::shutter())
    .collect(),
});

static LAYER: LazyLock<Schema> = LazyLock::new(|| Schema {
    node: "layer",
    attrs: vec![
        uuid(),
        string("name", "What people call it."),
        frame("in", 0, "The comp frame at which the source starts, before trimming.").pixels(),
        frame("out", 0, "The last visible comp frame; setting it trims the layer.").pixels().computed(),
        int("src_len", 1, 1, FRAME_LIMIT, "frames", "Length of the source in source frames.").pixels(),
        trim("trim_in", "Source frames hidden at the start; negative holds the first frame for longer."),
        trim("trim_out", "Source frames hidden at the end; negative holds the last frame for longer."),
        float("speed", 1.0, "Source frames per comp frame; negative plays backwards; 0.001 at least in magnitude.")
            .range(-1000.0, 1000.0)
            .normalised(not_too_slow)
            .pixels(),
        float("opacity", 1.0, "How much of the layer is seen.").range(0.0, 1.0).pixels().keyable(),
        bool("visible", true, "Whether the layer is seen.").pixels(),
        bool("solo", false, "Hides the layers of the comp that are not solo.").pixels(),
        bool("mute", false, "Hides the layer.").pixels(),
        blend_mode(),
        vec3("position", 0.0, "Where the pivot lies; 0, 0, 0 is the comp's centre, +X right, +Y up.").unit("px"),
        vec3("rotation", 0.0, "Turns about X, Y and Z in this order, clockwise positive.").unit("degrees"),
        vec3("scale", 1.0, "Factors of size; 1 is 100 %."),
        vec3("pivot", 0.0, "The point about which it turns and scales, from the layer's centre.").unit("px"),
        choice(
            "filter",
            "bilinear",
            &[
                ("impulse", "The nearest pixel, as it is."),
                ("bilinear", "The mean of the four pixels around, weighted by nearness."),
                ("cubic", "Keys' cubic with a = -0.5 (Catmull-Rom): sharper, rings a little."),
                ("mitchell", "The cubic of Mitchell and Netravali, B = C = 1/3: softer than cubic, hardly rings."),
                ("lanczos3", "Sinc within three lobes of a sinc: the sharpest, rings most."),
            ],
        )
        .doc("How pixels are sampled where it is not moved by whole pixels; all but impulse widen where it shrinks.")
        .pixels(),
        camera::motion_blur(),
    ]
    .into_iter()
    .chain(channels::layer())
    .chain(camera::matte())
    .collect(),
});

static MEDIA: LazyLock<Schema> = LazyLock::new(|| Schema {
    node: "media",
    attrs: vec![
        uuid(),
        string("name", "What people call it."),
        string("path", "The file, or the sequence with its place for the frame number as the user wrote it.")
            .pixels()
            .read_only(),
        frame("in", 0, "First frame on disk.").pixels().read_only(),
        frame("out", 0, "Last frame on disk.").pixels().read_only(),
        fps(),
        choice(
            "missing",
            "error",
            &[
                ("error", "An error that names file and frame."),
                ("black", "Transparent black."),
                ("hold", "The last frame before it."),
                ("nearest", "The frame nearest to it."),
            ],
        )
        .doc("What shows in place of a file that the sequence lacks.")
        .pixels(),
        channels::media(),
        colour::media(),
        int("width", 0, 0, MAX_SIZE, "px", "Width of the display window; 0 where unknown.").read_only(),
        int("height", 0, 0, MAX_SIZE, "px", "Height of the display window; 0 where unknown.").read_only(),
    ],
});

/// No picture is wider or higher.
const MAX_SIZE: i64 = 1 << 20;

/// Positions, factors and angles stay within plus and minus this, so that no transform overflows.
const MAX_PLACE: f64 = 1e9;

fn spec(name: &'static str, kind: Kind, default: Value, doc: &'static str) -> AttrSpec {
    AttrSpec {
        name,
        kind,
        default,
        range: None,
        unit: "",
        doc,
        choices: Vec::new(),
        flags: Flags::default(),
        normalise: None,
    }
}

impl AttrSpec {
    fn range(self, low: f64, high: f64) -> Self {
        Self { range: Some((low, high)), ..self }
    }

    fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    fn doc(self, doc: &'static str) -> Self {
        Self { doc, ..self }
    }

    fn normalised(self, normalise: Normalise) -> Self {
        Self { normalise: Some(normalise), ..self }
    }

    fn pixels(mut self) -> Self {
        self.flags.affects_pixels = true;
        self
    }

    fn keyable(mut self) -> Self {
        self.flags.keyable = true;
        self
    }

    fn read_only(mut self) -> Self {
        self.flags.read_only = true;
        self
    }

    fn computed(mut self) -> Self {
        self.flags.computed = true;
        self
    }
}

fn uuid() -> AttrSpec {
    spec("uuid", Kind::Uuid, Value::Uuid([0; 16]), "Identity, the same for ever.").read_only()
}

fn string(name: &'static str, doc: &'static str) -> AttrSpec {
    spec(name, Kind::String, Value::String(String::new()), doc)
}

fn bool(name: &'static str, default: bool, doc: &'static str) -> AttrSpec {
    spec(name, Kind::Bool, Value::Bool(default), doc)
}

fn int(name: &'static str, default: i64, low: i64, high: i64, unit: &'static str, doc: &'static str) -> AttrSpec {
    spec(name, Kind::Int, Value::Int(default), doc).range(low as f64, high as f64).unit(unit)
}

fn frame(name: &'static str, default: i64, doc: &'static str) -> AttrSpec {
    int(name, default, -FRAME_LIMIT, FRAME_LIMIT, "frames", doc)
}

fn float(name: &'static str, default: f64, doc: &'static str) -> AttrSpec {
    spec(name, Kind::Float, Value::Float(default), doc)
}

fn trim(name: &'static str, doc: &'static str) -> AttrSpec {
    float(name, 0.0, doc).range(-FRAME_LIMIT as f64, FRAME_LIMIT as f64).unit("frames").pixels()
}

fn vec3(name: &'static str, default: f64, doc: &'static str) -> AttrSpec {
    spec(name, Kind::Vec3, Value::Vec3([default; 3]), doc).range(-MAX_PLACE, MAX_PLACE).pixels().keyable()
}

fn choice(name: &'static str, default: &str, choices: &[(&str, &str)]) -> AttrSpec {
    let choice = |(key, doc): &(&str, &str)| {
        let (key, doc) = (key.to_string(), doc.to_string());
        ChoiceSpec { label: key.clone(), key, doc }
    };
    let choices = choices.iter().map(choice).collect();
    AttrSpec { choices, ..spec(name, Kind::Choice, Value::Choice(default.to_string()), "") }
}

fn blend_mode() -> AttrSpec {
    let modes = BlendMode::ALL.map(|mode| (mode.key(), mode.doc()));
    choice("blend_mode", BlendMode::Normal.key(), &modes).doc("How its colours combine with what is below.").pixels()
}

fn fps() -> AttrSpec {
    spec(
        "fps",
        Kind::String,
        Value::String("24".to_string()),
        "Frames per second: 24, 23.976, \"24000/1001\" or [24000, 1001].",
    )
    .normalised(rate_text)
    .unit("frames/s")
    .pixels()
}

/// A frame rate, however written, as `24` or `24000/1001`.
fn rate_text(value: &Value) -> Result<Value, ValueError> {
    let pair = |items: &[Value]| match items {
        [Value::Int(num), Value::Int(den)] => Rate::new(*num, *den).ok(),
        _ => None,
    };
    let rate = match value {
        Value::Int(fps) => Rate::new(*fps, 1).ok(),
        Value::Float(fps) => Rate::from_f64(*fps).ok(),
        Value::String(text) => text.parse().ok(),
        Value::List(items) => pair(items),
        Value::Vec2([num, den]) if num.fract() == 0.0 && den.fract() == 0.0 => Rate::new(*num as i64, *den as i64).ok(),
        _ => None,
    };
    let expected = || "a frame rate up to 100000 such as 24, 23.976, \"24000/1001\" or [24000, 1001]".to_string();
    match rate {
        Some(rate) => Ok(Value::String(rate.to_string())),
        None => Err(ValueError::Kind { found: format!("{value} ({})", value.kind()), expected: expected() }),
    }
}

fn not_too_slow(value: &Value) -> Result<Value, ValueError> {
    match value.coerce(Kind::Float) {
        Some(Value::Float(speed)) if speed.abs() < MIN_SPEED => Err(ValueError::Range {
            found: value.to_string(),
            expected: format!(
                "a speed of at least {MIN_SPEED} in magnitude (set `visible` to false to hide the layer)"
            ),
        }),
        _ => Ok(value.clone()),
    }
}
