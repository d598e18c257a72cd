//! The words around the logs, in three languages.

use attache_gate::api;
use attache_release::Language;

/// The words around how the logs stand.
pub(super) struct Words {
    pub(super) published: &'static str,
    pub(super) nothing: &'static str,
    pub(super) ago: &'static str,
    pub(super) cosigned: &'static str,
    pub(super) never: &'static str,
    pub(super) overdue: &'static str,
    pub(super) no_witness: &'static str,
    pub(super) seen: &'static str,
    pub(super) unseen: &'static str,
    pub(super) entry: &'static str,
    pub(super) stopped: &'static str,
    pub(super) refused: &'static str,
    pub(super) believed: &'static str,
    pub(super) lost: &'static str,
    pub(super) lost_unseen: &'static str,
    pub(super) lost_open: &'static str,
    pub(super) lost_accepted: &'static str,
    pub(super) lost_refused: &'static str,
    pub(super) lost_unknown: &'static str,
    pub(super) believed_now: &'static str,
    pub(super) refused_now: &'static str,
    pub(super) saved: &'static str,
    pub(super) two_roots: &'static str,
    pub(super) not_shown: &'static str,
    pub(super) consistent: &'static str,
    pub(super) same: &'static str,
    pub(super) not_seen: &'static str,
    pub(super) forked: &'static str,
    pub(super) forked_before: &'static str,
    pub(super) proved: &'static str,
    pub(super) proved_before: &'static str,
    pub(super) proved_believed: &'static str,
    pub(super) proved_own: &'static str,
    pub(super) own_forked: &'static str,
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Ko => &KO,
            Language::Ja => &JA,
            Language::En => &EN,
        }
    }

    pub(super) fn status(&self, logs: &api::Logs) -> String {
        let published = match logs.published {
            0 => self.nothing.to_owned(),
            size => format!("{} {size}", self.published),
        };
        let age = logs.age_seconds.map(|seconds| self.ago.replace("{seconds}", &seconds.to_string()));
        let age = age.map(|age| format!(", {age}")).unwrap_or_default();
        let mut lines = vec![format!("{}  {published}{age}", logs.origin)];
        for partner in &logs.partners {
            let cosigned = match partner.is_witness {
                false => self.no_witness.to_owned(),
                true => self.cosigned(partner.cosigned, partner.cosigned_at.as_deref()),
            };
            let cosigned = cosigned + &self.missing(partner.uncosigned_since.as_deref(), partner.is_overdue);
            lines.push(format!("  {:<14} {cosigned}", partner.node));
            let root = partner.seen_root.as_ref().map(|root| format!(" ({root})")).unwrap_or_default();
            let seen = partner
                .seen
                .map_or_else(|| self.unseen.to_owned(), |size| format!("{} {size}{root}", self.seen));
            let state = match partner.state.as_str() {
                "stopped" => format!(". {}", self.stopped),
                "refused" => format!(". {}", self.refused),
                "believed" => format!(". {}", self.believed),
                _ => String::new(),
            };
            lines.push(format!("  {:<14} {}: {seen}{state}", "", partner.origin));
            if let Some(succession) = &partner.succession {
                lines.push(format!("  {:<14} {}", "", self.succession(succession)));
            }
        }
        for witness in &logs.witnesses {
            let cosigned = self.cosigned(witness.cosigned, witness.cosigned_at.as_deref());
            let missing = self.missing(witness.uncosigned_since.as_deref(), witness.is_overdue);
            lines.push(format!("  {:<14} {cosigned}{missing}", witness.name));
        }
        lines.extend(logs.proof.as_ref().map(|_| format!("  {}", self.own_forked)));
        lines.join("\n")
    }
}

impl Words {
    fn cosigned(&self, size: Option<u64>, at: Option<&str>) -> String {
        match (size, at) {
            (Some(size), Some(at)) => format!("{} {size}, {at}", self.cosigned),
            _ => self.never.to_owned(),
        }
    }

    /// Of a witness that is merely behind nothing is said: it is, from each beat until it answers.
    fn missing(&self, since: Option<&str>, is_overdue: bool) -> String {
        let since = since.filter(|_| is_overdue);
        since.map(|since| format!(". {}", self.overdue.replace("{since}", since))).unwrap_or_default()
    }

    fn succession(&self, succession: &api::LogSuccession) -> String {
        let said = match succession.state.as_str() {
            "open" => self.lost_open,
            "accepted" => self.lost_accepted,
            _ => self.lost_refused,
        };
        let last = succession.cosigned.saturating_sub(1).to_string();
        let lost = match succession.cosigned > succession.kept {
            true => self.lost.replace("{from}", &succession.kept.to_string()).replace("{last}", &last),
            false => self.lost_unseen.replace("{from}", &succession.kept.to_string()),
        };
        let said = said.replace("{lost}", &lost).replace("{origin}", &succession.origin);
        let unknown = succession.unknown.as_ref().map_or_else(String::new, |unknown| {
            let place = |text: &str| text.replace("{size}", &unknown.size.to_string());
            format!(". {}", place(self.lost_unknown).replace("{root}", &unknown.root))
        });
        format!("{said} ({}){unknown}", succession.reason)
    }
}

const EN: Words = Words {
    published: "published up to entry",
    nothing: "nothing published yet",
    ago: "{seconds} s ago",
    cosigned: "cosigned our log up to entry",
    never: "has not cosigned our log yet",
    overdue: "OVERDUE: what was recorded since {since} is not cosigned, for longer than the agreement allows",
    no_witness: "is no witness: its card names no key for that",
    seen: "cosigned here up to entry",
    unseen: "not seen here yet",
    entry: "entry",
    stopped: "It showed TWO HISTORIES and nothing of it is believed; see attache log fork, then decide",
    refused: "It showed two histories and is refused",
    believed: "It showed two histories once and is believed again",
    lost: "entries {from} to {last}, which were cosigned here,",
    lost_unseen: "entries from {from} on, none of them cosigned here,",
    lost_open: "It LOST {lost} and is to go on as {origin}; nothing of it is accepted until attache log accept or refuse",
    lost_accepted: "It lost {lost} and is followed as {origin}",
    lost_refused: "It lost {lost} and is not followed as {origin}",
    lost_unknown: "The partner says that {size} entries were cosigned here, with the root {root}: where this node was itself brought back from a \
        backup, compare that and say it by attache log accept --cosigned or --compared; else it is not so",
    believed_now: "its log is believed again: from whatever it shows next, or under its new origin",
    refused_now: "its log stays stopped",
    saved: "Saved. Whoever has the log's keys by another way can check it:",
    two_roots: "PROVED: the log signed two different trees of {size} entries.",
    not_shown: "Not proved beyond doubt: the log signed {old} and {new} entries and gave no proof that they are one history. It can refute \
        this with such a proof, and only so.",
    consistent: "No fork: the two checkpoints belong to one history.",
    same: "The same: {node}'s log of {size} entries was seen here with this root.",
    not_seen: "Not seen: no checkpoint of {node}'s log of {size} entries was seen here, so it can be neither confirmed nor contradicted. \
        Evidence of that log tells: attache verify FOLDER --checkpoint FILE",
    forked: "TWO HISTORIES: another root of {node}'s log of {size} entries was seen here. It is on record with its proof, and nothing more of \
        that log is believed.\nNext: attache log fork save {node} --out FILE, then attache log accept or refuse",
    forked_before: "TWO HISTORIES: another root of {node}'s log of {size} entries was seen here. A proof that it shows two was on record \
        before.\nNext: attache log fork save {node} --out FILE, then attache log accept or refuse",
    proved: "TWO HISTORIES, PROVED: {node}'s log signed two different trees of {size} entries. It is on record with this proof, and nothing more \
        of that log is believed.\nNext: attache log accept or refuse",
    proved_before: "TWO HISTORIES, PROVED: {node}'s log signed two different trees of {size} entries. A proof that it shows two was on record \
        before, and nothing of that log is believed.\nNext: attache log fork save {node} --out FILE, then attache log accept or refuse",
    proved_believed: "TWO HISTORIES, PROVED: {node}'s log signed two different trees of {size} entries. This proof was on record before, and the \
        agreement office decided to believe that log again; nothing is changed.",
    proved_own: "TWO HISTORIES OF THIS NODE'S OWN LOG, PROVED: the keys of {node} signed two different trees of {size} entries. It is on record with \
        the proof. Either the node went on from a copy of its folder, or somebody else has its keys.\nNext: tell the partners, whose nodes stop \
        this log when they are handed the proof (attache log fork save {node} --out FILE), and find out which of the two it is",
    own_forked: "THIS NODE'S OWN LOG signed two histories, as was proved here; see attache log fork save",
};

const KO: Words = Words {
    published: "공표된 항목 수",
    nothing: "아직 공표된 것이 없다",
    ago: "{seconds}초 전",
    cosigned: "우리 로그에 부서한 항목 수",
    never: "아직 우리 로그에 부서하지 않았다",
    overdue: "기한 초과: {since} 이후 기록한 것에 협정이 허용한 기간이 지나도록 부서하지 않았다",
    no_witness: "증인이 아니다: 카드에 그 키가 없다",
    seen: "여기서 부서한 항목 수",
    unseen: "아직 여기서 보지 못했다",
    entry: "항목",
    stopped: "두 가지 이력을 보였으므로 아무것도 믿지 않는다. attache log fork로 확인한 뒤 결정한다",
    refused: "두 가지 이력을 보여 거부되었다",
    believed: "한 번 두 가지 이력을 보였으나 다시 믿는다",
    lost: "여기서 부서한 항목 {from}부터 {last}까지",
    lost_unseen: "여기서 부서한 적이 없는 항목 {from} 이후",
    lost_open: "{lost} 잃었으며 {origin} 이름으로 이어 가려 한다. attache log accept 또는 refuse로 결정할 때까지 아무것도 받아들이지 않는다",
    lost_accepted: "{lost} 잃었으며 {origin} 이름으로 이어진다",
    lost_refused: "{lost} 잃었으며 {origin} 이름으로는 인정하지 않는다",
    lost_unknown: "상대는 여기서 항목 {size}개에 부서했고 루트가 {root}(이)라고 한다. 이 노드도 백업에서 되살렸다면 이를 대조하고 attache log \
        accept의 --cosigned 또는 --compared로 밝힌다. 그렇지 않다면 사실이 아니다",
    believed_now: "그 로그를 다시 믿는다. 다음에 보이는 것부터, 또는 새 이름으로",
    refused_now: "그 로그는 중지된 채로 둔다",
    saved: "저장했다. 로그의 키를 다른 경로로 가진 사람은 누구나 확인할 수 있다:",
    two_roots: "증명됨: 로그가 항목 {size}개의 서로 다른 두 트리에 서명했다.",
    not_shown: "완전히 증명되지는 않음: 로그가 {old}개와 {new}개에 서명했으나 하나의 이력이라는 증명을 주지 않았다. 그러한 증명으로만 \
        반박할 수 있다.",
    consistent: "분기가 아니다: 두 체크포인트는 하나의 이력에 속한다.",
    same: "같다: 항목 {size}개인 {node}의 로그를 여기서 이 루트로 보았다.",
    not_seen: "보지 못했다: 항목 {size}개인 {node}의 로그는 여기서 본 체크포인트가 없어 확인할 수도 부정할 수도 없다. 그 로그의 \
        증거로 알 수 있다: attache verify FOLDER --checkpoint FILE",
    forked: "두 가지 이력: 항목 {size}개인 {node}의 로그를 여기서는 다른 루트로 보았다. 증명과 함께 기록되었고 그 로그는 더 이상 믿지 \
        않는다.\n다음: attache log fork save {node} --out FILE, 이어서 attache log accept 또는 refuse",
    forked_before: "두 가지 이력: 항목 {size}개인 {node}의 로그를 여기서는 다른 루트로 보았다. 두 이력을 보인다는 증명은 이미 기록되어 \
        있었다.\n다음: attache log fork save {node} --out FILE, 이어서 attache log accept 또는 refuse",
    proved: "두 가지 이력, 증명됨: {node}의 로그가 항목 {size}개의 서로 다른 두 트리에 서명했다. 이 증명과 함께 기록되었고 그 로그는 더 이상 \
        믿지 않는다.\n다음: attache log accept 또는 refuse",
    proved_before: "두 가지 이력, 증명됨: {node}의 로그가 항목 {size}개의 서로 다른 두 트리에 서명했다. 두 이력을 보인다는 증명은 이미 기록되어 \
        있었고 그 로그는 믿지 않는다.\n다음: attache log fork save {node} --out FILE, 이어서 attache log accept 또는 refuse",
    proved_believed: "두 가지 이력, 증명됨: {node}의 로그가 항목 {size}개의 서로 다른 두 트리에 서명했다. 이 증명은 이미 기록되어 있었고 협정 담당이 그 로그를 다시 믿기로 결정했다. 바뀐 것은 없다.",
    proved_own: "이 노드 자신의 로그의 두 가지 이력, 증명됨: {node}의 키가 항목 {size}개의 서로 다른 두 트리에 서명했다. 증명과 함께 기록되었다. 노드가 \
        폴더의 사본에서 이어졌거나 다른 누군가가 키를 가지고 있다.\n다음: 상대에게 알린다. 상대 노드는 증명을 받으면 이 로그를 중지한다(attache log \
        fork save {node} --out FILE). 둘 중 어느 것인지 밝힌다",
    own_forked: "이 노드 자신의 로그가 두 가지 이력에 서명했음이 여기서 증명되었다. attache log fork save 참조",
};

const JA: Words = Words {
    published: "公表済みの項目数",
    nothing: "まだ何も公表されていない",
    ago: "{seconds}秒前",
    cosigned: "当方のログに連署した項目数",
    never: "まだ当方のログに連署していない",
    overdue: "期限超過: {since} 以降に記録したものに、協定が認める期間を過ぎても連署していない",
    no_witness: "証人ではない。カードにその鍵がない",
    seen: "こちらで連署した項目数",
    unseen: "まだこちらで見ていない",
    entry: "項目",
    stopped: "二つの履歴を示したため、何も信用しない。attache log fork で確かめてから決定する",
    refused: "二つの履歴を示し、拒否された",
    believed: "一度二つの履歴を示したが、再び信用する",
    lost: "こちらで連署した項目{from}から{last}まで",
    lost_unseen: "こちらで連署したことのない項目{from}以降",
    lost_open: "{lost}を失い、{origin} として続くという。attache log accept または refuse で決定するまで何も受け入れない",
    lost_accepted: "{lost}を失い、{origin} として続いている",
    lost_refused: "{lost}を失い、{origin} としては認めない",
    lost_unknown: "相手方は、こちらが項目{size}件に連署し、根が{root}であったという。このノードもバックアップから戻したのなら、それを照合し、attache log \
        accept の --cosigned または --compared で述べる。そうでなければ事実ではない",
    believed_now: "そのログを再び信用する。次に示すものから、または新しい名で",
    refused_now: "そのログは停止したままとする",
    saved: "保存した。ログの鍵を別の経路で持つ者は誰でも確かめられる:",
    two_roots: "証明された。ログは項目{size}件の異なる二つの木に署名した。",
    not_shown: "完全には証明されていない。ログは{old}件と{new}件に署名したが、一つの履歴であるという証明を示さなかった。反証できるのは\
        その証明だけである。",
    consistent: "分岐ではない。二つのチェックポイントは一つの履歴に属する。",
    same: "同じである。項目{size}件の{node}のログは、こちらでこのルートで見た。",
    not_seen: "見ていない。項目{size}件の{node}のログにはこちらで見たチェックポイントがなく、確認も否定もできない。そのログの証拠で\
        分かる: attache verify FOLDER --checkpoint FILE",
    forked: "二つの履歴がある。項目{size}件の{node}のログは、こちらでは別のルートで見た。証明とともに記録し、そのログは以後信用\
        しない。\n次: attache log fork save {node} --out FILE、続いて attache log accept または refuse",
    forked_before: "二つの履歴がある。項目{size}件の{node}のログは、こちらでは別のルートで見た。二つの履歴を示すという証明は、既に\
        記録されていた。\n次: attache log fork save {node} --out FILE、続いて attache log accept または refuse",
    proved: "二つの履歴、証明された。{node}のログは項目{size}件の異なる二つの木に署名した。この証明とともに記録し、そのログは以後信用\
        しない。\n次: attache log accept または refuse",
    proved_before: "二つの履歴、証明された。{node}のログは項目{size}件の異なる二つの木に署名した。二つの履歴を示すという証明は既に記録されて\
        おり、そのログは信用していない。\n次: attache log fork save {node} --out FILE、続いて attache log accept または refuse",
    proved_believed: "二つの履歴、証明された。{node}のログは項目{size}件の異なる二つの木に署名した。この証明は既に記録されており、協定担当は\
        そのログを再び信用すると決定した。何も変わらない。",
    proved_own: "このノード自身のログの二つの履歴、証明された。{node}の鍵が項目{size}件の異なる二つの木に署名した。証明とともに記録した。ノードが\
        フォルダーの写しから続いたか、他の誰かが鍵を持っている。\n次: 相手方に知らせる。相手方のノードは証明を渡されるとこのログを停止する（attache \
        log fork save {node} --out FILE）。どちらであるかを明らかにする",
    own_forked: "このノード自身のログが二つの履歴に署名したことが、ここで証明された。attache log fork save を参照",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_that_is_overdue_is_named_in_each_language_and_one_that_is_only_behind_is_not() {
        let witness = |name: &str, is_overdue| api::OutsideWitness {
            name: name.to_owned(),
            cosigned: Some(7),
            cosigned_at: Some("2026-01-01T00:00:00.000Z".to_owned()),
            uncosigned_since: Some("2026-01-02T00:00:00.000Z".to_owned()),
            is_overdue,
        };
        let logs = api::Logs {
            origin: "seoul.kor/attache/log".to_owned(),
            published: 9,
            published_at: None,
            age_seconds: None,
            partners: Vec::new(),
            proof: None,
            forked_at: None,
            witnesses: vec![witness("overseer.example", true), witness("other.example", false)],
        };
        for (language, said) in
            [(Language::Ko, "기한 초과"), (Language::Ja, "期限超過"), (Language::En, "OVERDUE")]
        {
            let status = Words::of(language).status(&logs);
            let overdue: Vec<&str> = status.lines().filter(|line| line.contains(said)).collect();
            let [line] = overdue[..] else { panic!("{status}") };
            assert!(line.contains("overseer.example") && line.contains("2026-01-02"), "{line}");
        }
    }
}
