# gather, tasks, timeouts, queues, threads from asyncio.
import asyncio
import time


async def double(x):
    await asyncio.sleep(0.001 * x)
    return 2 * x


async def main():
    print(await asyncio.gather(*(double(x) for x in range(4))))
    try:
        await asyncio.wait_for(asyncio.sleep(60), 0.01)
    except asyncio.TimeoutError:
        print("timed out")
    queue = asyncio.Queue()
    task = asyncio.create_task(queue.put(5))
    print(await queue.get(), task.done())
    print(await asyncio.to_thread(time.sleep, 0.001))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(double(x)) for x in (5, 6)]
    return [task.result() for task in tasks]


print(asyncio.run(main()))
# output: ["[0, 2, 4, 6]", "timed out", "5 True", "None", "[10, 12]"]
