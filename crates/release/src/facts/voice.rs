//! How facts are said: in codes for machines, or in a reader's words with the pack's names.
//!
//! *Absent:* which facts are told.

use crate::language::Language;
use crate::pack::Pack;
use attache_accord::agreement::Position;
use attache_accord::particulars::Reproduction;
use attache_accord::people::Clearance;
use attache_accord::ruling::Question;
use attache_accord::{Level, Party, Timestamp};

/// Who speaks: no language says codes.
pub(crate) struct Voice<'a> {
    pub(super) pack: &'a Pack,
    language: Option<Language>,
}

impl<'a> Voice<'a> {
    pub(crate) fn of_machines(pack: &'a Pack) -> Self {
        Self { pack, language: None }
    }

    pub(crate) fn of(pack: &'a Pack, language: Language) -> Self {
        Self { pack, language: Some(language) }
    }

    fn pick(&self, machines: &'a str, [ko, ja, en]: [&'a str; 3]) -> &'a str {
        match self.language {
            None => machines,
            Some(Language::Ko) => ko,
            Some(Language::Ja) => ja,
            Some(Language::En) => en,
        }
    }

    pub(super) fn party(&self, party: Party) -> String {
        let name = self.language.and_then(|language| self.pack.party_name(party, language));
        name.map_or_else(|| party.to_string(), str::to_owned)
    }

    pub(super) fn level(&self, level: &Level) -> String {
        match self.pack.terms().equivalence.name(level).filter(|_| self.language.is_some()) {
            Some(named) => format!("{} ({level})", named.name),
            None => level.to_string(),
        }
    }

    pub(super) fn none(&self) -> String {
        self.pick("none", ["없음", "なし", "none"]).to_owned()
    }

    pub(super) fn yes(&self, is_so: bool) -> String {
        let words =
            if is_so { ("yes", ["예", "はい", "yes"]) } else { ("no", ["아니요", "いいえ", "no"]) };
        self.pick(words.0, words.1).to_owned()
    }

    pub(super) fn or_none<T>(&self, found: Option<T>, say: impl Fn(T) -> String) -> String {
        found.map_or_else(|| self.none(), say)
    }

    pub(super) fn list(&self, parts: impl Iterator<Item = String>) -> String {
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() { self.none() } else { parts.join("; ") }
    }

    /// Something that holds until a time.
    pub(super) fn until(&self, what: &str, until: Timestamp) -> String {
        let form = self.pick("{} until {t}", ["{} {t}까지", "{} {t}まで", "{} until {t}"]);
        form.replace("{t}", &until.to_string()).replace("{}", what).trim().to_owned()
    }

    pub(super) fn clearance(&self, held: &Clearance) -> String {
        self.until(&self.level(&held.level), held.until)
    }

    pub(super) fn copy(&self, copy: &Reproduction) -> String {
        let form = self.pick("{n} of {m}", ["{m}부 가운데 {n}번", "{m}部のうち{n}番", "{n} of {m}"]);
        let number = form.replace("{n}", &copy.number.to_string()).replace("{m}", &copy.needed.to_string());
        let unmarked =
            self.pick("unmarked", ["원래 표시 없음", "元の表示なし", "without the original markings"]);
        if copy.is_marked { number } else { format!("{number}, {unmarked}") }
    }

    /// The last that a Party recorded.
    pub(super) fn last(party: Party, question: &Question) -> Option<&Position> {
        question.positions.iter().rev().find(|position| position.party == party)
    }

    /// What a Party holds of the agreement, when it is asked.
    pub(super) fn position(&self, party: Party, question: &Question) -> String {
        let at = question.at;
        let (form, time) = match Self::last(party, question) {
            None | Some(Position { from: None, .. }) => (
                self.pick("not in force", ["발효 입장 없음", "発効の立場なし", "holds it not in force"]),
                None,
            ),
            Some(Position { until: Some(until), .. }) if *until <= at => {
                (self.pick("ended {t}", ["{t}에 종료", "{t}に終了", "ended {t}"]), Some(*until))
            }
            Some(Position { from: Some(from), .. }) if *from > at => (
                self.pick("in force from {t}", ["{t}부터 발효", "{t}に発効", "in force only from {t}"]),
                Some(*from),
            ),
            Some(Position { from, .. }) => (
                self.pick(
                    "in force since {t}",
                    ["{t}부터 발효 중", "{t}から効力を有する", "in force since {t}"],
                ),
                *from,
            ),
        };
        let said = form.replace("{t}", &time.map(|at| at.to_string()).unwrap_or_default());
        format!("{}: {said}", self.party(party))
    }
}
