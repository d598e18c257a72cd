//! Acts become entries: sealed, logged, folded; and custody lets a key move only on a logged permit.

use crate::world::{self, CASE, ITEM_DIGEST, NOW, commit, engine_on};
use attache_accord::act::{Act, Answer, ENTRY_VERSION, Entry};
use attache_accord::agreement::Position;
use attache_accord::control::Recall;
use attache_accord::figures::Figures;
use attache_accord::oversight::{
    FIELD_ACT, FIELD_ARTICLE, FIELD_CASE, FIELD_DUE, FIELD_EVENT, FIELD_OUTCOME, FIELDS,
};
use attache_accord::ruling::{Action, Reason, Ruling};
use attache_accord::shelf::{Place, Rack, Resting, Shelf, Torn};
use attache_accord::view::{Ask, Asked, View};
use attache_accord::{CaseId, Digest, DispatchId, ItemId, Timestamp};
use attache_custody::keyrelease::{Denied, Recipient, Shown, Wrapped};
use attache_custody::rest::Purpose;
use attache_node::engine::{Engine, Plan, case_tag, decode_event, fields, open_event, open_salt};
use attache_node::fault::Fault;
use attache_release::{Outcome, Permit, rule};
use attache_seal::content_key::ContentKey;
use attache_seal::digest::sha256;
use attache_seal::kem::KemSecret;
use attache_seal::wrap::unwrap_hybrid;
use attache_store::{Append, Journal, MemoryJournal, NewRow, Stream, Tiles};
use attache_tlog::{Frontier, LeafDraft, OpenedField, leaf_hash, prove_inclusion};

fn memory() -> Box<MemoryJournal> {
    Box::new(MemoryJournal::new(world::origin()))
}

#[test]
fn a_view_folded_at_start_equals_the_view_that_was_running() {
    let journal = memory();
    let custodian = world::custodian();
    let mut engine = engine_on(journal, &custodian);
    world::found(&mut engine);
    let running = engine.view().read().clone();
    let again =
        Engine::open(engine.into_journal(), "again", world::rest(), world::origin(), world::custodian());
    assert_eq!(*again.unwrap().view().read(), running);
}

#[test]
fn no_entry_is_earlier_than_the_one_before_it() {
    let mut engine = engine_on(memory(), &world::custodian());
    world::found(&mut engine);
    let plan = Plan::new(&engine.view().read(), vec![Act::Padded {}]);
    engine.commit(Timestamp(NOW.0 - 5_000), &[plan]).unwrap().remove(0).unwrap();
    assert_eq!(engine.view().read().last_at, NOW);
}

#[test]
fn of_two_plans_made_on_the_same_past_one_stands() {
    let mut engine = engine_on(memory(), &world::custodian());
    world::found(&mut engine);
    let decide = |answer| {
        let view = engine.view();
        let act =
            Act::ReleaseDecided { case: CASE, answer, decision: Digest([1; 32]), by: world::person("fdo-1") };
        Plan::new(&view.read(), vec![act])
    };
    let plans = [decide(Answer::Refuse), decide(Answer::Approve)];
    let outcomes = engine.commit(NOW, &plans).unwrap();
    assert!(outcomes[0].is_ok() && outcomes[1].is_err());
}

/// Appends an entry as another build would have written it.
fn appended(mut journal: Box<dyn Journal>, event: &[u8]) -> Box<dyn Journal> {
    let (rest, fence) = (world::rest(), journal.lease("another build").unwrap());
    let stream = rest.blind("record");
    let row = NewRow {
        body: rest.seal(Purpose::Event, stream.as_bytes(), event).unwrap(),
        sealed_salt: rest.seal(Purpose::Salt, stream.as_bytes(), &[7; 32]).unwrap(),
        stream: Stream::new(stream).unwrap(),
        leaf: LeafDraft { salt: [7; 32], fields: Default::default() },
    };
    let append = Append { rows: vec![row], ..Append::default() };
    journal.append(fence, vec![append]).unwrap().remove(0).unwrap();
    journal
}

fn golden(name: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/act/");
    let text = std::fs::read_to_string(format!("{path}{name}.cbor.hex")).unwrap();
    data_encoding::HEXLOWER.decode(text.trim().as_bytes()).unwrap()
}

#[test]
fn entries_of_an_older_version_are_folded_and_a_newer_one_is_left_sealed_with_the_next_step_named() {
    let mut engine = engine_on(memory(), &world::custodian());
    world::found(&mut engine);
    let size = engine.view().read().size;
    let journal = appended(engine.into_journal(), &golden("entry-1"));
    let open = |journal| Engine::open(journal, "again", world::rest(), world::origin(), world::custodian());
    let engine = open(journal).unwrap();
    assert_eq!(engine.view().read().size, size + 1);
    let newer = golden("unfit/entry-9");
    let journal = appended(engine.into_journal(), &newer);
    let reader = journal.reader().unwrap();
    let refused = open(journal).map(drop).unwrap_err();
    assert!(matches!(&refused, Fault::NewerEntry { index, found: 9 } if *index == size + 1));
    let said = refused.to_string();
    assert!(said.contains("reads up to 8") && said.contains("or a newer one"), "{said}");
    let kept = reader.rows(size + 1, 1).unwrap().remove(0);
    assert_eq!(open_event(&world::rest(), &kept).unwrap(), newer);
}

#[test]
fn a_journal_sealed_under_another_key_is_refused() {
    let mut engine = engine_on(memory(), &world::custodian());
    world::found(&mut engine);
    let other = std::sync::Arc::new(attache_custody::RestKey::new(&[1; 32]).unwrap());
    let opened = Engine::open(engine.into_journal(), "again", other, world::origin(), world::custodian());
    assert!(opened.is_err());
}

#[test]
fn rows_show_no_name_of_partner_or_person() {
    let mut engine = engine_on(memory(), &world::custodian());
    world::found(&mut engine);
    let rows = engine.reader().unwrap().rows(0, 100).unwrap();
    let finds = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    let mut opened_shows = false;
    for row in &rows {
        for word in [b"tokyo".as_slice(), b"analyst", b"KOR:II", b"humint"] {
            assert!(
                !finds(&row.body, word)
                    && !finds(&row.entry, word)
                    && !finds(row.stream.as_str().as_bytes(), word)
            );
            // The control: the same search finds the words once a row is opened.
            opened_shows |= finds(&open_event(&world::rest(), row).unwrap(), word);
        }
    }
    assert!(opened_shows);
}

/// A node on which the release was ruled and the ruling committed.
struct Ruled {
    engine: Engine,
    custodian: std::sync::Arc<attache_custody::Custodian>,
    permit: Permit,
    recipient: KemSecret,
    content: ContentKey,
    key: String,
    wrapped: Vec<u8>,
    index: u64,
}

fn ruled() -> Ruled {
    let custodian = world::custodian();
    let mut engine = engine_on(memory(), &custodian);
    world::found(&mut engine);
    let (by, ask) = world::release();
    let question = engine.view().read().question(&by, &ask, NOW).unwrap();
    let Outcome::Granted(granted) = rule(&question, custodian.pack()) else {
        panic!("the release is permitted")
    };
    let act = Act::Ruled {
        ruling: granted.ruling().clone(),
        by,
        item: Some(world::ITEM),
        case: Some(CASE),
        recipient: granted.recipient(),
        asked: Some(engine.view().read().asked(ask, NOW)),
    };
    let index = commit(&mut engine, vec![act]);
    let recipient = KemSecret::generate().unwrap();
    let key = Digest(recipient.public().key_id().0);
    let permit = Permit::new(granted, index, key, NOW.plus_hours(1)).unwrap();
    let content = ContentKey::generate().unwrap();
    let wrapped = custodian.keep(&content, NOW).unwrap();
    let key = custodian.public().key_id().to_string();
    Ruled { engine, custodian, permit, recipient, content, key, wrapped, index }
}

impl Ruled {
    fn wrapped(&self) -> Wrapped<'_> {
        Wrapped { key: &self.key, bytes: &self.wrapped, ephemeral: None }
    }

    fn opened(&self, index: u64) -> (Vec<u8>, Vec<u8>, OpenedField) {
        let row = self.engine.reader().unwrap().rows(index, 1).unwrap().remove(0);
        let event = open_event(&world::rest(), &row).unwrap();
        let mut draft =
            LeafDraft { salt: open_salt(&world::rest(), &row).unwrap(), fields: Default::default() };
        draft.fields[FIELD_EVENT] = sha256(&[&event]).as_bytes().to_vec();
        let opened = draft.open(FIELD_EVENT as u8);
        (event, row.entry, opened)
    }

    /// Custody goes on from folds of before, with no leaf that it folded itself.
    fn go_on_from(&self, view: View) {
        let mut log = Frontier::new();
        let rows = self.engine.reader().unwrap().rows(0, 1024).unwrap();
        rows.iter().for_each(|row| log.append(leaf_hash(&row.entry)));
        self.custodian.start_over();
        self.custodian.resume(view, log).unwrap();
    }

    fn rewrap_with(&self, index: u64, recipient: &KemSecret, now: Timestamp) -> Result<Vec<u8>, Denied> {
        let (event, leaf, opened) = self.opened(index);
        let reader = self.engine.reader().unwrap();
        let prove = |size| prove_inclusion(&Tiles(reader.as_ref()), size, self.index).ok();
        let shown = Shown { event: &event, leaf: &leaf, opened: &opened, prove: &prove };
        let (by, ask) = world::release();
        self.custodian.rewrap(
            &self.permit,
            &shown,
            (&by, &ask),
            Recipient::Lasting(recipient.public()),
            self.wrapped(),
            now,
        )
    }
}

#[test]
fn a_logged_permit_moves_the_key_to_the_recipient_alone() {
    let ruled = ruled();
    let moved = ruled.rewrap_with(ruled.index, &ruled.recipient, NOW).unwrap();
    let content = unwrap_hybrid(&ruled.recipient, &moved).unwrap();
    assert_eq!(content.dangerously_expose(), ruled.content.dangerously_expose());
    let other = KemSecret::generate().unwrap();
    assert_eq!(ruled.rewrap_with(ruled.index, &other, NOW).unwrap_err(), Denied::OtherRecipient);
}

#[test]
fn a_permit_shown_with_another_entry_moves_nothing() {
    let ruled = ruled();
    assert_eq!(ruled.rewrap_with(0, &ruled.recipient, NOW).unwrap_err(), Denied::OtherEntry);
}

#[test]
fn a_lapsed_permit_moves_nothing() {
    let ruled = ruled();
    let later = NOW.plus_hours(2);
    assert_eq!(ruled.rewrap_with(ruled.index, &ruled.recipient, later).unwrap_err(), Denied::Lapsed);
}

#[test]
fn a_permit_moves_nothing_with_another_leaf_than_the_one_that_custody_folded() {
    let ruled = ruled();
    let (event, leaf, opened) = ruled.opened(ruled.index);
    let mut forged = LeafDraft { salt: [7; 32], fields: Default::default() };
    forged.fields[FIELD_EVENT] = sha256(&[&event]).as_bytes().to_vec();
    let forged = (forged.entry(&world::origin(), ruled.index).to_vec(), forged.open(FIELD_EVENT as u8));
    let (by, ask) = world::release();
    // None is asked for: custody folded this entry a moment ago.
    let prove = |_| None;
    let unwrap = |(leaf, opened): &(Vec<u8>, OpenedField)| {
        let shown = Shown { event: &event, leaf, opened, prove: &prove };
        ruled.custodian.unwrap(&ruled.permit, &shown, (&by, &ask), ruled.wrapped(), NOW)
    };
    unwrap(&(leaf, opened)).unwrap();
    assert_eq!(unwrap(&forged).unwrap_err(), Denied::NotLogged);
}

#[test]
fn a_permit_of_before_what_custody_went_on_from_moves_nothing_without_proof_of_inclusion() {
    let ruled = ruled();
    ruled.go_on_from(ruled.engine.view().read().clone());
    let (event, leaf, opened) = ruled.opened(ruled.index);
    let (by, ask) = world::release();
    for prove in [|_| None, |_| Some(vec![])] as [fn(u64) -> Option<Vec<attache_tlog::Hash>>; 2] {
        let shown = Shown { event: &event, leaf: &leaf, opened: &opened, prove: &prove };
        let denied = ruled.custodian.unwrap(&ruled.permit, &shown, (&by, &ask), ruled.wrapped(), NOW);
        assert_eq!(denied.unwrap_err(), Denied::NotLogged);
    }
    ruled.rewrap_with(ruled.index, &ruled.recipient, NOW).unwrap();
}

#[test]
fn custody_refuses_what_was_withdrawn_after_the_permit() {
    let mut ruled = ruled();
    let ended = Position { party: world::party("JPN"), from: Some(Timestamp(0)), until: Some(NOW) };
    let act = Act::PositionRecorded { position: ended, basis: "note 2".into(), by: world::person("admin-1") };
    commit(&mut ruled.engine, vec![act]);
    let denied = ruled.rewrap_with(ruled.index, &ruled.recipient, NOW).unwrap_err();
    assert!(
        matches!(denied, Denied::Refused(ruling) if ruling.reasons.iter().any(|r| r.article.starts_with("21")))
    );
}

/// A rack of blocks that cannot be read.
struct Unreadable(Torn);

impl Rack for Unreadable {
    fn put(&mut self, _: &[u8]) -> Option<Place> {
        Some(Place { chunk: 0, start: 0, length: 1 })
    }

    fn take(&self, _: Place) -> Option<Resting> {
        Resting::new(std::sync::Arc::new(vec![0xff]), 0..1, self.0.clone())
    }
}

#[test]
fn custody_whose_view_is_not_whole_moves_nothing() {
    let ruled = ruled();
    let view = ruled.engine.view().read().clone();
    let torn = Torn::default();
    let resume = || {
        ruled.go_on_from(view.clone().resting(torn.clone()));
        ruled.rewrap_with(ruled.index, &ruled.recipient, NOW)
    };
    resume().unwrap();
    let mut shelf = Shelf::<u8, u8>::default();
    shelf.insert(1, 1);
    let mut rack = Unreadable(torn.clone());
    let bytes = minicbor::to_vec_with(&shelf, &mut rack).unwrap();
    let shelf: Shelf<u8, u8> = minicbor::decode_with(&bytes, &mut rack).unwrap();
    assert!(shelf.get(&1).is_none());
    assert_eq!(resume().unwrap_err(), Denied::Torn);
}

#[test]
fn the_permit_is_for_the_item_that_was_asked_about() {
    assert_eq!(ruled().permit.item_digest(), ITEM_DIGEST);
}

#[test]
fn an_entry_has_one_form_and_nothing_behind_it() {
    let entry = Entry { version: ENTRY_VERSION, at: NOW, act: Act::Padded {} };
    let bytes = minicbor::to_vec(&entry).unwrap();
    assert_eq!(decode_event(7, &bytes).unwrap(), entry);
    let behind = [bytes.as_slice(), &[0]].concat();
    // A map of four whose version stands twice: once as this build's, once as another.
    let twice = [&[0xa4], &bytes[1..3], &[0x00, 0x00], &bytes[3..]].concat();
    for other in [behind, twice] {
        assert!(matches!(decode_event(7, &other), Err(Fault::Entry(7))), "{other:02x?}");
    }
}

#[test]
fn the_acts_of_a_case_bear_one_tag_for_a_year_and_leaves_of_older_entries_none() {
    let case = CaseId([7; 16]);
    let act = Act::ReleaseDecided {
        case,
        answer: Answer::Refuse,
        decision: Digest([9; 32]),
        by: "officer-1".parse().unwrap(),
    };
    let tag = |at: Timestamp, version: u8| {
        let event = minicbor::to_vec(Entry { version, at, act: act.clone() }).unwrap();
        let fields = fields(at, &act, &event, &View::new(9), "gsomia-2016", 9);
        String::from_utf8(fields[FIELD_CASE].clone()).unwrap()
    };
    let (first, later) = (Timestamp(1_767_225_600_000), Timestamp(1_790_000_000_000));
    assert_eq!(tag(first, ENTRY_VERSION), case_tag("2026", &case).to_string());
    assert_eq!(tag(first, ENTRY_VERSION), tag(later, ENTRY_VERSION));
    assert_ne!(tag(first, ENTRY_VERSION), tag(later.plus_hours(8_760), ENTRY_VERSION));
    assert_eq!(tag(first, 4), "");
}

/// A request, an arrival and the rulings that permit to release the one, under Article 1, and to admit the other, under 4.2.
fn permitted(dispatch: DispatchId) -> [Act; 5] {
    let (digest, by) = (Digest([9; 32]), || "officer-1".parse().unwrap());
    let ruled = |action, article: &str, case, asked| Act::Ruled {
        ruling: Ruling {
            action,
            question: digest,
            granted: true,
            reasons: vec![Reason { code: "R-102".into(), article: article.into() }],
            pack: digest,
            pack_version: "1.0.0".into(),
        },
        by: by(),
        item: None,
        case,
        recipient: None,
        asked,
    };
    let admit = Asked { ask: Ask::Admit { dispatch, chosen: None }, at: NOW, size: 2 };
    [
        Act::ReleaseRequested {
            case: CASE,
            item: ItemId([1; 16]),
            recipient: "tokyo.jpn".parse().unwrap(),
            request: digest,
            by: by(),
        },
        Act::ArrivalVerified {
            dispatch,
            from: "tokyo.jpn".parse().unwrap(),
            package: digest,
            item_digest: digest,
            size: 1,
            manifest: digest,
            marking: world::marking(),
            label: digest,
        },
        ruled(Action::Release, "1", Some(CASE), None),
        Act::ReleaseDecided { case: CASE, answer: Answer::Approve, decision: digest, by: by() },
        ruled(Action::Admit, "4.2", None, Some(admit)),
    ]
}

/// The item of the permitted case is on its way to Tokyo.
fn owed(dispatch: DispatchId) -> Act {
    let digest = Digest([9; 32]);
    Act::DispatchOwed {
        dispatch,
        case: CASE,
        item: ItemId([1; 16]),
        recipient: "tokyo.jpn".parse().unwrap(),
        package: digest,
        manifest: digest,
        due: NOW,
    }
}

#[test]
fn an_exchange_shows_the_article_that_permitted_it_and_in_leaves_of_older_entries_none() {
    let (dispatch, digest) = (DispatchId([3; 16]), Digest([9; 32]));
    let mut view = View::new(9);
    for act in permitted(dispatch) {
        view.apply(&Entry { version: ENTRY_VERSION, at: NOW, act });
    }
    let sent = owed(DispatchId([4; 16]));
    let admitted = Act::Admitted {
        dispatch,
        item: ItemId([5; 16]),
        own_level: "KOR:II".parse().unwrap(),
        admission: digest,
        by: "desk-1".parse().unwrap(),
    };
    let article = |act: &Act, version: u8| {
        let event = minicbor::to_vec(Entry { version, at: NOW, act: act.clone() }).unwrap();
        let fields = fields(NOW, act, &event, &view, "gsomia-2016", 9);
        String::from_utf8(fields[FIELD_ARTICLE].clone()).unwrap()
    };
    assert_eq!([article(&sent, 7), article(&admitted, 7)], ["1", "4.2"]);
    assert_eq!([article(&sent, 6), article(&admitted, 6)], ["", ""]);
}

/// What a report counts as overdue, and as due, of these acts after an item went out whose receipt was due at [`NOW`].
fn counted(acts: &[(Timestamp, Act)], version: u8) -> [Vec<Vec<String>>; 2] {
    let mut view = View::new(9);
    let owed = owed(sent_and_recalled().dispatch);
    for act in permitted(DispatchId([3; 16])).into_iter().chain([owed]) {
        view.apply(&Entry { version: ENTRY_VERSION, at: NOW, act });
    }
    let mut figures = Figures::new(&(0..15).collect());
    for (at, act) in acts {
        let event = minicbor::to_vec(Entry { version, at: *at, act: act.clone() }).unwrap();
        let fields = fields(*at, act, &event, &view, "gsomia-2016", 9);
        let mut leaf = [""; FIELDS];
        for field in [FIELD_ACT, FIELD_DUE, FIELD_OUTCOME] {
            leaf[field] = std::str::from_utf8(&fields[field]).unwrap();
        }
        figures.count(&leaf).unwrap();
    }
    ["overdue", "due"].map(|name| {
        let (_, rows) = figures.tables().find(|(table, _)| table.name == name).unwrap();
        rows.keys().cloned().collect()
    })
}

fn sent_and_recalled() -> Recall {
    match minicbor::decode(&golden("v5/recall-made")).unwrap() {
        Act::RecallMade { recall, .. } => recall,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_incidents_about_lateness_are_overdue_and_no_recall_is_due_but_in_leaves_of_older_entries() {
    let raised = |code: &str| Act::IncidentRaised {
        code: code.to_owned(),
        dispatch: Some(sent_and_recalled().dispatch),
    };
    let after = NOW.plus_hours(1);
    let mut acts: Vec<(Timestamp, Act)> =
        ["I-001", "I-012", "I-013", "I-014", "I-016", "I-018"].map(|code| (after, raised(code))).to_vec();
    // A proof may be due before the day on which the receipt was.
    acts.push((NOW, raised("I-006")));
    acts.push((after, minicbor::decode(&golden("v5/recall-made")).unwrap()));
    let [overdue, due] = counted(&acts, ENTRY_VERSION);
    let codes: Vec<&str> = overdue.iter().map(|row| row[0].as_str()).collect();
    assert_eq!((codes, due), (vec!["I-001", "I-006", "I-016"], vec![]));
    let [overdue, due] = counted(&acts, 7);
    let codes: Vec<&str> = overdue.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(codes, ["I-001", "I-012", "I-013", "I-014", "I-016", "I-018"]);
    assert_eq!(due, [["recall made", "late"]]);
}
