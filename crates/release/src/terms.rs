//! Reads `terms.toml`, the agreement's terms as a lawyer writes them, into [`Terms`].
//!
//! *Absent:* defaults. What the file does not say, it must say.

mod cited;
mod duties;
mod file;
mod legs;
mod parties;
mod purposes;
mod reader;
mod sizes;
mod table;

use crate::check::own_codes;
use crate::faults::{Faults, line_of};
use crate::language::Language;
use attache_accord::Party;
use attache_accord::agreement::{AuthorityCode, Effect, GateCode, OnOverdue, Relay, Terms};
use attache_accord::obligation::Obligation;
use attache_accord::particulars::Purpose;
use attache_accord::party::Malformed;
use attache_accord::suppression::LEAST_HIDING;
use file::{Amount, EffectFile, TermsFile, Text, Word};
use reader::{NONE, Reader};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;
use toml::Spanned;

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
    /// Which term, such as `notice_days`, `equivalence SECRET` or `gate KOR president`.
    pub term: String,
    /// Its article, or `product`.
    pub article: String,
    /// How well that source is known.
    pub standing: Standing,
    /// The line of `terms.toml` that says so, from 1.
    pub line: usize,
}

/// The article that a rule rests on, and how well that is known.
#[derive(Debug, Clone)]
pub(crate) struct Citation {
    pub(crate) article: String,
    pub(crate) standing: Standing,
}

/// What a name in `terms.toml` belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    Party(Party),
    Authority(Party, AuthorityCode),
    Gate(Party, GateCode),
    Obligation(Obligation),
    Purpose(Purpose),
}

/// What `terms.toml` holds.
#[derive(Debug, Clone)]
pub(crate) struct Agreed {
    pub(crate) terms: Terms,
    /// The languages that the pack is written in, English among them.
    pub(crate) languages: BTreeSet<Language>,
    /// Where each code of the floor comes from.
    pub(crate) floor: BTreeMap<String, Citation>,
    pub(crate) names: BTreeMap<(Named, Language), String>,
    pub(crate) sources: BTreeMap<(Party, GateCode), String>,
    pub(crate) cited: Vec<Cited>,
}

/// Longest name of an agreement, in bytes: it stands in every statement.
const MAX_AGREEMENT_BYTES: usize = 32;
/// Longest term of an agreement, in years.
const MAX_TERM_YEARS: u64 = 100;
/// Longest notice of termination, in days: ten years.
const MAX_NOTICE_DAYS: u64 = 3_650;
/// Largest count that an agreement may keep from the public.
const MAX_SUPPRESSED: u64 = 1_000;
/// For how long a witness's cosignature may be missing where the agreement does not say it, in hours.
const COSIGNATURE_HOURS: u64 = 48;
/// Longest that an agreement may say, in hours: ninety days.
const MAX_COSIGNATURE_HOURS: u64 = 2_160;
/// Longest that an item may be opened on an earlier consent, in hours: a week.
const MAX_GRACE_HOURS: u64 = 168;
/// Longest that a hub may lend a share, in days: ten years.
const MAX_SHARE_DAYS: u64 = 3_650;
/// Furthest east of Greenwich, in hours.
const MAX_UTC_OFFSET_HOURS: u64 = 14;

/// Reads the text of `terms.toml`. None where its form cannot be read; else what could be read of it.
pub(crate) fn read(text: &str, faults: &mut Faults) -> Option<Agreed> {
    let file: TermsFile = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            faults.of_toml(TERMS_FILE, text, &error);
            return None;
        }
    };
    if let Some((list, at)) = sizes::too_long(&file) {
        let rule = format!("more than {} {list}", sizes::MAX_ENTRIES);
        faults.at(TERMS_FILE, line_of(text, at), rule);
        return None;
    }
    let languages = read_languages(text, &file.languages, faults);
    let mut reader = Reader { text, faults, languages: &languages, cited: Vec::new() };
    let mut names = BTreeMap::new();
    let mut sources = BTreeMap::new();
    let equivalence = table::read(&file.party, &file.equivalence, &mut reader);
    let obligations = duties::read(&file.obligation, &mut names, &mut reader);
    let purposes = purposes::read(&file.purpose, &mut names, &mut reader);
    let mut terms = Terms {
        agreement: read_agreement(&file.agreement, &mut reader),
        version: read_version(&file.version, &mut reader),
        parties: equivalence.schemes.keys().copied().collect(),
        kinds: reader.codes(&file.kinds.codes),
        receipt_due_hours: duties::due_hours(Obligation::Receipt, &obligations),
        proof_due_hours: duties::due_hours(Obligation::ReceiptProof, &obligations),
        utc_offset_hours: read_offset(&file, &mut reader),
        is_binding: read_binding(&file.binding, &mut reader),
        effect: read_effect(&file.effect, &mut reader).unwrap_or(Effect::LaterNotice),
        term_years: reader.amount(&file.term_years, 1..=MAX_TERM_YEARS),
        notice_days: reader.amount(&file.notice_days, 1..=MAX_NOTICE_DAYS),
        hub: Some(&file.hub.value).filter(|hub| hub.get_ref() != NONE).and_then(|hub| reader.parse(hub)),
        relay: read_relay(file.relay.as_ref(), &mut reader),
        topics: reader.codes(&file.topics.codes),
        purposes,
        gates: BTreeMap::new(),
        authorities: BTreeMap::new(),
        suppress_below: read_suppression(file.suppress_below.as_ref(), &mut reader),
        cosignature_hours: read_cosignature_hours(file.cosignature_hours.as_ref(), &mut reader),
        on_overdue: read_overdue(file.on_overdue.as_ref(), &mut reader),
        offline_grace_hours: read_number(
            "offline_grace_hours",
            MAX_GRACE_HOURS,
            file.offline_grace_hours.as_ref(),
            &mut reader,
        ),
        hub_share_days: read_number(
            "hub_share_days",
            MAX_SHARE_DAYS,
            file.hub_share_days.as_ref(),
            &mut reader,
        ),
        equivalence,
        obligations,
        legs: BTreeMap::new(),
    };
    legs::read(&file.leg, &mut terms, &mut reader);
    for party in &file.party {
        parties::read(party, &mut terms, &mut names, &mut sources, &mut reader);
    }
    check_whole(&terms, &file, &mut reader);
    let floor = read_floor(&file, &mut reader);
    cited::note(&file, &mut reader);
    let cited = reader.cited;
    Some(Agreed { terms, languages, floor, names, sources, cited })
}

type NamesFound = BTreeMap<(Named, Language), String>;

fn read_languages(text: &str, words: &Spanned<Vec<Text>>, faults: &mut Faults) -> BTreeSet<Language> {
    let mut languages = BTreeSet::new();
    let mut wrong =
        |at: Range<usize>, rule: &dyn Display| faults.at(TERMS_FILE, line_of(text, at.start), rule);
    for word in words.get_ref() {
        match word.get_ref().parse::<Language>() {
            Ok(language) if languages.insert(language) => {}
            Ok(language) => wrong(word.span(), &format!("{language} stands twice")),
            Err(fault) => wrong(word.span(), &fault),
        }
    }
    if languages.insert(Language::En) {
        wrong(words.span(), &"every pack is written in en, and in the languages of its Parties");
    }
    languages
}

/// Where each code of the floor comes from in this agreement: all of them, and no others.
fn read_floor(file: &TermsFile, reader: &mut Reader<'_>) -> BTreeMap<String, Citation> {
    let mut read = BTreeMap::new();
    for (code, source) in &file.floor {
        if !own_codes().any(|own| own == code) {
            reader.wrong(source.article.span(), format!("{code} is no code of the floor"));
            continue;
        }
        reader.cite(format!("floor {code}"), &source.article, &source.status);
        if let Ok(standing) = source.status.get_ref().parse() {
            read.insert(code.clone(), Citation { article: source.article.get_ref().clone(), standing });
        }
    }
    for code in own_codes().filter(|code| !file.floor.contains_key(*code)) {
        reader.missing(format!("nothing is said of where {code} of the floor comes from"));
    }
    read
}

fn read_agreement(name: &Text, reader: &mut Reader<'_>) -> String {
    if !is_agreement_name(name.get_ref()) {
        reader.wrong(name.span(), "agreement must be 1 to 32 of a-z, 0-9 and '-'");
    }
    name.get_ref().clone()
}

fn is_agreement_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=MAX_AGREEMENT_BYTES).contains(&text.len()) && text.bytes().all(plain)
}

fn read_version(version: &Text, reader: &mut Reader<'_>) -> String {
    let text = version.get_ref();
    let parts: Vec<_> = text.split('.').collect();
    if parts.len() != 3 || !parts.iter().all(|part| part.parse::<u16>().is_ok()) {
        let rule = format!("version must be three numbers, such as 1.0.0, not {text:?}");
        reader.wrong(version.span(), rule);
    }
    text.clone()
}

fn read_offset(file: &TermsFile, reader: &mut Reader<'_>) -> u8 {
    let amount = &file.utc_offset_hours;
    let hours = reader.amount(amount, 0..=MAX_UTC_OFFSET_HOURS);
    if amount.value.get_ref().as_str() == Some(NONE) {
        reader.wrong(amount.value.span(), "days must be counted somewhere; \"none\" is no place");
    }
    hours.and_then(|hours| u8::try_from(hours).ok()).unwrap_or_default()
}

/// Below which counts the public is told nothing. An agreement that does not say it has no figures for the public.
fn read_suppression(amount: Option<&Amount>, reader: &mut Reader<'_>) -> Option<u64> {
    let amount = amount?;
    if amount.value.get_ref().as_str() == Some(NONE) {
        reader.wrong(amount.value.span(), "suppress_below must be a number; 1 keeps nothing back");
    }
    let below = reader.amount(amount, 1..=MAX_SUPPRESSED)?;
    if (2..LEAST_HIDING).contains(&below) {
        reader.wrong(amount.value.span(), "below 2 there is only 1, so that to leave it out would tell it");
    }
    Some(below)
}

/// For how long a witness's cosignature may be missing.
fn read_cosignature_hours(amount: Option<&Amount>, reader: &mut Reader<'_>) -> u64 {
    let Some(amount) = amount else { return COSIGNATURE_HOURS };
    if amount.value.get_ref().as_str() == Some(NONE) {
        reader.wrong(amount.value.span(), "cosignature_hours must be a number");
    }
    reader.amount(amount, 1..=MAX_COSIGNATURE_HOURS).unwrap_or(COSIGNATURE_HOURS)
}

/// A number of at most `most` that an agreement may leave out: it has no such rule then.
fn read_number(name: &str, most: u64, amount: Option<&Amount>, reader: &mut Reader<'_>) -> Option<u64> {
    let amount = amount?;
    if amount.value.get_ref().as_str() == Some(NONE) {
        reader.wrong(amount.value.span(), format!("{name} must be a number; leave it out for none"));
    }
    reader.amount(amount, 1..=most)
}

fn read_overdue(word: Option<&Word>, reader: &mut Reader<'_>) -> OnOverdue {
    match word.map(|word| (word.value.get_ref().as_str(), word.value.span())) {
        None | Some(("alarm", _)) => OnOverdue::Alarm,
        Some(("hold", _)) => OnOverdue::Hold,
        Some((other, at)) => {
            reader.wrong(at, format!("on_overdue must be \"alarm\" or \"hold\", not {other:?}"));
            OnOverdue::Alarm
        }
    }
}

fn read_relay(word: Option<&Word>, reader: &mut Reader<'_>) -> Relay {
    match word.map(|word| (word.value.get_ref().as_str(), word.value.span())) {
        None | Some(("reading", _)) => Relay::Reading,
        Some(("blind", _)) => Relay::Blind,
        Some((other, at)) => {
            reader.wrong(at, format!("relay must be \"reading\" or \"blind\", not {other:?}"));
            Relay::Reading
        }
    }
}

fn read_binding(word: &Word, reader: &mut Reader<'_>) -> bool {
    match word.value.get_ref().as_str() {
        "treaty" => true,
        "arrangement" => false,
        other => {
            let rule = format!("binding must be \"treaty\" or \"arrangement\", not {other:?}");
            reader.wrong(word.value.span(), rule);
            false
        }
    }
}

fn read_effect(file: &EffectFile, reader: &mut Reader<'_>) -> Option<Effect> {
    let at = file.value.span();
    match (file.value.get_ref().as_str(), &file.depositary) {
        ("later-notice", None) => Some(Effect::LaterNotice),
        ("later-notice", Some(with)) => {
            reader.wrong(with.span(), "written notices need no depositary");
            None
        }
        ("deposit", Some(with)) => reader.parse(with).map(Effect::Deposit),
        ("deposit", None) => {
            reader.wrong(at, "a deposit names its depositary");
            None
        }
        (other, _) => {
            reader.wrong(at, format!("effect must be \"later-notice\" or \"deposit\", not {other:?}"));
            None
        }
    }
}

/// Checks what no single field shows.
fn check_whole(terms: &Terms, file: &TermsFile, reader: &mut Reader<'_>) {
    if file.party.len() < 2 {
        let at = file.party.first().map(|party| party.code.span()).unwrap_or_default();
        reader.wrong(at, "an agreement has at least two Parties");
    }
    if terms.kinds.is_empty() {
        reader.wrong(file.kinds.article.span(), "no kind of information may be released");
    }
    if let Some(hub) = terms.hub.filter(|hub| !terms.parties.contains(hub)) {
        reader.wrong(file.hub.value.span(), format!("the hub {hub} is not a Party"));
    }
    if let Some(relay) = file.relay.as_ref().filter(|_| terms.hub.is_none()) {
        reader.wrong(relay.value.span(), "without a hub nothing is relayed");
    }
    if let Some(days) = file.hub_share_days.as_ref().filter(|_| terms.relay != Relay::Blind) {
        reader.wrong(days.value.span(), "a share of the key is kept by a hub with relay = \"blind\" only");
    }
    match (terms.effect, &file.effect.depositary) {
        (Effect::Deposit(with), Some(at)) if !terms.parties.contains(&with) => {
            reader.wrong(at.span(), format!("the depositary {with} is not a Party"));
        }
        _ => {}
    }
}
