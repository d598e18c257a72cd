//! A document fetched over TLS from where the configuration says, and from nowhere else.
//!
//! *Absent:* what it says, and whether it is believed.

use super::call::agent;
use std::fmt;
use ureq::Agent;

/// Fetches documents under certain certificates.
#[derive(Clone)]
pub struct Fetcher(Agent);

impl Fetcher {
    /// A fetcher that believes these certificates in PEM and no others; `None` where they are none.
    pub fn new(roots: &[u8]) -> Option<Self> {
        agent(Some(roots)).ok().map(Self)
    }

    /// The document at `url`, which is https, of at most `max` bytes. Waits for it.
    ///
    /// # Errors
    /// That it could not be had, in words.
    pub fn fetch(&self, url: &str, max: usize) -> Result<Vec<u8>, String> {
        if !url.starts_with("https://") {
            return Err("not an https address".to_owned());
        }
        let sent = self.0.get(url).header("accept", "application/json").call();
        let mut response = sent.map_err(|error| error.to_string())?;
        match response.status().as_u16() {
            200 => {
                let body = response.body_mut().with_config().limit(max as u64).read_to_vec();
                body.map_err(|error| error.to_string())
            }
            status => Err(format!("status {status}")),
        }
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fetcher(..)")
    }
}
