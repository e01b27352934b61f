//! What an effect does to a picture, rendered with each build of its plugin.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use playa_plugin_api::Value;
use uuid::Uuid;

use super::{Outcome, Rendered, chart};
use crate::cli::console;
use crate::cli::failure::{Exit, Failure};
use crate::delivery::Output;
use crate::engine::Engine;
use crate::media::{self, WriteOptions};
use crate::plugin::{LoadError, Plugin, Registry, SearchPath, search};
use crate::project::{Footage, LayerSource, LoadOptions, Missing, Pattern, Project, ProjectError, Sequence};
use crate::render::RenderOptions;

/// What is shown.
#[derive(Debug)]
pub(super) enum Shown {
    /// Footage with an effect of the plugin on it; the test picture where there is none.
    Effect { footage: Option<Sequence>, effect: Option<String> },
    /// A project.
    Project { path: PathBuf, comp: Option<String> },
}

impl Shown {
    pub(super) fn parse(input: Option<&str>, comp: Option<&str>, effect: Option<&str>) -> Result<Self, Failure> {
        let is_project = |text: &str| Path::new(text).extension().is_some_and(|suffix| suffix == "playa");
        match input {
            Some(path) if is_project(path) => {
                if effect.is_some() {
                    return Err(
                        Failure::usage("--effect is for pictures, and a project has its own").hint("leave it out")
                    );
                }
                Ok(Shown::Project { path: path.into(), comp: comp.map(str::to_owned) })
            }
            _ if comp.is_some() => {
                Err(Failure::usage("--comp is for projects, and there is none")
                    .hint("name a .playa file, or leave it out"))
            }
            _ => {
                let find = |text| {
                    Sequence::find(Pattern::parse(text).map_err(Failure::usage)?)
                        .map_err(|error| Failure::new(Exit::BadProject, error))
                };
                Ok(Shown::Effect { footage: input.map(find).transpose()?, effect: effect.map(str::to_owned) })
            }
        }
    }
}

/// What is shown, and where the picture goes.
pub(super) struct Preview<'a> {
    shown: Shown,
    frame: Option<i64>,
    output: Output,
    built_in: &'a [PathBuf],
    /// Ctrl-C.
    stop: Arc<AtomicBool>,
    /// Made with the first plugin that can be loaded.
    engine: Option<Engine>,
}

impl<'a> Preview<'a> {
    pub(super) fn new(
        shown: Shown,
        frame: Option<i64>,
        output: Output,
        built_in: &'a [PathBuf],
        stop: Arc<AtomicBool>,
    ) -> Self {
        Self { shown, frame, output, built_in, stop, engine: None }
    }

    /// Takes a new build of the plugin into use, renders with it and writes the picture.
    pub(super) fn of(&mut self, library: &Path) -> Result<Outcome, Failure> {
        let failed = |step, error: String| Ok(Outcome::Failed { step, error: Some(error) });
        let start = Instant::now();
        let plugin = match self.load(library)? {
            Ok(plugin) => plugin,
            Err(error) => return failed("load", error.to_string()),
        };
        let reload = start.elapsed();
        let Some(engine) = &self.engine else { return failed("load", "there is no engine".to_owned()) };
        let (project, comp, frame) = match self.project(engine, &plugin)? {
            Ok(scene) => scene,
            Err(error) => return failed("render", error),
        };
        self.output.check_footage(&[frame], &project.snapshot())?;
        let start = Instant::now();
        let options = RenderOptions { abort: Arc::clone(&self.stop), ..RenderOptions::default() };
        let picture = engine.render(&project, comp, frame, &options);
        if self.stop.load(Ordering::SeqCst) {
            return Ok(Outcome::Stopped);
        }
        let render = start.elapsed();
        let picture = match picture {
            Ok(picture) => picture,
            Err(error) => return failed("render", error.to_string()),
        };
        let output = self.output.path(frame);
        if let Err(error) = media::write(&output, &picture, &WriteOptions::default()) {
            return failed("write", error.to_string());
        }
        let effects = plugin.effects.iter().map(|effect| effect.spec().id.clone()).collect();
        Ok(Outcome::Rendered(Rendered { effects, frame, output, reload, render }))
    }

    /// The plugin, in use. The first time it comes before all others, so that an installed copy of it is not in the way.
    fn load(&mut self, library: &Path) -> Result<Result<Arc<Plugin>, LoadError>, Failure> {
        if let Some(engine) = &self.engine {
            return Ok(engine.registry().load_file(library));
        }
        let (path, mut policy) =
            search::of_this_user(self.built_in).map_err(|error| Failure::new(Exit::Usage, error))?;
        // Who asks for a build trusts it: what it is made of ran already, in the compiler.
        policy.built_in.extend(library.parent().map(Path::to_owned));
        let registry = Registry::scan_with(&SearchPath { directories: Vec::new() }, policy);
        let plugin = match registry.load_file(library) {
            Ok(plugin) => plugin,
            Err(error) => return Ok(Err(error)),
        };
        path.directories.iter().for_each(|folder| registry.load_directory(folder));
        let is_copy = |error: &&LoadError| !matches!(error, LoadError::Duplicate { first, .. } if first == library);
        let effects = registry.effects();
        effects.files().iter().filter_map(|file| file.error.as_ref()).filter(is_copy).for_each(console::warn);
        self.engine = Some(Engine::over(registry));
        Ok(Ok(plugin))
    }

    /// A project to render a frame of, or why the plugin does not go with it.
    fn project(&self, engine: &Engine, plugin: &Plugin) -> Result<Result<(Project, Uuid, i64), String>, Failure> {
        let (footage, effect) = match &self.shown {
            Shown::Project { path, comp } => {
                let project = engine.load_project(path, &LoadOptions::default())?;
                project.diagnostics().iter().for_each(console::say);
                let comp = crate::cli::comp(path, comp.as_deref(), &project)?;
                let frame = self.frame.unwrap_or_else(|| project.snapshot().comps[&comp].frames().0);
                return Ok(Ok((project, comp, frame)));
            }
            Shown::Effect { footage, effect } => (footage, effect),
        };
        let mut specs = plugin.effects.iter().map(|effect| effect.spec());
        let spec = match effect {
            Some(name) => specs.find(|spec| spec.id == *name || spec.type_name.eq_ignore_ascii_case(name)),
            None => specs.next(),
        };
        let Some(spec) = spec else {
            let names: Vec<_> = plugin.effects.iter().map(|effect| effect.spec().type_name.as_str()).collect();
            let asked = effect.as_deref().unwrap_or("any effect");
            return Ok(Err(format!(
                "{}: there is no {asked} in it, only: {}",
                plugin.path.display(),
                names.join(", ")
            )));
        };
        let project = engine.new_project();
        let (comp, layer, first) = match footage {
            Some(footage) => still(&project, footage)?,
            None => chart::add(&project).map_err(|error| Failure::new(Exit::Failed, error))?,
        };
        if let Err(error) = project.add_effect(layer, spec, &[]) {
            return Ok(Err(error.to_string()));
        }
        Ok(Ok((project, comp, self.frame.unwrap_or(first))))
    }
}

/// A comp of the size of some footage with that on a layer, and its first frame.
fn still(project: &Project, footage: &Sequence) -> Result<(Uuid, Uuid, i64), Failure> {
    let bad = |error: &dyn std::fmt::Display| Failure::new(Exit::BadProject, error);
    let (first, last) = footage.bounds().unwrap_or((0, 0));
    let file = match footage.footage(first, Missing::Error) {
        Ok(Footage::File(file)) => file,
        _ => footage.pattern().path(first),
    };
    let info = media::probe(&file).map_err(|error| bad(&error))?;
    let part = info.parts.get(info.main_part).map(|part| part.display_window);
    let window = part.ok_or_else(|| bad(&format_args!("{}: there is no picture in it", file.display())))?;
    let add = || -> Result<(Uuid, Uuid), ProjectError> {
        let side = |length: usize| Value::Int(i64::try_from(length).unwrap_or(i64::MAX));
        let comp = project.add_comp(
            "Preview",
            &[
                ("width", side(window.width())),
                ("height", side(window.height())),
                ("in", Value::Int(first)),
                ("out", Value::Int(last)),
            ],
        )?;
        let layer = project.add_layer(comp, LayerSource::Path(footage.pattern().to_string().into()), None)?;
        Ok((comp, layer))
    };
    let (comp, layer) = add().map_err(|error| bad(&error))?;
    Ok((comp, layer, first))
}
