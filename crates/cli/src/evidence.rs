//! `attache evidence` and `attache verify`.
//!
//! *Absent:* checks of its own; `attache-verify` makes them.

use crate::agreement::texts::{Three, filled};
use crate::client::Client;
use crate::context::{Context, read_bounded};
use crate::found::{EXIT_FAULT, EXIT_MISUSE, EXIT_REFUSED, Failed, Found};
use crate::progress;
use attache_gate::api;
use attache_release::Language;
use attache_tlog::VerifierKey;
use attache_verify::{MAX_FILE_BYTES, Report, Trust, Verdict};
use clap::Subcommand;
use data_encoding::BASE64;
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Component, Path, PathBuf};

/// Longest line of the stream, in bytes: a file in base64 and what stands around it.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;
const HEADING: &str = "evidence.json";
const ITEM_HEADING: &str = "item.json";

const SAVED: Three = [
    "증거 파일 {files}개가 {out}에 있다.\n다음: 아무 기계에서나 attache verify {out}",
    "証拠のファイル{files}件が {out} にある。\n次に: どの機械でもよい、attache verify {out}",
    "{files} files of evidence are in {out}.\nNext: attache verify {out}, on any machine.",
];
const SAVED_OF_ITEM: Three = [
    "이 자료에 관한 파일 {files}개가 {out}에 있다. 사람은 가명으로만 나오고, 제목도 내용도 보이지 않는다.\n다음: 아무 기계에서나 \
     attache-verify {out}. --html을 붙이면 인쇄할 문서로 쓴다.",
    "この資料についてのファイル{files}件が {out} にある。人は仮名でのみ現れ、件名も内容も示されない。\n次に: どの機械でもよい、\
     attache-verify {out}。--html を付けると印刷用の文書を書く。",
    "{files} files about this item are in {out}. They name people by pseudonym, and show neither title nor content.\n\
     Next: attache-verify {out}, on any machine; with --html it writes a page to be printed.",
];
const BROKEN_OFF: Three = [
    "답이 끝나기 전에 끊겼다. 다시 받는다",
    "答えが終わる前に途切れた。もう一度取得すること",
    "the answer broke off before its end; fetch it again",
];
const OUTSIDE: Three = [
    "노드의 답이 폴더 밖의 경로를 댄다",
    "ノードの答えがフォルダーの外のパスを挙げている",
    "the node's answer names a path outside its folder",
];
const NO_HEADING: Three = [
    "{path}: 증거의 머리 파일이 아니다. 다른 폴더를 쓴다",
    "{path}: 証拠の見出しではない。別のフォルダーを使うこと",
    "{path}: not a heading of evidence; use another folder",
];
const OTHER_AGREEMENT: Three = [
    "out: 폴더에 다른 협정에 따른 증거가 있다. 다른 폴더를 쓴다",
    "out: フォルダーに別の協定による証拠がある。別のフォルダーを使うこと",
    "out: the folder holds evidence under another agreement; use another folder",
];
const NO_FOLDER: Three = ["{path}: 폴더가 아니다", "{path}: フォルダーではない", "{path}: not a folder"];

pub(crate) fn fetch(out: &Path, with_rulings: bool, context: &Context) -> Result<Found, Failed> {
    let client = context.sign_in()?;
    let files = progress::during(|| save(&client, with_rulings, out))?;
    Found::of(saved(&SAVED, files, out, context.language), &json!({ "folder": out, "files": files }))
}

/// What is told of files that were saved.
fn saved(text: &Three, files: usize, out: &Path, language: Language) -> String {
    filled(text, language, &[("files", files.to_string()), ("out", out.display().to_string())])
}

/// Saves the evidence of one item beside what is in the folder already: the same item at the other node, from there.
pub(crate) fn bundle(item: &str, out: &Path, client: &Client, language: Language) -> Result<Found, Failed> {
    let files = progress::during(|| save_item(item, out, client))?;
    Found::of(saved(&SAVED_OF_ITEM, files, out, language), &json!({ "folder": out, "files": files }))
}

/// The same without a word.
pub(crate) fn save_item(item: &str, out: &Path, client: &Client) -> Result<usize, Failed> {
    save_files(client.item_evidence(item)?, ITEM_HEADING, out)
}

/// Saves a node's evidence beside what is in the folder already, and gives the number of files.
pub(crate) fn save(client: &Client, with_rulings: bool, out: &Path) -> Result<usize, Failed> {
    save_files(client.evidence(with_rulings)?, HEADING, out)
}

/// Saves files that come one a line. `heading` is the one that says whose they are, and that two nodes' files share.
pub(crate) fn save_files(lines: impl Read, heading: &str, out: &Path) -> Result<usize, Failed> {
    let mut lines = BufReader::new(lines);
    let mut files = 0;
    loop {
        let mut line = String::new();
        lines.by_ref().take(MAX_LINE_BYTES).read_line(&mut line).map_err(Failed::unreachable)?;
        let file: api::EvidenceFile =
            serde_json::from_str(&line).map_err(|_| Failed::in_three(EXIT_FAULT, &BROKEN_OFF, &[]))?;
        if file.path.is_empty() {
            return Ok(files);
        }
        let bytes = BASE64.decode(file.base64.as_bytes()).map_err(Failed::fault)?;
        put(out, heading, (&file.path, &bytes))?;
        files += 1;
    }
}

fn put(out: &Path, heading: &str, (path, bytes): (&str, &[u8])) -> Result<(), Failed> {
    // The node is ours; a path that leaves the folder is refused all the same.
    if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(Failed::in_three(EXIT_FAULT, &OUTSIDE, &[]));
    }
    let whole = out.join(path);
    if let Some(folder) = whole.parent() {
        fs::create_dir_all(folder).map_err(|error| Failed::file(folder, &error))?;
    }
    let joined = if path == heading && whole.exists() { Some(join(&whole, bytes)?) } else { None };
    fs::write(&whole, joined.as_deref().unwrap_or(bytes)).map_err(|error| Failed::file(&whole, &error))
}

/// The heading of a folder that holds evidence of several nodes.
fn join(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, Failed> {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Heading {
        form: String,
        network: String,
        agreement: String,
        nodes: Vec<String>,
    }
    let odd = |_| Failed::in_three(EXIT_MISUSE, &NO_HEADING, &[("path", path.display().to_string())]);
    let before: Heading = serde_json::from_slice(&read_bounded(path, MAX_FILE_BYTES)?).map_err(odd)?;
    let mut both: Heading = serde_json::from_slice(bytes).map_err(odd)?;
    let are_alike = (&before.network, &before.agreement) == (&both.network, &both.agreement);
    if !are_alike {
        return Err(Failed::in_three(EXIT_MISUSE, &OTHER_AGREEMENT, &[]));
    }
    both.nodes.extend(before.nodes);
    both.nodes.sort();
    both.nodes.dedup();
    serde_json::to_vec(&both).map_err(Failed::fault)
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Verify a folder of reports: count every figure again, without keys and without a network. Or a folder of what the public is told of
    /// one: card, figures and cosignatures, as the transparency page hands them out.
    #[command(
        after_help = "Example: attache verify report report --fingerprint \"0123 4567 ...\"\n\nExit code 0: everything is proved. 1: a fault \
                            was found, or something is not shown. 2: the command is wrong, or there is no folder to read."
    )]
    Report {
        /// The folder.
        folder: PathBuf,
        /// A fingerprint of a card, or of an inspector's key, that you compared by another way; once for each.
        #[arg(long = "fingerprint")]
        fingerprints: Vec<String>,
        /// A verifier key of a witness that you believe although no card names it; one for each key.
        #[arg(long = "witness", value_name = "VKEY", value_parser = crate::key_of_witness)]
        witnesses: Vec<VerifierKey>,
        /// Say it as one HTML document, to be printed.
        #[arg(long)]
        html: bool,
    },
}

/// Where a folder must be, there is none.
pub(crate) fn no_folder(path: &Path) -> Failed {
    Failed::in_three(EXIT_MISUSE, &NO_FOLDER, &[("path", path.display().to_string())])
}

/// Verifies a folder by `check`.
pub(crate) fn verify(
    folder: &Path,
    trust: &Trust,
    check: fn(&Path, &Trust) -> Report,
    is_page: bool,
    context: &Context,
) -> Result<Found, Failed> {
    if !folder.is_dir() {
        return Err(no_folder(folder));
    }
    let report = progress::during(|| check(folder, trust));
    let json = report.document();
    let code = if report.verdict == Verdict::Proved { crate::found::EXIT_DONE } else { EXIT_REFUSED };
    let language = context.language;
    let text = if is_page { report.page(language) } else { report.told(language) };
    Ok(Found { text, json, code })
}
