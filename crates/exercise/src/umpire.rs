//! The umpire: reads both journals entry by entry, believes no node, and says which rule was broken first.
//!
//! *Absent:* any knowledge of how a node came to write what it wrote.

use attache_accord::act::{Act, Entry};
use attache_accord::consent::Step;
use attache_accord::control::Unopened;
use attache_accord::dispatch::PROMISE_BROKEN;
use attache_accord::oversight::word;
use attache_accord::particulars::Approved;
use attache_accord::passage::{Fate, PASSAGE_OVERDUE};
use attache_accord::ruling::Action;
use attache_accord::{Digest, DispatchId, ItemId, NodeName, Party};
use attache_node::fault::Failure;
use attache_node::office::Office;
use attache_node::replay::{Verdict, replay};
use attache_tlog::{Hash, ProofFile, VerifierKey};
use std::collections::{BTreeMap, BTreeSet};

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Foul(pub(crate) String);

#[derive(Default)]
struct Book {
    read: u64,
    /// Size of the checkpoint published last.
    published: u64,
    released: BTreeMap<u64, ItemId>,
    moved: BTreeSet<(ItemId, u64)>,
    owed: BTreeMap<DispatchId, NodeName>,
    verified: BTreeSet<DispatchId>,
    admitted: BTreeSet<DispatchId>,
    /// Index and hash of the leaves of admissions.
    leaves: BTreeMap<DispatchId, (u64, Digest)>,
    receipted: BTreeSet<DispatchId>,
    /// Receipts whose promise was kept, and those whose was an incident first.
    proved: BTreeSet<DispatchId>,
    broken: BTreeSet<DispatchId>,
    /// The keys of its log.
    log_keys: Vec<VerifierKey>,
    /// Own instruments, and each partner's as they were mirrored, in order.
    made: Vec<Digest>,
    /// The dispatch that each request to open is about, asked by this node or of it.
    openings: BTreeMap<Digest, DispatchId>,
    /// Requests that this node answered, and whether it consented.
    decided: BTreeMap<Digest, bool>,
    /// Requests whose answer is on record here.
    answered: BTreeSet<Digest>,
    /// The dispatch whose consent was the last entry: what is opened next stands under it.
    consented: Option<DispatchId>,
    /// What this node took back, and what was taken back of it.
    recalled: BTreeSet<DispatchId>,
    lost: BTreeSet<DispatchId>,
    refused: usize,
    mirrored: BTreeMap<NodeName, Vec<Digest>>,
    party: Option<Party>,
    /// Own items by their sealed bytes, and which of them each dispatch carries.
    items: BTreeMap<ItemId, Digest>,
    sent: BTreeMap<DispatchId, ItemId>,
    /// Approvals that a third Party is given own items, which stand: the item and the Party, by statement.
    let_go: BTreeMap<Digest, (Digest, Party)>,
    /// Every one that was ever made, for a passage rests on what was true when it began.
    approvals: BTreeMap<Digest, (Digest, Party)>,
    /// Own items of whose passage the end was told, or an incident raised.
    told_of: BTreeSet<Digest>,
    /// Approvals that what arrived by a hub rests on, by dispatch.
    passages: BTreeMap<DispatchId, Digest>,
    /// Receipts that it signed.
    receipts: BTreeSet<Digest>,
    /// Dispatches about which an incident was raised.
    incidents: BTreeSet<DispatchId>,
    /// Letters that it wrote, to whom and under which waybill.
    written: BTreeMap<DispatchId, (NodeName, Digest)>,
    /// Letters that it took, and which of them are at their end here.
    taken: BTreeMap<DispatchId, bool>,
    /// Letters that it need not give on any more: the next has them, or they ended otherwise.
    done: BTreeSet<DispatchId>,
    /// Hop receipts that it signed, and those that it has for its own letters.
    signed_hops: BTreeMap<DispatchId, Digest>,
    kept_hops: BTreeSet<DispatchId>,
    /// Letters that it carried and gave up, what it signed of that, and such words that it has of its own letters.
    lost_letters: BTreeSet<DispatchId>,
    signed_losses: BTreeMap<DispatchId, Digest>,
    kept_losses: BTreeSet<DispatchId>,
}

/// What one node's entry says of the other.
enum Claim {
    /// The other owed this dispatch.
    Owed(DispatchId),
    /// The other admitted it.
    Admitted(DispatchId),
    /// This proves the other's admission.
    Proved(DispatchId, Vec<u8>),
    /// The other consented to this request.
    Consented(Digest),
    /// This is that node's instrument with that number, counted from 0.
    Made(NodeName, usize, Digest),
    /// What arrived from that node, of that item, is of that Party: where that is not the node's own, it approved that.
    Passed(DispatchId, NodeName, Digest, Party),
    /// Another signed this receipt.
    Signed(Digest),
    /// That node wrote this letter, for that one, under this waybill.
    Written(DispatchId, NodeName, NodeName, Digest),
    /// Another signed this for the letter.
    Hop(DispatchId, Digest),
}

impl Book {
    /// Whether a proof that the other keeps is of this node's admission.
    fn bears_out(&self, dispatch: &DispatchId, proof: &[u8]) -> bool {
        let file = std::str::from_utf8(proof).ok().and_then(|text| text.parse::<ProofFile>().ok());
        let (Some(file), Some((index, leaf))) = (file, self.leaves.get(dispatch)) else { return false };
        let checkpoint = file.verify(&Hash(leaf.0), &self.log_keys);
        file.index() == *index && checkpoint.is_ok_and(|checkpoint| checkpoint.size <= self.published)
    }
}

/// What the umpire has read so far.
#[derive(Default)]
pub(crate) struct Umpire {
    books: BTreeMap<NodeName, Book>,
    /// What entries say of the partner, to be compared with its journal: node, entry, claim.
    claims: Vec<(NodeName, u64, Claim)>,
}

impl Umpire {
    /// Reads what is new in one journal, and gives a line of the trace for each entry.
    pub(crate) fn read(&mut self, office: &Office) -> Result<Result<Vec<String>, Foul>, Failure> {
        let name = office.identity.node.clone();
        let mut lines = Vec::new();
        let (size, published) = (office.papers.head()?.size, office.papers.published()?);
        let published = published.map_or(0, |published| published.size);
        let book = self.book(&name);
        if size < book.read {
            return Ok(Err(Foul(format!("{name}: of {} acknowledged entries {size} are left", book.read))));
        }
        if published < book.published {
            return Ok(Err(Foul(format!("{name}: the checkpoint of size {} is gone", book.published))));
        }
        book.published = published;
        book.log_keys = office.own().log_vkeys.iter().filter_map(|text| text.parse().ok()).collect();
        loop {
            let from = self.books.entry(name.clone()).or_default().read;
            let entries = office.papers.entries(from, 256)?;
            if entries.is_empty() {
                return Ok(Ok(lines));
            }
            for (index, entry) in entries {
                lines.push(line(&name, index, &entry.act));
                self.hold(office, index, &entry.act)?;
                if let Err(foul) = self.judge(&name, index, &entry) {
                    return Ok(Err(foul));
                }
                self.books.entry(name.clone()).or_default().read = index + 1;
            }
        }
    }

    /// Keeps what only the node itself can show of its entry: a leaf's hash, and a proof.
    fn hold(&mut self, office: &Office, index: u64, act: &Act) -> Result<(), Failure> {
        let name = &office.identity.node;
        match act {
            Act::Admitted { dispatch, .. } => {
                let leaf = office.papers.logged(index)?.leaf_hash();
                // Only the first counts; a second one is a foul.
                self.book(name).leaves.entry(*dispatch).or_insert((index, leaf));
            }
            Act::ProofKept { dispatch, proof } => {
                let proof = office.papers.cited(proof, "proof")?;
                self.claims.push((name.clone(), index, Claim::Proved(*dispatch, proof)));
            }
            _ => {}
        }
        Ok(())
    }

    fn judge(&mut self, name: &NodeName, index: u64, entry: &Entry) -> Result<(), Foul> {
        let foul = |rule: &str| Err(Foul(format!("{name}, entry {index}: {rule}")));
        match &entry.act {
            Act::Ruled { ruling, item: Some(item), .. }
                if ruling.granted && ruling.action == Action::Release =>
            {
                self.book(name).released.insert(index, *item);
            }
            Act::KeyMoved { item, ruling_index, .. } => {
                let book = self.book(name);
                if book.released.get(ruling_index) != Some(item) {
                    return foul("a key moved without a permit in the journal before it");
                }
                if !book.moved.insert((*item, *ruling_index)) {
                    return foul("a key moved twice on one ruling");
                }
            }
            Act::DispatchOwed { dispatch, item, recipient, .. } => {
                let book = self.book(name);
                if !book.moved.iter().any(|(moved, _)| moved == item) {
                    return foul("a package without its key");
                }
                book.owed.insert(*dispatch, recipient.clone());
                book.sent.insert(*dispatch, *item);
            }
            Act::Founded { party, .. } => self.book(name).party = Some(*party),
            Act::ItemAdded { item, item_digest, .. } => {
                self.book(name).items.insert(*item, *item_digest);
            }
            Act::ConsentMade { consent, statement, .. } => {
                let book = self.book(name);
                match &consent.step {
                    Step::Given { what: Approved::ThirdParty(party), .. } => {
                        book.let_go.insert(*statement, (consent.item_digest, *party));
                        book.approvals.insert(*statement, (consent.item_digest, *party));
                    }
                    Step::Withdrawn { approval } => drop(book.let_go.remove(approval)),
                    _ => {}
                }
            }
            Act::PassageVerified { dispatch, consent, .. } => {
                self.book(name).passages.insert(*dispatch, *consent);
            }
            Act::PassageMirrored { hop, .. } => {
                if let Fate::Receipted { receipt, .. } = &hop.fate {
                    self.claims.push((name.clone(), index, Claim::Signed(*receipt)));
                }
                if hop.fate.standing().is_final() {
                    self.told(name, &hop.dispatch);
                }
            }
            Act::ReceiptOwed { receipt, .. } => {
                self.book(name).receipts.insert(*receipt);
            }
            Act::ArrivalVerified { dispatch, from, item_digest, marking, .. } => {
                self.claims.push((name.clone(), index, Claim::Owed(*dispatch)));
                let passed = Claim::Passed(*dispatch, from.clone(), *item_digest, marking.originator());
                self.claims.push((name.clone(), index, passed));
                if !self.book(name).verified.insert(*dispatch) {
                    return foul("an arrival recorded twice");
                }
            }
            Act::Admitted { dispatch, .. } => {
                if !self.book(name).verified.contains(dispatch) {
                    return foul("an admission without a verified arrival");
                }
                if !self.book(name).admitted.insert(*dispatch) {
                    return foul("one dispatch admitted twice");
                }
            }
            Act::ReceiptKept { dispatch, .. } => {
                self.claims.push((name.clone(), index, Claim::Admitted(*dispatch)));
                if !self.book(name).receipted.insert(*dispatch) {
                    return foul("one dispatch receipted twice");
                }
            }
            Act::ProofKept { dispatch, .. } => {
                let book = self.book(name);
                if !book.receipted.contains(dispatch) || !book.proved.insert(*dispatch) {
                    return foul("a proof without its receipt, or a second one");
                }
            }
            Act::IncidentRaised { code, dispatch: Some(dispatch) } if code == PROMISE_BROKEN => {
                let book = self.book(name);
                if book.proved.contains(dispatch) || !book.broken.insert(*dispatch) {
                    return foul("a promise called broken twice, or once it was kept");
                }
            }
            Act::OpeningAsked { request, dispatch, .. } | Act::OpeningReceived { request, dispatch, .. } => {
                let before = self.book(name).openings.insert(*request, *dispatch);
                if before.is_some() {
                    return foul("one request to open recorded twice");
                }
            }
            Act::OpeningDecided { request, refused, .. } => {
                let book = self.book(name);
                let Some(dispatch) = book.openings.get(request).copied() else {
                    return foul("an answer to a request that is not on record");
                };
                if refused.is_none() && book.recalled.contains(&dispatch) {
                    return foul("a consent to open what was recalled");
                }
                book.refused += usize::from(*refused == Some(Unopened::Recalled));
                if book.decided.insert(*request, refused.is_none()).is_some() {
                    return foul("one request to open answered twice");
                }
            }
            Act::OpeningAnswered { request, refused, .. } => {
                let book = self.book(name);
                book.consented = book.openings.get(request).copied().filter(|_| refused.is_none());
                if !book.answered.insert(*request) {
                    return foul("an answer recorded twice");
                }
                if refused.is_none() {
                    self.claims.push((name.clone(), index, Claim::Consented(*request)));
                }
                return Ok(());
            }
            Act::Opened { .. } => {
                let book = self.book(name);
                match book.consented.take() {
                    None => return foul("an item under control opened without a consent"),
                    Some(dispatch) if book.lost.contains(&dispatch) => {
                        return foul("an item opened after its recall was here");
                    }
                    Some(_) => {}
                }
            }
            Act::RecallMade { recall, .. } => {
                self.book(name).recalled.insert(recall.dispatch);
            }
            Act::RecallMirrored { recall, .. } => {
                self.book(name).lost.insert(recall.dispatch);
            }
            Act::InstrumentMade { statement, .. } => self.book(name).made.push(*statement),
            Act::IncidentRaised { code, dispatch: Some(dispatch) } => {
                self.book(name).incidents.insert(*dispatch);
                if code == PASSAGE_OVERDUE {
                    self.told(name, dispatch);
                }
            }
            Act::LetterOwed { letter, to, waybill, .. } => {
                let before = self.book(name).written.insert(*letter, (to.clone(), *waybill));
                if before.is_some() {
                    return foul("two letters of one number");
                }
            }
            Act::LetterTaken { letter, from, to, next, waybill, refused, .. } => {
                let claim = Claim::Written(*letter, from.clone(), to.clone(), *waybill);
                self.claims.push((name.clone(), index, claim));
                if to != name && refused.is_none() && next.is_none() {
                    return foul("a letter for another that goes no further");
                }
                let book = self.book(name);
                if refused.is_some() {
                    book.done.insert(*letter);
                }
                if book.taken.insert(*letter, to == name).is_some() {
                    return foul("one letter taken twice");
                }
            }
            Act::LetterPassed { letter, given_up } => {
                let book = self.book(name);
                book.done.insert(*letter);
                if given_up.is_some() && book.taken.contains_key(letter) {
                    book.lost_letters.insert(*letter);
                }
            }
            Act::HopSigned { letter, hop, .. } => {
                let before = self.book(name).signed_hops.insert(*letter, *hop);
                if before.is_some() {
                    return foul("two hop receipts for one letter");
                }
            }
            Act::LossSigned { letter, hop } => {
                self.book(name).signed_losses.insert(*letter, *hop);
            }
            Act::LossKept { letter, hop, .. } => {
                self.claims.push((name.clone(), index, Claim::Hop(*letter, *hop)));
                let book = self.book(name);
                if !book.kept_hops.contains(letter) || !book.kept_losses.insert(*letter) {
                    return foul("a letter told as lost twice, or before it was taken");
                }
                book.done.insert(*letter);
            }
            Act::HopKept { letter, hop, refused } => {
                self.claims.push((name.clone(), index, Claim::Hop(*letter, *hop)));
                let book = self.book(name);
                book.kept_hops.insert(*letter);
                if refused.is_some() {
                    book.done.insert(*letter);
                }
            }
            Act::InstrumentMirrored { statement, from, .. } => {
                let mirrored = self.book(name).mirrored.entry(from.clone()).or_default();
                let at = mirrored.len();
                mirrored.push(*statement);
                self.claims.push((name.clone(), index, Claim::Made(from.clone(), at, *statement)));
            }
            Act::LogForked { .. } => return foul("an honest node's log was said to show two histories"),
            Act::InstrumentContested { .. } => return foul("an honest node's record was contested"),
            Act::BreachRecorded { code, .. } => {
                return foul(&format!("an honest node was written up for {code}"));
            }
            _ => {}
        }
        self.book(name).consented = None;
        Ok(())
    }

    /// What must hold once both journals were read: what arrived was owed, and what was receipted was admitted. Of the two,
    /// one is read first, and the entry that bears a claim out may stand in the other.
    pub(crate) fn compare(&mut self) -> Result<(), Foul> {
        for (name, index, claim) in std::mem::take(&mut self.claims) {
            let mut others = self.books.iter().filter(|(other, _)| **other != name).map(|(_, book)| book);
            let (is_true, rule) = match claim {
                Claim::Owed(dispatch) => (
                    others.any(|book| book.owed.get(&dispatch) == Some(&name)),
                    "an arrival that nobody owed to this node",
                ),
                Claim::Admitted(dispatch) => (
                    others.any(|book| book.admitted.contains(&dispatch)),
                    "a receipt for what was not admitted",
                ),
                Claim::Proved(dispatch, proof) => (
                    others.any(|book| book.bears_out(&dispatch, &proof)),
                    "a proof of what the partner's log does not have there",
                ),
                Claim::Consented(request) => (
                    others.any(|book| book.decided.get(&request) == Some(&true)),
                    "a consent that the originator did not give",
                ),
                Claim::Made(from, at, statement) => (
                    self.books.get(&from).is_some_and(|book| book.made.get(at) == Some(&statement)),
                    "an instrument that the partner did not make, or not in that place",
                ),
                Claim::Passed(dispatch, from, item, originator) => (
                    self.is_let_go(&name, (&dispatch, &from), (item, originator)),
                    "something of a Party that did not approve that it comes here",
                ),
                Claim::Signed(receipt) => (
                    others.any(|book| book.receipts.contains(&receipt)),
                    "a passage told as receipted by a receipt that nobody signed",
                ),
                Claim::Written(letter, from, to, waybill) => (
                    self.books.get(&from).and_then(|book| book.written.get(&letter)) == Some(&(to, waybill)),
                    "a letter that its sender did not write, or to somebody else",
                ),
                Claim::Hop(letter, hop) => (
                    others.any(|book| {
                        [book.signed_hops.get(&letter), book.signed_losses.get(&letter)].contains(&Some(&hop))
                    }),
                    "a hop receipt that no hub signed",
                ),
            };
            if !is_true {
                return Err(Foul(format!("{name}, entry {index}: {rule}")));
            }
        }
        Ok(())
    }

    /// What must hold after a power cut, by what was found when the site was asked for all that its journal says is there.
    pub(crate) fn stock(name: &NodeName, found: Result<(), Failure>) -> Result<(), Foul> {
        found.map_err(|failure| Foul(format!("{name}: what was acknowledged is not here: {failure}")))
    }

    /// Every ruling on record is asked again from the journal and must come out as it is recorded, whatever lay between.
    pub(crate) fn replay(office: &Office) -> Result<Result<(), Foul>, Failure> {
        let (name, pack) = (&office.identity.node, &office.pack);
        let pack_of = |digest: &Digest| (*digest == pack.digest()).then(|| (**pack).clone());
        let mut foul = Ok(());
        replay(&office.papers, pack.terms().utc_offset_hours, &pack_of, &mut |one| {
            if one.verdict != Verdict::Same && foul.is_ok() {
                let said = one.verdict.as_str();
                foul = Err(Foul(format!("{name}, entry {}: replayed, the ruling is {said}", one.index)));
            }
        })?;
        Ok(foul)
    }

    /// What must hold once nothing moves any more: every dispatch that was owed is admitted and receipted, and each record is
    /// mirrored whole.
    pub(crate) fn settled(&self) -> Result<usize, Foul> {
        let mut closed = 0;
        for (name, book) in &self.books {
            let others = || self.books.iter().filter(|(other, _)| *other != name);
            if !others().all(|(_, other)| other.lost == book.recalled) {
                return Err(Foul(format!("{name}: not every recall is at the partner's")));
            }
            if !others().all(|(_, other)| other.mirrored.get(name).is_some_and(|made| *made == book.made)) {
                return Err(Foul(format!("{name}: its record and the partner's copy of it differ")));
            }
            if book.let_go.values().any(|(item, _)| !book.told_of.contains(item)) {
                return Err(Foul(format!(
                    "{name}: nobody told of a passage that it approved, and no incident was raised"
                )));
            }
            self.letters_settled(name, book)?;
            for dispatch in book.owed.keys() {
                // What was kept back, since its approval was withdrawn, is an incident.
                if book.incidents.contains(dispatch) && !book.receipted.contains(dispatch) {
                    continue;
                }
                if !book.receipted.contains(dispatch) {
                    return Err(Foul(format!("{name}: dispatch {dispatch} was never receipted")));
                }
                if !book.proved.contains(dispatch) {
                    return Err(Foul(format!("{name}: the receipt of {dispatch} was never proved")));
                }
                closed += 1;
            }
        }
        Ok(closed)
    }

    /// Every letter that was written or taken got on, or it is on record why it did not, and its sender has the receipt of whoever took
    /// it.
    fn letters_settled(&self, name: &NodeName, book: &Book) -> Result<(), Foul> {
        let foul = |letter: &DispatchId, rule: &str| Err(Foul(format!("{name}: letter {letter} {rule}")));
        let on_its_way = book.taken.iter().filter(|(_, is_at_end)| !**is_at_end).map(|(letter, _)| letter);
        for letter in book.written.keys().chain(on_its_way) {
            if !book.done.contains(letter) {
                return foul(letter, "never got on");
            }
        }
        for letter in book.written.keys() {
            let mut hubs = self.books.values().filter(|hub| hub.taken.get(letter) == Some(&false));
            if hubs.any(|_| !book.kept_hops.contains(letter)) {
                return foul(letter, "was taken by a hub whose receipt is not at its sender");
            }
            let mut hubs = self.books.values().filter(|hub| hub.lost_letters.contains(letter));
            if hubs.any(|_| !book.kept_losses.contains(letter)) {
                return foul(letter, "was given up by a hub, and its sender was not told");
            }
        }
        Ok(())
    }

    /// Letters that came to their ends.
    pub(crate) fn letters(&self) -> usize {
        let ended = self.books.values().flat_map(|book| book.taken.values());
        ended.filter(|is_at_end| **is_at_end).count()
    }

    /// Requests to open that were refused since their item was recalled.
    pub(crate) fn refused(&self) -> usize {
        self.books.values().map(|book| book.refused).sum()
    }

    fn told(&mut self, name: &NodeName, dispatch: &DispatchId) {
        let book = self.book(name);
        let item = book.sent.get(dispatch).and_then(|item| book.items.get(item)).copied();
        book.told_of.extend(item);
    }

    /// Whether what arrived was its sender's own, or was let go to this Party by its originator.
    fn is_let_go(
        &self,
        name: &NodeName,
        (dispatch, from): (&DispatchId, &NodeName),
        (item, originator): (Digest, Party),
    ) -> bool {
        let party = |node: &NodeName| self.books.get(node).and_then(|book| book.party);
        if party(from) == Some(originator) {
            return true;
        }
        let rests_on = self.books.get(name).and_then(|book| book.passages.get(dispatch));
        let giver = self.books.values().find(|book| book.party == Some(originator));
        let approved = giver.zip(rests_on).and_then(|(giver, on)| giver.approvals.get(on));
        approved.is_some_and(|(of, to)| *of == item && Some(*to) == party(name))
    }

    /// How much arrived by way of a hub.
    pub(crate) fn passed(&self) -> usize {
        self.books.values().map(|book| book.passages.len()).sum()
    }

    /// Promises kept, and promises that were an incident.
    pub(crate) fn promises(&self) -> [usize; 2] {
        let sum = |count: fn(&Book) -> usize| self.books.values().map(count).sum();
        [sum(|book| book.proved.len()), sum(|book| book.broken.len())]
    }

    fn book(&mut self, name: &NodeName) -> &mut Book {
        self.books.entry(name.clone()).or_default()
    }
}

/// An entry as the trace has it. The digest of a signed request differs from run to run, and says nothing.
fn line(name: &NodeName, index: u64, act: &Act) -> String {
    let stream = act.stream();
    let stream = if stream.starts_with("opening/") { "opening" } else { &stream };
    format!("{name} {index} {} {stream}", word(act))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use attache_accord::act::ENTRY_VERSION;
    use attache_accord::{Marking, Network, Timestamp};

    fn founded(umpire: &mut Umpire, node: &str, party: &str) -> NodeName {
        let name: NodeName = node.parse().unwrap();
        let act = Act::Founded {
            node: name.clone(),
            party: party.parse().unwrap(),
            network: Network::Exercise,
            agreement: "tisa-2014".into(),
            pack: Digest([1; 32]),
            log_origin: node.into(),
        };
        judge(umpire, &name, act);
        name
    }

    fn judge(umpire: &mut Umpire, name: &NodeName, act: Act) {
        let entry = Entry { version: ENTRY_VERSION, at: Timestamp(0), act };
        umpire.judge(name, 0, &entry).unwrap();
    }

    /// Tokyo records an item of Korea's that came from Washington.
    fn arrived(umpire: &mut Umpire, tokyo: &NodeName, washington: &NodeName) {
        let marking = Marking {
            level: "KOR:II".parse().unwrap(),
            releasable_to: ["JPN".parse().unwrap()].into(),
            kind: "humint".parse().unwrap(),
            caveats: Vec::new(),
            marked_at: Timestamp(0),
            topics: Default::default(),
            control: None,
            purposes: [].into(),
        };
        let act = Act::ArrivalVerified {
            dispatch: DispatchId([4; 16]),
            from: washington.clone(),
            package: Digest([8; 32]),
            item_digest: Digest([5; 32]),
            size: 1,
            manifest: Digest([6; 32]),
            marking,
            label: Digest([7; 32]),
        };
        judge(umpire, tokyo, act);
        umpire.book(washington).owed.insert(DispatchId([4; 16]), tokyo.clone());
    }

    fn passed(umpire: &mut Umpire, tokyo: &NodeName, seoul: &NodeName) {
        let act = Act::PassageVerified {
            dispatch: DispatchId([4; 16]),
            origin: seoul.clone(),
            package: Digest([9; 32]),
            consent: Digest([35; 32]),
            notice: Digest([36; 32]),
            receipt: Digest([10; 32]),
            level: "USA:SECRET".parse().unwrap(),
            basis: String::new(),
        };
        judge(umpire, tokyo, act);
    }

    /// The control: without an approval of Seoul's, or with one of another item, what arrives is a foul.
    #[test]
    fn what_arrives_through_a_hub_without_its_originators_approval_is_a_foul() {
        for (approved, is_foul) in [(None, true), (Some(6), true), (Some(5), false)] {
            let mut umpire = Umpire::default();
            let [seoul, tokyo, washington] =
                [("seoul.kor", "KOR"), ("tokyo.jpn", "JPN"), ("washington.usa", "USA")]
                    .map(|(node, party)| founded(&mut umpire, node, party));
            let of = |item: u8| (Digest([item; 32]), "JPN".parse().unwrap());
            umpire.book(&seoul).approvals.extend(approved.map(|item| (Digest([35; 32]), of(item))));
            arrived(&mut umpire, &tokyo, &washington);
            passed(&mut umpire, &tokyo, &seoul);
            assert_eq!(umpire.compare().is_err(), is_foul, "{approved:?}");
        }
    }

    #[test]
    fn an_approval_of_whose_passage_nobody_tells_is_a_foul_in_the_end() {
        let mut umpire = Umpire::default();
        let seoul = founded(&mut umpire, "seoul.kor", "KOR");
        let to = "JPN".parse().unwrap();
        umpire.book(&seoul).let_go.insert(Digest([35; 32]), (Digest([5; 32]), to));
        assert!(umpire.settled().is_err());
        umpire.book(&seoul).told_of.insert(Digest([5; 32]));
        assert_eq!(umpire.settled(), Ok(0));
    }
}
