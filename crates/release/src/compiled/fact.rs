//! The raw facts of a question that compiled rules look at, by the paths under which generated Cedar names them, and how
//! each is read from a question without Cedar.
//!
//! *Absent:* the table, the Parties, the rules. All of these come in with the generated policies.

use super::words::Number;
use attache_accord::particulars::Approved;
use attache_accord::people::Clearance;
use attache_accord::ruling::Question;
use attache_accord::{Level, Marking};

/// A fact that is one word, or absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum One {
    Asker,
    Originator,
    Level,
    Kind,
    Holder,
    Held,
    Recipient,
    OwnLevel,
    Chosen,
    Purpose,
    Translator,
    TranslatorHeld,
    Contractor,
    ContractorHeld,
    VisitApprovedBy,
    VisitHighest,
}

/// A fact that is a set of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Many {
    Roles,
    Duties,
    ReleasableTo,
    Topics,
    MayGoTo,
    OtherPurposes,
    LoweredTo,
    InForce,
    Assured,
}

/// A fact that is yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flag {
    HeldLive,
    HasRequester,
    RequesterIsAsker,
    HasCopy,
    CopyIsMarked,
    CopyIsWithinNeed,
    HasNotation,
    TranslatorLive,
    ContractorLive,
    IsInspected,
    HasResponsible,
    IsStaffRegistered,
    HasVisit,
    IsOfficial,
    IsOn,
}

/// The paths of facts that are one word.
pub(super) const ONES: [(&str, One); 16] = [
    ("principal.party", One::Asker),
    ("resource.originator", One::Originator),
    ("resource.level", One::Level),
    ("resource.kind", One::Kind),
    ("context.holder", One::Holder),
    ("context.clearance.level", One::Held),
    ("context.recipient.party", One::Recipient),
    ("context.own_level", One::OwnLevel),
    ("context.chosen", One::Chosen),
    ("context.purpose", One::Purpose),
    ("context.translation.party", One::Translator),
    ("context.translation.clearance.level", One::TranslatorHeld),
    ("context.contractor.party", One::Contractor),
    ("context.contractor.clearance.level", One::ContractorHeld),
    ("context.visit.approved_by", One::VisitApprovedBy),
    ("context.visit.highest", One::VisitHighest),
];

/// The paths of facts that are sets.
pub(super) const MANIES: [(&str, Many); 9] = [
    ("principal.roles", Many::Roles),
    ("principal.duties", Many::Duties),
    ("resource.releasable_to", Many::ReleasableTo),
    ("resource.topics", Many::Topics),
    ("resource.may_go_to", Many::MayGoTo),
    ("resource.other_purposes", Many::OtherPurposes),
    ("resource.lowered_to", Many::LoweredTo),
    ("context.in_force", Many::InForce),
    ("context.recipient.assured", Many::Assured),
];

/// The paths of facts that are yes or no.
pub(super) const FLAGS: [(&str, Flag); 10] = [
    ("context.clearance.live", Flag::HeldLive),
    ("context.copy.is_marked", Flag::CopyIsMarked),
    ("context.translation.has_notation", Flag::HasNotation),
    ("context.translation.clearance.live", Flag::TranslatorLive),
    ("context.contractor.clearance.live", Flag::ContractorLive),
    ("context.contractor.is_inspected", Flag::IsInspected),
    ("context.contractor.has_responsible", Flag::HasResponsible),
    ("context.contractor.is_staff_registered", Flag::IsStaffRegistered),
    ("context.visit.is_official", Flag::IsOfficial),
    ("context.visit.is_on", Flag::IsOn),
];

/// What may be absent, with the fact that tells.
pub(super) const MAYBE_ONES: [(&str, One); 11] = [
    ("context.clearance", One::Held),
    ("context.recipient", One::Recipient),
    ("context.own_level", One::OwnLevel),
    ("context.chosen", One::Chosen),
    ("context.purpose", One::Purpose),
    ("context.translation", One::Translator),
    ("context.translation.clearance", One::TranslatorHeld),
    ("context.contractor", One::Contractor),
    ("context.contractor.clearance", One::ContractorHeld),
    ("context.visit.approved_by", One::VisitApprovedBy),
    ("context.visit.highest", One::VisitHighest),
];
/// The same where the fact is a flag.
pub(super) const MAYBE_FLAGS: [(&str, Flag); 3] = [
    ("context.copy", Flag::HasCopy),
    ("context.visit", Flag::HasVisit),
    ("context.requester", Flag::HasRequester),
];

/// A question with the label that it is asked for: its own, or another in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'q> {
    pub(super) question: &'q Question,
    pub(super) marking: Option<&'q Marking>,
    pub(super) own_level: Option<&'q Level>,
}

impl<'q> Asked<'q> {
    pub(super) fn of(question: &'q Question) -> Self {
        let subject = &question.subject;
        Self { question, marking: subject.marking.as_ref(), own_level: subject.own_level.as_ref() }
    }
}

impl One {
    /// Whether it is of the label.
    pub(super) fn is_of_label(self) -> bool {
        matches!(self, Self::Originator | Self::Level | Self::Kind | Self::OwnLevel)
    }

    /// The word; absent where the question does not say.
    #[inline]
    pub(super) fn read(self, asked: Asked<'_>) -> Number {
        let Asked { question, marking, own_level } = asked;
        let held = |clearance: Option<&Clearance>| clearance.map(|held| &held.level).into();
        let (translation, visit) = (question.translation.as_ref(), question.visit.as_ref());
        match self {
            Self::Asker => (&question.asker.party).into(),
            Self::Originator => Number::from(marking.map(|marking| &marking.level)).party(),
            Self::Level => marking.map(|marking| &marking.level).into(),
            Self::Kind => marking.map(|marking| &marking.kind).into(),
            Self::Holder => (&question.holder).into(),
            Self::Held => held(question.asker.clearance.as_ref()),
            Self::Recipient => question.recipient.as_ref().map(|to| &to.party).into(),
            Self::OwnLevel => own_level.into(),
            Self::Chosen => question.chosen.as_ref().into(),
            Self::Purpose => question.purpose.as_ref().into(),
            Self::Translator => translation.map(|it| &it.translator.party).into(),
            Self::TranslatorHeld => held(translation.and_then(|it| it.translator.clearance.as_ref())),
            Self::Contractor => question.contractor.as_ref().map(|it| &it.party).into(),
            Self::ContractorHeld => held(question.contractor.as_ref().and_then(|it| it.cleared.as_ref())),
            Self::VisitApprovedBy => visit.and_then(|visit| visit.approved_by.as_ref()).into(),
            Self::VisitHighest => visit.and_then(|visit| visit.highest.as_ref()).into(),
        }
    }
}

impl Flag {
    /// Whether it is so; no where what it is about is absent.
    pub(super) fn read(self, question: &Question) -> bool {
        let at = question.at;
        let live = |held: Option<&Clearance>| held.is_some_and(|held| at < held.until);
        let (copy, visit) = (question.copy.as_ref(), question.visit.as_ref());
        let (translation, contractor) = (question.translation.as_ref(), question.contractor.as_ref());
        match self {
            Self::HeldLive => live(question.asker.clearance.as_ref()),
            Self::HasRequester => question.requester.is_some(),
            Self::RequesterIsAsker => question.requester.as_ref() == Some(&question.asker.id),
            Self::HasCopy => copy.is_some(),
            Self::CopyIsMarked => copy.is_some_and(|copy| copy.is_marked),
            Self::CopyIsWithinNeed => copy.is_some_and(|copy| copy.number <= copy.needed),
            Self::HasNotation => translation.is_some_and(|it| it.has_notation),
            Self::TranslatorLive => live(translation.and_then(|it| it.translator.clearance.as_ref())),
            Self::ContractorLive => live(contractor.and_then(|it| it.cleared.as_ref())),
            Self::IsInspected => contractor.and_then(|it| it.inspected_until).is_some_and(|until| at < until),
            Self::HasResponsible => contractor.is_some_and(|it| it.responsible.is_some()),
            Self::IsStaffRegistered => contractor.is_some_and(|it| it.is_staff_registered),
            Self::HasVisit => visit.is_some(),
            Self::IsOfficial => visit.is_some_and(|visit| visit.is_official),
            Self::IsOn => visit.is_some_and(|visit| at < visit.until),
        }
    }
}

impl Many {
    /// Whether it is of the label; approvals are the originator's, whom the label names.
    pub(super) fn is_of_label(self) -> bool {
        !matches!(self, Self::Roles | Self::Duties | Self::InForce | Self::Assured)
    }

    /// Whether the set holds a word that is there. Apart, so that what asks for many facts stays small.
    #[inline(never)]
    pub(super) fn holds(self, asked: Asked<'_>, word: Number) -> bool {
        let mut found = false;
        self.read(asked, |held| found |= held == word);
        found && !word.is_absent()
    }

    /// Calls `each` with every word of the set, some perhaps twice.
    #[inline]
    pub(super) fn read(self, asked: Asked<'_>, mut each: impl FnMut(Number)) {
        let Asked { question, marking, .. } = asked;
        let mut approved = |sort: fn(&Approved) -> Option<Number>| {
            let Some(marking) = marking else { return };
            let approvals = &question.subject.approvals;
            let holding = approvals.iter().filter(|it| it.holds(marking.originator(), question.at));
            holding.filter_map(|it| sort(&it.approved)).for_each(&mut each);
        };
        match self {
            Self::Roles => question.asker.roles.iter().for_each(|role| each(Number::of(role.as_str()))),
            Self::Duties => question.asker.duties.iter().for_each(|kind| each(kind.into())),
            Self::ReleasableTo => {
                marking.iter().flat_map(|m| &m.releasable_to).for_each(|party| each(party.into()));
            }
            Self::Topics => marking.iter().flat_map(|m| &m.topics).for_each(|topic| each(topic.into())),
            Self::MayGoTo => approved(|what| match what {
                Approved::ThirdParty(party) => Some(party.into()),
                _ => None,
            }),
            Self::OtherPurposes => approved(|what| match what {
                Approved::OtherPurpose(purpose) => Some(purpose.into()),
                _ => None,
            }),
            Self::LoweredTo => approved(|what| match what {
                Approved::Downgrade(level) => Some(level.into()),
                _ => None,
            }),
            Self::InForce => {
                // The last position of each Party counts.
                let positions = &question.positions;
                for (at, position) in positions.iter().enumerate() {
                    let is_last = !positions.iter().skip(at + 1).any(|later| later.party == position.party);
                    if is_last && position.in_force(question.at) {
                        each((&position.party).into());
                    }
                }
            }
            Self::Assured => {
                let recipient = question.recipient.as_ref();
                for (to, assured) in
                    recipient.iter().flat_map(|to| to.assurances.iter().map(move |it| (to, it)))
                {
                    let level = Number::from(&assured.level);
                    let is_own = level.party() == Number::from(&to.party);
                    if is_own && assured.expires > question.at {
                        each(level);
                    }
                }
            }
        }
    }
}
