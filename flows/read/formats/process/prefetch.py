"""Reading the next files while one is being used.

Workbooks are read by child processes: asked for one at a time, all but one of the processors would wait. Refuses
to run far ahead, as what is read and not yet used is held in memory.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

#: Child processes at most, each with up to 2 GiB.
MOST = 4


def read_ahead(
    read: Callable[[Job], Result], jobs: Iterable[Job], processes: int | None = None
) -> Iterator[Result]:
    """`read(job)` for each job, in their order, the next ones being read meanwhile; `processes`: how many at once.

    What `read` raises is raised where its result would have come.
    """
    count = processes or min(os.cpu_count() or 1, MOST)
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(count, thread_name_prefix="read") as pool:
        try:
            for job in jobs:
                waiting.append(pool.submit(read, job))
                # One more than there are processes, so that none waits for what follows here.
                if len(waiting) > count + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
