//! Letters carried: a letter that is offered is weighed by its docket alone. A hub takes it, says so in a hop receipt, and gives it
//! on; or refuses it, and says why.
//!
//! *Absent:* what is in a letter. A hub has nothing that opens it.

use super::Docket;
use crate::abroad::Unsaid;
use crate::arrival::{Envelope, Promised, Weighed};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use crate::receipts::{FALSE_RECEIPT, Weighing};
use crate::succession::Stands;
use attache_accord::act::Act;
use attache_accord::agreement::{Force, Relay};
use attache_accord::dispatch::Progress;
use attache_accord::letters::{HOP_REFUSED, Letter, Matter, Stand};
use attache_accord::logs::origin_at;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_courier::Code;
use attache_courier::frame::Offer;
use attache_seal::digest::sha256;
use attache_seal::papers::{HopReceipt, Waybill};
use attache_seal::statement::Signed;
use attache_tlog::Origin;

/// Code of a hub's refusal: this letter is not for it to carry, or may not go there.
pub const LETTER_REFUSED: &str = "C-031";
/// Code of a hub's refusal: the letter is as large as a package and does not show what that is about, or is about something that the
/// agreement does not cover.
pub const TOPIC_HIDDEN: &str = "C-032";
/// Code of a letter whose time is over: a hub does not take it any more, or whoever has it does not give it on.
pub const LETTER_LATE: &str = "C-048";
/// Code of a letter that its sender keeps, since the dispatch whose package is in it has ended meanwhile.
pub const LETTER_CLOSED: &str = "C-049";
/// Largest letter that needs not show what it is about, in bytes: no message without a package is larger, and under an agreement with
/// topics each with a package is padded beyond it.
pub const MAX_WORD_BYTES: u64 = 64 * 1024;

/// A docket whose signatures hold.
pub(super) struct Read {
    pub(super) docket: Docket,
    pub(super) waybill: Waybill,
    pub(super) digest: Digest,
    hops: Vec<HopReceipt>,
    last_hop: Option<Digest>,
}

impl Office {
    /// Weighs a letter that the authenticated node `from` offers.
    pub(crate) fn weigh_letter(
        &self,
        from: &NodeName,
        offer: &Offer,
        docket: Docket,
        now: Timestamp,
    ) -> Result<Weighed, Fault> {
        if let Some(known) = self.view.read().letters.get(&offer.dispatch) {
            let is_same =
                known.previous.as_ref() == Some(from) && offer.package_digest == sha256(&[&offer.package]);
            return Ok(match &known.stand {
                _ if !is_same || !docket_is(&docket, &known.waybill) => Weighed::Contradicted,
                Stand::Refused(_) => Weighed::Declined(Code::Refused),
                _ => Weighed::Held,
            });
        }
        let terms = self.pack.terms();
        let view = self.view.read();
        if terms.relay != Relay::Blind
            || view.dispatches.sent(&offer.dispatch).is_some()
            || view.dispatches.given(&offer.dispatch).is_some()
        {
            return Ok(Weighed::Declined(Code::Refused));
        }
        drop(view);
        if let Some(code) = self.stop_of(from) {
            return Ok(Weighed::Declined(code));
        }
        let read = match self.read_docket(from, docket)? {
            Ok(read) => read,
            Err(Unsaid::OtherCard) => return Ok(Weighed::Declined(Code::OtherCard)),
            Err(Unsaid::False) => return Ok(Weighed::Declined(Code::Refused)),
        };
        let waybill = &read.waybill;
        let is_offered = sha256(&[&offer.package]) == offer.package_digest
            && waybill.letter == offer.dispatch
            && waybill.size == offer.size
            && waybill.due == offer.due;
        if !is_offered {
            return Ok(Weighed::Declined(Code::Refused));
        }
        if waybill.to != self.identity.node && terms.hub != Some(self.identity.party) {
            return Ok(Weighed::Declined(Code::Refused));
        }
        if waybill.to != self.identity.node {
            match self.may_carry(&read, now)? {
                Carrying::Goes => {}
                Carrying::Waits => return Ok(Weighed::Declined(Code::NoRoom)),
                Carrying::Never(code) => {
                    let papers = read.docket.clone().with_share(None).to_bytes();
                    let refused = Some(code.to_owned());
                    let act = self.letter_taken(from, &read, None, refused, sha256(&[&papers]));
                    let mut plan = Plan::new(&self.view.read(), vec![act]);
                    plan.paper(papers);
                    return Ok(Weighed::Turned(plan, Code::Refused));
                }
            }
        }
        let envelope = Envelope { letter: offer.dispatch, by: from.clone() };
        let promised = Promised::letter(offer.package_digest, envelope);
        self.take(from, offer, promised)
    }

    /// Reads a docket that `from` shows: the waybill is its sender's, each hop receipt is of the hub that it came by.
    pub(super) fn docket_of(&self, from: &NodeName, docket: Docket) -> Result<Option<Read>, Fault> {
        Ok(self.read_docket(from, docket)?.ok())
    }

    fn read_docket(&self, from: &NodeName, docket: Docket) -> Result<Result<Read, Unsaid>, Fault> {
        let (Some(signed), Some(hops)) = (docket.waybill(), docket.hops()) else {
            return Ok(Err(Unsaid::False));
        };
        let (waybill, _) = match self.said_by_its_signer::<Waybill>(&signed, |card| &card.node_key)? {
            Ok(waybill) => waybill,
            Err(unread) => return Ok(Err(unread)),
        };
        let (digest, sender) = (signed.digest(), waybill.head.signer);
        let mut read = Read { docket, waybill: waybill.body, digest, hops: Vec::new(), last_hop: None };
        let mut brought_by = read.waybill.from.to_string();
        for signed in &hops {
            let (hop, _) = match self.said_by_its_signer::<HopReceipt>(signed, |card| &card.node_key)? {
                Ok(hop) => hop,
                Err(unread) => return Ok(Err(unread)),
            };
            let goes_on = hop.body.waybill == digest
                && hop.body.previous == read.last_hop
                && hop.body.refused.is_none()
                && hop.head.signer != brought_by;
            if !goes_on {
                return Ok(Err(Unsaid::False));
            }
            brought_by = hop.head.signer;
            read.hops.push(hop.body);
            read.last_hop = Some(signed.digest());
        }
        let is_whole = sender == read.waybill.from.as_str()
            && brought_by == from.as_str()
            && read.waybill.from != self.identity.node
            && read.hops.len() <= usize::from(read.waybill.hop_limit)
            && self.is_the_way(&read, from);
        Ok(if is_whole { Ok(read) } else { Err(Unsaid::False) })
    }

    /// Whether a letter came as the agreement's terms let it: to the hub from its sender, to its recipient from the hub.
    fn is_the_way(&self, read: &Read, from: &NodeName) -> bool {
        let view = self.view.read();
        let party = |node: &NodeName| match *node == self.identity.node {
            true => Some(self.identity.party),
            false => view.peers.get(node).map(|peer| peer.party),
        };
        let (Some(sender), Some(to)) = (party(&read.waybill.from), party(&read.waybill.to)) else {
            // The hub does not know its recipient: it says so by a hop receipt.
            return read.waybill.to != self.identity.node && *from == read.waybill.from;
        };
        let carrier = self.pack.terms().carrier(sender, to);
        match read.waybill.to == self.identity.node {
            true => carrier.is_some() && party(from) == carrier && read.hops.len() == 1,
            false => *from == read.waybill.from && read.hops.is_empty(),
        }
    }

    /// Whether this hub may carry a letter, by rule.
    fn may_carry(&self, read: &Read, now: Timestamp) -> Result<Carrying, Fault> {
        let (waybill, terms) = (&read.waybill, self.pack.terms());
        let refused = Ok(Carrying::Never(LETTER_REFUSED));
        let (sender, recipient) = {
            let view = self.view.read();
            let party = |node: &NodeName| view.peers.get(node).map(|peer| peer.party);
            let (Some(sender), Some(recipient)) = (party(&waybill.from), party(&waybill.to)) else {
                return refused;
            };
            (sender, recipient)
        };
        // That it came straight from its sender, so by no more hubs than it may, was looked at with its docket.
        if terms.carrier(sender, recipient) != Some(self.identity.party) {
            return refused;
        }
        if waybill.due <= now {
            return Ok(Carrying::Never(LETTER_LATE));
        }
        let Some(card) = self.card_of(&waybill.from)? else { return refused };
        let stretches = self.stretches(&waybill.from, &card);
        // Its log may go on under another name than the card's.
        let origin_of = |index| Origin::new(origin_at(&stretches, index)?).ok();
        let is_covered = match &read.docket.topics {
            _ if terms.topics.is_empty() || waybill.size <= MAX_WORD_BYTES => true,
            Some(shown) => origin_of(shown.index).is_some_and(|origin| {
                let Some(topics) = shown.verified(&origin) else { return false };
                let topics: Vec<_> = topics.collect();
                let is_agreed = |topic: &&str| terms.topics.iter().any(|agreed| agreed.as_str() == *topic);
                !topics.is_empty() && topics.iter().all(is_agreed)
            }),
            None => false,
        };
        if !is_covered {
            return Ok(Carrying::Never(TOPIC_HIDDEN));
        }
        // Without its share this hub would have no hand on what is in the letter.
        if terms.hub_share_days.is_some() && read.docket.share.is_none() {
            return refused;
        }
        // What its people say about the agreement passes always, or it could never come into force again.
        let view = self.view.read();
        let force = attache_accord::agreement::force(&terms.parties, &view.positions, now);
        let is_word = waybill.size <= MAX_WORD_BYTES && read.docket.topics.is_none();
        Ok(if force == Force::InForce || is_word { Carrying::Goes } else { Carrying::Waits })
    }

    /// The record of a letter that came by `from`.
    pub(super) fn letter_taken(
        &self,
        from: &NodeName,
        read: &Read,
        answer: Option<Digest>,
        refused: Option<String>,
        papers: Digest,
    ) -> Act {
        let Read { waybill, digest, .. } = read;
        let goes_on = refused.is_none() && waybill.to != self.identity.node;
        Act::LetterTaken {
            letter: waybill.letter,
            from: waybill.from.clone(),
            to: waybill.to.clone(),
            previous: from.clone(),
            papers,
            waybill: *digest,
            outer_digest: waybill.outer_digest,
            manifest: waybill.manifest_digest,
            due: waybill.due,
            next: goes_on.then(|| waybill.to.clone()),
            refused,
            answer,
            declines: None,
            share: None,
        }
    }

    /// Signs what this hub did with a letter.
    pub(crate) fn sign_hop(&self, letter: &Letter, now: Timestamp) -> Result<Plan, Fault> {
        let papers = self.papers.cited(&letter.papers, "papers of a letter")?;
        let docket = Docket::from_bytes(&papers).ok_or(Fault::Altered("papers of a letter"))?;
        let hops = docket.hops().ok_or(Fault::Altered("papers of a letter"))?;
        let refused = match &letter.stand {
            Stand::Refused(code) => Some(code.clone()),
            _ => None,
        };
        let hop = self.hop_of(letter, hops.last().map(Signed::digest), refused)?;
        let signed = self.say(&self.keys.node, now, hop)?;
        let on = docket.with_hop(&signed).to_bytes();
        let act = Act::HopSigned { letter: letter.id, hop: signed.digest(), papers: sha256(&[&on]) };
        let mut plan = Plan::new(&self.view.read(), vec![act]);
        plan.papers.push((signed.digest(), signed.to_bytes()));
        plan.paper(on);
        Ok(plan)
    }

    /// Signs for its sender that a letter which this hub took is given up.
    pub(crate) fn sign_loss(&self, letter: &Letter, now: Timestamp) -> Result<Plan, Fault> {
        let Stand::Refused(code) = &letter.stand else { return Err(Fault::Missing("loss of a letter")) };
        let hop = self.hop_of(letter, letter.hop, Some(code.clone()))?;
        let signed = self.say(&self.keys.node, now, hop)?;
        let act = Act::LossSigned { letter: letter.id, hop: signed.digest() };
        let mut plan = Plan::new(&self.view.read(), vec![act]);
        plan.papers.push((signed.digest(), signed.to_bytes()));
        Ok(plan)
    }

    fn hop_of(
        &self,
        letter: &Letter,
        previous: Option<Digest>,
        refused: Option<String>,
    ) -> Result<HopReceipt, Fault> {
        Ok(HopReceipt {
            waybill: letter.waybill,
            previous,
            refused,
            leaf_hash: self.papers.logged(letter.index)?.leaf_hash(),
            leaf_index: letter.index,
            log_origin: self.own_origin_at(letter.index)?,
        })
    }

    /// Weighs the hop receipt for a letter of ours, from the authenticated node `from`.
    pub(crate) fn weigh_hop_receipt(
        &self,
        from: &NodeName,
        letter: &Letter,
        bytes: &[u8],
    ) -> Result<Weighing, Fault> {
        let breach = || {
            let act =
                Act::BreachRecorded { node: from.clone(), code: FALSE_RECEIPT.to_owned(), dispatch: None };
            Ok(Weighing::False(Plan::new(&self.view.read(), vec![act])))
        };
        let Ok(signed) = Signed::from_bytes(bytes) else { return breach() };
        if letter.hop == Some(signed.digest()) {
            return Ok(Weighing::Kept);
        }
        // Behind the receipt of whoever took it there is one thing left to say: that it was given up, which this node may have done as
        // well. Behind a refusal there is nothing.
        if let (Some(kept), Stand::Refused(_)) = (&letter.hop, &letter.stand) {
            let kept = self.papers.cited(kept, "hop receipt")?;
            let kept = Signed::from_bytes(&kept)
                .ok()
                .and_then(|kept| kept.dangerously_unverified::<HopReceipt>().ok());
            if kept.ok_or(Fault::Altered("hop receipt"))?.body.refused.is_some() {
                return breach();
            }
        }
        let (hop, card) = match self.said_by_its_signer::<HopReceipt>(&signed, |card| &card.node_key)? {
            Ok(hop) => hop,
            Err(Unsaid::OtherCard) => return Ok(Weighing::OtherCard),
            Err(Unsaid::False) => return breach(),
        };
        let is_for_it = hop.head.signer == from.as_str()
            && letter.previous.is_none()
            && letter.next.as_ref() == Some(from)
            && hop.body.waybill == letter.waybill
            && hop.body.previous == letter.hop;
        if !is_for_it || (letter.hop.is_some() && hop.body.refused.is_none()) {
            return breach();
        }
        match self.stands(from, &card, &hop.body.log_origin, hop.body.leaf_index) {
            Stands::Here => {}
            Stands::Later => return Ok(Weighing::OtherLog),
            Stands::Nowhere => return breach(),
        }
        let refused = hop.body.refused;
        let (id, digest) = (letter.id, signed.digest());
        let mut acts = match (letter.hop, &refused) {
            (Some(_), Some(code)) => vec![Act::LossKept { letter: id, hop: digest, code: code.clone() }],
            // Stored and refused is one word too many.
            (None, Some(_)) if letter.stand == Stand::Passed => return breach(),
            _ => vec![Act::HopKept { letter: id, hop: digest, refused: refused.clone() }],
        };
        let view = self.view.read();
        if let Some(code) = refused {
            let sent = match letter.matter {
                Some(Matter::Package(dispatch)) => view.dispatches.sent(&dispatch),
                _ => None,
            };
            let open = sent.filter(|sent| !matches!(sent.progress, Progress::Receipted { .. }));
            // What a hub may not carry it may not carry the next time; what was late, or lost on its way, is sent in another letter.
            let is_for_good = letter.hop.is_none() && code != LETTER_LATE;
            if let Some(sent) = open.filter(|sent| is_for_good && sent.progress == Progress::Owed) {
                acts.push(Act::DispatchDeclined { dispatch: sent.id, code: code.clone() });
            }
            // Of what came to its end by another letter there is nothing to tell.
            if open.is_some() || !matches!(letter.matter, Some(Matter::Package(_))) {
                let dispatch = open.map(|sent| sent.id);
                tracing::warn!(hub = %from, letter = %id, code, "a hub did not carry a letter of ours to its recipient");
                acts.push(Act::IncidentRaised { code: HOP_REFUSED.to_owned(), dispatch });
            }
        }
        let mut plan = Plan::new(&view, acts);
        plan.papers.push((signed.digest(), signed.to_bytes()));
        Ok(Weighing::Keep(plan))
    }
}

/// What a hub does with a letter.
enum Carrying {
    Goes,
    /// Not now: it is offered again.
    Waits,
    Never(&'static str),
}

fn docket_is(docket: &Docket, waybill: &Digest) -> bool {
    docket.waybill().is_some_and(|signed| signed.digest() == *waybill)
}
