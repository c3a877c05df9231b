//! Teams: roles, members, invitations.

use serde_json::{Value, json};

use super::Service;
use super::call::Call;
use super::page::parameter;
use super::refusal::Refusal;

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "createTeam" => create(service, call),
        "destroyTeam" => destroy(service),
        "showTeamRoles" => Ok(service.state.account.team.roles.list()),
        "showTeamRole" => show_role(service, call),
        "createTeamRole" => create_role(service, call),
        "updateTeamRole" => update_role(service, call),
        "removeTeamRole" => remove_role(service, call),
        "showTeamMembers" => Ok(service.state.account.team.members.list()),
        "inviteTeamMember" => invite(service, call),
        "removeTeamMember" => remove_member(service, call),
        _ => return None,
    })
}

fn create(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.text("team_name")?;
    let account = &mut service.state.account;
    let owner = |name: &str| account.user.get(name).cloned().unwrap_or_default();
    let owner = json!({
        "id": owner("id"),
        "email": owner("email"),
        "fullname": owner("fullname"),
        "username": owner("username"),
        "roles": ["team_owner"],
    });
    if account.team.found(name, owner) {
        Ok(json!({ "success": true, "msg": "Team Successfully Created!" }))
    } else {
        Err(Refusal::invalid_args("The account is a team already."))
    }
}

fn destroy(service: &mut Service) -> Result<Value, Refusal> {
    if service.state.account.team.dissolve() {
        Ok(json!({ "success": true, "msg": "Team Successfully Deleted!" }))
    } else {
        Err(Refusal::not_found("The account is no team."))
    }
}

fn show_role(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let team = &service.state.account.team;
    let name = call.segment("name");
    let role = team.role(name).and_then(|id| team.roles.get(id));
    role.cloned().ok_or_else(|| no_such_role(name))
}

fn create_role(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.text("name")?;
    let permissions = call.body()?.get("permissions").cloned().unwrap_or_default();
    let team = &mut service.state.account.team;
    if team.roles.find(|role| role["name"] == name).is_some() {
        return Err(Refusal::invalid_args(format!("There is a role {name} already.")));
    }
    team.roles.add(|id| json!({ "id": id, "name": name, "identifier": name, "permissions": permissions }));
    Ok(json!({ "msg": "success" }))
}

fn update_role(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (named, body) = (call.segment("name"), call.body()?);
    let team = &mut service.state.account.team;
    let role = team.role(named).and_then(|id| team.roles.get_mut(id)).ok_or_else(|| no_such_role(named))?;
    for field in ["name", "permissions"] {
        if let Some(value) = body.get(field).filter(|value| !value.is_null()) {
            role[field] = value.clone();
        }
    }
    let name = role["name"].as_str().unwrap_or_default();
    Ok(json!(format!("Successfully Updated Team Role For {name}")))
}

fn remove_role(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let named = call.segment("name");
    let team = &mut service.state.account.team;
    let id = team.role(named).ok_or_else(|| no_such_role(named))?;
    team.roles.remove(id);
    Ok(json!({ "status": "success", "message": "Role removed from team" }))
}

/// Whoever is invited belongs to the team once they have accepted, which nobody does here.
fn invite(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let given = |name| parameter(call.request, name).map(std::borrow::Cow::into_owned).unwrap_or_default();
    let (email, role) = (given("email"), given("role"));
    let team = &mut service.state.account.team;
    if team.name.is_none() {
        return Err(Refusal::invalid_args("The account is no team."));
    }
    if team.role(&role).is_none() {
        return Err(no_such_role(&role));
    }
    let msg = format!("New invitation sent to {email}");
    team.invited.push((email, role));
    Ok(json!({ "success": true, "msg": msg }))
}

fn remove_member(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    if service.state.account.team.members.remove(id) {
        Ok(json!({ "status": "success", "message": "User removed from the team." }))
    } else {
        Err(Refusal::not_found(format!("The team has no member {id}.")))
    }
}

fn no_such_role(name: &str) -> Refusal {
    Refusal::not_found(format!("There is no role {name}."))
}
