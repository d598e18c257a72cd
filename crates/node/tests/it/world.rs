//! A small node: fictitious people, a partner, an agreement in force, one marked item and a case about it.

use attache_accord::act::Act;
use attache_accord::agreement::Position;
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::ruling::Assured;
use attache_accord::view::Ask;
use attache_accord::{CaseId, Digest, ItemId, Marking, Network, Party, PersonId, Timestamp};
use attache_custody::{Custodian, RestKey};
use attache_node::engine::{Engine, Plan};
use attache_release::Pack;
use attache_seal::kem::KemSecret;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_store::Journal;
use attache_tlog::Origin;
use std::sync::Arc;

pub const NOW: Timestamp = Timestamp(1_780_000_000_000);
pub const ITEM: ItemId = ItemId([1; 16]);
pub const CASE: CaseId = CaseId([2; 16]);
pub const LABEL: Digest = Digest([8; 32]);
pub const ITEM_DIGEST: Digest = Digest([3; 32]);

pub fn party(text: &str) -> Party {
    text.parse().unwrap()
}

pub fn person(text: &str) -> PersonId {
    text.parse().unwrap()
}

pub fn origin() -> Origin {
    Origin::new("log.example/seoul").unwrap()
}

pub fn rest() -> Arc<RestKey> {
    Arc::new(RestKey::new(&[9; 32]).unwrap())
}

pub fn custodian() -> Arc<Custodian> {
    Arc::new(Custodian::new(Arc::new(Pack::gsomia_2016()), KemSecret::generate().unwrap()))
}

pub fn engine_on(journal: Box<dyn Journal>, custodian: &Arc<Custodian>) -> Engine {
    Engine::open(journal, "test", rest(), origin(), Arc::clone(custodian)).unwrap()
}

/// Commits acts as one plan that must stand.
pub fn commit(engine: &mut Engine, acts: Vec<Act>) -> u64 {
    let plan = Plan::new(&engine.view().read(), acts);
    engine.commit(NOW, &[plan]).unwrap().remove(0).unwrap().first_index
}

/// The keys of a person, made from the first letter of the pseudonym.
pub fn keys(id: &str) -> SigningPair {
    SigningPair::from_seed_bytes(&[id.as_bytes()[0]; 64]).unwrap()
}

fn enrolled(id: &str, role: Role, duties: &[&str]) -> Act {
    let cleared = Clearance { level: "KOR:II".parse().unwrap(), until: NOW.plus_hours(24 * 365) };
    let administrator = role == Role::Administrator;
    Act::PersonEnrolled {
        person: Person {
            id: person(id),
            party: party("KOR"),
            roles: [role].into(),
            clearance: (!administrator).then_some(cleared),
            duties: duties.iter().map(|kind| kind.parse().unwrap()).collect(),
        },
        verifying: minicbor::to_vec(keys(id).verifying()).unwrap().into(),
        by: None,
    }
}

/// What the item is marked with.
pub fn marking() -> Marking {
    Marking {
        level: "KOR:II".parse().unwrap(),
        releasable_to: [party("JPN")].into(),
        kind: "humint".parse().unwrap(),
        caveats: vec![],
        marked_at: NOW,
        topics: Default::default(),
        control: None,
        purposes: [].into(),
    }
}

/// Everything up to a case that waits for its second person.
pub fn found(engine: &mut Engine) {
    let pack = Pack::gsomia_2016();
    let admin = person("admin-1");
    let position = |code| Position { party: party(code), from: Some(Timestamp(0)), until: None };
    let recorded = |code| Act::PositionRecorded {
        position: position(code),
        basis: "note 1 (fictitious)".into(),
        by: admin.clone(),
    };
    commit(
        engine,
        vec![
            Act::Founded {
                node: "seoul.kor".parse().unwrap(),
                party: party("KOR"),
                network: Network::Demo,
                agreement: "gsomia-2016".into(),
                pack: pack.digest(),
                log_origin: origin().as_str().into(),
            },
            enrolled("admin-1", Role::Administrator, &[]),
            enrolled("analyst-1", Role::Analyst, &["humint"]),
            enrolled("fdo-1", Role::DisclosureOfficer, &["humint"]),
        ],
    );
    commit(
        engine,
        vec![
            Act::PeerAdded {
                node: "tokyo.jpn".parse().unwrap(),
                party: party("JPN"),
                card: Digest([4; 32]),
                by: admin.clone(),
            },
            recorded("KOR"),
            recorded("JPN"),
            Act::AssuranceRecorded {
                party: party("JPN"),
                assured: Assured {
                    person: person("desk-1"),
                    level: "JPN:TOKUTEI".parse().unwrap(),
                    expires: NOW.plus_hours(24),
                },
                assurance: Digest([5; 32]),
                by: admin.clone(),
            },
        ],
    );
    add_item(engine);
    let request = Act::ReleaseRequested {
        case: CASE,
        item: ITEM,
        recipient: "tokyo.jpn".parse().unwrap(),
        request: Digest([9; 32]),
        by: person("analyst-1"),
    };
    commit(engine, vec![request]);
}

fn add_item(engine: &mut Engine) {
    let analyst = person("analyst-1");
    commit(
        engine,
        vec![Act::ItemAdded {
            item: ITEM,
            size: 11,
            item_digest: ITEM_DIGEST,
            manifest: Digest([6; 32]),
            title: Digest([7; 32]),
            extract_of: None,
            by: analyst.clone(),
        }],
    );
    commit(
        engine,
        vec![Act::ItemMarked {
            item: ITEM,
            marking: marking(),
            label: LABEL,
            manifest: Digest([6; 32]),
            by: analyst,
        }],
    );
}

/// The question whether the case may be released, as the disclosure officer asks it.
pub fn release() -> (PersonId, Ask) {
    (person("fdo-1"), Ask::Release { case: CASE })
}
