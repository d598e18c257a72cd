//! What is said of reports and of their cosignatures, in three languages.
//!
//! *Absent:* figures and findings; `attache-release` and `attache-verify` say them.

use crate::agreement::texts::Three;

pub(super) const MADE: Three = [
    "보고서 파일 {files}개가 {folder}에 있다.",
    "報告書のファイル{files}件が {folder} にある。",
    "{files} files of a report are in {folder}.",
];
pub(super) const NEXT: Three = [
    "다음: attache report show {folder}, 그리고 아무 기계에서나 attache verify report {folder}",
    "次に: attache report show {folder}、そしてどの機械でもよい、attache verify report {folder}",
    "Next: attache report show {folder}, and attache verify report {folder} on any machine.",
];
pub(super) const NONE: Three = ["만들어진 보고서가 없다.", "作られた報告書はない。", "No report was made."];
pub(super) const LISTED: Three = [
    "{report}  {from}부터 {until}까지  {by}을(를) 위해 (항목 {index}). {public}",
    "{report}  {from}から{until}まで  {by} のため (項目{index})。{public}",
    "{report}  {from} to {until}  for {by} (entry {index}); {public}",
];
pub(super) const NO_FIGURES: Three = ["공개하는 것 없음", "公表するものなし", "nothing for the public"];
pub(super) const NOT_COSIGNED: Three =
    ["공개용 집계, 연서 없음", "公表用の集計、連署なし", "figures for the public, not cosigned"];
pub(super) const COSIGNED_BY: Three = [
    "공개용 집계, 연서: {cosigners}",
    "公表用の集計、連署: {cosigners}",
    "figures for the public, cosigned by {cosigners}",
];
pub(super) const NO_REPORT: Three = [
    "{folder}: 여기에는 {name}이(가) 든 보고서가 없다",
    "{folder}: ここには {name} のある報告書がない",
    "{folder}: no report with {name} is here",
];
pub(super) const NO_SHEET: Three = [
    "{path}: 보고서의 집계로 읽을 수 없다: {error}",
    "{path}: 報告書の集計として読めない: {error}",
    "{path}: cannot be read as a report's figures: {error}",
];

pub(super) const FAILED: Three = [
    "맞지 않으므로 아무것에도 서명하지 않았다.",
    "合わないため、何にも署名していない。",
    "It does not hold, so nothing was signed.",
];
pub(super) const COSIGNED: Three = [
    "{from}부터 {until}까지의 {node}의 모든 수를 다시 세었고 맞다. 이 폴더로 보이지 않는 것이 {told}건 있다(attache verify report \
     {folder}).\n{me}이(가) 공개용 집계 {public}에 연서했다.\n\n  {key}\n\n이것은 당신 키의 지문이다. 연서를 믿어야 할 사람에게 \
     소속 기관이 알려 준다.",
    "{from}から{until}までの {node} のすべての数を数え直し、合っている。このフォルダーで示されないものが{told}件ある (attache verify report \
     {folder})。\n{me} が公表用の集計 {public} に連署した。\n\n  {key}\n\nこれはあなたの鍵の指紋である。連署を信じるべき者に、\
     所属機関から伝えること。",
    "Every figure of {node} for {from} to {until} was counted again and holds; {told} things are not shown by this folder (attache verify \
     report {folder}).\nCosigned by {me}: the figures for the public {public}.\n\n  {key}\n\nThis is the fingerprint of your key. Let \
     your body tell it to whoever is to believe the cosignature.",
];
pub(super) const NOT_PUBLIC: Three = [
    "report: 공개하는 것이 없으므로 연서할 것도 없다",
    "report: 公表するものがないため、連署するものもない",
    "report: it tells the public nothing, so there is nothing to cosign",
];
pub(super) const NOT_COMPARED: Three = [
    "fingerprint: 어느 것도 이 폴더에 있는 {node} 카드의 지문이 아니다. 다른 경로로 그 노드와 대조한다",
    "fingerprint: どれもこのフォルダーにある {node} のカードの指紋ではない。別の経路でそのノードと照合すること",
    "fingerprint: none of them is that of {node}'s card in this folder; compare it with the node by another way",
];
pub(super) const NOT_MADE: Three = [
    "report: 이 노드가 만들지 않았거나, 당신의 이름이 없는 감독 위임에 따라 만들었다",
    "report: このノードが作ったものではないか、あなたを挙げていない監督委任によるものである",
    "report: this node did not make it, or under a mandate that does not name you",
];
pub(super) const OTHER_FIGURES: Three = [
    "public: 노드는 {named}을(를) 이 보고서의 집계라고 하나, 다시 센 것은 {public}이다. 아무것에도 서명하지 않았다",
    "public: ノードは {named} をこの報告書の集計とするが、数え直したものは {public} である。何にも署名していない",
    "public: the node names {named} as the figures of this report, and those counted again are {public}; nothing was signed",
];
pub(super) const OTHER_COSIGNATURE: Three = [
    "cosigned: 노드가 준 것은 {public}이(가) 아니라 {of}의 연서이다. 쓰지 않았다",
    "cosigned: ノードが渡したのは {public} ではなく {of} の連署である。書き込んでいない",
    "cosigned: the node gave a cosignature of {of}, not of {public}; it was not written",
];
pub(super) const OTHER_KEY: Three = [
    "cosigned: 노드가 당신의 이름으로 된, 다른 키의 연서를 주었다",
    "cosigned: ノードが、あなたの名による別の鍵の連署を渡した",
    "cosigned: the node gave a cosignature in your name under another key",
];
pub(super) const NOT_OVER: Three = [
    "period: {ko}. 아무것에도 서명하지 않았다. 로그에서 끝난 날까지의 보고서를 만든다. 더 이른 날까지로 하거나, 더 늦은 날의 잎이 부서된 뒤에 만든다",
    "period: {ja}。何にも署名していない。ログの上で終わった日までの報告書を作ること。より早い日までとするか、より遅い日の葉が連署された後に作る",
    "period: {en}; nothing was signed. Make a report of days that are over in the log: until an earlier day, or once a leaf of a \
     later day is cosigned",
];
