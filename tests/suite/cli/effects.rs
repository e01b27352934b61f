//! `playa effects`.

use super::Desk;

#[test]
fn lists_the_effects_and_tells_the_refused_files_in_one_line_each() {
    let desk = Desk::with(&["fixture-gain"]);
    let bad = format!("plugins/bad.{}", std::env::consts::DLL_EXTENSION);
    desk.write(&bad, "no library");
    let listed = desk.playa(&["effects"]);
    listed.expect(0, &["warning: ", "is no dynamic library"]);
    assert_eq!(listed.err.lines().count(), 1, "{listed:?}");
    let rows: Vec<&str> = listed.out.lines().collect();
    assert_eq!(rows.len(), 2, "{listed:?}");
    assert!(rows[0].starts_with("EFFECT") && rows[1].starts_with("Gain") && rows[1].contains("com.example.gain"));

    let json = desk.playa(&["effects", "--json"]).json();
    assert_eq!(json.as_array().map(Vec::len), Some(1));
    assert_eq!(json[0]["id"], "com.example.gain");
}

#[test]
fn shows_every_kind_of_parameter() {
    let desk = Desk::with(&["fixture-all-params"]);
    let listed = desk.playa(&["effects", "--json"]).json();
    let name = listed[0]["type_name"].as_str().expect("a name");
    let shown = desk.playa(&["effects", "show", name]);
    shown.expect(0, &[]);
    let json = desk.playa(&["effects", "show", name, "--json"]).json();
    let params = json["params"].as_array().expect("a list");
    let kinds: std::collections::BTreeSet<_> = params.iter().filter_map(|param| param["kind"].as_str()).collect();
    assert_eq!(kinds.len(), 12, "{kinds:?}");
    for param in params {
        let (name, kind, doc) = (&param["name"], &param["kind"], &param["doc"]);
        let row = shown.out.lines().find(|line| line.starts_with(&format!("{} ", name.as_str().expect("text"))));
        let row = row.unwrap_or_else(|| panic!("{name} is not in {}", shown.out));
        let doc = doc.as_str().expect("text").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(row.contains(kind.as_str().expect("text")) && row.ends_with(&doc), "{row}");
    }
}

#[test]
fn an_unknown_effect_is_an_error_with_the_nearest_name() {
    let desk = Desk::with(&["fixture-gain"]);
    desk.playa(&["effects", "show", "Gian"]).expect(2, &["error: no effect is called `Gian` (did you mean `Gain`?)"]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_found_first_on_the_search_path_wins() {
    let desk = Desk::with(&[]);
    let put = |folder: &str, package: &str| {
        let library = playa_tests::plugin(package);
        let file = desk.path(folder).join(library.file_name().expect("it has a name"));
        std::fs::create_dir_all(desk.path(folder)).expect("a folder");
        std::fs::copy(library, &file).expect("it is copied");
        file.display().to_string()
    };
    let wins = |path: &str, refused: &[&str]| {
        let shown = desk.playa(&["effects", "show", "com.example.gain", "--json"]);
        shown.expect(0, refused);
        assert_eq!(shown.json()["file"], path, "{shown:?}");
        assert_eq!(shown.err.lines().count(), refused.len(), "{shown:?}");
    };
    // The user's data folder, then a folder of the config file, then one of the environment: each comes before the last.
    let data = put("home/playa/plugins", "fixture-gain");
    wins(&data, &[]);
    let configured = put("configured", "fixture-duplicate-id");
    desk.write("playa.toml", "[plugins]\npath = [\"configured\"]\n");
    wins(&configured, &[&data]);
    let named = put("plugins", "fixture-gain");
    wins(&named, &[&data, &configured]);
}
