//! The word of the person behind the client, bound to exact arguments and to a price.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema, InputRequest,
    InputRequiredResult, ProtocolVersion,
};
use rmcp::service::{Peer, RequestContext, RoleServer};
use serde_json::Value;

/// How long a person may take.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// How many questions may be open at once; the oldest make room.
const MOST_OPEN: usize = 256;
/// The field of the answer.
const APPROVE: &str = "approve";
/// The question among those of a result that asks.
const QUESTION: &str = "consent";

/// What has been asked and answered, in all sessions of the server.
#[derive(Debug, Default)]
pub(crate) struct Consents(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// What was declined, by its arguments. It is not asked again.
    declined: BTreeSet<String>,
    /// What waits for an answer, by a code: the arguments and the price.
    open: BTreeMap<String, Question>,
    /// The codes in their order.
    order: Vec<String>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Question {
    /// The tool with its exact arguments.
    pub(crate) subject: String,
    /// What is shown to the person.
    pub(crate) text: String,
    /// The price that the answer holds for, in dollars per hour.
    pub(crate) dph: Option<f64>,
}

/// What the client sent along to a question that was asked before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answered {
    /// The argument `confirm`.
    pub(crate) confirm: Option<String>,
    /// The state of a result that asked.
    pub(crate) state: Option<String>,
    pub(crate) response: Option<Value>,
}

/// Why it is not done now.
pub(crate) enum Withheld {
    Refused(String),
    /// The client has to ask, and call again.
    Asks(Box<InputRequiredResult>),
}

impl Consents {
    /// Asks, unless it was answered already. `Ok` is a yes.
    pub(crate) async fn ask(
        &self,
        question: Question,
        answered: &Answered,
        is_stdio: bool,
        context: &RequestContext<RoleServer>,
    ) -> Result<(), Withheld> {
        if self.is_declined(&question.subject) {
            return Err(Withheld::Refused(declined()));
        }
        if let (Some(state), Some(response)) = (&answered.state, &answered.response) {
            self.take(state, &question).map_err(Withheld::Refused)?;
            let result: ElicitResult = serde_json::from_value(response.clone()).map_err(|error| {
                Withheld::Refused(format!("not done: the answer to the question is not one: {error}"))
            })?;
            return self.judge(&question.subject, &result);
        }
        let capabilities = context.client_capabilities();
        let elicits = capabilities.and_then(|capabilities| capabilities.elicitation);
        let has_forms = elicits.is_some_and(|modes| modes.form.is_some() || modes.url.is_none());
        if has_forms {
            let version = context.protocol_version();
            let is_asked_by_result =
                version.is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
            if is_asked_by_result {
                let request = ElicitRequest::new(form(&question.text));
                let questions = BTreeMap::from([(QUESTION.to_owned(), InputRequest::Elicitation(request))]);
                let asks = InputRequiredResult::new(Some(questions), Some(self.open(question)));
                return Err(Withheld::Asks(Box::new(asks)));
            }
            let result = elicit(&context.peer, &question.text).await.map_err(Withheld::Refused)?;
            return self.judge(&question.subject, &result);
        }
        if !is_stdio {
            let message = "refused: this needs the word of a person, and the client cannot ask for it (it has no elicitation); over HTTP there is \
                           no other way";
            return Err(Withheld::Refused(message.to_owned()));
        }
        match &answered.confirm {
            Some(code) => self.take(code, &question).map_err(Withheld::Refused),
            None => {
                let text = question.text.clone();
                let code = self.open(question);
                Err(Withheld::Refused(format!(
                    "not done yet, it needs the word of the user: {text}\nAsk the user. If they agree, call again with exactly the same arguments and \
                     `confirm`: \"{code}\". If they do not, do not call again."
                )))
            }
        }
    }

    fn judge(&self, subject: &str, result: &ElicitResult) -> Result<(), Withheld> {
        let approved =
            result.content.as_ref().and_then(|content| content.get(APPROVE)).and_then(Value::as_bool);
        match (&result.action, approved) {
            (ElicitationAction::Accept, Some(true)) => Ok(()),
            (ElicitationAction::Cancel, _) => {
                Err(Withheld::Refused("not done: the user closed the question without an answer".to_owned()))
            }
            _ => {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).declined.insert(subject.to_owned());
                Err(Withheld::Refused(declined()))
            }
        }
    }

    fn is_declined(&self, subject: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).declined.contains(subject)
    }

    /// Keeps a question until it is answered, under a code.
    fn open(&self, question: Question) -> String {
        let code: String = std::iter::repeat_with(fastrand::alphanumeric).take(20).collect();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.open.insert(code.clone(), question);
        state.order.push(code.clone());
        if state.order.len() > MOST_OPEN {
            let oldest = state.order.remove(0);
            state.open.remove(&oldest);
        }
        code
    }

    /// Takes the question of a code, which counts once, for the same arguments and no higher price.
    fn take(&self, code: &str, question: &Question) -> Result<(), String> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = state.open.remove(code);
        state.order.retain(|known| known != code);
        match open {
            None => Err("refused: this confirmation is not known, or was used already; call without it to be asked anew".to_owned()),
            Some(open) if open.subject != question.subject => {
                Err("refused: the confirmation was given for other arguments; call without it to be asked anew".to_owned())
            }
            Some(open) if question.dph.unwrap_or(0.0) > open.dph.unwrap_or(0.0) + 1e-9 => {
                Err("refused: the price has risen since it was confirmed; call without the confirmation to be asked anew".to_owned())
            }
            Some(_) => Ok(()),
        }
    }
}

fn declined() -> String {
    "declined: the user has said no to this, with exactly these arguments, and is not asked again in this session".to_owned()
}

fn form(text: &str) -> ElicitRequestParams {
    let schema = ElicitationSchema::builder()
        .required_bool(APPROVE)
        .build()
        .unwrap_or_else(|_| ElicitationSchema::new(BTreeMap::new()));
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: text.to_owned(),
        requested_schema: schema,
    }
}

async fn elicit(peer: &Peer<RoleServer>, text: &str) -> Result<ElicitResult, String> {
    let asked = peer.create_elicitation_with_timeout(form(text), Some(PATIENCE)).await;
    asked.map_err(|error| format!("not done: the user could not be asked: {error}"))
}
