//! `attache letter`: what went by way of a hub that cannot read it, and how far.
//!
//! *Absent:* what is in a letter. It stands where it belongs: at the release, the receipt, the approval.

use crate::agreement::texts::{Three, lines_or, of, word};
use crate::context::Context;
use crate::found::{Failed, Found};
use crate::ids::whole_id;
use attache_gate::api;
use attache_release::Language;
use attache_seal::papers::{self, OpeningDecision};
use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List letters: at a hub those that it carried, at the ends those that were written or came, with what each is about.
    #[command(after_help = "Example: attache letter list --as registrar-1")]
    List,
    /// At a hub that keeps a share of each key: stop the openings of what is in a letter. A disclosure officer signs; it counts from the
    /// next opening on.
    #[command(after_help = "Example: attache letter stop 9c41d0 --reason \"inquiry 4\" --as fdo-1")]
    Stop {
        #[command(flatten)]
        about: About,
    },
    /// Let what is in a stopped letter be opened again.
    #[command(
        after_help = "Example: attache letter allow 9c41d0 --reason \"inquiry 4 is closed\" --as fdo-1"
    )]
    Allow {
        #[command(flatten)]
        about: About,
    },
}

#[derive(Args)]
pub(crate) struct About {
    /// The letter's number, or at least 6 digits of it.
    letter: String,
    /// Why.
    #[arg(long)]
    reason: String,
}

const STATE: &[(&str, Three)] = &[
    ("owed", ["발송 대기", "発送待ち", "to be given on"]),
    ("passed", ["전달됨", "引渡し済み", "given on"]),
    ("arrived", ["도착", "到着", "arrived"]),
    ("refused", ["거절됨", "拒否", "refused"]),
];
const ABOUT: &[(&str, Three)] = &[
    ("package", ["발송", "発送", "package of"]),
    ("receipt", ["수령증, 발송", "受領証、発送", "receipt for"]),
    ("proof", ["수령증 증명, 발송", "受領証の証明、発送", "proof of the receipt for"]),
    ("notice", ["통지", "通知", "notice"]),
    ("opening", ["열람 요청", "閲覧の要請", "request to open"]),
    ("answer", ["회신, 봉서", "回答、封書", "answer to letter"]),
    ("declined", ["받지 않음", "不受領", "not taken"]),
];
const SHARE: &[(&str, Three)] = &[
    (
        "lent",
        ["열쇠 조각: 열람마다 내줌", "鍵の持分: 閲覧ごとに貸出し", "share of a key: lent for each opening"],
    ),
    (
        "stopped",
        ["열쇠 조각: 열람 중지", "鍵の持分: 閲覧停止", "share of a key: STOPPED, nothing in it is opened"],
    ),
];
const HOP: Three = ["중계 수령증", "中継受領証", "hop receipt"];
const TAKEN: Three = ["접수", "受付", "taken"];
const REFUSED: Three = ["거절", "拒否", "refused"];
const NONE: Three = ["봉서가 없다.", "封書はない。", "No letters."];

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let letters: Vec<api::Letter> = client.list("/v1/letters")?;
    let (About { letter, reason }, answer) = match verb {
        Verb::List => return listed(&letters, context.language),
        Verb::Stop { about } => (about, papers::Answer::Refuse),
        Verb::Allow { about } => (about, papers::Answer::Approve),
    };
    let number = whole_id("letter", &letter, letters.iter().map(|it| it.letter.as_str()))?;
    let found = letters.iter().find(|it| it.letter == number);
    let waybill = found.map(|it| it.waybill.parse()).transpose().map_err(Failed::fault)?;
    let request = waybill.ok_or_else(|| Failed::misuse("letter: no such letter here"))?;
    let decision = OpeningDecision { request, answer, reason };
    let path = format!("/v1/letters/{number}/decision");
    let decided: api::Letter = client.post(&path, &client.sign(decision)?)?;
    Found::of(lines(&decided, context.language).join("\n"), &decided)
}

fn listed(letters: &[api::Letter], language: Language) -> Result<Found, Failed> {
    let lines: Vec<String> = letters.iter().flat_map(|letter| self::lines(letter, language)).collect();
    Found::of(lines_or(&NONE, &lines, language), &letters)
}

/// One line, one more of what it is about, and one of each hub.
fn lines(letter: &api::Letter, language: Language) -> Vec<String> {
    let api::Letter { from, to, size, at, .. } = letter;
    let short = |id: &str| id.chars().take(8).collect::<String>();
    let state = word(STATE, &letter.state, language);
    let code = letter.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let mut lines = vec![format!("{}  {from} -> {to}  {size} B  {state}{code}  {at}", short(&letter.letter))];
    if let Some(api::Matter { kind, id }) = &letter.about {
        lines.push(format!("    {} {}", word(ABOUT, kind, language), short(id)));
    }
    if let Some(share) = &letter.share {
        lines.push(format!("    {}", word(SHARE, share, language)));
    }
    for hop in &letter.hops {
        let what = match &hop.refused {
            Some(code) => format!("{} {code}", of(&REFUSED, language)),
            None => of(&TAKEN, language).to_owned(),
        };
        lines.push(format!("    {} {}  {what}  {} #{}", of(&HOP, language), hop.hub, hop.log, hop.leaf));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_told_in_each_language_with_what_its_hub_signed() {
        let hop = api::HopReceipt {
            digest: "00".repeat(32),
            hub: "washington.usa".into(),
            refused: Some("C-031".into()),
            log: "washington.usa/log/1".into(),
            leaf: 17,
        };
        let letter = api::Letter {
            letter: "0123456789abcdef0123456789abcdef".into(),
            from: "seoul.kor".into(),
            to: "tokyo.jpn".into(),
            size: 70_144,
            state: "refused".into(),
            code: Some("C-031".into()),
            at: "2026-07-01T00:00:00.000Z".into(),
            due: "2026-07-02T00:00:00.000Z".into(),
            previous: None,
            next: Some("washington.usa".into()),
            waybill: "11".repeat(32),
            share: None,
            hops: vec![hop],
            about: Some(api::Matter { kind: "package".into(), id: "ab".repeat(16) }),
        };
        let text = |language| lines(&letter, language).join("\n");
        assert_eq!(
            text(Language::En),
            "01234567  seoul.kor -> tokyo.jpn  70144 B  refused C-031  2026-07-01T00:00:00.000Z\n    \
             package of abababab\n    hop receipt washington.usa  refused C-031  washington.usa/log/1 #17"
        );
        assert!(text(Language::Ko).contains("거절됨 C-031") && text(Language::Ko).contains("발송 abababab"));
        assert!(
            text(Language::Ja).contains("拒否 C-031")
                && text(Language::Ja).contains("中継受領証 washington.usa")
        );
    }
}
