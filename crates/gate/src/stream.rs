//! A reading as the body of an answer: segments go out as they are opened, a few at a time.
//!
//! *Absent:* plaintext beyond those few segments. Where the end does not verify, the connection breaks off, so that no
//! client takes a part for the whole.

use attache_node::reading::{Reading, Stopped};
use axum::body::Bytes;
use hyper::body::{Body, Frame};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Most segments that wait for the socket.
const MAX_WAITING_SEGMENTS: usize = 2;

/// The segments of a reading, opened on a thread of their own.
pub(crate) struct Segments {
    coming: mpsc::Receiver<Result<Bytes, Stopped>>,
}

impl Segments {
    pub(crate) fn of(reading: Reading) -> Self {
        let (segments, coming) = mpsc::channel(MAX_WAITING_SEGMENTS);
        tokio::task::spawn_blocking(move || {
            let given = reading
                .each_segment(|plain| segments.blocking_send(Ok(Bytes::copy_from_slice(plain))).is_ok());
            if let Err(stopped) = given {
                tracing::warn!(%stopped, "a reading stopped before its end");
                // Whoever read may have gone.
                let _ = segments.blocking_send(Err(stopped));
            }
        });
        Self { coming }
    }
}

impl Body for Segments {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        self.coming.poll_recv(context).map(|segment| segment.map(|segment| segment.map(Frame::data)))
    }
}
