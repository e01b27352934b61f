//! OpenEXR and PNG: broken and hostile files end as errors, quickly, without a panic.

use std::path::Path;

use playa_host::image::{Frame, SampleType, Samples};
use playa_host::media::{
    Compression, Limits, MissingPixels, Problem, ReadOptions, Reading, WriteOptions, probe, read, write,
};

use crate::sample::{self, Noise};

/// Small enough that a mistake in the guards shows as an error in the test and not as a dead machine.
const LIMITS: ReadOptions = ReadOptions {
    part: None,
    view: None,
    channels: None,
    level: 0,
    frame: 0,
    missing: MissingPixels::Error,
    kept: playa_host::media::ChannelSet::All,
    space: Reading::ByFile,
    limits: Limits { max_bytes: 16 << 20 },
};

/// A small file of each compression, and a PNG.
fn valid_files() -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: String, frame: &Frame, options: WriteOptions| {
        let path = folder.path().join(&name);
        write(&path, frame, &options).unwrap();
        (name, std::fs::read(path).unwrap())
    };
    let mut files: Vec<_> = Compression::ALL
        .into_iter()
        .map(|compression| {
            let options = WriteOptions { compression, ..Default::default() };
            file(format!("{compression}.exr"), &sample::smooth_frame(), options)
        })
        .collect();
    files.push(file("noise.exr".to_owned(), &sample::frame(SampleType::Half), WriteOptions::default()));
    files.push(file("smooth.png".to_owned(), &sample::smooth_frame(), WriteOptions::default()));
    files
}

fn read_bytes(path: &Path, bytes: &[u8]) -> Result<Frame, Problem> {
    std::fs::write(path, bytes).unwrap();
    let _whether_it_can_be_told = probe(path);
    read(path, &LIMITS).map_err(|error| error.problem)
}

#[test]
fn a_file_cut_short_anywhere_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in valid_files() {
        let path = folder.path().join(&name);
        read_bytes(&path, &bytes).unwrap();
        // The end of a PNG says nothing about its pixels: without it, the picture is there.
        let end = if name.ends_with("png") { bytes.len() - 24 } else { bytes.len() };
        for length in (0..end).step_by(1 + end / 97).chain([end - 1]) {
            let result = read_bytes(&path, &bytes[..length]);
            assert!(result.is_err(), "{name} reads with {length} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn a_file_with_wrong_bytes_is_an_error_or_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut noise = Noise::new(2);
    for (name, bytes) in valid_files() {
        let path = folder.path().join(&name);
        for round in 0..150 {
            let mut broken = bytes.clone();
            // Half the rounds aim at the header and the first counters, where the sizes are.
            let end = if round % 2 == 0 { broken.len().min(700) } else { broken.len() };
            for _ in 0..1 + noise.below(4) {
                let at = noise.below(end);
                broken[at] = match noise.below(3) {
                    0 => 0xff,
                    1 => broken[at] ^ 1 << noise.below(8),
                    _ => noise.next() as u8,
                };
            }
            let _either = read_bytes(&path, &broken);
        }
    }
}

/// Where the value of an attribute stands in a file.
fn value_of(bytes: &[u8], name: &str, type_name: &str) -> usize {
    let find = [name.as_bytes(), &[0], type_name.as_bytes(), &[0]].concat();
    bytes.windows(find.len()).position(|window| window == find).unwrap() + find.len() + 4
}

fn claim_window(bytes: &mut [u8], width: i32, height: i32) {
    let at = value_of(bytes, "dataWindow", "box2i");
    for (i, corner) in [0, 0, width - 1, height - 1].into_iter().enumerate() {
        bytes[at + i * 4..][..4].copy_from_slice(&corner.to_le_bytes());
    }
}

#[test]
fn a_frame_beyond_the_limit_is_refused_by_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frame.exr");
    for (name, bytes) in valid_files() {
        std::fs::write(&path, bytes).unwrap();
        let limited = |max_bytes| read(&path, &ReadOptions { limits: Limits { max_bytes }, ..Default::default() });
        let found = read(&path, &ReadOptions::default()).unwrap();
        let kept: usize = found.channels.iter().map(|channel| channel.samples.sample_type().bytes()).sum();
        // What it takes to make the frame are its samples at most three times: packed, half way, and plain.
        let frame = found.data_window().area() * (16 + kept as u64);
        assert!(limited(4 * frame).is_ok(), "{name}");
        match limited(frame - 1).map_err(|error| error.problem) {
            Err(Problem::TooLarge { bytes, limit }) => assert!(bytes >= frame && limit == frame - 1, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// A few thousand bytes that claim more than they can hold are refused before anything is allocated for it.
#[test]
fn a_window_that_the_file_cannot_fill_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("claim.exr");
    for (name, mut bytes) in valid_files().into_iter().filter(|(name, _)| name.ends_with("exr")) {
        for (width, height) in [(1_000_000_000, 1), (1, 1_000_000_000), (1_000_000, 1_000_000)] {
            claim_window(&mut bytes, width, height);
            std::fs::write(&path, &bytes).unwrap();
            let unlimited = ReadOptions { limits: Limits { max_bytes: u64::MAX }, ..Default::default() };
            let error = read(&path, &unlimited).unwrap_err().to_string();
            let expected = [" bytes of pixels", "blocks of pixels are announced", "are not where its table says"];
            assert!(expected.iter().any(|expected| error.contains(expected)), "{name}, {width} x {height}: {error}");
        }
    }
}

/// What these counters say is allocated, up to 2^51 bytes, if it is believed.
#[test]
fn a_dwa_block_that_counts_too_much_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("count.exr");
    for (name, bytes) in valid_files().into_iter().filter(|(name, _)| name.starts_with("dwa")) {
        // The table of blocks follows the header, which ends with the width of the screen window and a zero.
        let table = value_of(&bytes, "screenWindowWidth", "float") + 4 + 1;
        let block = u64::from_le_bytes(bytes[table..table + 8].try_into().unwrap()) as usize;
        for counter in 1..10 {
            let mut broken = bytes.clone();
            broken[block + 8 + counter * 8 + 6] = 8;
            let error = read_bytes(&path, &broken).unwrap_err().to_string();
            assert!(error.starts_with("damaged file: a block of pixels"), "{name}, counter {counter}: {error}");
        }
    }
}

#[test]
fn an_unfinished_file_says_how_much_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("unfinished.exr");
    let (name, mut bytes) = valid_files().swap_remove(3);
    assert_eq!(name, "zip.exr");
    let table = value_of(&bytes, "screenWindowWidth", "float") + 4 + 1;
    bytes[table + 8..table + 24].fill(0);
    match read_bytes(&path, &bytes) {
        Err(Problem::Unfinished { missing: 2, total: 5 }) => {}
        other => panic!("{other:?}"),
    }
    let twice = bytes[table..table + 8].to_vec();
    bytes[table + 8..table + 16].copy_from_slice(&twice);
    bytes[table + 16..table + 24].copy_from_slice(&twice);
    match read_bytes(&path, &bytes) {
        Err(Problem::Unfinished { missing: 2, total: 5 }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_picture_is_told_by_its_first_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.exr");
    std::fs::write(&path, "not a picture\n").unwrap();
    let error = read(&path, &ReadOptions::default()).unwrap_err().to_string();
    let expected = "text.exr: not a picture file that Playa reads (exr, png, jpg, tif, tga, hdr, webp, bmp, dpx): it begins with \"not a pi\"";
    assert!(error.ends_with(expected), "{error}");
    let error = read(folder.path().join("absent.exr"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error.problem, Problem::Io(_)), "{error}");
}

/// Blocks that are missing show as asked, and those that are there as ever.
#[test]
fn missing_pixels_are_black_or_those_above() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("unfinished.exr");
    let (name, sound) = valid_files().swap_remove(3);
    assert_eq!(name, "zip.exr");
    let whole = read_bytes(&path, &sound).unwrap();
    let table = value_of(&sound, "screenWindowWidth", "float") + 4 + 1;
    let read = |bytes: &[u8], missing| {
        std::fs::write(&path, bytes).unwrap();
        read(&path, &ReadOptions { missing, ..LIMITS }).unwrap()
    };
    let depths = |frame: &Frame| match &frame.channel("depth.Z").unwrap().samples {
        Samples::F32(samples) => samples.to_vec(),
        other => panic!("{other:?}"),
    };
    let width = whole.data_window().width();
    // Blocks 0, 2 and 3 of 16 lines each are not in the table.
    let mut gaps = sound.clone();
    for block in [0, 2, 3] {
        gaps[table + 8 * block..table + 8 * block + 8].fill(0);
    }
    let black = read(&gaps, MissingPixels::Black);
    let hold = read(&gaps, MissingPixels::Hold);
    for line in 0..whole.data_window().height() {
        let y = whole.data_window().y0 + line as i32;
        let there = matches!(line / 16, 1 | 4);
        let nothing = vec![0.0; width * 4];
        assert_eq!(black.image.row(y), if there { whole.image.row(y) } else { &nothing }, "line {line}");
        let from = match line / 16 {
            0 => 16,
            2 | 3 => 31,
            _ => line,
        };
        assert_eq!(hold.image.row(y), whole.image.row(whole.data_window().y0 + from as i32), "line {line}");
        let samples = |frame: &Frame, line: usize| depths(frame)[line * width..(line + 1) * width].to_vec();
        assert_eq!(samples(&hold, line), samples(&whole, from));
        assert_eq!(samples(&black, line), if there { samples(&whole, line) } else { vec![0.0; width] });
    }
    // Without a table, blocks are found one after the other; the last one is cut off.
    let mut walked = sound.clone();
    walked[table..table + 40].fill(0);
    walked.truncate(sound.len() - 1);
    let walked = read(&walked, MissingPixels::Black);
    let end = 4 * 16 * width * 4;
    assert_eq!(walked.image.values()[..end], whole.image.values()[..end]);
    assert!(walked.image.values()[end..].iter().all(|value| *value == 0.0));
    // A block that cannot be unpacked is missing, too.
    let mut broken = sound.clone();
    let block = u64::from_le_bytes(sound[table + 8..table + 16].try_into().unwrap()) as usize;
    broken[block + 8..block + 24].fill(0xff);
    assert!(matches!(read_bytes(&path, &broken), Err(Problem::Damaged { .. })));
    let broken = read(&broken, MissingPixels::Hold);
    assert_eq!(broken.image.row(whole.data_window().y0 + 20), whole.image.row(whole.data_window().y0 + 15));
}
