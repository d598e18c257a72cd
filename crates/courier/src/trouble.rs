//! What can go wrong, sorted by whose fault it is.
//!
//! *Absent:* refusals. A Decline is an answer and comes as an event, never as an error.

use crate::codes::Code;
use attache_accord::DispatchId;

/// The session is over and a Close with the code waits in the output. Write it, shut the connection, record it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The peer broke the protocol: record, and raise an incident.
    #[error("breach {code}: {what}")]
    Breach {
        /// The rule that was broken.
        code: Code,
        /// Which frame or field, and how. For the operator at home; it does not travel.
        what: &'static str,
    },
    /// An honest peer cannot go on.
    #[error("unfit {code}: {what}")]
    Unfit {
        /// What is missing.
        code: Code,
        /// In words, for the operator.
        what: &'static str,
    },
    /// The network or the far machine failed: try again later, with bounds.
    #[error("fault {code}: {what}")]
    Fault {
        /// Which limit passed.
        code: Code,
        /// In words, for the operator.
        what: &'static str,
    },
}

impl Trouble {
    /// The code that went into the Close.
    pub fn code(&self) -> Code {
        match self {
            Self::Breach { code, .. } | Self::Unfit { code, .. } | Self::Fault { code, .. } => *code,
        }
    }
}

/// A breach, for use inside the crate.
pub(crate) fn breach<T>(code: Code, what: &'static str) -> Result<T, Trouble> {
    Err(Trouble::Breach { code, what })
}

/// Our own caller asked for what the state does not allow. Nothing changed and the session goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// No Hello from the peer yet, or the session is over.
    #[error("the session is not open")]
    NotOpen,
    /// The window is full: wait until an exchange ends.
    #[error("the peer's window is full")]
    WindowFull,
    /// Enough waits for the socket: bring papers and data when some of it has gone.
    #[error("enough waits for the socket")]
    QueueFull,
    /// Releases are barred on this connection, with the code that says why.
    #[error("no release on this connection: {0}")]
    Barred(Code),
    /// This exchange is not waiting for this.
    #[error("dispatch {0} does not wait for this")]
    NotWaiting(DispatchId),
    /// This exchange is open already.
    #[error("dispatch {0} is open already")]
    AlreadyOpen(DispatchId),
    /// Our log waits for the answer to its last request.
    #[error("the last request to be witnessed is not answered yet")]
    AskedAlready,
    /// The peer's log asked for nothing that is not answered.
    #[error("no request to be witnessed waits for an answer")]
    NotAsked,
    /// More or fewer bytes than the limit or the offer allows. The text names the field.
    #[error("{0} outside its limit")]
    OutsideLimit(&'static str),
    /// A code that does not belong there.
    #[error("{0} does not travel in this frame")]
    WrongCode(Code),
}
