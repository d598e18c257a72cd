//! Reads `terms.toml`, the agreement's terms as a lawyer writes them, into [`Terms`].
//!
//! *Absent:* defaults. What the file does not say, it must say.

use crate::language::Language;
use crate::pack::PackError;
use attache_accord::agreement::Terms;
use attache_accord::equivalence::{Equivalence, LevelName, Row, Scheme};
use attache_accord::party::Malformed;
use attache_accord::{Kind, Level, Party};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// The pack's file of terms.
pub(crate) const TERMS_FILE: &str = "terms.toml";

/// How well the source of a rule or term is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Read in the agreement's text or on an official page.
    Verified,
    /// Reported by the press or a secondary source.
    Press,
    /// Not read in the text; the usual rule of agreements of its family.
    Family,
    /// Not in the agreement; a rule or setting of this software.
    Product,
}

impl Standing {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Verified, "verified"),
        (Self::Press, "press"),
        (Self::Family, "family"),
        (Self::Product, "product"),
    ];

    /// The word used in packs.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(standing, _)| *standing == self).map_or("", |(_, word)| word)
    }
}

impl FromStr for Standing {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let found = Self::ALL.iter().find(|(_, word)| *word == text).map(|(standing, _)| *standing);
        found.ok_or_else(|| Malformed::new("status", "verified, press, family or product", text))
    }
}

/// One term with the article that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// Which term, such as `receipt_due_hours` or `equivalence SECRET`.
    pub term: String,
    /// Its article, or `product`.
    pub article: String,
    /// How well that source is known.
    pub standing: Standing,
}

/// What `terms.toml` holds.
#[derive(Debug, Clone)]
pub(crate) struct Agreed {
    pub(crate) terms: Terms,
    pub(crate) party_names: BTreeMap<(Party, Language), String>,
    pub(crate) cited: Vec<Cited>,
}

/// Reads the text of `terms.toml`.
pub(crate) fn read(text: &str) -> Result<Agreed, PackError> {
    let file: TermsFile = toml::from_str(text).map_err(|e| PackError::of_toml(TERMS_FILE, text, &e))?;
    let terms = Terms {
        agreement: file.agreement.clone(),
        version: check_version(&file.version)?,
        parties: file.party.iter().map(|p| parse(&p.code)).collect::<Result<_, _>>()?,
        equivalence: Equivalence { schemes: read_schemes(&file.party)?, rows: read_rows(&file)? },
        kinds: file.kinds.codes.iter().map(|k| parse::<Kind>(k)).collect::<Result<_, _>>()?,
        receipt_due_hours: file.receipt_due_hours.within(1, MAX_DUE_HOURS)?,
        proof_due_hours: file.proof_due_hours.within(1, MAX_DUE_HOURS)?,
        // In range by `within`.
        utc_offset_hours: u8::try_from(file.utc_offset_hours.within(0, 14)?).unwrap_or_default(),
    };
    check_whole(&terms, &file)?;
    Ok(Agreed { party_names: party_names(&file.party)?, cited: cited(&file)?, terms })
}

/// Longest time that a pack may allow for a receipt or a proof, in hours: a year.
const MAX_DUE_HOURS: u64 = 8_760;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsFile {
    agreement: String,
    version: String,
    kinds: KindsFile,
    receipt_due_hours: Amount,
    proof_due_hours: Amount,
    utc_offset_hours: Amount,
    party: Vec<PartyFile>,
    equivalence: Vec<RowFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindsFile {
    codes: Vec<String>,
    article: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    value: u64,
    article: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyFile {
    code: String,
    name: Names,
    article: String,
    status: String,
    level: Vec<LevelFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    ko: String,
    ja: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelFile {
    code: String,
    name: String,
    reading: String,
    rank: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowFile {
    english: String,
    levels: BTreeMap<String, Vec<String>>,
    article: String,
    status: String,
}

impl Amount {
    fn within(&self, least: u64, most: u64) -> Result<u64, PackError> {
        if (least..=most).contains(&self.value) {
            return Ok(self.value);
        }
        Err(wrong(format!("{} is not between {least} and {most}", self.value)))
    }
}

fn wrong(rule: impl std::fmt::Display) -> PackError {
    PackError::of(TERMS_FILE, rule)
}

fn parse<T: FromStr<Err = Malformed>>(text: &str) -> Result<T, PackError> {
    text.parse().map_err(wrong)
}

fn check_version(version: &str) -> Result<String, PackError> {
    let parts: Vec<_> = version.split('.').collect();
    if parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok()) {
        return Ok(version.to_owned());
    }
    Err(wrong(format!("version must be three numbers, such as 1.0.0, not {version:?}")))
}

fn read_schemes(parties: &[PartyFile]) -> Result<BTreeMap<Party, Scheme>, PackError> {
    let mut schemes = BTreeMap::new();
    for party in parties {
        let mut ranks = Vec::new();
        for level in &party.level {
            let named = LevelName {
                level: parse(&format!("{}:{}", party.code, level.code))?,
                name: level.name.clone(),
                reading: level.reading.clone(),
            };
            if ranks.iter().any(|(_, other): &(u8, LevelName)| other.level == named.level) {
                return Err(wrong(format!("level {} stands twice", named.level)));
            }
            ranks.push((level.rank, named));
        }
        if schemes.insert(parse(&party.code)?, Scheme::new(ranks)).is_some() {
            return Err(wrong(format!("party {} stands twice", party.code)));
        }
    }
    Ok(schemes)
}

fn read_rows(file: &TermsFile) -> Result<Vec<Row>, PackError> {
    let read_row = |row: &RowFile| -> Result<Row, PackError> {
        let mut levels = BTreeMap::new();
        for (party, codes) in &row.levels {
            let own = codes.iter().map(|code| parse::<Level>(&format!("{party}:{code}")));
            levels.insert(parse(party)?, own.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Row { english: row.english.clone(), levels })
    };
    file.equivalence.iter().map(read_row).collect()
}

/// Checks what no single field shows.
fn check_whole(terms: &Terms, file: &TermsFile) -> Result<(), PackError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if file.agreement.is_empty() || file.agreement.len() > 32 || !file.agreement.bytes().all(plain) {
        return Err(wrong("agreement must be 1 to 32 of a-z, 0-9 and '-'"));
    }
    if terms.parties.len() < 2 {
        return Err(wrong("an agreement has at least two Parties"));
    }
    let mut seen = BTreeSet::new();
    for level in terms.equivalence.rows.iter().flat_map(|row| row.levels.values().flatten()) {
        if terms.equivalence.name(level).is_none() {
            return Err(wrong(format!("equivalence: {level} is not a level of its Party")));
        }
        if !seen.insert(level) {
            return Err(wrong(format!("equivalence: {level} stands in two places")));
        }
    }
    match terms.equivalence.rows.iter().find(|row| row.levels.values().any(Vec::is_empty)) {
        Some(row) => Err(wrong(format!("equivalence: {} names a Party without a level", row.english))),
        None => check_order(terms),
    }
}

/// A lower row may not hold a stricter level than a higher one: the table never lowers.
fn check_order(terms: &Terms) -> Result<(), PackError> {
    let rows = &terms.equivalence.rows;
    for (upper, lower) in rows.iter().zip(rows.iter().skip(1)) {
        for (party, scheme) in &terms.equivalence.schemes {
            let ranks = |row: &Row| -> Vec<u8> {
                row.levels.get(party).into_iter().flatten().filter_map(|level| scheme.rank(level)).collect()
            };
            if ranks(upper).iter().min() <= ranks(lower).iter().max() && !ranks(upper).is_empty() {
                return Err(wrong(format!(
                    "equivalence: {} is not stricter than {}",
                    upper.english, lower.english
                )));
            }
        }
    }
    Ok(())
}

fn party_names(parties: &[PartyFile]) -> Result<BTreeMap<(Party, Language), String>, PackError> {
    let mut names = BTreeMap::new();
    for party in parties {
        let code: Party = parse(&party.code)?;
        names.insert((code, Language::Ko), party.name.ko.clone());
        names.insert((code, Language::Ja), party.name.ja.clone());
        names.insert((code, Language::En), party.name.en.clone());
    }
    Ok(names)
}

fn cited(file: &TermsFile) -> Result<Vec<Cited>, PackError> {
    let cite = |term: String, article: &str, status: &str| {
        let standing = parse(status)?;
        Ok(Cited { term, article: article.to_owned(), standing })
    };
    let amounts = [
        ("receipt_due_hours", &file.receipt_due_hours),
        ("proof_due_hours", &file.proof_due_hours),
        ("utc_offset_hours", &file.utc_offset_hours),
    ];
    let kinds = std::iter::once(cite("kinds".to_owned(), &file.kinds.article, &file.kinds.status));
    let amounts = amounts.iter().map(|(name, a)| cite((*name).to_owned(), &a.article, &a.status));
    let parties = file.party.iter().map(|p| cite(format!("party {}", p.code), &p.article, &p.status));
    let rows =
        file.equivalence.iter().map(|r| cite(format!("equivalence {}", r.english), &r.article, &r.status));
    kinds.chain(amounts).chain(parties).chain(rows).collect()
}
