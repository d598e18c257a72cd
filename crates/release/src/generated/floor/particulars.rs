//! The floor's rules on another purpose, a lower level, copies, translations, contractors and visits, as Cedar.
//!
//! *Absent:* anything about an own item, except that it is shown to visitors; and drafts, which R-003 refuses.

use super::About::{Anything, Item};
use super::{CHOSEN, Clause, Corresponding, FOREIGN, HAS_CHOSEN, HOLDER, LEVEL, OWN, corresponding, every};
use crate::generated::words::{Table, all_of, any_of, is_one_of, quoted};
use attache_accord::Level;

const HAS_COPY: &str = "context has copy";
const HAS_TRANSLATION: &str = "context has translation";
const HAS_CONTRACTOR: &str = "context has contractor";
const HAS_VISIT: &str = "context has visit";
const LOWERED: &str = "resource.lowered_to";

/// The clauses of one rule of the floor; none for a code that has no form here yet.
pub(super) fn clauses(code: &str, table: &Table<'_>) -> Option<Vec<Clause>> {
    let received = || Clause::of(every, Item).when(FOREIGN);
    Some(match code {
        "R-014" => {
            vec![received().unless("context has purpose && resource.other_purposes.contains(context.purpose)")]
        }
        "R-015" => vec![received().when(format!("{LOWERED}.isEmpty()"))],
        "R-016" => lower_level(table),
        "R-017" => vec![received().unless(
            "context has copy && context.copy.number >= 1 && context.copy.number <= context.copy.needed",
        )],
        "R-018" => vec![received().when(HAS_COPY).unless("context.copy.is_marked")],
        "R-019" => vec![received().unless(format!(
            "{HAS_TRANSLATION} && context.translation.party == {HOLDER} && {}",
            cleared("context.translation", table)
        ))],
        "R-030" => vec![received().when(HAS_TRANSLATION).unless("context.translation.has_notation")],
        "R-031" => {
            vec![received().unless(format!("{HAS_CONTRACTOR} && {}", cleared("context.contractor", table)))]
        }
        "R-032" => vec![received().when(HAS_CONTRACTOR).unless("context.contractor.is_inspected")],
        "R-033" => vec![received().when(HAS_CONTRACTOR).unless("context.contractor.has_responsible")],
        "R-034" => vec![received().when(HAS_CONTRACTOR).unless("context.contractor.is_staff_registered")],
        "R-040" => vec![Clause::of(every, Anything).when(HAS_VISIT).unless("context.visit.is_official")],
        "R-041" => vec![Clause::of(every, Anything).unless(format!(
            "{HAS_VISIT} && context.visit.is_on && context.visit has approved_by && context.visit.approved_by == {HOLDER}"
        ))],
        "R-042" => {
            let covering = table.covering_rows();
            let covered = any_of(covering.iter().map(|it| it.by_one(LEVEL, "context.visit.highest")));
            let rows = is_one_of(LEVEL, table.with_row().map(Level::as_str));
            let disclosed = format!("context.visit has highest && {covered}");
            vec![Clause::of(every, Item).when(HAS_VISIT).when(OWN).when(rows).unless(disclosed)]
        }
        _ => return None,
    })
}

/// Whether the clearance of someone other than the asker is live and covers the item.
fn cleared(whose: &str, table: &Table<'_>) -> String {
    let covers = table.held_covers_item(&format!("{whose}.clearance.level"), "own_level");
    format!("{whose} has clearance && {whose}.clearance.live && {covers}")
}

/// Art. 6(g) with 4.2: lower in the own scheme for an own item, and what the table gives for what the originator notified for
/// another's.
fn lower_level(table: &Table<'_>) -> Vec<Clause> {
    let lower = any_of(table.lower().iter().map(|it| it.by_one(LEVEL, CHOSEN)));
    let notified = any_of(corresponding(table).iter().map(|row: &Corresponding<'_>| {
        let level = quoted(row.level.as_str());
        all_of([
            format!("{HOLDER} == {}", quoted(row.holder.as_str())),
            format!("resource.originator == {}", quoted(row.level.party().as_str())),
            format!("{LOWERED}.contains({level})"),
            is_one_of(CHOSEN, row.own.iter().map(|own| own.as_str())),
        ])
    }));
    vec![
        Clause::of(every, Item).unless(HAS_CHOSEN),
        Clause::of(every, Item).when(HAS_CHOSEN).when(OWN).unless(lower),
        Clause::of(every, Item)
            .when(HAS_CHOSEN)
            .when(FOREIGN)
            .when(format!("!{LOWERED}.isEmpty()"))
            .unless(notified),
    ]
}
