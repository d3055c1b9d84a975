# As in a script: asyncio.run is the way.
import asyncio

await asyncio.sleep(0)
# type: "SyntaxError"
# line: 4
# error_contains: "'await' outside function"
