//! The page `docs/BY-HAND.md`, command by command, with two real nodes.
//!
//! *Absent:* shortcuts past the binary: whatever is shown here a person can type.

use crate::terminal::{Desk, steps};

const PAGE: &str = include_str!("../../../../docs/BY-HAND.md");

#[test]
fn two_people_at_two_terminals_exchange_a_report_and_its_receipt_as_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(folder.path());
    let steps = steps(PAGE);
    assert!(steps.len() > 60, "only {} commands were found", steps.len());
    for step in &steps {
        desk.type_in(step);
    }
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("seen-in-tokyo.txt"), "Two vessels off area KAMOME.\n");
    assert_eq!(read("seen-in-tokyo.txt"), read("seen-in-seoul.txt"));
    assert!(!folder.path().join("never.txt").exists(), "a refused opening left a file");
}
