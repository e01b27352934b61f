//! What crosses between host and plugin, and the guard in front of author code.

use std::cell::Cell;

use abi_stable::RRef;
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{ROption, RResult, RStr, RVec};
use playa_plugin_api::abi::{
    BodyRef, Descriptor, EffectBox, Extension, Failure, InputAt, InputImage, Query as WireQuery,
    RenderCall as WireCall, Services, Services_TO, Soon, WireImage, WireValue,
};
use playa_plugin_api::{EffectSpec, ErrorCode, Value, export};

use super::*;
use crate::values::samples;

#[test]
fn a_value_of_every_kind_survives_the_wire() {
    for value in samples() {
        assert_eq!(WireValue::from(&value).to_value(), Some(value));
    }
    assert_eq!(WireValue { kind: 99, ..WireValue::default() }.to_value(), None);
}

#[test]
fn a_descriptor_survives_the_wire() {
    let spec = (export::entry::<_, EveryKind>().spec)();
    assert_eq!(EffectSpec::try_from(&Descriptor::from(&spec)), Ok(spec.clone()));
    assert_eq!(spec.inputs, [InputSpec::source()]);
    assert!(spec.traits.pixel_wise && spec.traits.tileable && spec.traits.in_place && spec.traits.blocks);
}

#[test]
fn a_descriptor_of_a_later_version_is_refused_by_name() {
    let mut descriptor = Descriptor::from(&EveryKind::spec());
    descriptor.params[2].kind = 77;
    let error = EffectSpec::try_from(&descriptor).expect_err("unknown kind");
    assert_eq!(error, "parameter \"big\" is of kind number 77, which this version does not know");
    let descriptor = Descriptor { alpha: 9, ..Descriptor::from(&EveryKind::spec()) };
    assert!(EffectSpec::try_from(&descriptor).expect_err("unknown form").contains("com.example.every_kind"));
}

#[test]
fn every_error_code_keeps_its_number() {
    use ErrorCode::{Aborted, Failed, Input, NotFound, OutOfMemory, Panicked, Param, Unsupported};
    let codes = [Failed, Param, Input, OutOfMemory, Aborted, Panicked, NotFound, Unsupported];
    for (number, code) in (0..).zip(codes) {
        assert_eq!((code as u32, ErrorCode::from_number(number)), (number, code));
        let error = EffectError { code, message: "what".into(), param: "which".into() };
        assert_eq!(EffectError::from(Failure::from(error.clone())), error);
    }
    assert_eq!(ErrorCode::from_number(1000), Failed);
}

#[test]
fn parameters_are_read_by_index_and_refused_by_name() {
    let mut wire: Vec<_> = EveryKind::spec().params.iter().map(|param| WireValue::from(&param.default)).collect();
    wire[4] = WireValue::from(&Value::Float(2.5));
    wire[11] = WireValue::from(&Value::Choice("third_way".into()));
    let effect = EveryKind::from_wire(wire.as_slice().into()).expect("readable");
    assert_eq!((effect.exposure, effect.mode), (2.5, Mode::ThirdWay));

    let refused = |index: usize, value: Value| {
        let mut wire = wire.clone();
        wire[index] = WireValue::from(&value);
        EveryKind::from_wire(wire.as_slice().into()).expect_err("refused").to_string()
    };
    assert_eq!(refused(0, Value::Int(1)), "parameter \"on\": the host sent 1 (int), expected bool");
    assert_eq!(refused(1, Value::Int(1 << 40)), "parameter \"count\": the host sent 1099511627776 (int), expected int");
    assert!(refused(11, Value::Choice("none".into())).starts_with("parameter \"mode\": the host sent \"none\""));
    let short = EveryKind::from_wire(wire[..3].into()).expect_err("too few").to_string();
    assert_eq!(short, "parameter \"index\": the host sent no value for it");
}

#[test]
fn a_panic_comes_back_as_an_error_with_its_message() {
    let error = export::guarded::<()>(|| panic!("out of {}", "luck")).expect_err("caught");
    assert_eq!((error.code, error.message.as_str()), (ErrorCode::Panicked, "out of luck"));
    let error = export::guarded::<()>(|| std::panic::panic_any(7_u8)).expect_err("caught");
    assert_eq!(error.message, "no message");
    assert_eq!(export::guarded(|| Ok(3)), Ok(3));
}

#[test]
fn a_payload_that_panics_when_dropped_is_caught_too() {
    struct Spiteful;
    impl Drop for Spiteful {
        fn drop(&mut self) {
            panic!("and again");
        }
    }
    let error = export::guarded::<()>(|| std::panic::panic_any(Spiteful)).expect_err("caught");
    assert_eq!(error.code, ErrorCode::Panicked);
}

/// Does what its parameter says.
#[derive(Params)]
#[effect(id = "com.example.obedient")]
struct Obedient {
    order: Order,
}

#[derive(Choice, Clone, Copy, Debug, PartialEq)]
enum Order {
    Double,
    PanicInPlan,
    PanicInRender,
    PanicInLoop,
    TakeMemory,
}

impl Effect for Obedient {
    fn available() -> EffectResult<()> {
        if AVAILABLE.get() { Ok(()) } else { Err(EffectError::new(ErrorCode::Unsupported, "not on this machine")) }
    }

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        assert_ne!(self.order, Order::PanicInPlan, "told to");
        let need = Need { input: 0, frame: query.frame - 1.0, rect: query.window };
        Ok(Plan { domain: query.domain(0), identity: None, needs: vec![need] })
    }

    fn render(&self, mut call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        match self.order {
            Order::PanicInRender => panic!("told to"),
            Order::PanicInLoop => host.parallel_for(3, |index| if index == 1 { panic!("told to") } else { Ok(()) }),
            Order::TakeMemory => host.scratch(1 << 40).map(drop),
            Order::PanicInPlan | Order::Double => {
                let source = call.inputs.get(0)?;
                call.output.for_each_row(|y, row| {
                    for (out, pixel) in row.iter_mut().zip(source.row(y)) {
                        *out = pixel.map(|channel| 2.0 * channel);
                    }
                });
                host.check_abort()
            }
        }
    }
}

thread_local! {
    static AVAILABLE: Cell<bool> = const { Cell::new(true) };
}

/// A host of one thread, without memory to lend, on the far side of the wire.
pub struct OneThread {
    pub stop: bool,
}

impl Services for OneThread {
    fn parallel_for(&self, count: usize, body: &BodyRef<'_>) {
        (0..count).for_each(|index| body.run(index));
    }

    fn scratch(&self, _values: usize) -> ROption<RVec<f32>> {
        ROption::RNone
    }

    fn give_back(&self, _buffer: RVec<f32>) {}

    fn aborted(&self) -> bool {
        self.stop
    }

    fn progress(&self, _done: f32) {}

    fn log(&self, _level: u32, _message: RStr<'_>) {}

    fn extension(&self, _name: RStr<'_>, _version: u32) -> ROption<Extension> {
        ROption::RNone
    }
}

const WINDOW: Rect = Rect::new(4, 2, 6, 5);

fn obedient() -> EffectBox {
    (export::entry::<_, Obedient>().create)().expect("available")
}

fn order(key: &str) -> [WireValue; 1] {
    [WireValue::from(&Value::Choice(key.into()))]
}

fn plan(effect: &EffectBox, params: &[WireValue]) -> EffectResult<playa_plugin_api::abi::Plan> {
    let query = WireQuery {
        params: params.into(),
        window: WINDOW,
        canvas: WINDOW,
        frame: 10.0,
        scale: 1.0,
        domains: [ROption::RSome(WINDOW)][..].into(),
        properties: [][..].into(),
    };
    into_result(effect.plan(&query))
}

/// Renders rows of 2 pixels out of `pixels`, with the last row first and 3 pixels from row to row.
fn render(effect: &EffectBox, params: &[WireValue], format: u32, stop: bool) -> EffectResult<Vec<Pixel>> {
    let mut pixels: Vec<Pixel> = (0..9).map(|i| [i as f32; 4]).collect();
    let mut result = vec![[-1.0; 4]; 9];
    let flipped = |first: *mut Pixel| WireImage {
        data: first.cast(),
        row_stride: -3 * size_of::<Pixel>() as isize,
        pixel_stride: size_of::<Pixel>() as isize,
        window: WINDOW,
        format,
    };
    let inputs = [InputImage { at: InputAt { input: 0, frame: 9.0 }, image: flipped(&raw mut pixels[6]) }];
    let call = WireCall {
        params: params.into(),
        inputs: inputs[..].into(),
        output: flipped(&raw mut result[6]),
        canvas: WINDOW,
        frame: 10.0,
        scale: 1.0,
        seed: 0,
        soon: Soon::NOTHING,
        properties: [][..].into(),
    };
    let host = OneThread { stop };
    let services = Services_TO::from_ptr(RRef::new(&host), TD_Opaque);
    into_result(effect.render(&call, &services))?;
    Ok(result)
}

fn into_result<T>(result: RResult<T, Failure>) -> EffectResult<T> {
    result.into_result().map_err(EffectError::from)
}

#[test]
fn an_effect_plans_and_renders_over_the_wire() {
    let (effect, params) = (obedient(), order("double"));
    let plan = plan(&effect, &params).expect("a plan");
    assert_eq!((plan.domain, plan.needs.len()), (WINDOW, 1));
    assert_eq!((plan.needs[0].at.frame, plan.needs[0].rect), (9.0, WINDOW));
    let found = render(&effect, &params, 0, false).expect("pixels");
    let row = |first: f32| [[first; 4], [first + 2.0; 4], [-1.0; 4]];
    assert_eq!(found, [row(0.0), row(6.0), row(12.0)].concat(), "the padding is left alone");
}

#[test]
fn a_pixel_effect_may_find_its_output_in_its_input() {
    let entry = export::entry::<_, EveryKind>();
    let mut params: Vec<_> = (entry.spec)().params.iter().map(|param| WireValue::from(&param.default)).collect();
    params[4] = WireValue::from(&Value::Float(0.5));
    let effect = (entry.create)().expect("available");
    let mut pixels: Vec<Pixel> = (0..9).map(|i| [i as f32; 4]).collect();
    let image = |first: *mut Pixel, window| WireImage {
        data: first.cast(),
        row_stride: 3 * size_of::<Pixel>() as isize,
        pixel_stride: size_of::<Pixel>() as isize,
        window,
        format: 0,
    };
    // The input is 3 x 3 pixels, the output the 2 x 2 at its lower right.
    let first = pixels.as_mut_ptr();
    let inputs = [InputImage { at: InputAt { input: 0, frame: 0.0 }, image: image(first, Rect::of_size(3, 3)) }];
    let call = WireCall {
        params: params[..].into(),
        inputs: inputs[..].into(),
        output: image(first.wrapping_add(4), Rect::new(1, 1, 3, 3)),
        canvas: WINDOW,
        frame: 0.0,
        scale: 1.0,
        seed: 0,
        soon: Soon::NOTHING,
        properties: [][..].into(),
    };
    let host = OneThread { stop: false };
    into_result(effect.render(&call, &Services_TO::from_ptr(RRef::new(&host), TD_Opaque))).expect("pixels");
    let reds: Vec<_> = pixels.iter().map(|[r, ..]| *r).collect();
    assert_eq!(reds, [0.0, 1.0, 2.0, 3.0, 4.5, 5.5, 6.0, 7.5, 8.5]);
}

#[test]
fn a_panic_anywhere_in_an_effect_is_an_error_of_that_call() {
    let effect = obedient();
    let error = plan(&effect, &order("panic_in_plan")).expect_err("a panic");
    assert_eq!(error.code, ErrorCode::Panicked);
    for key in ["panic_in_render", "panic_in_loop"] {
        let error = render(&effect, &order(key), 0, false).expect_err("a panic");
        assert_eq!((error.code, error.message.as_str()), (ErrorCode::Panicked, "told to"), "{key}");
    }
    assert!(render(&effect, &order("double"), 0, false).is_ok(), "the effect works on");
}

#[test]
fn what_the_host_refuses_is_an_error_of_that_call() {
    let effect = obedient();
    let code = |result: EffectResult<Vec<Pixel>>| result.expect_err("refused").code;
    assert_eq!(code(render(&effect, &order("take_memory"), 0, false)), ErrorCode::OutOfMemory);
    assert_eq!(code(render(&effect, &order("double"), 0, true)), ErrorCode::Aborted);
    assert_eq!(code(render(&effect, &order("double"), 5, false)), ErrorCode::Input, "an unknown pixel format");
    assert_eq!(code(render(&effect, &[], 0, false)), ErrorCode::Param);
}

#[test]
fn an_effect_that_is_not_available_is_not_made() {
    AVAILABLE.set(false);
    let error = (export::entry::<_, Obedient>().create)().err().expect("not available");
    assert_eq!(error, EffectError::new(ErrorCode::Unsupported, "not on this machine"));
}
