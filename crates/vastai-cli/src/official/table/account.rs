//! The account: keys, variables, teams, money, two-factor login.

use crate::official::argument::{Argument, Reads, Takes, mark, option, place, read_place, word, words};
use crate::official::command::{Command, command};
use crate::official::programs::Program;
use crate::official::{account, money};

const ID: Argument = place("ID", "id");
const QUIET: Argument = mark("-q --quiet").says("Print the ids alone");
/// The permissions of a role or a key: JSON in a file.
const PERMISSIONS: Argument = option("--permissions", "permissions").reads(Reads::JsonFile).required();

const METHODS: Reads = Reads::OneOf(&["email", "sms", "totp"]);
const CODE: Argument = option("-c --code", "code");
const METHOD: Argument = option("-t --method-type", "tfa_method").reads(METHODS);
const SECRET: Argument = option("-s --secret", "secret");
const BACKUP: Argument = option("-bc --backup-code", "backup_code");
const METHOD_ID: Argument = option("-id --method-id", "tfa_method_id");

// What options say that several commands have.
const CHARGE_TYPES: &str =
    "Charges of these kinds alone: instance, volume, serverless, or their first letters";
const FIRST_OF_A_WEEK: &str =
    "The first day, a week before the last unless set: 2031-03-01, with a time, or seconds since 1970; UTC";
const FIRST_SINCE_YESTERDAY: &str =
    "The first day, yesterday unless set: 2031-03-01, or seconds since 1970; UTC";
const LAST_DAY: &str = "The last day, now unless set";

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
        &[place("SSH_KEY", "ssh_key").takes(Takes::AtMostOne), mark("-y --yes").says("Make a key pair without asking, where no key is given")],
    )
    .does(Program::CreateSshKey),
    command("show ssh-keys", "getSshKeysUser", &[]),
    command("delete ssh-key", "deleteSshKey", &[ID]),
    command("update ssh-key", "updateSshKey", &[ID, place("SSH_KEY", "ssh_key").reads(Reads::PublicKey)]),
    command("show env-vars", "showEnvVars", &[mark("-s --show-values").says("Show the values, too, which may be secrets")]).does(Program::EnvVars),
    command("create env-var", "createEnvVar", &[place("NAME", "key"), place("VALUE", "value")]),
    command("update env-var", "updateEnvVar", &[place("NAME", "key"), place("VALUE", "value")]),
    command("delete env-var", "deleteUserSecret", &[place("NAME", "key")]),
    command("show user", "showUser", &[QUIET]),
    command("set user", "setUser", &[word("--file").reads(Reads::JsonFile).required().says("A file with the fields to change, as JSON")])
        .made(account::of_file),
    command("show subaccounts", "showSubaccounts", &[QUIET]),
    command(
        "create subaccount",
        "createSubaccount",
        &[
            option("--email", "email"),
            option("--username", "username"),
            option("--password", "password"),
            word("--type").says("host, for an account that offers machines"),
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
            word("-r --recipient").says("Who gets it: an email address or an id of a user"),
            word("-a --amount").reads(Reads::Number).says("How much, in dollars"),
            mark("--skip").says("Do not ask"),
        ],
    )
    .made(money::transfer),
    command("show deposit", "showDeposit", &[ID]),
    command(
        "show earnings",
        "showEarnings",
        &[QUIET, word("-s --start_date").says(FIRST_SINCE_YESTERDAY), word("-e --end_date").says(LAST_DAY), option("-m --machine_id", "machid")],
    )
    .sends(&[("user_id", r#""me""#)])
    .made(money::earnings),
    command(
        "show invoices",
        "showUserInvoices",
        &[
            QUIET,
            word("-s --start_date").says(FIRST_SINCE_YESTERDAY),
            word("-e --end_date").says(LAST_DAY),
            mark("-c --only_charges").says("Charges alone"),
            mark("-p --only_credits").says("Payments alone"),
            word("--instance_label").says("Charges of the instances with this label alone"),
        ],
    )
    .sends(&[("user_id", r#""me""#)])
    .does(Program::Invoices),
    command(
        "show invoices-v1",
        "showInvoices",
        &[
            mark("-i --invoices").says("Show invoices"),
            words("-it --invoice-type").says("Invoices of these kinds alone: transfers, stripe, bitpay, coinbase, crypto.com, reserved, payout_paypal, payout_wise"),
            mark("-c --charges").says("Show charges"),
            words("-ct --charge-type").says(CHARGE_TYPES),
            word("-s --start-date").says(FIRST_OF_A_WEEK),
            word("-e --end-date").says(LAST_DAY),
            word("-l --limit").reads(Reads::Integer).says("How many on a page; 20 unless set, 100 at most"),
            word("-t --next-token").says("Where to go on: the next_token of the page before"),
            word("-f --format").reads(Reads::OneOf(&["table", "tree"])).says("Charges of serverless contracts on their own, or below their endpoints"),
            mark("-v --verbose").says("Show all columns"),
            mark("--latest-first").says("The newest first"),
        ],
    )
    .does(Program::Billing),
    // Not one of the official client, where charges are shown by `show invoices-v1 --charges`: its dates and types are as there.
    command(
        "show charges",
        "showCharges",
        &[
            place("SELECT_FILTERS", "select_filters").takes(Takes::AtMostOne).reads(Reads::Text),
            words("-ct --charge-type").ours(CHARGE_TYPES),
            word("-s --start-date").ours(FIRST_OF_A_WEEK),
            word("-e --end-date").ours(LAST_DAY),
        ],
    )
    .made(money::charges),
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
            word("-c --code").says("The code of the method that there is"),
            word("-s --secret").says("What the service gave out with the code it sent: of sms and email"),
            word("-t --method-type").reads(METHODS).says("The method that the code is of"),
            word("-bc --backup-code").says("A backup code, in the place of a code"),
            word("-id --method-id").says("The method that the code is of, by its id"),
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
            word("-p --set-primary").reads(Reads::OneOf(account::PRIMARY)).says("Whether it becomes the method that is asked for first"),
        ],
    )
    .made(account::primary),
    command("repl", "", &[]).does(Program::Elsewhere),
    command("update", "", &[mark("--check").says("The package manager does this: nothing is sent"), word("--version").says("The package manager does this: nothing is sent")]).does(Program::Elsewhere),
    command("uninstall", "", &[mark("-y --yes").says("The package manager does this: nothing is sent")]).does(Program::Elsewhere),
];
