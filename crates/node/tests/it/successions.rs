//! Successions of logs at a partner's node: what is not exactly what it witnessed is refused, and nothing of the log is accepted until
//! a person decides.

use crate::nodes::{Running, administrator, clock, site};
use attache_accord::act::{Act, Answer};
use attache_accord::people::{Person, Role};
use attache_accord::{Digest, Network, PersonId};
use attache_courier::frame::Witnessed;
use attache_node::engine::Plan;
use attache_node::grounds::Comparison;
use attache_node::notices::{Noting, notice_id};
use attache_node::office::Office;
use attache_node::steward;
use attache_node::succession::{FALSE_SUCCESSION, LOG_LOST};
use attache_node::witness::{Seen, Witnessing};
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{LogSuccession, Notice, SeenLog};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_tlog::{
    AddCheckpoint, Checkpoint, Hash, KeyKind, NoteSigner, Origin, SignedNote, cosign, sign_checkpoint,
};

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
        let scene = Self::before_the_last().await;
        scene.cosign(9, 16).await;
        scene
    }

    async fn before_the_last() -> Self {
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
        scene.cosign(0, 4).await;
        scene.cosign(4, 9).await;
        scene
    }

    async fn cosign(&self, old: u64, size: u64) {
        let head = self.log().papers.head_at(size).unwrap();
        let answer = self.ask(old, size, &self.log().checkpoint(&head).unwrap()).await;
        assert_eq!(answer.status, 200);
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
            promised: None,
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
        self.decided_by(answer, None).await.is_ok()
    }

    /// The same, where the succession was compared with something.
    async fn decided_by(&self, answer: Answer, compared: Option<Comparison>) -> Result<(), String> {
        let node = self.log().identity.node.clone();
        let on = ("note 17 (fictitious)", compared.as_ref());
        let decided = self.tokyo.node.decide_on_log(&officer(), &node, answer, on).await;
        decided.map(drop).map_err(|failure| failure.to_string())
    }

    /// Tokyo is brought back from a backup of when it had cosigned 9 entries of Seoul's log.
    async fn with_tokyo_brought_back() -> Self {
        let mut scene = Self::before_the_last().await;
        scene.tokyo.stop().await;
        let backup = scene.sites[1].backup();
        scene.tokyo = scene.sites[1].start().await;
        scene.cosign(9, 16).await;
        scene.tokyo.stop().await;
        scene.sites[1].brought_back(&backup);
        scene.tokyo = scene.sites[1].start().await;
        scene
    }

    /// Seoul's checkpoint of this size as whoever has evidence of before the losses holds it, cosigned under this key.
    fn cosigned_note(&self, size: u64, root: Option<Hash>, by: &NoteSigner) -> String {
        let note = self.note_as("seoul.kor/log/1", size, root);
        let checkpoint = Checkpoint::parse(SignedNote::parse(&note).unwrap().text()).unwrap();
        format!("{note}{}", cosign(&checkpoint, by, 1).unwrap())
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
        // Less was lost than was cosigned, or by another history, or nothing of it is named.
        with(&|said| said.seen[0].size = 15),
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

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_was_itself_brought_back_follows_a_log_by_what_it_had_cosigned_and_by_no_other() {
    let scene = Scene::with_tokyo_brought_back().await;
    assert_eq!(scene.told(scene.honest(12)).await, "kept", "it may be so");
    assert!(scene.is_stopped());
    let node = scene.log().identity.node.clone();
    let unknown = scene.tokyo.node.office.unknown_of(&node).unwrap().unwrap();
    assert_eq!((unknown.known, unknown.said.size), (9, 16));
    // Not without a word on what it was compared with, and with nothing that is not of that tree.
    let refused = |said: Result<(), String>| said.unwrap_err();
    assert!(refused(scene.decided_by(Answer::Approve, None).await).starts_with("compared"));
    let own = &scene.sites[1].keyring().witness;
    let stranger = NoteSigner::from_seed("overseer.example", KeyKind::Ed25519Cosigner, &[9; 32]).unwrap();
    for note in [
        scene.cosigned_note(15, None, &own[0]),
        scene.cosigned_note(16, Some(Hash([3; 32])), &own[0]),
        scene.cosigned_note(16, None, &stranger),
        scene.cosigned_note(16, None, &scene.sites[0].keyring().witness[0]),
        scene.note_as("seoul.kor/log/1", 16, None),
        "no note\n".to_owned(),
    ] {
        let said = scene.decided_by(Answer::Approve, Some(Comparison::Checkpoint(note.clone()))).await;
        assert!(refused(said).starts_with("compared"), "{note}");
    }
    assert!(scene.is_stopped());
    let note = scene.cosigned_note(16, None, &own[0]);
    scene.decided_by(Answer::Approve, Some(Comparison::Checkpoint(note))).await.unwrap();
    let says = |act: &Act| matches!(act, Act::SuccessionDecided { basis, .. } if basis.ends_with("; 16 cosigned by tokyo.jpn/witness"));
    assert_eq!(scene.recorded(says), 1);
    // It knows again what it had cosigned, and follows what is left of it.
    assert_eq!(scene.tokyo.node.office.unknown_of(&node).unwrap(), None);
    let new = |size| scene.note_as("seoul.kor/log/2", size, None);
    assert_eq!(scene.ask(0, 12, &new(12)).await, Witnessed::stands_at(9));
    assert_eq!(scene.ask(9, 12, &new(12)).await.status, 200);
    assert_eq!(scene.ask(12, 18, &new(18)).await.status, 200);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_compared_by_another_way_decides_where_nobody_has_a_checkpoint_any_more() {
    let scene = Scene::with_tokyo_brought_back().await;
    let honest = scene.honest(12);
    // What it still knows is as exact as ever: less than that, or another beginning, is false.
    let mut less = honest.clone();
    (less.size, less.seen[0].size) = (4, 8);
    less.root = Digest(scene.log().papers.head_at(4).unwrap().root.0);
    assert_eq!(scene.told(less).await, "false");
    let mut other = honest.clone();
    (other.size, other.root) = (9, Digest([2; 32]));
    assert_eq!(scene.told(other).await, "false");
    assert!(!scene.is_stopped(), "a lie stops nothing");
    // More than was cosigned, which nobody here knows any more.
    let mut more = honest.clone();
    (more.seen[0].size, more.seen[0].root) = (17, Digest([5; 32]));
    assert_eq!(scene.told(more).await, "kept");
    let said = |size, root| Some(Comparison::Said { size, root });
    let (size, root) = (honest.seen[0].size, honest.seen[0].root);
    assert!(
        scene.decided_by(Answer::Approve, said(size, root)).await.unwrap_err().contains("something else")
    );
    assert!(scene.decided_by(Answer::Approve, said(17, root)).await.is_err());
    assert!(scene.is_stopped());
    scene.decided_by(Answer::Refuse, None).await.unwrap();
    // The honest one takes its place.
    assert_eq!(scene.told(honest).await, "kept");
    scene.decided_by(Answer::Approve, said(size, root)).await.unwrap();
    let says = |act: &Act| matches!(act, Act::SuccessionDecided { basis, .. } if basis.ends_with(&format!("; compared {size} {root}")));
    assert_eq!(scene.recorded(says), 1);
    let new = scene.note_as("seoul.kor/log/2", 12, None);
    assert_eq!(scene.ask(9, 12, &new).await.status, 200);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_histories_of_a_log_are_on_record_also_while_a_loss_of_it_waits_for_a_decision() {
    let scene = Scene::new().await;
    assert_eq!(scene.told(scene.honest(12)).await, "kept");
    let (office, from) = (&scene.tokyo.node.office, &scene.log().identity.node);
    let other = scene.note_as("seoul.kor/log/1", 9, Some(Hash([3; 32])));
    let Seen::Forked(plan) = office.compare_head(from, &other).unwrap() else {
        panic!("it was taken for one that is on record")
    };
    scene.tokyo.node.commit(plan).await.unwrap().unwrap();
    assert!(matches!(office.compare_head(from, &other).unwrap(), Seen::Stopped));
    // Each is decided by itself, and this first. What was cosigned before it counts no more, so people say it.
    assert!(scene.decided(Answer::Approve).await && scene.is_stopped());
    let said = &scene.honest(12).seen[0];
    let said = Comparison::Said { size: said.size, root: said.root };
    assert_eq!(scene.decided_by(Answer::Approve, Some(said)).await, Ok(()));
    assert!(!scene.is_stopped());
    scene.end().await;
}
