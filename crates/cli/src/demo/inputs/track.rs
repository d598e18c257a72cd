//! Tracks of three vessels as AIS in NMEA 0183 sentences: position reports (type 1) and voyage data (type 5) of
//! ITU-R M.1371-5, with tag blocks that say when each was heard.
//!
//! *Absent:* reading, and any ship that exists.

use super::{Chance, Input};

/// When the track begins, in seconds since 1970: 2026-11-24 00:10 UTC.
const BEGINS_AT: u64 = 1_795_479_000;
/// Reports of each vessel: 20 minutes at the 10 seconds between reports under way below 14 knots (M.1371-5, Annex 1,
/// Table 1).
const REPORTS: u64 = 120;
const REPORT_SECONDS: u64 = 10;
/// Voyage data comes every 6 minutes.
const REPORTS_PER_VOYAGE: u64 = 36;
/// Most characters of payload in one sentence: with them a sentence has the 82 characters that NMEA 0183 allows.
const MAX_PAYLOAD: usize = 60;

/// A vessel and how it goes. Positions in 1/10000 minute, north and east.
pub(super) struct Vessel {
    /// ITU-R M.585: the digits in front name a State and run from 201 to 775, so that 799 is nobody's.
    pub(super) mmsi: u32,
    pub(super) name: &'static str,
    call_sign: &'static str,
    ship_type: u8,
    from: (i64, i64),
    /// Movement in 10 seconds.
    step: (i64, i64),
    speed_knots: u64,
    course_degrees: u64,
}

pub(super) const VESSELS: [Vessel; 3] = [
    Vessel {
        mmsi: 799_000_001,
        name: "EXERCISE ALPHA",
        call_sign: "XX0001",
        ship_type: 70,
        from: (18_050_000, 90_000_000),
        step: (0, 385),
        speed_knots: 12,
        course_degrees: 90,
    },
    Vessel {
        mmsi: 799_000_002,
        name: "EXERCISE BRAVO",
        call_sign: "XX0002",
        ship_type: 80,
        from: (18_120_000, 90_080_000),
        step: (-250, 0),
        speed_knots: 9,
        course_degrees: 180,
    },
    Vessel {
        mmsi: 799_000_003,
        name: "EXERCISE CHARLIE",
        call_sign: "XX0003",
        ship_type: 30,
        from: (17_980_000, 90_030_000),
        step: (138, 159),
        speed_knots: 7,
        course_degrees: 45,
    },
];

/// Twenty minutes of three vessels in the open Pacific.
pub fn track_file(seed: u64) -> Input {
    let mut chance = Chance(seed);
    let offsets = VESSELS.map(|_| (chance.below(1000) as i64, chance.below(1000) as i64));
    let mut lines = String::new();
    for report in 0..REPORTS {
        for (number, (vessel, offset)) in (0..).zip(VESSELS.iter().zip(offsets)) {
            let at = BEGINS_AT + report * REPORT_SECONDS + 3 * number;
            if report % REPORTS_PER_VOYAGE == 0 {
                sentences(&mut lines, &voyage(vessel), at, report);
            }
            sentences(&mut lines, &position(vessel, offset, report, at, &mut chance), at, report);
        }
    }
    Input {
        title: "AIS track: three contacts, exercise area KAMOME".to_owned(),
        file_name: format!("track-{:04}.nmea", 1 + seed % 9999),
        media_type: "text/plain; charset=us-ascii".to_owned(),
        bytes: lines.into_bytes(),
        kind: "track",
    }
}

/// The bits of a message, the first the most significant.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    /// The low `width` bits of a number; two's complement where it is negative.
    fn number(&mut self, width: u32, value: i64) -> &mut Self {
        self.0.extend((0..width).rev().map(|shift| (value >> shift) & 1 == 1));
        self
    }

    /// Six-bit ASCII (M.1371-5, Annex 8), `@` to the right.
    fn text(&mut self, characters: usize, value: &str) -> &mut Self {
        for byte in value.bytes().chain(std::iter::repeat(b'@')).take(characters) {
            self.number(6, i64::from(byte) & 0x3f);
        }
        self
    }

    /// The payload in the characters of IEC 61162-1, six bits each, and the number of bits filled up.
    fn armoured(&self) -> (String, usize) {
        let six =
            |bits: &[bool]| (0..6).fold(0u8, |value, at| value << 1 | u8::from(bits.get(at) == Some(&true)));
        let character = |value: u8| char::from(if value < 40 { value + 48 } else { value + 56 });
        let payload = self.0.chunks(6).map(|bits| character(six(bits))).collect();
        (payload, (6 - self.0.len() % 6) % 6)
    }
}

/// Type 1, 168 bits (M.1371-5, Annex 8, 3.1).
fn position(vessel: &Vessel, offset: (i64, i64), report: u64, at: u64, chance: &mut Chance) -> Bits {
    let along = |from: i64, offset: i64, step: i64| from + offset + step * report as i64;
    let tenths = |value: u64, spread: u64, chance: &mut Chance| (10 * value + chance.below(spread)) as i64;
    let mut bits = Bits::default();
    bits.number(6, 1).number(2, 0).number(30, vessel.mmsi.into());
    bits.number(4, 0).number(8, 0); // under way using engine, not turning
    bits.number(10, tenths(vessel.speed_knots, 3, chance)).number(1, 1); // 1/10 knot, accurate
    bits.number(28, along(vessel.from.1, offset.1, vessel.step.1));
    bits.number(27, along(vessel.from.0, offset.0, vessel.step.0));
    bits.number(12, tenths(vessel.course_degrees, 6, chance)); // 1/10 degree
    bits.number(9, vessel.course_degrees as i64).number(6, (at % 60) as i64);
    bits.number(2, 0).number(3, 0).number(1, 0).number(19, 0); // no manoeuvre, spare, no RAIM, radio state
    bits
}

/// Type 5, 424 bits (M.1371-5, Annex 8, 3.3).
fn voyage(vessel: &Vessel) -> Bits {
    let mut bits = Bits::default();
    bits.number(6, 5).number(2, 0).number(30, vessel.mmsi.into()).number(2, 0).number(30, 0); // no IMO number
    bits.text(7, vessel.call_sign).text(20, vessel.name).number(8, vessel.ship_type.into());
    bits.number(9, 60).number(9, 20).number(6, 8).number(6, 8).number(4, 1); // metres around the antenna; GPS
    bits.number(4, 11).number(5, 25).number(5, 6).number(6, 0).number(8, 52); // arrival, draught in 1/10 metre
    bits.text(20, "NOWHERE").number(1, 0).number(1, 0);
    bits
}

/// The sentences of one message, each behind its tag block.
fn sentences(out: &mut String, message: &Bits, at: u64, report: u64) {
    let (payload, fill) = message.armoured();
    let count = payload.len().div_ceil(MAX_PAYLOAD);
    let channel = if report.is_multiple_of(2) { 'A' } else { 'B' };
    let sequence = if count > 1 { (report / REPORTS_PER_VOYAGE).to_string() } else { String::new() };
    for (number, part) in (1..).zip(payload.as_bytes().chunks(MAX_PAYLOAD)) {
        let fill = if number == count { fill } else { 0 };
        let part: String = part.iter().copied().map(char::from).collect();
        let tag = format!("s:DEMO0,c:{at}");
        let body = format!("AIVDM,{count},{number},{sequence},{channel},{part},{fill}");
        *out += &format!("\\{tag}*{:02X}\\!{body}*{:02X}\r\n", checksum(&tag), checksum(&body));
    }
}

/// NMEA 0183: exclusive or of all characters between the delimiters.
fn checksum(text: &str) -> u8 {
    text.bytes().fold(0, |sum, byte| sum ^ byte)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::{REPORTS, VESSELS, checksum, track_file};

    /// The bits of each message, sentences put together, checksums checked.
    fn messages() -> Vec<Vec<bool>> {
        let text = String::from_utf8(track_file(7).bytes).unwrap();
        let mut messages: Vec<Vec<bool>> = Vec::new();
        for line in text.split_terminator("\r\n") {
            let (tag, sentence) = line.strip_prefix('\\').unwrap().split_once("\\!").unwrap();
            assert!(sentence.len() <= 79, "{sentence}");
            let [_, body] = [tag, sentence].map(|part| {
                let (body, sum) = part.split_once('*').unwrap();
                assert_eq!(u8::from_str_radix(sum, 16).unwrap(), checksum(body), "{line}");
                body
            });
            let fields: Vec<&str> = body.split(',').collect();
            let mut bits: Vec<bool> = fields[5].bytes().flat_map(six).collect();
            bits.truncate(bits.len() - fields[6].parse::<usize>().unwrap());
            match fields[2] {
                "1" => messages.push(bits),
                _ => messages.last_mut().unwrap().extend(bits),
            }
        }
        messages
    }

    fn six(character: u8) -> [bool; 6] {
        let value = character - if character < 96 { 48 } else { 56 };
        [5, 4, 3, 2, 1, 0].map(|shift| value >> shift & 1 == 1)
    }

    fn number(bits: &[bool], at: usize, width: usize) -> u32 {
        bits[at..at + width].iter().fold(0, |value, bit| value << 1 | u32::from(*bit))
    }

    #[test]
    fn messages_have_the_lengths_of_their_types() {
        for bits in messages() {
            let expected = if number(&bits, 0, 6) == 1 { 168 } else { 424 };
            assert_eq!(bits.len(), expected);
        }
    }

    #[test]
    fn each_vessel_reports_its_way_for_twenty_minutes() {
        for vessel in VESSELS {
            let is_its = |bits: &Vec<bool>| number(bits, 0, 6) == 1 && number(bits, 8, 30) == vessel.mmsi;
            let track: Vec<_> = messages().into_iter().filter(is_its).collect();
            assert_eq!(track.len() as u64, REPORTS);
            let [first, last] = [&track[0], &track[119]]
                .map(|bits| (i64::from(number(bits, 89, 27)), i64::from(number(bits, 61, 28))));
            assert_eq!((last.0 - first.0, last.1 - first.1), (119 * vessel.step.0, 119 * vessel.step.1));
        }
    }

    #[test]
    fn voyage_data_names_the_vessel() {
        let voyages: Vec<_> = messages().into_iter().filter(|bits| number(bits, 0, 6) == 5).collect();
        assert_eq!(voyages.len(), 12);
        let letters = (0..20).map(|at| number(&voyages[0], 112 + 6 * at, 6));
        let name: String =
            letters.map(|six| char::from(if six < 32 { six as u8 + 64 } else { six as u8 })).collect();
        assert_eq!(name.trim_end_matches('@'), VESSELS[0].name);
    }
}
