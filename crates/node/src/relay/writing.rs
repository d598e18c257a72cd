//! Letters written: what is owed to a partner beyond the hub is sealed for it, one message a letter, padded, and given to the hub.
//!
//! *Absent:* the choice of what is owed, which the folds make.

use super::carrying::MAX_WORD_BYTES;
use super::{Docket, ShownTopics, Way};
use crate::desk::{Leaving, leave};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::intake::key_service;
use crate::notices::Noted;
use crate::office::Office;
use crate::packing::Outgoing;
use crate::resting::Resting;
use crate::stocktaking::{manifest_under, whole};
use attache_accord::act::Act;
use attache_accord::dispatch::Dispatch;
use attache_accord::letters::{Letter, Matter, Stand};
use attache_accord::oversight::FIELD_TOPICS;
use attache_accord::{Digest, DispatchId, NodeName, Timestamp};
use attache_courier::frame::{Frame, Offer, Proof, Slip, Word};
use attache_seal::letter;
use attache_seal::papers::Waybill;
use attache_seal::tdf::{
    KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Policy, SegmentKey, Tally, container_bytes,
    segment_bytes_for,
};
use attache_tlog::LeafDraft;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// A message that was not answered is sent in another letter after so many hours.
pub const WRITE_AGAIN_HOURS: u64 = 6;
/// Hubs that a letter may pass: the agreements that name one name one.
const HOP_LIMIT: u8 = 1;
/// Most messages looked at for one partner at a time.
const MAX_LOOKED_AT: usize = 64;

impl Office {
    /// Messages that are to be written into letters now, and for whom.
    pub(crate) fn letters_owed(&self, now: Timestamp) -> Result<Vec<(NodeName, Matter)>, Fault> {
        if self.pack.terms().hub.is_none() || !self.settling.is_settled() {
            return Ok(Vec::new());
        }
        let peers: Vec<NodeName> = self.view.read().peers.keys().cloned().collect();
        let mut owed = Vec::new();
        for peer in peers {
            if !matches!(self.way_to(&peer), Way::By(_)) {
                continue;
            }
            let notice = self.owed_in_letters(&peer);
            let proofs = self.proofs_owed_to(&peer)?;
            let asked = self.asked_in_letters(&peer, now);
            let view = self.view.read();
            let answers = view.letters.answers_owed().filter(|(letter, _)| letter.from == peer);
            let answers = answers.map(|(letter, _)| Matter::Answer(letter.id));
            let notice = notice.map(|noted| Matter::Notice(noted.digest()));
            let receipts = view.dispatches.receipts_owed_to(&peer).map(|(id, _)| Matter::Receipt(*id));
            let is_free = !view.logs.is_stopped(&peer) && !self.is_held();
            let stays = |sent: &Dispatch| {
                sent.is_barred && !matches!(leave(&view, &self.pack, now, sent), Ok(Leaving::Changed { .. }))
            };
            let packages = view.dispatches.owed_to(&peer).filter(|sent| is_free && !stays(sent));
            let packages = packages.map(|sent| Matter::Package(sent.id));
            let proofs = proofs.into_iter().map(Matter::Proof);
            let reports = view.controls.untold(&peer).map(|report| Matter::Opening(*report));
            let is_due = |matter: &Matter| match view.letters.about(matter) {
                None => true,
                // An answer is written once: whoever misses it asks again.
                Some(_) if matches!(matter, Matter::Answer(_)) => false,
                // The last one is still here: another would only add to it.
                Some(last) if last.stand == Stand::Owed => false,
                Some(last) => last.at.plus_hours(WRITE_AGAIN_HOURS) <= now,
            };
            let words = reports.chain(answers).chain(notice).chain(receipts).chain(proofs);
            let all = asked.into_iter().chain(words.chain(packages).filter(is_due));
            owed.extend(all.take(MAX_LOOKED_AT).map(|matter| (peer.clone(), matter)));
        }
        Ok(owed)
    }

    /// The next statement of ours for a node beyond the hub, without those that it declined for good.
    fn owed_in_letters(&self, to: &NodeName) -> Option<Noted> {
        let declined: BTreeSet<Digest> = {
            let view = self.view.read();
            let statements = view.correspondence.owed_to(to).iter().copied();
            let all = statements.chain(view.lifecycle.owed_to(to).map(|kept| kept.digest));
            all.filter(|digest| view.letters.is_declined(&Matter::Notice(*digest))).collect()
        };
        self.owed_word(to, |digest| declined.contains(digest), |_| false)
    }

    /// Writes a message into a letter under the fresh id `id`. A package whose release no longer holds is not written: the plan
    /// then records the ruling.
    pub(crate) fn write_letter(
        &self,
        to: &NodeName,
        matter: Matter,
        id: DispatchId,
        now: Timestamp,
    ) -> Result<Plan, Fault> {
        let Way::By(via) = self.way_to(to) else { return Err(Fault::Missing("hub's card")) };
        if let Matter::Package(dispatch) = &matter
            && let Some(ruled) = self.not_leaving(dispatch, now)?
        {
            return Ok(ruled);
        }
        let (message, container) = self.message(&matter, now)?;
        let mut plan = Plan::default();
        let sealed = self.seal_letter(to, id, &message, container.as_ref(), &mut plan, now)?;
        let due = now.plus_hours(self.pack.terms().receipt_due_hours);
        let waybill = Waybill {
            letter: id,
            from: self.identity.node.clone(),
            to: to.clone(),
            outer_digest: sealed.outer_digest,
            manifest_digest: sealed.manifest,
            size: sealed.size,
            hop_limit: HOP_LIMIT,
            due,
        };
        let waybill = self.say(&self.keys.node, now, waybill)?;
        let share = self.share_for_hub(&via, &matter, now)?;
        let papers = plan.paper(Docket::new(&waybill).with_share(share).to_bytes());
        let act = Act::LetterOwed {
            letter: id,
            to: to.clone(),
            via,
            matter,
            papers,
            waybill: waybill.digest(),
            outer_digest: sealed.outer_digest,
            manifest: sealed.manifest,
            due,
        };
        let papers = std::mem::take(&mut plan.papers);
        Ok(Plan { papers, ..Plan::new(&self.view.read(), vec![act]) })
    }

    /// Rules once more on a package whose turn has come: what is to be recorded where it may not leave.
    fn not_leaving(&self, dispatch: &DispatchId, now: Timestamp) -> Result<Option<Plan>, Fault> {
        let view = self.view.read();
        let sent = view.dispatches.sent(dispatch).ok_or(Fault::Missing("dispatch"))?;
        match leave(&view, &self.pack, now, sent) {
            Ok(Leaving::Goes) => Ok(None),
            Ok(Leaving::Changed { plan, .. }) => Ok(Some(plan)),
            Ok(Leaving::Stays) | Err(_) => Err(Fault::Missing("permission for a package to leave")),
        }
    }

    /// The message as a frame of the partner protocol, and the container that goes with an offer.
    fn message(&self, matter: &Matter, now: Timestamp) -> Result<(Vec<u8>, Option<Outgoing>), Fault> {
        let frame = match matter {
            Matter::Answer(answered) => {
                let answers = self
                    .view
                    .read()
                    .letters
                    .answers_owed()
                    .find(|(letter, _)| letter.id == *answered)
                    .map(|(_, answer)| answer);
                let answer = answers.ok_or(Fault::Missing("answer to a letter"))?;
                return Ok((self.answer_in_letter(&answer, now)?, None));
            }
            Matter::Package(dispatch) => {
                let sent = self.view.read().dispatches.sent(dispatch).cloned();
                let sent = sent.ok_or(Fault::Missing("dispatch"))?;
                let outgoing = self.outgoing(&sent)?;
                let offer = Offer {
                    dispatch: sent.id,
                    package: self.papers.cited(&sent.package, "package")?,
                    package_digest: sent.package,
                    size: outgoing.container_bytes(),
                    due: sent.due,
                };
                return Ok((Frame::Offer(offer).to_wire(), Some(outgoing)));
            }
            Matter::Receipt(dispatch) => {
                let receipt = self.view.read().dispatches.given(dispatch).and_then(|given| given.receipt);
                let receipt = receipt.ok_or(Fault::Missing("receipt"))?;
                Frame::Receipt(Slip { dispatch: *dispatch, receipt: self.papers.cited(&receipt, "receipt")? })
            }
            Matter::Proof(dispatch) => {
                Frame::Proof(Proof { dispatch: *dispatch, proof: self.proof(dispatch)? })
            }
            Matter::Notice(statement) => {
                let id = crate::notices::notice_id(statement);
                Frame::Notice(Word { id, notice: self.notice(statement, now)? })
            }
            Matter::Opening(request) => Frame::Opening(self.opening_for_letter(request, now)?),
        };
        Ok((frame.to_wire(), None))
    }

    fn seal_letter(
        &self,
        to: &NodeName,
        id: DispatchId,
        message: &[u8],
        container: Option<&Outgoing>,
        plan: &mut Plan,
        now: Timestamp,
    ) -> Result<Sealed, Fault> {
        let recipient = self.key_of_partner(to, now)?.ok_or(Fault::Missing("partner's card in force"))?;
        let (key, wrapped) = self.custodian.seal_letter(&recipient, &id, now)?;
        let length = message.len() as u64 + container.map_or(0, Outgoing::container_bytes);
        // Where the hub is to know what a package is about, however small it is, none goes in a letter of a word's length.
        let shows = container.is_some() && !self.pack.terms().topics.is_empty();
        let length = letter::padded(if shows { length.max(MAX_WORD_BYTES + 1) } else { length });
        let text = Text { office: self, message, container, length };
        let segment_key = SegmentKey::new(&key)?;
        let (mut tally, mut resting) = (Tally::new(), Resting::begin(&self.vault));
        let segment_bytes = u64::from(segment_bytes_for(Some(length)));
        let (mut at, mut sealed) = (0, Vec::new());
        while at < length {
            let plain = Zeroizing::new(text.read(at, (length - at).min(segment_bytes))?);
            tally.append(&segment_key.seal_into(&plain, &mut sealed)?)?;
            resting.append(&sealed)?;
            at += plain.len() as u64;
        }
        let (integrity, outer_digest) = tally.finish(&key);
        resting.finish(outer_digest, plan)?;
        let policy = Policy::fresh(Vec::new()).ok_or(Fault::Randomness)?.to_base64()?;
        let kid = letter::kid(&recipient.key_id(), &id);
        let access =
            KeyAccess::new(KeyAccessKind::HybridWrapped, &key_service(to), &kid, &wrapped, &key, &policy);
        let draft = ManifestDraft { key_access: vec![access], policy_base64: policy, assertions: Vec::new() };
        let payload_bytes = integrity.payload_bytes();
        let json = Manifest::new(draft, integrity)?.to_json()?;
        let size = container_bytes(payload_bytes, &json)?;
        Ok(Sealed { outer_digest, manifest: plan.paper(json), size })
    }

    /// The container of a letter that is to be given on.
    pub(crate) fn letter_container(&self, letter: &Letter) -> Result<Outgoing, Fault> {
        let manifest = manifest_under(&self.papers, &letter.manifest)?;
        let (found, payload) = whole(&self.papers, self.vault.as_ref(), &letter.outer_digest, &manifest)?;
        let json = self.papers.cited(&letter.manifest, "manifest of a letter")?;
        Outgoing::new(payload, found.crc32, &json)
    }

    /// The offer of a letter to the next node, and its container; nothing where it need not be given any more.
    ///
    /// # Errors
    /// When the store fails, or what it says of the letter is damaged.
    pub fn letter_offer(&self, id: &DispatchId) -> Result<Option<(Offer, Outgoing)>, Fault> {
        let found = self.view.read().letters.get(id).filter(|letter| letter.stand == Stand::Owed).cloned();
        let Some(letter) = found else { return Ok(None) };
        let outgoing = self.letter_container(&letter)?;
        let mut papers = self.papers.cited(&letter.papers, "papers of a letter")?;
        // Of words there is nothing to show.
        if outgoing.container_bytes() > MAX_WORD_BYTES {
            let mut docket = Docket::from_bytes(&papers).ok_or(Fault::Altered("papers of a letter"))?;
            docket.topics = self.shown_topics(&letter)?;
            papers = docket.to_bytes();
        }
        let package_digest = attache_seal::digest::sha256(&[&papers]);
        let size = outgoing.container_bytes();
        let offer = Offer { dispatch: letter.id, package: papers, package_digest, size, due: letter.due };
        Ok(Some((offer, outgoing)))
    }

    /// What the package in a letter of ours is about, as the leaf of the letter commits to it.
    fn shown_topics(&self, letter: &Letter) -> Result<Option<ShownTopics>, Fault> {
        let Some(Matter::Package(dispatch)) = &letter.matter else { return Ok(None) };
        let topics = {
            let view = self.view.read();
            let item = view.dispatches.sent(dispatch).and_then(|sent| view.items.get(&sent.item));
            attache_accord::oversight::topics(item)
        };
        if topics.is_empty() {
            return Ok(None);
        }
        let (leaf, salt) = self.papers.leaf(letter.index)?;
        let mut draft = LeafDraft { salt, fields: Default::default() };
        if let Some(field) = draft.fields.get_mut(FIELD_TOPICS) {
            *field = topics.clone().into_bytes();
        }
        // The field's number is a constant below 16.
        let opened = draft.open(FIELD_TOPICS as u8);
        Ok(Some(ShownTopics { leaf: leaf.into(), index: letter.index, salt: opened.salt.into(), topics }))
    }
}

/// A letter as it was sealed.
struct Sealed {
    outer_digest: Digest,
    manifest: Digest,
    size: u64,
}

/// What is sealed into a letter: the message, the container where there is one, and nothing but zeros behind.
struct Text<'a> {
    office: &'a Office,
    message: &'a [u8],
    container: Option<&'a Outgoing>,
    length: u64,
}

impl Text<'_> {
    /// `count` bytes from `at`, which lie within.
    fn read(&self, at: u64, count: u64) -> Result<Vec<u8>, Fault> {
        let end = at + count.min(self.length - at);
        let message_bytes = self.message.len() as u64;
        let container_bytes = self.container.map_or(0, Outgoing::container_bytes);
        let mut out = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        let mut at = at;
        while at < end {
            let before = out.len();
            let left = usize::try_from(end - at).unwrap_or(usize::MAX);
            if at < message_bytes {
                let rest = usize::try_from(at).ok().and_then(|at| self.message.get(at..)).unwrap_or_default();
                out.extend(rest.iter().take(left));
            } else if let Some(container) = self.container.filter(|_| at < message_bytes + container_bytes) {
                out.extend(self.office.read_outgoing(container, at - message_bytes, left)?);
            } else {
                out.resize(out.len() + left, 0);
            }
            at += (out.len() - before) as u64;
        }
        Ok(out)
    }
}
