//! What exactly was found, in Korean and Japanese: the sentences that checks say in English, which the JSON keeps.
//!
//! *Absent:* what a parser of a file says of its bytes. It stands in English, behind the sentence that names the file.

use super::ends::ENDS;
use super::lives::LIVES;
use attache_release::Language;

/// English as it is found, with `{}` for what differs from case to case; then Korean and Japanese, with the number of each.
pub(super) const DETAILS: &[(&str, &str, &str)] = &[
    (
        "nobody said that {} is this node's; compare it with the node by another way",
        "{0}이(가) 이 노드의 지문이라고 한 사람이 없다. 다른 경로로 노드와 대조해야 한다",
        "{0}がこのノードの指紋だと述べた者がいない。別の経路でノードと照合する必要がある",
    ),
    (
        "nobody said that {} is the key of {}; compare it with the oversight body by another way",
        "{0}이(가) {1}의 키 지문이라고 한 사람이 없다. 다른 경로로 감독 기관과 대조해야 한다",
        "{0}が{1}の鍵の指紋だと述べた者がいない。別の経路で監督機関と照合する必要がある",
    ),
    ("nobody vouches for this file", "이 파일을 보증하는 것이 없다", "このファイルを裏付けるものがない"),
    ("its digest is not its name", "다이제스트가 그 이름과 다르다", "ダイジェストがその名と異なる"),
    ("its name is not a digest", "이름이 다이제스트가 아니다", "名がダイジェストではない"),
    ("its index is not its name", "색인이 그 이름과 다르다", "索引がその名と異なる"),
    ("not in its one form", "정해진 하나의 형식이 아니다", "定めの一つの形式ではない"),
    (
        "not in its one form, or another log's",
        "정해진 하나의 형식이 아니거나 다른 기록부의 것이다",
        "定めの一つの形式ではないか、別のログのものである",
    ),
    ("the card is another node's", "카드가 다른 노드의 것이다", "カードが別のノードのものである"),
    (
        "not the card that the next one follows",
        "다음 카드가 이어받은 카드가 아니다",
        "次のカードが引き継いだカードではない",
    ),
    (
        "the card names fewer than two log keys",
        "카드에 기록부 열쇠가 둘보다 적다",
        "カードのログ鍵が二つより少ない",
    ),
    (
        "the checkpoint is another log's",
        "체크포인트가 다른 기록부의 것이다",
        "チェックポイントが別のログのものである",
    ),
    (
        "its checkpoint is of another log",
        "그 체크포인트는 다른 기록부의 것이다",
        "そのチェックポイントは別のログのものである",
    ),
    (
        "the checkpoint carries other signatures than its log's",
        "체크포인트에 그 기록부의 것이 아닌 서명이 있다",
        "チェックポイントにそのログのものでない署名がある",
    ),
    (
        "the tree of these leaves is not the checkpoint's: one was altered, added or left out",
        "이 잎들의 나무는 체크포인트의 것이 아니다. 바뀌거나 더해지거나 빠진 잎이 있다",
        "これらの葉の木はチェックポイントのものではない。変えられ、加えられ、または欠けた葉がある",
    ),
    (
        "these leaves are not those of the published tree: one was altered, added or left out ({})",
        "이 잎들은 공표된 나무의 것이 아니다. 바뀌거나 더해지거나 빠진 잎이 있다({0})",
        "これらの葉は公表された木のものではない。変えられ、加えられ、または欠けた葉がある（{0}）",
    ),
    ("leaf {} is not opened", "잎 {0}이(가) 공개되지 않았다", "葉{0}が開示されていない"),
    ("leaf {}: {}", "잎 {0}: {1}", "葉{0}：{1}"),
    ("the act is not opened", "행위가 공개되지 않았다", "行為が開示されていない"),
    ("more leaves than there are", "있는 것보다 잎이 많다", "実際より葉が多い"),
    ("a field is opened twice", "한 필드가 두 번 공개되었다", "一つのフィールドが二度開示されている"),
    ("a leaf has no such field", "잎에 그런 필드가 없다", "葉にそのフィールドはない"),
    ("its pair tag is no digest", "짝 표지가 다이제스트가 아니다", "対の印がダイジェストではない"),
    ("field {} is not UTF-8", "필드 {0}이(가) UTF-8이 아니다", "フィールド{0}がUTF-8ではない"),
    ("it shows no day", "날짜가 보이지 않는다", "日付が示されていない"),
    (
        "it is of {}, a day of the report, and was left out",
        "{0}, 곧 보고서 기간의 날인데 빠져 있다",
        "{0}、すなわち報告書の期間の日なのに欠けている",
    ),
    (
        "it is of {}, and the leaf before it of {}",
        "{0}의 것인데 앞의 잎이 {1}의 것이다",
        "{0}のものだが、前の葉は{1}のものである",
    ),
    (
        "it is of {}, which is none of these days",
        "{0}의 것으로, 이 기간의 날이 아니다",
        "{0}のもので、この期間の日ではない",
    ),
    (
        "{}: {} leaves are opened where {} are to be",
        "{0}: 잎 {2}개가 공개되어야 하는데 {1}개뿐이다",
        "{0}：葉{2}枚が開示されるべきところ{1}枚である",
    ),
    (
        "{}: {} leaves where {} belong",
        "{0}: 잎 {2}개가 있어야 하는데 {1}개이다",
        "{0}：葉{2}枚のところ{1}枚である",
    ),
    (
        "the leaves are not those that the node signed",
        "잎이 노드가 서명한 것이 아니다",
        "葉がノードの署名したものではない",
    ),
    (
        "the leaves that are here are more or fewer than the report needs",
        "여기 있는 잎이 보고서에 필요한 것보다 많거나 적다",
        "ここにある葉が報告書に必要なものより多いか少ない",
    ),
    (
        "the leaves that are here do not begin at the checkpoint before them",
        "여기 있는 잎이 앞의 체크포인트에서 시작하지 않는다",
        "ここにある葉が前のチェックポイントから始まっていない",
    ),
    (
        "witnesses cosigned another history before these days",
        "증인은 이 기간 앞에서 다른 역사에 부서했다",
        "証人はこの期間の前で別の履歴に連署している",
    ),
    (
        "witnesses cosigned another history than the one that is here",
        "증인은 여기 있는 것과 다른 역사에 부서했다",
        "証人はここにあるものと別の履歴に連署している",
    ),
    (
        "witnesses cosigned a larger log than the one that is here",
        "증인은 여기 있는 것보다 큰 기록부에 부서했다",
        "証人はここにあるものより大きいログに連署している",
    ),
    (
        "no witness cosigned the log before these days: that none of their leaves stands further before is the node's word",
        "이 기간 앞의 기록부에 부서한 증인이 없다. 그 잎이 더 앞에 없다는 것은 노드의 말이다",
        "この期間より前のログに連署した証人がない。その葉がさらに前にないことはノードの言葉である",
    ),
    (
        "no witness cosigned it: that its log has no other history is the node's word",
        "부서한 증인이 없다. 그 기록부에 다른 역사가 없다는 것은 노드의 말이다",
        "連署した証人がない。そのログに別の履歴がないことはノードの言葉である",
    ),
    (
        "no witness other than its own node cosigned it",
        "그 노드 자신 말고는 부서한 증인이 없다",
        "そのノード自身のほかに連署した証人がない",
    ),
    (
        "no witness is known here that cosigned it: that it is the only log of its node is the node's word",
        "여기서 알려진 증인 가운데 부서한 것이 없다. 그 노드의 유일한 기록부라는 것은 노드의 말이다",
        "ここで知られた証人で連署したものがない。そのノードの唯一のログであることはノードの言葉である",
    ),
    (
        "none of its witnesses that are known here cosigned it ({}), or what they cosigned was left out",
        "여기서 알려진 그 증인({0}) 가운데 부서한 것이 없거나, 부서한 것이 빠졌다",
        "ここで知られたその証人（{0}）で連署したものがないか、連署したものが欠けている",
    ),
    (
        "cosigned by a witness whose card is not in this folder",
        "카드가 이 폴더에 없는 증인이 부서했다",
        "カードがこのフォルダにない証人が連署した",
    ),
    (
        "its log signed two histories of size {}, as {} proves",
        "{1}이(가) 증명하듯, 그 기록부는 크기 {0}의 두 역사에 서명했다",
        "{1}が証明するとおり、そのログは大きさ{0}の二つの履歴に署名した",
    ),
    (
        "its log signed another history of size {} than the one that is here, as {} proves",
        "{1}이(가) 증명하듯, 그 기록부는 여기 있는 것과 다른 크기 {0}의 역사에 서명했다",
        "{1}が証明するとおり、そのログはここにあるものと別の大きさ{0}の履歴に署名した",
    ),
    (
        "{} was shown the sizes {} and {} and no proof that one continues the other; only the log can bring one",
        "{0}은(는) 크기 {1}와(과) {2}을(를) 보았으나 하나가 다른 것을 잇는다는 증명을 받지 못했다. 그것은 그 기록부만 낼 수 있다",
        "{0}は大きさ{1}と{2}を示されたが、一方が他方を継ぐ証明を受けていない。それを出せるのはそのログだけである",
    ),
    (
        "its log speaks of forks of {}, and not every proof is here",
        "그 기록부는 {0}의 분기를 말하는데 증명이 모두 여기에 있지 않다",
        "そのログは{0}の分岐を述べるが、証明がすべてここにはない",
    ),
    (
        "the card of the log that it is about is not in this folder",
        "그 기록부의 카드가 이 폴더에 없다",
        "そのログのカードがこのフォルダにない",
    ),
    ("signed in another node's name", "다른 노드의 이름으로 서명되었다", "別のノードの名で署名されている"),
    (
        "signed in no node's name",
        "어느 노드의 이름으로도 서명되지 않았다",
        "どのノードの名でも署名されていない",
    ),
    (
        "signed while no card of its node was in force",
        "그 노드의 카드가 효력이 없을 때 서명되었다",
        "そのノードのカードが効力のないときに署名された",
    ),
    (
        "signed while no card of its signer was in force",
        "서명자의 카드가 효력이 없을 때 서명되었다",
        "署名者のカードが効力のないときに署名された",
    ),
    (
        "no card of its signer that was in force then is in this folder",
        "그때 효력이 있던 서명자의 카드가 이 폴더에 없다",
        "その時に効力のあった署名者のカードがこのフォルダにない",
    ),
    (
        "its sender's card is not in this folder",
        "발송국의 카드가 이 폴더에 없다",
        "発送側のカードがこのフォルダにない",
    ),
    (
        "its signer's card is not in this folder",
        "서명자의 카드가 이 폴더에 없다",
        "署名者のカードがこのフォルダにない",
    ),
    (
        "its signer's log is not in this folder",
        "서명자의 기록부가 이 폴더에 없다",
        "署名者のログがこのフォルダにない",
    ),
    (
        "the card of the receipt's signer is not in this folder",
        "수령증 서명자의 카드가 이 폴더에 없다",
        "受領証の署名者のカードがこのフォルダにない",
    ),
    ("the sender's log is not here", "발송국의 기록부가 여기에 없다", "発送側のログがここにない"),
    ("the receiver's log is not here", "수령국의 기록부가 여기에 없다", "受領側のログがここにない"),
    (
        "the sender of its package is not in this folder",
        "그 패키지의 발송국이 이 폴더에 없다",
        "そのパッケージの発送側がこのフォルダにない",
    ),
    (
        "this node's log is not here, or did not hold",
        "이 노드의 기록부가 여기에 없거나 맞지 않았다",
        "このノードのログがここにないか、合わなかった",
    ),
    (
        "the sender's log has no such dispatch, or does not reach so far",
        "발송국의 기록부에 그런 발송이 없거나 거기까지 이르지 않는다",
        "発送側のログにその発送がないか、そこまで達していない",
    ),
    (
        "sent, and not in the receiver's log: on its way, or not recorded",
        "보냈으나 수령국의 기록부에 없다. 가는 중이거나 기록되지 않았다",
        "送られたが受領側のログにない。途中か、記録されていない",
    ),
    (
        "arrived, and no proved receipt is here: it may wait for a person",
        "도착했으나 증명된 수령증이 여기에 없다. 사람의 처리를 기다릴 수 있다",
        "到着したが証明された受領証がここにない。人の処理を待つことがある",
    ),
    (
        "held by a node that neither sent nor received it",
        "보내지도 받지도 않은 노드가 가지고 있다",
        "送りも受けもしなかったノードが持っている",
    ),
    (
        "its admission is not the leaf at that place of the receiver's log",
        "그 접수는 수령국 기록부의 그 자리에 있는 잎이 아니다",
        "その受入れは受領側ログのその位置の葉ではない",
    ),
    (
        "the sender's log has no such dispatch, and reaches further",
        "발송국의 기록부에 그런 발송이 없고, 그 기록부는 그 뒤까지 이른다",
        "発送側のログにその発送がなく、そのログはその後まで達している",
    ),
    (
        "the decision that it names is no ruling of its sender's that permits it",
        "그것이 가리키는 결정은 그것을 허용하는 발송국의 판정이 아니다",
        "それの示す決定は、それを許す発送側の裁定ではない",
    ),
    (
        "its signer's log ended before the entry that it names, which lies beyond what any witness had cosigned",
        "서명자의 기록부는 그것이 가리키는 항목 앞에서 끝났고, 그 항목은 어느 증인도 부서하지 않은 곳에 있다",
        "署名者のログはそれの示す項目の前で終わり、その項目はどの証人も連署していないところにある",
    ),
    (
        "the leaf was under a checkpoint of the log, which has ended before it and which no witness had cosigned so far",
        "잎은 기록부의 체크포인트 아래에 있었으나, 그 기록부는 그 앞에서 끝났고 어느 증인도 거기까지 부서하지 않았다",
        "葉はログのチェックポイントの下にあったが、そのログはその前で終わり、どの証人もそこまで連署していない",
    ),
    (
        "its log has ended before it since, and no witness had cosigned so far",
        "그 기록부는 그 뒤에 그것 앞에서 끝났고, 어느 증인도 거기까지 부서하지 않았다",
        "そのログはその後それより前で終わり、どの証人もそこまで連署していない",
    ),
    (
        "its admission is past the checkpoint of its signer's log, which tells of what came later",
        "그 접수는 서명자 기록부의 체크포인트 뒤에 있는데, 그 기록부는 그보다 나중의 일을 말한다",
        "その受入れは署名者のログのチェックポイントより後だが、そのログはそれより後のことを述べている",
    ),
    (
        "its admission is past the checkpoint of its signer's log",
        "그 접수는 서명자 기록부의 체크포인트 뒤에 있다",
        "その受入れは署名者のログのチェックポイントより後である",
    ),
    (
        "it names a log under which its signer's goes on after what is here of it, as a partner was told",
        "상대가 통보받은 대로, 서명자의 기록부가 여기에 있는 부분 뒤에 이어지는 기록부를 가리킨다",
        "相手が知らされたとおり、署名者のログがここにある部分の後に続くログを示している",
    ),
    (
        "the receiver's log signed this checkpoint, and has another history now",
        "수령국의 기록부는 이 체크포인트에 서명했는데 지금은 다른 역사를 가진다",
        "受領側のログはこのチェックポイントに署名したが、今は別の履歴を持つ",
    ),
    ("no leaf of this log has that index", "이 기록부에 그 색인의 잎이 없다", "このログにその索引の葉はない"),
    (
        "it proves another leaf than the receipt names",
        "수령증이 가리키는 것과 다른 잎을 증명한다",
        "受領証が示すものと別の葉を証明している",
    ),
    (
        "no receipt of its holder names this leaf",
        "가진 쪽의 수령증 가운데 이 잎을 가리키는 것이 없다",
        "持ち主の受領証でこの葉を示すものがない",
    ),
    (
        "the receipt that promised it is not here",
        "그것을 약속한 수령증이 여기에 없다",
        "それを約した受領証がここにない",
    ),
    (
        "the proof that this leaf speaks of is not here, or proves nothing",
        "이 잎이 말하는 증명이 여기에 없거나 아무것도 증명하지 않는다",
        "この葉が述べる証明がここにないか、何も証明しない",
    ),
    (
        "the statement that this leaf speaks of is not here",
        "이 잎이 말하는 문서가 여기에 없다",
        "この葉が述べる文書がここにない",
    ),
    ("its signed statement is not here", "서명된 문서가 여기에 없다", "署名された文書がここにない"),
    (
        "its signed statement says something else",
        "서명된 문서가 다른 것을 말한다",
        "署名された文書が別のことを述べている",
    ),
    ("its signer has no pseudonym", "서명자에게 가명이 없다", "署名者に仮名がない"),
    (
        "the partner's log is not shown to have the admission: what the receipt promised is not proved",
        "상대국 기록부에 접수가 있음이 보이지 않는다. 수령증이 약속한 것이 증명되지 않았다",
        "相手側のログに受入れがあることが示されていない。受領証の約束が証明されていない",
    ),
    (
        "a second person has not signed: what it says is not done",
        "둘째 사람이 서명하지 않았다. 거기 적힌 일은 이루어지지 않았다",
        "二人目が署名していない。そこにあることは行われていない",
    ),
    (
        "both signatures are under one key",
        "두 서명이 한 열쇠로 되어 있다",
        "二つの署名が一つの鍵によるものである",
    ),
    (
        "both signatures are under one key: two names, and not two people",
        "두 서명이 한 열쇠로 되어 있다. 이름은 둘이나 사람은 둘이 아니다",
        "二つの署名が一つの鍵によるものである。名は二つだが二人ではない",
    ),
    (
        "the first signature, by another person over the same, is not here",
        "같은 것에 대한 다른 사람의 첫 서명이 여기에 없다",
        "同じものへの別の者の最初の署名がここにない",
    ),
    ("the notice brought another statement", "통보가 다른 문서를 가져왔다", "通報が別の文書をもたらした"),
    (
        "the notice that brought it is not here",
        "그것을 가져온 통보가 여기에 없다",
        "それをもたらした通報がここにない",
    ),
    (
        "act {} is not about this item",
        "행위 {0}은(는) 이 자료에 관한 것이 아니다",
        "行為{0}はこの資料に関するものではない",
    ),
    (
        "act {} speaks of it, and it is not here",
        "행위 {0}이(가) 그것을 말하는데 여기에 없다",
        "行為{0}がそれを述べるが、ここにない",
    ),
    (
        "no act of this item speaks of this {}",
        "이 자료의 행위 가운데 이것({0})을 말하는 것이 없다",
        "この資料の行為でこれ（{0}）を述べるものがない",
    ),
    (
        "the act that begins the item's life here is missing, or there are several",
        "여기서 자료의 이력을 시작하는 행위가 없거나 여럿이다",
        "ここで資料の経歴を始める行為がないか、複数ある",
    ),
    ("its leaf or its proof has another length", "잎이나 증명의 길이가 다르다", "葉または証明の長さが異なる"),
    (
        "it was {}, and by the rule pack of its day it is {}",
        "판정은 {0}이었는데, 그날의 규칙집으로는 {1}이다",
        "裁定は{0}だったが、当日の規則パックでは{1}である",
    ),
    (
        "it cites {}, and by the rule pack of its day the reasons are {}",
        "근거로 {0}을(를) 들었는데, 그날의 규칙집으로는 {1}이다",
        "根拠に{0}を挙げたが、当日の規則パックでは{1}である",
    ),
    (
        "its leaf shows another outcome or article than the ruling says",
        "잎이 판정과 다른 결과나 조항을 보인다",
        "葉が裁定と別の結果または条項を示している",
    ),
    ("its entry is no ruling", "그 기록은 판정이 아니다", "その記録は裁定ではない"),
    (
        "a question beside an act that is no ruling",
        "판정이 아닌 행위에 질문이 붙어 있다",
        "裁定でない行為に問いが付いている",
    ),
    (
        "the question is not the one that was ruled on",
        "질문이 판정된 것이 아니다",
        "問いが裁定されたものではない",
    ),
    (
        "the question that it answers is not here: the journal no longer gives it",
        "그것이 답한 질문이 여기에 없다. 원장이 더는 내어 주지 않는다",
        "それが答えた問いがここにない。台帳がもう出さない",
    ),
    (
        "of all rulings this one is not handed out, or did not open",
        "판정 가운데 이것은 제출되지 않았거나 열리지 않았다",
        "裁定のうちこれは提出されていないか、開かなかった",
    ),
    (
        "the rule pack of that day, {}, is not here or not as it was",
        "그날의 규칙집 {0}이(가) 여기에 없거나 그때와 다르다",
        "当日の規則パック{0}がここにないか、当時と異なる",
    ),
    (
        "the digest of the pack is not its name: a file of it was altered",
        "규칙집의 다이제스트가 그 이름과 다르다. 파일이 바뀌었다",
        "規則パックのダイジェストがその名と異なる。ファイルが変えられた",
    ),
    ("this build cannot read it: {}", "이 판으로는 읽을 수 없다: {0}", "この版では読めない：{0}"),
    (
        "it speaks of another tree than the checkpoint's",
        "체크포인트와 다른 나무를 말한다",
        "チェックポイントと別の木を述べている",
    ),
    (
        "the report is on {} to {}, the mandate on {} to {}",
        "보고서는 {0}부터 {1}까지, 위임은 {2}부터 {3}까지이다",
        "報告書は{0}から{1}まで、委任は{2}から{3}までである",
    ),
    (
        "field {} ({}) is opened, and the mandate does not name it",
        "필드 {0}({1})이(가) 공개되었는데 위임에 없다",
        "フィールド{0}（{1}）が開示されたが、委任にない",
    ),
    (
        "field {} is named by the mandate and not opened",
        "필드 {0}이(가) 위임에 있는데 공개되지 않았다",
        "フィールド{0}は委任にあるが開示されていない",
    ),
    (
        "the fields that are opened do not stand in order",
        "공개된 필드가 순서대로 있지 않다",
        "開示されたフィールドが順に並んでいない",
    ),
    ("not the figures that the node signed", "노드가 서명한 집계가 아니다", "ノードが署名した集計ではない"),
    (
        "what the figures are about is not what the report, its mandate and its leaves say",
        "집계의 표제가 보고서와 위임과 잎이 말하는 것과 다르다",
        "集計の表題が報告書、委任、葉の述べるものと異なる",
    ),
    (
        "tables {}, where these fields give {}",
        "표가 {0}인데 이 필드로는 {1}이다",
        "表が{0}だが、これらのフィールドでは{1}である",
    ),
    (
        "{}: a total of {} is stated, {} is counted",
        "{0}: 합계 {1}이라고 하는데 세면 {2}이다",
        "{0}：合計{1}とされるが、数えると{2}である",
    ),
    (
        "{}: {}: {} is stated, {} is counted",
        "{0}: {1}: {2}이라고 하는데 세면 {3}이다",
        "{0}：{1}：{2}とされるが、数えると{3}である",
    ),
    (
        "the number is not the one that the pack agrees",
        "수가 규칙집이 합의한 것이 아니다",
        "数が規則パックの合意したものではない",
    ),
    (
        "whether {} is the number agreed: pack {} is not built in",
        "{0}이(가) 합의된 수인지 알 수 없다. 규칙집 {1}이(가) 내장되어 있지 않다",
        "{0}が合意された数か分からない。規則パック{1}が内蔵されていない",
    ),
    (
        "it is of another report, or of other figures",
        "다른 보고서나 다른 집계의 것이다",
        "別の報告書または別の集計のものである",
    ),
    (
        "it is of other figures than those that are here",
        "여기 있는 것과 다른 집계의 것이다",
        "ここにあるものと別の集計のものである",
    ),
    (
        "it does not say what the figures say, or another build wrote it",
        "집계가 말하는 그대로가 아니거나 다른 판이 쓴 것이다",
        "集計の述べるとおりでないか、別の版が書いたものである",
    ),
    (
        "{} cosigned it, whom the mandate does not name",
        "위임에 이름이 없는 {0}이(가) 연서했다",
        "委任に名のない{0}が連署した",
    ),
    (
        "its key is that of another cosignature; one inspector cosigns once",
        "열쇠가 다른 연서의 것이다. 감사관은 한 번 연서한다",
        "鍵が別の連署のものである。監察官は一度連署する",
    ),
    (
        "the report tells the public nothing that could be cosigned",
        "보고서에 연서할 공개 집계가 없다",
        "報告書に連署すべき公開集計がない",
    ),
    ("what the inspector signed: {}", "감사관이 서명한 것: {0}", "監察官が署名したもの：{0}"),
    (
        "{} leaves can be opened by nobody any more, and are counted by no figure",
        "잎 {0}개는 더는 아무도 열 수 없어 어느 집계에도 들지 않는다",
        "葉{0}枚はもう誰も開けず、どの集計にも入らない",
    ),
    (
        "the tree ends with a leaf of {}; what came after, until {}, is in no figure",
        "나무는 {0}의 잎으로 끝난다. 그 뒤 {1}까지의 일은 어느 집계에도 없다",
        "木は{0}の葉で終わる。その後{1}までのことはどの集計にもない",
    ),
    (
        "no leaf that is here shows its day; what came until {} may be in no figure",
        "여기에 날짜를 보이는 잎이 없다. {0}까지의 일이 어느 집계에도 없을 수 있다",
        "ここに日付を示す葉がない。{0}までのことがどの集計にもない可能性がある",
    ),
    (
        "their tree ends before their days do",
        "그 기간이 끝나기 전에 나무가 끝난다",
        "その期間が終わる前に木が終わる",
    ),
    (
        "whether {} leaves beside these days are of other days cannot be opened any more",
        "이 기간 곁의 잎 {0}개가 다른 날의 것인지는 더는 열어 볼 수 없다",
        "この期間の隣の葉{0}枚が別の日のものかは、もう開いて見られない",
    ),
    ("the mandate opens no pair tags", "위임이 짝 표지를 공개하지 않는다", "委任が対の印を開示しない"),
    (
        "it was receipted, and its admission {} never recorded",
        "수령증이 있는데 {0}은(는) 그 접수를 기록하지 않았다",
        "受領証があるのに{0}はその受入れを記録していない",
    ),
    (
        "it arrived, and its dispatch {} never recorded",
        "도착했는데 {0}은(는) 그 발송을 기록하지 않았다",
        "到着したのに{0}はその発送を記録していない",
    ),
    (
        "it was sent, and its arrival {} has not among these leaves: on its way, of other days, or not recorded",
        "보냈으나 {0}의 이 잎들 가운데 도착이 없다. 가는 중이거나 다른 날의 것이거나 기록되지 않았다",
        "送られたが{0}のこれらの葉に到着がない。途中か、別の日か、記録されていない",
    ),
    (
        "it was receipted, and its admission {} has not among these leaves: on its way, of other days, or not recorded",
        "수령증이 있으나 {0}의 이 잎들 가운데 접수가 없다. 다른 날의 것이거나 기록되지 않았다",
        "受領証があるが{0}のこれらの葉に受入れがない。別の日か、記録されていない",
    ),
    (
        "it arrived, and its dispatch {} has not among these leaves: on its way, of other days, or not recorded",
        "도착했으나 {0}의 이 잎들 가운데 발송이 없다. 다른 날의 것이거나 기록되지 않았다",
        "到着したが{0}のこれらの葉に発送がない。別の日か、記録されていない",
    ),
    ("mandate: {}", "위임: {0}", "委任：{0}"),
];

/// Every sentence that is translated.
fn all() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    DETAILS.iter().chain(ENDS).chain(LIVES)
}

/// How deep a sentence may name another one.
const MAX_DEPTH: usize = 3;

/// The sentence in one language; as it is where nobody translated it.
pub(super) fn in_language(why: &str, language: Language) -> String {
    match language {
        Language::En => why.to_owned(),
        _ => translated(why, language, MAX_DEPTH).unwrap_or_else(|| why.to_owned()),
    }
}

fn translated(why: &str, language: Language, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    // A whole sentence before one with gaps, which might fit it too.
    let mut rows = all().filter(|(english, ..)| !english.contains(GAP));
    let whole = rows.find(|(english, ..)| *english == why).map(|row| (row, Vec::new()));
    let fitting = || all().find_map(|row| Some((row, gaps(row.0, why)?)));
    let ((_, ko, ja), gaps) = whole.or_else(fitting)?;
    let mut text = if language == Language::Ko { *ko } else { *ja }.to_owned();
    for (number, gap) in gaps.iter().enumerate() {
        let gap = translated(gap, language, depth).unwrap_or_else(|| (*gap).to_owned());
        text = text.replace(&format!("{{{number}}}"), &gap);
    }
    Some(text)
}

const GAP: &str = "{}";

/// What stands in the gaps of a sentence, where it is this one.
fn gaps<'w>(english: &str, why: &'w str) -> Option<Vec<&'w str>> {
    let mut pieces = english.split(GAP);
    let mut rest = why.strip_prefix(pieces.next()?)?;
    let mut gaps = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        // The last piece ends the sentence.
        let at = if pieces.peek().is_none() { rest.strip_suffix(piece)?.len() } else { rest.find(piece)? };
        gaps.push(rest.get(..at)?);
        rest = rest.get(at + piece.len()..)?;
    }
    (rest.is_empty() && !gaps.is_empty()).then_some(gaps)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn each_translation_names_what_its_sentence_names() {
        for (english, ko, ja) in all() {
            for number in 0..english.matches(GAP).count() {
                let gap = format!("{{{number}}}");
                assert!(ko.contains(&gap) && ja.contains(&gap), "{gap} of {english}");
            }
            assert!(!ko.contains(GAP) && !ja.contains(GAP), "{english}");
        }
    }

    #[test]
    fn no_sentence_is_translated_that_no_check_says() {
        let mut source = String::new();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match entry.is_dir() {
                    true => folders.push(entry),
                    false
                        if ["details.rs", "ends.rs", "lives.rs"].iter().any(|told| entry.ends_with(told)) => {
                    }
                    false => source.push_str(&fs::read_to_string(entry).unwrap()),
                }
            }
        }
        // A sentence may go over the end of a line.
        let source = source.replace("\\\n", "").split_whitespace().collect::<Vec<_>>().join(" ");
        for (english, ..) in all() {
            let longest = english.split(GAP).max_by_key(|piece| piece.len()).unwrap().trim();
            // Two of the sentences on pairs are put together from halves.
            let halves = longest.split(", and its ").next().unwrap();
            assert!(source.contains(longest) || source.contains(halves), "{english}");
        }
    }

    #[test]
    fn a_sentence_in_a_sentence_is_translated_too() {
        let why = "what the inspector signed: its digest is not its name";
        assert_eq!(in_language(why, Language::Ja), "監察官が署名したもの：ダイジェストがその名と異なる");
        assert_eq!(in_language(why, Language::En), why);
        let unknown = "something else altogether";
        assert_eq!(in_language(unknown, Language::Ko), unknown);
        let counted = "acts: ruled: 4 is stated, 5 is counted";
        assert_eq!(in_language(counted, Language::Ko), "acts: ruled: 4이라고 하는데 세면 5이다");
    }

    #[test]
    fn what_a_log_lost_is_told_in_three_languages_by_whatever_shows_how_far() {
        use crate::cards::samples;
        use attache_seal::papers::{LogSuccession, SeenLog};

        let tokyo = samples::succession(1, (4, 9));
        let other = SeenLog { by: "washington.usa".parse().unwrap(), ..tokyo.seen[0].clone() };
        let seen = [&tokyo.seen[..], &[SeenLog { size: 7, ..other }]].concat();
        let [one, two] = ["tokyo.jpn up to 9", "tokyo.jpn up to 9, washington.usa up to 7"];
        for (seen, promised, last, [en, ko, ja]) in [
            (
                tokyo.seen.clone(),
                None,
                8,
                [format!("cosigned by {one}"), format!("부서한 증인 {one}"), format!("連署した証人は{one}")],
            ),
            (
                Vec::new(),
                Some(12),
                11,
                [
                    "named up to 12 by what the node had signed".to_owned(),
                    "노드 자신이 서명한 것은 12까지를 말한다".to_owned(),
                    "ノード自身の署名したものは12までを述べる".to_owned(),
                ],
            ),
            (
                seen,
                Some(12),
                11,
                [
                    format!("cosigned by {two}, named up to 12 by what the node had signed"),
                    format!("부서한 증인 {two}, 노드 자신이 서명한 것은 12까지를 말한다"),
                    format!("連署した証人は{two}、ノード自身の署名したものは12までを述べる"),
                ],
            ),
        ] {
            let said = LogSuccession { seen, promised, ..tokyo.clone() };
            let told = crate::successions::Succession { said, ..samples::later(4) }.told();
            let [from, to] = ["seoul.kor/log/1", "seoul.kor/log/2"];
            for (language, expected) in [
                (
                    Language::En,
                    format!(
                        "log {from} ended at size 4; entries 4 to {last} are lost, {en}; continued as {to} (disk)"
                    ),
                ),
                (
                    Language::Ko,
                    format!(
                        "기록부 {from}은(는) 크기 4에서 끝났다. 항목 4부터 {last}까지를 잃었다({ko}). {to}(으)로 이어졌다(disk)"
                    ),
                ),
                (
                    Language::Ja,
                    format!(
                        "ログ{from}は大きさ4で終わった。項目4から{last}が失われた（{ja}）。{to}として続いた（disk）"
                    ),
                ),
            ] {
                assert_eq!(in_language(&told, language), expected);
            }
        }
    }
}
