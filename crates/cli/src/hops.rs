//! The hops of an item in a reader's language: from which node to which, how far, and at which level.
//!
//! *Absent:* what is not on record at the node that is asked.

use crate::agreement::texts::{Three, of, word};
use attache_gate::api;
use attache_release::Language;

const STATE: &[(&str, Three)] = &[
    ("owed", ["발송 대기", "発送待ち", "to be sent"]),
    ("stored", ["도착", "到着", "stored"]),
    ("taken", ["중계 당사자 인수", "中継当事者が受領", "taken"]),
    ("begun", ["전달 중", "転送中", "under way"]),
    ("receipted", ["수령증 확인", "受領証あり", "receipted"]),
    ("declined", ["거절됨", "拒否", "declined"]),
    ("overdue", ["기한 초과", "期限超過", "overdue"]),
    ("given-up", ["전달 포기", "転送断念", "given up"]),
    ("refused", ["전달 불허", "転送不許可", "decided against"]),
];
const HOP: Three = ["구간", "区間", "hop"];

/// One line a hop.
pub(crate) fn lines(hops: &[api::Hop], language: Language) -> Vec<String> {
    let line = |(number, hop): (usize, &api::Hop)| {
        let state = word(STATE, &hop.state, language);
        let code = hop.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
        let level = hop.level.as_deref().unwrap_or("-");
        let text = format!(
            "    {} {}  {} -> {}  {state}{code}  {level}  {}",
            of(&HOP, language),
            number + 1,
            hop.from,
            hop.to,
            hop.basis
        );
        text.trim_end().to_owned()
    };
    hops.iter().enumerate().map(line).collect()
}
