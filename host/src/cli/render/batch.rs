//! Many frames to files: a failed one is reported and the others go on.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::console;
use crate::cli::failure::{Exit, Failure};
use crate::delivery::report::Totals;
use crate::delivery::{Delivery, DeliveryError, Report};

/// Makes all files. Progress shows on stderr where that is a terminal, unless it is to be `quiet`.
pub(in crate::cli) fn run(delivery: Delivery, quiet: bool) -> Result<Report, Failure> {
    let bar = progress_bar(delivery.batch.frames.len(), quiet);
    let mut deliveries = delivery.start()?;
    let mut frames = Vec::new();
    for delivered in deliveries.by_ref() {
        if let Some(message) = &delivered.report.error {
            bar.suspend(|| console::error(message));
        }
        frames.push(delivered.report);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let report = deliveries.report(frames);
    if let Some(message) = report.movie_error().filter(|_| !report.totals.interrupted) {
        console::error(message);
    }
    Ok(report)
}

fn progress_bar(frames: usize, quiet: bool) -> ProgressBar {
    // Where stderr is no terminal, indicatif draws nothing.
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} frames, {per_sec}, {eta} left");
    ProgressBar::with_draw_target(Some(frames as u64), target).with_style(style.expect("the template is well formed"))
}

impl Report {
    /// The exit status that says so.
    pub(in crate::cli) fn exit(&self) -> Exit {
        match &self.totals {
            Totals { interrupted: true, .. } => Exit::Interrupted,
            Totals { failed: 0, .. } if self.movie_error().is_none() => Exit::Ok,
            Totals { .. } => Exit::Failed,
        }
    }
}

impl From<DeliveryError> for Failure {
    fn from(error: DeliveryError) -> Self {
        let failure = Self::new(if error.is_usage { Exit::Usage } else { Exit::Failed }, &error.message);
        match error.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
