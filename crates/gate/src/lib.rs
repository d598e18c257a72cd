//! The gate: everything that people and their clients reach. An HTTPS listener for people, and a plain one on the loopback
//! interface for whoever watches the node.
//!
//! *Absent:* rules, keys and plaintext at rest. What a person signs is signed at the person's, not here.

pub mod api;
