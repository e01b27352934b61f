//! Gaussian blur, separable.
//!
//! - **Parameters:** `radius`, in pixels, `0.0..=10000.0`, default 5; the standard deviation is half of it; 0 copies the
//!   input. `edges`, what lies around the picture, default `clamp`.
//! - **Outside the image:** with `clamp` the nearest edge pixel, so that a constant image stays constant and keeps its
//!   size; with `transparent` nothing, so that the image fades out and grows by `ceil(2 * radius)` pixels.
//! - **Channels:** all four, premultiplied: transparent pixels add no colour.
//! - **Cost:** grows with `radius`. A window's pixels are the same to the bit as in the whole image.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

mod kernel;
#[cfg(test)]
mod tests;

const MAX_RADIUS: f32 = 10_000.0;

/// Makes a picture softer: every pixel becomes a mean of those around it, weighted by a Gaussian.
#[derive(Params)]
#[effect(id = "org.playa.gaussian_blur", tags = ["blur", "soften", "filter"])]
struct GaussianBlur {
    /// How far the blur looks: the Gaussian's standard deviation is half of it, and it ends at twice of it.
    #[param(default = 5.0, range = 0.0..=MAX_RADIUS, soft = 0.0..=100.0, unit = "px")]
    radius: f32,
    /// What lies around the picture.
    edges: Edges,
}

/// What lies around the picture.
#[derive(Choice, Clone, Copy)]
enum Edges {
    /// The nearest pixel of the edge: the picture keeps its size.
    Clamp,
    /// Nothing: the picture fades out and grows by the reach of the blur.
    Transparent,
}

impl GaussianBlur {
    /// How many pixels the blur looks to each side.
    fn reach(&self) -> EffectResult<u32> {
        if !(0.0..=MAX_RADIUS).contains(&self.radius) {
            let message = format!("{} is outside its range, expected 0..={MAX_RADIUS}", self.radius);
            return Err(EffectError::param("radius", message));
        }
        Ok(kernel::reach(self.radius) as u32)
    }

    /// What lies beyond a row that begins with `first` and ends with `last`.
    fn beyond(&self, first: Pixel, last: Pixel) -> [Pixel; 2] {
        match self.edges {
            Edges::Clamp => [first, last],
            Edges::Transparent => [[0.0; 4]; 2],
        }
    }
}

impl Effect for GaussianBlur {
    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        let edge = match self.edges {
            Edges::Clamp => Edge::Clamp,
            Edges::Transparent => Edge::Transparent,
        };
        let reach = self.reach()?;
        Ok(Plan::around(query, [reach, reach], edge).identity_if(self.radius == 0.0, query))
    }

    fn render(&self, mut call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let reach = self.reach()?;
        let window = call.output.window();
        let source = call.inputs.get(0)?;
        let seen = source.window().intersect(&window.grow(reach, reach));
        if seen.is_empty() {
            call.output.for_each_row(|_, row| row.fill([0.0; 4]));
            return Ok(());
        }
        let weights = kernel::weights(self.radius);

        // Sideways: the columns of the window, in every row that the second pass looks at.
        let sideways = Rect { y0: seen.y0, y1: seen.y1, ..window };
        let mut buffer = host.scratch(sideways.area() as usize * 4)?;
        let (pixels, _) = buffer.as_chunks_mut::<4>();
        host.parallel_bands(ImageViewMut::new(sideways, pixels), |band| {
            self.blur_sideways(&weights, source, seen, band, host)
        })?;

        // Downwards.
        let sideways = ImageView::new(sideways, pixels);
        host.parallel_bands(call.output, |band| self.blur_downwards(&weights, sideways, band, host))
    }
}

impl GaussianBlur {
    /// Fills `band` with the rows of `source` blurred sideways; the columns of `seen` are all that is read.
    fn blur_sideways(
        &self,
        weights: &[f32],
        source: ImageView<'_>,
        seen: Rect,
        mut band: ImageViewMut<'_>,
        host: &Host<'_>,
    ) -> EffectResult<()> {
        let window = band.window();
        let reach = weights.len() - 1;
        let before = i64::from(seen.x0) - (i64::from(window.x0) - reach as i64);
        let mut buffer = host.scratch((window.width() + 2 * reach) * 4)?;
        let (extended, _) = buffer.as_chunks_mut::<4>();
        band.for_each_row(|y, out| {
            let row = source.span(y, seen.x0, seen.x1);
            kernel::extend_row(row, before as usize, self.beyond(row[0], row[row.len() - 1]), extended);
            kernel::sum_rows(weights, |i| &extended[reach.wrapping_add_signed(i)..], out);
        });
        Ok(())
    }

    /// Fills `band` with the columns of `source` blurred downwards.
    fn blur_downwards(
        &self,
        weights: &[f32],
        source: ImageView<'_>,
        mut band: ImageViewMut<'_>,
        host: &Host<'_>,
    ) -> EffectResult<()> {
        let rows = source.window();
        let mut buffer = host.scratch(rows.width() * 4)?;
        let (nothing, _) = buffer.as_chunks_mut::<4>();
        nothing.fill([0.0; 4]);
        let nothing = &*nothing;
        band.for_each_row(|y, out| {
            let row = |i: isize| {
                let y = i64::from(y) + i as i64;
                let inside = y.clamp(i64::from(rows.y0), i64::from(rows.y1) - 1);
                match self.edges {
                    Edges::Transparent if inside != y => nothing,
                    _ => source.row(inside as i32),
                }
            };
            kernel::sum_rows(weights, row, out);
        });
        Ok(())
    }
}

export_effects![GaussianBlur];
