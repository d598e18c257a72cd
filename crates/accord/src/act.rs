//! Acts: everything that an inspector may ask about, as a closed, versioned enum. The journal is a sequence of
//! entries, each one act at one time; register, roll, cases, dispatches and reports are folds of it.
//!
//! Adding, changing or removing an act or a field needs a new entry version, and an upcaster from the one before: see
//! `version`. Each version has golden files in `vectors/act/`, kept for ever.
//!
//! *Absent:* titles, names and content. An act holds commitments and digests; what they stand for is sealed
//! elsewhere, so that destruction can be honest.

mod version;

pub use version::{ENTRY_VERSION, Unread, written_as};

use crate::agreement::Position;
use crate::clients::ClientName;
use crate::consent::Consent;
use crate::control::{Recall, Unopened};
use crate::day::CivilDay;
use crate::derivative::Contained;
use crate::destruction::Destruction;
use crate::handling::Handling;
use crate::id::{CaseId, Digest, DispatchId, ItemId};
use crate::letters::Matter;
use crate::lifecycle::Instrument;
use crate::mandate::Mandate;
use crate::marking::{Level, Marking};
use crate::party::{Network, NodeName, Party, PersonId};
use crate::passage::{Bar, Hop};
use crate::people::Person;
use crate::ruling::{Assured, Ruling};
use crate::time::Timestamp;
use crate::view::Asked;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// Version of this form.
    #[n(0)]
    pub version: u8,
    /// When the act was done. Never earlier than the entry before.
    #[n(1)]
    pub at: Timestamp,
    /// What was done.
    #[n(2)]
    pub act: Act,
}

/// A disclosure officer's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Answer {
    /// The release may go ahead.
    #[n(0)]
    Approve,
    /// It may not.
    #[n(1)]
    Refuse,
}

/// What was done. Digests named after a document are the SHA-256 of that document's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Act {
    /// The node began to exist.
    #[n(0)]
    #[cbor(map)]
    Founded {
        /// Its name.
        #[n(0)]
        node: NodeName,
        /// Its Party.
        #[n(1)]
        party: Party,
        /// Its network.
        #[n(2)]
        network: Network,
        /// The agreement's short name.
        #[n(3)]
        agreement: String,
        /// Digest of the rule pack.
        #[n(4)]
        pack: Digest,
        /// Origin line of its log.
        #[n(5)]
        log_origin: String,
    },
    /// A person was enrolled, or enrolled anew with other facts or keys.
    #[n(1)]
    #[cbor(map)]
    PersonEnrolled {
        /// The person.
        #[n(0)]
        person: Person,
        /// The public keys of their statements.
        #[n(1)]
        verifying: ByteVec,
        /// By whom; absent for the first administrator.
        #[n(2)]
        by: Option<PersonId>,
    },
    /// A person left the roll.
    #[n(2)]
    #[cbor(map)]
    PersonRemoved {
        /// Who.
        #[n(0)]
        person: PersonId,
        /// By whom.
        #[n(1)]
        by: PersonId,
    },
    /// A partner's card was accepted after two people compared its fingerprint.
    #[n(3)]
    #[cbor(map)]
    PeerAdded {
        /// The partner's node.
        #[n(0)]
        node: NodeName,
        /// Its Party.
        #[n(1)]
        party: Party,
        /// Digest of the card.
        #[n(2)]
        card: Digest,
        /// By whom.
        #[n(3)]
        by: PersonId,
    },
    /// A Party's position on the agreement's effect was recorded.
    #[n(4)]
    #[cbor(map)]
    PositionRecorded {
        /// The position.
        #[n(0)]
        position: Position,
        /// The diplomatic document it rests on.
        #[n(1)]
        basis: String,
        /// By whom.
        #[n(2)]
        by: PersonId,
    },
    /// The partner's assurance for one of its people was recorded (Art. 7).
    #[n(5)]
    #[cbor(map)]
    AssuranceRecorded {
        /// The Party that gave it.
        #[n(0)]
        party: Party,
        /// What it assures.
        #[n(1)]
        assured: Assured,
        /// Digest of the signed assurance.
        #[n(2)]
        assurance: Digest,
        /// By whom it was recorded.
        #[n(3)]
        by: PersonId,
    },
    /// An item was sealed into the vault as a draft.
    #[n(6)]
    #[cbor(map)]
    ItemAdded {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// Plaintext size in bytes.
        #[n(1)]
        size: u64,
        /// Digest over the encrypted segments.
        #[n(2)]
        item_digest: Digest,
        /// Digest of the container's manifest.
        #[n(3)]
        manifest: Digest,
        /// Commitment to the title.
        #[n(4)]
        title: Digest,
        /// The item that this one is the releasable part of (tearline), if any.
        #[n(5)]
        extract_of: Option<ItemId>,
        /// By whom.
        #[n(6)]
        by: PersonId,
    },
    /// A draft was marked by its originator.
    #[n(7)]
    #[cbor(map)]
    ItemMarked {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The marking.
        #[n(1)]
        marking: Marking,
        /// Digest of the label bound to the item.
        #[n(2)]
        label: Digest,
        /// Digest of the manifest that carries the label.
        #[n(3)]
        manifest: Digest,
        /// By whom.
        #[n(4)]
        by: PersonId,
    },
    /// A question was ruled on. Permits and refusals alike.
    #[n(8)]
    #[cbor(map)]
    Ruled {
        /// The ruling.
        #[n(0)]
        ruling: Ruling,
        /// Who asked.
        #[n(1)]
        by: PersonId,
        /// The item asked about, where it exists on this node.
        #[n(2)]
        item: Option<ItemId>,
        /// The case that it belongs to, if any.
        #[n(3)]
        case: Option<CaseId>,
        /// The Party it would go to, if any.
        #[n(4)]
        recipient: Option<Party>,
        /// What was asked, so that the ruling can be replayed. Since entry version 3.
        #[n(5)]
        asked: Option<Asked>,
    },
    /// A release was asked for.
    #[n(9)]
    #[cbor(map)]
    ReleaseRequested {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// The item.
        #[n(1)]
        item: ItemId,
        /// The node to receive it.
        #[n(2)]
        recipient: NodeName,
        /// Digest of the signed request.
        #[n(3)]
        request: Digest,
        /// By whom.
        #[n(4)]
        by: PersonId,
    },
    /// Someone other than the requester reviewed the case.
    #[n(10)]
    #[cbor(map)]
    ReleaseReviewed {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// Digest of the signed review.
        #[n(1)]
        review: Digest,
        /// By whom.
        #[n(2)]
        by: PersonId,
    },
    /// A second person decided the case.
    #[n(11)]
    #[cbor(map)]
    ReleaseDecided {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// The answer.
        #[n(1)]
        answer: Answer,
        /// Digest of the signed decision.
        #[n(2)]
        decision: Digest,
        /// By whom.
        #[n(3)]
        by: PersonId,
    },
    /// A content key was wrapped for someone on a permit.
    #[n(12)]
    #[cbor(map)]
    KeyMoved {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// Index of the entry that permits it.
        #[n(1)]
        ruling_index: u64,
        /// Digest of the key that it was wrapped for.
        #[n(2)]
        recipient_key: Digest,
    },
    /// A package was made and is owed to a partner.
    #[n(13)]
    #[cbor(map)]
    DispatchOwed {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
        /// The case.
        #[n(1)]
        case: CaseId,
        /// The item.
        #[n(2)]
        item: ItemId,
        /// The node to receive it.
        #[n(3)]
        recipient: NodeName,
        /// Digest of the signed package statement.
        #[n(4)]
        package: Digest,
        /// Digest of the manifest made for the recipient.
        #[n(5)]
        manifest: Digest,
        /// When the receipt is due.
        #[n(6)]
        due: Timestamp,
    },
    /// The partner has stored the package; the receipt follows.
    #[n(14)]
    #[cbor(map)]
    DispatchStored {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
    },
    /// The partner declined the package.
    #[n(15)]
    #[cbor(map)]
    DispatchDeclined {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
        /// The partner's code.
        #[n(1)]
        code: String,
    },
    /// The partner's receipt was verified and kept: the dispatch is closed.
    #[n(16)]
    #[cbor(map)]
    ReceiptKept {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
        /// Digest of the signed receipt.
        #[n(1)]
        receipt: Digest,
        /// Whether the partner admitted the item.
        #[n(2)]
        admitted: bool,
        /// When the partner promised to prove inclusion in its log.
        #[n(3)]
        proof_due: Timestamp,
    },
    /// A package arrived and was verified: signature, digest, label binding.
    #[n(17)]
    #[cbor(map)]
    ArrivalVerified {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
        /// The node it came from.
        #[n(1)]
        from: NodeName,
        /// Digest of the signed package statement.
        #[n(2)]
        package: Digest,
        /// Digest over the encrypted segments.
        #[n(3)]
        item_digest: Digest,
        /// Plaintext size in bytes.
        #[n(4)]
        size: u64,
        /// Digest of the manifest.
        #[n(5)]
        manifest: Digest,
        /// The originator's marking, as the bound label says.
        #[n(6)]
        marking: Marking,
        /// Digest of the bound label.
        #[n(7)]
        label: Digest,
    },
    /// A package was refused on arrival.
    #[n(18)]
    #[cbor(map)]
    ArrivalDeclined {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
        /// The node it came from.
        #[n(1)]
        from: NodeName,
        /// Why.
        #[n(2)]
        code: String,
    },
    /// A desk officer admitted an arrival and gave it the own marking (Art. 4.2). Its register number follows
    /// from its place among admissions.
    #[n(19)]
    #[cbor(map)]
    Admitted {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
        /// The item on this node.
        #[n(1)]
        item: ItemId,
        /// The own level beside the originator's.
        #[n(2)]
        own_level: Level,
        /// Digest of the officer's signed admission.
        #[n(3)]
        admission: Digest,
        /// By whom.
        #[n(4)]
        by: PersonId,
    },
    /// A receipt was signed and is owed to the sender.
    #[n(20)]
    #[cbor(map)]
    ReceiptOwed {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
        /// Digest of the signed receipt.
        #[n(1)]
        receipt: Digest,
    },
    /// The sender has kept the receipt.
    #[n(21)]
    #[cbor(map)]
    ReceiptDelivered {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
    },
    /// An item was opened. Written in the same append as its ruling, before the key is unwrapped.
    #[n(22)]
    #[cbor(map)]
    Opened {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// Digest of the question that was granted.
        #[n(1)]
        question: Digest,
        /// By whom.
        #[n(2)]
        by: PersonId,
    },
    /// A partner broke the protocol or sent what does not verify.
    #[n(23)]
    #[cbor(map)]
    BreachRecorded {
        /// The partner.
        #[n(0)]
        node: NodeName,
        /// The stable code.
        #[n(1)]
        code: String,
        /// The dispatch concerned, if any.
        #[n(2)]
        dispatch: Option<DispatchId>,
    },
    /// Something is owed to us and late, or otherwise needs a person.
    #[n(24)]
    #[cbor(map)]
    IncidentRaised {
        /// The stable code.
        #[n(0)]
        code: String,
        /// The dispatch concerned, if any.
        #[n(1)]
        dispatch: Option<DispatchId>,
    },
    /// Nothing: an entry that hides the tempo of the others.
    #[n(25)]
    #[cbor(map)]
    Padded {},
    /// A partner's new card took the place of its accepted one, signed by the same root and announced by the node itself.
    #[n(26)]
    #[cbor(map)]
    PeerSucceeded {
        /// The partner's node.
        #[n(0)]
        node: NodeName,
        /// Its Party.
        #[n(1)]
        party: Party,
        /// Digest of the new card.
        #[n(2)]
        card: Digest,
        /// Digest of the card that it replaces.
        #[n(3)]
        previous: Digest,
        /// Digest of the succession that the node signed with the key of the previous card.
        #[n(4)]
        succession: Digest,
        /// By whom it was accepted.
        #[n(5)]
        by: PersonId,
    },
    /// A partner's card is believed no longer. It may be accepted anew after its fingerprint was compared.
    #[n(27)]
    #[cbor(map)]
    PeerRevoked {
        /// The partner's node.
        #[n(0)]
        node: NodeName,
        /// Digest of the card.
        #[n(1)]
        card: Digest,
        /// Why, in an administrator's words.
        #[n(2)]
        reason: String,
        /// By whom.
        #[n(3)]
        by: PersonId,
    },
    /// From here on this node shows a new card, and signs under the keys that it names. Since entry version 2.
    #[n(28)]
    #[cbor(map)]
    CardShown {
        /// Digest of the card.
        #[n(0)]
        card: Digest,
        /// Digest of the card that it replaces.
        #[n(1)]
        previous: Digest,
    },
    /// The own Party did something about the agreement, and its agreement office signed that. Since entry version 3.
    #[n(29)]
    #[cbor(map)]
    InstrumentMade {
        /// What was done.
        #[n(0)]
        instrument: Instrument,
        /// Digest of the signed instrument.
        #[n(1)]
        statement: Digest,
        /// By whom.
        #[n(2)]
        by: PersonId,
    },
    /// A partner's instrument was received and verified, and stands in its Party's record here. Since entry version 3.
    #[n(30)]
    #[cbor(map)]
    InstrumentMirrored {
        /// What it did.
        #[n(0)]
        instrument: Instrument,
        /// Digest of the signed instrument.
        #[n(1)]
        statement: Digest,
        /// Digest of the notice in which the node brought it.
        #[n(2)]
        notice: Digest,
        /// The node that brought it.
        #[n(3)]
        from: NodeName,
    },
    /// A partner brought a second instrument for a place of its record that is taken. Since entry version 3.
    #[n(31)]
    #[cbor(map)]
    InstrumentContested {
        /// The Party.
        #[n(0)]
        party: Party,
        /// The place.
        #[n(1)]
        number: u64,
        /// Digest of the signed instrument that was brought.
        #[n(2)]
        statement: Digest,
        /// Digest of the notice in which the node brought it.
        #[n(3)]
        notice: Digest,
        /// The node that brought it.
        #[n(4)]
        from: NodeName,
    },
    /// A partner's node has an own instrument on record. Since entry version 3.
    #[n(32)]
    #[cbor(map)]
    InstrumentDelivered {
        /// Digest of the signed instrument.
        #[n(0)]
        statement: Digest,
        /// The node.
        #[n(1)]
        to: NodeName,
    },
    /// From here on this node rules by another rule pack, to which every Party has consented. Since entry version 3.
    #[n(33)]
    #[cbor(map)]
    PackAdopted {
        /// Digest of the pack.
        #[n(0)]
        pack: Digest,
        /// Its version.
        #[n(1)]
        version: String,
        /// Digest of the pack before.
        #[n(2)]
        previous: Digest,
    },
    /// A partner's log showed two histories: nothing more of it is believed until a person decides. Since entry version 4.
    #[n(34)]
    #[cbor(map)]
    LogForked {
        /// The node whose log it is.
        #[n(0)]
        node: NodeName,
        /// Digest of the proof of the fork, which holds both signed checkpoints.
        #[n(1)]
        proof: Digest,
    },
    /// A person decided what becomes of a partner's log that showed two histories. Since entry version 4.
    #[n(35)]
    #[cbor(map)]
    LogDecided {
        /// The node whose log it is.
        #[n(0)]
        node: NodeName,
        /// Digest of the proof of the fork that was decided on.
        #[n(1)]
        proof: Digest,
        /// Whether the log is believed again, from the checkpoint on that it shows next.
        #[n(2)]
        answer: Answer,
        /// What the decision rests on: a document of the partner, in the official's words.
        #[n(3)]
        basis: String,
        /// By whom.
        #[n(4)]
        by: PersonId,
    },
    /// The partner proved that its receipt's leaf is in its log, as the receipt promised. Since entry version 4.
    #[n(36)]
    #[cbor(map)]
    ProofKept {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
        /// Digest of the proof.
        #[n(1)]
        proof: Digest,
    },
    /// An oversight body was given a mandate. Since entry version 4.
    #[n(38)]
    #[cbor(map)]
    MandateGiven {
        /// What it may see.
        #[n(0)]
        mandate: Mandate,
        /// Digest of the signed mandate, by which it is named from here on.
        #[n(1)]
        statement: Digest,
        /// By whom.
        #[n(2)]
        by: PersonId,
    },
    /// A mandate was ended. Since entry version 4.
    #[n(39)]
    #[cbor(map)]
    MandateEnded {
        /// The mandate.
        #[n(0)]
        mandate: Digest,
        /// Digest of the signed statement that ends it.
        #[n(1)]
        statement: Digest,
        /// By whom.
        #[n(2)]
        by: PersonId,
    },
    /// An inspector was given a report under a mandate. Since entry version 4.
    #[n(40)]
    #[cbor(map)]
    ReportMade {
        /// The mandate.
        #[n(0)]
        mandate: Digest,
        /// The first day that it reports on.
        #[n(1)]
        from: CivilDay,
        /// The last day.
        #[n(2)]
        until: CivilDay,
        /// Digest of the report that the node signed.
        #[n(3)]
        report: Digest,
        /// Digest of the signed figures for the public, where the Parties agreed how those are told.
        #[n(4)]
        public: Option<Digest>,
        /// The inspector.
        #[n(5)]
        by: PersonId,
    },
    /// The sender has kept the proof that a receipt of this node promised. Since entry version 4.
    #[n(41)]
    #[cbor(map)]
    ProofDelivered {
        /// The dispatch.
        #[n(0)]
        dispatch: DispatchId,
    },
    /// An own person said something to a partner about what is approved of an item. Since entry version 4.
    #[n(42)]
    #[cbor(map)]
    ConsentMade {
        /// What.
        #[n(0)]
        consent: Consent,
        /// When the statement says that it was signed.
        #[n(1)]
        signed_at: Timestamp,
        /// Digest of the signed consent.
        #[n(2)]
        statement: Digest,
        /// By whom.
        #[n(3)]
        by: PersonId,
    },
    /// A partner's consent was received and verified, and stands here as it was signed. Since entry version 4.
    #[n(43)]
    #[cbor(map)]
    ConsentMirrored {
        /// What it says.
        #[n(0)]
        consent: Consent,
        /// The Party that says it.
        #[n(1)]
        party: Party,
        /// When it says that it was signed.
        #[n(2)]
        signed_at: Timestamp,
        /// Digest of the signed consent.
        #[n(3)]
        statement: Digest,
        /// Digest of the notice in which the node brought it.
        #[n(4)]
        notice: Digest,
        /// The node that brought it.
        #[n(5)]
        from: NodeName,
    },
    /// A partner's node has a signed statement of an own person on record. Since entry version 4.
    #[n(44)]
    #[cbor(map)]
    StatementDelivered {
        /// Digest of the signed statement.
        #[n(0)]
        statement: Digest,
        /// The node.
        #[n(1)]
        to: NodeName,
    },
    /// A person was given a credential for a machine client that acts for them. Since entry version 4.
    #[n(49)]
    #[cbor(map)]
    ClientAdded {
        /// The client.
        #[n(0)]
        client: ClientName,
        /// SHA-256 of its secret.
        #[n(1)]
        secret: Digest,
        /// Whether its access token counts without a proof that it holds a key.
        #[n(2)]
        is_legacy: bool,
        /// By whom, and for whom it acts.
        #[n(3)]
        by: PersonId,
    },
    /// A machine client's credential is good no longer. Since entry version 4.
    #[n(50)]
    #[cbor(map)]
    ClientRevoked {
        /// The client.
        #[n(0)]
        client: ClientName,
        /// By whom.
        #[n(1)]
        by: PersonId,
    },
    /// With an item, a key was taken over that a foreign client had wrapped for this node's key access service. Since entry
    /// version 4.
    #[n(51)]
    #[cbor(map)]
    KeyTakenOver {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// SHA-256 of the key as it was wrapped.
        #[n(1)]
        wrapped_key: Digest,
    },
    /// An item was handled as a ruling permits, which stands in the same append. Since entry version 4.
    #[n(45)]
    #[cbor(map)]
    Handled {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// What was done.
        #[n(1)]
        handling: Handling,
        /// Digest of the question that was granted.
        #[n(2)]
        question: Digest,
        /// By whom.
        #[n(3)]
        by: PersonId,
    },
    /// A copy came back to the registry. Since entry version 4.
    #[n(46)]
    #[cbor(map)]
    CopyReturned {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The copy's number.
        #[n(1)]
        number: u32,
        /// By whom it was taken back.
        #[n(2)]
        by: PersonId,
    },
    /// An own person signed that an item or a copy is destroyed; with the second one's signature it is. Since entry version 4.
    #[n(47)]
    #[cbor(map)]
    DestructionSigned {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// What was signed.
        #[n(1)]
        destruction: Destruction,
        /// Digest of the signed statement.
        #[n(2)]
        statement: Digest,
        /// By whom.
        #[n(3)]
        by: PersonId,
    },
    /// A partner's person signed that an item of ours, or a copy of it, is destroyed there. Since entry version 4.
    #[n(48)]
    #[cbor(map)]
    DestructionMirrored {
        /// What was signed.
        #[n(0)]
        destruction: Destruction,
        /// By whom, on the partner's roll.
        #[n(1)]
        signer: PersonId,
        /// Digest of the signed statement.
        #[n(2)]
        statement: Digest,
        /// Digest of the notice in which the node brought it.
        #[n(3)]
        notice: Digest,
        /// The node that brought it.
        #[n(4)]
        from: NodeName,
    },
    /// The log of this node goes on under a new origin, for entries that others had cosigned are lost. It is the first entry of the new
    /// log that the one before did not have. Since entry version 5.
    #[n(52)]
    #[cbor(map)]
    LogSucceeded {
        /// The new origin.
        #[n(0)]
        origin: String,
        /// How many entries are left of the log that ended.
        #[n(1)]
        kept: u64,
        /// How many entries others had cosigned of it.
        #[n(2)]
        cosigned: u64,
        /// Digest of the signed statement.
        #[n(3)]
        statement: Digest,
        /// By whom.
        #[n(4)]
        by: PersonId,
    },
    /// A person decided whether a partner's log that lost entries is followed under its new origin. Since entry version 5.
    #[n(53)]
    #[cbor(map)]
    SuccessionDecided {
        /// The partner's node.
        #[n(0)]
        node: NodeName,
        /// Digest of the signed statement.
        #[n(1)]
        statement: Digest,
        /// Whether it is.
        #[n(2)]
        answer: Answer,
        /// What the decision rests on.
        #[n(3)]
        basis: String,
        /// By whom.
        #[n(4)]
        by: PersonId,
    },
    /// A partner's node said that its log lost entries and goes on under a new origin. Since entry version 5.
    #[n(54)]
    #[cbor(map)]
    SuccessionShown {
        /// The partner's node.
        #[n(0)]
        node: NodeName,
        /// The new origin.
        #[n(1)]
        origin: String,
        /// How many entries are left of the log that ended.
        #[n(2)]
        kept: u64,
        /// How many entries of it this node had cosigned; 0 where it never saw that log.
        #[n(3)]
        cosigned: u64,
        /// The time of the last entry that is left.
        #[n(4)]
        since: Timestamp,
        /// Digest of the signed statement.
        #[n(5)]
        statement: Digest,
        /// Digest of the notice that brought it.
        #[n(6)]
        notice: Digest,
    },
    /// An item of another Party is passed on, in the same append as its dispatch is owed. Since entry version 5.
    #[n(57)]
    #[cbor(map)]
    PassageOwed {
        /// The case under which that was decided.
        #[n(0)]
        case: CaseId,
        /// The dispatch by which it goes on.
        #[n(1)]
        dispatch: DispatchId,
        /// The dispatch by which it came.
        #[n(2)]
        origin: DispatchId,
        /// Digest of the originator's signed approval.
        #[n(3)]
        consent: Digest,
        /// The agreement of the two Parties between which it goes on, where the rule pack names one of their own.
        #[n(4)]
        basis: String,
    },
    /// What arrived, in the same append, was passed on: its whole chain was verified. Since entry version 5.
    #[n(58)]
    #[cbor(map)]
    PassageVerified {
        /// The dispatch by which it arrived.
        #[n(0)]
        dispatch: DispatchId,
        /// The originator's node.
        #[n(1)]
        origin: NodeName,
        /// Digest of the originator's signed package for the hub.
        #[n(2)]
        package: Digest,
        /// Digest of the originator's signed approval.
        #[n(3)]
        consent: Digest,
        /// Digest of the notice in which the originator's node brought that to the hub.
        #[n(4)]
        notice: Digest,
        /// Digest of the hub's receipt for the originator.
        #[n(5)]
        receipt: Digest,
        /// The hub's own level for the item.
        #[n(6)]
        level: Level,
        /// The agreement between the originator's Party and the hub's, where the rule pack names one of their own.
        #[n(7)]
        basis: String,
    },
    /// This node signed for an originator what became of a passage. Since entry version 5.
    #[n(59)]
    #[cbor(map)]
    PassageTold {
        /// What it says.
        #[n(0)]
        hop: Hop,
        /// The originator's node.
        #[n(1)]
        to: NodeName,
        /// Digest of the signed statement.
        #[n(2)]
        statement: Digest,
    },
    /// A hub's word about a passage of an own item was received and verified. Since entry version 5.
    #[n(60)]
    #[cbor(map)]
    PassageMirrored {
        /// What it says.
        #[n(0)]
        hop: Hop,
        /// Digest of the signed statement.
        #[n(1)]
        statement: Digest,
        /// Digest of the notice in which the hub brought it.
        #[n(2)]
        notice: Digest,
        /// The hub.
        #[n(3)]
        from: NodeName,
        /// The agreement between the hub's Party and the recipient's, where the rule pack names one of their own.
        #[n(4)]
        basis: String,
    },
    /// A draft was made from items that are here; its marking, in the same append, follows from theirs. Since entry version 4.
    #[n(37)]
    #[cbor(map)]
    ItemDerived {
        /// The draft.
        #[n(0)]
        item: ItemId,
        /// What it is made from.
        #[n(1)]
        sources: Vec<ItemId>,
        /// Whose information it contains, at which levels.
        #[n(2)]
        contains: Contained,
    },
    /// An inspector counted a report again and signed what the public is told of it. Since entry version 5.
    #[n(55)]
    #[cbor(map)]
    ReportCosigned {
        /// Digest of the report that the node signed.
        #[n(0)]
        report: Digest,
        /// Digest of the signed figures for the public.
        #[n(1)]
        public: Digest,
        /// Digest of what the inspector signed.
        #[n(2)]
        statement: Digest,
        /// Digest of the notice in which the node vouches for the inspector's keys.
        #[n(3)]
        notice: Digest,
        /// The inspector.
        #[n(4)]
        by: PersonId,
    },
    /// An own person took back or reclassified what went to a partner. Since entry version 5.
    #[n(61)]
    #[cbor(map)]
    RecallMade {
        /// What was said.
        #[n(0)]
        recall: Recall,
        /// When the statement says that it was signed.
        #[n(1)]
        signed_at: Timestamp,
        /// Digest of the signed recall.
        #[n(2)]
        statement: Digest,
        /// By whom.
        #[n(3)]
        by: PersonId,
    },
    /// A partner's recall of what it gave was received and verified. Since entry version 5.
    #[n(62)]
    #[cbor(map)]
    RecallMirrored {
        /// What it says.
        #[n(0)]
        recall: Recall,
        /// When it says that it was signed.
        #[n(1)]
        signed_at: Timestamp,
        /// Digest of the signed recall.
        #[n(2)]
        statement: Digest,
        /// Digest of the notice in which the node brought it.
        #[n(3)]
        notice: Digest,
        /// The node that brought it.
        #[n(4)]
        from: NodeName,
    },
    /// The originator's node is asked to let an item be opened, or, under an earlier consent, told that it was. Since entry
    /// version 5.
    #[n(63)]
    #[cbor(map)]
    OpeningAsked {
        /// Digest of the signed request.
        #[n(0)]
        request: Digest,
        /// The item.
        #[n(1)]
        item: ItemId,
        /// The dispatch by which it came.
        #[n(2)]
        dispatch: DispatchId,
        /// The originator's node.
        #[n(3)]
        originator: NodeName,
        /// The request is good until then.
        #[n(4)]
        until: Timestamp,
        /// Digest of the consent under which it was opened without asking; absent where it is asked.
        #[n(5)]
        under: Option<Digest>,
        /// Who is to read.
        #[n(6)]
        by: PersonId,
    },
    /// The originator's node answered. Where it consents and the reader still waits, the opening stands in the same append. Since
    /// entry version 5.
    #[n(64)]
    #[cbor(map)]
    OpeningAnswered {
        /// Digest of the signed request.
        #[n(0)]
        request: Digest,
        /// Digest of the signed answer.
        #[n(1)]
        answer: Digest,
        /// Why not; absent for a consent.
        #[n(2)]
        refused: Option<Unopened>,
        /// The node that answered.
        #[n(3)]
        from: NodeName,
    },
    /// A holder's node asked to open an item that went there, or told that it was opened under an earlier consent. Since entry
    /// version 5.
    #[n(65)]
    #[cbor(map)]
    OpeningReceived {
        /// Digest of the signed request.
        #[n(0)]
        request: Digest,
        /// The item.
        #[n(1)]
        item: ItemId,
        /// The dispatch by which it went.
        #[n(2)]
        dispatch: DispatchId,
        /// The node that asks.
        #[n(3)]
        from: NodeName,
        /// Who is to read, on its roll.
        #[n(4)]
        person: PersonId,
        /// The request is good until then.
        #[n(5)]
        until: Timestamp,
        /// Digest of the consent under which it was opened without asking.
        #[n(6)]
        under: Option<Digest>,
    },
    /// A holder's request to open was answered, after the ruling in the same append where one was asked for, and before a share of the
    /// key moves. Since entry version 5.
    #[n(66)]
    #[cbor(map)]
    OpeningDecided {
        /// Digest of the signed request.
        #[n(0)]
        request: Digest,
        /// Digest of the answer that the node signed.
        #[n(1)]
        answer: Digest,
        /// Why not; absent for a consent.
        #[n(2)]
        refused: Option<Unopened>,
        /// Digest of the decision that a person signed, where a person answers.
        #[n(3)]
        decision: Option<Digest>,
        /// That person.
        #[n(4)]
        by: Option<PersonId>,
        /// The node that asked.
        #[n(5)]
        to: NodeName,
    },
    /// A message for a partner's node was sealed into a letter, for the hub to carry. Since entry version 5.
    #[n(67)]
    #[cbor(map)]
    LetterOwed {
        /// The letter.
        #[n(0)]
        letter: DispatchId,
        /// For whom.
        #[n(1)]
        to: NodeName,
        /// The hub that it is given to.
        #[n(2)]
        via: NodeName,
        /// The message.
        #[n(3)]
        matter: Matter,
        /// Digest of what is shown with it: the signed waybill.
        #[n(4)]
        papers: Digest,
        /// Digest of the signed waybill.
        #[n(5)]
        waybill: Digest,
        /// The tree over its sealed segments.
        #[n(6)]
        outer_digest: Digest,
        /// SHA-256 of its manifest.
        #[n(7)]
        manifest: Digest,
        /// When it must be at its recipient.
        #[n(8)]
        due: Timestamp,
    },
    /// A letter came: to be carried on, to be read here, or refused. Since entry version 5.
    #[n(68)]
    #[cbor(map)]
    LetterTaken {
        /// The letter.
        #[n(0)]
        letter: DispatchId,
        /// Who wrote it.
        #[n(1)]
        from: NodeName,
        /// For whom.
        #[n(2)]
        to: NodeName,
        /// The node that brought it.
        #[n(3)]
        previous: NodeName,
        /// Digest of what was shown with it: the signed waybill, and the hop receipts so far.
        #[n(4)]
        papers: Digest,
        /// Digest of the signed waybill.
        #[n(5)]
        waybill: Digest,
        /// The tree over its sealed segments.
        #[n(6)]
        outer_digest: Digest,
        /// SHA-256 of its manifest.
        #[n(7)]
        manifest: Digest,
        /// When it must be at its recipient.
        #[n(8)]
        due: Timestamp,
        /// The node that gets it next; absent at its end, and where it is refused.
        #[n(9)]
        next: Option<NodeName>,
        /// The code of the refusal.
        #[n(10)]
        refused: Option<String>,
        /// Digest of the message that answers it, at its end.
        #[n(11)]
        answer: Option<Digest>,
        /// The message of this node that it declines for good.
        #[n(12)]
        declines: Option<Matter>,
        /// SHA-256 of the wrapped share of a key that came beside it for this node, a hub. Since entry version 7.
        #[n(13)]
        share: Option<Digest>,
    },
    /// This node, a hub, signed what it did with a letter. Since entry version 5.
    #[n(69)]
    #[cbor(map)]
    HopSigned {
        /// The letter.
        #[n(0)]
        letter: DispatchId,
        /// Digest of the signed hop receipt.
        #[n(1)]
        hop: Digest,
        /// Digest of what is shown with the letter from here on.
        #[n(2)]
        papers: Digest,
    },
    /// The node before has this node's hop receipt. Since entry version 5.
    #[n(70)]
    #[cbor(map)]
    HopDelivered {
        /// The letter.
        #[n(0)]
        letter: DispatchId,
    },
    /// The hub's receipt for a letter came and was verified. Since entry version 5.
    #[n(71)]
    #[cbor(map)]
    HopKept {
        /// The letter.
        #[n(0)]
        letter: DispatchId,
        /// Digest of the signed hop receipt.
        #[n(1)]
        hop: Digest,
        /// The code of the refusal; absent where the hub carries it on.
        #[n(2)]
        refused: Option<String>,
    },
    /// The next node has the letter, or it is given up. Since entry version 5.
    #[n(56)]
    #[cbor(map)]
    LetterPassed {
        /// The letter.
        #[n(0)]
        letter: DispatchId,
        /// Why it is given up: the code with which the next node declined it for good, or that its time is over.
        #[n(1)]
        given_up: Option<String>,
    },
    /// This node, a hub, signed that a letter which it had taken will not come to its recipient. Since entry version 6.
    #[n(72)]
    #[cbor(map)]
    LossSigned {
        /// The letter.
        #[n(0)]
        letter: DispatchId,
        /// Digest of the signed hop receipt that says so.
        #[n(1)]
        hop: Digest,
    },
    /// The hub told that a letter which it had taken did not come to its recipient, and why. Since entry version 6.
    #[n(73)]
    #[cbor(map)]
    LossKept {
        /// The letter.
        #[n(0)]
        letter: DispatchId,
        /// Digest of the signed hop receipt that says so.
        #[n(1)]
        hop: Digest,
        /// Why.
        #[n(2)]
        code: String,
    },
    /// No package is made of a case that was approved: what it rested on is no longer there. Since entry version 6.
    #[n(74)]
    #[cbor(map)]
    CaseClosed {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// The rule that would refuse it now.
        #[n(1)]
        code: String,
    },
    /// A received item was asked for a Party that it cannot go to, whatever the rules say. Since entry version 6.
    #[n(75)]
    #[cbor(map)]
    PassageBarred {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The node that was to receive it.
        #[n(1)]
        recipient: NodeName,
        /// Digest of the signed request.
        #[n(2)]
        request: Digest,
        /// Who asked.
        #[n(3)]
        by: PersonId,
        /// Why not.
        #[n(4)]
        bar: Bar,
    },
    /// A numbered copy was sealed for machine clients: its key is wrapped for this node's key access service. Since entry version 6.
    #[n(76)]
    #[cbor(map)]
    CopySealed {
        /// The item.
        #[n(0)]
        item: ItemId,
        /// The copy's number.
        #[n(1)]
        number: u32,
        /// SHA-256 of the key as it was wrapped.
        #[n(2)]
        wrapped_key: Digest,
        /// Digest of the copy's manifest.
        #[n(3)]
        manifest: Digest,
        /// By whom.
        #[n(4)]
        by: PersonId,
    },
    /// A person of this node, a hub, stopped the openings of what is in a letter, or let them go on. Since entry version 7.
    #[n(77)]
    #[cbor(map)]
    LetterDecided {
        /// The letter.
        #[n(0)]
        letter: DispatchId,
        /// Digest of the signed decision.
        #[n(1)]
        statement: Digest,
        /// Whether what is in it may be opened.
        #[n(2)]
        answer: Answer,
        /// Who signed it.
        #[n(3)]
        by: PersonId,
    },
}

impl Act {
    /// The stream whose order this act belongs to. Two acts of one stream never commit against the same past.
    pub fn stream(&self) -> String {
        match self {
            Self::Founded { .. } | Self::CardShown { .. } | Self::PackAdopted { .. } => "node".into(),
            Self::PersonEnrolled { person, .. } => format!("person/{}", person.id),
            Self::PersonRemoved { person, .. } => format!("person/{person}"),
            Self::PeerAdded { node, .. }
            | Self::PeerSucceeded { node, .. }
            | Self::PeerRevoked { node, .. } => {
                format!("peer/{node}")
            }
            Self::PositionRecorded { .. } | Self::AssuranceRecorded { .. } => "agreement".into(),
            // Each Party's record is one chain.
            Self::InstrumentMade { instrument, .. } | Self::InstrumentMirrored { instrument, .. } => {
                format!("record/{}", instrument.party)
            }
            Self::InstrumentContested { party, number, statement, .. } => {
                format!("contested/{party}/{number}/{statement}")
            }
            Self::InstrumentDelivered { to, .. } | Self::StatementDelivered { to, .. } => {
                format!("notice/{to}")
            }
            Self::ConsentMade { consent, .. } | Self::ConsentMirrored { consent, .. } => {
                format!("consent/{}", consent.item_digest)
            }
            // A consent stands only while nothing was taken back meanwhile.
            Self::RecallMade { recall, .. } | Self::RecallMirrored { recall, .. } => {
                format!("recall/{}", recall.dispatch)
            }
            // Each is asked once and answered once.
            Self::OpeningAsked { request, .. }
            | Self::OpeningAnswered { request, .. }
            | Self::OpeningReceived { request, .. }
            | Self::OpeningDecided { request, .. } => format!("opening/{request}"),
            Self::ClientAdded { client, .. } | Self::ClientRevoked { client, .. } => {
                format!("client/{client}")
            }
            // No key is taken over twice, and none is that of a copy.
            Self::KeyTakenOver { wrapped_key, .. } | Self::CopySealed { wrapped_key, .. } => {
                format!("key/{wrapped_key}")
            }
            Self::LogForked { node, .. }
            | Self::LogDecided { node, .. }
            | Self::SuccessionDecided { node, .. }
            | Self::SuccessionShown { node, .. } => format!("log/{node}"),
            Self::ItemAdded { item, .. } | Self::ItemMarked { item, .. } | Self::ItemDerived { item, .. } => {
                format!("item/{item}")
            }
            // Copies are numbered one after the other.
            Self::Handled { item, .. }
            | Self::CopyReturned { item, .. }
            | Self::DestructionSigned { item, .. } => format!("holding/{item}"),
            Self::DestructionMirrored { destruction, .. } => {
                format!("destruction/{}", destruction.what.item_digest)
            }
            Self::ReleaseRequested { case, .. }
            | Self::ReleaseReviewed { case, .. }
            | Self::ReleaseDecided { case, .. }
            | Self::DispatchOwed { case, .. }
            | Self::CaseClosed { case, .. }
            | Self::PassageOwed { case, .. } => format!("case/{case}"),
            // Told in order, each standing once.
            Self::PassageTold { hop, .. } => format!("told/{}", hop.passage),
            Self::PassageMirrored { hop, from, .. } => format!("passage/{from}/{}", hop.passage),
            Self::DispatchStored { dispatch }
            | Self::DispatchDeclined { dispatch, .. }
            | Self::ReceiptKept { dispatch, .. }
            | Self::ProofKept { dispatch, .. } => format!("out/{dispatch}"),
            Self::ArrivalVerified { dispatch, .. }
            | Self::PassageVerified { dispatch, .. }
            | Self::ArrivalDeclined { dispatch, .. }
            | Self::Admitted { dispatch, .. }
            | Self::ReceiptOwed { dispatch, .. }
            | Self::ReceiptDelivered { dispatch }
            | Self::ProofDelivered { dispatch } => format!("in/{dispatch}"),
            Self::LetterOwed { letter, .. }
            | Self::LetterTaken { letter, .. }
            | Self::LetterPassed { letter, .. } => format!("letter/{letter}"),
            // Receipts go the other way while the letter goes on.
            Self::HopSigned { letter, .. }
            | Self::HopDelivered { letter }
            | Self::HopKept { letter, .. }
            | Self::LossSigned { letter, .. }
            | Self::LossKept { letter, .. } => format!("hop/{letter}"),
            Self::LetterDecided { .. } => LETTER_DECISIONS.to_owned(),
            Self::MandateGiven { statement, .. } => format!("mandate/{statement}"),
            Self::MandateEnded { mandate, .. } => format!("mandate/{mandate}"),
            Self::ReportCosigned { report, .. } => format!("report/{report}"),
            // Facts that depend on no earlier state: any order of them is a true order.
            Self::Ruled { .. }
            | Self::KeyMoved { .. }
            | Self::Opened { .. }
            | Self::BreachRecorded { .. }
            | Self::IncidentRaised { .. }
            | Self::PassageBarred { .. }
            | Self::ReportMade { .. }
            | Self::LogSucceeded { .. }
            | Self::Padded {} => "record".into(),
        }
    }
}

/// The stream that every answer of a hub about a letter stands against: none is given in the moment in which its people stop one. It is
/// one for all letters, since what is said of one counts for every other with the same share.
pub const LETTER_DECISIONS: &str = "letter-decisions";
