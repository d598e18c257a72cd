//! The whole matrix of 2016: every question at every level, in every state of the agreement, by every role, all else in order.
//! `vectors/release/gsomia-2016/` holds it as tables, one file a question.
//!
//! The tables are written by the engine, on demand. That they are right is told by the agreement written a second time, cell by
//! cell, and by whoever reads the change of a table.

use crate::questions::{COPY, NOW, approval, contractor, granted, kind, level, party, visit};
use crate::second;
use attache_accord::agreement::Position;
use attache_accord::particulars::{Approval, Approved, Contractor, Visit};
use attache_accord::people::{Clearance, Role};
use attache_accord::ruling::{Action, Assured, Question};
use attache_accord::{Party, Timestamp};
use attache_release::{Pack, rule};
use std::path::PathBuf;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/release/gsomia-2016");
const LEVELS: [&str; 6] = ["KOR:I", "KOR:II", "KOR:III", "JPN:GOKUHI", "JPN:TOKUTEI", "JPN:HI"];
const STATES: [&str; 5] = ["both", "KOR", "JPN", "ended", "none"];
/// Columns stand two spaces apart.
const GAP: &str = "  ";

/// At whose node a question can be asked in order: the originator's, the other Party's, or each.
fn holders(action: Action) -> &'static [&'static str] {
    match action {
        Action::Request | Action::Release | Action::Dispatch | Action::Visit => &["originator"],
        Action::Admit | Action::PassOn => &["recipient"],
        _ => &["recipient", "originator"],
    }
}

fn positions(state: &str) -> Vec<Position> {
    let held = |name: &str, until| Position { party: party(name), from: Some(Timestamp(1)), until };
    match state {
        "both" => vec![held("KOR", None), held("JPN", None)],
        "ended" => vec![held("KOR", Some(NOW)), held("JPN", Some(NOW))],
        "none" => Vec::new(),
        name => vec![held(name, None)],
    }
}

/// A level of the other Party that corresponds, and one below in the originator's scheme with what corresponds to that.
fn table(at: &str) -> (Option<&'static str>, Option<(&'static str, &'static str)>) {
    match at {
        "KOR:I" => (None, Some(("KOR:II", "JPN:GOKUHI"))),
        "KOR:II" => (Some("JPN:GOKUHI"), Some(("KOR:III", "JPN:HI"))),
        "KOR:III" => (Some("JPN:HI"), None),
        "JPN:GOKUHI" | "JPN:TOKUTEI" => (Some("KOR:II"), Some(("JPN:HI", "KOR:III"))),
        "JPN:HI" => (Some("KOR:III"), None),
        _ => panic!("no such level: {at}"),
    }
}

/// The highest that anyone of the Party is cleared to.
fn top(of: Party) -> &'static str {
    if of.as_str() == "KOR" { "KOR:I" } else { "JPN:TOKUTEI" }
}

/// The question with everything in order but for level, state and role.
fn question(action: Action, at: &str, state: &str, role: Role, holder: &str) -> Question {
    let originator = level(at).party();
    let other = party(if originator.as_str() == "KOR" { "JPN" } else { "KOR" });
    let is_own = holder == "originator";
    let holder = if is_own { originator } else { other };
    let (corresponding, lower) = table(at);
    let mut question = granted(action);
    question.holder = holder;
    question.positions = positions(state);
    question.asker.party = holder;
    question.asker.roles = [role].into();
    // Who never reads has neither clearance nor duties under the agreement.
    let reads = !matches!(role, Role::Administrator | Role::Inspector);
    let until = NOW.plus_hours(1);
    question.asker.clearance = reads.then(|| Clearance { level: level(top(holder)), until });
    question.asker.duties = reads.then(|| kind("imagery")).into_iter().collect();
    question.subject.marking.iter_mut().for_each(|m| {
        m.level = level(at);
        m.kind = kind("imagery");
        m.releasable_to = [other].into();
    });
    let own = if is_own { Some(at) } else { corresponding };
    question.subject.own_level = own.map(level).filter(|_| action != Action::Admit);
    if action == Action::Admit {
        question.chosen = corresponding.map(level);
    }
    if action == Action::Downgrade {
        question.chosen = lower.map(|(own, theirs)| level(if is_own { own } else { theirs }));
    }
    let from = |approved| vec![Approval { from: originator, ..approval(approved) }];
    match action {
        Action::PassOn => question.subject.approvals = from(Approved::ThirdParty(party("USA"))),
        Action::OtherPurpose => {
            question.subject.approvals = from(Approved::OtherPurpose(question.purpose.clone().unwrap()));
        }
        Action::Downgrade => {
            question.subject.approvals =
                lower.map(|(lower, _)| from(Approved::Downgrade(level(lower)))).unwrap_or_default();
        }
        Action::Copy | Action::Translate => question.copy = Some(COPY),
        Action::GiveToContractor => {
            let cleared = Some(Clearance { level: level(top(holder)), until });
            question.contractor = Some(Contractor { party: holder, cleared, ..contractor() });
        }
        Action::Visit => {
            let highest = Some(level(top(holder)));
            question.visit = Some(Visit { approved_by: Some(holder), highest, ..visit() });
        }
        _ => {}
    }
    question.translation.iter_mut().for_each(|it| {
        it.translator.party = holder;
        it.translator.clearance = Some(Clearance { level: level(top(holder)), until });
    });
    if action != Action::PassOn {
        question.recipient.iter_mut().for_each(|recipient| {
            let person = "reader-1".parse().unwrap();
            recipient.party = other;
            recipient.assurances = vec![Assured { person, level: level(top(other)), expires: until }];
        });
    }
    question
}

fn cell(question: &Question) -> String {
    let outcome = rule(question, &Pack::gsomia_2016());
    let codes: Vec<_> = outcome.ruling().reasons.iter().map(|reason| reason.code.as_str()).collect();
    if outcome.is_granted() { "permit".to_owned() } else { codes.join("+") }
}

/// The tables of one question.
fn tables(action: Action) -> String {
    let mut text = format!("# {}: all else in order\n", action.as_str());
    for holder in holders(action) {
        let roles = Role::ALL.map(|(_, word)| word.to_owned()).to_vec();
        let mut rows = vec![[vec!["level".to_owned(), "in force for".to_owned()], roles].concat()];
        for at in LEVELS {
            for state in STATES {
                let cells = Role::ALL.map(|(role, _)| cell(&question(action, at, state, role, holder)));
                rows.push([vec![at.to_owned(), state.to_owned()], cells.to_vec()].concat());
            }
        }
        text += &format!("\nat the {holder}'s\n{}", aligned(&rows));
    }
    text
}

fn aligned(rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> =
        (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap()).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join(GAP).trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

fn file_of(action: Action) -> PathBuf {
    PathBuf::from(FOLDER).join(format!("{}.txt", action.as_str()))
}

#[test]
fn every_question_is_answered_at_every_level_in_every_state_to_every_role_as_the_tables_say() {
    for (action, _) in Action::ALL {
        let told = tables(action);
        if std::env::var_os("WRITE_GOLDEN").is_some() {
            std::fs::create_dir_all(FOLDER).unwrap();
            std::fs::write(file_of(action), &told).unwrap();
        }
        let kept = std::fs::read_to_string(file_of(action)).unwrap();
        assert_eq!(kept, told, "if that is meant: WRITE_GOLDEN=1 cargo test -p attache-release whole");
    }
}

#[test]
fn the_agreement_written_a_second_time_permits_the_same_cells() {
    for (action, word) in Action::ALL {
        for holder in holders(action) {
            for (at, state) in LEVELS.iter().flat_map(|at| STATES.map(|state| (at, state))) {
                for (role, _) in Role::ALL {
                    let question = question(action, at, state, role, holder);
                    let answer = cell(&question);
                    let permitted = second::permits(&question);
                    assert_eq!(
                        answer == "permit",
                        permitted,
                        "{word} {at} {state} {role:?} at the {holder}'s"
                    );
                }
            }
        }
    }
}

#[test]
fn every_question_is_permitted_somewhere_and_refused_somewhere() {
    for (action, word) in Action::ALL {
        let told = tables(action);
        let (permits, refusals) = (told.matches("permit").count(), told.matches("R-022").count());
        assert!(permits > 0 && (refusals > 0 || action == Action::Dispatch), "{word}");
    }
}
