//! The parts of the host put together: what the `playa` command and the Python module are made of.

mod cache_events;
mod colour;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use playa_plugin_api::EffectSpec;
use uuid::Uuid;

use crate::events;
use crate::image::{Frame, MetaValue};
use crate::media::{self, WriteOptions};
use crate::plugin::search::{self, ConfigError};
use crate::plugin::watch::Notice;
use crate::plugin::{Effects, FileReport, PluginEvent, Registry, SearchPath, Watcher};
use crate::project::time::Rate;
use crate::project::{EffectLookup, LoadOptions, MediaAccess, MediaFacts, Project, ProjectError, WeakProject, Wish};
use crate::render::batch::{Batch, default_workers};
use crate::render::{RenderError, RenderOptions, Renderer};
use cache_events::CacheEvents;
pub use colour::{Explanation, Told};

/// A registry of effects, and projects that use it. Cheap to share between threads.
///
/// Open projects go on with every new generation of a plugin, see [`Project::meet`]; then it is told on the bus of the
/// process. What changes in the cache is told there too, and on the bus of each project that has the comps.
#[derive(Debug)]
pub struct Engine {
    registry: Arc<Registry>,
    renderer: Arc<Renderer>,
    projects: Arc<Mutex<Vec<WeakProject>>>,
    watcher: Mutex<Option<Watcher>>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::over(Registry::default())
    }
}

impl Engine {
    /// An engine with every effect found on the search path of this user, `built_in` directories last.
    ///
    /// # Errors
    /// If the config file cannot be used. A bad plugin file is no error: see [`Effects::files`].
    pub fn of_this_user(built_in: &[PathBuf]) -> Result<Self, ConfigError> {
        let (path, policy) = search::of_this_user(built_in)?;
        Ok(Self::over(Registry::scan_with(&path, policy)))
    }

    /// An engine with every effect found in these directories.
    pub fn with_plugins(path: &SearchPath) -> Self {
        Self::over(Registry::scan(path))
    }

    /// An engine with these plugins.
    pub fn over(registry: Registry) -> Self {
        let (registry, projects) = (Arc::new(registry), Arc::new(Mutex::new(Vec::<WeakProject>::new())));
        let (plugins, open) = (Arc::downgrade(&registry), Arc::clone(&projects));
        registry.observe(move |event| {
            let Some(plugins) = plugins.upgrade() else { return };
            let projects = open.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if !matches!(event, PluginEvent::Failed { .. } | PluginEvent::Quarantined { .. }) {
                projects
                    .iter()
                    .filter_map(WeakProject::upgrade)
                    .for_each(|project| drop(project.meet(&*plugins.effects())));
            }
            events::process().emit(event.into());
        });
        let renderer = Arc::<Renderer>::default();
        let cache_events = CacheEvents { renderer: Arc::downgrade(&renderer), projects: Arc::clone(&projects) };
        renderer.cache().observe(Box::new(cache_events));
        Self { registry, renderer, projects, watcher: Mutex::default() }
    }

    /// Watches the search path from now on: plugins that are new, changed or gone there are so for this engine a moment
    /// later, until it is dropped. `PLAYA_WATCH=0` prevents it, and `PLAYA_WATCH=poll` lists the directories instead of
    /// waiting for the system's events. Tells whether it watches.
    ///
    /// # Errors
    /// If the system has no more threads.
    pub fn watch(&self) -> std::io::Result<bool> {
        let wish = std::env::var_os("PLAYA_WATCH").unwrap_or_default();
        if wish == "0" {
            return Ok(false);
        }
        let notice = if wish == "poll" { Notice::Listing } else { Notice::Events };
        let mut watcher = self.watcher();
        if watcher.is_none() {
            *watcher = Some(Watcher::start(&self.registry, notice)?);
            // A file that changes is tried in a process that is there already.
            let policy = self.registry.policy();
            if let Some(guard) = &policy.guard {
                let third_party = |file: &FileReport| !file.is_of_host() && !policy.is_built_in(&file.path);
                guard.expect_changes(self.effects().files().iter().any(third_party));
            }
        }
        Ok(true)
    }

    /// What watches, if anything does.
    pub fn watcher(&self) -> MutexGuard<'_, Option<Watcher>> {
        self.watcher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What makes frames, and keeps what the next ones can use.
    pub fn renderer(&self) -> &Arc<Renderer> {
        &self.renderer
    }

    /// The plugins.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// The effects at this moment.
    pub fn effects(&self) -> Arc<Effects> {
        self.registry.effects()
    }

    /// An empty project.
    pub fn new_project(&self) -> Project {
        self.opened(Project::new(Arc::new(MediaFiles)))
    }

    /// Opens a project file.
    ///
    /// # Errors
    /// If it cannot be understood; the error names file and line.
    pub fn load_project(&self, path: &Path, options: &LoadOptions) -> Result<Project, ProjectError> {
        Ok(self.opened(Project::load(path, options, &*self.effects(), Arc::new(MediaFiles))?))
    }

    /// Opens a project from JSON text.
    ///
    /// # Errors
    /// If it cannot be understood.
    pub fn project_from_json(&self, text: &str, options: &LoadOptions) -> Result<Project, ProjectError> {
        Ok(self.opened(Project::from_json(text, options, &*self.effects(), Arc::new(MediaFiles))?))
    }

    /// Remembers an open project, for when plugins change.
    fn opened(&self, project: Project) -> Project {
        let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        projects.retain(|other| other.upgrade().is_some());
        projects.push(project.downgrade());
        drop(projects);
        // While it was read, other plugins may have come.
        project.meet(&*self.effects());
        project
    }

    /// Opens a project from what [`Project::to_parts`] gave.
    ///
    /// # Errors
    /// If it cannot be understood.
    pub fn project_from_parts(&self, text: &str, images: &[(Uuid, Arc<Frame>)]) -> Result<Project, ProjectError> {
        Ok(self.opened(Project::from_parts(text, images, &*self.effects(), Arc::new(MediaFiles))?))
    }

    /// Renders one frame of a comp of the project as it is now.
    ///
    /// # Errors
    /// See [`Renderer::render`].
    pub fn render(
        &self,
        project: &Project,
        comp: Uuid,
        frame: i64,
        options: &RenderOptions,
    ) -> Result<Frame, RenderError> {
        self.renderer.render(&project.snapshot(), &self.effects(), comp, frame, options)
    }

    /// Frames of a comp of the project as it is now, to be rendered one beside the other.
    pub fn batch(&self, project: &Project, comp: Uuid, frames: Vec<i64>, options: RenderOptions) -> Batch {
        let (document, effects, renderer) = (project.snapshot(), self.effects(), Arc::clone(&self.renderer));
        Batch { renderer, document, effects, comp, frames, options, workers: default_workers() }
    }
}

impl EffectLookup for Effects {
    fn find(&self, name: &str) -> Option<Arc<EffectSpec>> {
        Effects::find(self, name).map(|effect| Arc::clone(effect.spec()))
    }

    fn find_version(&self, name: &str, version: &str) -> Option<Arc<EffectSpec>> {
        let effect = Effects::find_version(self, name, version).or_else(|| Effects::find(self, name));
        effect.map(|effect| Arc::clone(effect.spec()))
    }

    fn names(&self) -> Vec<String> {
        self.iter().flat_map(|effect| [effect.spec().type_name.clone(), effect.spec().id.clone()]).collect()
    }
}

/// Projects look into media through the readers of this host.
struct MediaFiles;

impl MediaAccess for MediaFiles {
    fn probe(&self, path: &Path) -> Result<MediaFacts, String> {
        let info = media::probe(path).map_err(|error| error.to_string())?;
        let Some(part) = info.parts.get(info.main_part) else {
            return Ok(MediaFacts::default());
        };
        let rate = match part.metadata.get("framesPerSecond") {
            Some(MetaValue::Rational(num, den)) => Rate::new(i64::from(*num), i64::from(*den)).ok(),
            _ => None,
        };
        let size = |length: usize| u32::try_from(length).ok();
        let window = part.display_window;
        let size = size(window.width()).zip(size(window.height()));
        Ok(MediaFacts { size, rate, frames: info.frames, warning: info.warning })
    }

    fn check(&self, path: &Path, wish: &Wish, as_matte: bool) -> Result<(), String> {
        let Ok(info) = media::probe(path) else { return Ok(()) };
        let selection = info
            .select(wish.part.as_ref(), wish.view.as_deref(), wish.channels.as_ref())
            .map_err(|error| error.to_string())?;
        let no_matte = info.parts.get(selection.part).filter(|_| as_matte);
        match no_matte.and_then(|part| media::no_matte(part, selection.planes)) {
            Some(channel) => Err(media::ids_are_no_matte(channel)),
            None => Ok(()),
        }
    }

    fn write(&self, path: &Path, frame: &Frame) -> Result<(), String> {
        let options = WriteOptions { colour: media::ColourType::Float, ..WriteOptions::default() };
        media::write(path, frame, &options).map_err(|error| error.to_string())
    }
}
