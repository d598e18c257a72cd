//! Writes the vectors of sealed items into the folder given: `containers.json` (good ones and many that must be
//! refused) and `one_tag_two_texts.json` (why a GCM tag is no evidence). The files are kept; keys and IVs are random,
//! so a second run gives other bytes of the same meaning.

use attache_accord::{Marking, Timestamp};
use attache_seal::label::{Es256Secret, Label, sign};
use attache_seal::tdf::{
    Container, ContainerWriter, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Policy, seal_stream,
};
use attache_seal::wrap::Encapsulation;
use attache_seal::{ContentKey, KemSecret};
use aws_lc_rs::cipher::{AES_256, EncryptingKey, UnboundCipherKey};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use std::error::Error;
use std::io::Cursor;

type Answer<T> = Result<T, Box<dyn Error>>;

const KEY: [u8; 32] = [0x42; 32];
const SEGMENT_BYTES: u32 = 48;
const NOON: Timestamp = Timestamp(1_795_478_400_000);

fn draft(kem: &KemSecret) -> Answer<ManifestDraft> {
    let key = ContentKey::from_bytes(&KEY);
    let policy = Policy {
        uuid: "1f78ad2b-d26b-4b66-be58-1e72776b96eb".to_owned(),
        attributes: vec!["https://tokyo.example/attr/a/value/7f".to_owned()],
    };
    let policy_base64 = policy.to_base64()?;
    let wrapped = Encapsulation::fresh(kem.public(), NOON)?.wrap(&key, NOON)?;
    let kid = kem.public().key_id().to_string();
    let url = "https://tokyo.example/kas";
    let object = KeyAccess::new(KeyAccessKind::HybridWrapped, url, &kid, &wrapped, &key, &policy_base64);
    Ok(ManifestDraft { key_access: vec![object], policy_base64, assertions: Vec::new() })
}

fn label() -> Answer<Label> {
    let marking = Marking {
        level: "JPN:TOKUTEI".parse()?,
        releasable_to: ["KOR".parse()?].into(),
        kind: "imagery".parse()?,
        caveats: vec!["EYES ONLY".to_owned()],
        marked_at: NOON,
        topics: Default::default(),
        control: None,
        purposes: [].into(),
    };
    let policy = "urn:oid:1.3.6.1.4.1.99999.1".to_owned();
    Ok(Label { marking, policy, classification: "SECRET".to_owned() })
}

/// A container and its item digest in hexadecimal.
fn seal(plain: &[u8], kem: &KemSecret, es256: Option<&Es256Secret>) -> Answer<(Vec<u8>, String)> {
    let key = ContentKey::from_bytes(&KEY);
    let mut writer = ContainerWriter::begin(Vec::new(), None)?;
    let (integrity, digest) = seal_stream(&mut &plain[..], &mut writer, &key, SEGMENT_BYTES)?;
    let mut draft = draft(kem)?;
    if let Some(es256) = es256 {
        draft.assertions.push(sign(label()?.to_assertion()?, &integrity, es256)?);
    }
    let json = Manifest::new(draft, integrity)?.to_json()?;
    Ok((writer.finish(&json)?, digest.to_string()))
}

fn apart(container: &[u8]) -> Answer<(Value, Vec<u8>)> {
    let opened = Container::open(Cursor::new(container))?;
    let at = usize::try_from(opened.payload_at())?;
    let bytes = usize::try_from(opened.manifest().integrity.payload_bytes())?;
    let payload = container.get(at..at + bytes).ok_or("payload")?.to_vec();
    Ok((serde_json::from_slice(opened.manifest_json())?, payload))
}

fn together(manifest: &[u8], payload: &[u8]) -> Answer<Vec<u8>> {
    let mut writer = ContainerWriter::begin(Vec::new(), Some(payload.len() as u64))?;
    writer.write_sealed(payload)?;
    Ok(writer.finish(manifest)?)
}

fn case(name: &str, container: &[u8], digest: &str, result: &str) -> Value {
    json!({ "name": name, "result": result, "item_digest_hex": digest, "container_base64": BASE64.encode(container) })
}

fn good(name: &str, plain: &[u8], container: &[u8], digest: &str) -> Value {
    let mut value = case(name, container, digest, "ok");
    value["plain_hex"] = json!(HEXLOWER.encode(plain));
    value
}

/// Alterations of the manifest by JSON pointer; a value of null takes the member away.
const MANIFEST_CHANGES: [(&str, &str, &str, &str); 21] = [
    ("policy swapped", "/encryptionInformation/policy", r#""e30=""#, "binding"),
    ("binding missing", "/encryptionInformation/keyAccess/0/policyBinding", "null", "manifest"),
    ("binding of zeros", "/encryptionInformation/keyAccess/0/policyBinding/hash", r#""AAAA""#, "binding"),
    ("binding alg none", "/encryptionInformation/keyAccess/0/policyBinding/alg", r#""none""#, "unfit"),
    ("wrapped key altered", "/encryptionInformation/keyAccess/0/wrappedKey", r#""AAAA""#, "no-key"),
    ("wrapped for a form not known", "/encryptionInformation/keyAccess/0/type", r#""remote""#, "no-key"),
    ("no key access", "/encryptionInformation/keyAccess", "[]", "manifest"),
    ("root alg none", "/encryptionInformation/integrityInformation/rootSignature/alg", r#""none""#, "unfit"),
    (
        "root signature empty",
        "/encryptionInformation/integrityInformation/rootSignature/sig",
        r#""""#,
        "manifest",
    ),
    (
        "root signature of zeros",
        "/encryptionInformation/integrityInformation/rootSignature/sig",
        r#""AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=""#,
        "root-signature",
    ),
    (
        "segment hash of zeros",
        "/encryptionInformation/integrityInformation/segments/0/hash",
        r#""AAAAAAAAAAAAAAAAAAAAAA==""#,
        "root-signature",
    ),
    ("segment list empty", "/encryptionInformation/integrityInformation/segments", "[]", "manifest"),
    (
        "segment too long",
        "/encryptionInformation/integrityInformation/segments/0/segmentSize",
        "49",
        "manifest",
    ),
    (
        "segment of 5 MiB",
        "/encryptionInformation/integrityInformation/segments/0/segmentSize",
        "5242880",
        "too-large",
    ),
    (
        "segment hash alg none",
        "/encryptionInformation/integrityInformation/segmentHashAlg",
        r#""none""#,
        "unfit",
    ),
    ("another cipher", "/encryptionInformation/method/algorithm", r#""AES-128-CBC""#, "unfit"),
    ("schemaVersion missing", "/schemaVersion", "null", "unfit"),
    ("schemaVersion 4.2.2", "/schemaVersion", r#""4.2.2""#, "unfit"),
    ("payload in the clear", "/payload/isEncrypted", "false", "manifest"),
    ("payload elsewhere", "/payload/url", r#""https://elsewhere/0.payload""#, "manifest"),
    ("no payload", "/payload", "null", "manifest"),
];

fn change(manifest: &Value, pointer: &str, to: &str) -> Answer<Vec<u8>> {
    let mut altered = manifest.clone();
    let (parent, name) = pointer.rsplit_once('/').ok_or("pointer")?;
    let to: Value = serde_json::from_str(to)?;
    match altered.pointer_mut(parent) {
        Some(Value::Object(members)) if to.is_null() => {
            drop(members.remove(name).ok_or("nothing to remove")?)
        }
        Some(Value::Object(members)) => drop(members.insert(name.to_owned(), to)),
        _ => return Err("no such member".into()),
    }
    Ok(serde_json::to_vec(&altered)?)
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    if let Some(byte) = out.get_mut(at) {
        *byte ^= 1;
    }
    out
}

fn containers() -> Answer<Value> {
    let kem = KemSecret::generate()?;
    let es256 = Es256Secret::generate()?;
    let plain = b"hello two governments, this is more than one segment of text for the vectors\n";
    let (container, digest) = seal(plain, &kem, None)?;
    let (labelled, labelled_digest) = seal(plain, &kem, Some(&es256))?;
    let (empty, empty_digest) = seal(b"", &kem, None)?;
    let (manifest, payload) = apart(&container)?;
    let json = serde_json::to_vec(&manifest)?;
    let text = String::from_utf8(json.clone())?;
    let mut cases = vec![
        good("two segments", plain, &container, &digest),
        good("with a label", plain, &labelled, &labelled_digest),
        good("an empty item", b"", &empty, &empty_digest),
    ];
    for (name, pointer, to, result) in MANIFEST_CHANGES {
        cases.push(case(name, &together(&change(&manifest, pointer, to)?, &payload)?, &digest, result));
    }
    let first = usize::try_from(SEGMENT_BYTES)? + 28;
    let mut swapped = payload.clone();
    swapped.rotate_left(first);
    let twice = text.replacen("\"policy\":", "\"policy\":\"e30=\",\"policy\":", 1);
    let others: [(&str, Vec<u8>, &str); 13] = [
        ("segments swapped", together(&json, &swapped)?, "segment"),
        (
            "first segment twice",
            together(&json, &[&payload[..first], &payload[..payload.len() - first]].concat())?,
            "segment",
        ),
        ("one bit of text", together(&json, &flipped(&payload, 20))?, "segment"),
        ("one bit of an IV", together(&json, &flipped(&payload, 3))?, "segment"),
        ("one bit of a tag", together(&json, &flipped(&payload, first - 1))?, "segment"),
        ("payload cut by one byte", together(&json, &payload[..payload.len() - 1])?, "manifest"),
        ("policy twice in one manifest", together(twice.as_bytes(), &payload)?, "manifest"),
        ("a byte before", [b"x", &container[..]].concat(), "container"),
        ("a byte after", [&container[..], b"x"].concat(), "container"),
        (
            "a comment in the end record",
            {
                let mut commented = container.clone();
                let at = commented.len() - 2;
                commented[at] = 1;
                [commented, b"x".to_vec()].concat()
            },
            "container",
        ),
        ("cut in the middle", container[..container.len() / 2].to_vec(), "container"),
        ("two containers end to end", [&container[..], &container[..]].concat(), "container"),
        ("nothing", Vec::new(), "container"),
    ];
    cases.extend(others.iter().map(|(name, bytes, result)| case(name, bytes, &digest, result)));
    cases.push(case("another item than the package names", &container, &"0".repeat(64), "item-digest"));
    Ok(json!({
        "about": "TDF containers. Open with the KEM secret (expanded ML-KEM-1024 decapsulation key, then the P-384 scalar) or the content key, and compare the item digest. `result` is ok or the code of the first rule broken.",
        "kem_secret_base64": BASE64.encode(&kem.to_secret_bytes()),
        "content_key_hex": HEXLOWER.encode(&KEY),
        "label_es256_hex": HEXLOWER.encode(es256.public()),
        "label_value": label()?.to_value()?,
        "cases": cases,
    }))
}

/// The product in GF(2^128) as GCM has it (NIST SP 800-38D, algorithm 1).
fn product(x: u128, y: u128) -> u128 {
    let mut sum = 0;
    let mut v = y;
    for bit in (0..128).rev() {
        if x >> bit & 1 == 1 {
            sum ^= v;
        }
        v = if v & 1 == 1 { v >> 1 ^ 0xe1 << 120 } else { v >> 1 };
    }
    sum
}

/// A text that begins like `wanted` and has, under the same key and IV, the tag of `plain`. The GHASH of a difference is
/// zero when its last block is the Horner sum of the blocks before; the keystream falls out.
fn same_tag(plain: &[u8; 48], wanted: &[u8; 32]) -> Answer<[u8; 48]> {
    let key = EncryptingKey::ecb(UnboundCipherKey::new(&AES_256, &KEY)?)?;
    let mut zero = [0u8; 16];
    key.encrypt(&mut zero)?;
    let h = u128::from_be_bytes(zero);
    let mut sum = 0u128;
    for (a, b) in plain.chunks_exact(16).zip(wanted.chunks_exact(16)) {
        let difference = u128::from_be_bytes(a.try_into()?) ^ u128::from_be_bytes(b.try_into()?);
        sum = product(sum ^ difference, h);
    }
    let mut out = *plain;
    out[..32].copy_from_slice(wanted);
    let last = u128::from_be_bytes(plain[32..].try_into()?) ^ sum;
    out[32..].copy_from_slice(&last.to_be_bytes());
    Ok(out)
}

fn one_tag_two_texts() -> Answer<Value> {
    let kem = KemSecret::generate()?;
    let plain = b"The exercise is put off until the third of June ";
    let other = same_tag(plain, b"The exercise begins tomorrow 4am")?;
    let (container, digest) = seal(plain, &kem, None)?;
    let (manifest, payload) = apart(&container)?;
    let mut forged = payload.clone();
    for (at, (a, b)) in plain.iter().zip(other).enumerate() {
        forged[12 + at] ^= a ^ b;
    }
    let forged_container = together(&serde_json::to_vec(&manifest)?, &forged)?;
    let forged_digest = Container::open(Cursor::new(&forged_container))?.item_digest()?.to_string();
    Ok(json!({
        "about": "Two texts under one key, one IV and one tag. Both containers satisfy every check that TDF makes; only the first is the item that the package names.",
        "content_key_hex": HEXLOWER.encode(&KEY),
        "item_digest_hex": digest,
        "accepted": { "container_base64": BASE64.encode(&container), "plain_hex": HEXLOWER.encode(plain) },
        "refused": {
            "container_base64": BASE64.encode(&forged_container),
            "plain_hex": HEXLOWER.encode(&other),
            "own_item_digest_hex": forged_digest,
            "result": "item-digest",
        },
    }))
}

fn main() -> Answer<()> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).ok_or("usage: tdf_vectors FOLDER")?);
    std::fs::write(folder.join("containers.json"), serde_json::to_string_pretty(&containers()?)? + "\n")?;
    std::fs::write(
        folder.join("one_tag_two_texts.json"),
        serde_json::to_string_pretty(&one_tag_two_texts()?)? + "\n",
    )?;
    Ok(())
}
