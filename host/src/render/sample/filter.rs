//! The filters by which pixels are sampled.

/// How the value between pixels is made of the pixels around it.
///
/// Where a map shrinks, every filter but `Impulse` widens with it, so that no pixel is skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// The nearest pixel, as it is.
    Impulse,
    /// The mean of the four pixels around, weighted by nearness.
    #[default]
    Bilinear,
    /// Keys' cubic with a = -0.5 (Catmull-Rom): passes through the pixels, sharper than bilinear, rings a little.
    Cubic,
    /// The cubic of Mitchell and Netravali with B = C = 1/3: softer, hardly rings.
    Mitchell,
    /// Sinc within three lobes of a sinc: the sharpest, rings most.
    Lanczos3,
}

/// A filter that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no filter {found:?}, expected one of {}", Filter::ALL.map(Filter::key).join(", "))]
pub struct UnknownFilter {
    /// The name found.
    pub found: String,
}

impl Filter {
    /// All of them.
    pub const ALL: [Filter; 5] = [Filter::Impulse, Filter::Bilinear, Filter::Cubic, Filter::Mitchell, Filter::Lanczos3];

    /// The name in projects.
    pub const fn key(self) -> &'static str {
        match self {
            Filter::Impulse => "impulse",
            Filter::Bilinear => "bilinear",
            Filter::Cubic => "cubic",
            Filter::Mitchell => "mitchell",
            Filter::Lanczos3 => "lanczos3",
        }
    }

    /// The filter of this name.
    ///
    /// # Errors
    /// If there is none; the error lists the names.
    pub fn of_key(key: &str) -> Result<Self, UnknownFilter> {
        Self::ALL.into_iter().find(|filter| filter.key() == key).ok_or_else(|| UnknownFilter { found: key.to_owned() })
    }

    /// How far from a point the centres of pixels are that have a part in its value, where nothing shrinks.
    pub(super) const fn radius(self) -> f64 {
        match self {
            Filter::Impulse => 0.5,
            Filter::Bilinear => 1.0,
            Filter::Cubic | Filter::Mitchell => 2.0,
            Filter::Lanczos3 => 3.0,
        }
    }

    /// How far it reaches along an axis where the source lies this many times as dense as the result.
    pub(super) fn reach(self, density: f64) -> f64 {
        if matches!(self, Filter::Impulse) { self.radius() } else { self.radius() * density.max(1.0) }
    }
}
