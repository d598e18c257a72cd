//! The words of the transparency page in Korean, Japanese and English.
//!
//! *Absent:* the agreement's own words; those stand in the pack.

use crate::language::Language;
use crate::terms::Standing;

pub(super) struct PageWords {
    language: Language,
    pub(super) heading: &'static str,
    pub(super) intro: &'static str,
    pub(super) not_live: &'static str,
    pub(super) state: &'static str,
    pub(super) state_note: &'static str,
    pub(super) party: &'static str,
    pub(super) phase: &'static str,
    pub(super) from: &'static str,
    pub(super) until: &'static str,
    pub(super) outstanding: &'static str,
    pub(super) milestones: &'static str,
    pub(super) date: &'static str,
    pub(super) step: &'static str,
    pub(super) what: &'static str,
    pub(super) counts: &'static str,
    pub(super) counts_note: &'static str,
    pub(super) no_counts: &'static str,
    pub(super) log: &'static str,
    pub(super) log_note: &'static str,
    pub(super) no_checkpoint: &'static str,
    pub(super) how: &'static str,
    pub(super) how_lines: [&'static str; 4],
    pub(super) fingerprint: &'static str,
    pub(super) log_key: &'static str,
    pub(super) pack: &'static str,
    pub(super) text: &'static str,
    pub(super) text_note: &'static str,
}

impl PageWords {
    pub(super) fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                language,
                heading: "공개 현황",
                intro: "이 노드가 협정에 대해 누구에게나 보여 주는 내용이다. 주고받은 자료의 제목과 내용, 사람은 나오지 않는다.",
                not_live: "실제 교환이 아닌 망의 화면이다",
                state: "당사국별 상태",
                state_note: "각 당사국은 자기 기록을 따로 가진다. 서로 다르면 다른 대로 보인다.",
                party: "당사국",
                phase: "단계",
                from: "발효일",
                until: "종료일",
                outstanding: "남은 국내 절차",
                milestones: "경과와 생략된 단계",
                date: "날짜",
                step: "단계",
                what: "대상",
                counts: "합의된 집계",
                counts_note: "마지막 감독 보고서 가운데 당사국이 공개하기로 합의한 집계이며, 노드가 서명한 원본은 /figures.cbor에 있다.",
                no_counts: "아직 공개할 집계가 없다. 감독 보고서가 만들어지지 않았거나, 당사국이 공개 방법을 합의하지 않았다.",
                log: "로그",
                log_note: "모든 행위는 지울 수 없는 로그에 남는다. 아래는 마지막으로 공표된 체크포인트와 그 서명, 증인이 있으면 그 부서이다. 같은 것이 /checkpoint에 있다.",
                no_checkpoint: "아직 공표된 체크포인트가 없다.",
                how: "확인하는 방법",
                how_lines: [
                    "아래 지문을 이 노드의 기관에 다른 경로로 물어 비교한다. 지문이 같아야 키를 믿을 수 있다.",
                    "체크포인트의 서명을 아래 로그 키로 확인한다. C2SP 서명 노트를 읽는 도구면 무엇이든 된다.",
                    "전에 본 체크포인트를 간직했다가, 노드가 로그를 공개하면 새 체크포인트가 그 뒤를 잇는지 확인한다.",
                    "감독 기관은 위임에 따라 보고서를 받아, 망 없이 attache verify report로 모든 수를 다시 센다.",
                ],
                fingerprint: "노드 증표의 지문",
                log_key: "로그 키",
                pack: "규칙집",
                text: "협정의 내용",
                text_note: "우리말로 풀어 쓴 것이며, 구속력은 서명된 정본에만 있다.",
            },
            Language::Ja => Self {
                language,
                heading: "公開情報",
                intro: "このノードが協定について誰にでも示す内容である。授受した資料の題名と内容、人は示さない。",
                not_live: "実際の授受ではない網の画面である",
                state: "締約国ごとの状態",
                state_note: "各締約国は自らの記録を別に持つ。互いに異なるときは、異なるまま示す。",
                party: "締約国",
                phase: "段階",
                from: "発効日",
                until: "終了日",
                outstanding: "残る国内手続",
                milestones: "経過と省略された段階",
                date: "日付",
                step: "段階",
                what: "対象",
                counts: "合意された集計",
                counts_note: "最後の監督報告書のうち、締約国が公開に合意した集計である。ノードが署名した原本は/figures.cborにある。",
                no_counts: "公開する集計はまだない。監督報告書が作られていないか、締約国が公開の方法に合意していない。",
                log: "ログ",
                log_note: "すべての行為は消せないログに残る。下は最後に公表されたチェックポイントとその署名であり、証人があればその連署も含む。同じものが/checkpointにある。",
                no_checkpoint: "公表されたチェックポイントはまだない。",
                how: "確かめる方法",
                how_lines: [
                    "下の指紋を、このノードの機関に別の経路で尋ねて比べる。指紋が同じでなければ鍵を信じられない。",
                    "チェックポイントの署名を下のログ鍵で確かめる。C2SPの署名付きノートを読む道具なら何でもよい。",
                    "前に見たチェックポイントを保存し、ノードがログを公開するなら、新しいものがその続きであることを確かめる。",
                    "監督機関は委任により報告書を受け取り、網なしでattache verify reportによりすべての数を数え直す。",
                ],
                fingerprint: "ノードカードの指紋",
                log_key: "ログ鍵",
                pack: "規則集",
                text: "協定の内容",
                text_note: "わかりやすく言い換えたものであり、拘束力は署名された正文だけにある。",
            },
            Language::En => Self {
                language,
                heading: "Transparency",
                intro: "What this node shows to anyone about the agreement. No titles, content or people of what is exchanged stand here.",
                not_live: "This is not the network of the live exchange",
                state: "State of each Party",
                state_note: "Each Party keeps its own record. Where they differ they are shown as they differ.",
                party: "Party",
                phase: "Phase",
                from: "In force from",
                until: "Until",
                outstanding: "Domestic steps outstanding",
                milestones: "Milestones and skipped steps",
                date: "Date",
                step: "Step",
                what: "Of what",
                counts: "Agreed counts",
                counts_note: "From the last report to oversight, as far as the Parties agreed to tell it. What the node signed is at /figures.cbor.",
                no_counts: "There are no counts for the public yet: no report to oversight was made, or the Parties agreed no way to tell them.",
                log: "The log",
                log_note: "Every act stays in a log from which nothing can be removed. This is the checkpoint that was published last, with its signatures, and with the cosignatures of witnesses where there are any. It is at /checkpoint too.",
                no_checkpoint: "No checkpoint is published yet.",
                how: "How to check",
                how_lines: [
                    "Ask the authority that runs this node for the fingerprint below, by another way, and compare. Only then the keys can be believed.",
                    "Check the signatures of the checkpoint with the log keys below; whatever reads C2SP signed notes will do.",
                    "Keep checkpoints that you saw, and where the node shows its log check that newer ones continue them.",
                    "An oversight body is given reports under its mandate, and counts every figure again with attache verify report, without a network.",
                ],
                fingerprint: "Fingerprint of the node's card",
                log_key: "Log key",
                pack: "Rule pack",
                text: "The text of the agreement",
                text_note: "In our own words; only the signed text binds.",
            },
        }
    }

    /// How far a Party has come.
    pub(super) fn phase_of<'a>(&self, phase: &'a str) -> &'a str {
        let found = PHASES.iter().find(|(known, ..)| *known == phase);
        found.map_or(phase, |(_, ko, ja, en)| match self.language {
            Language::Ko => ko,
            Language::Ja => ja,
            Language::En => en,
        })
    }

    /// How well the source of an article is known.
    pub(super) fn standing_of(&self, standing: Standing) -> &'static str {
        match (standing, self.language) {
            (Standing::Verified, Language::Ko) => "확인됨",
            (Standing::Verified, Language::Ja) => "確認済み",
            (Standing::Verified, Language::En) => "verified",
            (Standing::Press, Language::Ko) => "보도에 따름",
            (Standing::Press, Language::Ja) => "報道による",
            (Standing::Press, Language::En) => "as reported by the press",
            (Standing::Family, Language::Ko) => "같은 계열 협정의 통례",
            (Standing::Family, Language::Ja) => "同系統の協定の通例",
            (Standing::Family, Language::En) => "the usual rule of agreements of its family",
            (Standing::Product, Language::Ko) => "이 소프트웨어의 규칙",
            (Standing::Product, Language::Ja) => "このソフトウェアの規則",
            (Standing::Product, Language::En) => "a rule of this software",
        }
    }
}

/// Word, Korean, Japanese, English.
const PHASES: [(&str, &str, &str, &str); 11] = [
    ("negotiating", "교섭 중", "交渉中", "negotiating"),
    ("withdrawn", "철회", "撤回", "withdrawn"),
    ("initialled", "가서명", "仮署名", "initialled"),
    ("domestic", "국내 절차 중", "国内手続中", "in domestic procedure"),
    ("authorised", "국내 절차 완료", "国内手続完了", "authorised"),
    ("signed", "서명", "署名", "signed"),
    ("notified", "통보", "通告", "notified"),
    ("in-force", "발효 중", "発効中", "in force"),
    ("notice-given", "발효 중, 종료 통보", "発効中・終了通告", "in force, notice given"),
    (
        "notice-suspended",
        "발효 중, 종료 통보의 효력 정지",
        "発効中・終了通告の効力停止",
        "in force, notice suspended",
    ),
    ("ended", "종료", "終了", "ended"),
];
