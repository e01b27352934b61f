//! `playa demo`: everything once, from nothing to pictures.
//!
//! [`footage`] makes two sequences ([`lake`] and [`lanterns`]), [`scene`] a project over them, [`sheet`] its contact
//! sheet. All of it goes through the same public calls as a user's own work.

mod footage;
mod lake;
mod lanterns;
mod noise;
mod scene;
mod sheet;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::failure::{Exit, Failure};
use super::render::batch::Job;
use super::{console, interrupt};
use crate::image::{Frame, Image, ImageError};
use crate::media::{self, MediaError, WriteOptions};
use crate::project::{ProjectError, SaveOptions};
use crate::render::RenderOptions;
use scene::{BuiltIn, Scene};

/// Make a small sequence, a project with all built-in effects over it, and pictures to look at.
///
/// The footage is drawn by formulas: an evening at a lake as EXR background, paper lanterns with premultiplied alpha as
/// EXR foreground. The project composites them with nested comps, transforms, additive light and every built-in effect.
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
  playa demo --out /tmp/lake --frames 48 --size 1920x1080";

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

/// What the demo makes, in its folder.
struct Files {
    lake: PathBuf,
    lanterns: PathBuf,
    project: PathBuf,
    exr: PathBuf,
    png: PathBuf,
    sheet: PathBuf,
}

pub(super) fn run(args: &Args, built_in: &[PathBuf]) -> Result<Exit, Failure> {
    let start = Instant::now();
    let abort = interrupt::catch()?;
    let engine = super::engine(built_in)?;
    let effects = BuiltIn::find(&engine.effects())?;
    let files = Files::below(&args.out)?;
    let size = (args.size.0, args.size.1);

    console::print(&format!("Drawing {} frames of footage\n", args.frames))?;
    for frame in 1..=args.frames {
        if abort.load(Ordering::SeqCst) {
            return Ok(Exit::Interrupted);
        }
        let evening = f32::from(frame - 1) / f32::from((args.frames - 1).max(1));
        write_footage(&files.lake, frame, footage::lake(size, evening))?;
        write_footage(&files.lanterns, frame, footage::lanterns(size, evening))?;
    }

    let last = i64::from(args.frames);
    let failed = |error: ProjectError| Failure::new(Exit::Failed, error);
    let scene = Scene::build(&engine, &effects, &files.lake, &files.lanterns, size).map_err(failed)?;
    let sheet = sheet::build(&scene, &effects, (1, last)).map_err(failed)?;
    scene.project.save(&files.project, &SaveOptions::default()).map_err(failed)?;

    console::print("Rendering them\n")?;
    let document = scene.project.snapshot();
    let frames: Vec<i64> = (1..=last).collect();
    let options = RenderOptions { abort: Arc::clone(&abort), ..RenderOptions::default() };
    let effects = engine.effects();
    let job = Job { document: &document, effects: &effects, comp: scene.main, frames: &frames, options, quiet: false };
    let report = job.run(
        |frame| numbered(&files.exr, frame),
        |path, picture| {
            media::write(path, picture, &WriteOptions::default())?;
            media::write(path.with_extension("png"), picture, &WriteOptions::default())
        },
    );
    if report.exit() != Exit::Ok {
        return Ok(report.exit());
    }
    let sheet_job = Job { comp: sheet, frames: &[1], ..job };
    let sheet_report =
        sheet_job.run(|_| files.sheet.clone(), |path, picture| media::write(path, picture, &WriteOptions::default()));
    if sheet_report.exit() == Exit::Ok {
        console::print(&files.summary(start))?;
    }
    Ok(sheet_report.exit())
}

impl Files {
    /// The files in `folder`, which is made with its sub-folders where it is not there.
    fn below(folder: &Path) -> Result<Self, Failure> {
        for part in ["footage", "render"] {
            let part = folder.join(part);
            std::fs::create_dir_all(&part)
                .map_err(|error| Failure::new(Exit::Failed, format_args!("{}: {error}", part.display())))?;
        }
        Ok(Self {
            lake: folder.join("footage/lake.####.exr"),
            lanterns: folder.join("footage/lanterns.####.exr"),
            project: folder.join("demo.playa"),
            exr: folder.join("render/evening.####.exr"),
            png: folder.join("render/evening.####.png"),
            sheet: folder.join("contact_sheet.png"),
        })
    }

    /// What was made, and what to do next.
    fn summary(&self, start: Instant) -> String {
        let rows = [
            ("contact sheet", &self.sheet),
            ("project", &self.project),
            ("footage", &self.lake),
            ("", &self.lanterns),
            ("frames", &self.exr),
            ("", &self.png),
        ];
        let rows = rows.map(|(name, path)| vec![format!("  {name}"), path.display().to_string()]);
        let (table, seconds) = (console::table(&rows), start.elapsed().as_secs_f64());
        let project = self.project.display();
        format!(
            "Made in {seconds:.1} s:\n{table}\nLook at the contact sheet. Then change a number in the project and render \
             it again:\n  playa info {project}\n  playa render {project} -o again.####.png -F 12\n"
        )
    }
}

fn write_footage(pattern: &Path, frame: u16, image: Result<Image, ImageError>) -> Result<(), Failure> {
    let image = image.map_err(|error| Failure::new(Exit::Failed, error))?;
    let written: Result<(), MediaError> =
        media::write(numbered(pattern, frame.into()), &Frame::new(image), &WriteOptions::default());
    written.map_err(|error| Failure::new(Exit::Failed, error))
}

/// A path of the demo's own for a frame.
fn numbered(pattern: &Path, frame: i64) -> PathBuf {
    PathBuf::from(pattern.to_string_lossy().replace("####", &format!("{frame:04}")))
}
