//! Fixed keys and papers that the other modules share.

use attache_accord::{Digest, DispatchId, Network, Timestamp};
use attache_seal::papers::{Outcome, Receipt};
use attache_seal::{Expect, Head, Sign, SigningPair, Statement};

pub const AGREEMENT: &str = "gsomia-2016";
pub const EXPECT: Expect<'static> = Expect { network: Network::Exercise, agreement: AGREEMENT, pack: None };

/// The pair whose seeds are 64 times the same byte.
pub fn pair(byte: u8) -> SigningPair {
    SigningPair::from_seed_bytes(&[byte; 64]).unwrap()
}

pub fn head(pair: &SigningPair) -> Head {
    Head {
        network: Network::Exercise,
        agreement: AGREEMENT.to_owned(),
        pack: Digest([7; 32]),
        signer: "tokyo.jpn".to_owned(),
        key: pair.verifying().key_id(),
        at: Timestamp(1_795_478_400_000),
    }
}

pub fn receipt(pair: &SigningPair) -> Statement<Receipt> {
    Statement {
        head: head(pair),
        body: Receipt {
            dispatch: DispatchId([1; 16]),
            package: Digest([2; 32]),
            register_commitment: Digest([3; 32]),
            outcome: Outcome::Admitted,
            leaf_hash: Digest([4; 32]),
            leaf_index: 41,
            log_origin: "tokyo.jpn/log".to_owned(),
            proof_due: Timestamp(1_795_482_000_000),
            admission: Some(Digest([5; 32])),
        },
    }
}
