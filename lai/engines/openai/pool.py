"""A pool of threads that takes each piece of work only when a thread is free for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

from lai.core.errors import PipelineError

T = TypeVar("T")
R = TypeVar("R")


def as_finished(
    work: Callable[[T, threading.Event], R], items: Iterable[T], width: int
) -> Iterator[R]:
    """Yield `work(item, stopping)` of every item as they finish, at most `width` at a time.

    `items` is advanced in the caller's thread, one item for each thread that is free. When one
    piece of work fails, `stopping` is set (work that waits should give up) and no further item is
    taken; what is in flight is finished and yielded, then the first failure is raised. An
    interrupt (Ctrl-C) yields what has finished already and waits for nothing.

    Raises: what `work` raised, or the PipelineError that `items` raised.
    """
    waiting: SimpleQueue[tuple[T] | None] = SimpleQueue()
    finished: SimpleQueue[Future[R]] = SimpleQueue()
    stopping = threading.Event()

    def serve() -> None:
        while (entry := waiting.get()) is not None:
            future: Future[R] = Future()
            try:
                future.set_result(work(entry[0], stopping))
            except BaseException as error:  # raised again in the caller
                future.set_exception(error)
            finished.put(future)

    source = iter(items)
    failure: BaseException | None = None
    exhausted = False
    threads = in_flight = 0
    try:
        while True:
            try:
                while failure is None and not exhausted and in_flight < width:
                    for item in source:
                        waiting.put((item,))
                        in_flight += 1
                        break
                    else:
                        exhausted = True
                    if threads < in_flight:
                        # Daemons: a stalled call must not hold up the exit after Ctrl-C.
                        threading.Thread(target=serve, daemon=True).start()
                        threads += 1
                if not in_flight:
                    break
                future = finished.get()
            except PipelineError as error:
                failure = error
                continue
            except KeyboardInterrupt as error:
                failure = error
                stopping.set()
                in_flight = finished.qsize()
                continue
            in_flight -= 1
            problem = future.exception()
            if problem is None:
                yield future.result()
            else:
                failure = failure or problem
                stopping.set()
        if failure is not None:
            raise failure
    finally:
        stopping.set()
        for _ in range(threads):
            waiting.put(None)
