"""Files of records: exact, atomic, and clear about what is wrong with them."""

import errno
import os

import pytest

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.records import Sample


def sample(text="2 + 2?", **more):
    return Sample(task="sums", split="pool", input=text, reference="4", **more)


def test_a_round_trip_keeps_every_character(tmp_path):
    texts = ["line\u2028separator", "\x00 nul", "\x85 next line", "עברית 🙂", '"quoted"\\n', "\r\n"]
    written = [sample(text) for text in texts]
    path = tmp_path / "samples.jsonl"
    jsonl.write(path, written)
    assert sorted(jsonl.read(Sample, path), key=lambda s: s.id) == sorted(
        written, key=lambda s: s.id
    )
    assert path.read_bytes().count(b"\n") == len(texts)


def test_rows_are_sorted_by_id_and_equal_ones_merge(tmp_path):
    records = [sample(str(number)) for number in range(20)]
    forwards, backwards = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    jsonl.write(forwards, records)
    jsonl.write(backwards, [*reversed(records), records[3]])
    assert forwards.read_bytes() == backwards.read_bytes()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "samples.jsonl"
    jsonl.write(path, [sample()])
    before = path.read_bytes()

    def broken():
        yield sample("new")
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError):
        jsonl.write(path, broken())
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["samples.jsonl"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_clear_error(tmp_path, monkeypatch):
    path = tmp_path / "samples.jsonl"
    jsonl.write(path, [sample()])
    before = path.read_bytes()
    # The descriptor of the temporary file is swapped for the device that is always full.
    full = os.open("/dev/full", os.O_WRONLY)
    real = os.fdopen

    def onto_full_device(descriptor, mode):
        os.dup2(full, descriptor)
        return real(descriptor, mode)

    monkeypatch.setattr(os, "fdopen", onto_full_device)
    with pytest.raises(PipelineError, match="No space left"):
        jsonl.write(path, [sample("new")])
    os.close(full)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["samples.jsonl"]


def test_other_write_errors_are_not_swallowed(tmp_path, monkeypatch):
    def fails(*_):
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="input/output"):
        jsonl.write(tmp_path / "samples.jsonl", [sample()])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{oops}\n', r"rows\.jsonl:2 is not valid JSON"),
        (b'{"a": 1}\n\n[1]\n', r"rows\.jsonl:3 holds list, an object"),
        (b'{"a": "\xff"}\n', r"rows\.jsonl:1 is not UTF-8"),
    ],
)
def test_malformed_rows_are_named_by_file_and_line(tmp_path, content, message):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(PipelineError, match=message):
        list(jsonl.rows(path))


def test_a_record_edited_by_hand_is_noticed(tmp_path):
    path = tmp_path / "samples.jsonl"
    jsonl.write(path, [sample()])
    path.write_text(path.read_text().replace('"4"', '"5"'))
    with pytest.raises(PipelineError, match=r"samples\.jsonl:1 is no sample: .*does not belong"):
        jsonl.read(Sample, path)


def test_ids_depend_on_kind_content_and_parents_alone():
    assert sample().id == sample().id
    assert sample().id != sample("2 + 3?").id
    assert sample().id != sample(parents=["x"]).id
    assert sample().id.startswith("sample_")
    assert len(sample().id) == len("sample_") + 16


def test_no_records_are_a_file_that_reads_as_none(tmp_path):
    assert jsonl.write(tmp_path / "none.jsonl", []) == 0
    assert (tmp_path / "none.jsonl").read_bytes() == b"\n"
    assert jsonl.read(Sample, tmp_path / "none.jsonl") == []
