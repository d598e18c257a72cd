//! From a request that the solver found to a question that the engine can be asked.
//!
//! *Absent:* trust in the way there. Whoever uses a question asks the engine.

use attache_accord::agreement::{Position, Terms, Topic};
use attache_accord::particulars::{Approval, Approved, Contractor, Reproduction, Translation, Visit};
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::ruling::{Action, Assured, Question, Recipient, Subject};
use attache_accord::{Digest, Kind, Level, Marking, Party, PersonId, Timestamp};
use cedar_policy::{Entity, EvalResult, PolicySet};
use cedar_policy_symcc::Env;
use std::collections::BTreeSet;
use std::str::FromStr;

/// When an example is asked: noon, 1 December 2026.
const AT: Timestamp = Timestamp(1_796_126_400_000);
/// What is live then, and what has lapsed.
const BEFORE: Timestamp = Timestamp(AT.0 - 86_400_000);
const AFTER: Timestamp = Timestamp(AT.0 + 86_400_000);

/// The words that examples are made of: those of the packs, and one of each kind that no pack has.
pub(crate) struct Words {
    parties: BTreeSet<Party>,
    levels: BTreeSet<Level>,
    kinds: BTreeSet<Kind>,
    topics: BTreeSet<Topic>,
}

/// Purposes of examples.
const PURPOSES: [&str; 2] = ["inquiry", "other"];
/// Most copies in an example.
const MAX_COPIES: u32 = 9;

impl Words {
    pub(crate) fn of(packs: &[&Terms]) -> Self {
        let mut parties: BTreeSet<Party> =
            packs.iter().flat_map(|terms| terms.parties.iter().copied()).collect();
        let strangers = ["USA", "FRA", "AUS", "XXX"].iter().filter_map(|code| code.parse().ok());
        let stranger = strangers.into_iter().find(|party| !parties.contains(party));
        parties.extend(stranger);
        let schemes = packs.iter().flat_map(|terms| terms.equivalence.schemes.values());
        let mut levels: BTreeSet<Level> =
            schemes.flat_map(|s| s.levels().map(|name| name.level.clone())).collect();
        levels.extend(parties.iter().filter_map(|party| format!("{party}:NO-SUCH").parse().ok()));
        let mut kinds: BTreeSet<Kind> = packs.iter().flat_map(|terms| terms.kinds.iter().cloned()).collect();
        kinds.extend("no-such".parse());
        let topics = packs.iter().flat_map(|terms| terms.topics.iter().cloned());
        let topics = topics.chain("no-such".parse()).collect();
        Self { parties, levels, kinds, topics }
    }

    /// A policy that forbids every request that no question has the facts of, such as a level of one Party with another
    /// Party as its originator.
    pub(crate) fn only_real(&self) -> String {
        let listed = |values: Vec<&str>| {
            let values: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
            format!("[{}]", values.join(", "))
        };
        let parties = listed(self.parties.iter().map(Party::as_str).collect());
        let levels = listed(self.levels.iter().map(Level::as_str).collect());
        let kinds = listed(self.kinds.iter().map(Kind::as_str).collect());
        let roles = listed(Role::ALL.iter().map(|(_, word)| *word).collect());
        let by_party = |party_fact: &str, level_fact: &dyn Fn(&str) -> String| {
            let each = self.parties.iter().map(|party| {
                let own = self.levels.iter().filter(|level| level.party() == *party).map(Level::as_str);
                format!("({party_fact} == \"{party}\" && {})", level_fact(&listed(own.collect())))
            });
            each.collect::<Vec<_>>().join(" || ")
        };
        let originator = by_party("resource.originator", &|own| format!("{own}.contains(resource.level)"));
        let assured = by_party("context.recipient.party", &|own| {
            format!("{own}.containsAll(context.recipient.assured)")
        });
        let topics = listed(self.topics.iter().map(Topic::as_str).collect());
        let purposes = listed(PURPOSES.to_vec());
        let among = |words: &str, fact: &str| {
            format!("(if context has {fact} then {words}.contains(context.{fact}) else true)")
        };
        let context = [
            among(&levels, "clearance.level"),
            among(&levels, "own_level"),
            among(&levels, "chosen"),
            among(&purposes, "purpose"),
            among(&parties, "translation.party"),
            among(&levels, "translation.clearance.level"),
            among(&parties, "contractor.party"),
            among(&levels, "contractor.clearance.level"),
            among(&parties, "visit.approved_by"),
            among(&levels, "visit.highest"),
            format!("(if context has recipient then {assured} else true)"),
            format!(
                "(if context has copy then context.copy.number >= 0 && context.copy.number <= {MAX_COPIES} &&
                 context.copy.needed >= 0 && context.copy.needed <= {MAX_COPIES} else true)"
            ),
        ];
        format!(
            "forbid (principal, action, resource) unless {{
               {parties}.contains(principal.party) && {roles}.containsAll(principal.roles) &&
               {kinds}.containsAll(principal.duties) && {parties}.contains(context.holder) &&
               {parties}.containsAll(context.in_force) && {}
             }};
             forbid (principal, action, resource is Item) unless {{
               ({originator}) && {kinds}.contains(resource.kind) && {topics}.containsAll(resource.topics) &&
               {parties}.containsAll(resource.releasable_to) && {parties}.containsAll(resource.may_go_to) &&
               {purposes}.containsAll(resource.other_purposes) && {levels}.containsAll(resource.lowered_to)
             }};",
            context.join(" && ")
        )
    }
}

/// Policies with others added. The added ones get ids of their own.
pub(crate) fn with(policies: &PolicySet, text: &str) -> Option<PolicySet> {
    let added: PolicySet = text.parse().ok()?;
    let mut all = policies.clone();
    for policy in added.policies() {
        all.add(policy.new_id(cedar_policy::PolicyId::new(format!("added {}", policy.id())))).ok()?;
    }
    Some(all)
}

/// The question with the facts of a request; none where a fact has no form that a question could have.
pub(crate) fn question(env: &Env, action: Action) -> Option<Question> {
    let principal = env.request.principal()?;
    let person = env.entities.get(principal)?;
    let item = env.entities.get(env.request.resource()?).filter(|item| attribute(item, "level").is_some());
    let context = env.request.context()?;
    let fact = |name: &str| context.get(name);
    let asker = Person {
        id: name("asker-1"),
        party: read(&attribute(person, "party")?)?,
        roles: set(&attribute(person, "roles")?)?,
        clearance: maybe(fact("clearance"), clearance)?,
        duties: set(&attribute(person, "duties")?)?,
    };
    let subject = Subject {
        item_digest: Digest([1; 32]),
        marking: item.map_or(Some(None), |item| marking(item).map(Some))?,
        own_level: maybe(fact("own_level"), read)?,
        approvals: item.map_or(Some(Vec::new()), approvals)?,
    };
    let in_force: BTreeSet<Party> = set(&fact("in_force")?)?;
    Some(Question {
        recipient: maybe(fact("recipient"), recipient)?,
        // Only whether they are one person matters, and names that the solver makes up are no names.
        requester: match fact("requester") {
            Some(EvalResult::EntityUid(uid)) => {
                Some(name(if uid == *principal { "asker-1" } else { "other-2" }))
            }
            _ => None,
        },
        chosen: maybe(fact("chosen"), read)?,
        positions: in_force
            .into_iter()
            .map(|party| Position { party, from: Some(BEFORE), until: None })
            .collect(),
        purpose: maybe(fact("purpose"), read)?,
        copy: maybe(fact("copy"), copy)?,
        translation: maybe(fact("translation"), translation)?,
        contractor: maybe(fact("contractor"), contractor)?,
        visit: maybe(fact("visit"), visit)?,
        ..Question::new(action, AT, read(&fact("holder")?)?, asker, subject)
    })
}

/// What is not there is nothing; what is there has its form, or there is no question.
fn maybe<T>(value: Option<EvalResult>, form: impl Fn(&EvalResult) -> Option<T>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(value) => form(&value).map(Some),
    }
}

fn field(value: &EvalResult, name: &str) -> Option<EvalResult> {
    match value {
        EvalResult::Record(record) => record.get(name).cloned(),
        _ => None,
    }
}

fn marking(item: &Entity) -> Option<Marking> {
    Some(Marking {
        level: read(&attribute(item, "level")?)?,
        releasable_to: set(&attribute(item, "releasable_to")?)?,
        kind: read(&attribute(item, "kind")?)?,
        caveats: Vec::new(),
        marked_at: BEFORE,
        topics: set(&attribute(item, "topics")?)?,
        control: None,
        purposes: [].into(),
    })
}

fn approvals(item: &Entity) -> Option<Vec<Approval>> {
    let level: Level = read(&attribute(item, "level")?)?;
    let parties = set(&attribute(item, "may_go_to")?)?.into_iter().map(Approved::ThirdParty);
    let purposes = set(&attribute(item, "other_purposes")?)?.into_iter().map(Approved::OtherPurpose);
    let levels = set(&attribute(item, "lowered_to")?)?.into_iter().map(Approved::Downgrade);
    let approval = |approved| Approval {
        from: level.party(),
        approved,
        given: BEFORE,
        until: None,
        document: "note 1".to_owned(),
    };
    Some(parties.chain(purposes).chain(levels).map(approval).collect())
}

fn clearance(value: &EvalResult) -> Option<Clearance> {
    let until = live(flag(&field(value, "live")?)?);
    Some(Clearance { level: read(&field(value, "level")?)?, until })
}

fn recipient(value: &EvalResult) -> Option<Recipient> {
    let assured: BTreeSet<Level> = set(&field(value, "assured")?)?;
    let assured =
        assured.into_iter().map(|level| Assured { person: name("reader-1"), level, expires: AFTER });
    Some(Recipient { party: read(&field(value, "party")?)?, node: None, assurances: assured.collect() })
}

fn copy(value: &EvalResult) -> Option<Reproduction> {
    let number = |name: &str| match field(value, name)? {
        EvalResult::Long(number) => u32::try_from(number).ok(),
        _ => None,
    };
    let is_marked = flag(&field(value, "is_marked")?)?;
    Some(Reproduction { number: number("number")?, needed: number("needed")?, is_marked })
}

fn translation(value: &EvalResult) -> Option<Translation> {
    let translator = Person {
        id: name("translator-1"),
        party: read(&field(value, "party")?)?,
        roles: BTreeSet::new(),
        clearance: maybe(field(value, "clearance"), clearance)?,
        duties: BTreeSet::new(),
    };
    Some(Translation { translator, has_notation: flag(&field(value, "has_notation")?)? })
}

fn contractor(value: &EvalResult) -> Option<Contractor> {
    let is = |name: &str| flag(&field(value, name)?);
    Some(Contractor {
        facility: "facility-1".parse().ok()?,
        party: read(&field(value, "party")?)?,
        cleared: maybe(field(value, "clearance"), clearance)?,
        inspected_until: Some(live(is("is_inspected")?)),
        responsible: is("has_responsible")?.then(|| name("responsible-1")),
        is_staff_registered: is("is_staff_registered")?,
    })
}

fn visit(value: &EvalResult) -> Option<Visit> {
    let is = |name: &str| flag(&field(value, name)?);
    Some(Visit {
        is_official: is("is_official")?,
        approved_by: maybe(field(value, "approved_by"), read)?,
        until: live(is("is_on")?),
        highest: maybe(field(value, "highest"), read)?,
    })
}

fn live(is_live: bool) -> Timestamp {
    if is_live { AFTER } else { BEFORE }
}

fn name(text: &str) -> PersonId {
    text.parse().unwrap_or_else(|_| unreachable!("{text} is a pseudonym"))
}

fn attribute(entity: &Entity, name: &str) -> Option<EvalResult> {
    entity.attr(name)?.ok()
}

fn read<T: FromStr>(value: &EvalResult) -> Option<T> {
    match value {
        EvalResult::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn flag(value: &EvalResult) -> Option<bool> {
    match value {
        EvalResult::Bool(value) => Some(*value),
        _ => None,
    }
}

fn set<T: FromStr + Ord>(value: &EvalResult) -> Option<BTreeSet<T>> {
    match value {
        EvalResult::Set(values) => values.iter().map(read).collect(),
        _ => None,
    }
}
