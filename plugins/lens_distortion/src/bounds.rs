//! Rectangles that hold what a rectangle becomes under the lens, both ways.
//!
//! A rectangle is cut into cells. In each, lengths from the centre lie between two bounds, so the factor does, and so does
//! each coordinate of what the cell becomes. The more cells, the tighter.

use playa_plugin_api::Rect;

use crate::lens::Lens;

/// Cells across and down.
const CELLS: u32 = 8;

/// More than the rounding errors of coordinates beyond any picture.
const MARGIN: f64 = 1e-3;

/// Two ends of a coordinate, or of a length.
type Span = [f64; 2];

/// The lens, and how far around a place the filter looks.
pub struct Bounds {
    lens: Lens,
    reach: f64,
}

impl Bounds {
    pub fn new(lens: Lens, reach: f64) -> Self {
        Self { lens, reach }
    }

    /// Where the output has pixels of an input that covers `source`.
    pub fn domain(&self, source: Rect) -> Rect {
        let Lens { unit, scale, .. } = self.lens;
        self.outline(source, self.reach, |lengths| {
            let [from, to] = lengths.map(|length| self.lens.output_length(length / unit));
            let [least, most] = self.lens.factors([from, to]);
            // Beyond the last length, the cell is not seen at all.
            let seen = from < self.lens.turn && least > 0.0;
            seen.then(|| [scale / most, scale / least])
        })
    }

    /// Which pixels of the input those of `window` show.
    pub fn need(&self, window: Rect) -> Rect {
        let Lens { unit, scale, turn, .. } = self.lens;
        let seen = self.outline(window, 0.0, |lengths| {
            let [from, to] = lengths.map(|length| length / (unit * scale));
            (from <= turn).then(|| self.lens.factors([from, to.min(turn)]).map(|factor| factor / scale))
        });
        let reach = self.reach as u32;
        seen.grow(reach, reach)
    }

    /// The pixels that `rect`, grown by `grown`, covers after every cell is scaled around the centre; `factors` says
    /// between which two factors, for the lengths in pixels between which the cell lies, or that it vanishes.
    fn outline(&self, rect: Rect, grown: f64, factors: impl Fn(Span) -> Option<Span>) -> Rect {
        if rect.is_empty() {
            return Rect::EMPTY;
        }
        let [columns, rows] = [[rect.x0, rect.x1], [rect.y0, rect.y1]].map(|ends| ends.map(f64::from));
        let (columns, rows) = (self.cells(columns, 0, grown), self.cells(rows, 1, grown));
        let (mut x, mut y) = ([f64::INFINITY, f64::NEG_INFINITY], [f64::INFINITY, f64::NEG_INFINITY]);
        for row in &rows {
            for column in &columns {
                let lengths = [nearest(*column).hypot(nearest(*row)), farthest(*column).hypot(farthest(*row))];
                if let Some(factors) = factors(lengths) {
                    x = joined(x, scaled(*column, factors));
                    y = joined(y, scaled(*row, factors));
                }
            }
        }
        let [left, top] = self.lens.centre;
        Rect::new(
            (left + x[0] - MARGIN).floor() as i32,
            (top + y[0] - MARGIN).floor() as i32,
            (left + x[1] + MARGIN).ceil() as i32,
            (top + y[1] + MARGIN).ceil() as i32,
        )
    }

    /// The span from the centre on `axis`, grown, in parts. They end where those of a longer span may end too, on a grid of
    /// powers of two: so what lies in another window never needs more than that.
    fn cells(&self, [start, end]: Span, axis: usize, grown: f64) -> Vec<Span> {
        let centre = self.lens.centre[axis];
        let (start, end) = (start - grown - centre, end + grown - centre);
        let step = ((end - start) / f64::from(CELLS)).log2().ceil().exp2();
        let (first, last) = ((start / step).floor(), (end / step).ceil());
        let part = |at: f64| [(at * step).max(start), ((at + 1.0) * step).min(end)];
        (0..(last - first) as u32).map(|at| part(first + f64::from(at))).collect()
    }
}

/// How close to 0 a span comes.
fn nearest([start, end]: Span) -> f64 {
    start.max(-end).max(0.0)
}

/// How far from 0 a span reaches.
fn farthest([start, end]: Span) -> f64 {
    end.max(-start)
}

/// All products of a number of `span` with one of `factors`, which are not negative.
fn scaled([start, end]: Span, [least, most]: Span) -> Span {
    [(start * least).min(start * most), (end * least).max(end * most)]
}

fn joined(a: Span, b: Span) -> Span {
    [a[0].min(b[0]), a[1].max(b[1])]
}
