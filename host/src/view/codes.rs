//! A picture as the codes of a display that a colour config has.

use rayon::prelude::*;

use crate::colour::Transform;
use crate::image::{Frame, ImageError, Pixel};

/// The display window of a frame after a transform, RGBA, row by row: straight colour (as it is where alpha is not above 0)
/// times 2 to the power of `exposure`, and alpha beside it, cut to 0..1, NaN to 0. Where the frame has no pixels, all four
/// are 0.
///
/// # Errors
/// If there is no memory for it.
pub fn straight(frame: &Frame, transform: Option<&dyn Transform>, exposure: f32) -> Result<Vec<Pixel>, ImageError> {
    let (window, data) = (frame.display_window, frame.data_window());
    let (bytes, mut codes) = (window.area().saturating_mul(16), Vec::new());
    if !usize::try_from(window.area()).is_ok_and(|pixels| codes.try_reserve_exact(pixels).is_ok()) {
        return Err(ImageError::OutOfMemory { window, bytes });
    }
    codes.resize(window.area() as usize, [0.0; 4]);
    let (both, gain) = (window.intersect(&data), exposure.exp2());
    if both.is_empty() {
        return Ok(codes);
    }
    let [left, start] = [window.x0, data.x0].map(|x0| (i64::from(both.x0) - i64::from(x0)) as usize);
    codes.par_chunks_exact_mut(window.width()).enumerate().for_each(|(row, codes)| {
        let y = (i64::from(window.y0) + row as i64) as i32;
        if !(both.y0..both.y1).contains(&y) {
            return;
        }
        let codes = &mut codes[left..left + both.width()];
        for (code, &[r, g, b, a]) in codes.iter_mut().zip(&frame.image.row(y).as_chunks().0[start..]) {
            let by = gain / if a > 0.0 { a } else { 1.0 };
            *code = [r * by, g * by, b * by, if a > 0.0 { a.min(1.0) } else { 0.0 }];
        }
        if let Some(transform) = transform {
            transform.apply_straight(codes);
        }
    });
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::{Adaptation, BuiltIn, Space};
    use crate::image::{Image, Rect};

    #[test]
    fn straight_colour_is_transformed_and_what_has_no_pixels_is_nothing() {
        let pixels = [[0.25, 0.5, 1.0, 0.5], [0.25, 0.5, 1.0, 0.0], [f32::NAN, 0.0, 0.0, 2.0]];
        let image = Image::from_vec(Rect::new(1, 1, 4, 2), pixels.as_flattened().to_vec()).expect("it fits");
        let frame = Frame { display_window: Rect::new(0, 0, 3, 3), ..Frame::new(image) };
        let way = BuiltIn::way(Space::LINEAR, Space::SRGB, Adaptation::Known).expect("a curve");
        let codes = straight(&frame, Some(&*way), -1.0).expect("there is memory");
        let code = |light: f64| crate::media::colour::linear_to_srgb(light) as f32;
        let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near(&codes[4], &[code(0.25), code(0.5), code(1.0), 0.5]), "{:?}", codes[4]);
        assert!(near(&codes[5], &[code(0.125), code(0.25), code(0.5), 0.0]), "{:?}", codes[5]);
        let others = [0, 1, 2, 3, 6, 7, 8];
        assert!(others.iter().all(|at| codes[*at] == [0.0; 4]));
        let elsewhere = Frame { display_window: Rect::new(10, 10, 12, 11), ..frame };
        assert_eq!(straight(&elsewhere, None, 0.0), Ok(vec![[0.0; 4]; 2]));
    }
}
