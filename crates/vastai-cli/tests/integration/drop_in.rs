//! Lines of the official client, and the requests that they are.

use std::fmt::Write as _;

use expect_test::expect;

use super::support::{KEY, Server, Vastai};

/// The last request of each line, as a golden file has it.
fn requests(lines: &[&[&str]]) -> String {
    let mut all = String::new();
    for line in lines {
        let server = Server::start();
        // Whether the simulator has what a line names is of no concern here.
        let done = Vastai::asking(&server, line).run();
        let _ = writeln!(all, "{}", line.join(" "));
        let requests = server.requests();
        let Some(request) = requests.last() else {
            let _ = writeln!(all, "  nothing: {}", done.stderr.lines().next().unwrap_or_default());
            continue;
        };
        let query: Vec<String> =
            request.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let body = request.json().map(|body| format!(" {body}")).unwrap_or_default();
        let _ = writeln!(all, "  {} {}{query}{body}", request.method(), request.path());
    }
    all
}

#[test]
fn lines_of_the_official_client_are_its_requests() {
    expect![[r#"
        search offers num_gpus>=2 gpu_ram>20 -o dph,inet_up- --limit 3
          POST /api/v0/bundles/ {"allocated_storage":5.0,"external":{"eq":false},"gpu_ram":{"gt":20000},"limit":3,"num_gpus":{"gte":2},"order":[["dph_total","asc"],["inet_up","desc"]],"rentable":{"eq":true},"rented":{"eq":false},"type":"on-demand","verified":{"eq":true}}
        search offers -n machine_id=7 -i
          POST /api/v0/bundles/ {"allocated_storage":5.0,"machine_id":{"eq":7},"order":[["score","desc"]],"type":"bid"}
        search volumes disk_space>80 duration>3 --limit 5
          POST /api/v0/volumes/search/ {"allocated_storage":1.0,"disk_space":{"gt":80,"gte":1},"duration":{"gt":259200.0},"external":{"eq":false},"limit":5,"order":[["score","desc"]],"verified":{"eq":true}}
        search templates count_created > 50
          GET /api/v0/template/?select_cols=["*"]&select_filters={"count_created":{"gt":50}}
        create instance 5 --image i --ssh --direct --env -e A=b -p 80:80 --login -u a -p b c
          PUT /api/v0/asks/5/ {"cancel_unavail":false,"disk":10.0,"env":{"-p 80:80":"1","A":"b"},"image":"i","image_login":"-u a -p b c","runtype":"ssh_direc ssh_proxy"}
        create instance 5 --template_hash h --disk 48 --bid_price 0.1
          PUT /api/v0/asks/5/ {"cancel_unavail":false,"disk":48,"price":0.1,"template_hash_id":"h"}
        create instance 5 --image i --args --model tiny
          PUT /api/v0/asks/5/ {"args":["--model","tiny","--no-retry"],"cancel_unavail":false,"disk":10.0,"image":"i","runtype":"args"}
        create instance 5 --image i --ssh --target-state stopped
          PUT /api/v0/asks/5/ {"cancel_unavail":false,"disk":10.0,"image":"i","runtype":"ssh_proxy","target_state":"stopped"}
        launch instance -g RTX_4090 -n 1 -i x -r [SE,FI]
          PUT /api/v0/launch_instance/ {"cancel_unavail":false,"disk":16.0,"image":"x","q":{"allocated_storage":16.0,"disk_space":{"gte":16},"external":{"eq":false},"geolocation":{"in":["SE","FI"]},"gpu_name":{"eq":"RTX 4090"},"limit":3,"num_gpus":{"eq":1},"order":[["score","desc"]],"rentable":{"eq":true},"rented":{"eq":false},"type":"on-demand","verified":{"eq":true}},"runtype":"ssh"}
        start instance 5
          PUT /api/v0/instances/5/ {"state":"running"}
        stop instances 5 6
          PUT /api/v0/instances/ {"ids":[5,6],"state":"stopped"}
        label instance 5 -x y
          PUT /api/v0/instances/5/ {"label":"-x y"}
        destroy instances 5 6 -y
          DELETE /api/v0/instances/ {"instance_ids":[5,6]}
        show instances --raw --status running --label  --order-by dph_total desc
          GET /api/v1/instances/?select_filters={"actual_status":{"in":["running"]},"label":{"in":[null]}}&order_by=[{"col":"dph_total","dir":"desc"},{"col":"id","dir":"asc"}]
        change bid 5 --price 0.2 --schedule HOURLY --day * --hour * --start_date 2031-03-01 --end_date 2031-04-01
          POST /api/v0/commands/schedule_job/ {"api_endpoint":"/api/v0/instances/bid_price/5/","end_time":1932768000.0,"frequency":"HOURLY","instance_id":5,"request_body":{"client_id":"me","instance_id":5,"price":0.2},"request_method":"PUT","start_time":1930089600.0}
        create endpoint --endpoint_n x --min-load=3
          POST /api/v0/endptjobs/ {"cold_mult":2.5,"cold_workers":5,"endpoint_name":"x","max_workers":20,"min_cold_load":0.0,"min_load":3,"target_util":0.9}
        create workergroup --template_hash h --endpoint_name x
          POST /api/v0/workergroups/ {"endpoint_name":"x","search_params":"verified=True rentable=True rented=False","template_hash":"h"}
        show invoices-v1 -c -ct i v -s 2025-01-02 -e 01/05/2025 -l 10
          GET /api/v0/charges/?select_filters={"day":{"gte":1735776000,"lte":1736035200},"type":{"in":["instance","volume"]}}&latest_first=false&limit=10&format=table
        show earnings -s 2025-01-02 -e 2025-01-03 12:00 -m 7
          GET /api/v0/users/me/machine-earnings?machid=7&sday=20090.0&eday=20091.5
        transfer credit a@example.com 5 --skip
          PUT /api/v0/commands/transfer_credit/ {"amount":5.0,"recipient":"a@example.com"}
        transfer credit 5 a@example.com --skip
          PUT /api/v0/commands/transfer_credit/ {"amount":5.0,"recipient":"a@example.com"}
        tfa delete -bc X-Y -id 4 -y
          DELETE /api/v0/tfa/ {"backup_code":"X-Y","target_id":4}
        copy C.5:/a s3.7:/b
          PUT /api/v0/commands/copy_direct/ {"dst_id":"s3.7","dst_path":"/b","src_id":"C.5","src_path":"/a"}
        list machines 7 8 -g 0.5 -e 12/31/2030
          PUT /api/v0/machines/create_asks/ {"end_date":1924905600.0,"machine":8,"min_chunk":1,"price_gpu":0.5}
        set defjob 8 --image x --args -c a b
          PUT /api/v0/machines/create_bids/ {"args":["-c","a b","--no-retry"],"image":"x","machine":8,"price_gpu":null,"price_inetd":null,"price_inetu":null}
        list volumes 7 8 -s 200
          POST /api/v0/volumes/ {"machine":[7,8],"price_disk":0.1,"size":200}
        show instances --lim
          nothing: error: unexpected argument '--lim' found
        copy /a /b
          nothing: error: both sides are on this machine; an instance is written C.ID:/PATH, a volume V.ID:/PATH, a connection NAME.ID:/PATH
    "#]].assert_eq(&requests(&[
        &["search", "offers", "num_gpus>=2 gpu_ram>20", "-o", "dph,inet_up-", "--limit", "3"],
        &["search", "offers", "-n", "machine_id=7", "-i"],
        &["search", "volumes", "disk_space>80 duration>3", "--limit", "5"],
        &["search", "templates", "count_created > 50"],
        &[
            "create",
            "instance",
            "5",
            "--image",
            "i",
            "--ssh",
            "--direct",
            "--env",
            "-e A=b -p 80:80",
            "--login",
            "-u a -p b c",
        ],
        &["create", "instance", "5", "--template_hash", "h", "--disk", "48", "--bid_price", "0.1"],
        &["create", "instance", "5", "--image", "i", "--args", "--model", "tiny"],
        &["create", "instance", "5", "--image", "i", "--ssh", "--target-state", "stopped"],
        &["launch", "instance", "-g", "RTX_4090", "-n", "1", "-i", "x", "-r", "[SE,FI]"],
        &["start", "instance", "5"],
        &["stop", "instances", "5", "6"],
        &["label", "instance", "5", "-x y"],
        &["destroy", "instances", "5", "6", "-y"],
        &["show", "instances", "--raw", "--status", "running", "--label", "", "--order-by", "dph_total desc"],
        &[
            "change",
            "bid",
            "5",
            "--price",
            "0.2",
            "--schedule",
            "HOURLY",
            "--day",
            "*",
            "--hour",
            "*",
            "--start_date",
            "2031-03-01",
            "--end_date",
            "2031-04-01",
        ],
        &["create", "endpoint", "--endpoint_n", "x", "--min-load=3"],
        &["create", "workergroup", "--template_hash", "h", "--endpoint_name", "x"],
        &["show", "invoices-v1", "-c", "-ct", "i", "v", "-s", "2025-01-02", "-e", "01/05/2025", "-l", "10"],
        &["show", "earnings", "-s", "2025-01-02", "-e", "2025-01-03 12:00", "-m", "7"],
        &["transfer", "credit", "a@example.com", "5", "--skip"],
        &["transfer", "credit", "5", "a@example.com", "--skip"],
        &["tfa", "delete", "-bc", "X-Y", "-id", "4", "-y"],
        &["copy", "C.5:/a", "s3.7:/b"],
        &["list", "machines", "7", "8", "-g", "0.5", "-e", "12/31/2030"],
        &["set", "defjob", "8", "--image", "x", "--args", "-c", "a b"],
        &["list", "volumes", "7", "8", "-s", "200"],
        &["show", "instances", "--lim"],
        &["copy", "/a", "/b"],
    ]));
}

#[test]
fn a_request_can_be_looked_at_without_a_key() {
    let shown = |flag: &str| Vastai::new(&["start", "instance", "5", flag]).run().transcript();
    expect![[r#"
        exit 0
        --- stdout
        PUT https://console.vast.ai/api/v0/instances/5/
        operation: manageInstance (documented)
        authorization: Bearer, with the API key
        repeatable: yes; it is tried again where it fails for a while
        effect: spends
        body: {
          "state": "running"
        }
    "#]]
    .assert_eq(&shown("--explain"));
    expect![[r#"
        exit 0
        --- stdout
        curl -X PUT 'https://console.vast.ai/api/v0/instances/5/' \
          -H "Authorization: Bearer $VAST_API_KEY" \
          -H 'Content-Type: application/json' \
          -d '{"state":"running"}'
    "#]]
    .assert_eq(&shown("--curl"));
}

#[test]
fn what_is_looked_at_is_not_sent_and_shows_no_key() {
    for (line, effect) in [
        (&["destroy", "instance", "5"][..], "destroys"),
        (&["prepay", "instance", "5", "20"], "pays"),
        (&["create", "instance", "5", "--image", "u"], "spends"),
        (&["copy", "C.5:/a", "C.6:/b"], "copies"),
        (&["label", "instance", "5", "mine"], "changes"),
        (&["show", "instances"], "reads"),
        (&["tfa", "delete", "-id", "4", "-bc", "X-Y"], "destroys"),
    ] {
        let server = Server::start();
        for flag in ["--explain", "--curl"] {
            let done = Vastai::asking(&server, &[line, &[flag]].concat()).run();
            let text = done.transcript();
            assert_eq!(done.code, Some(0), "{line:?} {text}");
            assert!(!text.contains(KEY) && !text.contains(&KEY[..8]), "{line:?} {text}");
            let has_effect = text.contains(&format!("\neffect: {effect}\n"));
            assert_eq!(has_effect, flag == "--explain", "{line:?} {text}");
            assert_eq!(text.contains("$VAST_API_KEY"), flag == "--curl", "{line:?} {text}");
        }
        assert!(server.requests().is_empty(), "{line:?}");
    }
}
