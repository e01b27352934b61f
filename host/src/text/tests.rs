//! Glyphs in their places, and their pixels.

use std::collections::HashSet;

use super::fonts::{self, Font, FontError};
use super::glyphs::Pixels;
use super::{Alignment, Ink, PaintError, Setting, Typeset, TypesetError};
use crate::image::{Image, Rect};

const WHITE: Ink = Ink { color: [1.0; 4], background: [0.0; 4] };

/// A text at the defaults, 20 pixels per em.
fn setting(text: &str) -> Setting {
    Setting {
        text: text.to_owned(),
        font: String::new(),
        font_size: 20.0,
        line_height: 1.2,
        alignment: Alignment::Left,
        width: 0,
        height: 0,
    }
}

fn set(setting: &Setting) -> Typeset {
    Typeset::new(&Font::find(&setting.font).expect("a font"), setting).expect("it can be set")
}

fn painted(typeset: &Typeset, ink: &Ink, window: Rect) -> Image {
    let mut image = Image::unpainted(window).expect("memory");
    typeset.paint(ink, &mut image, 1 << 30).expect("it can be painted");
    image
}

/// Face and glyph, from the left to the right.
fn in_sight(text: &str) -> Vec<(usize, u16)> {
    let typeset = set(&setting(text));
    let mut glyphs = typeset.glyphs.clone();
    glyphs.sort_by_key(|glyph| glyph.x);
    let shape = |glyph: &super::typeset::Glyph| typeset.shapes[glyph.shape];
    glyphs.iter().map(|glyph| (shape(glyph).face, shape(glyph).glyph)).collect()
}

/// The first column in which a line has ink, and the one behind the last.
fn columns(typeset: &Typeset, line: i32) -> (i32, i32) {
    let height = 24;
    let rows = Rect { y0: line * height, y1: (line + 1) * height, ..typeset.ink().union(&typeset.frame()) };
    let image = painted(typeset, &WHITE, rows);
    let has_ink = |x: &i32| (rows.y0..rows.y1).any(|y| image.pixel(*x, y)[3] > 0.0);
    let first = (rows.x0..rows.x1).find(has_ink).expect("the line has ink");
    (first, (rows.x0..rows.x1).rfind(has_ink).expect("the line has ink") + 1)
}

/// These bits are the same on every machine. Another version of a font, or of what shapes and rasterises, changes them:
/// then look at the picture before the hash.
#[test]
fn a_line_has_the_bits_that_it_always_had() {
    let typeset = set(&setting("Hamburgefonstiv fi \u{e9}e\u{301} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f600}"));
    let ink = Ink { color: [1.5, 0.5, 0.25, 0.75], background: [0.1, 0.2, 0.3, 0.5] };
    let image = painted(&typeset, &ink, typeset.domain(&ink));
    let bytes: Vec<u8> = image.values().iter().flat_map(|value| value.to_le_bytes()).collect();
    let hash = blake3::hash(&bytes).to_hex();
    assert_eq!((image.window(), &hash[..16]), (Rect::new(0, 0, 302, 24), "f649210c0f05b990"));
}

#[test]
fn the_bits_depend_on_neither_threads_nor_window() {
    let typeset = set(&setting("The quick brown fox\njumps over the lazy dog"));
    let ink = Ink { color: [0.9, 0.8, 0.7, 0.6], background: [0.1, 0.2, 0.3, 0.4] };
    let domain = typeset.domain(&ink);
    let whole = painted(&typeset, &ink, domain);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    assert_eq!(whole.values(), alone.install(|| painted(&typeset, &ink, domain)).values());
    for window in [Rect::new(7, 3, 60, 41), Rect::new(-20, -20, 10, 10), Rect::new(50, 20, 51, 21)] {
        let part = painted(&typeset, &ink, window);
        for y in window.y0..window.y1 {
            for x in window.x0..window.x1 {
                assert_eq!(part.pixel(x, y), whole.pixel(x, y), "{x}, {y}");
            }
        }
    }
}

/// The visual order of Unicode's algorithm: Hebrew runs to the left; a number in it, and Latin, to the right.
#[test]
fn hebrew_runs_to_the_left_and_latin_in_it_to_the_right() {
    let glyph = |text: &str| in_sight(text)[0];
    let [alef, bet, gimel] = ["\u{5d0}", "\u{5d1}", "\u{5d2}"].map(glyph);
    let [a, b, one, two] = ["a", "b", "1", "2"].map(glyph);
    assert_eq!(in_sight("\u{5d0}\u{5d1}\u{5d2}"), [gimel, bet, alef]);
    assert_eq!(in_sight("ab \u{5d0}\u{5d1}\u{5d2}"), [a, b, gimel, bet, alef]);
    assert_eq!(in_sight("\u{5d0}\u{5d1} ab \u{5d2}"), [gimel, a, b, bet, alef], "a paragraph that begins in Hebrew");
    assert_eq!(in_sight("\u{5d0}\u{5d1} 12"), [one, two, bet, alef]);
}

/// Letters of Arabic have other shapes where they are joined, and lam and alef are one glyph.
#[test]
fn arabic_letters_are_joined_and_run_to_the_left() {
    let alone = in_sight("\u{628}");
    let joined = in_sight("\u{628}\u{628}\u{628}");
    assert_eq!(joined.len(), 3);
    assert_eq!(joined.iter().chain(&alone).collect::<HashSet<_>>().len(), 4, "final, medial, initial, alone");
    let ends = in_sight("\u{628}\u{628}");
    assert_eq!((ends[0], ends[1]), (joined[0], joined[2]), "the final shape is on the left, the initial on the right");
    assert_eq!(in_sight("\u{644}\u{627}").len(), 1);
}

#[test]
fn ligatures_and_marks_are_set_as_the_font_says() {
    assert_eq!(in_sight("fi").len(), 1, "DejaVu Sans has a ligature for it");
    assert_eq!(in_sight("e\u{301}"), in_sight("\u{e9}"), "an e with an accent has a glyph");
    // One that has none: the mark is above the letter, not beside it.
    let (letter, marked) = (set(&setting("q")), set(&setting("q\u{301}")));
    assert_eq!(marked.len(), 2);
    assert_eq!(marked.frame(), letter.frame(), "a mark has no width");
    assert!(marked.ink().y0 < letter.ink().y0 && marked.ink().x1 <= letter.ink().x1 + 1, "{}", marked.ink());
}

#[test]
fn emoji_come_from_their_own_font_and_what_no_font_has_is_a_box() {
    let [tofu] = in_sight("\u{10fffd}")[..] else { panic!("one glyph") };
    assert_eq!(tofu.1, 0);
    assert_ne!(in_sight("\u{1f600}")[0].1, 0, "DejaVu Sans has some faces itself");
    for emoji in ["\u{1f680}", "\u{1f34e}", "\u{1f4a9}"] {
        let glyphs = in_sight(emoji);
        assert!(matches!(glyphs[..], [(2, glyph)] if glyph != 0), "{emoji}: {glyphs:?}");
    }
    let mixed = in_sight("a\u{1f680}1");
    assert_eq!(mixed.iter().map(|(face, _)| *face).collect::<Vec<_>>(), [0, 2, 0], "digits are of the text's font");
}

#[test]
fn a_box_is_as_large_as_its_lines() {
    let (one, two) = (set(&setting("Ab")), set(&setting("Ab\nAbcdef\n")));
    assert_eq!((one.frame().height(), two.frame().height()), (24, 72), "a line break at the end begins a line");
    assert!(one.frame().width() < two.frame().width());
    // Advances of A, b in DejaVu Sans: 1401 and 1300 of 2048 units. A box is even.
    assert_eq!(one.frame().width(), ((1401.0 + 1300.0) / 2048.0 * 20.0_f64 / 2.0).ceil() as usize * 2);
    assert_eq!(set(&Setting { font_size: 21.0, ..setting("A") }).frame().height(), 26, "of 25.2 pixels");
    assert_eq!(set(&setting("")).frame(), Rect::new(0, 0, 0, 24));
    assert_eq!(set(&Setting { width: 300, height: 7, ..setting("Ab") }).frame(), Rect::of_size(300, 7));
    assert_eq!(set(&Setting { line_height: 2.0, ..setting("a\nb") }).frame().height(), 80);
}

/// Baselines are one line height apart, and the font's ascent and descent lie in the middle of a line.
#[test]
fn baselines_are_where_they_should_be() {
    // The feet of H, and so a baseline, are at 24 n + (24 - 1.164 * 20) / 2 + 0.928 * 20, to a quarter of a pixel.
    let typeset = set(&setting("H\nH\n\u{1f680}H"));
    for line in 0..3_i32 {
        let baseline =
            24.0 * f64::from(line) + (24.0 - (1901.0 + 483.0) / 2048.0 * 20.0) / 2.0 + 1901.0 / 2048.0 * 20.0;
        let rounded = (baseline * 4.0).round() / 4.0;
        let feet = typeset.glyphs.iter().filter(|glyph| typeset.shapes[glyph.shape].face == 0).nth(line as usize);
        assert_eq!(feet.expect("an H in each line").window.y1, rounded.ceil() as i32, "line {line}");
    }
}

#[test]
fn lines_are_aligned_within_the_longest_or_the_width() {
    let at = |alignment, width| {
        let typeset = set(&Setting { alignment, width, ..setting("HHHHHHHH\nHH") });
        (typeset.frame().width() as i32, columns(&typeset, 0), columns(&typeset, 1))
    };
    let (width, long, short) = at(Alignment::Left, 0);
    assert_eq!(long.0, short.0);
    let right = at(Alignment::Right, 0);
    assert!(right.2.1.abs_diff(right.1.1) <= 1 && right.2.1 > width - 4, "{right:?}");
    let centred = at(Alignment::Center, 0);
    assert!((centred.2.0 + centred.2.1).abs_diff(centred.1.0 + centred.1.1) <= 1, "{centred:?}");
    let wide = at(Alignment::Center, 400);
    assert_eq!(wide.0, 400);
    assert!((wide.2.0 + wide.2.1).abs_diff(400) <= 1, "{wide:?}");
}

#[test]
fn justified_lines_reach_both_edges_but_the_last() {
    let text = "one two three four five six seven";
    let typeset = set(&Setting { alignment: Alignment::Justified, width: 150, ..setting(text) });
    let lines = typeset.frame().height() as i32 / 24;
    assert!(lines >= 2, "{lines}");
    for line in 0..lines - 1 {
        let (first, last) = columns(&typeset, line);
        assert!(first <= 3 && last >= 147, "line {line}: {first}..{last}");
    }
    assert!(columns(&typeset, lines - 1).1 < 147);
}

#[test]
fn text_wraps_between_words_or_within_one_that_is_too_long() {
    let wrapped = |text, width| set(&Setting { width, ..setting(text) });
    assert_eq!(wrapped("one two", 300).frame().height(), 24);
    let two = wrapped("one two", 50);
    assert_eq!(two.frame(), Rect::of_size(50, 48));
    assert!(columns(&two, 1).0 <= 2, "the second word begins a line");
    let long = wrapped("Donaudampfschiff", 50);
    assert!(long.frame().height() > 48 && long.ink().x1 <= 51, "{} {}", long.frame(), long.ink());
    // A width that holds the text does not wrap it.
    let own = set(&setting("one two three")).frame().width() as u32;
    assert_eq!(wrapped("one two three", own).frame().height(), 24);
}

#[test]
fn what_is_beyond_the_height_is_not_shown() {
    let (whole, cut) = (set(&setting("H\nH\nH")), set(&Setting { height: 30, ..setting("H\nH\nH") }));
    assert_eq!(cut.frame().height(), 30);
    assert_eq!(cut.ink().y1, 30, "a line is cut where the box ends");
    let window = whole.ink();
    let (whole, cut) = (painted(&whole, &WHITE, window), painted(&cut, &WHITE, window));
    for y in window.y0..window.y1 {
        for x in window.x0..window.x1 {
            assert_eq!(cut.pixel(x, y), if y < 30 { whole.pixel(x, y) } else { [0.0; 4] });
        }
    }
}

/// Coverage as alpha, premultiplied and linear, over the background: by the formula, for every pixel.
#[test]
fn colours_are_blended_in_linear_light() {
    let typeset = set(&setting("Ag"));
    let window = typeset.frame().union(&typeset.ink());
    let coverage = painted(&typeset, &WHITE, window);
    let ink = Ink { color: [4.0, 0.5, -0.25, 0.5], background: [0.25, 0.5, 1.0, 0.75] };
    let image = painted(&typeset, &ink, window);
    let mut partial = 0;
    for y in window.y0..window.y1 {
        for x in window.x0..window.x1 {
            let share = coverage.pixel(x, y)[3];
            partial += usize::from(share > 0.0 && share < 1.0);
            let ground = if typeset.frame().contains(x, y) { 0.75 } else { 0.0 };
            let expected: [f32; 4] = std::array::from_fn(|i| {
                let (above, below) = match i {
                    3 => (share * 0.5, ground),
                    _ => (share * 0.5 * ink.color[i], ground * ink.background[i]),
                };
                above + below * (1.0 - share * 0.5)
            });
            // A few roundings to 24 bits of numbers up to 2.
            let found = image.pixel(x, y);
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}, not {expected:?}");
        }
    }
    assert!(partial > 50);
    let opaque = Ink { background: [0.2, 0.3, 0.4, 1.0], ..ink };
    let fits = set(&Setting { width: 100, height: 40, ..setting("Ag") });
    assert!(fits.is_opaque(&opaque));
    assert!(painted(&fits, &opaque, fits.frame()).pixels().iter().all(|pixel| pixel[3] == 1.0));
    assert!(!fits.is_opaque(&ink) && !fits.is_opaque(&WHITE));
}

#[test]
fn letters_that_touch_are_not_seen_through_each_other() {
    let half = Ink { color: [1.0, 1.0, 1.0, 0.5], background: [0.0; 4] };
    // The letters of an Arabic word overlap where they are joined.
    let typeset = set(&Setting { font_size: 80.0, ..setting("\u{628}\u{633}\u{645}") });
    let image = painted(&typeset, &half, typeset.ink());
    assert!(image.pixels().iter().all(|pixel| pixel[3] <= 0.5));
    assert!(image.pixels().iter().any(|pixel| pixel[3] == 0.5));
}

#[test]
fn glyphs_start_at_quarters_of_a_pixel() {
    let typeset = set(&setting(&"i".repeat(40)));
    assert!((2..=4).contains(&typeset.shapes.len()), "{} shapes of one letter", typeset.shapes.len());
    let edges: Vec<f32> = typeset
        .shapes
        .iter()
        .map(|shape| match shape.draw(&typeset.faces, [1.0; 3]).expect("a glyph").pixels {
            Pixels::Covered(mask) => mask.iter().map(|covered| f32::from(*covered)).sum::<f32>() / 255.0,
            Pixels::Coloured(_) => panic!("DejaVu Sans has no colours"),
        })
        .collect();
    // Each covers the same area, to the rounding of its edge pixels.
    assert!(edges.iter().all(|area| (area - edges[0]).abs() < 0.3), "{edges:?}");
}

#[test]
fn fonts_are_found_by_name_in_any_case_and_by_path() {
    let default = Font::find("").expect("it is built in");
    assert_eq!(Font::find("dejavu SANS").expect("built in").hash(), default.hash());
    assert_ne!(Font::find("Noto Emoji").expect("built in").hash(), default.hash());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("copy.TTF");
    std::fs::write(&file, include_bytes!("../../fonts/DejaVuSans.ttf")).expect("a file");
    let name = file.to_str().expect("UTF-8");
    assert!(fonts::is_path(name) && fonts::is_path("a.otf") && !fonts::is_path("DejaVu Sans"));
    let of_file = Font::find(name).expect("a font");
    assert_eq!(of_file.hash(), default.hash(), "the same bytes are the same font");
    let Setting { text, .. } = setting("Hxg");
    let in_file = set(&Setting { font: name.to_owned(), ..setting(&text) });
    let window = in_file.ink();
    assert_eq!(painted(&in_file, &WHITE, window).values(), painted(&set(&setting(&text)), &WHITE, window).values());
    // A file that changed is another font.
    std::fs::write(&file, include_bytes!("../../fonts/NotoEmoji-Regular.ttf")).expect("a file");
    assert_ne!(Font::find(name).expect("a font").hash(), default.hash());
}

#[test]
fn a_font_that_is_not_there_is_an_error_with_the_nearest_name() {
    let error = Font::find("DejaVo Sans").expect_err("there is none").to_string();
    assert!(error.contains("`DejaVo Sans`") && error.contains("did you mean `DejaVu Sans`?"), "{error}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    assert!(matches!(Font::find(&path("none.ttf")), Err(FontError::File { .. })));
    let whole = include_bytes!("../../fonts/DejaVuSans.ttf");
    for (name, bytes) in [("text.ttf", &b"no font"[..]), ("empty.otf", b""), ("cut.ttf", &whole[..300])] {
        std::fs::write(path(name), bytes).expect("a file");
        let error = Font::find(&path(name)).expect_err("it is no font").to_string();
        assert!(error.contains(name) && error.contains("no font that can be read"), "{error}");
    }
    let long = std::fs::File::create(path("long.ttf")).expect("a file");
    long.set_len(fonts::MAX_FILE + 1).expect("a sparse file");
    let error = Font::find(&path("long.ttf")).expect_err("it is too long").to_string();
    assert!(error.contains("longer than 64 MiB"), "{error}");
}

/// Damaged fonts are refused, or set as well as they can be; none of them ends the process.
#[test]
fn a_damaged_font_is_no_danger() {
    let whole = include_bytes!("../../fonts/DejaVuSans.ttf");
    let folder = tempfile::tempdir().expect("a folder");
    let mut state = 7_u64;
    let mut random = |end: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % end
    };
    let mut used = 0;
    for round in 0..60 {
        let mut bytes = whole.to_vec();
        match round % 3 {
            0 => bytes.truncate(random(whole.len())),
            _ => (0..200).for_each(|_| {
                let end = if round % 3 == 1 { 4096 } else { bytes.len() };
                let at = random(end);
                bytes[at] = random(256) as u8;
            }),
        }
        let file = folder.path().join(format!("{round}.ttf"));
        std::fs::write(&file, bytes).expect("a file");
        let Ok(font) = Font::find(file.to_str().expect("UTF-8")) else { continue };
        let Ok(typeset) = Typeset::new(&font, &setting("Hxg \u{5d0}\u{628}\u{628}\nfi e\u{301}")) else { continue };
        let mut image = Image::unpainted(Rect::of_size(200, 60)).expect("memory");
        used += usize::from(typeset.paint(&WHITE, &mut image, 1 << 24).is_ok());
    }
    assert!(used > 5, "{used} fonts could be used: no test");
}

#[test]
fn limits_are_errors_with_the_figure() {
    let font = Font::find("").expect("it is built in");
    let tall = Setting { font_size: 4096.0, line_height: 100.0, ..setting("a\nb\nc") };
    let error = Typeset::new(&font, &tall).expect_err("it is too high");
    assert!(matches!(error, TypesetError::TooLarge { height: 1_228_800, .. }), "{error}");
    assert!(error.to_string().contains("at most 1048576"), "{error}");
    let large = set(&Setting { font_size: 4096.0, ..setting("Abcdefghij") });
    let mut row = Image::unpainted(Rect { y0: 2000, y1: 2001, ..large.frame() }).expect("memory");
    let error = large.paint(&WHITE, &mut row, 1 << 20).expect_err("its glyphs are larger");
    assert!(matches!(error, PaintError::Glyphs { limit: 1_048_576, .. }), "{error}");
    assert_eq!(large.paint(&WHITE, &mut row, 1 << 30), Ok(()));
    let mut unseen = Image::unpainted(Rect::of_size(64, 8)).expect("memory");
    assert_eq!(large.paint(&WHITE, &mut unseen, 1 << 20), Ok(()), "only glyphs that are seen are made");
}
