//! A reconnaissance image as an uncompressed NITF 2.1 file (MIL-STD-2500C): file header, one image segment.
//!
//! *Absent:* reading; the gate does that.

use super::{Chance, Input};

/// Rows and columns of the image, in pixels.
const SIDE: usize = 512;
/// Length of the file header with one image segment, in bytes (Table A-1).
const FILE_HEADER_BYTES: usize = 404;
/// Length of an image subheader with one band, a location and no comments, in bytes (Table A-3).
const SUBHEADER_BYTES: usize = 499;
/// When the image was taken, CCYYMMDDhhmmss in UTC.
const TAKEN_AT: &str = "20261124001500";
const TITLE: &str = "FICTITIOUS HARBOUR KAMOMEJIMA, DEMONSTRATION";

/// A harbour that does not exist, 512 by 512 pixels of 8 bits, SECRET of Japan in header and subheader alike.
pub fn reconnaissance_image(seed: u64) -> Input {
    let pixels = harbour(&mut Chance(seed));
    let mut file = file_header(pixels.len());
    file.0.extend(subheader().0);
    file.0.extend(pixels);
    Input {
        title: "偵察画像: fictitious harbour KAMOMEJIMA".to_owned(),
        file_name: format!("kamomejima-{:04}.ntf", 1 + seed % 9999),
        media_type: "application/vnd.nitf".to_owned(),
        bytes: file.0,
        kind: "imagery",
    }
}

/// Fields of fixed width, one after the other.
#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    /// BCS-A and ECS-A: left-justified, spaces to the right (5.1.7).
    fn text(&mut self, width: usize, value: &str) -> &mut Self {
        self.0.extend(format!("{value:<width$.width$}").into_bytes());
        self
    }

    /// BCS-N: right-justified, zeros to the left.
    fn number(&mut self, width: usize, value: usize) -> &mut Self {
        self.text(width, &format!("{value:0width$}"))
    }

    /// The security group, the same in every header (Table A-1 from FSCLAS to FSCTLN, 167 bytes).
    fn security(&mut self) -> &mut Self {
        self.text(1, "S").text(2, "JA"); // class; system: a FIPS 10-4 digraph
        self.text(11, "").text(2, "").text(20, "KS"); // codewords, control and handling, releasable to
        self.text(2, "").text(8, "").text(4, ""); // declassification: type, date, exemption
        self.text(1, "").text(8, "").text(43, ""); // downgrade: to, on, text
        self.text(1, "").text(40, "").text(1, ""); // authority: type, name, reason
        self.text(8, "").text(15, "") // source date, control number
    }
}

/// Table A-1.
fn file_header(image_bytes: usize) -> Fields {
    let mut header = Fields::default();
    header.text(9, "NITF02.10").text(2, "03").text(4, "BF01"); // up to 2048 by 2048 pixels, basic format
    header.text(10, "FICTSTN000").text(14, TAKEN_AT).text(80, TITLE).security();
    header.text(5, "00001").text(5, "00001").text(1, "0"); // first of one copy, not encrypted
    header.0.extend([0x00, 0x00, 0x80]); // FBKGC, three bytes of colour
    header.text(24, "FICTITIOUS UNIT 0").text(18, "");
    header.number(12, FILE_HEADER_BYTES + SUBHEADER_BYTES + image_bytes).number(6, FILE_HEADER_BYTES);
    header.number(3, 1).number(6, SUBHEADER_BYTES).number(10, image_bytes);
    header.text(15, "000000000000000"); // no graphic, reserved, text, data extension or reserved extension segments
    header.number(5, 0).number(5, 0); // no user-defined and no extended header
    header
}

/// Table A-3. The corners are in the open Pacific, hundreds of kilometres from land: upper left, then clockwise (IGEOLO).
fn subheader() -> Fields {
    let mut header = Fields::default();
    header.text(2, "IM").text(10, "KAMOME0001").text(14, TAKEN_AT).text(17, "").text(80, TITLE).security();
    header.text(1, "0").text(42, "FICTITIOUS SENSOR").number(8, SIDE).number(8, SIDE);
    header.text(3, "INT").text(8, "MONO").text(8, "VIS").text(2, "08").text(1, "R").text(1, "G");
    header.text(60, "300033N1500000E300033N1500038E300000N1500038E300000N1500000E");
    header.text(1, "0").text(2, "NC").text(1, "1"); // no comment, not compressed, one band
    header.text(2, "M").text(6, "").text(1, "N").text(3, "").text(1, "0"); // the band; no look-up table
    header.text(1, "0").text(1, "B").number(4, 1).number(4, 1).number(4, SIDE).number(4, SIDE); // one block
    header.text(2, "08").text(3, "001").text(3, "000").text(10, "0000000000").text(4, "1.0");
    header.number(5, 0).number(5, 0);
    header
}

/// Coast on the left, three jetties, ships alongside, and noise over all.
fn harbour(chance: &mut Chance) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(SIDE * SIDE);
    for y in 0..SIDE {
        let coast = 150 + (y % 190).abs_diff(95) / 3;
        for x in 0..SIDE {
            let swell = (x + 3 * y) / 7 % 6;
            let blocks = (x / 24 * 5 + y / 18 * 3) % 11 * 4;
            let base = if x < coast { 96 + blocks } else { 34 + 2 * swell };
            pixels.push(base as u8 + chance.below(10) as u8);
        }
    }
    for at in [96, 236, 392] {
        let jetty = 130 + chance.below(60) as usize;
        paint(&mut pixels, chance, (160, at), (jetty, 9), 168);
        for side in [at - 13, at + 12] {
            let (bow, length) = (200 + chance.below(40) as usize, 36 + chance.below(44) as usize);
            paint(&mut pixels, chance, (bow, side + 3), (length, 10), 10); // its shadow
            paint(&mut pixels, chance, (bow, side), (length, 10), 196);
            paint(&mut pixels, chance, (bow + length / 5, side + 2), (length / 4, 6), 228);
        }
    }
    pixels
}

/// A rectangle of about one brightness.
fn paint(pixels: &mut [u8], chance: &mut Chance, (x, y): (usize, usize), (w, h): (usize, usize), value: u8) {
    for row in pixels.chunks_exact_mut(SIDE).skip(y).take(h) {
        row.iter_mut().skip(x).take(w).for_each(|pixel| *pixel = value + chance.below(12) as u8);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::{FILE_HEADER_BYTES, SIDE, SUBHEADER_BYTES, reconnaissance_image};

    fn field(file: &[u8], at: usize, width: usize) -> &str {
        std::str::from_utf8(&file[at..at + width]).unwrap()
    }

    fn number(file: &[u8], at: usize, width: usize) -> usize {
        field(file, at, width).parse().unwrap()
    }

    #[test]
    fn the_lengths_in_the_header_are_those_of_the_file() {
        let file = reconnaissance_image(7).bytes;
        assert_eq!(field(&file, 0, 9), "NITF02.10");
        let (header, subheader, image) =
            (number(&file, 354, 6), number(&file, 363, 6), number(&file, 369, 10));
        assert_eq!(number(&file, 342, 12), file.len());
        assert_eq!(header + subheader + image, file.len());
        assert_eq!(field(&file, header, 2), "IM");
    }

    #[test]
    fn the_image_is_as_large_as_its_subheader_says() {
        let file = reconnaissance_image(7).bytes;
        let at = number(&file, 354, 6) + 333;
        assert_eq!((number(&file, at, 8), number(&file, at + 8, 8)), (SIDE, SIDE));
        assert_eq!(number(&file, 369, 10), SIDE * SIDE);
    }

    #[test]
    fn header_and_image_have_the_same_marking() {
        let file = reconnaissance_image(7).bytes;
        let image = number(&file, 354, 6) + 123;
        assert_eq!(file[119..286], file[image..image + 167]);
        assert_eq!((field(&file, 119, 3), field(&file, 135, 20).trim_end()), ("SJA", "KS"));
    }

    #[test]
    fn a_jetty_is_brighter_than_the_sea_beside_it() {
        let file = reconnaissance_image(7).bytes;
        let pixel = |x: usize, y: usize| file[FILE_HEADER_BYTES + SUBHEADER_BYTES + y * SIDE + x];
        assert!(pixel(195, 100) > 150 && pixel(500, 100) < 70);
    }
}
