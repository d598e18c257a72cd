//! The gate: everything that people and their clients reach. An HTTPS listener for people, and a plain one on the loopback
//! interface for whoever watches the node, and where it is wanted one that shows the published log to anyone.
//!
//! *Absent:* rules, keys and plaintext at rest. What a person signs is signed at the person's, not here.

pub mod access;
pub mod api;
pub mod listen;
pub mod sessions;
pub mod witness;

mod gate;
mod health;
mod kas;
mod log;
mod metrics;
mod observe;
mod openapi;
mod patient;
mod problem;
mod routes;
mod seats;
mod sent;
mod show;
mod stream;
mod tls;
mod transparency;

pub use gate::{Gate, MAX_OPENINGS, MAX_UPLOADS};
pub use health::CLOCK_RIGHT;
pub use kas::{Provider, fetched as provider_keys};
pub use listen::{Door, Listeners, serve};
pub use log::CHECKPOINT_SECONDS;
pub use metrics::Metrics;
pub use openapi::openapi;
pub use show::{facts, reasoned};
pub use transparency::PAGE_SECONDS;
// What answers people, without a listener: for whoever gives it requests that no client sends.
#[doc(hidden)]
pub use {kas::router as machine_router, routes::router as people_router};
