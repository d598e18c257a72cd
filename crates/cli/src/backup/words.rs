//! What is said of backups and of a log that was brought back, in three languages.
//!
//! *Absent:* why something cannot be done, which is said in one.

use crate::agreement::texts::Three;

pub(super) const TAKEN: Three = ["백업을 만들었다.", "バックアップを作成した。", "The backup is taken."];
pub(super) const WHOLE: Three = ["백업은 온전하다.", "バックアップは完全である。", "The backup is whole."];
pub(super) const RESTORED: Three = [
    "노드를 되살렸고, 그 전부가 온전하다.",
    "ノードを復元し、そのすべてが完全である。",
    "The node is brought back, and all of it is whole.",
];
pub(super) const PAST: Three = [
    "키 부분의 기한이 지났다. 파기한다.",
    "鍵の部分は期限を過ぎている。破棄すること。",
    "Its keys part is past its last day: destroy it.",
];
pub(super) const NEXT: Three = [
    "다음: attache serve --home {home}",
    "次に: attache serve --home {home}",
    "Next: attache serve --home {home}",
];

/// A backup as a list.
pub(super) const SHOWN: Three = [
    "  폴더        {folder}\n  노드        {node} ({party}), 망 {network}, 협정 {agreement}\n  만든 시각   {at}\n  \
     로그        {origin}: 항목 {size}개, 루트 {root}\n  자료        저장소에 {items}건, {bytes}바이트\n  키 부분     솔트 \
     {salts}개, 문서 {papers}건. {keys_until} 뒤에는 파기한다",
    "  フォルダー  {folder}\n  ノード      {node} ({party})、ネットワーク {network}、協定 {agreement}\n  作成時刻    {at}\n  \
     ログ        {origin}: 項目{size}件、ルート {root}\n  資料        保管庫に{items}件、{bytes}バイト\n  鍵の部分    ソルト\
     {salts}件、文書{papers}件。{keys_until} より後は破棄すること",
    "  folder      {folder}\n  node        {node} ({party}), network {network}, agreement {agreement}\n  taken       {at}\n  \
     log         {origin}: {size} entries, root {root}\n  items       {items} in the vault, {bytes} bytes\n  keys part   \
     {salts} salts, {papers} papers; to be destroyed after {keys_until}",
];

pub(super) const GOES_ON: Three = [
    "본 것 가운데 잃은 것이 없다. 로그는 항목 {size}개 뒤로 이어진다.",
    "見られたもののうち失われたものはない。ログは項目{size}件の後に続く。",
    "Nothing that was seen is lost: the log goes on behind entry {size}.",
];
pub(super) const MORE_SEEN: Three = [
    "본 것이 그것뿐이 아니다. 상대측이나 증인이 이 백업에 없는 항목 {from}부터 {last}까지를 보았다고 이 노드에 직접 말했다. 더 새로운 백업을 되살린다.",
    "見られたのはそれだけではない。相手側または証人が、このバックアップにない項目{from}から{last}までを見たと自らこのノードに告げた。より新しいバックアップを復元すること。",
    "That is not all that was seen: a partner or a witness has itself said to this node that it has seen more than is in this backup, \
     entries {from} to {last}. Bring back a newer backup.",
];
pub(super) const OTHER_SEEN: Three = [
    "본 것이 그것뿐이 아니다. 상대측이나 증인이 이 로그의 다른 이력을 보았다고 이 노드에 직접 말했다. 더 새로운 백업을 되살린다.",
    "見られたのはそれだけではない。相手側または証人が、このログの別の履歴を見たと自らこのノードに告げた。より新しいバックアップを復元すること。",
    "That is not all that was seen: a partner or a witness has itself said to this node that it has seen another history of this log. \
     Bring back a newer backup.",
];
pub(super) const LOST: Three = [
    "항목 {from}부터 {last}까지는 누군가 보았으나 이 백업에 없다. 더 새로운 백업을 되살리거나, 로그를 새 이름으로 이어 간다(attache backup succeed).",
    "項目{from}から{last}までは見られたが、このバックアップにない。より新しいバックアップを復元するか、ログを新しい名で続けること (attache backup succeed)。",
    "Entries {from} to {last} were seen and are not in this backup; bring back a newer one, or let the log go on under a new origin \
     (attache backup succeed).",
];
pub(super) const PROMISED: Three = [
    "항목 {from}부터 {last}까지를 잃었다. 부서한 곳은 알려지지 않았으나, 이 노드가 스스로 서명한 것(수령증 등)이 이를 가리킨다. 더 새로운 백업을 되살리거나, 모두 답한 뒤에 로그를 새 이름으로 이어 간다(attache backup succeed). 답하지 않은 곳은 그 명령에서 --seen으로 댄다.",
    "項目{from}から{last}までが失われた。連署した者は知られていないが、このノード自らが署名したもの (受領証など) がそれを指している。より新しいバックアップを復元するか、すべての答えを得てからログを新しい名で続けること (attache backup succeed)。答えていない者はそのコマンドで --seen により挙げる。",
    "Entries {from} to {last} are lost. Nobody is known to have cosigned them, but this node had itself signed what names them, such as a \
     receipt; bring back a newer backup, or once all have answered let the log go on under a new origin (attache backup succeed), where whoever \
     has not answered is named by --seen.",
];
pub(super) const OTHER: Three = [
    "본 것은 이 로그의 다른 이력이다. 백업을 누가 가지고 있었는지 확인한다.",
    "見られたのはこのログの別の履歴である。誰がバックアップを持っていたかを確かめること。",
    "What was seen is another history of this log; ask who had the backup.",
];

pub(super) const NOTHING_AWAITED: Three = [
    "기다리는 것이 없다. 백업에서 되살린 노드가 아니거나, 모두 정리되었다.",
    "待っているものはない。バックアップから復元したノードではないか、すべて済んでいる。",
    "Nothing is awaited: the node was not brought back from a backup, or all is settled.",
];
pub(super) const AWAITS: Three = [
    "이 노드는 백업에서 되살렸으며, 아래의 것을 받기 전에는 아무것도 기록하거나 제공하지 않는다.",
    "このノードはバックアップから復元されたもので、以下を得るまでは何も記録せず、何も提供しない。",
    "This node was brought back from a backup. It records and serves nothing before it has this:",
];
pub(super) const AWAITS_SEEN: Three = [
    "  로그에서 본 것의 답                    {names}",
    "  ログについて見たものの答え             {names}",
    "  what partners have seen of its log          {names}",
];
pub(super) const AWAITS_WITNESSES: Three = [
    "  같은 것, 상대측이 아닌 증인에게서      {names}",
    "  同じく、相手側でない証人から           {names}",
    "  the same of witnesses that are no partners  {names}",
];
pub(super) const AWAITS_WORDS: Three = [
    "  백업 뒤 우리 쪽 사람들이 서명한 것     {names}",
    "  バックアップ後に自らの者が署名したもの {names}",
    "  what its own people had signed since        {names}",
];
pub(super) const OLDER: Three = [
    "  {names}의 노드는 옛 판이어서 물을 수 없다. 그쪽 사람들이 파일로 쓴다(attache backup words).",
    "  {names} のノードは旧版で尋ねることができない。先方の者がファイルに書く (attache backup words)。",
    "  {names} cannot be asked, since it runs an older build: have its people write a file (attache backup words).",
];
pub(super) const NOT_ASKED: Three = [
    "  아직 묻지 않았다. 다음: attache serve --home {home}",
    "  まだ尋ねていない。次に: attache serve --home {home}",
    "  nobody was asked yet. Next: attache serve --home {home}",
];

pub(super) const GOES_ON_AS: Three =
    ["로그는 {origin} 이름으로 이어진다.", "ログは {origin} として続く。", "The log goes on as {origin}."];
pub(super) const UNEXPLAINED: Three = [
    "상대측이나 증인이 이 로그의 다른 이력을 보았으며, 잃은 것으로는 설명되지 않는다. 백업을 누가 가지고 있었는지 확인한다.",
    "相手側または証人がこのログの別の履歴を見ており、喪失では説明がつかない。誰がバックアップを持っていたかを確かめること。",
    "A partner or a witness has seen another history of this log, and no loss explains that; ask who had the backup.",
];
pub(super) const UNANSWERED: Three = [
    "이 로그에서 무엇을 보았는지 아직 답하지 않았고, 남은 것보다 많이 부서했을 수 있다: {names}. 모두 답할 때까지 노드를 띄워 두거나(attache serve --home {home}), 그쪽 사람들에게 \
     마지막으로 부서한 크기와 루트를 물어 --seen으로 댄다. 남은 것보다 적어도 댄다.",
    "このログについて何を見たかをまだ答えておらず、残るものより多く連署している可能性がある: {names}。すべてが答えるまでノードを動かすか (attache serve --home {home})、\
     先方の者に最後に連署した大きさとルートを尋ねて --seen で挙げること。残るものより少なくても挙げる。",
    "What was seen of this log has not been answered yet, and more than is left may have been cosigned, by {names}. Start the node until all \
     have answered (attache serve --home {home}), or ask their people for the size and root that each cosigned last and name them by --seen, also \
     where that is less than is left.",
];
pub(super) const SUCCEEDED: Three = [
    "로그는 {origin} 이름으로 이어진다. {previous}의 항목 {from}부터 {last}까지를 잃었다. 남은 {size}개는 제자리에 그대로 있다.\n\n다음: attache \
     serve --home {home}. 노드가 서명된 진술을 각 상대측에 전한다. 그 협정 담당 부서가 결정할 때까지(attache log accept) 그곳에서는 이 로그의 \
     어느 것도 받아들이지 않는다.",
    "ログは {origin} として続く。{previous} の項目{from}から{last}までが失われた。残る{size}件は元の位置にある。\n\n次に: attache \
     serve --home {home}。ノードが署名された陳述を各相手側に届ける。その協定担当部署が決定するまで (attache log accept)、そこではこのログの\
     何も受け入れられない。",
    "The log goes on as {origin}. Entries {from} to {last} of {previous} are lost; {size} of it are left and stay where they are.\n\nNext: \
     attache serve --home {home}. The node brings each partner the signed statement; until its agreement office decides (attache log \
     accept), nothing of this log is accepted there.",
];
pub(super) const WITNESSES: Three = [
    "상대측이 아닌 증인은 이 로그를 새 이름으로는 알지 못한다. 각 증인({names})의 운영자가 자신의 폴더에서 실행한다:",
    "相手側でない証人は、このログを新しい名では知らない。各証人 ({names}) の運用者が自らのフォルダーで実行する:",
    "Witnesses that are no partners do not know the log under its new name. At each of them ({names}), whoever runs it does this in its folder:",
];

pub(super) const WORDS: Three = [
    "{node}의 사람들이 이 노드에 서명해 보낸 것 {count}건을 {file}에 썼다. 되살린 노드의 운영자가 노드를 내린 채 실행한다: attache backup hear {file}",
    "{node} の者がこのノードあてに署名したもの{count}件を {file} に書いた。復元したノードの運用者がノードを止めたまま実行する: attache backup hear {file}",
    "{count} words that the people of {node} had signed for this node are in {file}. Whoever runs the node that was brought back types, with \
     it down: attache backup hear {file}",
];
pub(super) const HEARD: Three = [
    "{count}건을 다음 기동에서, 다른 무엇보다 먼저 기록한다. 다음: attache serve --home {home}",
    "{count}件を次の起動で、他の何よりも先に記録する。次に: attache serve --home {home}",
    "{count} words are taken up at the next start, before anything else is. Next: attache serve --home {home}",
];
