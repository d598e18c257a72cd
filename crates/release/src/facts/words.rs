//! The words of each matter: its stable word, its label, and what stands for it where no question is at hand.
//!
//! *Absent:* values.

use super::Matter;
use crate::language::Language;

/// Stable word; label; what a text says where no question fills its place. The last two in Korean, Japanese, English.
type Words = (Matter, &'static str, [&'static str; 3], [&'static str; 3]);

#[rustfmt::skip]
const WORDS: [Words; 35] = [
    (Matter::At, "at", ["질의 시각", "照会の時刻", "Asked at"], ["질의 시각", "照会の時", "the time of asking"]),
    (Matter::Holder, "holder", ["보유국", "保有国", "Held by"], ["보유국", "保有国", "the Party that holds it"]),
    (Matter::Originator, "originator", ["생산국", "作成国", "Originator"], ["생산국", "作成国", "the originator"]),
    (Matter::Recipient, "recipient", ["수신국", "受領国", "Recipient"], ["수신국", "受領国", "the recipient"]),
    (Matter::ThirdParty, "third-party", ["제3자", "第三者", "Third party"], ["제3자", "第三者", "the third party"]),
    (Matter::Positions, "positions", ["각국의 입장", "各国の立場", "Positions"], ["각 당사국의 입장", "各締約国の立場", "the Parties' positions"]),
    (Matter::Undecided, "undecided", ["발효 입장이 없는 국가", "発効の立場がない国", "Not in force for"], ["각 당사국", "各締約国", "each Party that does not hold it in force"]),
    (Matter::Level, "level", ["생산국의 등급", "作成国の区分", "Originator's level"], ["자료의 등급", "資料の区分", "the item's level"]),
    (Matter::OwnLevel, "own-level", ["보유국의 등급", "保有国の区分", "Holder's own level"], ["보유국의 등급", "保有国の区分", "the holder's own level"]),
    (Matter::Chosen, "chosen", ["고른 등급", "選んだ区分", "Level chosen"], ["고른 등급", "選んだ区分", "the level chosen"]),
    (Matter::Equivalent, "equivalent", ["대조표의 등급", "対照表の区分", "Equivalent"], ["대조표의 등급", "対照表の区分", "the level that the table gives"]),
    (Matter::ReleasableTo, "releasable-to", ["제공 가능", "提供先", "Releasable to"], ["제공 가능 국가", "提供先の国", "whom its marking names"]),
    (Matter::Kind, "kind", ["종류", "種類", "Kind"], ["자료의 종류", "資料の種類", "the item's kind"]),
    (Matter::KindsAgreed, "kinds-agreed", ["교환하는 종류", "交換する種類", "Kinds exchanged"], ["교환하는 종류", "交換する種類", "the kinds that are exchanged"]),
    (Matter::Topics, "topics", ["주제", "主題", "Topics"], ["자료의 주제", "資料の主題", "the item's topics"]),
    (Matter::TopicsAgreed, "topics-agreed", ["협정의 주제", "協定の主題", "Topics covered"], ["협정이 다루는 주제", "協定が扱う主題", "the topics that are covered"]),
    (Matter::Asker, "asker", ["질의자", "照会者", "Asked by"], ["질의자", "照会者", "the person"]),
    (Matter::Roles, "roles", ["직책", "役", "Roles"], ["직책", "役", "the person's roles"]),
    (Matter::Clearance, "clearance", ["비밀취급인가", "秘密取扱資格", "Clearance"], ["비밀취급인가", "秘密取扱資格", "the person's clearance"]),
    (Matter::Duties, "duties", ["임무의 종류", "公務の種類", "Duties"], ["임무의 종류", "公務の種類", "the person's duties"]),
    (Matter::Requester, "requester", ["제공 요청자", "提供を求めた者", "Requested by"], ["제공을 요청한 사람", "提供を求めた者", "the requester"]),
    (Matter::Assurances, "assurances", ["수신국의 보증", "受領国の保証", "Assurances"], ["수신국의 보증", "受領国の保証", "the recipient's assurances"]),
    (Matter::Approvals, "approvals", ["서면 승인", "書面による承認", "Written approvals"], ["서면 승인", "書面による承認", "written approvals"]),
    (Matter::Purpose, "purpose", ["목적", "目的", "Purpose"], ["그 목적", "その目的", "that purpose"]),
    (Matter::Copies, "copy", ["사본", "写し", "Copy"], ["그 사본", "その写し", "the copy"]),
    (Matter::Translator, "translator", ["번역자", "翻訳者", "Translator"], ["번역자", "翻訳者", "the translator"]),
    (Matter::Notation, "notation", ["번역본의 고지", "翻訳の注記", "Notation"], ["고지", "注記", "the notation"]),
    (Matter::Contractor, "contractor", ["계약업체", "契約者", "Contractor"], ["계약업체", "契約者", "the contractor"]),
    (Matter::Facility, "facility-clearance", ["시설 인가", "施設の認定", "Facility clearance"], ["시설 인가", "施設の認定", "the facility's clearance"]),
    (Matter::Inspected, "inspected", ["시설 점검", "施設の検査", "Inspection good"], ["시설 점검", "施設の検査", "the last inspection"]),
    (Matter::Responsible, "responsible", ["책임자", "責任者", "Responsible"], ["책임자", "責任者", "the person responsible"]),
    (Matter::Staff, "staff-registered", ["인원 명부 등재", "人員の登録", "Staff registered"], ["인원 명부", "人員の登録", "the registry of its people"]),
    (Matter::Official, "official", ["공적 목적", "公の目的", "Official purpose"], ["공적 목적", "公の目的", "an official purpose"]),
    (Matter::ApprovedBy, "approved-by", ["방문 승인", "訪問の承認", "Visit approved by"], ["방문 승인", "訪問の承認", "the approval of the visit"]),
    (Matter::Highest, "highest", ["방문에서 보일 최고 등급", "訪問で示す最高の区分", "Highest to disclose"], ["최고 등급", "最高の区分", "the highest level to disclose"]),
];

fn pick([ko, ja, en]: &[&'static str; 3], language: Language) -> &'static str {
    match language {
        Language::Ko => ko,
        Language::Ja => ja,
        Language::En => en,
    }
}

impl Matter {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|words| words.0 == self).map_or("", |words| words.1)
    }

    /// What the reader calls it.
    pub fn label(self, language: Language) -> &'static str {
        WORDS.iter().find(|words| words.0 == self).map_or("", |words| pick(&words.2, language))
    }

    /// The matter of a word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        WORDS.iter().find(|words| words.1 == word).map(|words| words.0)
    }
}

/// What a text says for a matter where no question is at hand.
pub(crate) fn generic(matter: Matter, language: Language) -> &'static str {
    WORDS.iter().find(|words| words.0 == matter).map_or("", |words| pick(&words.3, language))
}
