//! What a person's decision on a partner's log rests on. Where the partner says that this node had cosigned more of the log that ended
//! than it knows of, one of the two was brought back from a backup or one of the two is wrong. That is compared with what others have
//! before the log is followed: with a checkpoint that still bears a cosignature, or with what people know by another way.
//!
//! *Absent:* the decision itself.

use crate::desk::{Misuse, state};
use crate::fault::{Failure, Fault};
use crate::logs::decide;
use crate::node::{Done, MAX_CONFLICTS, Node};
use crate::office::Office;
use crate::steward::MAX_REASON_BYTES;
use crate::succession::keys_under;
use attache_accord::act::Answer;
use attache_accord::logs::Decided;
use attache_accord::{Digest, NodeName, PersonId};
use attache_seal::papers::SeenLog;
use attache_store::NewHead;
use attache_tlog::{SignedNote, VerifierKey, open_checkpoint};
use std::collections::BTreeSet;

/// Longest checkpoint that is shown, in bytes: a note with some cosignatures.
pub const MAX_SHOWN_BYTES: usize = 64 * 1024;

/// What a succession was compared with that says more of this node than it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// A checkpoint of the log that ended, which this node or a witness outside that it knows has cosigned.
    Checkpoint(String),
    /// What people know by another way that this node had cosigned last.
    Said {
        /// The size.
        size: u64,
        /// The root.
        root: Digest,
    },
}

/// What a decision rests on, as far as it must. Only [`Office::grounds`] makes it.
#[derive(Debug, Clone)]
pub struct Grounds {
    pub(crate) basis: String,
    /// The statement of the succession that it is about; none where it is about two histories.
    pub(crate) succession: Option<Digest>,
    /// What this node cosigned and did not know any more.
    pub(crate) recalled: Option<NewHead>,
}

/// What a partner says that this node had cosigned of its log, where that is more than this node knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// As the partner says.
    pub said: SeenLog,
    /// The size that this node knows of; 0 where it knows of none.
    pub known: u64,
}

impl Node {
    /// Lets a person decide on a partner's log. The grounds are weighed anew where something else was faster: a head that is to be kept
    /// of a shown checkpoint follows upon those that are kept already.
    ///
    /// # Errors
    /// When the store fails, or [`Misuse`] names the field.
    pub async fn decide_on_log(
        &self,
        by: &PersonId,
        node: &NodeName,
        answer: Answer,
        (basis, compared): (&str, Option<&Comparison>),
    ) -> Result<Done, Failure> {
        for _ in 0..MAX_CONFLICTS {
            let grounds = self.office.grounds(node, answer, basis, compared)??;
            let step = decide(&self.office.view.read(), by, node, answer, &grounds)?;
            let barred = step.barred();
            if let Ok(committed) = self.commit(step.plan).await? {
                let first_index = Some(committed.first_index);
                return Ok(Done { ruling: step.ruling, first_index, barred });
            }
        }
        Err(Fault::Busy("decisions on the same log").into())
    }
}

impl Office {
    /// Whether the last succession of a partner's log, while it is not followed, says more of what this node had cosigned than it knows.
    ///
    /// # Errors
    /// When the store fails.
    pub fn unknown_of(&self, node: &NodeName) -> Result<Option<Unknown>, Fault> {
        let last = self.view.read().logs.succeeded(node).last().cloned();
        let Some(last) = last.filter(|last| last.decided != Decided::Believed) else { return Ok(None) };
        let said = self.succession(&last.statement)?;
        let known = self.seen(node, &said.previous)?.map_or(0, |(size, _)| size);
        let named = said.seen_by(&self.identity.node).filter(|named| named.size > known);
        Ok(named.map(|named| Unknown { said: named.clone(), known }))
    }

    /// Weighs what a decision on a partner's log is to rest on.
    ///
    /// # Errors
    /// When the store fails; inside, [`Misuse`] names the field.
    pub fn grounds(
        &self,
        node: &NodeName,
        answer: Answer,
        basis: &str,
        compared: Option<&Comparison>,
    ) -> Result<Result<Grounds, Misuse>, Fault> {
        if basis.is_empty() || basis.len() > MAX_REASON_BYTES || basis.chars().any(char::is_control) {
            return Ok(Err(state("basis", "1 to 256 bytes that name what the decision rests on")));
        }
        if *node == self.identity.node {
            return Ok(Err(state(
                "node",
                "it is this node's own log; its partners decide whether they believe it",
            )));
        }
        let succession = {
            let logs = &self.view.read().logs;
            // Each is decided by itself, and first what shows two histories.
            let is_forked = logs.get(node).is_some_and(|forked| forked.decided == Decided::Open);
            let last = logs.succeeded(node).last().filter(|last| last.decided != Decided::Believed);
            last.filter(|_| !is_forked).map(|last| last.statement)
        };
        let mut grounds = Grounds { basis: basis.to_owned(), succession, recalled: None };
        let unknown = match succession.filter(|_| answer == Answer::Approve) {
            Some(_) => self.unknown_of(node)?,
            None => None,
        };
        let Some(Unknown { said, .. }) = unknown else {
            return Ok(match compared {
                Some(_) => Err(state(
                    "compared",
                    "this node knows itself what it had cosigned, or nothing is to be followed",
                )),
                None => Ok(grounds),
            });
        };
        let with = match compared {
            None => {
                let rule = "the partner says that this node had cosigned more of that log than it knows of; where it was brought back from a backup, \
                            show a checkpoint that still bears a cosignature, or say what was compared";
                return Ok(Err(state("compared", rule)));
            }
            Some(Comparison::Said { size, root }) => match (size, root) == (&said.size, &said.root) {
                true => format!("compared {size} {root}"),
                false => {
                    return Ok(Err(state(
                        "compared",
                        "the partner says that something else was cosigned here",
                    )));
                }
            },
            Some(Comparison::Checkpoint(text)) => match self.recalled(node, &said, text)? {
                Ok((head, by)) => {
                    grounds.recalled = Some(head);
                    format!("{} cosigned by {by}", said.size)
                }
                Err(rule) => return Ok(Err(state("compared", rule))),
            },
        };
        grounds.basis = format!("{basis}; {with}");
        Ok(Ok(grounds))
    }

    /// What is kept of a checkpoint which shows that a log had the tree that its succession names, and who cosigned it; or why it does not
    /// show that.
    fn recalled(
        &self,
        node: &NodeName,
        said: &SeenLog,
        text: &str,
    ) -> Result<Result<(NewHead, String), &'static str>, Fault> {
        let Some(card) = self.card_of(node)? else { return Ok(Err("no card of that node is accepted")) };
        let (previous, _) = self.log_of(node, &card)?;
        let keys = keys_under(&card, &previous)?;
        let opened = Some(text).filter(|text| text.len() <= MAX_SHOWN_BYTES);
        let opened =
            opened.and_then(|text| Some((SignedNote::parse(text).ok()?, open_checkpoint(text, &keys).ok()?)));
        let Some((note, checkpoint)) =
            opened.filter(|(_, checkpoint)| checkpoint.origin.as_str() == previous)
        else {
            return Ok(Err("no checkpoint of the log that ended"));
        };
        if (checkpoint.size, Digest(checkpoint.root.0)) != (said.size, said.root) {
            return Ok(Err(
                "a checkpoint of another tree than the one that the partner says was cosigned here",
            ));
        }
        let own = self.keys.witness.iter().map(|signer| signer.verifier().clone());
        let outside = self.outside.iter().flat_map(|witness| witness.keys().iter().cloned());
        // Its own node is no witness of a log, under whichever name.
        let witnesses: Vec<VerifierKey> =
            own.chain(outside).filter(|key| !card.witness_keys().contains(key)).collect();
        let by = note.verified(&witnesses).unwrap_or_default();
        let by: BTreeSet<&str> = by.iter().map(|verified| verified.key.name()).collect();
        if by.is_empty() {
            return Ok(Err(
                "a checkpoint that neither this node nor a witness outside that it knows has cosigned",
            ));
        }
        let by: Vec<&str> = by.into_iter().collect();
        let head = self.head_to_keep(node, &checkpoint, &note.only_by(&keys))?;
        Ok(Ok((head, by.join(", "))))
    }
}
