//! A solver that is not there, is no solver, or does not decide: told as that, never as proved.

use crate::solver;
use attache_accord::ruling::Action;
use attache_proof::{Change, NoSolver, Solver, Verdict, compare, prove};
use attache_release::Pack;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_solver_that_is_not_there_or_names_no_version_is_said_plainly() {
    let absent = Solver::at("/nonexistent/cvc5".to_owned());
    assert!(matches!(absent, Err(NoSolver::Absent)), "{absent:?}");
    let other = Solver::at("true".to_owned());
    assert!(matches!(other, Err(NoSolver::Broken(_))), "{other:?}");
}

#[test]
fn what_the_solver_does_not_decide_is_told_as_not_proved() {
    if solver().is_none() {
        return;
    }
    // The real solver, which gives up at once.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("cvc5");
    let real = std::env::var("CVC5").unwrap_or_else(|_| "cvc5".to_owned());
    std::fs::write(&program, format!("#!/bin/sh\nexec {real} \"$@\" --rlimit=1\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let tired = Solver::at(program.display().to_string()).unwrap();

    let pack = Pack::gsomia_2016();
    let proof = prove(&pack, &tired).unwrap();
    assert!(!proof.is_whole());
    assert!(
        proof.invariants.iter().all(|(_, verdict)| matches!(verdict, Verdict::NotProved(_))),
        "{proof:#?}"
    );
    let compared = compare(&pack, &pack.dangerously_without("R-008"), &tired).unwrap();
    let release = compared.iter().find(|compared| compared.action == Action::Release).unwrap();
    assert!(matches!(release.more, Change::NotProved(_)), "{release:#?}");
}
