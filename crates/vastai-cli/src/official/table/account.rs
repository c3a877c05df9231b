//! The account: keys, variables, teams, money, two-factor login.

use crate::official::argument::{Argument, Reads, Takes, mark, option, place, read_place, word, words};
use crate::official::command::{Command, command};
use crate::official::programs::Program;
use crate::official::{account, money};

const ID: Argument = place("ID", "id");
const QUIET: Argument = mark("-q --quiet");
/// The permissions of a role or a key: JSON in a file.
const PERMISSIONS: Argument = option("--permissions", "permissions").reads(Reads::JsonFile).required();

const METHODS: Reads = Reads::OneOf(&["email", "sms", "totp"]);
const CODE: Argument = option("-c --code", "code");
const METHOD: Argument = option("-t --method-type", "tfa_method").reads(METHODS);
const SECRET: Argument = option("-s --secret", "secret");
const BACKUP: Argument = option("-bc --backup-code", "backup_code");
const METHOD_ID: Argument = option("-id --method-id", "tfa_method_id");

pub(super) const COMMANDS: &[Command] = &[
    command(
        "create team",
        "createTeam",
        &[option("--team-name", "team_name").required(), option("--transfer-credit", "transfer_credit")],
    ),
    command("destroy team", "destroyTeam", &[]),
    command("create team-role", "createTeamRole", &[option("--name", "name"), PERMISSIONS]),
    command("show team-role", "showTeamRole", &[place("NAME", "name@path")]),
    command("show team-roles", "showTeamRoles", &[]),
    command(
        "update team-role",
        "updateTeamRole",
        &[
            place("ID", "name@path"),
            option("--name", "name"),
            option("--permissions", "permissions").reads(Reads::JsonFile),
            // Ours: the name, or none, and the permissions as JSON.
            read_place("NAME", Reads::Text).takes(Takes::AtMostOne),
            read_place("PERMISSIONS_JSON", Reads::Text).takes(Takes::AtMostOne),
        ],
    )
    .also(&["update team role"])
    .made(account::team_role),
    command("remove team-role", "removeTeamRole", &[place("NAME", "name@path")]),
    command("invite member", "inviteTeamMember", &[option("--email", "email"), option("--role", "role")]),
    command("show members", "showTeamMembers", &[]),
    command("remove member", "removeTeamMember", &[ID]),
    command(
        "create api-key",
        "createApiKey",
        &[
            option("--name", "name"),
            option("--permission_file", "permissions").reads(Reads::JsonFile).required(),
            option("--key_params", "key_params").reads(Reads::AsTyped),
        ],
    ),
    command("show api-key", "showApiKey", &[ID]),
    command("show api-keys", "showApiKeys", &[]),
    command("delete api-key", "deleteApiKey", &[ID]),
    command("reset api-key", "resetApiKey", &[]),
    command("set api-key", "", &[read_place("NEW_API_KEY", Reads::Text)]).does(Program::SetApiKey),
    command("set role", "", &[read_place("ROLE", Reads::OneOf(&["host", "client"]))]).does(Program::SetRole),
    command(
        "create ssh-key",
        "createSshKey",
        &[place("SSH_KEY", "ssh_key").takes(Takes::AtMostOne), mark("-y --yes")],
    )
    .does(Program::CreateSshKey),
    command("show ssh-keys", "getSshKeysUser", &[]),
    command("delete ssh-key", "deleteSshKey", &[ID]),
    command("update ssh-key", "updateSshKey", &[ID, place("SSH_KEY", "ssh_key").reads(Reads::PublicKey)]),
    command("show env-vars", "showEnvVars", &[mark("-s --show-values")]).does(Program::EnvVars),
    command("create env-var", "createEnvVar", &[place("NAME", "key"), place("VALUE", "value")]),
    command("update env-var", "updateEnvVar", &[place("NAME", "key"), place("VALUE", "value")]),
    command("delete env-var", "deleteUserSecret", &[place("NAME", "key")]),
    command("show user", "showUser", &[QUIET]),
    command("set user", "setUser", &[word("--file").reads(Reads::JsonFile).required()])
        .made(account::of_file),
    command("show subaccounts", "showSubaccounts", &[QUIET]),
    command(
        "create subaccount",
        "createSubaccount",
        &[
            option("--email", "email"),
            option("--username", "username"),
            option("--password", "password"),
            word("--type"),
        ],
    )
    .sends(&[("parent_id", r#""me""#)])
    .made(account::subaccount),
    command("show ipaddrs", "showIpaddrs", &[]).sends(&[("user_id", r#""me""#)]),
    command("show audit-logs", "showAuditLogs", &[]),
    command("show scheduled-jobs", "showScheduledJobs", &[]),
    command("delete scheduled-job", "deleteScheduledJob", &[ID]),
    command(
        "transfer credit",
        "transferCredit",
        &[
            place("RECIPIENT", "").takes(Takes::AtMostOne).reads(Reads::Text),
            place("AMOUNT", "").takes(Takes::AtMostOne).reads(Reads::Text),
            word("-r --recipient"),
            word("-a --amount").reads(Reads::Number),
            mark("--skip"),
        ],
    )
    .made(money::transfer),
    command("show deposit", "showDeposit", &[ID]),
    command(
        "show earnings",
        "showEarnings",
        &[QUIET, word("-s --start_date"), word("-e --end_date"), option("-m --machine_id", "machid")],
    )
    .sends(&[("user_id", r#""me""#)])
    .made(money::earnings),
    command(
        "show invoices",
        "showUserInvoices",
        &[
            QUIET,
            word("-s --start_date"),
            word("-e --end_date"),
            mark("-c --only_charges"),
            mark("-p --only_credits"),
            word("--instance_label"),
        ],
    )
    .sends(&[("user_id", r#""me""#)])
    .does(Program::Invoices),
    command(
        "show invoices-v1",
        "showInvoices",
        &[
            mark("-i --invoices"),
            words("-it --invoice-type"),
            mark("-c --charges"),
            words("-ct --charge-type"),
            word("-s --start-date"),
            word("-e --end-date"),
            word("-l --limit").reads(Reads::Integer),
            word("-t --next-token"),
            word("-f --format").reads(Reads::OneOf(&["table", "tree"])),
            mark("-v --verbose"),
            mark("--latest-first"),
        ],
    )
    .does(Program::Billing),
    command(
        "tfa activate",
        "tfaActivate",
        &[
            place("CODE", "code"),
            option("-t --method-type", "tfa_method").reads(Reads::OneOf(&["sms", "totp"])).or(r#""totp""#),
            option("--secret", "secret").required(),
            option("--phone-number", "phone_number"),
            option("-l --label", "label"),
        ],
    ),
    command(
        "tfa delete",
        "tfaDelete",
        &[
            option("-id --id-to-delete", "target_id"),
            CODE,
            METHOD,
            SECRET,
            BACKUP,
            option("--method-id", "tfa_method_id"),
        ],
    )
    .made(account::one_proof),
    command("tfa login", "tfaLogin", &[CODE, METHOD, SECRET, BACKUP, METHOD_ID]).does(Program::TfaLogin),
    command(
        "tfa resend-sms",
        "tfaResendSms",
        &[option("-p --phone-number", "phone_number"), option("-s --secret", "secret").required()],
    ),
    command("tfa regen-codes", "tfaRegenCodes", &[CODE, METHOD, SECRET, BACKUP, METHOD_ID])
        .made(account::one_proof),
    command("tfa send-sms", "tfaSendSms", &[option("-p --phone-number", "phone_number")]),
    command("tfa send-email", "tfaSendEmail", &[]),
    command(
        "tfa auth-new",
        "tfaAuthNew",
        &[
            word("-c --code"),
            word("-s --secret"),
            word("-t --method-type").reads(METHODS),
            word("-bc --backup-code"),
            word("-id --method-id"),
        ],
    )
    .does(Program::TfaAuthNew),
    command("tfa status", "tfaStatus", &[]),
    command("tfa totp-setup", "tfaTotpSetup", &[]),
    command(
        "tfa update",
        "tfaUpdate",
        &[
            place("METHOD_ID", "tfa_method_id"),
            option("-l --label", "label"),
            word("-p --set-primary").reads(Reads::OneOf(account::PRIMARY)),
        ],
    )
    .made(account::primary),
    command("repl", "", &[]).does(Program::Elsewhere),
    command("update", "", &[mark("--check"), word("--version")]).does(Program::Elsewhere),
    command("uninstall", "", &[mark("-y --yes")]).does(Program::Elsewhere),
];
