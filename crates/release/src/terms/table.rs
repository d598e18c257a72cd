//! The schemes of levels and the table that sets them side by side, as `terms.toml` says them.
//!
//! *Absent:* comparing levels of two Parties; that is the table's, in `accord`.

use super::file::{PartyFile, RowFile};
use super::reader::Reader;
use attache_accord::equivalence::{Equivalence, LevelName, Row, Scheme};
use attache_accord::{Level, Party};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// A row with the place of each of its levels.
struct Placed {
    row: Row,
    levels: Vec<Spanned<Level>>,
}

/// Reads the schemes and the table, and checks that the table never lowers.
pub(super) fn read(parties: &[PartyFile], rows: &[RowFile], reader: &mut Reader<'_>) -> Equivalence {
    let schemes = read_schemes(parties, reader);
    let placed: Vec<Placed> = rows.iter().map(|row| read_row(row, &schemes, reader)).collect();
    // With a level in two rows the order says nothing.
    if check_once(&placed, reader) {
        check_order(rows, &placed, &schemes, reader);
    }
    Equivalence { schemes, rows: placed.into_iter().map(|placed| placed.row).collect() }
}

fn read_schemes(parties: &[PartyFile], reader: &mut Reader<'_>) -> BTreeMap<Party, Scheme> {
    let mut schemes = BTreeMap::new();
    for party in parties {
        let Some(code) = reader.parse::<Party>(&party.code) else { continue };
        let mut ranks: Vec<(u8, LevelName)> = Vec::new();
        for level in &party.level {
            let Some(read) = reader.level(code.as_str(), &level.code) else { continue };
            if ranks.iter().any(|(_, other)| other.level == read) {
                reader.wrong(level.code.span(), format!("level {read} stands twice"));
                continue;
            }
            let (name, reading) = (reader.filled(&level.name), reader.filled(&level.reading));
            ranks.push((level.rank, LevelName { level: read, name, reading }));
        }
        if ranks.is_empty() && party.level.is_empty() {
            reader.wrong(party.code.span(), format!("party {code} has no level"));
        }
        if schemes.insert(code, Scheme::new(ranks)).is_some() {
            reader.wrong(party.code.span(), format!("party {code} stands twice"));
        }
    }
    schemes
}

fn read_row(file: &RowFile, schemes: &BTreeMap<Party, Scheme>, reader: &mut Reader<'_>) -> Placed {
    let english = reader.filled(&file.english);
    let mut levels = BTreeMap::new();
    let mut placed = Vec::new();
    for (party, codes) in &file.levels {
        if codes.get_ref().is_empty() {
            let rule = format!("equivalence: {english} names {party} without a level");
            reader.wrong(codes.span(), rule);
        }
        let mut own = Vec::new();
        for code in codes.get_ref() {
            let Some(level) = reader.level(party, code) else { continue };
            if schemes.get(&level.party()).is_none_or(|scheme| scheme.rank(&level).is_none()) {
                reader.wrong(code.span(), format!("equivalence: {level} is not a level of its Party"));
                continue;
            }
            placed.push(Spanned::new(code.span(), level.clone()));
            own.push(level);
        }
        if let Some(first) = own.first() {
            levels.insert(first.party(), own.clone());
        }
    }
    Placed { row: Row { english, levels }, levels: placed }
}

/// A level stands in one row at most: else it would have two equivalents.
fn check_once(rows: &[Placed], reader: &mut Reader<'_>) -> bool {
    let (mut seen, mut is_once) = (BTreeSet::new(), true);
    for level in rows.iter().flat_map(|row| &row.levels) {
        if !seen.insert(level.get_ref()) {
            is_once = false;
            reader.wrong(level.span(), format!("equivalence: {} stands in two places", level.get_ref()));
        }
    }
    is_once
}

/// A lower row may not hold a stricter level than a higher one: the table never lowers.
fn check_order(
    files: &[RowFile],
    rows: &[Placed],
    schemes: &BTreeMap<Party, Scheme>,
    reader: &mut Reader<'_>,
) {
    for (upper_at, upper) in rows.iter().enumerate() {
        for (file, lower) in files.iter().zip(rows).skip(upper_at + 1) {
            for (party, scheme) in schemes {
                let ranks = |row: &Row| -> Vec<u8> {
                    let levels = row.levels.get(party).into_iter().flatten();
                    levels.filter_map(|level| scheme.rank(level)).collect()
                };
                if ranks(&upper.row).iter().min() <= ranks(&lower.row).iter().max()
                    && !ranks(&upper.row).is_empty()
                {
                    let (upper, lower) = (&upper.row.english, &lower.row.english);
                    reader.wrong(
                        file.english.span(),
                        format!("equivalence: {upper} is not stricter than {lower} for {party}"),
                    );
                }
            }
        }
    }
}
