//! Official commands that are more than one call.

mod benchmarks;
mod bulk;
mod copy;
mod keys;
mod lists;
mod logs;
mod prices;
mod scheduled;
mod self_test;
mod templates;
mod tfa;
mod urls;
pub(super) mod wait;

use super::Line;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::{Session, Stop};

/// What a command does beside, or instead of, one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    SearchOffers,
    UpdateTemplate,
    GpuLocations,
    /// The same for many: as many at once as the service takes.
    Bulk,
    /// The same for several machines, one after the other.
    ListMachines,
    /// A call, and with `--schedule` a job that repeats it.
    Scheduled,
    Logs,
    EngineLogs,
    DumpLogs,
    SshUrl,
    ScpUrl,
    Copy,
    PriceIncrease,
    Invoices,
    Billing,
    EnvVars,
    DeleteDeployment,
    CreateSshKey,
    SetApiKey,
    SetRole,
    TfaLogin,
    TfaAuthNew,
    RunBenchmarks,
    SelfTest,
    /// What belongs to the package manager, or to the shell.
    Elsewhere,
}

impl Program {
    /// Whether requests follow the first that depend on its response.
    pub(super) fn goes_on(self) -> bool {
        use Program::{
            Copy, DumpLogs, Invoices, Logs, PriceIncrease, RunBenchmarks, ScpUrl, SelfTest, SshUrl,
            TfaAuthNew, UpdateTemplate,
        };
        matches!(
            self,
            UpdateTemplate
                | Logs
                | DumpLogs
                | SshUrl
                | ScpUrl
                | Copy
                | PriceIncrease
                | Invoices
                | TfaAuthNew
                | RunBenchmarks
                | SelfTest
        )
    }
}

/// Runs a program.
pub(super) async fn run(program: Program, line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    match program {
        Program::SearchOffers => lists::offers(line, session).await,
        Program::GpuLocations => lists::gpu_locations(line, session).await,
        Program::Invoices => lists::invoices(line, session).await,
        Program::Billing => Outcome::of_call(session, super::money::billing(&line.said)?).await,
        Program::EnvVars => lists::env_vars(line, session).await,
        Program::UpdateTemplate => templates::update(line, session).await,
        Program::DeleteDeployment => lists::delete_deployment(line, session).await,
        Program::Bulk => bulk::many(line, session).await,
        Program::ListMachines => bulk::each_machine(line, session).await,
        Program::Scheduled => scheduled::run(line, session).await,
        Program::Logs => logs::of_instance(line, session).await,
        Program::EngineLogs => logs::of_engine(line, session).await,
        Program::DumpLogs => logs::dump(line, session).await,
        Program::SshUrl => urls::url(line, session, "ssh").await,
        Program::ScpUrl => urls::url(line, session, "scp").await,
        Program::Copy => copy::copy(line, session).await,
        Program::PriceIncrease => prices::answer(line, session).await,
        Program::CreateSshKey => keys::create(line, session).await,
        Program::TfaLogin => tfa::login(line, session).await,
        Program::TfaAuthNew => tfa::auth_new(line, session).await,
        Program::RunBenchmarks => benchmarks::run(line, session).await,
        Program::SelfTest => self_test::run(line, session).await,
        Program::SetApiKey | Program::SetRole | Program::Elsewhere => {
            Err(Failure::local("this needs no request".to_owned()).into())
        }
    }
}

/// What a program does that needs no service: the text that it prints, or `None` for all others.
pub(super) fn here(program: Program, line: &Line) -> Option<Result<String, Failure>> {
    match program {
        Program::SetApiKey => Some(keys::set_api_key(line)),
        Program::SetRole => Some(keys::set_role(line)),
        Program::Elsewhere => Some(Err(Failure::usage(match line.said.command().words {
            "repl" => "a prompt is the shell's own: each command is one of its lines".to_owned(),
            _ => "that is up to what installed it: `cargo install vastai-cli` updates it, and `cargo uninstall vastai-cli` removes it"
                .to_owned(),
        }))),
        _ => None,
    }
}
