# SPDX-License-Identifier: Apache-2.0
"""Daytona's published Python client: what is named as the argument. URL and KEY in the environment."""

import asyncio
import os
import sys

import daytona
from daytona import (AsyncDaytona, CreateSandboxFromSnapshotParams, Daytona, DaytonaConfig,
                     ListSandboxesQuery)

CONFIG = DaytonaConfig(api_key=os.environ["KEY"], api_url=os.environ["URL"])
client = Daytona(CONFIG)


def create(**options):
    return client.create(CreateSandboxFromSnapshotParams(language="python", **options), timeout=30)


def fails(kind, function, *arguments, **options):
    try:
        function(*arguments, **options)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def life():
    sandbox = create(name="sdk-life", labels={"made-by": "sdk"}, env_vars={"A": "b"}, auto_stop_interval=30)
    assert (sandbox.name, sandbox.state, sandbox.env) == ("sdk-life", "started", {"A": "b"}), sandbox
    sandbox.code_interpreter.run_code("x = 5")
    sandbox.stop()
    assert sandbox.state == "stopped", sandbox.state
    fails(daytona.DaytonaBadRequestError, sandbox.pause)
    sandbox.start()
    assert (sandbox.state, client.get("sdk-life").id) == ("started", sandbox.id)
    assert sandbox.code_interpreter.run_code("print(x)").stdout == "5\n"
    sandbox.stop()
    sandbox.archive()
    sandbox.refresh_data()
    assert sandbox.state in ("archiving", "archived"), sandbox.state
    sandbox.start()
    assert sandbox.code_interpreter.run_code("print(x)").stdout == "5\n"
    sandbox.delete()
    assert fails(daytona.DaytonaNotFoundError, client.get, "sdk-life").status_code == 404


def settings():
    sandbox, other = create(labels={"team": "a"}), create(labels={"team": "b"})
    found = list(client.list(ListSandboxesQuery(labels={"team": "a"})))
    assert [each.id for each in found] == [sandbox.id], found
    assert len(list(client.list(ListSandboxesQuery(limit=1)))) == 2
    assert sandbox.set_labels({"team": "c"}) == {"team": "c"}
    sandbox.set_autostop_interval(7)
    sandbox.set_auto_archive_interval(60)
    sandbox.set_auto_delete_interval(120)
    sandbox.refresh_activity()
    sandbox.refresh_data()
    intervals = (sandbox.auto_stop_interval, sandbox.auto_archive_interval, sandbox.auto_delete_interval)
    assert (intervals, sandbox.labels) == ((7, 60, 120), {"team": "c"}), sandbox
    copy = fork(sandbox)
    for each in (copy, other, sandbox):
        each.delete()
    fails(daytona.DaytonaConflictError, create, name=create(name="taken").name)


def snapshots():
    sandbox = create()
    sandbox.code_interpreter.run_code("import json\nseed = 7")
    sandbox.create_snapshot("sdk-start")
    copy = create(snapshot="sdk-start", labels={"a": "b"})
    assert (copy.snapshot, copy.labels["a"]) == ("sdk-start", "b"), copy
    assert copy.code_interpreter.run_code("print(json.dumps(seed))").stdout == "7\n"
    fails(daytona.DaytonaNotFoundError, create, snapshot="no-such")


def fork(sandbox):
    sandbox.code_interpreter.run_code("y = [1]")
    copy = sandbox.fork("copied")
    sandbox.code_interpreter.run_code("y.append(2)")
    assert copy.code_interpreter.run_code("print(y)").stdout == "[1]\n"
    return copy


def code():
    sandbox = create(env_vars={"A": "b"})
    said = sandbox.process.code_run("import os, sys\nprint(os.environ['A'], sys.argv[1:])",
                                    params=daytona.CodeRunParams(argv=["c"]))
    assert (said.exit_code, said.result) == (0, "b ['c']\n"), said
    said = sandbox.process.code_run("print('before')\n1/0")
    assert said.exit_code == 1 and "ZeroDivisionError" in said.result, said
    assert sandbox.process.code_run("print('os' in globals())").result == "False\n"

    interpreter, seen = sandbox.code_interpreter, []
    interpreter.run_code("n = 1\nprint('a')\nprint('b')", on_stdout=lambda each: seen.append(each.output))
    assert seen == ["a\n", "b\n"], seen
    said = interpreter.run_code("import sys\nprint(n, file=sys.stderr)\n{}['k']")
    assert (said.stdout, said.stderr, said.error.name) == ("", "1\n", "KeyError"), said
    context = interpreter.create_context()
    assert interpreter.run_code("n", context=context).error.name == "NameError"
    assert interpreter.run_code("print(n)").stdout == "1\n"
    assert context.id in [each.id for each in interpreter.list_contexts()]
    interpreter.delete_context(context)
    fails(daytona.DaytonaTimeoutError, interpreter.run_code, "while True: pass", timeout=1)
    assert interpreter.run_code("print(n)").stdout == "1\n"
    sandbox.delete()


def files():
    sandbox = create()
    sandbox.fs.create_folder("data", "755")
    sandbox.fs.upload_file(b"a,b\n1,2\n", "data/in.csv")
    sandbox.process.code_run("open('data/out.csv', 'w').write(open('data/in.csv').read().upper())")
    assert sandbox.fs.download_file("data/out.csv") == b"A,B\n1,2\n"
    assert sorted(each.name for each in sandbox.fs.list_files("data")) == ["in.csv", "out.csv"]
    for name in ("é ü.txt", 'a "b" %41.txt', "c\\d;e.txt"):
        sandbox.fs.upload_file(name.encode(), name)
        assert sandbox.fs.download_file(name) == name.encode(), name
    info = sandbox.fs.get_file_info("data/in.csv")
    assert (info.size, info.is_dir) == (8, False), info
    sandbox.fs.move_files("data/in.csv", "moved.csv")
    assert sandbox.fs.search_files(".", "*.csv").files, "the names of files are searched"
    sandbox.fs.replace_in_files(["moved.csv"], "1", "one")
    assert [each.line for each in sandbox.fs.find_files(".", "one")] == [2]
    sandbox.fs.delete_file("moved.csv")
    fails(daytona.DaytonaNotFoundError, sandbox.fs.download_file, "moved.csv")
    assert sandbox.get_work_dir().startswith("/")
    sandbox.delete()


async def one_of_many(many, number):
    sandbox, seen = await many.create(CreateSandboxFromSnapshotParams(language="python")), []
    await sandbox.code_interpreter.run_code(f"x = {number}\nprint(x)",
                                            on_stdout=lambda each: seen.append(each.output))
    assert seen == [f"{number}\n"], seen
    assert (await sandbox.process.code_run(f"print({number})")).result == f"{number}\n"
    await sandbox.fs.upload_file(str(number).encode(), "number")
    await sandbox.stop()
    await sandbox.start()
    said = await sandbox.code_interpreter.run_code("print(x, open('number').read())")
    assert said.stdout == f"{number} {number}\n", said
    await sandbox.delete()


async def all_of_many():
    async with AsyncDaytona(CONFIG) as many:
        await asyncio.gather(*[one_of_many(many, number) for number in range(8)])


def at_once():
    asyncio.run(all_of_many())


def errors():
    wrong = Daytona(DaytonaConfig(api_key="wrong", api_url=os.environ["URL"]))
    fails(daytona.DaytonaAuthenticationError, wrong.get, "any")
    fails(daytona.DaytonaNotFoundError, client.get, "no-such")
    sandbox = create()
    fails(daytona.DaytonaUnprocessableEntityError, sandbox.process.exec, "true")
    fails(daytona.DaytonaUnprocessableEntityError, sandbox.resize, daytona.Resources(cpu=2))
    fails(daytona.DaytonaUnprocessableEntityError, client.create,
          daytona.CreateSandboxFromImageParams(image="python:3.12"))
    fails(daytona.DaytonaConflictError, create, name=create(name="twice").name)


{each.__name__: each for each in (life, settings, snapshots, code, files, at_once, errors)}[sys.argv[1]]()
