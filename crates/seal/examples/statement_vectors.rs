//! Writes `vectors/statement/statements.json` to standard output: good statements, and many that must be refused.
//! The file is kept; ML-DSA signatures are hedged, so a second run gives other bytes of the same meaning.

use attache_accord::{Digest, DispatchId, Network, Timestamp};
use attache_seal::papers::{Admission, Answer, Decision, LogSuccession, Outcome, Receipt, SeenLog, SignIn};
use attache_seal::{Body, Head, Sign, Signed, SigningPair, Statement};
use data_encoding::{BASE64, HEXLOWER};
use minicbor::Encoder;
use serde_json::{Value, json};
use std::error::Error;

type Outcomes = Result<Value, Box<dyn Error>>;

fn head(pair: &SigningPair) -> Head {
    Head {
        network: Network::Exercise,
        agreement: "gsomia-2016".to_owned(),
        pack: Digest([7; 32]),
        signer: "tokyo.jpn".to_owned(),
        key: pair.verifying().key_id(),
        at: Timestamp(1_795_478_400_000),
    }
}

fn receipt(pair: &SigningPair) -> Statement<Receipt> {
    let body = Receipt {
        dispatch: DispatchId([1; 16]),
        package: Digest([2; 32]),
        register_commitment: Digest([3; 32]),
        outcome: Outcome::Admitted,
        leaf_hash: Digest([4; 32]),
        leaf_index: 41,
        log_origin: "tokyo.jpn/log".to_owned(),
        proof_due: Timestamp(1_795_482_000_000),
        admission: Some(Digest([5; 32])),
        origin: None,
        own_level: None,
    };
    Statement { head: head(pair), body }
}

/// An envelope around any bytes, signed by `pair` under `name`, written as the envelope of the name `shown`.
fn envelope(pair: &SigningPair, name: &str, shown: &str, bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let signatures = pair.sign(name, bytes)?;
    let mut out = Encoder::new(Vec::new());
    out.map(4)?.u8(0)?.str(shown)?.u8(1)?.bytes(bytes)?;
    out.u8(2)?.bytes(&signatures.ed25519)?.u8(3)?.bytes(&signatures.mldsa65)?;
    Ok(out.into_writer())
}

fn case(name: &str, kind: &str, bytes: &[u8], result: &str) -> Value {
    json!({ "name": name, "kind": kind, "result": result, "statement_base64": BASE64.encode(bytes) })
}

fn good<B: Body>(name: &str, statement: &Statement<B>, pair: &SigningPair) -> Outcomes {
    let signed = Signed::seal(statement, pair)?;
    let mut value = case(name, B::NAME, &signed.to_bytes(), "ok");
    if let Some(fields) = value.as_object_mut() {
        fields.insert("digest_hex".to_owned(), json!(signed.digest().to_string()));
        fields.insert("inner_hex".to_owned(), json!(HEXLOWER.encode(&minicbor::to_vec(statement)?)));
    }
    Ok(value)
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let at = bytes.windows(from.len()).position(|window| window == from).ok_or("nothing to replace")?;
    Ok([&bytes[..at], to, &bytes[at + from.len()..]].concat())
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    if let Some(byte) = out.get_mut(at) {
        *byte ^= 1;
    }
    out
}

/// A log that lost entries which one witness had cosigned, and what is no such thing.
fn successions(pair: &SigningPair) -> Result<Vec<Value>, Box<dyn Error>> {
    let seen =
        |by: &str, size| Ok::<_, Box<dyn Error>>(SeenLog { by: by.parse()?, size, root: Digest([6; 32]) });
    let body = LogSuccession {
        node: "seoul.kor".parse()?,
        previous: "seoul.kor/log/1".to_owned(),
        origin: "seoul.kor/log/2".to_owned(),
        size: 48,
        root: Digest([5; 32]),
        since: Timestamp(1_795_402_800_000),
        seen: vec![seen("osaka.jpn", 32)?, seen("tokyo.jpn", 64)?],
        reason: "a disk (fictitious)".to_owned(),
        promised: None,
    };
    let head = Head { signer: "office-1".to_owned(), ..head(pair) };
    let statement = Statement { head, body };
    let bad = |name: &str, change: &dyn Fn(&mut LogSuccession)| {
        let mut changed = statement.clone();
        change(&mut changed.body);
        let bytes = minicbor::to_vec(&changed)?;
        let kind = LogSuccession::NAME;
        Ok::<_, Box<dyn Error>>(case(name, kind, &envelope(pair, kind, kind, &bytes)?, "limit"))
    };
    let itself = seen("seoul.kor", 64)?;
    let with_promised = |promised| {
        let mut said = statement.clone();
        said.body.promised = promised;
        said
    };
    let mut uncosigned = with_promised(Some(50));
    uncosigned.body.seen.clear();
    Ok(vec![
        good("the succession of a log", &statement, pair)?,
        bad("a succession that leaves a number out", &|said| said.origin = "seoul.kor/log/3".to_owned())?,
        bad("a succession to another log", &|said| said.origin = "tokyo.jpn/log/2".to_owned())?,
        bad("a succession that lost nothing", &|said| said.size = 64)?,
        bad("a succession that nobody had cosigned", &|said| said.seen.clear())?,
        bad("witnesses of a succession out of order", &|said| said.seen.reverse())?,
        bad("a witness of its own log", &|said| said.seen = vec![itself.clone()])?,
        bad("a succession without a reason", &|said| said.reason.clear())?,
        good("the succession of a log that lost more than was cosigned", &with_promised(Some(66)), pair)?,
        good("the succession of a log that lost only what its node had promised", &uncosigned, pair)?,
        bad("a succession that promised no more than was cosigned", &|said| said.promised = Some(64))?,
    ])
}

fn cases(pair: &SigningPair, other: &SigningPair) -> Result<Vec<Value>, Box<dyn Error>> {
    let statement = receipt(pair);
    let inner = minicbor::to_vec(&statement)?;
    let sealed = Signed::seal(&statement, pair)?.to_bytes();
    let refused_receipt = {
        let mut refused = statement.clone();
        refused.body.outcome = Outcome::Refused;
        refused.body.admission = None;
        refused
    };
    let decision = Statement {
        head: head(pair),
        body: Decision {
            case: attache_accord::CaseId([9; 16]),
            request: Digest([10; 32]),
            item_digest: Digest([11; 32]),
            label_digest: Digest([12; 32]),
            recipient: "tokyo.jpn".parse()?,
            answer: Answer::Approve,
            reason: "공동 대응에 필요".to_owned(),
            article: "4.2".to_owned(),
            facts: Digest([13; 32]),
        },
    };
    let admission = Statement {
        head: head(pair),
        body: Admission {
            dispatch: DispatchId([1; 16]),
            package: Digest([2; 32]),
            own_level: "JPN:TOKUTEI".parse()?,
        },
    };
    let sign_in =
        Statement { head: head(pair), body: SignIn { challenge: [14; 32], node: "tokyo.jpn".parse()? } };
    let numbered_admission = {
        let bytes = minicbor::to_vec(&admission)?;
        let level = minicbor::to_vec(&admission.body.own_level)?;
        let with_number = [&[0x02, 0x61, b'7', 0x03], &level[..]].concat();
        let numbered = replace(&bytes, &[&[0x02], &level[..]].concat(), &with_number)?;
        let package = [0x58, 32, 2, 2];
        replace(
            &numbered,
            &[&[0xa3, 0x00, 0x50], &[1; 16][..], &[0x01], &package].concat(),
            &[&[0xa4, 0x00, 0x50], &[1; 16][..], &[0x01], &package].concat(),
        )?
    };
    let with = |change: &dyn Fn(&mut Statement<Receipt>)| {
        let mut changed = statement.clone();
        change(&mut changed);
        minicbor::to_vec(&changed)
    };
    let ours = |bytes: &[u8]| envelope(pair, "receipt", "receipt", bytes);
    let last = sealed.len() - 1;
    // a2 (map of two), 00 (key 0): the statement's first bytes.
    let swapped_maps = {
        let body_at = inner.len() - minicbor::to_vec(&statement.body)?.len();
        [&[0xa2, 0x01], &inner[body_at..], &[0x00], &inner[2..body_at - 1]].concat()
    };
    let indefinite = [&[0xbf], &inner[1..], &[0xff]].concat();
    let unknown_key = [&[0xa3], &inner[1..], &[0x02, 0x00]].concat();
    let repeated_key = [&[0xa3], &inner[1..], &[0x01], &minicbor::to_vec(&statement.body)?[..]].concat();
    let long_integer = replace(&inner, &[0x05, 0x18, 41], &[0x05, 0x19, 0, 41])?;
    let long_digest =
        replace(&inner, &[&[0x58, 32][..], &[4; 32]].concat(), &[&[0x58, 33][..], &[4; 33]].concat())?;
    Ok(vec![
        good("an admitted dispatch", &statement, pair)?,
        good("a refused dispatch", &refused_receipt, pair)?,
        good("a decision in Korean", &decision, pair)?,
        good("an admission", &admission, pair)?,
        good("a sign-in", &sign_in, pair)?,
        case(
            "an admission that states a register number",
            "admission",
            &envelope(pair, "admission", "admission", &numbered_admission)?,
            "malformed",
        ),
        case(
            "one bit of the Ed25519 signature",
            "receipt",
            &flipped(&sealed, last - 3309 - 3 - 1 - 10),
            "ed25519",
        ),
        case("one bit of the ML-DSA-65 signature", "receipt", &flipped(&sealed, last - 2000), "ml-dsa-65"),
        case("one bit of the statement", "receipt", &flipped(&sealed, 200), "ed25519"),
        case("signed by another pair", "receipt", &envelope(other, "receipt", "receipt", &inner)?, "ed25519"),
        case(
            "Ed25519 by the right key, ML-DSA-65 by another",
            "receipt",
            &{
                let mut mixed = ours(&inner)?;
                let foreign = envelope(other, "receipt", "receipt", &inner)?;
                let cut = mixed.len() - 3309;
                mixed.truncate(cut);
                mixed.extend_from_slice(&foreign[foreign.len() - 3309..]);
                mixed
            },
            "ml-dsa-65",
        ),
        case(
            "signed under another name",
            "receipt",
            &envelope(pair, "package", "receipt", &inner)?,
            "ed25519",
        ),
        case(
            "another name on the envelope",
            "receipt",
            &envelope(pair, "receipt", "package", &inner)?,
            "name",
        ),
        case("a name in capitals", "receipt", &envelope(pair, "Receipt", "Receipt", &inner)?, "malformed"),
        case("an empty name", "receipt", &envelope(pair, "", "", &inner)?, "malformed"),
        case(
            "a name of 25 letters",
            "receipt",
            &envelope(pair, "receipt", &"a".repeat(25), &inner)?,
            "malformed",
        ),
        case("signed without the length", "receipt", &{ SigningParts(pair).sign_bare(&inner)? }, "ed25519"),
        case("the live network", "receipt", &ours(&with(&|s| s.head.network = Network::Live)?)?, "network"),
        case(
            "another agreement",
            "receipt",
            &ours(&with(&|s| s.head.agreement = "tisa-2014".to_owned())?)?,
            "agreement",
        ),
        case(
            "the key id of another pair",
            "receipt",
            &ours(&with(&|s| s.head.key = other.verifying().key_id())?)?,
            "key",
        ),
        case("an empty signer", "receipt", &ours(&with(&|s| s.head.signer = String::new())?)?, "limit"),
        case("a signer of 65 bytes", "receipt", &ours(&with(&|s| s.head.signer = "a".repeat(65))?)?, "limit"),
        case(
            "a control character in the log origin",
            "receipt",
            &ours(&with(&|s| s.body.log_origin = "a\u{7}b".to_owned())?)?,
            "limit",
        ),
        case(
            "admitted without an admission",
            "receipt",
            &ours(&with(&|s| s.body.admission = None)?)?,
            "limit",
        ),
        case(
            "refused with an admission",
            "receipt",
            &ours(&with(&|s| s.body.outcome = Outcome::Refused)?)?,
            "limit",
        ),
        case("body before head", "receipt", &ours(&swapped_maps)?, "not-deterministic"),
        case("a map of indefinite length", "receipt", &ours(&indefinite)?, "not-deterministic"),
        case("an unknown key", "receipt", &ours(&unknown_key)?, "not-deterministic"),
        case("a key twice", "receipt", &ours(&repeated_key)?, "not-deterministic"),
        case(
            "an integer in three bytes that fits in two",
            "receipt",
            &ours(&long_integer)?,
            "not-deterministic",
        ),
        case(
            "a byte after the statement",
            "receipt",
            &ours(&[&inner[..], &[0]].concat())?,
            "not-deterministic",
        ),
        case("a digest of 33 bytes", "receipt", &ours(&long_digest)?, "malformed"),
        case(
            "an unknown outcome",
            "receipt",
            &ours(&replace(&inner, &[0x03, 0x00, 0x04], &[0x03, 0x07, 0x04])?)?,
            "malformed",
        ),
        case(
            "an array instead of a map",
            "receipt",
            &ours(&minicbor::to_vec(["head", "body"])?)?,
            "malformed",
        ),
        case("the statement cut by one byte", "receipt", &ours(&inner[..inner.len() - 1])?, "malformed"),
        case("an empty statement", "receipt", &ours(&[])?, "malformed"),
        case(
            "a decision under the name of a receipt",
            "receipt",
            &ours(&minicbor::to_vec(&decision)?)?,
            "malformed",
        ),
        case("the envelope cut by one byte", "receipt", &sealed[..last], "malformed"),
        case(
            "the envelope without its last signature",
            "receipt",
            &sealed[..sealed.len() - 3313],
            "malformed",
        ),
        case("a byte after the envelope", "receipt", &[&sealed[..], &[0]].concat(), "not-deterministic"),
        case("the envelope twice", "receipt", &[&sealed[..], &sealed[..]].concat(), "not-deterministic"),
        case("nothing", "receipt", &[], "malformed"),
        case("a deep nest of arrays", "receipt", &[0x81; 4000], "malformed"),
        case("an array that claims 2^62 members", "receipt", &[0x9b, 0x40, 0, 0, 0, 0, 0, 0, 0], "malformed"),
    ])
}

/// Signs as no honest implementation does.
struct SigningParts<'a>(&'a SigningPair);

impl SigningParts<'_> {
    /// The domain line without the length after it.
    fn sign_bare(&self, bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
        use aws_lc_rs::signature::{Ed25519KeyPair, ML_DSA_65_SIGNING, PqdsaKeyPair};
        let seeds = self.0.to_seed_bytes();
        let message = [b"attache/receipt/v1\n".as_slice(), bytes].concat();
        let classical = Ed25519KeyPair::from_seed_unchecked(&seeds[..32])?.sign(&message);
        let mut quantum = vec![0; 3309];
        PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, &seeds[32..])?.sign(&message, &mut quantum)?;
        let mut out = Encoder::new(Vec::new());
        out.map(4)?.u8(0)?.str("receipt")?.u8(1)?.bytes(bytes)?;
        out.u8(2)?.bytes(classical.as_ref())?.u8(3)?.bytes(&quantum)?;
        Ok(out.into_writer())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let pair = SigningPair::from_seed_bytes(&[1; 64])?;
    let other = SigningPair::from_seed_bytes(&[2; 64])?;
    let cases = [cases(&pair, &other)?, successions(&pair)?].concat();
    let file = json!({
        "about": "Signed statements. `result` is ok or the code of the first rule broken, checked in this order: length, envelope, name, Ed25519, ML-DSA-65, statement form, limits, key, network, agreement, pack.",
        "signed_bytes": "\"attache/\" name \"/v1\\n\" || length of inner as u64, big-endian || inner",
        "key": {
            "seed_hex": HEXLOWER.encode(&*pair.to_seed_bytes()),
            "ed25519_hex": HEXLOWER.encode(pair.verifying().ed25519()),
            "mldsa65_base64": BASE64.encode(pair.verifying().mldsa65()),
            "key_id_hex": pair.verifying().key_id().to_string(),
        },
        "expect": { "network": "exercise", "agreement": "gsomia-2016" },
        "cases": cases,
    });
    println!("{}", serde_json::to_string_pretty(&file)?);
    Ok(())
}
