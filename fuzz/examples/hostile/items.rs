//! Sealed items: containers put together wrongly, or rightly around a manifest that is wrong.

use super::{Made, Shelf};
use attache_seal::tdf::Container;
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::error::Error;
use std::io::Cursor;
use std::path::Path;

/// An entry of a zip as it is written, which need not be true.
#[derive(Clone)]
struct Entry<'a> {
    name: &'a str,
    bytes: &'a [u8],
    flags: u16,
    method: u16,
    /// What is said to be its length; the truth where nothing is said.
    said: Option<u32>,
    /// Where it is said to begin; the truth where nothing is said.
    at: Option<u32>,
}

fn entry<'a>(name: &'a str, bytes: &'a [u8]) -> Entry<'a> {
    Entry { name, bytes, flags: 0, method: 0, said: None, at: None }
}

/// A zip of these entries, and its directory.
fn zip(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let at = entry.at.unwrap_or(out.len() as u32);
        let said = entry.said.unwrap_or(entry.bytes.len() as u32);
        let crc32 = crc32(entry.bytes);
        out.extend(0x0403_4b50u32.to_le_bytes());
        let common: Vec<u8> =
            [20, entry.flags, entry.method, 0, 0x21].iter().flat_map(|f| f.to_le_bytes()).collect();
        let sizes: Vec<u8> = [crc32, said, said].iter().flat_map(|f| f.to_le_bytes()).collect();
        out.extend([common.as_slice(), &sizes, &(entry.name.len() as u16).to_le_bytes(), &[0, 0]].concat());
        out.extend(entry.name.bytes());
        out.extend(entry.bytes);
        directory.extend(0x0201_4b50u32.to_le_bytes());
        directory
            .extend([&[20, 0], common.as_slice(), &sizes, &(entry.name.len() as u16).to_le_bytes()].concat());
        directory.extend([0; 12]);
        directory.extend(at.to_le_bytes());
        directory.extend(entry.name.bytes());
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(0x0605_4b50u32.to_le_bytes());
    out.extend([0, 0, entries.len() as u16, entries.len() as u16].iter().flat_map(|f| f.to_le_bytes()));
    out.extend([directory.len() as u32, at].iter().flat_map(|f| f.to_le_bytes()));
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |mut crc: u32, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
        crc
    })
}

/// The sealed segments and the manifest of a container of `vectors/tdf`.
fn sample(name: &str) -> Result<(Vec<u8>, Vec<u8>), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/tdf/containers.json");
    let file: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let cases = file["cases"].as_array().ok_or("cases")?;
    let case = cases.iter().find(|case| case["name"] == name).ok_or("no such case")?;
    let bytes = BASE64.decode(case["container_base64"].as_str().unwrap_or_default().as_bytes())?;
    let container = Container::open(Cursor::new(bytes.as_slice()))?;
    let (at, length) = (container.payload_at(), container.manifest().integrity.payload_bytes());
    let payload = bytes.get(at as usize..(at + length) as usize).unwrap_or_default().to_vec();
    Ok((payload, container.manifest_json().to_vec()))
}

pub fn put(shelf: &mut Shelf) -> Made {
    let (payload, manifest) = sample("with a label")?;
    let (other_payload, other_manifest) = sample("two segments")?;
    let whole = zip(&[entry("0.payload", &payload), entry("0.manifest.json", &manifest)]);
    let mut put = |name: &str, outcome: &str, why: &str, bytes: &[u8]| {
        shelf.put("container", &format!("{name}.tdf"), outcome, why, bytes)
    };
    put("control", "ok", "an item of vectors/tdf in a plain zip", &whole)?;
    let turned = zip(&[entry("manifest.json", &manifest), entry("0.payload", &payload)]);
    put("control-manifest-first", "ok", "the manifest first, and under its other name", &turned)?;

    let frame = "container";
    let named =
        |payload_name, manifest_name| zip(&[entry(payload_name, &payload), entry(manifest_name, &manifest)]);
    put("slip-up", frame, "a name that climbs out of the folder", &named("../0.payload", "0.manifest.json"))?;
    put("slip-root", frame, "a name from the root", &named("/0.payload", "0.manifest.json"))?;
    put("slip-drive", frame, "a name on a drive", &named("C:\\0.payload", "0.manifest.json"))?;
    put("slip-manifest", frame, "a manifest that climbs", &named("0.payload", "../0.manifest.json"))?;
    put("name-with-zero", frame, "a zero byte behind the name", &named("0.payload\0", "0.manifest.json"))?;
    put("two-payloads", frame, "two payloads, no manifest", &named("0.payload", "0.payload"))?;
    let three = zip(&[
        entry("0.payload", &payload),
        entry("0.manifest.json", &manifest),
        entry("0.manifest.json", &other_manifest),
    ]);
    put("two-manifests", frame, "two manifests of one name", &three)?;
    let three = zip(&[
        entry("0.payload", &payload),
        entry("0.manifest.json", &manifest),
        entry("manifest.json", &other_manifest),
    ]);
    put("two-manifests-two-names", frame, "a manifest under each name", &three)?;
    let behind = [whole.as_slice(), b"more"].concat();
    put("bytes-behind", frame, "bytes behind the end", &behind)?;
    let before = [b"#!/bin/sh\n", whole.as_slice()].concat();
    put("bytes-before", frame, "bytes before the begin", &before)?;
    put("cut", frame, "cut in the middle", whole.get(..whole.len() / 2).unwrap_or_default())?;

    let deflated = Entry { method: 8, ..entry("0.manifest.json", &manifest) };
    put(
        "compressed",
        frame,
        "an entry that says it is compressed",
        &zip(&[entry("0.payload", &payload), deflated]),
    )?;
    let hidden = Entry { flags: 1, ..entry("0.payload", &payload) };
    put(
        "encrypted",
        frame,
        "an entry under a zip password",
        &zip(&[hidden, entry("0.manifest.json", &manifest)]),
    )?;
    let huge = Entry { said: Some(0xffff_fffe), ..entry("0.payload", &payload) };
    put("bomb", frame, "a payload of 4 GiB, it says", &zip(&[huge, entry("0.manifest.json", &manifest)]))?;
    let wide = Entry { said: Some(0xffff_ffff), ..entry("0.payload", &payload) };
    put(
        "zip64-without",
        frame,
        "a length that stands in a field that is not there",
        &zip(&[wide, entry("0.manifest.json", &manifest)]),
    )?;
    let over = Entry { at: Some(0), ..entry("0.manifest.json", &manifest) };
    put("overlap", frame, "both entries at one place", &zip(&[entry("0.payload", &payload), over]))?;
    let long = Entry { said: Some(payload.len() as u32 + 40), ..entry("0.payload", &payload) };
    put(
        "overlap-in-part",
        frame,
        "a payload that reaches into the manifest",
        &zip(&[long, entry("0.manifest.json", &manifest)]),
    )?;

    let around = |json: &[u8]| zip(&[entry("0.payload", &payload), entry("0.manifest.json", json)]);
    let mut says = |name: &str, outcome: &str, why: &str, json: &[u8]| put(name, outcome, why, &around(json));
    let text = std::str::from_utf8(&manifest)?;
    let twice = text.replacen("\"policy\":", "\"policy\":\"e30=\",\"policy\":", 1);
    says("name-twice", "manifest", "one name twice in an object", twice.as_bytes())?;
    let escaped = text.replacen("\"policy\":", "\"\\u0070olicy\":\"e30=\",\"policy\":", 1);
    says("name-twice-escaped", "manifest", "one name twice, once with an escape", escaped.as_bytes())?;
    let deep = format!(
        "{{\"extra\":{}{},{}",
        "[".repeat(100_000),
        "]".repeat(100_000),
        text.get(1..).unwrap_or_default()
    );
    says("deep", "manifest", "100000 arrays deep", deep.as_bytes())?;
    let surrogate = text.replacen("\"url\":\"", "\"url\":\"\\ud800", 1);
    says("half-a-character", "manifest", "half of a surrogate pair", surrogate.as_bytes())?;
    says("text-behind", "manifest", "text behind the object", format!("{text}{{}}").as_bytes())?;
    says("byte-order-mark", "manifest", "a byte order mark", format!("\u{feff}{text}").as_bytes())?;
    says("no-object", "manifest", "a number", b"7")?;

    let mut changed = |name: &str, outcome: &str, why: &str, change: &dyn Fn(&mut Value)| -> Made {
        let mut json: Value = serde_json::from_slice(&manifest)?;
        change(&mut json);
        says(name, outcome, why, &serde_json::to_vec(&json)?)
    };
    let policy = BASE64.encode(
        br#"{"uuid":"00000000-0000-4000-8000-000000000000","body":{"dataAttributes":[],"dissem":[]}}"#,
    );
    changed("policy-swapped", "binding", "another policy under the same binding", &|json| {
        json["encryptionInformation"]["policy"] = json!(policy);
    })?;
    let access = "/encryptionInformation/keyAccess/0";
    let at = |json: &mut Value, path: &str, value: Value| {
        if let Some(slot) = json.pointer_mut(path) {
            *slot = value;
        }
    };
    changed("binding-missing", "manifest", "no policy binding", &|json| {
        if let Some(Value::Object(object)) = json.pointer_mut(access) {
            object.remove("policyBinding");
        }
    })?;
    changed("binding-none", "unfit", "a policy binding by no algorithm", &|json| {
        at(json, &format!("{access}/policyBinding/alg"), json!("none"));
    })?;
    let root = "/encryptionInformation/integrityInformation/rootSignature";
    changed("root-none", "unfit", "a root signature by no algorithm", &|json| {
        at(json, &format!("{root}/alg"), json!("none"));
    })?;
    changed("root-zeros", "root-signature", "a root signature of zeros", &|json| {
        at(json, &format!("{root}/sig"), json!(BASE64.encode(&[0; 32])));
    })?;
    let segment = "/encryptionInformation/integrityInformation/segments/0";
    changed("segment-negative", "manifest", "a segment of -1 bytes", &|json| {
        at(json, &format!("{segment}/segmentSize"), json!(-1));
    })?;
    changed("segment-fraction", "manifest", "a segment of half a byte", &|json| {
        at(json, &format!("{segment}/segmentSize"), json!(0.5));
    })?;
    changed("segments-many", "manifest", "more segments than the payload has", &|json| {
        if let Some(Value::Array(segments)) =
            json.pointer_mut("/encryptionInformation/integrityInformation/segments")
        {
            let first = segments.first().cloned().unwrap_or_default();
            segments.extend(vec![first; 1000]);
        }
    })?;
    changed("key-access-many", "too-large", "65 ways to the key", &|json| {
        if let Some(Value::Array(objects)) = json.pointer_mut("/encryptionInformation/keyAccess") {
            let first = objects.first().cloned().unwrap_or_default();
            objects.resize(65, first);
        }
    })?;
    let swapped = zip(&[entry("0.payload", &other_payload), entry("0.manifest.json", &manifest)]);
    put("payload-swapped", "segment", "the payload of another item", &swapped)
}
