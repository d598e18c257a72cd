//! The solver: where it is, which version, and one question to it, in a process of its own that is gone afterwards.
//!
//! *Absent:* shared state between questions. A solver that hangs or dies spoils one answer.

use cedar_policy::{PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::err::Error;
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env};
use std::io;
use std::time::Duration;
use tokio::process::Command;
use tokio::runtime::{Builder, Runtime};

/// Versions of cvc5 that the proofs of this project were run with.
pub const TESTED_VERSIONS: [&str; 1] = ["1.0.3"];

/// How long the solver may think about one question, in milliseconds.
const MAX_THINK_MILLIS: u64 = 60_000;
/// How long one question may take with everything around it.
const MAX_ANSWER: Duration = Duration::from_secs(90);

/// Why there is no solver.
#[derive(Debug, thiserror::Error)]
pub enum NoSolver {
    /// Not installed.
    #[error("cvc5 is not here: install it (Debian: cvc5), or name the executable in the variable CVC5")]
    Absent,
    /// It is there and does not run.
    #[error("cvc5 does not run: {0}")]
    Broken(String),
}

/// What the solver found.
#[derive(Debug)]
pub(crate) enum Found {
    /// No such request exists, whatever its facts.
    Nothing,
    /// This one.
    Example(Box<Env>),
    /// The solver did not decide; why.
    Undecided(String),
}

/// A solver that answers.
#[derive(Debug)]
pub struct Solver {
    runtime: Runtime,
    program: String,
    version: String,
}

impl Solver {
    /// The solver that the variable `CVC5` names, or `cvc5` in the path.
    ///
    /// # Errors
    /// If there is none, or it does not say its version.
    pub fn find() -> Result<Self, NoSolver> {
        Self::at(std::env::var("CVC5").unwrap_or_else(|_| "cvc5".to_owned()))
    }

    /// The solver that is this executable.
    ///
    /// # Errors
    /// If it is not there, or does not say its version.
    pub fn at(program: String) -> Result<Self, NoSolver> {
        let said = std::process::Command::new(&program).arg("--version").output();
        let said = said.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => NoSolver::Absent,
            _ => NoSolver::Broken(error.to_string()),
        })?;
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let version = text.lines().next().and_then(|line| line.split_once("version "));
        let version = version.and_then(|(_, rest)| rest.split([' ', '\t']).next()).filter(|v| !v.is_empty());
        let version =
            version.ok_or_else(|| NoSolver::Broken(format!("{program} names no version")))?.to_owned();
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| NoSolver::Broken(error.to_string()))?;
        Ok(Self { runtime, program, version })
    }

    /// Its version, such as `1.0.3`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether the proofs of this project were run with this version.
    pub fn is_tested(&self) -> bool {
        TESTED_VERSIONS.contains(&self.version.as_str())
    }

    /// A request that `policies` permit.
    pub(crate) fn permitted(&self, policies: &CompiledPolicySet) -> Found {
        self.ask(async |compiler| compiler.check_always_denies_with_counterexample_opt(policies).await)
    }

    /// A request that `some` permit and `others` refuse.
    pub(crate) fn permitted_by_one(&self, some: &CompiledPolicySet, others: &CompiledPolicySet) -> Found {
        self.ask(async |compiler| compiler.check_implies_with_counterexample_opt(some, others).await)
    }

    /// A request on which one of `policies` cannot be evaluated.
    pub(crate) fn failing(&self, policies: &PolicySet, env: &RequestEnv, schema: &Schema) -> Found {
        self.ask(async |compiler| {
            for policy in policies.policies() {
                let policy = CompiledPolicy::compile(policy, env, schema)?;
                let failing = compiler.check_never_errors_with_counterexample_opt(&policy).await?;
                if failing.is_some() {
                    return Ok(failing);
                }
            }
            Ok(None)
        })
    }

    fn ask(
        &self,
        question: impl AsyncFnOnce(&mut CedarSymCompiler<LocalSolver>) -> Result<Option<Env>, Error>,
    ) -> Found {
        let answered = self.runtime.block_on(async {
            let mut command = Command::new(&self.program);
            let limit = format!("--tlimit-per={MAX_THINK_MILLIS}");
            command.args(["--lang", "smt", &limit]).kill_on_drop(true);
            let mut compiler = CedarSymCompiler::new(LocalSolver::from_command(&mut command)?)?;
            tokio::time::timeout(MAX_ANSWER, question(&mut compiler))
                .await
                .unwrap_or(Err(Error::SolverUnknown))
        });
        match answered {
            Ok(None) => Found::Nothing,
            Ok(Some(env)) => Found::Example(Box::new(env)),
            Err(error) => Found::Undecided(error.to_string()),
        }
    }
}
