# SPDX-License-Identifier: Apache-2.0
"""Holds replies against the OpenAPI document: every one that the tests get."""

import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
HTTP = os.path.join(HERE, "..", "..", "bindings", "http")

with open(os.path.join(HTTP, "openapi.json"), encoding="utf-8") as file:
    DOCUMENT = json.load(file)

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def routes():
    """What the server's table has: (method, path) as the document writes them."""
    with open(os.path.join(HTTP, "route.c"), encoding="utf-8") as file:
        found = re.findall(r'^    \{"([A-Z]+)", "([^"]+)"', file.read(), re.MULTILINE)
    return {(method, path.replace("...}", "}")) for method, path in found}


def operations():
    return {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}


def resolve(node):
    while "$ref" in node:
        target = DOCUMENT
        for word in node["$ref"].removeprefix("#/").split("/"):
            target = target[word]
        node = target
    return node


def is_type(value, name):
    if name in ("integer", "number"):
        return isinstance(value, (int, float) if name == "number" else int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def breaches(value, schema, at="reply"):
    """What of a value is not as the schema says; names that it does not have are breaches too."""
    schema = resolve(schema)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    found = []
    if types and not any(is_type(value, name) for name in types):
        return [f"{at} is {value!r} and no {types}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at} is {value!r} and none of {schema['enum']}")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        found += [f"{at} lacks {name}" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            inner = properties.get(name, schema.get("additionalProperties"))
            if inner is None and properties:
                found.append(f"{at} has {name}, which is not documented")
            elif inner:
                found += breaches(item, inner, f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += breaches(item, schema["items"], f"{at}[{number}]")
    return found


def operation_of(method, target):
    """The document's operation for a request, or None."""
    path = target.partition("?")[0]
    for template in sorted(DOCUMENT["paths"], key=lambda each: each.count("{")):
        pattern = re.escape(template).replace(r"\{path\}", ".+")
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", pattern)
        if re.fullmatch(pattern, path):
            return DOCUMENT["paths"][template].get(method.lower())
    return None


def check(method, target, reply):
    """Raises when a reply is none that the document has for the request."""
    operation = operation_of(method, target)
    if operation is None or "%" in target:
        return
    responses = operation["responses"]
    name = f"{method} {target[:200]}"
    if str(reply.status) not in responses:
        raise AssertionError(f"{name}: status {reply.status} is not documented: {reply}")
    content = resolve(responses[str(reply.status)]).get("content", {})
    kind = reply.headers.get("Content-Type", "").partition(";")[0]
    if (kind or content) and kind not in content and "*/*" not in content:
        raise AssertionError(f"{name}: {kind} is not documented for status {reply.status}")
    schema = content.get(kind, {}).get("schema")
    if schema and kind == "application/json":
        found = breaches(reply.json, schema)
        if found:
            raise AssertionError(f"{name}: {'; '.join(found)}: {reply}")
