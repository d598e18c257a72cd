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
const BEYOND: &str = "its log has ended before it since, and no witness had cosigned so far";

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
        // What nobody had cosigned may be lost with the rest: then the log rightly grew anew from there.
        let known = known.filter(|known| !known.had(origin, shown.size));
        let is_lost = known.is_some_and(|known| known.lost(origin, last).is_some());
        let is_beyond = known.is_some_and(|known| known.successions.endings(origin, last).next().is_some());
        match pasts.get(&(name.clone(), shown.size)) {
            _ if is_lost => findings.lost("V-076", name.as_str(), place, LOST),
            _ if is_beyond => findings.not_shown("V-076", name.as_str(), place, BEYOND),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cards::samples::{self, AT, succession};
    use crate::leaves::Leaf;
    use crate::report::{Counts, Outcome};
    use crate::successions::Succession;
    use crate::{Log, Node};
    use attache_accord::Digest;
    use attache_accord::logs::stretches;
    use attache_seal::pair::SigningPair;
    use attache_tlog::{Hash, KeyKind, NoteSigner, Origin, sign_checkpoint};

    #[test]
    fn a_log_that_lost_what_nobody_had_cosigned_is_not_said_to_have_two_histories() {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let signer = NoteSigner::from_seed("seoul.kor/log/1", KeyKind::Ed25519, &[1; 32]).unwrap();
        // What comes of a checkpoint of the log of before, which was cut to 40 entries where witnesses had cosigned 60.
        let outcome = |size: u64, goes_on: bool| {
            let mut known = samples::known("seoul.kor", &pair);
            known.card.log_vkeys = vec![signer.verifier().to_string()];
            if goes_on {
                let said = succession(1, (40, 60));
                known.stretches = stretches("seoul.kor/log/1", [(said.origin.as_str(), said.size)]);
                let one = Succession { said, digest: Digest([9; 32]), at: AT, is_gone: false };
                known.successions.own.push(one);
            }
            let leaves = (0..70).map(|_| Leaf::sample(vec![(0, "padded".to_owned())])).collect();
            let (papers, proofs, forks) = Default::default();
            let node = Node { log: Some(Log::sample(leaves)), known, papers, proofs, forks };
            let nodes = Nodes::from([(node.known.node.clone(), node)]);
            let origin = Origin::new("seoul.kor/log/1").unwrap();
            let checkpoint = Checkpoint { origin, size, root: Hash([5; 32]), extensions: Vec::new() };
            let note = sign_checkpoint(&checkpoint, &[&signer]).unwrap().to_string();
            let checkpoints = vec![Brought { name: "brought".to_owned(), note }];
            let mut findings = Findings::default();
            check(&nodes, &Trust { checkpoints, ..Trust::default() }, &mut findings);
            findings.into_report(Counts::default()).findings.remove(0).outcome
        };
        assert_eq!(outcome(64, true), Outcome::NotShown(BEYOND.to_owned()));
        assert_eq!(outcome(60, true), Outcome::Lost(LOST.to_owned()));
        assert!(matches!(outcome(40, true), Outcome::Failed(_)), "what is left has but one history");
        assert!(matches!(outcome(64, false), Outcome::Failed(_)), "the control");
    }
}
