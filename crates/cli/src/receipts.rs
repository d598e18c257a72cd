//! `attache receipt`: receipts, and the proofs that their leaves are in the log of whoever signed them.
//!
//! *Absent:* changes on the node; and whether a log holds to a checkpoint of its past, which evidence shows.

use crate::agreement::texts::{Three, filled, lines_or, of, word};
use crate::context::{Context, write_new};
use crate::found::{EXIT_FAULT, EXIT_MISUSE, EXIT_REFUSED, Failed, Found};
use crate::ids::whole_id;
use attache_accord::Digest;
use attache_gate::api;
use attache_node::succession::keys_under;
use attache_release::Language;
use attache_seal::papers::{Card, Outcome, Receipt};
use attache_seal::statement::{Expect, Signed};
use attache_tlog::{Checkpoint, Hash, Origin, ProofFile, VerifierKey};
use clap::Subcommand;
use data_encoding::BASE64;
use serde_json::json;
use std::path::{Path, PathBuf};

const SIGNED: Three = [
    "증명됨: {signer}은(는) 패키지 {package}을(를) 자기 로그의 항목 {index}(으)로 {outcome}했다고 서명했다.",
    "証明された。{signer}は、パッケージ{package}を自らのログの項目{index}として{outcome}したと署名した。",
    "Proved: {signer} signed that package {package} was {outcome} as entry {index} of its log.",
];
const ADMITTED: Three = ["접수", "受理", "admitted"];
const REFUSED: Three = ["거절", "拒否", "refused"];
const IN_LOG: Three = [
    "증명됨: 항목 {index}은(는) 로그 {origin}이(가) 서명한, 항목 {size}개의 체크포인트 아래에 있다. 그 증명이 보관되어 있다. 그 로그가 \
     하나의 이력임은 여기서 보이지 않는다. attache evidence와 attache verify가 보인다.",
    "証明された。項目{index}は、ログ{origin}が署名した、項目{size}件のチェックポイントの下にある。その証明は保管されている。そのログが一つの\
     履歴であることはここでは示されない。attache evidenceとattache verifyが示す。",
    "Proved: entry {index} is under a checkpoint of {size} entries that the log {origin} signed; the proof is kept.\n\
     Not shown here: that the log is one history; attache evidence and attache verify show it.",
];
const NOT_IN_LOG: Three = [
    "여기서 보이지 않음: 그 항목이 로그에 있다는 것. 여기에는 그 증명이 보관되어 있지 않다. attache evidence와 attache verify가 보인다.",
    "ここでは示されない。その項目がログにあること。その証明はここに保管されていない。attache evidenceとattache verifyが示す。",
    "Not shown here: that the entry is in the log, of which no proof is kept; attache evidence and attache verify show it.",
];
const NOT_PROVED: Three = ["증명되지 않음: ", "証明されていない。", "Not proved: "];
const SAVED: Three = [
    "로그 {origin}의 항목 {index}에 대한 증명을 {file}에 저장했다. 잎 해시와 로그의 키를 다른 경로로 가진 사람은 누구나 확인할 수 있다.",
    "ログ{origin}の項目{index}の証明を{file}に保存した。葉のハッシュとログの鍵を別の経路で持つ者は誰でも確かめられる。",
    "Saved the proof of entry {index} of {origin} in {file}. Whoever has its leaf hash and the keys of the log by another way can check it.",
];

const NONE: Three = ["아직 수령증이 없다.", "まだ受領証はない。", "No receipts yet."];
const DIRECTION: &[(&str, Three)] =
    &[("received", ["받음", "受領", "received"]), ("given", ["발급", "交付", "given"])];
const OUTCOME: &[(&str, Three)] = &[("admitted", ADMITTED), ("refused", REFUSED)];
const PROMISE: &[(&str, Three)] = &[
    ("waits", ["증명을 기다림", "証明待ち", "waits"]),
    ("broken", ["기한을 넘김", "期限超過", "broken"]),
    ("proved", ["증명됨", "証明済み", "proved"]),
    ("proved late", ["늦게 증명됨", "遅れて証明済み", "proved late"]),
    ("owed", ["증명해야 함", "証明義務あり", "owed"]),
];
const BY: Three = ["서명: {signer}", "署名: {signer}", "by {signer}"];
const SHOWN: Three = [
    "  패키지     {package}\n  접수       {origin}의 항목 {index}\n  잎 해시    {leaf}\n  증명 기한  {due}\n  약속       {promise}",
    "  パッケージ {package}\n  受入れ     {origin} の項目{index}\n  葉のハッシュ {leaf}\n  証明の期限 {due}\n  約束       {promise}",
    "  package    {package}\n  admission  entry {index} of {origin}\n  leaf hash  {leaf}\n  proof due  {due}\n  promise    {promise}",
];
const NO_CARD: Three = [
    "signer: 그날의 카드 가운데 여기서 아직 인정하는 것이 없다",
    "signer: その日のカードで、ここでなお認めているものはない",
    "signer: no card of that day is accepted here any more",
];
const OWN_RECEIPT: Three = [
    "dispatch: 그 수령증은 이 노드의 것이므로 증명은 상대측이 보관한다",
    "dispatch: その受領証はこのノードのものであり、証明は相手側が保管する",
    "dispatch: its receipt is of this node, so the partner keeps the proof",
];
const NO_PROOF: Three = [
    "dispatch: 그 수령증의 증명이 아직 보관되어 있지 않다. 약속의 상태는 attache receipt show로 본다",
    "dispatch: その受領証の証明はまだ保管されていない。約束の状態は attache receipt show で見る",
    "dispatch: no proof of its receipt is kept yet; attache receipt show says how the promise stands",
];
const NOT_BASE64: Three = ["증명이 base64가 아니다", "証明がbase64ではない", "the proof is not base64"];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List receipts, received and given.
    #[command(after_help = "Example: attache receipt list --as registrar-1")]
    List,
    /// Show the receipt for one dispatch.
    #[command(after_help = "Example: attache receipt show 90ab12 --as registrar-1")]
    Show {
        /// The dispatch, or at least 6 digits of it.
        dispatch: String,
    },
    /// Verify a receipt here, under the card of the node that signed it, and the proof that its entry is in the log, where one is kept.
    #[command(after_help = "Example: attache receipt verify 90ab12 --as registrar-1")]
    Verify {
        /// The dispatch, or at least 6 digits of it.
        dispatch: String,
    },
    /// Save the proof that the entry behind a received receipt is in its signer's log (C2SP tlog-proof).
    #[command(after_help = "Example: attache receipt proof 90ab12 --out 90ab12.tlog-proof --as registrar-1")]
    Proof {
        /// The dispatch, or at least 6 digits of it.
        dispatch: String,
        /// The file; it must not be there yet.
        #[arg(long)]
        out: PathBuf,
    },
}

pub(crate) fn run(verb: &Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let receipts: Vec<api::ReceiptFacts> = client.list("/v1/receipts")?;
    let one = |given: &str| -> Result<api::ReceiptFacts, Failed> {
        let id = whole_id("dispatch", given, receipts.iter().map(|receipt| receipt.dispatch.as_str()))?;
        client.get(&format!("/v1/receipts/{id}"))
    };
    match verb {
        Verb::List => {
            let lines: Vec<String> = receipts.iter().map(|it| line(it, context.language)).collect();
            Found::of(lines_or(&NONE, &lines, context.language), &receipts)
        }
        Verb::Show { dispatch } => {
            let receipt = one(dispatch)?;
            Found::of(shown(&receipt, context.language), &receipt)
        }
        Verb::Verify { dispatch } => {
            let receipt = one(dispatch)?;
            let gone = || Failed::in_three(EXIT_MISUSE, &NO_CARD, &[]);
            let card = receipt.card.clone().ok_or_else(gone)?;
            verify(&receipt, &card, context)
        }
        Verb::Proof { dispatch, out } => save(&one(dispatch)?, out, context),
    }
}

fn line(receipt: &api::ReceiptFacts, language: Language) -> String {
    let short: String = receipt.dispatch.chars().take(8).collect();
    let number = receipt.number.as_deref().unwrap_or("-");
    let direction = word(DIRECTION, &receipt.direction, language);
    let outcome = word(OUTCOME, &receipt.outcome, language);
    let by = filled(&BY, language, &[("signer", receipt.signer.clone())]);
    format!("{short}  {direction:<8} {number:<20} {outcome:<9} {by}")
}

fn shown(receipt: &api::ReceiptFacts, language: Language) -> String {
    let places = [
        ("package", receipt.package.clone()),
        ("index", receipt.leaf_index.to_string()),
        ("origin", receipt.log_origin.clone()),
        ("leaf", receipt.leaf_hash.clone()),
        ("due", receipt.proof_due.clone()),
        ("promise", word(PROMISE, &receipt.promise, language)),
    ];
    format!("{}\n{}", line(receipt, language), filled(&SHOWN, language, &places))
}

fn save(receipt: &api::ReceiptFacts, out: &Path, context: &Context) -> Result<Found, Failed> {
    let none = || {
        let said = if receipt.direction == "given" { &OWN_RECEIPT } else { &NO_PROOF };
        Failed::in_three(EXIT_MISUSE, said, &[])
    };
    let proof = receipt.proof.as_deref().ok_or_else(none)?;
    let bytes =
        BASE64.decode(proof.as_bytes()).map_err(|_| Failed::in_three(EXIT_FAULT, &NOT_BASE64, &[]))?;
    write_new(out, &bytes)?;
    let places = [
        ("index", receipt.leaf_index.to_string()),
        ("origin", receipt.log_origin.clone()),
        ("file", out.display().to_string()),
    ];
    let text = filled(&SAVED, context.language, &places);
    let document = json!({ "dispatch": receipt.dispatch, "file": out, "log_origin": receipt.log_origin,
        "leaf_index": receipt.leaf_index, "leaf_hash": receipt.leaf_hash });
    Found::of(text, &document)
}

fn verify(receipt: &api::ReceiptFacts, card: &str, context: &Context) -> Result<Found, Failed> {
    let checked = check(receipt, card);
    let in_log = checked.as_ref().ok().and_then(|(_, in_log)| in_log.as_ref());
    let document = json!({
        "dispatch": receipt.dispatch,
        "proved": checked.is_ok(),
        "signer": receipt.signer,
        "in_log": in_log.map(|seen| json!({ "origin": seen.origin.as_str(), "size": seen.size, "root": seen.root.to_string() })),
        "problem": checked.as_ref().err(),
    });
    let in_words = |three: &Three| of(three, context.language);
    let (stated, in_log) = match &checked {
        Ok(checked) => checked,
        Err(problem) => {
            let text = format!("{}{problem}", in_words(&NOT_PROVED));
            return Ok(Found { text, json: document, code: EXIT_REFUSED });
        }
    };
    let outcome = match stated.outcome {
        Outcome::Admitted => &ADMITTED,
        Outcome::Refused => &REFUSED,
    };
    let index = || ("index", stated.leaf_index.to_string());
    let places = [
        ("signer", receipt.signer.clone()),
        ("package", stated.package.to_string()),
        ("outcome", in_words(outcome).to_owned()),
        index(),
    ];
    let signed = filled(&SIGNED, context.language, &places);
    let about_log = match in_log {
        Some(seen) => {
            let places = [("origin", seen.origin.to_string()), ("size", seen.size.to_string()), index()];
            filled(&IN_LOG, context.language, &places)
        }
        None => in_words(&NOT_IN_LOG).to_owned(),
    };
    Found::of(format!("{signed}\n{about_log}"), &document)
}

/// Signature under the card's node key, package named by its digest, both for the same dispatch; and where a proof is kept, the
/// checkpoint under which it shows the promised entry.
fn check(receipt: &api::ReceiptFacts, card: &str) -> Result<(Receipt, Option<Checkpoint>), String> {
    let bytes = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| "not base64".to_owned());
    let signed = |text: &str| Signed::from_bytes(&bytes(text)?).map_err(|error| error.to_string());
    let card = signed(card)?.dangerously_unverified::<Card>().map_err(|error| error.to_string())?;
    let expect = Expect { network: card.head.network, agreement: &card.head.agreement, pack: None };
    let stated = signed(&receipt.statement)?
        .open::<Receipt>(&card.body.node_key, &expect)
        .map_err(|error| error.to_string())?
        .body;
    let package: Digest = signed(&receipt.package_statement)?.digest();
    if stated.package != package {
        return Err("the receipt names another package".to_owned());
    }
    if stated.dispatch.to_string() != receipt.dispatch {
        return Err("the receipt is for another dispatch".to_owned());
    }
    let keys = |origin: &str| keys_under(&card.body, origin).map_err(|error| error.to_string());
    let proof = receipt.proof.as_deref().map(bytes).transpose()?;
    let leaf = (stated.log_origin.as_str(), stated.leaf_index, Hash(stated.leaf_hash.0));
    let in_log = proof.map(|proof| checkpoint_of(&proof, leaf, keys)).transpose()?;
    Ok((stated, in_log))
}

/// The checkpoint under which a proof shows a leaf, signed by every one of the log's keys. The log may have gone on under another name.
fn checkpoint_of(
    proof: &[u8],
    (origin, index, leaf): (&str, u64, Hash),
    keys: impl FnOnce(&str) -> Result<Vec<VerifierKey>, String>,
) -> Result<Checkpoint, String> {
    let text = std::str::from_utf8(proof).map_err(|_| "the proof is not UTF-8 text")?;
    let proof: ProofFile = text.parse().map_err(|error| format!("{error}"))?;
    if proof.index() != index {
        return Err("the proof is of another entry".to_owned());
    }
    let claimed = Checkpoint::parse(proof.checkpoint().text()).map_err(|error| error.to_string())?;
    let named = Origin::new(origin).map_err(|error| error.to_string())?;
    if !claimed.origin.continues(&named) {
        return Err("the proof is of another log".to_owned());
    }
    // A card without log keys would let anything pass.
    let keys = keys(claimed.origin.as_str())?;
    if keys.is_empty() {
        return Err("the signer's card names no key of its log".to_owned());
    }
    proof.verify(&leaf, &keys).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use attache_tlog::{KeyKind, NoteSigner, sign_checkpoint};

    const LEAF: Hash = Hash([7; 32]);

    /// The proof of the only leaf of a log.
    fn proof(origin: &str, root: Hash) -> (Vec<u8>, Vec<VerifierKey>) {
        let signer = NoteSigner::from_seed(origin, KeyKind::Ed25519, &[1; 32]).unwrap();
        let checkpoint =
            Checkpoint { origin: Origin::new(origin).unwrap(), size: 1, root, extensions: Vec::new() };
        let note = sign_checkpoint(&checkpoint, &[&signer]).unwrap();
        let file = ProofFile::new(0, Vec::new(), &note).unwrap();
        (file.to_string().into_bytes(), vec![signer.verifier().clone()])
    }

    #[test]
    fn a_proof_shows_the_promised_leaf_of_the_promised_log_under_its_keys_and_no_other() {
        let promised = ("seoul.kor/log/1", 0, LEAF);
        for (origin, root, index, holds) in [
            ("seoul.kor/log/1", LEAF, 0, true),
            ("seoul.kor/log/2", LEAF, 0, true),
            ("tokyo.jpn/log/1", LEAF, 0, false),
            ("seoul.kor/log/1", Hash([8; 32]), 0, false),
            ("seoul.kor/log/1", LEAF, 1, false),
        ] {
            let (bytes, keys) = proof(origin, root);
            let promised = (promised.0, index, promised.2);
            let found = checkpoint_of(&bytes, promised, |_| Ok(keys));
            assert_eq!(found.is_ok(), holds, "{origin} {index} {root}: {found:?}");
        }
        let (bytes, _) = proof(promised.0, LEAF);
        let other = NoteSigner::from_seed(promised.0, KeyKind::Ed25519, &[2; 32]).unwrap();
        assert!(checkpoint_of(&bytes, promised, |_| Ok(vec![other.verifier().clone()])).is_err());
        assert!(checkpoint_of(&bytes, promised, |_| Ok(Vec::new())).is_err(), "no keys show nothing");
        assert!(checkpoint_of(b"a file", promised, |_| Ok(Vec::new())).is_err());
    }
}
