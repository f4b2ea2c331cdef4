"""What a user's mistakes get: one clear line, exit code 1, nothing half-written."""

import sys

import pytest

from lai.core import jsonl
from lai.core.records import Sample, Seed
from tests.support import gsm8k, naps, repository


@pytest.fixture
def loop(tmp_path):
    return repository.make(tmp_path / "loop", **gsm8k.params("http://127.0.0.1:9/v1"))


def stage(made, name, *arguments, **environment):
    command = [sys.executable, "-m", f"stages.{name}", *arguments]
    return made.run(*command, check=False, DVC_ROOT=str(made.path), **environment)


def one_line(done):
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stdout
    lines = done.stdout.strip().splitlines()
    assert len(lines) == 1, done.stdout
    assert lines[0].startswith("error: ")
    return lines[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sythesize": {}}, "unknown parameter sythesize; did you mean synthesize?"),
        ({"iterations": {1: 0}}, "iterations.1 is no iteration name"),
        ({"iterations": {"iter3": "iter2"}}, "iter3 follows iter2, which does not exist"),
        ({"target__model": "models/base/none"}, "models/base/none does not exist"),
        ({"target__model": "data/tasks"}, "data/tasks has no config.json"),
        ({"tasks__gsm8k__pool__files": "data/tasks/none.jsonl"}, "no file matches"),
        ({"tasks__gsm8k__fields__input": "text"}, "has no 'text' (it has answer, question)"),
        (
            {"tasks__gsm8k__dev_size": 48},
            "tasks.gsm8k.dev_size is 48, but the pool has 48 rows to use",
        ),
        ({"tasks__gsm8k__scorer": "nunber"}, "(did you mean number?)"),
        ({"tasks__gsm8k__benchmark": "gsm8"}, "no benchmark 'gsm8'; did you mean gsm8k?"),
        (
            {"tasks__gsm8k__prompt": "nummer"},
            "prompts/target/nummer.jinja does not exist; did you mean number? known in",
        ),
    ],
)
def test_prepare_names_the_mistake_and_writes_nothing(loop, change, message):
    loop.set(**change)
    assert message in one_line(stage(loop, "prepare"))
    assert not (loop.path / "data/splits").exists()


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set, and it is not cached"),
        ({"HF_HUB_OFFLINE": "0", "HF_ENDPOINT": "http://127.0.0.1:9"}, "http://127.0.0.1:9: "),
    ],
)
def test_a_hub_out_of_reach_is_one_line_without_a_second_try(loop, tmp_path, environment, reason):
    loop.set(tasks__gsm8k__pool={"hub": "openai/gsm8k", "config": "main"})
    environment |= {"HF_HOME": str(tmp_path / "hf"), **naps.watch(tmp_path / "naps")}
    message = one_line(stage(loop, "prepare", **environment))
    # The Hub's own client would try again for half a minute.
    assert naps.slept(tmp_path / "naps") < 1
    assert f"the Hugging Face Hub is out of reach ({reason}" in message
    assert "name local JSONL, JSON, CSV or Parquet `files` instead of `hub`" in message


def test_an_unknown_rubric_is_noticed_before_any_answer_is_graded(loop):
    loop.set(judge={"model": "judge"}, tasks__gsm8k__scorer="judge", tasks__gsm8k__rubric="defalt")
    message = one_line(stage(loop, "prepare"))
    assert "prompts/judge/defalt.jinja does not exist; did you mean default?" in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gsm_pluss"], "no task 'gsm_pluss'; did you mean gsm_plus?"),
        (["--show", "3"], "--show needs a task"),
        (["gsm8k", "--show", "0"], "1 or more"),
    ],
)
def test_the_list_of_tasks_names_the_mistake(loop, arguments, message):
    command = [sys.executable, "-m", "lai.cli", "tasks", *arguments]
    assert message in one_line(loop.run(*command, check=False))


def check(made, **environment):
    command = [sys.executable, "-m", "lai.cli", "check"]
    return made.run(*command, check=False, DVC_ROOT=str(made.path), **environment)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"iterations": ["iter1"]}, "iterations: Input should be a valid dictionary"),
        ({"iterations": {1: 0}}, "iterations.1 is no iteration name"),
        ({"runtime__instructor__concurency": 4}, "did you mean concurrency?"),
        ({"runtime__instructor__base_url": None}, "instructor.provider is loopback, but runtime"),
        ({"target__model": "models/base/none"}, "models/base/none does not exist"),
        ({"tasks__gsm8k__prompt": "nummer"}, "did you mean number?"),
        ({"tasks__gsm8k__pool__files": "data/tasks/none.jsonl"}, "no file matches"),
    ],
)
def test_check_finds_what_no_stage_or_a_late_one_would(loop, change, message):
    loop.set(**change)
    assert message in check(loop).stdout.splitlines()[-1]
    assert check(loop).returncode == 1


def test_check_lists_every_problem_once(loop):
    good = gsm8k.params("http://127.0.0.1:9/v1")["tasks"]["gsm8k"]
    (loop.path / "prompts/analyze/le.jinja").write_text("{{ never closed")
    loop.set(
        target__model="models/base/none",
        runtime__instructor={"base_url": None, "api_key_env": "LAI_TEST_KEY"},
        instructor__provider="openai",
        judge={"model": "judge", "provider": "elsewhere"},
        tasks__gsm8k__fields__input="text",
        tasks__other=good | {"pool": {"files": "data/tasks/none.jsonl"}},
        tasks__third=good,
    )
    done = check(loop)
    assert done.returncode == 1 and "Traceback" not in done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    for line, message in zip(
        lines,
        [
            "models/base/none does not exist",
            "prompts/analyze/le.jinja",
            "LAI_TEST_KEY",
            "judge.provider is elsewhere",
            "has no 'text' (it has answer, question)",
            "no file matches",
        ],
        strict=True,
    ):
        assert message in line
    assert "All of it is as a run needs it" not in done.stdout


@pytest.mark.parametrize("strategy", ["le", "distill", {"finetune": 0.5, "augment": 0.5}])
def test_check_finds_that_the_tutor_would_decline_a_task(loop, strategy):
    loop.set(instructor={"engine": "builtin"}, strategy=strategy)
    done = check(loop)
    assert done.returncode == 1
    message = done.stdout.splitlines()[-1]
    assert "error: the builtin tutor knows the demo's questions alone" in message
    assert "those of gsm8k; name an instructor" in message
    assert "`strategy: finetune`" in message


def test_check_passes_the_tutor_where_none_is_asked_or_the_tasks_are_its_own(loop, tmp_path):
    loop.set(instructor={"engine": "builtin"}, strategy="finetune")
    assert check(loop).returncode == 0
    demo = repository.make(tmp_path / "demo", **repository.SMALL)
    done = check(demo)
    assert done.returncode == 0, done.stdout


def test_check_finds_a_missing_price_and_key_and_a_missing_section(loop):
    loop.set(
        runtime__instructor={"base_url": None, "api_key_env": "LAI_TEST_KEY"},
        runtime__budget={"cost": 5},
        instructor__provider="openai",
    )
    price, key = check(loop).stdout.splitlines()[-2:]
    assert "runtime.instructor.price is null" in price and "LAI_TEST_KEY" in key
    text = (loop.path / "params.yaml").read_text()
    assert "eval:\n  sample: null\n" in text
    (loop.path / "params.yaml").write_text(text.replace("eval:\n  sample: null\n", ""))
    message = one_line(check(loop))
    assert "params.yaml lacks eval, which DVC tracks; write `eval: {}`" in message
    # DVC is content with what the message says to write.
    (loop.path / "params.yaml").write_text(text.replace("eval:\n  sample: null\n", "eval: {}\n"))
    assert loop.run("dvc", "status", "eval", check=False).returncode == 0


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", '"http://127.0.0.1:9/v1"'])
def test_check_finds_what_dvc_cannot_read(loop, url):
    text = (loop.path / "params.yaml").read_text()
    i = text.index("runtime:")
    text = f"{text[:i]}runtime:\n  instructor: {{base_url: {url}}}\n"
    (loop.path / "params.yaml").write_text(text)
    assert "params.yaml: DVC cannot read it" in one_line(check(loop))
    if '"' in url:
        loop.run("dvc", "stage", "list")
        done = loop.run("dvc", "exp", "run", "--dry", "-S", "seed=2", check=False)
    else:
        done = loop.run("dvc", "stage", "list", check=False)
    assert done.returncode != 0 and "YAML file structure is corrupted" in done.stdout


def test_check_of_right_params_lists_what_was_found_and_asks_no_server(loop):
    done = check(loop)
    assert done.returncode == 0, done.stdout
    assert "instructor       instructor (openai)" in done.stdout
    assert "task gsm8k       40 pool, 8 dev, 24 test" in done.stdout
    assert not (loop.path / "data/splits").exists()


def test_check_says_that_a_served_target_cannot_be_trained(loop):
    loop.set(target={"engine": "openai", "model": "m", "provider": "here"})
    loop.set(runtime__target={"base_url": "http://127.0.0.1:9/v1"})
    done = check(loop)
    assert done.returncode == 0, done.stdout
    assert "a target with `engine: openai` cannot be trained" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("`dvc repro synthesize@iter1` runs it.")


def test_integer_keys_make_no_stage_but_do_not_pass_in_silence(loop):
    loop.set(iterations={1: 0})
    done = loop.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "error: params.yaml: iterations.1 is no iteration name" in done.stdout


def test_a_missing_key_is_named(loop):
    loop.set(instructor__provider="openai", runtime__instructor={"api_key_env": "LAI_TEST_KEY"})
    stage(loop, "prepare")
    sample = jsonl.read(Sample, loop.path / "data/splits/pool.jsonl")[0]
    # Drawn from the pool, so that there is something to ask about without a model's errors.
    seed = Seed(parents=[sample.id], strategy="augment", task="gsm8k", sample=sample.id)
    for name in ("errors", "seeds", "contrast", "completions", "decisions"):
        jsonl.write(loop.path / f"data/iter1/{name}.jsonl", [seed] if name == "seeds" else [])
    message = one_line(stage(loop, "analyze", "--iteration", "iter1"))
    assert "LAI_TEST_KEY" in message
    assert not (loop.path / "data/iter1/analyses.jsonl").exists()


def test_a_disk_without_room_is_one_line_and_leaves_the_old_files_whole(loop):
    stage(loop, "prepare")
    splits = loop.path / "data/splits"
    before = {path.name: path.read_bytes() for path in splits.iterdir()}
    loop.set(tasks__gsm8k__dev_size=9)
    # Files of at most 4 kB, which is what this process sees of a disk that fills up.
    command = f"ulimit -f 4; exec {sys.executable} -m stages.prepare"
    message = one_line(loop.run("bash", "-c", command, check=False, DVC_ROOT=str(loop.path)))
    assert "File too large" in message
    assert {path.name: path.read_bytes() for path in splits.iterdir()} == before
