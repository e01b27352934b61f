//! What becomes of the values of an effect's parameters when another generation of the effect comes.

use std::collections::HashMap;
use std::sync::Arc;

use playa_plugin_api::{EffectSpec, ParamSpec, Value};
use uuid::Uuid;

use super::document::{Comp, Document, Layer};
use super::effect::{Effect, EffectLookup};
use super::handle::Project;
use super::history::{Cause, Done};
use super::save::{Diagnostic, Severity};

/// What became of values, by the names under which they were set.
///
/// Nothing is ever thrown away: a value that is lost stays in the project, so that going back finds it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// They are as they were.
    pub kept: Vec<String>,
    /// They belong to a parameter that has another name now: before and now.
    pub renamed: Vec<(String, String)>,
    /// The parameter has another kind, in which they mean the same.
    pub converted: Vec<String>,
    /// There is no such parameter, or they are nothing for it: it has its default.
    pub lost: Vec<String>,
}

impl Carried {
    /// What becomes of values of any project when a spec takes the place of another: that of its defaults.
    pub fn between(old: &EffectSpec, new: &EffectSpec) -> Self {
        Self::of(old.params.iter().map(|param| (&*param.name, &param.default)), new)
    }

    /// What becomes of these values.
    pub fn of<'a>(values: impl IntoIterator<Item = (&'a str, &'a Value)>, new: &EffectSpec) -> Self {
        let mut carried = Self::default();
        for (name, value) in values {
            let Some((param, fit)) = new.param(name).and_then(|param| Some((param, param.check(value).ok()?))) else {
                carried.lost.push(name.to_owned());
                continue;
            };
            if param.name != name {
                carried.renamed.push((name.to_owned(), param.name.clone()));
            } else if fit.kind() != value.kind() {
                carried.converted.push(name.to_owned());
            } else {
                carried.kept.push(name.to_owned());
            }
        }
        carried
    }
}

impl Project {
    /// Makes the project go on with the effects that there are now, after plugins were loaded or went. Returns what became
    /// of the values of each effect whose description is another one, by its uuid; values that are lost are in
    /// [`Project::diagnostics`] too.
    ///
    /// This is no edit and nothing to undo: the values stay as they were set, and what undo goes back to meets the effects
    /// too.
    pub fn meet(&self, effects: &dyn EffectLookup) -> Vec<(Uuid, Carried)> {
        let mut meeting = Meeting { effects, layers: HashMap::new(), comps: HashMap::new(), met: Vec::new() };
        let mut state = self.state();
        let before = Arc::clone(&state.document);
        meeting.document(&mut state.document);
        let met = std::mem::take(&mut meeting.met);
        state.history.documents().for_each(|document| meeting.document(document));
        if !Arc::ptr_eq(&before, &state.document) {
            let (name, after) = ("load plugins".to_owned(), Arc::clone(&state.document));
            self.tell_later(Done { cause: Cause::Plugins, name, before, after });
        }
        let document = Arc::clone(&state.document);
        drop(state);
        for (effect, carried) in met.iter().filter(|(_, carried)| !carried.lost.is_empty()) {
            let name = document.effect(*effect).map_or_else(String::new, |(_, _, effect)| effect.name().to_owned());
            let lost = carried.lost.join(", ");
            let message =
                format!("effect {name} was loaded anew and has no use for these values, which are kept: {lost}");
            self.report(Diagnostic { severity: Severity::Warning, file: None, line: None, message });
        }
        self.tell();
        met
    }
}

/// Documents that are given what effects say now. What they share they share afterwards.
struct Meeting<'a> {
    effects: &'a dyn EffectLookup,
    /// What became of layers and comps that are done, by their addresses. They are kept with it, so that no other one gets
    /// the same.
    layers: HashMap<*const Layer, (Arc<Layer>, Arc<Layer>)>,
    comps: HashMap<*const Comp, (Arc<Comp>, Arc<Comp>)>,
    met: Vec<(Uuid, Carried)>,
}

impl Meeting<'_> {
    fn document(&mut self, document: &mut Arc<Document>) {
        let mut comps = document.comps.clone();
        let mut changed = false;
        for comp in comps.values_mut() {
            let new = self.comp(comp);
            changed |= !Arc::ptr_eq(comp, &new);
            *comp = new;
        }
        if changed {
            Arc::make_mut(document).comps = comps;
        }
    }

    fn comp(&mut self, old: &Arc<Comp>) -> Arc<Comp> {
        if let Some((_, done)) = self.comps.get(&Arc::as_ptr(old)) {
            return Arc::clone(done);
        }
        let layers: Vec<_> = old.layers.iter().map(|layer| self.layer(layer)).collect();
        let same = old.layers.iter().zip(&layers).all(|(old, new)| Arc::ptr_eq(old, new));
        let new = if same { Arc::clone(old) } else { Arc::new(Comp { layers, ..Comp::clone(old) }) };
        self.comps.insert(Arc::as_ptr(old), (Arc::clone(old), Arc::clone(&new)));
        new
    }

    fn layer(&mut self, old: &Arc<Layer>) -> Arc<Layer> {
        if let Some((_, done)) = self.layers.get(&Arc::as_ptr(old)) {
            return Arc::clone(done);
        }
        let effects = self.effects;
        let now = |effect: &Effect| effects.find_version(&effect.id, &effect.version);
        let mut new = Arc::clone(old);
        if old.effects.iter().any(|effect| effect.spec != now(effect)) {
            let met = Arc::make_mut(&mut new).effects.iter_mut();
            self.met.extend(met.filter_map(|effect| Some((effect.uuid, effect.meet(now(effect))?))));
        }
        self.layers.insert(Arc::as_ptr(old), (Arc::clone(old), Arc::clone(&new)));
        new
    }
}

/// The names under which a value of a parameter may have been set, the one of today first.
pub(super) fn names(param: &ParamSpec) -> impl Iterator<Item = &str> {
    std::iter::once(&*param.name).chain(param.renamed_from.iter().map(String::as_str))
}
