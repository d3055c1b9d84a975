# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document: that it is served, whole, and has what the server has."""

import json

import contract
import support


class Document(support.Case):
    def test_it_is_served_without_a_key(self):
        reply = self.call("GET", "/openapi.json", key=None)
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, "application/json"))
        self.assertEqual(reply.json, contract.DOCUMENT)

    def test_it_has_each_route_and_no_other(self):
        self.assertEqual(contract.operations(), contract.routes())

    def test_all_that_it_refers_to_is_there(self):
        def walk(node):
            if isinstance(node, dict):
                if "$ref" in node:
                    contract.resolve(node)
                for item in node.values():
                    walk(item)
            elif isinstance(node, list):
                for item in node:
                    walk(item)
        walk(contract.DOCUMENT)

    def test_operations_have_names_of_their_own_and_their_path_parameters(self):
        names = []
        for path, item in contract.DOCUMENT["paths"].items():
            for operation in item.values():
                names.append(operation["operationId"])
                given = [each["name"] for each in operation.get("parameters", []) if each["in"] == "path"]
                self.assertEqual(["{%s}" % name for name in given],
                                 [word for word in path.split("/") if word.startswith("{")], path)
        self.assertEqual(len(names), len(set(names)))

    def test_the_checker_finds_breaches(self):
        schema = {"$ref": "#/components/schemas/SandboxStatus"}
        self.assertEqual(contract.breaches({"status": "running"}, schema), [])
        for wrong in ({}, {"status": "x"}, {"status": 1}, [], {"status": "running", "more": 1},
                      {"status": "running", "dataframes": [{"name": "x"}]}):
            self.assertTrue(contract.breaches(wrong, schema), json.dumps(wrong))
