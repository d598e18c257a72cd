//! The facts that decided: what a rule looked at in its question, as codes for machines and in words for a reader.
//!
//! *Absent:* the decision. A fact is what the question says, whichever way the rule went.

mod deciding;
mod voice;
mod words;

pub(crate) use voice::Voice;
pub(crate) use words::generic;

use self::deciding::matters;
use crate::language::Language;
use crate::pack::Pack;
use attache_accord::Party;
use attache_accord::equivalence::Equivalents;
use attache_accord::particulars::{Approval, Approved};
use attache_accord::ruling::{Action, Question};

/// What a fact is about. Each has a stable word, which is also the name of its placeholder in the texts of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words say it, in three languages")]
pub enum Matter {
    At,
    Holder,
    Originator,
    Recipient,
    ThirdParty,
    Positions,
    Undecided,
    Level,
    OwnLevel,
    Chosen,
    Equivalent,
    ReleasableTo,
    Kind,
    KindsAgreed,
    Topics,
    TopicsAgreed,
    Asker,
    Roles,
    Clearance,
    Duties,
    Requester,
    Assurances,
    Approvals,
    Purpose,
    Copies,
    Translator,
    Notation,
    Contractor,
    Facility,
    Inspected,
    Responsible,
    Staff,
    Official,
    ApprovedBy,
    Highest,
}

use Matter::{
    Approvals, ApprovedBy, Asker, Assurances, At, Chosen, Clearance, Contractor, Copies, Duties, Equivalent,
    Facility, Highest, Holder, Inspected, Kind, KindsAgreed, Level, Notation, Official, Originator, OwnLevel,
    Positions, Purpose, Recipient, ReleasableTo, Requester, Responsible, Roles, Staff, ThirdParty, Topics,
    TopicsAgreed, Translator, Undecided,
};

/// One fact that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub matter: Matter,
    /// What the question says, in codes: stable, in no language.
    pub value: String,
    /// What it is about, in the reader's words.
    pub label: String,
    /// What the question says, in the reader's words.
    pub text: String,
}

/// The facts on which the rule of `code` decided a question.
pub fn facts(code: &str, question: &Question, pack: &Pack, language: Language) -> Vec<Fact> {
    told(matters(code, question.action), question, pack, language).collect()
}

/// Everything that a question says, for a reader who has nothing but the question.
pub fn described(question: &Question, pack: &Pack, language: Language) -> Vec<Fact> {
    let none = Voice::of_machines(pack).none();
    told(&WHOLE, question, pack, language).filter(|fact| fact.value != none).collect()
}

/// What the question says on these matters.
fn told<'q>(
    matters: &'q [Matter],
    question: &'q Question,
    pack: &'q Pack,
    language: Language,
) -> impl Iterator<Item = Fact> + 'q {
    let (machines, people) = (Voice::of_machines(pack), Voice::of(pack, language));
    matters.iter().map(move |matter| Fact {
        matter: *matter,
        value: said(*matter, question, &machines),
        label: matter.label(language).to_owned(),
        text: said(*matter, question, &people),
    })
}

/// What a question may say, in the order in which it is told.
const WHOLE: [Matter; 30] = [
    At,
    Originator,
    Level,
    Kind,
    Topics,
    ReleasableTo,
    Approvals,
    Holder,
    OwnLevel,
    Asker,
    Roles,
    Clearance,
    Duties,
    Requester,
    Recipient,
    Assurances,
    Chosen,
    Positions,
    Purpose,
    Copies,
    Translator,
    Notation,
    Contractor,
    Facility,
    Inspected,
    Responsible,
    Staff,
    Official,
    ApprovedBy,
    Highest,
];

/// What the question says on a matter.
pub(crate) fn said(matter: Matter, question: &Question, voice: &Voice<'_>) -> String {
    let (terms, subject) = (voice.pack.terms(), &question.subject);
    let marking = subject.marking.as_ref();
    let visit = question.visit.as_ref();
    let contractor = question.contractor.as_ref();
    let recipient = question.recipient.as_ref();
    match matter {
        At => question.at.to_string(),
        Holder => voice.party(question.holder),
        Originator => voice.or_none(marking, |m| voice.party(m.originator())),
        Recipient => voice.or_none(recipient, |r| voice.party(r.party)),
        ThirdParty => voice.or_none(third_party(question, voice.pack), voice_party(voice)),
        Positions => voice.list(terms.parties.iter().map(|party| voice.position(*party, question))),
        Undecided => {
            let held =
                |party: &&Party| !Voice::last(**party, question).is_some_and(|p| p.in_force(question.at));
            voice.list(terms.parties.iter().filter(held).map(|party| voice.party(*party)))
        }
        Level => voice.or_none(marking, |m| voice.level(&m.level)),
        OwnLevel => voice.or_none(subject.own_level.as_ref(), |level| voice.level(level)),
        Chosen => voice.or_none(question.chosen.as_ref(), |level| voice.level(level)),
        Equivalent => voice.or_none(marking, |m| {
            let to = recipient.map_or(question.holder, |r| r.party);
            match terms.equivalence.equivalents(&m.level, to) {
                Equivalents::None => voice.none(),
                Equivalents::One(level) => voice.level(&level),
                Equivalents::Choice(levels) => voice.list(levels.iter().map(|level| voice.level(level))),
            }
        }),
        ReleasableTo => {
            voice.or_none(marking, |m| voice.list(m.releasable_to.iter().map(|p| voice.party(*p))))
        }
        Kind => voice.or_none(marking, |m| m.kind.to_string()),
        KindsAgreed => voice.list(terms.kinds.iter().map(ToString::to_string)),
        Topics => voice.or_none(marking, |m| voice.list(m.topics.iter().map(ToString::to_string))),
        TopicsAgreed => voice.list(terms.topics.iter().map(ToString::to_string)),
        Asker => format!("{} ({})", question.asker.id, voice.party(question.asker.party)),
        Roles => voice.list(question.asker.roles.iter().map(|role| role.as_str().to_owned())),
        Clearance => voice.or_none(question.asker.clearance.as_ref(), |held| voice.clearance(held)),
        Duties => voice.list(question.asker.duties.iter().map(ToString::to_string)),
        Requester => voice.or_none(question.requester.as_ref(), ToString::to_string),
        Assurances => {
            let given = recipient.into_iter().flat_map(|r| &r.assurances);
            voice.list(given.map(|it| voice.until(&voice.level(&it.level), it.expires)))
        }
        Approvals => voice.list(subject.approvals.iter().map(|approval| approved(approval, voice))),
        Purpose => voice.or_none(question.purpose.as_ref(), ToString::to_string),
        Copies => voice.or_none(question.copy.as_ref(), |copy| voice.copy(copy)),
        Translator => voice.or_none(question.translation.as_ref(), |it| {
            let held = voice.or_none(it.translator.clearance.as_ref(), |held| voice.clearance(held));
            format!("{} ({}), {held}", it.translator.id, voice.party(it.translator.party))
        }),
        Notation => voice.or_none(question.translation.as_ref(), |it| voice.yes(it.has_notation)),
        Contractor => voice.or_none(contractor, |it| format!("{} ({})", it.facility, voice.party(it.party))),
        Facility => {
            voice.or_none(contractor.and_then(|it| it.cleared.as_ref()), |held| voice.clearance(held))
        }
        Inspected => {
            voice.or_none(contractor.and_then(|it| it.inspected_until), |until| voice.until("", until))
        }
        Responsible => voice.or_none(contractor.and_then(|it| it.responsible.as_ref()), ToString::to_string),
        Staff => voice.or_none(contractor, |it| voice.yes(it.is_staff_registered)),
        Official => voice.or_none(visit, |it| voice.yes(it.is_official)),
        ApprovedBy => voice
            .or_none(visit.and_then(|it| it.approved_by.map(|by| (by, it.until))), |(by, until)| {
                voice.until(&voice.party(by), until)
            }),
        Highest => voice.or_none(visit.and_then(|it| it.highest.as_ref()), |level| voice.level(level)),
    }
}

fn voice_party<'a>(voice: &'a Voice<'_>) -> impl Fn(Party) -> String + 'a {
    move |party| voice.party(party)
}

/// Whoever is concerned and is not a Party: the recipient, the contractor's country, the asker's, or the holder.
fn third_party(question: &Question, pack: &Pack) -> Option<Party> {
    let contractor =
        question.contractor.as_ref().map(|it| it.party).filter(|party| *party != question.holder);
    let passed = question.recipient.as_ref().map(|it| it.party).filter(|_| question.action == Action::PassOn);
    let recipient = question.recipient.as_ref().map(|it| it.party);
    let concerned = [recipient, Some(question.asker.party), Some(question.holder)];
    let outside = concerned.into_iter().flatten().find(|party| !pack.terms().parties.contains(party));
    contractor.or(passed).or(outside)
}

fn approved(approval: &Approval, voice: &Voice<'_>) -> String {
    let what = match &approval.approved {
        Approved::ThirdParty(party) => voice.party(*party),
        Approved::OtherPurpose(purpose) => purpose.to_string(),
        Approved::Downgrade(level) => voice.level(level),
    };
    let by = format!("{}: {what}, {}", voice.party(approval.from), approval.document);
    approval.until.map_or_else(|| by.clone(), |until| voice.until(&by, until))
}
