//! The first picture of a new plugin: small, with everything in it that pictures may have.

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{Pixel, Query, Rect};

use crate::image::scratch::Scratch;
use crate::image::{View, ViewMut};
use crate::plugin::{EffectType, Input, Services, Setting, Stop, Threads};

/// The picture.
const CANVAS: Rect = Rect::new(0, 0, 48, 32);
/// What an effect renders into: NaNs that no arithmetic makes.
const UNTOUCHED: Pixel = [f32::from_bits(0x7fe5_a17e); 4];
/// Scratch memory for it.
const SCRATCH: u64 = 256 << 20;

/// Renders a small picture with the defaults of an effect. What it says it cannot do is its right; that it comes back is
/// most of what is tried. What it claims to have done it must have done.
pub(super) fn fault(effect: &EffectType, scratch: &Scratch) -> Option<String> {
    let spec = effect.spec();
    let params: Vec<WireValue> = spec.params.iter().map(|param| WireValue::from(&param.default)).collect();
    let domains = vec![Some(CANVAS); spec.inputs.len()];
    let query = Query { window: CANVAS, canvas: CANVAS, frame: 1.0, scale: 1.0, domains: &domains };
    let plan = effect.plan(&params, &query).inspect_err(|error| log::debug!("{}: {error}", spec.id)).ok()?;
    let window = CANVAS.intersect(&plan.domain);
    if plan.identity.is_some() || window.is_empty() {
        return None;
    }
    let pixels: Vec<Pixel> = (0..CANVAS.area()).map(|index| pixel(index as usize)).collect();
    let source = View::new(CANVAS, &pixels);
    let input = |need: &playa_plugin_api::Need| Input {
        input: need.input,
        frame: need.frame,
        pixels: source.crop(need.rect),
        image: None,
    };
    let inputs: Vec<Input<'_>> = plan.needs.iter().map(input).collect();
    let mut output = vec![UNTOUCHED; window.area() as usize];
    let services = Services::new(&spec.id, Threads::All, Stop::default(), scratch, SCRATCH);
    let setting = Setting { canvas: CANVAS, frame: 1.0, scale: 1.0 };
    let rendered = effect.render(&params, setting, &inputs, ViewMut::new(window, &mut output), &services);
    rendered.inspect_err(|error| log::debug!("{}: {error}", spec.id)).ok()?;
    let bits = |pixel: &Pixel| pixel.map(f32::to_bits);
    let left = output.iter().filter(|pixel| bits(pixel) == bits(&UNTOUCHED)).count();
    (left > 0).then(|| format!("effect {:?} says that it filled {window}, but left {left} of its pixels", spec.id))
}

/// Dark and bright, beyond 1 and below 0, opaque, half and not at all; premultiplied.
fn pixel(index: usize) -> Pixel {
    let (x, y) = (index % CANVAS.width(), index / CANVAS.width());
    let alpha = [1.0, 0.5, 0.0, 1.0][y % 4];
    let bright = (x as f32 / 8.0 - 1.0).exp2() - 0.5;
    [bright * alpha, bright * 0.5 * alpha, (x as f32 * 0.02) * alpha, alpha]
}
