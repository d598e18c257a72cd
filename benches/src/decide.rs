//! B6: 20,000 mixed labels, decided under 4, 100 and 1,000 policies: by the tables of a compiled pack, as labels that come for
//! some recipients and as whole questions; by the engine that rules; by Cedar as it comes; and by Rego under regorus. The last
//! two decide on the policies alone, with what needs the table or the clock worked out for them beforehand; the others work it
//! out and hold the floor as well.
//!
//! *Absent:* memory of a label or a question. Every pass of the tables is over what was not seen before.

use crate::measure::Report;
use attache_accord::ruling::{Action, Question};
use attache_release::chance::Chance;
use attache_release::{Answer, Compiled, PACK_FILES, Pack, rule};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// Questions of a pass.
const QUESTIONS: usize = 20_000;
/// Recipients for whom the labels of a pass come, and labels that come at a time.
const SITUATIONS: usize = 20;
const BATCH: usize = 1_000;
/// Questions of a pass of those who need long for one.
const FEW: usize = 1_000;
/// What every pack of this workload has: whatever is not forbidden is permitted.
const BASE: &str = r#"
@id("R-101") @article("1") @status("press")
permit (principal is Person, action, resource is Item);
@id("R-020") @article("7") @status("verified")
forbid (principal is Person, action, resource is Item)
unless { context.clearance_live && context.clearance_covers };
@id("R-021") @article("7") @status("verified")
forbid (principal is Person, action, resource is Item)
unless { principal.duties.contains(resource.kind) };
@id("R-023") @article("2") @status("family")
forbid (principal is Person, action, resource is Item)
unless { context.kinds_agreed.contains(resource.kind) };
"#;
/// Policies in that.
const BASE_POLICIES: usize = 4;
/// Actions that further policies are about.
const ACTIONS: [&str; 4] = ["request", "release", "admit", "open"];

/// One further policy: of other kinds of information, or of other people.
struct Further {
    action: &'static str,
    kind: String,
    party: &'static str,
}

fn further(count: usize) -> Vec<Further> {
    let one = |at: usize| {
        let is_other_kind = at % 5 != 0;
        Further {
            action: ACTIONS[at % ACTIONS.len()],
            kind: if is_other_kind { format!("kind-{at}") } else { "imagery".to_owned() },
            party: if is_other_kind { "KOR" } else { "FRA" },
        }
    };
    (0..count).map(one).collect()
}

/// The shipped pack with these policies in place of its own.
fn pack(further: &[Further]) -> Pack {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../agreements/gsomia-2016");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("articles")).expect("a folder");
    for file in PACK_FILES {
        let mut text = std::fs::read_to_string(shipped.join(file)).expect("a file of the pack");
        match file {
            "policies.cedar" => text = policies(further),
            "reasons.toml" => {
                text = without_policies(&text);
                for at in 0..further.len() {
                    for language in ["ko", "ja", "en"] {
                        let said = "title = \"t\"\nreason = \"r\"\nremedy = \"m\"";
                        writeln!(text, "\n[R-1{at:04}.{language}]\n{said}").expect("text");
                    }
                }
            }
            _ => {}
        }
        std::fs::write(folder.path().join(file), text).expect("a file");
    }
    Pack::load(folder.path()).expect("a pack")
}

/// The texts without those of policies that this workload leaves out; a text without a rule is a fault of a pack.
fn without_policies(text: &str) -> String {
    let is_left_out = |code: &str| code == "R-022" || (code.starts_with("R-1") && code != "R-101");
    let mut kept = String::new();
    let mut leaves_out = false;
    for line in text.lines() {
        if let Some(head) = line.strip_prefix('[') {
            leaves_out = is_left_out(head.split(['.', ']']).next().unwrap_or_default());
        }
        if !leaves_out {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

fn policies(further: &[Further]) -> String {
    let mut text = BASE.to_owned();
    for (at, one) in further.iter().enumerate() {
        writeln!(
            text,
            "@id(\"R-1{at:04}\") @article(\"1\") @status(\"product\")\npermit (principal is Person, action == Action::\"{}\", \
             resource is Item) when {{ resource.kind == \"{}\" && principal.party == \"{}\" }};",
            one.action, one.kind, one.party
        )
        .expect("text");
    }
    text
}

fn rego(further: &[Further]) -> String {
    let mut text = "package x\nimport rego.v1\ndefault allow := false\nallow if { permitted; not denied }\n\
        denied if { not input.live }\ndenied if { not input.covers }\ndenied if { not input.kind in input.duties }\n\
        denied if { not input.kind in input.agreed }\npermitted if { true }\n"
        .to_owned();
    for one in further {
        writeln!(
            text,
            "permitted if {{ input.action == \"{}\"; input.kind == \"{}\"; input.party == \"{}\" }}",
            one.action, one.kind, one.party
        )
        .expect("text");
    }
    text
}

/// A marked question with the facts that policies get computed.
struct Put<'q> {
    question: &'q Question,
    live: bool,
    covers: bool,
}

fn put<'q>(question: &'q Question, pack: &Pack) -> Option<Put<'q>> {
    let marking = question.subject.marking.as_ref()?;
    let table = &pack.terms().equivalence;
    let own = match question.action {
        Action::Admit => question.chosen.as_ref(),
        _ => question.subject.own_level.as_ref(),
    };
    let held = question.asker.clearance.as_ref();
    let covers =
        held.filter(|held| held.level.party() == question.asker.party).is_some_and(|held| match own {
            Some(level) => table.covers(&held.level, level),
            None => table.clears(&held.level, &marking.level),
        });
    Some(Put { question, live: held.is_some_and(|held| question.at < held.until), covers })
}

/// Cedar as it comes: the policies, and entities and a request made for each question.
struct Plain {
    set: PolicySet,
    authorizer: Authorizer,
    kinds: Vec<String>,
}

impl Plain {
    fn decide(&self, put: &Put<'_>) -> bool {
        let text = |word: &str| RestrictedExpression::new_string(word.to_owned());
        let set = |words: Vec<&str>| RestrictedExpression::new_set(words.into_iter().map(text));
        let uid = |kind: &str, id: &str| {
            EntityUid::from_type_name_and_id(kind.parse().expect("a type"), EntityId::new(id))
        };
        let (question, asker) = (put.question, &put.question.asker);
        let marking = question.subject.marking.as_ref().expect("marked");
        let person = uid("Person", asker.id.as_str());
        let item = uid("Item", &question.subject.item_digest.to_string());
        let person_facts = HashMap::from([
            ("party".to_owned(), text(asker.party.as_str())),
            ("roles".to_owned(), set(asker.roles.iter().map(|role| role.as_str()).collect())),
            ("duties".to_owned(), set(asker.duties.iter().map(|kind| kind.as_str()).collect())),
        ]);
        let item_facts = HashMap::from([
            ("originator".to_owned(), text(marking.originator().as_str())),
            ("kind".to_owned(), text(marking.kind.as_str())),
        ]);
        let entities = [
            Entity::new(person.clone(), person_facts, HashSet::new()).expect("an entity"),
            Entity::new(item.clone(), item_facts, HashSet::new()).expect("an entity"),
        ];
        let entities = Entities::from_entities(entities, None).expect("entities");
        let context = Context::from_pairs([
            ("clearance_live".to_owned(), RestrictedExpression::new_bool(put.live)),
            ("clearance_covers".to_owned(), RestrictedExpression::new_bool(put.covers)),
            ("kinds_agreed".to_owned(), set(self.kinds.iter().map(String::as_str).collect())),
        ]);
        let action = uid("Action", question.action.as_str());
        let request =
            Request::new(person, action, item, context.expect("a context"), None).expect("a request");
        self.authorizer.is_authorized(&request, &self.set, &entities).decision() == Decision::Allow
    }
}

fn rego_input(put: &Put<'_>, kinds: &[String]) -> String {
    let (question, asker) = (put.question, &put.question.asker);
    let marking = question.subject.marking.as_ref().expect("marked");
    serde_json::json!({
        "action": question.action.as_str(),
        "party": asker.party.as_str(),
        "roles": asker.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
        "duties": asker.duties.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        "originator": marking.originator().as_str(),
        "kind": marking.kind.as_str(),
        "live": put.live,
        "covers": put.covers,
        "agreed": kinds,
    })
    .to_string()
}

/// Questions a second.
fn rate(count: usize, pass: impl FnOnce()) -> f64 {
    let began = Instant::now();
    pass();
    count as f64 / began.elapsed().as_secs_f64()
}

pub fn run(report: &mut Report) {
    for (count, goal) in [(4, 100.0), (100, 100.0), (1_000, 5_000.0)] {
        let further = further(count - BASE_POLICIES);
        let pack = pack(&further);
        let compiled = Compiled::of(&pack).expect("a compiled pack");
        assert!(compiled.unrecognised().is_empty(), "{:?}", compiled.unrecognised());
        let kinds: Vec<String> = pack.terms().kinds.iter().map(ToString::to_string).collect();
        let set = policies(&further).parse().expect("policies");
        let plain = Plain { set, authorizer: Authorizer::new(), kinds: kinds.clone() };
        let mut engine = regorus::Engine::new();
        engine.add_policy("x.rego".into(), rego(&further)).expect("a policy");

        let mut chance = Chance::new(&pack, 6);
        let mut another = Chance::new(&pack, 66);
        let questions: Vec<Question> = (0..QUESTIONS).map(|_| chance.question()).collect();
        let differences = questions.iter().filter(|question| {
            let outcome = rule(question, &pack);
            let codes = outcome.ruling().reasons.iter().map(|reason| reason.code.clone()).collect();
            compiled.answer(&compiled.decide(question)) != Answer { granted: outcome.is_granted(), codes }
        });
        report.limit(&format!("B6 differences, {count}"), "of 20000", differences.count() as f64, 0.0);

        let marked: Vec<Put<'_>> = questions.iter().filter_map(|question| put(question, &pack)).collect();
        let inputs: Vec<String> = marked.iter().take(FEW).map(|put| rego_input(put, &kinds)).collect();
        let mut ask_rego = |input: &String| {
            engine.set_input(regorus::Value::from_json_str(input).expect("an input"));
            engine.eval_rule("data.x.allow".into()).expect("an answer") == regorus::Value::Bool(true)
        };
        let parted =
            marked.iter().zip(&inputs).filter(|(put, input)| plain.decide(put) != ask_rego(input)).count();
        assert_eq!(parted, 0, "Cedar and Rego decide the same policies");

        let few = marked.len().min(FEW);
        let by_plain = || {
            rate(few, || {
                for put in marked.iter().take(few) {
                    black_box(plain.decide(put));
                }
            })
        };
        let granted =
            |question: &&Question| question.action == Action::Release && compiled.decide(question).granted;
        let situations: Vec<Question> = questions.iter().filter(granted).take(SITUATIONS).cloned().collect();
        assert_eq!(situations.len(), SITUATIONS);
        // Each batch is decided when it was read, as a stream is.
        let mut by_labels = || {
            let (mut count, mut taken) = (0, Duration::ZERO);
            for question in &situations {
                let subjects = (0..BATCH).map(|_| another.question().subject);
                let labels: Vec<_> = subjects.filter_map(|it| Some((it.marking?, it.own_level))).collect();
                let began = Instant::now();
                let situation = compiled.situation(question.clone());
                for (marking, own_level) in &labels {
                    black_box(situation.decide(marking, own_level.as_ref()));
                }
                taken += began.elapsed();
                count += labels.len();
            }
            count as f64 / taken.as_secs_f64()
        };
        report.pairs(&format!("B6 labels, {count}"), ("/s", goal), &mut by_labels, by_plain);
        let mut by_questions = || {
            let mut taken = Duration::ZERO;
            for _ in 0..QUESTIONS / BATCH {
                let questions: Vec<_> = (0..BATCH).map(|_| chance.question()).collect();
                let began = Instant::now();
                for question in &questions {
                    black_box(compiled.decide(question));
                }
                taken += began.elapsed();
            }
            QUESTIONS as f64 / taken.as_secs_f64()
        };
        report.pairs(&format!("B6 questions, {count}"), ("/s", goal), &mut by_questions, by_plain);
        report.pairs(
            &format!("B6 engine, {count}"),
            ("/s", 1.0 / 1.2),
            || {
                rate(few, || {
                    for question in questions.iter().take(few) {
                        drop(black_box(rule(question, &pack)));
                    }
                })
            },
            by_plain,
        );
        let mut by_rego =
            || rate(inputs.len(), || inputs.iter().for_each(|input| _ = black_box(ask_rego(input))));
        report.pairs(&format!("B6 labels/Rego, {count}"), ("/s", goal), &mut by_labels, &mut by_rego);
    }
}
