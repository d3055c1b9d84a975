# SPDX-License-Identifier: Apache-2.0
"""Every operation of the served document with every kind of key: none can be left out of it."""

import json
import os

import repository
import support

MISSING = "00000000-0000-4000-8000-000000000000"
BOUNDARY = "b0undary"
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
# What a key must have, where it is not read for GET and write for all else.
SCOPES = {("GET", "/metrics"): "metrics",
          ("GET", "/toolbox/{id}/process/interpreter/execute"): "write",
          ("POST", "/toolbox/{id}/files/bulk-download"): "read"}
# The parts of an upload, where it is not one with the name file.
PARTS = {"/toolbox/{id}/files/bulk-upload": ('files[0].path"\r\n\r\nnew.txt',
                                            'files[0].file"; filename="new"')}
# What a value is by its name, where its type would not do.
VALUES = {"path": "kept.txt", "code": "x = 2", "language": "python", "repoUrl": None, "sandbox_id": None}


class Operation:
    def __init__(self, document, method, path, node):
        self.document, self.method, self.path, self.node = document, method.upper(), path, node
        self.security = node.get("security", document["security"])
        self.open = self.security == []
        self.scope = SCOPES.get((self.method, path), "read" if self.method == "GET" else "write")
        self.parameters = [self.resolve(each) for each in node.get("parameters", [])]
        names = {each["name"] for each in self.parameters if each["in"] == "path"}
        self.of_sandbox = bool(names & {"id", "idOrName"})
        self.of_session = path.startswith("/api/sandbox/")

    def __str__(self):
        return f"{self.method} {self.path}"

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for word in node["$ref"].removeprefix("#/").split("/"):
                target = target[word]
            node = target
        return node

    def value(self, name, schema, known):
        """Something that the schema takes."""
        schema = self.resolve(schema)
        if name in known:
            return known[name]
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "string")
        kind = kind if isinstance(kind, str) else kind[0]
        if kind == "object":
            return {each: self.value(each, schema["properties"][each], known)
                    for each in schema.get("required", [])}
        if kind == "array":
            return [self.value("", schema["items"], known)] * schema.get("minItems", 0)
        return {"string": f"a{os.urandom(4).hex()}", "boolean": True}.get(kind, schema.get("minimum", 1))

    def request(self, known):
        """method, path, body and headers as the document wants them."""
        path, query = self.path, []
        for each in self.parameters:
            if each["in"] == "path" or each["in"] == "query" and each.get("required"):
                value = self.value(each["name"], each.get("schema", {}), known)
                if each["in"] == "path":
                    path = path.replace("{%s}" % each["name"], str(value))
                else:
                    query.append(f"{each['name']}={value}")
        headers, body = {}, None
        for kind, content in self.resolve(self.node.get("requestBody", {})).get("content", {}).items():
            headers["Content-Type"] = kind
            if kind == "application/json":
                body = json.dumps(self.value("", content["schema"], known))
            elif kind == "multipart/form-data":
                headers["Content-Type"] += f"; boundary={BOUNDARY}"
                parts = PARTS.get(self.path, ('file"; filename="new.txt"',))
                body = f"\r\n--{BOUNDARY}".join(["", *(
                    f'\r\nContent-Disposition: form-data; name="{part}' for part in parts)])
                body = f"{body.lstrip()}\r\n\r\nnew\r\n--{BOUNDARY}--\r\n"
            break
        if "101" in self.node["responses"]:
            headers.update(UPGRADE)
        return self.method, path + ("?" + "&".join(query) if query else ""), body, headers


def missing(known):
    return {**known, "id": MISSING, "idOrName": MISSING, "sessionId": "missing"}


def bare(reply, known):
    """What a reply says when the names in it and the time are left out."""
    said = json.loads(reply.body.decode().replace(known["id"], "ID").replace(known["sessionId"], "SESSION"))
    said.pop("timestamp", None)
    return reply.status, said, set(reply.headers)


class Matrix(repository.Case, support.Case):
    arguments = ("--processes", "yes")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {scopes: cls.server.add_key("default", scopes)
                    for scopes in ("read", "write", "metrics", "read,write,metrics")}
        cls.stranger = cls.server.add_key("other", "read,write,metrics")
        document = cls.server.call("GET", "/openapi.json", key=None).json
        cls.operations = [Operation(document, method, path, node)
                          for path, item in document["paths"].items() for method, node in item.items()]
        cls.closed = [each for each in cls.operations if not each.open]
        cls.made = 0

    def setUp(self):
        self.wrong = []
        self.addCleanup(lambda: self.assertEqual(self.wrong, []))

    def make(self):
        """A sandbox of the server's own key with all that a request can be about, by name."""
        Matrix.made += 1
        session = f"s{self.made}"
        reply = self.call("POST", "/api/sandbox", {"repoUrl": self.url, "sessionId": session})
        self.assertEqual(reply.status, 200, reply)
        name = f"session-{session}"
        self.output(name, "x = 1; open('kept.txt', 'w').write('kept')")
        sandbox = self.call("GET", f"/sandbox/{name}").json["id"]
        context = self.call("POST", f"/toolbox/{sandbox}/process/interpreter/context", {}).json["id"]
        return {**VALUES, "id": sandbox, "idOrName": sandbox, "context": context, "sessionId": session,
                "repoUrl": self.url}

    def send(self, operation, known, key):
        method, path, body, headers = operation.request(known)
        return self.call(method, path, body, key=key, headers=headers)

    def expect(self, condition, *what):
        if not condition:
            self.wrong.append(" ".join(str(each) for each in what))

    def test_few_operations_need_no_key(self):
        self.assertEqual({str(each) for each in self.operations if each.open},
                         {"GET /", "GET /page/{name}", "GET /healthz", "GET /readyz", "GET /openapi.json"})
        self.assertEqual({str(each) for each in self.operations if {} in each.security},
                         {"GET /v2/sandcastles/{id}/files/{path}"})
        self.assertGreater(len(self.closed), 40)

    def test_without_a_key_or_with_a_wrong_one_all_is_401(self):
        known = self.make()
        good = self.server.key
        for operation in self.closed:
            for key in (None, " ", "nope", good[:-1], good + "0", good.upper()):
                reply = self.send(operation, known, key)
                absent = self.send(operation, missing(known), key)
                self.expect(reply.status == absent.status == 401, operation, repr(key), reply)
                self.expect(reply.headers.get("WWW-Authenticate") == "Bearer", operation, reply.headers)
                self.expect(bare(reply, known) == bare(absent, missing(known)), operation, reply, absent)
        self.assertEqual(self.output(known["id"], "print(x)"), ["1"])

    def test_a_key_does_what_its_scopes_are_for_and_no_more(self):
        known = self.make()
        for operation in self.closed:
            for scopes, key in self.keys.items():
                if operation.scope not in scopes.split(","):
                    reply = self.send(operation, known, key)
                    self.expect(reply.status == 403, operation, scopes, reply)
        self.assertEqual(self.output(known["id"], "print(x)"), ["1"])
        for operation in self.closed:
            own, key = self.make(), self.keys[operation.scope]
            reply = self.send(operation, own, key)
            self.expect(reply.status not in (401, 403) and reply.status < 500, operation, reply)
            if operation.of_sandbox or operation.of_session:
                absent = self.send(operation, missing(own), key)
                self.expect(absent.status == 404, operation, absent)
                self.expect(reply.status != 404 or bare(reply, own) != bare(absent, missing(own)), operation,
                            reply)

    def test_to_another_organisation_all_is_as_if_it_were_not_there(self):
        known = self.make()
        for operation in self.closed:
            reply = self.send(operation, known, self.stranger)
            if operation.of_sandbox or operation.of_session:
                absent = self.send(operation, missing(known), self.stranger)
                self.expect(reply.status == absent.status == 404, operation, reply, absent)
                self.expect(bare(reply, known) == bare(absent, missing(known)), operation, reply, absent)
            else:
                self.expect(reply.status < 300, operation, reply)
                self.expect(known["id"].encode() not in reply.body, operation, "tells the sandbox", reply)
        self.assertEqual(self.output(known["id"], "print(x, open('kept.txt').read())"), ["1 kept"])
        self.assertEqual(self.call("GET", f"/sandbox/{known['id']}").json["state"], "started")
