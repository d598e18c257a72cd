//! The binary `attache`: reads what was typed, calls the crates below, prints for people or as JSON.
//!
//! *Absent:* rules, and anything that a client of the node's interface could not do as well.

mod agreement;
mod approvals;
mod backup;
mod client;
mod clients;
mod config;
mod context;
mod demo;
mod doctor;
mod evidence;
mod explain;
mod found;
mod guard;
mod handled;
mod home;
mod hops;
mod ids;
mod inbox;
mod init;
mod items;
mod key;
mod label;
mod letters;
mod log;
mod mandate;
#[cfg(test)]
mod manual;
mod marked;
mod marking;
mod openings;
mod pack;
mod people;
mod progress;
mod rebuild;
mod receipts;
mod records;
mod releases;
mod remedy;
mod report;
mod rule;
mod serve;
mod spif;
mod witness;

use attache_accord::{Digest, PersonId};
use attache_release::Language;
use attache_tlog::VerifierKey;
use attache_verify::{Brought, Trust};
use clap::{Args, Parser, Subcommand};
use context::Context;
use found::{Failed, Found};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "attache", version, about = "Exchange classified information under a signed agreement")]
#[command(
    after_help = "Exit codes: 0 done, 1 the agreement says no or something is not proved, 2 wrong command or \
    input, 3 a fault of this side, 4 the node cannot be reached."
)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Args)]
struct Settings {
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    json: bool,
    /// The node's folder.
    #[arg(long, global = true, env = "ATTACHE_HOME")]
    home: Option<PathBuf>,
    /// Who acts, by pseudonym.
    #[arg(long = "as", global = true, env = "ATTACHE_PERSON", value_name = "PERSON")]
    acting: Option<PersonId>,
    /// Folder of people's key files, PERSON.key.
    #[arg(long, global = true, env = "ATTACHE_KEYS", default_value = ".")]
    keys: PathBuf,
    /// Key file that unlocks keys instead of a passphrase: 32 to 4096 random bytes.
    #[arg(long, global = true, env = "ATTACHE_UNLOCK", value_name = "FILE")]
    unlock: Option<PathBuf>,
    /// Language of reasons: ko, ja or en.
    #[arg(long, visible_alias = "lang", global = true, env = "ATTACHE_LANGUAGE", default_value = "en")]
    language: Language,
}

#[derive(Subcommand)]
enum Noun {
    /// Two nodes exchange four items, refuse four, and prove it, in under a minute.
    Demo(demo::Demo),
    /// Found a node in a new folder.
    Init(init::Init),
    /// Run the node until it is told to stop.
    #[command(after_help = "Example: attache serve --home seoul --unlock unlock.bin")]
    Serve {
        /// Stop when the standard input ends, as it does when the process that started this one is gone.
        #[arg(long, hide = true)]
        with_parent: bool,
    },
    /// The configuration.
    #[command(subcommand)]
    Config(config::Verb),
    /// Look at everything that can be wrong with a node, and say what to do.
    #[command(after_help = "Example: attache doctor --home seoul --unlock unlock.bin")]
    Doctor,
    /// Make everything that follows from the journal anew, or only compare it.
    #[command(
        after_help = "Example: attache rebuild --home seoul --unlock unlock.bin\nExample: attache rebuild --check --home seoul \
        --unlock unlock.bin"
    )]
    Rebuild(rebuild::Rebuild),
    /// Backups of the node: taken while it runs, checked, and brought back.
    #[command(subcommand)]
    Backup(backup::Verb),
    /// The agreement and its rule pack.
    #[command(subcommand)]
    Agreement(agreement::Verb),
    /// People on the roll.
    #[command(subcommand)]
    Person(people::PersonVerb),
    /// Keys: how long they are believed, renewal and revocation.
    #[command(subcommand)]
    Key(key::Verb),
    /// Machine clients: programs that ask the key access service for keys, and act for you.
    #[command(subcommand)]
    Client(clients::Verb),
    /// Partners and cards.
    #[command(subcommand)]
    Peer(people::PeerVerb),
    /// Items.
    #[command(subcommand)]
    Item(items::Verb),
    /// Open an item: ruled on, recorded, then shown under its banner.
    Open(items::Open),
    /// Release cases.
    #[command(subcommand)]
    Release(releases::Verb),
    /// Written approvals of an item's originator.
    #[command(subcommand)]
    Approval(approvals::Verb),
    /// Requests to open items under originator control.
    #[command(subcommand)]
    Opening(openings::Verb),
    /// Letters by way of a hub that carries them without reading.
    #[command(subcommand)]
    Letter(letters::Verb),
    /// What arrived and waits for a desk officer.
    #[command(subcommand)]
    Inbox(inbox::Verb),
    /// The register.
    #[command(subcommand)]
    Register(records::RegisterVerb),
    /// Receipts.
    #[command(subcommand)]
    Receipt(receipts::Verb),
    /// The logs: what is published and cosigned, and what is done about one that showed two histories.
    #[command(subcommand)]
    Log(log::Verb),
    /// A witness that is no node: it cosigns the logs that it is told of, for an oversight body.
    #[command(subcommand)]
    Witness(witness::Verb),
    /// Mandates: what an oversight body may see.
    #[command(subcommand)]
    Mandate(mandate::Verb),
    /// Reports to oversight, under a mandate.
    #[command(subcommand)]
    Report(report::Verb),
    /// Labels of STANAG 4774 and sidecars of STANAG 4778, as files.
    #[command(subcommand)]
    Label(label::Verb),
    /// Cover sheets, portion marks, and the marking of what is made from others' information.
    #[command(subcommand)]
    Marking(marking::Verb),
    /// Security policies (XML SPIF), as files.
    #[command(subcommand)]
    Spif(spif::Verb),
    /// Fetch the node's evidence into a folder that anyone can verify.
    #[command(after_help = "Example: attache evidence --out evidence --as registrar-1")]
    Evidence {
        /// The folder. A second node's evidence may go into the same one.
        #[arg(long)]
        out: PathBuf,
        /// The rulings as well, to be asked again by whoever verifies, and what was signed of destructions and passages. These name
        /// people by pseudonym.
        #[arg(long)]
        rulings: bool,
    },
    /// Verify a folder of evidence, of evidence of one item, of reports, or of what the public is told of one; without keys and without a
    /// network.
    #[command(
        after_help = "Example: attache verify evidence --fingerprint \"0123 4567 ...\"\n\nExit code 0: everything is proved. 1: a fault was found, or \
                      something is not shown; the verdict says which. 2: the command is wrong, or there is no folder to read.\nEach finding \
                      has a code, V-001 and on: --checks tells what each of them shows, docs/EVIDENCE.md and docs/OVERSIGHT.md when it is proved.",
        args_conflicts_with_subcommands = true,
        subcommand_negates_reqs = true
    )]
    Verify {
        /// The folder.
        #[arg(required_unless_present = "checks")]
        folder: Option<PathBuf>,
        /// Instead of a folder, the code of each check and what it shows.
        #[arg(long)]
        checks: bool,
        /// A fingerprint of a card, or of an inspector's key, that you compared by another way; once for each.
        #[arg(long = "fingerprint")]
        fingerprints: Vec<String>,
        /// The digest of a rule pack that you trust although no card names it.
        #[arg(long = "pack")]
        packs: Vec<Digest>,
        /// A verifier key of a witness that you believe although no card names it; one for each key.
        #[arg(long = "witness", value_name = "VKEY", value_parser = key_of_witness)]
        witnesses: Vec<VerifierKey>,
        /// A checkpoint of one of the logs that you have from elsewhere, such as from a witness or a transparency page; once for each.
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        /// A log that no witness cosigned is a fault.
        #[arg(long)]
        require_cosigned: bool,
        /// Say it as one HTML document, to be printed, such as for a judge.
        #[arg(long, conflicts_with = "json")]
        html: bool,
        #[command(subcommand)]
        of: Option<evidence::Verb>,
    },
    /// Why the rules decided as they did, article by article, on which facts, and what would have to change.
    Explain(explain::Explain),
    /// What the rules would say of an item and a reader that need not exist. Nothing is recorded.
    Rule(Box<rule::Rule>),
}

fn main() -> ExitCode {
    let Arguments { settings, noun } = Arguments::parse();
    let Settings { json, home, acting, keys, unlock, language } = settings;
    let context = Context { home, person: acting, keys, unlock, language, json };
    if json {
        progress::silence();
    }
    match guard::no_core_dump().and_then(|()| run(noun, &context)) {
        Ok(Found { json: document, code, .. }) if json => {
            print(&format!("{document:#}"));
            ExitCode::from(code)
        }
        Ok(found) => {
            print(&found.text);
            ExitCode::from(found.code)
        }
        Err(failed) => {
            if json {
                print(&format!("{:#}", failed.to_json()));
            } else {
                eprintln!("attache: {}", told(&failed, language));
            }
            ExitCode::from(failed.code)
        }
    }
}

fn run(noun: Noun, context: &Context) -> Result<Found, Failed> {
    match noun {
        Noun::Init(init) => init::run(init, context),
        Noun::Demo(demo) => demo::run(&demo, context),
        Noun::Serve { with_parent } => serve::run(context, with_parent),
        Noun::Config(verb) => config::run(&verb, context),
        Noun::Doctor => doctor::run(context),
        Noun::Rebuild(rebuild) => rebuild::run(&rebuild, context),
        Noun::Backup(verb) => backup::run(verb, context),
        Noun::Agreement(verb) => agreement::run(verb, context),
        Noun::Person(verb) => people::person(verb, context),
        Noun::Key(verb) => key::run(verb, context),
        Noun::Client(verb) => clients::run(verb, context),
        Noun::Peer(verb) => people::peer(verb, context),
        Noun::Item(verb) => items::run(verb, context),
        Noun::Open(open) => items::open(&open, context),
        Noun::Release(verb) => releases::run(verb, context),
        Noun::Approval(verb) => approvals::run(verb, context),
        Noun::Opening(verb) => openings::run(verb, context),
        Noun::Letter(verb) => letters::run(verb, context),
        Noun::Inbox(verb) => inbox::run(verb, context),
        Noun::Register(verb) => records::register(&verb, context),
        Noun::Receipt(verb) => receipts::run(&verb, context),
        Noun::Log(verb) => log::run(verb, context),
        Noun::Witness(verb) => witness::run(verb, context),
        Noun::Mandate(verb) => mandate::run(verb, context),
        Noun::Report(verb) => report::run(verb, context),
        Noun::Label(verb) => label::run(verb, context),
        Noun::Marking(verb) => marking::run(verb, context),
        Noun::Spif(verb) => spif::run(verb, context),
        Noun::Evidence { out, rulings } => evidence::fetch(&out, rulings, context),
        Noun::Verify {
            of: Some(evidence::Verb::Report { folder, fingerprints, witnesses, html }), ..
        } => {
            let trust = Trust { fingerprints, witnesses, ..Trust::default() };
            evidence::verify(&folder, &trust, attache_verify::verify_report, html, context)
        }
        Noun::Verify { checks: true, of: None, .. } => {
            let text = attache_verify::checks_told(context.language);
            let json = attache_verify::checks_document(context.language);
            Ok(Found { text, json, code: found::EXIT_DONE })
        }
        Noun::Verify {
            folder, fingerprints, packs, witnesses, checkpoints, require_cosigned, html, ..
        } => {
            let checkpoints: Result<Vec<Brought>, String> =
                checkpoints.iter().map(|path| Brought::read(path)).collect();
            let checkpoints = checkpoints.map_err(Failed::misuse)?;
            let trust =
                Trust { fingerprints, packs, witnesses, checkpoints, must_be_cosigned: require_cosigned };
            evidence::verify(&folder.unwrap_or_default(), &trust, attache_verify::verify_any, html, context)
        }
        Noun::Explain(explain) => explain::run(&explain, context),
        Noun::Rule(rule) => rule::run(&rule, context),
    }
}

/// Reads a witness's verifier key.
fn key_of_witness(key: &str) -> Result<VerifierKey, attache_tlog::KeyError> {
    key.parse()
}

/// Prints, unless there is nothing to say. Whoever read may have gone; that is no reason to fail.
fn print(text: &str) {
    if !text.is_empty() {
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

/// What is told to a person: a refusal with its reasons in their language.
fn told(failed: &Failed, language: Language) -> String {
    match failed.problem.as_ref().and_then(|problem| problem.ruling.as_ref()) {
        Some(ruling) => {
            format!("refused, and the refusal is on record\n{}", explain::ruling_of(ruling, language))
        }
        None if failed.problem.as_ref().is_some_and(|problem| problem.code == "held") => {
            held(language).to_owned()
        }
        None => failed.read_in(language).to_owned(),
    }
}

/// That new releases are held, in a person's language.
fn held(language: Language) -> &'static str {
    match language {
        Language::Ko => {
            "새로운 제공이 보류되어 있다. 협정이 정한 시간이 지나도록 증인이 이 노드의 로그에 부서하지 않았다. 부서가 도착하면 저절로 풀린다."
        }
        Language::Ja => {
            "新たな提供は保留されている。協定の定める時間を過ぎても証人がこのノードのログに連署していない。連署が届けば自動的に解除される。"
        }
        Language::En => {
            "new releases are held: a witness has not cosigned this node's log for longer than the agreement allows. It ends by \
             itself when the cosignature is here (attache log status)."
        }
    }
}
