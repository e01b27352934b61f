//! What must be known of a file before a decoder that is not ours sees it: claims that it would trust, and facts that it
//! does not tell.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::super::error::{Problem, damaged};
use super::super::samples::Alpha;

/// What the markers of a JPEG say.
#[derive(Debug, Default)]
pub(super) struct Jpeg {
    /// Grey, colour, or the four inks of print.
    pub(super) components: u8,
    /// Whether all of it is kept in memory until its end.
    pub(super) progressive: bool,
    /// Dots per inch, along x and y.
    pub(super) density: Option<[f32; 2]>,
}

impl Jpeg {
    /// Walks the markers up to the end of the picture. A picture without its end was cut off; the decoder would fill it up
    /// with grey.
    pub(super) fn read(mut file: impl BufRead + Seek) -> Result<Self, Problem> {
        let mut jpeg = Self::default();
        file.seek(SeekFrom::Start(2))?;
        loop {
            match marker(&mut file).map_err(cut)? {
                0xd9 => break,
                0x01 | 0xd0..=0xd8 => {}
                kind => {
                    let length = usize::from(u16::from_be_bytes(array(&mut file).map_err(cut)?));
                    let mut body =
                        vec![0; length.checked_sub(2).ok_or_else(|| damaged("a segment of a JPEG is too short"))?];
                    file.read_exact(&mut body).map_err(cut)?;
                    jpeg.note(kind, &body);
                }
            }
        }
        if jpeg.components == 0 {
            return Err(damaged("a JPEG without a picture"));
        }
        Ok(jpeg)
    }

    fn note(&mut self, kind: u8, body: &[u8]) {
        match (kind, body) {
            // Frame headers; among their numbers are those of tables (c4, cc) and an extension (c8).
            (0xc0..=0xcf, [_, _, _, _, _, components, ..]) if ![0xc4, 0xc8, 0xcc].contains(&kind) => {
                self.components = *components;
                self.progressive = kind & 3 == 2;
            }
            (0xe0, [b'J', b'F', b'I', b'F', 0, _, _, unit @ 1..=2, x1, x0, y1, y0, ..]) => {
                let per_inch = if *unit == 1 { 1.0 } else { 2.54 };
                let dots = |high: &u8, low: &u8| f32::from(u16::from_be_bytes([*high, *low])) * per_inch;
                self.density = Some([dots(x1, x0), dots(y1, y0)]);
            }
            _ => {}
        }
    }
}

/// The kind of the next marker, after whatever stands before it.
fn marker(file: &mut impl BufRead) -> io::Result<u8> {
    loop {
        let buffer = file.fill_buf()?;
        if buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some(at) = buffer.iter().position(|byte| *byte == 0xff) else {
            let length = buffer.len();
            file.consume(length);
            continue;
        };
        file.consume(at + 1);
        loop {
            match array(file)? {
                [0xff] => {}
                // In coded pixels this stands for ff alone.
                [0] => break,
                [kind] => return Ok(kind),
            }
        }
    }
}

/// Checks that the chunks of a WebP lie within the file, because the decoder makes room for what they claim.
pub(super) fn check_webp(mut file: impl Read + Seek, length: u64) -> Result<(), Problem> {
    let mut at = 12;
    while at + 8 <= length {
        file.seek(SeekFrom::Start(at))?;
        let [.., a, b, c, d] = array::<8>(&mut file)?;
        let chunk = u64::from(u32::from_le_bytes([a, b, c, d]));
        if chunk > length - at - 8 {
            return Err(damaged(format!("a chunk of {chunk} bytes at byte {at} of {length}")));
        }
        at += 8 + chunk + chunk % 2;
    }
    Ok(())
}

/// Whether a file may be a TGA. It begins with nothing of its own, so this is asked only where its name ends in `.tga`.
pub(in super::super) fn is_tga(start: &[u8]) -> bool {
    match start {
        [_, map @ 0..=1, kind, _, _, _, _, map_bits, _, _, _, _, w0, w1, h0, h1, bits, ..] => {
            let mapped =
                matches!(kind, 1 | 9) && *map == 1 && [15, 16, 24, 32].contains(map_bits) && [8, 16].contains(bits);
            let colour = matches!(kind, 2 | 10) && [15, 16, 24, 32].contains(bits);
            let grey = matches!(kind, 3 | 11) && [1, 8, 16].contains(bits);
            [*w0, *w1] != [0, 0] && [*h0, *h1] != [0, 0] && (mapped || colour || grey)
        }
        _ => false,
    }
}

/// Whether a TGA has a list of colours and no alpha; what those have beside red, green and blue is none then.
pub(super) fn tga_palette_is_opaque(mut file: impl Read + Seek) -> Result<bool, Problem> {
    let header: [u8; 18] = array(&mut file)?;
    Ok(header[1] == 1 && header[17] & 0xf == 0)
}

/// What the extension of a TGA says of its alpha; straight, if it has none.
pub(super) fn tga_alpha(mut file: impl Read + Seek, length: u64) -> Result<Alpha, Problem> {
    const FOOTER: u64 = 26;
    const KIND_OF_ALPHA: u64 = 494;
    if length < FOOTER {
        return Ok(Alpha::Straight);
    }
    file.seek(SeekFrom::Start(length - FOOTER))?;
    let footer: [u8; FOOTER as usize] = array(&mut file)?;
    let extension = u64::from(u32::from_le_bytes([footer[0], footer[1], footer[2], footer[3]]));
    if &footer[8..24] != b"TRUEVISION-XFILE" || extension == 0 || extension + KIND_OF_ALPHA >= length {
        return Ok(Alpha::Straight);
    }
    file.seek(SeekFrom::Start(extension + KIND_OF_ALPHA))?;
    Ok(if array(&mut file)? == [4] { Alpha::Premultiplied } else { Alpha::Straight })
}

/// Whether a file begins with these bytes; the position is at the start again.
pub(super) fn begins_with(mut file: impl Read + Seek, start: &[u8]) -> Result<bool, Problem> {
    let mut found = Vec::new();
    (&mut file).take(start.len() as u64).read_to_end(&mut found)?;
    file.rewind()?;
    Ok(found == start)
}

fn array<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn cut(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => damaged("the picture has no end: the file was cut off"),
        _ => Problem::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A grey picture of 3 x 2 with 300 dots per inch: headers, some coded bytes, the end.
    const JPEG: &[u8] =
        b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\x01\x01\x2c\x01\x2c\0\0\xff\xc2\x00\x0b\x08\0\x02\0\x03\
                          \x01\x01\x11\0\xff\xda\x00\x08\x01\x01\0\0\x3f\0\x12\xff\0\xff\xd0\x34\xff\xff\xd9";

    #[test]
    fn the_markers_of_a_jpeg_are_walked_to_its_end() {
        let jpeg = Jpeg::read(Cursor::new(JPEG)).expect("whole");
        assert_eq!((jpeg.components, jpeg.progressive, jpeg.density), (1, true, Some([300.0, 300.0])));
        for length in 2..JPEG.len() {
            let error = Jpeg::read(Cursor::new(&JPEG[..length])).expect_err("cut off").to_string();
            assert_eq!(error, "damaged file: the picture has no end: the file was cut off", "{length}");
        }
    }

    #[test]
    fn a_chunk_of_a_webp_lies_within_the_file() {
        let mut file = b"RIFF\x14\0\0\0WEBPICCP\x03\0\0\0abc\0VP8L\0\0\0\0".to_vec();
        assert!(check_webp(Cursor::new(&file), file.len() as u64).is_ok());
        file[16] = 13;
        let error = check_webp(Cursor::new(&file), file.len() as u64).expect_err("too long").to_string();
        assert_eq!(error, "damaged file: a chunk of 13 bytes at byte 12 of 32");
    }

    #[test]
    fn a_tga_is_told_by_a_header_that_makes_sense() {
        let header = |kind, map, map_bits, size: [u8; 4], bits| {
            let [w0, w1, h0, h1] = size;
            [0, map, kind, 0, 0, 0, 0, map_bits, 0, 0, 0, 0, w0, w1, h0, h1, bits, 0]
        };
        for (fits, start) in [
            (true, header(2, 0, 0, [3, 0, 2, 0], 24)),
            (true, header(11, 0, 0, [3, 0, 2, 0], 8)),
            (true, header(9, 1, 24, [3, 0, 2, 0], 8)),
            (false, header(9, 0, 0, [3, 0, 2, 0], 8)),
            (false, header(2, 0, 0, [0, 0, 2, 0], 24)),
            (false, header(2, 0, 0, [3, 0, 2, 0], 8)),
            (false, *b"just a text, cut s"),
        ] {
            assert_eq!(is_tga(&start), fits, "{start:?}");
        }
        assert!(!is_tga(&[0, 0, 2]));
    }
}
