//! Attributes of solids and texts.

use std::sync::LazyLock;

use super::{AttrSpec, MAX_SIZE, Schema, Value, ValueError, choice, float, int, spec, string, uuid};
use crate::project::Kind;
use crate::project::save::paths;
use crate::text::fonts;

/// A text has at most so many characters.
pub const MAX_TEXT: usize = 1 << 16;

pub(super) static SOLID: LazyLock<Schema> = LazyLock::new(|| Schema {
    node: "solid",
    attrs: vec![
        uuid(),
        string("name", "What people call it."),
        color("color", [0.0, 0.0, 0.0, 1.0], "Its colour: scene-linear, straight; alpha within 0..=1."),
        int("width", 0, 0, MAX_SIZE, "px", "Its width; 0 for that of the comp that shows it.").pixels(),
        int("height", 0, 0, MAX_SIZE, "px", "Its height; 0 for that of the comp that shows it.").pixels(),
    ],
});

pub(super) static TEXT: LazyLock<Schema> = LazyLock::new(|| {
    Schema {
    node: "text",
    attrs: vec![
        uuid(),
        string("name", "What people call it."),
        string("text", "What it says, at most 65536 characters; a line break begins a line.")
            .normalised(not_too_long)
            .pixels()
            .keyable(),
        string(
            "font",
            "The font: a family, or the path of a .ttf, .otf, .ttc or .otc file; empty for DejaVu Sans, which is built in, \
             as is Noto Emoji. A family that is not built in is looked for among the fonts of the system.",
        )
        .normalised(font)
        .pixels(),
        float("font_size", 72.0, "How large it is: pixels per em.").range(1.0, 4096.0).unit("px").pixels().keyable(),
        color(
            "color",
            [1.0; 4],
            "The colour of its glyphs: scene-linear, straight; alpha within 0..=1, also of glyphs that have their own colour.",
        ),
        choice(
            "alignment",
            "left",
            &[
                ("left", "Lines begin at the left edge."),
                ("center", "Lines are in the middle."),
                ("right", "Lines end at the right edge."),
                ("justified", "Wrapped lines go from edge to edge; the last one of a paragraph does not."),
            ],
        )
        .doc("Where lines lie in the width.")
        .pixels(),
        float("line_height", 1.2, "From one baseline to the next, in font sizes.").range(0.1, 100.0).pixels().keyable(),
        color("bg_color", [0.0; 4], "The colour of its box: scene-linear, straight; alpha within 0..=1."),
        int(
            "width",
            0,
            0,
            MAX_SIZE,
            "px",
            "The width of its box, at which lines wrap; 0 for that of the longest line, unwrapped, made even.",
        )
        .pixels(),
        int(
            "height",
            0,
            0,
            MAX_SIZE,
            "px",
            "The height of its box, beyond which nothing is shown; 0 for that of all lines, made even.",
        )
        .pixels(),
    ],
}
});

fn color(name: &'static str, default: [f64; 4], doc: &'static str) -> AttrSpec {
    let largest = f64::from(f32::MAX);
    spec(name, Kind::Color, Value::Color(default), doc)
        .range(-largest, largest)
        .normalised(with_alpha)
        .pixels()
        .keyable()
}

/// A colour whose alpha is a share. What is no colour is refused later.
fn with_alpha(value: &Value) -> Result<Value, ValueError> {
    match value.coerce(Kind::Color) {
        Some(Value::Color([.., alpha])) if !(0.0..=1.0).contains(&alpha) => Err(ValueError::Range {
            found: value.to_string(),
            expected: "red, green, blue and an alpha within 0..=1".to_string(),
        }),
        _ => Ok(value.clone()),
    }
}

fn not_too_long(value: &Value) -> Result<Value, ValueError> {
    match value {
        Value::String(text) if text.chars().count() > MAX_TEXT => Err(ValueError::Range {
            found: format!("{} characters", text.chars().count()),
            expected: format!("a text of at most {MAX_TEXT} characters; use several"),
        }),
        _ => Ok(value.clone()),
    }
}

/// The name of a family as it is, or a path from the root.
fn font(value: &Value) -> Result<Value, ValueError> {
    match value {
        Value::String(name) if fonts::is_path(name) => match paths::absolute(name.as_ref()) {
            Ok(path) => Ok(Value::String(path)),
            Err(error) => Err(ValueError::Range {
                found: value.to_string(),
                expected: format!("the path of a font file: {error}"),
            }),
        },
        _ => Ok(value.clone()),
    }
}
