//! Track mattes: the original's go to any node, ours to a layer of the same comp.

use uuid::Uuid;

use super::comp::Made;
use super::node::{Kind, Node};
use super::{Reader, with_uuid};
use crate::project::save::tree::{Data, Table, Tree};

impl Reader<'_> {
    /// Gives layers the mattes that their references mean. The original took the target's picture at the same frame, as
    /// it is: a layer that shows it so becomes the matte, or else a hidden one is added below all others.
    pub fn mattes(&mut self, layers: &mut Vec<Made>, comp: &Table, node: &Node) {
        for index in 0..layers.len() {
            let Some((reference, line)) = layers[index].matte else { continue };
            let Some((target, channel)) = self.reference(reference, &layers[index].what.clone(), line) else {
                continue;
            };
            let made = self.matte_layer(layers, index, target, comp, line);
            let Some(matte) = made else {
                let message = format!(
                    "{} has a matte that shows nothing that {} could show; it is left out",
                    layers[index].what, node.values.what
                );
                self.warn(line, message);
                continue;
            };
            let table = &mut layers[index].table;
            table.insert("matte".to_string(), Tree { line, data: Data::Text(matte.to_string()) });
            if channel != "alpha" {
                table.insert("matte_channel".to_string(), Tree { line, data: Data::Text(channel) });
            }
        }
    }

    /// The node and the channel that a reference names; none where it masks nothing.
    fn reference(&mut self, uuid: Uuid, layer: &str, line: Option<u32>) -> Option<(Uuid, String)> {
        let found = self.nodes.get(&uuid).filter(|node| node.kind == Kind::Ref);
        let target = found.and_then(|node| node.values.uuid("target_uuid"));
        let channel = found.and_then(|node| node.values.str("channel")).unwrap_or("alpha").to_string();
        let Some(target) = target else {
            self.warn(line, format!("{layer} has a matte that the project lacks; it is left out"));
            return None;
        };
        match channel.as_str() {
            // The original masks nothing then.
            "composite" => None,
            "alpha" | "luminance" | "red" | "green" | "blue" => Some((target, channel)),
            other => {
                self.warn(line, format!("{layer} has a matte of the unknown channel {other:?}: it is \"alpha\" now"));
                Some((target, "alpha".to_string()))
            }
        }
    }

    /// The layer that shows the target of a matte.
    fn matte_layer(
        &mut self,
        layers: &mut Vec<Made>,
        user: usize,
        target: Uuid,
        comp: &Table,
        line: Option<u32>,
    ) -> Option<Uuid> {
        let others = || layers.iter().enumerate().filter(|(index, layer)| *index != user && !layer.is_camera);
        if let Some((_, layer)) = others().find(|(_, layer)| layer.uuid == target) {
            return Some(layer.uuid);
        }
        let has_no_matte = |layer: &Made| layer.matte.is_none();
        let shows_it = |(_, layer): &(usize, &Made)| layer.source == target && layer.is_plain && has_no_matte(layer);
        if let Some((_, layer)) = others().find(shows_it) {
            return Some(layer.uuid);
        }
        let node = self.nodes.get(&target)?.clone();
        let link = node.kind.link().filter(|_| matches!(node.kind, Kind::File | Kind::Comp))?;
        let size = |name: &str| match comp.get(name).map(|tree| &tree.data) {
            Some(Data::Int(pixels)) => Some(*pixels),
            _ => None,
        };
        let differs = |name: &str| size(name).zip(node.values.int(name)).is_some_and(|(a, b)| a != b);
        if differs("width") || differs("height") {
            let message = format!(
                "the matte of {} has another size than the comp: the original did not use it",
                layers[user].what
            );
            self.warn(line, message);
        }
        let uuid = Uuid::new_v4();
        let (first, last) = node.hidden();
        let mut table = with_uuid(uuid);
        for (name, data) in [
            ("name", Data::Text(format!("matte: {}", node.values.str("name").unwrap_or_default()))),
            (link, Data::Text(target.to_string())),
            ("in", Data::Int(node.work_area.0.saturating_sub(first))),
            ("src_len", Data::Int(node.work_len().saturating_add(first).saturating_add(last).max(1))),
            ("trim_in", Data::Int(first)),
            ("trim_out", Data::Int(last)),
            ("visible", Data::Bool(false)),
        ] {
            table.insert(name.to_string(), Tree { line, data });
        }
        layers.push(Made {
            uuid,
            what: format!("the matte of {}", layers[user].what),
            line,
            table,
            source: target,
            is_camera: false,
            visible: false,
            z: 0.0,
            is_plain: true,
            matte: None,
        });
        Some(uuid)
    }
}
