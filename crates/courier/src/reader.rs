//! From a stream cut anywhere to frames. Lengths are judged before a byte is kept; control frames are gathered, the
//! content of data frames is handed through in place, whatever the chunks.
//!
//! *Absent:* meaning and order of frames; any buffer for content.

use crate::codes::Code;
use crate::frame::{CLOSE, CONTROL_MARK, DATA_MARK, Frame, HELLO, longest};
use crate::limits::{DATA_HEAD_BYTES, MAX_CONTROL_BYTES, MAX_DATA_BYTES, MAX_SMALL_BYTES};
use crate::trouble::{Trouble, breach};
use attache_accord::DispatchId;

/// What the stream yields.
pub(crate) enum Piece<'b> {
    /// A whole control frame.
    Control(Frame),
    /// A data frame begins: `length` bytes of content follow.
    DataBegins { dispatch: DispatchId, offset: u64, length: u64 },
    /// Content of the data frame begun last.
    Data { dispatch: DispatchId, offset: u64, bytes: &'b [u8] },
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Gathering length, mark, and type or data head.
    Head,
    /// Gathering a control frame of this length.
    Control(usize),
    /// Passing content through.
    Data { dispatch: DispatchId, offset: u64, left: usize },
}

pub(crate) struct Reader {
    stage: Stage,
    head: [u8; 4 + DATA_HEAD_BYTES],
    filled: usize,
    body: Vec<u8>,
    /// Whether the peer's Hello is here. Before it nothing else is even gathered.
    greeted: bool,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            stage: Stage::Head,
            head: [0; 4 + DATA_HEAD_BYTES],
            filled: 0,
            body: Vec::new(),
            greeted: false,
        }
    }

    /// From now on every type of frame may come.
    pub(crate) fn greeted(&mut self) {
        self.greeted = true;
    }

    /// Whether a head or a control frame has begun and is not complete.
    pub(crate) fn is_amid_control(&self) -> bool {
        matches!(self.stage, Stage::Control(_)) || self.filled > 0
    }

    /// Bytes held back.
    pub(crate) fn held_bytes(&self) -> usize {
        self.body.capacity()
    }

    /// The next piece, moving `input` past what it used; `None` when the input is used up.
    pub(crate) fn next<'b>(&mut self, input: &mut &'b [u8]) -> Result<Option<Piece<'b>>, Trouble> {
        loop {
            match self.stage {
                Stage::Head => {
                    if let Some(piece) = self.head(input)? {
                        return Ok(Some(piece));
                    }
                    if matches!(self.stage, Stage::Head) {
                        return Ok(None);
                    }
                }
                Stage::Control(length) => return self.control(length, input),
                Stage::Data { dispatch, offset, left } => {
                    if input.is_empty() {
                        return Ok(None);
                    }
                    return Ok(Some(self.data(dispatch, offset, left, input)));
                }
            }
        }
    }

    /// Gathers the head until it decides what follows.
    fn head<'b>(&mut self, input: &mut &'b [u8]) -> Result<Option<Piece<'b>>, Trouble> {
        while let Some((&byte, rest)) = input.split_first() {
            *input = rest;
            self.head[self.filled] = byte;
            self.filled += 1;
            match self.filled {
                4 => judge_length(self.length())?,
                5 => judge_mark(byte, self.length())?,
                6 if !self.greeted && !matches!((self.head[4], byte), (CONTROL_MARK, HELLO | CLOSE)) => {
                    return breach(Code::OutOfTurn, "a frame before Hello");
                }
                6 if self.head[4] == CONTROL_MARK => {
                    judge_kind(byte, self.length())?;
                    self.body.extend_from_slice(&self.head[4..6]);
                    self.filled = 0;
                    self.stage = Stage::Control(self.length());
                    return Ok(None);
                }
                n if n == self.head.len() => return Ok(Some(self.data_begins())),
                _ => {}
            }
        }
        Ok(None)
    }

    fn length(&self) -> usize {
        let [a, b, c, d, ..] = self.head;
        u32::from_be_bytes([a, b, c, d]) as usize
    }

    fn data_begins<'b>(&mut self) -> Piece<'b> {
        let mut id = [0; 16];
        id.copy_from_slice(&self.head[5..21]);
        let mut number = [0; 8];
        number.copy_from_slice(&self.head[21..]);
        let (dispatch, offset) = (DispatchId(id), u64::from_be_bytes(number));
        let left = self.length() - DATA_HEAD_BYTES;
        self.filled = 0;
        self.stage = Stage::Data { dispatch, offset, left };
        Piece::DataBegins { dispatch, offset, length: left as u64 }
    }

    fn data<'b>(
        &mut self,
        dispatch: DispatchId,
        offset: u64,
        left: usize,
        input: &mut &'b [u8],
    ) -> Piece<'b> {
        let (bytes, rest) = input.split_at(left.min(input.len()));
        *input = rest;
        let left = left - bytes.len();
        self.stage = match left {
            0 => Stage::Head,
            _ => Stage::Data { dispatch, offset: offset.saturating_add(bytes.len() as u64), left },
        };
        Piece::Data { dispatch, offset, bytes }
    }

    fn control<'b>(&mut self, length: usize, input: &mut &'b [u8]) -> Result<Option<Piece<'b>>, Trouble> {
        let missing = length - self.body.len();
        let (bytes, rest) = input.split_at(missing.min(input.len()));
        *input = rest;
        self.grow(length, bytes.len());
        self.body.extend_from_slice(bytes);
        if self.body.len() < length {
            return Ok(None);
        }
        self.stage = Stage::Head;
        let frame = Frame::from_bytes(&self.body);
        self.body = Vec::new();
        frame.map(|frame| Some(Piece::Control(frame)))
    }

    /// Room for what has come, doubling but never past the frame: a length alone allocates nothing.
    fn grow(&mut self, length: usize, coming: usize) {
        let needed = self.body.len() + coming;
        if needed > self.body.capacity() {
            let room = needed.max(2 * self.body.capacity()).min(length);
            self.body.reserve_exact(room - self.body.len());
        }
    }
}

fn judge_length(length: usize) -> Result<(), Trouble> {
    match length {
        0 | 1 => breach(Code::Malformed, "a frame of one byte or none"),
        n if n > MAX_CONTROL_BYTES.max(DATA_HEAD_BYTES + MAX_DATA_BYTES) => {
            breach(Code::Oversize, "length of a frame")
        }
        _ => Ok(()),
    }
}

fn judge_mark(mark: u8, length: usize) -> Result<(), Trouble> {
    match mark {
        DATA_MARK if length <= DATA_HEAD_BYTES => breach(Code::Malformed, "data without content"),
        DATA_MARK => Ok(()),
        CONTROL_MARK if length > MAX_CONTROL_BYTES => breach(Code::Oversize, "length of a control frame"),
        CONTROL_MARK if length < 3 => breach(Code::Malformed, "a control frame too short"),
        CONTROL_MARK => Ok(()),
        _ => breach(Code::Malformed, "neither data nor control"),
    }
}

fn judge_kind(kind: u8, length: usize) -> Result<(), Trouble> {
    const _: () = assert!(MAX_SMALL_BYTES < MAX_CONTROL_BYTES);
    match longest(kind) {
        None => breach(Code::Malformed, "a type that there is not"),
        Some(limit) if length > limit => breach(Code::Oversize, "length of a frame of this type"),
        Some(_) => Ok(()),
    }
}
