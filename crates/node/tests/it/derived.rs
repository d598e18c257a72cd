//! What a Party makes from an item that it received is marked as follows from that one, and says so for ever.

use crate::crossing::{JAPAN, KOREA, admit, person, released, two};
use crate::nodes::{Running, clock};
use attache_accord::ItemId;
use attache_accord::derivative::Wanted;
use attache_accord::particulars::Contractor;
use attache_accord::people::{Clearance, Role};
use attache_accord::view::{Ask, View};
use attache_node::desk;
use attache_node::intake::{Described, Intake};
use attache_seal::tdf::Metadata;
use std::sync::Arc;

const MADE: ItemId = ItemId([9; 16]);

async fn draft(running: &Running) {
    let metadata = Metadata { title: "made".into(), ..Metadata::default() };
    let described = Described { metadata, tearline: false, item_bytes: Some(4) };
    let office = Arc::clone(&running.node.office);
    let mut intake = Intake::begin(office, person(Role::Analyst), described).unwrap();
    intake.push(b"made").unwrap();
    let added = intake.finish([MADE, ItemId([8; 16])], clock()).unwrap();
    running.node.commit(added.plan).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_derivative_is_marked_as_its_source_demands_and_names_its_originator() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    draft(&at_tokyo).await;
    let office = &at_tokyo.node.office;
    let source = office.view.read().items.iter().find(|item| item.id != MADE).unwrap().id;
    let kind = office.pack.terms().kinds.iter().next().unwrap().clone();
    let wanted = |level: Option<&str>| Wanted {
        level: level.map(|level| level.parse().unwrap()),
        releasable_to: None,
        kind: kind.clone(),
        topics: [].into(),
        caveats: vec![],
        marked_at: clock(),
    };
    let make =
        |sources: &[ItemId], level| office.mark_derived(&person(Role::Analyst), MADE, sources, wanted(level));
    for (sources, level, why) in [
        (&[][..], None, "at least one source"),
        (&[source][..], Some("JPN:HI"), "lower"),
        (&[source][..], Some("KOR:II"), "not a level of the maker"),
        (&[MADE][..], None, "other items"),
        (&[ItemId([77; 16])][..], None, "no item"),
    ] {
        let refused = make(sources, level).err().unwrap().to_string();
        assert!(refused.contains(why), "{why}: {refused}");
    }
    let step = make(&[source], None).unwrap();
    at_tokyo.node.commit(step.plan).await.unwrap().unwrap();
    let made = office.view.read().item(&MADE).unwrap().clone();
    let marking = made.marked().unwrap().marking.clone();
    assert_eq!(marking.level.as_str(), JAPAN.level);
    assert_eq!(
        marking.releasable_to,
        ["KOR".parse().unwrap()].into(),
        "for whom the source is, but its maker"
    );
    let derived = made.derived.unwrap();
    assert_eq!(derived.sources, [source]);
    let korea = "KOR".parse().unwrap();
    assert_eq!(derived.contains, [(korea, [KOREA.level.parse().unwrap()].into())].into());
    assert!(derived.origins.values().all(|originator| *originator == korea));
    assert!(make(&[source], None).is_err(), "a marking is never changed");
    let plant = Contractor {
        facility: "plant-3".parse().unwrap(),
        party: "USA".parse().unwrap(),
        cleared: Some(Clearance { level: JAPAN.level.parse().unwrap(), until: clock().plus_hours(1) }),
        inspected_until: Some(clock().plus_hours(1)),
        responsible: Some(person(Role::Analyst)),
        is_staff_registered: true,
    };
    for (ask, lacking) in [
        (Ask::GiveToContractor { item: MADE, contractor: plant }, "third-party=USA"),
        (Ask::OtherPurpose { item: MADE, purpose: "training".parse().unwrap() }, "purpose=training"),
    ] {
        let by = person(Role::DisclosureOfficer);
        let asked = |view: &View, now| desk::handle(view, &office.pack, now, &by, ask.clone());
        let refused = at_tokyo.node.carry_out(asked).await.unwrap_err().to_string();
        assert!(refused.contains(&format!("KOR, which has not approved {lacking}")), "{refused}");
    }
    at_seoul.stop().await;
    at_tokyo.stop().await;
}
