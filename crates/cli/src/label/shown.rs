//! Labels as people read them.
//!
//! *Absent:* translation of what a label says. Its policy's words stand as they are; remarks are in English, as the files are.

use super::Labels;
use crate::found::{EXIT_DONE, Found};
use attache_release::Language;
use attache_seal::label::sidecar::Document;
use attache_seal::label::stanag::{CategoryType, ConfidentialityLabel, Role};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

/// The words around what a label says.
pub(super) struct Words {
    originator: &'static str,
    alternative: &'static str,
    metadata: &'static str,
    policy: &'static str,
    classification: &'static str,
    any: &'static str,
    all: &'static str,
    informative: &'static str,
    created: &'static str,
    review: &'static str,
    successor: &'static str,
    document: &'static str,
    pub(super) remark: &'static str,
    pub(super) valid: &'static str,
    pub(super) invalid: &'static str,
}

impl Words {
    pub(super) fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                originator: "제공국의 라벨",
                alternative: "상응 라벨",
                metadata: "메타데이터의 라벨",
                policy: "보안정책",
                classification: "비밀등급",
                any: "하나라도",
                all: "모두",
                informative: "참고",
                created: "작성",
                review: "재검토",
                successor: "이후",
                document: "문서",
                remark: "비고",
                valid: "라벨이 유효하다.",
                invalid: "라벨이 유효하지 않다.",
            },
            Language::Ja => Self {
                originator: "提供国のラベル",
                alternative: "対応ラベル",
                metadata: "メタデータのラベル",
                policy: "セキュリティ方針",
                classification: "秘密区分",
                any: "いずれか",
                all: "すべて",
                informative: "参考",
                created: "作成",
                review: "再検討",
                successor: "以後",
                document: "文書",
                remark: "備考",
                valid: "ラベルは有効である。",
                invalid: "ラベルは有効でない。",
            },
            Language::En => Self {
                originator: "Originator's label",
                alternative: "Alternative label",
                metadata: "Label of the metadata",
                policy: "policy",
                classification: "classification",
                any: "any of",
                all: "all of",
                informative: "for information",
                created: "made",
                review: "review",
                successor: "then",
                document: "document",
                remark: "remark",
                valid: "The label is valid.",
                invalid: "The label is not valid.",
            },
        }
    }

    fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Originator => self.originator,
            Role::Alternative => self.alternative,
            Role::Metadata => self.metadata,
        }
    }

    fn kind(&self, kind: CategoryType) -> &'static str {
        match kind {
            CategoryType::Permissive => self.any,
            CategoryType::Restrictive => self.all,
            CategoryType::Informative => self.informative,
        }
    }
}

pub(super) fn shown(labels: &Labels, language: Language) -> Found {
    let words = Words::of(language);
    let mut lines: Vec<String> = labels.labels.iter().flat_map(|label| told(label, &words)).collect();
    if let Some(Document { uri, sha384, .. }) = &labels.document {
        lines.push(format!("{}  {uri}", words.document));
        lines.extend(sha384.map(|sha384| format!("  SHA-384  {}", HEXLOWER.encode(&sha384))));
    }
    lines.extend(labels.remarks.iter().map(|remark| format!("{}  {remark}", words.remark)));
    let document = labels.document.as_ref().map(|document| {
        json!({
            "uri": document.uri,
            "media_type": document.content_type,
            "sha384": document.sha384.map(|sha384| HEXLOWER.encode(&sha384)),
        })
    });
    let json = json!({
        "labels": labels.labels.iter().map(as_json).collect::<Vec<_>>(),
        "document": document,
        "remarks": labels.remarks,
    });
    Found { text: lines.join("\n"), json, code: EXIT_DONE }
}

fn told(label: &ConfidentialityLabel, words: &Words) -> Vec<String> {
    let information = &label.body.information;
    let policy = &information.policy;
    let uri = policy.uri.as_ref().map(|uri| format!(" ({uri})")).unwrap_or_default();
    let mut lines = vec![
        words.role(label.role).to_owned(),
        format!("  {}  {}{uri}", words.policy, policy.name),
        format!("  {}  {}", words.classification, information.classification),
    ];
    lines.extend(information.privacy_mark.iter().map(|mark| format!("  {}  {mark}", words.informative)));
    for category in &information.categories {
        let values = category.values.join(" · ");
        lines.push(format!("  {}  {} {values}", category.tag, words.kind(category.kind)));
    }
    lines.push(format!("  {}  {}", words.created, label.body.created_at));
    lines.extend(label.review_at.map(|at| format!("  {}  {at}", words.review)));
    if let Some((at, next)) = &label.body.successor {
        lines.push(format!("  {}  {at} {}", words.successor, next.information.classification));
    }
    lines
}

fn as_json(label: &ConfidentialityLabel) -> Value {
    let information = &label.body.information;
    let categories = information.categories.iter().map(|category| {
        json!({
            "type": category.kind.as_str(),
            "name": category.tag,
            "uri": category.uri,
            "values": category.values,
        })
    });
    json!({
        "role": label.role.element(),
        "policy": information.policy.name,
        "policy_uri": information.policy.uri,
        "classification": information.classification,
        "privacy_mark": information.privacy_mark,
        "categories": categories.collect::<Vec<_>>(),
        "created_at": label.body.created_at.to_string(),
        "review_at": label.review_at.map(|at| at.to_string()),
        "originator": label.body.originator.as_ref().map(|id| id.name.clone()),
        "succeeded_at": label.body.successor.as_ref().map(|(at, _)| at.to_string()),
    })
}
