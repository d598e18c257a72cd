//! The agreement for Korea and Japan written a second time, without the table, the floor or a policy engine.

use crate::questions::NOW;
use attache_accord::particulars::Approved;
use attache_accord::people::{Clearance, Role};
use attache_accord::ruling::{Action, Question};
use attache_accord::{Level, Marking, Party};

/// Rows of the table, by hand: row number of a level that has one.
pub fn row(level: &Level) -> Option<u8> {
    match level.as_str() {
        "KOR:II" | "JPN:GOKUHI" | "JPN:TOKUTEI" => Some(2),
        "KOR:III" | "JPN:HI" => Some(1),
        _ => None,
    }
}

/// Ranks in a Party's own scheme, by hand.
pub fn rank(level: &Level) -> Option<u8> {
    if level.as_str() == "KOR:I" { Some(3) } else { row(level) }
}

fn is_party(party: &Party) -> bool {
    ["KOR", "JPN"].contains(&party.as_str())
}

fn both_in_force(question: &Question) -> bool {
    ["KOR", "JPN"].iter().all(|party| {
        let last = question.positions.iter().rfind(|p| p.party.as_str() == *party);
        last.is_some_and(|p| {
            p.from.is_some_and(|from| from <= NOW) && p.until.is_none_or(|until| until > NOW)
        })
    })
}

fn recipient_is_ready(question: &Question, marking: &Marking) -> bool {
    let Some(recipient) = &question.recipient else { return false };
    recipient.party != question.holder
        && is_party(&recipient.party)
        && marking.releasable_to.contains(&recipient.party)
        && recipient.assurances.iter().any(|assured| {
            assured.expires > NOW
                && assured.level.party() == recipient.party
                && rank(&assured.level).is_some_and(|held| row(&marking.level).is_some_and(|row| held >= row))
        })
}

/// What the originator's approvals that are good now say.
fn approvals<'a>(question: &'a Question, marking: &Marking) -> Vec<&'a Approved> {
    let good = question.subject.approvals.iter().filter(|approval| {
        approval.from == marking.originator()
            && approval.given <= NOW
            && approval.until.is_none_or(|until| until > NOW)
    });
    good.map(|approval| &approval.approved).collect()
}

/// Whether a live clearance of `party` covers the level that the item has there.
fn is_cleared(held: Option<&Clearance>, party: Party, own_level: Option<&Level>, marking: &Marking) -> bool {
    held.is_some_and(|held| {
        let own = marking.originator() == party;
        let needed = match own_level {
            Some(level) if level.party() != party => None,
            Some(level) => rank(level),
            None if own => rank(&marking.level),
            None => row(&marking.level),
        };
        let covers = matches!((rank(&held.level), needed), (Some(held), Some(needed)) if held >= needed);
        held.until > NOW && held.level.party() == party && covers
    })
}

fn own_level_of(question: &Question) -> Option<&Level> {
    match question.action {
        Action::Admit => question.chosen.as_ref(),
        _ => question.subject.own_level.as_ref(),
    }
}

fn role_does(question: &Question) -> bool {
    let has = |role: Role| question.asker.roles.contains(&role);
    match question.action {
        Action::Request => has(Role::Analyst),
        Action::Admit => has(Role::DeskOfficer),
        Action::Open => has(Role::Analyst) || has(Role::DisclosureOfficer) || has(Role::DeskOfficer),
        Action::Downgrade => has(Role::DisclosureOfficer) || has(Role::DeskOfficer),
        Action::Copy | Action::Translate => has(Role::Registrar) || has(Role::DeskOfficer),
        Action::Dispatch => true,
        Action::Release
        | Action::PassOn
        | Action::OtherPurpose
        | Action::GiveToContractor
        | Action::Visit => has(Role::DisclosureOfficer),
    }
}

/// What Articles 6, 8, 14, 15 and 16 ask of the use of a received item, and what a Party asks of its own.
fn use_is_allowed(question: &Question, marking: &Marking, own: bool) -> bool {
    let approved = approvals(question, marking);
    let copy_fits =
        || question.copy.is_some_and(|it| it.number >= 1 && it.number <= it.needed && it.is_marked);
    let holder = question.holder;
    let cleared = |held| is_cleared(held, holder, question.subject.own_level.as_ref(), marking);
    match question.action {
        Action::OtherPurpose => {
            own || question.purpose.clone().is_some_and(|it| approved.contains(&&Approved::OtherPurpose(it)))
        }
        Action::Downgrade if own => question.chosen.as_ref().is_some_and(|chosen| {
            let (is, becomes) = (rank(&marking.level), rank(chosen));
            chosen.party() == holder && becomes.is_some() && becomes < is
        }),
        Action::Downgrade => question.chosen.as_ref().is_some_and(|chosen| {
            let corresponds = |level: &Level| {
                level.party() == marking.originator() && chosen.party() == holder && row(level) == row(chosen)
            };
            row(chosen).is_some()
                && approved.iter().any(|it| matches!(it, Approved::Downgrade(level) if corresponds(level)))
        }),
        Action::Copy => own || copy_fits(),
        Action::Translate => {
            let translates = question.translation.as_ref().is_some_and(|it| {
                let translator = &it.translator;
                it.has_notation && translator.party == holder && cleared(translator.clearance.as_ref())
            });
            own || (copy_fits() && translates)
        }
        Action::GiveToContractor => {
            let ready = question.contractor.as_ref().is_some_and(|it| {
                let known = it.party == holder || approved.contains(&&Approved::ThirdParty(it.party));
                let inspected = it.inspected_until.is_some_and(|until| until > NOW);
                known
                    && inspected
                    && it.responsible.is_some()
                    && it.is_staff_registered
                    && cleared(it.cleared.as_ref())
            });
            own || (both_in_force(question) && ready)
        }
        Action::Visit => question.visit.as_ref().is_some_and(|it| {
            let highest = it.highest.as_ref().filter(|level| level.party() == holder).and_then(rank);
            it.is_official
                && it.approved_by == Some(holder)
                && it.until > NOW
                && highest.is_some_and(|highest| Some(highest) >= rank(&marking.level))
        }),
        _ => true,
    }
}

/// Whether the agreement permits it.
pub fn permits(question: &Question) -> bool {
    let Some(marking) = &question.subject.marking else { return false };
    let own = marking.originator() == question.holder;
    let own_level = question.subject.own_level.as_ref();
    let fits = |level: &Level| {
        level.party() == question.holder
            && if own { *level == marking.level } else { row(level) == row(&marking.level) }
    };
    let gives = || own && both_in_force(question) && recipient_is_ready(question, marking);
    let by_another = || question.requester.as_ref().is_some_and(|r| *r != question.asker.id);
    let moves = match question.action {
        Action::Request | Action::Visit => gives(),
        Action::Release | Action::Dispatch => gives() && by_another(),
        Action::Admit => {
            let only_one = marking.level.as_str() == "KOR:III" || question.holder.as_str() == "KOR";
            let chosen = question.chosen.as_ref().map_or(only_one, fits);
            !own && chosen && marking.releasable_to.contains(&question.holder)
        }
        Action::PassOn => {
            let to = question.recipient.as_ref().map(|r| r.party).filter(|party| *party != question.holder);
            let consent =
                to.is_some_and(|to| approvals(question, marking).contains(&&Approved::ThirdParty(to)));
            !own && own_level.is_some() && consent && both_in_force(question)
        }
        _ => own || own_level.is_some(),
    };
    let outward = matches!(
        question.action,
        Action::Request | Action::Release | Action::Dispatch | Action::Visit | Action::PassOn | Action::Admit
    );
    let shared = row(&marking.level).is_some() || (own && !outward);
    let level_fits = question.action == Action::Admit || own_level.is_none_or(fits);
    let asker = &question.asker;
    let person_fits = question.action == Action::Dispatch
        || (is_cleared(asker.clearance.as_ref(), asker.party, own_level_of(question), marking)
            && asker.duties.contains(&marking.kind));
    is_party(&question.holder)
        && asker.party == question.holder
        && role_does(question)
        && moves
        && use_is_allowed(question, marking, own)
        && shared
        && level_fits
        && person_fits
        && marking.kind.as_str() != "gossip"
}
