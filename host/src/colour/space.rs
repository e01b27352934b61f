//! Colour spaces that are built in: a curve and a gamut each, by name.

use std::fmt;
use std::sync::Arc;

use super::{Curve, Gamut};

/// What the numbers of a picture mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space {
    /// How numbers stand for light.
    pub curve: Curve,
    /// What red, green and blue are.
    pub gamut: Gamut,
}

/// A space with its names.
#[derive(Debug)]
pub struct NamedSpace {
    /// Its name here.
    pub name: &'static str,
    /// Names that OpenColorIO's configs and the Color Interop Forum have for the same.
    pub aliases: &'static [&'static str],
    /// What OpenEXR's attribute `colorInteropID` calls it, where that has a name for it.
    pub interop: Option<&'static str>,
    /// What it is.
    pub space: Space,
    /// What it is, in a sentence.
    pub doc: &'static str,
}

/// Spaces with a curve and a gamut, in the order in which they are listed. Names are found in any case.
pub static SPACES: &[NamedSpace] = &[
    named("linear", Curve::Linear, Gamut::REC709, Some("lin_rec709_scene"), "Scene-linear light, Rec.709 primaries.")
        .aliases(&["lin_rec709", "lin_srgb", "lin_rec709_srgb", "Linear Rec.709 (sRGB)", "Utility - Linear - Rec.709"]),
    named("srgb", Curve::Srgb, Gamut::REC709, Some("srgb_rec709_scene"), "The sRGB curve, Rec.709 primaries.").aliases(
        &[
            "srgb_tx",
            "srgb_texture",
            "sRGB - Texture",
            "sRGB Encoded Rec.709 (sRGB)",
            "srgb_encoded_rec709_srgb",
            "srgb_rec709_display",
            "srgb_display",
            "sRGB - Display",
        ],
    ),
    named("rec709", Curve::Rec709, Gamut::REC709, None, "What a Rec.709 camera makes of light, Rec.709 primaries.")
        .aliases(&["camera_rec709", "Camera Rec.709", "Utility - Rec.709 - Camera"]),
    named(
        "bt1886",
        Curve::Gamma(2.4),
        Gamut::REC709,
        Some("g24_rec709_display"),
        "What a video display makes light of: gamma 2.4, a black of 0, Rec.709 primaries.",
    )
    .aliases(&[
        "gamma24",
        "g24_rec709",
        "g24_rec709_tx",
        "Gamma 2.4 Encoded Rec.709",
        "Gamma 2.4 Rec.709 - Texture",
        "rec709_display",
        "rec1886_rec709_display",
        "Rec.1886 Rec.709 - Display",
    ]),
    named("gamma18", Curve::Gamma(1.8), Gamut::REC709, Some("g18_rec709_scene"), "Gamma 1.8, Rec.709 primaries.")
        .aliases(&["g18_rec709", "g18_rec709_tx", "Gamma 1.8 Encoded Rec.709", "Gamma 1.8 Rec.709 - Texture"]),
    named("gamma22", Curve::Gamma(2.2), Gamut::REC709, Some("g22_rec709_scene"), "Gamma 2.2, Rec.709 primaries.")
        .aliases(&["g22_rec709", "g22_rec709_tx", "Gamma 2.2 Encoded Rec.709", "Gamma 2.2 Rec.709 - Texture"]),
    named("cineon", Curve::Cineon, Gamut::REC709, None, "Printing density of film scans, taken as Rec.709 primaries.")
        .aliases(&["cineon_log"]),
    named("acescg", Curve::Linear, Gamut::AP1, Some("lin_ap1_scene"), "ACEScg: scene-linear light, primaries AP1.")
        .aliases(&["lin_ap1", "ACES - ACEScg"]),
    named("acescct", Curve::AcesCct, Gamut::AP1, None, "ACEScct: a logarithm with a toe, primaries AP1.")
        .aliases(&["acescct_ap1", "ACES - ACEScct"]),
    named(
        "aces2065-1",
        Curve::Linear,
        Gamut::AP0,
        Some("lin_ap0_scene"),
        "ACES2065-1: scene-linear light, primaries AP0, as ACES pictures are exchanged.",
    )
    .aliases(&["aces2065_1", "aces", "lin_ap0", "ACES - ACES2065-1"]),
    named(
        "xyz-d65",
        Curve::Linear,
        Gamut::XYZ_D65,
        Some("lin_ciexyzd65_scene"),
        "Scene-linear X, Y and Z of CIE 1931, where D65 is white.",
    )
    .aliases(&["cie_xyz_d65", "cie_xyz_d65_scene", "CIE XYZ-D65 - Scene-referred", "CIE-XYZ-D65"]),
    named("lin_p3d65", Curve::Linear, Gamut::P3_D65, Some("lin_p3d65_scene"), "Scene-linear light, P3 primaries, D65.")
        .aliases(&["Linear P3-D65", "lin_displayp3", "Linear Display P3", "Utility - Linear - P3-D65"]),
    named(
        "lin_rec2020",
        Curve::Linear,
        Gamut::REC2020,
        Some("lin_rec2020_scene"),
        "Scene-linear light, Rec.2020 primaries.",
    )
    .aliases(&["Linear Rec.2020", "Utility - Linear - Rec.2020"]),
    named(
        "lin_adobergb",
        Curve::Linear,
        Gamut::ADOBE_RGB,
        Some("lin_adobergb_scene"),
        "Scene-linear light, Adobe RGB primaries.",
    )
    .aliases(&["Linear AdobeRGB", "Utility - Linear - Adobe RGB"]),
    named("display-p3", Curve::Srgb, Gamut::P3_D65, Some("srgb_p3d65_scene"), "The sRGB curve, P3 primaries, D65.")
        .aliases(&[
            "displayp3",
            "srgb_p3d65",
            "srgb_displayp3",
            "srgb_p3d65_display",
            "displayp3_display",
            "sRGB Encoded P3-D65",
            "sRGB Encoded P3-D65 - Texture",
            "Display P3 - Display",
        ]),
    named(
        "adobergb",
        Curve::Gamma(563.0 / 256.0),
        Gamut::ADOBE_RGB,
        Some("g22_adobergb_scene"),
        "Adobe RGB (1998): gamma 563/256, its primaries.",
    )
    .aliases(&["g22_encoded_adobergb", "Gamma 2.2 Encoded AdobeRGB"]),
];

const fn named(
    name: &'static str,
    curve: Curve,
    gamut: Gamut,
    interop: Option<&'static str>,
    doc: &'static str,
) -> NamedSpace {
    NamedSpace { name, aliases: &[], interop, space: Space { curve, gamut }, doc }
}

impl NamedSpace {
    const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Whether it is called so, in any case.
    pub fn is_called(&self, name: &str) -> bool {
        [self.name].iter().chain(self.aliases).chain(&self.interop).any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// Names for numbers that are no colour.
pub(super) const RAW: [&str; 4] = ["raw", "data", "none", "Utility - Raw"];

/// What a file's numbers are taken for.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Numbers that are no colour, or that nobody is to touch: depth, normals, ids, what a user asked for as it is.
    Raw,
    /// Colour in a space that is built in.
    Colour(Space),
    /// Colour in a space of the project's config, by its name there.
    Config(Arc<str>),
}

impl Space {
    /// Scene-linear light with Rec.709 primaries.
    pub const LINEAR: Space = Space { curve: Curve::Linear, gamut: Gamut::REC709 };
    /// The sRGB curve with Rec.709 primaries.
    pub const SRGB: Space = Space { curve: Curve::Srgb, gamut: Gamut::REC709 };

    /// What a video display makes light of, with Rec.709 primaries.
    pub const BT1886: Space = Space { curve: Curve::Gamma(2.4), gamut: Gamut::REC709 };

    /// The one of a name, in any case.
    pub fn named(name: &str) -> Option<Space> {
        SPACES.iter().find(|known| known.is_called(name)).map(|known| known.space)
    }

    /// The one that is this, if it has a name.
    pub fn known(&self) -> Option<&'static NamedSpace> {
        SPACES.iter().find(|known| known.space == *self)
    }

    /// Whether its numbers are light.
    pub fn is_linear(&self) -> bool {
        self.curve == Curve::Linear
    }

    /// The same gamut without a curve.
    #[must_use]
    pub fn light(self) -> Space {
        Space { curve: Curve::Linear, ..self }
    }
}

/// Its name, or what it is.
impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.known(), self.light().known()) {
            (Some(known), _) => f.write_str(known.name),
            (None, Some(light)) => write!(f, "{} with the curve {}", light.name, self.curve),
            (None, None) if self.curve == Curve::Linear => write!(f, "linear, {}", self.gamut),
            (None, None) => write!(f, "curve {}, {}", self.curve, self.gamut),
        }
    }
}

/// Its name, or what it is.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Raw => f.write_str("raw"),
            Content::Colour(space) => space.fmt(f),
            Content::Config(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_name_stands_for_one_thing_in_any_case() {
        let mut seen = HashMap::new();
        for known in SPACES {
            for name in [known.name].iter().chain(known.aliases).chain(&known.interop) {
                assert_eq!(seen.insert(name.to_lowercase(), known.name), None, "{name} is there twice");
                assert!(known.is_called(name) && known.is_called(&name.to_uppercase()));
            }
            assert!(known.doc.ends_with('.'));
            assert!(known.space.known().is_some_and(|found| found.name == known.name), "{} is there twice", known.name);
        }
    }

    #[test]
    fn a_space_without_a_name_says_what_it_is() {
        let odd = Space { curve: Curve::Gamma(2.0), gamut: Gamut::AP1 };
        assert_eq!(odd.to_string(), "acescg with the curve gamma 2");
        assert_eq!(Space::LINEAR.to_string(), "linear");
    }
}
