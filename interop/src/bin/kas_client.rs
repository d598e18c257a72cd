//! The `opentdf` crate as a client of a node's key access service, over TLS. `SSL_CERT_FILE` names the authority to trust.
//!
//! usage: kas_client encrypt|decrypt URL CLIENT SECRET IN OUT [ATTRIBUTE...]
//!
//! It proves that it holds a key (DPoP) unless `LEGACY` is set.

use attache_interop::sealed_by_opentdf;
use opentdf::kas::{CallerKey, KasClient};
use opentdf::kas_discovery::OpentdfConfiguration;
use opentdf::kas_key::fetch_kas_public_key_connect;
use opentdf::{TdfArchive, TdfEncryption, wrap_key_with_rsa_oaep};
use serde_json::{Value, json};
use std::error::Error;
use std::io::Cursor;

type Answer<T> = Result<T, Box<dyn Error>>;

const TOKENS: &str = "/auth/protocol/openid-connect/token";

async fn sealed(url: &str, text: &[u8], attributes: &[String]) -> Answer<Vec<u8>> {
    let http = reqwest::Client::new();
    let key = fetch_kas_public_key_connect(&format!("{url}/kas.AccessService/PublicKey"), &http).await?;
    let encryption = TdfEncryption::new()?;
    let attributes: Vec<Value> = attributes.iter().map(|fqn| json!({ "attribute": fqn })).collect();
    let uuid = "1f78ad2b-d26b-4b66-be58-1e72776b96eb";
    let policy =
        json!({ "uuid": uuid, "body": { "dataAttributes": attributes, "dissem": null } }).to_string();
    let wrapped_key = wrap_key_with_rsa_oaep(encryption.payload_key(), &key.public_key)?;
    sealed_by_opentdf(&encryption, text, &format!("{url}/kas"), &policy, (wrapped_key, Some(key.kid)))
}

async fn opened(url: &str, client: &str, secret: &str, container: Vec<u8>) -> Answer<Vec<u8>> {
    // A key of this one run.
    let key = CallerKey::Ed25519(opentdf::ed25519_dalek::SigningKey::from_bytes(&rand_seed()?));
    let is_legacy = std::env::var_os("LEGACY").is_some();
    let form = [("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret)];
    let mut request = reqwest::Client::new().post(format!("{url}{TOKENS}")).form(&form);
    if !is_legacy {
        request = request.header("dpop", key.dpop_proof("POST", TOKENS, "")?);
    }
    let answer: Value = request.send().await?.json().await?;
    let token = answer["access_token"].as_str().ok_or_else(|| format!("no token: {answer}"))?;
    let kas = KasClient::new(&OpentdfConfiguration::for_kas_connect(url), token)?;
    let kas = if is_legacy { kas } else { kas.with_caller_key(key) };
    let mut archive = TdfArchive::new(Cursor::new(container))?;
    Ok(archive.by_index()?.decrypt_with_kas(&kas).await?)
}

fn rand_seed() -> Answer<[u8; 32]> {
    let mut seed = [0; 32];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut seed)?;
    Ok(seed)
}

fn main() -> Answer<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [verb, url, client, secret, source, target, attributes @ ..] = words.as_slice() else {
        return Err("usage: kas_client encrypt|decrypt URL CLIENT SECRET IN OUT [ATTRIBUTE...]".into());
    };
    let input = std::fs::read(source)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let output = runtime.block_on(async {
        match verb.as_str() {
            "encrypt" => sealed(url, &input, attributes).await,
            _ => opened(url, client, secret, input).await,
        }
    })?;
    Ok(std::fs::write(target, output)?)
}
