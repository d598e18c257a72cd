//! Saying what was seen of a log that was brought back, where the node cannot ask its partners itself.
//!
//! Without a word of anyone's it shows what is still awaited from whom.
//!
//! *Absent:* going on in spite of a loss, which is `succeed`'s: what was seen must be a beginning of the log that is here.

use super::words;
use crate::agreement::texts::filled;
use crate::context::Context;
use crate::found::{EXIT_REFUSED, Failed, Found};
use crate::home::Home;
use crate::remedy;
use attache_accord::NodeName;
use attache_node::settling::{Compared, compare};
use attache_store::{LocalHead, Reader as _};
use attache_tlog::{Hash, empty_root};
use clap::Args;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use serde_json::{Value, json};

#[derive(Args)]
pub(crate) struct Settle {
    /// The size of the last checkpoint of this node's log that its partners have seen; the largest, where there are several.
    #[arg(long)]
    size: Option<u64>,
    /// The root of that checkpoint, in hexadecimal. Needed unless nothing was seen.
    #[arg(long, requires = "size")]
    root: Option<String>,
    /// A partner whose node cannot be asked what this node's people had signed since the backup, and of which there is no file: go on
    /// without. What was destroyed or withdrawn since stays undone until it is signed again. Several times for several.
    #[arg(long, value_name = "NODE")]
    unheard: Vec<NodeName>,
}

impl Settle {
    pub(super) fn run(&self, context: &Context) -> Result<Found, Failed> {
        let home = context.home()?;
        let restored = home.awaits()?;
        if self.size.is_none() && self.unheard.is_empty() {
            return awaited(&home, context);
        }
        if restored.is_none_or(|restored| restored.is_seen && self.size.is_some()) {
            return Err(Failed::misuse(
                "home: nothing is to be settled; the node was not brought back, or has asked already",
            ));
        }
        let journal = home.journal()?;
        let Some(size) = self.size else {
            home.note_heard(&self.unheard)?;
            return awaited(&home, context);
        };
        let mark = home.restored()?;
        let head = journal.head().map_err(remedy::failed)?;
        let seen = LocalHead { size, root: self.root(size)? };
        let compared = compare(&journal, &head, &seen).map_err(remedy::failed)?;
        let noted = [!mark["lost"].is_null(), mark["other"] == true];
        let said = |text, places: &[(&str, String)]| filled(text, context.language, places);
        let (text, code) = match compared {
            Compared::GoesOn if noted[0] => (said(&words::MORE_SEEN, &range(&mark["lost"])), EXIT_REFUSED),
            Compared::GoesOn if noted[1] => (said(&words::OTHER_SEEN, &[]), EXIT_REFUSED),
            Compared::GoesOn if !mark["promised"].is_null() => {
                (said(&words::PROMISED, &range(&mark["promised"])), EXIT_REFUSED)
            }
            Compared::GoesOn => {
                home.note_settled()?;
                home.note_heard(&self.unheard)?;
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
        let document = json!({
            "size": head.size, "seen": size, "settled": code == 0, "lost": lost, "promised": mark["promised"],
        });
        Ok(Found { text, json: document, code })
    }

    fn root(&self, size: u64) -> Result<Hash, Failed> {
        let root = match &self.root {
            Some(root) => root,
            None if size == 0 => return Ok(empty_root()),
            None => {
                return Err(Failed::misuse("root: of a checkpoint that counts something its root is needed"));
            }
        };
        root_of(root)
    }
}

/// What a node that was brought back still waits for, by what it noted when it last ran.
fn awaited(home: &Home, context: &Context) -> Result<Found, Failed> {
    let Some(restored) = home.awaits()? else {
        let text = filled(&words::NOTHING_AWAITED, context.language, &[]);
        return Found::of(text, &json!({ "settled": true }));
    };
    let mark = home.restored()?;
    let mut lines = vec![filled(&words::AWAITS, context.language, &[])];
    for (field, text) in [
        ("seen", &words::AWAITS_SEEN),
        ("witnesses", &words::AWAITS_WITNESSES),
        ("words", &words::AWAITS_WORDS),
        ("older", &words::OLDER),
    ] {
        let names = mark["awaits"][field].as_array().into_iter().flatten().filter_map(Value::as_str);
        let names: Vec<_> = names.collect();
        if !names.is_empty() {
            lines.push(filled(text, context.language, &[("names", names.join(", "))]));
        }
    }
    for (field, text) in [("lost", &words::LOST), ("promised", &words::PROMISED)] {
        if !mark[field].is_null() {
            lines.push(filled(text, context.language, &range(&mark[field])));
        }
    }
    if mark["other"] == true {
        lines.push(filled(&words::OTHER, context.language, &[]));
    }
    if lines.len() == 1 {
        lines.push(filled(&words::NOT_ASKED, context.language, &[("home", home.path.display().to_string())]));
    }
    let document = json!({
        "settled": false,
        "log_settled": restored.is_seen,
        "heard": restored.heard.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "awaits": mark["awaits"],
        "lost": mark["lost"],
        "promised": mark["promised"],
        "other": mark["other"] == true,
    });
    Ok(Found { text: lines.join("\n"), json: document, code: EXIT_REFUSED })
}

/// The first and the last of the entries that the mark notes.
fn range(noted: &Value) -> [(&'static str, String); 2] {
    [("from", noted[0].to_string()), ("last", noted[1].to_string())]
}

/// A root as people read it: in hexadecimal, or as checkpoints and witnesses show it.
pub(super) fn root_of(text: &str) -> Result<Hash, Failed> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).or_else(|_| BASE64.decode(text.as_bytes()));
    let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Hash).ok_or_else(|| Failed::misuse("root: 64 hexadecimal digits, or base64 as in a checkpoint"))
}
