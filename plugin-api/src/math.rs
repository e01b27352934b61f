//! Functions of one number for inner loops.

mod angle;
mod exponential;
mod srgb;

pub use angle::{cos, sin};
pub use exponential::{exp, exp2, ln, log2, pow, signed_pow};
pub use srgb::{linear_to_srgb, srgb_to_linear};
