//! Tests of the release question: the pack, the floor, the policies, the matrix that a lawyer reads.

mod pack;
