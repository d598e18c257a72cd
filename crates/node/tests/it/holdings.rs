//! What is done with a received item on real nodes: copies that are numbered and accounted for, translations, contractors, and a
//! destruction that two people sign, after which nothing of the item is left but its record.

use crate::crossing::{
    JAPAN, KOREA, Nation, admit, must, pair, person, receipted, released, signed, two, until,
};
use crate::nodes::{Running, Site, administrator, clock};
use attache_accord::act::Act;
use attache_accord::destruction::{CERTIFICATE_OVERDUE, Destroyed, Destruction};
use attache_accord::item::Item;
use attache_accord::oversight::{FIELD_DUE, FIELD_PARTNER};
use attache_accord::particulars::{Contractor, Reproduction};
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::view::{Ask, Unknown};
use attache_accord::{CaseId, Digest, DispatchId, ItemId, Timestamp};
use attache_node::chores::Chores;
use attache_node::desk;
use attache_node::engine::fields;
use attache_node::evidence::Extent;
use attache_node::replay::replay;
use attache_node::steward;
use attache_node::stocktaking::take_stock;
use attache_node::words::{WORD_NOT_TAKEN, words_of};
use attache_release::Pack;
use attache_seal::pair::Sign as _;
use attache_seal::papers::{Card, Request};
use attache_verify::{Outcome, Report, Trust, Verdict, verify_any};
use std::path::Path;
use std::sync::Arc;

pub async fn registrar(running: &Running, nation: &Nation) {
    let held = Clearance { level: nation.level.parse().unwrap(), until: clock().plus_hours(24) };
    let member = Person {
        id: person(Role::Registrar),
        party: nation.party.parse().unwrap(),
        roles: [Role::Registrar].into(),
        clearance: Some(held),
        duties: running.node.office.pack.terms().kinds.clone(),
    };
    let key = pair(Role::Registrar);
    must(running, |view, _| steward::enrol(view, &administrator(), member.clone(), key.verifying())).await;
}

/// The two of [`two`] once Tokyo, which has a registrar, holds one item of Seoul's and its receipt has come: that item.
pub async fn holding() -> (Site, Site, Running, Running, Item) {
    let (seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    registrar(&at_tokyo, &JAPAN).await;
    receipted(&at_seoul, 1).await;
    let item = held(&at_tokyo);
    (seoul, tokyo, at_seoul, at_tokyo, item)
}

pub fn held(running: &Running) -> Item {
    running.node.office.view.read().items.iter().next().unwrap().clone()
}

/// Whether it was granted, and the code that decided.
async fn asked(running: &Running, role: Role, ask: Ask) -> Result<(bool, String), String> {
    let pack = Arc::clone(&running.node.office.pack);
    let make = |view: &_, now| desk::handle(view, &pack, now, &person(role), ask.clone());
    let done = running.node.carry_out(make).await.map_err(|failure| failure.to_string())?;
    let ruling = done.ruling.unwrap();
    Ok((ruling.granted, ruling.reasons[0].code.clone()))
}

fn copy(item: ItemId, number: u32, needed: u32) -> Ask {
    Ask::Copy { item, copy: Reproduction { number, needed, is_marked: true } }
}

pub fn destruction(item: &Item, copy: Option<u32>, first: Option<Digest>) -> Destruction {
    Destruction {
        what: desk::destroyed(item, copy),
        to: Some("seoul.kor".parse().unwrap()),
        means: "keys deleted".to_owned(),
        document: "protocol 4 (fictitious)".to_owned(),
        first,
    }
}

pub async fn destroys(running: &Running, role: Role, destruction: Destruction) -> Result<Digest, String> {
    let pack = Arc::clone(&running.node.office.pack);
    let signed = signed(running, role, destruction);
    let make = |view: &_, now| desk::destroy(view, &pack, now, &signed);
    running.node.carry_out(make).await.map(|_| signed.digest()).map_err(|failure| failure.to_string())
}

pub async fn both_destroy(running: &Running, item: &Item, copy: Option<u32>) {
    let first = destroys(running, Role::DeskOfficer, destruction(item, copy, None)).await.unwrap();
    destroys(running, Role::Registrar, destruction(item, copy, Some(first))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_numbered_needed_and_accounted_for() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    registrar(&at_tokyo, &JAPAN).await;
    let item = held(&at_tokyo);
    let desk_officer = Role::DeskOfficer;
    for number in 1..=2 {
        assert!(asked(&at_tokyo, desk_officer, copy(item.id, number, 3)).await.unwrap().0);
    }
    let again = asked(&at_tokyo, desk_officer, copy(item.id, 2, 3)).await.unwrap_err();
    assert!(again.starts_with("number"), "{again}");
    let unneeded = asked(&at_tokyo, desk_officer, copy(item.id, 3, 2)).await.unwrap();
    assert_eq!(unneeded, (false, "R-017".to_owned()));
    let copy_3 = Reproduction { number: 3, needed: 3, is_marked: true };
    let translator = person(Role::Analyst);
    let translated =
        |translator, has_notation| Ask::Translate { item: item.id, copy: copy_3, translator, has_notation };
    let silent = asked(&at_tokyo, desk_officer, translated(translator.clone(), false)).await.unwrap();
    assert_eq!(silent, (false, "R-030".to_owned()));
    let uncleared = asked(&at_tokyo, desk_officer, translated(administrator(), true)).await.unwrap();
    assert_eq!(uncleared, (false, "R-019".to_owned()));
    assert!(asked(&at_tokyo, desk_officer, translated(translator, true)).await.unwrap().0);
    let plant = Contractor {
        facility: "plant-3".parse().unwrap(),
        party: at_tokyo.node.office.identity.party,
        cleared: Some(Clearance { level: JAPAN.level.parse().unwrap(), until: clock().plus_hours(1) }),
        inspected_until: Some(clock().plus_hours(1)),
        responsible: Some(person(Role::Analyst)),
        is_staff_registered: true,
    };
    let uninspected = Contractor { inspected_until: None, ..plant.clone() };
    let given = |contractor| Ask::GiveToContractor { item: item.id, contractor };
    assert_eq!(asked(&at_tokyo, Role::DisclosureOfficer, given(uninspected)).await.unwrap().1, "R-032");
    assert!(asked(&at_tokyo, Role::DisclosureOfficer, given(plant)).await.unwrap().0);

    let back = |number| {
        let item = item.id;
        at_tokyo.node.carry_out(move |view, _| desk::take_back(view, &person(Role::Registrar), item, number))
    };
    back(2).await.unwrap();
    assert!(back(2).await.unwrap_err().to_string().contains("accounted for"));
    assert!(back(9).await.unwrap_err().to_string().contains("no copy"));
    both_destroy(&at_tokyo, &item, Some(1)).await;
    let holding = at_tokyo.node.office.view.read().holdings.of(&item.id);
    let fates: Vec<&str> = holding.copies.iter().map(|copy| copy.fate.as_str()).collect();
    assert_eq!(fates, ["destroyed", "returned", "out"]);
    assert!(holding.copies[2].is_translation);
    let early = destroys(&at_tokyo, desk_officer, destruction(&item, None, None)).await.unwrap_err();
    assert!(early.contains("copies that are not destroyed"), "{early}");

    let mut verdicts = Vec::new();
    let (office, pack_of) = (&at_tokyo.node.office, |_: &Digest| Some(Pack::gsomia_2016()));
    let offset = office.pack.terms().utc_offset_hours;
    replay(&office.papers, offset, &pack_of, &mut |one| verdicts.push(one.verdict)).unwrap();
    assert!(verdicts.len() > 6 && verdicts.iter().all(|verdict| verdict.is_same()), "{verdicts:?}");
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_people_destroyed_is_opened_by_nobody_and_its_originator_holds_the_certificate() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    // One rests in the journal, one in the vault; a third is left.
    for (id, size) in [(1, 100), (2, 100_000), (3, 100)] {
        released(&at_seoul, &KOREA, id, size, &tokyo.name).await;
        admit(&at_tokyo, &JAPAN, 1).await;
    }
    receipted(&at_seoul, 3).await;
    registrar(&at_tokyo, &JAPAN).await;
    let items: Vec<Item> = at_tokyo.node.office.view.read().items.iter().cloned().collect();
    let (doomed, spared) = items.split_at(2);
    let office = Arc::clone(&at_tokyo.node.office);
    for item in doomed {
        let refused = [
            (Role::Analyst, destruction(item, None, None), "signer"),
            (Role::DeskOfficer, Destruction { to: None, ..destruction(item, None, None) }, "to"),
            (Role::DeskOfficer, destruction(item, Some(1), None), "copy"),
            (Role::DeskOfficer, destruction(item, None, Some(Digest([1; 32]))), "first"),
        ];
        for (role, destruction, field) in refused {
            let why = destroys(&at_tokyo, role, destruction).await.unwrap_err();
            assert!(why.starts_with(field), "{field}: {why}");
        }
        let first = destroys(&at_tokyo, Role::DeskOfficer, destruction(item, None, None)).await.unwrap();
        let twice =
            destroys(&at_tokyo, Role::DeskOfficer, destruction(item, None, Some(first))).await.unwrap_err();
        assert!(twice.starts_with("signer"), "{twice}");
        assert!(office.sealed(&item.item_digest).is_ok(), "one signature destroys nothing");
        destroys(&at_tokyo, Role::Registrar, destruction(item, None, Some(first))).await.unwrap();
        until(|| office.sealed(&item.item_digest).is_err().then_some(())).await;
        until(|| office.papers.get(&item.manifest).unwrap().is_none().then_some(())).await;
        let opened = {
            let view = office.view.read();
            desk::open(&view, &office.pack, clock(), &person(Role::DeskOfficer), item.id, "").err()
        };
        assert_eq!(opened, Some(Unknown::Destroyed(item.id).into()));
        let what: Destroyed = desk::destroyed(item, None);
        until(|| at_seoul.node.office.view.read().destructions.of(&what)?.1.map(|_| ())).await;
        let view = at_seoul.node.office.view.read();
        let (one, two) = view.destructions.of(&what).unwrap();
        assert_eq!((&one.by, &two.unwrap().by), (&person(Role::DeskOfficer), &person(Role::Registrar)));
        assert_eq!(one.node.as_ref(), Some(&tokyo.name));
        let paper = at_seoul.node.office.papers.get(&two.unwrap().statement).unwrap();
        assert!(paper.is_some(), "the certificate is kept");
    }
    assert!(office.sealed(&spared[0].item_digest).is_ok(), "another item is untouched");
    let stock = take_stock(&office.papers, office.vault.as_ref(), &office.pack).unwrap();
    assert_eq!(stock.items, 1, "what is destroyed is not missed");
    // The sender destroys its own as well; that is nobody else's affair.
    registrar(&at_seoul, &KOREA).await;
    let own = at_seoul.node.office.view.read().item(&ItemId([1; 16])).unwrap().clone();
    let alone = |first| Destruction { to: None, ..destruction(&own, None, first) };
    let first = destroys(&at_seoul, Role::DeskOfficer, alone(None)).await.unwrap();
    destroys(&at_seoul, Role::Registrar, alone(Some(first))).await.unwrap();
    until(|| at_seoul.node.office.papers.get(&own.title.unwrap()).unwrap().is_none().then_some(())).await;
    until(|| at_seoul.node.office.papers.get(&own.draft_manifest.unwrap()).unwrap().is_none().then_some(()))
        .await;
    drop(office);
    at_seoul.stop().await;
    at_tokyo.stop().await;
    let again = tokyo.start().await;
    let destroyed = again.node.office.view.read().live(&doomed[0].id).err();
    assert_eq!(destroyed, Some(Unknown::Destroyed(doomed[0].id)), "still destroyed after a start");
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_the_originator_does_not_have_in_time_is_raised_once() {
    let (_seoul, _tokyo, at_seoul, at_tokyo, item) = holding().await;
    at_seoul.stop().await;
    both_destroy(&at_tokyo, &item, None).await;
    let office = Arc::clone(&at_tokyo.node.office);
    let late = clock().plus_hours(30 * 24);
    let mut chores = Chores::default();
    let fresh = [DispatchId([1; 16]), DispatchId([2; 16])];
    assert!(chores.next(&office, &fresh, clock()).is_empty(), "it is not late yet");
    assert!(Chores::owed(&office, late).is_some());
    let plan = chores.next(&office, &fresh, late).pop().unwrap();
    let incident = &plan.acts[0];
    assert!(
        matches!(incident, Act::IncidentRaised { code, .. } if code == CERTIFICATE_OVERDUE),
        "{incident:?}"
    );
    let shown = {
        let view = office.view.read();
        fields(late, incident, b"", &view, "gsomia-2016", 9)
    };
    let text = |field: usize| String::from_utf8(shown[field].clone()).unwrap();
    assert_eq!((text(FIELD_PARTNER), text(FIELD_DUE)), ("seoul.kor".to_owned(), "late".to_owned()));
    assert!(at_tokyo.node.commit(plan).await.unwrap().is_ok());
    assert!(chores.next(&office, &fresh, late).is_empty(), "it is told once");
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_signature_and_a_request_made_at_once_are_not_both_recorded() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    registrar(&at_seoul, &KOREA).await;
    let office = Arc::clone(&at_seoul.node.office);
    for (id, destroys_first) in [(1, true), (2, false)] {
        released(&at_seoul, &KOREA, id, 100, &tokyo.name).await;
        admit(&at_tokyo, &JAPAN, 1).await;
        receipted(&at_seoul, id.into()).await;
        let item = office.view.read().item(&ItemId([id; 16])).unwrap().clone();
        let alone = |first| Destruction { to: None, ..destruction(&item, None, first) };
        let first = destroys(&at_seoul, Role::DeskOfficer, alone(None)).await.unwrap();
        let last = signed(&at_seoul, Role::Registrar, alone(Some(first)));
        let request = Request {
            case: CaseId([id + 8; 16]),
            item_digest: item.item_digest,
            label_digest: item.marked().unwrap().label,
            recipient: tokyo.name.clone(),
            purpose: "early warning (fictitious)".to_owned(),
        };
        let request = signed(&at_seoul, Role::Analyst, request);
        let (destroyed, requested) = {
            let view = office.view.read();
            let destroyed = desk::destroy(&view, &office.pack, clock(), &last).unwrap();
            (destroyed.plan, desk::request(&view, &office.pack, clock(), &request).unwrap().plan)
        };
        let (one, other) = if destroys_first { (destroyed, requested) } else { (requested, destroyed) };
        assert!(at_seoul.node.commit(one).await.unwrap().is_ok());
        assert!(at_seoul.node.commit(other).await.unwrap().is_err(), "destroyed first: {destroys_first}");
    }
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

type Write<'a> = &'a mut dyn FnMut(&str, &[u8]) -> std::io::Result<()>;

/// What nodes hand out, in one folder with this heading.
fn in_one_folder<const N: usize>(
    heading: &str,
    nodes: [&Running; N],
    hand_out: impl Fn(&Running, Write<'_>),
) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for running in nodes {
        let mut write = |path: &str, bytes: &[u8]| {
            let whole = folder.path().join(path);
            std::fs::create_dir_all(whole.parent().unwrap()).unwrap();
            std::fs::write(whole, bytes)
        };
        hand_out(running, &mut write);
        names.push(format!("\"{}\"", running.node.office.identity.node));
    }
    let heading = folder.path().join(heading);
    let text = std::fs::read_to_string(&heading).unwrap();
    std::fs::write(&heading, text.replace(names.last().unwrap(), &names.join(","))).unwrap();
    folder
}

/// What both nodes hand out about the one item that crossed.
fn bundle(nodes: [(&Running, ItemId); 2]) -> tempfile::TempDir {
    in_one_folder("item.json", nodes.map(|(running, _)| running), |running, write| {
        let item = nodes.iter().find(|(node, _)| std::ptr::eq(*node, running)).unwrap().1;
        running.node.office.item_evidence(&item, write).unwrap().unwrap();
    })
}

/// What nodes hand out of their whole logs.
fn whole_logs<const N: usize>(nodes: [&Running; N], extent: Extent) -> tempfile::TempDir {
    in_one_folder("evidence.json", nodes, |running, write| {
        running.node.office.evidence(extent, write).unwrap();
    })
}

/// How often a check holds, does not, and is not shown.
fn told(report: &Report, check: &str) -> [usize; 3] {
    let count = |is: fn(&Outcome) -> bool| {
        report.findings.iter().filter(|found| found.check == check && is(&found.outcome)).count()
    };
    [
        count(|outcome| matches!(outcome, Outcome::Proved)),
        count(|outcome| matches!(outcome, Outcome::Failed(_))),
        count(|outcome| matches!(outcome, Outcome::NotShown(_))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_destroyed_item_is_proved_to_its_end_by_both_nodes() {
    let (seoul, tokyo, at_seoul, at_tokyo, item) = holding().await;
    at_tokyo.node.publish().await.unwrap();
    let sent = || at_seoul.node.office.view.read().dispatches.all_sent().next().unwrap().promise;
    until(|| sent().proof()).await;
    let trust = Trust {
        fingerprints: [&seoul, &tokyo].map(|site| Card::fingerprint(&site.card)).to_vec(),
        ..Default::default()
    };
    let own = ItemId([1; 16]);
    let first = destroys(&at_tokyo, Role::DeskOfficer, destruction(&item, None, None)).await.unwrap();
    at_tokyo.node.publish().await.unwrap();
    at_seoul.node.publish().await.unwrap();
    let half = bundle([(&at_seoul, own), (&at_tokyo, item.id)]);
    let report = verify_any(half.path(), &trust);
    assert_eq!(report.verdict, Verdict::Incomplete, "{}", report.plain());
    assert!(!report.life.unwrap().is_destroyed, "one signature destroys nothing");

    destroys(&at_tokyo, Role::Registrar, destruction(&item, None, Some(first))).await.unwrap();
    let what = desk::destroyed(&item, None);
    until(|| at_seoul.node.office.view.read().destructions.of(&what)?.1.map(|_| ())).await;
    at_tokyo.node.publish().await.unwrap();
    at_seoul.node.publish().await.unwrap();
    let whole = bundle([(&at_seoul, own), (&at_tokyo, item.id)]);
    let report = verify_any(whole.path(), &trust);
    assert_eq!(report.verdict, Verdict::Proved, "{}", report.plain());
    assert!(report.life.as_ref().unwrap().is_destroyed);
    let signed = report.findings.iter().filter(|finding| finding.check == "V-016").count();
    assert_eq!(signed, 4, "two signatures at either node");

    // Without the first one the second is no certificate.
    let step =
        |act: &str| report.life.as_ref().unwrap().steps.iter().find(|step| step.act == act).unwrap().clone();
    let first = step("destruction mirrored");
    std::fs::remove_file(whole.path().join(format!("{}/acts/{}.json", first.node, first.index))).unwrap();
    let report = verify_any(whole.path(), &trust);
    assert_eq!(report.verdict, Verdict::Failed, "{}", report.plain());
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_logs_show_who_signed_each_destruction_to_whoever_may_read_names() {
    let (seoul, tokyo, at_seoul, at_tokyo, item) = holding().await;
    let publish = async || {
        at_tokyo.node.publish().await.unwrap();
        at_seoul.node.publish().await.unwrap();
    };
    publish().await;
    let sent = || at_seoul.node.office.view.read().dispatches.all_sent().next().unwrap().promise;
    until(|| sent().proof()).await;
    let trust = Trust {
        fingerprints: [&seoul, &tokyo].map(|site| Card::fingerprint(&site.card)).to_vec(),
        ..Default::default()
    };
    let both = |extent| whole_logs([&at_seoul, &at_tokyo], extent);
    let verified = |folder: &tempfile::TempDir| verify_any(folder.path(), &trust);
    let first = destroys(&at_tokyo, Role::DeskOfficer, destruction(&item, None, None)).await.unwrap();
    publish().await;
    let half = verified(&both(Extent::Rulings));
    assert_eq!(half.verdict, Verdict::Incomplete, "{}", half.plain());
    assert_eq!(told(&half, "V-016")[0], 0, "one signature destroys nothing");

    destroys(&at_tokyo, Role::Registrar, destruction(&item, None, Some(first))).await.unwrap();
    let what = desk::destroyed(&item, None);
    until(|| at_seoul.node.office.view.read().destructions.of(&what)?.1.map(|_| ())).await;
    publish().await;
    let whole = verified(&both(Extent::Rulings));
    assert_eq!(whole.verdict, Verdict::Proved, "{}", whole.plain());
    assert_eq!((told(&whole, "V-016"), told(&whole, "V-078")), ([4, 0, 0], [2, 0, 0]));
    let acts = both(Extent::Acts);
    let unnamed = verified(&acts);
    assert_eq!(unnamed.verdict, Verdict::Incomplete, "{}", unnamed.plain());
    assert_eq!((told(&unnamed, "V-016"), told(&unnamed, "V-078")), ([0, 0, 0], [0, 0, 2]));
    assert!(!acts.path().join("tokyo.jpn/acts").exists() && !acts.path().join("tokyo.jpn/cited").exists());
    // The keys of Tokyo's people are in its own log; Seoul's notices are under Tokyo's key.
    let alone = verified(&whole_logs([&at_tokyo], Extent::Rulings));
    assert_eq!((told(&alone, "V-016"), told(&alone, "V-078")), ([2, 0, 0], [1, 0, 0]), "{}", alone.plain());
    let alone = verified(&whole_logs([&at_seoul], Extent::Rulings));
    assert_eq!((told(&alone, "V-016"), told(&alone, "V-078")), ([0, 0, 2], [1, 0, 0]), "{}", alone.plain());

    let without = |change: &dyn Fn(&Path)| {
        let folder = both(Extent::Rulings);
        // Asking each ruling again takes longest, and is another matter.
        for part in ["seoul.kor/rulings", "tokyo.jpn/rulings", "seoul.kor/packs", "tokyo.jpn/packs"] {
            std::fs::remove_dir_all(folder.path().join(part)).unwrap();
        }
        change(folder.path());
        verified(&folder)
    };
    assert_eq!(without(&|_| ()).verdict, Verdict::Proved, "the control");
    let files = |folder: &Path, part: &str| {
        let mut files: Vec<_> =
            std::fs::read_dir(folder.join(part)).unwrap().map(|file| file.unwrap().path()).collect();
        // Entries in the order of the log: people are enrolled before they sign.
        files.sort_by_key(|file| (file.as_os_str().len(), file.clone()));
        files
    };
    for part in ["seoul.kor/acts", "tokyo.jpn/acts", "seoul.kor/cited", "tokyo.jpn/cited"] {
        let folder = both(Extent::Rulings);
        let names = files(folder.path(), part);
        for (at, name) in names.iter().enumerate() {
            let place = name.strip_prefix(folder.path()).unwrap();
            let bytes = std::fs::read(name).unwrap();
            let is_enrolment = part == "tokyo.jpn/acts" && at < names.len() - 2;
            let missing = without(&|folder| std::fs::remove_file(folder.join(place)).unwrap());
            let verdict = if is_enrolment { Verdict::Proved } else { Verdict::Failed };
            assert_eq!(missing.verdict, verdict, "without {place:?}: {}", missing.plain());
            let other = std::fs::read(&names[(at + 1) % names.len()]).unwrap();
            let swapped = without(&|folder| std::fs::write(folder.join(place), &other).unwrap());
            assert_eq!(swapped.verdict, Verdict::Failed, "another in place of {place:?}");
            let mut altered = bytes.clone();
            altered[bytes.len() / 2] ^= 1;
            let altered = without(&|folder| std::fs::write(folder.join(place), &altered).unwrap());
            assert_eq!(altered.verdict, Verdict::Failed, "one bit of {place:?}");
        }
    }
    // As a build handed it out that knew nothing of this: nothing failed, and nothing is shown.
    let older = without(&|folder| {
        for part in ["seoul.kor/acts", "tokyo.jpn/acts", "seoul.kor/cited", "tokyo.jpn/cited"] {
            std::fs::remove_dir_all(folder.join(part)).unwrap();
        }
    });
    assert_eq!((older.verdict, told(&older, "V-078")), (Verdict::Incomplete, [0, 0, 2]), "{}", older.plain());
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_destroyed_after_the_backup_is_destroyed_again_by_the_words_that_the_partner_has() {
    let (seoul, tokyo, at_seoul, at_tokyo, item) = holding().await;
    at_tokyo.stop().await;
    let backup = tokyo.backup();

    let at_tokyo = tokyo.start().await;
    both_destroy(&at_tokyo, &item, None).await;
    let what: Destroyed = desk::destroyed(&item, None);
    until(|| at_seoul.node.office.view.read().destructions.of(&what)?.1.map(|_| ())).await;
    at_tokyo.stop().await;
    let papers = &at_seoul.node.office.papers;
    let words = words_of(papers, &tokyo.name, Timestamp(0)).unwrap();
    assert_eq!(words.len(), 3, "each of the two signed, and there is a receipt");
    assert!(words_of(papers, &tokyo.name, clock().plus_hours(1)).unwrap().is_empty());
    assert!(words_of(papers, &seoul.name, Timestamp(0)).unwrap().is_empty());

    // What is brought back has the item.
    tokyo.brought_back(&backup);
    let not_ours = signed(&at_seoul, Role::DeskOfficer, destruction(&item, None, None));
    let at_tokyo = tokyo.start_with([words.clone(), vec![not_ours]].concat()).await;
    let mut standing = at_tokyo.node.office.settling.standing();
    standing.wait_for(|standing| standing.is_settled()).await.unwrap();
    {
        let view = at_tokyo.node.office.view.read();
        assert!(view.live(&item.id).is_err() && view.destructions.of(&what).unwrap().1.is_some());
        assert!(view.raised.contains_key(WORD_NOT_TAKEN), "nobody of ours signed the third");
    }
    until(|| at_tokyo.node.office.sealed(&item.item_digest).is_err().then_some(())).await;
    // What is on record is not recorded twice.
    at_tokyo.stop().await;
    let at_tokyo = tokyo.start_with(words).await;
    let mut standing = at_tokyo.node.office.settling.standing();
    standing.wait_for(|standing| standing.is_settled()).await.unwrap();
    let entries = at_tokyo.node.office.papers.entries(0, 4096).unwrap();
    let signed = entries.iter().filter(|(_, entry)| matches!(entry.act, Act::DestructionSigned { .. }));
    assert_eq!(signed.count(), 2);
    at_tokyo.stop().await;
    at_seoul.stop().await;
}
