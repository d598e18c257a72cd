//! `attache item` and `attache open`.
//!
//! *Absent:* plaintext in any file that was not asked for.

mod paper;
pub(crate) mod words;

use crate::agreement::texts::{Three, filled, lines_or, of, word};
use crate::client::{Client, Opened};
use crate::context::Context;
use crate::found::{EXIT_FAULT, EXIT_MISUSE, Failed, Found};
use crate::handled;
use crate::ids::whole_id;
use crate::marking::Form;
use crate::openings;
use crate::progress;
use attache_accord::control::{Answerer, Control};
use attache_accord::particulars::Purpose;
use attache_accord::{Level, Party, Timestamp};
use attache_gate::api;
use attache_release::Language;
use clap::{Args, Subcommand};
use serde_json::json;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Take a file in as a draft; its bytes are sealed as they are read.
    #[command(
        after_help = "Example: attache item add report.txt --title \"Weekly report\" --tearline --as analyst-1"
    )]
    Add {
        /// The file.
        path: PathBuf,
        /// The title; without it, the file's name.
        #[arg(long)]
        title: Option<String>,
        /// The media type.
        #[arg(long, default_value = "application/octet-stream")]
        media_type: String,
        /// Make the part below the line "=== TEARLINE ===" an item of its own.
        #[arg(long, conflicts_with = "tdf")]
        tearline: bool,
        /// The file is a TDF that an OpenTDF client sealed for this node's key access service.
        #[arg(long)]
        tdf: bool,
    },
    /// Mark a draft. A marking is never changed afterwards.
    #[command(
        after_help = "Example: attache item mark 3f9a01 --level KOR:II --kind humint --releasable-to JPN --as analyst-1"
    )]
    Mark {
        /// The item, or at least 6 digits of it.
        item: String,
        /// The level, such as KOR:II.
        #[arg(long)]
        level: Level,
        /// The kind of information, such as humint.
        #[arg(long)]
        kind: String,
        /// What it is about, where the agreement covers some topics only; several times for several.
        #[arg(long = "topic")]
        topics: Vec<String>,
        /// For what it is given, where the agreement names purposes; several times for several.
        #[arg(long = "purpose")]
        purposes: Vec<Purpose>,
        /// A Party that may have it; several times for several.
        #[arg(long)]
        releasable_to: Vec<Party>,
        /// A caveat in your words; several times for several.
        #[arg(long = "caveat")]
        caveats: Vec<String>,
        /// Originator control (ORCON): each opening at a recipient's node needs the consent of this node, by the rules, or of one of
        /// its disclosure officers.
        #[arg(long, value_name = "rule|person")]
        originator_control: Option<Answerer>,
        /// Nobody it was released to opens it any more from then on.
        #[arg(long, value_name = "TIME", requires = "originator_control")]
        control_until: Option<Timestamp>,
    },
    /// Mark a draft that you made from other items. At least as high as each, for nobody whom one is not for (Art. 4.3).
    #[command(
        after_help = "Example: attache item derive 3f9a01 --from 77c2d0 --from 5ae1c0 --kind humint --as analyst-1"
    )]
    Derive {
        /// The item, or at least 6 digits of it.
        item: String,
        /// An item that it was made from; several times for several.
        #[arg(long = "from", required = true, value_name = "ITEM")]
        sources: Vec<String>,
        /// The level, where the sources leave a choice or it is to be higher.
        #[arg(long)]
        level: Option<Level>,
        /// The kind of information, such as humint.
        #[arg(long)]
        kind: String,
        /// A further topic; several times for several.
        #[arg(long = "topic")]
        topics: Vec<String>,
        /// A Party that may have it, of those whom all sources allow; several times for several.
        #[arg(long)]
        releasable_to: Option<Vec<Party>>,
        /// A further caveat in your words; several times for several.
        #[arg(long = "caveat")]
        caveats: Vec<String>,
    },
    /// Show one item.
    #[command(after_help = "Example: attache item show 3f9a01 --as analyst-1")]
    Show {
        /// The item, or at least 6 digits of it.
        item: String,
    },
    /// Fetch the evidence of one item's whole life here, for whoever decides about it: its acts with their proofs, what was signed and
    /// proved. The other node's may go into the same folder.
    #[command(after_help = "Example: attache item bundle 3f9a01 --out item --as registrar-1")]
    Bundle {
        /// The item, or at least 6 digits of it.
        item: String,
        /// The folder.
        #[arg(long)]
        out: PathBuf,
    },
    /// Make the cover sheet of a marked item, in the language of --language. It never has the item's title.
    #[command(
        after_help = "Example: attache item cover 3f9a01 --format pdf --out cover.pdf --language ja --as desk-7"
    )]
    Cover {
        /// The item, or at least 6 digits of it.
        item: String,
        /// Which copy of how many, such as 1/3.
        #[arg(long)]
        copy: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Write a marked item's label of STANAG 4774, for other systems: the originator's, or the one beside it.
    #[command(after_help = "Example: attache item label 3f9a01 --out item.xml --as desk-7")]
    Label {
        /// The item, or at least 6 digits of it.
        item: String,
        /// The holder's own level in a label beside the originator's, for what was received.
        #[arg(long)]
        alternative: bool,
        /// When to look at it again; without it, five years after it was marked.
        #[arg(long)]
        review: Option<Timestamp>,
        /// Where to write it; without it, the standard output.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// List all items.
    #[command(after_help = "Example: attache item list --as analyst-1")]
    List,
    /// Find this node's own items by words of their titles, those that you may see. Case and width make no difference.
    #[command(after_help = "Example: attache item search 야간 하역 --as analyst-1")]
    Search {
        /// Words that must all be in the title.
        #[arg(required = true)]
        words: Vec<String>,
    },
    #[command(flatten)]
    Recalled(openings::Recalled),
    #[command(flatten)]
    Handled(handled::Verb),
}

#[derive(Args)]
#[command(after_help = "Example: attache open 3f9a01 --as analyst-1 --out image.ntf")]
pub(crate) struct Open {
    /// The item, or at least 6 digits of it.
    item: String,
    /// Where to write it; without it, the standard output.
    #[arg(long)]
    out: Option<PathBuf>,
    /// For what use; the originator of an item under its control is told.
    #[arg(long, default_value = "")]
    purpose: String,
}

pub(crate) fn run(verb: Verb, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    match verb {
        Verb::Add { path, title, media_type, tearline, tdf } => {
            let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let file_name = file_name.unwrap_or_default();
            let title = title.unwrap_or_else(|| file_name.clone());
            let described = api::Described { title, file_name, media_type, tearline, tdf };
            add(&client, &path, &described, context.language)
        }
        Verb::Mark {
            item,
            level,
            kind,
            topics,
            purposes,
            releasable_to,
            caveats,
            originator_control,
            control_until,
        } => {
            let id = item_id(&client, &item)?;
            let marking = api::Marking {
                level: level.to_string(),
                kind,
                topics,
                purposes: purposes.iter().map(ToString::to_string).collect(),
                releasable_to: releasable_to.iter().map(ToString::to_string).collect(),
                caveats,
                control: originator_control
                    .map(|answerer| Control { answerer, until: control_until }.to_string()),
                marked_at: None,
            };
            let item: api::Item = client.post(&format!("/v1/items/{id}/marking"), &marking)?;
            let marked = of(&words::MARKED, context.language);
            Found::of(format!("{marked}\n{}", shown(&item, context.language)), &item)
        }
        Verb::Derive { item, sources, level, kind, topics, releasable_to, caveats } => {
            let id = item_id(&client, &item)?;
            let sources = sources.iter().map(|source| item_id(&client, source));
            let wanted = api::Derivation {
                sources: sources.collect::<Result<_, _>>()?,
                level: level.map(|level| level.to_string()),
                kind,
                topics,
                releasable_to: releasable_to.map(|of| of.iter().map(ToString::to_string).collect()),
                caveats,
            };
            let item: api::Item = client.post(&format!("/v1/items/{id}/derivation"), &wanted)?;
            let marked = of(&words::MARKED, context.language);
            Found::of(format!("{marked}\n{}", shown(&item, context.language)), &item)
        }
        Verb::Show { item } => {
            let id = item_id(&client, &item)?;
            let item: api::Item = client.get(&format!("/v1/items/{id}"))?;
            Found::of(shown(&item, context.language), &item)
        }
        Verb::Bundle { item, out } => {
            crate::evidence::bundle(&item_id(&client, &item)?, &out, &client, context.language)
        }
        Verb::Cover { item, copy, form } => {
            let id = item_id(&client, &item)?;
            let item: api::Item = client.get(&format!("/v1/items/{id}"))?;
            form.write(&paper::cover(&item, copy, &context.home()?.pack()?, context.language)?)
        }
        Verb::Label { item, alternative, review, out } => {
            let id = item_id(&client, &item)?;
            let item: api::Item = client.get(&format!("/v1/items/{id}"))?;
            paper::label(&item, alternative, review, &context.home()?.pack()?, out.as_deref())
        }
        Verb::List => {
            let items: Vec<api::Item> = client.list("/v1/items")?;
            let lines: Vec<String> = items.iter().map(|item| line(item, context.language)).collect();
            Found::of(lines_or(&words::NONE, &lines, context.language), &items)
        }
        Verb::Search { words } => {
            let result = search(&client, &words)?;
            let mut lines: Vec<String> =
                result.items.iter().map(|item| line(item, context.language)).collect();
            if lines.is_empty() {
                lines.push(of(&words::NO_TITLE, context.language).to_owned());
            }
            if !result.is_all {
                lines.push(of(&words::MORE, context.language).to_owned());
            }
            Found::of(lines.join("\n"), &result)
        }
        Verb::Recalled(verb) => openings::recall(verb, &client, context),
        Verb::Handled(verb) => handled::run(verb, &client, context),
    }
}

/// Items whose titles have all of these words.
pub(crate) fn search(client: &Client, words: &[String]) -> Result<api::SearchResult, Failed> {
    client.post("/v1/searches", &api::Searching { words: words.join(" ") })
}

/// Uploads a file with a progress bar.
pub(crate) fn add(
    client: &Client,
    path: &Path,
    described: &api::Described,
    language: Language,
) -> Result<Found, Failed> {
    let file = File::open(path).map_err(|error| Failed::file(path, &error))?;
    let about = file.metadata().map_err(|error| Failed::file(path, &error))?;
    if !about.is_file() {
        let places = [("path", path.display().to_string())];
        return Err(Failed::in_three(EXIT_MISUSE, &words::NO_FILE, &places));
    }
    let bar = progress::bar(about.len());
    let added = client.upload(described, about.len(), &mut bar.wrap_read(file))?;
    bar.finish_and_clear();
    let part = |text, item: &String, size: u64| {
        filled(text, language, &[("item", item.clone()), ("size", size.to_string())])
    };
    let mut lines = vec![part(&words::ADDED, &added.item, added.size)];
    lines.extend(added.extract.as_ref().map(|below| part(&words::BELOW, &below.item, below.size)));
    lines.push(of(&words::NEXT, language).to_owned());
    Found::of(lines.join("\n"), &added)
}

pub(crate) fn open(open: &Open, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let id = item_id(&client, &open.item)?;
    let ask = || -> Result<Opened, Failed> {
        let opened =
            progress::waiting(of(&words::WAITING, context.language), || client.open(&id, &open.purpose));
        let opened = opened.map_err(|failed| failed.said_in(context.language))?;
        if let Some(banners) = &opened.banner {
            eprintln!("{}", banner(banners, context.language));
        }
        Ok(opened)
    };
    let Some(path) = &open.out else {
        let opened = ask()?;
        return to_output(opened.bytes, &opened.described.media_type);
    };
    // No opening is recorded of what could not be written.
    let opened = into_new(path, |file| {
        let mut opened = ask()?;
        copy_whole(file, opened.item_bytes, &mut opened.bytes, &words::BROKE_OFF)?;
        Ok(opened)
    })?;
    let (title, bytes, ruling_index) = (opened.described.title, opened.item_bytes, opened.ruling_index);
    let places = [
        ("bytes", bytes.to_string()),
        ("ruling", ruling_index.to_string()),
        ("path", path.display().to_string()),
    ];
    let text = format!("{title}\n{}", filled(&words::OPENED, context.language, &places));
    let document = json!({ "item": id, "title": title, "bytes": bytes, "file": path, "ruling_index": ruling_index, "banner": opened.banner });
    Found::of(text, &document)
}

/// Makes a new file for its owner only before `work` is begun, which writes it; where that fails, none stays.
pub(crate) fn into_new<T>(
    path: &Path,
    work: impl FnOnce(&mut File) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| Failed::file(path, &error))?;
    let done = work(&mut file);
    if done.is_err() {
        // What did not come whole is nobody's item.
        let _ = std::fs::remove_file(path);
    }
    done
}

/// Writes `bytes` bytes of `source`; where fewer come, `broke_off` is said.
pub(crate) fn copy_whole(
    file: &mut File,
    bytes: u64,
    source: &mut dyn Read,
    broke_off: &Three,
) -> Result<(), Failed> {
    let bar = progress::bar(bytes);
    let copied = io::copy(&mut bar.wrap_read(source), file);
    bar.finish_and_clear();
    if copied.as_ref().ok() == Some(&bytes) {
        Ok(())
    } else {
        Err(Failed::in_three(EXIT_FAULT, broke_off, &[]))
    }
}

fn to_output(mut bytes: Box<dyn Read>, media_type: &str) -> Result<Found, Failed> {
    let mut out = io::stdout().lock();
    if out.is_terminal() && !media_type.starts_with("text/") {
        return Err(Failed::in_three(EXIT_MISUSE, &words::NO_TEXT, &[]));
    }
    io::copy(&mut bytes, &mut out).and_then(|_| out.flush()).map_err(Failed::fault)?;
    Ok(Found { text: String::new(), json: serde_json::Value::Null, code: crate::found::EXIT_DONE })
}

/// The whole id of an item that may be given by its first digits.
pub(crate) fn item_id(client: &Client, given: &str) -> Result<String, Failed> {
    if given.len() == 32 {
        return Ok(given.to_owned());
    }
    let items: Vec<api::Item> = client.list("/v1/items")?;
    whole_id("item", given, items.iter().map(|item| item.item.as_str()))
}

/// The banner in one language, framed.
pub(crate) fn banner(banners: &api::Banners, language: Language) -> String {
    let lines = match language {
        Language::Ko => &banners.ko,
        Language::Ja => &banners.ja,
        Language::En => &banners.en,
    };
    let lines: Vec<String> = lines.iter().map(|line| format!("  | {line}")).collect();
    lines.join("\n")
}

fn line(item: &api::Item, language: Language) -> String {
    let level = item.marking.as_ref().map_or("-", |marking| marking.level.as_str());
    let short: String = item.item.chars().take(8).collect();
    let title = item.title.as_deref().or(item.register_number.as_deref());
    let title = title.unwrap_or_else(|| of(&words::UNTITLED, language));
    let stage = word(words::STAGE, &item.stage, language);
    format!("{short}  {stage:<9} {level:<12} {:>12}  {title}", item.size)
}

fn shown(item: &api::Item, language: Language) -> String {
    let with = |what, value: &str| format!("  {:<7} {value}", of(what, language));
    let mut lines =
        vec![line(item, language), with(&words::ITEM, &item.item), with(&words::DIGEST, &item.item_digest)];
    if let Some(whole) = &item.extract_of {
        lines.push(format!("  {} {whole}", of(&words::EXTRACT_OF, language)));
    }
    if let Some(banners) = &item.banner {
        lines.push(banner(banners, language));
    }
    lines.extend(item.recalls.iter().map(|recall| openings::recalled(recall, language)));
    for (party, levels) in &item.contains {
        let of = of(&words::CONTAINS, language);
        lines.push(format!("  {of}  {party} · {}", levels.join(", ")));
    }
    lines.extend(crate::hops::lines(&item.hops, language));
    lines.join("\n")
}
