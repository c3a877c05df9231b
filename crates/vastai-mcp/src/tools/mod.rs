//! The tools: what each takes and gives, in types, and how it is announced.

mod costs;
mod instances;
mod offers;
mod operations;
mod rent;
mod scaling;
mod serverless;

use std::future::Future;
use std::sync::Arc;

use rmcp::handler::server::common::{schema_for_empty_input, schema_for_input};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vastai::{Client, Error};

use crate::guard::{Answered, Guard, Question, Withheld};
use crate::untrusted::{self, Untrusted};

pub(crate) use instances::row as instance_row;
pub(crate) use offers::prices;
pub(crate) use operations::described;
pub(crate) use serverless::list as endpoint_list;

/// One call of a tool.
pub(crate) struct Call<'call> {
    pub(crate) client: &'call Client,
    pub(crate) guard: &'call Guard,
    pub(crate) context: &'call RequestContext<RoleServer>,
    pub(crate) is_stdio: bool,
    tool: &'static str,
    /// The arguments without `confirm`.
    arguments: Value,
    answered: Answered,
}

/// Why a tool gives no result.
pub(crate) enum Stop {
    Failed(String),
    Withheld(Withheld),
}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

/// What a tool gives.
pub(crate) type Outcome<T> = Result<T, Stop>;

/// A tool's hints to the client, which has them from the operations that it calls.
#[derive(Clone, Copy)]
struct Hints {
    reads: bool,
    destroys: bool,
    idempotent: bool,
}

const READS: Hints = Hints { reads: true, destroys: false, idempotent: true };
const SPENDS: Hints = Hints { reads: false, destroys: false, idempotent: false };
const CHANGES: Hints = Hints { reads: false, destroys: false, idempotent: true };
const DESTROYS: Hints = Hints { reads: false, destroys: true, idempotent: true };
/// May destroy, and does it again each time.
const RUNS: Hints = Hints { reads: false, destroys: true, idempotent: false };

fn tool<A: JsonSchema + 'static, O: JsonSchema + 'static>(
    name: &'static str,
    title: &str,
    description: &'static str,
    hints: Hints,
) -> Tool {
    let annotations = ToolAnnotations::with_title(title)
        .read_only(hints.reads)
        .destructive(hints.destroys)
        .idempotent(hints.idempotent)
        .open_world(true);
    // The types of arguments are all structs, whose schemas are objects.
    let input = schema_for_input::<A>().unwrap_or_else(|_| schema_for_empty_input());
    let input = plain(&input, true);
    let mut tool = Tool::new(name, description, input).with_output_schema::<O>();
    tool.output_schema = tool.output_schema.map(|schema| Arc::new(plain(&schema, false)));
    tool.with_title(title).with_annotations(annotations)
}

/// A schema as every client reads it: without formats that are Rust's alone. Of an argument that may be left out, null is no type beside its own,
/// as clients that ask a person go by one type.
fn plain(schema: &JsonObject, is_input: bool) -> JsonObject {
    let simple = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::String(_) if name == "format" => return None,
            Value::Array(types) if name == "type" && is_input => {
                let mut types = types.iter().filter(|kind| *kind != "null");
                match (types.next(), types.next()) {
                    (Some(one), None) => one.clone(),
                    _ => value.clone(),
                }
            }
            Value::Object(fields) => Value::Object(plain(fields, is_input)),
            other => other.clone(),
        };
        Some((name.clone(), value))
    };
    schema.iter().filter_map(simple).collect()
}

/// All tools that a server with this guard has.
pub(crate) fn list(guard: &Guard) -> Vec<Tool> {
    let all = vec![
        offers::search_tool(),
        rent::tool(),
        instances::wait_tool(),
        instances::show_tool(),
        instances::list_tool(),
        instances::logs_tool(),
        instances::execute_tool(),
        instances::stop_tool(),
        instances::start_tool(),
        instances::destroy_tool(),
        serverless::endpoints_tool(),
        serverless::workers_tool(),
        serverless::request_tool(),
        costs::tool(),
        operations::find_tool(),
        operations::call_tool(),
    ];
    let is_shown = |tool: &Tool| {
        let reads =
            tool.annotations.as_ref().and_then(|annotations| annotations.read_only_hint) == Some(true);
        !guard.read_only || reads || tool.name == operations::CALL
    };
    all.into_iter().filter(is_shown).collect()
}

/// Calls a tool. `None` where there is none of this name.
pub(crate) async fn call(
    client: &Client,
    guard: &Guard,
    is_stdio: bool,
    request: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Option<CallToolResponse> {
    let tool = list(guard).into_iter().find(|tool| tool.name == request.name)?;
    let mut arguments = request.arguments.unwrap_or_default();
    let confirm = arguments.remove("confirm").and_then(|code| code.as_str().map(str::to_owned));
    let response = request.input_responses.and_then(|responses| responses.into_values().next());
    let answered = Answered { confirm, state: request.request_state, response };
    let name = NAMES.iter().find(|name| **name == tool.name)?;
    let call =
        Call { client, guard, context, is_stdio, tool: name, arguments: Value::Object(arguments), answered };
    let reads = tool.annotations.as_ref().and_then(|annotations| annotations.read_only_hint) == Some(true);
    let outcome = match reads {
        true => call.dispatch().await,
        false => match call.record("called", &Value::Null) {
            Ok(()) => call.dispatch().await,
            Err(why) => Err(Stop::Failed(why)),
        },
    };
    if !reads {
        // What was done is done, whether its outcome can be recorded or not.
        let _ = match &outcome {
            Ok(value) => call.record("done", value),
            Err(Stop::Failed(why) | Stop::Withheld(Withheld::Refused(why))) => {
                call.record("failed", &json!(why))
            }
            Err(Stop::Withheld(Withheld::Asks(_))) => call.record("asked", &Value::Null),
        };
    }
    Some(match outcome {
        Ok(value) => CallToolResult::structured(value).into(),
        Err(Stop::Failed(why) | Stop::Withheld(Withheld::Refused(why))) => {
            CallToolResult::error(vec![ContentBlock::text(why)]).into()
        }
        Err(Stop::Withheld(Withheld::Asks(asks))) => CallToolResponse::InputRequired(*asks),
    })
}

const NAMES: [&str; 16] = [
    "search_offers",
    "rent",
    "wait_until_running",
    "show_instance",
    "show_instances",
    "logs",
    "execute",
    "stop",
    "start",
    "destroy",
    "endpoints",
    "workers",
    "endpoint_request",
    "costs",
    "find_operation",
    operations::CALL,
];

impl Call<'_> {
    async fn dispatch(&self) -> Outcome<Value> {
        match self.tool {
            "search_offers" => self.run(offers::search).await,
            "rent" => self.run(rent::rent).await,
            "wait_until_running" => self.run(instances::wait).await,
            "show_instance" => self.run(instances::show).await,
            "show_instances" => self.run(instances::list).await,
            "logs" => self.run(instances::logs).await,
            "execute" => self.run(instances::execute).await,
            "stop" => self.run(instances::stop).await,
            "start" => self.run(instances::start).await,
            "destroy" => self.run(instances::destroy).await,
            "endpoints" => self.run(serverless::endpoints).await,
            "workers" => self.run(serverless::workers).await,
            "endpoint_request" => self.run(serverless::request).await,
            "costs" => self.run(costs::costs).await,
            "find_operation" => self.run(operations::find).await,
            operations::CALL => self.run(operations::call).await,
            unknown => Err(Stop::Failed(format!("there is no tool `{unknown}`"))),
        }
    }

    /// Reads the arguments, runs the tool, and writes the result.
    async fn run<'call, A, O, F>(&'call self, tool: impl FnOnce(&'call Self, A) -> F) -> Outcome<Value>
    where
        A: DeserializeOwned,
        O: Serialize,
        F: Future<Output = Outcome<O>>,
    {
        let arguments: A = serde_json::from_value(self.arguments.clone())
            .map_err(|error| format!("the arguments of {} are not right: {error}", self.tool))?;
        let result = tool(self, arguments).await?;
        serde_json::to_value(result).map_err(|error| Stop::Failed(error.to_string()))
    }

    /// The tool with its exact arguments.
    fn subject(&self) -> String {
        format!("{} {}", self.tool, self.arguments)
    }

    /// Asks the person behind the client for their word.
    async fn ask(&self, text: String, dph: Option<f64>) -> Outcome<()> {
        let question = Question { subject: self.subject(), text, dph };
        let asked = self.guard.consents.ask(question, &self.answered, self.is_stdio, self.context).await;
        asked.map_err(Stop::Withheld)
    }

    /// Records what happens.
    fn record(&self, event: &str, outcome: &Value) -> Result<(), String> {
        self.guard.audit.write(event, self.tool, &self.arguments, outcome)
    }

    /// A text of a machine.
    fn untrusted(&self, text: &str) -> Untrusted {
        Untrusted::text(text, self.guard.hides_secrets)
    }
}

/// A failed call of the service, for a model: what the service said of it is not to be followed.
pub(crate) fn failed(error: &Error) -> Stop {
    Stop::Failed(in_words(error))
}

/// A failed call in words.
pub(crate) fn in_words(error: &Error) -> String {
    let said = untrusted::cleaned(&error.message().split_whitespace().collect::<Vec<_>>().join(" "));
    let said: String = said.chars().take(600).collect();
    let advice = error.advice().map(|advice| format!("\nWhat to do: {}", untrusted::cleaned(&advice)));
    format!(
        "{} [untrusted begins] {} [untrusted ends]{}",
        error.kind(),
        said.replace("[untrusted", "(untrusted"),
        advice.unwrap_or_default()
    )
}

/// Arguments of a tool that takes none.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// An object of JSON as the arguments of an operation.
pub(crate) type Object = JsonObject;
