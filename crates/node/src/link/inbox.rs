//! Bytes that came, gathered before they are looked at: TLS gives at most one record at a time, and each look may cost a
//! change of threads.
//!
//! *Absent:* any understanding of the bytes.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// Most bytes looked at in one go.
const READ_BYTES: usize = 64 * 1024;
/// Room for bytes while none come, and while they come slowly.
const IDLE_BYTES: usize = 2 * 1024;
/// Most rooms of full size that are kept for whoever is fast next.
const MAX_SPARE: usize = 8;

/// Rooms of full size, lent to connections while much comes on them. A room made anew for each burst would leave a hole in
/// memory behind, and small things settle in holes.
#[derive(Default)]
pub(super) struct Rooms {
    spare: Mutex<Vec<Vec<u8>>>,
}

impl Rooms {
    fn lend(&self) -> Vec<u8> {
        self.spare().pop().unwrap_or_else(|| vec![0; READ_BYTES])
    }

    fn take_back(&self, room: Vec<u8>) {
        let mut spare = self.spare();
        if room.len() == READ_BYTES && spare.len() < MAX_SPARE {
            spare.push(room);
        }
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        // One push or pop, so a panic elsewhere leaves nothing half-made.
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that came.
pub(super) struct Inbox {
    rooms: Arc<Rooms>,
    bytes: Vec<u8>,
    filled: usize,
    /// What ended the stream, kept until the bytes before it were taken.
    end: Option<io::Result<()>>,
}

impl Inbox {
    pub(super) fn new(rooms: Arc<Rooms>) -> Self {
        Self { rooms, bytes: vec![0; IDLE_BYTES], filled: 0, end: None }
    }

    /// Waits until something came. `false` when the stream is at its end. May be cancelled and called again.
    ///
    /// # Errors
    /// When the stream broke.
    pub(super) async fn fill<R: AsyncRead + Unpin>(&mut self, reader: &mut R) -> io::Result<bool> {
        poll_fn(|cx| self.poll_fill(Pin::new(&mut *reader), cx)).await
    }

    /// Whether as much came as is looked at in one go, so that more waits probably.
    pub(super) fn is_full(&self) -> bool {
        self.filled == READ_BYTES
    }

    /// More room, where what there is is filled.
    fn grow(&mut self) {
        if self.filled == self.bytes.len() {
            let small = std::mem::replace(&mut self.bytes, self.rooms.lend());
            self.bytes[..small.len()].copy_from_slice(&small);
        }
    }

    /// It is given back as soon as nothing waits.
    fn shrink(&mut self) {
        if self.bytes.len() > IDLE_BYTES {
            self.rooms.take_back(std::mem::replace(&mut self.bytes, vec![0; IDLE_BYTES]));
        }
    }

    /// What came, once.
    pub(super) fn take(&mut self) -> &[u8] {
        let filled = std::mem::take(&mut self.filled);
        self.bytes.get(..filled).unwrap_or_default()
    }

    fn poll_fill<R: AsyncRead>(
        &mut self,
        mut reader: Pin<&mut R>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        while self.end.is_none() && !self.is_full() {
            self.grow();
            let mut room = ReadBuf::new(self.bytes.get_mut(self.filled..).unwrap_or_default());
            match reader.as_mut().poll_read(cx, &mut room) {
                Poll::Ready(Ok(())) if room.filled().is_empty() => self.end = Some(Ok(())),
                Poll::Ready(Ok(())) => self.filled += room.filled().len(),
                Poll::Ready(Err(error)) => self.end = Some(Err(error)),
                Poll::Pending if self.filled == 0 => {
                    self.shrink();
                    return Poll::Pending;
                }
                Poll::Pending => break,
            }
        }
        if self.filled > 0 {
            return Poll::Ready(Ok(true));
        }
        Poll::Ready(self.end.take().unwrap_or(Ok(())).map(|()| false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;
    use tokio::io::AsyncWriteExt as _;

    /// Some bytes, then the error.
    struct Breaks(Option<u8>);

    impl AsyncRead for Breaks {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            room: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            match self.0.take() {
                Some(byte) => room.put_slice(&[byte; 3]),
                None => return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            }
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn what_came_before_the_stream_broke_is_not_lost() {
        let mut inbox = Inbox::new(Arc::default());
        let mut reader = Breaks(Some(7));
        assert!(inbox.fill(&mut reader).await.unwrap());
        assert_eq!(inbox.take(), [7; 3]);
        assert_eq!(inbox.fill(&mut reader).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn many_small_records_are_taken_together_up_to_the_limit() {
        let bytes = vec![5; READ_BYTES + 1];
        let mut reader = bytes.as_slice();
        let mut inbox = Inbox::new(Arc::default());
        assert!(inbox.fill(&mut reader).await.unwrap() && inbox.is_full());
        assert_eq!(inbox.take().len(), READ_BYTES);
        assert!(inbox.fill(&mut reader).await.unwrap());
        assert_eq!(inbox.take(), [5]);
        assert!(!inbox.fill(&mut reader).await.unwrap());
    }

    #[tokio::test]
    async fn room_is_lent_while_much_comes_and_given_back_when_nothing_waits() {
        let rooms = Arc::new(Rooms::default());
        let mut inbox = Inbox::new(Arc::clone(&rooms));
        let (mut theirs, mut ours) = tokio::io::duplex(READ_BYTES);
        theirs.write_all(&[1; READ_BYTES - 1]).await.unwrap();
        assert!(inbox.fill(&mut ours).await.unwrap());
        assert_eq!(inbox.take(), [1; READ_BYTES - 1]);
        assert_eq!(inbox.bytes.len(), READ_BYTES);
        let waits =
            std::pin::pin!(inbox.fill(&mut ours)).poll(&mut Context::from_waker(Waker::noop())).is_pending();
        assert!(waits && inbox.bytes.len() == IDLE_BYTES && rooms.spare().len() == 1);
        // And lent again.
        theirs.write_all(&[2; IDLE_BYTES + 1]).await.unwrap();
        assert!(inbox.fill(&mut ours).await.unwrap());
        assert_eq!((inbox.take(), rooms.spare().len()), ([2; IDLE_BYTES + 1].as_slice(), 0));
    }
}
