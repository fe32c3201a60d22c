"""Follows a ledger over HTTP with `requests`, and goes on where it was when the server went away and came back.

    python listen.py http://127.0.0.1:7070 [KIND]

prints the offset and kind of each event, up to the first of the kind given. The token is in LEDGER_API_TOKEN.
"""

import json
import os
import sys
import time

import requests


def events(server, last=None):
    """Yields each event past the offset `last`, once and in order, for as long as somebody asks for more."""
    session = requests.Session()
    if token := os.environ.get("LEDGER_API_TOKEN"):
        session.headers["Authorization"] = f"Bearer {token}"
    while True:
        headers = {"Last-Event-ID": str(last)} if last is not None else {}
        try:
            # Something comes every 15 seconds: after three times as long, nobody is there.
            answer = session.get(f"{server}/api/v1/events/stream", headers=headers, stream=True, timeout=(5, 45))
            with answer:
                if 400 <= answer.status_code < 500 and answer.status_code not in (408, 429):
                    sys.exit(f"{answer.status_code}: {answer.text}")
                answer.raise_for_status()
                frame = {}
                for line in answer.iter_lines():
                    if line:
                        name, _, value = line.decode().partition(": ")
                        frame[name] = value
                        continue
                    # Only what has ended is whole: a connection may break in the middle of an event.
                    last = frame.get("id", last)
                    if "data" in frame and "event" not in frame:
                        yield json.loads(frame["data"])
                    frame = {}
        except ValueError:
            raise  # no URL, or no event: asking again would not help
        except requests.RequestException as error:
            print(f"{error}; asking again", file=sys.stderr)
        time.sleep(0.5)


if __name__ == "__main__":
    until = sys.argv[2] if len(sys.argv) > 2 else None
    for event in events(sys.argv[1]):
        print(event["offset"], event["kind"], flush=True)
        if event["kind"] == until:
            break
