//! What is in a project file.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::{Told, block, range};
use crate::engine::Engine;
use crate::project::{Comp, Document, Effect, Layer, LoadOptions, Source};

/// A project: its comps with their layers, its media, and what was noticed when it was loaded.
pub(super) fn tell(path: &Path, engine: &Engine) -> Result<Told, String> {
    let project = engine.load_project(path, &LoadOptions::default()).map_err(|error| error.to_string())?;
    let document = project.snapshot();
    let diagnostics: Vec<String> = project.diagnostics().iter().map(ToString::to_string).collect();
    let mut facts = Vec::new();
    for comp in document.comps.values() {
        let ((width, height), rate) = (comp.size(), comp.rate());
        let frames = range(comp.frames());
        facts.push(("comp", format!("{}: {width} x {height}, {rate} fps, frames {frames}", comp.name())));
        facts.extend(comp.layers.iter().map(|layer| ("  layer", layer_line(&document, layer))));
    }
    for media in document.media.values() {
        let frames = if media.sequence.is_still() { "still".to_owned() } else { range(media.frames()) };
        facts.push(("media", format!("{} ({frames})", media.attrs.text("path"))));
    }
    for camera in document.cameras.values() {
        facts.push(("camera", format!("{} ({})", camera.name(), camera.attrs.text("projection_type"))));
    }
    for solid in document.solids.values() {
        let color = solid.attrs.color("color").map(|value| value.to_string()).join(", ");
        facts.push(("solid", format!("{} ({color})", solid.name())));
    }
    for text in document.texts.values() {
        facts.push(("text", format!("{} ({:?})", text.name(), shortened(text.attrs.text("text")))));
    }
    facts.extend(diagnostics.iter().map(|line| ("noticed", line.clone())));
    let media = document.media.values().map(|media| {
        json!({
            "uuid": media.uuid().to_string(),
            "name": media.name(),
            "path": media.attrs.text("path"),
            "still": media.sequence.is_still(),
            "frames": media.frames(),
            "missing": media.attrs.text("missing"),
            "missing_pixels": media.attrs.text("missing_pixels"),
        })
    });
    let cameras = document.cameras.values().map(|camera| {
        json!({
            "uuid": camera.uuid().to_string(),
            "name": camera.name(),
            "projection_type": camera.attrs.text("projection_type"),
        })
    });
    let solids = document.solids.values().map(|solid| {
        json!({
            "uuid": solid.uuid().to_string(),
            "name": solid.name(),
            "color": solid.attrs.color("color"),
        })
    });
    let texts = document.texts.values().map(|text| {
        json!({
            "uuid": text.uuid().to_string(),
            "name": text.name(),
            "text": text.attrs.text("text"),
            "font": text.attrs.text("font"),
        })
    });
    let json = json!({
        "name": document.attrs.text("name"),
        "comps": document.comps.values().map(|comp| comp_json(&document, comp)).collect::<Vec<_>>(),
        "media": media.collect::<Vec<_>>(),
        "cameras": cameras.collect::<Vec<_>>(),
        "solids": solids.collect::<Vec<_>>(),
        "texts": texts.collect::<Vec<_>>(),
        "diagnostics": diagnostics,
    });
    Ok(Told { kind: "project", text: block(path, facts), json })
}

/// `hero: media fg.####.exr, frames 1-24, add, opacity 0.5, GaussianBlur`: what is at its default is left out.
fn layer_line(document: &Document, layer: &Layer) -> String {
    let (kind, name) = source(document, layer);
    let mut line = format!("{}: {kind} {name}, frames {}", layer.name(), range(layer.time().visible()));
    let (mode, opacity) = (layer.attrs.text("blend_mode"), layer.attrs.float("opacity"));
    let shown = [("part", layer.attrs.text("part")), ("channels", layer.attrs.text("channels"))];
    for (what, set) in shown.into_iter().filter(|(_, set)| !set.is_empty()) {
        line += &format!(", {what} {set}");
    }
    if mode != "normal" {
        line += &format!(", {mode}");
    }
    if opacity != 1.0 && layer.attrs.curve("opacity").is_none() {
        line += &format!(", opacity {opacity}");
    }
    if layer.is_animated() {
        line += ", animated";
    }
    if !is_shown(layer) {
        line += ", hidden";
    }
    for effect in &layer.effects {
        let state = match (effect.enabled, effect.spec.is_some()) {
            (false, _) => " (off)",
            (true, false) => " (not loaded)",
            (true, true) => "",
        };
        line += &format!(", {}{state}", effect.name());
    }
    line
}

/// What fits into a line.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn is_shown(layer: &Layer) -> bool {
    layer.attrs.bool("visible") && !layer.attrs.bool("mute")
}

fn source(document: &Document, layer: &Layer) -> (&'static str, String) {
    match &layer.source {
        Source::Media(uuid) => ("media", document.media.get(uuid).map_or(String::new(), |media| media.name().into())),
        Source::Comp(uuid) => ("comp", document.comps.get(uuid).map_or(String::new(), |comp| comp.name().into())),
        Source::Camera(uuid) => {
            ("camera", document.cameras.get(uuid).map_or(String::new(), |camera| camera.name().into()))
        }
        Source::Solid(uuid) => ("solid", document.solids.get(uuid).map_or(String::new(), |solid| solid.name().into())),
        Source::Text(uuid) => ("text", document.texts.get(uuid).map_or(String::new(), |text| text.name().into())),
        Source::Memory(_) => ("memory", String::new()),
    }
}

fn comp_json(document: &Document, comp: &Comp) -> Json {
    let (width, height) = comp.size();
    json!({
        "uuid": comp.uuid().to_string(),
        "name": comp.name(),
        "width": width,
        "height": height,
        "fps": comp.rate().to_string(),
        "frames": comp.frames(),
        "layers": comp.layers.iter().map(|layer| layer_json(document, layer)).collect::<Vec<_>>(),
    })
}

fn layer_json(document: &Document, layer: &Layer) -> Json {
    let (kind, name) = source(document, layer);
    json!({
        "uuid": layer.uuid().to_string(),
        "name": layer.name(),
        "source": { "kind": kind, "name": name },
        "frames": layer.time().visible(),
        "channels": layer.attrs.text("channels"),
        "part": layer.attrs.text("part"),
        "shown": is_shown(layer),
        "blend_mode": layer.attrs.text("blend_mode"),
        "opacity": layer.attrs.float("opacity"),
        "animated": layer.is_animated(),
        "effects": layer.effects.iter().map(effect_json).collect::<Vec<_>>(),
    })
}

fn effect_json(effect: &Effect) -> Json {
    json!({
        "name": effect.name(),
        "id": effect.id,
        "version": effect.version,
        "enabled": effect.enabled,
        "mix": effect.mix,
        "loaded": effect.spec.is_some(),
    })
}
