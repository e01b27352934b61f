//! Attributes of cameras, and those of layers and comps for mattes and motion blur.

use std::sync::LazyLock;

use super::{
    AttrSpec, MAX_PLACE, Schema, Value, ValueError, bool, channels, choice, float, int, spec, string, uuid, vec3,
};
use crate::project::Kind;

pub(super) static CAMERA: LazyLock<Schema> = LazyLock::new(|| Schema {
    node: "camera",
    attrs: vec![
        uuid(),
        string("name", "What people call it."),
        choice(
            "projection_type",
            "perspective",
            &[
                ("perspective", "What is farther away looks smaller."),
                ("orthographic", "The distance changes no size: one pixel is ortho_scale pixels."),
            ],
        )
        .doc("How space becomes a picture.")
        .pixels(),
        float("fov", 39.6, "The angle between the upper and the lower edge of the picture, in perspective.")
            .range(0.1, 179.0)
            .unit("degrees")
            .pixels()
            .keyable(),
        distance("near_clip", 1.0, "A layer that is nearer with all of its corners is not seen."),
        distance(
            "far_clip",
            10_000.0,
            "A layer that is farther away with all of its corners is not seen; a long lens needs more.",
        ),
        float("ortho_scale", 1.0, "How large things look, if the camera is orthographic; 1 is 100 %.")
            .range(1e-6, 1e6)
            .pixels()
            .keyable(),
        bool("use_poi", false, "Whether it looks at point_of_interest, instead of where its layer's rotation says.")
            .pixels(),
        vec3("point_of_interest", 0.0, "What it looks at if use_poi is true, in the space of its comp.").unit("px"),
    ],
});

/// What a layer has for its matte.
pub(super) fn matte() -> [AttrSpec; 3] {
    [
        string("matte", "The uuid of another layer of the comp, which says where this one is seen; empty for none.")
            .normalised(uuid_or_nothing)
            .pixels(),
        AttrSpec {
            default: Value::String("alpha".to_string()),
            ..string(
                "matte_channel",
                "What of the matte counts: its alpha, luminance (by Rec. 709), red, green or blue, or a channel of its file by \
                 its name, such as Z or mask.R, whose numbers stay as they are.",
            )
        }
        .normalised(channels::one)
        .pixels(),
        bool("matte_invert", false, "Whether the layer is seen where the matte is not.").pixels(),
    ]
}

/// What a layer has for motion blur.
pub(super) fn motion_blur() -> AttrSpec {
    bool("motion_blur", false, "Whether its moves blur it, by the shutter of the comp.").pixels()
}

/// What a comp has for motion blur.
pub(super) fn shutter() -> [AttrSpec; 3] {
    [
        float(
            "shutter_angle",
            180.0,
            "How long the shutter is open, for layers with motion_blur; 360 is a whole frame.",
        )
        .range(0.0, 720.0)
        .unit("degrees")
        .pixels(),
        float("shutter_phase", -90.0, "When the shutter opens, from the time of the frame; 360 is a whole frame.")
            .range(-360.0, 360.0)
            .unit("degrees")
            .pixels(),
        int("motion_samples", 16, 1, 256, "", "At how many times within the open shutter a moving layer is looked at.")
            .pixels(),
    ]
}

fn distance(name: &'static str, default: f64, doc: &'static str) -> AttrSpec {
    spec(name, Kind::Float, Value::Float(default), doc).range(0.001, MAX_PLACE).unit("px").pixels().keyable()
}

/// A uuid in its usual form, or the empty text.
fn uuid_or_nothing(value: &Value) -> Result<Value, ValueError> {
    match (value, value.coerce(Kind::Uuid)) {
        (_, Some(uuid)) => Ok(Value::String(uuid.to_string())),
        (Value::String(text), None) if text.is_empty() => Ok(value.clone()),
        (Value::String(_), None) => Err(ValueError::Range {
            found: value.to_string(),
            expected: "the uuid of a layer, or an empty text for no matte".to_string(),
        }),
        _ => Err(ValueError::Kind {
            found: format!("{value} ({})", value.kind()),
            expected: "string, the uuid of a layer".to_string(),
        }),
    }
}
