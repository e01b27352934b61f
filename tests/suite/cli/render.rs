//! `playa render`.

use playa_host::image::SampleType;
use playa_host::media::colour::srgb_to_linear;

use super::{Desk, read};

#[test]
fn renders_the_work_area_and_reports_every_frame() {
    let desk = Desk::with(&[]);
    desk.plates(3, 6, 5);
    desk.shot(3, 6, 5);
    let ended = desk.playa(&["render", "shot.playa", "-o", "out/a.%03d.exr", "--float", "--json"]);
    ended.expect(0, &["3 of 3 frames"]);
    assert_eq!(desk.names("out"), ["a.001.exr", "a.002.exr", "a.003.exr"]);
    for frame in 1..=3 {
        let picture = read(&desk.path(&format!("out/a.{frame:03}.exr")));
        assert_eq!(picture.stored, SampleType::Float);
        assert_eq!(picture.image.values(), [frame as f32, 0.25, 0.5, 1.0].repeat(6 * 5), "a layer as it is, exactly");
    }
    let json = ended.json();
    for (index, frame) in json["frames"].as_array().expect("a list").iter().enumerate() {
        assert_eq!((&frame["frame"], &frame["outcome"]), (&(index + 1).into(), &"made".into()));
        let file = &frame["outputs"][0];
        assert!(file["path"].as_str().expect("text").ends_with(".exr") && frame["error"].is_null());
        assert!(file["bytes"].as_u64().is_some_and(|bytes| bytes > 0));
        for step in ["total", "decode", "composite", "encode"] {
            assert!(frame["seconds"][step].as_f64().is_some_and(|seconds| seconds > 0.0), "{step} of {frame}");
        }
    }
    assert_eq!((&json["totals"]["made"], &json["totals"]["failed"]), (&3.into(), &0.into()));
}

#[test]
fn a_bad_frame_fails_alone() {
    let desk = Desk::with(&[]);
    desk.plates(4, 40, 30);
    desk.shot(4, 40, 30);
    let bytes = std::fs::read(desk.path("plate.0002.exr")).expect("readable");
    std::fs::write(desk.path("plate.0002.exr"), &bytes[..bytes.len() / 2]).expect("written");
    std::fs::remove_file(desk.path("plate.0003.exr")).expect("it was there");
    let ended = desk.playa(&["render", "shot.playa", "-o", "out/a.####.exr", "--json", "-q"]);
    ended.expect(1, &["frame 2", "plate.0002.exr", "plate.0003.exr", "layer \"Plate\""]);
    assert_eq!(desk.names("out"), ["a.0001.exr", "a.0004.exr"], "the good ones, and nothing half");
    let json = ended.json();
    let outcomes: Vec<_> = (0..4).map(|frame| json["frames"][frame]["outcome"].as_str().expect("text")).collect();
    assert_eq!(outcomes, ["made", "failed", "failed", "made"]);
    assert_eq!((&json["totals"]["made"], &json["totals"]["failed"]), (&2.into(), &2.into()));
}

#[test]
fn wrong_usage_is_told_before_anything_is_written() {
    let desk = Desk::with(&[]);
    desk.plates(3, 6, 5);
    desk.shot(3, 6, 5);
    for (args, parts) in [
        (&["-o", "one.exr"][..], &["3 frames cannot go to one file", "hint: ", "one.####.exr"][..]),
        (&["-o", "a.####.gif"], &["must end in .exr, .png, .jpg", "or .dpx"]),
        (&["-o", "no/such/a.####.exr"], &["no/such", "does not exist"]),
        (&["-o", "plate.%04d.exr"], &["plate.0001.exr", "footage of the project"]),
        (&["-o", "a.####.exr", "--comp", "Mian"], &["did you mean `Main`?"]),
        (&["-o", "a.####.exr", "-F", "1-3:2"], &["1-10x2"]),
        (&["-o", "a.####.exr", "--half", "--float"], &["cannot be used with"]),
        (&["-o", "a.####.exr", "--compression", "lzw"], &["there is no compression", "dwab"]),
        (&["-o", "a.####.png", "--float"], &["--float is for EXR and TIFF"]),
        (&["-o", "a.####.jpg", "--depth", "16"], &["a depth of 16 cannot be written: a .jpg file has 8"]),
        (&["-o", "a.####.tif", "--compression", "zip"], &["none, lzw, deflate, packbits"]),
        (&["-o", "a.####.png", "--quality", "9"], &["--quality is for JPEG"]),
        (&["-o", "a.####.tif", "--float", "--tonemap", "aces"], &["--tonemap is for what a display shows"]),
        (&["-o", "a.####.exr", "--tonemap", "aces"], &["--tonemap is for what a display shows"]),
        (&["-o", "a.####.png", "--tonemap", "agx"], &["there is no tone map", "clamp, reinhard, aces, filmic"]),
        (&["-o", "a.####.exr", "--threads", "0"], &["--threads"]),
        (&["-o", "a.####.exr", "--workers", "0"], &["--workers"]),
        (&["-o", "a.####.exr", "--profile", "no/such/a.json"], &["no/such/a.json", "does not exist"]),
        (&["-o", "a.####.exr", "--report", "no/such/a.json"], &["no/such/a.json", "does not exist"]),
        (&["-o", "a.####.exr", "-o", "./a.%04d.exr"], &["the same files", "hint: "]),
        (
            &["-o", "a.####.exr", "-o", "b.####.png,dpeth=16"],
            &["no option \"dpeth\" (did you mean `depth`?)", "hint: "],
        ),
        (&["-o", "a.####.exr,depth=16"], &["a .exr output has no option \"depth\""]),
        (&["-o", "a.mp4"], &["a.mp4: there is nobody here who writes movies", "pip install 'playa-py[video]'"]),
        (&["-o", "a.####.exr", "-o", "a.mp4,crv=9"], &["a movie has no option \"crv\" (did you mean `crf`?)"]),
        (&["-o", "a.####.exr", "--crf", "9"], &["--crf is for movies"]),
        (&["-o", "plate.####.exr,dtype=float"], &["footage of the project"]),
        (&["-o", "a.####.exr", "--existing", "keep"], &["overwrite, skip, error"]),
        (&["-o", "a.####.exr", "--resume", "--existing", "error"], &["cannot be used with"]),
    ] {
        let before = desk.names(".");
        desk.playa(&[&["render", "shot.playa"], args].concat()).expect(2, parts);
        assert_eq!(desk.names("."), before, "{args:?}");
    }
}

#[test]
fn several_outputs_are_made_of_one_composite_and_flags_are_for_those_that_take_them() {
    let desk = Desk::with(&[]);
    desk.plates(3, 6, 4);
    desk.shot(3, 6, 4);
    let outputs =
        ["render", "shot.playa", "-o", "a.#.exr", "-o", "b/b.#.png,depth=8,proxy=2", "-o", "c.#.tif,depth=16"];
    let ended = desk.playa(&[&outputs[..], &["--float", "--report", "report.json"]].concat());
    // What stands behind an output wins.
    ended.expect(0, &["3 of 3 frames, in", "to a.#.exr and b/b.#.png and c.#.tif"]);
    assert_eq!(read(&desk.path("a.2.exr")).stored, SampleType::Float);
    let half = read(&desk.path("b/b.2.png"));
    assert_eq!((half.stored, half.image.window().width()), (SampleType::Unorm8, 3));
    assert_eq!(read(&desk.path("c.2.tif")).stored, SampleType::Unorm16);
    let text = std::fs::read_to_string(desk.path("report.json")).expect("it is there");
    let report: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(report["project"], "shot.playa");
    assert_eq!(report["outputs"], serde_json::json!(["a.#.exr", "b/b.#.png", "c.#.tif"]));
    let files = report["frames"][1]["outputs"].as_array().expect("a list");
    let paths: Vec<_> = files.iter().map(|file| file["path"].as_str().expect("text")).collect();
    assert_eq!(paths, ["a.2.exr", "b/b.2.png", "c.2.tif"]);
}

#[test]
fn a_render_goes_on_where_it_ended() {
    let desk = Desk::with(&[]);
    desk.plates(4, 6, 5);
    desk.shot(4, 6, 5);
    let render = |more: &[&str]| desk.playa(&[&["render", "shot.playa", "-o", "out/a.#.exr", "--json"], more].concat());
    render(&["-F", "1-2"]).expect(0, &["2 of 2 frames"]);
    let bytes = std::fs::read(desk.path("out/a.2.exr")).expect("it is there");
    std::fs::write(desk.path("out/a.2.exr"), &bytes[..bytes.len() - 1]).expect("it is written");
    render(&["--existing", "error"]).expect(2, &["out/a.1.exr: the file is there already, and so are 1 others"]);
    std::fs::write(desk.path("out/.playa-000000.part"), &bytes[..9]).expect("it is written");
    let ended = render(&["--resume"]);
    ended.expect(0, &["3 of 4 frames, 1 were there", "removed 1 unfinished files of a render that was killed"]);
    let json = ended.json();
    let outcomes: Vec<_> = (0..4).map(|frame| json["frames"][frame]["outcome"].as_str().expect("text")).collect();
    assert_eq!(outcomes, ["skipped", "made", "made", "made"]);
    assert!(json["frames"][1]["outputs"][0]["message"].as_str().is_some_and(|text| text.contains("cannot be read")));
    assert_eq!(desk.names("out"), ["a.1.exr", "a.2.exr", "a.3.exr", "a.4.exr"]);
    assert_eq!(std::fs::read(desk.path("out/a.2.exr")).expect("it is there"), bytes);
    render(&["--existing", "skip"]).expect(0, &["0 of 4 frames, 4 were there"]);
}

#[test]
fn a_tone_map_shows_what_is_brighter_than_white() {
    let desk = Desk::with(&[]);
    desk.plates(3, 6, 5);
    desk.shot(3, 6, 5);
    desk.playa(&["render", "shot.playa", "-o", "a.#.png", "--tonemap", "reinhard"]).expect(0, &[]);
    // Codes of 3/4, 1/5 and 1/3, which x / (1 + x) makes of 3, 1/4 and 1/2.
    let expected = [225, 124, 156, 255].map(|code| srgb_to_linear(f64::from(code) / 255.0) as f32);
    assert_eq!(read(&desk.path("a.3.png")).image.pixel(2, 2), expected);
}

#[test]
fn a_project_that_cannot_be_opened_ends_with_3() {
    let desk = Desk::with(&[]);
    desk.plates(3, 6, 5);
    desk.shot(3, 6, 5);
    let text = std::fs::read_to_string(desk.path("shot.playa")).expect("readable");
    desk.write("bad.playa", &text.replace("width = 6", "width = \"wide\""));
    let line = 1 + text.lines().position(|line| line == "width = 6").expect("it is there");
    let render = |project| desk.playa(&["render", project, "-o", "a.####.exr"]);
    render("bad.playa").expect(3, &["error: ", &format!("bad.playa:{line}"), "wide"]);
    render("absent.playa").expect(3, &["absent.playa", "could not read the project"]);
    desk.write("empty.playa", "playa = 1\n");
    render("empty.playa").expect(3, &["no comp to render"]);
}

#[test]
fn a_missing_effect_fails_the_frame_unless_it_is_to_be_skipped() {
    let desk = Desk::with(&[]);
    desk.plates(1, 6, 5);
    desk.shot(1, 6, 5);
    let text = std::fs::read_to_string(desk.path("shot.playa")).expect("readable");
    let effect = "\n[[comp.layer.effect]]\nuuid = \"00000000-0000-4000-8000-000000000004\"\nid = \"com.example.none\"\n\
                  version = \"1.0.0\"\n";
    desk.write("shot.playa", &(text + effect));
    desk.playa(&["render", "shot.playa", "-o", "a.exr"]).expect(1, &["shot.playa:", "effect com.example.none"]);
    desk.playa(&["render", "shot.playa", "-o", "a.exr", "--skip-missing-effects"]).expect(0, &["com.example.none"]);
    assert_eq!(read(&desk.path("a.exr")).image.pixel(3, 3), [1.0, 0.25, 0.5, 1.0]);
}

#[test]
fn overscan_keeps_what_lies_around_the_frame() {
    let desk = Desk::with(&[]);
    desk.plates(1, 6, 5);
    desk.shot(1, 4, 3);
    let render = |output, more: &[&str]| {
        desk.playa(&[&["render", "shot.playa", "-o", output], more].concat()).expect(0, &[]);
        let picture = read(&desk.path(output));
        (picture.data_window().to_string(), picture.display_window.to_string())
    };
    let frame = playa_host::image::Rect::of_size(4, 3);
    let around = playa_host::image::Rect::new(-1, -1, 5, 4);
    assert_eq!(render("a.exr", &[]), (frame.to_string(), frame.to_string()));
    assert_eq!(render("b.exr", &["--overscan"]), (around.to_string(), frame.to_string()));
}

#[test]
fn any_number_of_threads_gives_the_same_file() {
    let desk = Desk::with(&[]);
    desk.plates(1, 67, 41);
    desk.shot(1, 67, 41);
    let text = std::fs::read_to_string(desk.path("shot.playa")).expect("readable");
    desk.write("shot.playa", &(text + "rotation = [0.0, 0.0, 13.0]\n"));
    let render = |threads| {
        desk.playa(&["render", "shot.playa", "-o", "a.exr", "--threads", threads]).expect(0, &[]);
        std::fs::read(desk.path("a.exr")).expect("readable")
    };
    assert!(render("1") == render("3"));
}

#[test]
fn any_number_of_workers_gives_the_same_files_in_order() {
    let desk = Desk::with(&[]);
    desk.plates(9, 67, 41);
    desk.shot(9, 67, 41);
    std::fs::remove_file(desk.path("plate.0004.exr")).expect("it was there");
    let render = |workers: &str| {
        let output = format!("{workers}/a.####.exr");
        let ended = desk.playa(&["render", "shot.playa", "-o", &output, "--workers", workers, "--json", "-q"]);
        ended.expect(1, &["plate.0004.exr"]);
        let frames: Vec<_> = (0..9).map(|frame| ended.json()["frames"][frame]["frame"].clone()).collect();
        assert_eq!(frames, (1..=9).collect::<Vec<_>>());
        let files = desk.names(workers);
        files
            .iter()
            .map(|name| (name.clone(), std::fs::read(desk.path(workers).join(name)).expect("readable")))
            .collect()
    };
    let one: Vec<_> = render("1");
    assert_eq!(one.len(), 8);
    for workers in ["2", "5", "256"] {
        assert!(render(workers) == one, "{workers}");
    }
}

#[test]
fn a_profile_tells_where_the_time_went_also_when_frames_failed() {
    let desk = Desk::with(&["playa-gaussian-blur", "fixture-gain"]);
    desk.plates(3, 640, 360);
    desk.shot(3, 640, 360);
    std::fs::remove_file(desk.path("plate.0002.exr")).expect("it was there");
    let text = std::fs::read_to_string(desk.path("shot.playa")).expect("readable");
    let effect = |uuid, id| {
        let uuid = format!("uuid = \"00000000-0000-4000-8000-00000000000{uuid}\"");
        format!("\n[[comp.layer.effect]]\n{uuid}\nid = \"{id}\"\nversion = \"1.0.0\"\n")
    };
    let effects = effect(4, "org.playa.gaussian_blur") + &effect(5, "com.example.gain");
    desk.write("shot.playa", &(text + "rotation = [0.0, 0.0, 13.0]\n" + &effects));

    let args = ["render", "shot.playa", "-o", "a.####.exr", "--json", "--profile", "trace.json", "--workers", "1"];
    let ended = desk.playa(&args);
    ended.expect(1, &["SECONDS", "KIND", "plate.0001.exr", "seconds of all threads"]);
    let json = ended.json();
    let rows = json["profile"].as_array().expect("a list");
    let row = |kind: &str, label: &str| {
        let found =
            rows.iter().find(|row| row["kind"] == kind && row["label"].as_str().is_some_and(|l| l.contains(label)));
        found.unwrap_or_else(|| panic!("no {kind} of {label} in {rows:?}"))
    };
    for frame in [1, 3] {
        row("read", &format!("plate.000{frame}.exr"));
        let encoded = row("encode", &format!("a.000{frame}.exr"));
        let file = desk.path(&format!("a.000{frame}.exr"));
        assert_eq!(encoded["bytes"], file.metadata().expect("it is there").len());
    }
    let plate = "layer \"Plate\" of comp \"Main\"";
    let gain = row("effect", &format!("Gain of {plate}"));
    let paint = row("paint", "comp \"Main\"");
    for row in
        [row("effect", &format!("GaussianBlur of {plate}")), gain, paint, row("sample", plate), row("graph", "Main")]
    {
        assert!(
            row["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0) && row["pieces"].as_u64() > Some(1),
            "{row}"
        );
    }
    let picture = 2 * 640 * 360 * 16;
    assert_eq!((&gain["bytes"], &paint["bytes"]), (&picture.into(), &picture.into()), "two frames, each pixel once");

    // What the threads were busy with, from the trace: the time in which a thread has any span that is work.
    let trace: serde_json::Value =
        serde_json::from_slice(&std::fs::read(desk.path("trace.json")).expect("it is there")).expect("it is JSON");
    let events = trace["traceEvents"].as_array().expect("a list");
    let mut spans: Vec<(u64, f64, f64)> = Vec::new();
    for event in events.iter().filter(|event| event["ph"] == "X") {
        let number = |name: &str| event[name].as_f64().expect("a number");
        spans.push((event["tid"].as_u64().expect("a number"), number("ts"), number("ts") + number("dur")));
    }
    assert!(events.iter().any(|event| event["name"] == "frame 3 of comp \"Main\""));
    spans.sort_by(|a, b| a.partial_cmp(b).expect("no NaN"));
    let (mut busy, mut until) = (0.0, (u64::MAX, 0.0));
    for (thread, start, end) in spans {
        let begin = if until.0 == thread { start.max(until.1) } else { start };
        busy += (end - begin).max(0.0) / 1e6;
        until = (thread, if until.0 == thread { end.max(until.1) } else { end });
    }
    let seconds: f64 = rows.iter().map(|row| row["seconds"].as_f64().expect("a number")).sum();
    assert!(seconds <= busy * 1.000_001, "{seconds} of {busy}: nothing counts twice");
    // The thread of the frames waits while those of the pool work: that is less than it was around.
    let wall = json["totals"]["seconds"].as_f64().expect("a number");
    assert!(seconds > wall * 0.5, "{seconds} of {wall}: most of the time is accounted for");
}

#[test]
fn a_profile_tells_what_the_cache_had() {
    let desk = Desk::with(&[]);
    desk.plates(1, 8, 6);
    desk.shot(1, 8, 6);
    let text = std::fs::read_to_string(desk.path("shot.playa")).expect("readable");
    // Held for ten frames: nine of them are the first one.
    desk.write(
        "shot.playa",
        &text
            .replace("out = 1\n\n[[comp.layer]]", "out = 10\n\n[[comp.layer]]")
            .replace("src_len = 1", "src_len = 1\ntrim_out = -9.0"),
    );
    let args = ["render", "shot.playa", "-o", "a.####.exr", "--json", "-q", "--profile", "t.json", "--workers", "1"];
    let ended = desk.playa(&args);
    ended.expect(0, &[]);
    assert_eq!(ended.err, "", "quiet is quiet");
    let json = ended.json();
    let rows = json["profile"].as_array().expect("a list");
    let pieces =
        |kind: &str| rows.iter().filter(|row| row["kind"] == kind).filter_map(|row| row["pieces"].as_u64()).sum();
    let counts: [u64; 3] = ["read", "cached", "encode"].map(pieces);
    assert_eq!(counts, [1, 9, 10]);
}
