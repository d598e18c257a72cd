//! The peer that is a database: PostgreSQL as the distribution has it.
//!
//! *Absent:* settings that make it faster than what an operator gets.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// The account that the distribution's package makes; the server does not run as root.
const ACCOUNT: &str = "postgres";
/// Tables of numbered rows.
pub const TABLES: [&str; 3] = ["outbox", "register", "receipts"];

/// A PostgreSQL server with its defaults, so with every commit synced, on the disk that our nodes use.
pub struct Server {
    folder: TempDir,
    user: u32,
    group: u32,
}

impl Server {
    pub fn start() -> Option<Self> {
        let id = |flag: &str| {
            let said = Command::new("id").args([flag, ACCOUNT]).stderr(Stdio::null()).output().ok()?;
            String::from_utf8_lossy(&said.stdout).trim().parse::<u32>().ok()
        };
        let (user, group) = (id("-u")?, id("-g")?);
        // Beside the build, but where another account can reach it.
        let folder = tempfile::tempdir_in(std::env::temp_dir()).expect("a folder");
        std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).ok()?;
        let server = Self { folder, user, group };
        if !server.run("initdb", &["-A", "trust", "-D", &server.data()]) || !server.begin() {
            return None;
        }
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let client = server.connect().await;
            for table in TABLES {
                let text = format!("create table {table} (id bigserial primary key, body bytea not null)");
                client.batch_execute(&text).await.expect("a table");
            }
        });
        Some(server)
    }

    /// Starts it on what is in its folder, and waits until it takes connections.
    pub fn begin(&self) -> bool {
        let at = self.folder.path().to_string_lossy().into_owned();
        let log = format!("{at}/log");
        self.run("pg_ctl", &["-D", &self.data(), "-w", "-l", &log, "-o", &listening(&at), "start"])
    }

    /// Ends all its processes as a crash does.
    pub fn crash(&self) {
        let data = self.data();
        let mut all = Vec::new();
        for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let at = std::fs::read_link(entry.path().join("cwd"));
            if name.parse::<u32>().is_ok() && at.is_ok_and(|at| at == Path::new(&data)) {
                all.push(name);
            }
        }
        drop(Command::new("kill").arg("-KILL").args(&all).status());
        while all.iter().any(|pid| Path::new(&format!("/proc/{pid}/exe")).exists()) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        // Where nobody reaps the dead, it would take the old process for one that still runs.
        for left in ["data/postmaster.pid", ".s.PGSQL.5432.lock"] {
            drop(std::fs::remove_file(self.folder.path().join(left)));
        }
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_string_lossy().into_owned()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(program);
        command.args(arguments).uid(self.user).gid(self.group).current_dir(self.folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|ended| ended.success())
    }

    pub async fn connect(&self) -> Client {
        let settings = format!("host={} user={ACCOUNT} dbname=postgres", self.folder.path().display());
        let (client, connection) =
            tokio_postgres::connect(&settings, NoTls).await.expect("the server answers");
        tokio::spawn(connection);
        client
    }
}

/// On a socket in its own folder, and no port.
fn listening(folder: &str) -> String {
    format!("-c listen_addresses='' -c unix_socket_directories='{folder}'")
}

impl Drop for Server {
    fn drop(&mut self) {
        let Ok(text) = std::fs::read_to_string(self.folder.path().join("data/postmaster.pid")) else {
            return;
        };
        if let Some(pid) = text.lines().next() {
            // A fast shutdown; its folder goes when it has ended.
            drop(Command::new("kill").args(["-INT", pid]).status());
            while Path::new(&format!("/proc/{pid}")).exists() {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    }
}
