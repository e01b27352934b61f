//! What a file's colour is taken for, told to people and programs.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::colour::rules::{By, Word};
use crate::media;
use crate::project::{Document, Footage, Missing, Pattern, ProjectError, Sequence};

/// What a file's colour is taken for, by which word, and what is done to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The file; of a sequence the first one.
    pub path: PathBuf,
    /// The word that counts.
    #[serde(flatten)]
    pub word: Told,
    /// The words that would count without it, in their order.
    pub otherwise: Vec<Told>,
    /// The space in which layers are composited.
    pub working_space: String,
    /// What is done to a pixel on the way there; nothing, where that is the same space, or the numbers are no colour.
    pub steps: Vec<String>,
}

/// Who says what, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// The space, or `raw`.
    pub space: String,
    /// Who says it.
    pub by: By,
    /// Why.
    pub why: String,
}

impl Told {
    fn of(word: &Word) -> Self {
        Self { space: word.content.to_string(), by: word.by, why: word.to_string() }
    }
}

impl Explanation {
    /// What a file, or a sequence by its pattern, is in a project: as its media, where it is one of them.
    ///
    /// # Errors
    /// If there is no such file, it says what is not understood, or the project names a space that is not known.
    pub fn of(path: &Path, document: &Document) -> Result<Self, ProjectError> {
        let path = std::path::absolute(path).map_err(|error| failed(path, error))?;
        let file = first_file(&path)?;
        let info = media::probe(&file).map_err(|error| failed(&file, error.problem))?;
        let selection = info.select(None, None, None).map_err(|problem| failed(&file, problem))?;
        let Some(part) = info.parts.get(selection.part) else { return Err(failed(&file, "it has no picture")) };
        let shows = |sequence: &Sequence| {
            let pattern = sequence.pattern();
            pattern.to_string() == path.to_string_lossy()
                || pattern.path(0) == file
                || sequence.frames().iter().any(|frame| pattern.path(*frame) == file)
        };
        let media = document.media.values().find(|media| shows(&media.sequence));
        let set = media.map_or("", |media| media.attrs.text("colour_space"));
        let colours = document.colours()?;
        let decision = colours.decide(&file, &media::colour::of_part(info.format, part, selection.planes), set)?;
        let transform = colours.to_working(&decision.word.content)?;
        Ok(Self {
            path: file,
            word: Told::of(&decision.word),
            otherwise: decision.otherwise.iter().map(Told::of).collect(),
            working_space: colours.working.to_string(),
            steps: transform.map_or_else(Vec::new, |transform| transform.steps()),
        })
    }
}

fn failed(path: &Path, reason: impl fmt::Display) -> ProjectError {
    ProjectError::Media { path: path.to_owned(), reason: reason.to_string() }
}

/// The file itself, or the first one of a pattern.
fn first_file(path: &Path) -> Result<PathBuf, ProjectError> {
    let pattern = match path.to_str() {
        Some(text) if !path.exists() => Pattern::parse(text)?,
        _ => return Ok(path.to_owned()),
    };
    let sequence = Sequence::find(pattern)?;
    let first = sequence.bounds().map_or(0, |(first, _)| first);
    match sequence.footage(first, Missing::Error)? {
        Footage::File(file) | Footage::Movie(file, _) => Ok(file),
        Footage::Black => Err(failed(path, "it has no file")),
    }
}

/// A few lines: the space and why, what else it could be, what is done.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.path.display())?;
        writeln!(f, "  space      {}: {}", self.word.space, self.word.why)?;
        for told in &self.otherwise {
            writeln!(f, "  otherwise  {}: {}", told.space, told.why)?;
        }
        write!(f, "  working    {}", self.working_space)?;
        for step in &self.steps {
            write!(f, "\n  step       {step}")?;
        }
        if self.steps.is_empty() {
            write!(f, "\n  step       none")?;
        }
        Ok(())
    }
}
