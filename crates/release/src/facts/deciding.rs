//! Which facts each rule looks at.
//!
//! *Absent:* their values.

use super::Matter;
use super::Matter::{
    Approvals, ApprovedBy, Asker, Assurances, At, Chosen, Clearance, Contractor, Copies, Duties, Equivalent,
    Facility, Highest, Holder, Inspected, Kind, KindsAgreed, Level, Notation, Official, Originator, OwnLevel,
    Positions, Purpose, Recipient, ReleasableTo, Requester, Responsible, Roles, Staff, ThirdParty, Topics,
    TopicsAgreed, Translator,
};
use attache_accord::ruling::Action;

/// What the rule of a code looked at. A rule that a pack brings itself is shown with the item and who asked.
pub(super) fn matters(code: &str, action: Action) -> &'static [Matter] {
    match code {
        "R-001" | "R-002" => &[At, Positions],
        "R-003" => &[Holder],
        "R-004" => &[Level, Recipient, Equivalent],
        "R-005" => &[Originator, ThirdParty, Approvals],
        "R-006" => &[Originator, Holder, Approvals],
        "R-007" => &[Originator, Recipient, ReleasableTo],
        "R-008" => &[Recipient, Level, Equivalent, Assurances],
        "R-009" => &[Requester, Asker],
        "R-010" => &[Level, Holder, Equivalent, OwnLevel, Chosen],
        "R-011" => &[Asker, Holder],
        "R-012" => &[Holder, Recipient],
        "R-013" => &[Topics, TopicsAgreed],
        "R-014" => &[Originator, Purpose, Approvals],
        "R-015" => &[Originator, Level, Approvals],
        "R-016" => &[Level, OwnLevel, Chosen, Approvals],
        "R-017" | "R-018" => &[Originator, Copies],
        "R-019" => &[Level, OwnLevel, Translator],
        "R-030" => &[Originator, Notation],
        "R-031" => &[Contractor, Level, OwnLevel, Facility],
        "R-032" => &[Contractor, Inspected],
        "R-033" => &[Contractor, Responsible],
        "R-034" => &[Contractor, Staff],
        "R-040" => &[Recipient, Official],
        "R-041" => &[Holder, ApprovedBy],
        "R-042" => &[Level, Highest],
        "R-020" => &[Asker, Clearance, Level, OwnLevel],
        "R-021" => &[Asker, Duties, Kind],
        "R-022" => &[Asker, Roles],
        "R-023" => &[Kind, KindsAgreed],
        _ => of_action(action),
    }
}

/// What a permit of an action rests on.
fn of_action(action: Action) -> &'static [Matter] {
    match action {
        Action::Request | Action::Visit => &[
            Originator,
            Recipient,
            Positions,
            Level,
            Equivalent,
            ReleasableTo,
            Kind,
            Assurances,
            Clearance,
            Duties,
        ],
        Action::Release | Action::Dispatch => &[
            Originator,
            Recipient,
            Positions,
            Level,
            Equivalent,
            ReleasableTo,
            Kind,
            Assurances,
            Requester,
            Asker,
        ],
        Action::Admit => &[Originator, ReleasableTo, Level, Equivalent, Chosen, Clearance, Duties],
        Action::Open => &[Originator, Level, OwnLevel, Kind, Clearance, Duties, Roles],
        Action::PassOn => &[Originator, Recipient, Positions, Level, Approvals, Clearance, Duties],
        Action::OtherPurpose => &[Originator, Purpose, Approvals, Clearance, Duties],
        Action::Downgrade => &[Originator, Level, OwnLevel, Chosen, Approvals],
        Action::Copy => &[Originator, Level, OwnLevel, Copies, Clearance, Duties],
        Action::Translate => &[Originator, Level, OwnLevel, Copies, Translator, Notation],
        Action::GiveToContractor => {
            &[Originator, Positions, Level, OwnLevel, Contractor, Facility, Inspected, Responsible, Staff]
        }
    }
}
