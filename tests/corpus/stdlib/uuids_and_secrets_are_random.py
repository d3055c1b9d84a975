# Each call gives another one.
import os
import secrets
import uuid

print(len({uuid.uuid4() for _ in range(100)}), len({uuid.uuid1() for _ in range(100)}))
print(len({secrets.token_hex(8) for _ in range(100)}), len({os.urandom(8) for _ in range(100)}))
# output: ["100 100", "100 100"]
