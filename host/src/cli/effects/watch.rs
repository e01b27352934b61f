//! `playa effects --watch`: a line for each change of a plugin.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::cli::failure::{Exit, Failure};
use crate::cli::{console, interrupt};
use crate::engine::Engine;
use crate::plugin::PluginEvent;
use crate::project::Carried;

/// Tells what happens to plugins until Ctrl-C.
pub(super) fn run(engine: &Engine, as_json: bool) -> Result<Exit, Failure> {
    let stop = interrupt::catch()?;
    let (sender, events) = channel();
    engine.registry().observe(move |event| drop(sender.send(event.clone())));
    let watching = engine.watch().map_err(|error| Failure::new(Exit::Failed, error))?;
    if !watching {
        return Err(Failure::usage("PLAYA_WATCH=0 says not to watch"));
    }
    console::say("watching; Ctrl-C ends it");
    while !stop.load(Ordering::SeqCst) {
        let event = match events.recv_timeout(Duration::from_millis(100)) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let text = if as_json { event_json(&event).to_string() } else { line(&event) };
        if !console::print_line(&text)? {
            break;
        }
    }
    Ok(Exit::Ok)
}

fn line(event: &PluginEvent) -> String {
    let path = event.path().display();
    match event {
        PluginEvent::Loaded { effects, took, .. } => {
            format!("loaded    {path}: {} in {:.0} ms", effects.join(", "), millis(*took))
        }
        PluginEvent::Reloaded { generation, effects, gone, carried, took, .. } => {
            let lost =
                carried.iter().flat_map(|(id, carried)| carried.lost.iter().map(move |name| format!("{id} {name}")));
            let lost: Vec<String> = gone.iter().cloned().chain(lost).collect();
            let lost = if lost.is_empty() { String::new() } else { format!("; no longer there: {}", lost.join(", ")) };
            format!(
                "reloaded  {path}: generation {generation}, {} in {:.0} ms{lost}",
                effects.join(", "),
                millis(*took)
            )
        }
        PluginEvent::Failed { error, .. } => format!("refused   {error}"),
        PluginEvent::Quarantined { reason, .. } => format!("refused   {path}: quarantined: {reason}"),
        PluginEvent::Removed { effects, .. } => format!("removed   {path}: {}", effects.join(", ")),
    }
}

fn event_json(event: &PluginEvent) -> Json {
    let carried = |(id, carried): &(String, Carried)| {
        let Carried { kept, renamed, converted, lost } = carried;
        json!({ "effect": id, "kept": kept, "renamed": renamed, "converted": converted, "lost": lost })
    };
    let (name, path) = (event.name(), event.path());
    match event {
        PluginEvent::Loaded { generation, effects, took, .. } => json!({
            "event": name, "file": path, "generation": generation, "effects": effects, "seconds": took.as_secs_f64(),
        }),
        PluginEvent::Reloaded { generation, effects, gone, carried: all, took, .. } => json!({
            "event": name, "file": path, "generation": generation, "effects": effects, "gone": gone,
            "params": all.iter().map(carried).collect::<Vec<_>>(), "seconds": took.as_secs_f64(),
        }),
        PluginEvent::Failed { error, .. } => json!({ "event": name, "file": path, "error": error.to_string() }),
        PluginEvent::Quarantined { hash, reason, .. } => {
            json!({ "event": name, "file": path, "hash": hash.to_hex().to_string(), "reason": reason })
        }
        PluginEvent::Removed { effects, .. } => json!({ "event": name, "file": path, "effects": effects }),
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
