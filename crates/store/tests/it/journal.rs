//! What every journal must do, whatever it is kept in.

use crate::sample::*;
use attache_accord::Digest;
use attache_store::{
    Append, Committed, Conflict, Fence, Journal, MAX_APPENDS, MAX_BODY_BYTES, MAX_READ_ROWS, MemoryJournal,
    Reader, SqliteJournal, StoreError, Stream, Tiles, audit,
};
use attache_tlog::{
    Origin, leaf_hash, prove_consistency, prove_inclusion, root_at, verify_consistency, verify_inclusion,
};

macro_rules! every_journal {
    ($($claim:ident)*) => {
        mod memory {
            $(#[test]
            fn $claim() {
                super::$claim(&mut super::MemoryJournal::new(crate::sample::origin()));
            })*
        }
        mod sqlite {
            $(#[test]
            fn $claim() {
                let folder = tempfile::tempdir().unwrap();
                super::$claim(&mut super::SqliteJournal::create(folder.path(), &crate::sample::origin()).unwrap());
            })*
        }
    };
}

every_journal! {
    an_append_answers_with_the_index_of_its_first_row
    rows_come_back_in_the_order_of_their_commit
    a_row_counts_its_place_in_its_stream
    an_append_that_expects_what_is_there_commits
    an_append_that_expects_something_else_is_left_out_whole
    a_conflict_leaves_the_others_of_its_group_standing
    rows_of_an_append_count_for_those_after_it_in_the_group
    rows_of_an_append_left_out_do_not_count
    every_expectation_of_an_append_must_hold
    an_expectation_may_stand_on_a_stream_that_the_append_does_not_touch
    a_row_without_expectation_always_commits
    a_writer_without_lease_is_refused
    the_writer_before_the_last_lease_is_refused
    a_stale_writer_changes_nothing
    a_fence_from_the_future_is_refused
    row_n_is_leaf_n
    the_head_is_the_root_over_all_entries
    inclusion_is_provable_from_the_tiles_at_every_size
    consistency_is_provable_between_published_sizes
    a_tile_that_has_not_begun_is_empty
    papers_commit_with_their_rows
    papers_of_an_append_left_out_are_not_kept
    a_paper_kept_already_stays_as_it_is
    a_destroyed_paper_is_gone_and_its_row_remains
    a_destroyed_salt_is_gone_and_its_leaf_remains
    a_destruction_may_be_repeated
    a_stale_writer_destroys_nothing
    a_group_over_the_limit_is_refused_and_changes_nothing
    a_body_over_the_limit_is_refused_and_changes_nothing
    a_refusal_does_not_end_the_writer
    a_group_of_nothing_commits_nothing
    one_read_is_bounded
    a_checkpoint_of_this_log_is_kept
    the_checkpoint_before_the_last_is_kept
    a_checkpoint_that_shrinks_is_refused
    a_checkpoint_beyond_the_head_is_refused
    a_checkpoint_with_another_root_is_refused
    a_checkpoint_that_is_no_note_is_refused
    heads_of_another_log_are_kept_one_behind_the_other
    a_witness_compares_and_replaces_in_one_commit
    a_head_left_out_leaves_the_rows_beside_it_out
    one_cosignature_of_each_key_is_kept_for_a_checkpoint
    a_log_goes_on_under_a_new_origin_with_the_leaves_that_it_has
    the_head_of_another_log_is_found_by_the_size_that_it_does_not_pass
    the_sizes_beside_some_leaves_that_others_cosigned_are_found
    a_reader_sees_what_was_committed_after_it_was_opened
    a_reader_works_in_another_thread_while_rows_are_appended
    an_audit_finds_a_grown_journal_sound
    an_audit_finds_a_journal_sound_after_destruction
}

fn an_append_answers_with_the_index_of_its_first_row(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let two = Append { rows: vec![row("x", 0), row("x", 1)], ..Append::default() };
    let outcomes = journal.append(fence, vec![two, single("y", 2)]).unwrap();
    let first = Committed { first_index: 0, count: 2 };
    assert_eq!(outcomes, [Ok(first), Ok(Committed { first_index: 2, count: 1 })]);
}

fn rows_come_back_in_the_order_of_their_commit(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 200);
    let bodies: Vec<_> = all_rows(journal).into_iter().map(|row| row.body).collect();
    let written: Vec<_> = (0..200).map(|seed| row("x", seed).body).collect();
    assert_eq!(bodies, written);
}

fn a_row_counts_its_place_in_its_stream(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    journal.append(fence, vec![single("x", 0), single("y", 1), single("x", 2)]).unwrap();
    let places: Vec<_> = all_rows(journal).iter().map(|row| (row.stream.to_string(), row.version)).collect();
    assert_eq!(places, [("x".into(), 0), ("y".into(), 0), ("x".into(), 1)]);
    assert_eq!(journal.version(&stream("x")).unwrap(), 2);
}

fn an_append_that_expects_what_is_there_commits(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    assert!(put(journal, fence, expecting("x", 0, 0)).is_ok());
    assert!(put(journal, fence, expecting("x", 1, 1)).is_ok());
}

fn an_append_that_expects_something_else_is_left_out_whole(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    put(journal, fence, single("x", 0)).unwrap();
    let stale = Append { rows: vec![row("y", 1), row("x", 2)], ..expecting("x", 0, 0) };
    let conflict = Conflict { stream: stream("x"), expected: 0, found: 1 };
    assert_eq!(put(journal, fence, stale), Err(conflict));
    assert_eq!(journal.head().unwrap().size, 1);
    assert_eq!(journal.version(&stream("y")).unwrap(), 0);
}

fn a_conflict_leaves_the_others_of_its_group_standing(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let outcomes =
        journal.append(fence, vec![single("x", 0), expecting("y", 3, 1), expecting("z", 0, 2)]).unwrap();
    assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(outcomes[2], Ok(Committed { first_index: 1, count: 1 }));
    assert_eq!(all_rows(journal)[1].body, row("z", 2).body);
}

fn rows_of_an_append_count_for_those_after_it_in_the_group(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let outcomes = journal
        .append(fence, vec![expecting("x", 0, 0), expecting("x", 0, 1), expecting("x", 1, 2)])
        .unwrap();
    assert_eq!(outcomes[1], Err(Conflict { stream: stream("x"), expected: 0, found: 1 }));
    assert_eq!(outcomes[2], Ok(Committed { first_index: 1, count: 1 }));
}

fn rows_of_an_append_left_out_do_not_count(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let left_out = Append { expectations: vec![(stream("y"), 9)], ..single("x", 0) };
    let outcomes = journal.append(fence, vec![left_out, expecting("x", 0, 1)]).unwrap();
    assert_eq!(outcomes[1], Ok(Committed { first_index: 0, count: 1 }));
}

fn every_expectation_of_an_append_must_hold(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let second_fails = Append { expectations: vec![(stream("x"), 0), (stream("y"), 1)], ..single("x", 0) };
    assert_eq!(
        put(journal, fence, second_fails),
        Err(Conflict { stream: stream("y"), expected: 1, found: 0 })
    );
}

fn an_expectation_may_stand_on_a_stream_that_the_append_does_not_touch(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    put(journal, fence, single("agreement", 0)).unwrap();
    let release = Append { expectations: vec![(stream("agreement"), 1)], ..single("case", 1) };
    assert!(put(journal, fence, release).is_ok());
    assert_eq!(journal.version(&stream("agreement")).unwrap(), 1);
}

fn a_row_without_expectation_always_commits(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    assert!((0..5).all(|seed| put(journal, fence, single("x", seed)).is_ok()));
}

fn a_writer_without_lease_is_refused(journal: &mut dyn Journal) {
    let refused = journal.append(Fence(1), vec![single("x", 0)]);
    assert!(matches!(refused, Err(StoreError::Stale { given: Fence(1), current: Fence(0) })));
}

fn the_writer_before_the_last_lease_is_refused(journal: &mut dyn Journal) {
    let (first, second) = (journal.lease("a").unwrap(), journal.lease("b").unwrap());
    assert!(matches!(journal.append(first, vec![single("x", 0)]), Err(StoreError::Stale { .. })));
    assert!(put(journal, second, single("x", 0)).is_ok());
}

fn a_stale_writer_changes_nothing(journal: &mut dyn Journal) {
    let first = journal.lease("a").unwrap();
    put(journal, first, single("x", 0)).unwrap();
    let before = journal.head().unwrap();
    journal.lease("b").unwrap();
    journal.append(first, vec![single("x", 1)]).unwrap_err();
    assert_eq!(journal.head().unwrap(), before);
    assert_eq!(all_rows(journal).len(), 1);
}

fn a_fence_from_the_future_is_refused(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let refused = journal.append(Fence(fence.0 + 1), vec![single("x", 0)]);
    assert!(matches!(refused, Err(StoreError::Stale { .. })));
}

fn row_n_is_leaf_n(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 600);
    for (index, row) in (0..).zip(all_rows(journal)) {
        assert_eq!(row.index, index);
        assert_eq!(row.entry, leaf(index).entry(&origin(), index));
    }
}

fn the_head_is_the_root_over_all_entries(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    assert_eq!(journal.head().unwrap().root, naive_root(&[]));
    for size in [1, 2, 3, 255, 256, 257, 511, 512, 513, 600] {
        grow(journal, fence, size);
        let head = journal.head().unwrap();
        assert_eq!((head.size, head.root), (size, naive_root(&leaf_hashes(&all_rows(journal)))));
    }
}

fn inclusion_is_provable_from_the_tiles_at_every_size(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 600);
    let leaves = leaf_hashes(&all_rows(journal));
    for size in [1, 2, 255, 256, 257, 512, 600] {
        let root = naive_root(&leaves[..size as usize]);
        assert_eq!(root_at(&Tiles(journal), size).unwrap(), root);
        for index in [0, size / 2, size - 1] {
            let proof = prove_inclusion(&Tiles(journal), size, index).unwrap();
            verify_inclusion(&leaves[index as usize], index, size, &proof, &root).unwrap();
        }
    }
}

fn consistency_is_provable_between_published_sizes(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 600);
    let leaves = leaf_hashes(&all_rows(journal));
    for (old, new) in [(1, 2), (255, 256), (200, 600), (256, 512), (512, 513)] {
        let proof = prove_consistency(&Tiles(journal), old, new).unwrap();
        let (before, after) = (naive_root(&leaves[..old as usize]), naive_root(&leaves[..new as usize]));
        verify_consistency(old, new, &before, &after, &proof).unwrap();
    }
}

fn a_tile_that_has_not_begun_is_empty(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 300);
    assert_eq!(journal.tile(0, 1).unwrap().len(), 44);
    assert_eq!(journal.tile(1, 0).unwrap().len(), 1);
    assert!(journal.tile(0, 2).unwrap().is_empty());
    assert!(journal.tile(2, 0).unwrap().is_empty());
}

fn papers_commit_with_their_rows(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let append = Append { papers: vec![paper(1, b"sealed label")], ..single("x", 0) };
    put(journal, fence, append).unwrap();
    assert_eq!(journal.paper(&Digest([1; 32])).unwrap().as_deref(), Some(b"sealed label".as_slice()));
    assert_eq!(journal.paper(&Digest([2; 32])).unwrap(), None);
}

fn papers_of_an_append_left_out_are_not_kept(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let append = Append { papers: vec![paper(1, b"sealed label")], ..expecting("x", 4, 0) };
    put(journal, fence, append).unwrap_err();
    assert_eq!(journal.paper(&Digest([1; 32])).unwrap(), None);
}

fn a_paper_kept_already_stays_as_it_is(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    for (seed, sealed) in [(0, b"sealed once"), (1, b"sealed more")] {
        put(journal, fence, Append { papers: vec![paper(1, sealed)], ..single("x", seed) }).unwrap();
    }
    assert_eq!(journal.paper(&Digest([1; 32])).unwrap().as_deref(), Some(b"sealed once".as_slice()));
}

fn a_destroyed_paper_is_gone_and_its_row_remains(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    put(journal, fence, Append { papers: vec![paper(1, b"a"), paper(2, b"b")], ..single("x", 0) }).unwrap();
    let (before, head) = (all_rows(journal), journal.head().unwrap());
    let forgotten = journal.forget(fence, &[Digest([1; 32])], &[]).unwrap();
    assert_eq!((forgotten.papers, forgotten.salts), (1, 0));
    assert_eq!(journal.paper(&Digest([1; 32])).unwrap(), None);
    assert!(journal.paper(&Digest([2; 32])).unwrap().is_some());
    assert_eq!((all_rows(journal), journal.head().unwrap()), (before, head));
}

fn a_destroyed_salt_is_gone_and_its_leaf_remains(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 3);
    let head = journal.head().unwrap();
    assert_eq!(journal.forget(fence, &[], &[1]).unwrap().salts, 1);
    let salts: Vec<_> = all_rows(journal).iter().map(|row| row.sealed_salt.is_some()).collect();
    assert_eq!(salts, [true, false, true]);
    assert_eq!(all_rows(journal)[1].entry, leaf(1).entry(&origin(), 1));
    assert_eq!(journal.head().unwrap(), head);
}

fn a_destruction_may_be_repeated(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    put(journal, fence, Append { papers: vec![paper(1, b"a")], ..single("x", 0) }).unwrap();
    journal.forget(fence, &[Digest([1; 32])], &[0]).unwrap();
    let again = journal.forget(fence, &[Digest([1; 32])], &[0, 77]).unwrap();
    assert_eq!((again.papers, again.salts, again.settled), (0, 0, true));
}

fn a_stale_writer_destroys_nothing(journal: &mut dyn Journal) {
    let stale = journal.lease("a").unwrap();
    put(journal, stale, Append { papers: vec![paper(1, b"a")], ..single("x", 0) }).unwrap();
    journal.lease("b").unwrap();
    assert!(matches!(journal.forget(stale, &[Digest([1; 32])], &[0]), Err(StoreError::Stale { .. })));
    assert!(journal.paper(&Digest([1; 32])).unwrap().is_some());
    assert!(all_rows(journal)[0].sealed_salt.is_some());
}

fn a_group_over_the_limit_is_refused_and_changes_nothing(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let refused = journal.append(fence, singles(0, MAX_APPENDS as u64 + 1));
    assert!(matches!(refused, Err(StoreError::Limit { limit: 1024, found: 1025, .. })));
    assert_eq!(journal.head().unwrap().size, 0);
}

fn a_body_over_the_limit_is_refused_and_changes_nothing(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let mut fat = single("x", 1);
    fat.rows[0].body = vec![0; MAX_BODY_BYTES + 1];
    assert!(matches!(journal.append(fence, vec![single("x", 0), fat]), Err(StoreError::Limit { .. })));
    assert_eq!(journal.head().unwrap().size, 0);
}

fn a_refusal_does_not_end_the_writer(journal: &mut dyn Journal) {
    let stale = journal.lease("a").unwrap();
    let fence = journal.lease("b").unwrap();
    journal.append(stale, vec![single("x", 0)]).unwrap_err();
    journal.append(fence, singles(0, MAX_APPENDS as u64 + 1)).unwrap_err();
    journal.put_published(fence, 9, "").unwrap_err();
    assert!(put(journal, fence, single("x", 0)).is_ok());
}

fn a_group_of_nothing_commits_nothing(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    assert_eq!(journal.append(fence, vec![]).unwrap(), []);
    assert_eq!(put(journal, fence, Append::default()), Ok(Committed { first_index: 0, count: 0 }));
    assert_eq!(journal.head().unwrap().size, 0);
}

fn one_read_is_bounded(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let group = || (0..80).map(|seed| Append { rows: vec![fat_row(seed)], ..Append::default() }).collect();
    journal.append(fence, group()).unwrap();
    // 80 rows of 256 KiB are 20 MiB, and one read stops behind 16.
    assert_eq!(journal.rows(0, MAX_READ_ROWS).unwrap().len(), 64);
    assert_eq!(journal.rows(64, MAX_READ_ROWS).unwrap().len(), 16);
    assert_eq!(journal.rows(3, 2).unwrap().len(), 2);
    assert!(journal.rows(80, 1).unwrap().is_empty());
    assert!(journal.rows(u64::MAX, 1).unwrap().is_empty());
}

fn fat_row(seed: u64) -> attache_store::NewRow {
    attache_store::NewRow { body: vec![1; MAX_BODY_BYTES], ..row("x", seed) }
}

fn a_checkpoint_of_this_log_is_kept(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    assert_eq!(journal.published().unwrap(), None);
    grow(journal, fence, 300);
    let text = checkpoint(journal, 300);
    journal.put_published(fence, 300, &text).unwrap();
    let published = journal.published().unwrap().unwrap();
    assert_eq!((published.size, published.checkpoint), (300, text));
}

fn the_checkpoint_before_the_last_is_kept(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 30);
    for size in [10, 20, 30] {
        journal.put_published(fence, size, &checkpoint(journal, size)).unwrap();
    }
    assert_eq!(journal.published_at(29).unwrap().unwrap().size, 20);
    assert_eq!(journal.published_at(9).unwrap(), None);
}

fn a_checkpoint_that_shrinks_is_refused(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 30);
    journal.put_published(fence, 20, &checkpoint(journal, 20)).unwrap();
    let refused = journal.put_published(fence, 10, &checkpoint(journal, 10));
    assert!(matches!(refused, Err(StoreError::CheckpointSize { given: 10, lowest: 20, highest: 30 })));
}

fn a_checkpoint_beyond_the_head_is_refused(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 30);
    let refused = journal.put_published(fence, 31, &forked_checkpoint(31));
    assert!(matches!(refused, Err(StoreError::CheckpointSize { .. })));
}

fn a_checkpoint_with_another_root_is_refused(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 30);
    let refused = journal.put_published(fence, 30, &forked_checkpoint(30));
    assert!(matches!(refused, Err(StoreError::NotOurs { size: 30 })));
    assert_eq!(journal.published().unwrap(), None);
}

fn a_checkpoint_that_is_no_note_is_refused(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    assert!(matches!(journal.put_published(fence, 0, "size 0, surely"), Err(StoreError::NotOurs { .. })));
}

fn heads_of_another_log_are_kept_one_behind_the_other(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    assert_eq!(journal.last_head(&stream("tokyo")).unwrap(), None);
    for (place, size) in [16, 32, 32, 48].into_iter().enumerate() {
        put(journal, fence, heading("tokyo", place as u64, size)).unwrap();
    }
    put(journal, fence, heading("busan", 0, 7)).unwrap();
    let last = journal.last_head(&stream("tokyo")).unwrap().unwrap();
    assert_eq!((last.place, last.size, last.sealed.as_slice()), (3, 48, b"sealed head 3 of 48".as_slice()));
    let at = |size| journal.head_of_size(&stream("tokyo"), size).unwrap().map(|head| head.place);
    assert_eq!([16, 32, 40, 48].map(at), [Some(0), Some(2), None, Some(3)]);
    assert_eq!(journal.head().unwrap().size, 0, "a head of another log is no row");
    audit(journal.reader().unwrap().as_ref()).unwrap();
}

fn a_witness_compares_and_replaces_in_one_commit(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let group = vec![heading("tokyo", 0, 16), heading("tokyo", 0, 32), heading("tokyo", 1, 48)];
    let outcomes = journal.append(fence, group).unwrap();
    let conflict = Conflict { stream: stream("tokyo"), expected: 0, found: 1 };
    assert_eq!((outcomes[0].is_ok(), &outcomes[1], outcomes[2].is_ok()), (true, &Err(conflict), true));
    assert!(put(journal, fence, heading("tokyo", 1, 64)).is_err());
    let sizes = [16, 32, 48, 64].map(|size| journal.head_of_size(&stream("tokyo"), size).unwrap().is_some());
    assert_eq!(sizes, [true, false, true, false]);
}

fn a_head_left_out_leaves_the_rows_beside_it_out(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    put(journal, fence, heading("tokyo", 0, 16)).unwrap();
    let both = Append { rows: vec![row("x", 0)], ..heading("tokyo", 0, 32) };
    assert!(put(journal, fence, both).is_err());
    let other = Append { expectations: vec![(stream("x"), 1)], ..heading("tokyo", 1, 32) };
    assert!(put(journal, fence, other).is_err(), "nor does a head stand where a row is missing");
    assert_eq!(journal.head().unwrap().size, 0);
    assert_eq!(journal.last_head(&stream("tokyo")).unwrap().unwrap().size, 16);
}

fn one_cosignature_of_each_key_is_kept_for_a_checkpoint(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 3);
    let note = checkpoint(journal, 3);
    journal.put_published(fence, 3, &note).unwrap();
    assert_eq!(journal.cosigned_size().unwrap(), None);
    let kept = [cosigned(3, "court", 1), cosigned(3, "tokyo", 0)];
    for one in [&kept[1], &cosigned(3, "tokyo", 9), &kept[0]] {
        let cosignatures = vec![one.clone()];
        put(journal, fence, Append { cosignatures, ..Append::default() }).unwrap();
    }
    assert_eq!(journal.cosignatures(3).unwrap(), kept);
    assert_eq!(journal.last_cosignature(&stream("court")).unwrap().as_ref(), Some(&kept[0]));
    assert_eq!(journal.last_cosignature(&stream("osaka")).unwrap(), None);
    assert_eq!((journal.cosigned_size().unwrap(), journal.cosignatures(2).unwrap()), (Some(3), vec![]));
    audit(journal.reader().unwrap().as_ref()).unwrap();
}

fn a_log_goes_on_under_a_new_origin_with_the_leaves_that_it_has(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 20);
    journal.put_published(fence, 16, &checkpoint(journal, 16)).unwrap();
    let before = all_rows(journal);
    let next = origin().next().unwrap();
    let succeeds = Append { succeeds: Some(next.clone()), ..single("log", 20) };
    let beside = journal.append(fence, vec![succeeds.clone(), single("x", 21)]);
    assert!(matches!(beside, Err(StoreError::Limit { .. })));
    let out = Append { expectations: vec![(stream("x"), 3)], ..succeeds.clone() };
    assert!(journal.append(fence, vec![out]).unwrap()[0].is_err());
    put(journal, fence, succeeds).unwrap();
    grow(journal, fence, 26);
    let rows = all_rows(journal);
    assert_eq!(rows[..20], before);
    let leaf = |origin: &Origin, seed, index| row("x", seed).leaf.entry(origin, index).to_vec();
    assert_eq!(rows[19].entry, leaf(&origin(), 19, 19));
    assert_eq!(rows[20].entry, leaf(&next, 20, 20));
    assert_eq!(rows[25].entry, leaf(&next, 25, 25));
    // What is published from here on bears the new name; what was before stays.
    let old = checkpoint(journal, 26);
    assert!(matches!(journal.put_published(fence, 26, &old), Err(StoreError::NotOurs { .. })));
    let new = old.replacen(origin().as_str(), next.as_str(), 1);
    journal.put_published(fence, 26, &new).unwrap();
    audit(journal).unwrap();
}

fn the_head_of_another_log_is_found_by_the_size_that_it_does_not_pass(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    for (place, size) in [(0, 16), (1, 48)] {
        put(journal, fence, heading("tokyo", place, size)).unwrap();
    }
    let up_to = |size| journal.head_up_to(&stream("tokyo"), size).unwrap().map(|head| head.size);
    assert_eq!([15, 16, 47, 48, 99].map(up_to), [None, Some(16), Some(16), Some(48), Some(48)]);
    assert_eq!(journal.head_up_to(&stream("osaka"), 99).unwrap(), None);
}

fn the_sizes_beside_some_leaves_that_others_cosigned_are_found(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    for size in 1..=6 {
        grow(journal, fence, size);
        let note = checkpoint(journal, size);
        journal.put_published(fence, size, &note).unwrap();
        if size % 2 == 0 {
            let cosignatures = vec![cosigned(size, "tokyo", 0)];
            put(journal, fence, Append { cosignatures, ..Append::default() }).unwrap();
        }
    }
    for (size, below, from) in [
        (0, None, Some(2)),
        (2, None, Some(2)),
        (3, Some(2), Some(4)),
        (7, Some(6), None),
        (u64::MAX, Some(6), None),
    ] {
        let found = (journal.cosigned_below(size).unwrap(), journal.cosigned_from(size).unwrap());
        assert_eq!(found, (below, from), "{size}");
    }
}

fn a_reader_sees_what_was_committed_after_it_was_opened(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let reader = journal.reader().unwrap();
    assert_eq!(reader.head().unwrap().size, 0);
    grow(journal, fence, 300);
    assert_eq!(reader.head().unwrap(), journal.head().unwrap());
    assert_eq!(all_rows(reader.as_ref()), all_rows(journal));
}

fn a_reader_works_in_another_thread_while_rows_are_appended(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    let reader = journal.reader().unwrap();
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut seen = 0;
            while seen < 500 {
                // A whole commit or none: the root of what is there is the root that the head states.
                let head = reader.head().unwrap();
                assert!(head.size >= seen);
                assert_eq!(root_at(&Tiles(reader.as_ref()), head.size).unwrap(), head.root);
                seen = head.size;
            }
        });
        grow(journal, fence, 500);
        reading.join().unwrap();
    });
}

fn an_audit_finds_a_grown_journal_sound(journal: &mut dyn Journal) {
    assert_eq!(audit(journal).unwrap().size, 0);
    let fence = journal.lease("a").unwrap();
    grow(journal, fence, 600);
    journal.put_published(fence, 512, &checkpoint(journal, 512)).unwrap();
    assert_eq!(audit(journal).unwrap(), journal.head().unwrap());
}

fn an_audit_finds_a_journal_sound_after_destruction(journal: &mut dyn Journal) {
    let fence = journal.lease("a").unwrap();
    put(journal, fence, Append { papers: vec![paper(1, b"a")], ..single("x", 0) }).unwrap();
    journal.forget(fence, &[Digest([1; 32])], &[0]).unwrap();
    assert_eq!(audit(journal).unwrap().size, 1);
}

#[test]
fn a_stream_id_is_neither_empty_nor_longer_than_64_bytes() {
    assert!(Stream::new("").is_err());
    assert!(Stream::new("x".repeat(65)).is_err());
    assert!(Stream::new("x".repeat(64)).is_ok());
}

#[test]
fn debug_output_shows_no_stored_bytes() {
    let shown = format!("{:?} {:?}", single("case-1", 5), paper(1, b"sealed"));
    assert!(shown.contains("case-1") && !shown.contains("sealed event") && !shown.contains("115"));
}

#[test]
fn the_leaf_of_an_entry_is_where_the_tile_says() {
    let mut journal = MemoryJournal::new(origin());
    let fence = journal.lease("a").unwrap();
    grow(&mut journal, fence, 5);
    let entry = journal.rows(3, 1).unwrap().remove(0).entry;
    assert_eq!(journal.tile(0, 0).unwrap()[3], leaf_hash(&entry));
}
