//! The real program and a real Ctrl-C.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use vastai_mock::{Instance, Offer, Simulator};

#[test]
fn ctrl_c_leaves_no_machine_behind() {
    let simulator = Simulator::builder().empty().offer(Offer::new(7)).start_on_thread().unwrap();
    simulator.rent_like(Instance::new(1).actual_status("running"));
    let directory = env!("CARGO_TARGET_TMPDIR");
    let key = format!("{directory}/id.pub");
    std::fs::write(&key, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHpYd2Jc0 me@here\n").unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_rent_cheapest"))
        .args(["gpu_name=RTX_4090", &key])
        .env("HOME", directory)
        .env("XDG_CONFIG_HOME", directory)
        .env("VAST_API_KEY", simulator.api_key())
        .env("VAST_URL", simulator.url())
        .env("VAST_RUN_URL", simulator.url())
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains(" runs: ssh -p "), "{line}");
    assert_eq!(simulator.instance_ids().len(), 1);

    let interrupted = Command::new("kill").args(["-INT", &program.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let output = program.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), said.trim()),
        (Some(1), "Error: interrupted; the machine is given back")
    );
    assert_eq!((simulator.machines_rented(), simulator.instance_ids()), (1, vec![]));
}
