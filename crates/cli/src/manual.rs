//! The documents against the program: every command, incident, setting and variable is told, and none that is not there.
//!
//! *Absent:* whether what is told of each is true. That is a reader's to see.

mod references;

use crate::config::{Config, OVERRIDES};
use clap::{Command, CommandFactory as _};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const COMMANDS: &str = include_str!("../../../docs/COMMANDS.md");
const OPERATIONS: &str = include_str!("../../../docs/OPERATIONS.md");

fn program() -> Command {
    crate::Arguments::command()
}

/// Every command that does something by itself, as it is typed behind `attache`.
fn leaves(command: &Command, path: &str, told: &mut BTreeSet<String>) {
    for below in command.get_subcommands() {
        let path = format!("{path} {}", below.get_name()).trim().to_owned();
        if !below.is_subcommand_required_set() {
            told.insert(path.clone());
        }
        leaves(below, &path, told);
    }
}

/// The command that words name, and how they call it.
fn named(words: &[String]) -> Result<(Command, String), String> {
    let (mut command, mut path) = (program(), String::new());
    for word in words {
        let Some(below) = command.find_subcommand(word).cloned() else { break };
        path = format!("{path} {word}").trim().to_owned();
        command = below;
    }
    match command.is_subcommand_required_set() || path.is_empty() {
        true => Err(format!("attache {}: no such command", words.join(" "))),
        false => Ok((command, path)),
    }
}

/// The rows of the tables in a part of a document, cell by cell, without their heads.
fn rows(part: &str) -> Vec<Vec<&str>> {
    let mut rows: Vec<Vec<&str>> = Vec::new();
    for line in part.lines() {
        match line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) {
            Some(row) => rows.push(row.split(" | ").collect()),
            // The line under a head.
            None if line.starts_with("|---") => drop(rows.pop()),
            None => {}
        }
    }
    rows
}

/// The part of a document under a heading of the second order.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("\n## {heading}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

fn in_ticks(cell: &str) -> &str {
    cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`')).unwrap_or_else(|| panic!("{cell}"))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_command_is_told_once_and_none_that_is_not_there() {
    let mut told = Vec::new();
    for row in rows(COMMANDS) {
        let typed = words(in_ticks(row[0]).strip_prefix("attache ").unwrap());
        let (_, path) = named(&typed).unwrap();
        told.push(path);
    }
    let mut known = BTreeSet::new();
    leaves(&program(), "", &mut known);
    assert!(known.len() > 100, "only {} commands", known.len());
    let once: BTreeSet<String> = told.iter().cloned().collect();
    assert_eq!(once, known);
    assert_eq!(once.len(), told.len(), "one is told twice");
}

#[test]
fn every_flag_that_is_told_of_a_command_is_one_of_its_own() {
    for row in rows(COMMANDS) {
        let typed = words(in_ticks(row[0]).strip_prefix("attache ").unwrap());
        let (command, path) = named(&typed).unwrap();
        for told in row.join(" ").split('`').flat_map(words).filter_map(|word| {
            word.strip_prefix("--").map(|flag| flag.trim_end_matches([',', ';', '.']).to_owned())
        }) {
            let is_its_own = command.get_arguments().any(|argument| argument.get_long() == Some(&*told));
            assert!(is_its_own, "attache {path} has no --{told}");
        }
    }
}

/// The lines in the blocks of a document that are typed, each with what it continues.
fn typed(document: &str) -> Vec<String> {
    let blocks = document.split("\n```").skip(1).step_by(2);
    let lines = blocks.flat_map(|block| {
        let block = block.replace("\\\n", " ");
        block.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    });
    let behind_prompt = |line: String| Some(line.split_once("$ attache ")?.1.to_owned());
    lines.filter_map(behind_prompt).collect()
}

/// A line as a shell cuts it into words; what follows a note is a note.
fn cut(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for letter in line.split("  #").next().unwrap().split("   (").next().unwrap().chars() {
        match letter {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[test]
fn every_command_line_of_the_documents_is_one_that_the_program_takes() {
    let mut taken = 0;
    for (name, document) in documents() {
        for line in typed(&document) {
            // Cut short for the reader.
            if line.contains(" ...") {
                continue;
            }
            let line = cut(&line);
            let parsed = program().try_get_matches_from([&["attache".to_owned()], &line[..]].concat());
            assert!(parsed.is_ok(), "{name}: attache {line:?}\n{}", parsed.err().unwrap());
            taken += 1;
        }
    }
    assert!(taken > 120, "only {taken} lines were looked at");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The documents for people, by their names.
fn documents() -> Vec<(String, String)> {
    let mut paths = vec![root().join("README.md"), root().join("ARCHITECTURE.md")];
    paths.extend(std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Every source below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => sources(&path, found),
            false => {
                found.extend(path.extension().is_some_and(|extension| extension == "rs").then_some(path))
            }
        }
    }
}

/// The codes of incidents and breaches that the crates declare.
fn declared() -> BTreeSet<String> {
    let mut files = Vec::new();
    for krate in std::fs::read_dir(root().join("crates")).unwrap() {
        sources(&krate.unwrap().path().join("src"), &mut files);
    }
    let mut codes = BTreeSet::new();
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let Some((_, value)) = line.split_once(": &str = \"").filter(|_| line.contains("const ")) else {
                continue;
            };
            let code = value.split('"').next().unwrap();
            let is_number = |rest: &str| rest.len() == 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
            if code.strip_prefix("I-").or(code.strip_prefix("B-")).is_some_and(is_number) {
                assert!(codes.insert(code.to_owned()), "{code} is declared twice");
            }
        }
    }
    codes
}

#[test]
fn every_incident_and_breach_is_told_with_what_to_do() {
    let told = rows(section(OPERATIONS, "Incidents and breaches"));
    assert!(told.iter().all(|row| row.len() == 3), "a code without what to do");
    let codes: BTreeSet<String> = told.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(codes, declared());
    assert_eq!(codes.len(), told.len(), "one is told twice");
}

/// What the configuration would have in the place of a key that it does not know, as it says in words itself.
fn expected(table: &str) -> Option<Vec<String>> {
    let refused = toml::from_str::<Config>(&format!("{table}\nunheard_of = 1\n")).err()?.to_string();
    let (_, expected) = refused.split_once("unknown field `unheard_of`, expected ")?;
    Some(expected.lines().next()?.split('`').skip(1).step_by(2).map(str::to_owned).collect())
}

/// Every key of the configuration below a table.
fn keys(path: &str, told: &mut BTreeSet<String>) {
    let heads = [format!("[{path}]"), format!("[[{path}]]")];
    let below = if path.is_empty() { expected("") } else { heads.iter().find_map(|head| expected(head)) };
    match below {
        None => drop(told.insert(path.to_owned())),
        Some(below) => below.iter().for_each(|key| match path {
            "" => keys(key, told),
            path => keys(&format!("{path}.{key}"), told),
        }),
    }
}

/// The variables that the program and the verifier read.
fn variables() -> BTreeSet<String> {
    let mut files = Vec::new();
    for krate in ["cli", "verify"] {
        sources(&root().join("crates").join(krate).join("src"), &mut files);
    }
    let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
    let is_variable = |text: &&str| {
        text.strip_prefix("ATTACHE_").is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        })
    };
    let texts: Vec<String> = files.iter().map(read).collect();
    texts.iter().flat_map(|text| text.split('"')).filter(is_variable).map(str::to_owned).collect()
}

#[test]
fn every_setting_and_every_variable_is_told_and_none_that_is_not_there() {
    let told = rows(section(OPERATIONS, "Configuration"));
    let (of_commands, settings): (Vec<_>, Vec<_>) =
        told.iter().partition(|row| row[0].starts_with("`ATTACHE_"));
    let mut known = BTreeSet::new();
    keys("", &mut known);
    let named: BTreeSet<String> = settings.iter().map(|row| in_ticks(row[0]).to_owned()).collect();
    assert_eq!(named, known);
    let overridden = settings.iter().filter(|row| row[1] != "-");
    let overrides: BTreeSet<_> =
        overridden.map(|row| (in_ticks(row[1]).to_owned(), in_ticks(row[0]).to_owned())).collect();
    let is_read =
        |(variable, table, key): (&str, &str, &str)| (variable.to_owned(), format!("{table}.{key}"));
    assert_eq!(overrides, OVERRIDES.map(is_read).into());
    let flags: BTreeSet<_> = of_commands.iter().map(|row| (in_ticks(row[0]), row[1])).collect();
    for argument in program().get_arguments() {
        let Some((variable, flag)) = argument.get_env().zip(argument.get_long()) else { continue };
        assert!(flags.contains(&(variable.to_str().unwrap(), &*format!("`--{flag}`"))), "--{flag}");
    }
    let all = overrides.into_iter().map(|(variable, _)| variable);
    let all: BTreeSet<String> =
        all.chain(flags.into_iter().map(|(variable, _)| variable.to_owned())).collect();
    assert_eq!(all, variables());
}
