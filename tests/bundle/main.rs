//! The bundle: what is planted is in no byte of it, what is needed stays readable; what cannot be had is said; the command
//! shows first, asks, and writes one file that was not there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/pty.rs"]
mod pty;

mod command;
mod planted;
mod shells;

use std::collections::BTreeMap;
use std::io::Read;

/// The files of an archive by name, without its folder.
fn unpacked(archive: &[u8]) -> BTreeMap<String, String> {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    let mut files = BTreeMap::new();
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        assert_eq!(entry.header().mode().unwrap(), 0o600);
        files.insert(path.split_once('/').unwrap().1.to_owned(), text);
    }
    files
}
