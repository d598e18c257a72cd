//! Answers that are too long to be held: a reading, whose segments go out as they are opened, a sealed copy, and evidence.
//!
//! *Absent:* plaintext beyond those few segments. Where the end does not verify, the connection breaks off, so that no
//! client takes a part for the whole.

use attache_node::fault::Fault;
use attache_node::reading::{Reading, Stopped};
use axum::body::Bytes;
use hyper::body::{Body, Frame};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use zeroize::Zeroizing;

/// Most segments or lines that wait for the socket.
const MAX_WAITING_PIECES: usize = 2;

/// Bytes that a thread of their own gives, a few pieces at a time. A thread that fails breaks the answer off.
struct Coming(mpsc::Receiver<Result<Bytes, Stopped>>);

impl Coming {
    /// `place` is kept until the last piece has gone to the socket or the reader has gone.
    fn of(
        place: OwnedSemaphorePermit,
        give: impl FnOnce(&mut (dyn FnMut(Bytes) -> bool + Send)) -> Result<(), Stopped> + Send + 'static,
    ) -> Self {
        let (pieces, coming) = mpsc::channel(MAX_WAITING_PIECES);
        tokio::task::spawn_blocking(move || {
            let given = give(&mut |piece| pieces.blocking_send(Ok(piece)).is_ok());
            if let Err(stopped) = given {
                tracing::warn!(%stopped, "an answer stopped before its end");
                // Whoever read may have gone.
                let _ = pieces.blocking_send(Err(stopped));
            }
            drop(place);
        });
        Self(coming)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// The segments of a reading, each wiped once it has gone to the socket.
pub(crate) struct Segments(Coming);

impl Segments {
    pub(crate) fn of(place: OwnedSemaphorePermit, reading: Reading) -> Self {
        let wiped = |plain: &[u8]| Bytes::from_owner(Zeroizing::new(plain.to_vec()));
        Self(Coming::of(place, move |take| reading.each_segment(|plain| take(wiped(plain))).map(|_| ())))
    }
}

/// Lines of evidence, or pieces of a container.
pub(crate) struct Pieces(Coming);

impl Pieces {
    pub(crate) fn of(
        place: OwnedSemaphorePermit,
        write: impl FnOnce(&mut dyn FnMut(Vec<u8>) -> bool) -> Result<(), Fault> + Send + 'static,
    ) -> Self {
        Self(Coming::of(place, |take| write(&mut |piece| take(piece.into())).map_err(Stopped::Fault)))
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

impl Body for Pieces {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        self.0.poll(context)
    }
}
