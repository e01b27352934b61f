//! Motion blur: when the shutter of a comp is open.
//!
//! A layer with `motion_blur` is the mean of what it is at the comp's [`Comp::shutter_times`]. Angles are shares of a
//! frame, 360 degrees being all of it: as with the rotating shutter of a film camera, 180 is open for half of it. A
//! phase of minus half the angle, the default, has the frame's own time in the middle.

use super::document::Comp;

impl Comp {
    /// The times at which a moving layer is looked at for a frame, in frames: the middles of the `n = motion_samples`
    /// equal parts of the time for which the shutter is open,
    /// `frame + shutter_phase / 360 + (i + 0.5) / n * shutter_angle / 360` for `i` from 0 to `n - 1`.
    pub fn shutter_times(&self, frame: i64) -> Vec<f64> {
        let (phase, angle) = (self.attrs.float("shutter_phase"), self.attrs.float("shutter_angle"));
        let n = self.attrs.int("motion_samples");
        (0..n).map(|i| frame as f64 + phase / 360.0 + (i as f64 + 0.5) / n as f64 * angle / 360.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use playa_plugin_api::Value;

    use crate::project::fixtures::media;
    use crate::project::{Node, Project};

    fn times(attrs: &[(&str, Value)], frame: i64) -> Vec<f64> {
        let project = Project::new(media());
        let comp = project.add_comp("Main", attrs).expect("a comp");
        project.snapshot().comps[&comp].shutter_times(frame)
    }

    #[test]
    fn the_shutter_is_open_around_the_frame_by_default() {
        let times = times(&[], 7);
        assert_eq!(times.len(), 16);
        for (i, time) in times.iter().enumerate() {
            // Half a frame in 16 parts, from a quarter before.
            assert!((time - (6.75 + (i as f64 + 0.5) / 32.0)).abs() < 1e-12, "{i}: {time}");
        }
        let mean = times.iter().sum::<f64>() / 16.0;
        assert!((mean - 7.0).abs() < 1e-12, "{mean}");
    }

    #[test]
    fn angle_phase_and_samples_say_when() {
        let attrs = |angle, phase, samples| {
            let (angle, phase) = (Value::Float(angle), Value::Float(phase));
            [("shutter_angle", angle), ("shutter_phase", phase), ("motion_samples", Value::Int(samples))]
        };
        assert_eq!(times(&attrs(360.0, 0.0, 4), -3), [-2.875, -2.625, -2.375, -2.125]);
        assert_eq!(times(&attrs(720.0, -360.0, 2), 0), [-0.5, 0.5]);
        assert_eq!(times(&attrs(180.0, -90.0, 1), 12), [12.0]);
        assert_eq!(times(&attrs(0.0, 90.0, 2), 5), [5.25, 5.25], "a shutter that is open for no time");
    }

    #[test]
    fn what_no_shutter_does_is_refused() {
        let project = Project::new(media());
        let comp = Node::Comp(project.add_comp("Main", &[]).expect("a comp"));
        for (name, value, range) in [
            ("shutter_angle", Value::Float(-1.0), "0..=720"),
            ("shutter_angle", Value::Float(721.0), "0..=720"),
            ("shutter_phase", Value::Float(361.0), "-360..=360"),
            ("motion_samples", Value::Int(0), "1..=256"),
            ("motion_samples", Value::Int(257), "1..=256"),
        ] {
            let error = project.set_attr(comp, name, &value).expect_err(name).to_string();
            assert!(error.contains(range), "{error}");
        }
    }
}
