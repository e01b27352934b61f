//! The steps of a blur over pictures and their edges, tile by tile on the host's threads.

use std::ops::Range;

use playa_plugin_api::{prelude::*, simd};

use crate::{
    cascade::{self, Step},
    kernel::{self, Column},
    tiles::{self, Tile},
};

/// What lies around the picture.
#[derive(Choice, Clone, Copy)]
pub enum Edges {
    /// The nearest pixel of the edge: the picture keeps its size.
    Clamp,
    /// Nothing: the picture fades out and grows by the reach of the blur.
    Transparent,
}

/// A picture, or as much of it as is needed, and what lies around it.
///
/// Where the picture goes on beyond the view, nothing that a pass is asked for depends on those pixels.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// The pixels.
    pub view: ImageView<'a>,
    /// What lies around them.
    pub edges: Edges,
}

/// Fills `output` with the blur of `picture`: the cascade of `steps`, `weights` at the bottom.
pub fn blur(
    steps: &[Step],
    weights: &[f32],
    picture: Picture<'_>,
    mut output: ImageViewMut<'_>,
    host: &Host<'_>,
) -> EffectResult<()> {
    let window = output.window();
    let reach = cascade::reach(steps, weights.len() as i32 - 1) as u32;
    if window.grow(reach, reach).intersect(&picture.view.window()).is_empty() {
        output.for_each_row(|_, row| row.fill([0.0; 4]));
        return Ok(());
    }
    let Some((step, below)) = steps.split_first() else {
        return smooth(weights, picture, output, host);
    };
    let wanted = step.small(window);
    let reach = cascade::reach(below, weights.len() as i32 - 1) as u32;
    let seen = wanted.grow(reach, reach).intersect(&step.shrunk(picture.view.window()));

    let mut small = host.scratch(seen.area() as usize * 4)?;
    let (small, _) = small.as_chunks_mut::<4>();
    shrink(step, picture, ImageViewMut::new(seen, small), host)?;

    let mut blurred = host.scratch(wanted.area() as usize * 4)?;
    let (blurred, _) = blurred.as_chunks_mut::<4>();
    let small = Picture { view: ImageView::new(seen, small), ..picture };
    blur(below, weights, small, ImageViewMut::new(wanted, blurred), host)?;

    enlarge(step, ImageView::new(wanted, blurred), output, host)
}

impl Step {
    /// The small pixels that [`enlarge`] looks at for the large ones of `window`.
    fn small(&self, window: Rect) -> Rect {
        let first = |at: i32| at.div_euclid(self.factor) - 1;
        let end = |at: i32| (at - 1).div_euclid(self.factor) + 3;
        Rect::new(first(window.x0), first(window.y0), end(window.x1), end(window.y1))
    }

    /// Where a picture of `window` is when shrunk, up to the pixels that see only what lies around it: so the small
    /// picture's edges go on like those of the large one.
    fn shrunk(&self, window: Rect) -> Rect {
        let (factor, reach) = (i64::from(self.factor), i64::from(self.reach()));
        let first = |at: i32| (i64::from(at) - reach).div_euclid(factor) as i32;
        let end = |at: i32| ((i64::from(at) - 1 + reach).div_euclid(factor) + 2) as i32;
        Rect::new(first(window.x0), first(window.y0), end(window.x1), end(window.y1))
    }
}

/// How many columns are summed sideways before they are written.
const PART: usize = 64;

/// Fills `output` with the pixels of `picture` summed with `weights`, downwards and sideways.
///
/// Four rows at a time: they share most of what is summed downwards, and stand side by side for the sums sideways, so
/// that these too take whole vectors from memory.
fn smooth(weights: &[f32], picture: Picture<'_>, output: ImageViewMut<'_>, host: &Host<'_>) -> EffectResult<()> {
    let reach = weights.len() - 1;
    // Columns beside a tile are summed downwards once more for the next one, so wide sums take wide tiles.
    let size = [512.max(8 * reach), 64];
    tiles::fill(host, output, size, |Tile { window, mut rows }| {
        let left = i64::from(window.x0) - reach as i64;
        let above = i64::from(window.y0) - reach as i64;
        let seen =
            picture.nearest(left..i64::from(window.x1) + reach as i64, above..i64::from(window.y1) + reach as i64);
        let (width, seen_width) = (window.width(), seen.width());
        let mut memory = host.scratch((width + 2 * reach + PART + (5 * seen_width).div_ceil(4) + 1) * 16)?;
        let (columns, memory) = vectors(&mut memory).split_at_mut(width + 2 * reach);
        let (smoothed, memory) = memory.split_at_mut(PART);
        let (nothing, downwards) = memory.as_flattened_mut().split_at_mut(seen_width);
        nothing.fill([0.0; 4]);
        simd::dispatch(
            #[inline(always)]
            || {
                let row = |y: i32| picture.view.span(y, seen.x0, seen.x1);
                for (y, out) in (window.y0..window.y1).step_by(4).zip(rows.chunks_mut(4)) {
                    host.check_abort()?;
                    kernel::sum_four_rows(
                        weights,
                        #[inline(always)]
                        |i| picture.row(y.into(), i, row, nothing),
                        quarters(downwards, seen_width),
                    );
                    picture.interleaved(&downwards[..4 * seen_width], seen.x0, left, columns);
                    // In small parts, so that the next sums go on while the output waits for memory.
                    for x in (0..width).step_by(PART) {
                        let smoothed = &mut smoothed[..PART.min(width - x)];
                        kernel::sum_rows(
                            weights,
                            #[inline(always)]
                            |i| columns[(x + reach).wrapping_add_signed(i)..].as_flattened(),
                            smoothed.as_flattened_mut(),
                        );
                        for (y, out) in out.iter_mut().enumerate() {
                            kernel::pick_row(smoothed, y, &mut out[x..][..smoothed.len()]);
                        }
                    }
                }
                Ok(())
            },
        )
    })
}

/// `memory` from the first place on at which a vector of the CPU may begin, so that columns do not lie across two lines
/// of its cache.
fn vectors(memory: &mut [f32]) -> &mut [Column] {
    let skipped = memory.as_ptr().align_offset(size_of::<Column>()).min(memory.len());
    memory[skipped..].as_chunks_mut::<4>().0.as_chunks_mut::<4>().0
}

/// The first four rows of `width` pixels.
#[inline(always)]
fn quarters(pixels: &mut [Pixel], width: usize) -> [&mut [Pixel]; 4] {
    let (a, rest) = pixels.split_at_mut(width);
    let (b, rest) = rest.split_at_mut(width);
    let (c, rest) = rest.split_at_mut(width);
    [a, b, c, &mut rest[..width]]
}

/// Fills `output`, which is in small pixels, with `picture` made smaller.
fn shrink(step: &Step, picture: Picture<'_>, output: ImageViewMut<'_>, host: &Host<'_>) -> EffectResult<()> {
    let (factor, reach) = (i64::from(step.factor), i64::from(step.reach()));
    tiles::fill(host, output, [64, 64], |Tile { window, mut rows }| {
        // In large pixels, where a picture's last small pixels may lie beyond what fits into a rectangle.
        let columns = factor * i64::from(window.x0) - reach..factor * i64::from(window.x1 - 1) + reach + 1;
        let y = |small: i32| factor * i64::from(small);
        let seen = picture.nearest(columns.clone(), y(window.y0) - reach..y(window.y1 - 1) + reach + 1);
        let width = seen.width();
        let mut memory = host.scratch((2 * width + (columns.end - columns.start) as usize) * 4)?;
        let (memory, _) = memory.as_chunks_mut::<4>();
        let (downwards, memory) = memory.split_at_mut(width);
        let (nothing, extended) = memory.split_at_mut(width);
        nothing.fill([0.0; 4]);
        simd::dispatch(
            #[inline(always)]
            || {
                let row = |y: i32| picture.view.span(y, seen.x0, seen.x1);
                for (small, out) in (window.y0..window.y1).zip(&mut rows) {
                    kernel::sum_rows(
                        &step.shrink,
                        #[inline(always)]
                        |i| picture.row(y(small), i, row, nothing),
                        downwards,
                    );
                    let row = picture.extended(downwards, seen.x0, columns.start, extended);
                    kernel::shrink_row(&step.shrink, factor as usize, row, out);
                }
            },
        );
        Ok(())
    })
}

/// Fills `output` with the small picture `small` made larger; `small` has the pixels of [`Step::small`].
fn enlarge(step: &Step, small: ImageView<'_>, output: ImageViewMut<'_>, host: &Host<'_>) -> EffectResult<()> {
    let factor = step.factor;
    tiles::fill(host, output, [256, 64], |Tile { window, mut rows }| {
        let seen = step.small(window);
        // Whole groups of `factor` pixels, so that the tile begins inside the first one.
        let width = (seen.width() - 3) * factor as usize;
        let begin = window.x0.rem_euclid(factor) as usize;
        let mut memory = host.scratch(seen.height() * width * 4)?;
        let (sideways, _) = memory.as_chunks_mut::<4>();
        simd::dispatch(
            #[inline(always)]
            || {
                for (y, out) in (seen.y0..seen.y1).zip(sideways.chunks_exact_mut(width)) {
                    kernel::enlarge_row(&step.enlarge, small.span(y, seen.x0, seen.x1), out);
                }
                for (y, out) in (window.y0..window.y1).zip(&mut rows) {
                    let first = (y.div_euclid(factor) - 1 - seen.y0) as usize;
                    let around = [0, 1, 2, 3].map(|k| &sideways[(first + k) * width + begin..]);
                    kernel::mix_rows(step.enlarge[y.rem_euclid(factor) as usize], around, out);
                }
            },
        );
        Ok(())
    })
}

impl<'a> Picture<'a> {
    /// Where the picture has pixels in `columns` and `rows`; if it has none, those nearest to them, because they are what
    /// an edge repeats.
    fn nearest(&self, columns: Range<i64>, rows: Range<i64>) -> Rect {
        let has = self.view.window();
        let within = |wanted: Range<i64>, first: i32, end: i32| {
            let start = wanted.start.clamp(first.into(), i64::from(end) - 1);
            [start as i32, wanted.end.clamp(start + 1, end.into()) as i32]
        };
        let ([x0, x1], [y0, y1]) = (within(columns, has.x0, has.x1), within(rows, has.y0, has.y1));
        Rect { x0, y0, x1, y1 }
    }

    /// Row `y + i`: what `row` says inside of the picture, and what lies around it elsewhere.
    #[inline(always)]
    fn row<'b>(&self, y: i64, i: isize, row: impl Fn(i32) -> &'b [Pixel], nothing: &'b [Pixel]) -> &'b [Pixel] {
        let (y, has) = (y + i as i64, self.view.window());
        let inside = y.clamp(has.y0.into(), i64::from(has.y1) - 1);
        match self.edges {
            Edges::Transparent if inside != y => nothing,
            _ => row(inside as i32),
        }
    }

    /// `row`, which begins at column `x0`, from column `left` on for the length of `room`; beyond its ends, what lies
    /// around the picture.
    #[inline(always)]
    fn extended<'b>(&self, row: &'b [Pixel], x0: i32, left: i64, room: &'b mut [Pixel]) -> &'b [Pixel] {
        let (start, end) = (i64::from(x0) - left, i64::from(x0) - left + row.len() as i64);
        if start <= 0 && end >= room.len() as i64 {
            return &row[-start as usize..][..room.len()];
        }
        let inside = |at: i64| at.clamp(0, room.len() as i64) as usize;
        // A row that ends before the room begins is skipped whole.
        let skipped = (-start).clamp(0, row.len() as i64) as usize;
        let (start, end) = (inside(start), inside(end));
        let [before, after] = match self.edges {
            Edges::Clamp => [row[0], row[row.len() - 1]],
            Edges::Transparent => [[0.0; 4]; 2],
        };
        room[..start].fill(before);
        room[start..end].copy_from_slice(&row[skipped..][..end - start]);
        room[end..].fill(after);
        room
    }

    /// Fills `out` with four rows side by side, from column `left` on; beyond their ends, what lies around the picture.
    /// The rows begin at column `x0` and are a quarter of `rows` long.
    #[inline(always)]
    fn interleaved(&self, rows: &[Pixel], x0: i32, left: i64, out: &mut [Column]) {
        let width = rows.len() / 4;
        let rows = [0, 1, 2, 3].map(|y| &rows[y * width..][..width]);
        let inside = |at: i64| at.clamp(0, out.len() as i64) as usize;
        let start = i64::from(x0) - left;
        let skipped = (-start).clamp(0, width as i64) as usize;
        let (start, end) = (inside(start), inside(start + width as i64));
        let [before, after] = match self.edges {
            Edges::Clamp => [0, width - 1].map(|x| rows.map(|row| row[x])),
            Edges::Transparent => [[[0.0; 4]; 4]; 2],
        };
        out[..start].fill(before);
        kernel::interleave(rows.map(|row| &row[skipped..]), &mut out[start..end]);
        out[end..].fill(after);
    }
}
