//! The gate: everything that people and their clients reach.
