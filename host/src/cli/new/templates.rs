//! The files of a new crate. They lie in `host/templates/new`, with a few names to fill in.

use super::names::Names;
use crate::names::named;

/// What an effect is a function of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Pixel,
    Area,
    Full,
    Generator,
    Temporal,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Pixel, Kind::Area, Kind::Full, Kind::Generator, Kind::Temporal];

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Pixel => "pixel",
            Kind::Area => "area",
            Kind::Full => "full",
            Kind::Generator => "generator",
            Kind::Temporal => "temporal",
        }
    }

    /// Its source, and its test.
    fn texts(self) -> [&'static str; 2] {
        macro_rules! texts {
            ($kind:literal) => {
                [
                    include_str!(concat!("../../../templates/new/", $kind, "/lib.rs")),
                    include_str!(concat!("../../../templates/new/", $kind, "/golden.rs")),
                ]
            };
        }
        match self {
            Kind::Pixel => texts!("pixel"),
            Kind::Area => texts!("area"),
            Kind::Full => texts!("full"),
            Kind::Generator => texts!("generator"),
            Kind::Temporal => texts!("temporal"),
        }
    }
}

named!(Kind, "kind of effect");

/// What is filled in.
pub(super) struct Texts<'a> {
    pub(super) names: &'a Names,
    pub(super) sdk: &'a toml::Value,
    pub(super) kind: Kind,
}

impl Texts<'_> {
    /// Every file of the crate, by its path with `/`.
    pub(super) fn files(&self) -> Vec<(&'static str, String)> {
        let [source, golden] = self.kind.texts();
        let templates = [
            // In the repository it has another name: cargo takes a folder with a Cargo.toml for a package.
            ("Cargo.toml", include_str!("../../../templates/new/common/manifest.toml")),
            ("README.md", include_str!("../../../templates/new/common/README.md")),
            (".gitignore", include_str!("../../../templates/new/common/gitignore")),
            (".github/workflows/ci.yml", include_str!("../../../templates/new/common/ci.yml")),
            ("src/lib.rs", source),
            ("tests/golden.rs", golden),
            ("benches/speed.rs", include_str!("../../../templates/new/common/speed.rs")),
        ];
        templates.map(|(path, template)| (path, self.fill(template))).into()
    }

    fn fill(&self, template: &str) -> String {
        let Names { package, module, effect, label, id } = self.names;
        let sdk = self.sdk.to_string();
        let values = [
            ("__name__", package),
            ("__crate__", module),
            ("__Type__", effect),
            ("__label__", label),
            ("__id__", id),
            ("__sdk__", &sdk),
        ];
        values.into_iter().fold(template.to_owned(), |text, (place, value)| text.replace(place, value))
    }
}
