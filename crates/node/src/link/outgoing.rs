//! Frames on their way to the socket, some at a time and in order.
//!
//! *Absent:* patience. It says since when the peer has not read; `drive` draws the conclusion.

use attache_courier::Output;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

/// Most frames that wait here.
const MAX_FRAMES: usize = 16;
/// No further frame is taken in above so many bytes.
const MAX_BYTES: usize = 256 * 1024;

/// Frames on their way.
#[derive(Default)]
pub(super) struct Outgoing {
    frames: VecDeque<Output>,
    bytes: usize,
    /// How much of the first frame is written.
    written: usize,
    unflushed: bool,
    since: Option<Instant>,
}

impl Outgoing {
    /// Whether one more frame may be pushed.
    pub(super) fn has_room(&self) -> bool {
        self.frames.len() < MAX_FRAMES && self.bytes < MAX_BYTES
    }

    pub(super) fn push(&mut self, frame: Output) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
        self.since.get_or_insert_with(Instant::now);
    }

    /// Whether nothing waits, in the socket's buffers of this process either.
    pub(super) fn is_idle(&self) -> bool {
        self.frames.is_empty() && !self.unflushed
    }

    /// Since when the frame that is first has been first; `None` when nothing waits.
    pub(super) fn since(&self) -> Option<Instant> {
        self.since
    }

    /// Gets on with it as far as the peer reads. May be cancelled and called again.
    pub(super) async fn write<W: AsyncWrite + Unpin>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.frames.is_empty() {
            writer.flush().await?;
            self.unflushed = false;
            self.since = None;
            return Ok(());
        }
        let written = writer.write_vectored(&self.slices()).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.unflushed = true;
        self.advance(written);
        Ok(())
    }

    fn slices(&self) -> Vec<IoSlice<'_>> {
        let mut skip = self.written;
        let mut slices = Vec::with_capacity(2 * self.frames.len());
        for part in self.frames.iter().flat_map(parts) {
            let skipped = skip.min(part.len());
            skip -= skipped;
            if let Some(rest) = part.get(skipped..).filter(|rest| !rest.is_empty()) {
                slices.push(IoSlice::new(rest));
            }
        }
        slices
    }

    fn advance(&mut self, written: usize) {
        self.written += written;
        while let Some(first) = self.frames.front().map(Output::len).filter(|first| self.written >= *first) {
            self.written -= first;
            self.bytes -= first;
            self.frames.pop_front();
            self.since = Some(Instant::now());
        }
    }
}

fn parts(frame: &Output) -> [&[u8]; 2] {
    match frame {
        Output::Control(bytes) => [bytes, &[]],
        Output::Data { head, content } => [head, content],
    }
}
