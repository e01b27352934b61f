//! What comes with a plugin in its bundle: presets.

use playa_plugin_api::{EffectError, EffectSpec};

use crate::conformance::Check;
use crate::conformance::exam::{Exam, Finding, Tally, Verdict};
use crate::plugin::bundle;
use crate::project::preset::files_in;
use crate::project::{Effect, Preset, ProjectError};

pub(super) const CHECKS: &[Check] = &[Check::of_file(
    "presets-apply",
    1,
    "Every preset of the bundle is one for an effect of the plugin, and all of its values fit.",
    presets_apply,
)];

fn presets_apply(exam: &Exam) -> Verdict {
    let Some(folder) = bundle::presets_of(exam.plugin()) else {
        return Err(Finding::skipped("it is in no bundle with presets"));
    };
    exam.note("describing its effects");
    let described = exam.module()?.effects()().into_result();
    let described =
        described.map_err(|failure| Finding::skipped(format!("describing fails: {}", EffectError::from(failure))))?;
    let specs: Vec<EffectSpec> =
        described.iter().map(EffectSpec::try_from).collect::<Result<_, _>>().map_err(Finding::skipped)?;
    let mut tally = Tally::default();
    for file in files_in(&folder) {
        tally.note(applies(&file, &specs));
    }
    tally.verdict()
}

/// Whether one applies. What it leaves out since it is of another version is told.
fn applies(file: &std::path::Path, specs: &[EffectSpec]) -> Verdict {
    let failed = |error: ProjectError| Finding::failed(error.to_string());
    let preset = Preset::read(file).map_err(failed)?;
    let Some(spec) = specs.iter().find(|spec| spec.id == preset.effect) else {
        let ids: Vec<&str> = specs.iter().map(|spec| &*spec.id).collect();
        let (effect, ids) = (&preset.effect, ids.join(", "));
        return Err(Finding::failed(format!("{}: it is for {effect}, expected one of {ids}", file.display())));
    };
    let left_out = preset.apply(&mut Effect::new(spec.clone().into())).map_err(failed)?;
    if left_out.is_empty() {
        Ok(())
    } else {
        Err(Finding::warned(format!("{}: {}", file.display(), left_out.join("; "))))
    }
}
