//! `Camera`.

use playa_host::project::Projection;

use crate::source::source_class;

source_class! {
    /// A lens to look at comps through. A layer that shows it shows no pixels: its position and rotation are where the
    /// camera stands and which way it looks.
    Camera of Camera, Camera;
    |camera| match camera.lens_at(0.0).projection {
        Projection::Perspective { fov } => format!("perspective, fov {fov}"),
        Projection::Orthographic { scale } => format!("orthographic, scale {scale}"),
    };
}
