//! OpenEXR: what was written is read again.

use playa_host::image::{Frame, SampleType, Samples};
use playa_host::media::{ColourType, Compression, ReadOptions, WriteOptions, probe, read, write};

use crate::sample::{self, bits, sample_bits};

fn through_a_file(frame: &Frame, options: &WriteOptions) -> Frame {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frame.exr");
    write(&path, frame, options).unwrap();
    read(&path, &ReadOptions::default()).unwrap()
}

fn assert_all_but_pixels(read: &Frame, written: &Frame) {
    assert_eq!(read.data_window(), written.data_window());
    assert_eq!(read.display_window, written.display_window);
    assert_eq!(read.pixel_aspect, written.pixel_aspect);
    let names = |frame: &Frame| frame.channels.iter().map(|channel| channel.name.clone()).collect::<Vec<_>>();
    let mut expected = names(written);
    expected.sort();
    assert_eq!(names(read), expected);
    for channel in &written.channels {
        let sample_type = read.channel(&channel.name).unwrap().samples.sample_type();
        assert_eq!(sample_type, channel.samples.sample_type(), "{}", channel.name);
    }
}

#[test]
fn lossless_compressions_keep_every_bit_of_every_type() {
    use Compression::{None, Piz, Rle, Zip, Zips};
    for stored in [SampleType::Half, SampleType::Float] {
        let frame = sample::frame(stored);
        for compression in [None, Rle, Zips, Zip, Piz] {
            let options = WriteOptions { compression, colour: ColourType::Keep, ..Default::default() };
            let back = through_a_file(&frame, &options);
            assert_all_but_pixels(&back, &frame);
            assert_eq!(back.stored, stored);
            assert!(bits(&back) == bits(&frame), "{compression}, {stored:?}: the colour differs");
            for channel in &frame.channels {
                let read = &back.channel(&channel.name).unwrap().samples;
                assert!(sample_bits(read) == sample_bits(&channel.samples), "{compression}: {} differs", channel.name);
            }
            for (name, value) in frame.metadata.iter() {
                assert_eq!(back.metadata.get(name), Some(value), "{name}");
            }
            assert_eq!(back.metadata.len(), frame.metadata.len());
        }
    }
}

/// PXR24 drops the last 8 bits of a float: 2^-16 relative. B44 stores 4 x 4 halves in 14 bytes, with steps of 1/64 of
/// their range at worst on a ramp; DWA at its default level errs by less than that on a ramp.
#[test]
fn lossy_compressions_keep_what_they_promise() {
    let frame = sample::smooth_frame();
    for (compression, half_tolerance, float_tolerance) in [
        (Compression::Pxr24, 0.0, 1.0 / 65536.0),
        (Compression::B44, 1.0 / 64.0, 0.0),
        (Compression::B44a, 1.0 / 64.0, 0.0),
        (Compression::Dwaa, 1.0 / 64.0, 0.0),
        (Compression::Dwab, 1.0 / 64.0, 0.0),
    ] {
        let options = WriteOptions { compression, ..Default::default() };
        let back = through_a_file(&frame, &options);
        let exact = through_a_file(&frame, &WriteOptions::default());
        assert_all_but_pixels(&back, &frame);
        for (found, expected) in back.image.values().iter().zip(exact.image.values()) {
            assert!((found - expected).abs() <= half_tolerance, "{compression}: {found}, expected {expected}");
        }
        let [id, depth] = ["id", "depth.Z"].map(|name| (frame.channel(name).unwrap(), back.channel(name).unwrap()));
        assert!(sample_bits(&id.0.samples) == sample_bits(&id.1.samples), "{compression}: ids differ");
        match (&depth.0.samples, &depth.1.samples) {
            (Samples::F32(written), Samples::F32(read)) => {
                for (written, read) in written.iter().zip(read.iter()) {
                    assert!(
                        (written - read).abs() <= written * float_tolerance,
                        "{compression}: {read}, not {written}"
                    );
                }
            }
            other => panic!("the depth is {other:?}"),
        }
    }
}

#[test]
fn the_colour_is_written_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frame.exr");
    for (stored, colour, expected) in [
        (SampleType::Float, ColourType::Half, SampleType::Half),
        (SampleType::Half, ColourType::Float, SampleType::Float),
        (SampleType::Half, ColourType::Keep, SampleType::Half),
        (SampleType::Unorm8, ColourType::Keep, SampleType::Float),
    ] {
        let frame = Frame { stored, ..sample::smooth_frame() };
        write(&path, &frame, &WriteOptions { colour, ..Default::default() }).unwrap();
        for channel in &probe(&path).unwrap().parts[0].channels[..3] {
            assert_eq!(channel.sample_type, expected, "{}", channel.name);
        }
    }
}

#[test]
fn the_dwa_level_is_kept_and_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let [coarse, fine] = ["coarse.exr", "fine.exr"].map(|name| folder.path().join(name));
    let mut frame = sample::smooth_frame();
    frame.channels.clear();
    let dwaa = WriteOptions { compression: Compression::Dwaa, ..Default::default() };
    write(&coarse, &frame, &WriteOptions { dwa_level: Some(2000.0), ..dwaa }).unwrap();
    write(&fine, &frame, &WriteOptions { dwa_level: Some(0.0), ..dwaa }).unwrap();
    let error = |path| {
        let back = read(path, &ReadOptions::default()).unwrap();
        back.image.values().iter().zip(frame.image.values()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    assert!(error(&coarse) > error(&fine));
    let again = read(&coarse, &ReadOptions::default()).unwrap();
    write(&fine, &again, &dwaa).unwrap();
    let level = probe(&fine).unwrap().parts[0].metadata.get("dwaCompressionLevel").cloned();
    assert_eq!(level, Some(playa_host::image::MetaValue::Float(2000.0)));
}

#[test]
fn the_same_bits_on_every_thread_count() {
    let folder = tempfile::tempdir().unwrap();
    let frame = sample::frame(SampleType::Half);
    let file = |threads: usize| {
        let path = folder.path().join(format!("{threads}.exr"));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let back = pool.install(|| {
            write(&path, &frame, &WriteOptions::default()).unwrap();
            read(&path, &ReadOptions::default()).unwrap()
        });
        (std::fs::read(&path).unwrap(), bits(&back))
    };
    let expected = file(1);
    for threads in [2, 5] {
        assert!(file(threads) == expected, "{threads} threads");
    }
}
