//! `playa graph`.

use super::Desk;

/// A desk with a comp of a plate through a gain and turned, frames 1 to 3.
fn desk() -> Desk {
    let desk = Desk::with(&["fixture-gain"]);
    desk.plates(3, 8, 6);
    desk.shot(3, 8, 6);
    let text = std::fs::read_to_string(desk.path("shot.playa")).expect("readable");
    let effect = "rotation = [0.0, 0.0, 30.0]\n\n[[comp.layer.effect]]\n\
                  uuid = \"00000000-0000-4000-8000-000000000004\"\nid = \"com.example.gain\"\nversion = \"1.0.0\"\n";
    desk.write("shot.playa", &(text + effect));
    desk
}

#[test]
fn tells_every_picture_of_a_frame_with_its_inputs_before_it() {
    let desk = desk();
    let json = desk.playa(&["graph", "shot.playa", "-F", "2", "--json"]).json();
    assert_eq!((&json["comp"], &json["frame"]), (&"Main".into(), &2.into()));
    let nodes = json["nodes"].as_array().expect("a list");
    let of = |name: &str| nodes.iter().map(|node| node[name].as_str().expect("text")).collect::<Vec<_>>();
    assert_eq!(of("kind"), ["file", "effect", "place", "comp"]);
    assert_eq!(of("making"), ["source", "sampled", "fused", "output"]);
    assert_eq!(of("label")[0], "plate.0002.exr");
    assert!(of("label")[1].contains("Gain of layer \"Plate\" of comp \"Main\""));
    for (id, node) in nodes.iter().enumerate() {
        let inputs: Vec<_> = node["inputs"].as_array().expect("a list").iter().map(|input| input.as_u64()).collect();
        let expected: Vec<_> = id.checked_sub(1).map(|before| Some(before as u64)).into_iter().collect();
        assert_eq!((&node["id"], inputs), (&id.into(), expected));
    }
    assert_eq!(nodes[0]["domain"], serde_json::json!([0, 0, 8, 6]));
    assert_eq!(nodes[3]["canvas"], serde_json::json!([0, 0, 8, 6]));
    assert_eq!(nodes[3]["layers"], serde_json::json!([{ "input": 2, "blend_mode": "normal", "opacity": 1.0 }]));

    // The same picture has the same key, another one another.
    let again = desk.playa(&["graph", "shot.playa", "-F", "2", "--json"]).json();
    assert_eq!(again, json);
    let other = desk.playa(&["graph", "shot.playa", "--json"]).json();
    assert_eq!(other["frame"], 1, "the first of the work area");
    assert_ne!(other["nodes"][3]["key"], json["nodes"][3]["key"]);
}

#[test]
fn tells_it_as_text_and_for_graphviz() {
    let desk = desk();
    let told = desk.playa(&["graph", "shot.playa", "-F", "2"]);
    told.expect(0, &[]);
    let lines: Vec<&str> = told.out.lines().collect();
    assert_eq!((lines.len(), lines[0]), (5, "comp \"Main\", frame 2"), "{told:?}");
    assert!(lines[1].contains("source") && lines[1].contains("plate.0002.exr"), "{told:?}");
    assert!(lines[4].contains("output") && lines[4].ends_with(", of 2"), "{told:?}");

    let dot = desk.playa(&["graph", "shot.playa", "--comp", "Main", "--dot"]);
    dot.expect(0, &[]);
    assert!(dot.out.starts_with("digraph") && dot.out.ends_with("}\n"), "{dot:?}");
    for part in ["n0 -> n1;", "n1 -> n2;", "n2 -> n3;", "plate.0001.exr", "style=dashed"] {
        assert!(dot.out.contains(part), "{part:?} is not in {dot:?}");
    }
}

#[test]
fn what_cannot_be_rendered_is_told_with_the_reason() {
    let desk = desk();
    desk.playa(&["graph", "shot.playa", "--comp", "Mian"]).expect(2, &["did you mean `Main`?"]);
    desk.playa(&["graph", "shot.playa", "--json", "--dot"]).expect(2, &["cannot be used with"]);
    desk.playa(&["graph", "shot.playa", "-F", "first"]).expect(2, &["--frame"]);
    desk.playa(&["graph", "absent.playa"]).expect(3, &["absent.playa"]);
    std::fs::remove_file(desk.path("plate.0002.exr")).expect("it was there");
    desk.playa(&["graph", "shot.playa", "-F", "2"]).expect(1, &["frame 2", "layer \"Plate\"", "plate.0002.exr"]);
    // Outside of the work area there is nothing, which is no error.
    let empty = desk.playa(&["graph", "shot.playa", "-F", "-5", "--json"]).json();
    assert_eq!(empty["nodes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_missing_effect_is_told_or_skipped() {
    let desk = desk();
    std::fs::remove_dir_all(desk.path("plugins")).expect("it was there");
    desk.playa(&["graph", "shot.playa"]).expect(1, &["effect com.example.gain"]);
    let json = desk.playa(&["graph", "shot.playa", "--skip-missing-effects", "--json"]).json();
    let kinds: Vec<_> = json["nodes"].as_array().expect("a list").iter().map(|node| node["kind"].clone()).collect();
    assert_eq!(kinds, ["file", "place", "comp"]);
}
