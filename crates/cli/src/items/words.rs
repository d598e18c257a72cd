//! What is said of items, in three languages.
//!
//! *Absent:* markings and banners, which the rule pack writes.

use crate::agreement::texts::Three;

/// While an opening is waited for: its originator may be asked by letter, which takes a while.
pub(super) const WAITING: Three = [
    "노드의 답을 기다린다. 생산국이 통제하는 자료이면 생산국에 묻고 있다",
    "ノードの回答を待っている。作成国が統制する資料なら作成国に照会中である",
    "waiting for the node; where its originator controls the item, it is being asked",
];

/// Said where a search gave as many as it may.
pub(crate) const MORE: Three = [
    "더 있으나 보이지 않았다. 말을 더 준다.",
    "ほかにもあるが示していない。語を増やすこと。",
    "There are more, which are not shown; name more words.",
];

pub(super) const NONE: Three = ["자료가 없다.", "資料はない。", "No items."];
pub(super) const NO_TITLE: Three = [
    "볼 수 있는 제목 가운데 이 말이 든 것이 없다.",
    "見ることのできる件名に、この語のあるものはない。",
    "No title that you may see has these words.",
];
pub(super) const MARKED: Three = ["표지를 붙였다.", "表示を付けた。", "Marked."];
pub(super) const NO_FILE: Three = ["{path}: 파일이 아니다", "{path}: ファイルではない", "{path}: not a file"];
pub(super) const ADDED: Three = [
    "{item}({size}바이트)을(를) 초안으로 추가했다.",
    "{item} ({size}バイト) を草案として追加した。",
    "Added {item} ({size} bytes), as a draft.",
];
pub(super) const BELOW: Three = [
    "분리선 아래: {item}({size}바이트). 이 부분만 제공할 수 있다.",
    "切取線より下: {item} ({size}バイト)。提供できるのはこの部分だけである。",
    "Below the tearline: {item} ({size} bytes); only this part may be released.",
];
pub(super) const NEXT: Three = [
    "다음: 쓸 부분마다 attache item mark",
    "次に: 使う部分ごとに attache item mark",
    "Next: attache item mark, for each part that is to be used.",
];
pub(super) const OPENED: Three = [
    "{bytes}바이트가 {path}에 있다. 판정 {ruling}에 따라 열었다.",
    "{bytes}バイトが {path} にある。裁定{ruling}により開いた。",
    "{bytes} bytes in {path}, opened by ruling {ruling}.",
];
pub(super) const NO_TEXT: Three = [
    "out: 텍스트가 아니다. --out FILE을 주거나 출력을 파일로 보낸다",
    "out: テキストではない。--out FILE を与えるか、出力をファイルへ送ること",
    "out: this is no text; give --out FILE or send the output to a file",
];
pub(super) const BROKE_OFF: Three = [
    "자료가 온전히 오지 않아 아무것도 남기지 않았다. 다시 연다",
    "資料が完全には届かず、何も残していない。もう一度開くこと",
    "the item did not come whole; nothing was kept. Open it again",
];
pub(super) const UNTITLED: Three = ["(제목은 보이지 않음)", "(件名は示されない)", "(title not shown)"];
pub(super) const STAGE: &[(&str, Three)] = &[
    ("draft", ["초안", "草案", "draft"]),
    ("marked", ["표지됨", "表示済み", "marked"]),
    ("admitted", ["접수됨", "受入済み", "admitted"]),
];
pub(crate) const ITEM: Three = ["자료", "資料", "item"];
pub(super) const DIGEST: Three = ["요약값", "要約値", "digest"];
pub(super) const EXTRACT_OF: Three = ["발췌한 원본", "抜粋の元", "extract of"];
pub(super) const CONTAINS: Three = ["포함한 정보의 제공국", "含む情報の提供国", "contains information of"];
