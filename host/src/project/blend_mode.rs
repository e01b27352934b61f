//! How a layer combines with what is below it: the modes, their names in projects and their meaning.
//!
//! `Cb` and `Cs` are the straight colours of the backdrop and of the layer, `ab` and `as` their alphas, the layer's times
//! its opacity. Unless a mode says otherwise, the result is that of W3C Compositing and Blending with the mode's function
//! `B(Cb, Cs)`: `co = as*(1-ab)*Cs + as*ab*B + (1-as)*ab*Cb`, `ao = as + ab - as*ab`. So the layer is seen as it is where
//! nothing is below it, and the other way round.
//!
//! Results are not clamped. For colours within 0..1 each mode is what W3C, or else Nuke, says; beyond, it goes on in the
//! way that its documentation states, without a jump at 0 or 1. Jumps are where W3C has them, in `color_dodge` by white
//! around black and `color_burn` by black around white, and in `divide` where the divisor changes its sign.

/// How a layer is blended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlendMode {
    /// `B = Cs`.
    Normal,
    /// `B = Cb + Cs`: light is added, `co = as*Cs + ab*Cb`.
    Add,
    /// `B = Cb - Cs`. It goes below 0 and stays there.
    Subtract,
    /// `B = Cb * Cs`. Two negative values give a positive one.
    Multiply,
    /// `B = Cb + Cs - Cb*Cs`; the larger, where one is above 1.
    Screen,
    /// [`HardLight`](Self::HardLight) with the layers exchanged: `multiply` where `Cb` is up to 0.5, `screen` above.
    Overlay,
    /// `B = Cb / Cs`. `Cs` keeps its sign and is at least 0.00001 in magnitude: 0 counts as 0.00001.
    Divide,
    /// `B = |Cb - Cs|`.
    Difference,
    /// `B = min(Cb, Cs)`.
    Darken,
    /// `B = max(Cb, Cs)`.
    Lighten,
    /// `B = Cb / (1 - Cs)`, up to 1. A backdrop beyond 0..1 stays at least as it is: above 1 it is the limit itself, and
    /// up to 0 there is nothing to brighten. A layer above 1 counts as white, which brightens up to the limit.
    ColorDodge,
    /// `B = 1 - (1-Cb) / Cs`, down to 0: `color_dodge` of the complements, complemented. A backdrop of 1 or more stays
    /// as it is, one below 0 is the limit itself, and a layer below 0 counts as black, which darkens down to the limit.
    ColorBurn,
    /// `multiply(Cb, 2*Cs)` where `Cs` is up to 0.5, `screen(Cb, 2*Cs - 1)` above, which for a `Cb` or `Cs` above 1 is
    /// the larger of `Cb` and `2*Cs - 1`.
    HardLight,
    /// `B = Cb + (2*Cs - 1) * (G - Cb)`, where `G` lightens or darkens softly as W3C has it. A layer beyond 0..1 does
    /// accordingly more; a backdrop beyond 0..1 stays as it is, as black and white do.
    SoftLight,
    /// `B = Cb + Cs - 2*Cb*Cs`. Two values above 1 give a negative one.
    Exclusion,
    /// The hue of `Cs` with the saturation and luminosity of `Cb`.
    ///
    /// In this mode and the next three, luminosity is `0.3*R + 0.59*G + 0.11*B` and saturation the largest component less
    /// the smallest. A colour that leaves 0..1 is drawn towards grey of its luminosity until it fits; where `Cb` or `Cs`
    /// themselves lie beyond 0..1, it may go as far as they do.
    Hue,
    /// The saturation of `Cs` with the hue and luminosity of `Cb`.
    Saturation,
    /// The hue and saturation of `Cs` with the luminosity of `Cb`.
    Color,
    /// The luminosity of `Cs` with the hue and saturation of `Cb`.
    Luminosity,
    /// Porter-Duff: the layer, times the backdrop's alpha.
    In,
    /// Porter-Duff: the layer, times what the backdrop's alpha lacks of 1.
    Out,
    /// Porter-Duff: the layer over the backdrop, with the backdrop's alpha.
    Atop,
    /// Porter-Duff: `out`, and what the layer leaves of the backdrop.
    Xor,
    /// Porter-Duff: the backdrop over the layer.
    Under,
    /// Porter-Duff: the backdrop, times the layer's alpha. The layer's colour is not seen.
    Stencil,
    /// The layer, times its opacity, in place of the backdrop.
    Copy,
}

/// A blend mode that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no blend mode {found:?}, expected one of {}", BlendMode::ALL.map(BlendMode::key).join(", "))]
pub struct UnknownMode {
    /// The name found.
    pub found: String,
}

impl BlendMode {
    /// All of them.
    pub const ALL: [BlendMode; 26] = [
        BlendMode::Normal,
        BlendMode::Add,
        BlendMode::Subtract,
        BlendMode::Multiply,
        BlendMode::Screen,
        BlendMode::Overlay,
        BlendMode::Divide,
        BlendMode::Difference,
        BlendMode::Darken,
        BlendMode::Lighten,
        BlendMode::ColorDodge,
        BlendMode::ColorBurn,
        BlendMode::HardLight,
        BlendMode::SoftLight,
        BlendMode::Exclusion,
        BlendMode::Hue,
        BlendMode::Saturation,
        BlendMode::Color,
        BlendMode::Luminosity,
        BlendMode::In,
        BlendMode::Out,
        BlendMode::Atop,
        BlendMode::Xor,
        BlendMode::Under,
        BlendMode::Stencil,
        BlendMode::Copy,
    ];

    /// The name in projects.
    pub const fn key(self) -> &'static str {
        self.key_and_doc().0
    }

    /// What it does, in a line.
    pub const fn doc(self) -> &'static str {
        self.key_and_doc().1
    }

    /// The mode of this name.
    ///
    /// # Errors
    /// If there is none; the error lists the names.
    pub fn of_key(key: &str) -> Result<Self, UnknownMode> {
        Self::ALL.into_iter().find(|mode| mode.key() == key).ok_or_else(|| UnknownMode { found: key.to_owned() })
    }

    const fn key_and_doc(self) -> (&'static str, &'static str) {
        match self {
            BlendMode::Normal => ("normal", "The layer over what is below."),
            BlendMode::Add => ("add", "The sum."),
            BlendMode::Subtract => ("subtract", "Below minus above."),
            BlendMode::Multiply => ("multiply", "The product."),
            BlendMode::Screen => {
                ("screen", "The product of the complements, complemented; the larger if one is above 1.")
            }
            BlendMode::Overlay => ("overlay", "Multiply where below is dark, screen where it is light."),
            BlendMode::Divide => ("divide", "Below divided by above, which counts as 0.00001 at least."),
            BlendMode::Difference => ("difference", "The distance."),
            BlendMode::Darken => ("darken", "The smaller."),
            BlendMode::Lighten => ("lighten", "The larger."),
            BlendMode::ColorDodge => ("color_dodge", "Below brightened by above, up to 1."),
            BlendMode::ColorBurn => ("color_burn", "Below darkened by above, down to 0."),
            BlendMode::HardLight => ("hard_light", "Overlay with the layers exchanged."),
            BlendMode::SoftLight => ("soft_light", "A gentle hard light."),
            BlendMode::Exclusion => ("exclusion", "A gentle difference."),
            BlendMode::Hue => ("hue", "The hue of above."),
            BlendMode::Saturation => ("saturation", "The saturation of above."),
            BlendMode::Color => ("color", "Hue and saturation of above."),
            BlendMode::Luminosity => ("luminosity", "The luminosity of above."),
            BlendMode::In => ("in", "Above where below is."),
            BlendMode::Out => ("out", "Above where below is not."),
            BlendMode::Atop => ("atop", "Above over below, where below is."),
            BlendMode::Xor => ("xor", "Each where the other is not."),
            BlendMode::Under => ("under", "Above under what is below."),
            BlendMode::Stencil => ("stencil", "Below where above is."),
            BlendMode::Copy => ("copy", "Above alone."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_finds_its_mode_and_another_is_an_error_that_lists_them() {
        for mode in BlendMode::ALL {
            assert_eq!(BlendMode::of_key(mode.key()), Ok(mode));
            assert!(mode.doc().ends_with('.'), "{mode:?}");
        }
        let error = BlendMode::of_key("addd").expect_err("no such mode").to_string();
        assert!(
            error.starts_with("there is no blend mode \"addd\", expected one of normal, add, subtract,"),
            "{error}"
        );
        assert!(error.ends_with("under, stencil, copy"), "{error}");
    }
}
