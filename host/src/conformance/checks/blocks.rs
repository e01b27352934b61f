//! Pixels whose components are apart, for effects that say that they take them.

use playa_plugin_api::abi::WireImage;
use playa_plugin_api::abi::formats::{BLOCK, BLOCKS};
use playa_plugin_api::{Pixel, Rect};

use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene, input_image, no_memory, told};
use crate::conformance::buffer::{Buffer, CANARY};
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure, setting_text};
use crate::conformance::machine::{Flush, Pages};
use crate::conformance::picture::{Picture, Tolerance};
use crate::conformance::services::Services;

pub(super) const CHECKS: &[Check] = &[Check::of_effect(
    "in-blocks",
    3,
    "Where an effect says so, pixels may come and go in blocks, and are the same to the bit.",
    in_blocks,
)];

/// Values in a block.
const VALUES: usize = 4 * BLOCK;

/// A picture in blocks, and pages around it that end the process.
struct Apart {
    pages: Pages,
    window: Rect,
}

impl Apart {
    fn of(picture: &Picture) -> Result<Self, Finding> {
        let window = picture.window;
        let values = window.width().div_ceil(BLOCK) * VALUES * window.height();
        let pages = Pages::new(values, Flush::End).map_err(no_memory)?;
        let mut apart = Self { pages, window };
        for (at, pixel) in picture.pixels.iter().enumerate() {
            for (channel, value) in pixel.iter().enumerate() {
                let place = apart.place(at, channel);
                apart.pages.values_mut()[place] = *value;
            }
        }
        Ok(apart)
    }

    /// All values are such as no effect makes.
    fn blank(window: Rect) -> Result<Self, Finding> {
        Self::of(&Picture::of(window, |_, _| [f32::from_bits(CANARY); 4]))
    }

    /// Where a component of the pixel of this number lies.
    fn place(&self, pixel: usize, channel: usize) -> usize {
        let (row, column) = (pixel / self.window.width(), pixel % self.window.width());
        let block = row * self.window.width().div_ceil(BLOCK) + column / BLOCK;
        block * VALUES + channel * BLOCK + column % BLOCK
    }

    fn picture(&self) -> Picture {
        let pixel = |at| -> Pixel { std::array::from_fn(|channel| self.pages.values()[self.place(at, channel)]) };
        Picture { window: self.window, pixels: (0..self.window.area() as usize).map(pixel).collect() }
    }

    fn wire(&self) -> WireImage {
        let block = VALUES * size_of::<f32>();
        WireImage {
            data: self.pages.address().cast(),
            row_stride: (self.window.width().div_ceil(BLOCK) * block) as isize,
            pixel_stride: block as isize,
            window: self.window,
            format: BLOCKS,
        }
    }
}

fn in_blocks(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    if !bench.spec.traits.blocks {
        return Err(Finding::skipped("the effect does not say that it takes blocks"));
    }
    let mut tally = Tally::default();
    for (width, height) in [(1, 3), (31, 2), (32, 2), (33, 3), (101, 2)] {
        let canvas = Rect::of_size(width, height).translate(-17, 5);
        let scene = exam.scene(&bench).on(canvas);
        for params in exam.settings(&bench.spec, 2) {
            let setting = format!("{canvas} {}", setting_text(&bench.spec, &params));
            tally.note(on_all_ways(exam, &bench, &scene.with_params(&params), &setting));
        }
    }
    tally.verdict()
}

/// Into blocks, from some to others, in the same, and out of them.
fn on_all_ways(exam: &Exam, bench: &Bench, scene: &Scene, setting: &str) -> Verdict {
    let canvas = scene.canvas;
    let plan = bench.planned(scene, canvas)?;
    let [need] = &plan.needs[..] else {
        let needs = plan.needs.len();
        return Err(Finding::failed(format!("{setting}: it says that it takes blocks, and needs {needs} images")));
    };
    ensure(need.rect.contains_rect(&canvas) && plan.domain.contains_rect(&canvas), || {
        format!("{setting}: it takes blocks, but needs only {} for {}", need.rect, plan.domain)
    })?;
    let expected = bench.render(scene, canvas)?;
    let source = scene.picture(need.input, need.frame, canvas);
    let (rows, shown) = (
        Buffer::of(&source, scene.input_layout, scene.around).map_err(no_memory)?,
        Buffer::new(canvas, scene.output_layout, CANARY).map_err(no_memory)?,
    );
    let (given, others, same, made) =
        (Apart::of(&source)?, Apart::blank(canvas)?, Apart::of(&source)?, Apart::blank(canvas)?);
    let mut tally = Tally::default();
    let ways: [(&str, WireImage, WireImage, &dyn Fn() -> Picture); 4] = [
        ("into blocks", rows.wire(), made.wire(), &|| made.picture()),
        ("from blocks to others", given.wire(), others.wire(), &|| others.picture()),
        ("in the same blocks", same.wire(), same.wire(), &|| same.picture()),
        ("out of blocks", given.wire(), shown.wire(), &|| shown.picture()),
    ];
    for (way, input, output, picture) in ways {
        exam.note(format_args!("rendering {way} {setting}"));
        match bench.call(scene, &[input_image(need, input)], output, &Services::default()) {
            Ok(()) => tally.note(exam.same(format!("{way}, {setting}"), &expected, &picture(), Tolerance::Bits)),
            Err(error) => tally.note(Err(Finding::failed(format!("{way}, {setting}: {}", told(&error))))),
        }
    }
    let around = shown.disturbed();
    tally.note(ensure(around.is_none(), || format!("out of blocks, {setting}: {}", around.unwrap_or_default())));
    tally.note(exam.same(format!("the source, {setting}"), &source, &given.picture(), Tolerance::Bits));
    tally.verdict()
}
