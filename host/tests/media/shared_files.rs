//! Files of other writers. They lie beside the repository and are not part of it; without them these tests say so and
//! do nothing.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use playa_host::image::{Frame, MetaValue, Rect, SampleType, Samples};
use playa_host::media::{MissingPixels, PartSelector, Problem, ReadOptions, probe, read};

/// The folder with the files, if it is there.
fn media() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/media");
    if !folder.is_dir() {
        eprintln!("skipped: there is no folder {}", folder.display());
        return None;
    }
    Some(folder)
}

fn exr_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|suffix| suffix == "exr")).collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

fn open(path: PathBuf) -> Frame {
    read(path, &ReadOptions::default()).unwrap()
}

#[test]
fn damaged_files_are_refused_within_a_second() {
    let Some(media) = media() else { return };
    for path in exr_files(&media.join("damaged")) {
        let start = Instant::now();
        let _whether_it_can_be_told = probe(&path);
        let result = read(&path, &ReadOptions::default());
        assert!(start.elapsed() < Duration::from_secs(1), "{} took {:?}", path.display(), start.elapsed());
        assert!(result.is_err(), "{} reads", path.display());
    }
    let unfinished = read(media.join("damaged/partial.exr"), &ReadOptions::default()).unwrap_err().to_string();
    assert!(unfinished.contains("6 of 16 blocks"), "{unfinished}");
}

#[test]
fn unsupported_files_are_described_and_refused_by_their_feature() {
    let Some(media) = media() else { return };
    for (name, feature) in [
        ("Balls.exr", "deep data (deepscanline)"),
        ("Flowers.exr", "a subsampled channel (BY has a sample for 2 x 2 pixels)"),
        ("Rec709_YC.exr", "a subsampled channel"),
        ("htj2k32_stilllife_crop.exr", "the compression htj2k32"),
    ] {
        let path = media.join("unsupported").join(name);
        let info = probe(&path).unwrap();
        assert!(info.parts[0].refusal.as_ref().unwrap().starts_with(feature), "{info:?}");
        assert!(!info.parts[0].channels.is_empty());
        let error = read(&path, &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains(feature), "{error}");
    }
}

/// The file holds in each channel the half with the bits n at pixel n.
#[test]
fn all_half_values_are_read_with_their_bits() {
    let Some(media) = media() else { return };
    let frame = open(media.join("values/AllHalfValues.exr"));
    for (n, pixel) in frame.image.values().chunks_exact(4).enumerate() {
        let half = half::f16::from_bits(n as u16);
        let nan = (n as u32 & 0x8000) << 16 | 0x7f80_0000 | (n as u32 & 0x03ff) << 13;
        let expected = if half.is_nan() { nan } else { half.to_f32().to_bits() };
        assert_eq!(pixel[..3].iter().map(|value| value.to_bits()).collect::<Vec<_>>(), [expected; 3], "half {n:#06x}");
        assert_eq!(pixel[3], 1.0);
    }
}

/// The published result of compositing a over b: on the union of the windows, S + (1 - a) D.
#[test]
fn the_composite_agrees_with_its_parts() {
    let Some(media) = media() else { return };
    let [a, b, expected] = ["a", "b", "a_over_b"].map(|name| open(media.join(format!("composite/{name}.exr"))));
    assert_eq!(a.data_window(), Rect::new(3, -41, 285, 297));
    assert_eq!(a.display_window, Rect::new(0, 0, 256, 256));
    let window = expected.data_window();
    assert_eq!(window, a.data_window().union(&b.data_window()));
    for y in window.y0..window.y1 {
        for x in window.x0..window.x1 {
            let [above, below, expected] = [&a, &b, &expected].map(|frame| frame.image.pixel(x, y));
            for channel in 0..4 {
                let over = above[channel] + (1.0 - above[3]) * below[channel];
                // One rounding more or less in the other program.
                assert!((over - expected[channel]).abs() <= 1e-6, "at {x}, {y}");
            }
        }
    }
}

#[test]
fn level_0_of_a_mip_map_is_read() {
    let Some(media) = media() else { return };
    let frame = open(media.join("tiled/ColorCodedLevels.exr"));
    assert_eq!(frame.data_window(), Rect::of_size(512, 512));
    assert_eq!(probe(media.join("tiled/ColorCodedLevels.exr")).unwrap().parts[0].kind, "tiledimage");
}

/// Each level shows its number's colour, which the file was made to tell; beyond the last there is none.
#[test]
fn every_level_of_a_mip_map_is_read() {
    let Some(media) = media() else { return };
    let read_level =
        |level| read(media.join("tiled/ColorCodedLevels.exr"), &ReadOptions { level, ..Default::default() });
    let mut colours: Vec<[u32; 4]> = Vec::new();
    for level in 0..10 {
        let frame = read_level(level).unwrap();
        assert_eq!(frame.data_window(), Rect::of_size(512 >> level, 512 >> level));
        assert_eq!(frame.display_window, frame.data_window());
        let colour = frame.image.pixel(0, 0).map(f32::to_bits);
        assert!(!colours.contains(&colour), "level {level}");
        colours.push(colour);
    }
    assert!(matches!(read_level(10).unwrap_err().problem, Problem::NoLevel { wanted: 10, levels: 10 }));
    let still = read(media.join("rgba/Desk.exr"), &ReadOptions { level: 1, ..Default::default() });
    assert!(matches!(still.unwrap_err().problem, Problem::NoLevel { wanted: 1, levels: 1 }));
}

/// 10 of its 16 tiles are there.
#[test]
fn an_unfinished_file_shows_the_tiles_that_are_there() {
    let Some(media) = media() else { return };
    let path = media.join("damaged/partial.exr");
    match read(&path, &ReadOptions::default()).unwrap_err().problem {
        Problem::Unfinished { missing: 6, total: 16 } => {}
        other => panic!("{other:?}"),
    }
    let black = read(&path, &ReadOptions { missing: MissingPixels::Black, ..Default::default() }).unwrap();
    let filled = |tile: i32| black.image.pixel(tile % 4 * 64, tile / 4 * 64)[..3] != [0.0; 3];
    assert_eq!((0..16).filter(|tile| filled(*tile)).count(), 10);
    let hold = read(&path, &ReadOptions { missing: MissingPixels::Hold, ..Default::default() }).unwrap();
    assert!(hold.image.pixels().iter().all(|pixel| pixel[..3] != [0.0; 3]));
}

#[test]
fn parts_and_views_are_reached_by_name() {
    let Some(media) = media() else { return };
    let path = media.join("multipart/multipart.0001.exr");
    let info = probe(&path).unwrap();
    assert_eq!(info.parts.len(), 10);
    assert_eq!(info.parts[info.main_part].name.as_deref(), Some("rgba_right"));
    let depth = PartSelector::Name("depth_left".to_owned());
    let depth = read(&path, &ReadOptions { part: Some(depth), ..Default::default() }).unwrap();
    assert_eq!(depth.data_window(), Rect::new(688, 245, 1565, 1121));
    assert_eq!(depth.channels[0].name, "Z");

    let fog = media.join("multipart/Fog.exr");
    let right = read(&fog, &ReadOptions { channels: Some("right".parse().unwrap()), ..Default::default() }).unwrap();
    let left = open(fog);
    let Some(Samples::F16(samples)) = left.channel("right.Y").map(|channel| &channel.samples) else {
        panic!("the view is kept beside the main one");
    };
    for (pixel, sample) in right.image.values().chunks_exact(4).zip(samples.iter()) {
        assert_eq!(pixel, [sample.to_f32(), sample.to_f32(), sample.to_f32(), 1.0], "a single Y is grey");
    }
}

#[test]
fn ids_and_attributes_arrive_as_they_are() {
    let Some(media) = media() else { return };
    let frame = open(media.join("values/manifest_id.exr"));
    assert_eq!(frame.channel("id").unwrap().samples.sample_type(), SampleType::Uint);
    assert!(matches!(frame.metadata.get("idManifest"), Some(MetaValue::Opaque { .. })));
    let frame = open(media.join("values/cryptoasset.exr"));
    assert_eq!(frame.metadata.get("version"), Some(&MetaValue::Int(1)));
    let frame = open(media.join("values/test.exr"));
    assert_eq!(frame.metadata.get("framesPerSecond"), Some(&MetaValue::Rational(24000, 1000)));
}
