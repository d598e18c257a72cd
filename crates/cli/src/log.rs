//! `attache log`: how the logs stand, and what is done about one that showed two histories.
//!
//! *Absent:* trust. A proof of a fork is checked here by the log's keys, without the node.

use crate::context::{Context, read_bounded};
use crate::found::{EXIT_REFUSED, Failed, Found};
use attache_accord::NodeName;
use attache_gate::api;
use attache_node::grounds::MAX_SHOWN_BYTES;
use attache_release::Language;
use attache_seal::papers::Card;
use attache_seal::statement::Signed;
use attache_tlog::{Fork, ForkError, ForkProof, MAX_NOTE_BYTES, VerifierKey};
use clap::{Args, Subcommand};
use data_encoding::BASE64;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Longest file of a proof of a fork, in bytes: two notes and what stands around them.
const MAX_FORK_BYTES: u64 = 1024 * 1024;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show what is published, who cosigned how far, and which partners' logs are believed.
    #[command(after_help = "Example: attache log status --as registrar-1")]
    Status,
    /// Compare a checkpoint of a partner's log that you have from elsewhere with what was cosigned of that log here.
    #[command(
        after_help = "The file is a signed checkpoint, whoever handed it out: another witness, the partner's transparency page or log listener, \
                      or evidence (NODE/checkpoint, NODE/cosigned). Where it is of another history than the one cosigned here, that is recorded \
                      with a proof that anybody can check, and nothing more of that log is believed until the agreement office decides.\n\
                      Exit code 1: it is of another history.\n\nExample: attache log compare tokyo.jpn checkpoint --as registrar-1"
    )]
    Compare {
        /// The partner's node.
        node: NodeName,
        /// The checkpoint.
        file: PathBuf,
    },
    /// The proof that a partner's log showed two histories.
    #[command(subcommand)]
    Fork(ForkVerb),
    /// Believe a partner's log again, from whatever it shows next, or follow one that lost entries under its new origin. Needs the
    /// agreement office.
    #[command(
        after_help = "Example: attache log accept tokyo.jpn --basis \"note 17 of 3 December\" --as office-1"
    )]
    Accept {
        #[command(flatten)]
        decision: Decision,
        #[command(flatten)]
        compared: Compared,
    },
    /// Decide that a partner's log stays stopped, or is not followed under its new origin. Needs the agreement office.
    #[command(
        after_help = "Example: attache log refuse tokyo.jpn --basis \"no explanation by 10 December\" --as office-1"
    )]
    Refuse(Decision),
}

#[derive(Args)]
pub(crate) struct Decision {
    /// The partner's node.
    node: NodeName,
    /// What the decision rests on: a document of the partner.
    #[arg(long)]
    basis: String,
}

#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct Compared {
    /// Where the partner says that this node had cosigned more than it knows of: a checkpoint of the log that ended which bears a
    /// cosignature of this node, or of a witness outside that it knows, such as the file `cosigned` of older evidence.
    #[arg(long, value_name = "FILE")]
    cosigned: Option<PathBuf>,
    /// The same where nobody has such a checkpoint: the size and root that people know by another way, as in an older `attache log status`.
    #[arg(long, value_name = "SIZE:ROOT", value_parser = compared_log)]
    compared: Option<api::ComparedLog>,
}

fn compared_log(text: &str) -> Result<api::ComparedLog, String> {
    let parsed = text.split_once(':').and_then(|(size, root)| Some((size.parse().ok()?, root.to_owned())));
    let (size, root) = parsed.ok_or("a size and a root, such as 64:0f1e...")?;
    Ok(api::ComparedLog { size, root })
}

#[derive(Subcommand)]
pub(crate) enum ForkVerb {
    /// Save it to a file that can be handed on.
    #[command(after_help = "Example: attache log fork save tokyo.jpn --out tokyo.fork --as registrar-1")]
    Save {
        /// The partner's node.
        node: NodeName,
        /// The file.
        #[arg(long)]
        out: PathBuf,
    },
    /// Check such a file and say what it proves, without a node and without a network.
    #[command(after_help = "Example: attache log fork show tokyo.fork --card tokyo.card")]
    Show {
        /// The file.
        file: PathBuf,
        /// The card of the node whose log it is, which you have by another way.
        #[arg(long, required_unless_present = "keys_of_log")]
        card: Option<PathBuf>,
        /// A verifier key of the log, in place of the card; both of them.
        #[arg(long = "key", conflicts_with = "card", value_name = "VKEY")]
        keys_of_log: Vec<String>,
    },
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let words = Words::of(context.language);
    match verb {
        Verb::Status => {
            let logs: api::Logs = context.sign_in()?.get("/v1/logs")?;
            Found::of(words.status(&logs), &logs)
        }
        Verb::Compare { node, file } => compare(&node, &file, context),
        Verb::Accept { decision, compared } => {
            let cosigned =
                compared.cosigned.as_deref().map(|file| text_of(file, MAX_SHOWN_BYTES as u64)).transpose()?;
            decide(&decision, true, (cosigned, compared.compared), context)
        }
        Verb::Refuse(decision) => decide(&decision, false, (None, None), context),
        Verb::Fork(ForkVerb::Save { node, out }) => {
            let fork: api::ForkFile = context.sign_in()?.get(&format!("/v1/logs/{node}/fork"))?;
            std::fs::write(&out, &fork.file).map_err(|error| Failed::file(&out, &error))?;
            let keys = fork.log_keys.iter().map(|key| format!(" --key {key}")).collect::<String>();
            let text = format!("{}\n  attache log fork show {}{keys}", words.saved, out.display());
            Found::of(text, &json!({ "node": fork.node, "file": out, "log_keys": fork.log_keys }))
        }
        Verb::Fork(ForkVerb::Show { file, card, keys_of_log }) => {
            let keys = match card {
                Some(card) => keys_of(&card, context)?,
                None => keys_of_log,
            };
            show(&file, &keys, context)
        }
    }
}

fn text_of(path: &Path, most_bytes: u64) -> Result<String, Failed> {
    let text = String::from_utf8(read_bounded(path, most_bytes)?);
    text.map_err(|_| Failed::misuse(format!("{}: not UTF-8", path.display())))
}

fn decide(
    decision: &Decision,
    believe: bool,
    (cosigned, compared): (Option<String>, Option<api::ComparedLog>),
    context: &Context,
) -> Result<Found, Failed> {
    let body = api::LogDecision { believe, basis: decision.basis.clone(), cosigned, compared };
    let path = format!("/v1/logs/{}/decision", decision.node);
    let recorded: api::Recorded = context.sign_in()?.post(&path, &body)?;
    let words = Words::of(context.language);
    let said = if believe { words.believed_now } else { words.refused_now };
    Found::of(format!("{}: {said} ({} {})", decision.node, words.entry, recorded.index), &recorded)
}

fn compare(node: &NodeName, path: &Path, context: &Context) -> Result<Found, Failed> {
    let note = text_of(path, MAX_NOTE_BYTES as u64)?;
    let path = format!("/v1/logs/{node}/comparison");
    let compared: api::ComparedCheckpoint = context.sign_in()?.post(&path, &api::ShownCheckpoint { note })?;
    let words = Words::of(context.language);
    let (said, is_other) = match compared.outcome.as_str() {
        "same" => (words.same, false),
        "unseen" => (words.not_seen, false),
        "forked" => (words.forked, true),
        _ => (words.forked_before, true),
    };
    let text = said.replace("{node}", node.as_str()).replace("{size}", &compared.size.to_string());
    let found = Found::of(text, &compared)?;
    Ok(Found { code: if is_other { EXIT_REFUSED } else { found.code }, ..found })
}

/// The keys of a log, as a card's file names them.
pub(crate) fn keys_of(path: &Path, context: &Context) -> Result<Vec<String>, Failed> {
    let wrong = || Failed::misuse(format!("{}: not a card", path.display()));
    let bytes = BASE64.decode(context.read_text(path)?.as_bytes()).map_err(|_| wrong())?;
    let signed = Signed::from_bytes(&bytes).map_err(|_| wrong())?;
    Ok(signed.dangerously_unverified::<Card>().map_err(|_| wrong())?.body.log_vkeys)
}

fn show(path: &Path, keys: &[String], context: &Context) -> Result<Found, Failed> {
    let keys: Result<Vec<VerifierKey>, _> = keys.iter().map(|key| key.parse()).collect();
    let keys = keys.map_err(|error| Failed::misuse(format!("key: {error}")))?;
    let text = text_of(path, MAX_FORK_BYTES)?;
    let wrong = |error: &ForkError| Failed::misuse(format!("{}: {error}", path.display()));
    let proof: ForkProof = text.parse().map_err(|error| wrong(&error))?;
    let words = Words::of(context.language);
    let (fork, [kept, shown]) = match proof.judge(&keys) {
        Ok(judged) => judged,
        Err(ForkError::Consistent) => {
            let document = json!({ "fork": false, "proves": "one history" });
            return Ok(Found { text: words.consistent.to_owned(), json: document, code: EXIT_REFUSED });
        }
        Err(error) => return Err(wrong(&error)),
    };
    let (proves, said) = match &fork {
        Fork::TwoRoots { size } => ("two roots", words.two_roots.replace("{size}", &size.to_string())),
        Fork::NotShown { old, new } => {
            let said = words.not_shown.replace("{old}", &old.to_string()).replace("{new}", &new.to_string());
            ("not shown", said)
        }
    };
    let line = |checkpoint: &attache_tlog::Checkpoint| {
        format!("  {:>10}  {}", checkpoint.size, checkpoint.root.to_base64())
    };
    let text = format!("{}\n{}\n{}\n{said}", kept.origin, line(&kept), line(&shown));
    let side = |checkpoint: &attache_tlog::Checkpoint| json!({ "size": checkpoint.size, "root": checkpoint.root.to_base64() });
    let document = json!({
        "fork": true, "proves": proves, "origin": kept.origin.as_str(), "kept": side(&kept), "shown": side(&shown),
    });
    Found::of(text, &document)
}

/// The words around how the logs stand.
struct Words {
    published: &'static str,
    nothing: &'static str,
    ago: &'static str,
    cosigned: &'static str,
    never: &'static str,
    no_witness: &'static str,
    seen: &'static str,
    unseen: &'static str,
    entry: &'static str,
    stopped: &'static str,
    refused: &'static str,
    believed: &'static str,
    lost: &'static str,
    lost_unseen: &'static str,
    lost_open: &'static str,
    lost_accepted: &'static str,
    lost_refused: &'static str,
    lost_unknown: &'static str,
    believed_now: &'static str,
    refused_now: &'static str,
    saved: &'static str,
    two_roots: &'static str,
    not_shown: &'static str,
    consistent: &'static str,
    same: &'static str,
    not_seen: &'static str,
    forked: &'static str,
    forked_before: &'static str,
}

impl Words {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::Ko => &KO,
            Language::Ja => &JA,
            Language::En => &EN,
        }
    }

    fn status(&self, logs: &api::Logs) -> String {
        let published = match logs.published {
            0 => self.nothing.to_owned(),
            size => format!("{} {size}", self.published),
        };
        let age = logs.age_seconds.map(|seconds| self.ago.replace("{seconds}", &seconds.to_string()));
        let age = age.map(|age| format!(", {age}")).unwrap_or_default();
        let mut lines = vec![format!("{}  {published}{age}", logs.origin)];
        for partner in &logs.partners {
            let cosigned = match (partner.is_witness, partner.cosigned, &partner.cosigned_at) {
                (false, ..) => self.no_witness.to_owned(),
                (_, Some(size), Some(at)) => format!("{} {size}, {at}", self.cosigned),
                _ => self.never.to_owned(),
            };
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
            let cosigned = match (witness.cosigned, &witness.cosigned_at) {
                (Some(size), Some(at)) => format!("{} {size}, {at}", self.cosigned),
                _ => self.never.to_owned(),
            };
            lines.push(format!("  {:<14} {cosigned}", witness.name));
        }
        lines.join("\n")
    }
}

impl Words {
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
};

const KO: Words = Words {
    published: "공표된 항목 수",
    nothing: "아직 공표된 것이 없다",
    ago: "{seconds}초 전",
    cosigned: "우리 로그에 부서한 항목 수",
    never: "아직 우리 로그에 부서하지 않았다",
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
};

const JA: Words = Words {
    published: "公表済みの項目数",
    nothing: "まだ何も公表されていない",
    ago: "{seconds}秒前",
    cosigned: "当方のログに連署した項目数",
    never: "まだ当方のログに連署していない",
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
};
