"""The server that stands before the object store: killed, it cuts every connection and takes no new one.

    python -m tests.e2e.chaos.door PORT PORT_OF_THE_STORE

What lies behind it keeps its contents, as a store on a disk does; the store of the tests keeps them in its memory, so
that a restart of its own process would be the loss of all of them.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

CHUNK_BYTES = 65_536


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()


async def serve(port: int, behind: int) -> None:
    """Until it is killed."""

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", behind)
        await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))

    server = await asyncio.start_server(joined, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:])))
