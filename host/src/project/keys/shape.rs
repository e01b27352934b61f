//! The value of a curve at a moment.

use playa_plugin_api::{Kind, Value};

use super::{Curve, Handle, Interp, Key};

/// The components of a value as numbers, and how many there are; `None` for kinds with nothing in between.
pub fn numbers(value: &Value) -> Option<([f64; 4], usize)> {
    Some(match value {
        Value::Int(v) => ([*v as f64, 0.0, 0.0, 0.0], 1),
        Value::Float(v) => ([*v, 0.0, 0.0, 0.0], 1),
        Value::Vec2([x, y]) => ([*x, *y, 0.0, 0.0], 2),
        Value::Vec3([x, y, z]) => ([*x, *y, *z, 0.0], 3),
        Value::Vec4(v) | Value::Color(v) => (*v, 4),
        _ => return None,
    })
}

/// The value of a kind with these components, within a range. A whole number is the nearest one.
fn value(kind: Kind, range: Option<(f64, f64)>, numbers: [f64; 4]) -> Value {
    let (low, high) = range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    let [x, y, z, w] = numbers.map(|number| number.clamp(low, high));
    match kind {
        Kind::Int => Value::Int(numbers[0].round().clamp(low.ceil(), high.floor()) as i64),
        Kind::Vec2 => Value::Vec2([x, y]),
        Kind::Vec3 => Value::Vec3([x, y, z]),
        Kind::Vec4 => Value::Vec4([x, y, z, w]),
        Kind::Color => Value::Color([x, y, z, w]),
        _ => Value::Float(x),
    }
}

impl Curve {
    /// The value at a time in frames: that of the first key before it, and that of the last after it.
    pub fn at(&self, time: f64) -> Value {
        let after = self.keys.partition_point(|key| key.frame <= time);
        let before = after.saturating_sub(1);
        let key = &self.keys[before];
        if key.frame < time
            && key.interp != Interp::Hold
            && let Some(next) = self.keys.get(after)
            && let (Some((from, _)), Some((to, _))) = (numbers(&key.value), numbers(&next.value))
        {
            let (elapsed, length) = (time - key.frame, next.frame - key.frame);
            let numbers = match key.interp {
                Interp::Bezier => self.bezier(before, elapsed, length, from, to),
                _ => std::array::from_fn(|i| linear(from[i], to[i], elapsed, length)),
            };
            return value(self.kind, self.range, numbers);
        }
        key.value.clone()
    }

    /// A point of the Bezier curve from the key at `index` to the one behind it.
    fn bezier(&self, index: usize, elapsed: f64, length: f64, from: [f64; 4], to: [f64; 4]) -> [f64; 4] {
        let (key, next) = (&self.keys[index], &self.keys[index + 1]);
        let (out_frames, out) = self.handle(key.outgoing.as_ref(), index, length);
        let (in_frames, into) = self.handle(next.incoming.as_ref(), index + 1, -length);
        let t = when(elapsed, out_frames, length + in_frames, length);
        std::array::from_fn(|i| {
            // From the first value on, so that a component that does not change keeps its bits.
            let rise = to[i] - from[i];
            from[i] + cubic(t, [0.0, out[i], rise + into[i], rise])
        })
    }

    /// Frames and offsets of one end of a Bezier curve; `length` is that to the neighbour, with its sign.
    fn handle(&self, explicit: Option<&Handle>, index: usize, length: f64) -> (f64, [f64; 4]) {
        let Some(handle) = explicit else {
            let slopes = self.slopes(index);
            return (length / 3.0, slopes.map(|slope| slope * (length / 3.0)));
        };
        let cut = if handle.frames.abs() > length.abs() { length / handle.frames } else { 1.0 };
        let offset = |i| handle.offset.get(i).map_or(0.0, |offset| offset * cut);
        (handle.frames * cut, std::array::from_fn(offset))
    }

    /// How steep each component passes a key by itself: as the line through its neighbours, flat at extremes, at the
    /// ends and beside a hold, and at most three times as steep as the way to either neighbour. Such a curve rises or
    /// falls all the way between two keys (Fritsch and Carlson, 1980).
    fn slopes(&self, index: usize) -> [f64; 4] {
        let neighbours = index.checked_sub(1).map(|before| &self.keys[before]).zip(self.keys.get(index + 1));
        let Some((before, after)) = neighbours else { return [0.0; 4] };
        let key = &self.keys[index];
        if before.interp == Interp::Hold || key.interp == Interp::Hold {
            return [0.0; 4];
        }
        let point = |key: &Key| (key.frame, numbers(&key.value).map_or([0.0; 4], |(numbers, _)| numbers));
        let ((t0, v0), (t1, v1), (t2, v2)) = (point(before), point(key), point(after));
        std::array::from_fn(|i| {
            let (rise, fall) = ((v1[i] - v0[i]) / (t1 - t0), (v2[i] - v1[i]) / (t2 - t1));
            if rise * fall <= 0.0 {
                return 0.0;
            }
            let steepest = 3.0 * rise.abs().min(fall.abs());
            ((v2[i] - v0[i]) / (t2 - t0)).clamp(-steepest, steepest)
        })
    }
}

/// In this order of operations, so that whole numbers give whole numbers.
fn linear(from: f64, to: f64, elapsed: f64, length: f64) -> f64 {
    let value = from + (to - from) * elapsed / length;
    value.clamp(from.min(to), from.max(to))
}

/// The parameter at which a Bezier curve of time, from 0 over two handles to `length`, has passed `elapsed` frames.
/// Handles lie within 0..=length, so time never runs back, and halving finds it.
fn when(elapsed: f64, first: f64, second: f64, length: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if cubic(middle, [0.0, first, second, length]) < elapsed { low = middle } else { high = middle }
    }
    high
}

/// The cubic Bezier polynomial.
fn cubic(t: f64, [a, b, c, d]: [f64; 4]) -> f64 {
    let s = 1.0 - t;
    s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
}
