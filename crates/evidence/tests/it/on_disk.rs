//! Folders that somebody else filled: links, devices, sizes, names.

use crate::expect;
use crate::python::agrees_at;
use evidence::{Code, Error, FILE_BYTES_MAX, Folder, frozen};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

/// The frozen packet on the disk.
fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in frozen().files {
        add(folder.path(), &name, &bytes);
    }
    folder
}

fn add(folder: &Path, name: &str, bytes: &[u8]) {
    File::create_new(folder.join(name))
        .unwrap()
        .write_all(bytes)
        .unwrap();
}

#[track_caller]
fn refused(folder: &Path, code: Code, subject: &str) {
    let read = Folder::read(folder).unwrap();
    expect(&read, &[code]);
    assert_eq!(evidence::verify(&read).refusals[0].subject, subject);
    agrees_at(folder, false);
}

#[test]
fn a_packet_on_the_disk_is_read_as_it_is() {
    let folder = written();
    assert_eq!(Folder::read(folder.path()).unwrap(), frozen());
}

#[test]
fn a_symlink_is_refused_even_to_the_same_bytes() {
    let folder = written();
    let elsewhere = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json");
    fs::rename(&file, elsewhere.path().join("plan.json")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("plan.json"), &file).unwrap();
    refused(folder.path(), Code::FileNotRegular, "plan.json");
}

#[test]
fn an_added_link_to_a_device_is_named_and_not_read() {
    let folder = written();
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero")).unwrap();
    refused(folder.path(), Code::FileNotRegular, "zero");
}

#[test]
fn a_folder_in_the_packet_is_refused() {
    let folder = written();
    fs::create_dir(folder.path().join("more")).unwrap();
    refused(folder.path(), Code::FileNotRegular, "more");
}

#[test]
fn a_file_at_the_limit_is_read_and_one_above_is_not() {
    let folder = written();
    let file = File::create(folder.path().join("huge")).unwrap();
    file.set_len(FILE_BYTES_MAX).unwrap();
    refused(folder.path(), Code::FileAdded, "huge");
    file.set_len(FILE_BYTES_MAX + 1).unwrap();
    refused(folder.path(), Code::FileTooLarge, "huge");
    file.set_len(1 << 40).unwrap();
    refused(folder.path(), Code::FileTooLarge, "huge");
}

#[test]
fn a_hostile_name_on_the_disk_is_printed_escaped() {
    let folder = written();
    add(folder.path(), "\u{1b}[2J", b"");
    refused(folder.path(), Code::FileAdded, r"\u{1b}[2J");
}

#[test]
fn what_is_no_folder_is_an_error_and_no_packet() {
    let folder = written();
    for wrong in ["nothing", "plan.json"] {
        let found = Folder::read(&folder.path().join(wrong));
        assert!(matches!(found, Err(Error::NotAFolder { .. })), "{found:?}");
    }
}
