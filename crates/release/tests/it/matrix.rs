//! Runs the release matrix in `vectors/release/`, whose form its README describes.

mod reading;

use self::reading::Facts;
use attache_accord::Party;
use attache_accord::people::Role;
use attache_accord::ruling::{Action, Question};
use attache_release::{FLOOR, Pack, rule};
use std::collections::BTreeSet;

/// The matrix of one pack.
pub struct Matrix {
    pub pack: Pack,
    /// The folder under `vectors/`, each of whose texts is part of it.
    pub folder: &'static str,
    /// How many texts there are.
    pub files: usize,
}

/// That of the agreement of 2016.
fn gsomia() -> Matrix {
    Matrix { pack: Pack::gsomia_2016(), folder: "release", files: 6 }
}

/// One cell: where it stands, what is asked, and what the answer must be.
pub struct Cell {
    pub place: String,
    pub question: Question,
    pub answer: String,
}

fn cells_of(name: &str, text: &str, parties: &BTreeSet<Party>) -> Vec<Cell> {
    let mut facts = Facts::new(parties);
    let mut cells = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') || facts.set(line) {
            continue;
        }
        let row: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let [asked, answers @ ..] = row.as_slice() else { panic!("{name}:{}: no row", number + 1) };
        assert_eq!(answers.len(), facts.columns.len(), "{name}:{}: cells and columns differ", number + 1);
        for (column, answer) in facts.columns.iter().zip(answers) {
            let place = format!("{name}:{} {asked}, {column}", number + 1);
            cells.push(Cell { place, question: facts.ask(asked, column), answer: (*answer).to_owned() });
        }
    }
    cells
}

impl Matrix {
    /// Every cell; each text of the folder is part of it.
    pub fn cells(&self) -> Vec<Cell> {
        let folder = format!("{}/../../vectors/{}", env!("CARGO_MANIFEST_DIR"), self.folder);
        let found = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let mut texts: Vec<_> =
            found.filter(|path| path.extension().is_some_and(|extension| extension == "txt")).collect();
        texts.sort();
        assert_eq!(texts.len(), self.files, "{folder}");
        let cells = |path: &std::path::PathBuf| {
            let text = std::fs::read_to_string(path).unwrap();
            cells_of(path.file_name().unwrap().to_str().unwrap(), &text, &self.pack.terms().parties)
        };
        texts.iter().flat_map(cells).collect()
    }

    /// Fails with every cell that is ruled otherwise than it is written.
    pub fn is_answered_as_written(&self) {
        let wrong: Vec<String> = self
            .cells()
            .iter()
            .map(|cell| (cell, answer(&cell.question, &self.pack)))
            .filter(|(cell, got)| *got != cell.answer)
            .map(|(cell, got)| format!("{}: written {}, ruled {got}", cell.place, cell.answer))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

fn matrix() -> Vec<Cell> {
    gsomia().cells()
}

fn answer(question: &Question, pack: &Pack) -> String {
    let outcome = rule(question, pack);
    if outcome.is_granted() {
        return "permit".to_owned();
    }
    outcome.ruling().reasons.iter().map(|reason| reason.code.as_str()).collect::<Vec<_>>().join("+")
}

#[test]
fn every_cell_of_the_matrix_is_answered_as_written() {
    gsomia().is_answered_as_written();
}

#[test]
fn the_matrix_meets_every_rule() {
    let seen: BTreeSet<String> = matrix()
        .iter()
        .flat_map(|cell| cell.answer.split('+').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let policies = ["R-020", "R-021", "R-022", "R-023"];
    // The agreement is bound to no topics.
    let rules = FLOOR.iter().map(|rule| rule.code).filter(|code| *code != "R-013");
    for code in rules.chain(policies) {
        assert!(seen.contains(code), "{code} refuses nothing in the matrix");
    }
}

#[test]
fn the_matrix_permits_and_refuses_every_action() {
    for (action, _) in Action::ALL {
        for permit in [true, false] {
            let met =
                matrix().iter().any(|c| c.question.action == action && (c.answer == "permit") == permit);
            assert!(met, "{action:?}, permit {permit}");
        }
    }
}

#[test]
fn the_matrix_asks_as_every_role() {
    for (role, word) in Role::ALL {
        assert!(matrix().iter().any(|cell| cell.question.asker.has(role)), "{word}");
    }
}

#[test]
fn the_matrix_refuses_more_than_it_permits() {
    let permits = matrix().iter().filter(|cell| cell.answer == "permit").count();
    assert!(permits * 2 < matrix().len());
}
