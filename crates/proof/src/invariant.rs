//! The invariants of every pack, written once more and apart from the floor: as the Cedar that whatever is permitted
//! must satisfy.
//!
//! *Absent:* the floor's code. What is proved must not be read from what is to be proved.

use attache_accord::Party;
use attache_accord::agreement::Terms;

/// Something that must hold for every question under every pack.
#[derive(Debug)]
pub struct Invariant {
    /// Its short name.
    pub name: &'static str,
    /// What it says, in words.
    pub says: &'static str,
    /// The codes of the rules that keep it; a pack without one of them breaks it.
    pub kept_by: &'static [&'static str],
    /// Policies that permit every request of which it holds, and no other.
    pub(crate) cedar: fn(&Terms) -> String,
}

/// The invariants.
pub static INVARIANTS: [Invariant; 3] = [
    Invariant {
        name: "no-third-party",
        says: "nothing received goes to a third party without the originator's consent, and none holds or asks (Art. 6(a))",
        kept_by: &["R-005"],
        cedar: no_third_party,
    },
    Invariant {
        name: "in-force-for-all",
        says: "nothing new leaves while the agreement is not in force in every Party's recorded position (Art. 21)",
        kept_by: &["R-001", "R-002"],
        cedar: in_force_for_all,
    },
    Invariant {
        name: "no-level-without-a-row",
        says: "nothing of a level that the table does not have is given, taken or used (Art. 4)",
        kept_by: &["R-004"],
        cedar: no_level_without_a_row,
    },
];

/// Actions that give something to another Party.
const GIVING: &str =
    r#"[Action::"request", Action::"release", Action::"dispatch", Action::"pass-on", Action::"visit"]"#;
/// Actions by which an own item stays where it is.
const STAYING: &str = r#"[Action::"open", Action::"other-purpose", Action::"downgrade", Action::"copy", Action::"translate", Action::"give-to-contractor"]"#;

fn listed<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let values: Vec<_> = values.map(|value| format!("{value:?}")).collect();
    format!("[{}]", values.join(", "))
}

fn parties(terms: &Terms) -> String {
    listed(terms.parties.iter().map(Party::as_str))
}

fn no_third_party(terms: &Terms) -> String {
    let parties = parties(terms);
    let may = |to: &str| format!("({parties}.contains({to}) || resource.may_go_to.contains({to}))");
    format!(
        "permit (principal, action, resource is Item)
         when {{ {parties}.contains(context.holder) && {parties}.contains(principal.party) }};
         forbid (principal, action in {GIVING}, resource is Item)
         unless {{ context has recipient && {} }};
         forbid (principal, action == Action::\"give-to-contractor\", resource is Item)
         unless {{
           resource.originator == context.holder ||
           (context has contractor && {})
         }};",
        may("context.recipient.party"),
        may("context.contractor.party"),
    )
}

fn in_force_for_all(terms: &Terms) -> String {
    let in_force = format!("context.in_force.containsAll({})", parties(terms));
    format!(
        "permit (principal, action, resource is Item);
         forbid (principal, action in {GIVING}, resource is Item) unless {{ {in_force} }};
         forbid (principal, action == Action::\"give-to-contractor\", resource is Item)
         unless {{ resource.originator == context.holder || {in_force} }};"
    )
}

fn no_level_without_a_row(terms: &Terms) -> String {
    let levels = terms.equivalence.rows.iter().flat_map(|row| row.levels.values().flatten());
    let levels = listed(levels.map(|level| level.as_str()));
    format!(
        "permit (principal, action, resource is Item) when {{ {levels}.contains(resource.level) }};
         permit (principal, action in {STAYING}, resource is Item)
         when {{ resource.originator == context.holder }};"
    )
}
