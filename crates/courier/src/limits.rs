//! Every limit of the protocol, by name. `docs/PROTOCOL.md` prints all of them, and a test compares the two.
//!
//! *Absent:* limits of what is carried (manifest, segments, statements); those are the container's.

/// Lowest protocol version that this code speaks.
pub const FIRST_VERSION: u16 = 1;
/// Highest protocol version that this code speaks. Each adds to those below, which it speaks as well.
pub const VERSION: u16 = 2;
/// The version from which on a node may be asked for what it gave or was told before: the frames Ask and Given.
pub const ASK_VERSION: u16 = 2;
/// Most versions that a Hello may list.
pub const MAX_VERSIONS: usize = 16;
/// Longest name of an agreement, in bytes.
pub const MAX_AGREEMENT_BYTES: usize = 64;
/// Longest control frame that carries no paper, in bytes; a Hello included.
pub const MAX_SMALL_BYTES: usize = 4096;
/// Longest signed package statement in an Offer, in bytes.
pub const MAX_PACKAGE_BYTES: usize = 16 * 1024;
/// Longest receipt, in bytes.
pub const MAX_RECEIPT_BYTES: usize = 16 * 1024;
/// Longest notice, in bytes.
pub const MAX_NOTICE_BYTES: usize = 16 * 1024;
/// Longest request to witness a log, in bytes: 63 hashes, a checkpoint and both signatures of the log.
pub const MAX_WITNESS_BYTES: usize = 16 * 1024;
/// Longest cosignature lines in the answer to such a request, in bytes.
pub const MAX_COSIGNATURE_BYTES: usize = 8 * 1024;
/// Longest proof, in bytes: the hashes, and a checkpoint with a few cosignatures.
pub const MAX_PROOF_BYTES: usize = 16 * 1024;
/// Longest paper that is given again, in bytes: a notice or a proof.
pub const MAX_GIVEN_BYTES: usize = 16 * 1024;
/// Longest signed request to open an item under its originator's control, and longest signed answer, in bytes.
pub const MAX_OPENING_BYTES: usize = 8 * 1024;
/// Longest wrapped share of a content key, in bytes.
pub const MAX_SHARE_BYTES: usize = 4 * 1024;
/// What a frame that carries a paper may need beside the paper, in bytes.
pub const FRAME_ROOM_BYTES: usize = 256;
/// Longest control frame of all: an Offer, in bytes.
pub const MAX_CONTROL_BYTES: usize = MAX_PACKAGE_BYTES + FRAME_ROOM_BYTES;
/// Most bytes of a container in one data frame.
pub const MAX_DATA_BYTES: usize = 1024 * 1024;
/// Bytes before the content of a data frame: 0x00, dispatch id, offset.
pub const DATA_HEAD_BYTES: usize = 1 + 16 + 8;
/// Longest container: an item of 64 GiB, its segment overhead, its manifest and the archive around them, in bytes.
pub const MAX_CONTAINER_BYTES: u64 = 64 * 1024 * 1024 * 1024 + 8 * 1024 * 1024;
/// Most exchanges that one side may have open on one connection; a Hello may ask for fewer.
pub const MAX_OUTSTANDING: u16 = 64;
/// What this implementation puts into one data frame, in bytes: with its head it fills one TLS record.
pub const FEED_BYTES: usize = 16 * 1024 - DATA_HEAD_BYTES - 4;
/// Above so many bytes that wait for the socket, no further paper and no further data is asked for.
pub const QUEUE_ROOM_BYTES: usize = MAX_SMALL_BYTES;
/// Longest answer that carries no paper (Accept, Decline, Held, Done, Stored, ReceiptKept and the like), with its length, in bytes.
pub const MAX_ANSWER_BYTES: usize = 48;
/// Answers without a paper that may wait in one exchange: Accept and what ends it, or a Done.
const MAX_ANSWERS: usize = 2;
/// Most bytes that one session holds for a peer that neither reads nor finishes its frames: the answers in each exchange
/// that the peer opened and the Done in each of ours, one paper or data frame behind what leaves room for it, one
/// half-read control frame, and Hello, Ping, Pong and Close.
pub const MAX_HELD_BYTES: usize = MAX_OUTSTANDING as usize * (MAX_ANSWERS + 1) * MAX_ANSWER_BYTES
    + QUEUE_ROOM_BYTES
    + MAX_CONTROL_BYTES
    + 4
    + MAX_CONTROL_BYTES
    + MAX_SMALL_BYTES;
// With the connection's own buffers, a slow peer is to cost less than this.
const _: () = assert!(MAX_HELD_BYTES < 56 * 1024);

/// A Hello must be here so soon after the connection is up, in seconds.
pub const HELLO_SECONDS: u64 = 10;
/// After so long without a byte from the peer a Ping goes out, in seconds.
pub const PING_SECONDS: u64 = 45;
/// After so long without a byte from the peer the connection is given up, in seconds.
pub const IDLE_SECONDS: u64 = 120;
/// A control frame that has begun must be complete so soon, in seconds.
pub const FRAME_SECONDS: u64 = 120;
/// With an accepted exchange open, some data must arrive so often, in seconds.
pub const STALL_SECONDS: u64 = 120;
/// Whatever wants an answer must have it so soon, in seconds: an Offer, a Done, a Receipt, a Notice, a Proof, an Opening, a Witness and an
/// Ask. Verifying 64 GiB takes minutes.
pub const ANSWER_SECONDS: u64 = 600;
/// Clocks further apart than this are worth a warning, in seconds.
pub const CLOCK_WARN_SECONDS: u64 = 5;
/// Clocks further apart than this bar releases, never reception, in seconds.
pub const CLOCK_BAR_SECONDS: u64 = 60;
