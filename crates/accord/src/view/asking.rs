//! What is asked, by ids, and how the view makes a question of it with every fact that the journal has.
//!
//! *Absent:* facts that no fold holds. What an officer has ascertained (a contractor, a visit, a copy) stands in the ask.

use super::{Unknown, View};
use crate::control::Control;
use crate::id::{CaseId, DispatchId, ItemId};
use crate::item::{Item, Stage};
use crate::marking::Level;
use crate::particulars::{Approval, Approved, Contractor, Purpose, Reproduction, Translation, Visit};
use crate::party::{NodeName, Party, PersonId};
use crate::people::Person;
use crate::ruling::{Action, Assured, Question, Recipient, Subject};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

/// What is asked, by ids; the view turns it into a [`Question`] with facts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Ask {
    /// May this item be asked to go to that node?
    #[n(0)]
    #[cbor(map)]
    Request {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The node.
        #[n(1)]
        recipient: NodeName,
    },
    /// May this case be approved?
    #[n(1)]
    #[cbor(map)]
    Release {
        /// The case.
        #[n(0)]
        case: CaseId,
    },
    /// May this arrival be admitted with that level?
    #[n(2)]
    #[cbor(map)]
    Admit {
        /// The arrival.
        #[n(0)]
        dispatch: DispatchId,
        /// The level chosen, if one was.
        #[n(1)]
        chosen: Option<Level>,
    },
    /// May this item be opened?
    #[n(3)]
    #[cbor(map)]
    Open {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// For which purpose, where its marking names some and the reader says it. Since entry version 6.
        #[n(1)]
        purpose: Option<Purpose>,
    },
    /// May this item be passed on to that Party?
    #[n(4)]
    #[cbor(map)]
    PassOn {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The Party.
        #[n(1)]
        to: Party,
    },
    /// May this package leave?
    #[n(5)]
    #[cbor(map)]
    Dispatch {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
    },
    /// May this item be used for that other purpose?
    #[n(6)]
    #[cbor(map)]
    OtherPurpose {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The purpose.
        #[n(1)]
        purpose: Purpose,
    },
    /// May this item get that lower level?
    #[n(7)]
    #[cbor(map)]
    Downgrade {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The level, in the own scheme.
        #[n(1)]
        to: Level,
    },
    /// May this item be copied?
    #[n(8)]
    #[cbor(map)]
    Copy {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The copy.
        #[n(1)]
        copy: Reproduction,
    },
    /// May this item be translated?
    #[n(9)]
    #[cbor(map)]
    Translate {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The copy that the translation is.
        #[n(1)]
        copy: Reproduction,
        /// Who would translate.
        #[n(2)]
        translator: PersonId,
        /// Whether it says in its own language that it holds classified information of the originator.
        #[n(3)]
        has_notation: bool,
    },
    /// May this item be given to that contractor?
    #[n(10)]
    #[cbor(map)]
    GiveToContractor {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The contractor, as ascertained.
        #[n(1)]
        contractor: Contractor,
    },
    /// May this item be shown to visitors of that Party?
    #[n(11)]
    #[cbor(map)]
    Visit {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// Whose people come.
        #[n(1)]
        visitors: Party,
        /// The visit, as approved.
        #[n(2)]
        visit: Visit,
    },
    /// May what went by this dispatch be opened there now?
    #[n(12)]
    #[cbor(map)]
    Opening {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
    },
}

impl Ask {
    /// Which action it asks about.
    pub fn action(&self) -> Action {
        match self {
            Self::Request { .. } => Action::Request,
            Self::Release { .. } => Action::Release,
            Self::Admit { .. } => Action::Admit,
            Self::Open { .. } => Action::Open,
            Self::PassOn { .. } => Action::PassOn,
            Self::Dispatch { .. } | Self::Opening { .. } => Action::Dispatch,
            Self::OtherPurpose { .. } => Action::OtherPurpose,
            Self::Downgrade { .. } => Action::Downgrade,
            Self::Copy { .. } => Action::Copy,
            Self::Translate { .. } => Action::Translate,
            Self::GiveToContractor { .. } => Action::GiveToContractor,
            Self::Visit { .. } => Action::Visit,
        }
    }
}

/// What a recorded ruling answered: enough to gather the very same facts again from the journal.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Asked {
    /// What was asked.
    #[n(0)]
    pub ask: Ask,
    /// When, which is not later than the entry.
    #[n(1)]
    pub at: Timestamp,
    /// How many entries the view had that gathered the facts.
    #[n(2)]
    pub size: u64,
}

impl View {
    /// What is recorded of an ask that this view gathers the facts for at `at`.
    pub fn asked(&self, ask: Ask, at: Timestamp) -> Asked {
        Asked { ask, at, size: self.size }
    }

    /// Gathers the facts of what `by` asks at `at`. For a dispatch that is who decided the release.
    ///
    /// # Errors
    /// What was named and is not here.
    pub fn question(&self, by: &PersonId, ask: &Ask, at: Timestamp) -> Result<Question, Unknown> {
        let question = self.gathered(by, ask, at)?;
        if let (Some(item), Some(what)) = (self.given_away(ask), needed(&question)) {
            self.consented(self.live(&item)?, &what, &question)?;
        }
        self.passes(ask, &question)?;
        Ok(question)
    }

    /// What was received goes on to no Party that has it, and no further than through one hub.
    fn passes(&self, ask: &Ask, question: &Question) -> Result<(), Unknown> {
        let (item, by) = match ask {
            Ask::Request { item, .. } => (Some(*item), None),
            Ask::Release { case } => (self.dispatches.case(case).map(|case| case.item), None),
            Ask::Dispatch { dispatch } => {
                (self.dispatches.sent(dispatch).map(|sent| sent.item), Some(dispatch))
            }
            _ => (None, None),
        };
        item.map_or(Ok(()), |item| self.may_pass(self.live(&item)?, by, question))
    }

    /// The item that an ask would give to another, or use for another purpose.
    fn given_away(&self, ask: &Ask) -> Option<ItemId> {
        match ask {
            Ask::Request { item, .. }
            | Ask::Visit { item, .. }
            | Ask::GiveToContractor { item, .. }
            | Ask::OtherPurpose { item, .. } => Some(*item),
            Ask::Release { case } => self.dispatches.case(case).map(|case| case.item),
            Ask::Dispatch { dispatch } | Ask::Opening { dispatch } => {
                self.dispatches.sent(dispatch).map(|sent| sent.item)
            }
            _ => None,
        }
    }

    /// Art. 6(a), 6(c) with 4.3: what a derivative contains of others goes to nobody new, and serves no other purpose, without
    /// each one's written approval. The rules themselves see only the maker's marking, and whose own item it is.
    fn consented(&self, item: &Item, what: &Approved, question: &Question) -> Result<(), Unknown> {
        let Some(derived) = &item.derived else { return Ok(()) };
        // Whoever's it is has it already.
        let back_to = question.recipient.as_ref().map(|recipient| recipient.party);
        for (source, originator) in derived.origins.iter().filter(|(_, party)| Some(**party) != back_to) {
            let approvals = self.consents.approvals(source, question.holder);
            let approves = |it: &Approval| it.grants(what, *originator, question.at);
            if !approvals.iter().any(approves) {
                let (item, originator, what) = (item.id, *originator, what.clone());
                return Err(Unknown::Unconsented { item, originator, what });
            }
        }
        Ok(())
    }

    fn gathered(&self, by: &PersonId, ask: &Ask, at: Timestamp) -> Result<Question, Unknown> {
        let holder = self.identity.as_ref().ok_or(Unknown::Unfounded)?.party;
        let asker = match ask {
            Ask::Dispatch { .. } | Ask::Opening { .. } => self.decider(by, holder),
            _ => self.person(by)?.clone(),
        };
        let blank = |subject| Question {
            positions: self.positions.clone(),
            ..Question::new(ask.action(), at, holder, asker.clone(), subject)
        };
        let about = |item| {
            let item = self.live(item)?;
            self.controlled(item, at)?;
            Ok(blank(self.subject(item, holder)))
        };
        match ask {
            Ask::Request { item, recipient } => {
                Ok(Question { recipient: Some(self.recipient(recipient)?), ..about(item)? })
            }
            Ask::Release { case } => {
                let case = self.dispatches.case(case).ok_or(Unknown::Case(*case))?;
                let recipient = Some(self.recipient(&case.recipient)?);
                let requester = Some(case.requester.clone());
                Ok(Question { recipient, requester, ..about(&case.item)? })
            }
            Ask::Admit { dispatch, chosen } => {
                let arrival = self.items.arrival(dispatch).ok_or(Unknown::Arrival(*dispatch))?;
                let subject = Subject {
                    item_digest: arrival.item_digest,
                    marking: Some(arrival.marked.marking.clone()),
                    own_level: None,
                    approvals: Vec::new(),
                };
                Ok(Question { chosen: chosen.clone(), ..blank(subject) })
            }
            Ask::Open { item, purpose } => {
                let question = about(item)?;
                self.serves(self.live(item)?, purpose.as_ref(), &question)?;
                Ok(question)
            }
            Ask::PassOn { item, to } => Ok(Question { recipient: Some(self.people_of(*to)), ..about(item)? }),
            Ask::Dispatch { dispatch } | Ask::Opening { dispatch } => {
                let sent = self.dispatches.sent(dispatch).ok_or(Unknown::Dispatch(*dispatch))?;
                if self.controls.recalled(dispatch).is_some() {
                    return Err(Unknown::Recalled(*dispatch));
                }
                let case = self.dispatches.case(&sent.case).ok_or(Unknown::Case(sent.case))?;
                let recipient = Some(self.recipient(&sent.recipient)?);
                let requester = Some(case.requester.clone());
                let mut question = Question { recipient, requester, ..about(&sent.item)? };
                if let (Ask::Opening { .. }, Some(marking)) = (ask, &mut question.subject.marking) {
                    still_open(marking.control, at)?;
                    if let Some(level) = self.controls.level(dispatch) {
                        marking.level = level.clone();
                        question.subject.own_level = Some(level.clone());
                    }
                }
                Ok(question)
            }
            Ask::OtherPurpose { item, purpose } => {
                Ok(Question { purpose: Some(purpose.clone()), ..about(item)? })
            }
            Ask::Downgrade { item, to } => Ok(Question { chosen: Some(to.clone()), ..about(item)? }),
            Ask::Copy { item, copy } => Ok(Question { copy: Some(*copy), ..about(item)? }),
            Ask::Translate { item, copy, translator, has_notation } => {
                let translator = self.person(translator)?.clone();
                let translation = Some(Translation { translator, has_notation: *has_notation });
                Ok(Question { copy: Some(*copy), translation, ..about(item)? })
            }
            Ask::GiveToContractor { item, contractor } => {
                Ok(Question { contractor: Some(contractor.clone()), ..about(item)? })
            }
            Ask::Visit { item, visitors, visit } => Ok(Question {
                recipient: Some(self.people_of(*visitors)),
                visit: Some(visit.clone()),
                ..about(item)?
            }),
        }
    }

    /// Art. 6(c): what was received for certain purposes is opened for no other one without its originator's written approval of that.
    fn serves(&self, item: &Item, purpose: Option<&Purpose>, question: &Question) -> Result<(), Unknown> {
        let marking = question.subject.marking.as_ref().filter(|marking| !marking.purposes.is_empty());
        let (Some(marking), Some(purpose)) = (marking, purpose) else { return Ok(()) };
        let originator = marking.originator();
        let other = Approved::OtherPurpose(purpose.clone());
        let approves = |it: &Approval| it.grants(&other, originator, question.at);
        if originator == question.holder
            || marking.purposes.contains(purpose)
            || question.subject.approvals.iter().any(approves)
        {
            return Ok(());
        }
        Err(Unknown::OtherPurpose { item: item.id, purpose: purpose.clone() })
    }

    /// Who decided a release may have left the roll when its package leaves. The decision stands; nothing else of them counts.
    fn decider(&self, id: &PersonId, party: Party) -> Person {
        self.person(id).cloned().unwrap_or_else(|_| Person {
            id: id.clone(),
            party,
            roles: BTreeSet::new(),
            clearance: None,
            duties: BTreeSet::new(),
        })
    }

    /// Nothing is done any more with what was received and its originator recalled, or let be opened for a time that is over.
    fn controlled(&self, item: &Item, at: Timestamp) -> Result<(), Unknown> {
        let Stage::Admitted { dispatch, marked, .. } = &item.stage else { return Ok(()) };
        if self.controls.recalled(dispatch).is_some() {
            return Err(Unknown::Recalled(*dispatch));
        }
        still_open(marked.marking.control, at)
    }

    fn recipient(&self, node: &NodeName) -> Result<Recipient, Unknown> {
        let peer = self.peers.get(node).ok_or_else(|| Unknown::Peer(node.clone()))?;
        Ok(Recipient { node: Some(node.clone()), ..self.people_of(peer.party) })
    }

    fn people_of(&self, party: Party) -> Recipient {
        let assurances: Vec<Assured> = self.assurances.get(&party).cloned().unwrap_or_default();
        Recipient { party, node: None, assurances }
    }

    fn subject(&self, item: &Item, holder: Party) -> Subject {
        Subject {
            item_digest: item.item_digest,
            marking: item.marked().map(|m| m.marking.clone()),
            own_level: item.own_level().cloned(),
            approvals: self.consents.approvals(&item.item_digest, holder),
        }
    }
}

fn still_open(control: Option<Control>, at: Timestamp) -> Result<(), Unknown> {
    let until = control.and_then(|control| control.until).filter(|until| *until <= at);
    until.map_or(Ok(()), |until| Err(Unknown::Expired(until)))
}

/// What each originator of what a derivative contains must have approved. A contractor of the holder's own Party is no third
/// party; any other is, as for the sources themselves.
fn needed(question: &Question) -> Option<Approved> {
    match question.action {
        Action::OtherPurpose => question.purpose.clone().map(Approved::OtherPurpose),
        Action::GiveToContractor => {
            let party = question.contractor.as_ref().map(|contractor| contractor.party);
            party.filter(|party| *party != question.holder).map(Approved::ThirdParty)
        }
        _ => question.recipient.as_ref().map(|recipient| Approved::ThirdParty(recipient.party)),
    }
}
