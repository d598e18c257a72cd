//! The partner link: real sockets and TLS under the partner protocol.
//!
//! *Absent:* what is carried and what is owed; that is `exchange`.
pub mod certificate;
pub mod standing;
pub mod tls;
