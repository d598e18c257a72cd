//! Saying what was seen of a log that was brought back, where the node cannot ask its partners itself.
//!
//! *Absent:* going on in spite of a loss, which is `succeed`'s: what was seen must be a beginning of the log that is here.

use super::words::{self, filled};
use crate::context::Context;
use crate::found::{EXIT_REFUSED, Failed, Found};
use crate::remedy;
use attache_node::settling::{Compared, compare};
use attache_store::{LocalHead, Reader as _};
use attache_tlog::{Hash, empty_root};
use clap::Args;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use serde_json::json;

#[derive(Args)]
pub(crate) struct Settle {
    /// The size of the last checkpoint of this node's log that its partners have seen; the largest, where there are several.
    #[arg(long)]
    size: u64,
    /// The root of that checkpoint, in hexadecimal. Needed unless nothing was seen.
    #[arg(long)]
    root: Option<String>,
}

impl Settle {
    pub(super) fn run(&self, context: &Context) -> Result<Found, Failed> {
        let home = context.home()?;
        if !home.is_restored() {
            return Err(Failed::misuse(
                "home: nothing is to be settled; the node was not brought back, or has asked already",
            ));
        }
        let journal = home.journal()?;
        let mark = home.restored()?;
        let head = journal.head().map_err(remedy::failed)?;
        let seen = LocalHead { size: self.size, root: self.root()? };
        let compared = compare(&journal, &head, &seen).map_err(remedy::failed)?;
        let noted = [!mark["lost"].is_null(), mark["other"] == true];
        let said = |text, places: &[(&str, String)]| filled(text, context.language, places);
        let (text, code) = match compared {
            Compared::GoesOn if noted[0] => {
                let places = [("from", mark["lost"][0].to_string()), ("last", mark["lost"][1].to_string())];
                (said(&words::MORE_SEEN, &places), EXIT_REFUSED)
            }
            Compared::GoesOn if noted[1] => (said(&words::OTHER_SEEN, &[]), EXIT_REFUSED),
            Compared::GoesOn => {
                home.settled()?;
                (said(&words::GOES_ON, &[("size", head.size.to_string())]), 0)
            }
            Compared::Lost(from, behind) => {
                let places = [("from", from.to_string()), ("last", (behind - 1).to_string())];
                (said(&words::LOST, &places), EXIT_REFUSED)
            }
            Compared::Other => (said(&words::OTHER, &[]), EXIT_REFUSED),
        };
        let lost = match compared {
            Compared::Lost(from, behind) => json!([from, behind - 1]),
            _ => mark["lost"].clone(),
        };
        let document = json!({ "size": head.size, "seen": self.size, "settled": code == 0, "lost": lost });
        Ok(Found { text, json: document, code })
    }

    fn root(&self) -> Result<Hash, Failed> {
        let root = match &self.root {
            Some(root) => root,
            None if self.size == 0 => return Ok(empty_root()),
            None => {
                return Err(Failed::misuse("root: of a checkpoint that counts something its root is needed"));
            }
        };
        root_of(root)
    }
}

/// A root as people read it: in hexadecimal, or as checkpoints and witnesses show it.
pub(super) fn root_of(text: &str) -> Result<Hash, Failed> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).or_else(|_| BASE64.decode(text.as_bytes()));
    let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Hash).ok_or_else(|| Failed::misuse("root: 64 hexadecimal digits, or base64 as in a checkpoint"))
}
