//! The files that the demo makes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::console;
use crate::cli::failure::{Exit, Failure};
use crate::project::Pattern;

/// The demo's files. Each EXR picture has a PNG beside it.
pub(super) struct Files {
    pub(super) lake: Pattern,
    pub(super) lanterns: Pattern,
    pub(super) project: PathBuf,
    pub(super) picture: Pattern,
    /// One frame without effects.
    pub(super) plain: PathBuf,
    pub(super) sheet_project: PathBuf,
    pub(super) sheet: PathBuf,
}

impl Files {
    /// The files in `folder`, which is made with its sub-folders where it is not there.
    pub(super) fn below(folder: &Path) -> Result<Self, Failure> {
        for part in ["footage", "render"] {
            let part = folder.join(part);
            std::fs::create_dir_all(&part)
                .map_err(|error| Failure::new(Exit::Failed, format_args!("{}: {error}", part.display())))?;
        }
        let numbered = |name: &str| {
            let path = folder.join(name);
            let text = path.to_str().ok_or_else(|| {
                Failure::usage(format_args!("{}: a project can hold only UTF-8 paths", folder.display()))
            })?;
            Pattern::parse(text).map_err(Failure::usage)
        };
        Ok(Self {
            lake: numbered("footage/lake.####.exr")?,
            lanterns: numbered("footage/lanterns.####.exr")?,
            project: folder.join("demo.playa"),
            picture: numbered("render/evening.####.exr")?,
            plain: folder.join("render/without_effects.exr"),
            sheet_project: folder.join("contact_sheet.playa"),
            sheet: folder.join("contact_sheet.exr"),
        })
    }

    /// What was made, and what to do next.
    pub(super) fn summary(&self, time: Duration) -> String {
        let png = |exr: &Path| exr.with_extension("png").display().to_string();
        let rows = [
            ("contact sheet", png(&self.sheet)),
            ("project", self.project.display().to_string()),
            ("footage", self.lake.to_string()),
            ("", self.lanterns.to_string()),
            ("frames", self.picture.to_string()),
            ("", png(self.picture.to_string().as_ref())),
        ];
        let table = console::table(&rows.map(|(name, path)| vec![format!("  {name}"), path]));
        let (seconds, project) = (time.as_secs_f64(), self.project.display());
        format!(
            "Made in {seconds:.1} s:\n{table}\nLook at the contact sheet. Then change a number in the project and render \
             it again:\n  playa info {project}\n  playa render {project} -o again.####.png -F 12\n"
        )
    }
}
