//! Successions of logs at a partner's node: what is not exactly what it witnessed is refused, and nothing of the log is accepted until
//! a person decides.

use crate::nodes::{Running, administrator, clock, site};
use attache_accord::act::{Act, Answer};
use attache_accord::people::{Person, Role};
use attache_accord::{Digest, Network, PersonId};
use attache_courier::frame::Witnessed;
use attache_node::engine::Plan;
use attache_node::logs::decide;
use attache_node::notices::{Noting, notice_id};
use attache_node::office::Office;
use attache_node::steward;
use attache_node::succession::{FALSE_SUCCESSION, LOG_LOST};
use attache_node::witness::Witnessing;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{LogSuccession, Notice, SeenLog};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_tlog::{AddCheckpoint, Checkpoint, Hash, NoteSigner, Origin, sign_checkpoint};

fn office_of(key: u8) -> SigningPair {
    SigningPair::from_seed_bytes(&[key; 64]).unwrap()
}

fn officer() -> PersonId {
    "office-1".parse().unwrap()
}

/// Seoul, whose log Tokyo has witnessed by hand, and Tokyo.
struct Scene {
    seoul: Running,
    tokyo: Running,
    sites: [crate::nodes::Site; 2],
}

impl Scene {
    /// Seoul's log at 20 entries or more; Tokyo has cosigned its sizes 4, 9 and 16.
    async fn new() -> Self {
        let sites = [site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await];
        let (seoul, tokyo) = (sites[0].start().await, sites[1].start().await);
        tokyo.accept(&sites[0]).await;
        let roles = [Role::AgreementOffice].into();
        let party = tokyo.node.office.identity.party;
        let member = Person { id: officer(), party, roles, clearance: None, duties: Default::default() };
        let key = office_of(7);
        let enrol = |view: &_, _| steward::enrol(view, &administrator(), member.clone(), key.verifying());
        tokyo.node.carry_out(enrol).await.unwrap();
        let plan = Plan { acts: vec![Act::Padded {}; 20], ..Plan::default() };
        seoul.node.commit(plan).await.unwrap().unwrap();
        let scene = Self { seoul, tokyo, sites };
        for (old, size) in [(0, 4), (4, 9), (9, 16)] {
            let head = scene.log().papers.head_at(size).unwrap();
            let answer = scene.ask(old, size, &scene.log().checkpoint(&head).unwrap()).await;
            assert_eq!(answer.status, 200);
        }
        scene
    }

    fn log(&self) -> &Office {
        &self.seoul.node.office
    }

    async fn ask(&self, old: u64, size: u64, note: &str) -> Witnessed {
        let proof = self.log().papers.prove_growth(old, size).unwrap();
        let request = AddCheckpoint::new(old, proof, note).unwrap().to_string();
        match self.tokyo.node.office.weigh_head(&self.log().identity.node, request.as_bytes(), clock()) {
            Ok(Witnessing::Answer(answer)) => answer,
            Ok(Witnessing::Keep(plan, answer)) => {
                self.tokyo.node.commit(plan).await.unwrap().unwrap();
                answer
            }
            Err(fault) => panic!("{fault}"),
        }
    }

    /// Seoul's checkpoint under another origin, by its own keys.
    fn note_as(&self, origin: &str, size: u64, root: Option<Hash>) -> String {
        let head = self.log().papers.head_at(size).unwrap();
        let keyring = self.sites[0].keyring();
        let secret = keyring.to_secret_bytes().unwrap();
        let keys = attache_custody::Keyring::from_secret_bytes(&secret, origin).unwrap();
        let signers: [&NoteSigner; 2] = [&keys.log_ed25519, &keys.log_mldsa44];
        let origin = Origin::new(origin).unwrap();
        let root = root.unwrap_or(head.root);
        sign_checkpoint(&Checkpoint { origin, size, root, extensions: Vec::new() }, &signers).unwrap()
    }

    /// What an honest Seoul would say that was brought back with `size` entries.
    fn honest(&self, size: u64) -> LogSuccession {
        let root = |size| Digest(self.log().papers.head_at(size).unwrap().root.0);
        LogSuccession {
            node: self.log().identity.node.clone(),
            previous: "seoul.kor/log/1".to_owned(),
            origin: "seoul.kor/log/2".to_owned(),
            size,
            root: root(size),
            since: clock(),
            seen: vec![SeenLog { by: "tokyo.jpn".parse().unwrap(), size: 16, root: root(16) }],
            reason: "a disk (fictitious)".to_owned(),
        }
    }

    fn signed<B: Body>(&self, body: B, signer: &str, pair: &SigningPair) -> Signed {
        let head = Head {
            network: Network::Exercise,
            agreement: self.log().identity.agreement.clone(),
            pack: self.log().pack.digest(),
            signer: signer.to_owned(),
            key: pair.verifying().key_id(),
            at: clock(),
        };
        Signed::seal(&Statement { head, body }, pair).unwrap()
    }

    /// What Tokyo makes of it: the word for that. What is to be recorded is.
    async fn told(&self, said: LogSuccession) -> &'static str {
        self.brought(&self.signed(said, "office-1", &office_of(8))).await
    }

    async fn brought(&self, inner: &Signed) -> &'static str {
        let body = Notice { statement: inner.to_bytes(), verifying: office_of(8).verifying().clone() };
        let notice = self.signed(body, "seoul.kor", &self.sites[0].keyring().node).to_bytes();
        let (office, from) = (&self.tokyo.node.office, &self.log().identity.node);
        let (word, plan) = match office.weigh_notice(from, &notice_id(&inner.digest()), &notice).unwrap() {
            Noting::Keep(plan) => ("kept", Some(plan)),
            Noting::Kept => ("again", None),
            Noting::False(plan) => ("false", Some(plan)),
            _ => ("other", None),
        };
        if let Some(plan) = plan {
            self.tokyo.node.commit(plan).await.unwrap().unwrap();
        }
        word
    }

    async fn decided(&self, answer: Answer) -> bool {
        let node = self.log().identity.node.clone();
        let make = |view: &_, _| decide(view, &officer(), &node, answer, "note 17 (fictitious)");
        self.tokyo.node.carry_out(make).await.is_ok()
    }

    fn is_stopped(&self) -> bool {
        self.tokyo.node.office.view.read().logs.is_stopped(&self.log().identity.node)
    }

    fn recorded(&self, is_it: impl Fn(&Act) -> bool) -> usize {
        let entries = self.tokyo.node.office.papers.entries(0, 4096).unwrap();
        entries.iter().filter(|(_, entry)| is_it(&entry.act)).count()
    }

    async fn end(self) {
        self.seoul.stop().await;
        self.tokyo.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_succession_that_is_not_of_what_was_witnessed_is_refused_with_its_own_code() {
    let scene = Scene::new().await;
    let honest = scene.honest(12);
    let with = |change: &dyn Fn(&mut LogSuccession)| {
        let mut said = honest.clone();
        change(&mut said);
        said
    };
    let lies = [
        // Less was lost than was cosigned, or more, or by another history, or nothing of it is named.
        with(&|said| said.seen[0].size = 15),
        with(&|said| said.seen[0].size = 17),
        with(&|said| said.seen[0].root = Digest([1; 32])),
        with(&|said| said.seen[0].by = "osaka.jpn".parse().unwrap()),
        // What is left is another beginning than the one that was cosigned.
        with(&|said| (said.size, said.root) = (9, Digest([2; 32]))),
        // Another log, of which nothing is known here.
        with(&|said| {
            (said.previous, said.origin) = ("seoul.kor/log/2".to_owned(), "seoul.kor/log/3".to_owned());
        }),
        with(&|said| {
            (said.previous, said.origin) = ("osaka.jpn/log/1".to_owned(), "osaka.jpn/log/2".to_owned());
        }),
    ];
    let count = lies.len();
    for lie in lies {
        assert_eq!(scene.told(lie.clone()).await, "false", "{lie:?}");
    }
    // In another node's name, and under a key that the notice does not vouch for.
    assert_eq!(scene.told(with(&|said| said.node = "osaka.jpn".parse().unwrap())).await, "false");
    let inner = scene.signed(honest.clone(), "office-1", &office_of(9));
    assert_eq!(scene.brought(&inner).await, "false");
    let coded = |act: &Act| matches!(act, Act::BreachRecorded { code, .. } if code == FALSE_SUCCESSION);
    assert_eq!(scene.recorded(coded), count);
    assert!(!scene.is_stopped(), "a lie stops nothing");
    // The control.
    assert_eq!(scene.told(honest).await, "kept");
    assert!(scene.is_stopped());
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_followed_under_its_new_origin_from_what_is_left_and_the_old_one_is_closed() {
    let scene = Scene::new().await;
    let inner = scene.signed(scene.honest(12), "office-1", &office_of(8));
    assert_eq!(scene.brought(&inner).await, "kept");
    assert_eq!(scene.brought(&inner).await, "again", "brought again, it is told once");
    let raised = |act: &Act| matches!(act, Act::IncidentRaised { code, .. } if code == LOG_LOST);
    assert_eq!(scene.recorded(raised), 1);
    // Another one for the same log is none, whatever it says.
    assert_eq!(scene.told(scene.honest(11)).await, "false");
    let new = |size| scene.note_as("seoul.kor/log/2", size, None);
    assert_eq!(scene.ask(9, 12, &new(12)).await.status, 404, "nobody has decided");
    assert!(scene.decided(Answer::Refuse).await);
    assert!(scene.is_stopped() && !scene.decided(Answer::Refuse).await);
    assert!(scene.decided(Answer::Approve).await && !scene.is_stopped());
    // It is asked for the very tree that is left, from the last head that was cosigned of that.
    assert_eq!(scene.ask(9, 18, &new(18)).await, Witnessed::stands_at(9));
    let other = scene.note_as("seoul.kor/log/2", 12, Some(Hash([3; 32])));
    assert_eq!(scene.ask(9, 12, &other).await.status, 422);
    assert_eq!(scene.ask(0, 12, &new(12)).await, Witnessed::stands_at(9));
    assert_eq!(scene.ask(9, 12, &new(12)).await.status, 200);
    assert_eq!(scene.ask(12, 18, &new(18)).await.status, 200);
    // The old one is closed for ever.
    let old = scene.note_as("seoul.kor/log/1", 18, None);
    assert_eq!(scene.ask(16, 18, &old).await.status, 404);
    assert_eq!(scene.told(scene.honest(10)).await, "false");
    // And the new one may lose entries in its turn.
    let root = |size| Digest(scene.log().papers.head_at(size).unwrap().root.0);
    let next = LogSuccession {
        previous: "seoul.kor/log/2".to_owned(),
        origin: "seoul.kor/log/3".to_owned(),
        seen: vec![SeenLog { by: "tokyo.jpn".parse().unwrap(), size: 18, root: root(18) }],
        ..scene.honest(10)
    };
    assert_eq!(scene.told(next).await, "kept");
    assert!(scene.decided(Answer::Approve).await);
    let third = scene.note_as("seoul.kor/log/3", 10, None);
    // What is left was cosigned when it bore its first name.
    assert_eq!(scene.ask(0, 10, &third).await, Witnessed::stands_at(9));
    assert_eq!(scene.ask(9, 10, &third).await.status, 200);
    scene.end().await;
}
