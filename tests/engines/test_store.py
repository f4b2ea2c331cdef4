"""The database behind the cache: damaged, full, of another shape, or not writable."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lai.core.errors import PipelineError
from lai.engines.store.claims import Claims, claims_at
from lai.engines.store.database import Store
from tests.support.asking import questions, reply_to


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".cache" / "responses.sqlite"


def fill(path: Path, count: int) -> None:
    with Store(path) as store:
        store.put((request, reply_to(request)) for request in questions(count))


def keys(count: int) -> list[str]:
    return [request.key for request in questions(count)]


def test_many_keys_are_looked_up_at_once(path: Path) -> None:
    fill(path, 1200)
    with Store(path) as store:
        assert len(store.get(keys(1300))) == 1200


def test_many_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(12)

    def opens(round_: int) -> None:
        together.wait(10)
        with Store(tmp_path / f"{round_}.sqlite") as store:
            store.get(keys(1))

    with ThreadPoolExecutor(12) as threads:
        for round_ in range(20):
            for done in [threads.submit(opens, round_) for _ in range(12)]:
                done.result()


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, although long enough to be one" * 100)
    with pytest.raises(PipelineError, match=r"responses\.sqlite is damaged .*restore it, or move"):
        Store(path)


def test_a_damaged_page_is_named(path: Path) -> None:
    fill(path, 500)
    raw = bytearray(path.read_bytes())
    raw[4096:] = b"\xff" * (len(raw) - 4096)
    path.write_bytes(raw)
    with pytest.raises(PipelineError, match="is damaged"), Store(path) as store:
        store.get(keys(500))


def test_a_row_of_an_older_shape_counts_as_absent(path: Path) -> None:
    fill(path, 5)
    replies = ['{"answer": "older shape"}', "no JSON", "null", b"\xff\xfe"]
    with sqlite3.connect(path) as connection:
        for key, reply in zip(keys(5), replies, strict=False):
            connection.execute("UPDATE responses SET reply = ? WHERE key = ?", (reply, key))
    connection.close()
    with Store(path) as store:
        assert list(store.get(keys(5))) == keys(5)[4:]
    fill(path, 5)
    with Store(path) as store:
        assert len(store.get(keys(5))) == 5


def test_a_row_under_the_wrong_key_counts_as_absent(path: Path) -> None:
    fill(path, 1)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE responses SET key = ?", (keys(2)[1],))
    connection.close()
    with Store(path) as store:
        assert store.get(keys(2)) == {}


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("PRAGMA user_version=99", "written by another version of LaI"),
        ("CREATE TABLE responses (key TEXT, value TEXT)", "is no store of replies"),
    ],
)
def test_a_database_of_another_kind_is_left_alone(path: Path, statement: str, message: str) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.close()
    with pytest.raises(PipelineError, match=message), Store(path) as store:
        store.get(keys(1))


def test_all_or_none_is_stored_when_the_database_may_not_grow(path: Path) -> None:
    fill(path, 20)
    with Store(path) as store:
        store._connection.execute("PRAGMA max_page_count=12")
        with pytest.raises(PipelineError, match=r"cannot write .*what was stored is kept"):
            store.put((request, reply_to(request)) for request in questions(2000))
        assert len(store.get(keys(2000))) == 20
    with Store(path) as store:
        assert len(store.get(keys(2000))) == 20


FILL_THE_DISK = """
import resource, signal, sys
from lai.engines.store.cache import Cached
from lai.core.errors import exits_cleanly
from tests.support.asking import Batches, questions
from pathlib import Path

@exits_cleanly
def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
    for _ in Cached(Batches(Path(sys.argv[2])), sys.argv[1]).generate(questions(5000)):
        print("one", flush=True)

main()
"""


def test_a_full_disk_ends_in_one_line_and_loses_nothing(path: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", FILL_THE_DISK, str(path), str(tmp_path / "journal")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: cannot write {path}")
    assert ended.stderr.count("\n") == 1
    received = ended.stdout.count("one")
    assert received > 10
    with Store(path) as store:
        assert len(store.get(keys(5000))) == received


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / ".cache").write_text("a file where the folder should be")
    with pytest.raises(PipelineError, match=r"cannot write .*responses\.sqlite: File exists"):
        Store(tmp_path / ".cache" / "responses.sqlite")
    with pytest.raises(PipelineError, match=r"cannot lock .*\.cache/lock"):
        claims_at(tmp_path / ".cache" / "lock")


@pytest.fixture
def claims(tmp_path: Path) -> Claims:
    return claims_at(tmp_path / "lock")


def test_many_claims_need_few_files_and_no_room(claims: Claims, tmp_path: Path) -> None:
    for key in keys(3000):
        assert claims.take(key)
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]
    files = list((tmp_path / "lock").iterdir())
    assert len(files) == 64
    assert sum(file.stat().st_size for file in files) == 0
    for key in keys(3000):
        claims.release(key)


def test_one_process_has_one_lock_file(claims: Claims, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert claims_at(tmp_path / "folder" / ".." / "lock") is claims
