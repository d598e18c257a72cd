//! One binary for all storage tests.
