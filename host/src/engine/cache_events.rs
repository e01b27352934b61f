//! The event `cache_changed`: what the cache has of a project, and how much it has of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use uuid::Uuid;

use crate::events::{self, Event, Field};
use crate::project::{Node, Project, WeakProject};
use crate::render::Renderer;
use crate::render::cache::{CacheChange, CacheChanges, CacheObserver};

const NAME: &str = "cache_changed";

/// Tells the bus of the process, and those of the open projects that have comps whose pictures changed.
pub(super) struct CacheEvents {
    pub renderer: Weak<Renderer>,
    pub projects: Arc<Mutex<Vec<WeakProject>>>,
}

impl CacheEvents {
    /// The projects in which someone subscribed to it.
    fn listening(&self) -> Vec<Project> {
        let projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner).clone();
        projects.iter().filter_map(WeakProject::upgrade).filter(|project| project.events().wants(NAME)).collect()
    }
}

impl CacheObserver for CacheEvents {
    fn listens(&self) -> bool {
        events::process().wants(NAME) || !self.listening().is_empty()
    }

    fn changed(&self, changes: &CacheChanges) {
        for project in self.listening() {
            let comps = comps(&project, changes);
            if !comps.is_empty() {
                let sum = sum(comps.values());
                let comps = comps.into_keys().map(Node::Comp).collect();
                let event = Event::new(NAME).with("comps", Field::Nodes(project.clone(), comps));
                project.events().emit(counted(event, sum));
            }
        }
        if let Some(renderer) = self.renderer.upgrade() {
            let stats = renderer.cache().stats();
            let event = counted(Event::new(NAME), sum(changes.values()));
            events::process().emit(event.with("entries", int(stats.entries)).with("bytes", int(stats.bytes)));
        }
    }
}

/// The changes by comp of a project: those of its layers are its own. What was removed from the project is in none.
fn comps(project: &Project, changes: &CacheChanges) -> BTreeMap<Uuid, CacheChange> {
    let (document, mut comps) = (project.snapshot(), BTreeMap::<Uuid, CacheChange>::new());
    for (node, change) in changes {
        let comp = document.comps.get(node).or_else(|| document.layer(*node).map(|(comp, ..)| comp));
        if let Some(comp) = comp {
            let all = comps.entry(comp.uuid()).or_default();
            *all = sum([&*all, change]);
        }
    }
    comps
}

fn sum<'a>(changes: impl IntoIterator<Item = &'a CacheChange>) -> CacheChange {
    changes
        .into_iter()
        .fold(CacheChange::default(), |a, b| CacheChange { added: a.added + b.added, removed: a.removed + b.removed })
}

fn counted(event: Event, CacheChange { added, removed }: CacheChange) -> Event {
    event.with("added", int(added)).with("removed", int(removed))
}

fn int(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
