//! Running an effect in its author's own tests, without a host and without a plugin file.

use crate::effect::{Inputs, Plan, Query, RenderCall};
use crate::error::EffectResult;
use crate::export::AnyEffect;
use crate::host::Host;
use crate::image::{ImageView, ImageViewMut, Pixel};
use crate::rect::Rect;

/// Makes the pixels of `window`, in tight rows, as a host would on one thread, at frame 0 and full resolution.
///
/// `inputs` are the whole pictures that the effect is given, in the order of its descriptor; the first one's window is
/// also the canvas. The effect gets no more of them than it planned for, at whatever frame it asks, so that reading
/// beyond the plan panics. Outside the planned domain the result is transparent black, an identity is a copy of its
/// input, and a pixel that the effect forgot to write is NaN.
///
/// ```
/// use playa_plugin_api::{ImageView, Rect, prelude::*, testing};
///
/// /// Turns colour round.
/// #[derive(Params)]
/// #[effect(id = "com.example.negative")]
/// struct Negative {}
///
/// impl PixelEffect for Negative {
///     fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
///         [a - r, a - g, a - b, a]
///     }
/// }
///
/// let window = Rect::of_size(1, 1);
/// let pixels = testing::apply(&Negative {}, &[ImageView::new(window, &[[1.0, 0.25, 0.0, 1.0]])], window)?;
/// assert_eq!(pixels, [[0.0, 0.75, 1.0, 1.0]]);
/// # Ok::<(), playa_plugin_api::EffectError>(())
/// ```
///
/// # Errors
/// What the effect's `plan` or `render` answers. Parameters are taken as they are: a host would have refused values
/// outside their range.
pub fn apply<K, E: AnyEffect<K>>(effect: &E, inputs: &[ImageView<'_>], window: Rect) -> EffectResult<Vec<Pixel>> {
    let domains: Vec<_> = inputs.iter().map(|input| Some(input.window())).collect();
    let canvas = inputs.first().map_or(window, ImageView::window);
    let plan = |window| effect.plan(&Query { window, canvas, frame: 0.0, scale: 1.0, domains: &domains });

    let wanted = window.intersect(&plan(window)?.domain);
    let Plan { identity, needs, .. } = plan(wanted)?;
    let drawn = match identity {
        _ if wanted.is_empty() => Vec::new(),
        Some((input, _)) => crop(&inputs[input], wanted),
        None => {
            let rects = needs.iter().map(|need| need.rect.intersect(&inputs[need.input].window()));
            let parts: Vec<_> =
                needs.iter().zip(rects).map(|(need, rect)| (rect, crop(&inputs[need.input], rect))).collect();
            let views = parts.iter().map(|(rect, pixels)| ImageView::new(*rect, pixels));
            let images = needs.iter().zip(views).map(|(need, view)| (need.input, need.frame, view)).collect();
            let mut pixels = vec![[f32::NAN; 4]; wanted.area() as usize];
            let output = ImageViewMut::new(wanted, &mut pixels);
            let call = RenderCall { inputs: Inputs { images }, output, canvas, frame: 0.0, scale: 1.0, seed: 0 };
            effect.render(call, &Host::alone())?;
            pixels
        }
    };
    Ok(crop(&ImageView::new(wanted, &drawn), window))
}

/// The pixels of `window`, transparent black where the image has none.
fn crop(image: &ImageView<'_>, window: Rect) -> Vec<Pixel> {
    let rows = window.y0..window.y1;
    rows.flat_map(|y| (window.x0..window.x1).map(move |x| image.pixel(x, y))).collect()
}
