//! What a reading hub leaves on record beside its rulings: what it was asked that goes to nobody, a decision whose ground was taken
//! away, and a certificate that goes on to whose item it was.

use crate::control::{BY_RULE, acts};
use crate::crossing::{JAPAN, KOREA, admit, pair, person, receipted, released_under, signed, until};
use crate::holdings::{destroys, held, registrar};
use crate::nodes::{Running, clock};
use crate::passages::{AMERICA, PASSED, Three, passed, said_as};
use attache_accord::act::Act;
use attache_accord::consent::{Consent, Step};
use attache_accord::destruction::Destruction;
use attache_accord::dispatch::CaseState;
use attache_accord::item::Item;
use attache_accord::passage::Bar;
use attache_accord::people::Role;
use attache_accord::view::Ask;
use attache_accord::{CaseId, Digest, DispatchId, ItemId, Marking, NodeName};
use attache_node::chores::Chores;
use attache_node::desk::{self, Misuse};
use attache_node::fault::Failure;
use attache_node::intake::{Described, Intake};
use attache_node::notices::{FALSE_NOTICE, Noting, notice_id};
use attache_seal::pair::Sign as _;
use attache_seal::papers::{Answer, Decision, Notice, Request};
use attache_seal::statement::Signed;
use attache_seal::tdf::Metadata;
use std::sync::Arc;

fn request(running: &Running, item: &Item, to: &NodeName, case: CaseId) -> Signed {
    let request = Request {
        case,
        item_digest: item.item_digest,
        label_digest: item.marked().unwrap().label,
        recipient: to.clone(),
        purpose: "early warning (fictitious)".to_owned(),
    };
    signed(running, Role::Analyst, request)
}

/// Asks, and finds on record why that goes to nobody.
async fn barred(running: &Running, item: &Item, to: &NodeName, why: Bar) {
    let (pack, case) = (Arc::clone(&running.node.office.pack), CaseId([0x55; 16]));
    let request = request(running, item, to, case);
    let make = |view: &_, now| desk::request(view, &pack, now, &request);
    let done = running.node.carry_out(make).await.unwrap();
    assert_eq!((done.barred, done.ruling), (Some(why), None));
    let on_record = Act::PassageBarred {
        item: item.id,
        recipient: to.clone(),
        request: request.digest(),
        by: person(Role::Analyst),
        bar: why,
    };
    assert_eq!(acts(running).last(), Some(&on_record));
    let office = &running.node.office;
    assert!(
        office.papers.has(&request.digest()).unwrap() && office.view.read().dispatches.case(&case).is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_to_nobody_whatever_the_rules_say_is_on_record_when_it_is_asked() {
    let (three, ..) = passed().await;
    barred(&three.at_washington, &held(&three.at_washington), &three.tokyo.name, Bar::HasIt).await;
    barred(&three.at_tokyo, &held(&three.at_tokyo), &three.washington.name, Bar::PassedOn).await;
    released_under(&three.at_seoul, &KOREA, 2, 64, &three.washington.name, Some(BY_RULE)).await;
    admit(&three.at_washington, &AMERICA, 1).await;
    receipted(&three.at_seoul, 2).await;
    let controlled = {
        let view = three.at_washington.node.office.view.read();
        view.items.iter().find(|item| item.controlled().is_some()).unwrap().clone()
    };
    barred(&three.at_washington, &controlled, &three.tokyo.name, Bar::KeptShare).await;
    three.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_marked_under_control_for_a_party_beyond_the_hub_where_it_never_comes() {
    let three = Three::new().await;
    let office = &three.at_seoul.node.office;
    let analyst = person(Role::Analyst);
    let metadata = Metadata { title: "exercise".into(), ..Metadata::default() };
    let described = Described { metadata, tearline: false, item_bytes: Some(1) };
    let mut intake = Intake::begin(Arc::clone(office), analyst.clone(), described).unwrap();
    intake.push(b"1").unwrap();
    let (item, extract) = (ItemId([7; 16]), ItemId([8; 16]));
    let added = intake.finish([item, extract], clock()).unwrap();
    three.at_seoul.node.commit(added.plan).await.unwrap().unwrap();
    let mark = |to: &[&str], control| {
        let marking = Marking {
            level: KOREA.level.parse().unwrap(),
            releasable_to: to.iter().map(|party| party.parse().unwrap()).collect(),
            kind: office.pack.terms().kinds.iter().next().unwrap().clone(),
            caveats: vec![],
            marked_at: clock(),
            topics: office.pack.terms().topics.clone(),
            control,
            purposes: [].into(),
        };
        office.mark(&analyst, item, marking).map(|_| ())
    };
    let refused = mark(&["USA", "JPN"], Some(BY_RULE)).unwrap_err();
    assert!(matches!(refused, Failure::Misuse(Misuse::BeyondHub(party)) if party.as_str() == "JPN"));
    mark(&["USA"], Some(BY_RULE)).unwrap();
    mark(&["USA", "JPN"], None).unwrap();
    three.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_is_withdrawn_before_the_package_is_made_closes_the_case_once() {
    let three = Three::new().await;
    let item = three.given(1).await;
    let approval = three.let_go(item.item_digest, "JPN", None).await;
    let (office, pack) =
        (Arc::clone(&three.at_washington.node.office), Arc::clone(&three.at_washington.node.office.pack));
    let request = request(&three.at_washington, &item, &three.tokyo.name, PASSED);
    let make = |view: &_, now| desk::request(view, &pack, now, &request);
    three.at_washington.node.carry_out(make).await.unwrap();
    let facts = {
        let view = office.view.read();
        let by = person(Role::DisclosureOfficer);
        desk::facts_digest(&view.question(&by, &Ask::Release { case: PASSED }, clock()).unwrap())
    };
    let decision = Decision {
        case: PASSED,
        request: request.digest(),
        item_digest: item.item_digest,
        label_digest: item.marked().unwrap().label,
        recipient: three.tokyo.name.clone(),
        answer: Answer::Approve,
        reason: "as agreed".into(),
        article: "1".into(),
        facts,
    };
    let decision = signed(&three.at_washington, Role::DisclosureOfficer, decision);
    let mut plan = desk::decide(&office.view.read(), &pack, clock(), &decision).unwrap().plan;
    // The withdrawal comes in the same moment, before anybody makes the package.
    let consent = Consent {
        item_digest: item.item_digest,
        to: three.washington.name.clone(),
        step: Step::Withdrawn { approval },
        document: "letter 8 (fictitious)".to_owned(),
    };
    plan.acts.push(Act::ConsentMirrored {
        consent,
        party: "KOR".parse().unwrap(),
        signed_at: clock(),
        statement: Digest([8; 32]),
        notice: Digest([9; 32]),
        from: three.seoul.name.clone(),
    });
    three.at_washington.node.commit(plan).await.unwrap().unwrap();
    let state = || office.view.read().dispatches.case(&PASSED).map(|case| case.state.clone());
    until(|| state().filter(|state| *state == CaseState::Closed("R-006".to_owned()))).await;
    assert!(Chores::owed(&office, clock().plus_hours(1)).is_none());
    let all = acts(&three.at_washington);
    assert_eq!(all.iter().filter(|act| matches!(act, Act::CaseClosed { .. })).count(), 1);
    assert!(!all.iter().any(|act| matches!(act, Act::DispatchOwed { .. })));
    three.end().await;
}

/// Two people at Tokyo sign that the item is destroyed, to the hub from which it came.
pub async fn destroyed(three: &Three, item: &Item) -> attache_accord::destruction::Destroyed {
    let what = desk::destroyed(item, None);
    let said = |first| Destruction {
        what,
        to: Some(three.washington.name.clone()),
        means: "keys deleted".to_owned(),
        document: "protocol 4 (fictitious)".to_owned(),
        first,
    };
    let first = destroys(&three.at_tokyo, Role::DeskOfficer, said(None)).await.unwrap();
    destroys(&three.at_tokyo, Role::Registrar, said(Some(first))).await.unwrap();
    what
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_what_was_passed_on_and_destroyed_goes_on_to_its_originator() {
    let (three, ..) = passed().await;
    registrar(&three.at_tokyo, &JAPAN).await;
    let what = destroyed(&three, &held(&three.at_tokyo)).await;
    for (running, name) in [(&three.at_washington, "the hub"), (&three.at_seoul, "the originator")] {
        let witnesses = until(|| {
            let view = running.node.office.view.read();
            let (first, second) = view.destructions.of(&what)?;
            Some([first.node.clone(), second?.node.clone()])
        })
        .await;
        assert_eq!(witnesses, [Some(three.tokyo.name.clone()), Some(three.tokyo.name.clone())], "{name}");
    }
    // The very notices that Tokyo signed for the hub.
    let mirrored = |running: &Running| -> Vec<(Digest, Digest)> {
        let mirrored = acts(running).into_iter().filter_map(|act| match act {
            Act::DestructionMirrored { statement, notice, .. } => Some((statement, notice)),
            _ => None,
        });
        mirrored.collect()
    };
    let there = mirrored(&three.at_washington);
    assert_eq!(mirrored(&three.at_seoul), there);
    let hub = &three.at_washington.node.office;
    for (statement, notice) in there.iter().chain(there.iter().rev()) {
        let brought = hub.papers.cited(notice, "notice").unwrap();
        assert_eq!(hub.notice(statement, clock()).unwrap(), brought, "in whatever order they are asked for");
    }

    // What the hub makes up, alters, or has of something that it did not pass on is believed in nothing.
    let office = &three.at_seoul.node.office;
    let honest = office.papers.cited(&there[0].1, "notice").unwrap();
    let opened = Signed::from_bytes(&honest).unwrap().dangerously_unverified::<Notice>().unwrap();
    let inner = Signed::from_bytes(&opened.body.statement).unwrap();
    let id = notice_id(&inner.digest());
    let weighed = |id, bytes: &[u8]| office.weigh_notice(&three.washington.name, id, bytes).unwrap();
    assert!(matches!(weighed(&id, &honest), Noting::Kept));
    for at in (0..honest.len()).step_by(97) {
        let mut bytes = honest.clone();
        bytes[at] ^= 1;
        assert!(matches!(weighed(&id, &bytes), Noting::False(_) | Noting::OtherCard), "byte {at}");
    }
    let other = Destruction {
        what: attache_accord::destruction::Destroyed { dispatch: Some(DispatchId([9; 16])), ..what },
        to: Some(three.washington.name.clone()),
        means: "keys deleted".to_owned(),
        document: "protocol 5 (fictitious)".to_owned(),
        first: None,
    };
    let inner = signed(&three.at_tokyo, Role::DeskOfficer, other);
    let notice =
        Notice { statement: inner.to_bytes(), verifying: pair(Role::DeskOfficer).verifying().clone() };
    let by = |site: &crate::nodes::Site, key: &crate::nodes::Site| {
        said_as(&three.at_tokyo, site.name.as_str(), &key.keyring().node, clock(), notice.clone()).to_bytes()
    };
    let id = notice_id(&inner.digest());
    assert!(matches!(weighed(&id, &by(&three.tokyo, &three.tokyo)), Noting::Refused), "never passed on");
    assert!(
        matches!(weighed(&id, &by(&three.tokyo, &three.washington)), Noting::OtherCard),
        "not Tokyo's key"
    );
    let Noting::False(plan) = weighed(&id, &by(&three.washington, &three.washington)) else {
        panic!("the hub's own word for Tokyo's")
    };
    assert!(matches!(&plan.acts[..], [Act::BreachRecorded { code, .. }] if code == FALSE_NOTICE));
    three.end().await;
}
