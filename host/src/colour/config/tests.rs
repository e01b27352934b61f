use super::super::{BuiltIn, engine};
use super::*;
use crate::image::Pixel;

const CG: &str = "ocio://cg-config-v4.0.0";

/// Colours of every kind: dark, bright, negative, with and without alpha.
fn pixels() -> Vec<Pixel> {
    let value = |n: u32| (n.wrapping_mul(2_654_435_761) >> 12) as f32 / (1 << 20) as f32 * 3.0 - 0.2;
    (0..777).map(|n| [value(3 * n), value(3 * n + 1), value(3 * n + 2), (n % 5) as f32 / 4.0]).collect()
}

fn way(config: &dyn Engine, from: &str, to: &str) -> Arc<dyn Transform> {
    let [from, to] = [from, to].map(|name| config.find(name).expect("it is known"));
    config.way(&from, &to, Adaptation::Known).expect("there is a way").expect("they differ")
}

/// A config of a text.
fn of_text(text: &str) -> Config {
    Config::new("of a text", ocio::Config::create_from_str(text).expect("it reads")).expect("it is valid")
}

#[test]
fn a_config_is_opened_once_and_a_pair_is_made_once() {
    let (config, again) = (engine(CG).expect("built in"), engine(CG).expect("built in"));
    assert!(Arc::ptr_eq(&config, &again));
    let made = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| way(&*config, "ACEScg", "ACEScct"))).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).collect::<Vec<_>>()
    });
    let later = way(&*again, "acescg", "compositing_log");
    assert!(made.iter().any(|made| Arc::ptr_eq(made, &later)), "roles and cases are the same pair");
    assert!(made.iter().all(|made| made.fingerprint() == later.fingerprint()));
    assert_ne!(way(&*config, "ACEScct", "ACEScg").fingerprint(), later.fingerprint());
    let same = config.find("scene_linear").expect("a role");
    assert!(
        config.way(&same, &config.find("lin_ap1").expect("an alias"), Adaptation::Known).is_ok_and(|way| way.is_none())
    );
}

#[test]
fn any_cut_of_a_row_gives_the_same_bits_and_alpha_stays() {
    let config = engine(CG).expect("built in");
    let view =
        config.view(&config.find("ACEScg").expect("a space"), &View::default()).expect("a view").expect("a change");
    for transform in [way(&*config, "linear", "ACEScct"), way(&*config, "srgb_tx", "ACEScg"), view] {
        assert!(!transform.is_linear());
        let (mut row, mut alone, mut straight) = (pixels(), pixels(), pixels());
        transform.apply(&mut row);
        alone.iter_mut().for_each(|pixel| transform.apply(std::slice::from_mut(pixel)));
        assert_eq!(row, alone);
        straight.iter_mut().filter(|pixel| pixel[3] > 0.0).for_each(|pixel| {
            (0..3).for_each(|at| pixel[at] /= pixel[3]);
        });
        transform.apply_straight(&mut straight);
        for ((pixel, [r, g, b, _]), was) in row.iter().zip(straight).zip(pixels()) {
            let by = if was[3] > 0.0 { was[3] } else { 1.0 };
            assert_eq!(*pixel, [r * by, g * by, b * by, was[3]]);
        }
    }
}

/// What is a matrix is applied by our own code, before or after a layer is sampled, and is the same light.
#[test]
fn matrices_are_ours_and_say_what_the_light_is() {
    let config = engine(CG).expect("built in");
    for (theirs, ours) in [
        ("ACEScg", "acescg"),
        ("ACES2065-1", "aces2065-1"),
        ("Linear Rec.709 (sRGB)", "linear"),
        ("Linear P3-D65", "lin_p3d65"),
        ("Linear Rec.2020", "lin_rec2020"),
        ("Linear AdobeRGB", "lin_adobergb"),
        ("CIE XYZ-D65 - Scene-referred", "xyz-d65"),
    ] {
        let content = config.find(theirs).expect("a space");
        assert!(matches!(content, Content::Config(_)));
        let space = Space::named(ours).expect("built in");
        assert_eq!(config.light(&content), Some(space.gamut), "{theirs}");
        if theirs != "ACES2065-1" {
            let found = way(&*config, theirs, "ACES2065-1");
            let known = BuiltIn::way(space, Space { gamut: Gamut::AP0, ..Space::LINEAR }, Adaptation::Known);
            let (mut a, mut b) = (pixels(), pixels());
            found.apply(&mut a);
            known.expect("they differ").apply(&mut b);
            assert!(found.is_linear());
            let apart = a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart <= 8e-6, "{theirs}: {apart}");
        }
    }
    for codes in ["ACEScct", "sRGB - Display"] {
        assert_eq!(config.light(&config.find(codes).expect("a space")), None, "{codes}");
    }
}

#[test]
fn light_that_is_another_gamut_is_told_by_its_primaries_and_what_is_none_is_not() {
    let space = |name: &str, matrix: [[f64; 3]; 3]| {
        let [[a, b, c], [d, e, f], [g, h, i]] = matrix;
        format!(
            "  - !<ColorSpace> {{name: {name}, to_scene_reference: !<MatrixTransform> \
             {{matrix: [{a}, {b}, {c}, 0, {d}, {e}, {f}, 0, {g}, {h}, {i}, 0, 0, 0, 0, 1]}}}}\n"
        )
    };
    let own = Gamut::of_chromaticities([0.7, 0.3, 0.2, 0.75, 0.15, 0.05, 0.32168, 0.33767]).expect("a light");
    let matrix = own.matrix_to(&Gamut::AP0, Adaptation::Known).expect("they differ");
    let text =
        "ocio_profile_version: 2.1\nroles: {default: ap0, aces_interchange: ap0}\nfile_rules:\n  - !<Rule> {name: \
                Default, colorspace: default}\ndisplays: {d: [!<View> {name: v, colorspace: ap0}]}\n\
                colorspaces:\n  - !<ColorSpace> {name: ap0}\n"
            .to_owned()
            + &space("own", matrix)
            + &space("bright", matrix.map(|row| row.map(|value| value * 2.0)))
            + &space("flat", [[1.0; 3]; 3]);
    let config = of_text(&text);
    let light = |name: &str| config.light(&config.find(name).expect("a space"));
    let found = light("own").expect("a gamut").chromaticities();
    let apart = found.iter().zip(own.chromaticities()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart <= 1e-6, "{found:?}");
    assert_eq!((light("ap0"), light("bright"), light("flat")), (Some(Gamut::AP0), None, None));
    assert_eq!(config.usual_light(), Content::Colour(Space::LINEAR), "there is no role for it");
}

/// Configs of version 2.1 and before need not say it by a role.
#[test]
fn a_config_that_does_not_say_where_spaces_meet_is_asked_by_what_it_has() {
    let name = "cg-config-v1.0.0_aces-v1.3_ocio-v2.1";
    let text = ocio::builtins::configs::builtin_config(name).expect("built in");
    let cut: Vec<&str> = text.lines().filter(|line| !line.contains("_interchange: ")).collect();
    assert!(cut.len() < text.lines().count());
    let (config, whole) = (of_text(&cut.join("\n")), of_text(text));
    assert!(config.interchange.is_some());
    let (mut found, mut expected) = (pixels(), pixels());
    way(&config, "linear", "ACEScct").apply(&mut found);
    way(&whole, "linear", "ACEScct").apply(&mut expected);
    let apart = found.iter().flatten().zip(expected.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart <= 1e-5, "{apart}");
}
