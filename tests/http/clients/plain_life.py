# SPDX-License-Identifier: Apache-2.0
"""A client with nothing but Python's own library. URL and KEY in the environment."""

import json
import os
import urllib.error
import urllib.request


def call(method, path, body=None):
    """The status and the JSON of the reply."""
    data = None if body is None else json.dumps(body).encode()
    wish = urllib.request.Request(os.environ["URL"] + path, data, method=method, headers={
        "Authorization": "Bearer " + os.environ["KEY"], "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(wish, timeout=60) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def good(method, path, body=None):
    status, said = call(method, path, body)
    assert status < 300, (status, said)
    return said


def main():
    sandbox = good("POST", "/v2/sandcastles")["sandbox_id"]
    path = "/v2/sandcastles/" + sandbox
    assert good("POST", path + "/execute", {"code": "x = [1, 2]\nprint(x)"})["output"] == ["[1, 2]"]
    assert good("POST", path + "/execute", {"code": "x.append(3)\nprint(len(x))"})["output"] == ["3"]
    failed = good("POST", path + "/execute", {"code": "raise ValueError('boom')"})
    assert (failed["output"], failed["error"]) == (None, "executing Python code: ValueError('boom')"), failed
    assert good("POST", path + "/execute", {"code": "print(x)"})["output"] == ["[1, 2, 3]"]
    listed = good("GET", "/v2/sandcastles?status=running&limit=200")["sandboxes"]
    assert sandbox in [each["sandbox_id"] for each in listed], listed
    log = good("GET", path + "/executions")["executions"]
    assert [each["error"] != "" for each in log] == [False, True, False, False], log
    assert good("DELETE", path) == {"success": True}
    assert good("GET", path) == {"status": "stopped"}
    assert call("POST", path + "/execute", {"code": "1"})[0] == 400
    assert good("POST", "/v2/sandcastles", {"sandbox_id": sandbox})["sandbox_id"] == sandbox
    assert good("POST", path + "/execute", {"code": "print(x)"})["output"] == ["[1, 2, 3]"]
    assert good("DELETE", "/sandbox/" + sandbox)["state"] == "destroyed"
    assert call("GET", path)[0] == 404


main()
