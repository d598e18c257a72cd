//! What exactly was found of letters, openings and rule packs, in Korean and Japanese, in the form of `details`.
//!
//! *Absent:* a form of its own.

/// English as it is found, with `{}` for what differs from case to case; then Korean and Japanese.
pub(super) const ENDS: &[(&str, &str, &str)] = &[
    (
        "it names another log than its signer's",
        "서명자의 것이 아닌 기록부를 가리킨다",
        "署名者のものでないログを示す",
    ),
    (
        "the leaf that it names is no admission of this package",
        "그것이 가리키는 잎은 이 패키지의 접수가 아니다",
        "それの示す葉はこのパッケージの受入れではない",
    ),
    (
        "no log that is here, under a card that is here, signed it; bring the evidence of the node whose log it is",
        "여기 있는 카드의 로그 가운데 그것에 서명한 것이 없다. 그 로그를 가진 노드의 증거를 가져온다",
        "ここにあるカードのログで、これに署名したものがない。そのログのノードの証拠を持ってくる",
    ),
    (
        "the log that is here ends before it, or did not hold",
        "여기 있는 로그가 그 앞에서 끝나거나 성립하지 않았다",
        "ここにあるログがその前で終わるか、成り立たなかった",
    ),
    (
        "its log has lost entries since that it counts",
        "그 로그는 그것이 세는 항목을 그 뒤에 잃었다",
        "そのログは、それが数える項目をその後に失った",
    ),
    (
        "its log has two histories: of {} entries the root is {} here, and {} in what it signed there",
        "그 로그에는 두 가지 이력이 있다. 항목 {0}개의 루트가 여기서는 {1}이고, 그것이 서명한 다른 것에서는 {2}이다",
        "そのログには二つの履歴がある。項目{0}件のルートは、ここでは{1}、それが署名した他方では{2}である",
    ),
    (
        "only evidence of the whole log can be held against it; take that",
        "그것과 대조할 수 있는 것은 로그 전체의 증거뿐이다. 그것을 받는다",
        "これと突き合わせられるのはログ全体の証拠だけである。それを取る",
    ),
    (
        "the package that it names is not here, or not proved",
        "그것이 가리키는 패키지가 여기에 없거나 증명되지 않았다",
        "それの示すパッケージがここにないか、証明されていない",
    ),
    (
        "the package that it names is another's",
        "그것이 가리키는 패키지가 다른 쪽의 것이다",
        "それの示すパッケージが別の者のものである",
    ),
    (
        "the leaf is under the checkpoint; that the log still holds to that checkpoint only the receiver's log shows, which is not here or ends before it",
        "잎은 체크포인트 아래에 있다. 기록부가 아직 그 체크포인트를 지키는지는 수령국의 기록부만 보이는데, 그것이 여기에 없거나 그 앞에서 끝난다",
        "葉はチェックポイントの下にある。ログがなおそのチェックポイントに沿うことは受領側のログだけが示すが、それがここにないか、その前で終わる",
    ),
    (
        "the rule pack {} is the node's own word: it is neither of this build, nor named by the node's cards, nor trusted by the reader",
        "규칙집 {0}은(는) 노드 자신의 말이다. 이 빌드의 것도, 노드의 카드가 든 것도, 읽는 이가 믿는 것도 아니다",
        "規則パック{0}はノード自身の言葉である。このビルドのものでも、ノードのカードが挙げるものでも、読み手が信頼するものでもない",
    ),
    (
        "{}: not a plain file of at most {} bytes",
        "{0}: 많아야 {1}바이트인 보통 파일이 아니다",
        "{0}：多くとも{1}バイトの通常のファイルではない",
    ),
    ("{}: not in its one form", "{0}: 정해진 하나의 형식이 아니다", "{0}：定めの一つの形式ではない"),
    ("the log of its signer is not here", "서명자의 기록부가 여기에 없다", "署名者のログがここにない"),
    (
        "its leaf is of the time before letters bore a tag: that it is of this letter is the node's word",
        "그 잎은 봉서에 짝 표지가 없던 때의 것이다. 이 봉서의 것이라는 것은 노드의 말이다",
        "その葉は封書に対の印がなかった時のものである。この封書のものであることはノードの言葉である",
    ),
    (
        "the waybill or hop receipt that this leaf speaks of is not here",
        "이 잎이 말하는 송장이나 중계 수령증이 여기에 없다",
        "この葉が述べる送り状または中継受領証がここにない",
    ),
    (
        "signed by an end of the letter, which is no hub of it",
        "봉서의 한쪽 끝이 서명했는데, 그것은 중계 당사자가 아니다",
        "封書の一端が署名したが、それは中継当事者ではない",
    ),
    (
        "its signer's log lost the entry that it names",
        "서명자의 기록부가 그것이 가리키는 항목을 잃었다",
        "署名者のログがそれの示す項目を失った",
    ),
    (
        "its leaf is past the checkpoint of its signer's log, which tells of what came later",
        "그 잎이 서명자 기록부의 체크포인트 뒤에 있는데, 그 기록부는 그보다 나중의 일을 말한다",
        "その葉が署名者のログのチェックポイントより後にあるが、そのログはそれより後のことを述べている",
    ),
    (
        "its leaf is past the checkpoint of its signer's log",
        "그 잎이 서명자 기록부의 체크포인트 뒤에 있다",
        "その葉が署名者のログのチェックポイントより後にある",
    ),
    (
        "the leaf that it names does not say of this letter what it says",
        "그것이 가리키는 잎이 이 봉서에 대해 달리 말한다",
        "それの示す葉がこの封書について別のことを述べる",
    ),
    (
        "the card of the letter's sender is not in this folder",
        "봉서를 보낸 쪽의 카드가 이 폴더에 없다",
        "封書の差出側のカードがこのフォルダにない",
    ),
    (
        "the waybill that it names is not here, or not proved",
        "그것이 가리키는 송장이 여기에 없거나 증명되지 않았다",
        "それの示す送り状がここにないか、証明されていない",
    ),
    (
        "the hop receipt before it is not here",
        "그 앞의 중계 수령증이 여기에 없다",
        "その前の中継受領証がここにない",
    ),
    (
        "given to a hub, and no proved receipt of the hub is here: on its way, or not recorded",
        "중계 당사자에게 맡겼으나 증명된 중계 수령증이 여기에 없다. 가는 중이거나 기록되지 않았다",
        "中継当事者に託したが、証明された中継受領証がここにない。途中か、記録されていない",
    ),
    (
        "the log of the letter's recipient is not here",
        "봉서를 받는 쪽의 기록부가 여기에 없다",
        "封書の受取側のログがここにない",
    ),
    (
        "taken by a hub, and not in its recipient's log: on its way, given up, or dropped",
        "중계 당사자가 받았으나 받는 쪽의 기록부에 없다. 가는 중이거나 포기되었거나 버려졌다",
        "中継当事者が受けたが、受取側のログにない。途中か、断念されたか、捨てられた",
    ),
    (
        "its sender's log lost entries since it was signed",
        "그것이 서명된 뒤에 보낸 쪽의 기록부가 항목을 잃었다",
        "それが署名された後に差出側のログが項目を失った",
    ),
    (
        "its sender's log has no such letter, and reaches further",
        "보낸 쪽의 기록부에 그런 봉서가 없고, 그 기록부는 그 뒤까지 이른다",
        "差出側のログにその封書がなく、そのログはその後まで届いている",
    ),
    (
        "its sender's log has no such letter, or does not reach so far",
        "보낸 쪽의 기록부에 그런 봉서가 없거나 거기까지 이르지 않는다",
        "差出側のログにその封書がないか、そこまで届いていない",
    ),
    (
        "they are of another form, network, agreement or node",
        "다른 형식, 망, 협정 또는 노드의 것이다",
        "別の形式、ネットワーク、協定、またはノードのものである",
    ),
    ("they are not those for the public", "공개하는 집계가 아니다", "公開するための集計ではない"),
    (
        "{}: a table for the public does not stand so",
        "{0}: 공개하는 표는 이렇게 서지 않는다",
        "{0}：公開する表はこのようにはならない",
    ),
    (
        "no inspector's signature on these figures is here: that they were counted is the node's word",
        "이 집계에 대한 감사관의 서명이 여기에 없다. 세었다는 것은 노드의 말이다",
        "この集計への監察官の署名がここにない。数えたことはノードの言葉である",
    ),
    (
        "which rule pack came into force here is not handed out",
        "여기서 어느 규칙집이 효력을 가졌는지 제출되지 않았다",
        "ここでどの規則パックが効力を得たかが提出されていない",
    ),
    (
        "it follows another rule pack than the one that was in force",
        "효력이 있던 것과 다른 규칙집을 잇는다",
        "効力のあったものと別の規則パックを継いでいる",
    ),
    (
        "it was made by another rule pack than the one in force by its log",
        "그 기록부에 따라 효력이 있던 것과 다른 규칙집으로 내려졌다",
        "そのログによれば効力のあったものと別の規則パックによる",
    ),
    (
        "the act by which its log went on is not here",
        "그 기록부가 이어진 행위가 여기에 없다",
        "そのログが続いた行為がここにない",
    ),
    (
        "the log does not say there that it goes on",
        "그 기록부는 그 자리에서 이어진다고 말하지 않는다",
        "そのログはその位置で続くと述べていない",
    ),
    (
        "no card of its signer bears it out",
        "서명자의 어느 카드로도 확인되지 않는다",
        "署名者のどのカードによっても確かめられない",
    ),
    (
        "its signer's log lost the admission after it had signed this receipt",
        "서명자의 기록부는 이 수령증에 서명한 뒤 그 접수를 잃었다",
        "署名者のログは、この受領証に署名した後でその受入れを失った",
    ),
    (
        "its sender's log lost the decision after it had sent this package",
        "발송국의 기록부는 이 패키지를 보낸 뒤 그 결정을 잃었다",
        "発送側のログは、このパッケージを送った後でその決定を失った",
    ),
    (
        "one request to open is recorded twice",
        "한 열람 요청이 두 번 기록되어 있다",
        "一つの閲覧要請が二度記録されている",
    ),
    ("answered, and never asked", "답은 있으나 요청이 없다", "答えはあるが要請がない"),
    (
        "the log of the other end of openings is not here",
        "열람의 다른 쪽 기록부가 여기에 없다",
        "閲覧の他端のログがここにない",
    ),
    (
        "its log lost entries, maybe this one too",
        "그 기록부가 항목을 잃었고, 이것도 그 가운데 있을 수 있다",
        "そのログは項目を失っており、これもその中にあるかもしれない",
    ),
    (
        "the ruling that it names is past the checkpoint of its signer's log",
        "그것이 가리키는 판정이 서명자 기록부의 체크포인트 뒤에 있다",
        "それの示す裁定が署名者のログのチェックポイントより後にある",
    ),
    (
        "its request to open came to the originator, and its log has none and reaches further",
        "그 열람 요청이 생산국에 왔으나 그 기록부에는 없고, 그 기록부는 그 뒤까지 이른다",
        "その閲覧要請は作成側に届いたが、そのログにはなく、そのログはその後まで届いている",
    ),
    (
        "its answer to a request to open came to the holder, and its log has none and reaches further",
        "열람 요청에 대한 그 답이 보유국에 왔으나 그 기록부에는 없고, 그 기록부는 그 뒤까지 이른다",
        "閲覧要請へのその答えは保有側に届いたが、そのログにはなく、そのログはその後まで届いている",
    ),
    (
        "its request to open came to the originator, and its log has none or does not reach so far",
        "그 열람 요청이 생산국에 왔으나 그 기록부에는 없거나 거기까지 이르지 않는다",
        "その閲覧要請は作成側に届いたが、そのログにはないか、そこまで届いていない",
    ),
    (
        "its answer to a request to open came to the holder, and its log has none or does not reach so far",
        "열람 요청에 대한 그 답이 보유국에 왔으나 그 기록부에는 없거나 거기까지 이르지 않는다",
        "閲覧要請へのその答えは保有側に届いたが、そのログにはないか、そこまで届いていない",
    ),
    (
        "opened under an earlier consent, and not in the originator's log: on its way, or not recorded",
        "이전 동의에 따라 열람했으나 생산국의 기록부에 없다. 가는 중이거나 기록되지 않았다",
        "以前の同意により閲覧したが、作成側のログにない。途中か、記録されていない",
    ),
    (
        "consented to, and no answer is in the holder's log: nobody waited for it any more, or it was not recorded",
        "동의했으나 보유국의 기록부에 답이 없다. 더는 기다린 사람이 없었거나 기록되지 않았다",
        "同意したが、保有側のログに答えがない。もう待つ者がいなかったか、記録されていない",
    ),
    (
        "it says {} of this opening, and {} says {}",
        "이 열람에 대해 {0}이라고 하는데 {1}은(는) {2}이라고 한다",
        "この閲覧について{0}と述べ、{1}は{2}と述べる",
    ),
    (
        "rulings are handed out, and what was signed about this opening is not",
        "판정은 제출되었는데 이 열람에 대해 서명된 것은 제출되지 않았다",
        "裁定は提出されたが、この閲覧について署名されたものは提出されていない",
    ),
    (
        "no leaf of this node's log speaks of it",
        "이 노드의 기록부에 그것을 말하는 잎이 없다",
        "このノードのログにそれを述べる葉がない",
    ),
    (
        "its leaf says something else than what was signed",
        "그 잎이 서명된 것과 달리 말한다",
        "その葉が署名されたものと別のことを述べる",
    ),
    (
        "the leaf that it names is no ruling of its signer's that permits it",
        "그것이 가리키는 잎은 그것을 허용하는 서명자의 판정이 아니다",
        "それの示す葉は、それを許す署名者の裁定ではない",
    ),
];
