//! Pictures that lie on their side or upside down in their file.

/// Where the first row and column of a file belong, as EXIF and TIFF number it: 1 is upright, 2 to 8 are mirrored or
/// turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn(u8);

impl Turn {
    /// As it lies in the file.
    pub(super) const NONE: Turn = Turn(1);

    /// The turn of that number. Numbers without a meaning are taken as upright.
    pub(super) fn new(number: u32) -> Self {
        if (1..=8).contains(&number) { Self(number as u8) } else { Self::NONE }
    }

    /// Whether nothing is to be done.
    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Columns and rows of the upright picture.
    pub(super) fn upright(self, [columns, rows]: [u32; 2]) -> [u32; 2] {
        if self.0 >= 5 { [rows, columns] } else { [columns, rows] }
    }

    /// Where a pixel of the upright picture lies in the file, whose columns and rows are given.
    #[inline(always)]
    pub(super) fn stored(self, [x, y]: [usize; 2], [columns, rows]: [usize; 2]) -> [usize; 2] {
        let (right, bottom) = (columns - 1, rows - 1);
        match self.0 {
            2 => [right - x, y],
            3 => [right - x, bottom - y],
            4 => [x, bottom - y],
            5 => [y, x],
            6 => [y, bottom - x],
            7 => [right - y, bottom - x],
            8 => [right - y, x],
            _ => [x, y],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXIF says of each number where row 0 and column 0 of the file are seen.
    #[test]
    fn row_and_column_0_are_seen_where_the_standard_says() {
        let size = [3, 2];
        for (number, top_left, top_right) in [
            (1, [0, 0], [2, 0]),
            (2, [2, 0], [0, 0]),
            (3, [2, 1], [0, 1]),
            (4, [0, 1], [2, 1]),
            (5, [0, 0], [0, 1]),
            (6, [0, 1], [0, 0]),
            (7, [2, 1], [2, 0]),
            (8, [2, 0], [2, 1]),
        ] {
            let turn = Turn::new(number);
            let [columns, _] = turn.upright(size);
            let size = size.map(|side| side as usize);
            assert_eq!(turn.stored([0, 0], size), top_left, "{number}");
            assert_eq!(turn.stored([columns as usize - 1, 0], size), top_right, "{number}");
        }
        assert!([0, 9, 65535].into_iter().all(|number| Turn::new(number).is_none()));
    }
}
