//! `playa demo`: everything once, from nothing to pictures.
//!
//! [`footage`] makes two sequences ([`lake`] and [`lanterns`]), [`scene`] a project over them, and [`sheet`] a contact
//! sheet of what was rendered. All of it goes through the same public calls as a user's own work.

mod files;
mod footage;
mod lake;
mod lanterns;
mod layer;
mod noise;
mod scene;
mod sheet;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::failure::{Exit, Failure};
use super::{console, interrupt, render};
use crate::delivery::{Delivery, Existing, Output};
use crate::engine::Engine;
use crate::image::{Frame, Image, ImageError};
use crate::media::{self, MediaError, WriteOptions};
use crate::project::{Project, ProjectError, SaveOptions};
use crate::render::RenderOptions;
use files::Files;
use scene::{BuiltIn, Scene};
use sheet::Pictures;

/// Make a small sequence, a project with all built-in effects over it, and pictures to look at.
///
/// The footage is drawn by formulas: an evening at a lake as EXR background, paper lanterns with premultiplied alpha as
/// EXR foreground. The project composites them with a nested comp, transforms, additive light and every built-in effect.
/// Files of an earlier demo in the same folder are replaced.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// The folder for everything the demo makes.
    #[arg(long, value_name = "DIR", default_value = "demo")]
    out: PathBuf,
    /// How many frames.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=1000))]
    frames: u16,
    /// Width and height of the frames, in pixels: 48x27 to 4096x4096.
    #[arg(long, value_name = "WxH", default_value = "960x540")]
    size: Size,
}

const HELP: &str = "\
Examples:
  playa demo
  playa demo --out lake --frames 48 --size 1920x1080";

/// Width and height as a user writes them.
#[derive(Clone, Copy, Debug)]
struct Size(u32, u32);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text.split_once('x').and_then(|(w, h)| Some(Size(w.parse().ok()?, h.parse().ok()?)));
        let fits = |size: &Size| (48..=4096).contains(&size.0) && (27..=4096).contains(&size.1);
        sides.filter(fits).ok_or_else(|| "expected WIDTHxHEIGHT from 48x27 to 4096x4096, such as 960x540".to_owned())
    }
}

/// What every step of the demo needs.
struct Demo {
    engine: Engine,
    effects: BuiltIn,
    files: Files,
    size: (u32, u32),
    /// Its frames are 1 to this.
    last: u16,
    abort: Arc<AtomicBool>,
}

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let start = Instant::now();
    let abort = interrupt::catch()?;
    let engine = super::engine(built_in)?;
    let effects = BuiltIn::find(&engine.effects())?;
    let files = Files::below(&args.out)?;
    let demo = Demo { engine, effects, files, size: (args.size.0, args.size.1), last: args.frames, abort };
    for step in [Demo::draw, Demo::composite, Demo::lay_out] {
        let exit = step(&demo)?;
        if exit != Exit::Ok {
            console::say(format_args!("the demo is not complete; what is finished lies in {}", args.out.display()));
            return Ok(exit);
        }
    }
    console::print(&demo.files.summary(start.elapsed()))?;
    Ok(Exit::Ok)
}

impl Demo {
    /// The footage.
    fn draw(&self) -> Result<Exit, Failure> {
        console::print(&format!("Drawing {} frames of footage\n", self.last))?;
        for frame in 1..=self.last {
            if self.abort.load(Ordering::SeqCst) {
                return Ok(Exit::Interrupted);
            }
            let evening = f32::from(frame - 1) / f32::from((self.last - 1).max(1));
            write_footage(&self.files.lake.path(frame.into()), footage::lake(self.size, evening))?;
            write_footage(&self.files.lanterns.path(frame.into()), footage::lanterns(self.size, evening))?;
        }
        Ok(Exit::Ok)
    }

    /// The project, its frames, and the middle one without effects.
    fn composite(&self) -> Result<Exit, Failure> {
        let (lake, lanterns) = (self.files.lake.to_string(), self.files.lanterns.to_string());
        let scene = Scene::build(&self.engine, &self.effects, (lake.as_ref(), lanterns.as_ref()), self.size);
        let scene = scene.map_err(failed)?;
        scene.project.save(&self.files.project, &SaveOptions::default()).map_err(failed)?;
        console::print("Rendering them\n")?;
        let with = self.render(&scene.project, scene.main, 1..=i64::from(self.last), &self.files.picture)?;
        if with != Exit::Ok {
            return Ok(with);
        }
        let middle = [i64::midpoint(1, self.last.into())];
        self.render(&scene.project, scene.plain, middle, &self.files.plain.display())
    }

    /// The contact sheet.
    fn lay_out(&self) -> Result<Exit, Failure> {
        let files = &self.files;
        let [picture, background, foreground] = [&files.picture, &files.lake, &files.lanterns].map(ToString::to_string);
        let pictures = Pictures {
            picture: picture.as_ref(),
            background: background.as_ref(),
            foreground: foreground.as_ref(),
            without_effects: &files.plain,
        };
        let built = sheet::build(&self.engine, &self.effects, &pictures, self.size, self.last.into());
        let (project, comp) = built.map_err(failed)?;
        project.save(&files.sheet_project, &SaveOptions::default()).map_err(failed)?;
        self.render(&project, comp, [1], &files.sheet.display())
    }

    /// Frames of a comp as EXR, and as PNG beside it.
    fn render(
        &self,
        project: &Project,
        comp: uuid::Uuid,
        frames: impl IntoIterator<Item = i64>,
        path: &dyn std::fmt::Display,
    ) -> Result<Exit, Failure> {
        let options = RenderOptions { abort: Arc::clone(&self.abort), ..RenderOptions::default() };
        let batch = self.engine.batch(project, comp, frames.into_iter().collect(), options);
        let exr = path.to_string();
        let png = Path::new(&exr).with_extension("png").display().to_string();
        let outputs = vec![Output::at(&exr)?, Output::at(&png)?];
        let delivery =
            Delivery { batch, outputs, movies: Vec::new(), existing: Existing::Overwrite, pictures: Vec::new() };
        Ok(render::batch::run(delivery, false)?.exit())
    }
}

fn write_footage(path: &Path, image: Result<Image, ImageError>) -> Result<(), Failure> {
    let image = image.map_err(|error| Failure::new(Exit::Failed, error))?;
    let written: Result<(), MediaError> = media::write(path, &Frame::new(image), &WriteOptions::default());
    written.map_err(|error| Failure::new(Exit::Failed, error))
}

/// A project that the demo could not build or save.
fn failed(error: ProjectError) -> Failure {
    Failure::new(Exit::Failed, error)
}
