//! Sealed items to and from other implementations. Everything is in `tests/` and `python/`; of the log, in `go/`.
