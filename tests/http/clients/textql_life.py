# SPDX-License-Identifier: Apache-2.0
"""TextQL's published Python client: a sandcastle's life. URL and KEY in the environment."""

import os

import textql

client = textql.TextQL(api_key=os.environ["KEY"], base_url=os.environ["URL"])


def fails(kind, function, *arguments, **options):
    try:
        function(*arguments, **options)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def main():
    assert client.connectors.list() == []
    sandbox = client.sandbox.start()["sandbox_id"]
    assert client.sandbox.status(sandbox)["status"] == "running"
    assert client.sandbox.execute(sandbox, code="print(2 + 2)")["output"] == ["4"]
    said = client.sandbox.execute(sandbox, code="raise ValueError('boom')")
    assert said["error"] is not None and said["output"] is None, said
    client.sandbox.execute(sandbox, code="n = 40; open('made.txt', 'w').write('made')")
    assert client.sandbox.execute(sandbox, code="print(n + 2)")["output"] == ["42"]

    sent = client.sandbox.upload_file(sandbox, ("in.csv", b"a\n1\n"))
    assert sent == {"filename": "in.csv", "size_bytes": 4}, sent
    names = [each["name"] for each in client.sandbox.list_files(sandbox)["files"]]
    assert sorted(names) == ["in.csv", "made.txt"], names
    assert client.sandbox.download_file(sandbox, "made.txt") == b"made"
    client.sandbox.delete_file(sandbox, "made.txt")
    fails(textql.NotFoundError, client.sandbox.download_file, sandbox, "made.txt")
    said = client.sandbox.exec(sandbox, command="import os; print(os.environ['A'])", kind="python",
                               env={"A": "b"})
    assert (said["stdout"], said["exit_code"]) == ("b\n", 0), said

    said = client.sandbox.list(status="running", limit=1)
    assert [each["sandbox_id"] for each in said["sandboxes"]] == [sandbox], said
    inputs = [each["input"] for each in client.sandbox.executions(sandbox)["executions"]]
    assert inputs[-1] == "print(2 + 2)", inputs
    assert client.sandbox.stop(sandbox)["success"] is True
    assert client.sandbox.status(sandbox)["status"] == "stopped"
    assert client.sandbox.start(sandbox_id=sandbox)["sandbox_id"] == sandbox
    assert client.sandbox.execute(sandbox, code="print(n)")["output"] == ["40"]
    client.sandbox.stop(sandbox)

    fails(textql.NotFoundError, client.sandbox.status, "no-such")
    fails(textql.NotFoundError, client.sandbox.start, sandbox_id="no-such")
    wrong = textql.TextQL(api_key="wrong", base_url=os.environ["URL"])
    assert fails(textql.AuthenticationError, wrong.sandbox.list).status_code == 401


main()
