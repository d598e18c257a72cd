//! The report in plain words, in three languages: what is proved, what is not, where the first fault lies, and what none of it
//! proves.
//!
//! *Absent:* findings of its own. The JSON keeps what was found in English.

mod details;
mod ends;
mod lives;
mod page;

use crate::report::{Cosigner, Counts, Finding, Outcome, Report, Verdict, meaning};
use attache_release::Language;
use serde_json::{Value, json};

/// Most findings of one kind that are told one by one. The JSON has them all.
const MAX_TOLD: usize = 64;

/// The words of one language.
struct Words {
    proved: &'static str,
    failed: &'static str,
    incomplete: &'static str,
    first_fault: &'static str,
    proved_heading: &'static str,
    failed_heading: &'static str,
    lost_heading: &'static str,
    not_shown_heading: &'static str,
    more: &'static str,
    limits_heading: &'static str,
    limits: [&'static str; 4],
    item_limit: &'static str,
}

const KO: Words = Words {
    proved: "증명됨",
    failed: "실패",
    incomplete: "불완전: 실패한 것은 없으나 모두 보이지는 않음",
    first_fault: "첫 결함",
    proved_heading: "증명된 것",
    failed_heading: "맞지 않는 것",
    lost_heading: "잃어버린 것",
    not_shown_heading: "이 폴더만으로는 보일 수 없는 것",
    more: "건 더 있음(JSON 참조)",
    limits_heading: "이 검증이 증명하지 않는 것",
    limits: [
        "이 기록부가 그 노드의 유일한 기록부라는 것. 증인이 서명한 체크포인트와 상대국이 받은 증명이 그것을 보여 준다.",
        "노드가 한 일을 모두 기록했다는 것. 양측 기록부가 있으면 한쪽이 빠뜨린 교환이 드러난다.",
        "자료의 내용과 제목. 증거에는 없다.",
        "읽을 수 있는 사람이 읽은 것을 말하지 않았다는 것.",
    ],
    item_limit: "이 자료에 다른 행위가 없었다는 것. 여기에 없는 행위는 다른 행위가 가리킬 때만 드러난다.",
};

const JA: Words = Words {
    proved: "証明された",
    failed: "不合格",
    incomplete: "不完全: 不合格はないが、すべては示されていない",
    first_fault: "最初の不備",
    proved_heading: "証明されたこと",
    failed_heading: "合わないこと",
    lost_heading: "失われたもの",
    not_shown_heading: "このフォルダだけでは示せないこと",
    more: "件ほか(JSON を参照)",
    limits_heading: "この検証が証明しないこと",
    limits: [
        "このログがそのノードの唯一のログであること。証人が署名したチェックポイントと相手国が受けた証明がそれを示す。",
        "ノードが行ったことをすべて記録したこと。双方のログがあれば、一方が落とした交換が現れる。",
        "資料の内容と題名。証拠には含まれない。",
        "読める者が読んだことを話さなかったこと。",
    ],
    item_limit: "この資料にほかの行為がなかったこと。ここにない行為は、ほかの行為がそれを指すときだけ現れる。",
};

const EN: Words = Words {
    proved: "PROVED",
    failed: "FAILED",
    incomplete: "INCOMPLETE: nothing failed, and not everything is shown",
    first_fault: "The first fault",
    proved_heading: "Proved",
    failed_heading: "Does not hold",
    lost_heading: "Lost",
    not_shown_heading: "Not shown by this folder alone",
    more: "more (see the JSON)",
    limits_heading: "What this does not prove",
    limits: [
        "that this log is the only one that the node keeps: checkpoints that witnesses signed and proofs that partners hold show that",
        "that a node recorded everything it did: with both logs, an exchange that one side left out shows",
        "content and titles: there are none in evidence",
        "that nobody who may read repeated what it says",
    ],
    item_limit: "that nothing else was done with this item: an act that is not here is missed only where another one cites it",
};

/// What each check shows, in Korean and Japanese.
const MEANINGS: &[(&str, &str, &str)] = &[
    ("V-001", "폴더가 정해진 형식이고 그 밖의 것이 없다", "フォルダが定めの形式で、ほかのものがない"),
    (
        "V-002",
        "카드가 당사국 루트의 서명을 받았고, 이 망과 협정의 것이다",
        "カードは締約国ルートの署名があり、このネットワークと協定のものである",
    ),
    ("V-003", "지문을 대조한 그 카드이다", "指紋を照合したカードである"),
    (
        "V-004",
        "체크포인트에 기록부의 두 열쇠가 모두 서명했다",
        "チェックポイントにログの鍵が両方とも署名している",
    ),
    (
        "V-005",
        "잎은 체크포인트가 세는 것이며 빠진 것이 없다",
        "葉はチェックポイントが数えるもので、欠けがない",
    ),
    (
        "V-006",
        "각 잎에서 공개된 값은 약정한 값이며, 행위가 빠진 잎이 없다",
        "各葉で開示された値は約定した値で、行為の欠けた葉がない",
    ),
    (
        "V-007",
        "각 패키지는 발송국이 서명했고 발송국의 기록부에 있다",
        "各パッケージは発送側が署名し、発送側のログにある",
    ),
    (
        "V-008",
        "각 수령증은 수령국이 서명했고, 패키지와 그 기록부의 접수를 가리킨다",
        "各受領証は受領側が署名し、パッケージとそのログの受入れを示す",
    ),
    (
        "V-009",
        "한쪽 기록부가 보냈다는 것을 다른 쪽은 받았다고 한다",
        "一方のログが送ったとするものを、他方は受けたとする",
    ),
    ("V-010", "각 문서와 증명은 그 이름의 다이제스트와 같다", "各文書と証明はその名のダイジェストと一致する"),
    (
        "V-011",
        "각 증명은 수령증의 잎이 수령국 기록부의 과거 체크포인트 아래에 있음을 보인다",
        "各証明は、受領証の葉が受領側ログの過去のチェックポイントの下にあることを示す",
    ),
    (
        "V-012",
        "제출된 각 판정은 그날의 규칙집으로 다시 물어도 같고, 빠진 판정이 없다",
        "提出された各裁定は当日の規則パックで問い直しても同じで、欠けた裁定がない",
    ),
    (
        "V-020",
        "각 행위는 그 잎이 약정한 것이고, 잎은 체크포인트 아래에 있다",
        "各行為はその葉が約定したもので、葉はチェックポイントの下にある",
    ),
    ("V-021", "모든 행위가 한 자료의 이력이다", "すべての行為が一つの資料の経歴である"),
    (
        "V-014",
        "증인이 서명한 체크포인트는 그 기록부의 과거이다",
        "証人が署名したチェックポイントはそのログの過去である",
    ),
    (
        "V-030",
        "로그는 이 폴더나 읽는 이가 아는 증인이 부서했다",
        "ログは、このフォルダまたは読み手の知る証人が連署している",
    ),
    (
        "V-015",
        "두 역사를 보인 기록부가 없다, 여기서 증명되는 한",
        "二つの履歴を示したログはない、ここで証明される限り",
    ),
    (
        "V-076",
        "다른 경로로 얻은 체크포인트는 여기 있는 로그의 과거이다",
        "別の経路で得たチェックポイントは、ここにあるログの過去である",
    ),
    (
        "V-016",
        "각 파기는 두 사람이 서명했고, 둘째는 첫째가 서명한 것 위에 서명했다",
        "各破棄は二人が署名し、二人目は一人目の署名の上に署名している",
    ),
    (
        "V-078",
        "파기나 전달을 말하는 각 잎은 그 행위와 서명된 것이 여기에 있다",
        "破棄または転送を述べる各葉には、その行為と署名されたものがここにある",
    ),
    (
        "V-017",
        "항목을 잃은 기록부는 남은 것에서 이어지며, 한 사람이 그 손실을 책임진다",
        "項目を失ったログは残ったものから続き、一人がその喪失に責任を負う",
    ),
    (
        "V-018",
        "증인이 끝난 기록부에서 부서한 것은 그 승계가 말하는 것과 같다",
        "証人が終わったログで連署したものは、その承継が述べるものと一致する",
    ),
    ("V-013", "각 규칙집은 그 이름이 말하는 것이다", "各規則パックはその名のとおりのものである"),
    (
        "V-040",
        "보고서는 노드가 서명했고, 이 기간과 이 공표된 기록부의 것이다",
        "報告書はノードが署名し、この期間とこの公表されたログのものである",
    ),
    (
        "V-041",
        "감독 위임에 서명이 있고, 이 기간에 미치며, 공개된 필드를 모두 든다",
        "監督委任に署名があり、この期間に及び、開示されたフィールドをすべて挙げる",
    ),
    ("V-042", "잎은 공표된 기록부의 그 자리의 것이다", "葉は公表されたログのその位置のものである"),
    (
        "V-043",
        "공개된 값은 잎이 약정한 값이며, 이 기간의 잎이 모두 있다",
        "開示された値は葉が約定した値で、この期間の葉がすべてある",
    ),
    (
        "V-077",
        "나무는 이 기간의 마지막 날 뒤로도 이어지며, 그 기간에 한 일은 빠진 것이 없다",
        "木はこの期間の最終日の後も続き、その期間に行われたことに欠けはない",
    ),
    ("V-044", "집계는 공개된 필드가 주는 그대로이다", "集計は開示されたフィールドが与えるとおりである"),
    (
        "V-045",
        "공개되는 집계는 협정의 규칙에 따라 집계에서 나온다",
        "公開される集計は協定の規則により集計から出る",
    ),
    ("V-046", "사람이 읽는 것은 집계가 말하는 그대로이다", "人が読むものは集計が述べるとおりである"),
    ("V-047", "한 노드가 보낸 것을 다른 노드가 받았다", "一方のノードが送ったものを他方が受けた"),
    (
        "V-050",
        "위임에 이름이 있는 감사관이, 노드가 보증하는 키로 공개 집계에 연서했다",
        "委任に名のある監察官が、ノードの保証する鍵で公開集計に連署した",
    ),
    (
        "V-052",
        "이 기간의 잎은 증인이 부서한 체크포인트 사이에 있다",
        "この期間の葉は証人が連署したチェックポイントの間にある",
    ),
    (
        "V-019",
        "항목을 잃은 기록부는 그 자리에서 그렇다고 말하며, 남은 것은 그 나무의 시작이다",
        "項目を失ったログはその位置でそう述べ、残ったものはその木の始まりである",
    ),
    (
        "V-060",
        "전달된 것은 이 중계 당사자와 이 당사국을 위한 생산국의 승인에 바탕을 둔다",
        "転送されたものは、この中継当事者とこの締約国のための作成側の承認に拠る",
    ),
    (
        "V-061",
        "수신국은 생산국의 패키지와 그에 대한 중계 당사자의 수령증을 보았다",
        "受取側は作成側のパッケージと、それに対する中継当事者の受領証を示された",
    ),
    (
        "V-062",
        "중계 당사자가 생산국에 통보한 것은 그가 서명한 것이며, 수신국 자신의 수령증이 있다",
        "中継当事者が作成側に通報したものはその署名したもので、受取側自身の受領証がある",
    ),
    (
        "V-063",
        "각 봉서의 송장은 보낸 쪽이 서명했고 그 기록부에 있다",
        "各封書の送り状は差出側が署名し、そのログにある",
    ),
    (
        "V-064",
        "각 중계 수령증은 중계 당사자가 서명했고, 그 봉서에 대해 그 기록부가 말하는 것과 같다",
        "各中継受領証は中継当事者が署名し、その封書についてそのログが述べるとおりである",
    ),
    (
        "V-065",
        "중계 당사자에게 맡긴 각 봉서는 확인을 받았고 받는 쪽에 이르렀다",
        "中継当事者に託した各封書は確認を受け、受取側に届いている",
    ),
    (
        "V-066",
        "공개 집계는 이 노드와 이 망, 이 협정의 것이며, 작은 수를 말하지 않는다",
        "公開集計はこのノード、このネットワーク、この協定のもので、小さな数を告げない",
    ),
    (
        "V-067",
        "감사관이 노드가 보증하는 키로 이 집계에 연서했다",
        "監察官が、ノードの保証する鍵でこの集計に連署した",
    ),
    (
        "V-070",
        "보유국이 생산국에 물은 열람과 그 답을 양측 기록부가 같게 말한다",
        "保有側が作成側に求めた閲覧とその答えを、双方のログが同じく述べる",
    ),
    (
        "V-071",
        "열람의 각 요청과 답은 그 노드가 기록부대로 서명했고, 허용하는 판정에 따른다",
        "閲覧の各要請と答えは、そのノードがログのとおりに署名し、許す裁定に基づく",
    ),
    ("V-051", "감사관의 키는 지문을 대조한 그 키이다", "監察官の鍵は指紋を照合したその鍵である"),
];

/// Every check of this verifier by its code, with what it shows, in one language.
pub fn checks(language: Language) -> Vec<(&'static str, &'static str)> {
    let mut checks: Vec<_> = MEANINGS.iter().map(|(code, ..)| (*code, meaning_in(code, language))).collect();
    checks.sort_unstable();
    checks
}

/// The same as text, a check a line.
pub fn checks_told(language: Language) -> String {
    let lines = checks(language).into_iter().map(|(code, meaning)| format!("{code}  {meaning}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The same as one JSON document.
pub fn checks_document(language: Language) -> Value {
    let checks = checks(language).into_iter();
    json!({ "checks": checks.map(|(check, shows)| json!({ "check": check, "shows": shows })).collect::<Vec<_>>() })
}

impl Words {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::Ko => &KO,
            Language::Ja => &JA,
            Language::En => &EN,
        }
    }
}

fn meaning_in(check: &str, language: Language) -> &'static str {
    let row = MEANINGS.iter().find(|(code, ..)| *code == check);
    match (language, row) {
        (Language::Ko, Some((_, ko, _))) => ko,
        (Language::Ja, Some((.., ja))) => ja,
        _ => meaning(check),
    }
}

fn counted(counts: Counts, language: Language) -> String {
    let Counts { leaves, fields, packages, receipts, proofs, rulings } = counts;
    match language {
        Language::Ko => {
            format!(
                "잎 {leaves}, 공개된 필드 {fields}, 패키지 {packages}, 수령증 {receipts}, 증명 {proofs}, 판정 {rulings}"
            )
        }
        Language::Ja => {
            format!(
                "葉 {leaves}、開示フィールド {fields}、パッケージ {packages}、受領証 {receipts}、証明 {proofs}、裁定 {rulings}"
            )
        }
        Language::En => format!(
            "{leaves} leaves, {fields} opened fields, {packages} packages, {receipts} receipts, {proofs} proofs, {rulings} rulings"
        ),
    }
}

impl Report {
    /// The report in English: see [`Self::told`].
    pub fn plain(&self) -> String {
        self.told(Language::En)
    }

    /// The report in plain words: the verdict, where the first fault lies, what does not hold or is not shown, what is proved, and
    /// what none of it proves.
    pub fn told(&self, language: Language) -> String {
        let words = Words::of(language);
        let verdict = match self.verdict {
            Verdict::Proved => words.proved,
            Verdict::Failed => words.failed,
            Verdict::Incomplete => words.incomplete,
        };
        let mut lines = vec![verdict.to_owned(), counted(self.counts, language)];
        if let Some(fault) = self.first_fault() {
            lines.push(format!("{}: {}", words.first_fault, told(fault, language)));
        }
        if let Some(life) = &self.life {
            lines.push(String::new());
            lines.extend(life.told(language));
        }
        if let Some(figures) = &self.figures {
            lines.extend([String::new(), figures.text(language), String::new()]);
        }
        lines.extend(self.said_of_logs(language));
        for (heading, is) in [
            (words.failed_heading, (|outcome| matches!(outcome, Outcome::Failed(_))) as fn(&Outcome) -> bool),
            (words.lost_heading, |outcome| matches!(outcome, Outcome::Lost(_))),
            (words.not_shown_heading, |outcome| matches!(outcome, Outcome::NotShown(_))),
        ] {
            let found: Vec<&Finding> = self.findings.iter().filter(|found| is(&found.outcome)).collect();
            if found.is_empty() {
                continue;
            }
            lines.extend([String::new(), heading.to_owned()]);
            lines.extend(found.iter().take(MAX_TOLD).map(|found| format!("  {}", told(found, language))));
            if let Some(more) = found.len().checked_sub(MAX_TOLD).filter(|more| *more > 0) {
                lines.push(format!("  {more} {}", words.more));
            }
        }
        lines.extend(self.proved(words, language));
        lines.extend([String::new(), words.limits_heading.to_owned()]);
        lines.extend(words.limits.iter().map(|limit| format!("  - {limit}")));
        if self.life.is_some() {
            lines.push(format!("  - {}", words.item_limit));
        }
        lines.join("\n")
    }

    /// Who cosigned the logs, and what the public is told.
    fn said_of_logs(&self, language: Language) -> Vec<String> {
        let logs = self.logs.iter().map(|log| log.told(language));
        logs.chain(self.cosigned.iter().map(|cosigner| cosigned(cosigner, language))).collect()
    }

    /// What is proved, each check once with how often.
    fn proved_checks(&self) -> Vec<(&'static str, usize)> {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for found in self.findings.iter().filter(|found| found.outcome == Outcome::Proved) {
            match counts.iter_mut().find(|(check, _)| *check == found.check) {
                Some((_, count)) => *count += 1,
                None => counts.push((found.check, 1)),
            }
        }
        counts.sort_unstable();
        counts
    }

    fn proved(&self, words: &Words, language: Language) -> Vec<String> {
        let counts = self.proved_checks();
        let lines = counts.iter().map(|(check, count)| {
            let times = if *count > 1 { format!(" ×{count}") } else { String::new() };
            format!("  {check} {}{times}", meaning_in(check, language))
        });
        let heading = [String::new(), words.proved_heading.to_owned()];
        if counts.is_empty() { Vec::new() } else { heading.into_iter().chain(lines).collect() }
    }

    /// The first check that failed. Checks go from the folder over cards, logs and leaves to statements, so that what follows
    /// from a fault stands behind it.
    pub fn first_fault(&self) -> Option<&Finding> {
        self.findings.iter().find(|found| matches!(found.outcome, Outcome::Failed(_)))
    }

    /// The same as one JSON document.
    pub fn document(&self) -> Value {
        let Self { verdict, counts, findings, life, logs, cosigned, figures } = self;
        let mut document = json!({
            "verdict": verdict, "counts": counts, "first_fault": self.first_fault(), "findings": findings,
        });
        if let Some(life) = life {
            document["life"] = json!(life);
        }
        if let Some(figures) = figures {
            document["figures"] = json!(figures);
        }
        if !logs.is_empty() {
            document["logs"] = json!(logs);
        }
        if !cosigned.is_empty() {
            document["cosigned"] = json!(cosigned);
        }
        document
    }
}

fn cosigned(cosigner: &Cosigner, language: Language) -> String {
    let Cosigner { node, by, at, key } = cosigner;
    match language {
        Language::Ko => format!("{node}: 공개 집계에 {by}이(가) 연서함({at}, 키 지문 {key})"),
        Language::Ja => format!("{node}: 公開集計に {by} が連署（{at}、鍵の指紋 {key}）"),
        Language::En => {
            format!(
                "{node}: the figures for the public are cosigned by {by} ({at}, fingerprint of the key {key})"
            )
        }
    }
}

impl Outcome {
    /// Why it is not proved, for people in a language.
    pub fn why(&self, language: Language) -> Option<String> {
        match self {
            Self::Proved => None,
            Self::Failed(why) | Self::NotShown(why) | Self::Lost(why) => {
                Some(details::in_language(why, language))
            }
        }
    }
}

fn told(found: &Finding, language: Language) -> String {
    let Finding { check, node, place, outcome } = found;
    let place = place.as_ref().map(|place| format!(" [{place}]")).unwrap_or_default();
    let node = if node.is_empty() { String::new() } else { format!(" {node}") };
    let why = outcome.why(language).map(|why| format!(": {why}")).unwrap_or_default();
    format!("{check}{node}{place} {}{why}", meaning_in(check, language))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    /// What stands behind a code where it is given a text.
    const TEXT: &str = "\" =>";

    /// Codes that stand in a text behind what begins them.
    fn codes(text: &str, begin: &str) -> BTreeSet<String> {
        let rests = text.split(begin).skip(1).filter(|rest| rest.get(5..9) != Some(TEXT));
        let found = rests.filter_map(|rest| rest.get(..5));
        found.filter(|code| code.starts_with("V-")).map(str::to_owned).collect()
    }

    /// Whatever code a check of this crate may say.
    fn said() -> BTreeSet<String> {
        let (mut said, mut folders) =
            (BTreeSet::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match entry.is_dir() {
                    true => folders.push(entry),
                    // It has the texts.
                    false if entry.ends_with("told.rs") => {}
                    false => said.extend(codes(&fs::read_to_string(entry).unwrap(), "\"")),
                }
            }
        }
        said
    }

    #[test]
    fn every_code_has_its_text_in_three_languages_and_no_text_is_without_its_code() {
        for language in [Language::Ko, Language::Ja, Language::En] {
            let told = checks(language);
            assert!(told.iter().all(|(_, meaning)| !meaning.is_empty()), "{told:?}");
            let codes: BTreeSet<String> = told.iter().map(|(code, _)| (*code).to_owned()).collect();
            assert_eq!((codes.len(), codes), (told.len(), said()), "each once");
        }
        for (code, ko, ja) in MEANINGS {
            let texts = [*ko, *ja, meaning(code)];
            assert_eq!(BTreeSet::from(texts).len(), 3, "{code} is said in English: {texts:?}");
        }
    }

    #[test]
    fn every_code_has_its_row_in_the_documents() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let rows: String = ["EVIDENCE.md", "OVERSIGHT.md"]
            .iter()
            .flat_map(|page| {
                fs::read_to_string(docs.join(page)).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .filter(|line| line.starts_with("| V-"))
            .map(|line| line.replace(", V-", "| V-") + "\n")
            .collect();
        assert_eq!(codes(&rows, "| "), said());
    }
}
