//! The configuration: one TOML file in the node's folder, and `ATTACHE_*` above it.
//!
//! *Absent:* secrets. A key file may be named here, never its content.

use crate::context::{Context, read_bounded};
use crate::found::{Failed, Found};
use attache_gate::{Door, Provider};
use attache_node::beat::{MAX_PAD_LEAVES, PAD_LEAVES};
use attache_node::outside::{Caller, Fetcher, MAX_OUTSIDE, Outside};
use attache_rewrap::discovery::Origin;
use attache_rewrap::provider::Expected;
use attache_tlog::VerifierKey;
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the file in the node's folder.
pub(crate) const FILE: &str = "attache.toml";
/// How often a checkpoint is published unless it is said, in seconds. Each beat costs the journal a block of padding, about
/// 15 kB that are kept for ever: 133 MB a year at this beat.
const BEAT_SECONDS: u64 = 3600;
/// The hour at which a node looks at itself where nothing is said: the quietest of the night.
const CHECK_HOUR: u8 = 3;
/// Most origins of web pages that may call the key access service.
const MAX_PAGES: usize = 16;
/// Longest file, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Check the configuration, and print each value with where it comes from.
    #[command(after_help = "Example: attache config check --home seoul")]
    Check,
}

/// The configuration of one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) node: Node,
    #[serde(default)]
    pub(crate) listen: Listen,
    #[serde(default)]
    pub(crate) kas: Kas,
    #[serde(default)]
    pub(crate) keys: Keys,
    #[serde(default)]
    pub(crate) log: Log,
    /// Witnesses of its log that are no partners.
    #[serde(default, rename = "witness", skip_serializing_if = "Vec::is_empty")]
    pub(crate) witnesses: Vec<Witness>,
}

/// A witness that is no partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Witness {
    /// Where it is reached, such as `http://192.0.2.7:7090`.
    pub(crate) url: String,
    /// Its verifier keys.
    pub(crate) keys: Vec<String>,
    /// The certificates, in PEM, under which its own must be where the address is https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) roots: Option<String>,
}

impl Witness {
    fn read(&self) -> Result<Outside, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("witness: {}: {error}", self.url);
        let keys: Result<Vec<VerifierKey>, _> = self.keys.iter().map(|key| key.parse()).collect();
        let roots = self.roots.as_deref().map(str::as_bytes);
        let caller = Caller::new(&self.url, roots).map_err(|error| wrong(&error))?;
        Outside::new(keys.map_err(|error| wrong(&error))?, caller).map_err(|error| wrong(&error))
    }
}

/// Which node this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Node {
    pub(crate) name: String,
}

/// Where it listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Listen {
    /// Partners, over the courier's protocol.
    pub(crate) partner: SocketAddr,
    /// People and their clients, over HTTPS.
    pub(crate) people: SocketAddr,
    /// Whoever watches the node; loopback only.
    pub(crate) admin: SocketAddr,
    /// Whoever checks the published log, over plain HTTP; nowhere unless it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<SocketAddr>,
    /// Machine clients that want keys, over HTTPS; nowhere unless it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kas: Option<SocketAddr>,
    /// Whoever reads the transparency page, over plain HTTP; nowhere unless it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) public: Option<SocketAddr>,
}

/// The key access service of OpenTDF.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Kas {
    /// How clients reach it, such as `https://seoul.kor:8444`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// Whether a proxy on this machine seals the connections: the listener speaks plain HTTP, on loopback only.
    pub(crate) plain: bool,
    /// The origins whose web pages may call from a browser, such as `https://desk.seoul.kor`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pages: Vec<String>,
    /// An identity provider whose access tokens are taken beside the node's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) oidc: Option<Oidc>,
}

/// An identity provider outside (OpenID Connect).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Oidc {
    /// The provider as it names itself, an https address.
    pub(crate) issuer: String,
    /// This service as its tokens name it.
    pub(crate) audience: String,
    /// The claim that holds the person's name on the roll.
    pub(crate) claim: String,
    /// The certificates, in PEM, under which the provider's own must be.
    pub(crate) roots: String,
    /// Whether tokens are taken that are bound to no key of the client's.
    #[serde(default)]
    pub(crate) bearer: bool,
}

impl Oidc {
    /// What its tokens must be, and what fetches its keys.
    pub(crate) fn read(&self) -> Result<(Expected, Fetcher), String> {
        let (issuer, audience, claim) = (self.issuer.clone(), self.audience.clone(), self.claim.clone());
        let expected = Expected { issuer, audience, claim, takes_bearer: self.bearer };
        if !expected.is_sound() {
            return Err("kas.oidc: issuer, an https address without a query; audience and claim, up to 256 bytes each".into());
        }
        let fetcher = Fetcher::new(self.roots.as_bytes()).ok_or("kas.oidc.roots: certificates in PEM")?;
        Ok((expected, fetcher))
    }
}

/// Whether an origin is of the one form in which browsers send it (RFC 6454, 6.2). A page of any other would never be let in, for
/// what they send is compared to the letter.
fn is_as_browsers_write(page: &str) -> bool {
    let has_default_port = match page.split_once("://") {
        Some(("https", host)) => host.ends_with(":443"),
        Some(("http", host)) => host.ends_with(":80"),
        _ => false,
    };
    !has_default_port && !page.contains(|c: char| c.is_ascii_uppercase())
}

impl Kas {
    /// How clients reach the service, where it listens.
    pub(crate) fn door(&self) -> Result<Door, String> {
        let rule =
            "kas.url: how clients reach listen.kas, scheme, host and port, such as https://seoul.kor:8444";
        let origin = self.url.as_deref().and_then(Origin::read).ok_or(rule)?;
        if origin.is_plain() && !self.plain {
            return Err("kas.plain: it must be true where kas.url begins with http".into());
        }
        if self.pages.len() > MAX_PAGES {
            return Err(format!("kas.pages: at most {MAX_PAGES}"));
        }
        if let Some(page) = self.pages.iter().find(|page| Origin::read(page).is_none()) {
            return Err(format!(
                "kas.pages: {page} is no scheme, host and port, such as https://desk.seoul.kor; without a port there is no colon either"
            ));
        }
        if let Some(page) = self.pages.iter().find(|page| !is_as_browsers_write(page)) {
            return Err(format!(
                "kas.pages: {page} is no origin as a browser writes it, in lower case and without :443 for https and :80 for http"
            ));
        }
        let provider = self.oidc.as_ref().map(Oidc::read).transpose()?;
        let provider = provider.map(|(expected, fetcher)| Arc::new(Provider::new(expected, fetcher)));
        Ok(Door { provider, pages: self.pages.clone(), ..Door::new(origin, self.plain) })
    }
}

impl Default for Listen {
    fn default() -> Self {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            partner: local(7443),
            people: local(8443),
            admin: local(9443),
            log: None,
            kas: None,
            public: None,
        }
    }
}

/// How keys are opened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Keys {
    /// A key file that opens the node's keys at start, instead of a passphrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unlock_file: Option<PathBuf>,
}

/// The log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// How often a checkpoint is published, in seconds, 1 to 86,400.
    pub(crate) beat_seconds: u64,
    /// By how many leaves at least it grows from one checkpoint to the next, 0 to 256; 0 for a log that is not padded.
    pub(crate) pad_leaves: u64,
    /// The hour of the agreement's zone, 0 to 23, at which the running node compares what it holds with its journal.
    pub(crate) check_hour: u8,
}

impl Default for Log {
    fn default() -> Self {
        Self { beat_seconds: BEAT_SECONDS, pad_leaves: PAD_LEAVES, check_hour: CHECK_HOUR }
    }
}

/// What may be overridden: the variable, and where it goes.
pub(crate) const OVERRIDES: [(&str, &str, &str); 11] = [
    ("ATTACHE_LISTEN_PARTNER", "listen", "partner"),
    ("ATTACHE_LISTEN_PEOPLE", "listen", "people"),
    ("ATTACHE_LISTEN_ADMIN", "listen", "admin"),
    ("ATTACHE_LISTEN_LOG", "listen", "log"),
    ("ATTACHE_LISTEN_KAS", "listen", "kas"),
    ("ATTACHE_KAS_URL", "kas", "url"),
    ("ATTACHE_LISTEN_PUBLIC", "listen", "public"),
    ("ATTACHE_KEYS_UNLOCK_FILE", "keys", "unlock_file"),
    ("ATTACHE_LOG_BEAT_SECONDS", "log", "beat_seconds"),
    ("ATTACHE_LOG_PAD_LEAVES", "log", "pad_leaves"),
    ("ATTACHE_LOG_CHECK_HOUR", "log", "check_hour"),
];

impl Config {
    /// Reads the file, and what overrides it.
    pub(crate) fn read(home: &Path) -> Result<Self, Failed> {
        Ok(Self::read_traced(home)?.0)
    }

    fn read_traced(home: &Path) -> Result<(Self, Vec<String>), Failed> {
        let path = home.join(FILE);
        let bytes = read_bounded(&path, MAX_BYTES)?;
        let text = String::from_utf8(bytes);
        let wrong = |rule: String| Failed::misuse(format!("{}: {rule}", path.display()));
        let text = text.map_err(|_| wrong("not UTF-8".into()))?;
        let mut table: toml::Table = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let mut overridden = Vec::new();
        for (variable, section, key) in OVERRIDES {
            let Ok(value) = std::env::var(variable) else { continue };
            let number = value.parse::<i64>().ok().filter(|_| section == "log");
            let value = number.map_or_else(|| toml::Value::String(value), toml::Value::Integer);
            let entry = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            let entry = entry.as_table_mut().ok_or_else(|| wrong(format!("{section} is no table")))?;
            entry.insert(key.to_owned(), value);
            overridden.push(format!("{variable} overrides {key}"));
        }
        let config: Self = table.try_into().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        config.check().map_err(wrong)?;
        Ok((config, overridden))
    }

    /// The witnesses that are no partners.
    pub(crate) fn outside(&self) -> Result<Vec<Outside>, String> {
        let witnesses: Vec<Outside> = self.witnesses.iter().map(Witness::read).collect::<Result<_, _>>()?;
        let names: BTreeSet<&str> = witnesses.iter().map(Outside::name).collect();
        if names.len() < witnesses.len() || witnesses.len() > MAX_OUTSIDE {
            return Err(format!("witness: at most {MAX_OUTSIDE}, each of another name"));
        }
        Ok(witnesses)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if !(1..=86_400).contains(&self.log.beat_seconds) {
            return Err("log.beat_seconds: 1 to 86400".into());
        }
        if self.log.pad_leaves > MAX_PAD_LEAVES {
            return Err(format!("log.pad_leaves: 0 to {MAX_PAD_LEAVES}"));
        }
        if self.log.check_hour > 23 {
            return Err("log.check_hour: 0 to 23".into());
        }
        if let Some(address) = self.listen.kas {
            let door = self.kas.door()?;
            if door.is_plain && !address.ip().is_loopback() {
                return Err("kas.plain: only where listen.kas is a loopback address".into());
            }
        }
        self.outside()?;
        if !self.listen.admin.ip().is_loopback() {
            return Err("listen.admin: a loopback address, since it is neither sealed nor guarded".into());
        }
        Ok(())
    }

    /// The text of the file.
    pub(crate) fn to_toml(&self) -> Result<String, Failed> {
        toml::to_string(self).map_err(Failed::fault)
    }
}

pub(crate) fn run(verb: &Verb, context: &Context) -> Result<Found, Failed> {
    let Verb::Check = verb;
    let (config, overridden) = Config::read_traced(context.home_path()?)?;
    let text = config.to_toml()?;
    let notes = match overridden.is_empty() {
        true => "Every value is the file's or the default.".to_owned(),
        false => overridden.join("\n"),
    };
    Found::of(
        format!("The configuration is sound.\n\n{}\n{notes}", text.trim_end()),
        &json!({ "config": config, "overridden": overridden }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_listed_as_browsers_write_them() {
        let checked = |page: &str| {
            let (url, pages) = (Some("https://seoul.kor:8444".to_owned()), vec![page.to_owned()]);
            Kas { url, pages, ..Kas::default() }.door().map(|_| ())
        };
        for page in ["https://desk.seoul.kor", "https://desk:8443", "https://desk:80", "http://[::443]"] {
            assert_eq!(checked(page), Ok(()));
        }
        for page in [
            "https://Desk.seoul.kor",
            "https://desk:443",
            "http://desk:80",
            "https://[::1]:443",
            "https://desk:",
        ] {
            assert!(checked(page).unwrap_err().contains(page), "{page}");
        }
    }
}
