//! Replacing several files as one, whatever happens meanwhile.
//!
//! The new files are written in full into a folder beside the old ones, `.sync-spec.partial`, and forced to
//! the disk. **One rename decides**: of that folder to `.sync-spec.committed`. Then the files are renamed
//! over the old ones, and the folder, empty now, is removed. No sums and no journal are needed to know where
//! a process died: what still lies in a committed folder is what is still to be done, and doing it twice does
//! no harm.
//!
//! What holds at every moment, also when the process is killed or the power fails:
//!
//! - A place that can hold no file, such as that of a folder, is found before anything is written, and all stays as it was.
//! - Each file is wholly the old one or wholly the new one: it only ever changes by a rename.
//! - Before the deciding rename all files are the old ones, and [`Exclusive::recover`] removes what was
//!   prepared.
//! - After it, [`Exclusive::recover`] makes all files the new ones, before `sync-spec` or `surface` read them.
//! - Between the renames that follow the deciding one, who reads the files without this module sees some new
//!   and some old ones; a process killed right there leaves them so until the next command. `openapi.yaml`
//!   changes first: of them all it is the only one that the build reads, and it is right by itself.
//!   `openapi.lock` changes last, and its checksums show that the set is mixed.
//!
//! What does not hold: a file that is edited by hand after a kill in those moments, before the next command,
//! is overwritten by it.
//!
//! A process holds the lock of the checkout for as long as it prepares, replaces or recovers; the system
//! frees it when it dies.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};

use super::accepted::ACCEPTED;
use super::changelog::CHANGELOG;
use super::{DOCUMENT, FACADE_SURFACE, LOCK, Repository, SURFACE};
use crate::console::Console;

const PARTIAL: &str = ".sync-spec.partial";
const COMMITTED: &str = ".sync-spec.committed";

/// The files that can be replaced, in the order in which they are.
const ORDER: [&str; 6] = [DOCUMENT, SURFACE, FACADE_SURFACE, CHANGELOG, ACCEPTED, LOCK];

/// The right to replace files of a checkout.
#[derive(Debug)]
pub(crate) struct Exclusive<'repository> {
    root: &'repository Path,
    _lock: File,
}

/// New files for old ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewFile<'text> {
    pub(crate) name: &'static str,
    pub(crate) text: &'text str,
}

/// The steps of a replacement, counted so that a test can let the process die after each of them.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: u32,
    abort_after: Option<u32>,
}

impl Steps {
    pub(crate) fn new(abort_after: Option<u32>) -> Self {
        Self { done: 0, abort_after }
    }

    fn done(&mut self) {
        self.done += 1;
        if self.abort_after == Some(self.done) {
            std::process::abort();
        }
    }
}

/// Whether an earlier replacement left something to be recovered.
pub(crate) fn is_pending(repository: &Repository) -> bool {
    [PARTIAL, COMMITTED].iter().any(|folder| repository.root().join(folder).exists())
}

impl<'repository> Exclusive<'repository> {
    /// Takes the lock of the checkout, which is refused while another process has it.
    pub(crate) fn of(repository: &'repository Repository) -> anyhow::Result<Self> {
        let root = repository.root();
        let path = root.join("target").join("sync-spec.lock");
        let opened = fs::create_dir_all(root.join("target"))
            .and_then(|()| File::options().create(true).truncate(false).write(true).open(&path));
        let lock =
            opened.with_context(|| format!("{} cannot be written; nothing was changed", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another `cargo xtask` is replacing files of this checkout; nothing was changed, try again when it is done"
                )
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }

    /// Ends what an earlier process began, and warns of it: forward where it had been decided, else back.
    pub(crate) fn recover(&self, console: &mut Console<'_>) -> anyhow::Result<()> {
        let (partial, committed) = (self.root.join(PARTIAL), self.root.join(COMMITTED));
        let discarded = partial.exists();
        if discarded {
            fs::remove_dir_all(&partial)
                .with_context(|| format!("{} cannot be removed", partial.display()))?;
        }
        if committed.exists() {
            self.roll_forward(&mut Steps::default())?;
            return console
                .warn("an earlier command was interrupted while it replaced files; that is finished now");
        }
        if discarded {
            console.warn(
                "an earlier command was interrupted before it replaced anything; its files are removed",
            )?;
        }
        Ok(())
    }

    /// Replaces the files, all or none.
    pub(crate) fn replace(&self, files: &[NewFile<'_>], steps: &mut Steps) -> anyhow::Result<()> {
        files.iter().try_for_each(|file| self.check_place(file.name))?;
        let partial = self.root.join(PARTIAL);
        if let Err(error) = self.prepare(&partial, files, steps) {
            // What cannot be removed now is removed by the next command.
            let _ = fs::remove_dir_all(&partial);
            let what = format!(
                "the new files could not be written to {}; the old ones stand as they were",
                self.root.display()
            );
            return Err(anyhow!(error).context(what));
        }
        steps.done();
        self.roll_forward(steps)
    }

    /// Whether a file can be put in the place: after the deciding rename it would be too late to find out.
    fn check_place(&self, name: &str) -> anyhow::Result<()> {
        let path = self.root.join(name);
        let refused = |why: &str| {
            let path = path.display();
            anyhow!("{path} {why}, so that no file can be put in its place; nothing was changed")
        };
        let found = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(anyhow!(error).context(refused("cannot be looked at"))),
            Ok(found) => found,
        };
        if !found.is_file() {
            return Err(refused(if found.is_dir() { "is a folder" } else { "is not a plain file" }));
        }
        if found.permissions().readonly() {
            return Err(refused("is read-only"));
        }
        // What the system protects in other ways, such as an immutable file, cannot be opened to be written.
        let opened = File::options().write(true).open(&path);
        opened.map(drop).map_err(|error| anyhow!(error).context(refused("cannot be written")))
    }

    /// All up to the deciding rename, which is the last thing it does.
    fn prepare(&self, partial: &Path, files: &[NewFile<'_>], steps: &mut Steps) -> io::Result<()> {
        fs::create_dir(partial)?;
        steps.done();
        for file in files {
            let path = partial.join(file.name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut written = File::options().write(true).create_new(true).open(&path)?;
            let (half, rest) = file.text.as_bytes().split_at(file.text.len() / 2);
            written.write_all(half)?;
            steps.done();
            written.write_all(rest)?;
            written.sync_all()?;
            steps.done();
            sync_folders(partial, file.name)?;
        }
        sync_folder(partial)?;
        steps.done();
        fs::rename(partial, self.root.join(COMMITTED))
    }

    /// All after the deciding rename.
    fn roll_forward(&self, steps: &mut Steps) -> anyhow::Result<()> {
        let committed = self.root.join(COMMITTED);
        self.move_from(&committed, steps).with_context(|| {
            format!(
                "the new files are written, but not all could be put in their places; the rest is in {}. Remove what is in \
                 the way; the next `cargo xtask sync-spec` or `cargo xtask surface` goes on with them",
                committed.display()
            )
        })
    }

    /// Moves the files to their places, those that have not been moved yet.
    fn move_from(&self, committed: &Path, steps: &mut Steps) -> anyhow::Result<()> {
        sync_folder(self.root)?;
        for name in ORDER {
            match fs::rename(committed.join(name), self.root.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).context(name),
                Err(_) => {}
                Ok(()) => sync_folders(self.root, name)?,
            }
            steps.done();
        }
        // The files' new places reach the disk before the folder that would bring them there again is gone.
        sync_folder(self.root)?;
        steps.done();
        fs::remove_dir_all(committed)?;
        Ok(sync_folder(self.root)?)
    }
}

/// The names of files, as a sentence has them.
pub(crate) fn names(files: &[NewFile<'_>]) -> String {
    let names: Vec<&str> = files.iter().map(|file| file.name).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// Forces the entries of the folders between a folder and a file below it to the disk.
fn sync_folders(below: &Path, name: &str) -> io::Result<()> {
    let parents = Path::new(name).ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty());
    parents.map(|parent| below.join(parent)).try_for_each(|folder| sync_folder(&folder))
}

/// Forces a folder's entries to the disk, where the system knows such a thing.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
