//! Checkpoints that the reader has from elsewhere: from a witness, a transparency page, another folder. Whoever showed two readers two
//! trees is found out here, for each of them has the one that the other was not shown.
//!
//! *Absent:* how the reader came by them. The log's own signatures on them say enough.

use crate::proofs::pasts;
use crate::report::Findings;
use crate::{Nodes, Trust};
use attache_accord::NodeName;
use attache_tlog::{Checkpoint, MAX_NOTE_BYTES, SignedNote, open_checkpoint};
use std::io::Read as _;
use std::path::Path;

/// A checkpoint that the reader brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// What the reader calls it, such as its file.
    pub name: String,
    /// The signed note.
    pub note: String,
}

impl Brought {
    /// Reads one from a file.
    ///
    /// # Errors
    /// Why it cannot be read, or is no text of a checkpoint's length.
    pub fn read(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let file = std::fs::File::open(path).map_err(|error| format!("{name}: {error}"))?;
        let mut note = String::new();
        let read = file.take(MAX_NOTE_BYTES as u64 + 1).read_to_string(&mut note);
        match read {
            Ok(bytes) if bytes <= MAX_NOTE_BYTES => Ok(Self { name, note }),
            Ok(_) => Err(format!("{name}: longer than {MAX_NOTE_BYTES} bytes")),
            Err(error) => Err(format!("{name}: {error}")),
        }
    }
}

const NOT_HERE: &str = "no log that is here, under a card that is here, signed it; bring the evidence of the node whose log it is";
const ENDS_BEFORE: &str = "the log that is here ends before it, or did not hold";
const LOST: &str = "its log has lost entries since that it counts";

/// Holds each against the leaves of its log.
pub(crate) fn check(nodes: &Nodes, trust: &Trust, findings: &mut Findings) {
    let signed: Vec<(&Brought, Signed<'_>)> =
        trust.checkpoints.iter().map(|brought| (brought, signer(nodes, &brought.note))).collect();
    let known = signed.iter().filter_map(|(_, signed)| signed.as_ref().ok()?.as_ref());
    let pasts = pasts(nodes, known.map(|(name, checkpoint)| (*name, checkpoint.size)));
    for (brought, signed) in signed {
        let place = Some(brought.name.clone());
        let (name, shown) = match signed {
            Ok(Some(signed)) => signed,
            Ok(None) => {
                findings.not_shown("V-076", "", place, NOT_HERE);
                continue;
            }
            Err(why) => {
                findings.failed("V-076", "", place, why);
                continue;
            }
        };
        let known = nodes.get(name).map(|node| &node.known);
        let (origin, last) = (shown.origin.as_str(), shown.size.saturating_sub(1));
        let is_lost =
            known.is_some_and(|known| !known.had(origin, shown.size) && known.lost(origin, last).is_some());
        match pasts.get(&(name.clone(), shown.size)) {
            _ if is_lost => findings.lost("V-076", name.as_str(), place, LOST),
            None => findings.not_shown("V-076", name.as_str(), place, ENDS_BEFORE),
            Some(root) if *root == shown.root => findings.proved("V-076", name.as_str(), place),
            Some(root) => {
                let (size, here, there) = (shown.size, root.to_base64(), shown.root.to_base64());
                let why = format!(
                    "its log has two histories: of {size} entries the root is {here} here, and {there} in what it signed there"
                );
                findings.failed("V-076", name.as_str(), place, why);
            }
        }
    }
}

/// Whose log signed a checkpoint; `None` where no card that is here says, and why where it is none.
type Signed<'n> = Result<Option<(&'n NodeName, Checkpoint)>, String>;

fn signer<'n>(nodes: &'n Nodes, note: &str) -> Signed<'n> {
    let parsed = SignedNote::parse(note).map_err(|error| error.to_string())?;
    let claimed = Checkpoint::parse(parsed.text()).map_err(|error| error.to_string())?;
    let of = nodes.iter().map(|(name, node)| (name, node.known.keys_under(claimed.origin.as_str())));
    let Some((name, keys)) = of.into_iter().find(|(_, keys)| !keys.is_empty()) else { return Ok(None) };
    let checkpoint = open_checkpoint(note, &keys).map_err(|error| error.to_string())?;
    Ok(Some((name, checkpoint)))
}

/// The same where a folder does not have all leaves of a log.
pub(crate) fn none_here(trust: &Trust, findings: &mut Findings) {
    for brought in &trust.checkpoints {
        let why = "only evidence of the whole log can be held against it; take that";
        findings.not_shown("V-076", "", Some(brought.name.clone()), why);
    }
}
