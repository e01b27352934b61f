//! Smooth noise without chance: the same numbers in, the same numbers out.

/// A number in 0..1 that looks random, for each cell of a grid and each `seed`.
pub(super) fn hash(x: i32, y: i32, seed: u32) -> f32 {
    // The finaliser of MurmurHash3 over the three numbers, each times an odd constant.
    let mut h =
        (x as u32).wrapping_mul(0x85eb_ca6b) ^ (y as u32).wrapping_mul(0xc2b2_ae35) ^ seed.wrapping_mul(0x27d4_eb2f);
    h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    (h ^ (h >> 16)) as f32 / u32::MAX as f32
}

/// Hills and dales of several sizes, 0..1: four octaves of value noise, each half as high and wide as the one before.
pub(super) fn clouds(x: f32, y: f32, seed: u32) -> f32 {
    let octaves = (0..4).map(|octave| {
        let (scale, weight) = ((1 << octave) as f32, 0.5_f32.powi(octave + 1));
        weight * value(x * scale, y * scale, seed.wrapping_add(octave as u32))
    });
    octaves.sum::<f32>() / (1.0 - 0.5_f32.powi(4))
}

/// 0 below `low`, 1 above `high`, an S-shaped rise between them.
pub(super) fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// The hashes at the corners of a grid, smoothly between them.
fn value(x: f32, y: f32, seed: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (fx, fy) = (smoothstep(0.0, 1.0, x - left), smoothstep(0.0, 1.0, y - top));
    let (left, top) = (left as i32, top as i32);
    let corner = |dx: i32, dy: i32| hash(left.wrapping_add(dx), top.wrapping_add(dy), seed);
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    mix(mix(corner(0, 0), corner(1, 0), fx), mix(corner(0, 1), corner(1, 1), fx), fy)
}
