# A loop that sleeps; a new one runs afterwards.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import asyncio


async def wait():
    print("ready")
    await asyncio.sleep(60)


asyncio.run(wait())
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 2000
# ---
async def quick():
    await asyncio.sleep(0.001)
    return "again"


print(asyncio.run(quick()))
# output: ["again"]
