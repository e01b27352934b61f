use super::*;

pub(super) fn folder(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in names {
        std::fs::write(folder.path().join(name), b"").expect("a file");
    }
    folder
}

fn find(folder: &tempfile::TempDir, name: &str) -> Result<Sequence, SequenceError> {
    let path = folder.path().join(name);
    Sequence::find(Pattern::parse(path.to_str().expect("UTF-8"))?)
}

#[test]
fn notations_name_the_same_files_and_are_kept() {
    for (text, frame, path) in [
        ("a/fg.####.exr", 12, "a/fg.0012.exr"),
        ("a/fg.@@@@.exr", 12, "a/fg.0012.exr"),
        ("a/fg.%04d.exr", 12, "a/fg.0012.exr"),
        ("a/fg.$F4.exr", 12, "a/fg.0012.exr"),
        ("a/fg.$F.exr", 12, "a/fg.12.exr"),
        ("fg%d.exr", 7, "fg7.exr"),
        ("fg.#.exr", 7, "fg.7.exr"),
        ("fg.####.exr", 123_456, "fg.123456.exr"),
        ("fg.####.exr", -1, "fg.-001.exr"),
        ("50%/a#b/still.exr", 3, "50%/a#b/still.exr"),
        ("100%.exr", 3, "100%.exr"),
        ("ünï.###.exr", 1, "ünï.001.exr"),
    ] {
        let pattern = Pattern::parse(text).expect(text);
        assert_eq!(pattern.path(frame), PathBuf::from(path), "{text}");
        assert_eq!(pattern.to_string(), text);
    }
    for (text, reason) in [
        ("a##_##.exr", "two places for a frame number"),
        ("folder/", "expected a file name"),
        ("a.%0999999d.exr", "at most 20"),
        ("", "expected a file name"),
        ("tex.<UDIM>.exr", "<udim> stands for the tiles of a texture, and Playa composites frames; name one tile"),
        ("tex_%(UDIM)d.exr", "write #### if these are frames"),
    ] {
        let error = Pattern::parse(text).expect_err(text).to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn a_folder_read_finds_first_last_and_gaps() {
    let folder = folder(&[
        "fg.0001.exr",
        "fg.0002.exr",
        "fg.0005.exr",
        "fg.-003.exr",
        "fg.10000.exr",
        "fg.00012.exr",
        "fg.7.exr",
        "xfg.0003.exr",
        "fg.0003.png",
    ]);
    for notation in ["####", "%04d", "@@@@", "$F4"] {
        let sequence = find(&folder, &format!("fg.{notation}.exr")).expect(notation);
        assert_eq!(sequence.bounds(), Some((-3, 10_000)));
        assert_eq!(sequence.gaps(), [(-2, 0), (3, 4), (6, 9999)]);
        assert!(!sequence.is_still());
    }
}

#[test]
fn a_single_file_is_a_still_even_where_its_name_holds_a_number_sign() {
    let folder = folder(&["plate.exr", "take#2.exr"]);
    for name in ["plate.exr", "take#2.exr"] {
        let still = find(&folder, name).expect(name);
        assert!(still.is_still());
        assert_eq!(still.warning(), None);
        let file = Footage::File(folder.path().join(name));
        assert_eq!(still.footage(99, Missing::Error), Ok(file.clone()));
    }
}

#[test]
fn a_movie_has_its_frames_in_one_file() {
    let folder = folder(&["take#2.mov"]);
    let movie = find(&folder, "take#2.mov").expect("it is there").with_frames(10);
    assert!(movie.is_movie() && !movie.is_still());
    assert_eq!((movie.bounds(), movie.gaps(), movie.warning()), (Some((0, 9)), Vec::new(), None));
    let frame = |number| Ok(Footage::Movie(folder.path().join("take#2.mov"), number));
    assert_eq!(movie.footage(3, Missing::Error), frame(3));
    assert_eq!(movie.footage(12, Missing::Hold), frame(9));
    assert_eq!(movie.footage(-1, Missing::Nearest), frame(0));
    assert_eq!(movie.footage(10, Missing::Black), Ok(Footage::Black));
    let error = movie.footage(10, Missing::Error).expect_err("it has ten").to_string();
    assert!(error.contains("take#2.mov: frame 10 is missing (the sequence has 0-9)"), "{error}");
    assert_eq!(movie.with_frames(4).bounds(), Some((0, 3)), "one that was cut");
}

#[test]
fn policies_for_missing_frames() {
    let folder = folder(&["a.01.exr", "a.02.exr", "a.06.exr"]);
    let sequence = find(&folder, "a.##.exr").expect("found");
    let file = |n: i64| Ok(Footage::File(folder.path().join(format!("a.{n:02}.exr"))));
    for (frame, hold, nearest) in [(2, 2, 2), (3, 2, 2), (4, 2, 2), (5, 2, 6), (0, 1, 1), (9, 6, 6)] {
        assert_eq!(sequence.footage(frame, Missing::Hold), file(hold), "hold {frame}");
        assert_eq!(sequence.footage(frame, Missing::Nearest), file(nearest), "nearest {frame}");
    }
    assert_eq!(sequence.footage(4, Missing::Black), Ok(Footage::Black));
    let error = sequence.footage(4, Missing::Error).expect_err("missing").to_string();
    assert!(error.contains("a.04.exr") && error.contains("frame 4") && error.contains("1-6 with 1 gap"), "{error}");
    let absent = Sequence::absent(Pattern::parse("b.##.exr").expect("valid"));
    let error = absent.footage(4, Missing::Hold).expect_err("nothing to hold").to_string();
    assert!(error.contains("no file at all"), "{error}");
}

#[test]
fn what_is_not_found_says_what_is_near() {
    let folder = folder(&["beauty.0001.exr", "beauty.0002.exr", "notes.txt"]);
    for (name, expected) in [
        ("beauty.###.exr", "did you mean `beauty.####.exr`?"),
        ("baeuty.####.exr", "did you mean `beauty.####.exr`?"),
        ("beauty.exr", "the folder holds beauty.####.exr, notes.txt"),
        ("note.txt", "no such file (did you mean `notes.txt`?)"),
        ("beauty.0003.exr", "no such file (did you mean `beauty.####.exr`?)"),
        ("nowhere/a.exr", "nowhere/ is not a folder"),
    ] {
        let error = find(&folder, name).expect_err(name).to_string();
        assert!(error.contains(expected) && error.contains(name), "{error}");
    }
}
