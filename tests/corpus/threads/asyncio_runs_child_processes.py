# Their output comes through a pipe.
# option: {"processes": true}
import asyncio


async def main():
    process = await asyncio.create_subprocess_exec("echo", "hello", stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return out, process.returncode


print(asyncio.run(main()))
# output: ["(b'hello\\n', 0)"]
