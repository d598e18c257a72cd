//! What a person is told when an item that its originator controls, or of whose key a hub keeps a share, is not opened, or cannot be
//! marked so, and what to do next.
//!
//! *Absent:* why the originator, or the hub, decided so. That is its affair.

/// Korean, Japanese, English.
type Three = [&'static str; 3];

const TEXTS: &[(&str, Three)] = &[
    (
        "recalled",
        [
            "생산국이 이 자료를 회수했다. 다시 열람하려면 생산국의 새로운 제공이 필요하다. 회수 문서는 attache item show에 있다.",
            "作成国がこの資料を回収した。再び閲覧するには作成国の新たな提供が必要である。回収の文書は attache item show にある。",
            "its originator has recalled it; only a new release undoes that. attache item show names the document of the recall",
        ],
    ),
    (
        "expired",
        [
            "생산국이 정한 열람 기한이 지났다. 새로운 제공을 요청하라.",
            "作成国が定めた閲覧期限が過ぎた。新たな提供を求めること。",
            "the time for which its originator let it be opened has passed; ask for a new release",
        ],
    ),
    (
        "originator-refused",
        [
            "생산국이 이번 열람에 동의하지 않았다. 양측 기록에 남았다. 생산국의 담당자에게 문의하라.",
            "作成国が今回の閲覧に同意しなかった。双方の記録に残った。作成国の担当者に照会すること。",
            "its originator does not consent to this opening, and both sides have that on record; ask the originator's desk",
        ],
    ),
    (
        "originator-declined",
        [
            "생산국 노드가 이 요청에 답하지 않았다. 양측 노드의 운영자가 협정·카드·시계를 확인해야 한다.",
            "作成国のノードがこの要請に答えなかった。双方のノードの運用者が協定、カード、時計を確認する必要がある。",
            "the originator's node does not answer this request; the operators of both nodes compare agreement, cards and clocks",
        ],
    ),
    (
        "originator-decides",
        [
            "생산국의 담당자가 이 열람을 결정한다. 아직 결정하지 않았다. 나중에 다시 열람하라. 같은 요청이 그대로 유효하다.",
            "作成国の担当者がこの閲覧を決定する。まだ決定していない。後でもう一度開くこと。同じ要請がそのまま有効である。",
            "a person of the originator decides about this opening and has not yet; open it again later, the same request stands",
        ],
    ),
    (
        "originator-crowded",
        [
            "이 노드의 열람 요청이 생산국 담당자의 결정을 기다리는 한도(256건)에 이르러 이 요청은 접수되지 않았다. 생산국의 담당자에게 기다리는 요청에 답하도록 요청하고(attache opening list), 그 뒤에 다시 열람하라. 요청은 72시간이 지나면 끝난다.",
            "このノードの閲覧要請で作成国の担当者の決定を待つものが上限（256件）に達しており、この要請は受け付けられていない。待っている要請（attache opening list）に答えるよう作成国の担当者に求め、その後もう一度開くこと。要請は72時間で終わる。",
            "as many requests of this node (256) wait for a person of the originator as may at once, and this one was not taken; ask the originator's desk to answer those that wait (attache opening list), and open it again then. A request is over after 72 hours",
        ],
    ),
    (
        "originator-asked",
        [
            "중계 당사자를 거치는 봉서로 생산국에 물었고 회신이 아직 오지 않았다. 나중에 다시 열람하라. 같은 요청이 그대로 유효하다. 봉서가 어디까지 갔는지는 attache letter list가 보여 준다.",
            "中継当事者を通す封書で作成国に照会し、回答はまだ来ていない。後でもう一度開くこと。同じ要請がそのまま有効である。封書がどこまで届いたかは attache letter list で分かる。",
            "the originator is asked in a letter by way of the hub, and its answer has not come yet; open it again later, the same request stands. attache letter list shows how far the letter is",
        ],
    ),
    (
        "originator-unreachable",
        [
            "생산국 노드에 연결할 수 없어 동의를 받지 못했다. 열리지 않았다. attache peer list로 연결을 확인하고 연결되면 다시 열람하라.",
            "作成国のノードに接続できず、同意を得られなかった。開かれていない。attache peer list で接続を確かめ、接続後にもう一度開くこと。",
            "the originator's node cannot be reached, and nothing opens without its consent; see attache peer list, and open it again once it is connected",
        ],
    ),
    (
        "originator-by-hub",
        [
            "생산국과는 중계 당사자의 봉서로만 연결되는데, 동의를 묻는 봉서가 받아들여지지 않았다. 중계 당사자가 거절했거나 생산국 노드가 그런 봉서를 모르는 이전 판이다. attache letter list에 이유가 있다. 통제 없는 제공을 요청할 수 있다.",
            "作成国とは中継当事者の封書でのみつながるが、同意を求める封書が受け取られなかった。中継当事者が拒んだか、作成国のノードがそのような封書を知らない旧版である。理由は attache letter list にある。統制のない提供を求めることができる。",
            "its originator is reached through a hub in letters only, and the letter that asks it was not taken: the hub refused it, or the originator's node is of an older version that does not know such letters; attache letter list shows why. Ask for a release without control",
        ],
    ),
    (
        "agreement-not-in-force",
        [
            "협정이 모든 당사국의 입장에서 발효 중인 것은 아니다. 생산국이 통제하는 자료는 그동안 열리지 않는다. attache agreement show에 각 입장이 있다.",
            "協定がすべての締約国の立場で効力を有しているわけではない。その間、作成国が統制する資料は開かれない。各立場は attache agreement show にある。",
            "the agreement is not in force in every Party's position, and what its originator controls opens only while it is; see attache agreement show",
        ],
    ),
    (
        "control-beyond-hub",
        [
            "제공 대상에 중계 당사자를 거쳐야만 닿는 당사국이 있다. 생산국이 통제하는 자료는 중계 당사자가 전달하지 않으므로 그 당사국에 이르지 않는다. 중계 당사자만을 대상으로 표시하거나, 생산국 통제 없이 표시하라.",
            "提供先に、中継当事者を通じてのみ届く締約国がある。作成国が統制する資料を中継当事者は転送しないため、その締約国には届かない。中継当事者のみを提供先として表示するか、作成国の統制なしで表示すること。",
            "it is marked for a Party that is reached through the hub alone, which passes nothing on that is under its originator's control; mark it for the hub only, or without originator control",
        ],
    ),
    (
        "consent-over",
        [
            "동의가 도착하기 전에 끝났다. 다시 열람하라.",
            "同意が届く前に終わった。もう一度開くこと。",
            "the consent was over before it could be used; open the item again",
        ],
    ),
    (
        "hub-refused",
        [
            "중계 당사자가 보관하는 열쇠 조각을 내주지 않았다. 중계 당사자의 담당자가 이 봉서의 열람을 중지했거나 협정이 발효 중이 아니다. 양측 기록에 남았다. 중계 당사자의 담당자에게 문의하라.",
            "中継当事者が保管する鍵の持分を貸し出さなかった。中継当事者の担当者がこの封書の閲覧を止めたか、協定が発効していない。双方の記録に残った。中継当事者の担当者に照会すること。",
            "the hub does not lend the share of the key that it keeps: its people stopped what is in this letter, or the agreement is not in force there; both sides have that on record; ask the hub's desk",
        ],
    ),
    (
        "hub-share-over",
        [
            "협정에 따라 중계 당사자가 열쇠 조각을 보관하는 기간이 지났다. 생산국에 새로운 제공을 요청하라.",
            "協定により中継当事者が鍵の持分を保管する期間が過ぎた。作成国に新たな提供を求めること。",
            "the time is over for which the agreement has the hub keep its share of the key; ask the originator for a new release",
        ],
    ),
    (
        "hub-declined",
        [
            "중계 당사자 노드가 이 요청에 답하지 않았다. 양측 노드의 운영자가 협정·카드·시계를 확인해야 한다.",
            "中継当事者のノードがこの要請に答えなかった。双方のノードの運用者が協定、カード、時計を確認する必要がある。",
            "the hub's node does not answer this request; the operators of both nodes compare agreement, cards and clocks",
        ],
    ),
    (
        "hub-unreachable",
        [
            "열쇠 조각을 보관하는 중계 당사자 노드에 연결할 수 없다. 열리지 않았다. attache peer list로 연결을 확인하고 연결되면 다시 열람하라.",
            "鍵の持分を保管する中継当事者のノードに接続できない。開かれていない。attache peer list で接続を確かめ、接続後にもう一度開くこと。",
            "the hub that keeps a share of the key cannot be reached, and nothing opens without it; see attache peer list, and open the item again once it is connected",
        ],
    ),
];

/// The texts for a code.
pub(super) fn texts(code: &str) -> Option<&'static Three> {
    TEXTS.iter().find(|(known, _)| *known == code).map(|(_, three)| three)
}
