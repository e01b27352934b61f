//! `playa diff`.

use playa_host::image::{Frame, Image, Rect};
use playa_host::media::{self, ColourType, WriteOptions};

use super::{Desk, read};

/// An EXR of floats, 12 x 11 pixels of one colour but for one pixel.
fn picture(desk: &Desk, name: &str, colour: [f32; 4], odd: Option<(i32, i32, [f32; 4])>) {
    let window = Rect::of_size(12, 11);
    let mut pixels = colour.repeat(12 * 11);
    if let Some((x, y, colour)) = odd {
        let at = (y * 12 + x) as usize * 4;
        pixels[at..at + 4].copy_from_slice(&colour);
    }
    let options = WriteOptions { colour: ColourType::Float, ..WriteOptions::default() };
    let frame = Frame::new(Image::from_vec(window, pixels).expect("the size fits"));
    media::write(desk.path(name), &frame, &options).expect("written");
}

const GREY: [f32; 4] = [0.5, 0.5, 0.5, 1.0];

#[test]
fn equal_pictures_end_well_and_others_by_their_limit() {
    let desk = Desk::with(&[]);
    picture(&desk, "a.exr", GREY, None);
    picture(&desk, "b.exr", GREY, Some((7, 3, [0.5, 0.625, 0.5, 1.0])));
    let equal = desk.playa(&["diff", "a.exr", "a.exr"]);
    equal.expect(0, &[]);
    assert!(equal.out.contains("inf dB"), "{equal:?}");
    let different = desk.playa(&["diff", "a.exr", "b.exr"]);
    different.expect(1, &[]);
    assert!(different.out.contains("0.125000") && different.out.contains("7, 3 g      beyond"), "{different:?}");
    desk.playa(&["diff", "a.exr", "b.exr", "--fail", "0.125"]).expect(0, &[]);
    desk.playa(&["diff", "a.exr", "b.exr", "--fail", "0.124"]).expect(1, &[]);
    desk.playa(&["diff", "a.exr", "b.exr", "--warn", "0.1"]).expect(0, &["warning: max is beyond 0.1 in 1 of 1 pairs"]);
    desk.playa(&["diff", "a.exr", "b.exr", "--metric", "psnr", "--fail", "46"]).expect(1, &[]);
    desk.playa(&["diff", "a.exr", "b.exr", "--metric", "psnr", "--fail", "45"]).expect(0, &[]);
    for metric in ["mean", "rms", "psnr", "ssim", "flip", "hdr_flip"] {
        desk.playa(&["diff", "a.exr", "a.exr", "-m", metric]).expect(0, &[]);
        desk.playa(&["diff", "a.exr", "b.exr", "-m", metric, "-q"]).expect(1, &[]);
    }
}

#[test]
fn sequences_are_compared_frame_by_frame() {
    let desk = Desk::with(&[]);
    desk.plates(4, 12, 11);
    picture(&desk, "still.exr", [2.0, 0.25, 0.5, 1.0], None);
    let json = desk.playa(&["diff", "plate.####.exr", "still.exr", "--fail", "1", "--json"]);
    json.expect(1, &[]);
    let json = json.json();
    let pairs = json["pairs"].as_array().expect("a list");
    let told: Vec<_> =
        pairs.iter().map(|pair| (pair["frame"].as_i64(), pair["max"].as_f64(), pair["verdict"].as_str())).collect();
    let expected = [(1, 1.0, "within"), (2, 0.0, "within"), (3, 1.0, "within"), (4, 2.0, "beyond")];
    assert_eq!(told, expected.map(|(frame, max, verdict)| (Some(frame), Some(max), Some(verdict))));
    assert_eq!(json["beyond"], 1);
    assert_eq!(pairs[3]["at"], serde_json::json!({ "x": 0, "y": 0, "channel": "r" }));
    assert_eq!(pairs[1]["at"], serde_json::Value::Null);
    desk.playa(&["diff", "plate.####.exr", "still.exr", "--fail", "1", "-F", "1-3"]).expect(0, &[]);

    std::fs::create_dir(desk.path("other")).expect("a folder");
    for frame in [1, 3] {
        std::fs::copy(desk.path(&format!("plate.000{frame}.exr")), desk.path(&format!("other/p.{frame}.exr")))
            .expect("copied");
    }
    let gaps = desk.playa(&["diff", "plate.####.exr", "other/p.#.exr", "--json"]);
    gaps.expect(3, &["other/p.2.exr", "other/p.4.exr"]);
    assert_eq!((&gaps.json()["failed"], &gaps.json()["beyond"]), (&2.into(), &0.into()));
}

#[test]
fn errors_are_written_as_a_picture() {
    let desk = Desk::with(&[]);
    picture(&desk, "a.exr", GREY, None);
    picture(&desk, "b.exr", GREY, Some((7, 3, [0.5, 0.625, 0.5, 0.75])));
    desk.playa(&["diff", "a.exr", "b.exr", "-o", "error.exr"]).expect(1, &[]);
    let errors = read(&desk.path("error.exr"));
    assert_eq!(errors.image.pixel(7, 3), [0.25, 0.25, 0.25, 1.0], "at least the difference of alpha");
    assert_eq!(errors.image.pixel(6, 3), [0.0, 0.0, 0.0, 1.0]);
    desk.playa(&["diff", "a.exr", "b.exr", "-m", "flip", "-o", "error.png"]).expect(1, &[]);
    let [r, g, b, a] = read(&desk.path("error.png")).image.pixel(7, 3);
    assert!(r > 0.05 && r == g && g == b && a == 1.0, "{r} {g} {b} {a}");
    let same = std::fs::read(desk.path("a.exr")).expect("readable");
    desk.playa(&["diff", "a.exr", "b.exr", "-o", "a.exr"]).expect(2, &["a.exr: this file is one of those to compare"]);
    assert_eq!(std::fs::read(desk.path("a.exr")).expect("readable"), same);
}

#[test]
fn what_cannot_be_compared_ends_with_3_and_wrong_usage_with_2() {
    let desk = Desk::with(&[]);
    picture(&desk, "a.exr", GREY, None);
    desk.plates(1, 6, 5);
    desk.write("text.exr", "no picture");
    desk.playa(&["diff", "a.exr", "absent.exr"]).expect(3, &["absent.exr: no such file"]);
    desk.playa(&["diff", "a.exr", "text.exr"]).expect(3, &["text.exr: not a picture"]);
    desk.playa(&["diff", "a.exr", "plate.0001.exr"]).expect(3, &["12 x 11 and 6 x 5 pixels"]);
    desk.playa(&["diff", "plate.0001.exr", "plate.0001.exr", "-m", "ssim"]).expect(3, &["too few for SSIM"]);
    desk.playa(&["diff", "a.exr", "a.exr", "-m", "flip", "--ppd", "0"]).expect(2, &["expected 1 to 1000"]);
    desk.playa(&["diff", "a.exr", "a.exr", "-F", "1-3"]).expect(2, &["-F is for sequences"]);
    desk.playa(&["diff", "a.exr", "a.exr", "-m", "dssim"]).expect(2, &["there is no metric \"dssim\""]);
    desk.playa(&["diff", "a.exr", "a.exr", "-o", "error.gif"]).expect(2, &["must end in .exr, .png"]);
    desk.playa(&["diff", "a.exr"]).expect(2, &[]);
}
