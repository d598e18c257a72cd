//! Writes `vectors/statement/openings.json` to standard output, the statements of originator control and such as must be refused; with
//! the argument `relay`, `vectors/statement/relay.json`, those of a hub that carries letters.
//! The file is kept; ML-DSA signatures are hedged, so a second run gives other bytes of the same meaning.

use attache_accord::control::{Recall, Taken, Unopened};
use attache_accord::{Digest, DispatchId, Network, Timestamp};
use attache_seal::kem::KemSecret;
use attache_seal::papers::{
    Answer, HopReceipt, Opening, OpeningAnswer, OpeningDecision, OpeningKey, Waybill,
};
use attache_seal::{Body, Head, Sign, Signed, SigningPair, Statement};
use data_encoding::{BASE64, HEXLOWER};
use minicbor::Encoder;
use serde_json::{Value, json};
use std::error::Error;

type Outcomes = Result<Value, Box<dyn Error>>;

const NOW: Timestamp = Timestamp(1_795_478_400_000);

fn statement<B: Body>(pair: &SigningPair, body: B) -> Statement<B> {
    let head = Head {
        network: Network::Exercise,
        agreement: "gsomia-2016".to_owned(),
        pack: Digest([7; 32]),
        signer: "tokyo.jpn".to_owned(),
        key: pair.verifying().key_id(),
        at: NOW,
    };
    Statement { head, body }
}

fn good<B: Body>(name: &str, body: B, pair: &SigningPair) -> Outcomes {
    let statement = statement(pair, body);
    let signed = Signed::seal(&statement, pair)?;
    Ok(json!({
        "name": name,
        "kind": B::NAME,
        "result": "ok",
        "statement_base64": BASE64.encode(&signed.to_bytes()),
        "digest_hex": signed.digest().to_string(),
        "inner_hex": HEXLOWER.encode(&minicbor::to_vec(&statement)?),
    }))
}

/// A statement that is signed as it is, whatever its limits say, with its bytes changed before.
fn bad<B: Body>(
    name: &str,
    body: B,
    pair: &SigningPair,
    result: &str,
    change: fn(Vec<u8>) -> Vec<u8>,
) -> Outcomes {
    let bytes = change(minicbor::to_vec(statement(pair, body))?);
    let signatures = pair.sign(B::NAME, &bytes)?;
    let mut out = Encoder::new(Vec::new());
    out.map(4)?.u8(0)?.str(B::NAME)?.u8(1)?.bytes(&bytes)?;
    out.u8(2)?.bytes(&signatures.ed25519)?.u8(3)?.bytes(&signatures.mldsa65)?;
    let statement = BASE64.encode(&out.into_writer());
    Ok(json!({ "name": name, "kind": B::NAME, "result": result, "statement_base64": statement }))
}

fn as_it_is(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.pop();
    bytes
}

/// The last byte is the number of a choice.
fn another_choice(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(last) = bytes.last_mut() {
        *last = 0x17;
    }
    bytes
}

fn cases(pair: &SigningPair) -> Result<Vec<Value>, Box<dyn Error>> {
    let recall = |taken, document: &str| -> Result<Recall, Box<dyn Error>> {
        let (item_digest, dispatch) = (Digest([2; 32]), DispatchId([3; 16]));
        Ok(Recall { item_digest, dispatch, to: "tokyo.jpn".parse()?, taken, document: document.to_owned() })
    };
    let opening = |purpose: &str, under| -> Result<Opening, Box<dyn Error>> {
        Ok(Opening {
            item_digest: Digest([2; 32]),
            dispatch: DispatchId([3; 16]),
            person: "desk-7".parse()?,
            purpose: purpose.to_owned(),
            ruling_leaf: Digest([4; 32]),
            ruling_index: 41,
            until: NOW.plus_hours(1),
            under,
        })
    };
    let answer = |refused| OpeningAnswer { request: Digest([5; 32]), refused, until: NOW.plus_hours(1) };
    let decision = |answer, reason: &str| OpeningDecision {
        request: Digest([5; 32]),
        answer,
        reason: reason.to_owned(),
    };
    let kem_key = KemSecret::generate()?.public().to_spki_der();
    let key = |kem_key: &[u8]| OpeningKey { request: Digest([5; 32]), kem_key: kem_key.to_vec() };
    let level = Taken::ToLevel { level: "KOR:III".parse()? };
    let last_choice = |answer| OpeningAnswer { until: Timestamp(1), ..answer };
    Ok(vec![
        good("a recall", recall(Taken::Back {}, "letter 9")?, pair)?,
        good("another level", recall(level, "letter 10")?, pair)?,
        good("a request to open", opening("조기 경보", None)?, pair)?,
        good("a request without a purpose", opening("", None)?, pair)?,
        good("a report of an opening without asking", opening("", Some(Digest([6; 32])))?, pair)?,
        good("a key for an answer in a letter", key(&kem_key), pair)?,
        good("a consent", answer(None), pair)?,
        good("a refusal after a recall", answer(Some(Unopened::Recalled)), pair)?,
        good("a refusal after its time", answer(Some(Unopened::Expired)), pair)?,
        good("a refusal by the rules", answer(Some(Unopened::Rules)), pair)?,
        good("a refusal by a person", answer(Some(Unopened::Person)), pair)?,
        good("a report that was noted", answer(Some(Unopened::Noted)), pair)?,
        good("a person consents", decision(Answer::Approve, "as agreed"), pair)?,
        good("a person does not", decision(Answer::Refuse, ""), pair)?,
        bad("a recall by no document", recall(Taken::Back {}, " ")?, pair, "limit", as_it_is)?,
        bad("a recall with a line break", recall(Taken::Back {}, "a\nb")?, pair, "limit", as_it_is)?,
        bad("a recall that is cut", recall(Taken::Back {}, "letter 9")?, pair, "malformed", cut)?,
        bad("a purpose of 257 bytes", opening(&"a".repeat(257), None)?, pair, "limit", as_it_is)?,
        bad("a purpose with a bell", opening("a\u{7}b", None)?, pair, "limit", as_it_is)?,
        bad("a request that is cut", opening("", None)?, pair, "malformed", cut)?,
        bad("a key that is none", key(&[4; 97]), pair, "limit", as_it_is)?,
        bad("a key without its last byte", key(&kem_key[..kem_key.len() - 1]), pair, "limit", as_it_is)?,
        bad("a key in a statement that is cut", key(&kem_key), pair, "malformed", cut)?,
        bad("an answer that is cut", last_choice(answer(None)), pair, "malformed", cut)?,
        bad("a reason of 4097 bytes", decision(Answer::Refuse, &"a".repeat(4097)), pair, "limit", as_it_is)?,
        bad(
            "a reason that ends in another kind",
            decision(Answer::Refuse, ""),
            pair,
            "malformed",
            another_choice,
        )?,
    ])
}

/// What a sender and a hub sign about a letter.
fn relay_cases(pair: &SigningPair) -> Result<Vec<Value>, Box<dyn Error>> {
    let waybill = |to: &str, hop_limit| -> Result<Waybill, Box<dyn Error>> {
        Ok(Waybill {
            letter: DispatchId([1; 16]),
            from: "seoul.kor".parse()?,
            to: to.parse()?,
            outer_digest: Digest([2; 32]),
            manifest_digest: Digest([3; 32]),
            size: 3_211_264,
            hop_limit,
            due: NOW.plus_hours(24),
        })
    };
    let hop = |previous, refused: Option<&str>, log_origin: &str| HopReceipt {
        waybill: Digest([4; 32]),
        previous,
        refused: refused.map(str::to_owned),
        leaf_hash: Digest([5; 32]),
        leaf_index: 41,
        log_origin: log_origin.to_owned(),
    };
    Ok(vec![
        good("a waybill", waybill("tokyo.jpn", 1)?, pair)?,
        good("a letter goes on", hop(None, None, "washington.usa/log"), pair)?,
        good("a letter is refused", hop(None, Some("C-032"), "washington.usa/log"), pair)?,
        good("the receipt of a second hub", hop(Some(Digest([6; 32])), None, "washington.usa/log"), pair)?,
        bad("a waybill to its sender", waybill("seoul.kor", 1)?, pair, "limit", as_it_is)?,
        bad("a waybill that no hub may carry", waybill("tokyo.jpn", 0)?, pair, "limit", as_it_is)?,
        bad("a waybill for three hubs", waybill("tokyo.jpn", 3)?, pair, "limit", as_it_is)?,
        bad("a waybill that is cut", waybill("tokyo.jpn", 1)?, pair, "malformed", cut)?,
        bad(
            "a receipt with an empty code",
            hop(None, Some(""), "washington.usa/log"),
            pair,
            "limit",
            as_it_is,
        )?,
        bad("a receipt without a log", hop(None, None, ""), pair, "limit", as_it_is)?,
        bad("a receipt that is cut", hop(None, None, "washington.usa/log"), pair, "malformed", cut)?,
    ])
}

fn main() -> Result<(), Box<dyn Error>> {
    let is_relay = std::env::args().nth(1).as_deref() == Some("relay");
    let pair = SigningPair::from_seed_bytes(&[1; 64])?;
    let key = pair.verifying();
    let (ed25519, mldsa65) = (key.ed25519(), key.mldsa65());
    let file = json!({
        "about": if is_relay { "Statements about letters by way of a hub, as in statements.json." } else { "Statements of originator control, as in statements.json." },
        "key": {
            "ed25519_hex": HEXLOWER.encode(ed25519),
            "mldsa65_base64": BASE64.encode(mldsa65),
            "key_id_hex": key.key_id().to_string(),
        },
        "cases": if is_relay { relay_cases(&pair)? } else { cases(&pair)? },
    });
    println!("{}", serde_json::to_string_pretty(&file)?);
    Ok(())
}
