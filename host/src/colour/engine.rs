//! Who knows spaces by name and leads from one to another.

use std::fmt::Debug;
use std::sync::Arc;

use super::space::RAW;
use super::{Adaptation, ColourError, Content, SPACES, Space, Transform, Way};
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

    /// Whether the numbers of a space are light.
    fn is_linear(&self, space: &Content) -> bool;

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
                name: name.to_owned(),
                hint: did_you_mean(name, all.chain(RAW)),
                engine: Engine::name(self).to_owned(),
                names: SPACES.iter().map(|known| known.name).chain([RAW[0]]).map(str::to_owned).collect(),
            }
        })
    }

    fn is_linear(&self, space: &Content) -> bool {
        matches!(space, Content::Colour(space) if space.is_linear())
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
