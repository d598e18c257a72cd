//! Merkle transparency logs: RFC 6962 hashing and proofs, C2SP tiles, signed notes, checkpoints, cosignatures and
//! proof files, and the fixed 16-field leaf that every act of a node leaves behind.
//!
//! The specifications followed are RFC 6962 section 2.1 and, of C2SP, `signed-note` v1.0.0, `tlog-checkpoint`
//! v1.0.0, `tlog-tiles` v0.1.0, `tlog-cosignature` v1.0.1, `tlog-witness` v1.0.0 and `tlog-proof` v1. All values are
//! pure: tiles are read through [`TileReader`], the time of a cosignature is an argument.
//!
//! *Absent:* documents, parties, storage, network, clock and randomness. A commitment is made here; who may see it
//! opened is ruled elsewhere.

mod bundle;
mod checkpoint;
mod fork;
mod frontier;
mod hash;
mod key;
mod leaf;
mod line;
mod note;
mod opened;
mod proof;
mod proof_file;
mod signer;
mod tile;
mod verify;
mod witness;

pub use bundle::{BundleError, MAX_ENTRY_BYTES, encode_bundle, parse_bundle};
pub use checkpoint::{
    Checkpoint, CheckpointError, MAX_EXTENSIONS, Origin, cosign, open_checkpoint, open_checkpoint_by_any,
    sign_checkpoint,
};
pub use fork::{FORK_HEADING, Fork, ForkError, ForkProof, MAX_FORK_BYTES};
pub use frontier::{Frontier, FrontierError, TileGrowth, tile_growth};
pub use hash::{Hash, LeafHasher, MAX_TREE_SIZE, empty_root, leaf_hash, node_hash};
pub use key::{KeyError, KeyKind, MAX_NAME_BYTES, VerifierKey};
pub use leaf::{FIELDS, LEAF_BYTES, LeafDraft, LeafError, LeafOpening, OpenedField};
pub use note::{MAX_NOTE_BYTES, MAX_SIGNATURES, NoteError, NoteSignature, SignedNote, Verified};
pub use opened::{OpenedError, encode_opened, parse_opened};
pub use proof::{TreeError, frontier_at, prove_consistency, prove_inclusion, root_at};
pub use proof_file::{MAX_EXTRA_BYTES, ProofFile, ProofFileError};
pub use signer::NoteSigner;
pub use tile::{BundleId, TILE_WIDTH, TileError, TileId, TileReader};
pub use verify::{MAX_PROOF_HASHES, ProofError, verify_consistency, verify_inclusion};
pub use witness::{AddCheckpoint, KeptHead, MAX_REQUEST_BYTES, STOPPED_STATUS, Weighed, WitnessRefusal};
