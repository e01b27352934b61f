//! The effect against its formula on straight colour.

use playa_plugin_api::{ImageView, Rect, testing};

use super::*;

fn adjusted(brightness: f32, contrast: f32, pixels: &[Pixel]) -> Vec<Pixel> {
    let window = Rect::of_size(pixels.len() as u32, 1);
    let effect = BrightnessContrast { brightness, contrast };
    testing::apply(&effect, &[ImageView::new(window, pixels)], window).expect("the effect works")
}

#[test]
fn straight_colour_follows_the_formula() {
    let settings = [(0.0, 0.5), (0.25, 0.0), (-1.0, 1.0), (1.0, -1.0), (0.1, -0.3), (-0.7, 0.9)];
    let values = [-2.0, -0.1, 0.0, 1e-6, 0.18, 0.5, 1.0, 3.5, 1000.0];
    for (brightness, contrast) in settings {
        for alpha in [1.0_f32, 0.5, 0.25, 1e-4, 1e-40] {
            for [r, g, b] in values.map(|v| [v, v / 2.0, -v]) {
                let pixel = [r * alpha, g * alpha, b * alpha, alpha];
                let found = adjusted(brightness, contrast, &[pixel])[0];
                assert_eq!(found[3], alpha, "alpha stays");
                for (channel, found) in pixel.iter().zip(found).take(3) {
                    let (k, a) = (f64::from(contrast), f64::from(alpha));
                    let value = f64::from(*channel) / a;
                    let expected = ((value - 0.5) * (1.0 + k) + 0.5 + f64::from(brightness)) * a;
                    // Three roundings of terms no larger than these; the last part is the step of denormal numbers.
                    let tolerance = 3e-7 * (value.abs() * 2.0 + 2.0) * a + 3e-45;
                    let difference = (f64::from(found) - expected).abs();
                    assert!(
                        difference <= tolerance,
                        "{value} x {alpha} at {brightness}, {contrast}: {found}, {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn middle_grey_keeps_its_place_under_contrast() {
    assert_eq!(adjusted(0.0, 0.5, &[[0.5, 0.25, 1.0, 1.0]]), [[0.5, 0.125, 1.25, 1.0]]);
    assert_eq!(adjusted(0.0, -1.0, &[[0.1, 7.0, -3.0, 1.0]]), [[0.5, 0.5, 0.5, 1.0]]);
}

#[test]
fn nothing_is_clamped() {
    assert_eq!(adjusted(-1.0, 0.0, &[[0.5, 0.0, 4.0, 1.0]]), [[-0.5, -1.0, 3.0, 1.0]]);
    assert_eq!(adjusted(1.0, 1.0, &[[1.0, 2.0, 0.0, 1.0]]), [[2.5, 4.5, 0.5, 1.0]]);
}

#[test]
fn light_without_alpha_passes_untouched() {
    let light = [0.5, 2.0, -1.0, 0.0];
    assert_eq!(adjusted(0.5, 0.5, &[light, [0.0; 4]]), [light, [0.0; 4]]);
}

#[test]
fn the_defaults_are_the_input_itself() {
    let BrightnessContrast { brightness, contrast } = BrightnessContrast::defaults();
    let pixels = [[0.1, -0.2, 1e30, 0.7], [f32::MIN_POSITIVE, 0.3, 0.6, 1e-30]];
    assert_eq!(adjusted(brightness, contrast, &pixels), pixels);
    assert_eq!(pixels.map(|pixel| kernel::adjust(pixel, brightness, contrast)), pixels, "the kernel agrees");
}

#[test]
fn the_descriptor_says_what_users_of_playa_know() {
    let spec = BrightnessContrast::spec();
    assert_eq!((spec.id.as_str(), spec.type_name.as_str()), ("org.playa.brightness_contrast", "BrightnessContrast"));
    for name in ["brightness", "contrast"] {
        assert_eq!(spec.param(name).expect(name).hard_range, Some((-1.0, 1.0)));
    }
}
