//! The partner protocol: two nodes, one authenticated stream, opaque packages and receipts.
//!
//! A state machine without I/O. The node that dialled holds a [`Caller`], the node that listens a [`Listener`]; each
//! is given the bytes that came ([`Session::receive`]) and the time, and yields events and frames to write
//! ([`Session::poll_output`]). `docs/PROTOCOL.md` is the specification for other implementers; its tables are
//! compared with this code by tests.
//!
//! *Absent:* TLS, sockets, clocks, digests, signatures, storage, and every judgement of what is carried.

pub mod codes;
pub mod frame;
pub mod limits;

mod caller;
mod clockwork;
mod event;
mod greeting;
mod inbound;
mod listener;
mod outbound;
mod output;
mod reader;
mod session;
mod trouble;

pub use codes::Code;
pub use event::Event;
pub use greeting::{Clocks, Greeting, Ours};
pub use outbound::Want;
pub use output::Output;
pub use session::{Caller, Calling, Listener, Listening, Role, Session};
pub use trouble::{Misuse, Trouble};
