//! `playa demo`.

use super::{Desk, read};

const BUILT_IN: [&str; 3] = ["playa-gaussian-blur", "playa-brightness-contrast", "playa-adjust-hsv"];

#[test]
fn makes_footage_a_project_frames_and_a_contact_sheet_with_the_same_bits_each_time() {
    let desk = Desk::with(&BUILT_IN);
    for (folder, threads) in [("one", "1"), ("two", "2")] {
        let args = ["demo", "--out", folder, "--frames", "5", "--size", "96x54"];
        let output = desk.command(&args).env("RAYON_NUM_THREADS", threads).output().expect("it runs");
        let ended = super::Ended::from(output);
        ended.expect(0, &[]);
        assert!(ended.out.contains("contact_sheet.png"), "{ended:?}");
    }
    assert_eq!(desk.names("one/footage").len(), 10);
    assert_eq!(desk.names("one/render").len(), 12, "five frames and one without effects, as EXR and PNG");
    for picture in ["render/evening.0003.exr", "render/evening.0005.png", "contact_sheet.png"] {
        // The key of a frame holds which files it shows, and those are others.
        let told = |folder| {
            let frame = read(&desk.path(folder).join(picture));
            let rest = frame.metadata.iter().filter(|(name, _)| *name != "playa:hash");
            let rest: Vec<String> = rest.map(|told| format!("{told:?}")).collect();
            (frame.image.values().to_vec(), rest)
        };
        assert!(told("one") == told("two"), "{picture}");
    }

    // The picture is opaque, brighter than white where lanterns burn, and not what it is without effects.
    let [with, without] =
        ["evening.0003", "without_effects"].map(|name| read(&desk.path(&format!("one/render/{name}.exr"))));
    let pixels = with.image.values().as_chunks::<4>().0;
    assert!(pixels.iter().all(|pixel| pixel[3] == 1.0), "opaque");
    assert!(pixels.iter().any(|pixel| pixel[0] > 1.5), "HDR");
    assert!(with.image.values() != without.image.values());
    let lanterns = read(&desk.path("one/footage/lanterns.0003.exr"));
    assert!(lanterns.image.values().as_chunks::<4>().0.iter().any(|pixel| pixel[3] == 0.0), "transparent around them");

    // What it wrote is an ordinary project.
    desk.playa(&["render", "one/demo.playa", "-o", "again.exr", "-F", "3"]).expect(0, &["1 of 1 frames"]);
    assert!(read(&desk.path("again.exr")).image.values() == with.image.values());
}

#[test]
fn without_the_built_in_effects_it_says_which_are_missing() {
    let desk = Desk::with(&BUILT_IN[..1]);
    desk.playa(&["demo"]).expect(2, &["not loaded: BrightnessContrast, AdjustHSV", "hint: "]);
    assert!(!desk.path("demo").exists());
}
