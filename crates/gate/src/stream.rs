//! Answers that are too long to be held: a reading, whose segments go out as they are opened, and evidence.
//!
//! *Absent:* plaintext beyond those few segments. Where the end does not verify, the connection breaks off, so that no
//! client takes a part for the whole.

use attache_node::fault::Fault;
use attache_node::reading::{Reading, Stopped};
use axum::body::Bytes;
use hyper::body::{Body, Frame};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Most segments or lines that wait for the socket.
const MAX_WAITING_PIECES: usize = 2;

/// Bytes that a thread of their own gives, a few pieces at a time. A thread that fails breaks the answer off.
struct Coming(mpsc::Receiver<Result<Bytes, Stopped>>);

impl Coming {
    fn of(give: impl FnOnce(&mut dyn FnMut(Bytes) -> bool) -> Result<(), Stopped> + Send + 'static) -> Self {
        let (pieces, coming) = mpsc::channel(MAX_WAITING_PIECES);
        tokio::task::spawn_blocking(move || {
            let given = give(&mut |piece| pieces.blocking_send(Ok(piece)).is_ok());
            if let Err(stopped) = given {
                tracing::warn!(%stopped, "an answer stopped before its end");
                // Whoever read may have gone.
                let _ = pieces.blocking_send(Err(stopped));
            }
        });
        Self(coming)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// The segments of a reading.
pub(crate) struct Segments(Coming);

impl Segments {
    pub(crate) fn of(reading: Reading) -> Self {
        Self(Coming::of(|take| reading.each_segment(|plain| take(Bytes::copy_from_slice(plain))).map(|_| ())))
    }
}

/// Lines of text.
pub(crate) struct Lines(Coming);

impl Lines {
    pub(crate) fn of(
        write: impl FnOnce(&mut dyn FnMut(Vec<u8>) -> bool) -> Result<(), Fault> + Send + 'static,
    ) -> Self {
        Self(Coming::of(|take| write(&mut |line| take(line.into())).map_err(Stopped::Fault)))
    }
}

impl Body for Segments {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        self.0.poll(context)
    }
}

impl Body for Lines {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        self.0.poll(context)
    }
}
