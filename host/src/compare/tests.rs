//! Differences that can be told by hand, and the same bits however they are computed. Whole images are compared with peers
//! in `tests/python/test_diff.py`.

use playa_plugin_api::simd;
use rayon::ThreadPoolBuilder;

use super::*;
use crate::image::Pixel;

fn picture(width: u32, height: u32, of: impl Fn(u32, u32) -> Pixel) -> Frame {
    let pixels: Vec<f32> =
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| of(x, y)).collect();
    Frame::new(Image::from_vec(Rect::of_size(width, height), pixels).expect("it fits"))
}

fn noise(seed: u32) -> impl Fn(u32, u32) -> Pixel {
    move |x, y| {
        let hash = (x * 7919 + y * 104_729 + seed).wrapping_mul(2_654_435_761);
        [0, 5, 10, 15].map(|shift| f32::from((hash >> shift) as u16) / 40000.0)
    }
}

fn compare(a: &Frame, b: &Frame) -> Comparison {
    Comparison::new(a, b).expect("the same size")
}

#[test]
fn equal_pictures_do_not_differ_nor_do_nan_and_infinity_in_both() {
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0];
    let a = picture(16, 12, |x, y| if (x, y) == (3, 4) { odd } else { noise(1)(x, y) });
    let same = compare(&a, &a);
    let errors = same.errors();
    assert_eq!((errors.largest, errors.max(), errors.mean(), errors.rms()), (None, 0.0, 0.0, 0.0));
    assert_eq!((errors.psnr(), errors.differing, errors.pixels), (f64::INFINITY, 0, 192));
    assert_eq!(same.ssim(), Ok(1.0));
    assert!(same.flip(DEFAULT_PPD).expect("valid").values().iter().all(|error| *error == 0.0));
    let (hdr, exposures) = same.hdr_flip(DEFAULT_PPD).expect("valid");
    assert!(hdr.values().iter().all(|error| *error == 0.0) && exposures.count >= 2);
    assert!(same.map().expect("there is memory").values().iter().all(|error| *error == 0.0));
}

#[test]
fn a_value_against_nan_or_another_infinity_is_an_infinite_difference() {
    for (x, y) in [(f32::NAN, 0.0), (f32::INFINITY, f32::NEG_INFINITY), (1.0, f32::INFINITY)] {
        let (a, b) = (picture(2, 1, |_, _| [0.0, x, 0.0, 1.0]), picture(2, 1, |_, _| [0.0, y, 0.0, 1.0]));
        let errors = compare(&a, &b).errors();
        assert_eq!(errors.largest, Some(Largest { value: f64::INFINITY, x: 0, y: 0, channel: 1 }));
        assert_eq!((errors.mean(), errors.rms(), errors.psnr()), (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY));
    }
}

#[test]
fn errors_of_a_few_values_are_known() {
    let a = picture(100, 60, |_, _| [0.5, 0.5, 0.5, 1.0]);
    let b = picture(100, 60, |x, y| [0.5, if (x, y) == (70, 50) { 2.5 } else { 0.5 }, 0.25, 1.0]);
    let errors = compare(&a, &b).errors();
    assert_eq!(errors.largest, Some(Largest { value: 2.0, x: 70, y: 50, channel: 1 }));
    assert_eq!(errors.max_by_channel, [0.0, 2.0, 0.25, 0.0]);
    assert_eq!(errors.mean_by_channel, [0.0, 2.0 / 6000.0, 0.25, 0.0]);
    let mean_square: f64 = (4.0 / 6000.0 + 0.0625) / 4.0;
    assert!((errors.rms() - mean_square.sqrt()).abs() < 1e-15);
    assert!((errors.psnr() + 10.0 * mean_square.log10()).abs() < 1e-12);
    assert_eq!(errors.differing, 6000);
}

#[test]
fn windows_are_laid_over_each_other_by_their_display_windows() {
    let white = Image::from_vec(Rect::new(2, 1, 4, 3), vec![1.0; 16]).expect("it fits");
    let a = Frame { display_window: Rect::of_size(6, 4), ..Frame::new(white.clone()) };
    // The same picture, 10 to the left and 20 up; one pixel of it lies outside of the display window.
    let moved = Image::from_vec(Rect::new(-8, -19, -6, -17), vec![1.0; 16]).expect("it fits");
    let b = Frame { display_window: Rect::new(-10, -20, -4, -16), ..Frame::new(moved) };
    let comparison = compare(&a, &b);
    assert_eq!((comparison.region(), comparison.errors().largest), (Rect::new(2, 1, 4, 3), None));
    let elsewhere = Frame { display_window: Rect::of_size(6, 4), ..Frame::new(white) };
    let far = Image::from_vec(Rect::new(3, 2, 9, 3), vec![1.0; 24]).expect("it fits");
    let far = Frame { display_window: Rect::of_size(6, 4), ..Frame::new(far) };
    let comparison = compare(&elsewhere, &far);
    assert_eq!(comparison.region(), Rect::new(2, 1, 6, 3));
    let errors = comparison.errors();
    assert_eq!((errors.differing, errors.pixels), (5, 8), "where only one has pixels the other is transparent");
    assert_eq!(errors.largest, Some(Largest { value: 1.0, x: 2, y: 1, channel: 0 }));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let (a, b) = (picture(6, 4, noise(1)), picture(4, 6, noise(2)));
    let error = Comparison::new(&a, &b).expect_err("sizes differ").to_string();
    assert!(error.contains("6 x 4 and 4 x 6 pixels"), "{error}");
    let error = compare(&a, &a).ssim().expect_err("too small").to_string();
    assert!(error.contains("6 x 4 pixels are too few for SSIM, whose window takes 11 x 11"), "{error}");
    for ppd in [0.0, -1.0, f32::NAN, 1e9] {
        let error = compare(&a, &a).flip(ppd).expect_err("no distance").to_string();
        assert!(error.contains("expected 1 to 1000"), "{error}");
    }
}

#[test]
fn nothing_against_nothing_is_no_difference() {
    let nothing = Frame::new(Image::transparent(Rect::EMPTY).expect("nothing"));
    let nothing = Frame { display_window: Rect::of_size(20, 20), ..nothing };
    let comparison = compare(&nothing, &nothing);
    assert_eq!((comparison.errors().max(), comparison.errors().rms()), (0.0, 0.0));
    assert_eq!(comparison.flip(DEFAULT_PPD).map(|errors| errors.mean()), Ok(0.0));
    assert_eq!(comparison.hdr_flip(DEFAULT_PPD).map(|(errors, _)| errors.mean()), Ok(0.0));
}

#[test]
fn black_against_white_is_the_largest_difference_of_light() {
    let (black, white) = (picture(40, 30, |_, _| [0.0, 0.0, 0.0, 1.0]), picture(40, 30, |_, _| [1.0; 4]));
    let errors = compare(&black, &white).flip(DEFAULT_PPD).expect("valid");
    let (first, mean) = (errors.values()[0], errors.mean());
    assert!(errors.values().iter().all(|error| *error == first) && first > 0.95, "{first}");
    assert!((mean - f64::from(first)).abs() < 1e-12);
    // A black reference has no exposures to look at: it is taken as it is.
    let (_, exposures) = compare(&black, &white).hdr_flip(DEFAULT_PPD).expect("valid");
    assert_eq!((exposures.start, exposures.stop, exposures.count), (0.0, 0.0, 1));
}

/// A picture one pixel wide, or lower than the filters, is seen as if its edges went on.
#[test]
fn pictures_smaller_than_the_filters_have_errors_too() {
    for (width, height) in [(1, 1), (1, 50), (50, 1), (3, 2)] {
        let (a, b) = (picture(width, height, |_, _| [0.2, 0.2, 0.2, 1.0]), picture(width, height, |_, _| [0.3; 4]));
        let errors = compare(&a, &b).flip(DEFAULT_PPD).expect("valid");
        let first = errors.values()[0];
        assert!(first > 0.0 && errors.values().iter().all(|error| (error - first).abs() < 1e-4), "{width} x {height}");
    }
}

#[test]
fn any_number_of_threads_and_every_level_gives_the_same_bits() {
    let (a, b) = (picture(83, 61, noise(1)), picture(83, 61, noise(2)));
    let comparison = compare(&a, &b);
    let all = || {
        let flip = comparison.flip(DEFAULT_PPD).expect("valid");
        let (hdr, _) = comparison.hdr_flip(DEFAULT_PPD).expect("valid");
        let ssim = comparison.ssim().expect("large enough").to_bits();
        let map = comparison.map().expect("there is memory").values().to_vec();
        let means = (flip.mean().to_bits(), hdr.mean().to_bits());
        (comparison.errors(), ssim, means, flip, hdr, map)
    };
    let on = |threads| ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(all);
    let expected = on(1);
    assert!(on(3) == expected);
    // Levels are chosen for a thread: this one works alone.
    let alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().expect("a pool");
    simd::on_each_level(|level| assert!(alone.install(all) == expected, "{level:?}"));
}

#[test]
fn a_metric_is_beyond_a_limit_on_its_own_side() {
    for metric in Metric::ALL {
        assert_eq!(metric.to_string().parse(), Ok(metric));
        assert!(!metric.is_beyond(metric.of_equals(), metric.of_equals()), "{metric}");
        assert!(metric.is_beyond(f64::NAN, 0.5), "{metric}");
    }
    assert!(Metric::Max.is_beyond(0.02, 0.01) && !Metric::Max.is_beyond(0.01, 0.01));
    assert!(Metric::Ssim.is_beyond(0.98, 0.99) && !Metric::Psnr.is_beyond(41.0, 40.0));
    let error = "dssim".parse::<Metric>().expect_err("no such metric");
    assert_eq!(error, "there is no metric \"dssim\", expected one of max, mean, rms, psnr, ssim, flip, hdr_flip");
}
