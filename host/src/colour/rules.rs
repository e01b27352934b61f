//! Which space a file is in: the first of these that has a word for it.
//!
//! 1. What the user set for the file (`colour_space` of its media).
//! 2. What it shows: depth, normals, motion, ids and the like are no colour, and raw.
//! 3. The first rule of the project whose pattern fits its path (`colour_rules`).
//! 4. What the file says of itself.
//! 5. The first file rule of the project's config that fits its path, but for the last one, which fits all.
//! 6. The type of its samples: floats are linear light, that of the role `scene_linear` where the project has a config; whole
//!    numbers are sRGB, whole numbers of 32 bits are raw. Movies are what a display of BT.1886 shows.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::{Adaptation, BuiltIn, ColourError, Content, Engine, Space, Transform};
use crate::glob;
use crate::image::SampleType;

/// What there is to be known of a file's colour without its pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct FileColour {
    /// The type of the samples that are shown.
    pub samples: SampleType,
    /// Whether it is a movie.
    pub movie: bool,
    /// What the file says of itself.
    pub tag: Option<Tag>,
    /// The channels that are shown, where these are no colour.
    pub data: Option<String>,
}

/// Halves that say nothing.
impl Default for FileColour {
    fn default() -> Self {
        Self { samples: SampleType::Half, movie: false, tag: None, data: None }
    }
}

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    /// Where it says what.
    pub text: String,
    /// What that means, or why it is not understood.
    pub content: Result<Content, String>,
    /// The name of the space, where it is one: a config may know what is not built in.
    pub name: Option<String>,
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The user, for this file.
    Attribute,
    /// The names of the channels.
    Data,
    /// A rule of the project.
    Rule,
    /// The file.
    Tag,
    /// A rule of the config.
    Config,
    /// The type of its samples.
    Type,
}

/// What one who may decide says.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// Who.
    pub by: By,
    /// Why.
    pub why: String,
    /// What.
    pub content: Content,
}

/// Which space a file is in, and which it would be in without the word that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The word that counts.
    pub word: Word,
    /// The others, in the order in which they would count. What is not understood among them is left out.
    pub otherwise: Vec<Word>,
}

/// A pattern of paths, and what files are in that fit it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `*` stands for any number of characters, `?` for one. With a `/` in it, it has to fit the whole path, else the name
    /// of the file. Case does not count.
    pub pattern: String,
    /// What such files are in.
    pub space: String,
}

/// How a project sees colour.
#[derive(Clone, Debug)]
pub struct Colours {
    /// Who knows spaces.
    pub engine: Arc<dyn Engine>,
    /// In which space layers are composited.
    pub working: Content,
    /// What becomes of white between gamuts.
    pub adaptation: Adaptation,
    /// The rules, the first one first.
    pub rules: Vec<Rule>,
}

/// Without a project: light with Rec.709 primaries.
impl Default for Colours {
    fn default() -> Self {
        let working = Content::Colour(Space::LINEAR);
        Self { engine: Arc::new(BuiltIn), working, adaptation: Adaptation::default(), rules: Vec::new() }
    }
}

impl Rule {
    /// Whether a path fits.
    pub fn fits(&self, path: &Path) -> bool {
        let whole = || path.to_string_lossy().replace('\\', "/");
        let name = || path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = if self.pattern.contains('/') { whole() } else { name() };
        glob::matches(&self.pattern.to_lowercase(), &path.to_lowercase())
    }
}

impl Colours {
    /// Which space a file is in. `set` is what the user set for it; empty where nothing is set.
    ///
    /// # Errors
    /// If the word that counts names no space, or the file's own is not understood.
    pub fn decide(&self, path: &Path, file: &FileColour, set: &str) -> Result<Decision, ColourError> {
        let mut words = self.words(path, file, set).into_iter();
        let word = words.next().expect("the type always has a word")?;
        Ok(Decision { word, otherwise: words.filter_map(Result::ok).collect() })
    }

    /// All that have a word for it, the one that counts first.
    fn words(&self, path: &Path, file: &FileColour, set: &str) -> Vec<Result<Word, ColourError>> {
        let word = |by, why: String, content| Word { by, why, content };
        let mut words = Vec::new();
        if !set.is_empty() {
            let content = self.engine.find(set);
            words
                .push(content.map(|content| word(By::Attribute, format!("`colour_space` is set to {set:?}"), content)));
        }
        if let Some(channels) = &file.data {
            words.push(Ok(word(By::Data, format!("{channels} is no colour"), Content::Raw)));
        }
        for (index, rule) in self.rules.iter().enumerate().filter(|(_, rule)| rule.fits(path)) {
            let why = format!("rule {} of the project, {:?}", index + 1, rule.pattern);
            words.push(self.engine.find(&rule.space).map(|content| word(By::Rule, why, content)));
        }
        if let Some(tag) = &file.tag {
            let named = || tag.name.as_ref().and_then(|name| self.engine.find(name).ok());
            words.push(match tag.content.clone().or_else(|reason| named().ok_or(reason)) {
                Ok(content) => Ok(word(By::Tag, tag.text.clone(), content)),
                Err(reason) => Err(ColourError::Tag { path: path.to_owned(), tag: tag.text.clone(), reason }),
            });
        }
        if let Some((rule, content)) = self.engine.rule(path) {
            words.push(Ok(word(By::Config, format!("file rule {rule:?} of {}", self.engine.name()), content)));
        }
        let (why, content) = match file.movie {
            true => ("those of a movie", Content::Colour(Space::BT1886)),
            false => self.by_type(file.samples),
        };
        words.push(Ok(word(By::Type, why.to_owned(), content)));
        words
    }

    /// The way into the space in which layers are composited.
    ///
    /// # Errors
    /// If there is no way.
    pub fn to_working(&self, from: &Content) -> Result<Option<Arc<dyn Transform>>, ColourError> {
        self.engine.way(from, &self.working, self.adaptation)
    }

    /// What samples of a type are, where nobody says it.
    fn by_type(&self, samples: SampleType) -> (&'static str, Content) {
        let srgb = Content::Colour(Space::SRGB);
        match samples {
            SampleType::Half => ("half floats", self.engine.usual_light()),
            SampleType::Float => ("floats", self.engine.usual_light()),
            SampleType::Uint => ("numbers that count", Content::Raw),
            SampleType::Unorm8 => ("whole numbers of 8 bits", srgb),
            SampleType::Unorm10 => ("whole numbers of 10 bits", srgb),
            SampleType::Unorm12 => ("whole numbers of 12 bits", srgb),
            SampleType::Unorm16 => ("whole numbers of 16 bits", srgb),
            SampleType::Unorm32 => ("whole numbers of 32 bits", srgb),
        }
    }
}

/// `rule 2 of the project, "*.png"`
impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            By::Tag => write!(f, "the file says {}", self.why),
            By::Type => write!(f, "its samples are {}", self.why),
            By::Attribute | By::Data | By::Rule | By::Config => f.write_str(&self.why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(samples: SampleType) -> FileColour {
        FileColour { samples, ..FileColour::default() }
    }

    fn rule(pattern: &str, space: &str) -> Rule {
        Rule { pattern: pattern.to_owned(), space: space.to_owned() }
    }

    #[test]
    fn the_first_that_has_a_word_decides_and_the_others_are_told() {
        let rules = vec![rule("*_raw.*", "raw"), rule("*/plates/*.PNG", "acescg"), rule("*.png", "gamma22")];
        let colours = Colours { rules, ..Colours::default() };
        let tag = Tag { text: "sRGB".to_owned(), content: Ok(Content::Colour(Space::SRGB)), name: None };
        let mut file = FileColour { tag: Some(tag), data: Some("Z".to_owned()), ..file(SampleType::Unorm8) };
        let path = Path::new("/shot/Plates/fg.png");
        let by = |file: &FileColour, set: &str| {
            let decision = colours.decide(path, file, set).expect("all names are known");
            let all = std::iter::once(decision.word).chain(decision.otherwise);
            all.map(|word| (word.by, word.content.to_string())).collect::<Vec<_>>()
        };
        let rest = [(By::Rule, "acescg"), (By::Rule, "gamma22"), (By::Tag, "srgb"), (By::Type, "srgb")];
        let expected = |first: &[(By, &str)], rest: &[(By, &str)]| {
            first.iter().chain(rest).map(|(by, name)| (*by, (*name).to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(by(&file, "XYZ-D65"), expected(&[(By::Attribute, "xyz-d65"), (By::Data, "raw")], &rest));
        assert_eq!(by(&file, ""), expected(&[(By::Data, "raw")], &rest));
        file.data = None;
        assert_eq!(by(&file, ""), expected(&[], &rest));
    }

    #[test]
    fn types_have_their_spaces() {
        for (samples, expected) in [
            (SampleType::Half, "linear"),
            (SampleType::Float, "linear"),
            (SampleType::Uint, "raw"),
            (SampleType::Unorm8, "srgb"),
            (SampleType::Unorm16, "srgb"),
        ] {
            let decision = Colours::default().decide(Path::new("a"), &file(samples), "").expect("the type decides");
            assert_eq!((decision.word.content.to_string().as_str(), decision.otherwise.len()), (expected, 0));
        }
    }

    #[test]
    fn a_movie_is_what_a_video_display_shows_unless_it_says_otherwise() {
        let movie = FileColour { movie: true, ..file(SampleType::Unorm8) };
        let space = |file: &FileColour| {
            let word = Colours::default().decide(Path::new("a.mov"), file, "").expect("it is known").word;
            (word.by, word.content.to_string())
        };
        assert_eq!(space(&movie), (By::Type, "bt1886".to_owned()));
        let tag = Tag { text: "transfer 13".to_owned(), content: Ok(Content::Colour(Space::SRGB)), name: None };
        assert_eq!(space(&FileColour { tag: Some(tag), ..movie }), (By::Tag, "srgb".to_owned()));
    }

    #[test]
    fn a_word_that_counts_and_is_not_understood_is_an_error_and_others_are_not() {
        let tag = Tag {
            text: "cICP 9/16/0/1".to_owned(),
            content: Err("the curve PQ is not built in".to_owned()),
            name: None,
        };
        let file = FileColour { tag: Some(tag), ..file(SampleType::Unorm16) };
        let path = Path::new("/a.png");
        let error = Colours::default().decide(path, &file, "").expect_err("the tag counts").to_string();
        for part in ["/a.png", "cICP 9/16/0/1", "PQ", "colour_space"] {
            assert!(error.contains(part), "{error}");
        }
        let decision = Colours::default().decide(path, &file, "srgb").expect("the user knows better");
        assert_eq!(decision.otherwise.len(), 1, "what is not understood is left out");
        let rules = vec![rule("*.png", "nonsense")];
        assert!(Colours { rules, ..Colours::default() }.decide(path, &file, "").is_err());
    }
}
