//! What becomes of the values of an effect's parameters when another generation of the effect comes.

use std::sync::Arc;

use playa_plugin_api::{EffectSpec, ParamSpec, Value};
use uuid::Uuid;

use super::document::Document;
use super::effect::{Effect, EffectLookup};
use super::handle::Project;
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
    /// [`Project::diagnostics`] too. This is no edit: the values stay as they were set.
    pub fn meet(&self, effects: &dyn EffectLookup) -> Vec<(Uuid, Carried)> {
        let met = self.renew(|document| document.meet(effects));
        for (effect, carried) in met.iter().filter(|(_, carried)| !carried.lost.is_empty()) {
            let document = self.snapshot();
            let name = document.effect(*effect).map_or_else(String::new, |(_, _, effect)| effect.name().to_owned());
            let lost = carried.lost.join(", ");
            let message = format!("effect {name} was loaded anew and has no use for these values, which are kept: {lost}");
            self.report(Diagnostic { severity: Severity::Warning, file: None, line: None, message });
        }
        met
    }
}

impl Document {
    /// Gives every effect what is said of it now. Returns what became of values, and whether anything is different.
    pub(super) fn meet(&mut self, effects: &dyn EffectLookup) -> (bool, Vec<(Uuid, Carried)>) {
        let (mut changed, mut met) = (false, Vec::new());
        let now = |effect: &Effect| effects.find_version(&effect.id, &effect.version);
        for comp in self.comps.values_mut() {
            for at in 0..comp.layers.len() {
                if comp.layers[at].effects.iter().all(|effect| effect.spec == now(effect)) {
                    continue;
                }
                changed = true;
                let layer = Arc::make_mut(&mut Arc::make_mut(comp).layers[at]);
                met.extend(layer.effects.iter_mut().filter_map(|effect| Some((effect.uuid, effect.meet(now(effect))?))));
            }
        }
        (changed, met)
    }
}

/// The names under which a value of a parameter may have been set, the one of today first.
pub(super) fn names(param: &ParamSpec) -> impl Iterator<Item = &str> {
    std::iter::once(&*param.name).chain(param.renamed_from.iter().map(String::as_str))
}
