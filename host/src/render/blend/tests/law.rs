//! What the modes mean, on straight colours in f64, as the specification of W3C Compositing and Blending Level 1 is
//! written (`clip_color`, `set_lum`, `set_sat` are its own), and where that is silent, as [`BlendMode`] is documented.

use super::super::BlendMode;

/// Premultiplied layer, with its opacity multiplied in, over premultiplied backdrop.
pub fn law(mode: BlendMode, s: [f64; 4], d: [f64; 4]) -> [f64; 4] {
    let (alpha_s, alpha_b) = (s[3], d[3]);
    // Fa and Fb of Porter and Duff.
    let factors = match mode {
        BlendMode::In => Some((alpha_b, 0.0)),
        BlendMode::Out => Some((1.0 - alpha_b, 0.0)),
        BlendMode::Atop => Some((alpha_b, 1.0 - alpha_s)),
        BlendMode::Xor => Some((1.0 - alpha_b, 1.0 - alpha_s)),
        BlendMode::Under => Some((1.0 - alpha_b, 1.0)),
        BlendMode::Stencil => Some((0.0, alpha_s)),
        BlendMode::Copy => Some((1.0, 0.0)),
        _ => None,
    };
    let (cs, cb) = (straight(s), straight(d));
    if let Some((fa, fb)) = factors {
        let composed = |i: usize| alpha_s * fa * cs[i] + alpha_b * fb * cb[i];
        return [composed(0), composed(1), composed(2), alpha_s * fa + alpha_b * fb];
    }
    let blended = blend(mode, cb, cs);
    let composed = |i: usize| {
        alpha_s * (1.0 - alpha_b) * cs[i] + alpha_s * alpha_b * blended[i] + (1.0 - alpha_s) * alpha_b * cb[i]
    };
    [composed(0), composed(1), composed(2), alpha_s + alpha_b - alpha_s * alpha_b]
}

fn straight([r, g, b, alpha]: [f64; 4]) -> [f64; 3] {
    if alpha == 0.0 { [0.0; 3] } else { [r / alpha, g / alpha, b / alpha] }
}

/// `B(Cb, Cs)`.
fn blend(mode: BlendMode, cb: [f64; 3], cs: [f64; 3]) -> [f64; 3] {
    match mode {
        BlendMode::Hue => set_lum(set_sat(cs, sat(cb)), lum(cb), limits(cb, cs)),
        BlendMode::Saturation => set_lum(set_sat(cb, sat(cs)), lum(cb), limits(cb, cs)),
        BlendMode::Color => set_lum(cs, lum(cb), limits(cb, cs)),
        BlendMode::Luminosity => set_lum(cb, lum(cs), limits(cb, cs)),
        _ => std::array::from_fn(|i| component(mode, cb[i], cs[i])),
    }
}

fn component(mode: BlendMode, cb: f64, cs: f64) -> f64 {
    match mode {
        BlendMode::Normal => cs,
        BlendMode::Add => cb + cs,
        BlendMode::Subtract => cb - cs,
        BlendMode::Multiply => cb * cs,
        BlendMode::Screen if cb > 1.0 || cs > 1.0 => cb.max(cs),
        BlendMode::Screen => 1.0 - (1.0 - cb) * (1.0 - cs),
        BlendMode::Overlay => component(BlendMode::HardLight, cs, cb),
        BlendMode::HardLight if cs <= 0.5 => component(BlendMode::Multiply, cb, 2.0 * cs),
        BlendMode::HardLight => component(BlendMode::Screen, cb, 2.0 * cs - 1.0),
        BlendMode::Divide if cs >= 0.0 => cb / cs.max(1e-5),
        BlendMode::Divide => cb / cs.min(-1e-5),
        BlendMode::Difference => (cb - cs).abs(),
        BlendMode::Darken => cb.min(cs),
        BlendMode::Lighten => cb.max(cs),
        BlendMode::ColorDodge if cb <= 0.0 => cb,
        BlendMode::ColorDodge if cs >= 1.0 => cb.max(1.0),
        BlendMode::ColorDodge => (cb / (1.0 - cs)).min(cb.max(1.0)),
        BlendMode::ColorBurn if cb >= 1.0 => cb,
        BlendMode::ColorBurn if cs <= 0.0 => cb.min(0.0),
        BlendMode::ColorBurn => (1.0 - (1.0 - cb) / cs).max(cb.min(0.0)),
        BlendMode::SoftLight if cb <= 0.0 || cb >= 1.0 => cb,
        BlendMode::SoftLight if cs <= 0.5 => cb - (1.0 - 2.0 * cs) * cb * (1.0 - cb),
        BlendMode::SoftLight if cb <= 0.25 => cb + (2.0 * cs - 1.0) * (((16.0 * cb - 12.0) * cb + 4.0) * cb - cb),
        BlendMode::SoftLight => cb + (2.0 * cs - 1.0) * (cb.sqrt() - cb),
        BlendMode::Exclusion => cb + cs - 2.0 * cb * cs,
        _ => unreachable!("{mode:?} is not separable"),
    }
}

fn lum([r, g, b]: [f64; 3]) -> f64 {
    0.3 * r + 0.59 * g + 0.11 * b
}

fn sat(c: [f64; 3]) -> f64 {
    highest(c) - lowest(c)
}

fn highest([r, g, b]: [f64; 3]) -> f64 {
    r.max(g).max(b)
}

fn lowest([r, g, b]: [f64; 3]) -> f64 {
    r.min(g).min(b)
}

/// How far colours may go: 0..1, or as far as these two do.
fn limits(cb: [f64; 3], cs: [f64; 3]) -> (f64, f64) {
    (lowest(cb).min(lowest(cs)).min(0.0), highest(cb).max(highest(cs)).max(1.0))
}

fn set_lum(c: [f64; 3], l: f64, limits: (f64, f64)) -> [f64; 3] {
    let d = l - lum(c);
    clip_color(c.map(|v| v + d), limits)
}

/// W3C has 0 and 1 for the limits. A colour beyond both, which only larger ones can be, is drawn by the larger of the two
/// amounts.
fn clip_color(c: [f64; 3], (least, most): (f64, f64)) -> [f64; 3] {
    let (l, n, x) = (lum(c), lowest(c), highest(c));
    let from_below = if n < least { (l - least) / (l - n) } else { 1.0 };
    let from_above = if x > most { (most - l) / (x - l) } else { 1.0 };
    c.map(|v| l + (v - l) * from_below.min(from_above))
}

fn set_sat(c: [f64; 3], s: f64) -> [f64; 3] {
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| c[*a].total_cmp(&c[*b]));
    let [min, mid, max] = order;
    let mut result = [0.0; 3];
    if c[max] > c[min] {
        result[mid] = (c[mid] - c[min]) * s / (c[max] - c[min]);
        result[max] = s;
    }
    result
}
