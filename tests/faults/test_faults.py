"""Every fault of the table: what the user sees, and that nothing paid is lost or paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.child import QUESTIONS
from tests.faults.fault import Fault
from tests.faults.scene import Ended, Scene
from tests.faults.table import KINDS, PATH, document
from tests.support.openai_server import KEY

FAULTS = {f"{kind}: {fault.name}": fault for kind, faults in KINDS.items() for fault in faults}
MEMORY = 900 * 2**20
LONGEST = 50_000


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path, **request.getfixturevalue("fault").scene)
    yield made
    made.close()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_survived(fault: Fault, scene: Scene) -> None:
    if why := fault.skip():
        pytest.skip(why)
    with fault.happening(scene):
        first = scene.ended()
        check_what_is_seen(fault, scene, first)
    scene.url, scene.before, scene.params, scene.budget = scene.server.url, None, {}, {}
    second = scene.ended()
    assert (second.code, second.lines) == (0, [])
    assert len(second.values) == QUESTIONS - bool(fault.recorded)
    assert second.reasons == ([fault.recorded] if fault.recorded else [])
    assert len(scene.owed) == scene.requests + fault.anew
    assert scene.longest < LONGEST, "what comes back in a reply is not paid for once more as input"
    again = sum(count - 1 for count in scene.owed.values() if count)
    if fault.up_to:
        assert again <= fault.again
    else:
        assert again == fault.again


def check_what_is_seen(fault: Fault, scene: Scene, ended: Ended) -> None:
    """The lines and the exit code are those of the table, and no more."""
    assert ended.code == fault.code, ended.lines
    lines = [one for one in ended.lines if not (fault.maybe and scene.fits(fault.maybe, one))]
    assert len(lines) == len(fault.seen), ended.lines
    for template, line in zip(fault.seen, lines, strict=True):
        assert scene.fits(template, line), f"{line}\nis not\n{template}"
    for file in filter(Path.is_file, scene.folder.rglob("*")):
        assert KEY.encode() not in file.read_bytes(), file
    if fault.code == 0:
        assert len(ended.values) == QUESTIONS - bool(fault.recorded)
        assert ended.reasons == ([fault.recorded] if fault.recorded else [])
        assert ended.memory < MEMORY


def test_the_page_is_made_of_the_table() -> None:
    assert PATH.read_text() == document(), "run python -m tests.faults.table"
    assert len({fault.name for faults in KINDS.values() for fault in faults}) == len(FAULTS)
