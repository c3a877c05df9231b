"""calls.py URL CALLS: the same call with the official library."""

import sys

from vastai import VastAI

url, calls = sys.argv[1], int(sys.argv[2])
client = VastAI(api_key="a-key", server_url=url)
for _ in range(calls):
    client.get_endpoint_workers(id=12345)
