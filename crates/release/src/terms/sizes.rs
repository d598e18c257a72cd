//! How long the lists of `terms.toml` may be. Some are compared entry by entry with themselves, and a pack may be a stranger's.
//!
//! *Absent:* the length of the file; that is bounded where it is read.

use super::file::{TermsFile, Text};

/// Most entries of any one list in `terms.toml`.
pub(super) const MAX_ENTRIES: usize = 256;

/// The first list that is too long: what it is, and where it or the thing that has it begins.
pub(super) fn too_long(file: &TermsFile) -> Option<(&'static str, usize)> {
    let start = |text: Option<&Text>| text.map_or(0, |text| text.span().start);
    let of_all = [
        ("kinds", file.kinds.codes.len(), start(file.kinds.codes.first())),
        ("topics", file.topics.codes.len(), start(file.topics.codes.first())),
        ("parties", file.party.len(), start(file.party.first().map(|party| &party.code))),
        ("rows", file.equivalence.len(), start(file.equivalence.first().map(|row| &row.english))),
        ("legs", file.leg.len(), start(file.leg.first().map(|leg| &leg.basis))),
        ("purposes", file.purpose.len(), start(file.purpose.first().map(|purpose| &purpose.code))),
        ("obligations", file.obligation.len(), start(file.obligation.first().map(|owed| &owed.duty))),
        (
            "codes of the floor",
            file.floor.len(),
            start(file.floor.values().next().map(|cited| &cited.article)),
        ),
    ];
    let of_a_party = file.party.iter().flat_map(|party| {
        let at = party.code.span().start;
        [
            ("levels of a Party", party.level.len(), at),
            ("authorities of a Party", party.authority.len(), at),
            ("gates of a Party", party.gate.len(), at),
        ]
    });
    let of_a_row = file.equivalence.iter().flat_map(|row| {
        let at = row.english.span().start;
        let levels = row.levels.values().map(|levels| levels.get_ref().len()).sum();
        [("Parties in a row", row.levels.len(), at), ("levels in a row", levels, at)]
    });
    let mut lists = of_all.into_iter().chain(of_a_party).chain(of_a_row);
    lists.find(|(_, length, _)| *length > MAX_ENTRIES).map(|(list, _, at)| (list, at))
}
