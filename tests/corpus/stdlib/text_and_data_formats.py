# json, csv, re, html, xml, base64, struct, hashlib, zlib.
import base64
import csv
import hashlib
import html
import io
import json
import re
import struct
import xml.etree.ElementTree as tree
import zlib

print(json.dumps({"ü": [1, None, True]}), json.loads('{"a": 1e3}'))
print(list(csv.DictReader(io.StringIO("a,b\n1,\"x,y\"\n"))))
print(re.sub(r"(\d+)", lambda m: str(int(m[1]) * 2), "a1b22"), html.escape("<a>"))
print(tree.fromstring("<r><a k='1'>t</a></r>").find("a").attrib, base64.b64encode(b"xyz"))
print(hashlib.sha256(b"").hexdigest()[:8], zlib.crc32(b"a"), struct.unpack("<h", b"\x01\x02"))
# output: ["{\"\\u00fc\": [1, null, true]} {'a': 1000.0}", "[{'a': '1', 'b': 'x,y'}]", "a2b44 &lt;a&gt;"]
# output: ["{'k': '1'} b'eHl6'", "e3b0c442 3904355907 (513,)"]
