//! Writes the first seeds of the corpus, from `vectors/` and `agreements/` where they have what is needed, and by signing,
//! sealing and exchanging where a seed must be true. No file that is there is written again: crashes stand beside these.
//!
//! `cargo run -p attache-fuzz --example seeds`
//!
//! *Absent:* secrets. The keys made here lock nothing but the corpus.

use attache_accord::act::{ENTRY_VERSION, Entry};
use attache_accord::{Digest, Network, NodeName, Timestamp};
use attache_custody::ceremony::{SHARE_KIND, split};
use attache_custody::keyring::signing_pair;
use attache_custody::{Keyring, Lock, keyfile};
use attache_node::link::certificate::leaf;
use attache_release::PACK_FILES;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{Ceremony, Request, Succession};
use attache_seal::statement::{Body, Head, Statement};
use attache_seal::tdf::{Container, KeyAccess, KeyAccessKind, Metadata};
use attache_seal::{ContentKey, wrap};
use attache_tlog::{BundleId, Checkpoint, Hash, ProofFile, TileId, encode_bundle};
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
    protocol(&writer)?;
    log(&writer)?;
    custody(&writer)?;
    packs(&writer)?;
    gate(&writer)?;
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
    paper(writer, 0, request)
}

fn acts(writer: &Writer) -> Made {
    for name in ["founded", "person-enrolled", "item-marked", "admitted", "ruled", "incident-raised"] {
        let hex = String::from_utf8(writer.bytes(&format!("../vectors/act/v1/{name}.cbor.hex"))?)?;
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

fn protocol(writer: &Writer) -> Made {
    let wire = |name: &str| -> Result<Vec<u8>, Box<dyn Error>> {
        Ok(HEXLOWER
            .decode(field(&writer.vector(&format!("courier/v1/{name}.json"))?, "wire_hex").as_bytes())?)
    };
    for name in ["hello", "offer", "accept", "decline", "receipt", "close", "ping"] {
        writer.seed("frame", name, wire(name)?.get(4..).unwrap_or_default())?;
    }
    let hello = wire("hello")?;
    let joined = |frames: &[&[u8]]| frames.concat();
    let (offer, receipt) = (wire("offer-of-a-statement-alone")?, wire("receipt")?);
    let (ping, pong, close) = (wire("ping")?, wire("pong")?, wire("close")?);
    writer.seed(
        "session",
        "listening",
        &joined(&[&[0], &hello, &ping, &offer, &wire("done")?, &receipt, &close]),
    )?;
    writer.seed("session", "listening data", &joined(&[&[4], &hello, &wire("offer")?, &wire("data")?]))?;
    // The same Hello, from the other node.
    let mut other = attache_courier::frame::Hello {
        versions: vec![1],
        node: "tokyo.jpn".parse()?,
        network: Network::Demo,
        agreement: "gsomia-2016".to_owned(),
        pack: Digest([1; 32]),
        clock: NOW,
        window: 8,
    };
    let calling =
        |hello: &attache_courier::frame::Hello| attache_courier::frame::Frame::Hello(hello.clone()).to_wire();
    let about = attache_courier::frame::Frame::Accept(attache_courier::frame::Accept {
        dispatch: attache_accord::DispatchId([1; 16]),
        have: 60,
    });
    let stored = attache_courier::frame::Frame::Stored(attache_courier::frame::About {
        dispatch: attache_accord::DispatchId([1; 16]),
    });
    let whole =
        [&[1], calling(&other).as_slice(), &about.to_wire(), &stored.to_wire(), &receipt, &ping].concat();
    writer.seed("session", "calling", &whole)?;
    other.pack = Digest([2; 32]);
    writer.seed("session", "calling another pack", &[&[3], calling(&other).as_slice(), &pong].concat())
}

fn log(writer: &Writer) -> Made {
    let checkpoints = writer.vector("tlog/checkpoint.json")?;
    let good = cases(&checkpoints).filter(|case| case["valid"] == true).take(4);
    let mut note = String::new();
    for case in good {
        writer.seed("note", field(case, "name"), field(case, "note").as_bytes())?;
        note = field(case, "note").to_owned();
        for key in case["keys"].as_array().into_iter().flatten() {
            let key = key.as_str().unwrap_or_default();
            let kind = if key.len() > 200 { "ml-dsa" } else { "ed25519" };
            writer.seed("vkey", kind, key.as_bytes())?;
        }
    }
    let cosigned = writer.vector("tlog/cosignature.json")?;
    for case in cases(&cosigned).filter(|case| case["valid"] == true).take(2) {
        writer.seed("note", field(case, "name"), field(case, "note").as_bytes())?;
        writer.seed("vkey", "cosigner", case["keys"][0].as_str().unwrap_or_default().as_bytes())?;
    }
    let text = note.split("\n\n").next().unwrap_or_default();
    Checkpoint::parse(&format!("{text}\n"))?;
    let proof = vec![Hash([1; 32]), Hash([2; 32])];
    let file = ProofFile::new(3, proof.clone(), &note)?.with_extra(b"more".to_vec())?;
    writer.seed("proof-file", "two hashes", file.to_string().as_bytes())?;
    let asked = attache_tlog::AddCheckpoint::new(3, proof, &note)?;
    writer.seed("witness", "two hashes", asked.to_string().as_bytes())?;
    for (level, index) in [(0, 0), (1, 70_001), (3, 1)] {
        if let Some(tile) = TileId::in_tree(level, index, 1 << 40) {
            writer.seed("path", &format!("tile {level} {index}"), tile.path().as_bytes())?;
        }
    }
    if let Some(bundle) = BundleId::in_tree(1_234, 316_000) {
        writer.seed("path", "bundle", bundle.path().as_bytes())?;
    }
    writer.seed("bundle", "three", &encode_bundle(&[b"one".as_slice(), b"", b"three"])?)?;
    for (kind, name, [one, other], [first, second]) in [
        ("inclusion", "inclusion", ["index", "size"], ["leaf_hash", "root"]),
        ("consistency", "consistency", ["old", "new"], ["old_root", "new_root"]),
    ] {
        let vector = writer.vector(&format!("tlog/{kind}.json"))?;
        let fits =
            |case: &&Value| case["valid"] == true && case["proof"].as_array().is_some_and(|p| p.len() > 2);
        let Some(case) = cases(&vector).find(fits) else { continue };
        let mut bytes = Vec::new();
        for number in [one, other] {
            bytes.extend(case[number].as_u64().unwrap_or_default().to_be_bytes());
        }
        for hash in [first, second] {
            bytes.extend(HEXLOWER.decode(field(case, hash).as_bytes())?);
        }
        for hash in case["proof"].as_array().into_iter().flatten() {
            bytes.extend(HEXLOWER.decode(hash.as_str().unwrap_or_default().as_bytes())?);
        }
        writer.seed("proof", name, &bytes)?;
    }
    Ok(())
}

fn custody(writer: &Writer) -> Made {
    let lock = Lock::KeyFile(Zeroizing::new(vec![7; 32]));
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
    hello(writer)
}

/// The first words of a TLS client and of a server, as far as their forms go.
fn hello(writer: &Writer) -> Made {
    use rustls::{ClientConfig, ClientConnection, RootCertStore};
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.kx_groups = vec![rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768];
    let mut config = ClientConfig::builder_with_provider(std::sync::Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"attache/1".to_vec()];
    let mut client = ClientConnection::new(std::sync::Arc::new(config), "tokyo.jpn".try_into()?)?;
    let mut said = vec![0];
    client.write_tls(&mut said)?;
    writer.seed("handshake", "client", &said)?;
    // A ServerHello that takes the group of another client, which is refused.
    let mut answered = vec![1, 22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3];
    answered.extend([9; 32]);
    answered.extend([0, 0x13, 0x01, 0, 0, 46, 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0x11, 0xec, 0, 32]);
    answered.extend([5; 32]);
    writer.seed("handshake", "server", &answered)
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
    let position = json!({ "party": "JPN", "from": "2026-01-01T00:00:00.000Z", "until": null, "basis": "b" });
    let marking = json!({ "level": "KOR:II", "kind": "humint", "releasable_to": ["JPN"], "caveats": ["c"] });
    let item = "00".repeat(16);
    let requests = [
        ("challenge", "- POST /v1/challenges".to_owned(), json!({ "person": "analyst-1" })),
        ("session", "- POST /v1/sessions".to_owned(), json!({ "statement": statement })),
        ("person", "a POST /v1/persons".to_owned(), person),
        ("position", "a POST /v1/positions".to_owned(), position),
        ("peer", "a POST /v1/peers".to_owned(), json!({ "card": statement, "fingerprint": "0000 1111" })),
        ("marking", format!("e POST /v1/items/{item}/marking"), marking),
        ("release", "e POST /v1/releases".to_owned(), json!({ "statement": statement })),
        ("admission", format!("e POST /v1/arrivals/{item}/admission"), json!({ "statement": statement })),
        ("pass on", format!("e POST /v1/items/{item}/passing-on"), json!({ "to": "USA" })),
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

/// The smallest exercise in which something crossed.
fn evidence(writer: &Writer) -> Made {
    let played = attache_exercise::evidence(7, 60).map_err(|found| format!("{found:?}"))?;
    let mut packed = Vec::new();
    for (path, bytes) in &played.files {
        packed.extend((path.len() as u16).to_be_bytes());
        packed.extend(path.bytes());
        packed.extend((bytes.len() as u32).to_be_bytes());
        packed.extend(bytes);
    }
    // The two belong together: where one is kept the other is.
    writer.file("keys/fingerprints", (played.fingerprints.join("\n") + "\n").as_bytes())?;
    writer.seed("evidence", "exercise", &packed)
}
