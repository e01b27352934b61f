//! A process that is killed while it saves leaves the old file or the new one.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use playa_plugin_api::Value;

use super::*;
use crate::project::Node;

/// Set in the child: the file to save to.
const FILE: &str = "PLAYA_TEST_SAVE_IN_A_LOOP";
const NAME: &str = "project::save::tests::killed::a_killed_save_leaves_a_whole_file";

#[test]
fn a_killed_save_leaves_a_whole_file() {
    if let Some(path) = std::env::var_os(FILE) {
        save_for_ever(Path::new(&path));
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("shot.playa");
    let mut versions = std::collections::BTreeSet::new();
    for round in 0..12_u64 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", NAME, "--nocapture"])
            .env(FILE, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let started = Instant::now();
        let own = format!("\"{}.", child.id());
        let has_saved = || std::fs::read_to_string(&path).is_ok_and(|text| text.contains(&own));
        while !has_saved() && started.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(20 + round * 7));
        child.kill().expect("it was running");
        child.wait().expect("it ended");
        let document = load(&path).unwrap_or_else(|error| panic!("round {round}: {error}")).snapshot();
        // Every version has as many comps, all with its own number as name.
        let version = document.attrs.text("name");
        assert_eq!(document.comps.len(), COMPS, "round {round}");
        assert!(document.comps.values().all(|comp| comp.name() == version), "round {round}: a mixture");
        versions.insert(version.to_string());
    }
    assert!(versions.len() > 1, "every child was killed before it saved: {versions:?}");
}

const COMPS: usize = 500;

fn save_for_ever(path: &Path) -> ! {
    let project = Project::new(media());
    let comps: Vec<_> = (0..COMPS).map(|_| project.add_comp("", &[]).expect("a comp")).collect();
    for version in 0.. {
        let name = Value::String(format!("{}.{version}", std::process::id()));
        project.set_attr(Node::Project, "name", &name).expect("valid");
        for comp in &comps {
            project.set_attr(Node::Comp(*comp), "name", &name).expect("valid");
        }
        project.save(path, &SaveOptions::default()).expect("saved");
    }
    unreachable!("it is killed before it has counted so far")
}
