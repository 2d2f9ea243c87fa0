"""Runs localstripe on a free port of this machine alone, and keeps nothing on the disk.

It prints the port when it serves, and ends when its input does.
"""

import asyncio
import sys

from aiohttp import web
from localstripe import resources, server


async def serve():
    runner = web.AppRunner(server.app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


# Left to itself it writes all it holds to one file in /tmp after each call, for all who run it.
resources.Store.dump_to_disk = lambda store: None
asyncio.run(serve())
