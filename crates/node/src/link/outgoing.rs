//! Frames on their way to the socket, some at a time and in order.
//!
//! *Absent:* patience. It says since when the peer has not read; `drive` draws the conclusion.

use attache_courier::Output;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

/// Most frames that wait here.
const MAX_FRAMES: usize = 16;
/// No further frame is taken in above so many bytes: one data frame, or small ones that share a TLS record.
const MAX_BYTES: usize = 4 * 1024;

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
    /// Whether one more frame may be pushed: not before the socket has taken what TLS made of the last ones. So a peer that
    /// does not read costs no more than these.
    pub(super) fn has_room(&self) -> bool {
        !self.unflushed && self.frames.len() < MAX_FRAMES && self.bytes < MAX_BYTES
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

    /// Gets on with it at once as far as the peer reads; `None` where that is not to the end.
    pub(super) fn write_now<W: AsyncWrite + Unpin>(&mut self, writer: &mut W) -> Option<io::Result<()>> {
        // Whoever waits for more asks again by `write`, with a waker.
        let mut nobody = Context::from_waker(Waker::noop());
        while !self.is_idle() {
            match pin!(self.write(writer)).poll(&mut nobody) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Some(Err(error)),
                Poll::Pending => return None,
            }
        }
        Some(Ok(()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use attache_courier::limits::DATA_HEAD_BYTES;
    use tokio::io::AsyncReadExt as _;

    #[tokio::test]
    async fn frames_leave_whole_and_in_order_however_little_the_peer_takes_at_a_time() {
        let (mut ours, mut theirs) = tokio::io::duplex(7);
        let mut outgoing = Outgoing::default();
        let data = Output::Data { head: [2; 4 + DATA_HEAD_BYTES], content: vec![3; 1000] };
        let frames = [Output::Control(vec![1; 5]), data, Output::Control(vec![4; 9])];
        let wanted: Vec<u8> = frames.iter().flat_map(parts).flatten().copied().collect();
        frames.into_iter().for_each(|frame| outgoing.push(frame));
        let write = async {
            while !outgoing.is_idle() {
                outgoing.write(&mut ours).await.unwrap();
            }
            drop(ours);
        };
        let mut came = Vec::new();
        let (_, read) = tokio::join!(write, theirs.read_to_end(&mut came));
        read.unwrap();
        assert_eq!(came, wanted);
        assert!(outgoing.since().is_none());
    }

    #[tokio::test]
    async fn nothing_further_is_taken_in_before_the_socket_has_taken_the_last() {
        let (ours, mut theirs) = tokio::io::duplex(7);
        // As TLS does, it takes all and has it wait.
        let mut ours = tokio::io::BufWriter::new(ours);
        let mut outgoing = Outgoing::default();
        outgoing.push(Output::Control(vec![1; 20]));
        assert!(outgoing.write_now(&mut ours).is_none(), "the peer does not read");
        assert!(outgoing.frames.is_empty() && !outgoing.has_room());
        theirs.read_exact(&mut [0; 20][..7]).await.unwrap();
        assert!(outgoing.write_now(&mut ours).is_none() && !outgoing.has_room());
        theirs.read_exact(&mut [0; 20][..7]).await.unwrap();
        assert!(outgoing.write_now(&mut ours).unwrap().is_ok() && outgoing.has_room());
    }

    #[test]
    fn no_more_is_taken_in_than_the_limits_say() {
        let mut many = Outgoing::default();
        (0..MAX_FRAMES).for_each(|_| many.push(Output::Control(vec![0])));
        assert!(!many.has_room());
        let mut large = Outgoing::default();
        large.push(Output::Control(vec![0; MAX_BYTES]));
        assert!(!large.has_room());
    }
}
