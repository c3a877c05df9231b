//! `cost-of PROGRAM ARGUMENTS…` runs a program and tells what it cost, with all that it started: the time of all processors and by the clock
//! in seconds, and the most memory that one process had at a time in bytes. Both `xtask measure` and its tests run it.
//!
//! It is a program of its own because it is small. What a system tells of the memory of a process begins with what the process had that
//! started it, as one is made as a copy of the other: run by xtask itself, `true` would have the 300 MB that xtask has by then. Nothing
//! that is run here has less than this program, which is 2 MB.

use std::io::{self, Write as _};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use wait4::Wait4 as _;

/// The exit code where the program could not be run; where it fails, the code is 1.
const NOT_RUN: u8 = 100;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Where even this cannot be written, nothing can be done.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(NOT_RUN)
        }
    }
}

/// Whether the program was successful.
fn run() -> io::Result<bool> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().ok_or_else(|| io::Error::other("cost-of PROGRAM ARGUMENTS…"))?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let used = command.spawn()?.wait4()?;
    let wall = started.elapsed().as_secs_f64();
    let cpu = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    writeln!(io::stdout(), "{cpu} {wall} {}", used.rusage.maxrss)?;
    Ok(used.status.success())
}
