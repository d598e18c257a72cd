//! The floor as Cedar: each rule of `crate::floor` in one or more clauses of the generated vocabulary, with the
//! pack's Parties, levels and rows written out.
//!
//! *Absent:* the decision whether a rule applies to an action. That stands at the rule itself.

mod particulars;

use super::words::{Table, all_of, any_of, contains_all_of, holds_one_of, is_one_of, quoted};
use attache_accord::ruling::Action;
use attache_accord::{Level, Party};

/// What a clause is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// Marked items and drafts alike.
    Anything,
    /// Marked items.
    Item,
    /// Items without a marking.
    Draft,
}

/// One `forbid`: of these actions, when all of that holds, unless this does.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    /// Which of the rule's actions it is for.
    pub(super) applies: fn(Action) -> bool,
    pub(super) about: About,
    /// All of these must hold for the clause to refuse; none is always.
    pub(super) when: Vec<String>,
    /// What saves the question.
    pub(super) unless: Option<String>,
}

impl Clause {
    fn of(applies: fn(Action) -> bool, about: About) -> Self {
        Self { applies, about, when: Vec::new(), unless: None }
    }

    fn when(mut self, condition: impl Into<String>) -> Self {
        self.when.push(condition.into());
        self
    }

    fn unless(mut self, condition: impl Into<String>) -> Self {
        self.unless = Some(condition.into());
        self
    }
}

use About::{Anything, Draft, Item};
use Action::{
    Admit, Copy, Dispatch, Downgrade, GiveToContractor, Open, OtherPurpose, PassOn, Release, Request,
    Translate, Visit,
};

const HOLDER: &str = "context.holder";
const ASKER: &str = "principal.party";
const RECIPIENT: &str = "context.recipient.party";
const ASSURED: &str = "context.recipient.assured";
const IN_FORCE: &str = "context.in_force";
const LEVEL: &str = "resource.level";
const CHOSEN: &str = "context.chosen";
const OWN_LEVEL: &str = "context.own_level";
const OWN: &str = "resource.originator == context.holder";
const FOREIGN: &str = "resource.originator != context.holder";
const HAS_RECIPIENT: &str = "context has recipient";
const HAS_CHOSEN: &str = "context has chosen";
const HAS_OWN_LEVEL: &str = "context has own_level";

fn every(_: Action) -> bool {
    true
}

/// What stays with the Party that asks, so that it is its own affair where the item is its own.
fn stays(action: Action) -> bool {
    matches!(action, Open | OtherPurpose | Downgrade | Copy | Translate | GiveToContractor)
}

fn leaves_or_comes(action: Action) -> bool {
    !stays(action)
}

fn only_admit(action: Action) -> bool {
    action == Admit
}

fn but_admit(action: Action) -> bool {
    action != Admit
}

fn only_pass_on(action: Action) -> bool {
    action == PassOn
}

fn only_contractor(action: Action) -> bool {
    action == GiveToContractor
}

fn but_contractor(action: Action) -> bool {
    action != GiveToContractor
}

/// What goes to a recipient across the border.
fn outward(action: Action) -> bool {
    by_originator(action) || action == PassOn
}

/// What the holder itself has across the border.
fn inward(action: Action) -> bool {
    action == Admit
}

/// What the originator alone may do.
fn by_originator(action: Action) -> bool {
    matches!(action, Request | Release | Dispatch | Visit)
}

fn only_visit(action: Action) -> bool {
    action == Visit
}

/// What gives an item into another Party's keeping.
fn gives(action: Action) -> bool {
    matches!(action, Request | Release | Dispatch)
}

/// What only makes sense with something received.
fn of_received(action: Action) -> bool {
    matches!(action, PassOn | Admit)
}

/// What uses a received item, which is admitted first.
fn uses(action: Action) -> bool {
    but_admit(action) && !by_originator(action)
}

/// The clauses of one rule of the floor; none for a code that has no form here yet.
pub(super) fn clauses(code: &str, table: &Table<'_>) -> Option<Vec<Clause>> {
    let is_party = |fact: &str| is_one_of(fact, table.codes());
    Some(match code {
        "R-001" => but_own_to_contractors(&|clause| clause.unless(holds_one_of(IN_FORCE, table.codes()))),
        "R-002" => but_own_to_contractors(&|clause| {
            clause
                .when(holds_one_of(IN_FORCE, table.codes()))
                .unless(all_of(table.codes().map(|code| format!("{IN_FORCE}.contains({})", quoted(code)))))
        }),
        "R-003" => vec![Clause::of(every, Draft)],
        "R-004" => level_has_equivalent(table),
        "R-005" => vec![
            Clause::of(every, Anything).unless(all_of([is_party(HOLDER), is_party(ASKER)])),
            Clause::of(by_originator, Anything).when(HAS_RECIPIENT).unless(is_party(RECIPIENT)),
            Clause::of(only_pass_on, Item)
                .when(HAS_RECIPIENT)
                .when(format!("{RECIPIENT} != {HOLDER}"))
                .when(FOREIGN)
                .unless(format!("resource.may_go_to.contains({RECIPIENT})")),
            Clause::of(only_contractor, Item)
                .when("context has contractor")
                .when(format!("context.contractor.party != {HOLDER}"))
                .when(FOREIGN)
                .unless("resource.may_go_to.contains(context.contractor.party)"),
        ],
        "R-006" => originator_controls(table),
        "R-007" => vec![
            Clause::of(by_originator, Item)
                .when(HAS_RECIPIENT)
                .when(is_party(RECIPIENT))
                .when(format!("resource.originator != {RECIPIENT}"))
                .unless(format!("resource.releasable_to.contains({RECIPIENT})")),
            Clause::of(only_admit, Item)
                .when(is_party(HOLDER))
                .when(FOREIGN)
                .unless(format!("resource.releasable_to.contains({HOLDER})")),
        ],
        "R-008" => assured(table),
        "R-009" => {
            vec![
                Clause::of(every, Anything).unless("context has requester && context.requester != principal"),
            ]
        }
        "R-010" => own_level_fits(table),
        "R-011" => {
            vec![Clause::of(every, Anything).when(is_party(ASKER)).unless(format!("{ASKER} == {HOLDER}"))]
        }
        "R-012" => {
            vec![Clause::of(every, Anything).unless(format!("{HAS_RECIPIENT} && {RECIPIENT} != {HOLDER}"))]
        }
        "R-013" => topics(table),
        _ => return particulars::clauses(code, table),
    })
}

/// The same clause for whatever moves; an own item to an own contractor is no matter of the agreement.
fn but_own_to_contractors(clause: &dyn Fn(Clause) -> Clause) -> Vec<Clause> {
    vec![
        clause(Clause::of(but_contractor, Anything)),
        clause(Clause::of(only_contractor, Item).when(FOREIGN)),
        clause(Clause::of(only_contractor, Draft)),
    ]
}

/// Art. 6(a): the originator gives. Among more than two Parties a received item may go to a further one that it was let go to.
fn originator_controls(table: &Table<'_>) -> Vec<Clause> {
    let received = Clause::of(of_received, Item).when(OWN);
    if table.codes().count() <= 2 {
        return vec![Clause::of(by_originator, Item).unless(OWN), received];
    }
    let to_further = all_of([
        HAS_RECIPIENT.to_owned(),
        is_one_of(RECIPIENT, table.codes()),
        is_one_of(HOLDER, table.codes()),
        is_one_of("resource.originator", table.codes()),
        format!("{RECIPIENT} != {HOLDER}"),
        format!("resource.originator != {RECIPIENT}"),
        format!("resource.may_go_to.contains({RECIPIENT})"),
    ]);
    vec![
        Clause::of(only_visit, Item).unless(OWN),
        Clause::of(gives, Item).unless(any_of([OWN.to_owned(), to_further])),
        received,
    ]
}

/// Art. 1: an agreement on some topics covers these and no others.
fn topics(table: &Table<'_>) -> Vec<Clause> {
    let covered = contains_all_of("resource.topics", table.topics());
    let clause =
        |covered| Clause::of(every, Item).unless(all_of(["!resource.topics.isEmpty()".to_owned(), covered]));
    covered.map(clause).into_iter().collect()
}

/// Art. 4: a level without a row is not shared, nor with a Party that has no level in the row.
fn level_has_equivalent(table: &Table<'_>) -> Vec<Clause> {
    let has_row = is_one_of(LEVEL, table.with_row().map(Level::as_str));
    let mut clauses = vec![
        Clause::of(leaves_or_comes, Item).unless(has_row.clone()),
        Clause::of(stays, Item).when(FOREIGN).unless(has_row),
    ];
    // Each Party with the levels in whose rows it has none.
    let gaps: Vec<(Party, Vec<&Level>)> = table
        .parties()
        .map(|party| {
            (party, table.with_row().filter(|level| table.in_row(level, party).is_empty()).collect())
        })
        .filter(|(_, levels): &(Party, Vec<&Level>)| !levels.is_empty())
        .collect();
    let without_column = |party: &str| {
        any_of(gaps.iter().map(|(column, levels)| {
            let levels = is_one_of(LEVEL, levels.iter().map(|level| level.as_str()));
            all_of([format!("{party} == {}", quoted(column.as_str())), levels])
        }))
    };
    if !gaps.is_empty() {
        clauses.extend([
            Clause::of(outward, Item).when(HAS_RECIPIENT).when(without_column(RECIPIENT)),
            Clause::of(inward, Item).when(without_column(HOLDER)),
            Clause::of(stays, Item).when(FOREIGN).when(without_column(HOLDER)),
        ]);
    }
    clauses
}

/// Art. 7: live assurances in the recipient's own scheme, one of which covers the level.
fn assured(table: &Table<'_>) -> Vec<Clause> {
    let to_party = is_one_of(RECIPIENT, table.codes());
    let covered = any_of(table.clearing_rows().iter().map(|covered| covered.by_one_in(LEVEL, ASSURED)));
    vec![
        Clause::of(every, Item)
            .when(HAS_RECIPIENT)
            .when(to_party.clone())
            .when(format!("{ASSURED}.isEmpty()")),
        Clause::of(every, Item)
            .when(HAS_RECIPIENT)
            .when(to_party)
            .when(is_one_of(LEVEL, table.with_row().map(Level::as_str)))
            .unless(covered),
    ]
}

/// Each holder with each level of others that has an equivalent there, and what that may be.
struct Corresponding<'a> {
    holder: Party,
    level: &'a Level,
    own: Vec<&'a Level>,
}

impl Corresponding<'_> {
    fn at(&self) -> String {
        let holder = format!("{HOLDER} == {}", quoted(self.holder.as_str()));
        all_of([holder, format!("{LEVEL} == {}", quoted(self.level.as_str()))])
    }

    fn allows(&self, given: &str) -> String {
        all_of([self.at(), is_one_of(given, self.own.iter().map(|level| level.as_str()))])
    }
}

/// The table of Art. 4.2, holder by holder.
fn corresponding<'a>(table: &Table<'a>) -> Vec<Corresponding<'a>> {
    table
        .parties()
        .flat_map(|holder| table.with_row().map(move |level| (holder, level)))
        .filter(|(holder, level)| level.party() != *holder)
        .map(|(holder, level)| Corresponding { holder, level, own: table.in_row(level, holder) })
        .filter(|row| !row.own.is_empty())
        .collect()
}

/// Art. 4.2: the own level beside the originator's.
fn own_level_fits(table: &Table<'_>) -> Vec<Clause> {
    let rows = corresponding(table);
    let in_table = any_of(rows.iter().map(Corresponding::at));
    let leaves_choice = any_of(rows.iter().filter(|row| row.own.len() > 1).map(Corresponding::at));
    let mut clauses = Vec::new();
    for (applies, has, given) in
        [(only_admit as fn(Action) -> bool, HAS_CHOSEN, CHOSEN), (but_admit, HAS_OWN_LEVEL, OWN_LEVEL)]
    {
        clauses.push(Clause::of(applies, Item).when(has).when(OWN).unless(format!("{given} == {LEVEL}")));
        let fits = any_of(rows.iter().map(|row| row.allows(given)));
        clauses.push(Clause::of(applies, Item).when(has).when(FOREIGN).when(&in_table).unless(fits));
    }
    clauses.push(Clause::of(only_admit, Item).when(FOREIGN).when(leaves_choice).unless(HAS_CHOSEN));
    clauses.push(Clause::of(uses, Item).when(FOREIGN).when(in_table).unless(HAS_OWN_LEVEL));
    clauses
}
