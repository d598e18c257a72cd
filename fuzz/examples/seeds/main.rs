//! Writes the first seeds of the corpus, from `vectors/` and `agreements/` where they have what is needed, and by signing,
//! sealing and exchanging where a seed must be true. No file that is there is written again: crashes stand beside these.
//!
//! `cargo run -p attache-fuzz --example seeds`
//!
//! *Absent:* secrets. The keys made here lock nothing but the corpus.

mod wire;

use attache_accord::act::{ENTRY_VERSION, Entry};
use attache_accord::consent;
use attache_accord::destruction::{Destroyed, Destruction};
use attache_accord::lifecycle::{Holds, Instrument, Step};
use attache_accord::particulars::Approved;
use attache_accord::{Digest, DispatchId, Network, NodeName, Timestamp};
use attache_custody::archive::ArchiveWriter;
use attache_custody::ceremony::{SHARE_KIND, split};
use attache_custody::keyring::signing_pair;
use attache_custody::{Keyring, Lock, keyfile};
use attache_node::link::certificate::leaf;
use attache_node::relay::{Docket, ShownTopics};
use attache_release::PACK_FILES;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{Ceremony, Consent, LogSuccession, Notice, Request, SeenLog, Succession};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_seal::tdf::{Container, KeyAccess, KeyAccessKind, Metadata};
use attache_seal::{ContentKey, wrap};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

type Made = Result<(), Box<dyn Error>>;

const NOW: Timestamp = Timestamp(1_780_000_000_000);

fn main() -> Made {
    let writer = Writer(Path::new(env!("CARGO_MANIFEST_DIR")).to_owned());
    statements(&writer)?;
    acts(&writer)?;
    items(&writer)?;
    keys(&writer)?;
    wire::protocol(&writer)?;
    wire::hello(&writer)?;
    wire::log(&writer)?;
    custody(&writer)?;
    packs(&writer)?;
    gate(&writer)?;
    labels(&writer)?;
    rewraps(&writer)?;
    evidence(&writer)
}

struct Writer(PathBuf);

impl Writer {
    /// A seed, unless there is one of that name that is not empty.
    fn seed(&self, target: &str, name: &str, bytes: &[u8]) -> Made {
        self.file(&format!("corpus/{target}/{}", name.replace([' ', '/'], "-")), bytes)
    }

    fn file(&self, path: &str, bytes: &[u8]) -> Made {
        let path = self.0.join(path);
        if fs::metadata(&path).is_ok_and(|about| about.len() > 0) {
            return Ok(());
        }
        fs::create_dir_all(path.parent().ok_or("a path without a folder")?)?;
        Ok(fs::write(path, bytes)?)
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        Ok(fs::read(self.0.join(path))?)
    }

    fn vector(&self, path: &str) -> Result<Value, Box<dyn Error>> {
        Ok(serde_json::from_slice(&self.bytes(&format!("../vectors/{path}"))?)?)
    }
}

fn cases(vector: &Value) -> impl Iterator<Item = &Value> {
    vector["cases"].as_array().into_iter().flatten()
}

fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// What is read of `vectors/label`.
fn labels(writer: &Writer) -> Made {
    let index = writer.vector("label/index.json")?;
    let files = index["files"].as_array().into_iter().flatten();
    for file in files.filter(|file| field(file, "outcome") == "ok").map(|file| field(file, "file")) {
        let (folder, name) = file.split_once('/').ok_or("a file without a folder")?;
        let target = if folder == "label" { "stanag" } else { folder };
        writer.seed(target, name, &writer.bytes(&format!("../vectors/label/{file}"))?)?;
    }
    Ok(())
}

/// A statement of `body`, signed, and as the target of unsigned papers takes it.
fn paper<B: Body>(writer: &Writer, kind: u8, body: B) -> Made {
    let pair = signing_pair(&[1; 64])?;
    let head = Head {
        network: Network::Exercise,
        agreement: "gsomia-2016".to_owned(),
        pack: Digest([7; 32]),
        signer: "seoul.kor".to_owned(),
        key: pair.verifying().key_id(),
        at: NOW,
    };
    let statement = Statement { head, body };
    let unsigned = minicbor::to_vec(&statement)?;
    writer.seed("paper", B::NAME, &[&[kind], unsigned.as_slice()].concat())
}

fn statements(writer: &Writer) -> Made {
    let vector = writer.vector("statement/statements.json")?;
    // The order of the target's kinds.
    let kinds = [("decision", 2), ("admission", 6), ("receipt", 7), ("sign-in", 8)];
    for case in cases(&vector).filter(|case| field(case, "result") == "ok") {
        let signed = BASE64.decode(field(case, "statement_base64").as_bytes())?;
        writer.seed("envelope", field(case, "name"), &signed)?;
        if let Some((name, number)) = kinds.iter().find(|(name, _)| *name == field(case, "kind")) {
            let inner = HEXLOWER.decode(field(case, "inner_hex").as_bytes())?;
            writer.seed("paper", name, &[&[*number], inner.as_slice()].concat())?;
        }
    }
    let root = signing_pair(&[1; 64])?.verifying().clone();
    let custodians = vec!["custodian-1".to_owned(), "custodian-2".to_owned()];
    let shares = vec![Digest([1; 32]), Digest([2; 32])];
    paper(writer, 12, Ceremony { root, threshold: 2, custodians, shares })?;
    paper(writer, 11, Succession { previous: Digest([1; 32]), next: Digest([2; 32]) })?;
    let request = Request {
        case: attache_accord::CaseId([1; 16]),
        item_digest: Digest([2; 32]),
        label_digest: Digest([3; 32]),
        recipient: "tokyo.jpn".parse()?,
        purpose: "a purpose".to_owned(),
    };
    paper(writer, 0, request)?;
    let instrument = Instrument {
        party: "KOR".parse()?,
        number: 2,
        previous: Some(Digest([1; 32])),
        seen: [("JPN".parse()?, Digest([2; 32]))].into(),
        step: Step::GateSkipped { gate: "vice-ministers".to_owned() },
        official: "an office".to_owned(),
        document: "note 1".to_owned(),
        dated: NOW,
        holds: Holds { from: Some(Timestamp(1)), until: Some(NOW) },
        remark: "why".to_owned(),
    };
    paper(writer, 13, instrument)?;
    let verifying = signing_pair(&[1; 64])?.verifying().clone();
    paper(writer, 14, Notice { statement: vec![1, 2, 3], verifying })?;
    let what = Approved::OtherPurpose("training".parse()?);
    let consent = consent::Consent {
        item_digest: Digest([2; 32]),
        to: "tokyo.jpn".parse()?,
        step: consent::Step::Given { what, until: Some(NOW) },
        document: "letter 7".to_owned(),
    };
    paper(writer, 18, Consent { consent, words: "one course".to_owned() })?;
    let what = Destroyed { item_digest: Digest([2; 32]), dispatch: Some(DispatchId([3; 16])), copy: Some(1) };
    let destruction = Destruction {
        what,
        to: Some("seoul.kor".parse()?),
        means: "shredded".to_owned(),
        document: "protocol 4".to_owned(),
        first: Some(Digest([4; 32])),
    };
    paper(writer, 19, destruction)?;
    let kinds = [
        ("recall", 22),
        ("opening", 23),
        ("opening-answer", 24),
        ("opening-decision", 25),
        ("opening-key", 30),
    ];
    from_vector(writer, "statement/openings.json", &kinds)?;
    from_vector(writer, "statement/relay.json", &[("waybill", 27), ("hop-receipt", 28)])?;
    dockets(writer)?;
    successions(writer)?;
    let vector = writer.vector("statement/openings.json")?;
    let recall = cases(&vector).next().ok_or("a recall")?;
    writer.seed("envelope", "a-recall", &BASE64.decode(field(recall, "statement_base64").as_bytes())?)
}

/// What is shown with a letter: to the hub with its topics, and behind it with its receipt.
fn dockets(writer: &Writer) -> Made {
    let vector = writer.vector("statement/relay.json")?;
    let signed = |at: usize| -> Result<Signed, Box<dyn Error>> {
        let case = cases(&vector).nth(at).ok_or("a case")?;
        Ok(Signed::from_bytes(&BASE64.decode(field(case, "statement_base64").as_bytes())?)?)
    };
    let mut docket = Docket::new(&signed(0)?);
    docket.topics = Some(ShownTopics {
        leaf: vec![7; 528].into(),
        index: 41,
        salt: [8; 32].into(),
        topics: "north-korean-missile".to_owned(),
    });
    writer.seed("docket", "to-the-hub", &docket.to_bytes())?;
    let with_a_share = docket.clone().with_share(Some(vec![9; 1213]));
    writer.seed("docket", "to-the-hub-with-a-share", &with_a_share.to_bytes())?;
    writer.seed("docket", "from-the-hub", &docket.with_hop(&signed(1)?).to_bytes())
}

/// The good statements of a vector.
fn from_vector(writer: &Writer, vector: &str, kinds: &[(&str, u8)]) -> Made {
    let vector = writer.vector(vector)?;
    for case in cases(&vector).filter(|case| field(case, "result") == "ok") {
        let found = kinds.iter().find(|(name, _)| *name == field(case, "kind"));
        let (_, number) = found.ok_or("a kind without a number")?;
        let inner = HEXLOWER.decode(field(case, "inner_hex").as_bytes())?;
        writer.seed("paper", field(case, "name"), &[&[*number], inner.as_slice()].concat())?;
    }
    Ok(())
}

fn successions(writer: &Writer) -> Made {
    let seen = SeenLog { by: "tokyo.jpn".parse()?, size: 64, root: Digest([6; 32]) };
    let succession = LogSuccession {
        node: "seoul.kor".parse()?,
        previous: "seoul.kor/log/1".to_owned(),
        origin: "seoul.kor/log/2".to_owned(),
        size: 48,
        root: Digest([5; 32]),
        since: NOW,
        seen: vec![seen],
        reason: "a disk".to_owned(),
        promised: None,
    };
    paper(writer, 26, succession)
}

fn acts(writer: &Writer) -> Made {
    let first =
        ["founded", "person-enrolled", "item-marked", "admitted", "incident-raised"].map(|name| (1, name));
    for (version, name) in first.into_iter().chain([
        (3, "instrument-made"),
        (3, "pack-adopted"),
        (3, "ruled-visit"),
        (4, "consent-made"),
        (4, "handled"),
        (4, "destruction-signed"),
        (5, "recall-made"),
        (5, "opening-asked"),
        (5, "opening-decided"),
        (5, "log-succeeded"),
        (5, "succession-shown"),
        (7, "letter-taken"),
        (7, "letter-decided"),
    ]) {
        let hex = String::from_utf8(writer.bytes(&format!("../vectors/act/v{version}/{name}.cbor.hex"))?)?;
        let act = HEXLOWER.decode(hex.trim().as_bytes())?;
        // A row is a map of version, time and act.
        let entry = Entry { version: ENTRY_VERSION, at: NOW, act: minicbor::decode(&act)? };
        writer.seed("act", name, &minicbor::to_vec(&entry)?)?;
    }
    Ok(())
}

fn items(writer: &Writer) -> Made {
    let vector = writer.vector("tdf/containers.json")?;
    let names =
        [("with a label", "labelled"), ("an empty item", "empty item"), ("two segments", "two segments")];
    for (name, seed) in names {
        let Some(case) = cases(&vector).find(|case| field(case, "name") == name) else { continue };
        let bytes = BASE64.decode(field(case, "container_base64").as_bytes())?;
        writer.seed("container", seed, &bytes)?;
        let container = Container::open(Cursor::new(bytes))?;
        let manifest = container.manifest();
        writer.seed("manifest", seed, container.manifest_json())?;
        writer.seed("policy", seed, &BASE64.decode(manifest.policy_base64.as_bytes())?)?;
        if let Some(access) = manifest.key_access.first() {
            writer.seed("key-access", "hybrid", &serde_json::to_vec(access)?)?;
        }
        if let Some(assertion) = manifest.assertions.first() {
            writer.seed("assertion", "label", &serde_json::to_vec(assertion)?)?;
        }
    }
    writer.seed("label", "label", field(&vector, "label_value").as_bytes())?;
    writer.seed("policy", "dissem", br#"{"uuid":"u","body":{"dataAttributes":null,"dissem":["a@b"]}}"#)?;
    key_access(writer)
}

/// One object for each kind of key.
fn key_access(writer: &Writer) -> Made {
    let key = ContentKey::from_bytes(&[0x42; 32]);
    let policy = "e30=";
    let rsa = wrap::wrap_rsa(&writer.bytes("keys/rsa.spki")?, &key)?;
    let rsa = KeyAccess::new(KeyAccessKind::Wrapped, "https://a/kas", "1", &rsa, &key, policy);
    let metadata = Metadata { title: "t".into(), file_name: "f".into(), media_type: "text/plain".into() };
    let rsa = rsa.with_encrypted_metadata(metadata.seal(&key)?).with_sid("s");
    writer.seed("key-access", "rsa", &serde_json::to_vec(&rsa)?)?;
    let ec = wrap::wrap_ec(&writer.bytes("keys/p256.spki")?, &key)?;
    let ec = KeyAccess::new_ec("https://a/kas", "1", &ec, &key, policy);
    writer.seed("key-access", "ec", &serde_json::to_vec(&ec)?)
}

fn keys(writer: &Writer) -> Made {
    writer.seed(
        "keys",
        "rsa.pem",
        attache_seal::pem::encode(&writer.bytes("keys/rsa.spki")?, "PUBLIC KEY").as_bytes(),
    )?;
    let kem = attache_seal::KemSecret::from_secret_bytes(&writer.bytes("keys/kem.bin")?)?;
    writer.seed("keys", "kem.der", &kem.public().to_spki_der())
}

fn custody(writer: &Writer) -> Made {
    let lock = Lock::KeyFile(Zeroizing::new(vec![7; 32]));
    let mut archive = ArchiveWriter::begin(&lock, Vec::new())?;
    archive.write(b"an archive of the corpus")?;
    writer.seed("archive", "sealed", &archive.finish()?)?;
    writer.seed("key-file", "sealed", &keyfile::seal(&lock, SHARE_KIND, b"a secret of the corpus")?)?;
    let root: SigningPair = signing_pair(&[1; 64])?;
    let framed =
        |share: &Zeroizing<Vec<u8>>| [&(share.len() as u16).to_be_bytes(), share.as_slice()].concat();
    let shares: Vec<Vec<u8>> = split(&root, 2, 3)?.iter().map(framed).collect();
    writer.seed("shares", "two of three", &shares.iter().take(2).flatten().copied().collect::<Vec<_>>())?;
    writer.seed("shares", "all three", &shares.concat())?;
    let keys = Keyring::generate("seoul.kor/log/1")?;
    writer.seed("keyring", "seoul", &keys.to_secret_bytes()?)?;
    let keys = Keyring::from_secret_bytes(&writer.bytes("corpus/keyring/seoul")?, "seoul.kor/log/1")?;
    let name: NodeName = "seoul.kor".parse()?;
    let shown = leaf(&keys.tls_ca_pkcs8, &keys.tls_node_pkcs8, &name, NOW)?;
    writer.seed("certificate", "leaf", &shown.der)?;
    let believed =
        attache_node::link::certificate::authority(&keys.tls_ca_pkcs8, &name, NOW, NOW.plus_hours(24 * 365))?;
    writer.seed("certificate", "authority", &believed)?;
    Ok(())
}

fn packs(writer: &Writer) -> Made {
    for (number, file) in PACK_FILES.iter().enumerate().filter(|(_, file)| !file.ends_with(".md")) {
        let content = writer.bytes(&format!("../agreements/gsomia-2016/{file}"))?;
        writer.seed("pack", file, &[&[number as u8], content.as_slice()].concat())?;
    }
    Ok(())
}

fn gate(writer: &Writer) -> Made {
    let verifying = BASE64.encode(&minicbor::to_vec(signing_pair(&[3; 64])?.verifying())?);
    let statement = BASE64.encode(&writer.bytes("corpus/envelope/an-admitted-dispatch")?);
    let person = json!({ "person": "analyst-2", "roles": ["analyst"], "duties": ["humint"],
        "clearance": { "level": "KOR:II", "until": "2027-01-01T00:00:00.000Z" }, "verifying": verifying });
    let marking = json!({ "level": "KOR:II", "kind": "humint", "releasable_to": ["JPN"], "caveats": ["c"] });
    let item = "00".repeat(16);
    let requests = [
        ("challenge", "- POST /v1/challenges".to_owned(), json!({ "person": "analyst-1" })),
        ("session", "- POST /v1/sessions".to_owned(), json!({ "statement": statement })),
        ("person", "a POST /v1/persons".to_owned(), person),
        ("instrument", "o POST /v1/agreement/instruments".to_owned(), json!({ "statement": statement })),
        ("peer", "a POST /v1/peers".to_owned(), json!({ "card": statement, "fingerprint": "0000 1111" })),
        ("marking", format!("e POST /v1/items/{item}/marking"), marking),
        ("release", "e POST /v1/releases".to_owned(), json!({ "statement": statement })),
        ("admission", format!("e POST /v1/arrivals/{item}/admission"), json!({ "statement": statement })),
        (
            "pass on",
            format!("e POST /v1/items/{item}/handlings"),
            json!({ "action": "pass-on", "to": "USA" }),
        ),
        ("list", format!("e GET /v1/items?after={item}&limit=2"), Value::Null),
        ("rulings", "e GET /v1/rulings?from=0".to_owned(), Value::Null),
        ("remove", "a DELETE /v1/persons/analyst-2".to_owned(), Value::Null),
    ];
    for (name, line, body) in requests {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        writer.seed("request", name, format!("{line}\n{body}").as_bytes())?;
    }
    let uploads = [
        ("plain", json!({ "title": "t" }), "an item".to_owned()),
        (
            "tearline",
            json!({ "title": "t", "file_name": "f.txt", "media_type": "text/plain", "tearline": true }),
            "above\n=== TEARLINE ===\r\nbelow\n".to_owned(),
        ),
    ];
    for (name, metadata, item) in uploads {
        let metadata = metadata.to_string();
        let length = (metadata.len() as u16).to_be_bytes();
        writer.seed("upload", name, &[&length, metadata.as_bytes(), item.as_bytes()].concat())?;
    }
    Ok(())
}

/// The smallest exercise in which something crossed, and the life of one item of it.
fn evidence(writer: &Writer) -> Made {
    let failed = |found: attache_exercise::Found| format!("{found:?}");
    let whole = attache_exercise::evidence(7, 60, attache_exercise::Extent::Acts).map_err(failed)?;
    let item = attache_exercise::item_evidence(7, 60).map_err(failed)?;
    for (target, fingerprints, played) in
        [("evidence", "keys/fingerprints", whole), ("item", "keys/item-fingerprints", item)]
    {
        let mut packed = Vec::new();
        for (path, bytes) in &played.files {
            packed.extend((path.len() as u16).to_be_bytes());
            packed.extend(path.bytes());
            packed.extend((bytes.len() as u32).to_be_bytes());
            packed.extend(bytes);
        }
        // The two belong together: where one is kept the other is.
        writer.file(fingerprints, (played.fingerprints.join("\n") + "\n").as_bytes())?;
        writer.seed(target, "exercise", &packed)?;
    }
    Ok(())
}

/// Requests of the vectors, with the byte before them that says their form; and what stands beside them.
fn rewraps(writer: &Writer) -> Made {
    for case in cases(&writer.vector("rewrap/requests.json")?) {
        let text = |field: &str| case[field].as_str().unwrap_or_default();
        let form = u8::from(text("content_type") == "application/proto")
            | u8::from(text("content_encoding") == "gzip") << 1;
        let body = BASE64.decode(text("body_base64").as_bytes())?;
        writer.seed("rewrap", text("name"), &[&[form], body.as_slice()].concat())?;
    }
    // The example of RFC 9449, figure 2.
    let proof = writer.vector("rewrap/proof.json")?;
    writer.seed("possession", "rfc-9449", proof["proof"].as_str().unwrap_or_default().as_bytes())?;
    let names = ["level/value/kor-ii", "kind/value/humint", "releasable-to/value/jpn"];
    let names = names.map(|name| format!("https://seoul.kor/attr/{name}"));
    writer.seed("possession", "attributes", names.join("\n").as_bytes())?;
    let file = writer.vector("rewrap/tokens.json")?;
    for case in cases(&file) {
        let text = |field: &str| case[field].as_str().unwrap_or_default();
        writer.seed("provider", text("name"), text("token").as_bytes())?;
    }
    writer.seed("provider", "keys", file["keys"].to_string().as_bytes())?;
    let issuer = file["issuer"].as_str().unwrap_or_default();
    let description = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") }).to_string();
    writer.seed("provider", "description", description.as_bytes())
}
