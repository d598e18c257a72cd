//! One request to a witness outside. The caller waits no longer than [`CALL_SECONDS`], follows no redirection, uses no proxy, and
//! reads no more than a witness's answer has.
//!
//! *Absent:* trust. Cosignatures are believed by the witness's keys, wherever they come from.

use super::NotAWitness;
use attache_courier::frame::Witnessed;
use attache_courier::limits::MAX_COSIGNATURE_BYTES;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::aws_lc_rs::kx_group::{X25519, X25519MLKEM768};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// How long to wait for a connection, in seconds.
pub const CONNECT_SECONDS: u64 = 5;
/// How long a request may take with everything, in seconds.
pub const CALL_SECONDS: u64 = 20;
/// Longest answer, in bytes: cosignature lines, or why there are none.
const MAX_ANSWER_BYTES: u64 = MAX_COSIGNATURE_BYTES as u64;
/// Most certificates under which one is believed.
const MAX_ROOTS: usize = 16;
/// The type of the answer that says at which size a witness stands.
const SIZE: &str = "text/x.tlog.size";

/// Most characters of its words that are kept where a witness does not cosign.
const MAX_SAID_CHARS: usize = 200;

/// What a witness answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The answer.
    pub answer: Witnessed,
    /// Its words where it does not cosign, on one line; for people alone.
    pub said: String,
}

impl Called {
    fn of(answer: Witnessed) -> Self {
        Self { answer, said: String::new() }
    }
}

/// What calls one witness.
#[derive(Clone)]
pub struct Caller {
    agent: Agent,
    url: String,
}

impl Caller {
    /// A caller of the witness at `url`, over HTTPS where that says so, and then under these certificates in PEM and no others.
    ///
    /// # Errors
    /// [`NotAWitness::Url`] and [`NotAWitness::Roots`].
    pub fn new(url: &str, roots: Option<&[u8]>) -> Result<Self, NotAWitness> {
        let read = url.parse::<Uri>().ok().filter(|uri| uri.query().is_none() && uri.host().is_some());
        let is_sealed = match read.as_ref().and_then(Uri::scheme_str) {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(NotAWitness::Url),
        };
        if is_sealed != roots.is_some() {
            return Err(NotAWitness::Url);
        }
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        Ok(Self { agent: agent(roots)?, url })
    }

    /// Asks, and waits for the answer: 200 with lines, 409 with a size, or another status.
    ///
    /// # Errors
    /// That it could not be asked, or answered as no witness does.
    pub fn ask(&self, request: &[u8]) -> Result<Called, String> {
        let sent = self.agent.post(&self.url).content_type("text/plain; charset=utf-8").send(request);
        let mut response = sent.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let says_size = response.headers().get("content-type").is_some_and(|kind| kind == SIZE);
        let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        match status {
            200 => Ok(Called::of(Witnessed::cosigned(body.map_err(|error| error.to_string())?))),
            409 if says_size => {
                let body = body.map_err(|error| error.to_string())?;
                let text = std::str::from_utf8(&body).ok().and_then(|text| text.strip_suffix('\n'));
                let size = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
                let size = size.and_then(|size| size.parse().ok());
                size.map(|size| Called::of(Witnessed::stands_at(size)))
                    .ok_or_else(|| "409 without a size".to_owned())
            }
            // What it says beyond the status is not needed.
            status => {
                Ok(Called { answer: Witnessed::refused(status), said: one_line(&body.unwrap_or_default()) })
            }
        }
    }
}

fn one_line(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.chars().filter(|one| !one.is_control()).take(MAX_SAID_CHARS).collect()
}

/// What calls: over HTTPS under these certificates in PEM and no others, where there are any.
pub(super) fn agent(roots: Option<&[u8]>) -> Result<Agent, NotAWitness> {
    let builder = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .max_redirects(0)
        .max_idle_connections(0)
        .timeout_connect(Some(Duration::from_secs(CONNECT_SECONDS)))
        .timeout_global(Some(Duration::from_secs(CALL_SECONDS)));
    let config = match roots {
        Some(roots) => builder.tls_config(tls(roots)?).build(),
        None => builder.build(),
    };
    Ok(config.new_agent())
}

fn tls(roots: &[u8]) -> Result<TlsConfig, NotAWitness> {
    let mut certificates = Vec::new();
    for item in parse_pem(roots) {
        match item {
            Ok(PemItem::Certificate(certificate)) if certificates.len() < MAX_ROOTS => {
                certificates.push(certificate);
            }
            _ => return Err(NotAWitness::Roots),
        }
    }
    if certificates.is_empty() {
        return Err(NotAWitness::Roots);
    }
    let provider = CryptoProvider { kx_groups: vec![X25519MLKEM768, X25519], ..default_provider() };
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&certificates))
        .unversioned_rustls_crypto_provider(Arc::new(provider))
        .build())
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Caller({})", self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_witness_says_is_one_short_line() {
        assert_eq!(one_line(b"stopped\x1b[2J\r\n"), "stopped[2J");
        assert_eq!(one_line(&[0xff; 5000]).chars().count(), MAX_SAID_CHARS);
    }

    #[test]
    fn an_address_is_plain_or_comes_with_the_certificates_that_it_is_believed_under() {
        let wrong = |url, roots: Option<&str>| Caller::new(url, roots.map(str::as_bytes)).map(drop);
        assert_eq!(wrong("http://192.0.2.7:7090/witness/", None), Ok(()));
        for url in ["", "192.0.2.7:7090", "ftp://192.0.2.7", "/add-checkpoint", "http://192.0.2.7/?a"] {
            assert_eq!(wrong(url, None), Err(NotAWitness::Url), "{url}");
        }
        assert_eq!(wrong("https://overseer.example", None), Err(NotAWitness::Url), "under no authority");
        assert_eq!(wrong("http://192.0.2.7", Some("")), Err(NotAWitness::Url), "an authority for nothing");
        for roots in ["", "no certificate", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
        {
            assert_eq!(wrong("https://overseer.example", Some(roots)), Err(NotAWitness::Roots), "{roots}");
        }
    }
}
