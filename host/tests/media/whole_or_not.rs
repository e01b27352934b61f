//! Writing leaves a whole file, or what was there before.

use playa_host::atomic::write_atomic;
use playa_host::image::{Frame, Image, MetaValue, Rect};
use playa_host::media::{Problem, WriteOptions, write};

fn frame() -> Frame {
    Frame::new(Image::transparent(Rect::of_size(3, 2)).unwrap())
}

fn listing(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_error_leaves_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.exr", "a.png"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "old").unwrap();
        let mut bad = frame();
        bad.display_window = Rect::EMPTY;
        let error = write(&path, &bad, &WriteOptions::default()).unwrap_err();
        assert!(matches!(error.problem, Problem::Unwritable { .. }), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }
    let path = folder.path().join("a.exr");
    let broken = write_atomic(&path, |out| {
        std::io::Write::write_all(out, b"half of it")?;
        Err(std::io::Error::other("the disk is full"))
    });
    assert_eq!(broken.unwrap_err().to_string(), "the disk is full");
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(listing(folder.path()), ["a.exr", "a.png"]);
}

#[test]
fn an_existing_file_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.EXR");
    std::fs::write(&path, "old").unwrap();
    write(&path, &frame(), &WriteOptions::default()).unwrap();
    assert_eq!(&std::fs::read(&path).unwrap()[..4], [0x76, 0x2f, 0x31, 0x01]);
    assert_eq!(listing(folder.path()), ["a.EXR"]);
}

#[test]
fn what_has_no_place_in_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let reason = |name: &str, change: &dyn Fn(&mut Frame)| {
        let mut frame = frame();
        change(&mut frame);
        write(folder.path().join(name), &frame, &WriteOptions::default()).unwrap_err().to_string()
    };
    for (found, expected) in [
        (
            reason("a.jpeg2", &|_| ()),
            "the file name must end in .exr, .png, .jpg, .tif, .tga, .hdr, .webp, .bmp or .dpx to say what to write",
        ),
        (reason("none/a.exr", &|_| ()), "none"),
        (
            reason("a.exr", &|frame| frame.metadata.insert("compression", MetaValue::Int(1))),
            "the attribute \"compression\" cannot be written: it says how the pixels are stored",
        ),
        (reason("a.exr", &|frame| frame.metadata.insert("", MetaValue::Int(1))), "a name has 1 to 255 bytes"),
        (reason("a.exr", &|frame| frame.pixel_aspect = f32::NAN), "a pixel aspect of NaN"),
        (reason("a.exr", &|frame| frame.image = Image::transparent(Rect::EMPTY).unwrap()), "no empty windows"),
    ] {
        assert!(found.contains(expected), "{found:?} does not say {expected:?}");
    }
    assert!(listing(folder.path()).is_empty());
}
