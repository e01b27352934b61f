//! Cameras, and how a comp is looked at.
//!
//! A [`Camera`] is a lens. A layer that shows it shows no pixels: its position and rotation are where the camera
//! stands and which way it looks, its scale and pivot mean nothing. Of the camera layers that are seen at a time
//! (visible, not mute, solo where any layer is, and within their range) the one nearest the top is looked through.
//! Where there is none, the comp is flat: z is dropped.
//!
//! Space is right-handed, in pixels of the comp: +X to the right, +Y up, +Z towards the viewer. A camera that is not
//! turned looks along -Z; it turns as layers do, clockwise positive, about X first, then Y, then Z. The centre of the
//! comp's frame is on its axis, and `fov` is the angle over the frame's height. So at the distance
//! `(height / 2) / tan(fov / 2)` a pixel of a layer is a pixel of the frame: there a new camera stands, before z = 0.

use std::sync::Arc;

use playa_plugin_api::Rect;
use uuid::Uuid;

use super::attrs::Attrs;
use super::document::{Comp, Document, Layer, Source};
use super::homography::Homography;
use super::save::Table;
use super::transform::Placement;

#[cfg(test)]
mod tests;

/// A lens. Where it stands and which way it looks is said by the layers that show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    /// Its attributes.
    pub attrs: Attrs,
    /// Keys that this version does not know.
    pub(super) extra: Table,
}

/// What a camera is at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lens {
    /// How space becomes a picture.
    pub projection: Projection,
    /// A layer that is nearer with all of its corners is not seen.
    pub near_clip: f64,
    /// A layer that is farther away with all of its corners is not seen.
    pub far_clip: f64,
    /// What it looks at, if not where its layer's rotation says.
    pub point_of_interest: Option<[f64; 3]>,
}

/// How space becomes a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Projection {
    /// What is farther away looks smaller. `fov` is the angle over the height of the frame, in degrees.
    Perspective {
        /// The angle.
        fov: f64,
    },
    /// The distance changes no size.
    Orthographic {
        /// How many pixels of the frame are one pixel.
        scale: f64,
    },
}

/// How a comp is looked at, at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    width: u32,
    height: u32,
    eye: Option<Eye>,
}

/// A camera in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Eye {
    lens: Lens,
    position: [f64; 3],
    /// Its own directions in the comp: to the right, up, and back, away from what it looks at.
    axes: [[f64; 3]; 3],
}

impl Camera {
    /// Its identity.
    pub fn uuid(&self) -> Uuid {
        self.attrs.uuid()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.attrs.text("name")
    }

    /// What it is at a time, in frames of the comp that is looked at through it.
    pub fn lens_at(&self, time: f64) -> Lens {
        let float = |name| self.attrs.float_at(name, time);
        let projection = match self.attrs.text("projection_type") {
            "orthographic" => Projection::Orthographic { scale: float("ortho_scale") },
            _ => Projection::Perspective { fov: float("fov") },
        };
        Lens {
            projection,
            near_clip: float("near_clip"),
            far_clip: float("far_clip"),
            point_of_interest: self.attrs.bool("use_poi").then(|| self.attrs.vec3_at("point_of_interest", time)),
        }
    }

    /// How far from a comp of this height it stands, so that a layer of the comp's size fills the frame.
    pub(super) fn default_distance(&self, height: u32) -> f64 {
        focal_length(height, self.attrs.float("fov"))
    }
}

impl Layer {
    /// Whether it shows a camera, and so no pixels.
    pub fn is_camera(&self) -> bool {
        matches!(self.source, Source::Camera(_))
    }
}

impl Comp {
    /// The camera that the comp is looked at through, and the layer that places it. Which layers are seen is decided
    /// by the frame nearest to `time`.
    pub fn camera<'a>(&'a self, document: &'a Document, time: f64) -> Option<(&'a Arc<Layer>, &'a Arc<Camera>)> {
        self.seen_layers(time).find_map(|layer| match layer.source {
            Source::Camera(camera) => Some((layer, document.cameras.get(&camera)?)),
            _ => None,
        })
    }

    /// How the comp is looked at.
    pub fn view(&self, document: &Document, time: f64) -> View {
        let (width, height) = self.size();
        match self.camera(document, time) {
            None => View::flat(width, height),
            Some((layer, camera)) => View::through(width, height, camera.lens_at(time), &layer.placement_at(time)),
        }
    }

    /// The layers that show pixels at a time, in the order in which they are painted: from the bottom up. In a view
    /// through a camera the lower z of its position comes first, whichever way the camera looks, and layers of the same
    /// z from the bottom up.
    pub fn paint_order(&self, view: &View, time: f64) -> Vec<&Arc<Layer>> {
        let mut layers: Vec<_> = self.seen_layers(time).rev().filter(|layer| !layer.is_camera()).collect();
        if !view.is_flat() {
            // + 0.0 makes zero of minus zero, so that they are the same place.
            layers.sort_by(|a, b| {
                let [a, b] = [a, b].map(|layer| layer.placement_at(time).position[2] + 0.0);
                a.total_cmp(&b)
            });
        }
        layers
    }

    /// The layers that are seen at a time, top one first, cameras included.
    fn seen_layers(&self, time: f64) -> impl DoubleEndedIterator<Item = &Arc<Layer>> {
        let frame = time.round() as i64;
        self.shown_layers().filter(move |layer| layer.time().shows_at(frame))
    }
}

impl View {
    /// A comp of this size without a camera: seen along Z, at 100 %.
    pub fn flat(width: u32, height: u32) -> Self {
        Self { width, height, eye: None }
    }

    /// A comp of this size seen through a camera that is placed so. Of the placement, only position and rotation count.
    ///
    /// A camera that looks at a point does not turn with its layer; its upper side is up (+Y). If that point is straight
    /// above or below, +X stays on the right; if it is where the camera is, the camera looks along -Z.
    pub fn through(width: u32, height: u32, lens: Lens, placement: &Placement) -> Self {
        let position = placement.position;
        let axes = match lens.point_of_interest {
            Some(point) => looking_at(position, point),
            None => {
                // The columns of the rotation are where its own axes point.
                let turned = Placement { scale: [1.0; 3], ..*placement }.linear();
                std::array::from_fn(|axis| turned.map(|row| row[axis]))
            }
        };
        Self { width, height, eye: Some(Eye { lens, position, axes }) }
    }

    /// Whether there is no camera.
    pub fn is_flat(&self) -> bool {
        self.eye.is_none()
    }

    /// The map from layer pixels to comp pixels, both with row 0 on top and pixel centres at +0.5. What is before the
    /// eye has `W > 0`.
    ///
    /// `None` if the corners of the layer's display window are all nearer than the camera's near clip, or all beyond
    /// its far clip. These take whole layers: one that reaches through them is seen up to the plane of the eye.
    ///
    /// What moves by whole pixels, to [`SNAP`], does so exactly: such a layer is copied, not resampled.
    pub fn to_comp(&self, placement: &Placement, display_window: Rect) -> Option<Homography> {
        let Some(Eye { lens, position, axes }) = &self.eye else {
            return Some(placement.to_comp(display_window, self.width, self.height).into());
        };
        let mut plane = placement.plane(display_window);
        for (row, eye) in plane.iter_mut().zip(position) {
            row[2] -= eye;
        }
        // Layer pixels as the eye has them: how far to the right, up, and back.
        let along = |axis: &[f64; 3]| -> [f64; 3] {
            std::array::from_fn(|column| (0..3).map(|row| axis[row] * plane[row][column]).sum())
        };
        let [right, up, back] = [along(&axes[0]), along(&axes[1]), along(&axes[2])];
        let depths = corners(display_window).map(|(x, y)| -(back[0] * x + back[1] * y + back[2]));
        let (nearest, farthest) =
            depths.iter().fold((f64::MAX, f64::MIN), |(a, b), depth| (a.min(*depth), b.max(*depth)));
        if farthest < lens.near_clip || nearest > lens.far_clip {
            return None;
        }
        let (zoom, w) = match lens.projection {
            // Seen from the corner that is farthest away, which is before the eye: this keeps the numbers near 1.
            Projection::Perspective { fov } => (focal_length(self.height, fov) / farthest, back.map(|v| -v / farthest)),
            Projection::Orthographic { scale } => (scale, [0.0, 0.0, 1.0]),
        };
        let (cx, cy) = (f64::from(self.width) / 2.0, f64::from(self.height) / 2.0);
        let row = |centre: f64, zoom: f64, offset: [f64; 3]| -> [f64; 3] {
            std::array::from_fn(|column| centre * w[column] + zoom * offset[column] + 0.0)
        };
        Some(snap(Homography { m: [row(cx, zoom, right), row(cy, -zoom, up), w.map(|v| v + 0.0)] }, display_window))
    }
}

/// A layer that a view moves by whole pixels up to so much of a pixel is moved by whole pixels.
pub const SNAP: f64 = 1e-9;

/// The map, or the move by whole pixels that it is for the corners of `window` to a [`SNAP`]. A camera's arithmetic is
/// off by a few billionths of a billionth, which must not decide whether a layer is copied or resampled.
pub fn snap(map: Homography, window: Rect) -> Homography {
    let moved = |(x, y): (f64, f64)| map.apply(x, y).map(|(u, v)| (u - x, v - y));
    let Some((x, y)) = moved((window.x0.into(), window.y0.into())).map(|(x, y)| (x.round() + 0.0, y.round() + 0.0))
    else {
        return map;
    };
    let whole = |corner| moved(corner).is_some_and(|(u, v)| (u - x).abs() <= SNAP && (v - y).abs() <= SNAP);
    if window.is_empty() || !corners(window).into_iter().all(whole) {
        return map;
    }
    Homography { m: [[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]] }
}

fn corners(window: Rect) -> [(f64, f64); 4] {
    let [x0, y0, x1, y1] = [window.x0, window.y0, window.x1, window.y1].map(f64::from);
    [(x0, y0), (x1, y0), (x0, y1), (x1, y1)]
}

/// The distance at which a height fills an angle of view, in degrees.
fn focal_length(height: u32, fov: f64) -> f64 {
    f64::from(height) / 2.0 / (fov.to_radians() / 2.0).tan()
}

/// The axes of an eye that looks from one point at another with +Y up: right, up and back.
fn looking_at(eye: [f64; 3], point: [f64; 3]) -> [[f64; 3]; 3] {
    let back = unit(std::array::from_fn(|i| eye[i] - point[i])).unwrap_or([0.0, 0.0, 1.0]);
    // The horizontal direction across. Straight up or down has none, to the precision of directions.
    let across = [back[2], 0.0, -back[0]];
    let right = unit(across).filter(|_| across[0].hypot(across[2]) > 1e-9).unwrap_or([1.0, 0.0, 0.0]);
    let cross = |i: usize, j: usize| back[i] * right[j] - back[j] * right[i];
    [right, [cross(1, 2), cross(2, 0), cross(0, 1)], back]
}

/// A vector's direction, if it has one.
fn unit(v: [f64; 3]) -> Option<[f64; 3]> {
    let length = v[0].hypot(v[1]).hypot(v[2]);
    (length > 0.0).then(|| v.map(|part| part / length))
}
