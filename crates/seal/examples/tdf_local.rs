//! Seals and opens a file with keys in PEM, without any key access service: to try the container against other
//! implementations.
//!
//! `tdf_local seal PUBLIC.pem IN OUT.tdf` · `tdf_local open PRIVATE.pem IN.tdf OUT`. RSA-2048 to 4096 or P-256.

use attache_seal::tdf::{
    Container, ContainerWriter, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Metadata, Policy,
    open_stream, seal_stream, segment_bytes_for,
};
use attache_seal::wrap::{EcSecret, RsaSecret, wrap_ec, wrap_rsa};
use attache_seal::{ContentKey, pem};
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};

type Answer<T> = Result<T, Box<dyn Error>>;

const URL: &str = "https://kas.example";
const KID: &str = "local";

fn main() -> Answer<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["seal", key, source, target] => seal(&std::fs::read_to_string(key)?, source, target),
        ["open", key, source, target] => open(&std::fs::read_to_string(key)?, source, target),
        _ => Err("usage: tdf_local seal|open KEY.pem IN OUT".into()),
    }
}

fn seal(key_pem: &str, source: &str, target: &str) -> Answer<()> {
    let spki = pem::decode(key_pem, "PUBLIC KEY").ok_or("not a PUBLIC KEY in PEM")?;
    let key = ContentKey::generate().ok_or("no randomness")?;
    let policy_base64 = Policy::fresh(Vec::new()).ok_or("no randomness")?.to_base64()?;
    let object = match wrap_ec(&spki, &key) {
        Ok(wrapped) => KeyAccess::new_ec(URL, KID, &wrapped, &key, &policy_base64),
        Err(_) => {
            KeyAccess::new(KeyAccessKind::Wrapped, URL, KID, &wrap_rsa(&spki, &key)?, &key, &policy_base64)
        }
    };
    let metadata = Metadata { file_name: source.to_owned(), ..Metadata::default() };
    let object = object.with_encrypted_metadata(metadata.seal(&key)?);
    let plain_bytes = std::fs::metadata(source)?.len();
    let mut writer = ContainerWriter::begin(BufWriter::new(File::create(target)?), None)?;
    let mut reader = BufReader::new(File::open(source)?);
    let (integrity, digest) =
        seal_stream(&mut reader, &mut writer, &key, segment_bytes_for(Some(plain_bytes)))?;
    let draft = ManifestDraft { key_access: vec![object], policy_base64, assertions: Vec::new() };
    writer.finish(&Manifest::new(draft, integrity)?.to_json()?)?;
    println!("{digest}");
    Ok(())
}

fn open(key_pem: &str, source: &str, target: &str) -> Answer<()> {
    let mut container = Container::open(BufReader::new(File::open(source)?))?;
    let rsa = RsaSecret::from_pem(key_pem);
    let ec = EcSecret::from_pem(key_pem);
    let key = container.manifest().content_key(|object| match (&rsa, &ec) {
        (Ok(rsa), _) => object.unwrap_with_rsa(rsa).ok(),
        (_, Ok(ec)) => object.unwrap_with_ec(ec).ok(),
        _ => None,
    })?;
    let mut out = BufWriter::new(File::create(target)?);
    let plain_bytes = open_stream(&mut container, &key, None, &mut out)?;
    out.flush()?;
    println!("{plain_bytes} bytes");
    Ok(())
}
