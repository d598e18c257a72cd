//! B1: a file of 1 GiB in memory, sealed to nothing and opened to nothing, each side a process of its own.
//!
//! Ours makes a labelled container under a hybrid-wrapped key, with the item digest over its segments; `age` encrypts to
//! one X25519 recipient. Both read the file with the same cache and write to the same device.

use crate::measure::Report;
use crate::small::{Key, label, sealed};
use attache_seal::KemSecret;
use attache_seal::tdf::{Container, open_stream};
use std::fs::{self, File};
use std::io::{BufReader, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

const BYTES: usize = 1 << 30;
/// Read at once from a container.
const BUFFER_BYTES: usize = 1 << 20;

pub fn run(report: &mut Report) {
    let has_age = Command::new("age").arg("--version").stdout(Stdio::null()).status();
    if !has_age.is_ok_and(|status| status.success()) {
        report.skip("B1 seal-1g", "age is not installed");
        return;
    }
    // In memory, so that no disk is measured.
    let folder = tempfile::tempdir_in("/dev/shm").expect("/dev/shm can be written");
    let at = |name: &str| folder.path().join(name);
    let mut file = File::create(at("plain")).expect("a file in memory");
    for number in 0..BYTES / BUFFER_BYTES {
        file.write_all(&vec![number as u8 ^ 0x5a; BUFFER_BYTES]).expect("room for 1 GiB in memory");
    }
    drop(file);
    let secret = KemSecret::generate().expect("a key");
    fs::write(at("kem"), secret.to_secret_bytes()).expect("a file in memory");
    let keygen = Command::new("age-keygen").arg("-o").arg(at("age.key")).output().expect("age-keygen");
    let said = String::from_utf8_lossy(&keygen.stderr).into_owned();
    let recipient = said.split_whitespace().last().expect("age-keygen names the recipient").to_owned();

    let own = |work: &str, input: &Path, output: &Path| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.arg("work").arg(work).arg(at("kem")).arg(input).arg(output);
        throughput(&mut command, Path::new("/dev/null"))
    };
    let age = |arguments: &[&str], input: &Path, output: &Path| {
        let mut command = Command::new("age");
        command.args(arguments).arg(input);
        throughput(&mut command, output)
    };
    let null = Path::new("/dev/null");
    own("seal", &at("plain"), &at("sealed"));
    age(&["-r", &recipient], &at("plain"), &at("sealed.age"));
    report.pairs(
        "B1 seal-1g seal",
        ("GiB/s", 1.5),
        || own("seal", &at("plain"), null),
        || age(&["-r", &recipient], &at("plain"), null),
    );
    let identity = at("age.key");
    let identity = identity.to_str().expect("a plain path");
    report.pairs(
        "B1 seal-1g open",
        ("GiB/s", 2.0),
        || own("open", &at("sealed"), null),
        || age(&["-d", "-i", identity], &at("sealed.age"), null),
    );
}

/// GiB of plaintext a second that a command takes, from its start to its end.
fn throughput(command: &mut Command, output: &Path) -> f64 {
    let output = File::options().write(true).create(true).open(output).expect("the output");
    let began = Instant::now();
    let status = command.stdout(output).status().expect("it starts");
    assert!(status.success(), "{command:?}: {status}");
    BYTES as f64 / (1 << 30) as f64 / began.elapsed().as_secs_f64()
}

/// One side of a pair: `seal|open KEM-SECRET INPUT OUTPUT`.
pub fn work(words: &[&str]) -> ExitCode {
    let [work, kem, input, output] = words else { return ExitCode::from(2) };
    let secret = KemSecret::from_secret_bytes(&fs::read(kem).expect("the key")).expect("a key");
    let file = File::open(input).expect("the input");
    let mut output = File::options().write(true).create(true).open(output).expect("the output");
    match *work {
        "seal" => {
            let mut file = file;
            let key = Key::fresh(secret.public());
            sealed(&mut file, output, &key, Some(BYTES as u64), &label());
        }
        _ => {
            let mut container =
                Container::open(BufReader::with_capacity(BUFFER_BYTES, file)).expect("a container");
            let content = container.manifest().content_key(|object| object.unwrap_with_kem(&secret).ok());
            let content = content.expect("the key opens it");
            let opened = open_stream(&mut container, &content, None, &mut output).expect("it opens");
            assert_eq!(opened, BYTES as u64);
        }
    }
    ExitCode::SUCCESS
}
