//! Keys: values as functions of time.
//!
//! A [`Curve`] is a sorted list of [`Key`]s. How the value goes from one key to the next is said by the earlier one:
//! it holds, goes in a straight line, or along a cubic Bezier curve. Before the first key and after the last the value
//! stays. Key frames are frames of the comp, for attributes of a layer as for parameters of its effects, and need not
//! be whole: a curve has a value at every moment.
//!
//! A Bezier curve leaves a key along its outgoing [`Handle`] and reaches the next along the incoming one of that. Each
//! side that has none is automatic: a third of the way long, as steep as its neighbours are apart, but flat at the
//! first and last key, beside a hold and at extremes, and never so steep that the value would pass a neighbour. Each
//! component of a vector has a slope of its own. Explicit handles may make a value overshoot; what leaves the hard range
//! of its attribute is clamped to it.

mod curves;
mod shape;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use playa_plugin_api::{Kind, ParamSpec, Value, ValueError};

use super::attrs::same_bits;
use super::save::Table;
use super::time::FRAME_LIMIT;
use crate::suggest::did_you_mean;

pub(super) use curves::Curves;

/// A curve has at most this many keys.
pub const MAX_KEYS: usize = 65_536;

/// Keys less than this many frames apart are on the same frame, so that 0.1 + 0.2 is 0.3.
pub const SAME_FRAME: f64 = 1e-6;

/// Numbers in keys that interpolate, and offsets of handles, stay within plus and minus this, so that no slope
/// overflows.
pub const MAX_NUMBER: f64 = 1e100;

/// A value at a frame, and how it goes on from there.
#[derive(Clone, Debug)]
pub struct Key {
    /// The comp frame.
    pub frame: f64,
    /// The value at it.
    pub value: Value,
    /// How the value goes from here to the next key.
    pub interp: Interp,
    /// Where a Bezier curve comes from that ends here; automatic where there is none.
    pub incoming: Option<Handle>,
    /// Where a Bezier curve goes that starts here; automatic where there is none.
    pub outgoing: Option<Handle>,
    /// Keys of its table that this version does not know.
    pub(super) extra: Table,
}

/// How a value goes from one key to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interp {
    /// It stays, and jumps at the next key.
    Hold,
    /// In a straight line.
    #[default]
    Linear,
    /// Along a cubic Bezier curve through the handles of both keys.
    Bezier,
}

/// One end of a Bezier curve, as an offset from its key. One that is longer than the way to the neighbour is cut to
/// that length, so that the curve never runs back in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Handle {
    /// Frames from the key: 0 or more for an outgoing handle, 0 or less for an incoming one.
    pub frames: f64,
    /// What is added to the value, for each of its components.
    pub offset: Vec<f64>,
}

/// A value as a function of time. Has one key at least.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    kind: Kind,
    range: Option<(f64, f64)>,
    /// Sorted by frame, [`SAME_FRAME`] apart at least.
    keys: Vec<Key>,
}

/// Why a key was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The value does not fit.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The frame is none.
    #[error("key at frame {found}: expected a frame within -{FRAME_LIMIT}..={FRAME_LIMIT}")]
    Frame {
        /// What was found.
        found: String,
    },
    /// There is no such interpolation.
    #[error("interp {found:?}{hint}: expected one of {}", Interp::NAMES.join(", "))]
    UnknownInterp {
        /// What was found.
        found: String,
        /// A close match, as a part of the message.
        hint: String,
    },
    /// There is nothing between two values of this kind.
    #[error("interp \"{interp}\": a {kind} has no values in between, expected \"hold\"")]
    NoneBetween {
        /// What was found.
        interp: Interp,
        /// The kind of value.
        kind: Kind,
    },
    /// A handle points nowhere.
    #[error("{side} handle: found {found}, expected {expected}")]
    Handle {
        /// `incoming` or `outgoing`.
        side: &'static str,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// There are as many keys as there may be.
    #[error("a curve has at most {MAX_KEYS} keys; remove some first")]
    TooMany,
}

impl Interp {
    /// The names that it has in files and in Python.
    pub const NAMES: [&'static str; 3] = ["hold", "linear", "bezier"];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl fmt::Display for Interp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Interp {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<Self, KeyError> {
        match name {
            "hold" => Ok(Interp::Hold),
            "linear" => Ok(Interp::Linear),
            "bezier" => Ok(Interp::Bezier),
            _ => Err(KeyError::UnknownInterp { found: name.to_string(), hint: did_you_mean(name, Self::NAMES) }),
        }
    }
}

impl Key {
    /// A key with automatic handles.
    pub fn new(frame: f64, value: Value, interp: Interp) -> Self {
        Self { frame, value, interp, incoming: None, outgoing: None, extra: Table::new() }
    }

    /// What it should be in a curve of this kind of value, whose values `check` knows.
    pub(super) fn checked(
        &self,
        kind: Kind,
        check: impl FnOnce(&Value) -> Result<Value, ValueError>,
    ) -> Result<Key, KeyError> {
        let limit = FRAME_LIMIT as f64;
        if !(-limit..=limit).contains(&self.frame) {
            return Err(KeyError::Frame { found: self.frame.to_string() });
        }
        let value = check(&self.value)?;
        let Some((numbers, count)) = shape::numbers(&value) else {
            if self.interp != Interp::Hold {
                return Err(KeyError::NoneBetween { interp: self.interp, kind });
            }
            let handles = [("incoming", &self.incoming), ("outgoing", &self.outgoing)];
            if let Some((side, _)) = handles.into_iter().find(|(_, handle)| handle.is_some()) {
                let expected = format!("none: a {kind} has no values in between");
                return Err(KeyError::Handle { side, found: "one".to_string(), expected });
            }
            return Ok(Key { frame: self.frame + 0.0, value, ..self.clone() });
        };
        if numbers[..count].iter().any(|number| number.abs() > MAX_NUMBER) {
            let expected = format!("numbers within -{MAX_NUMBER:e}..={MAX_NUMBER:e} in keys");
            return Err(ValueError::Range { found: value.to_string(), expected }.into());
        }
        check_handle("incoming", self.incoming.as_ref(), count, -1.0)?;
        check_handle("outgoing", self.outgoing.as_ref(), count, 1.0)?;
        Ok(Key { frame: self.frame + 0.0, value, ..self.clone() })
    }
}

fn check_handle(side: &'static str, handle: Option<&Handle>, count: usize, sign: f64) -> Result<(), KeyError> {
    let Some(Handle { frames, offset }) = handle else { return Ok(()) };
    let refuse = |found: String, expected: String| Err(KeyError::Handle { side, found, expected });
    if !(0.0..=FRAME_LIMIT as f64).contains(&(frames * sign)) {
        let more_or_less = if sign > 0.0 { "more" } else { "less" };
        return refuse(format!("{frames} frames"), format!("0 frames or {more_or_less} from its key"));
    }
    if offset.len() != count {
        return refuse(format!("{offset:?}"), format!("one offset for each of {count} components"));
    }
    if !offset.iter().all(|number| number.abs() <= MAX_NUMBER) {
        return refuse(format!("{offset:?}"), format!("offsets within -{MAX_NUMBER:e}..={MAX_NUMBER:e}"));
    }
    Ok(())
}

/// Equal to the bit.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        (self.frame, self.interp) == (other.frame, other.interp)
            && same_bits(&self.value, &other.value)
            && (&self.incoming, &self.outgoing) == (&other.incoming, &other.outgoing)
            && self.extra == other.extra
    }
}

impl Curve {
    /// The keys, in the order of their frames.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key on a frame.
    pub fn key(&self, frame: f64) -> Option<&Key> {
        self.on_frame(frame).next().map(|index| &self.keys[index])
    }

    /// The same curve as one of this parameter, if all its values are such.
    fn for_param(&self, param: &ParamSpec) -> Option<Curve> {
        let key = |key: &Key| key.checked(param.kind, |value| param.check(value)).ok();
        Some(Curve {
            kind: param.kind,
            range: param.hard_range,
            keys: self.keys.iter().map(key).collect::<Option<_>>()?,
        })
    }

    /// Adds a key that was checked, in place of one on the same frame. Tells whether that changed anything.
    fn set(&mut self, key: Key) -> Result<bool, KeyError> {
        let old = self.on_frame(key.frame);
        if let [old] = &self.keys[old.clone()]
            && *old == key
        {
            return Ok(false);
        }
        if old.is_empty() && self.keys.len() == MAX_KEYS {
            return Err(KeyError::TooMany);
        }
        self.keys.splice(old, [key]);
        Ok(true)
    }

    /// Which keys are on a frame.
    fn on_frame(&self, frame: f64) -> std::ops::Range<usize> {
        let first = self.keys.partition_point(|key| key.frame <= frame - SAME_FRAME);
        let end = self.keys.partition_point(|key| key.frame < frame + SAME_FRAME);
        first..end.max(first)
    }
}
