"""How near the instructor's client comes to what a server's latency allows, and its memory.

    python benchmarks/client.py [--requests 2000] [--concurrency 64] [--latency 0.2] [--runs 3]

A server on loopback, a process of its own, answers each request after `latency` seconds with JSON
that fits. In turn, so that both meet the same machine: a plain pool of threads around the openai
client, which neither checks nor keeps a reply; and LaI as a stage opens it: the schema checked,
every reply stored, every call in the ledger. Each in a fresh process, after a first request that is
not timed: it opens the connections, and LaI looks at its reply before it sends any other, which a
stage waits for once. `ideal` is requests / concurrency x latency.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

ANALYSIS = {"skill": "sums", "misconception": "carries " * 20, "explanation": "2 + 2 = 4 " * 40}
PROMPT = "What does the student not know? " * 30
processes = multiprocessing.get_context("spawn")


def serve(latency: float, ready: Connection) -> None:
    """Answer every request after `latency` seconds, until killed."""
    from aiohttp import web

    body = {
        "choices": [
            {
                "message": {"role": "assistant", "content": json.dumps(ANALYSIS)},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 300, "completion_tokens": 120},
    }

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(latency)
        return web.json_response(body)

    async def run() -> None:
        application = web.Application()
        application.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def plain_threads(url: str, count: int, width: int) -> float:
    """Seconds for a pool of threads around the openai client."""
    import openai

    client = openai.OpenAI(api_key="none", base_url=url, max_retries=0)

    def ask(number: int) -> None:
        client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": f"{PROMPT}{number}"}], max_tokens=500
        )

    ask(-1)  # connections and imports are nobody's throughput
    with ThreadPoolExecutor(width) as threads:
        start = time.perf_counter()
        list(threads.map(ask, range(count)))
        return time.perf_counter() - start


def lai(url: str, count: int, width: int) -> float:
    """Seconds for LaI as a stage opens it: replies checked and stored, calls in the ledger."""
    from lai.asking import ask, request
    from lai.core.params.runtime import RuntimeParams
    from lai.core.params.schema import InstructorParams
    from lai.engines.open_instructor import open_instructor
    from lai.instruction.analyze import AnalysisShape

    instructor = InstructorParams(engine="openai", model="m")
    with tempfile.TemporaryDirectory() as folder:
        endpoint = {"base_url": url, "concurrency": width}
        runtime = RuntimeParams.model_validate({"instructor": endpoint})
        engine = open_instructor(instructor, runtime, Path(folder) / "responses.sqlite")
        ask(engine, [request("first", AnalysisShape, instructor, 0)], AnalysisShape)
        requests = [request(f"{PROMPT}{n}", AnalysisShape, instructor, 0) for n in range(count)]
        start = time.perf_counter()
        asked = ask(engine, requests, AnalysisShape)
        seconds = time.perf_counter() - start
    assert len(asked) == count and all(one.value for one in asked.values())
    return seconds


def child(
    work: Callable[[str, int, int], float], url: str, count: int, width: int, out: Connection
) -> None:
    """Run one client in this process, and report seconds and megabytes resident."""
    seconds = work(url, count, width)
    out.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def main() -> None:
    """Run both in turn and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    receives, ready = processes.Pipe(duplex=False)
    server = processes.Process(target=serve, args=(given.latency, ready), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{receives.recv()}/v1"
    ideal = given.requests / given.concurrency * given.latency
    print(f"{given.requests} requests, {given.concurrency} at a time: ideal {ideal:.2f} s")
    found: dict[str, list[tuple[float, float]]] = {"plain threads": [], "LaI": []}
    for _ in range(given.runs):
        for name, work in (("plain threads", plain_threads), ("LaI", lai)):
            results, out = processes.Pipe(duplex=False)
            arguments = (work, url, given.requests, given.concurrency, out)
            process = processes.Process(target=child, args=arguments)
            process.start()
            found[name].append(results.recv())
            process.join()
    for name, runs in found.items():
        shares = [100 * ideal / seconds for seconds, _ in runs]
        print(
            f"{name}: {statistics.median(shares):.0f} % of the ideal "
            f"({min(shares):.0f} to {max(shares):.0f}), {max(size for _, size in runs):.0f} MB"
        )
    server.kill()


if __name__ == "__main__":
    main()
