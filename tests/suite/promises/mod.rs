//! What the plugin API promises to authors, against the real host: effects that write down every call they get, and
//! effects that abuse every service.

mod evil;
mod evil_plans;
mod kept;
mod record;
mod spied;
mod spied_services;

use std::path::Path;
use std::process::Command;

use playa_host::engine::Engine;
use playa_host::image::{Image, memory};
use playa_host::render::{RenderError, RenderOptions};
use playa_tests::repository;

use crate::support::Scene;

/// Runs a test in a process where nothing else goes on, for what it measures is that of the whole process. `test` is its
/// name with its module.
fn alone(test: &str, work: impl FnOnce()) {
    /// Set in the child.
    const CHILD: &str = "PLAYA_TEST_ALONE";
    if std::env::var_os(CHILD).is_some() {
        return work();
    }
    let mut child = Command::new(std::env::current_exe().expect("this test"));
    let output = child.args(["--exact", test, "--nocapture"]).env(CHILD, "1").output().expect("a child");
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{test}: {said}");
}

/// Bytes of pixels that somebody uses, beside what is only kept for the next pictures.
fn in_use() -> u64 {
    let usage = memory::PROCESS.usage();
    assert_eq!((usage.reserved, usage.frames), (0, 0), "nothing is in the making: {usage:?}");
    usage.used - usage.kept
}

/// Renders on so many threads.
fn render_on(threads: usize, scene: &Scene<'_>, frame: i64, options: &RenderOptions) -> Result<Image, RenderError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
    let render = || scene.engine.render(&scene.project, scene.comp, frame, options);
    pool.install(render).map(|frame| frame.image)
}

/// What the cache counts as in the hands of renders.
fn in_flight(engine: &Engine) -> u64 {
    engine.renderer().cache().stats().bytes_in_flight
}

/// All that is written in the Rust files below a folder, and their names.
fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&format!("mod {}(", path.file_stem().expect("it has a name").display()));
            text.push_str(&std::fs::read_to_string(&path).expect("it can be read"));
        }
    }
}

/// An author who reads of a promise finds the test that proves it.
#[test]
fn the_page_of_promises_names_tests_that_exist() {
    let page = std::fs::read_to_string(repository().join("docs/author/promises.md")).expect("the page is there");
    let mut text = String::new();
    for folder in ["tests/suite", "host/src", "plugin-api/src"] {
        sources(&repository().join(folder), &mut text);
    }
    let mut names = 0;
    for row in page.lines().filter(|line| line.starts_with('|')) {
        let cell = row.trim_end_matches([' ', '|']).rsplit('|').next().expect("a cell");
        for name in cell.split('`').skip(1).step_by(2) {
            let is_there =
                ["fn {}(", "mod {}(", "struct {}<"].iter().any(|form| text.contains(&form.replace("{}", name)));
            assert!(is_there, "{name} in {row}");
            names += 1;
        }
    }
    assert!(names > 30, "{names} tests");
}
