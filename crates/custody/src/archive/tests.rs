use super::*;

fn lock(byte: u8) -> Lock {
    Lock::KeyFile(Zeroizing::new(vec![byte; 32]))
}

fn written(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ArchiveWriter::begin(&lock(1), Vec::new()).unwrap();
    bytes.chunks(100_000).for_each(|chunk| writer.write(chunk).unwrap());
    writer.finish().unwrap()
}

/// Everything, read in pieces that fit no segment.
fn read(archive: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let mut reader = ArchiveReader::open(&lock(1), archive)?;
    let (mut all, mut byte) = (Vec::new(), [0]);
    while reader.read_exact(&mut byte)? {
        all.extend(byte);
    }
    Ok(all)
}

fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

#[test]
fn an_archive_of_any_length_comes_back() {
    for length in [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 2 * SEGMENT_BYTES] {
        assert_eq!(read(&written(&sample(length))).unwrap(), sample(length), "{length}");
    }
}

#[test]
fn a_buffer_across_segments_is_filled_and_one_across_the_end_is_damage() {
    let archive = written(&sample(SEGMENT_BYTES + 10));
    let mut reader = ArchiveReader::open(&lock(1), archive.as_slice()).unwrap();
    let mut buffer = vec![0; SEGMENT_BYTES + 5];
    assert!(reader.read_exact(&mut buffer).unwrap());
    assert_eq!(buffer, sample(SEGMENT_BYTES + 5));
    assert!(matches!(reader.read_exact(&mut [0; 6]), Err(ArchiveError::Damaged { .. })));
}

#[test]
fn no_altered_byte_is_accepted() {
    let archive = written(&sample(300));
    for at in 0..archive.len() {
        let mut altered = archive.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(read(&altered).is_err(), "byte {at}");
    }
}

#[test]
fn segments_left_out_repeated_moved_or_cut_off_are_found() {
    let sealed = SEGMENT_BYTES + TAG_BYTES;
    let archive = written(&sample(3 * SEGMENT_BYTES + 7));
    let head = archive.len() - 3 * sealed - 7 - TAG_BYTES;
    let part = |number: usize| archive[head + number * sealed..].chunks(sealed).next().unwrap();
    let of = |parts: &[usize]| {
        let parts = parts.iter().flat_map(|number| part(*number).to_vec());
        archive[..head].iter().copied().chain(parts).collect::<Vec<_>>()
    };
    assert_eq!(read(&of(&[0, 1, 2, 3])).unwrap().len(), 3 * SEGMENT_BYTES + 7);
    for parts in [&[0, 1, 2][..], &[0, 2, 3], &[1, 0, 2, 3], &[0, 1, 1, 2, 3], &[3], &[], &[0, 1, 2, 3, 3]] {
        assert!(matches!(read(&of(parts)), Err(ArchiveError::Damaged { .. })), "{parts:?}");
    }
    for length in 0..archive.len().min(head + 40) {
        assert!(read(&archive[..length]).is_err(), "{length}");
    }
    let mut longer = archive.clone();
    longer.push(0);
    assert!(read(&longer).is_err());
}

#[test]
fn another_lock_opens_nothing() {
    let refused = ArchiveReader::open(&lock(2), written(b"x").as_slice()).err().unwrap();
    assert!(matches!(refused, ArchiveError::Key(KeyFileError::Wrong)));
}
