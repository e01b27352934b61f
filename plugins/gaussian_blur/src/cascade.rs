//! Which steps make a blur, and the weights of each.
//!
//! A wide Gaussian holds no detail, so it need not be computed at every pixel. The picture is made smaller, once or
//! several times; its smallest form is blurred with weights for every pixel; and the result is made larger again:
//!
//! ```text
//! picture --shrink--> low --shrink--> lower --smooth--> lower --enlarge--> low --enlarge--> picture
//! ```
//!
//! Shrinking by `f` takes every `f`-th pixel of the picture smoothed with a discrete B-spline, which is `order` box
//! filters of `f` pixels one after the other; enlarging smooths with the same B-spline what is 0 between the small
//! picture's pixels. At the frequencies that shrinking would confuse with low ones, and that enlarging would invent,
//! the B-spline is 0 with the order `order`, and the Gaussian lets only their surroundings pass: that is why the result
//! comes out right, and better the larger σ is in small pixels. The smallest picture's weights are made such that the
//! steps together have the Gaussian's frequency response; see [`Cascade::weights`].

use std::f64::consts::TAU;

/// The steps of a blur.
pub struct Cascade {
    /// From the picture to its smallest form; none where the picture itself is blurred.
    pub steps: Vec<Step>,
    /// The standard deviation in pixels of the smallest form.
    sigma: f64,
    /// How many pixels of the smallest form the blur of it looks to each side.
    pub bottom_reach: i32,
}

/// A step to a smaller picture and back. Pixel `j` of the small picture lies on pixel `factor * j` of the large one.
pub struct Step {
    /// How many pixels of the large picture lie between two of the small one; 2 or 4.
    pub factor: i32,
    /// Shrinking: the weights of the distances 0, 1, ... to both sides, in large pixels.
    pub shrink: Vec<f32>,
    /// Enlarging: the weights of the small pixels `j - 1` to `j + 2` for the large pixel `factor * j + index`.
    pub enlarge: Vec<[f32; 4]>,
    /// Box filters in the B-spline.
    order: i32,
}

/// The kinds of steps: factor, order of the B-spline, and the least σ, in small pixels, that may be left. These limits
/// keep the cascade's kernel within 3.5e-4 of the exact one, summed over all differences; the tests add them up.
const KINDS: [(i32, i32, f64); 2] = [(4, 4, 2.3), (2, 6, 1.6)];

impl Cascade {
    /// No steps: every pixel is the sum over all pixels up to [`exact_reach`] away.
    pub fn exact(radius: f32) -> Self {
        Self { steps: Vec::new(), sigma: f64::from(radius) / 2.0, bottom_reach: exact_reach(radius) }
    }

    /// As many steps as keep the error small.
    pub fn fast(radius: f32) -> Self {
        let Self { mut steps, mut sigma, mut bottom_reach } = Self::exact(radius);
        while let Some((factor, order, _)) = KINDS.iter().find(|(factor, _, least)| sigma >= f64::from(*factor) * least)
        {
            steps.push(Step::new(*factor, *order));
            sigma /= f64::from(*factor);
            bottom_reach = (4.0 * sigma).ceil() as i32 - 1;
        }
        Self { steps, sigma, bottom_reach }
    }

    /// What the smallest form is blurred with: the weights of the distances 0, 1, ... to both sides, which together
    /// sum to 1.
    ///
    /// Without steps these are `exp(-i² / 2σ²)`. Below steps they are the Fourier series of `exp(-(ωσ)² / 2) / Π Bₖ(ω)²`,
    /// which is the Gaussian's response without what shrinking and enlarging have done already. A B-spline's response
    /// `B` is `(sin(fω / 2) / (f sin(ω / 2)))^order`, with ω in its own, larger pixels.
    pub fn weights(&self) -> Vec<f32> {
        let weights: Vec<f64> = if self.steps.is_empty() {
            let weight = |i: i32| (-0.5 * (f64::from(i) / self.sigma).powi(2)).exp();
            // The centre's is 1 also where σ is 0, and the blur a copy.
            std::iter::once(1.0).chain((1..=self.bottom_reach).map(weight)).collect()
        } else {
            /// Terms of the sum that stands for the integral; ample for the σ below 3.2 that steps leave.
            const TERMS: i32 = 64;
            let terms: Vec<_> = (1 - TERMS / 2..TERMS / 2)
                .map(|term| TAU * f64::from(term) / f64::from(TERMS))
                .map(|omega| (omega, (-0.5 * (omega * self.sigma).powi(2)).exp() / self.response(omega)))
                .collect();
            let sum = |i: i32| terms.iter().map(|(omega, response)| response * (omega * f64::from(i)).cos()).sum();
            (0..=self.bottom_reach).map(sum).collect()
        };
        let total = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
        weights.iter().map(|weight| (weight / total) as f32).collect()
    }

    /// What shrinking and enlarging in all steps leave of the angle `omega` per pixel of the smallest form.
    fn response(&self, mut omega: f64) -> f64 {
        let mut response = 1.0;
        for step in self.steps.iter().rev() {
            omega /= f64::from(step.factor);
            response *= step.response(omega).powi(2);
        }
        response
    }
}

/// How many pixels a blur looks to each side, in pixels of a picture that goes through `steps` and is then blurred with
/// the reach `below`. Beyond it a pixel has no influence at all, not even that of a NaN times 0.
pub fn reach(steps: &[Step], below: i32) -> i32 {
    steps.iter().rfold(below, |below, step| step.factor * (below + 2) + step.reach())
}

/// How far the exact kernel goes: `ceil(2 * radius)` pixels, four standard deviations.
pub fn exact_reach(radius: f32) -> i32 {
    (2.0 * f64::from(radius)).ceil() as i32
}

impl Step {
    fn new(factor: i32, order: i32) -> Self {
        let spline = spline(factor, order);
        let centre = spline.len() / 2;
        let shrink = spline[centre..].iter().map(|weight| *weight as f32).collect();
        let at = |distance: i32| spline.get((centre as i32 + distance) as usize).copied().unwrap_or(0.0);
        let enlarge = (0..factor)
            .map(|phase| [-1, 0, 1, 2].map(|small| (f64::from(factor) * at(factor * small - phase)) as f32))
            .collect();
        Self { factor, shrink, enlarge, order }
    }

    /// How many large pixels a small one looks to each side.
    pub fn reach(&self) -> i32 {
        self.shrink.len() as i32 - 1
    }

    /// The B-spline's response to the angle `omega` per large pixel.
    fn response(&self, omega: f64) -> f64 {
        if omega == 0.0 {
            return 1.0;
        }
        let factor = f64::from(self.factor);
        ((factor * omega / 2.0).sin() / (factor * (omega / 2.0).sin())).powi(self.order)
    }
}

/// The discrete B-spline: `order` box filters of `factor` pixels, one after the other. It has an odd number of weights
/// if `order` is even, and they sum to 1.
fn spline(factor: i32, order: i32) -> Vec<f64> {
    (0..order).fold(vec![1.0], |narrow, _| {
        let mut wide = vec![0.0; narrow.len() + factor as usize - 1];
        for (start, weight) in narrow.iter().enumerate() {
            wide[start..start + factor as usize].iter_mut().for_each(|sum| *sum += weight / f64::from(factor));
        }
        wide
    })
}
