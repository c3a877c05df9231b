//! The help that people read.

use expect_test::expect;

use crate::support::Vastai;

fn help(line: &[&str]) -> String {
    Vastai::new(line).run().answer()
}

/// Help on a terminal of forty columns.
fn narrow(line: &[&str]) -> String {
    Vastai::new(line).env("COLUMNS", "40").run().answer()
}

#[test]
fn on_a_narrow_terminal() {
    expect![[r#"
        Get endpoint logs

        Usage: vastai get endpoint logs
            [OPTIONS]

        Options:
              --endpoint <TEXT>
                  Name of the endpoint. The
                  official command line sends
                  its number as id instead.
              --id <INTEGER>
                  The id of the endpoint,
                  instead of its name. [at least
                  1]
              --tail <INTEGER>
                  How much of the end of each
                  level to return, in bytes; -1
                  for all of it.
          -h, --help             Print help

        Global options:
              --api-key <KEY>
                  API key; others on the machine
                  may see it here, unlike in
                  VAST_API_KEY
              --console-url <URL>
                  Where the console is; else
                  VAST_URL, else
                  https://console.vast.ai
              --run-url <URL>
                  Where the serverless engine
                  is; else VAST_RUN_URL, else
                  https://run.vast.ai
              --mock
                  Use the embedded simulator: no
                  key, no network, no costs
              --no-retry
                  Send the request once; else
                  what is safe to repeat is
                  tried again
              --output <FORMAT>
                  table, the default; json as
                  the service sent it; jsonl or
                  csv, a line for each row
              --cols <A,B,…>
                  Show these fields, in this
                  order: of tables, jsonl and
                  csv
              --raw
                  JSON as the official client
                  prints it; --output json is
                  the response as it came
              --explain
                  Show the request in words
                  instead of sending it
              --curl
                  Show the request as a command
                  of curl instead of sending it
              --url <URL>
                  Where both servers are, unless
                  said for one of them
              --retry <N>
                  How often to try at most; what
                  is not safe to repeat is sent
                  once
              --no-color
                  No colours, as with NO_COLOR
                  in the environment
          -y, --yes
              Do not ask before what destroys,
              pays or gives away, as with
              VASTAI_YES=1

        Request: POST /get_endpoint_logs/
        (serverless engine)
    "#]]
    .assert_eq(&narrow(&["get", "endpoint", "logs", "--help"]));
}

#[test]
fn on_a_narrow_terminal_all_words_are_there_and_lines_are_cut_at_words() {
    for line in [
        &["--help"][..],
        &["create", "instance", "--help"],
        &["search", "offers", "--help"],
        &["mock", "serve", "--help"],
        &["show", "--help"],
        &["help", "commands"],
        &["help", "search-query"],
    ] {
        let (wide, narrow) = (help(line), narrow(line));
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&wide), words(&narrow), "{line:?}");
        for line in narrow.lines().filter(|line| line.chars().count() > 40) {
            let is_one_word = !line.trim().contains(' ');
            let command = line.trim_start();
            assert!(is_one_word || command.starts_with("vastai ") || command.starts_with("--"), "{line}");
        }
    }
}

#[test]
fn of_all() {
    let long = help(&["--help"]);
    expect![[r#"
        The Vast.ai API from a terminal: GPU rental and serverless endpoints

        Usage: vastai [OPTIONS] <COMMAND>

        Find:
          search offers [QUERY]     machines to rent: 'gpu_name=RTX_4090 dph<0.5'
          search templates          images with their settings, ready to run
          search volumes            disks to rent

        Rent:
          create instance <OFFER>   rent the machine of an offer
          show instances            what is rented, its state and its price
          start instance <ID>       run it again; stop instance keeps its disk
          destroy instance <ID>     give it back: its data is gone, and so are its costs
          change bid <ID> [PRICE]   bid more or less for an interruptible instance
          list volumes              the disks that are rented

        Use:
          watch instances           state, use and cost over time
          ssh <ID> [COMMAND]        log in; ssh-url and scp-url say where
          logs <ID>                 what an instance has printed
          execute <ID> <COMMAND>    run a command on an instance
          copy <SRC> <DST>          files between instances, and from and to here

        Serverless:
          show endpoints            the endpoints of the account
          watch endpoint <ID|NAME>  its workers, their load and cost over time
          get endpoint workers <ID> its workers now
          get endpt-logs <ID>       what the engine has decided, and why
          create endpoint           a new one; create workergroup says what runs it

        Money:
          show charges              what was spent, and on what
          show invoices             what was paid
          transfer credit           give credit to another account

        Account:
          auth                      store an API key; auth status says whose it is
          doctor                    what is wrong with the set-up, and what to do
          show user                 the account and its credit
          show api keys             its keys; create api-key makes one
          show ssh keys             what opens instances; create ssh-key adds one
          show env vars             variables that every instance gets

        Host:
          show machines             the machines that are offered to others
          list machine <ID>         offer one; unlist machine takes it back
          show earnings             what they have earned

        This program:
          top                       all workers and instances, full-screen
          export prometheus         instances, workers and prices as metrics
          mcp                       a server for models, which rent within limits
          mock serve                a service to try things on, for any client
          completions <SHELL>       for bash, zsh, fish and PowerShell
          man                       pages for man
          help commands             all commands by subject
          help search-query         how offers are searched, and by which fields

        Every operation of the service is a command: `vastai help commands` lists them, and
        `vastai show --help` those that begin with a word.

        Options:
          -h, --help     Print help
          -V, --version  Print version

        Global options:
              --api-key <KEY>      API key; others on the machine may see it here, unlike in VAST_API_KEY
              --console-url <URL>  Where the console is; else VAST_URL, else https://console.vast.ai
              --run-url <URL>      Where the serverless engine is; else VAST_RUN_URL, else https://run.vast.ai
              --mock               Use the embedded simulator: no key, no network, no costs
              --no-retry           Send the request once; else what is safe to repeat is tried again
              --output <FORMAT>    table, the default; json as the service sent it; jsonl or csv, a line for each row
              --cols <A,B,…>       Show these fields, in this order: of tables, jsonl and csv
              --raw                JSON as the official client prints it; --output json is the response as it came
              --explain            Show the request in words instead of sending it
              --curl               Show the request as a command of curl instead of sending it
              --url <URL>          Where both servers are, unless said for one of them
              --retry <N>          How often to try at most; what is not safe to repeat is sent once
              --no-color           No colours, as with NO_COLOR in the environment
          -y, --yes                Do not ask before what destroys, pays or gives away, as with VASTAI_YES=1

        Examples:
          vastai --mock get endpoint workers 12345     # try it, without a key
          vastai search offers 'gpu_name=RTX_4090 num_gpus>=2 dph<1.5' --limit 5
          vastai show instances --limit 5
          vastai show endpoints --output json          # all that the service sent

        API key:
          --api-key, else VAST_API_KEY, else the first of these files:
          vast_tfa_key, vast_api_key in $XDG_CONFIG_HOME/vastai (~/.config/vastai); ~/.vast_api_key

        Exit codes:
          0  success    1  the service or the network failed    2  wrong usage or configuration
    "#]].assert_eq(&long);
    assert_eq!(long, help(&["-h"]));
}

#[test]
fn of_words_that_begin_commands() {
    expect![[r#"
        Usage: vastai get [OPTIONS] <COMMAND>

        Commands:
          endpoint       logs, workers
          endpt-logs     Get endpt-logs <ID>
          endpt-workers  Get endpt-workers <ID>
          notification   preferences
          workergroup    logs, workers
          wrkgrp-logs    Get wrkgrp-logs <ID>

        Options:
          -h, --help  Print help

        Global options:
              --api-key <KEY>      API key; others on the machine may see it here, unlike in VAST_API_KEY
              --console-url <URL>  Where the console is; else VAST_URL, else https://console.vast.ai
              --run-url <URL>      Where the serverless engine is; else VAST_RUN_URL, else https://run.vast.ai
              --mock               Use the embedded simulator: no key, no network, no costs
              --no-retry           Send the request once; else what is safe to repeat is tried again
              --output <FORMAT>    table, the default; json as the service sent it; jsonl or csv, a line for each row
              --cols <A,B,…>       Show these fields, in this order: of tables, jsonl and csv
              --raw                JSON as the official client prints it; --output json is the response as it came
              --explain            Show the request in words instead of sending it
              --curl               Show the request as a command of curl instead of sending it
              --url <URL>          Where both servers are, unless said for one of them
              --retry <N>          How often to try at most; what is not safe to repeat is sent once
              --no-color           No colours, as with NO_COLOR in the environment
          -y, --yes                Do not ask before what destroys, pays or gives away, as with VASTAI_YES=1
    "#]].assert_eq(&help(&["get", "--help"]));
}

#[test]
fn of_a_command() {
    expect![[r#"
        Get endpoint workers

        Usage: vastai get endpoint workers [OPTIONS] <ID>

        Arguments:
          <ID>  The endpoint for getEndpointWorkers, the workergroup for getWorkergroupWorkers.
                The two kinds of id are not interchangeable. The default is a filler of the
                published documentation: never rely on it. [at least 1]

        Options:
          -h, --help  Print help

        Global options:
              --api-key <KEY>      API key; others on the machine may see it here, unlike in VAST_API_KEY
              --console-url <URL>  Where the console is; else VAST_URL, else https://console.vast.ai
              --run-url <URL>      Where the serverless engine is; else VAST_RUN_URL, else https://run.vast.ai
              --mock               Use the embedded simulator: no key, no network, no costs
              --no-retry           Send the request once; else what is safe to repeat is tried again
              --output <FORMAT>    table, the default; json as the service sent it; jsonl or csv, a line for each row
              --cols <A,B,…>       Show these fields, in this order: of tables, jsonl and csv
              --raw                JSON as the official client prints it; --output json is the response as it came
              --explain            Show the request in words instead of sending it
              --curl               Show the request as a command of curl instead of sending it
              --url <URL>          Where both servers are, unless said for one of them
              --retry <N>          How often to try at most; what is not safe to repeat is sent once
              --no-color           No colours, as with NO_COLOR in the environment
          -y, --yes                Do not ask before what destroys, pays or gives away, as with VASTAI_YES=1

        Example:
          vastai --mock get endpoint workers 12345     # try it, without a key

        Request: POST /get_endpoint_workers/ (serverless engine)
    "#]].assert_eq(&help(&["get", "endpoint", "workers", "--help"]));
    expect![[r#"
        Show instances

        Usage: vastai show instances [OPTIONS]

        Options:
              --after-token <TEXT>     Where to go on: the next_token of the previous page, unchanged. Leave it out for
                                       the first page. A token the service did not issue is answered with 400 and
                                       invalid_token.
              --limit <INTEGER>        How many instances a page may hold. The most is 25, which is also the default;
                                       zero or less counts as 5.
              --order-by <TEXT>        The sort order, as JSON text: an array of objects with the column in col and asc
                                       or desc in dir. Any other direction sorts ascending. Ties are broken by id. A
                                       column that cannot be sorted by is answered with 400.
              --select-cols <TEXT>     The fields to return, as JSON text: an array of column names. ["*"] stands for
                                       all of them. A name that does not exist is no error; it comes back as null.
              --select-filters <TEXT>  Which instances to return, as JSON text: an object from column to operator and
                                       value. Operators are eq, neq, gt, gte, lt, lte, in and notin. Only columns
                                       stored with the contract can be filtered, among them id, label, actual_status,
                                       gpu_name and verification. Computed ones such as dph_total or num_gpus are
                                       answered with 400.
          -h, --help                   Print help

        Options of the official client:
          -q, --quiet                   Print the ids alone
          -v, --verbose                 Show all columns
          -a, --all                     All pages, one after another
          -s, --status <TEXT>...        Those with these statuses alone
              --label <TEXT>...         Those with these labels alone; '' is none
              --gpu-name <TEXT>...      Those with these GPUs alone
              --verification <TEXT>...  Those on machines of these verifications alone
          -t, --next-token <TEXT>       Where to go on: the next_token of the previous page, unchanged. Leave it out for
                                        the first page. A token the service did not issue is answered with 400 and
                                        invalid_token.

        Global options:
              --api-key <KEY>      API key; others on the machine may see it here, unlike in VAST_API_KEY
              --console-url <URL>  Where the console is; else VAST_URL, else https://console.vast.ai
              --run-url <URL>      Where the serverless engine is; else VAST_RUN_URL, else https://run.vast.ai
              --mock               Use the embedded simulator: no key, no network, no costs
              --no-retry           Send the request once; else what is safe to repeat is tried again
              --output <FORMAT>    table, the default; json as the service sent it; jsonl or csv, a line for each row
              --cols <A,B,…>       Show these fields, in this order: of tables, jsonl and csv
              --raw                JSON as the official client prints it; --output json is the response as it came
              --explain            Show the request in words instead of sending it
              --curl               Show the request as a command of curl instead of sending it
              --url <URL>          Where both servers are, unless said for one of them
              --retry <N>          How often to try at most; what is not safe to repeat is sent once
              --no-color           No colours, as with NO_COLOR in the environment
          -y, --yes                Do not ask before what destroys, pays or gives away, as with VASTAI_YES=1

        Example:
          vastai show instances --limit 5

        Request: GET /api/v1/instances/ (console)
    "#]].assert_eq(&help(&["help", "show", "instances"]));
}

#[test]
fn of_an_argument_with_few_values_and_of_one_with_limits() {
    let help = help(&["create", "instance", "--help"]);
    let of = |flag: &str| {
        let lines = help.lines().map(str::trim).skip_while(|line| !line.starts_with(flag)).skip(1);
        lines.take_while(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n")
    };
    assert!(of("--runtype").starts_with("- ssh_proxy, or ssh for short: "), "{help}");
    assert!(of("--runtype").contains("\n- ssh_direct: "), "{help}");
    assert!(of("--price").ends_with("[at least 0.001, at most 128]"), "{help}");
}

#[test]
fn of_a_command_that_begins_another() {
    expect![[r#"
        Create team

        Usage: vastai create team [OPTIONS] <TEAM_NAME>
               vastai create team [OPTIONS] [TEAM_NAME] <COMMAND>

        Commands:
          role  Create team role <NAME> <PERMISSIONS>

        Arguments:
          <TEAM_NAME>  Name of the team. One that is taken already is refused.

        Options:
              --transfer-credit <NUMBER>  How much of the caller's own credit the team receives, in US dollars. [default:
                                          0]
              --no-defaults               Leave to the service what is not given
          -h, --help                      Print help

        Options of the official client:
              --team-name <TEXT>  Name of the team. One that is taken already is refused.

        Global options:
              --api-key <KEY>      API key; others on the machine may see it here, unlike in VAST_API_KEY
              --console-url <URL>  Where the console is; else VAST_URL, else https://console.vast.ai
              --run-url <URL>      Where the serverless engine is; else VAST_RUN_URL, else https://run.vast.ai
              --mock               Use the embedded simulator: no key, no network, no costs
              --no-retry           Send the request once; else what is safe to repeat is tried again
              --output <FORMAT>    table, the default; json as the service sent it; jsonl or csv, a line for each row
              --cols <A,B,…>       Show these fields, in this order: of tables, jsonl and csv
              --raw                JSON as the official client prints it; --output json is the response as it came
              --explain            Show the request in words instead of sending it
              --curl               Show the request as a command of curl instead of sending it
              --url <URL>          Where both servers are, unless said for one of them
              --retry <N>          How often to try at most; what is not safe to repeat is sent once
              --no-color           No colours, as with NO_COLOR in the environment
          -y, --yes                Do not ask before what destroys, pays or gives away, as with VASTAI_YES=1

        Request: POST /api/v0/team/ (console)
    "#]].assert_eq(&help(&["create", "team", "--help"]));
    expect![[r#"
        Usage: vastai create [OPTIONS] <COMMAND>

        Commands:
          api-key         Create api-key <NAME>
          cluster         Create cluster <SUBNET> <MANAGER_ID>
          deployment      Create deployment <NAME> <IMAGE> <FILE_HASH> <FILE_SIZE>
          endpoint        Create endpoint
          env-var         Create env-var <KEY> <VALUE>
          instance        Create instance <ID>
          instances       Create instances <IDS>
          network-volume  Create network-volume <ID> <SIZE>
          notification    webhook
          overlay         Create overlay <CLUSTER_ID> <NAME>
          scheduled-job   Create scheduled-job <REQUEST_METHOD> <API_ENDPOINT> <REQUEST_BODY>
                          <FREQUENCY> <START_TIME> <END_TIME>
          ssh-key         Create ssh-key <SSH_KEY>
          subaccount      Create subaccount <EMAIL> <PASSWORD> <USERNAME>
          team            Create team <TEAM_NAME>; also: role
          team-role       Create team-role
          template        Create template <IMAGE> <NAME>
          volume          Create volume <ID>
          workergroup     Create workergroup

        Options:
          -h, --help  Print help

        Global options:
              --api-key <KEY>      API key; others on the machine may see it here, unlike in VAST_API_KEY
              --console-url <URL>  Where the console is; else VAST_URL, else https://console.vast.ai
              --run-url <URL>      Where the serverless engine is; else VAST_RUN_URL, else https://run.vast.ai
              --mock               Use the embedded simulator: no key, no network, no costs
              --no-retry           Send the request once; else what is safe to repeat is tried again
              --output <FORMAT>    table, the default; json as the service sent it; jsonl or csv, a line for each row
              --cols <A,B,…>       Show these fields, in this order: of tables, jsonl and csv
              --raw                JSON as the official client prints it; --output json is the response as it came
              --explain            Show the request in words instead of sending it
              --curl               Show the request as a command of curl instead of sending it
              --url <URL>          Where both servers are, unless said for one of them
              --retry <N>          How often to try at most; what is not safe to repeat is sent once
              --no-color           No colours, as with NO_COLOR in the environment
          -y, --yes                Do not ask before what destroys, pays or gives away, as with VASTAI_YES=1
    "#]].assert_eq(&help(&["create", "--help"]));
}

#[test]
fn without_words_it_is_an_error() {
    let done = Vastai::new(&[]).run();
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""));
    assert_eq!(done.stderr, help(&["--help"]));
}

#[test]
fn keys_of_the_environment_are_not_shown() {
    let done = Vastai::new(&["--help"]).env("VAST_API_KEY", crate::support::KEY).run();
    assert_eq!(done.stdout, help(&["--help"]));
}
