"""A server that stands still for 2 s in a 60 s run, as three senders report it: `python -m benchmarks.stall [--quick]`.

facemon's open loop; a reference written here with plain asyncio streams and exact percentiles of its own list, which
shares no code with it; and a closed loop, which waits for each answer before it sends the next. All three send at the
same time to the same server, which answers after 20 ms.
"""

from __future__ import annotations

import asyncio
import io
import json
import math
import subprocess
import sys
import time

# Requests a second, of each sender: six times the specification's. What a stall holds back comes in one burst, and at
# twice this rate the 3 ms of CPU that httpx takes for each of its answers are 4 to 5 % of the p99.
RATE = 10.0
SERVICE = 0.02  # seconds that the server needs for an answer
STALL = 2.0
BEARABLE = 0.05  # difference of the two p99


async def serve(stall_at: float) -> None:
    """Answer every POST with a small picture; who comes in the 2 s from `stall_at` on waits until they are over."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (64, 64), "grey").save(out, "PNG")
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\nfinish-reason: SUCCESS\r\nseed: 7\r\n"
        f"content-length: {len(out.getvalue())}\r\n\r\n"
    )

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in asked.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                )
                await reader.readexactly(length)
                if stall_at <= time.time() < stall_at + STALL:
                    await asyncio.sleep(stall_at + STALL - time.time())
                await asyncio.sleep(SERVICE)
                writer.write(head.encode() + out.getvalue())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


async def post(port: int) -> None:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    finally:
        writer.close()


async def reference(port: int, start: float, seconds: float) -> list[float]:
    """The open loop once more: a task a request, its latency counted from the instant it was due."""

    async def one(due: float) -> float:
        await asyncio.sleep(max(0.0, due - time.time()))
        await post(port)
        return time.time() - due

    return list(
        await asyncio.gather(*(one(start + number / RATE) for number in range(round(RATE * seconds))))
    )


async def closed(port: int, start: float, seconds: float) -> list[float]:
    """One user: sends, waits for the answer, then waits for the rest of its beat, if any is left."""
    await asyncio.sleep(max(0.0, start - time.time()))
    latencies = []
    while time.time() < start + seconds:
        sent = time.time()
        await post(port)
        latencies.append(time.time() - sent)
        await asyncio.sleep(max(0.0, 1 / RATE - latencies[-1]))
    return latencies


async def ours(port: int, start: float, seconds: float) -> dict[str, float]:
    """facemon's own sender and client, as a load run has them; nothing is kept or judged."""
    from facemon.client import FaceClient
    from facemon.config import Settings
    from facemon.load.asking import asking
    from facemon.load.schedule import Schedule
    from facemon.load.sender import Sender
    from facemon.load.tally import Tally
    from facemon.monitor import Monitor
    from facemon.secret import Secret

    wanted = {"base_url": f"http://127.0.0.1:{port}", "rate_limit": "none", "concurrency": 1000}
    settings = Settings.load(high=wanted).model_copy(update={"api_key": Secret("sk-benchmark-57a11")})
    schedule = Schedule(RATE, seconds)
    tally = Tally.of(schedule, schedule.count, settings.response_time_limit)
    async with FaceClient(settings) as client, Monitor(client, evaluators=()) as monitor:
        first = monitor.clock.monotonic() + start - time.time()
        await Sender(asking(monitor), tally, monitor.clock, first).run(schedule.dues(), seconds)
    assert tally.outcomes["success"] == schedule.count, tally.outcomes
    return {
        "late": tally.late,
        **{f"p{share * 100:g}": tally.intended.quantile(share) or 0 for share in SHARES},
    }


SHARES = (0.5, 0.9, 0.95, 0.99, 1.0)


def exact(latencies: list[float]) -> dict[str, float]:
    """Nearest-rank percentiles."""
    ordered = sorted(latencies)
    return {f"p{share * 100:g}": ordered[math.ceil(share * len(ordered)) - 1] for share in SHARES}


def main(seconds: float) -> bool:
    """Start all, print the table; True where the two open loops agree on p99."""
    import facemon.load.asking  # noqa: F401  takes longer than the others need to start

    start = time.time() + 5
    module = [sys.executable, "-m", "benchmarks.stall"]
    with subprocess.Popen(
        [*module, "serve", str(start + seconds / 2)], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            others = {
                name: subprocess.Popen(
                    [*module, name, str(port), str(start), str(seconds)], stdout=subprocess.PIPE, text=True
                )
                for name in ("reference", "closed")
            }
            found = {"facemon": asyncio.run(ours(port, start, seconds))}
            lists = {name: json.loads(child.communicate()[0]) for name, child in others.items()}
        finally:
            server.kill()
    found |= {name: exact(latencies) for name, latencies in lists.items()}
    return report(found, len(lists["closed"]), seconds)


def report(found: dict[str, dict[str, float]], by_closed: int, seconds: float) -> bool:
    """The table and its verdict."""
    print(f"{RATE:g} requests a second for {seconds:g} s; the server stands still for {STALL:g} s of them\n")
    print(f"{'':<34}" + "".join(f"{f'p{share * 100:g}':>12}" for share in SHARES))
    titles = {
        "facemon": "facemon, from the intended start",
        "reference": "independent open loop, exact",
        "closed": f"closed loop ({by_closed} requests)",
    }
    for name, title in titles.items():
        print(
            f"{title:<34}" + "".join(f"{found[name][f'p{share * 100:g}'] * 1e3:>9.1f} ms" for share in SHARES)
        )
    apart = abs(found["facemon"]["p99"] / found["reference"]["p99"] - 1)
    held = apart <= BEARABLE
    print(
        f"\n{'held  ' if held else 'BROKEN'}  p99 differs by {apart:.1%} from the reference (at most {BEARABLE:.0%}); "
        f"{found['facemon']['late']:.0f} starts were late"
    )
    return held


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(float(sys.argv[2])))
    elif sys.argv[1:2] in (["reference"], ["closed"]):
        send = reference if sys.argv[1] == "reference" else closed
        print(json.dumps(asyncio.run(send(int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))))
    else:
        sys.exit(0 if main(12.0 if "--quick" in sys.argv[1:] else 60.0) else 1)
