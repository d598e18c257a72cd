//! Sealed copies: what was made or received here without a foreign client, and opens with one by this node's key access service.

use crate::client::Answered;
use crate::crossing::{admitted, approved, asked_for, introduced_to};
use crate::kas::{destroyed, recorded};
use crate::machine::Machine;
use crate::world::{ADMIN, World, seoul, serving, serving_as};
use attache_accord::act::Act;
use attache_accord::control::{Recall, Taken};
use attache_custody::ServiceKind;
use attache_node::fault::{Failure, Fault};
use attache_rewrap::answer::DENIAL;
use attache_seal::tdf::{Container, KeyAccessKind, Manifest, Policy, open_stream};
use serde_json::{Value, json};
use std::io::Cursor;

const OFFICER: &str = "desk-officer-1";

/// A sealed copy as a machine client has it.
struct SealedCopy {
    tdf: Vec<u8>,
    number: u64,
}

impl SealedCopy {
    /// The desk officer makes the next copy of an item and fetches it.
    async fn of(world: &World, item: &str, algorithm: Option<&str>) -> Self {
        let desk = world.sign_in(OFFICER).await;
        let wanted = json!({ "needed": 4, "algorithm": algorithm });
        let made = desk.post(&format!("/v1/items/{item}/sealed-copies"), wanted).await.good();
        let number = made["number"].as_u64().unwrap();
        Self { tdf: fetched(world, OFFICER, item, number).await.body, number }
    }

    fn container(&self) -> Container<Cursor<&[u8]>> {
        Container::open(Cursor::new(self.tdf.as_slice())).unwrap()
    }

    /// What a client asks for its key with.
    fn asked(&self, machine: &Machine) -> Value {
        let container = self.container();
        let manifest = container.manifest();
        let object = json!({ "keyAccessObjectId": "kao-0", "keyAccessObject": manifest.key_access[0] });
        json!({ "clientPublicKey": machine.client_key(), "requests": [{
            "policy": { "id": "policy", "body": manifest.policy_base64 }, "keyAccessObjects": [object] }] })
    }

    /// The plaintext, by the key that the machine asks for.
    async fn opened(&self, machine: &Machine) -> Vec<u8> {
        let key = machine.key_in(&machine.ask(&self.asked(machine)).await.good());
        let (mut container, mut plain) = (self.container(), Vec::new());
        container.manifest().key_access[0].check_binding(&key, &container.manifest().policy_base64).unwrap();
        open_stream(&mut container, &key, None, &mut plain).unwrap();
        plain
    }

    async fn denied(&self, machine: &Machine) {
        let answer = machine.ask(&self.asked(machine)).await.good();
        assert_eq!(answer["responses"][0]["results"][0]["error"], DENIAL, "{answer}");
    }
}

async fn fetched(world: &World, person: &str, item: &str, number: u64) -> Answered {
    let path = format!("/v1/items/{item}/sealed-copies/{number}");
    world.sign_in(person).await.call("GET", &path, None).await
}

fn acts(world: &World) -> Vec<Act> {
    let size = world.node.office.view.read().size;
    (0..size).filter_map(|index| world.node.office.papers.entry(index).unwrap()).map(|e| e.act).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_what_no_client_sealed_is_numbered_and_opens_by_a_ruling_each_time() {
    let world = serving().await;
    let machine = Machine::of(&world, "analyst-1", false).await;
    // Several segments, and no round number of them.
    let report: Vec<u8> = (0..2_500_000_u32).map(|at| (at % 251) as u8).collect();
    let item = world.sign_in("analyst-1").await.marked("early warning", &report, "KOR:II", &["JPN"]).await;
    for (number, algorithm, kind) in
        [(1, None, KeyAccessKind::Wrapped), (2, Some("ec:secp256r1"), KeyAccessKind::EcWrapped)]
    {
        let copy = SealedCopy::of(&world, &item, algorithm).await;
        assert_eq!(copy.number, number);
        let last = acts(&world);
        let [
            ..,
            Act::Ruled { ruling, .. },
            Act::Handled { .. },
            Act::KeyMoved { .. },
            Act::CopySealed { .. },
        ] = &last[..]
        else {
            panic!("a copy is ruled on, numbered and sealed in this order")
        };
        assert!(ruling.granted);
        let container = copy.container();
        let manifest = container.manifest();
        assert_eq!((manifest.key_access.len(), manifest.key_access[0].kind), (1, kind));
        assert!(manifest.key_access[0].encrypted_metadata.is_none(), "a copy bears no title");
        let policy = Policy::from_base64(&manifest.policy_base64).unwrap().attributes;
        let names = ["level/value/kor-ii", "kind/value/humint", "releasable-to/value/jpn"];
        assert_eq!(policy[..3], names.map(|name| format!("https://seoul.kor/attr/{name}")));
        assert!(
            matches!(&policy[3..], [date] if date.starts_with("https://seoul.kor/attr/marked-at/value/"))
        );
        let before = recorded(&world).len();
        assert!(copy.opened(&machine).await == report);
        let person = "analyst-1".to_owned();
        assert_eq!(recorded(&world)[before..], [("granted", person.clone()), ("opened", person)]);
    }
    let listed = world.node.office.view.read().holdings.of(&item.parse().unwrap());
    assert!(listed.copies.iter().all(|copy| copy.sealed.is_some() && copy.keeper.as_str() == OFFICER));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_opens_for_whoever_may_open_the_item_while_it_is_out_and_the_item_is_there() {
    let world = serving().await;
    let admin = world.sign_in(ADMIN).await;
    admin.enrol("analyst-2", "analyst", Some("KOR:III")).await;
    admin.enrol("desk-officer-2", "desk-officer", Some("KOR:II")).await;
    let machine = Machine::of(&world, "analyst-1", true).await;
    let uncleared = Machine::of(&world, "analyst-2", true).await;
    let item = world.sign_in("analyst-1").await.marked("report", b"text", "KOR:II", &[]).await;
    let [one, two] = [SealedCopy::of(&world, &item, None).await, SealedCopy::of(&world, &item, None).await];
    assert_eq!(one.opened(&machine).await, b"text");
    uncleared_is_denied(&world, &one, &uncleared).await;

    let back = format!("/v1/items/{item}/copies/{}/return", one.number);
    world.sign_in("registrar-1").await.post(&back, json!({})).await.good();
    one.denied(&machine).await;
    assert_eq!(fetched(&world, OFFICER, &item, one.number).await.field(), (400, "number".into()));
    assert_eq!(two.opened(&machine).await, b"text", "the other one is out still");

    destroyed(&world, &item, Some(2)).await;
    two.denied(&machine).await;
    destroyed(&world, &item, Some(1)).await;
    let manifest = Manifest::digest(&two.container().manifest().to_json().unwrap());
    assert!(world.node.office.papers.has(&manifest).unwrap());
    destroyed(&world, &item, None).await;
    two.denied(&machine).await;
    let gone = async || {
        while world.node.office.papers.has(&manifest).unwrap() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), gone())
        .await
        .expect("its wrapped key is forgotten");
}

async fn uncleared_is_denied(world: &World, copy: &SealedCopy, uncleared: &Machine) {
    let before = recorded(world).len();
    copy.denied(uncleared).await;
    assert_eq!(recorded(world)[before..], [("refused", "analyst-2".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_on_a_copy_opens_nothing_and_one_on_an_opening_makes_no_copy() {
    let world = serving().await;
    let item = world.sign_in("analyst-1").await.marked("report", b"text", "KOR:II", &[]).await;
    SealedCopy::of(&world, &item, None).await;
    let desk = world.sign_in(OFFICER).await;
    desk.call("POST", &format!("/v1/items/{item}/opening"), None).await;
    let rulings: Vec<u64> = (0..)
        .zip(acts(&world))
        .filter_map(|(index, act)| {
            matches!(act, Act::Ruled { ruling, .. } if ruling.granted).then_some(index)
        })
        .collect();
    let [copied, opened] = rulings[..] else { panic!("{rulings:?}") };
    let (office, now, by) = (&world.node.office, world.node.now(), OFFICER.parse().unwrap());
    let Err(failure) = office.reading(now, &by, item.parse().unwrap(), copied) else { panic!("it opens") };
    assert!(matches!(failure, Failure::Fault(Fault::Custody(_))), "{failure}");
    assert!(office.reading(now, &by, item.parse().unwrap(), opened).is_ok(), "the control");
    let service = (ServiceKind::Rsa, "https://seoul.kor/kas");
    assert!(office.seal_copy(opened, service, now).is_err());
    let again = office.seal_copy(copied, service, now).unwrap_err();
    assert!(matches!(again, Failure::Misuse(_)), "one copy is sealed once: {again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_made_by_whom_the_rules_let_copy_and_fetched_by_its_keeper_and_comes_back_as_no_other_item()
{
    let world = serving().await;
    let item = world.sign_in("analyst-1").await.marked("report", b"text", "KOR:II", &[]).await;
    let path = format!("/v1/items/{item}/sealed-copies");
    let refused = world.sign_in("analyst-1").await.post(&path, json!({ "needed": 1 })).await;
    assert_eq!(refused.problem(), (403, "refused".into()));
    let desk = world.sign_in(OFFICER).await;
    let odd = desk.post(&path, json!({ "needed": 1, "algorithm": "rsa:512" })).await;
    assert_eq!(odd.field(), (400, "algorithm".into()));
    let copy = SealedCopy::of(&world, &item, None).await;
    assert_eq!(copy.number, 1, "what was refused took no number");
    for person in ["analyst-1", "disclosure-officer-1"] {
        assert_eq!(fetched(&world, person, &item, 1).await.field(), (400, "number".into()));
    }
    let described = json!({ "title": "another", "tdf": true });
    let laundered = world.sign_in("analyst-1").await.add(described, &copy.tdf).await;
    assert_eq!(laundered.field(), (400, "policy".into()), "it says more than a policy to be kept");

    let keyless = seoul().await;
    let item = keyless.sign_in("analyst-1").await.marked("report", b"text", "KOR:II", &[]).await;
    let desk = keyless.sign_in(OFFICER).await;
    let none = desk.post(&format!("/v1/items/{item}/sealed-copies"), json!({ "needed": 1 })).await;
    assert_eq!(none.field(), (400, "kas".into()));
    assert!(keyless.node.office.view.read().holdings.of(&item.parse().unwrap()).copies.is_empty());
}

/// An item of Seoul's that Tokyo has admitted, and its id there.
async fn received(control: Option<&str>, caveats: &[&str]) -> (World, World, String) {
    let tokyo = serving_as("tokyo.jpn", "JPN").await;
    let (seoul, tokyo) = introduced_to(seoul().await, tokyo).await;
    let analyst = seoul.sign_in("analyst-1").await;
    let added = analyst.add(json!({ "title": "report" }), b"from Seoul").await.good();
    let item = added["item"].as_str().unwrap().to_owned();
    let marking = json!({ "level": "KOR:II", "kind": "humint", "releasable_to": ["JPN"],
        "control": control, "caveats": caveats });
    analyst.post(&format!("/v1/items/{item}/marking"), marking).await.good();
    drop(analyst);
    asked_for(&seoul, &item).await.good();
    approved(&seoul).await;
    let admitted = admitted(&tokyo).await;
    let here = admitted["item"].as_str().unwrap().to_owned();
    (seoul, tokyo, here)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_what_a_partner_gave_says_whose_it_is_and_opens_until_it_is_recalled() {
    let (seoul, tokyo, item) = received(None, &[]).await;
    let machine = Machine::of(&tokyo, OFFICER, false).await;
    let copy = SealedCopy::of(&tokyo, &item, None).await;
    let policy = Policy::from_base64(&copy.container().manifest().policy_base64).unwrap().attributes;
    let levels =
        ["https://tokyo.jpn/attr/level/value/jpn-gokuhi", "https://tokyo.jpn/attr/level/value/jpn-tokutei"];
    assert!(levels.contains(&policy[0].as_str()), "{policy:?}");
    let names = [
        "kind/value/humint",
        "releasable-to/value/jpn",
        "originator/value/kor",
        "originator-level/value/kor-ii",
    ];
    assert_eq!(policy[1..5], names.map(|name| format!("https://tokyo.jpn/attr/{name}")));
    assert_eq!(copy.opened(&machine).await, b"from Seoul");
    recalled(&seoul, &tokyo).await;
    copy.denied(&machine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_bears_the_caveats_that_its_originator_wrote() {
    let (_seoul, tokyo, item) = received(None, &["NO FURTHER USE", "구두 전달 금지"]).await;
    let machine = Machine::of(&tokyo, OFFICER, false).await;
    let copy = SealedCopy::of(&tokyo, &item, None).await;
    let policy = Policy::from_base64(&copy.container().manifest().policy_base64).unwrap().attributes;
    for words in ["no%20further%20use", "%ea%b5%ac%eb%91%90%20%ec%a0%84%eb%8b%ac%20%ea%b8%88%ec%a7%80"] {
        assert!(policy.contains(&format!("https://tokyo.jpn/attr/caveat/value/{words}")), "{policy:?}");
    }
    assert_eq!(copy.opened(&machine).await, b"from Seoul");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_what_its_originator_controls_opens_with_its_consent_of_that_moment_only() {
    let (seoul, tokyo, item) = received(Some("rule"), &[]).await;
    let machine = Machine::of(&tokyo, OFFICER, false).await;
    let copy = SealedCopy::of(&tokyo, &item, None).await;
    let policy = Policy::from_base64(&copy.container().manifest().policy_base64).unwrap().attributes;
    assert!(
        policy.contains(&"https://tokyo.jpn/attr/originator-control/value/rule".to_owned()),
        "{policy:?}"
    );
    let key = machine.key_in(&machine.ask(&copy.asked(&machine)).await.good());
    let (mut container, mut plain) = (copy.container(), Vec::new());
    open_stream(&mut container, &key, None, &mut plain).unwrap();
    assert_eq!(plain, b"from Seoul");
    let asked = acts(&seoul).iter().filter(|act| matches!(act, Act::OpeningReceived { .. })).count();
    assert_eq!(asked, 1, "its originator was asked");
    machine.key_in(&machine.ask(&copy.asked(&machine)).await.good());
    seoul.node.shut_down().await;
    copy.denied(&machine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_call_for_what_waits_for_its_originator_loses_none_of_the_keys_that_it_asks_for_beside() {
    let (seoul, tokyo, item) = received(Some("rule"), &[]).await;
    let machine = Machine::of(&tokyo, OFFICER, false).await;
    let controlled = SealedCopy::of(&tokyo, &item, None).await;
    let own = tokyo.sign_in("analyst-1").await.marked("own report", b"of Tokyo", "JPN:TOKUTEI", &[]).await;
    let own = SealedCopy::of(&tokyo, &own, None).await;
    let [alone, beside] = [controlled.asked(&machine), controlled.asked(&machine)];
    let mut both = own.asked(&machine);
    both["requests"].as_array_mut().unwrap().push(beside["requests"][0].clone());
    let of_both = |answer: &Value| {
        let results = answer["responses"].as_array().unwrap().iter().map(|it| &it["results"][0]);
        results.map(|it| it["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Two at once, while it answers.
    let (one, two) = tokio::join!(machine.ask(&alone), machine.ask(&both));
    assert_eq!(
        (of_both(&one.good()), of_both(&two.good())),
        (vec!["permit".into()], vec!["permit".into(); 2])
    );
    // The first waits for an originator that is gone.
    seoul.node.shut_down().await;
    let asked = || acts(&tokyo).iter().filter(|act| matches!(act, Act::OpeningAsked { .. })).count();
    let before = asked();
    let second = async {
        while asked() == before {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        machine.ask(&both).await
    };
    let (one, two) = tokio::join!(machine.ask(&alone), second);
    let two = two.good();
    assert_eq!(
        (of_both(&one.good()), of_both(&two)),
        (vec!["fail".into()], vec!["permit".into(), "fail".into()])
    );
    assert_eq!(two["responses"][1]["results"][0]["error"], DENIAL);
    let (mut container, mut plain) = (own.container(), Vec::new());
    open_stream(&mut container, &machine.key_in(&two), None, &mut plain).unwrap();
    assert_eq!(plain, b"of Tokyo");
}

/// Seoul takes back what it gave, and Tokyo hears of it.
async fn recalled(seoul: &World, tokyo: &World) {
    let (item_digest, dispatch) = {
        let view = seoul.node.office.view.read();
        let item = view.items.iter().next().unwrap();
        let sent = view.dispatches.sent_of(&item.id).next().unwrap();
        (item.item_digest, sent.id)
    };
    let document = "letter 9 (fictitious)".to_owned();
    let recall =
        Recall { item_digest, dispatch, to: "tokyo.jpn".parse().unwrap(), taken: Taken::Back {}, document };
    let stated = seoul.stated("disclosure-officer-1", recall);
    seoul.sign_in("disclosure-officer-1").await.post("/v1/recalls", stated).await.good();
    let heard = async || {
        while tokyo.node.office.view.read().controls.recalled(&dispatch).is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), heard()).await.unwrap();
}
