//! What inspectors sign of what the public is told: the notice in which the node vouches for their keys, which are on no card.
//!
//! *Absent:* belief in it. The verifier opens both, and the reader compares the inspector's key by another way.

use crate::desk::Misuse;
use crate::fault::Failure;
use crate::office::Office;
use attache_accord::view::Unknown;
use attache_accord::{PersonId, Timestamp};
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::{Notice, ReportCosignature};
use attache_seal::statement::Signed;

impl Office {
    /// The notice that brings a cosignature, with the keys on the roll of whoever it says signed it.
    ///
    /// # Errors
    /// [`Misuse`] where it is no cosignature or its signer is not on the roll; [`Fault`](crate::fault::Fault) when signing fails.
    pub fn vouch(&self, signed: &Signed, now: Timestamp) -> Result<Signed, Failure> {
        let claimed = signed.dangerously_unverified::<ReportCosignature>().map_err(Misuse::from)?;
        let by: PersonId = claimed.head.signer.parse().map_err(Misuse::from)?;
        let verifying = {
            let view = self.view.read();
            let enrolled = view.roll.get(&by).ok_or_else(|| Misuse::from(Unknown::Person(by)))?;
            enrolled.verifying.clone()
        };
        let verifying: VerifyingPair = minicbor::decode(&verifying).map_err(|_| Misuse::Key)?;
        let notice = Notice { statement: signed.to_bytes(), verifying };
        Ok(self.say(&self.keys.node, now, notice)?)
    }
}
