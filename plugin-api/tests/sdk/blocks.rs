//! Pixel effects on pixels whose components are apart: the bits are those of the pixels one by one.

use abi_stable::RRef;
use abi_stable::sabi_trait::TD_Opaque;
use playa_plugin_api::abi::formats::{BLOCK, BLOCKS, PIXELS};
use playa_plugin_api::abi::{InputAt, InputImage, RenderCall as WireCall, Services_TO, Soon, WireImage, WireValue};
use playa_plugin_api::{ErrorCode, export, simd, testing};

use super::*;
use crate::pixels::{Bend, Curve, Linear, noise, same};
use crate::wire::OneThread;

type Block = [[f32; BLOCK]; 4];

/// Pixels in rows of whole blocks, the rest of the last one NaN.
fn blocks(window: Rect, pixels: &[Pixel]) -> Vec<Block> {
    let mut blocks = vec![[[f32::NAN; BLOCK]; 4]; window.width().div_ceil(BLOCK) * window.height()];
    for (at, pixel) in pixels.iter().enumerate() {
        let (row, column) = (at / window.width(), at % window.width());
        let block = &mut blocks[row * window.width().div_ceil(BLOCK) + column / BLOCK];
        (0..4).for_each(|channel| block[channel][column % BLOCK] = pixel[channel]);
    }
    blocks
}

fn pixels(window: Rect, blocks: &[Block]) -> Vec<Pixel> {
    let pixel = |row: usize, column: usize| {
        let block = &blocks[row * window.width().div_ceil(BLOCK) + column / BLOCK];
        [0, 1, 2, 3].map(|channel| block[channel][column % BLOCK])
    };
    (0..window.height()).flat_map(|row| (0..window.width()).map(move |column| pixel(row, column))).collect()
}

fn in_rows(window: Rect, pixels: *const Pixel) -> WireImage {
    let row = window.width() * size_of::<Pixel>();
    let pixel = size_of::<Pixel>();
    WireImage {
        data: pixels.cast_mut().cast(),
        row_stride: row as isize,
        pixel_stride: pixel as isize,
        window,
        format: PIXELS,
    }
}

fn in_blocks(window: Rect, blocks: *const Block) -> WireImage {
    let block = size_of::<Block>();
    WireImage {
        data: blocks.cast_mut().cast(),
        row_stride: (window.width().div_ceil(BLOCK) * block) as isize,
        pixel_stride: block as isize,
        window,
        format: BLOCKS,
    }
}

fn render<K: 'static, E: export::AnyEffect<K>>(input: WireImage, output: WireImage) -> EffectResult<()> {
    let entry = export::entry::<K, E>();
    let params: Vec<_> = (entry.spec)().params.iter().map(|param| WireValue::from(&param.default)).collect();
    let effect = (entry.create)().expect("available");
    let host = OneThread { stop: false };
    let inputs = [InputImage { at: InputAt { input: 0, frame: 0.0 }, image: input }];
    // Where there is no memory, which nobody notices who only asks for it.
    let soon = Soon { data: std::ptr::without_provenance(64), row_stride: -(1 << 20), row_bytes: 1000, rows: 3 };
    let call = WireCall {
        params: params[..].into(),
        inputs: inputs[..].into(),
        output,
        canvas: output.window,
        frame: 0.0,
        scale: 1.0,
        seed: 0,
        soon,
        properties: [][..].into(),
    };
    let services = Services_TO::from_ptr(RRef::new(&host), TD_Opaque);
    effect.render(&call, &services).into_result().map_err(EffectError::from)
}

fn assert_same(what: &str, width: usize, found: &[Pixel], expected: &[Pixel]) {
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(same(found, expected), "{what}, {width} columns, pixel {at}: {found:?}, expected {expected:?}");
    }
}

fn compare<E: PixelEffect>(effect: &E) {
    let noise = noise(6000);
    simd::on_each_level(|_| {
        for width in (1..100).chain([200]) {
            let window = Rect::new(-3, 5, width - 3, 8);
            let source = &noise[width as usize * 23..][..window.area() as usize];
            let expected = testing::apply(effect, &[ImageView::new(window, source)], window).expect("it works");
            let width = window.width();

            let mut made = blocks(window, &vec![[7.0; 4]; source.len()]);
            render::<_, E>(in_rows(window, source.as_ptr()), in_blocks(window, made.as_mut_ptr())).expect("it works");
            assert_same("into blocks", width, &pixels(window, &made), &expected);

            let given = blocks(window, source);
            render::<_, E>(in_blocks(window, given.as_ptr()), in_blocks(window, made.as_mut_ptr())).expect("it works");
            assert_same("from blocks to others", width, &pixels(window, &made), &expected);

            let mut changed = given.clone();
            let wire = in_blocks(window, changed.as_mut_ptr());
            render::<_, E>(wire, wire).expect("it works");
            assert_same("in the same blocks", width, &pixels(window, &changed), &expected);

            let mut shown = vec![[7.0; 4]; source.len()];
            render::<_, E>(in_blocks(window, given.as_ptr()), in_rows(window, shown.as_mut_ptr())).expect("it works");
            assert_same("out of blocks", width, &shown, &expected);
        }
    });
}

#[test]
fn blocks_give_the_bits_of_the_pixels_one_by_one() {
    compare(&Linear::defaults());
    compare(&Bend::defaults());
    compare(&Curve::defaults());
}

#[test]
fn a_tile_is_a_part_of_the_pixels_it_is_made_of() {
    let (whole, window) = (Rect::of_size(70, 5), Rect::new(31, 1, 68, 4));
    let source = noise(whole.area() as usize);
    let view = ImageView::new(whole, &source);
    let expected = testing::apply(&Linear::defaults(), &[view], window).expect("it works");
    let mut made = blocks(window, &expected.iter().map(|_| [0.0; 4]).collect::<Vec<_>>());
    render::<_, Linear>(in_rows(whole, source.as_ptr()), in_blocks(window, made.as_mut_ptr())).expect("it works");
    assert_same("a part", window.width(), &pixels(window, &made), &expected);
}

#[test]
fn what_does_not_fit_is_refused() {
    let window = Rect::of_size(40, 2);
    let source = noise(window.area() as usize);
    let (mut made, given) = (blocks(window, &source), blocks(window, &source));
    let (rows, whole) = (in_rows(window, source.as_ptr()), in_blocks(window, given.as_ptr()));
    let mut refused = |input: WireImage, wanted: Rect, expected: &str| {
        let error = render::<_, Linear>(input, in_blocks(wanted, made.as_mut_ptr())).expect_err("it does not fit");
        assert_eq!((error.code, error.message.as_str()), (ErrorCode::Input, expected));
    };
    let part = Rect::new(0, 0, 32, 2);
    refused(whole, part, "the pixels of [0, 40) x [0, 2), expected those of [0, 32) x [0, 2)");
    refused(
        WireImage { window: part, ..rows },
        window,
        "the pixels of [0, 32) x [0, 2), expected those of [0, 40) x [0, 2)",
    );
    let stride = "pixels in format 1 with 16 bytes each, this plugin reads format 1 with 512";
    refused(WireImage { pixel_stride: 16, ..whole }, window, stride);
    let odd = WireImage { data: whole.data.wrapping_add(2), ..whole };
    refused(odd, window, "pixels that are not aligned for 32-bit floats");

    /// Looks at one pixel at a time, and does not say so.
    #[derive(Params)]
    #[effect(id = "com.example.full")]
    struct Full {}

    impl Effect for Full {
        fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
            Ok(Plan::pixel_wise(query))
        }

        fn render(&self, _call: RenderCall<'_>, _host: &Host<'_>) -> EffectResult<()> {
            Ok(())
        }
    }
    let error = render::<_, Full>(rows, in_blocks(window, made.as_mut_ptr())).expect_err("it takes no blocks");
    assert_eq!(error.message, "pixels in blocks; this effect reads and writes pixels one by one");
}
