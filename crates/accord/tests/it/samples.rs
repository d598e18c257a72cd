//! One sample of each act, with every optional field filled, and random journals made of few ids, so that they collide.

use attache_accord::act::{Act, Answer, ENTRY_VERSION, Entry};
use attache_accord::agreement::Position;
use attache_accord::consent::{self, Consent};
use attache_accord::control::{Answerer, Control, Recall, Taken, Unopened};
use attache_accord::destruction::{Destroyed, Destruction};
use attache_accord::handling::Handling;
use attache_accord::letters::Matter;
use attache_accord::lifecycle::{Holds, Instrument, Step};
use attache_accord::mandate::Mandate;
use attache_accord::particulars::{Approval, Approved, Contractor, Reproduction, Translation, Visit};
use attache_accord::passage::{Bar, Fate, Hop};
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::ruling::{Action, Assured, Question, Reason, Recipient, Ruling, Subject};
use attache_accord::view::{Ask, Asked};
use attache_accord::{
    CaseId, Digest, DispatchId, ItemId, Kind, Level, Marking, Network, NodeName, Party, PersonId, Timestamp,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// 23 November 2026, noon in Seoul and Tokyo.
pub const NOON: Timestamp = Timestamp(1_795_402_800_000);

pub fn party(text: &str) -> Party {
    text.parse().unwrap()
}

pub fn level(text: &str) -> Level {
    text.parse().unwrap()
}

pub fn node(text: &str) -> NodeName {
    text.parse().unwrap()
}

pub fn person_id(text: &str) -> PersonId {
    text.parse().unwrap()
}

pub fn kind(text: &str) -> Kind {
    text.parse().unwrap()
}

pub fn digest(n: u8) -> Digest {
    Digest([n; 32])
}

pub fn item(n: u8) -> ItemId {
    ItemId([n; 16])
}

pub fn case(n: u8) -> CaseId {
    CaseId([n; 16])
}

pub fn dispatch(n: u8) -> DispatchId {
    DispatchId([n; 16])
}

pub fn marking(at: &str) -> Marking {
    Marking {
        level: level(at),
        releasable_to: BTreeSet::from([party("JPN")]),
        kind: kind("humint"),
        caveats: vec!["출처 보호".to_owned()],
        marked_at: NOON,
        topics: Default::default(),
        control: None,
        purposes: [].into(),
    }
}

pub fn officer() -> Person {
    Person {
        id: person_id("fdo-2"),
        party: party("KOR"),
        roles: BTreeSet::from([Role::Analyst, Role::DisclosureOfficer]),
        clearance: Some(Clearance { level: level("KOR:II"), until: NOON.plus_hours(8760) }),
        duties: BTreeSet::from([kind("humint"), kind("imagery")]),
    }
}

pub fn assured() -> Assured {
    Assured { person: person_id("reader-1"), level: level("JPN:GOKUHI"), expires: NOON.plus_hours(720) }
}

pub fn ruling(action: Action, granted: bool) -> Ruling {
    Ruling {
        action,
        question: digest(40),
        granted,
        reasons: vec![Reason { code: "R-102".to_owned(), article: "1".to_owned() }],
        pack: digest(41),
        pack_version: "1.0.0".to_owned(),
    }
}

pub fn question() -> Question {
    Question {
        action: Action::Release,
        at: NOON,
        holder: party("KOR"),
        asker: officer(),
        subject: Subject {
            item_digest: digest(1),
            marking: Some(marking("KOR:II")),
            own_level: Some(level("KOR:II")),
            approvals: Vec::new(),
        },
        recipient: Some(Recipient {
            party: party("JPN"),
            node: Some(node("tokyo.jpn")),
            assurances: vec![assured()],
        }),
        requester: Some(person_id("analyst-1")),
        chosen: Some(level("JPN:TOKUTEI")),
        positions: vec![Position { party: party("KOR"), from: Some(Timestamp(1)), until: Some(NOON) }],
        purpose: None,
        copy: None,
        translation: None,
        contractor: None,
        visit: None,
    }
}

pub fn arrival(d: u8) -> Act {
    Act::ArrivalVerified {
        dispatch: dispatch(d),
        from: node("seoul.kor"),
        package: digest(d),
        item_digest: digest(2),
        size: 5_000_000_000,
        manifest: digest(3),
        marking: marking("KOR:II"),
        label: digest(4),
    }
}

pub fn admitted(d: u8, i: u8) -> Act {
    Act::Admitted {
        dispatch: dispatch(d),
        item: item(i),
        own_level: level("JPN:TOKUTEI"),
        admission: digest(5),
        by: person_id("desk-1"),
    }
}

pub fn requested(c: u8, i: u8) -> Act {
    Act::ReleaseRequested {
        case: case(c),
        item: item(i),
        recipient: node("tokyo.jpn"),
        request: digest(6),
        by: person_id("analyst-1"),
    }
}

pub fn decided(c: u8, answer: Answer) -> Act {
    Act::ReleaseDecided { case: case(c), answer, decision: digest(7), by: person_id("fdo-2") }
}

pub fn owed(d: u8, c: u8) -> Act {
    Act::DispatchOwed {
        dispatch: dispatch(d),
        case: case(c),
        item: item(1),
        recipient: node("tokyo.jpn"),
        package: digest(8),
        manifest: digest(9),
        due: NOON.plus_hours(24),
    }
}

pub fn receipt_kept(d: u8) -> Act {
    Act::ReceiptKept {
        dispatch: dispatch(d),
        receipt: digest(10),
        admitted: true,
        proof_due: NOON.plus_hours(48),
    }
}

pub fn founded(at: &str) -> Act {
    Act::Founded {
        node: node("seoul.kor"),
        party: party(at),
        network: Network::Exercise,
        agreement: "gsomia-2016".to_owned(),
        pack: digest(11),
        log_origin: "seoul.kor/log/1".to_owned(),
    }
}

pub fn added(i: u8) -> Act {
    Act::ItemAdded {
        item: item(i),
        size: 1024,
        item_digest: digest(12),
        manifest: digest(13),
        title: digest(14),
        extract_of: Some(item(99)),
        by: person_id("analyst-1"),
    }
}

pub fn marked(i: u8, at: &str) -> Act {
    Act::ItemMarked {
        item: item(i),
        marking: marking(at),
        label: digest(15),
        manifest: digest(16),
        by: person_id("analyst-1"),
    }
}

pub fn opened(i: u8) -> Act {
    Act::Opened { item: item(i), question: digest(17), by: person_id("reader-1") }
}

pub fn ruled(c: u8, action: Action, granted: bool) -> Act {
    Act::Ruled {
        ruling: ruling(action, granted),
        by: person_id("fdo-2"),
        item: Some(item(1)),
        case: Some(case(c)),
        recipient: Some(party("JPN")),
        asked: None,
    }
}

pub fn approval() -> Approval {
    Approval {
        from: party("KOR"),
        approved: Approved::ThirdParty(party("USA")),
        given: NOON,
        until: Some(NOON.plus_hours(720)),
        document: "note 7 (fictitious)".to_owned(),
    }
}

pub fn contractor() -> Contractor {
    Contractor {
        facility: "optics-yard-2".parse().unwrap(),
        party: party("JPN"),
        cleared: Some(Clearance { level: level("JPN:HI"), until: NOON.plus_hours(720) }),
        inspected_until: Some(NOON.plus_hours(720)),
        responsible: Some(person_id("manager-1")),
        is_staff_registered: true,
    }
}

pub fn visit() -> Visit {
    Visit {
        is_official: true,
        approved_by: Some(party("KOR")),
        until: NOON.plus_hours(48),
        highest: Some(level("KOR:III")),
    }
}

pub const COPY: Reproduction = Reproduction { number: 2, needed: 3, is_marked: true };

/// One ask of each kind, with every optional field filled.
pub fn every_ask() -> Vec<Ask> {
    let item = item(1);
    vec![
        Ask::Request { item, recipient: node("tokyo.jpn") },
        Ask::Release { case: case(1) },
        Ask::Admit { dispatch: dispatch(1), chosen: Some(level("JPN:TOKUTEI")) },
        Ask::Open { item, purpose: None },
        Ask::PassOn { item, to: party("USA") },
        Ask::Dispatch { dispatch: dispatch(1) },
        Ask::OtherPurpose { item, purpose: "criminal-inquiry".parse().unwrap() },
        Ask::Downgrade { item, to: level("JPN:HI") },
        Ask::Copy { item, copy: COPY },
        Ask::Translate { item, copy: COPY, translator: person_id("reader-1"), has_notation: true },
        Ask::GiveToContractor { item, contractor: contractor() },
        Ask::Visit { item, visitors: party("JPN"), visit: visit() },
        Ask::Opening { dispatch: dispatch(1) },
    ]
}

/// A ruling in the form of entry version 3.
pub fn ruled_on(ask: Ask) -> Act {
    let action = ask.action();
    let Act::Ruled { ruling, by, item, case, recipient, .. } = ruled(1, action, true) else {
        panic!("a ruling")
    };
    let asked = Some(Asked { ask, at: NOON, size: 17 });
    Act::Ruled { ruling, by, item, case, recipient, asked }
}

/// Marked and arrived with a topic, as since entry version 3.
fn with_topics() -> Vec<Act> {
    let mut acts = vec![marked(1, "KOR:II"), arrival(1)];
    for act in &mut acts {
        if let Act::ItemMarked { marking, .. } | Act::ArrivalVerified { marking, .. } = act {
            marking.topics = ["dprk-missile", "dprk-nuclear"].map(|t| t.parse().unwrap()).into();
        }
    }
    acts
}

/// Marked, arrived and opened for a purpose, as since entry version 6.
fn with_purposes() -> Vec<Act> {
    let mut acts = vec![marked(1, "KOR:II"), arrival(1)];
    for act in &mut acts {
        if let Act::ItemMarked { marking, .. } | Act::ArrivalVerified { marking, .. } = act {
            marking.purposes = ["early-warning", "planning"].map(|p| p.parse().unwrap()).into();
        }
    }
    acts.push(ruled_on(Ask::Open { item: item(1), purpose: Some("planning".parse().unwrap()) }));
    acts
}

/// Marked and arrived under originator control, as since entry version 5.
fn with_control() -> Vec<Act> {
    let mut acts = vec![marked(1, "KOR:II"), arrival(1)];
    for act in &mut acts {
        if let Act::ItemMarked { marking, .. } | Act::ArrivalVerified { marking, .. } = act {
            marking.control = Some(Control { answerer: Answerer::Person, until: Some(NOON.plus_hours(24)) });
        }
    }
    acts
}

/// Acts of originator control: both ends of one opening, and what is taken back.
pub fn about_control(n: u8) -> Vec<Act> {
    let request = digest(70 + n);
    vec![
        recall_made(n, Taken::Back {}),
        Act::RecallMirrored {
            recall: recall(n, Taken::ToLevel { level: level("KOR:III") }),
            signed_at: NOON,
            statement: digest(80 + n),
            notice: digest(36),
            from: node("seoul.kor"),
        },
        Act::OpeningAsked {
            request,
            item: item(n),
            dispatch: dispatch(n),
            originator: node("seoul.kor"),
            until: NOON.plus_hours(1),
            under: None,
            by: person_id("reader-1"),
        },
        Act::OpeningAnswered { request, answer: digest(90 + n), refused: None, from: node("seoul.kor") },
        Act::OpeningReceived {
            request,
            item: item(n),
            dispatch: dispatch(n),
            from: node("tokyo.jpn"),
            person: person_id("reader-1"),
            until: NOON.plus_hours(1),
            under: Some(digest(91)),
        },
        Act::OpeningDecided {
            request,
            answer: digest(90 + n),
            refused: Some(Unopened::Person),
            decision: Some(digest(92)),
            by: Some(person_id("fdo-1")),
            to: node("tokyo.jpn"),
        },
    ]
}

pub fn recall(n: u8, taken: Taken) -> Recall {
    let (item_digest, dispatch) = (digest(n), dispatch(n));
    Recall {
        item_digest,
        dispatch,
        to: node("tokyo.jpn"),
        taken,
        document: "letter 9 (fictitious)".to_owned(),
    }
}

pub fn recall_made(n: u8, taken: Taken) -> Act {
    let recall = recall(n, taken);
    Act::RecallMade { recall, signed_at: NOON, statement: digest(75 + n), by: person_id("fdo-1") }
}

/// A question with every particular there can be.
pub fn whole_question() -> Question {
    let mut question = question();
    question.subject.approvals = vec![
        approval(),
        Approval { approved: Approved::OtherPurpose("criminal-inquiry".parse().unwrap()), ..approval() },
        Approval { approved: Approved::Downgrade(level("KOR:III")), ..approval() },
    ];
    question.subject.marking.iter_mut().for_each(|m| m.topics = ["dprk-missile".parse().unwrap()].into());
    question.purpose = Some("criminal-inquiry".parse().unwrap());
    question.copy = Some(COPY);
    question.translation = Some(Translation { translator: officer(), has_notation: true });
    question.contractor = Some(contractor());
    question.visit = Some(visit());
    question
}

pub fn hop() -> Hop {
    Hop {
        passage: CaseId([2; 16]),
        dispatch: DispatchId([3; 16]),
        package: digest(8),
        level: level("USA:SECRET"),
        recipient: node("tokyo.jpn"),
        party: party("JPN"),
        consent: Some(digest(35)),
        fate: Fate::Receipted { receipt: digest(11), level: Some(level("JPN:GOKUHI")) },
    }
}

fn about_the_node() -> Vec<Act> {
    vec![
        founded("KOR"),
        Act::PersonEnrolled {
            person: officer(),
            verifying: vec![1, 2, 3].into(),
            by: Some(person_id("admin-1")),
        },
        Act::PersonRemoved { person: person_id("fdo-2"), by: person_id("admin-1") },
        Act::PeerAdded {
            node: node("tokyo.jpn"),
            party: party("JPN"),
            card: digest(18),
            by: person_id("admin-1"),
        },
        Act::PeerSucceeded {
            node: node("tokyo.jpn"),
            party: party("JPN"),
            card: digest(19),
            previous: digest(18),
            succession: digest(20),
            by: person_id("admin-1"),
        },
        Act::PeerRevoked {
            node: node("tokyo.jpn"),
            card: digest(19),
            reason: "reported lost".to_owned(),
            by: person_id("admin-1"),
        },
        Act::CardShown { card: digest(25), previous: digest(26) },
        Act::PositionRecorded {
            position: Position { party: party("KOR"), from: Some(Timestamp(1)), until: Some(NOON) },
            basis: "note verbale 2016-1".to_owned(),
            by: person_id("admin-1"),
        },
        Act::AssuranceRecorded {
            party: party("JPN"),
            assured: assured(),
            assurance: digest(19),
            by: person_id("fdo-2"),
        },
        Act::BreachRecorded {
            node: node("tokyo.jpn"),
            code: "B-003".to_owned(),
            dispatch: Some(dispatch(1)),
        },
        Act::IncidentRaised { code: "I-001".to_owned(), dispatch: Some(dispatch(1)) },
        Act::Padded {},
        Act::InstrumentMade { instrument: instrument(), statement: digest(27), by: person_id("office-1") },
        Act::InstrumentMirrored {
            instrument: instrument(),
            statement: digest(27),
            notice: digest(28),
            from: node("seoul.kor"),
        },
        Act::InstrumentContested {
            party: party("KOR"),
            number: 2,
            statement: digest(29),
            notice: digest(28),
            from: node("seoul.kor"),
        },
        Act::InstrumentDelivered { statement: digest(27), to: node("tokyo.jpn") },
        Act::PackAdopted { pack: digest(32), version: "1.1.0".to_owned(), previous: digest(2) },
        Act::LogForked { node: node("tokyo.jpn"), proof: digest(33) },
        Act::LogSucceeded {
            origin: "seoul.kor/log/2".to_owned(),
            kept: 48,
            cosigned: 64,
            statement: digest(35),
            by: person_id("admin-1"),
        },
        Act::SuccessionShown {
            node: node("tokyo.jpn"),
            origin: "tokyo.jpn/log/2".to_owned(),
            kept: 48,
            cosigned: 64,
            since: NOON,
            statement: digest(35),
            notice: digest(28),
        },
        Act::SuccessionDecided {
            node: node("tokyo.jpn"),
            statement: digest(35),
            answer: Answer::Approve,
            basis: "note 3 (fictitious)".to_owned(),
            by: person_id("office-1"),
        },
        Act::LetterOwed {
            letter: dispatch(7),
            to: node("tokyo.jpn"),
            via: node("washington.usa"),
            matter: Matter::Package(dispatch(1)),
            papers: digest(50),
            waybill: digest(51),
            outer_digest: digest(52),
            manifest: digest(53),
            due: NOON,
        },
        Act::LetterOwed {
            letter: dispatch(8),
            to: node("seoul.kor"),
            via: node("washington.usa"),
            matter: Matter::Opening(digest(60)),
            papers: digest(50),
            waybill: digest(51),
            outer_digest: digest(52),
            manifest: digest(53),
            due: NOON,
        },
        Act::LetterTaken {
            letter: dispatch(7),
            from: node("seoul.kor"),
            to: node("tokyo.jpn"),
            previous: node("seoul.kor"),
            papers: digest(50),
            waybill: digest(51),
            outer_digest: digest(52),
            manifest: digest(53),
            due: NOON,
            next: Some(node("tokyo.jpn")),
            refused: Some("C-029".to_owned()),
            answer: Some(digest(54)),
            declines: Some(Matter::Notice(digest(57))),
            share: None,
        },
        Act::LetterTaken {
            letter: dispatch(8),
            from: node("seoul.kor"),
            to: node("tokyo.jpn"),
            previous: node("seoul.kor"),
            papers: digest(50),
            waybill: digest(51),
            outer_digest: digest(52),
            manifest: digest(53),
            due: NOON,
            next: Some(node("tokyo.jpn")),
            refused: None,
            answer: None,
            declines: None,
            share: Some(digest(60)),
        },
        Act::LetterDecided {
            letter: dispatch(8),
            statement: digest(61),
            answer: Answer::Refuse,
            by: person_id("fdo-1"),
        },
        Act::HopSigned { letter: dispatch(7), hop: digest(55), papers: digest(56) },
        Act::HopDelivered { letter: dispatch(7) },
        Act::HopKept { letter: dispatch(7), hop: digest(55), refused: Some("C-029".to_owned()) },
        Act::LetterPassed { letter: dispatch(7), given_up: Some("C-031".to_owned()) },
        Act::LossSigned { letter: dispatch(7), hop: digest(58) },
        Act::LossKept { letter: dispatch(7), hop: digest(58), code: "C-031".to_owned() },
        Act::CaseClosed { case: case(1), code: "R-006".to_owned() },
        Act::PassageBarred {
            item: item(1),
            recipient: node("tokyo.jpn"),
            request: digest(59),
            by: person_id("desk-1"),
            bar: Bar::KeptShare,
        },
        Act::LogDecided {
            node: node("tokyo.jpn"),
            proof: digest(33),
            answer: Answer::Approve,
            basis: "note 3 (fictitious)".to_owned(),
            by: person_id("admin-1"),
        },
        Act::ProofKept { dispatch: dispatch(1), proof: digest(34) },
        Act::MandateGiven { mandate: mandate(), statement: digest(38), by: person_id("office-1") },
        Act::MandateEnded { mandate: digest(38), statement: digest(39), by: person_id("office-1") },
        Act::ReportMade {
            mandate: digest(38),
            from: "2026-01-01".parse().unwrap(),
            until: "2026-12-31".parse().unwrap(),
            report: digest(40),
            public: Some(digest(41)),
            by: person_id("inspector-1"),
        },
        Act::ReportCosigned {
            report: digest(40),
            public: digest(41),
            statement: digest(42),
            notice: digest(43),
            by: person_id("inspector-1"),
        },
        Act::ProofDelivered { dispatch: dispatch(1) },
        Act::ConsentMade {
            consent: consent(),
            signed_at: NOON,
            statement: digest(35),
            by: person_id("fdo-1"),
        },
        Act::ConsentMirrored {
            consent: consent(),
            party: party("KOR"),
            signed_at: NOON,
            statement: digest(35),
            notice: digest(36),
            from: node("seoul.kor"),
        },
        Act::StatementDelivered { statement: digest(35), to: node("tokyo.jpn") },
        Act::PassageOwed {
            case: CaseId([2; 16]),
            dispatch: DispatchId([4; 16]),
            origin: DispatchId([3; 16]),
            consent: digest(35),
            basis: "jpn-usa-2007".to_owned(),
        },
        Act::PassageVerified {
            dispatch: DispatchId([4; 16]),
            origin: node("seoul.kor"),
            package: digest(8),
            consent: digest(35),
            notice: digest(36),
            receipt: digest(10),
            level: level("USA:SECRET"),
            basis: "kor-usa-1987".to_owned(),
        },
        Act::PassageTold { hop: hop(), to: node("seoul.kor"), statement: digest(37) },
        Act::PassageMirrored {
            hop: hop(),
            statement: digest(37),
            notice: digest(38),
            from: node("washington.usa"),
            basis: String::new(),
        },
        Act::ClientAdded {
            client: "analyst-1-laptop".parse().unwrap(),
            secret: digest(60),
            is_legacy: true,
            by: person_id("analyst-1"),
        },
        Act::ClientRevoked { client: "analyst-1-laptop".parse().unwrap(), by: person_id("admin-1") },
        Act::KeyTakenOver { item: item(1), wrapped_key: digest(61) },
        Act::Handled {
            item: item(1),
            handling: Handling::Copied { number: 1, keeper: person_id("desk-1") },
            question: digest(23),
            by: person_id("desk-1"),
        },
        Act::ItemDerived {
            item: item(2),
            sources: vec![item(1)],
            contains: BTreeMap::from([(party("KOR"), BTreeSet::from([level("KOR:II")]))]),
        },
        Act::CopyReturned { item: item(1), number: 1, by: person_id("registrar-1") },
        Act::CopySealed {
            item: item(1),
            number: 1,
            wrapped_key: digest(62),
            manifest: digest(63),
            by: person_id("desk-1"),
        },
        Act::DestructionSigned {
            item: item(1),
            destruction: destruction(),
            statement: digest(37),
            by: person_id("registrar-1"),
        },
        Act::DestructionMirrored {
            destruction: destruction(),
            signer: person_id("registrar-1"),
            statement: digest(37),
            notice: digest(36),
            from: node("tokyo.jpn"),
        },
    ]
}

/// A mandate for a year, for every field that one may open.
pub fn mandate() -> Mandate {
    Mandate {
        body: "Committee on Intelligence (fictitious)".to_owned(),
        body_ko: Some("정보위원회 (가상)".to_owned()),
        body_ja: Some("情報委員会（架空）".to_owned()),
        inspectors: ["inspector-1", "inspector-2"].map(person_id).into(),
        from: "2026-01-01".parse().unwrap(),
        until: "2026-12-31".parse().unwrap(),
        fields: (0..15).collect(),
        basis: "resolution 12 (fictitious)".to_owned(),
    }
}

/// The second signature under a destruction, with every field filled.
pub fn destruction() -> Destruction {
    Destruction {
        what: Destroyed { item_digest: digest(3), dispatch: Some(dispatch(1)), copy: Some(1) },
        to: Some(node("seoul.kor")),
        means: "shredded".to_owned(),
        document: "protocol 4 (fictitious)".to_owned(),
        first: Some(digest(38)),
    }
}

/// An approval with every field filled.
fn consent() -> Consent {
    let what = Approved::OtherPurpose("training".parse().unwrap());
    Consent {
        item_digest: digest(3),
        to: node("tokyo.jpn"),
        step: consent::Step::Given { what, until: Some(NOON) },
        document: "letter 7 (fictitious)".to_owned(),
    }
}

/// A gate left out, with every field filled.
fn instrument() -> Instrument {
    Instrument {
        party: party("KOR"),
        number: 2,
        previous: Some(digest(30)),
        seen: BTreeMap::from([(party("JPN"), digest(31))]),
        step: Step::GateSkipped { gate: "vice-ministers".to_owned() },
        official: "Office of Treaties (fictitious)".to_owned(),
        document: "note 2 (fictitious)".to_owned(),
        dated: NOON,
        holds: Holds { from: Some(Timestamp(1)), until: Some(NOON) },
        remark: "the meeting was over".to_owned(),
    }
}

fn about_movement(n: u8) -> Vec<Act> {
    vec![
        added(n),
        marked(n, "KOR:II"),
        ruled(n, Action::Release, true),
        requested(n, n),
        Act::ReleaseReviewed { case: case(n), review: digest(20), by: person_id("fdo-3") },
        decided(n, Answer::Approve),
        Act::KeyMoved { item: item(n), ruling_index: 12, recipient_key: digest(21) },
        owed(n, n),
        Act::DispatchStored { dispatch: dispatch(n) },
        Act::DispatchDeclined { dispatch: dispatch(n), code: "C-002".to_owned() },
        receipt_kept(n),
        arrival(n),
        Act::ArrivalDeclined { dispatch: dispatch(n), from: node("seoul.kor"), code: "C-004".to_owned() },
        admitted(n, n),
        Act::ReceiptOwed { dispatch: dispatch(n), receipt: digest(22) },
        Act::ReceiptDelivered { dispatch: dispatch(n) },
        opened(n),
    ]
}

/// One of each act in each form that it has had.
pub fn every_act() -> Vec<Act> {
    let newer = every_ask()
        .into_iter()
        .map(ruled_on)
        .chain(with_topics())
        .chain(with_control())
        .chain(with_purposes())
        .chain(about_control(1));
    about_the_node().into_iter().chain(about_movement(1)).chain(newer).collect()
}

pub fn entry(act: Act) -> Entry {
    Entry { version: ENTRY_VERSION, at: NOON, act }
}

fn any_act() -> impl Strategy<Value = Act> {
    let mut acts = about_the_node();
    acts.extend(every_ask().into_iter().map(ruled_on).chain(with_topics()).chain(with_control()));
    acts.extend(with_purposes());
    for n in 1..=3 {
        acts.extend(about_movement(n));
        acts.extend(about_control(n));
        acts.push(decided(n, Answer::Refuse));
        acts.push(ruled(n, Action::Release, false));
        acts.push(marked(n, "KOR:III"));
        // The same dispatch under another case, the same item under another dispatch.
        acts.push(owed(n, n % 3 + 1));
        acts.push(admitted(n, n % 3 + 1));
    }
    prop::sample::select(acts)
}

/// A journal of any order of acts, a year and a half long, in which time never runs back.
pub fn any_journal() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec((any_act(), 0_u64..200), 0..80).prop_map(|steps| {
        let mut at = NOON;
        let mut step = |(act, hours): (Act, u64)| {
            at = at.plus_hours(hours);
            Entry { version: ENTRY_VERSION, at, act }
        };
        steps.into_iter().map(&mut step).collect()
    })
}
