//! `attache register`: what is entered.
//!
//! *Absent:* changes. Nothing here writes.

use crate::agreement::texts::{Three, lines_or, of, word};
use crate::context::Context;
use crate::found::{Failed, Found};
use crate::handled::told_copies;
use crate::items::search;
use crate::items::words::{ITEM, MORE};
use attache_gate::api;
use attache_release::Language;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum RegisterVerb {
    /// List the register, or the entries of own items whose titles have all of the words.
    #[command(
        after_help = "Example: attache register list --as registrar-1\nExample: attache register list --search 야간 --as \
        analyst-1"
    )]
    List {
        /// A word that must be in the title; several times for several. For those who may see titles.
        #[arg(long = "search", value_name = "WORD")]
        words: Vec<String>,
    },
    /// Show one entry with its movements.
    #[command(after_help = "Example: attache register show JPN-R-2026-000001 --as registrar-1")]
    Show {
        /// Control or register number.
        number: String,
    },
}

const EMPTY: Three = ["대장이 비어 있다.", "登録簿は空である。", "The register is empty."];
const NO_ENTRY: Three = ["이 말이 든 항목이 없다.", "この語のある登録はない。", "No entry has these words."];
const DIRECTION: &[(&str, Three)] = &[("out", ["발송", "発送", "out"]), ("in", ["접수", "受入", "in"])];
const MOVEMENT: &[(&str, Three)] = &[
    ("entered", ["등재", "登録", "entered"]),
    ("sent", ["발송", "発送", "sent"]),
    ("receipted", ["수령증 받음", "受領証あり", "receipted"]),
    ("opened", ["열람", "閲覧", "opened"]),
    ("passed on", ["제3자 전달", "第三者へ転送", "passed on"]),
    ("used otherwise", ["목적 외 사용", "目的外使用", "used otherwise"]),
    ("downgraded", ["등급 하향", "区分の引下げ", "downgraded"]),
    ("copied", ["복제", "複製", "copied"]),
    ("translated", ["번역", "翻訳", "translated"]),
    ("given to contractor", ["계약업체 제공", "契約者へ提供", "given to contractor"]),
    ("shown to visitors", ["방문자 열람", "訪問者に開示", "shown to visitors"]),
    ("copy returned", ["사본 반납", "複製の返納", "copy returned"]),
    ("destruction signed", ["파기 서명", "破棄の署名", "destruction signed"]),
    ("destroyed", ["파기", "破棄", "destroyed"]),
    ("destruction signed there", ["상대측 파기 서명", "相手側の破棄の署名", "destruction signed there"]),
    ("destroyed there", ["상대측 파기", "相手側で破棄", "destroyed there"]),
];

pub(crate) fn register(verb: &RegisterVerb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    match verb {
        RegisterVerb::List { words } => {
            let mut entries: Vec<api::Registered> = client.list("/v1/register")?;
            let found = (!words.is_empty()).then(|| search(&client, words)).transpose()?;
            if let Some(found) = &found {
                entries.retain(|entry| found.items.iter().any(|item| item.item == entry.item));
            }
            let mut lines: Vec<String> =
                entries.iter().map(|entry| registered(entry, context.language)).collect();
            if found.is_some_and(|found| !found.is_all) {
                lines.push(of(&MORE, context.language).to_owned());
            }
            let none = if words.is_empty() { &EMPTY } else { &NO_ENTRY };
            Found::of(lines_or(none, &lines, context.language), &entries)
        }
        RegisterVerb::Show { number } => {
            let entry: api::Registered = client.get(&format!("/v1/register/{number}"))?;
            let language = context.language;
            let item = format!("  {:<8} {}", of(&ITEM, language), entry.item);
            let mut lines = vec![registered(&entry, language), item];
            lines.extend(entry.movements.iter().map(|moved| {
                format!(
                    "  {}  {:<10} {}",
                    moved.at,
                    word(MOVEMENT, &moved.movement, language),
                    moved.what.as_deref().unwrap_or_default()
                )
            }));
            if !entry.copies.is_empty() {
                lines.push(told_copies(&entry.copies, language));
            }
            Found::of(lines.join("\n"), &entry)
        }
    }
}

fn registered(entry: &api::Registered, language: Language) -> String {
    let partner = entry.partner.as_deref().unwrap_or("-");
    let level = entry.level.as_deref().unwrap_or("-");
    let own = entry.own_level.as_ref().map(|own| format!(" / {own}")).unwrap_or_default();
    let last = entry.movements.last().map_or("entered", |moved| moved.movement.as_str());
    format!(
        "{}  {:<3} {partner:<12} {level}{own}  {}  {}",
        entry.number,
        word(DIRECTION, &entry.direction, language),
        entry.entered_at,
        word(MOVEMENT, last, language)
    )
}
