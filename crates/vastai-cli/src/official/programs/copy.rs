//! Copies between instances, clouds and this machine.

use std::process::Command;

use serde_json::Value;

use super::urls::is_host;
use crate::failure::Failure;
use crate::official::Line;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::session::{Session, Stop};

/// The user by whom rsync comes in.
const USER: &str = "vastai_kaalia";

/// One side of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Side {
    /// Before the colon: `C.12`, `V.12`, `s3.77`, `drive`, `local`, or a number.
    place: Option<Value>,
    path: String,
}

impl Side {
    fn of(written: &str) -> Result<Self, Failure> {
        let is_drive = {
            let mut letters = written.chars();
            letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
                && letters.next() == Some(':')
                && letters.next() == Some('\\')
        };
        if let Ok(id) = written.parse::<i64>() {
            return Ok(Self { place: Some(id.into()), path: "/".to_owned() });
        }
        match written.split_once(':').filter(|_| !is_drive) {
            Some((_, "")) => {
                Err(Failure::usage(format!("a path behind the colon of '{written}' is missing")))
            }
            Some((place, path)) => Ok(Self { place: Some(place.into()), path: path.to_owned() }),
            None => Ok(Self { place: None, path: written.to_owned() }),
        }
    }

    /// Whether it is on this machine.
    fn is_here(&self) -> bool {
        self.place.as_ref().is_none_or(|place| place == "local")
    }

    /// The id of its instance.
    fn instance(&self) -> Option<String> {
        let is_other = |place: &str| place.contains('.') && !place.starts_with("C.");
        self.number().filter(|_| !self.place.as_ref().and_then(Value::as_str).is_some_and(is_other))
    }

    /// The number of its instance or volume.
    fn number(&self) -> Option<String> {
        let place = self.place.as_ref()?;
        let number = place.as_i64().map(|id| id.to_string()).or_else(|| {
            let place = place.as_str()?;
            Some(place.rsplit('.').next().unwrap_or(place).to_owned())
        })?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then_some(number)
    }
}

/// Asks the service for the copy; where one side is on this machine, rsync then makes it.
pub(super) async fn copy(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let said = &line.said;
    let (from, to) =
        (Side::of(said.word("SRC").unwrap_or_default())?, Side::of(said.word("DST").unwrap_or_default())?);
    if from.is_here() && to.is_here() {
        let message = "both sides are on this machine; an instance is written C.ID:/PATH, a volume V.ID:/PATH, a connection NAME.ID:/PATH";
        return Err(Failure::usage(message.to_owned()).into());
    }
    let operation =
        if from.place.is_none() || to.place.is_none() { "startRsync" } else { "initiateRemoteRsync" };
    let mut request = Request::of(operation).map_err(|error| Failure::of_client(&error))?;
    for (id, path, side) in [("src_id", "src_path", &from), ("dst_id", "dst_path", &to)] {
        if let Some(place) = &side.place {
            request.set_as_sent(id, place.clone());
        }
        request.set(path, side.path.as_str());
    }
    for (parameter, value) in &line.own {
        request.give(parameter, value.clone());
    }
    if !from.is_here() && !to.is_here() {
        return Outcome::of_call(session, request).await;
    }
    let response = session.json(&request).await?;
    let (remote, prefix) = if from.is_here() { (&to, "dst") } else { (&from, "src") };
    let host = response.get(format!("{prefix}_addr")).and_then(Value::as_str).map(str::trim);
    let port = response.get(format!("{prefix}_port"));
    let port = port.and_then(|port| port.as_u64().or_else(|| port.as_str()?.parse().ok()));
    let (Some(host), Some(port), Some(number)) = (host, port, remote.number()) else {
        return Err(unaddressed(&response, remote).into());
    };
    if !is_host(host) || !(1..=65_535).contains(&port) {
        return Err(Failure::local(
            "the service named an address that is none, so nothing is copied".to_owned(),
        )
        .into());
    }
    let there = format!("{USER}@{host}::{number}/{}", remote.path.trim_start_matches('/'));
    let here = |side: &Side| match side.path.starts_with('-') {
        true => format!("./{}", side.path),
        false => side.path.clone(),
    };
    let (source, target) = if from.is_here() { (here(&from), there) } else { (there, here(&to)) };
    if session.settings().target.is_mock() {
        let note = format!(
            "nothing is copied, as the simulator has no files: rsync would go from {source} to {target}"
        );
        return Ok(Outcome::text(String::new()).noting(note));
    }
    rsync(port, said.word("--identity"), &source, &target)?;
    Ok(Outcome::text(String::new()))
}

/// What a copy comes to for which the service named no address: none, with what can be done.
fn unaddressed(response: &Value, remote: &Side) -> Failure {
    if remote.number().is_none() {
        let message = "nothing is copied: this machine copies to and from an instance or a volume alone";
        let hint = "an instance is written C.ID:/PATH, a volume V.ID:/PATH; `vastai cloud copy` copies between an instance and a cloud";
        return Failure::local(message.to_owned()).hinting(hint.to_owned());
    }
    let reason = response.get("msg").and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let message = "nothing is copied: the service named no address to copy from or to";
    let failure = Failure::local(match reason {
        Some(reason) => format!("{message}, and says: {reason}"),
        None => message.to_owned(),
    });
    failure.hinting(match remote.instance() {
        Some(id) => format!(
            "`vastai show instance {id}` says whether it runs; where it does, `vastai scp-url {id}` says where scp reaches it"
        ),
        None => "`vastai list volumes` has the volumes, and the machines that they are on; an instance there can be copied from and to".to_owned(),
    })
}

/// Runs rsync over SSH; what it prints is seen as it comes.
fn rsync(port: u64, identity: Option<&str>, source: &str, target: &str) -> Result<(), Failure> {
    let mut shell = format!("ssh -p {port} -o StrictHostKeyChecking=accept-new");
    if let Some(identity) = identity {
        let quoted = shlex::try_quote(identity)
            .map_err(|_| Failure::usage("the name of the identity file has a NUL".to_owned()))?;
        shell.push_str(" -i ");
        shell.push_str(&quoted);
    }
    let mut command = Command::new("rsync");
    command.args(["-arz", "-v", "--progress", "-e", &shell, "--", source, target]);
    let status = command.status().map_err(|error| {
        Failure::local(format!(
            "rsync cannot be run: {error}; copies to and from this machine need it, and ssh"
        ))
    })?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::local(format!("rsync ended with {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn side(written: &str) -> (Option<Value>, String) {
        let Side { place, path } =
            Side::of(written).unwrap_or_else(|failure| panic!("{}", failure.message()));
        (place, path)
    }

    #[test]
    fn sides_are_places_and_paths() {
        assert_eq!(side("C.12:/a b"), (Some(json!("C.12")), "/a b".to_owned()));
        assert_eq!(side("s3.77:/a:b"), (Some(json!("s3.77")), "/a:b".to_owned()));
        assert_eq!(side("12"), (Some(json!(12)), "/".to_owned()));
        assert_eq!(side("12:/x"), (Some(json!("12")), "/x".to_owned()));
        assert_eq!(side("./a"), (None, "./a".to_owned()));
        assert_eq!(side(r"C:\data"), (None, r"C:\data".to_owned()));
        assert!(Side::of("C.12:").is_err());
        assert!(Side::of("local:/x").is_ok_and(|side| side.is_here()));
        assert_eq!(Side::of("C.12:/x").ok().and_then(|side| side.number()), Some("12".to_owned()));
        assert_eq!(Side::of("drive:/x").ok().and_then(|side| side.number()), None);
        let instance = |written| Side::of(written).ok().and_then(|side| side.instance());
        for written in ["C.12:/x", "12:/x", "12"] {
            assert_eq!(instance(written), Some("12".to_owned()), "{written}");
        }
        for written in ["V.12:/x", "s3.12:/x", "drive:/x"] {
            assert_eq!(instance(written), None, "{written}");
        }
    }
}
