"""A session of the official client, its command line and its library, with a server that is to serve it.

One JSON line a step: {"step": "rent", "client": "cli", "failed": null or why, "fault": null or what of the client's own fails here}. The next
step waits for a line of input, so that whoever drives this can look at what the server was asked.
"""

import asyncio
import http.server
import json
import re
import sys
import threading
import traceback

import certifi
import driver

URL, KEY, FILES = sys.argv[1:4]
main = driver.entry_point()


def report(step, client, failed, fault):
    print(json.dumps({"step": step, "client": client, "failed": failed, "fault": fault}), flush=True)
    sys.stdin.readline()


def cli(step, *words, stdin="", fault=None):
    """Runs a command; its JSON, its text, or None where it failed. `fault`: what the client itself does wrong there."""
    argv = ["--url", URL, "--api-key", KEY, *map(str, words)]
    ran = driver.run(main, {"argv": argv, "stdin": stdin, "timeout": 30})
    out, err = ran["stdout"].strip(), ran["stderr"].strip()
    failed = None
    if ran["exit"] != 0 or "Failed with error" in err or "Traceback" in err or '"error": true' in err:
        last = [line for line in (err or out).splitlines() if line.strip()]
        failed = f"exit {ran['exit']}: {last[-1] if last else 'nothing said'}"
    report(step, "cli", failed, fault)
    if failed:
        return None
    try:
        return json.loads(out)
    except ValueError:
        return out


def of(value, *keys):
    """A value deep inside of another, or None."""
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def instances():
    offers = cli("search offers", "search", "offers", "num_gpus=1", "--raw")
    cli("search offers: a table", "search", "offers", "num_gpus>=1 verified=any", "-o", "dph", "--limit", 3)
    offer = of(offers, 0, "id") or 14000001
    rented = cli("rent", "create", "instance", offer, "--image", "ubuntu:24.04", "--disk", 20, "--ssh", "--direct", "--raw")
    instance = of(rented, "new_contract") or 1
    for _ in range(20):
        shown = cli("wait", "show", "instance", instance, "--raw")
        if shown is None or of(shown, "actual_status") == "running":
            break
    else:
        report("wait: is running in the end", "cli", "the instance does not run after 20 looks", None)
    cli("show instances", "show", "instances")
    cli("show instances: JSON", "show", "instances", "--raw")
    cli("show instances: filtered", "show", "instances", "--status", "running", "--order-by", "start_date desc", "--limit", 2)
    cli("show instance: a table", "show", "instance", instance)
    cli("ssh-url", "ssh-url", instance)
    cli("scp-url", "scp-url", instance)
    cli("logs", "logs", instance, "--tail", 10)
    cli("logs: of the daemon", "logs", instance, "--daemon-logs")
    cli("execute", "execute", instance, "ls -l", fault="1.9.1 fetches the result and then fails with an AttributeError")
    cli("label", "label", "instance", instance, "conformance")
    cli("stop", "stop", "instance", instance)
    cli("start", "start", "instance", instance)
    cli("reboot", "reboot", "instance", instance)
    cli("recycle", "recycle", "instance", instance)
    cli("change bid", "change", "bid", instance, "--price", 0.2)
    cli("change bid: to a winning one", "change", "bid", instance)
    cli("prepay", "prepay", "instance", instance, 5)
    cli("show deposit", "show", "deposit", instance)
    cli("update instance", "update", "instance", instance, "--image", "ubuntu:22.04")
    cli("take snapshot", "take", "snapshot", instance, "--repo", "me/x", "--docker_login_user", "u", "--docker_login_pass", "p")
    cli("copy", "copy", f"C.{instance}:/a", f"C.{instance}:/b")
    cli("cancel copy", "cancel", "copy", f"C.{instance}")
    cli("cloud copy", "cloud", "copy", "--src", "/a", "--dst", "/b", "--instance", instance, "--connection", 1)
    cli("cancel sync", "cancel", "sync", instance)
    schedule = ["--schedule", "DAILY", "--day", "*", "--hour", 3, "--start_date", "2031-01-01", "--end_date", "2031-02-01"]
    cli("reboot: every day", "reboot", "instance", instance, *schedule)
    jobs = cli("show scheduled-jobs", "show", "scheduled-jobs", "--raw")
    cli("delete scheduled-job", "delete", "scheduled-job", of(jobs, 0, "id") or 1)
    pending = cli("show pending-price-increases", "show", "pending-price-increases", "--raw")
    increases = of(pending, "pending_price_increases") or pending or []
    accepted, rejected = [of(increases, at, "contract_id") or 1 for at in (0, 1)]
    cli("accept price-increase", "accept", "price-increase", accepted, "--yes")
    cli("reject price-increase", "reject", "price-increase", rejected, "--yes")
    second = of(cli("rent another", "create", "instance", offer + 1, "--image", "ubuntu:24.04", "--raw"), "new_contract") or 2
    several = cli("rent several", "create", "instances", offer + 2, offer + 3, "--image", "ubuntu:24.04", "--raw")
    both = [result["new_contract"] for result in of(several, "results") or []]
    cli("stop several", "stop", "instances", instance, second)
    cli("start several", "start", "instances", instance, second)
    cli("destroy", "destroy", "instance", instance, "-y")
    cli("destroy several", "destroy", "instances", second, *both, "-y")
    cli("launch instance", "launch", "instance", "-g", "RTX_3090", "-n", 1, "-i", "ubuntu:24.04")


def serverless():
    made = cli("create endpoint", "create", "endpoint", "--endpoint_name", "conformance", "--min_load", 1, "--raw")
    endpoint = of(made, "result") or of(made, "id") or 12345
    cli("show endpoints", "show", "endpoints", "--raw")
    cli("update endpoint", "update", "endpoint", endpoint, "--max_workers", 3, "--endpoint_state", "suspended")
    template = "4e17788f74f075dd9aab7d0d4427968f"
    cli("create workergroup", "create", "workergroup", "--template_hash", template, "--endpoint_id", endpoint, "--gpu_ram", 24, "--raw")
    # What was made is told in words; its id is in the list.
    listed = cli("show workergroups", "show", "workergroups", "--raw")
    groups = of(listed, "results") or listed or []
    group = next((group["id"] for group in groups if group["endpoint_id"] == endpoint), 1)
    cli("update workergroup", "update", "workergroup", group, "--gpu_ram", 48)
    cli("update workers", "update", "workers", group)
    cli("endpoint's workers", "get", "endpt-workers", 12345, "--raw")
    cli("endpoint's workers: a table", "get", "endpt-workers", 12345)
    cli("endpoint's logs", "get", "endpt-logs", 12345)
    cli("workergroup's logs", "get", "wrkgrp-logs", 4242, "--tail", 100)
    cli("delete workergroup", "delete", "workergroup", group)
    cli("delete endpoint", "delete", "endpoint", endpoint)
    cli("search benchmarks", "search", "benchmarks", "num_gpus=1", "--limit", 5)
    asyncio.run(deploy("app"))
    listed = cli("show deployments", "show", "deployments", "--raw")
    deployment = of(listed, 0, "id") or of(listed, "deployments", 0, "id") or 31
    cli("show deployment", "show", "deployment", deployment, "--raw")
    cli("show deployment-versions", "show", "deployment-versions", deployment, "--raw")
    cli("stop deployment", "stop", "deployment", deployment)
    cli("start deployment", "start", "deployment", deployment)
    cli("delete deployment", "delete", "deployment", deployment)
    asyncio.run(deploy("other"))
    cli("delete deployment: by name", "delete", "deployment", "--name", "other")


def account():
    permissions, user, public_key = (f"{FILES}/{name}" for name in ("permissions.json", "user.json", "id.pub"))
    made = cli("create api-key", "create", "api-key", "--name", "ci", "--permission_file", permissions, "--raw")
    keys = cli("show api-keys", "show", "api-keys", "--raw")
    key = of(made, "id") or of(keys, "apikeys", 0, "id") or 1
    cli("show api-key", "show", "api-key", key)
    cli("delete api-key", "delete", "api-key", key)
    cli("create ssh-key", "create", "ssh-key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample me@host")
    keys = cli("show ssh-keys", "show", "ssh-keys", "--raw")
    key = of(keys, 0, "id") or of(keys, "keys", 0, "id") or 1
    cli("update ssh-key", "update", "ssh-key", key, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOther me@host")
    rented = cli("rent", "create", "instance", 14000050, "--image", "ubuntu:24.04", "--raw")
    instance = of(rented, "new_contract") or 1
    attached = cli("attach ssh", "attach", "ssh", instance, public_key)
    # The key is told as a JSON text within the answer, which is printed as Python has it.
    number = re.search(r'"id": ?(\d+)', attached or "")
    cli("detach ssh", "detach", "ssh", instance, number.group(1) if number else key)
    cli("delete ssh-key", "delete", "ssh-key", key)
    cli("destroy", "destroy", "instance", instance, "-y")
    cli("create env-var", "create", "env-var", "TOKEN", "a")
    cli("update env-var", "update", "env-var", "TOKEN", "b")
    cli("show env-vars", "show", "env-vars", "--show-values", "--raw")
    cli("delete env-var", "delete", "env-var", "TOKEN")
    cli("show user", "show", "user")
    cli("set user", "set", "user", "--file", user)
    cli("show subaccounts", "show", "subaccounts", "--raw")
    cli("create subaccount", "create", "subaccount", "--email", "s@example.com", "--username", "s", "--password", "pw", "--type", "client")
    cli("show ipaddrs", "show", "ipaddrs", "--raw")
    cli("show audit-logs", "show", "audit-logs", "--raw")
    cli("show connections", "show", "connections", "--raw")
    cli("tfa status", "tfa", "status", "--raw")
    secret = of(cli("tfa totp-setup", "tfa", "totp-setup", "--raw"), "secret") or "s"
    # Backup codes come with the first method: they are shown, which takes a yes.
    cli("tfa activate", "tfa", "activate", "123456", "--secret", secret, stdin="3\nyes\n")
    cli("tfa login", "tfa", "login", "-c", "123456")
    cli("tfa status: a method", "tfa", "status")
    method = of(cli("tfa status: JSON", "tfa", "status", "--raw"), "methods", 0, "id") or 5
    cli("tfa update", "tfa", "update", method, "--label", "phone")
    cli("tfa regen-codes", "tfa", "regen-codes", "-c", "123456", stdin="y\n3\nyes\n")
    cli("tfa delete", "tfa", "delete", "-c", "123456", stdin="y\n")


def templates_and_volumes():
    made = cli("create template", "create", "template", "--name", "lab", "--image", "ubuntu", "--ssh", "--disk_space", 16, "--search_params", "num_gpus=1", "--raw")
    found = cli("search templates", "search", "templates", "name=lab")
    hash_id = of(made, "template", "hash_id") or of(found, 0, "hash_id") or of(found, "templates", 0, "hash_id") or "x"
    cli("update template", "update", "template", hash_id, "--name", "lab", "--image", "ubuntu", "--image_tag", "24.04")
    found = cli("search templates again", "search", "templates", "name=lab")
    cli("delete template: by hash", "delete", "template", "--hash-id", of(found, 0, "hash_id") or of(found, "templates", 0, "hash_id") or hash_id)
    cli("create template again", "create", "template", "--name", "lab2", "--image", "ubuntu", "--raw")
    # What was made is told in words.
    found = cli("search templates: the other", "search", "templates", "name=lab2")
    cli("delete template: by id", "delete", "template", "--template-id", of(found, 0, "id") or of(found, "templates", 0, "id") or 1)
    offers = cli("search volumes", "search", "volumes", "disk_space>=10", "--raw")
    cli("search volumes: a table", "search", "volumes")
    made = cli("create volume", "create", "volume", of(offers, 0, "id") or 1, "-s", 20, "-n", "data", "--raw")
    listed = cli("show volumes", "show", "volumes", "--raw")
    cli("show volumes: a table", "show", "volumes", "-t", "local")
    volume = of(listed, 0, "id") or of(made, "volume_id") or 1
    cli("clone volume", "clone", "volume", volume, of(offers, 0, "id") or 1)
    cli("delete volume", "delete", "volume", volume)
    backups = cli("show instance-backups", "show", "instance-backups", "--raw")
    backed_up = of(backups, 0, "contract_id") or of(backups, "backups", 0, "contract_id") or 1
    cli("show instance-backup-files", "show", "instance-backup-files", backed_up, "--raw")


def teams_and_billing():
    permissions = f"{FILES}/permissions.json"
    cli("create team", "create", "team", "--team-name", "blue")
    cli("create team-role", "create", "team-role", "--name", "dev", "--permissions", permissions)
    cli("show team-roles", "show", "team-roles", "--raw")
    cli("show team-role", "show", "team-role", "dev")
    cli("update team-role", "update", "team-role", 1, "--name", "dev", "--permissions", permissions)
    cli("invite member", "invite", "member", "--email", "c@example.com", "--role", "dev")
    cli("show members", "show", "members", "--raw")
    cli("remove member", "remove", "member", 5)
    cli("remove team-role", "remove", "team-role", "dev")
    cli("destroy team", "destroy", "team")
    cli("show invoices-v1", "show", "invoices-v1", "--invoices")
    cli("show invoices-v1: JSON", "show", "invoices-v1", "--invoices", "--raw", "--limit", 1)
    cli("show invoices-v1: charges", "show", "invoices-v1", "--charges")
    cli("show invoices-v1: charges as a tree", "show", "invoices-v1", "--charges", "-f", "tree", "-v")
    cli("show invoices", "show", "invoices", "-s", "2025-09-01", "-e", "2025-09-30", "--raw")
    cli("search invoices", "search", "invoices", "amount_cents>1")
    cli("show earnings", "show", "earnings", "-s", "2025-09-01", "-e", "2025-09-30", "--raw")
    cli("transfer credit", "transfer", "credit", "dave@example.com", 1, "--skip")


def machines():
    cli("show machines", "show", "machines")
    cli("show machine", "show", "machine", 7, "--raw")
    cli("show maints", "show", "maints", "-i", "7,8")
    cli("list machine", "list", "machine", 7, "-g", 0.5, "-e", 1930000000, "-l", "2 months", "-v", 100, "-z", 0.1)
    cli("set min-bid", "set", "min-bid", 7, "--price", 0.2)
    cli("set defjob", "set", "defjob", 7, "--price_gpu", 0.2, "--price_inetu", 0.1, "--price_inetd", 0.1, "--image", "ubuntu")
    cli("remove defjob", "remove", "defjob", 7)
    cli("schedule maint", "schedule", "maint", 7, "--sdate", 1930000000, "--duration", 0.5, stdin="y\n")
    cli("cancel maint", "cancel", "maint", 7, stdin="y\n")
    cli("reports", "reports", 7)
    cli("cleanup machine", "cleanup", "machine", 7)
    cli("defrag machines", "defrag", "machines", 7, 8)
    cli("unlist machine", "unlist", "machine", 7)
    cli("delete machine", "delete", "machine", 7)
    cli("list machines", "list", "machines", 8, "-g", 0.3, fault="1.9.1 ends with a list for its exit code")
    cli("list volume", "list", "volume", 8, "-s", 100)
    found = cli("search volumes: the machine's", "search", "volumes", "machine_id=8", "--raw")
    cli("unlist volume", "unlist", "volume", of(found, 0, "id") or 1)
    cli("add network-disk", "add", "network-disk", 8, "/mnt/d")
    disks = cli("show network-disks", "show", "network-disks", "--raw")
    disk = of(disks, 0, "network_disks", 0, "network_disk_id") or of(disks, "data", 0, "network_disks", 0, "network_disk_id") or 5
    cli("list network-volume", "list", "network-volume", disk, "-s", 100)
    found = cli("search network-volumes", "search", "network-volumes", "disk_space>=10", "--raw")
    offer = of(found, 0, "id") or 1
    cli("create network-volume", "create", "network-volume", offer, "-s", 20, "-n", "shared")
    cli("unlist network-volume", "unlist", "network-volume", offer)
    cli("show gpu-metrics", "show", "gpu-metrics", "--verified", "true")
    cli("show gpu-trends", "show", "gpu-trends")
    cli("show gpu-locations", "show", "gpu-locations")


def library(step, run):
    """Runs a call of the library; what it returns, or None where it failed."""
    failed, value = None, None
    try:
        value = run()
    except BaseException as error:
        failed = "".join(traceback.format_exception_only(error)).strip()
    report(step, "library", failed, None)
    return value


def synchronous():
    from vastai import SyncClient, VastAI
    from vastai.data.instance import InstanceConfig
    from vastai.data.query import Query

    client = SyncClient(api_key=KEY, vast_server=URL)
    library("SyncClient: search", lambda: client.search(Query({}), limit=3))
    offer = 14000060
    instance = library("SyncClient: rent", lambda: client.create_instance(offer, InstanceConfig(image="ubuntu:24.04")))
    library("SyncClient: list", client.show_instances)
    library("SyncClient: destroy", lambda: client.destroy_instance(instance.id))
    vast = VastAI(api_key=KEY, server_url=URL)
    library("VastAI: show_instances", vast.show_instances)
    library("VastAI: search_offers", lambda: vast.search_offers(query="num_gpus=1"))
    library("VastAI: show_endpoints", vast.show_endpoints)
    library("VastAI: show_user", vast.show_user)


def serverless_client():
    from vastai import Serverless
    from vastai.serverless.client.client import _ServerlessBase

    _ServerlessBase.SSL_CERT_URL = certificates()
    return Serverless(api_key=KEY, autoscaler_url=URL, webserver_url=URL)


async def call(step, coroutine):
    """Waits for a call of the library; what it returns, or None where it failed."""
    failed, value = None, None
    try:
        value = await asyncio.wait_for(coroutine, 30)
    except BaseException as error:
        failed = "".join(traceback.format_exception_only(error)).strip()
    report(step, "library", failed, None)
    return value


async def deploy(name):
    from vastai.data.deployment import DeploymentConfig

    config = DeploymentConfig(name=name, image="vastai/pytorch", file_hash="9f86d081", file_size=1024, max_workers=2)
    async with serverless_client() as client:
        made = await call(f"Serverless: put_deployment {name}", client.put_deployment(config))
        if made is not None:
            await call("Serverless: fetch_deployment", client.fetch_deployment(made.id))
        await call("Serverless: put_deployment again", client.put_deployment(config))


async def asynchronous():
    async with serverless_client() as client:
        endpoint = await call("Serverless: get_endpoint", client.get_endpoint("vLLM-Qwen3-8B"))
        if endpoint is None:
            return
        await call("Serverless: fetch_endpoint", client.fetch_endpoint(endpoint.id))
        await call("Serverless: workers", endpoint.get_workers())
        await call("Serverless: find_workergroup_for_endpoint", client.find_workergroup_for_endpoint(endpoint.id))

        async def request():
            answer = await endpoint.request("/v1/completions", {"prompt": "Hi"}, cost=10)
            if not answer.get("ok") or answer.get("response") != {"text": "Hello"}:
                raise ValueError(f"the answer is {answer}")

        await call("Serverless: a request", request())
        session = await call("Serverless: a session", endpoint.session(lifetime=60))
        if session is None:
            return
        await call("Serverless: a session's request", session.request("/v1/completions", {"prompt": "Hi"}))
        await call("Serverless: a session looked up", session.is_open())
        await call("Serverless: a session's end", session.close())


def certificates():
    """Where the library gets the certificates that it asks the console for."""

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            with open(certifi.where(), "rb") as file:
                text = file.read()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/root.cer"


for part in (instances, serverless, account, templates_and_volumes, teams_and_billing, machines, synchronous):
    part()
asyncio.run(asynchronous())
