//! Undo and redo: the documents before and after each edit.
//!
//! Documents share all that they have in common, so a step costs about what its edit changed. Nothing is computed
//! backwards: undo puts back the very document that was there before.

use std::collections::VecDeque;
use std::sync::Arc;

use super::changes::same_document;
use super::document::Document;
use super::error::ProjectError;
use super::handle::{Project, State};

/// So many steps can be undone; of one more, the oldest is forgotten.
pub const MAX_STEPS: usize = 1000;

/// What can be undone and redone, and the edits that are open.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Each with the document before it, the last one at the back.
    undo: VecDeque<Step>,
    /// Each with the document after it, the next one at the back.
    redo: Vec<Step>,
    open: Option<Open>,
    next_level: u64,
}

#[derive(Debug)]
pub(super) struct Step {
    name: String,
    document: Arc<Document>,
}

/// Edits that will be one step.
#[derive(Debug)]
struct Open {
    name: String,
    /// The document before the first of them.
    before: Arc<Document>,
    /// Where each [`Edit`] that is not done yet goes back to, by its number.
    levels: Vec<(u64, Arc<Document>)>,
}

/// What brought a project from one document to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An edit, or several as one.
    Edit,
    /// [`Project::undo`].
    Undo,
    /// [`Project::redo`].
    Redo,
    /// [`Project::meet`]: effects say other things of themselves, or came, or went.
    Plugins,
}

impl Cause {
    /// Its name in events.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Edit => "edit",
            Cause::Undo => "undo",
            Cause::Redo => "redo",
            Cause::Plugins => "plugins",
        }
    }
}

/// A step that was made, undone or redone, to be told of.
#[derive(Debug)]
pub(super) struct Done {
    pub cause: Cause,
    pub name: String,
    pub before: Arc<Document>,
    pub after: Arc<Document>,
}

/// Edits that are one step, from [`Project::edit`] until [`Edit::commit`]. Dropped before, none of them was made.
#[derive(Debug)]
#[must_use = "dropping it takes back what was edited since"]
pub struct Edit {
    project: Project,
    level: u64,
}

impl Edit {
    /// Keeps what was edited. With the outermost of nested ones it becomes a step, if it changed anything.
    pub fn commit(self) {
        self.project.close(self.level, State::commit);
    }
}

impl Drop for Edit {
    fn drop(&mut self) {
        // Where it was committed, there is no such level any more.
        self.project.close(self.level, State::roll_back);
    }
}

impl Project {
    /// Begins edits that are one step and one set of events: all that is edited until [`Edit::commit`]. Dropping the
    /// [`Edit`] instead puts back the document of this moment.
    ///
    /// One within another joins it: the step has the name of the outermost, and is made when the last one ends. The
    /// project does not know threads: what others edit meanwhile joins too, and is taken back with the rest.
    pub fn edit(&self, name: &str) -> Edit {
        let mut state = self.state();
        let level = state.history.next_level;
        state.history.next_level += 1;
        let now = Arc::clone(&state.document);
        let new = || Open { name: name.to_string(), before: Arc::clone(&now), levels: Vec::new() };
        state.history.open.get_or_insert_with(new).levels.push((level, now));
        drop(state);
        Edit { project: self.clone(), level }
    }

    /// Takes back the last step, and returns its name; `None` where there is none.
    ///
    /// # Errors
    /// While an [`Edit`] is open.
    pub fn undo(&self) -> Result<Option<String>, ProjectError> {
        self.walk(Cause::Undo)
    }

    /// Does the last step that was undone again, and returns its name; `None` where there is none, or something was
    /// edited since.
    ///
    /// # Errors
    /// While an [`Edit`] is open.
    pub fn redo(&self) -> Result<Option<String>, ProjectError> {
        self.walk(Cause::Redo)
    }

    /// Names of the steps that can be undone, the next one last: [`MAX_STEPS`] at most.
    pub fn undo_steps(&self) -> Vec<String> {
        self.state().history.undo.iter().map(|step| step.name.clone()).collect()
    }

    /// Names of the steps that can be redone, the next one first.
    pub fn redo_steps(&self) -> Vec<String> {
        self.state().history.redo.iter().rev().map(|step| step.name.clone()).collect()
    }

    /// Forgets all steps. What only they kept goes with them, such as the images in memory of layers that were removed.
    pub fn clear_history(&self) {
        let mut state = self.state();
        let forgotten = (std::mem::take(&mut state.history.undo), std::mem::take(&mut state.history.redo));
        drop(state);
        drop(forgotten);
    }

    fn walk(&self, cause: Cause) -> Result<Option<String>, ProjectError> {
        let mut state = self.state();
        if let Some(open) = &state.history.open {
            return Err(ProjectError::EditOpen { action: cause.name(), name: open.name.clone() });
        }
        let step = match cause {
            Cause::Redo => state.history.redo.pop(),
            _ => state.history.undo.pop_back(),
        };
        let Some(Step { name, document: after }) = step else { return Ok(None) };
        let before = std::mem::replace(&mut state.document, Arc::clone(&after));
        let back = Step { name: name.clone(), document: Arc::clone(&before) };
        match cause {
            Cause::Redo => state.history.undo.push_back(back),
            _ => state.history.redo.push(back),
        }
        self.tell_later(Done { cause, name: name.clone(), before, after });
        drop(state);
        self.tell();
        Ok(Some(name))
    }

    /// Ends a level, if it is still there. With the last one, a step is made of what changed.
    fn close(&self, level: u64, end: impl FnOnce(&mut State, usize) -> Vec<Arc<Document>>) {
        let mut state = self.state();
        let levels = state.history.open.as_ref().map_or(&[][..], |open| &open.levels);
        let Some(position) = levels.iter().position(|(candidate, _)| *candidate == level) else { return };
        let replaced = end(&mut state, position);
        let done = state.history.open.take_if(|open| open.levels.is_empty());
        let changed = done.filter(|open| !same_document(&open.before, &state.document));
        let forgotten = changed.map(|open| self.record(&mut state, open.name, open.before));
        drop(state);
        drop((replaced, forgotten));
        self.tell();
    }

    /// Makes a step of what was edited since a document, or a part of the step that is open. Returns what is forgotten
    /// for it, to be dropped with no lock held: images in memory may be of someone else, whose code runs then.
    pub(super) fn record(&self, state: &mut State, name: String, before: Arc<Document>) -> Vec<Step> {
        if state.history.open.is_some() {
            return Vec::new();
        }
        let history = &mut state.history;
        let mut forgotten = std::mem::take(&mut history.redo);
        if history.undo.len() == MAX_STEPS {
            forgotten.extend(history.undo.pop_front());
        }
        history.undo.push_back(Step { name: name.clone(), document: Arc::clone(&before) });
        self.tell_later(Done { cause: Cause::Edit, name, before, after: Arc::clone(&state.document) });
        forgotten
    }
}

impl History {
    /// All documents that can be gone back or forth to.
    pub fn documents(&mut self) -> impl Iterator<Item = &mut Arc<Document>> {
        let steps = self.undo.iter_mut().chain(&mut self.redo).map(|step| &mut step.document);
        let open = self.open.iter_mut().flat_map(|open| {
            std::iter::once(&mut open.before).chain(open.levels.iter_mut().map(|(_, document)| document))
        });
        steps.chain(open)
    }
}

/// Both return what is not needed any more, to be dropped with no lock held.
impl State {
    fn commit(&mut self, position: usize) -> Vec<Arc<Document>> {
        self.history.open.iter_mut().map(|open| open.levels.remove(position).1).collect()
    }

    /// Puts back the document that a level began with. Those that began after it go back to it too.
    fn roll_back(&mut self, position: usize) -> Vec<Arc<Document>> {
        let Some(open) = &mut self.history.open else { return Vec::new() };
        let (_, document) = open.levels.remove(position);
        let later = open.levels[position..].iter_mut();
        let mut replaced: Vec<_> = later.map(|(_, later)| std::mem::replace(later, Arc::clone(&document))).collect();
        replaced.push(std::mem::replace(&mut self.document, document));
        replaced
    }
}

#[cfg(test)]
mod tests;
