"""Work in an event loop beside the caller, each piece taken only when there is room for it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from lai.core.errors import PipelineError

T = TypeVar("T")
R = TypeVar("R")
CLOSING_SECONDS = 2.0


class Loop:
    """An event loop in a thread of its own; it ends with the object, or with the interpreter.

    `last`: what to await before the loop closes, such as the closing of connections.
    """

    def __init__(self, last: Callable[[], Awaitable[None]] | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        # A daemon: a stalled call must not hold up the exit after Ctrl-C.
        thread = threading.Thread(target=_serve, args=(self._loop, last), daemon=True)
        thread.start()
        self._end = weakref.finalize(self, _stop, self._loop, thread)

    def submit(self, work: Coroutine[Any, Any, R]) -> Future[R]:
        """Start `work`; the future is done in the loop's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Cancel what is in flight and end the thread."""
        self._end()


def _serve(loop: asyncio.AbstractEventLoop, last: Callable[[], Awaitable[None]] | None) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        if last is not None:
            # What is closed here is not needed any more, whatever it says.
            with contextlib.suppress(OSError, RuntimeError):
                loop.run_until_complete(_within(last(), CLOSING_SECONDS))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


async def _within(closing: Awaitable[None], seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(closing, seconds)


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    # The loop is closed if its thread failed or has ended.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join(2 * CLOSING_SECONDS)


class Stopping:
    """Whether work should give up waiting; belongs to one loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        """From now on nobody waits any more."""
        self._event.set()

    async def sleep(self, seconds: float) -> None:
        """Wait so long, or until there is nothing to wait for."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)


def as_finished(
    loop: Loop,
    work: Callable[[T, Stopping], Coroutine[Any, Any, R]],
    items: Iterable[T],
    width: Callable[[], int],
) -> Iterator[list[R]]:
    """Yield the results of `work(item, stopping)` as they finish, those that did together at once.

    At most `width()` are in flight. `items` is advanced in the caller's thread, one item whenever
    there is room. When one piece of work fails, `stopping` is set (work that waits should give up)
    and no further item is taken; what is in flight is finished and yielded, then the first failure
    is raised. An interrupt (Ctrl-C) yields what has finished already and waits for nothing.

    Raises: what `work` raised, or the PipelineError that `items` raised.
    """
    finished: SimpleQueue[Future[R]] = SimpleQueue()
    stopping = loop.submit(_stopping()).result()
    source = iter(items)
    flying: set[Future[R]] = set()
    failure: BaseException | None = None
    exhausted = False
    try:
        while True:
            try:
                while failure is None and not exhausted and len(flying) < width():
                    for item in source:
                        future = loop.submit(work(item, stopping))
                        flying.add(future)
                        future.add_done_callback(finished.put)
                        break
                    else:
                        exhausted = True
                if not flying:
                    break
                done = [finished.get(), *_at_hand(finished)]
            except PipelineError as error:
                failure = error
                continue
            except KeyboardInterrupt as error:
                failure = failure or error
                # Not of the queue, out of which some may just have been taken.
                done = [future for future in flying if future.done()]
                # What goes on is waited for by nobody.
                flying = set(done)
            flying.difference_update(done)
            failure = failure or next(filter(None, map(_problem, done)), None)
            if failure is not None:
                loop.submit(_set(stopping))
            if results := [future.result() for future in done if not _problem(future)]:
                yield results
        if failure is not None:
            raise failure
    finally:
        for future in flying:
            future.cancel()


def _at_hand(finished: SimpleQueue[T]) -> list[T]:
    """What waits in the queue now."""
    found = []
    with contextlib.suppress(Empty):
        while True:
            found.append(finished.get_nowait())
    return found


def _problem(future: Future[Any]) -> BaseException | None:
    return CancelledError() if future.cancelled() else future.exception()


async def _stopping() -> Stopping:
    return Stopping()


async def _set(stopping: Stopping) -> None:
    stopping.set()
