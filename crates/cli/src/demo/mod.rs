//! `attache demo`: two nodes, four items, four refusals, and what a stranger can verify afterwards. Everything goes through
//! the same interface as any client's; the nodes are processes of their own.
//!
//! *Absent:* shortcuts. Whatever the demo shows, a person can do by hand (`docs/BY-HAND.md`).

mod cast;
mod inputs;
mod proof;
mod refusals;
mod stage;
mod story;
mod via;

use crate::context::Context;
use crate::found::{Failed, Found};
use crate::progress;
use attache_accord::Level;
use attache_gate::api;
use attache_seal::papers::Answer;
use cast::{Cast, DIRECT, Nation, SEOUL, TOKYO};
use clap::Args;
use inputs::Input;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use story::Story;

/// The seed of the demo's own inputs.
const SEED: u64 = 20_161_123;
/// Longest wait for something that the nodes do by themselves, in seconds.
const PATIENCE_SECONDS: u64 = 30;
/// A user's file may be large and the machine slow: it gets a second more for so many bytes.
const SLOW_BYTES_PER_SECOND: u64 = 8 << 20;

#[derive(Args)]
#[command(after_help = "Example: attache demo --send report.pdf --keep")]
pub(crate) struct Demo {
    /// Folder to make the nodes in; without it, a fresh one among the temporary files.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Leave the nodes serving until you press Ctrl-C.
    #[arg(long)]
    keep: bool,
    /// Send a file of your own as well, from Seoul to Tokyo.
    #[arg(long)]
    send: Option<PathBuf>,
    /// Play with three nodes under the arrangement of 2014: Seoul and Tokyo share through Washington, which passes on what it
    /// received only with the giver's written approval.
    #[arg(long, conflicts_with = "send")]
    via_washington: bool,
}

pub(crate) fn run(demo: &Demo, context: &Context) -> Result<Found, Failed> {
    let story = Story::new(context.json);
    if let Some(path) = &demo.send
        && !path.is_file()
    {
        return Err(Failed::misuse(format!("send: {}: no such file", path.display())));
    }
    let begun = Instant::now();
    let folder = stage::folder(demo.folder.as_deref())?;
    if demo.via_washington {
        return via::run(&folder, (begun, demo.keep), &story, context.json);
    }
    story.title("Two nodes, of fictitious units of two ministries of defence");
    let stage = stage::Stage::set(&folder, &DIRECT, &story)?;
    let cast = Cast::enrol(&stage, &story)?;
    let mut items = four_items(&cast, &story)?;
    if let Some(path) = &demo.send {
        items.push(own_file(&cast, path, &story)?);
    }
    let humint = items.iter().find(|item| item["kind"] == "humint").cloned().unwrap_or_default();
    let refusals = refusals::all(&cast, &humint, &story)?;
    let receipts = receipts(&cast)?;
    let verification = proof::verify(&cast, &stage, receipts.len(), &story)?;
    story.next(&stage, begun.elapsed(), demo.keep);
    let document = json!({
        "folder": folder,
        "items": items,
        "refusals": refusals,
        "receipts": receipts,
        "verification": verification,
        "seconds": begun.elapsed().as_secs_f64(),
    });
    if demo.keep {
        stage.wait_for_interrupt(context.json.then_some(&document))?;
    }
    stage.strike()?;
    Found::of(String::new(), &document)
}

fn four_items(cast: &Cast, story: &Story) -> Result<Vec<Value>, Failed> {
    story.title("Four items, one of each kind that the agreement is for");
    let crossings = [
        (&TOKYO, &SEOUL, inputs::reconnaissance_image(SEED), "JPN:TOKUTEI", "KOR:II", false),
        (&TOKYO, &SEOUL, inputs::track_file(SEED), "JPN:HI", "KOR:III", false),
        (&TOKYO, &SEOUL, inputs::patrol_report(SEED), "JPN:HI", "KOR:III", false),
        // One level of Korea, two of Japan: a person in Tokyo chooses (Art. 4.2).
        (&SEOUL, &TOKYO, inputs::humint_report(SEED), "KOR:II", "JPN:TOKUTEI", true),
    ];
    let crossed = crossings.into_iter().map(|(from, to, input, level, own_level, tearline)| {
        let Input { title, file_name, media_type, bytes, kind } = input;
        let described = api::Described { title, file_name, media_type, tearline, tdf: false };
        let added = cast.analyst(from)?.upload(&described, bytes.len() as u64, &mut bytes.as_slice())?;
        let expected = if tearline { below(&bytes) } else { bytes };
        let crossing = Crossing { from, to, kind, level, own_level, title: described.title };
        crossing.run(cast, &added, &mut expected.as_slice(), story)
    });
    crossed.collect()
}

/// The part of a report below its tearline.
fn below(report: &[u8]) -> Vec<u8> {
    let line = attache_node::intake::TEARLINE.as_bytes();
    let at = report.windows(line.len()).position(|window| window == line);
    let rest = at.and_then(|at| report.get(at + line.len()..)).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').and_then(|at| rest.get(at + 1..)).unwrap_or_default().to_vec()
}

/// The user's own file, with a progress bar.
fn own_file(cast: &Cast, path: &Path, story: &Story) -> Result<Value, Failed> {
    story.title("Your own file");
    let file = File::open(path).map_err(|error| Failed::file(path, &error))?;
    let size = file.metadata().map_err(|error| Failed::file(path, &error))?.len();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let described =
        api::Described { title: name.clone(), file_name: name.clone(), ..api::Described::default() };
    let bar = progress::bar(size);
    let added = cast.analyst(&SEOUL)?.upload(&described, size, &mut bar.wrap_read(file))?;
    bar.finish_and_clear();
    let mut expected = File::open(path).map_err(|error| Failed::file(path, &error))?;
    let crossing = Crossing {
        from: &SEOUL,
        to: &TOKYO,
        kind: "document",
        level: "KOR:III",
        own_level: "JPN:HI",
        title: name,
    };
    crossing.run(cast, &added, &mut expected, story)
}

/// One item on its way.
struct Crossing {
    from: &'static Nation,
    to: &'static Nation,
    kind: &'static str,
    level: &'static str,
    own_level: &'static str,
    title: String,
}

impl Crossing {
    /// Marked, asked for, approved by a second person, sent, admitted, opened, receipted. `expected` is what must come out.
    fn run(
        &self,
        cast: &Cast,
        added: &api::Added,
        expected: &mut dyn Read,
        story: &Story,
    ) -> Result<Value, Failed> {
        let travels = added.extract.as_deref().unwrap_or(added);
        let whole = added.extract.as_ref().map(|_| added.item.as_str());
        if let Some(whole) = whole {
            // The whole with its protected source stays: releasable to nobody.
            cast.mark(self.from, whole, self.level, self.kind, false)?;
        }
        cast.mark(self.from, &travels.item, self.level, self.kind, true)?;
        let case = cast.request(self.from, &travels.item, self.to.node)?.case;
        let decided = cast.decide(self.from, &case, Answer::Approve)?;
        let arrival = cast.arrival(self.to, &travels.item_digest, travels.size)?;
        let own_level: Level = self.own_level.parse().map_err(Failed::fault)?;
        let admitted = crate::inbox::admit(cast.desk(self.to)?, &arrival, Some(own_level))?;
        let opened = cast.analyst(self.to)?.open(&admitted.item, "")?;
        let (title, size) = (opened.described.title.clone(), opened.item_bytes);
        if !same(opened.bytes, expected)? {
            return Err(Failed::fault("what was opened is not what was sent"));
        }
        let receipt = cast.receipt(self.from, &arrival.dispatch)?;
        let control = decided.control_number.unwrap_or_default();
        story.crossed(
            &self.title,
            self.from,
            self.to,
            (&control, &admitted.register_number),
            &admitted.banner,
            whole.is_some(),
        );
        Ok(json!({
            "title": title,
            "kind": self.kind,
            "from": self.from.node,
            "to": self.to.node,
            "item": travels.item,
            "bytes": size,
            "tearline": whole.is_some(),
            "level": self.level,
            "own_level": self.own_level,
            "control_number": control,
            "register_number": admitted.register_number,
            "dispatch": arrival.dispatch,
            "received_item": admitted.item,
            "banner": admitted.banner,
            "receipt": { "outcome": receipt.outcome, "signer": receipt.signer, "proof_due": receipt.proof_due },
        }))
    }
}

/// Whether two streams give the same bytes.
fn same(mut one: Box<dyn Read>, other: &mut dyn Read) -> Result<bool, Failed> {
    let (mut left, mut right) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let read = one.read(&mut left).map_err(Failed::fault)?;
        if read == 0 {
            return Ok(other.read(&mut right).map_err(Failed::fault)? == 0);
        }
        let wanted = right.get_mut(..read).unwrap_or_default();
        if other.read_exact(wanted).is_err() || left.get(..read) != right.get(..read) {
            return Ok(false);
        }
    }
}

fn receipts(cast: &Cast) -> Result<Vec<Value>, Failed> {
    let mut all = Vec::new();
    for nation in [&SEOUL, &TOKYO] {
        let receipts: Vec<api::ReceiptFacts> = cast.registrar(nation)?.list("/v1/receipts")?;
        let received = receipts.into_iter().filter(|receipt| receipt.direction == "received");
        all.extend(received.map(|receipt| {
            json!({
                "node": nation.node,
                "dispatch": receipt.dispatch,
                "number": receipt.number,
                "outcome": receipt.outcome,
                "signer": receipt.signer,
                "package": receipt.package,
                "leaf_index": receipt.leaf_index,
            })
        }));
    }
    Ok(all)
}

/// Asks again until there is an answer.
fn patiently<T>(what: &str, ask: impl FnMut() -> Result<Option<T>, Failed>) -> Result<T, Failed> {
    patiently_for(PATIENCE_SECONDS, what, ask)
}

/// How long the package of so many bytes may take to come, in seconds.
fn patience_seconds(bytes: u64) -> u64 {
    PATIENCE_SECONDS + bytes / SLOW_BYTES_PER_SECOND
}

fn patiently_for<T>(
    seconds: u64,
    what: &str,
    mut ask: impl FnMut() -> Result<Option<T>, Failed>,
) -> Result<T, Failed> {
    let until = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = ask()? {
            return Ok(found);
        }
        if Instant::now() >= until {
            return Err(Failed::fault(format!("{what} did not come within {seconds} seconds")));
        }
        std::thread::sleep(Duration::from_millis(40));
    }
}
