//! OpenEXR: which channels are shown.

use half::f16;
use playa_host::image::{Channel, Frame, Image, Rect, Samples};
use playa_host::media::{ChannelSet, PartSelector, ReadOptions, WriteOptions, read, write};

/// A file of one pixel with the named channels beside R, G, B and A, which hold 1, 2, 3 and 0.5.
fn one_pixel(channels: &[(&str, f32)]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pixel.exr");
    let mut frame = Frame::new(Image::from_vec(Rect::of_size(1, 1), vec![1.0, 2.0, 3.0, 0.5]).unwrap());
    frame.channels = channels
        .iter()
        .map(|(name, value)| Channel { name: name.to_string(), samples: Samples::F16([f16::from_f32(*value)].into()) })
        .collect();
    write(&path, &frame, &WriteOptions::default()).unwrap();
    (folder, path)
}

/// Renames channels within a file, to names of the same length.
fn rename(path: &std::path::Path, names: &[(&str, &str)]) {
    let mut bytes = std::fs::read(path).unwrap();
    for (from, to) in names {
        // A name in the list of channels is followed by the number of the half type.
        let find = [from.as_bytes(), &[0, 1, 0, 0, 0]].concat();
        let at = bytes.windows(find.len()).position(|window| window == find).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    std::fs::write(path, bytes).unwrap();
}

fn names(frame: &Frame) -> Vec<&str> {
    frame.channels.iter().map(|channel| channel.name.as_str()).collect()
}

#[test]
fn a_layer_is_shown_by_its_prefix_with_its_own_channels() {
    let (_folder, path) = one_pixel(&[("light.B", 6.0), ("light.G", 5.0), ("light.R", 4.0), ("light.spec.R", 7.0)]);
    let frame = read(&path, &ReadOptions { channels: Some("light".parse().unwrap()), ..Default::default() }).unwrap();
    assert_eq!(frame.image.pixel(0, 0), [4.0, 5.0, 6.0, 1.0], "a missing A is 1");
    assert_eq!(names(&frame), ["spec.R"]);
    let frame =
        read(&path, &ReadOptions { channels: Some("light.spec".parse().unwrap()), ..Default::default() }).unwrap();
    assert_eq!(frame.image.pixel(0, 0), [7.0, 7.0, 7.0, 1.0], "a lone R is grey");
    assert_eq!(names(&frame), ["R"]);
    let main = read(&path, &ReadOptions::default()).unwrap();
    assert_eq!(main.image.pixel(0, 0), [1.0, 2.0, 3.0, 0.5]);
    assert_eq!(names(&main), ["light.B", "light.G", "light.R", "light.spec.R"]);
    let colour = read(&path, &ReadOptions { kept: ChannelSet::RgbaOnly, ..Default::default() }).unwrap();
    assert!(colour.channels.is_empty());
}

/// Nothing is looked for outside the layer that was asked for.
#[test]
fn a_layer_without_colour_shows_its_first_channel() {
    let (_folder, path) = one_pixel(&[("light.R", 4.0), ("pass.Z", 9.0), ("pass.id", 8.0)]);
    let frame = read(&path, &ReadOptions { channels: Some("pass".parse().unwrap()), ..Default::default() }).unwrap();
    assert_eq!(frame.image.pixel(0, 0), [9.0, 9.0, 9.0, 1.0]);
    assert_eq!(names(&frame), ["Z", "id"]);
}

#[test]
fn a_layer_that_is_not_there_is_an_error_that_lists_the_layers() {
    let (_folder, path) = one_pixel(&[("light.R", 4.0), ("id.N", 5.0)]);
    let error =
        read(&path, &ReadOptions { channels: Some("lihgt".parse().unwrap()), ..Default::default() }).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("no channels \"lihgt\"; it has the layers id, light and the channels A, B, G, R, id.N, light.R"),
        "{error}"
    );
    let error = read(&path, &ReadOptions { part: Some(PartSelector::Index(3)), ..Default::default() }).unwrap_err();
    assert!(error.to_string().ends_with("there is no part 3; it has 0"), "{error}");
}

/// R, G, B, A hold 1, 2, 3, 0.5; they are renamed to other names in the same order of the alphabet.
#[test]
fn other_channels_are_shown_as_the_rules_say() {
    for (renamed, shown, kept) in [
        // In the file: A B G R.
        (&[("B", "S"), ("G", "T"), ("R", "Y")][..], [1.0, 1.0, 1.0, 0.5], &["S", "T", "Y"][..]),
        (&[("A", "M"), ("B", "N"), ("G", "O")], [1.0, 1.0, 1.0, 1.0], &["M", "N", "O", "R"]),
        (&[("B", "E"), ("G", "F")], [1.0, 1.0, 1.0, 0.5], &["E", "F", "R"]),
        (&[("R", "Z")], [0.0, 2.0, 3.0, 0.5], &["Z"]),
        (&[("A", "U"), ("B", "V"), ("G", "W"), ("R", "Z")], [0.5, 0.5, 0.5, 1.0], &["U", "V", "W", "Z"]),
        (&[("B", "b"), ("G", "g"), ("R", "r")], [1.0, 2.0, 3.0, 0.5], &["b", "g", "r"]),
    ] {
        let (_folder, path) = one_pixel(&[]);
        rename(&path, renamed);
        let frame = read(&path, &ReadOptions::default()).unwrap();
        assert_eq!(frame.image.pixel(0, 0), shown, "{renamed:?}");
        assert_eq!(names(&frame), kept, "{renamed:?}");
    }
}

#[test]
fn a_frame_refuses_to_be_written_with_a_channel_twice_or_of_the_wrong_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.exr");
    let mut frame = Frame::new(Image::transparent(Rect::of_size(2, 2)).unwrap());
    let channel = |n: usize| Channel { name: "Z".to_owned(), samples: Samples::F32(vec![0.0; n].into()) };
    frame.channels = vec![channel(4), channel(4)];
    let error = write(&path, &frame, &WriteOptions::default()).unwrap_err();
    assert!(error.to_string().contains("the channel \"Z\" cannot be written: the frame has it twice"), "{error}");
    frame.channels = vec![channel(3)];
    let error = write(&path, &frame, &WriteOptions::default()).unwrap_err();
    assert!(error.to_string().contains("3 samples do not fill the window [0, 2) x [0, 2)"), "{error}");
}
