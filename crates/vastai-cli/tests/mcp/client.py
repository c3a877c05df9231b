"""Does what a script says with the official Python client of the Model Context Protocol, and prints what came of it.

The script is JSON on standard input: where the server is (`command` with `env`, or `url` with `headers` and the `root` that signs for it), the `mode` of the connection, what the
user answers when asked (`elicit`: accept, refuse, decline, cancel; without it the client cannot ask), and `steps`. A step is a `tool` with `arguments`, a
`resource`, a `prompt` with `arguments`, a `list`, or steps that are done `together`. The output is JSON: the `results` in their order, and the
`questions` that the user was asked.
"""

import asyncio
import json
import ssl
import sys

import httpx2
import mcp_types as types
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

ANSWERS = {
    "accept": types.ElicitResult(action="accept", content={"approve": True}),
    "refuse": types.ElicitResult(action="accept", content={"approve": False}),
    "decline": types.ElicitResult(action="decline"),
    "cancel": types.ElicitResult(action="cancel"),
}


def plain(result):
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


async def do(client, step):
    try:
        if "together" in step:
            return list(await asyncio.gather(*(do(client, part) for part in step["together"])))
        if "tool" in step:
            return plain(await client.call_tool(step["tool"], step.get("arguments", {})))
        if "resource" in step:
            return plain(await client.read_resource(step["resource"]))
        if "prompt" in step:
            return plain(await client.get_prompt(step["prompt"], step.get("arguments", {})))
        lists = {
            "tools": client.list_tools,
            "resources": client.list_resources,
            "templates": client.list_resource_templates,
            "prompts": client.list_prompts,
        }
        return plain(await lists[step["list"]]())
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}


async def main():
    script = json.load(sys.stdin)
    questions = []

    async def answer(_context, request):
        questions.append(request.message)
        return ANSWERS[script["elicit"]]

    if "command" in script:
        command, *arguments = script["command"]
        server = stdio_client(StdioServerParameters(command=command, args=arguments, env=script["env"]))
    else:
        trusted = ssl.create_default_context(cafile=script.get("root"))
        http = httpx2.AsyncClient(headers=script.get("headers", {}), timeout=60, verify=trusted)
        server = streamable_http_client(script["url"], http_client=http)
    asks = answer if script.get("elicit") else None
    try:
        async with Client(server, mode=script.get("mode", "legacy"), elicitation_callback=asks) as client:
            results = [await do(client, step) for step in script["steps"]]
    except Exception as error:
        print(json.dumps({"refused": repr(error)}))
        return
    print(json.dumps({"results": results, "questions": questions}))


asyncio.run(main())
