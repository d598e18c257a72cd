//! The life of an item as it follows from acts that hold: step by step, and in one sentence.
//!
//! *Absent:* acts that do not hold. They stand in the findings.

use crate::held::Told;
use attache_accord::act::{Act, Answer};
use attache_accord::oversight::word;
use attache_accord::{NodeName, PersonId, Timestamp};
use attache_release::Language;
use serde::Serialize;
use std::collections::BTreeSet;

/// The life of one item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Life {
    /// What was done, in order of time.
    pub steps: Vec<Step>,
    /// How many people opened it, at the nodes that are here.
    pub readers: usize,
    /// Whether two people signed, at a node that is here or at a partner's, that it is destroyed.
    pub is_destroyed: bool,
}

/// One act of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// When, as the node recorded it.
    pub at: String,
    /// At which node.
    pub node: String,
    /// Index in that node's log.
    pub index: u64,
    /// The act.
    pub act: &'static str,
    /// What of it matters: levels, nodes, codes.
    pub detail: String,
    /// By whom, by pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Life {
    pub(super) fn of<'a>(parts: impl Iterator<Item = (&'a NodeName, &'a [Told])>) -> Self {
        let told: Vec<(&NodeName, &Told)> =
            parts.flat_map(|(node, acts)| acts.iter().map(move |told| (node, told))).collect();
        let mut steps: Vec<(Timestamp, Step)> =
            told.iter().map(|(node, told)| (told.at, Step::of(node, told))).collect();
        // Two nodes have two clocks; within one node its log has the order.
        steps.sort_by(|(at, one), (other_at, other)| {
            (at, &one.node, one.index).cmp(&(other_at, &other.node, other.index))
        });
        let readers: BTreeSet<(&NodeName, &PersonId)> = told
            .iter()
            .filter_map(|(node, told)| match &told.act {
                Act::Opened { by, .. } => Some((*node, by)),
                _ => None,
            })
            .collect();
        // The second of two signatures over the item itself.
        let is_destroyed = told.iter().any(|(_, told)| match &told.act {
            Act::DestructionSigned { destruction, .. } | Act::DestructionMirrored { destruction, .. } => {
                destruction.first.is_some() && destruction.what.copy.is_none()
            }
            _ => false,
        });
        Self {
            steps: steps.into_iter().map(|(_, step)| step).collect(),
            readers: readers.len(),
            is_destroyed,
        }
    }

    /// In plain words.
    pub(crate) fn told(&self, language: Language) -> Vec<String> {
        let heading = match language {
            Language::Ko => "이 자료의 이력",
            Language::Ja => "この資料の経歴",
            Language::En => "The life of this item",
        };
        let mut lines = vec![heading.to_owned()];
        for Step { at, node, index, act, detail, by } in &self.steps {
            let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
            let by = by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
            lines.push(format!("  {at}  {node} #{index}  {}{detail}{by}", act_in(act, language)));
        }
        lines.push(self.ends(language));
        lines
    }

    /// How many people opened it, and whether it is destroyed.
    pub(crate) fn ends(&self, language: Language) -> String {
        let readers = self.readers;
        match (language, self.is_destroyed) {
            (Language::Ko, true) => format!("  열람한 사람 {readers}명, 파기됨"),
            (Language::Ko, false) => format!("  열람한 사람 {readers}명, 파기 기록 없음"),
            (Language::Ja, true) => format!("  閲覧者 {readers} 名、破棄済み"),
            (Language::Ja, false) => format!("  閲覧者 {readers} 名、破棄の記録なし"),
            (Language::En, true) => format!("  people who opened it: {readers}; destroyed"),
            (Language::En, false) => format!("  people who opened it: {readers}; no destruction on record"),
        }
    }
}

impl Step {
    /// The act in one language.
    pub(crate) fn act_in(&self, language: Language) -> &'static str {
        act_in(self.act, language)
    }

    fn of(node: &NodeName, told: &Told) -> Self {
        let by = by(&told.act).map(ToString::to_string);
        let (at, index) = (told.at.to_string(), told.index);
        Self { at, node: node.to_string(), index, act: word(&told.act), detail: detail(&told.act), by }
    }
}

fn by(act: &Act) -> Option<&PersonId> {
    match act {
        Act::ItemAdded { by, .. }
        | Act::ItemMarked { by, .. }
        | Act::Ruled { by, .. }
        | Act::ReleaseRequested { by, .. }
        | Act::ReleaseReviewed { by, .. }
        | Act::ReleaseDecided { by, .. }
        | Act::Admitted { by, .. }
        | Act::Opened { by, .. }
        | Act::Handled { by, .. }
        | Act::DestructionSigned { by, .. }
        | Act::DestructionMirrored { signer: by, .. } => Some(by),
        _ => None,
    }
}

fn detail(act: &Act) -> String {
    match act {
        Act::ItemAdded { size, .. } => format!("{size} B"),
        Act::ItemMarked { marking, .. } | Act::ArrivalVerified { marking, .. } => {
            let to: Vec<&str> = marking.releasable_to.iter().map(|party| party.as_str()).collect();
            format!("{}, {} → {}", marking.level, marking.kind.as_str(), to.join(", "))
        }
        Act::Ruled { ruling, .. } => {
            let outcome = if ruling.granted { "granted" } else { "refused" };
            let reasons =
                ruling.reasons.iter().map(|reason| format!("{} (Art. {})", reason.code, reason.article));
            format!("{} {outcome}, {}", ruling.action.as_str(), reasons.collect::<Vec<_>>().join(", "))
        }
        Act::ReleaseRequested { recipient, .. } | Act::DispatchOwed { recipient, .. } => {
            format!("→ {recipient}")
        }
        Act::ReleaseDecided { answer, .. } => match answer {
            Answer::Approve => "approved".to_owned(),
            Answer::Refuse => "refused".to_owned(),
        },
        Act::DispatchDeclined { code, .. }
        | Act::IncidentRaised { code, .. }
        | Act::BreachRecorded { code, .. } => code.clone(),
        Act::ReceiptKept { admitted, .. } => if *admitted { "admitted" } else { "refused" }.to_owned(),
        Act::Admitted { own_level, .. } => own_level.to_string(),
        Act::PassageVerified { origin, level, .. } => format!("{origin}, {level}"),
        Act::PassageTold { hop, .. } | Act::PassageMirrored { hop, .. } => {
            format!("→ {}, {}", hop.recipient, hop.fate.as_str())
        }
        Act::DestructionSigned { destruction, .. } | Act::DestructionMirrored { destruction, .. } => {
            let copy = destruction.what.copy.map(|copy| format!(" no. {copy}")).unwrap_or_default();
            format!("{}{copy}, {}", destruction.means, destruction.document)
        }
        _ => String::new(),
    }
}

/// The acts of an item's life in Korean and Japanese; an act that has no row is told by its English word.
const ACTS: [(&str, &str, &str); 28] = [
    ("item added", "자료 등재", "資料の登録"),
    ("item marked", "비밀 표지", "秘密の表示"),
    ("ruled", "판정", "裁定"),
    ("release requested", "제공 요청", "提供の要請"),
    ("release reviewed", "제공 검토", "提供の審査"),
    ("release decided", "제공 결정", "提供の決定"),
    ("key moved", "열쇠 이동", "鍵の移動"),
    ("dispatch owed", "발송 패키지 작성", "発送パッケージの作成"),
    ("dispatch stored", "상대국에 보관됨", "相手側で保管"),
    ("dispatch declined", "상대국이 받지 않음", "相手側が受けず"),
    ("receipt kept", "수령증 접수", "受領証の受取"),
    ("proof kept", "포함 증명 접수", "包含証明の受取"),
    ("arrival verified", "도착, 검증됨", "到着、検証済み"),
    ("admitted", "접수", "受入れ"),
    ("receipt owed", "수령증 서명", "受領証の署名"),
    ("receipt delivered", "수령증 전달", "受領証の交付"),
    ("proof delivered", "포함 증명 전달", "包含証明の交付"),
    ("opened", "열람", "閲覧"),
    ("handled", "취급", "取扱い"),
    ("copy returned", "사본 반납", "写しの返却"),
    ("copy sealed", "사본 봉인", "写しの封緘"),
    ("destruction signed", "파기 서명", "破棄の署名"),
    ("destruction mirrored", "상대국의 파기 서명", "相手側の破棄の署名"),
    ("incident raised", "사고 기록", "事案の記録"),
    ("passage owed", "전달 결정", "転送の決定"),
    ("passage verified", "전달 경로 검증", "転送経路の検証"),
    ("passage told", "생산국에 통보", "作成国への通報"),
    ("passage mirrored", "중계 당사자의 통보", "中継当事者の通報"),
];

fn act_in(act: &'static str, language: Language) -> &'static str {
    let row = ACTS.iter().find(|(word, ..)| *word == act);
    match (language, row) {
        (Language::Ko, Some((_, ko, _))) => ko,
        (Language::Ja, Some((.., ja))) => ja,
        _ => act,
    }
}
