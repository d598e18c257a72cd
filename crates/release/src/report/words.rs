//! The words of a report in Korean, Japanese and English. What leaves show is English; a value without a translation, such as a level,
//! a kind or a code, stands as it is.
//!
//! *Absent:* names of Parties and levels: a report shows codes, which mean the same to both.

use crate::language::Language;

/// The words of one language.
pub(crate) struct Words {
    pub(crate) language: Language,
    pub(crate) heading: &'static str,
    pub(crate) public_heading: &'static str,
    pub(crate) body: &'static str,
    pub(crate) basis: &'static str,
    pub(crate) node: &'static str,
    pub(crate) agreement: &'static str,
    pub(crate) period: &'static str,
    pub(crate) leaves: &'static str,
    pub(crate) unopened: &'static str,
    pub(crate) size: &'static str,
    pub(crate) reaches: &'static str,
    pub(crate) mandate: &'static str,
    pub(crate) suppression: &'static str,
    pub(crate) left_out: &'static str,
    pub(crate) counted: &'static str,
    pub(crate) count: &'static str,
    pub(crate) total: &'static str,
}

impl Words {
    pub(crate) fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self {
                language,
                heading: "감독 보고서",
                public_heading: "공개 집계",
                body: "감독 기관",
                basis: "근거",
                node: "노드",
                agreement: "협정",
                period: "기간",
                leaves: "기간 중의 행위",
                unopened: "더는 열 수 없는 행위",
                size: "공표된 로그의 크기",
                reaches: "로그가 이른 날",
                mandate: "감독 위임",
                suppression: "작은 수의 비공개",
                left_out: "비공개",
                counted: "항목",
                count: "건수",
                total: "합계",
            },
            Language::Ja => Self {
                language,
                heading: "監督報告書",
                public_heading: "公開集計",
                body: "監督機関",
                basis: "根拠",
                node: "ノード",
                agreement: "協定",
                period: "期間",
                leaves: "期間中の行為",
                unopened: "もう開けない行為",
                size: "公表されたログの大きさ",
                reaches: "ログの及ぶ日",
                mandate: "監督委任",
                suppression: "小さい数の非公表",
                left_out: "非公表",
                counted: "項目",
                count: "件数",
                total: "合計",
            },
            Language::En => Self {
                language,
                heading: "Report to oversight",
                public_heading: "Figures for the public",
                body: "Oversight body",
                basis: "Basis",
                node: "Node",
                agreement: "Agreement",
                period: "Period",
                leaves: "Acts of the period",
                unopened: "Acts that can no longer be opened",
                size: "Size of the published log",
                reaches: "The log reaches to",
                mandate: "Mandate",
                suppression: "Small counts",
                left_out: "not told",
                counted: "counted",
                count: "count",
                total: "Total",
            },
        }
    }

    /// How small counts are kept from the public.
    pub(crate) fn below(&self, below: u64) -> String {
        match self.language {
            Language::Ko => format!("{below} 미만과, 그것이 든 표의 합계는 밝히지 않음"),
            Language::Ja => format!("{below}未満と、それを含む表の合計は示さない"),
            Language::En => {
                format!("counts below {below}, and the totals of tables with such, are not told")
            }
        }
    }

    /// That the log ends on a day of the period or before.
    pub(crate) fn ends_within(&self, day: &str, until: &str) -> String {
        match self.language {
            Language::Ko => {
                format!("{day}. 기간이 끝나기 전에 로그가 끝나며, 그 뒤 {until}까지의 일은 어느 수에도 없음")
            }
            Language::Ja => {
                format!("{day}。期間が終わる前にログが終わり、その後{until}までのことはどの数にもない")
            }
            Language::En => {
                format!(
                    "{day}. It ends before the period does; what came after, until {until}, is in no figure"
                )
            }
        }
    }

    /// What a chart is.
    pub(crate) fn chart(&self, table: &str) -> String {
        match self.language {
            Language::Ko => format!("{table} — 막대그래프, 같은 수가 아래 표에 있음"),
            Language::Ja => format!("{table}（棒グラフ。同じ数が下の表にある）"),
            Language::En => format!("{table}: a bar chart; the table below has the same counts"),
        }
    }

    /// What a table is called.
    pub(crate) fn table<'a>(&self, name: &'a str) -> &'a str {
        let found = TABLES.iter().find(|(known, ..)| *known == name);
        found.map_or(name, |(_, ko, ja, english)| self.one(english, ko, ja))
    }

    /// What leaves are told apart by.
    pub(crate) fn by<'a>(&self, name: &'a str) -> &'a str {
        let found = BY.iter().find(|(known, ..)| *known == name);
        found.map_or(name, |(english, ko, ja)| self.one(english, ko, ja))
    }

    /// What a value means.
    pub(crate) fn value(&self, by: &str, value: &str) -> String {
        match value {
            "" => "-".to_owned(),
            _ if ["partner", "kind", "level", "month"].contains(&by) => value.to_owned(),
            _ => {
                let found = VALUES.iter().find(|(known, ..)| *known == value);
                found.map_or(value, |(english, ko, ja)| self.one(english, ko, ja)).to_owned()
            }
        }
    }

    fn one(&self, english: &'static str, ko: &'static str, ja: &'static str) -> &'static str {
        match self.language {
            Language::Ko => ko,
            Language::Ja => ja,
            Language::En => english,
        }
    }
}

/// English, Korean, Japanese.
type Row = (&'static str, &'static str, &'static str);

/// Name, Korean, Japanese, English.
const TABLES: [(&str, &str, &str, &str); 11] = [
    ("acts", "모든 행위", "すべての行為", "All acts"),
    ("exchanges", "주고받음", "授受", "Exchanges"),
    (
        "exchanges-by-article",
        "조항별 주고받음",
        "条項ごとの授受",
        "Exchanges by the article that permitted them",
    ),
    (
        "reciprocity",
        "상호성: 상대별 제공과 접수",
        "相互性：相手ごとの提供と受領",
        "Reciprocity: given to and received from each partner",
    ),
    ("months", "월별 주고받음", "月ごとの授受", "Exchanges by month"),
    ("rulings", "판정과 조항", "判定と条項", "Rulings and the articles that decided"),
    ("time-to-release", "제공 결정까지의 시간", "提供の決定までの時間", "Time to the decision on a release"),
    ("due", "기한의 준수", "期限の遵守", "What was due: in time and late"),
    ("incidents", "사고와 위반", "事案と違反", "Incidents and breaches"),
    (
        "overdue",
        "기한을 넘긴 것: 수령증, 증명, 파기 확인서",
        "期限を過ぎたもの：受領証、証明、破棄証明書",
        "Overdue: receipts, proofs and certificates of destruction",
    ),
    (
        "procedure",
        "협정 절차: 문서와 생략된 단계",
        "協定の手続：文書と省略された段階",
        "The agreement's procedure: instruments and skipped steps",
    ),
];

const BY: [Row; 11] = [
    ("act", "행위", "行為"),
    ("article", "조항", "条項"),
    ("direction", "방향", "方向"),
    ("partner", "상대 노드", "相手ノード"),
    ("kind", "종류", "種類"),
    ("level", "등급", "区分"),
    ("day", "날짜", "日付"),
    ("month", "월", "月"),
    ("outcome", "결과", "結果"),
    ("duration", "소요 시간", "所要時間"),
    ("due", "기한", "期限"),
];

/// The words of acts (`accord::oversight::word`), of their outcomes, and of the steps of the agreement's life.
const VALUES: &[Row] = &[
    ("in", "접수", "受領"),
    ("out", "제공", "提供"),
    ("granted", "허가", "許可"),
    ("refused", "거부", "拒否"),
    ("approved", "승인", "承認"),
    ("in time", "기한 내", "期限内"),
    ("late", "기한 경과", "期限超過"),
    ("under 1 hour", "1시간 미만", "1時間未満"),
    ("under 1 day", "1일 미만", "1日未満"),
    ("under 1 week", "1주 미만", "1週間未満"),
    ("1 week or more", "1주 이상", "1週間以上"),
    ("founded", "노드 설립", "ノード設置"),
    ("person enrolled", "인원 등록", "人員登録"),
    ("person removed", "인원 말소", "人員抹消"),
    ("peer added", "상대 증표 수락", "相手カード受入"),
    ("peer succeeded", "상대 증표 승계", "相手カード承継"),
    ("peer revoked", "상대 증표 취소", "相手カード取消"),
    ("card shown", "증표 제시", "カード提示"),
    ("position recorded", "입장 기록", "立場の記録"),
    ("assurance recorded", "보증 기록", "保証の記録"),
    ("item added", "자료 추가", "資料追加"),
    ("item marked", "자료 표시", "資料表示"),
    ("ruled", "판정", "判定"),
    ("release requested", "제공 요청", "提供要請"),
    ("release reviewed", "제공 검토", "提供審査"),
    ("release decided", "제공 결정", "提供決定"),
    ("key moved", "키 전달", "鍵の移転"),
    ("dispatch owed", "발송", "発送"),
    ("dispatch stored", "상대 보관 확인", "相手保管の確認"),
    ("dispatch declined", "상대 거절", "相手拒絶"),
    ("receipt kept", "수령증 보관", "受領証保管"),
    ("arrival verified", "도착물 검증", "到着物検証"),
    ("arrival declined", "도착물 거절", "到着物拒絶"),
    ("admitted", "접수", "受領"),
    ("receipt owed", "수령증 작성", "受領証作成"),
    ("receipt delivered", "수령증 전달", "受領証送達"),
    ("opened", "열람", "閲覧"),
    ("breach recorded", "규약 위반", "規約違反"),
    ("incident raised", "사고 제기", "事案提起"),
    ("instrument made", "자국 문서", "自国文書"),
    ("instrument mirrored", "상대국 문서", "相手国文書"),
    ("instrument contested", "상대국 문서의 모순", "相手国文書の矛盾"),
    ("instrument delivered", "문서 전달", "文書送達"),
    ("pack adopted", "규칙집 채택", "規則集採択"),
    ("log forked", "로그 분기", "ログ分岐"),
    ("log decided", "로그 판단", "ログ判断"),
    ("letter owed", "봉서 작성", "封書作成"),
    ("letter taken", "봉서 접수", "封書受付"),
    ("letter passed", "봉서 전달", "封書引渡"),
    ("hop signed", "중계 수령증 서명", "中継受領証の署名"),
    ("hop delivered", "중계 수령증 전달", "中継受領証の送付"),
    ("hop kept", "중계 수령증 보관", "中継受領証の保管"),
    ("log succeeded", "로그 승계", "ログ承継"),
    ("succession shown", "로그 승계 통보", "ログ承継の通知"),
    ("succession decided", "로그 승계 판단", "ログ承継の判断"),
    ("passage owed", "전달 의무 발생", "転送義務発生"),
    ("passage verified", "전달 검증", "転送検証"),
    ("passage told", "전달 통보", "転送通報"),
    ("passage mirrored", "전달 통보 기록", "転送通報記録"),
    ("proof kept", "증명 보관", "証明保管"),
    ("mandate given", "감독 위임", "監督委任"),
    ("mandate ended", "감독 위임 종료", "監督委任終了"),
    ("report cosigned", "보고서 연서", "報告書連署"),
    ("report made", "보고서 작성", "報告書作成"),
    ("recall made", "회수·재분류 통보", "回収・再区分の通報"),
    ("recall mirrored", "회수·재분류 접수", "回収・再区分の受領"),
    ("opening asked", "열람 동의 요청", "閲覧同意の要請"),
    ("opening answered", "열람 동의 회신 접수", "閲覧同意の回答受領"),
    ("opening received", "열람 동의 요청 접수", "閲覧同意の要請受領"),
    ("opening decided", "열람 동의 결정", "閲覧同意の決定"),
    ("padding", "채움", "パディング"),
    ("proposed", "문안 제시", "案文提示"),
    ("initialled", "가서명", "仮署名"),
    ("gate passed", "국내 절차 통과", "国内手続の通過"),
    ("gate skipped", "국내 절차 생략", "国内手続の省略"),
    ("withdrew before signature", "서명 전 철회", "署名前の撤回"),
    ("signed", "서명", "署名"),
    ("notified", "통보", "通告"),
    ("notice given", "종료 통보", "終了通告"),
    ("notice suspended", "종료 통보의 효력 정지", "終了通告の効力停止"),
    ("notice withdrawn", "종료 통보 철회", "終了通告の撤回"),
    ("position taken", "입장 표명", "立場の表明"),
    ("amendment consented", "개정 동의", "改正同意"),
    ("law changed", "법령 변경", "法令変更"),
    ("law change acknowledged", "법령 변경 확인", "法令変更の確認"),
    ("disputed", "분쟁 제기", "紛争提起"),
    ("dispute settled", "분쟁 해결", "紛争解決"),
    ("milestone reached", "이정표 도달", "節目到達"),
    ("proof delivered", "증명 전달", "証明送達"),
    ("consent made", "서면 승인", "書面による承認"),
    ("consent mirrored", "상대의 서면 승인", "相手の書面による承認"),
    ("statement delivered", "진술서 전달", "ステートメント送達"),
    ("handled", "사본과 번역 등의 처리", "写しや翻訳等の処理"),
    ("copy destroyed", "사본 파기", "写しの破棄"),
    ("copy returned", "사본 반환", "写しの返還"),
    ("copy sealed", "사본 봉인", "写しの封緘"),
    ("destruction signed", "파기 서명", "破棄の署名"),
    ("destruction mirrored", "상대의 파기 확인서", "相手の破棄証明書"),
    ("destroyed", "파기됨", "破棄済み"),
    ("one signature", "한 사람의 서명", "一人の署名"),
    ("client added", "기계 접속자 등록", "機械クライアント登録"),
    ("client revoked", "기계 접속자 취소", "機械クライアント取消"),
    ("key taken over", "키 인수", "鍵の引継ぎ"),
    ("product", "제품", "製品"),
];
