"""A proxy with a path, such as a JupyterHub has: a small real one, for a real browser."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from yarl import URL

HOP_BY_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding", "content-encoding"}


@dataclass
class Proxy:
    """What it does with requests, and what it has seen."""

    port: int
    prefix: str
    """As the browser sends it. Other paths get an answer of somebody else, with status 404."""
    target: str
    keeps_prefix: bool
    keeps_host: bool
    seen: list[tuple[str, int]] = field(default_factory=list)
    """The path and the status of each request."""

    @property
    def url(self) -> str:
        """Where a browser finds what is behind it."""
        return f"http://localhost:{self.port}{self.prefix}"

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Hand a request on."""
        path = request.raw_path
        if not path.startswith(f"{self.prefix}/"):
            self.seen.append((path, 404))
            return web.Response(status=404, text="This is somebody else's.")
        own = path if self.keeps_prefix else path.removeprefix(self.prefix)
        headers = request.headers.copy()
        if not self.keeps_host:
            headers["Host"] = self.target.removeprefix("http://")
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                URL(self.target + own, encoded=True),
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as answer,
        ):
            self.seen.append((path, answer.status))
            told = web.StreamResponse(status=answer.status, reason=answer.reason)
            for name, value in answer.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    told.headers.add(name, value)
            with suppress(ConnectionError):  # the browser has left
                await told.prepare(request)
                async for part in answer.content.iter_any():
                    await told.write(part)
            return told


@contextmanager
def proxied(proxy: Proxy) -> Iterator[Proxy]:
    """Have the proxy run in a thread."""
    loop = asyncio.new_event_loop()

    async def start() -> web.ServerRunner:
        runner = web.ServerRunner(web.Server(proxy.answer), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", proxy.port).start()
        return runner

    async def stop() -> None:
        await runner.cleanup()
        streams = asyncio.all_tasks() - {asyncio.current_task()}
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)

    # The loop of the browser is in this thread.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        runner = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
