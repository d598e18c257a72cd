//! What a person reads of the agreement's life, in three languages.
//!
//! *Absent:* facts. Codes and words come from the node; here they get a language.

use attache_accord::Timestamp;
use attache_release::Language;

/// One text in three languages: Korean, Japanese, English.
pub(crate) type Three = [&'static str; 3];

/// The text in a language.
pub(crate) fn of(three: &Three, language: Language) -> &'static str {
    let [ko, ja, en] = three;
    match language {
        Language::Ko => ko,
        Language::Ja => ja,
        Language::En => en,
    }
}

/// A text with its places filled.
pub(crate) fn filled(text: &Three, language: Language, places: &[(&str, String)]) -> String {
    let text = of(text, language).to_owned();
    places.iter().fold(text, |text, (place, with)| text.replace(&format!("{{{place}}}"), with))
}

/// The lines of a list, or what is said where it is empty.
pub(crate) fn lines_or(none: &Three, lines: &[String], language: Language) -> String {
    if lines.is_empty() { of(none, language).to_owned() } else { lines.join("\n") }
}

/// The text for a word of the node; the word itself where this build does not know it.
pub(crate) fn word(table: &'static [(&'static str, Three)], word: &str, language: Language) -> String {
    table
        .iter()
        .find(|(known, _)| *known == word)
        .map_or_else(|| word.to_owned(), |(_, three)| of(three, language).to_owned())
}

/// A moment in the agreement's civil time.
pub(super) fn civil(at: Timestamp, offset_hours: u8) -> String {
    let local = Timestamp(at.0.saturating_add(u64::from(offset_hours) * 3_600_000)).to_string();
    let (day, time) = local.split_once('T').unwrap_or((&local, ""));
    format!("{day} {}", time.get(..5).unwrap_or(time))
}

/// A span of the agreement's effect, in its civil time.
pub(super) fn span(from: Option<Timestamp>, until: Option<Timestamp>, offset_hours: u8) -> String {
    let at = |at: Option<Timestamp>| at.map_or_else(|| "…".to_owned(), |at| civil(at, offset_hours));
    match from {
        None => "–".to_owned(),
        Some(_) => format!("{} – {} (UTC+{offset_hours})", at(from), at(until)),
    }
}

/// How the positions read together.
pub(super) const FORCE: &[(&str, Three)] = &[
    ("in-force", ["두 기록 모두 발효 중", "双方の記録で効力あり", "in force in every Party's record"]),
    (
        "divergent",
        [
            "당사국의 입장이 다름: 새로운 제공은 없다",
            "締約国の立場が異なる:新たな提供はない",
            "the Parties' positions differ: nothing new is released",
        ],
    ),
    ("not-in-force", ["발효 중이 아님", "効力なし", "not in force"]),
];

/// Where a Party stands.
pub(super) const PHASE: &[(&str, Three)] = &[
    ("negotiating", ["교섭 중", "交渉中", "negotiating"]),
    ("withdrawn", ["서명 전 철회", "署名前に撤回", "withdrawn before signature"]),
    ("initialled", ["가서명", "仮署名済み", "initialled"]),
    ("domestic", ["국내 절차 중", "国内手続中", "domestic steps under way"]),
    ("authorised", ["국내 절차 완료", "国内手続完了", "authorised"]),
    ("signed", ["서명", "署名済み", "signed"]),
    ("notified", ["통보", "通告済み", "notified"]),
    ("in-force", ["발효 중", "発効中", "in force"]),
    ("notice-given", ["종료 통보함(발효 중)", "終了通告済み(発効中)", "in force, notice given"]),
    (
        "notice-suspended",
        ["종료 통보 효력 정지(발효 중)", "終了通告の効力停止(発効中)", "in force, notice suspended"],
    ),
    ("ended", ["종료(보호 의무는 계속)", "終了(保護義務は存続)", "ended; protection continues"]),
];

/// What is due.
pub(super) const DUE: &[(&str, Three)] = &[
    (
        "last-notice",
        [
            "이번 기간을 종료시킬 통보의 마지막 날",
            "今期を終わらせる通告の最終日",
            "last day on which notice ends the term",
        ],
    ),
    ("term-ends", ["기간 만료일", "期間満了日", "last day of the term"]),
    (
        "notice-takes-effect",
        ["종료 통보의 효력 발생일", "終了通告の効力発生日", "last day before notice takes effect"],
    ),
    ("gate", ["국내 절차 단계", "国内手続の段階", "domestic step"]),
    ("signature", ["서명", "署名", "signature"]),
    (
        "notification",
        ["국내 절차 완료의 서면 통보", "国内手続完了の書面通告", "written notice that requirements are met"],
    ),
    ("declaration", ["발효 입장의 기록", "発効の立場の記録", "declaration that it is in force"]),
    ("consent", ["개정 동의", "改正への同意", "consent to an amendment"]),
    ("acknowledgement", ["법령 변경의 확인", "法令変更の確認", "acknowledgement of a change of law"]),
    (
        "suspended-notice",
        ["효력이 정지된 종료 통보", "効力停止中の終了通告", "a notice that is suspended and not withdrawn"],
    ),
];

/// What differs.
pub(super) const DIFFERING: &[(&str, Three)] = &[
    ("text", ["서로 다른 문안", "異なる文案", "different texts"]),
    (
        "effect",
        ["발효에 관한 서로 다른 입장", "効力についての異なる立場", "different positions on the effect"],
    ),
    (
        "reading",
        ["문안의 규정과 다른 입장", "文言と異なる立場", "a position that differs from the text's rule"],
    ),
    (
        "undelivered",
        [
            "상대에게 아직 전달되지 않은 문서",
            "相手にまだ届いていない文書",
            "own instruments that no partner has yet",
        ],
    ),
    ("contested", ["같은 번호의 두 문서", "同じ番号の二つの文書", "two instruments in one place"]),
];

/// What an instrument did.
pub(super) const STEP: &[(&str, Three)] = &[
    ("proposed", ["문안 제시", "文案提示", "proposed a text"]),
    ("initialled", ["가서명", "仮署名", "initialled"]),
    ("gate passed", ["단계 통과", "段階通過", "passed a gate"]),
    ("gate skipped", ["단계 생략", "段階省略", "SKIPPED a gate"]),
    ("withdrew before signature", ["서명 전 철회", "署名前に撤回", "withdrew before signature"]),
    ("signed", ["서명", "署名", "signed"]),
    ("notified", ["통보", "通告", "notified"]),
    ("notice given", ["종료 통보", "終了通告", "gave notice of termination"]),
    ("notice suspended", ["종료 통보 효력 정지", "終了通告の効力停止", "suspended its notice"]),
    ("notice withdrawn", ["종료 통보 철회", "終了通告の撤回", "withdrew its notice"]),
    ("position taken", ["입장 표명", "立場表明", "took a position"]),
    ("amendment consented", ["개정 동의", "改正に同意", "consented to an amendment"]),
    ("law changed", ["법령 변경 통보", "法令変更の通報", "announced a change of law"]),
    ("law change acknowledged", ["법령 변경 확인", "法令変更の確認", "acknowledged a change of law"]),
    ("disputed", ["분쟁 협의 요청", "紛争の協議要請", "asked for consultation"]),
    ("dispute settled", ["분쟁 해결", "紛争解決", "held a dispute settled"]),
    ("milestone reached", ["공개 기록", "公開の記録", "reached a milestone"]),
];

/// Labels of lines.
pub(super) const PACK: Three = ["규칙 묶음", "規則集", "pack"];
pub(super) const OWN: Three = ["자국", "自国", "own"];
pub(super) const DECLARES: Three = ["선언한 효력", "宣言した効力", "declares"];
pub(super) const GATES: Three = ["국내 절차", "国内手続", "gates"];
pub(super) const OUTSTANDING: Three = ["남은 단계", "残る段階", "outstanding"];
pub(super) const SKIPPED: Three = ["생략", "省略", "SKIPPED"];
pub(super) const POSITION: Three = ["법적 입장", "法的立場", "position"];
pub(super) const DISPUTES: Three = ["해결되지 않은 분쟁", "未解決の紛争", "open disputes"];
pub(super) const TEXT_GIVES: Three = ["문안의 규정에 따르면", "文言によれば", "the text gives"];
pub(super) const BEYOND: Three = [
    "기록된 문서 중에 문안이 모르는 것이 있어, 당사국의 입장이 결정한다",
    "記録に文言の知らない文書があり、締約国の立場による",
    "a document on record goes beyond the text, so the Parties' positions must tell",
];
pub(super) const DIFFERS: Three = ["다른 점", "相違", "differs"];
pub(super) const COMING: Three = ["앞으로의 기한", "今後の期限", "coming"];
pub(super) const NO_DAY: Three = ["날짜 없음", "日付なし", "no day set"];
pub(super) const NOTHING: Three = ["없음", "なし", "nothing"];
pub(super) const NO_RECORD: Three = ["기록 없음", "記録なし", "nothing on record"];
