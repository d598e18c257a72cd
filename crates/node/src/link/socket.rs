//! How the link's sockets are set.
//!
//! *Absent:* smaller buffers for what is on its way. The network's round trip decides how much of that there must be.

use socket2::SockRef;
use std::io;
use tokio::net::TcpStream;

/// Most bytes that the system holds for a peer beside those on their way to it: more would wait in memory for a peer that
/// does not read, and be nothing but waiting.
const MAX_UNSENT_BYTES: u32 = 64 * 1024;

/// Sets a new connection.
///
/// # Errors
/// What the system says.
pub(super) fn set(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_notsent_lowat(MAX_UNSENT_BYTES)
}
