//! The demo's footage: formulas for pixels, drawn row by row.

use rayon::prelude::*;

use super::lake::Lake;
use super::lanterns::Lanterns;
use crate::image::{Image, ImageError, Rect};

/// A point of the picture: the origin is its centre, +Y is up, and the height is 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

/// Scene-linear red, green and blue.
pub(super) type Colour = [f32; 3];

/// Where water and shore meet, in the coordinates of [`Point`].
pub(super) const HORIZON: f32 = -0.16;

/// The opaque background at `evening`, 0 for sunset to 1 for night.
pub(super) fn lake(size: (u32, u32), evening: f32) -> Result<Image, ImageError> {
    let lake = Lake::new(evening, size.1);
    draw(size, |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let [r, g, b] = lake.colour(point(size, x, y));
            *pixel = [r, g, b, 1.0];
        }
    })
}

/// The foreground with premultiplied alpha, at the same time.
pub(super) fn lanterns(size: (u32, u32), evening: f32) -> Result<Image, ImageError> {
    let lanterns = Lanterns::new(evening, size.0 as f32 / size.1 as f32, size.1);
    draw(size, |y, row| {
        for lantern in lanterns.across(point(size, 0, y).y) {
            for (x, pixel) in row.iter_mut().enumerate() {
                let [r, g, b, a] = lantern.pixel(point(size, x, y));
                let rest = 1.0 - a;
                *pixel = [r + rest * pixel[0], g + rest * pixel[1], b + rest * pixel[2], a + rest * pixel[3]];
            }
        }
    })
}

/// The centre of a pixel.
fn point((width, height): (u32, u32), x: usize, y: usize) -> Point {
    let (width, height) = (width as f32, height as f32);
    Point { x: (x as f32 + 0.5 - width / 2.0) / height, y: (height / 2.0 - y as f32 - 0.5) / height }
}

/// A picture whose rows, transparent at first, are filled by `fill(y, row)`, on all cores.
fn draw((width, height): (u32, u32), fill: impl Fn(usize, &mut [[f32; 4]]) + Sync) -> Result<Image, ImageError> {
    let mut image = Image::transparent(Rect::of_size(width, height))?;
    let values = image.values_mut().expect("a new image is not shared");
    let rows = values.par_chunks_mut(width as usize * 4).enumerate();
    rows.for_each(|(y, row)| fill(y, row.as_chunks_mut::<4>().0));
    Ok(image)
}
