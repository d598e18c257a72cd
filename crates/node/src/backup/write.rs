//! Taking a backup, beside the node that runs.
//!
//! *Absent:* the folder and its names, which the caller brings.

use super::record::{CHUNK_BYTES, Manifest, Part, Record, Summary};
use super::{BackupError, NamedFile};
use attache_accord::Digest;
use attache_custody::archive::ArchiveWriter;
use attache_store::{FolderVault, MAX_READ_ROWS, Reader as _, Row, SqliteReader, Table, VaultReader};
use std::io::{Read as _, Write};
use std::path::Path;

/// What a backup is taken from.
pub struct Source<'a> {
    /// The journal, beside whoever writes it.
    pub journal: &'a SqliteReader,
    /// The vault's folder.
    pub vault: &'a Path,
    /// Files of the node's folder that belong to this part.
    pub files: Vec<NamedFile>,
}

/// Writes the log part, and answers what it holds. `progress` is told of each so many bytes that were read.
///
/// # Errors
/// [`BackupError`]; the archive is then lost.
pub fn write_log_part<W: Write>(
    source: Source<'_>,
    manifest: &Manifest,
    mut to: ArchiveWriter<W>,
    progress: &mut dyn FnMut(u64),
) -> Result<(W, Summary), BackupError> {
    let mut counted = begin(&mut to, manifest, Part::Log, source.files)?;
    // What is read before the head speaks of no row behind it.
    for table in Table::ALL.into_iter().filter(|table| *table != Table::Papers) {
        counted.kept += kept(source.journal, table, &mut to, progress)?;
    }
    let head = source.journal.head()?;
    each_row(source.journal, head.size, &mut |row| {
        let (body, entry) = (row.body.clone(), row.entry.clone());
        progress((body.len() + entry.len()) as u64);
        Record::Row(row.stream.to_string(), row.version, body.into(), entry.into()).write(&mut to)
    })?;
    FolderVault::each_finished(source.vault, |digest, mut reader| {
        Record::Item(digest, reader.length()).write(&mut to)?;
        counted.items += 1;
        counted.item_bytes += pieces(&mut reader, &mut to, progress)?;
        Ok::<_, BackupError>(())
    })?;
    end(to, Summary { size: head.size, root: Digest(head.root.0), ..counted })
}

/// Writes the keys part for a log part that holds what `log` says.
///
/// # Errors
/// As [`write_log_part`].
pub fn write_keys_part<W: Write>(
    source: Source<'_>,
    manifest: &Manifest,
    log: &Summary,
    mut to: ArchiveWriter<W>,
    progress: &mut dyn FnMut(u64),
) -> Result<(W, Summary), BackupError> {
    let mut counted = begin(&mut to, manifest, Part::Keys, source.files)?;
    each_row(source.journal, log.size, &mut |row| {
        let Some(sealed) = row.sealed_salt.clone() else { return Ok(()) };
        counted.salts += 1;
        progress(sealed.len() as u64);
        Record::Salt(row.index, sealed.into()).write(&mut to)
    })?;
    counted.kept = kept(source.journal, Table::Papers, &mut to, progress)?;
    end(to, Summary { size: log.size, root: log.root, ..counted })
}

fn begin<W: Write>(
    to: &mut ArchiveWriter<W>,
    manifest: &Manifest,
    part: Part,
    files: Vec<NamedFile>,
) -> Result<Summary, BackupError> {
    Record::Begin(Manifest { part, ..manifest.clone() }).write(to)?;
    let count = files.len() as u64;
    for (name, contents) in files {
        Record::File(name, contents.into()).write(to)?;
    }
    Ok(Summary::of_files(count))
}

fn end<W: Write>(mut to: ArchiveWriter<W>, summary: Summary) -> Result<(W, Summary), BackupError> {
    Record::End(summary).write(&mut to)?;
    Ok((to.finish()?, summary))
}

fn kept<W: Write>(
    journal: &SqliteReader,
    table: Table,
    to: &mut ArchiveWriter<W>,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, BackupError> {
    let (mut from, mut count) = (0, 0);
    while let Some((next, records)) = journal.kept(table, from)? {
        for record in records {
            let record = Record::Kept(table.name().to_owned(), record.into_iter().map(Into::into).collect());
            record.write(to)?;
            count += 1;
        }
        progress(0);
        from = next;
    }
    Ok(count)
}

fn each_row(
    journal: &SqliteReader,
    size: u64,
    each: &mut dyn FnMut(&Row) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let mut next = 0;
    while next < size {
        let left = usize::try_from(size - next).unwrap_or(usize::MAX);
        let rows = journal.rows(next, left.min(MAX_READ_ROWS))?;
        if rows.is_empty() {
            return Err(BackupError::form(format!("the journal has no row {next}")));
        }
        rows.iter().try_for_each(&mut *each)?;
        next += rows.len() as u64;
    }
    Ok(())
}

fn pieces<W: Write>(
    reader: &mut VaultReader,
    to: &mut ArchiveWriter<W>,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, BackupError> {
    let length = reader.length();
    let mut left = length;
    while left > 0 {
        let mut piece = vec![0; CHUNK_BYTES.min(usize::try_from(left).unwrap_or(CHUNK_BYTES))];
        reader.read_exact(&mut piece)?;
        left -= piece.len() as u64;
        progress(piece.len() as u64);
        Record::Piece(piece.into()).write(to)?;
    }
    Ok(length)
}
