//! Commands of a document, typed as they stand there: one shell for each prompt, one folder for all.
//!
//! *Absent:* commands of its own. What is not in the document is not run.

use crate::text;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a node may take to be ready or to stop, and a package or a receipt to come, in seconds.
const PATIENCE_SECONDS: u64 = 60;

/// One command of the document.
#[derive(Debug)]
pub struct Step {
    prompt: String,
    command: String,
    exit: i32,
    /// Whether it is repeated until it lists something.
    until: bool,
}

/// The commands in the blocks marked `console`, in order.
pub fn steps(document: &str) -> Vec<Step> {
    let blocks = document.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines: Vec<String> = blocks
        .flat_map(|block| block.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines.iter().map(|line| step(line)).collect()
}

fn step(line: &str) -> Step {
    let (prompt, rest) = line.split_once("$ ").unwrap_or_else(|| panic!("no prompt in: {line}"));
    let (command, note) = rest.split_once("  # ").unwrap_or((rest, ""));
    let exit = note.strip_prefix("exit ").map_or(0, |code| code.parse().unwrap());
    let until = note == "until it has come";
    assert!(note.is_empty() || until || exit != 0, "a note that says nothing to a reader: {line}");
    Step { prompt: prompt.to_owned(), command: command.trim().to_owned(), exit, until }
}

/// Two terminals and what was read from their screens.
pub struct Desk {
    folder: PathBuf,
    settings: BTreeMap<String, Vec<(String, String)>>,
    running: BTreeMap<String, Child>,
    ports: BTreeMap<String, u16>,
    /// Words in capitals, and what they stand for.
    words: BTreeMap<String, String>,
}

impl Desk {
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            settings: BTreeMap::new(),
            running: BTreeMap::new(),
            ports: BTreeMap::new(),
            words: BTreeMap::new(),
        }
    }

    /// Types one command and looks at how it ends.
    pub fn type_in(&mut self, step: &Step) {
        if let Some(settings) = step.command.strip_prefix("export ") {
            let pairs = settings.split_whitespace().map(|one| one.split_once('=').unwrap());
            let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            self.settings.insert(step.prompt.clone(), pairs.collect());
        } else if step.command == "attache serve" {
            self.serve(&step.prompt);
        } else if step.command == "^C" {
            self.stop(&step.prompt);
        } else if step.until {
            self.repeat(step);
        } else {
            self.once(step);
        }
    }

    fn once(&mut self, step: &Step) -> Value {
        let command = self.spelled_out(&step.command);
        let output = self.shell(&step.prompt, &command).output().unwrap();
        let told = format!("{}$ {command}\n{}\n{}", step.prompt, text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(step.exit), "{told}");
        let document = document(&output);
        self.remember(&step.prompt, &document);
        document
    }

    fn repeat(&mut self, step: &Step) {
        let began = Instant::now();
        while self.once(step).as_array().is_some_and(Vec::is_empty) {
            let waited = began.elapsed().as_secs();
            assert!(waited < PATIENCE_SECONDS, "{}$ {}: nothing came", step.prompt, step.command);
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn serve(&mut self, prompt: &str) {
        let log = std::fs::File::create(self.folder.join(format!("{prompt}.log"))).unwrap();
        let mut shell = self.shell(prompt, "exec attache serve");
        let mut child = shell.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        self.running.insert(prompt.to_owned(), child);
        assert!(ready.contains("ready"), "{prompt} is not ready: {ready}{}", self.log(prompt));
    }

    /// What Ctrl-C does.
    fn stop(&mut self, prompt: &str) {
        let mut child = self.running.remove(prompt).unwrap();
        let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let began = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            let waited = began.elapsed().as_secs();
            assert!(waited < PATIENCE_SECONDS, "{prompt} does not stop:\n{}", self.log(prompt));
            std::thread::sleep(Duration::from_millis(50));
        };
        assert!(status.success(), "{prompt} stopped with {status}:\n{}", self.log(prompt));
    }

    fn log(&self, prompt: &str) -> String {
        std::fs::read_to_string(self.folder.join(format!("{prompt}.log"))).unwrap()
    }

    fn shell(&self, prompt: &str, command: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_attache")).parent().unwrap();
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(&self.folder).env("PATH", path);
        shell.envs(self.settings.get(prompt).cloned().unwrap_or_default());
        shell
    }

    /// The command with numbers for words, and with ports that are free on this computer.
    fn spelled_out(&mut self, command: &str) -> String {
        let words: Vec<String> = command.split(' ').map(|word| self.word(word)).collect();
        let json = if command.starts_with("attache ") { " --json" } else { "" };
        words.join(" ") + json
    }

    fn word(&mut self, word: &str) -> String {
        if let Some(number) = self.words.get(word.trim_matches('"')) {
            return word.replace(word.trim_matches('"'), number);
        }
        let Some(port) = word.strip_prefix("127.0.0.1:") else { return word.to_owned() };
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        format!("127.0.0.1:{}", self.ports.entry(port.to_owned()).or_insert_with(free))
    }

    /// Keeps the numbers that later commands need. The first digits of an id will do.
    fn remember(&mut self, prompt: &str, document: &Value) {
        let first = document.get(0).unwrap_or(document);
        let received = prompt == "tokyo" && document.get("register_number").is_some();
        let item = if received { "RECEIVED" } else { "ITEM" };
        for (word, at) in [
            (item, "/item"),
            ("PART", "/extract/item"),
            ("CASE", "/case"),
            ("DISPATCH", "/dispatch"),
            ("RULING", "/error/ruling/index"),
            (&format!("{}-FINGERPRINT", prompt.to_uppercase()), "/fingerprint"),
        ] {
            let whole = match first.pointer(at) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => continue,
            };
            let known = word == "ITEM" && self.words.contains_key("ITEM");
            let is_id = whole.len() == 32 && whole.bytes().all(|byte| byte.is_ascii_hexdigit());
            let short = if is_id { whole[..8].to_owned() } else { whole };
            if !known {
                self.words.insert(word.to_owned(), short);
            }
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for child in self.running.values_mut() {
            // Where the test failed, its nodes must not outlive it.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}
