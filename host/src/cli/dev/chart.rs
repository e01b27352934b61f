//! A picture with what effects go wrong at: light above 1, colours at full strength, dark ramps, hard and soft edges,
//! single pixels, alpha, and something that moves.

use std::sync::Arc;

use playa_plugin_api::{Pixel, Value};
use uuid::Uuid;

use crate::image::{Frame, Image, ImageError, Rect};
use crate::project::{Interp, Key, LayerSource, Node, Project};

const WIDTH: i32 = 640;
const HEIGHT: i32 = 360;
const LAST: i64 = 48;
/// The frame that is shown: the ball has come half of its way.
const SHOWN: i64 = 24;
/// The radius of the ball.
const BALL: i32 = 48;

/// Adds the picture as a comp, on a layer of another one. Returns that comp, the layer for effects, and a frame to show.
pub(super) fn add(project: &Project) -> Result<(Uuid, Uuid, i64), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let attrs = [
        ("width", Value::Int(WIDTH.into())),
        ("height", Value::Int(HEIGHT.into())),
        ("in", Value::Int(0)),
        ("out", Value::Int(LAST)),
    ];
    let comp = |name| project.add_comp(name, &attrs).map_err(|error| text(&error));
    let (picture, preview) = (comp("Test picture")?, comp("Preview")?);
    let layer = |comp, source| project.add_layer(comp, source, None).map_err(|error| text(&error));
    let drawn = |window, pixel: fn(i32, i32) -> Pixel| draw(window, pixel).map_err(|error| text(&error));
    layer(picture, LayerSource::Memory(drawn(Rect::new(0, 0, WIDTH, HEIGHT), ground)?))?;
    let ball = layer(picture, LayerSource::Memory(drawn(Rect::new(0, 0, 2 * BALL, 2 * BALL), ball)?))?;
    for (frame, x) in [(0, -200.0), (LAST, 200.0)] {
        let key = Key::new(frame as f64, Value::Vec3([x, 0.0, 0.0]), Interp::Linear);
        project.set_key(Node::Layer(ball), "position", &key).map_err(|error| text(&error))?;
    }
    Ok((preview, layer(preview, LayerSource::Comp(picture))?, SHOWN))
}

fn draw(window: Rect, pixel: fn(i32, i32) -> Pixel) -> Result<Arc<Frame>, ImageError> {
    let rows = (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| (x, y)));
    let values = rows.flat_map(|(x, y)| pixel(x, y)).collect();
    Ok(Arc::new(Frame::new(Image::from_vec(window, values)?)))
}

/// From the top: a ramp from black to four times white, the colours of a monitor at full strength, a grey in which single
/// pixels and thin lines stand, and below it a fade from opaque to transparent.
fn ground(x: i32, y: i32) -> Pixel {
    let along = x as f32 / (WIDTH - 1) as f32;
    match y {
        0..90 => {
            let light = 4.0 * along * along;
            [light, light, light, 1.0]
        }
        90..150 => {
            // Black, blue, green, cyan, red, magenta, yellow, white.
            let colour = x * 8 / WIDTH;
            let [red, green, blue] = [4, 2, 1].map(|bit| f32::from(colour & bit != 0));
            [red, green, blue, 1.0]
        }
        150..270 => {
            let is_point = x % 40 == 20 && y % 30 == 15;
            let is_line = (x / 8) % 2 == 0 && y >= 255;
            let light = if is_point {
                8.0
            } else if is_line {
                1.0
            } else {
                0.18
            };
            [light, light, light, 1.0]
        }
        _ => {
            let alpha = 1.0 - along;
            [0.1, 0.3, 0.8, 1.0].map(|value| value * alpha)
        }
    }
}

/// A ball with a soft rim and a highlight of ten times white.
fn ball(x: i32, y: i32) -> Pixel {
    let radius = BALL as f32;
    let from = |cx: f32, cy: f32| (x as f32 + 0.5 - cx).hypot(y as f32 + 0.5 - cy);
    let alpha = (radius - from(radius, radius)).clamp(0.0, 1.0);
    let highlight = (1.0 - from(0.7 * radius, 0.7 * radius) / (0.3 * radius)).max(0.0);
    let light = 10.0 * highlight * highlight;
    [0.9 + light, 0.25 + light, 0.05 + light, 1.0].map(|value| value * alpha)
}
