//! Signed statements. Where the inner bytes are wrong, they are truly signed: only their form, or what they say, is amiss.

use super::{Made, Shelf};
use attache_accord::{Digest, DispatchId, Network, Timestamp};
use attache_custody::keyring::signing_pair;
use attache_seal::SigningPair;
use attache_seal::pair::{Sign as _, Signatures};
use attache_seal::papers::{Admission, Outcome, Receipt};
use attache_seal::statement::{Head, Statement};
use minicbor::Encoder;
use std::error::Error;

const AT: Timestamp = Timestamp(1_795_478_400_000);

fn head(pair: &SigningPair) -> Head {
    Head {
        network: Network::Exercise,
        agreement: "gsomia-2016".to_owned(),
        pack: Digest([7; 32]),
        signer: "tokyo.jpn".to_owned(),
        key: pair.verifying().key_id(),
        at: AT,
    }
}

fn receipt() -> Receipt {
    Receipt {
        dispatch: DispatchId([1; 16]),
        package: Digest([2; 32]),
        register_commitment: Digest([3; 32]),
        outcome: Outcome::Admitted,
        leaf_hash: Digest([4; 32]),
        leaf_index: 41,
        log_origin: "tokyo.jpn/log/1".to_owned(),
        proof_due: AT.plus_hours(1),
        admission: Some(Digest([5; 32])),
        own_level: None,
        origin: None,
    }
}

/// The four members of an envelope, each with its key, in CBOR.
fn members(name: &str, inner: &[u8], signatures: &Signatures) -> Result<[Vec<u8>; 4], Box<dyn Error>> {
    let mut members: [Vec<u8>; 4] = Default::default();
    let [one, two, three, four] = &mut members;
    Encoder::new(one).u8(0)?.str(name)?;
    Encoder::new(two).u8(1)?.bytes(inner)?;
    Encoder::new(three).u8(2)?.bytes(&signatures.ed25519)?;
    Encoder::new(four).u8(3)?.bytes(&signatures.mldsa65)?;
    Ok(members)
}

fn envelope(name: &str, inner: &[u8], signatures: &Signatures) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok([&[0xa4], members(name, inner, signatures)?.concat().as_slice()].concat())
}

pub fn put(shelf: &mut Shelf) -> Made {
    let pair = signing_pair(&[1; 64])?;
    let good = minicbor::to_vec(Statement { head: head(&pair), body: receipt() })?;
    let signed = |inner: &[u8]| -> Result<Vec<u8>, Box<dyn Error>> {
        envelope("receipt", inner, &pair.sign("receipt", inner)?)
    };
    let mut put = |name: &str, outcome: &str, why: &str, bytes: &[u8]| {
        shelf.put("statement", &format!("{name}.cbor"), outcome, why, bytes)
    };
    let whole = signed(&good)?;
    put("control", "ok", "a receipt as it is written", &whole)?;

    let form = "not-deterministic";
    put("byte-behind", form, "a byte behind the envelope", &[whole.as_slice(), &[0]].concat())?;
    let signatures = pair.sign("receipt", &good)?;
    let [one, two, three, four] = members("receipt", &good, &signatures)?;
    let open = [&[0xbf], one.as_slice(), &two, &three, &four, &[0xff]].concat();
    put("no-stated-length", form, "a map of no stated length", &open)?;
    let shuffled = [&[0xa4], two.as_slice(), &one, &three, &four].concat();
    put("out-of-order", form, "members out of order", &shuffled)?;
    let twice = [&[0xa5], one.as_slice(), &one, &two, &three, &four].concat();
    put("name-twice", form, "one member twice", &twice)?;
    let long = [&[0xa4, 0x18, 0x00], one.get(1..).unwrap_or_default(), &two, &three, &four].concat();
    put("long-integer", form, "a key of two bytes where one says it", &long)?;
    let deep = [&[0xa5], one.as_slice(), &two, &three, &four, &[0x04], &[0x81; 50_000], &[0x00]].concat();
    put("deep", form, "a member that is not one of ours, 50000 arrays deep", &deep)?;
    let promised = [&[0xa4], one.as_slice(), &[0x01, 0x5b], &[0xff; 8]].concat();
    put("promised-length", "malformed", "promises 2^64-1 bytes and brings none", &promised)?;
    let many = [&[0xbb], &[0xff; 8][..], &one, &two, &three, &four].concat();
    put("promised-members", "malformed", "promises 2^64-1 members", &many)?;
    put("cut", "malformed", "cut in the middle", whole.get(..whole.len() / 2).unwrap_or_default())?;
    put("arrays", "malformed", "nothing but arrays, 100000 deep", &[0x81; 100_000])?;
    put("empty", "malformed", "nothing", &[])?;

    let behind = [good.as_slice(), &[0xf6]].concat();
    put("inner-byte-behind", form, "signed, with a byte behind the statement", &signed(&behind)?)?;
    // The statement is {0: head, 1: body}: the same members, body first.
    let split = minicbor::to_vec(head(&pair))?;
    let body = good.get(2 + split.len()..).unwrap_or_default();
    let turned = [&[0xa2], body, &[0x00], split.as_slice()].concat();
    put("inner-out-of-order", form, "signed, its body before its head", &signed(&turned)?)?;

    let mut says = |name: &str, outcome: &str, why: &str, statement: Statement<Receipt>| -> Made {
        put(name, outcome, why, &signed(&minicbor::to_vec(statement)?)?)
    };
    let other = Head { network: Network::Live, ..head(&pair) };
    says(
        "other-network",
        "network",
        "of the live network, in an exercise",
        Statement { head: other, body: receipt() },
    )?;
    let other = Head { agreement: "tisa-2014".to_owned(), ..head(&pair) };
    says(
        "other-agreement",
        "agreement",
        "under another agreement",
        Statement { head: other, body: receipt() },
    )?;
    let other = Head { key: signing_pair(&[2; 64])?.verifying().key_id(), ..head(&pair) };
    says(
        "other-key-named",
        "key",
        "names another key than signed it",
        Statement { head: other, body: receipt() },
    )?;
    let other = Head { signer: "tokyo\u{7}.jpn".to_owned(), ..head(&pair) };
    says(
        "control-character",
        "limit",
        "a control character in the signer",
        Statement { head: other, body: receipt() },
    )?;
    let bare = Receipt { admission: None, ..receipt() };
    says(
        "no-admission",
        "limit",
        "admitted without an admission",
        Statement { head: head(&pair), body: bare },
    )?;
    let both = Receipt { outcome: Outcome::Refused, ..receipt() };
    says(
        "refused-and-admitted",
        "limit",
        "refused, with an admission",
        Statement { head: head(&pair), body: both },
    )?;

    let level = "JPN:TOKUTEI".parse()?;
    let body = Admission { dispatch: DispatchId([1; 16]), package: Digest([2; 32]), own_level: level };
    let admission = minicbor::to_vec(Statement { head: head(&pair), body })?;
    put("another-kind-inside", "malformed", "an admission signed as a receipt", &signed(&admission)?)?;
    let named = envelope("admission", &admission, &pair.sign("admission", &admission)?)?;
    put("another-kind", "name", "an admission where a receipt is wanted", &named)?;

    let admission_signed = pair.sign("admission", &good)?;
    let moved = envelope("receipt", &good, &admission_signed)?;
    put("signed-as-another-kind", "ed25519", "signed under another kind's name", &moved)?;
    let stranger = signing_pair(&[2; 64])?.sign("receipt", &good)?;
    put("stranger", "ed25519", "signed by another pair", &envelope("receipt", &good, &stranger)?)?;
    let half = Signatures { ed25519: signatures.ed25519, mldsa65: stranger.mldsa65 };
    put(
        "half-signed",
        "ml-dsa-65",
        "the second signature is another pair's",
        &envelope("receipt", &good, &half)?,
    )
}
