//! Many layers over each other in the mode `normal`, the work that a compositor does most.
//!
//! A few pixels go through all layers in the registers of the processor, so that what is below is neither written nor read
//! again for each layer. It is [`normal`] to the bit, with vectors written out: the compiler does not find that all four
//! components of a pixel need the same factor, and takes pixels apart and together again.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers, by instructions that were asked for")]

use playa_plugin_api::simd::Level;

use super::porter_duff::normal;
use crate::image::Pixel;

/// A row of a layer, and how much of it is seen.
pub type Layer<'a> = (&'a [Pixel], f32);

/// Paints rows of layers, the first one lowest, over what `output` holds, or over nothing: then the first one is shown as
/// it is. `lasting` says that nobody reads the output soon: it goes past the caches. `soon` are pixels that are read
/// next: they come into a cache meanwhile.
///
/// # Panics
/// If a row is shorter than `output`.
pub fn paint(output: &mut [Pixel], over_nothing: bool, layers: &[Layer<'_>], lasting: bool, soon: &[Pixel]) {
    match Level::current() {
        // SAFETY: `current` is never above what this processor has, which is all that the function needs.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { x86::avx512(output, over_nothing, layers, lasting, soon) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { x86::avx2(output, over_nothing, layers, lasting, soon) },
        _ => plain(output, 0, over_nothing, layers),
    }
}

/// Pixel by pixel, from the pixel `first` on.
#[inline(always)]
fn plain(output: &mut [Pixel], first: usize, over_nothing: bool, layers: &[Layer<'_>]) {
    for (index, output) in output.iter_mut().enumerate().skip(first) {
        let mut pixel = *output;
        for (at, (layer, opacity)) in layers.iter().enumerate() {
            let shown = layer[index].map(|value| value * opacity);
            pixel = if over_nothing && at == 0 { shown } else { normal(shown, pixel) };
        }
        *output = pixel;
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Layer, Pixel, plain};

    /// How many pixels go through all layers together: enough vectors that one need not wait for another.
    const BLOCK: usize = 16;

    /// How far ahead of what is read memory is asked for, in pixels: the next block. Some processors look ahead themselves,
    /// but within a page of memory, for few rows at a time: for them eight layers are read faster by a sixth. Others need
    /// none of it, and are slower by a sixth where they are asked for twice as much.
    const AHEAD: usize = BLOCK;

    /// Asks for the memory of a block that begins at `first`, which need not exist.
    #[target_feature(enable = "sse")]
    #[inline]
    fn fetch<const HINT: i32>(first: *const Pixel) {
        for line in 0..BLOCK / 4 {
            _mm_prefetch::<HINT>(first.wrapping_add(line * 4).cast());
        }
    }

    /// The same function for vectors of 16 and of 8 floats.
    macro_rules! paint {
        ($name:ident, $features:literal, $vectors:literal, $load:ident, $store:ident, $stream:ident, $splat:ident,
         $mul:ident, $sub:ident, $alpha:expr, $add_unless_hidden:expr, $align:literal) => {
            #[target_feature(enable = $features)]
            pub fn $name(
                output: &mut [Pixel],
                over_nothing: bool,
                layers: &[Layer<'_>],
                lasting: bool,
                soon: &[Pixel],
            ) {
                let (blocks, _) = output.as_chunks_mut::<BLOCK>();
                let done = blocks.len() * BLOCK;
                let stream = lasting && blocks.as_ptr().addr() % $align == 0;
                let one = $splat(1.0);
                for (index, block) in blocks.iter_mut().enumerate() {
                    let first: *mut f32 = block.as_mut_ptr().cast();
                    let vector = |at: usize| at * (BLOCK * 4 / $vectors);
                    if index * BLOCK < soon.len() {
                        fetch::<_MM_HINT_T1>(soon[index * BLOCK..].as_ptr());
                    }
                    let mut below = [one; $vectors];
                    if !over_nothing {
                        for at in 0..$vectors {
                            // SAFETY: the block holds so many vectors, and unaligned ones may be loaded.
                            below[at] = unsafe { $load(first.add(vector(at))) };
                        }
                    }
                    for (number, (pixels, opacity)) in layers.iter().enumerate() {
                        let pixels = &pixels[index * BLOCK..][..BLOCK];
                        fetch::<_MM_HINT_T0>(pixels.as_ptr().wrapping_add(AHEAD));
                        let layer: *const f32 = pixels.as_ptr().cast();
                        let mut shown = [one; $vectors];
                        for at in 0..$vectors {
                            // SAFETY: the slice holds a block, as above.
                            shown[at] = unsafe { $load(layer.add(vector(at))) };
                        }
                        if *opacity != 1.0 {
                            let opacity = $splat(*opacity);
                            for at in 0..$vectors {
                                shown[at] = $mul(shown[at], opacity);
                            }
                        }
                        if over_nothing && number == 0 {
                            below = shown;
                            continue;
                        }
                        for at in 0..$vectors {
                            let rest = $sub(one, $alpha(shown[at]));
                            below[at] = $add_unless_hidden(shown[at], $mul(rest, below[at]), rest);
                        }
                    }
                    for at in 0..$vectors {
                        // SAFETY: as above; streams are written where the first vector is aligned, and so each one is.
                        unsafe {
                            if stream {
                                $stream(first.add(vector(at)), below[at]);
                            } else {
                                $store(first.add(vector(at)), below[at]);
                            }
                        }
                    }
                }
                if stream {
                    _mm_sfence();
                }
                plain(output, done, over_nothing, layers);
            }
        };
    }

    paint!(
        avx512,
        "avx512f,avx512bw,avx512dq,avx512vl",
        4,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_stream_ps,
        _mm512_set1_ps,
        _mm512_mul_ps,
        _mm512_sub_ps,
        |v| _mm512_permute_ps::<0xff>(v),
        |shown, behind, rest| {
            let seen = _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(rest, _mm512_setzero_ps());
            _mm512_mask_add_ps(shown, seen, shown, behind)
        },
        64
    );
    paint!(
        avx2,
        "avx2",
        8,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_stream_ps,
        _mm256_set1_ps,
        _mm256_mul_ps,
        _mm256_sub_ps,
        |v| _mm256_permute_ps::<0xff>(v),
        |shown, behind, rest| {
            let hidden = _mm256_cmp_ps::<_CMP_EQ_OQ>(rest, _mm256_setzero_ps());
            _mm256_blendv_ps(_mm256_add_ps(shown, behind), shown, hidden)
        },
        32
    );
}

#[cfg(test)]
mod tests {
    use playa_plugin_api::simd;

    use super::*;

    fn noise(seed: u32, pixels: usize) -> Vec<Pixel> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 0.5
        };
        let mut pixel = || match next() {
            // Hidden, clear, and worse than that.
            x if x > 1.2 => [next(), -0.0, f32::INFINITY, 1.0],
            x if x > 1.0 => [0.0; 4],
            x if x > 0.98 => [f32::NAN, 1.0, f32::NEG_INFINITY, 0.5],
            _ => [next(), next(), next(), next().clamp(0.0, 1.0)],
        };
        (0..pixels).map(|_| pixel()).collect()
    }

    #[test]
    fn every_level_paints_the_bits_that_blending_one_by_one_does() {
        for pixels in [0, 1, 15, 16, 33, 100] {
            let rows: Vec<Vec<Pixel>> = (1..=5).map(|seed| noise(seed, pixels)).collect();
            for (count, over_nothing, lasting) in
                [(1, true, false), (1, false, true), (2, true, true), (5, true, false), (5, false, false)]
            {
                let layers: Vec<Layer<'_>> = rows
                    .iter()
                    .take(count)
                    .zip([1.0, 0.37, 1.0, 0.0, 0.9])
                    .map(|(row, opacity)| (&row[..], opacity))
                    .collect();
                let before = noise(9, pixels);
                let expected: Vec<[u32; 4]> = (0..pixels)
                    .map(|index| {
                        let mut below = before[index];
                        for (at, (row, opacity)) in layers.iter().enumerate() {
                            let shown = row[index].map(|value| value * opacity);
                            below = if over_nothing && at == 0 { shown } else { normal(shown, below) };
                        }
                        below.map(bits)
                    })
                    .collect();
                simd::on_each_level(|level| {
                    let mut found = before.clone();
                    paint(&mut found, over_nothing, &layers, lasting, &rows[4][..pixels / 2]);
                    let found: Vec<_> = found.into_iter().map(|pixel| pixel.map(bits)).collect();
                    assert!(found == expected, "{count} layers of {pixels} pixels at {level:?}");
                });
            }
        }
    }

    /// The bits, all NaNs being the same.
    fn bits(value: f32) -> u32 {
        if value.is_nan() { f32::NAN.to_bits() } else { value.to_bits() }
    }
}
