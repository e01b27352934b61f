//! `playa info`.

use super::Desk;

#[test]
fn tells_of_pictures_sequences_and_projects() {
    let desk = Desk::with(&[]);
    desk.plates(4, 6, 5);
    desk.shot(4, 6, 5);
    std::fs::remove_file(desk.path("plate.0003.exr")).expect("it was there");
    let files = ["plate.0001.exr", "plate.####.exr", "shot.playa"];
    let told = desk.playa(&["info", files[0], files[1], files[2]]);
    told.expect(0, &[]);
    for part in ["6 x 5", "float A B G R", "compression zip", "1-4 (3 files)", "Main: 6 x 5, 24 fps, frames 1-4"] {
        assert!(told.out.contains(part), "{part:?} is not in {told:?}");
    }

    let json = desk.playa(&["info", "--json", files[0], files[1], files[2]]).json();
    assert_eq!(json[0]["media"]["header"]["parts"][0]["data_window"], serde_json::json!([0, 0, 6, 5]));
    assert_eq!(json[0]["media"]["sequence"], serde_json::Value::Null);
    let sequence = serde_json::json!({ "first": 1, "last": 4, "files": 3, "gaps": [[3, 3]] });
    assert_eq!(json[1]["media"]["sequence"], sequence);
    let comp = &json[2]["project"]["comps"][0];
    assert_eq!((&comp["name"], &comp["layers"][0]["name"]), (&"Main".into(), &"Plate".into()));
    assert_eq!(comp["frames"], serde_json::json!([1, 4]));
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_others_too() {
    let desk = Desk::with(&[]);
    desk.plates(1, 6, 5);
    desk.write("text.exr", "no picture");
    let json = desk.playa(&["info", "--json", "text.exr", "absent.####.exr", "plate.0001.exr"]);
    json.expect(1, &["text.exr: not a picture", "absent.####.exr: no such sequence"]);
    let json = json.json();
    let oks: Vec<_> = (0..3).map(|file| json[file]["ok"].as_bool().expect("a bool")).collect();
    assert_eq!(oks, [false, false, true]);
}
