//! What exactly was found of one item, and of logs that lost entries, in Korean and Japanese, in the form of `details`.
//!
//! *Absent:* a form of its own.

/// English as it is found, with `{}` for what differs from case to case; then Korean and Japanese.
pub(super) const LIVES: &[(&str, &str, &str)] = &[
    (
        "a hash or a salt is not 32 bytes",
        "해시나 솔트가 32바이트가 아니다",
        "ハッシュまたはソルトが32バイトではない",
    ),
    (
        "no act speaks of this statement",
        "어느 행위도 이 문서를 말하지 않는다",
        "どの行為もこの文書を述べていない",
    ),
    (
        "what the log says of destructions and passages is not handed out: take this evidence once more with --rulings, or that of the item with attache item bundle",
        "기록부가 파기와 전달에 관해 말하는 것이 제출되지 않았다. 이 증거를 --rulings로 다시 받거나, attache item bundle로 그 자료의 증거를 받는다",
        "ログが破棄と転送について述べるものが提出されていない。この証拠を --rulings を付けてもう一度取るか、attache item bundle でその資料の証拠を取る",
    ),
    (
        "of all destructions and passages this one is not handed out, or did not open",
        "파기와 전달 가운데 이것은 제출되지 않았거나 열리지 않았다",
        "破棄と転送のうちこれは提出されていないか、開かなかった",
    ),
    (
        "its entry is no act of a destruction or a passage, or its leaf shows another act",
        "그 항목이 파기나 전달의 행위가 아니거나, 잎이 다른 행위를 보인다",
        "その項目が破棄または転送の行為ではないか、葉が別の行為を示している",
    ),
    (
        "the leaf that the hub's receipt names is no admission at the hub",
        "중계 당사자의 수령증이 가리키는 잎은 중계 당사자의 접수가 아니다",
        "中継当事者の受領証が示す葉は、中継当事者の受入れではない",
    ),
    (
        "its signer is enrolled with no key",
        "서명자가 열쇠 없이 등록되어 있다",
        "署名者が鍵なしで登録されている",
    ),
    (
        "it is not signed under the key with which its signer is enrolled",
        "서명자가 등록된 열쇠로 서명되지 않았다",
        "署名者の登録された鍵で署名されていない",
    ),
    (
        "the key of the person who signed it is on no card and in no notice here: only the node says that it was signed",
        "서명한 사람의 키가 여기의 어느 카드나 통지에도 없다. 서명되었다는 것은 노드만의 말이다",
        "署名した者の鍵がここのどのカードにも通知にもない。署名されたと述べるのはノードだけである",
    ),
    (
        "no act of this item speaks of this package so",
        "이 자료의 어느 행위도 이 패키지를 그렇게 말하지 않는다",
        "この資料のどの行為もこのパッケージをそのように述べていない",
    ),
    (
        "no act of this item speaks of this receipt so",
        "이 자료의 어느 행위도 이 수령증을 그렇게 말하지 않는다",
        "この資料のどの行為もこの受領証をそのように述べていない",
    ),
    (
        "no act of this item speaks of this proof",
        "이 자료의 어느 행위도 이 증명을 말하지 않는다",
        "この資料のどの行為もこの証明を述べていない",
    ),
    (
        "the package that it names is not here, or it names another log than its signer's",
        "그것이 가리키는 패키지가 여기에 없거나, 서명자의 것이 아닌 기록부를 가리킨다",
        "それの示すパッケージがここにないか、署名者のものでないログを示す",
    ),
    (
        "the leaf that it names is no admission of this package at its signer",
        "그것이 가리키는 잎은 서명자에게서 이 패키지의 접수가 아니다",
        "それの示す葉は署名者におけるこのパッケージの受入れではない",
    ),
    (
        "the receipt is signed in no node's name",
        "수령증이 어느 노드의 이름으로도 서명되지 않았다",
        "受領証がどのノードの名でも署名されていない",
    ),
    (
        "no notice is here in which the originator's node brought its approval: only this node says that it was signed",
        "생산국 노드가 승인을 가져온 통지가 여기에 없다. 서명되었다는 것은 이 노드만의 말이다",
        "作成側のノードが承認を届けた通知がここにない。署名されたと述べるのはこのノードだけである",
    ),
    (
        "the act by which the item came or went is not here",
        "자료가 오거나 간 행위가 여기에 없다",
        "資料が届いた、または出た行為がここにない",
    ),
    (
        "the approval that it rests on is not here",
        "그것이 바탕으로 삼은 승인이 여기에 없다",
        "それの拠る承認がここにない",
    ),
    (
        "what it rests on approves no third party",
        "그것이 바탕으로 삼은 것은 제3자를 승인하지 않는다",
        "それの拠るものは第三者を承認していない",
    ),
    (
        "the approval is of another item, for another hub or another Party",
        "승인이 다른 자료의 것이거나, 다른 중계 당사자나 다른 당사국을 위한 것이다",
        "承認が別の資料のものか、別の中継当事者または別の締約国のためのものである",
    ),
    ("the approval had lapsed", "승인의 기한이 지나 있었다", "承認の期限が過ぎていた"),
    ("a link of the chain is not here", "경로의 한 고리가 여기에 없다", "経路の一つの環がここにない"),
    (
        "the arrival that it is of is not here",
        "그것이 말하는 도착이 여기에 없다",
        "それの述べる到着がここにない",
    ),
    (
        "the originator's package is of another item, or for another hub",
        "생산국의 패키지가 다른 자료의 것이거나 다른 중계 당사자를 위한 것이다",
        "作成側のパッケージが別の資料のものか、別の中継当事者のためのものである",
    ),
    (
        "the hub's receipt is for another package, or says another level",
        "중계 당사자의 수령증이 다른 패키지의 것이거나 다른 등급을 말한다",
        "中継当事者の受領証が別のパッケージのものか、別の等級を述べる",
    ),
    (
        "the hub's signed word is not here",
        "중계 당사자가 서명한 말이 여기에 없다",
        "中継当事者の署名した言葉がここにない",
    ),
    (
        "the hub's signed word says something else",
        "중계 당사자가 서명한 말이 다른 것을 말한다",
        "中継当事者の署名した言葉が別のことを述べる",
    ),
    (
        "the receipt is not the recipient's for the originator's package",
        "수령증이 생산국의 패키지에 대한 수신국의 것이 아니다",
        "受領証が作成側のパッケージに対する受取側のものではない",
    ),
    (
        "the leaf that the receipt names is no admission at the recipient",
        "수령증이 가리키는 잎은 수신국의 접수가 아니다",
        "受領証の示す葉は受取側の受入れではない",
    ),
    (
        "signed by its sender, whose log lost the entries of that time",
        "발송국이 서명했고, 그 기록부는 그때의 항목을 잃었다",
        "発送側が署名し、そのログはその時の項目を失った",
    ),
    (
        "that its sender's log lost the entries of that time is shown by no witness here",
        "발송국의 기록부가 그때의 항목을 잃었음을 보이는 증인이 여기에 없다",
        "発送側のログがその時の項目を失ったことを示す証人がここにない",
    ),
    (
        "its sender's log lost the entries of that time, and the receiver's log is not here",
        "발송국의 기록부는 그때의 항목을 잃었고, 수령국의 기록부는 여기에 없다",
        "発送側のログはその時の項目を失い、受領側のログはここにない",
    ),
    (
        "no log that is here has it, although its sender's lost entries of that time",
        "발송국의 기록부가 그때의 항목을 잃었다고 하나, 여기의 어느 기록부에도 없다",
        "発送側のログはその時の項目を失ったが、ここのどのログにもない",
    ),
    (
        "it arrived after its receiver was told of the loss that its sender's log names for it",
        "발송국의 기록부가 대는 손실을 수령국이 들은 뒤에 도착했다",
        "発送側のログが挙げる喪失を受領側が知らされた後に到着した",
    ),
    (
        "signed by the receiver, whose log lost the admission after a checkpoint had counted it",
        "수령국이 서명했고, 그 기록부는 체크포인트가 센 뒤에 그 접수를 잃었다",
        "受領側が署名し、そのログはチェックポイントが数えた後でその受入れを失った",
    ),
    (
        "its signer's log lost the admission, and no proof of it is here",
        "서명자의 기록부가 그 접수를 잃었고, 그 증명이 여기에 없다",
        "署名者のログがその受入れを失い、その証明がここにない",
    ),
    (
        "the leaf was under a checkpoint of the log, which has lost entries since that it counted",
        "그 잎은 기록부의 체크포인트 아래에 있었고, 기록부는 그 뒤에 그것이 센 항목을 잃었다",
        "その葉はログのチェックポイントの下にあり、ログはその後、それが数えた項目を失った",
    ),
    (
        "it is about another node's log",
        "다른 노드의 기록부에 대한 것이다",
        "別のノードのログについてのものである",
    ),
    ("its log has no name", "그 기록부에 이름이 없다", "そのログに名がない"),
    (
        "it is of another node's log, which nothing here is compared with",
        "다른 노드의 기록부에 대한 것으로, 여기에 견줄 것이 없다",
        "別のノードのログについてのもので、ここに比べるものがない",
    ),
    (
        "what the witness had cosigned is not in this folder",
        "증인이 부서한 것이 이 폴더에 없다",
        "証人が連署したものがこのフォルダにない",
    ),
    (
        "its log does not tell as often as its statements that it goes on",
        "그 기록부는 이어진다는 것을 그 문서들만큼 말하지 않는다",
        "そのログは続くことをその文書と同じ回数述べていない",
    ),
    (
        "it says that more is left than the log has",
        "기록부에 있는 것보다 많이 남았다고 말한다",
        "ログにあるより多く残ったと述べる",
    ),
    (
        "what it says is left is not the beginning of the log",
        "남았다고 하는 것이 그 기록부의 시작이 아니다",
        "残ったと述べるものがそのログの始まりではない",
    ),
    (
        "it had cosigned something else than the succession says",
        "승계가 말하는 것과 다른 것에 부서했다",
        "承継が述べるものと別のものに連署していた",
    ),
    (
        "the card of the node whose log it is about is not in this folder",
        "그 기록부의 노드의 카드가 이 폴더에 없다",
        "そのログのノードのカードがこのフォルダにない",
    ),
    (
        "the witness holds less than the succession says that it had cosigned: it was itself brought back from a backup, or that is not so",
        "증인은 승계가 말하는 것보다 적게 부서한 것을 가지고 있다. 증인 자신이 백업에서 되살아났거나, 그것이 사실이 아니다",
        "証人は、承継が述べるより少ない連署を持つ。証人自身がバックアップから戻されたか、それが事実ではない",
    ),
    (
        "its log does not go on as it told this node, and reaches further",
        "그 기록부는 이 노드에 말한 대로 이어지지 않고, 그 뒤까지 이른다",
        "そのログはこのノードに述べたとおりに続いておらず、その後まで届いている",
    ),
    (
        "its log does not go on as it told this node, or does not reach so far",
        "그 기록부는 이 노드에 말한 대로 이어지지 않거나 거기까지 이르지 않는다",
        "そのログはこのノードに述べたとおりに続いていないか、そこまで届いていない",
    ),
    (
        "its log speaks of more successions than are here",
        "그 기록부는 여기 있는 것보다 많은 승계를 말한다",
        "そのログはここにあるより多くの承継を述べる",
    ),
    (
        "log {} ended at size {}; entries {} to {} are lost, {}; continued as {} ({})",
        "기록부 {0}은(는) 크기 {1}에서 끝났다. 항목 {2}부터 {3}까지를 잃었다({4}). {5}(으)로 이어졌다({6})",
        "ログ{0}は大きさ{1}で終わった。項目{2}から{3}が失われた（{4}）。{5}として続いた（{6}）",
    ),
    (
        "cosigned by {}, named up to {} by what the node had signed",
        "부서한 증인 {0}, 노드 자신이 서명한 것은 {1}까지를 말한다",
        "連署した証人は{0}、ノード自身の署名したものは{1}までを述べる",
    ),
    ("cosigned by {}", "부서한 증인 {0}", "連署した証人は{0}"),
    (
        "named up to {} by what the node had signed",
        "노드 자신이 서명한 것은 {0}까지를 말한다",
        "ノード自身の署名したものは{0}までを述べる",
    ),
    ("read anew, it is another", "다시 읽으면 다른 것이다", "読み直すと別のものである"),
];
