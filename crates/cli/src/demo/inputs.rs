//! The demo's own inputs: an image, a track, two reports. They are made up, the same for the same seed, and in the
//! forms that such things have in earnest.
//!
//! *Absent:* files, clocks and real places, people or ships.

mod nitf;
mod track;

pub use nitf::reconnaissance_image;
pub use track::track_file;

/// Something for the demo to release.
pub struct Input {
    /// What a person calls it.
    pub title: String,
    /// Its file name, without a path.
    pub file_name: String,
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The kind of information that it is marked as, one of the rule pack's.
    pub kind: &'static str,
}

/// A maritime patrol report in English under Japanese headings, on the vessels of [`track_file`].
pub fn patrol_report(seed: u64) -> Input {
    let number = number(seed);
    Input {
        title: format!("哨戒報告 {number}: three contacts, exercise area KAMOME"),
        file_name: format!("patrol-report-{number}.txt"),
        media_type: "text/plain; charset=utf-8".to_owned(),
        bytes: include_str!("inputs/patrol_report.txt").replace("{number}", &number).into_bytes(),
        kind: "patrol",
    }
}

/// A Korean report from a person: the protected source, the tearline, and the part that may go.
pub fn humint_report(seed: u64) -> Input {
    let number = number(seed);
    Input {
        title: format!("인간정보 보고 {number}: 가상 항구의 야간 하역"),
        file_name: format!("humint-report-{number}.txt"),
        media_type: "text/plain; charset=utf-8".to_owned(),
        bytes: include_str!("inputs/humint_report.txt").replace("{number}", &number).into_bytes(),
        kind: "humint",
    }
}

/// A report's number in four digits.
fn number(seed: u64) -> String {
    format!("{:04}", 1 + seed % 9999)
}

/// Numbers that look like chance and follow from the seed alone (SplitMix64). Not for keys.
struct Chance(u64);

impl Chance {
    /// A number from 0 up to and not including `end`, which is at least 1.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::{Input, humint_report, patrol_report, reconnaissance_image, track_file};

    const ALL: [fn(u64) -> Input; 4] = [reconnaissance_image, track_file, patrol_report, humint_report];

    fn text(input: Input) -> String {
        String::from_utf8(input.bytes).unwrap()
    }

    #[test]
    fn the_same_seed_makes_the_same_input_and_another_seed_another() {
        for make in ALL {
            assert_eq!(make(7).bytes, make(7).bytes);
            assert_ne!(make(7).bytes, make(8).bytes);
        }
    }

    #[test]
    fn a_humint_report_has_one_tearline_and_its_source_only_before_it() {
        let report = text(humint_report(7));
        assert_eq!(report.lines().filter(|line| *line == "=== TEARLINE ===").count(), 1);
        let (protected, releasable) = report.split_once("\n=== TEARLINE ===\n").unwrap();
        assert!(protected.contains("가상출처") && !releasable.contains("출처"));
        assert!(releasable.contains("보고 번호") && !releasable.contains("접촉"));
    }

    #[test]
    fn a_patrol_report_speaks_of_the_vessels_of_the_track() {
        let report = text(patrol_report(7));
        for vessel in super::track::VESSELS {
            assert!(report.contains(vessel.name) && report.contains(&vessel.mmsi.to_string()));
        }
    }

    #[test]
    fn no_place_for_a_number_is_left_unfilled() {
        for report in [text(patrol_report(7)), text(humint_report(7))] {
            assert!(report.contains("0008") && !report.contains('{'));
        }
    }
}
