//! Files that other SDKs wrote: they open to the text that was put in, and altered ones do not.

use crate::samples::item::{apart, together};
use attache_seal::tdf::{Container, TdfError, open_stream};
use attache_seal::wrap::RsaSecret;
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::PathBuf;

const FILES: [&str; 3] = ["otdf-python-0.11.0.tdf", "web-sdk-0.19.0.tdf", "opentdf-rs-0.17.0.tdf"];
const PLAIN: &[u8] = b"hello two governments\n";

type Samples = (RsaSecret, Vec<(&'static str, Vec<u8>)>);

/// The sample files and the key that opens them, where they are there.
fn samples() -> Option<Samples> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/tdf"));
    let Ok(pem) = std::fs::read_to_string(folder.join("kas-r1-private.pem")) else {
        eprintln!("skipped: the samples are not there");
        return None;
    };
    let files = FILES.map(|name| (name, std::fs::read(folder.join(name)).unwrap()));
    Some((RsaSecret::from_pem(&pem).unwrap(), files.to_vec()))
}

fn open(file: &[u8], secret: &RsaSecret) -> Result<Vec<u8>, TdfError> {
    let mut container = Container::open(Cursor::new(file))?;
    let key = container.manifest().content_key(|object| object.unwrap_with_rsa(secret).ok())?;
    let mut out = Vec::new();
    open_stream(&mut container, &key, None, &mut out)?;
    Ok(out)
}

#[test]
fn files_of_three_sdks_open_to_the_text_that_was_put_in() {
    let Some((secret, files)) = samples() else { return };
    for (name, file) in files {
        assert_eq!(open(&file, &secret).unwrap(), PLAIN, "{name}");
    }
}

type Change = fn(&mut Value, &mut Vec<u8>);

#[test]
fn files_of_three_sdks_do_not_open_once_altered() {
    let Some((secret, files)) = samples() else { return };
    let changes: [(&str, &str, Change); 11] = [
        ("policy swapped", "binding", |m, _| {
            m["encryptionInformation"]["policy"] = json!("eyJ1dWlkIjoiIiwiYm9keSI6e319");
        }),
        ("binding missing", "manifest", |m, _| {
            m["encryptionInformation"]["keyAccess"][0].as_object_mut().unwrap().remove("policyBinding");
        }),
        ("binding emptied", "binding", |m, _| {
            m["encryptionInformation"]["keyAccess"][0]["policyBinding"]["hash"] = json!("");
        }),
        ("root alg none", "unfit", |m, _| integrity(m)["rootSignature"]["alg"] = json!("none")),
        ("root signature emptied", "manifest", |m, _| integrity(m)["rootSignature"]["sig"] = json!("")),
        ("segment hash of zeros", "root-signature", |m, _| {
            integrity(m)["segments"][0]["hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA==");
        }),
        ("segment list emptied", "manifest", |m, _| integrity(m)["segments"] = json!([])),
        ("wrapped key altered", "no-key", |m, _| {
            let wrapped = &mut m["encryptionInformation"]["keyAccess"][0]["wrappedKey"];
            *wrapped = json!(wrapped.as_str().unwrap().chars().rev().collect::<String>());
        }),
        ("text bit flipped", "segment", |_, payload| payload[20] ^= 1),
        ("tag bit flipped", "segment", |_, payload| payload[49] ^= 1),
        ("payload cut", "manifest", |_, payload| payload.truncate(49)),
    ];
    for (file_name, file) in &files {
        for (name, expected, change) in changes {
            let (mut manifest, mut payload) = apart(file);
            change(&mut manifest, &mut payload);
            let result = open(&together(&manifest, &payload), &secret);
            assert_eq!(result.map_or_else(|e| e.code(), |_| "ok"), expected, "{file_name}: {name}");
        }
        let appended = [file.as_slice(), b"\0"].concat();
        assert_eq!(open(&appended, &secret).unwrap_err().code(), "container", "{file_name}");
    }
}

fn integrity(manifest: &mut Value) -> &mut Value {
    &mut manifest["encryptionInformation"]["integrityInformation"]
}

#[test]
fn every_truncation_of_a_file_of_another_sdk_is_refused() {
    let Some((secret, files)) = samples() else { return };
    for (name, file) in files {
        for end in 0..file.len() {
            assert!(open(&file[..end], &secret).is_err(), "{name} cut at {end}");
        }
    }
}
