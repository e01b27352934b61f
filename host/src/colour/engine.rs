//! Who knows spaces by name and leads from one to another, and to displays.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use super::space::RAW;
use super::{Adaptation, ColourError, Content, Gamut, SPACES, Space, Transform, Way};
use crate::suggest::did_you_mean;

/// A space as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// Whether its numbers are light.
    pub linear: bool,
    /// What it is.
    pub doc: String,
}

/// A display, and the ways to look at pictures on it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Display {
    /// Its name.
    pub name: String,
    /// Its views, the usual one first.
    pub views: Vec<String>,
}

/// How a picture is to be shown on a display of a config.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct View {
    /// The display; the first one of the config where none is named.
    pub display: Option<String>,
    /// The view; the first one of the display where none is named.
    pub view: Option<String>,
    /// Looks instead of those of the view, as OpenColorIO has them: names with a comma between, `-` before one that is to be
    /// undone. Empty for none.
    pub looks: Option<String>,
}

/// Who knows spaces by name and leads from one to another. Its transforms may be used by many threads at once.
pub trait Engine: Debug + Send + Sync {
    /// What it is called in messages: `the built-in spaces`, or a config.
    fn name(&self) -> &str;

    /// The spaces it knows.
    fn spaces(&self) -> Vec<Listed>;

    /// What a name stands for, in any case.
    ///
    /// # Errors
    /// If there is no such name; the error lists those there are.
    fn find(&self, name: &str) -> Result<Content, ColourError>;

    /// What red, green and blue of a space are whose numbers are light. `None` for other spaces.
    fn light(&self, space: &Content) -> Option<Gamut>;

    /// The way from one space to another. `None` where nothing is to be done, as where either is raw.
    ///
    /// # Errors
    /// If there is no way.
    fn way(
        &self,
        from: &Content,
        to: &Content,
        adaptation: Adaptation,
    ) -> Result<Option<Arc<dyn Transform>>, ColourError>;

    /// What floats are where nobody says it.
    fn usual_light(&self) -> Content {
        Content::Colour(Space::LINEAR)
    }

    /// Names that stand for spaces by what these are used for, and the spaces.
    fn roles(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// The displays it knows, the usual one first.
    fn displays(&self) -> Vec<Display> {
        Vec::new()
    }

    /// The looks it knows.
    fn looks(&self) -> Vec<String> {
        Vec::new()
    }

    /// What its own rules take a file for, with the name of the rule. `None` where only the rule for all files fits.
    fn rule(&self, _path: &Path) -> Option<(String, Content)> {
        None
    }

    /// The name that files have for a space, in OpenEXR's attribute `colorInteropID`.
    fn interop_id(&self, space: &Content) -> Option<String> {
        match space {
            Content::Colour(space) => space.known().and_then(|known| known.interop).map(str::to_owned),
            Content::Raw | Content::Config(_) => None,
        }
    }

    /// The way from a space to the codes of a display.
    ///
    /// # Errors
    /// If there is no such display, view or look, or no way there.
    fn view(&self, from: &Content, view: &View) -> Result<Option<Arc<dyn Transform>>, ColourError>;
}

/// What names of built-in configs begin with.
pub(super) const BUILT_IN: &str = "ocio://";
/// The name for the config that the variable of the environment of this name names.
pub(super) const VARIABLE: &str = "$OCIO";

/// The path of a config that is a file. `None` for one that is built in, for `$OCIO`, and for no name at all.
pub fn config_path(name: &str) -> Option<&Path> {
    (!name.is_empty() && name != VARIABLE && !name.starts_with(BUILT_IN)).then(|| Path::new(name))
}

/// The config of a name; the built-in spaces where the name is empty.
///
/// # Errors
/// If there is no such config.
pub fn engine(config: &str) -> Result<Arc<dyn Engine>, ColourError> {
    if config.is_empty() { Ok(Arc::new(BuiltIn)) } else { super::open_config(config) }
}

/// The spaces that need no config.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltIn;

impl BuiltIn {
    /// The way from one of its spaces to another.
    pub fn way(from: Space, to: Space, adaptation: Adaptation) -> Option<Arc<dyn Transform>> {
        Way::between(from, to, adaptation).map(Into::into)
    }
}

impl Engine for BuiltIn {
    fn name(&self) -> &str {
        "the built-in spaces"
    }

    fn spaces(&self) -> Vec<Listed> {
        let listed = |known: &super::NamedSpace| Listed {
            name: known.name.to_owned(),
            aliases: known.aliases.iter().chain(&known.interop).map(|name| (*name).to_owned()).collect(),
            linear: known.space.is_linear(),
            doc: known.doc.to_owned(),
        };
        let raw = Listed {
            name: RAW[0].to_owned(),
            aliases: RAW[1..].iter().map(|name| (*name).to_owned()).collect(),
            linear: false,
            doc: "Numbers that are no colour; nothing is done to them.".to_owned(),
        };
        SPACES.iter().map(listed).chain([raw]).collect()
    }

    fn find(&self, name: &str) -> Result<Content, ColourError> {
        if RAW.iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
            return Ok(Content::Raw);
        }
        Space::named(name).map(Content::Colour).ok_or_else(|| {
            let all = SPACES.iter().flat_map(|known| [known.name].into_iter().chain(known.aliases.iter().copied()));
            ColourError::Unknown {
                what: "colour space".to_owned(),
                name: name.to_owned(),
                hint: did_you_mean(name, all.chain(RAW)),
                engine: Engine::name(self).to_owned(),
                names: SPACES.iter().map(|known| known.name).chain([RAW[0]]).map(str::to_owned).collect(),
            }
        })
    }

    fn light(&self, space: &Content) -> Option<Gamut> {
        match space {
            Content::Colour(space) if space.is_linear() => Some(space.gamut),
            _ => None,
        }
    }

    fn way(
        &self,
        from: &Content,
        to: &Content,
        adaptation: Adaptation,
    ) -> Result<Option<Arc<dyn Transform>>, ColourError> {
        match (from, to) {
            (Content::Colour(from), Content::Colour(to)) => Ok(BuiltIn::way(*from, *to, adaptation)),
            (Content::Raw, _) | (_, Content::Raw) => Ok(None),
            (Content::Config(name), _) | (_, Content::Config(name)) => self.find(name).map(|_| None),
        }
    }

    fn view(&self, _from: &Content, _view: &View) -> Result<Option<Arc<dyn Transform>>, ColourError> {
        Err(ColourError::NoDisplays)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_unknown_ones_are_told_with_those_there_are() {
        assert_eq!(
            BuiltIn.find("ACEScg"),
            Ok(Content::Colour(Space { gamut: super::super::Gamut::AP1, ..Space::LINEAR }))
        );
        assert_eq!(BuiltIn.find("sRGB - Texture"), Ok(Content::Colour(Space::SRGB)));
        assert_eq!(BuiltIn.find("Data"), Ok(Content::Raw));
        let error = BuiltIn.find("acesgc").expect_err("a typing error").to_string();
        for part in ["`acesgc`", "did you mean `acescg`?", "the built-in spaces", "srgb, rec709"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn raw_numbers_are_left_alone() {
        for (from, to) in [(Content::Raw, Content::Colour(Space::SRGB)), (Content::Colour(Space::SRGB), Content::Raw)] {
            assert!(Engine::way(&BuiltIn, &from, &to, Adaptation::Known).is_ok_and(|way| way.is_none()));
        }
    }
}
