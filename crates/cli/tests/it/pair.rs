//! Two founded nodes with their people, served by the real binary and driven by its own commands.
//!
//! *Absent:* any way past the binary: what a test does here, people can do.

use crate::text;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long something may take that the nodes do by themselves, in seconds. Longer than the minute after which a node
/// brings again what its partner could not take.
pub const PATIENCE_SECONDS: u64 = 150;
/// How often an attempt looks for what it sent, a tenth of a second apart.
const ATTEMPT_LOOKS: usize = 20;
/// Exit codes after which it is not known whether the node did what it was asked: it failed, or could not be reached.
/// 124 says that it took longer than [`COMMAND_SECONDS`].
const UNKNOWN: [i32; 3] = [3, 4, 124];
/// A command is given up after so many seconds: sealing 2 GiB takes some.
const COMMAND_SECONDS: &str = "120";

/// What differs between the two nodes.
pub struct Nation {
    pub folder: &'static str,
    pub node: &'static str,
    pub party: &'static str,
    pub partner: &'static str,
    /// The partner's node.
    pub peer: &'static str,
    /// The folder of the agreement's rule pack, or the name of a built-in one.
    pub pack: &'static str,
    /// The level that its items bear, and the one that it gives to what it receives.
    pub level: &'static str,
}

pub static SEOUL: Nation = Nation {
    folder: "seoul",
    node: "seoul.kor",
    party: "KOR",
    partner: "JPN",
    peer: "tokyo.jpn",
    pack: "gsomia-2016",
    level: "KOR:II",
};
pub static TOKYO: Nation = Nation {
    folder: "tokyo",
    node: "tokyo.jpn",
    party: "JPN",
    partner: "KOR",
    peer: "seoul.kor",
    pack: "gsomia-2016",
    level: "JPN:TOKUTEI",
};

/// How a command ended.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub document: Value,
    /// What it said of errors; shown where a test fails.
    #[expect(dead_code, reason = "for the debugger's eye")]
    pub errors: String,
}

impl Answer {
    /// Whether the node may or may not have done it.
    pub fn is_unknown(&self) -> bool {
        UNKNOWN.contains(&self.code)
    }

    /// A text of the document.
    pub fn text(&self, at: &str) -> String {
        let found = self.document.pointer(at).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {at} in {self:?}")).to_owned()
    }

    /// The documents of a list.
    pub fn list(&self) -> &[Value] {
        self.document.as_array().unwrap_or_else(|| panic!("no list: {self:?}"))
    }
}

/// One node: its folder, its people's keys, and its process while it runs.
pub struct Post {
    pub nation: &'static Nation,
    base: PathBuf,
    running: Mutex<Option<Child>>,
}

impl Post {
    pub fn found(base: &Path, nation: &'static Nation) -> Self {
        let [partner, people, admin] = [(); 3].map(|()| free_address());
        let post = Self { nation, base: base.to_owned(), running: Mutex::new(None) };
        std::fs::write(post.unlock(), [nation.party.as_bytes()[0]; 64]).unwrap();
        let ports = format!("--listen-partner {partner} --listen-people {people} --listen-admin {admin}");
        let (node, party, pack) = (nation.node, nation.party, nation.pack);
        let who = format!("--node {node} --party {party} --network exercise --pack {pack}");
        let init = format!("init {who} --administrator admin --beat-seconds 1 --pad-leaves 0 {ports}");
        post.must("admin", &init);
        post
    }

    /// The node's folder.
    pub fn home(&self) -> PathBuf {
        self.base.join(self.nation.folder)
    }

    fn unlock(&self) -> PathBuf {
        self.base.join(format!("{}.unlock", self.nation.folder))
    }

    /// A file in the folder of both nodes.
    pub fn file(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    fn log(&self) -> PathBuf {
        self.base.join(format!("{}.log", self.nation.folder))
    }

    /// What the node has written to its log so far.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Starts the node and waits until it is ready.
    pub fn serve(&self) {
        assert!(self.try_serve(&[]), "{} is not ready:\n{}", self.nation.node, self.logged());
    }

    /// Starts the node under a command of another program, such as `strace`. `false` when it ended before it was ready.
    pub fn try_serve(&self, under: &[&str]) -> bool {
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let mut words: Vec<&str> = under.to_vec();
        words.extend([env!("CARGO_BIN_EXE_attache"), "serve"]);
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = self.settings(&mut command).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        *self.running.lock().unwrap() = Some(child);
        ready.contains("ready")
    }

    /// Takes the node down at once, as a power cut would take the process.
    pub fn kill(&self) {
        if let Some(mut child) = self.running.lock().unwrap().take() {
            // It may have ended by itself.
            let _ = child.kill();
            child.wait().unwrap();
        }
    }

    /// The exit code of the node, once it ended by itself.
    pub fn ended(&self) -> Option<i32> {
        let mut running = self.running.lock().unwrap();
        let status = running.as_mut().expect("it was started").try_wait().unwrap()?;
        *running = None;
        status.code()
    }

    /// The number of the node's process.
    pub fn pid(&self) -> u32 {
        self.running.lock().unwrap().as_ref().map(Child::id).expect("it runs")
    }

    pub fn settings<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("ATTACHE_HOME", self.home())
            .env("ATTACHE_KEYS", self.base.join(format!("{}-keys", self.nation.folder)))
            .env("ATTACHE_UNLOCK", self.unlock())
            .current_dir(&self.base)
    }

    /// Types a command as `person`. Words are separated by spaces and hold none.
    pub fn ask(&self, person: &str, command: &str) -> Answer {
        // A node that is held half-way by a debugger answers nothing; a person would give up as well.
        let mut typed = Command::new("timeout");
        typed
            .args([COMMAND_SECONDS, env!("CARGO_BIN_EXE_attache")])
            .args(command.split_whitespace())
            .args(["--json", "--as", person]);
        let output = self.settings(&mut typed).output().unwrap();
        Answer {
            code: output.status.code().unwrap_or(-1),
            document: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
            errors: text(&output.stderr),
        }
    }

    /// What `person` reads in a language who types a command, errors at the end, and the exit code.
    pub fn reads(&self, person: &str, language: &str, command: &str) -> (String, Option<i32>) {
        let mut typed = Command::new(env!("CARGO_BIN_EXE_attache"));
        typed.args(command.split_whitespace()).args(["--as", person, "--language", language]);
        let output = self.settings(&mut typed).output().unwrap();
        (format!("{}{}", text(&output.stdout), text(&output.stderr)), output.status.code())
    }

    /// Types a command that dies as it makes the `nth` call of these, which is not made. `true` when it came to its end.
    pub fn ends_though_killed_at(&self, calls: &str, nth: usize, command: &str) -> bool {
        let mut typed = Command::new("strace");
        typed.args(["-f", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
        typed.args(["-e", &format!("inject={calls}:signal=KILL:when={nth}")]);
        typed.arg(env!("CARGO_BIN_EXE_attache")).args(command.split_whitespace());
        self.settings(&mut typed).output().unwrap().status.success()
    }

    /// Types a command that must succeed.
    pub fn must(&self, person: &str, command: &str) -> Answer {
        let answer = self.ask(person, command);
        assert_eq!(
            answer.code,
            0,
            "{}$ attache {command}\n{answer:?}\n{}",
            self.nation.folder,
            self.logged()
        );
        answer
    }

    /// Types a command until the node answers it; true when an earlier attempt may have been carried out.
    pub fn persist(&self, person: &str, command: &str) -> (Answer, bool) {
        let mut attempted = false;
        let answer = until(command, || {
            let answer = self.ask(person, command);
            let is_unknown = answer.is_unknown();
            attempted |= is_unknown;
            (!is_unknown).then_some(answer)
        });
        (answer, attempted)
    }

    /// The command that marks an item so that it may go to the partner.
    pub fn marking(&self, item: &str) -> String {
        let Nation { level, partner, .. } = self.nation;
        format!("item mark {item} --level {level} --kind document --releasable-to {partner}")
    }

    /// The command that asks for an item's release to the partner.
    pub fn request(&self, item: &str) -> String {
        format!("release request {item} {} --purpose exercise", self.nation.peer)
    }

    /// The command that admits a dispatch.
    pub fn admission(&self, dispatch: &str) -> String {
        format!("inbox admit {dispatch} --level {}", self.nation.level)
    }

    /// Its people, with their keys and clearances.
    pub fn staff(&self) {
        let Nation { folder, level, .. } = self.nation;
        for (person, role) in [
            ("analyst", "analyst"),
            ("officer", "disclosure-officer"),
            ("desk", "desk-officer"),
            ("registrar", "registrar"),
            ("inspector", "inspector"),
        ] {
            self.must(person, &format!("person key {person}"));
            let cleared = format!("--clearance {level} --until 2036-01-01 --duty document");
            let public = format!("{folder}-keys/{person}.pub");
            self.must("admin", &format!("person add {person} --public {public} --role {role} {cleared}"));
        }
        self.must("office", "person key office");
        let public = format!("{folder}-keys/office.pub");
        self.must("admin", &format!("person add office --public {public} --role agreement-office"));
    }

    /// Its agreement office declares that the agreement is in force.
    pub fn declare(&self) {
        let papers = "--official treaties --document note-1 --remark in-force";
        self.must("office", &format!("agreement position --in-force-from 2016-11-23 {papers}"));
    }

    /// Accepts the other's card and takes its assurance.
    pub fn befriend(&self, other: &Self) {
        let (theirs, file) = (other.nation.folder, format!("{}.card", other.nation.folder));
        let card = other.must("admin", &format!("peer card --out {file}"));
        let typed = card.text("/fingerprint").replace(' ', "");
        self.must("admin", &format!("peer add {file} --fingerprint {typed}"));
        let assurance = format!("{theirs}.assurance");
        other.must("admin", &format!("agreement assure desk --expires 2036-01-01 --out {assurance}"));
        self.must("admin", &format!("agreement assurance {assurance}"));
    }
}

impl Post {
    /// One item is released here and admitted at the other node, as [`Pair::attempt`] has it.
    pub fn sends(&self, to: &Self, name: &str, size: usize) -> bool {
        std::fs::write(self.file(name), vec![size as u8; size]).unwrap();
        let done = |answer: Answer| (answer.code == 0).then_some(answer);
        let ask = |person, command: &str| done(self.ask(person, command));
        let approved = ask("analyst", &format!("item add {name} --title {name}"))
            .map(|added| added.text("/item"))
            .and_then(|item| ask("analyst", &self.marking(&item)).map(|_| item))
            .and_then(|item| ask("analyst", &self.request(&item)))
            .and_then(|asked| ask("officer", &approval(&asked.text("/case"))));
        for _ in 0..ATTEMPT_LOOKS {
            let Some(arrivals) = done(to.ask("desk", "inbox list")) else { break };
            if let Some(arrival) = arrivals.list().first() {
                to.ask("desk", &to.admission(arrival["dispatch"].as_str().unwrap()));
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        approved.is_some()
    }
}

/// An address that stays free while its node is down: below the ports that the system gives to connections.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let place = std::process::id().wrapping_mul(61).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let address = SocketAddr::from(([127, 0, 0, 1], 20_000 + (place % 12_000) as u16));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The command that approves a case.
pub fn approval(case: &str) -> String {
    format!("release approve {case} --reason agreed --article 1")
}

/// Waits for something that the nodes do by themselves.
pub fn until<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(PATIENCE_SECONDS), "{what}: nothing came");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Two nodes that serve and have accepted each other.
pub struct Pair {
    pub seoul: Post,
    pub tokyo: Post,
    folder: TempDir,
}

impl Pair {
    /// Founds and starts both.
    pub fn new() -> Self {
        Self::of(&SEOUL, &TOKYO)
    }

    /// Two other nodes, the first in the place of Seoul.
    pub fn of(first: &'static Nation, second: &'static Nation) -> Self {
        let pair = Self::not_yet(first, second);
        pair.both().into_iter().for_each(Post::declare);
        pair.until("each position at the other node", |post| {
            post.must("office", "agreement show").text("/force") == "in-force"
        });
        pair
    }

    /// The same, with nothing on record about the agreement.
    pub fn negotiating() -> Self {
        Self::not_yet(&SEOUL, &TOKYO)
    }

    fn not_yet(first: &'static Nation, second: &'static Nation) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let seoul = Post::found(folder.path(), first);
        let tokyo = Post::found(folder.path(), second);
        let pair = Self { seoul, tokyo, folder };
        for post in pair.both() {
            post.serve();
            post.staff();
        }
        pair.seoul.befriend(&pair.tokyo);
        pair.tokyo.befriend(&pair.seoul);
        pair
    }

    /// Waits until both nodes are as wanted.
    pub fn until(&self, what: &str, is_so: impl Fn(&Post) -> bool) {
        until(what, || self.both().into_iter().all(&is_so).then_some(()));
    }

    pub fn both(&self) -> [&Post; 2] {
        [&self.seoul, &self.tokyo]
    }

    /// One item is released at Seoul and admitted at Tokyo, as far as both nodes go along; the first command that is not
    /// carried out ends it. Says whether the approval was acknowledged.
    pub fn attempt(&self, name: &str, size: usize) -> bool {
        self.seoul.sends(&self.tokyo, name, size)
    }

    /// Approved cases at Seoul, and entries of what came in Tokyo's register: after [`Self::settle`] as many.
    pub fn sent_and_registered(&self) -> [usize; 2] {
        let count = |answer: Answer, is_one: fn(&Value) -> bool| {
            answer.list().iter().filter(|one| is_one(one)).count()
        };
        let cases = self.seoul.must("officer", "release list");
        let register = self.tokyo.must("registrar", "register list");
        [
            count(cases, |case| case["dispatch"]["progress"] == "receipted"),
            count(register, |entry| entry["direction"] == "in"),
        ]
    }

    /// Whatever waits at either node is admitted, until every dispatch of both is receipted.
    pub fn settle(&self) {
        until("every receipt", || {
            for post in self.both() {
                for arrival in post.must("desk", "inbox list").list() {
                    post.must("desk", &post.admission(arrival["dispatch"].as_str().unwrap()));
                }
            }
            self.both().into_iter().all(all_receipted).then_some(())
        });
    }

    /// Fetches the evidence of both nodes once it covers everything, and verifies it.
    pub fn prove(&self) -> Value {
        self.prove_with("", "")
    }

    /// The same of evidence that more is asked for, by a reader who says more.
    pub fn prove_with(&self, asked: &str, said: &str) -> Value {
        let cards = self.both().map(|post| post.must("admin", "peer list").list()[0]["card"].clone());
        let fingerprints: Vec<_> =
            cards.iter().map(|card| card["fingerprint"].as_str().unwrap().replace(' ', "")).collect();
        until("a proof of everything", || {
            let folder = self.folder.path().join("evidence");
            // It is there from the second attempt on.
            let _ = std::fs::remove_dir_all(&folder);
            for post in self.both() {
                post.must("registrar", &format!("evidence --out evidence {asked}"));
            }
            let command =
                format!("verify evidence {said} --fingerprint {}", fingerprints.join(" --fingerprint "));
            let answer = self.seoul.ask("nobody", &command);
            if answer.code != 0 {
                // Shown where the test fails.
                let findings = answer.document["findings"].as_array().into_iter().flatten();
                let open = findings.filter(|found| found["outcome"]["is"] != "proved");
                eprintln!("{:#?}", open.map(ToString::to_string).collect::<Vec<_>>());
            }
            (answer.code == 0).then_some(answer.document)
        })
    }
}

fn all_receipted(post: &Post) -> bool {
    let releases = post.must("officer", "release list");
    let approved = releases.list().iter().filter(|case| case["decision"].is_object());
    approved.into_iter().all(|case| case["dispatch"]["progress"] == "receipted")
}
