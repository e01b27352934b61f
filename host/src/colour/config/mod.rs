//! Configs of OpenColorIO, by the crate `ocio`: spaces, displays, views and looks by name.
//!
//! - [`open`]: from a name to a config.
//! - [`processor`]: what it does to pixels; [`chain`]: that, and what built-in spaces need before or after it.
//!
//! Spaces of a config and those that are built in meet in a space that both know: that of the role `aces_interchange`, or else
//! one that OpenColorIO's heuristics find.

mod chain;
mod open;
mod processor;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ocio::apphelpers::legacy_viewing_pipeline::LegacyViewingPipeline;
use ocio::config::ColorSpace;
use ocio::config::logging::LogGuard;
use ocio::{DisplayViewTransform, Processor};

use super::gamut::{self, Matrix};
use super::{Adaptation, BuiltIn, ColourError, Content, Display, Engine, Gamut, Listed, Space, Transform, View};
use crate::suggest::did_you_mean;

use chain::Chain;
pub use open::{built_in_configs, open};

/// The role of the space in which configs meet.
const INTERCHANGE: &str = "aces_interchange";
/// The role of the space in which layers are usually composited.
const SCENE_LINEAR: &str = "scene_linear";

/// How far two matrices may be from each other and stand for the same light: constants in configs are rounded.
const SAME: f64 = 2e-6;

/// So many transforms are kept.
const KEPT: usize = 512;

/// What is made of a pair of spaces, or of a space and a view of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Pair {
    Spaces(Arc<str>, Arc<str>),
    View(Arc<str>, [String; 2], Option<String>),
}

/// A config of OpenColorIO.
struct Config {
    /// What it is called in messages.
    name: String,
    config: ocio::Config,
    /// A linear space of it that is built in as well.
    interchange: Option<(Arc<str>, Gamut)>,
    made: Mutex<HashMap<Pair, Option<Arc<dyn Transform>>>>,
    lights: Mutex<HashMap<Arc<str>, Option<Gamut>>>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What comes of a call of `ocio`. A panic is an error, and what it has to say goes into our log.
fn guarded<T>(work: impl FnOnce() -> ocio::Result<T>) -> Result<T, String> {
    let said = LogGuard::with_level(ocio::LoggingLevel::Warning);
    let result = catch_unwind(AssertUnwindSafe(work));
    let words = said.output();
    words.lines().for_each(|line| log::warn!("{line}"));
    match result {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the reader of configs failed".to_owned()),
    }
}

impl Config {
    fn new(name: &str, config: ocio::Config) -> Result<Self, String> {
        guarded(|| config.validate())?;
        // Transforms are kept here, as they are used.
        config.set_processor_cache_flags(ocio::ProcessorCacheFlags::OFF);
        let interchange = match config.get_color_space(INTERCHANGE) {
            Some(space) => Some((space.name().into(), Gamut::AP0)),
            None => identified(&config),
        };
        let name = format!("the config {name}");
        Ok(Self { name, config, interchange, made: Mutex::default(), lights: Mutex::default() })
    }

    /// A space by its name, an alias, a role, or what files call it.
    fn space(&self, name: &str) -> Option<&ColorSpace> {
        let called = |space: &&ColorSpace| !name.is_empty() && space.interop_id().eq_ignore_ascii_case(name);
        self.config.get_color_space(name).or_else(|| self.config.all_color_spaces().iter().find(called))
    }

    fn unknown(&self, what: &str, name: &str, near: &[&str], names: Vec<String>) -> ColourError {
        let hint = did_you_mean(name, near.iter().copied().chain(names.iter().map(String::as_str)));
        ColourError::Unknown { what: what.to_owned(), name: name.to_owned(), hint, engine: self.name.clone(), names }
    }

    fn no_way(&self, from: &Content, to: impl fmt::Display, reason: impl Into<String>) -> ColourError {
        let (engine, reason) = (self.name.clone(), reason.into());
        ColourError::NoWay { engine, from: from.to_string(), to: to.to_string(), reason }
    }

    /// Names of the active spaces.
    fn names(&self) -> Vec<String> {
        (0..self.config.num_color_spaces()).map(|at| self.config.color_space_name_by_index(at).to_owned()).collect()
    }

    /// What is made of a pair, as it was made before.
    fn made(
        &self,
        pair: Pair,
        make: impl FnOnce() -> Result<Option<Arc<dyn Transform>>, ColourError>,
    ) -> Result<Option<Arc<dyn Transform>>, ColourError> {
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made().get(&pair) {
            return Ok(known.clone());
        }
        let result = make()?;
        let mut made = made();
        if made.len() >= KEPT {
            made.clear();
        }
        made.insert(pair, result.clone());
        Ok(result)
    }

    fn processor(&self, from: &str, to: &str) -> Result<Processor, String> {
        guarded(|| self.config.get_processor(from, to))
    }

    /// A space of the config for a content, and what is to be done between both: built-in light becomes that of
    /// `scene_linear`, where that is the same, or else that of the interchange space.
    fn met(&self, content: &Content) -> Result<(Arc<str>, Option<Space>), String> {
        let space = match content {
            Content::Config(name) => return Ok((Arc::clone(name), None)),
            Content::Raw => return Err("raw numbers are no colour".to_owned()),
            Content::Colour(space) => space,
        };
        let usual = self.usual_light();
        if let (Content::Config(name), Some(gamut)) = (&usual, self.light(&usual))
            && gamut == space.gamut
        {
            return Ok((Arc::clone(name), Some(Space { gamut, ..Space::LINEAR })));
        }
        match &self.interchange {
            Some((name, gamut)) => Ok((Arc::clone(name), Some(Space { gamut: *gamut, ..Space::LINEAR }))),
            None => Err(format!(
                "nothing in the config says what light is; give it the role `{INTERCHANGE}`, or use its own spaces alone"
            )),
        }
    }

    /// What the light of a space is, by its way to the interchange space, if that is a matrix.
    fn light_of(&self, name: &str) -> Option<Gamut> {
        let (interchange, gamut) = self.interchange.as_ref()?;
        let matrix = processor::matrix(&self.processor(name, interchange).ok()?)?;
        gamut_of(matrix, gamut)
    }

    /// The display and view that are meant.
    fn shown(&self, view: &View) -> Result<[String; 2], ColourError> {
        let displays = self.displays();
        let meant = |name: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|w| w.eq_ignore_ascii_case(name));
        let display = displays.iter().find(|display| meant(&display.name, &view.display)).ok_or_else(|| {
            let names = displays.iter().map(|display| display.name.clone()).collect();
            self.unknown("display", view.display.as_deref().unwrap_or_default(), &[], names)
        })?;
        let found = display.views.iter().find(|name| meant(name, &view.view)).ok_or_else(|| {
            let name = view.view.as_deref().unwrap_or_default();
            self.unknown(&format!("display `{}` with the view", display.name), name, &[], display.views.clone())
        })?;
        Ok([display.name.clone(), found.clone()])
    }

    /// Refuses looks that are not known.
    fn check_looks(&self, looks: &str) -> Result<(), ColourError> {
        let known = self.looks();
        for look in looks.split([',', ':', '|']).map(|look| look.trim().trim_start_matches(['+', '-']).trim()) {
            if !look.is_empty() && !known.iter().any(|known| known.eq_ignore_ascii_case(look)) {
                return Err(self.unknown("look", look, &[], known));
            }
        }
        Ok(())
    }
}

/// A space of a config that says nothing of it and is built in as well, as OpenColorIO's heuristics find it.
fn identified(config: &ocio::Config) -> Option<(Arc<str>, Gamut)> {
    let found = guarded(|| {
        let built_in = ocio::Config::create_from_builtin_config("default")?;
        ocio::Config::identify_interchange_space(config, "", &built_in, "ACES2065-1")
    });
    let (name, known) = found.inspect_err(|reason| log::debug!("{reason}")).ok()?;
    let space = Space::named(&known).filter(Space::is_linear)?;
    (!name.is_empty()).then(|| (name.into(), space.gamut))
}

/// The gamut of a light that becomes another one by a matrix. `None` where no red, green, blue and white are such a light.
fn gamut_of(matrix: Matrix, to: &Gamut) -> Option<Gamut> {
    let near = |gamut: &Gamut| {
        let same = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let theirs = gamut.matrix_to(to, Adaptation::Known).unwrap_or(same);
        theirs.iter().flatten().zip(matrix.iter().flatten()).all(|(a, b)| (a - b).abs() <= SAME)
    };
    let known = super::SPACES.iter().map(|known| known.space).filter(Space::is_linear).map(|space| space.gamut);
    known.into_iter().find(near).or_else(|| {
        let xyz = gamut::product(to.to_xyz(), matrix);
        let seen = |[x, y, z]: [f64; 3]| [x / (x + y + z), y / (x + y + z)].map(|value| value as f32);
        let light = |rgb| seen(gamut::multiply(xyz, rgb));
        let [[rx, ry], [gx, gy], [bx, by], [wx, wy]] =
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0; 3]].map(light);
        Gamut::of_chromaticities([rx, ry, gx, gy, bx, by, wx, wy]).filter(near)
    })
}

impl Engine for Config {
    fn name(&self) -> &str {
        &self.name
    }

    fn spaces(&self) -> Vec<Listed> {
        let listed = |name: String| {
            let space = self.space(&name)?;
            let doc = space.description().lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            Some(Listed {
                aliases: space.aliases().to_vec(),
                linear: !space.is_data() && self.light(&Content::Config(name.as_str().into())).is_some(),
                doc: doc.to_owned(),
                name,
            })
        };
        self.names().into_iter().filter_map(listed).collect()
    }

    fn find(&self, name: &str) -> Result<Content, ColourError> {
        if let Some(space) = self.space(name) {
            return Ok(if space.is_data() { Content::Raw } else { Content::Config(space.name().into()) });
        }
        match BuiltIn.find(name) {
            Ok(Content::Raw) => return Ok(Content::Raw),
            Ok(known) if self.interchange.is_some() => return Ok(known),
            _ => {}
        }
        let names = self.names();
        let aliases = names.iter().filter_map(|name| self.space(name)).flat_map(|space| space.aliases());
        let roles = (0..self.config.num_roles()).map(|at| self.config.role_name(at));
        let near: Vec<&str> = aliases.map(String::as_str).chain(roles).collect();
        Err(self.unknown("colour space or role", name, &near, names.clone()))
    }

    fn light(&self, space: &Content) -> Option<Gamut> {
        let Content::Config(name) = space else { return BuiltIn.light(space) };
        let lights = || self.lights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lights().get(name) {
            return *known;
        }
        let light = self.light_of(name);
        lights().insert(Arc::clone(name), light);
        light
    }

    fn way(
        &self,
        from: &Content,
        to: &Content,
        adaptation: Adaptation,
    ) -> Result<Option<Arc<dyn Transform>>, ColourError> {
        match (from, to) {
            (Content::Raw, _) | (_, Content::Raw) => return Ok(None),
            (Content::Colour(from), Content::Colour(to)) => return Ok(BuiltIn::way(*from, *to, adaptation)),
            _ => {}
        }
        let failed = |reason: String| self.no_way(from, to, reason);
        let ((first, entry), (last, exit)) = (self.met(from).map_err(failed)?, self.met(to).map_err(failed)?);
        let between = self.made(Pair::Spaces(Arc::clone(&first), Arc::clone(&last)), || {
            let processor = self.processor(&first, &last).map_err(failed)?;
            Ok(processor::transform(&processor, format!("{first} to {last} by OpenColorIO")))
        })?;
        let built_in = |from: Option<Space>, to: Option<Space>| BuiltIn::way(from?, to?, adaptation);
        let own = |content: &Content| match content {
            Content::Colour(space) => Some(*space),
            _ => None,
        };
        Ok(Chain::of([built_in(own(from), entry), between, built_in(exit, own(to))]))
    }

    fn usual_light(&self) -> Content {
        match self.space(SCENE_LINEAR) {
            Some(space) if !space.is_data() => Content::Config(space.name().into()),
            _ => Content::Colour(Space::LINEAR),
        }
    }

    fn roles(&self) -> Vec<(String, String)> {
        let role = |at| (self.config.role_name(at).to_owned(), self.config.role_color_space_by_index(at).to_owned());
        (0..self.config.num_roles()).map(role).collect()
    }

    fn displays(&self) -> Vec<Display> {
        let display = |at| {
            let name = self.config.display(at);
            let views = (0..self.config.num_views(&name)).map(|view| self.config.view(&name, view)).collect();
            Display { name, views }
        };
        (0..self.config.num_displays()).map(display).collect()
    }

    fn looks(&self) -> Vec<String> {
        (0..self.config.num_looks()).map(|at| self.config.look_name_by_index(at).to_owned()).collect()
    }

    fn rule(&self, path: &Path) -> Option<(String, Content)> {
        let path = path.to_string_lossy().replace('\\', "/");
        if self.config.filepath_only_matches_default_rule(&path) {
            return None;
        }
        let (space, index) = self.config.color_space_from_filepath_with_index(&path);
        let rule = self.config.file_rules().name(index).ok()?;
        self.find(&space).ok().map(|content| (rule.to_owned(), content))
    }

    fn interop_id(&self, space: &Content) -> Option<String> {
        let Content::Config(name) = space else { return BuiltIn.interop_id(space) };
        self.space(name).map(|space| space.interop_id().to_owned()).filter(|id| !id.is_empty())
    }

    fn view(&self, from: &Content, view: &View) -> Result<Option<Arc<dyn Transform>>, ColourError> {
        let shown = self.shown(view)?;
        view.looks.iter().try_for_each(|looks| self.check_looks(looks))?;
        if *from == Content::Raw {
            return Ok(None);
        }
        let [display, name] = &shown;
        let failed = |reason: String| self.no_way(from, format_args!("{display}, {name}"), reason);
        let (first, entry) = self.met(from).map_err(failed)?;
        let pair = Pair::View(Arc::clone(&first), shown.clone(), view.looks.clone());
        let through = self.made(pair, || {
            let mut pipeline = LegacyViewingPipeline::new();
            pipeline.set_display_view_transform(Some(&DisplayViewTransform::new(&first, display, name)));
            pipeline.set_looks_override_enabled(view.looks.is_some());
            pipeline.set_looks_override(view.looks.as_deref().unwrap_or_default());
            let processor = guarded(|| pipeline.get_processor(&self.config)).map_err(failed)?;
            Ok(processor::transform(&processor, format!("{first} to {display}, {name} by OpenColorIO")))
        })?;
        let entry = match (from, entry) {
            (Content::Colour(from), Some(entry)) => BuiltIn::way(*from, entry, Adaptation::Known),
            _ => None,
        };
        Ok(Chain::of([entry, through]))
    }
}
