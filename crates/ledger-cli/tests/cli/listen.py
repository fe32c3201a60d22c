"""Listens to a ledger with nothing but Python's own client, comes again when the server goes, and prints each offset."""

import http.client
import json
import sys
import time
import urllib.request

url, last = sys.argv[1], None
while True:
    request = urllib.request.Request(url)
    if last is not None:
        request.add_header("Last-Event-ID", last)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            event = {}
            for line in answer:
                line = line.decode().rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                    continue
                if "data" in event and "event" not in event:
                    if json.loads(event["data"])["kind"] == "the.end":
                        sys.exit()
                    print(event["id"], flush=True)
                last = event.get("id", last)
                event = {}
    except (OSError, ValueError, http.client.HTTPException):
        time.sleep(0.01)
