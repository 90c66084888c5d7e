//! One archive, written as a whole and never over anything.
use super::Bundle;
use crate::core::units::EpochMs;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Result, Write};
use std::path::Path;
use tar::{Builder, EntryType, Header};

/// A `.tar.gz` with all files below a folder of this name. Nothing in it says who made it.
///
/// # Errors
/// A name that tar cannot hold; there is none.
pub fn archive(bundle: &Bundle, folder: &str, now: EpochMs) -> Result<Vec<u8>> {
    let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for file in &bundle.files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_size(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX));
        header.set_mtime(u64::try_from(now.0 / 1000).unwrap_or_default());
        tar.append_data(&mut header, format!("{folder}/{}", file.name), file.bytes.as_slice())?;
    }
    tar.into_inner()?.finish()
}

/// Writes a new file for its owner only: all of it or nothing, and never over one that is there.
///
/// # Errors
/// There is something of that name ([`std::io::ErrorKind::AlreadyExists`]), or it cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // its mode is 0600 from the beginning
    let mut file = tempfile::Builder::new().prefix(".opsdeck.").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|e| e.error)?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_written_for_its_owner_and_never_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b.tar.gz");
        write_new(&path, b"one").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        let again = write_new(&path, b"two").unwrap_err();
        assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(dir.path().join("nowhere"), &link).unwrap();
        assert!(write_new(&link, b"two").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "something was left");
    }
}
