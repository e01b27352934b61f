//! Deliveries of a comp of pictures in memory.

use std::fs;
use std::path::Path;

use uuid::Uuid;

use super::*;
use crate::engine::Engine;
use crate::image::{Image, MetaValue, Rect};
use crate::media::{self, ReadOptions, WriteOptions};
use crate::project::{LayerSource, Project, Value};
use crate::render::{Profile, RenderOptions};

/// A comp of 40x30 pixels over frames 0 to 3, which shows one picture.
fn comp(engine: &Engine) -> (Project, Uuid) {
    let project = engine.new_project();
    let size = [("width", Value::Int(40)), ("height", Value::Int(30)), ("out", Value::Int(3))];
    let comp = project.add_comp("Main", &size).expect("a comp");
    let pixels = (0..40 * 30).flat_map(|i| [i as f32 / 1200.0, 0.25, 0.5, 1.0]).collect::<Vec<_>>();
    let image = Image::from_vec(Rect::of_size(40, 30), pixels).expect("it fits");
    let layer = project.add_layer(comp, LayerSource::Memory(Arc::new(Frame::new(image))), None).expect("a layer");
    project.set_attr(crate::project::Node::Layer(layer), "src_len", &Value::Int(4)).expect("it is set");
    (project, comp)
}

struct Desk {
    folder: tempfile::TempDir,
    engine: Engine,
    project: Project,
    comp: Uuid,
}

impl Desk {
    fn new() -> Self {
        let (folder, engine) = (tempfile::tempdir().expect("a folder"), Engine::default());
        let (project, comp) = comp(&engine);
        Self { folder, engine, project, comp }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn delivery(&self, outputs: &[&str], existing: Existing) -> Delivery {
        let batch = self.engine.batch(&self.project, self.comp, (0..4).collect(), RenderOptions::default());
        let output = |text: &&str| Output::parse(&self.path(text).display().to_string()).expect("an output");
        Delivery {
            batch,
            outputs: outputs.iter().map(output).collect(),
            movies: Vec::new(),
            existing,
            pictures: Vec::new(),
        }
    }

    fn report(&self, outputs: &[&str], existing: Existing) -> Report {
        let mut deliveries = self.delivery(outputs, existing).start().expect("it starts");
        let frames = deliveries.by_ref().map(|delivered| delivered.report).collect();
        deliveries.report(frames)
    }
}

fn read(path: &Path) -> Frame {
    media::read(path, &ReadOptions::default()).expect("it can be read")
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.frames.iter().map(|frame| frame.outcome).collect()
}

#[test]
fn one_composite_becomes_several_files_each_with_its_own_options() {
    let desk = Desk::new();
    let mut delivery = desk.delivery(&["a.#.exr,dtype=float", "b.#.png,depth=16,proxy=2"], Existing::Overwrite);
    let profile = Arc::new(Profile::default());
    delivery.batch.options.profile = Some(Arc::clone(&profile));
    let mut deliveries = delivery.start().expect("it starts");
    let frames: Vec<_> = deliveries.by_ref().map(|delivered| delivered.report).collect();
    let report = deliveries.report(frames);
    let totals = &report.totals;
    assert_eq!((totals.made, totals.skipped, totals.failed, totals.interrupted), (4, 0, 0, false));
    let composites: usize = profile.rows().iter().filter(|row| row.kind == "graph").map(|row| row.pieces).sum();
    assert_eq!(composites, 4, "a frame is made once");
    let mut bytes = 0;
    for frame in 0..4 {
        let whole = read(&desk.path(&format!("a.{frame}.exr")));
        assert_eq!(whole.image.pixel(7, 3), [127.0 / 1200.0, 0.25, 0.5, 1.0]);
        let half = read(&desk.path(&format!("b.{frame}.png")));
        assert_eq!(half.display_window, Rect::of_size(20, 15));
        // The mean of 86, 87, 126 and 127 of 1200, in codes of 16 bits.
        assert!((half.image.pixel(3, 1)[0] - 106.5 / 1200.0).abs() < 1e-5, "{:?}", half.image.pixel(3, 1));
        for (file, name) in
            report.frames[frame].outputs.iter().zip([format!("a.{frame}.exr"), format!("b.{frame}.png")])
        {
            assert_eq!((file.path.clone(), file.outcome), (desk.path(&name), Outcome::Made));
            assert_eq!(file.bytes, Some(fs::metadata(&file.path).expect("it is there").len()));
            bytes += file.bytes.unwrap_or(0);
        }
        let seconds = report.frames[frame].seconds;
        let parts = seconds.check + seconds.wait + seconds.decode + seconds.composite + seconds.encode;
        assert!(seconds.encode > 0.0 && parts <= seconds.total, "{seconds:?}");
    }
    assert_eq!(totals.bytes, bytes);
}

#[test]
fn good_files_are_skipped_and_all_others_made_again() {
    let desk = Desk::new();
    let outputs = ["a.#.exr", "b.#.png"];
    desk.report(&outputs, Existing::Overwrite);
    let times = |name: &str| fs::metadata(desk.path(name)).and_then(|facts| facts.modified()).expect("it is there");
    let names: Vec<String> = (0..4).flat_map(|i| [format!("a.{i}.exr"), format!("b.{i}.png")]).collect();
    let before: Vec<_> = names.iter().map(|name| times(name)).collect();
    let again = desk.report(&outputs, Existing::Skip);
    assert_eq!(outcomes(&again), [Outcome::Skipped; 4]);
    assert_eq!(names.iter().map(|name| times(name)).collect::<Vec<_>>(), before, "they were not touched");
    assert_eq!(again.totals.bytes, 0);

    // The end of a file is lost; another is gone; a third is of another size; a fourth is no picture.
    let bytes = fs::read(desk.path("a.0.exr")).expect("it is there");
    fs::write(desk.path("a.0.exr"), &bytes[..bytes.len() - 40]).expect("it is written");
    fs::remove_file(desk.path("a.1.exr")).expect("it was there");
    let small = Frame::new(Image::transparent(Rect::of_size(4, 4)).expect("it fits"));
    media::write(desk.path("b.2.png"), &small, &WriteOptions::default()).expect("it is written");
    fs::write(desk.path("b.3.png"), "half of it").expect("it is written");
    let mended = desk.report(&outputs, Existing::Skip);
    assert_eq!(outcomes(&mended), [Outcome::Made; 4]);
    let file = |frame: usize, output: usize| &mended.frames[frame].outputs[output];
    for (frame, output, why) in [(0, 0, "cannot be read"), (2, 1, "was 4x4"), (3, 1, "cannot be read")] {
        assert!(file(frame, output).message.as_ref().is_some_and(|message| message.contains(why)), "{mended:?}");
        assert_eq!(file(frame, 1 - output).outcome, Outcome::Skipped, "the other file of the frame is good");
    }
    assert_eq!((file(1, 0).outcome, &file(1, 0).message), (Outcome::Made, &None));
    assert_eq!(fs::read(desk.path("a.0.exr")).expect("it is there"), bytes);
    assert_eq!(outcomes(&desk.report(&outputs, Existing::Skip)), [Outcome::Skipped; 4]);
}

#[test]
fn a_file_that_says_of_which_content_it_is_must_be_of_that() {
    let desk = Desk::new();
    let batch = desk.delivery(&["a.#.exr"], Existing::Skip).batch;
    let key = batch.renderer.key(&batch.document, &batch.effects, batch.comp, 0, &batch.options).expect("it is known");
    let outcome_with = |hash: &str| {
        let mut frame = Frame::new(Image::transparent(Rect::of_size(40, 30)).expect("it fits"));
        frame.metadata.insert("playa:hash", MetaValue::Text(hash.to_owned()));
        media::write(desk.path("a.0.exr"), &frame, &WriteOptions::default()).expect("it is written");
        desk.report(&["a.#.exr"], Existing::Skip).frames[0].outputs[0].clone()
    };
    assert_eq!(outcome_with(&key.to_string()).outcome, Outcome::Skipped);
    let other = outcome_with("00112233445566778899aabbccddeeff");
    assert_eq!(other.outcome, Outcome::Made);
    assert!(other.message.is_some_and(|message| message.contains("other content")));
}

#[test]
fn files_that_are_there_can_be_an_error_before_anything_begins() {
    let desk = Desk::new();
    fs::write(desk.path("a.2.exr"), "mine").expect("it is written");
    fs::write(desk.path("a.3.exr"), "mine").expect("it is written");
    let error = desk.delivery(&["b.#.exr", "a.#.exr"], Existing::Error).start().expect_err("it is there");
    assert!(error.is_usage && error.message.contains("a.2.exr: the file is there already, and so are 1"), "{error}");
    assert_eq!(fs::read_dir(desk.folder.path()).expect("readable").count(), 2, "nothing was written");
}

#[test]
fn pictures_come_in_order_also_of_frames_whose_files_are_there() {
    let desk = Desk::new();
    desk.report(&["a.#.exr"], Existing::Overwrite);
    let mut delivery = desk.delivery(&["a.#.exr"], Existing::Skip);
    delivery.pictures = vec![Proxy::FULL, "4".parse().expect("a proxy")];
    let mut next = 0;
    for delivered in delivery.start().expect("it starts") {
        assert_eq!((delivered.report.frame, delivered.report.outputs[0].outcome), (next, Outcome::Skipped));
        assert_eq!(delivered.report.outcome, Outcome::Skipped);
        let sizes: Vec<_> = delivered.pictures.iter().map(|picture| picture.display_window).collect();
        assert_eq!(sizes, [Rect::of_size(40, 30), Rect::of_size(10, 8)]);
        next += 1;
    }
    assert_eq!(next, 4);
}

#[test]
fn a_frame_that_cannot_be_made_fails_with_all_of_its_files() {
    let desk = Desk::new();
    let mut delivery = desk.delivery(&["a.#.exr", "b.#.png"], Existing::Overwrite);
    delivery.batch.comp = Uuid::nil();
    let mut deliveries = delivery.start().expect("it starts");
    let frames: Vec<_> = deliveries.by_ref().map(|delivered| delivered.report).collect();
    let report = deliveries.report(frames);
    assert_eq!((report.totals.failed, report.totals.made), (4, 0));
    let first = &report.frames[0];
    assert!(first.error.as_ref().is_some_and(|error| error.contains("has no comp")));
    assert!(first.outputs.iter().all(|file| file.outcome == Outcome::Failed && file.bytes.is_none()));
    assert_eq!(fs::read_dir(desk.folder.path()).expect("readable").count(), 0);
}

#[test]
fn what_a_killed_render_left_is_removed_and_what_is_being_written_stays() {
    let desk = Desk::new();
    let (left, theirs) = (desk.path(".playa-abc123.part"), desk.path("notes.part"));
    fs::write(&left, "half of it").expect("it is written");
    fs::write(&theirs, "mine").expect("it is written");
    let busy = desk.path(".playa-busy.part");
    let file = fs::File::create(&busy).expect("it is written");
    file.lock().expect("there are locks here");
    desk.report(&["a.#.exr"], Existing::Overwrite);
    assert_eq!([left.exists(), busy.exists(), theirs.exists()], [false, true, true]);
}

#[test]
fn an_output_is_a_path_with_options_behind_it() {
    let output = Output::parse("out, v=2/a,b.####.png,depth=16, tonemap=aces,alpha=false,proxy=4").expect("an output");
    assert_eq!(output.path(7), Path::new("out, v=2/a,b.0007.png"));
    assert_eq!((output.write.depth, output.write.alpha), (Some(media::Depth::Sixteen), Some(false)));
    assert_eq!((output.tonemap, output.proxy), (crate::view::Tonemap::Aces, "4".parse().ok()));
    for (text, parts) in [
        ("a.gif", &["must end in .exr"][..]),
        ("a.png,dpeth=8", &["no option \"dpeth\"", "did you mean `depth`"]),
        ("a.png,quality=8", &["a .png output has no option \"quality\""]),
        ("a.exr,depth=16", &["a .exr output has no option \"depth\""]),
        ("a.exr,compression=lzw", &["compression: there is no compression", "dwab"]),
        ("a.exr,dtype=int", &["dtype: \"int\": expected half or float"]),
        ("a.exr,tonemap=aces", &["tonemap: it is for what a display shows"]),
        ("a.tif,dtype=float,tonemap=aces", &["tonemap: it is for what a display shows"]),
        ("a.jpg,quality=101", &["a quality of 101 cannot be written"]),
        ("a.jpg,quality=high", &["quality: \"high\": expected a number"]),
        ("a.png,alpha=maybe", &["expected true or false"]),
        ("a.png,proxy=3", &["a proxy of 3: expected 1, 2, 4 or 8"]),
    ] {
        let error = Output::parse(text).expect_err(text);
        let told = format!("{error} {}", error.hint.clone().unwrap_or_default());
        assert!(error.is_usage && parts.iter().all(|part| told.contains(part)), "{text}: {told}");
    }
}

#[test]
fn outputs_that_would_write_over_each_other_are_refused() {
    let desk = Desk::new();
    let error = desk.delivery(&["a.#.exr", "./a.%d.exr"], Existing::Overwrite).start().expect_err("one file");
    assert!(error.message.contains("the same files"), "{error}");
    let none = desk.delivery(&[], Existing::Overwrite).start().expect_err("no output");
    assert!(none.message.contains("there is no output"), "{none}");
}
