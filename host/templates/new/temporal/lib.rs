//! __label__: an effect that looks at other frames.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

/// Lets movement leave a trail: the mean of a frame and those before it.
#[derive(Params)]
#[effect(id = "__id__", tags = ["time"])]
pub struct __Type__ {
    /// How many frames, this one included: 1 leaves the picture as it is.
    #[param(default = 4, range = 1..=32, unit = "frames")]
    pub frames: i32,
}

impl Effect for __Type__ {
    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        let rect = query.window.intersect(&query.domain(0));
        let need = |back| Need { input: 0, frame: query.frame - f64::from(back), rect };
        let plan = Plan { domain: query.domain(0), identity: None, needs: (0..self.frames).map(need).collect() };
        Ok(plan.identity_if(self.frames == 1, query))
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        let images: Vec<ImageView<'_>> = call.inputs.iter().map(|(.., image)| image).collect();
        let share = 1.0 / images.len() as f32;
        host.parallel_bands(call.output, |mut band| {
            let x0 = band.window().x0;
            band.for_each_row(|y, row| {
                for (x, out) in (x0..).zip(row) {
                    let pixels = images.iter().map(|image| image.pixel(x, y));
                    let sum = pixels.fold([0.0_f32; 4], |sum, add| std::array::from_fn(|c| sum[c] + add[c]));
                    *out = sum.map(|sum| sum * share);
                }
            });
            Ok(())
        })
    }
}

export_effects![__Type__];
