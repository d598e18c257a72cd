//! How many rows a second the SQLite journal commits, in groups, with bodies of 1 KiB.
//!
//! `cargo run --release -p attache-store --example append_rate -- [folder] [rows in a group] [groups]`
//!
//! *Absent:* a verdict. Figures are compared on one machine, in one run, with the sync time beside them.

use attache_store::{Append, Fence, Journal, MemoryJournal, NewRow, Reader, SqliteJournal, Stream};
use attache_tlog::{FIELDS, LeafDraft, Origin};
use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const BODY_BYTES: usize = 1024;

fn append(seed: u64) -> Result<Append, Box<dyn Error>> {
    let mut fields: [Vec<u8>; FIELDS] = Default::default();
    fields[15] = seed.to_be_bytes().to_vec();
    let stream = Stream::new(format!("case-{}", seed / 4))?;
    let row = NewRow {
        stream: stream.clone(),
        body: vec![seed as u8; BODY_BYTES],
        sealed_salt: vec![1; 60],
        leaf: LeafDraft { salt: [seed as u8; 32], fields },
    };
    Ok(Append { expectations: vec![(stream, seed % 4)], rows: vec![row], ..Append::default() })
}

fn rate(journal: &mut dyn Journal, rows_in_group: u64, groups: u64) -> Result<f64, Box<dyn Error>> {
    let fence: Fence = journal.lease("append_rate")?;
    let mut spent = Duration::ZERO;
    for group in 0..groups {
        let first = group * rows_in_group;
        let appends = (first..first + rows_in_group).map(append).collect::<Result<Vec<_>, _>>()?;
        let start = Instant::now();
        let outcomes = journal.append(fence, appends)?;
        spent += start.elapsed();
        if let Some(conflict) = outcomes.into_iter().find_map(Result::err) {
            return Err(conflict.into());
        }
    }
    Ok((rows_in_group * groups) as f64 / spent.as_secs_f64())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(|| std::env::temp_dir().join("append_rate"), PathBuf::from);
    let rows_in_group = arguments.next().map_or(Ok(32), |text| text.parse())?;
    let groups = arguments.next().map_or(Ok(1000), |text| text.parse())?;
    let origin = Origin::new("log.example/append-rate")?;
    let mut on_disk = SqliteJournal::create(&folder, &origin)?;
    let mut in_memory = MemoryJournal::new(origin.clone());
    println!("memory: {:.0} rows/s", rate(&mut in_memory, rows_in_group, groups)?);
    println!("sqlite: {:.0} rows/s", rate(&mut on_disk, rows_in_group, groups)?);
    drop(on_disk);
    let start = Instant::now();
    let reopened = SqliteJournal::open(&folder, &origin)?;
    println!("opened {} rows in {:?}", reopened.head()?.size, start.elapsed());
    let start = Instant::now();
    attache_store::audit(&reopened)?;
    println!("audited in {:?}", start.elapsed());
    Ok(())
}
