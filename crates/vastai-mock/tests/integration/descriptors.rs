//! A simulator in a process that may not open more files: it waits, and goes on when it may again.

use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use vastai_mock::Simulator;

/// Says that this process is the one without descriptors.
const CHILD: &str = "VASTAI_MOCK_WITHOUT_DESCRIPTORS";
const THIS: &str = "descriptors::without_descriptors_it_waits";
/// What the process may open; connections are more.
const DESCRIPTORS: &str = "64";
const CONNECTIONS: usize = 120;

#[test]
fn without_descriptors_it_waits() {
    if std::env::var_os(CHILD).is_some() {
        return serve();
    }
    let test = std::env::current_exe().unwrap();
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -n {DESCRIPTORS} && exec \"$0\" --exact {THIS} --nocapture")])
        .arg(test)
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = |word: &str| {
        let line = lines.find(|line| line.as_ref().unwrap().contains(word)).unwrap().unwrap();
        line.split_once(word).unwrap().1.to_owned()
    };
    let address = said("serves at http://");
    let connections: Vec<TcpStream> =
        (0..CONNECTIONS).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "measure").unwrap();
    let used: u64 = said("hundredths of a second: ").parse().unwrap();
    // A loop that does not wait uses all of the time that it gets.
    assert!(used < 50, "{used} hundredths of a second of processor time in two seconds");

    drop(connections);
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 404"), "{response}");
    writeln!(stdin, "end").unwrap();
    assert!(child.wait().unwrap().success());
}

/// The child: serves, and measures how much it works in two seconds in which nothing happens.
#[expect(clippy::print_stdout, reason = "this is how the child speaks to the test")]
fn serve() {
    let sim = Simulator::start_on_thread().unwrap();
    // Opened while it can be.
    let mut stat = std::fs::File::open("/proc/self/stat").unwrap();
    println!("serves at {}", sim.url());
    let mut lines = std::io::stdin().lines();
    lines.next();
    let before = processor_time(&mut stat);
    std::thread::sleep(Duration::from_secs(2));
    println!("hundredths of a second: {}", processor_time(&mut stat) - before);
    lines.next();
}

/// The processor time of this process, in ticks of a hundredth of a second.
fn processor_time(file: &mut std::fs::File) -> u64 {
    let mut stat = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut stat).unwrap();
    // After the program's name, which may have spaces, user and system time are the 12th and 13th.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
