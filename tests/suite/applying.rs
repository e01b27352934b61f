//! Effects on pictures without a project, and effects that the embedding program brings.

use std::path::Path;
use std::sync::Arc;

use playa_host::engine::Engine;
use playa_host::image::{Frame, Image, Rect, ViewMut};
use playa_host::plugin::{EffectFailure, HostEffect, Input, LoadError, Services, Setting};
use playa_host::project::{Effect, EffectSpec, Value};
use playa_host::render::{Application, Problem, Region, RenderError, RenderOptions};
use playa_plugin_api::{Alpha, EffectError, InputSpec, Plan, Query, Traits};

use crate::support::{Scene, assert_image, engine, flat, noise, picture};

/// What an effect makes of pictures.
fn apply(
    engine: &Engine,
    name: &str,
    params: &[(&str, Value)],
    pictures: &[Option<&Frame>],
    canvas: Option<Rect>,
    region: Region,
) -> Result<Frame, RenderError> {
    let effects = engine.effects();
    let kind = effects.find(name).expect("it is loaded");
    let mut effect = Effect::new(Arc::clone(kind.spec()));
    for (name, value) in params {
        effect.set_param(name, value).expect("it fits");
    }
    let values = effect.values().expect("it is loaded");
    let application = Application { effect: kind, values: &values, pictures, canvas, frame: 0 };
    engine.renderer().apply(application, &RenderOptions { region, ..RenderOptions::default() })
}

fn same_bits(a: &Image, b: &Image) -> bool {
    let bits = |image: &Image| image.values().iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    a.window() == b.window() && bits(a) == bits(b)
}

#[test]
fn an_effect_on_a_picture_gives_the_bits_that_a_layer_with_it_shows() {
    let source = picture(40, 30, noise(3));
    let cases: [(&str, &[(&str, Value)]); 4] = [
        ("GaussianBlur", &[("radius", Value::Float(6.0))]),
        ("GaussianBlur", &[("radius", Value::Float(4.0)), ("edges", Value::String("transparent".into()))]),
        ("Gain", &[("gain", Value::Float(1.5))]),
        ("AdjustHSV", &[("hue_shift", Value::Float(77.0))]),
    ];
    for (name, params) in cases {
        let scene = Scene::new(40, 30);
        let layer = scene.layer(&source);
        scene.effect(layer, name, params);
        for region in [Region::Data, Region::Display, Region::Window(Rect::new(5, -3, 20, 12))] {
            let applied = apply(engine(), name, params, &[Some(&source)], None, region).expect("it renders");
            assert!(same_bits(&applied.image, &scene.render_region(region)), "{name} {params:?} over {region:?}");
            assert_eq!(applied.display_window, Rect::new(0, 0, 40, 30));
        }
    }
    // What changes nothing is the picture itself, without a copy.
    let neutral = [("radius", Value::Float(0.0))];
    let applied = apply(engine(), "GaussianBlur", &neutral, &[Some(&source)], None, Region::Data).expect("it renders");
    assert_eq!(applied.image.serial(), source.image.serial());
}

#[test]
fn effects_of_two_pictures_and_of_none() {
    let (above, below) = (picture(8, 6, flat([0.25, 0.5, 0.0, 0.5])), picture(8, 6, flat([1.0, 0.0, 1.0, 1.0])));
    let over = apply(engine(), "TwoInputs", &[], &[Some(&above), Some(&below)], None, Region::Data);
    assert_image(&over.expect("it renders").image, 0.0, flat([0.75, 0.5, 0.5, 1.0]));
    let error =
        apply(engine(), "TwoInputs", &[], &[Some(&above), None], None, Region::Data).expect_err("one is missing");
    assert!(matches!(&*error.problem, Problem::EffectInput { input } if input == "background"), "{error}");
    assert!(error.to_string().starts_with("frame 0, effect TwoInputs: "), "{error}");
    let temporal = apply(engine(), "Temporal", &[], &[Some(&below)], None, Region::Data);
    assert_image(&temporal.expect("it renders").image, 0.0, flat([1.0, 0.0, 1.0, 1.0]));

    let canvas = Rect::new(-4, 2, 28, 20);
    let params = [("size", Value::Int(100))];
    let generated = apply(engine(), "Generator", &params, &[], Some(canvas), Region::Display).expect("it renders");
    assert_eq!((generated.image.window(), generated.display_window), (canvas, canvas));
    assert!(generated.image.pixels().iter().all(|pixel| *pixel == [1.0; 4]));
}

/// Twice as bright, by the embedding program; negative factors are not for it.
struct Factor;

#[derive(Debug, thiserror::Error)]
#[error("the reason")]
struct Reason;

impl HostEffect for Factor {
    fn plan(&self, _params: &[Value], query: &Query<'_>) -> Result<Plan, EffectFailure> {
        Ok(Plan::pixel_wise(query))
    }

    fn render(
        &self,
        params: &[Value],
        _setting: Setting,
        inputs: &[Input<'_>],
        mut output: ViewMut<'_>,
        _services: &Services<'_>,
    ) -> Result<(), EffectFailure> {
        let [Value::Float(factor)] = params else { panic!("{params:?}") };
        if *factor < 0.0 {
            return Err(EffectFailure { error: EffectError::failed("below 0"), cause: Some(Box::new(Reason)) });
        }
        let window = output.window();
        assert!(inputs[0].image.is_some_and(|image| image.window().contains_rect(&window)));
        for y in window.y0..window.y1 {
            for (out, pixel) in output.row_mut(y).iter_mut().zip(inputs[0].pixels.row(y)) {
                *out = pixel.map(|value| value * *factor as f32);
            }
        }
        Ok(())
    }
}

fn spec(engine: &Engine, version: &str) -> EffectSpec {
    // The parameter of the fixture, under another identity.
    let gain = EffectSpec::clone(engine.effects().find("Gain").expect("it is loaded").spec());
    let mut params = gain.params;
    params[0].hard_range = None;
    EffectSpec {
        id: "com.example.factor".into(),
        type_name: "Factor".into(),
        label: "Factor".into(),
        version: version.into(),
        help: String::new(),
        tags: Vec::new(),
        inputs: vec![InputSpec::source()],
        params,
        traits: Traits::TILEABLE,
        alpha: Alpha::Premultiplied,
    }
}

#[test]
fn an_effect_of_the_program_is_one_like_any_other_and_is_replaced_by_its_next_generation() {
    let engine = crate::support::engine_with(&["fixture-gain"]);
    let (here, there) = (Path::new("factor.py"), Path::new("other.py"));
    let register =
        |spec, path, hash: &[u8]| engine.registry().register(spec, path, blake3::hash(hash), Arc::new(Factor));
    register(spec(&engine, "1.0.0"), here, b"1").expect("it is right");
    let scene = Scene::on(&engine, 20, 10);
    let layer = scene.layer(&picture(20, 10, flat([0.25, 0.5, 1.0, 1.0])));
    let effect = scene.effect(layer, "Factor", &[("gain", Value::Float(2.0))]);
    assert_image(&scene.render(), 0.0, flat([0.5, 1.0, 2.0, 2.0]));

    scene.project.set_effect_param(effect, "gain", &Value::Float(-1.0)).expect("no range");
    let error = scene.error();
    let Problem::Effect(failure) = &*error.problem else { panic!("{error}") };
    assert!(failure.cause.as_ref().is_some_and(|cause| cause.is::<Reason>()));
    assert!(error.to_string().ends_with("effect Factor: below 0"), "{error}");

    // Another version from another file takes its place.
    let of = |path: &Path| -> Vec<String> {
        let effects = engine.effects();
        let reports = effects.files().iter().filter(|file| file.path == path);
        reports.flat_map(|file| file.effects()).map(|e| e.spec().version.clone()).collect()
    };
    assert_eq!(of(here), ["1.0.0"]);
    register(spec(&engine, "0.9.0"), there, b"2").expect("it is right");
    assert_eq!(engine.effects().find("Factor").expect("it is there").spec().version, "0.9.0");
    assert!(of(here).is_empty());
    assert_eq!(of(there), ["0.9.0"]);
}

#[test]
fn a_description_is_checked_like_that_of_a_file() {
    let engine = crate::support::engine_with(&["fixture-gain"]);
    let path = Path::new("factor.py");
    let register = |spec| engine.registry().register(spec, path, blake3::hash(b""), Arc::new(Factor));
    let good = spec(&engine, "1.0.0");
    let wrong = [
        (EffectSpec { version: "1".into(), ..good.clone() }, "major.minor.patch"),
        (EffectSpec { id: "factor".into(), ..good.clone() }, "reverse-DNS"),
        (EffectSpec { traits: Traits { pixel_wise: true, ..Traits::TILEABLE }, ..good.clone() }, "single tiles"),
    ];
    for (spec, reason) in wrong {
        let error = register(spec).expect_err(reason);
        assert!(matches!(error, LoadError::Descriptor { .. }), "{error}");
        assert!(error.to_string().starts_with("factor.py: ") && error.to_string().contains(reason), "{error}");
    }
    let effects = engine.effects();
    let gain = EffectSpec::clone(effects.find("Gain").expect("it is loaded").spec());
    let same = EffectSpec { traits: Traits::TILEABLE, ..gain };
    assert!(matches!(register(same).expect_err("the file has it"), LoadError::Duplicate { .. }));
    assert_eq!(effects.files().len(), engine.effects().files().len());
}
