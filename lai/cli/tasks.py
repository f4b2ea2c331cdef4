"""`lai tasks`: what can be taught and tested, and the prompts as the model will see them."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Mapping
from pathlib import Path

from lai.core import params
from lai.core.errors import PipelineError
from lai.core.params import Params
from lai.core.params.tasks import TaskParams
from lai.core.records import Message
from lai.tasks import hub, listing


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("tasks", help="every task, and whether it loads here")
    parser.add_argument("name", nargs="?", help="one task alone")
    parser.add_argument("--show", type=int, metavar="N", help="print its first N prompts, rendered")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print the list, or the prompts of one task."""
    given = params.load()
    known = listing.known(given)
    if arguments.name is None:
        if arguments.show is not None:
            raise PipelineError("--show needs a task: lai tasks NAME --show 3")
        _list(known, given)
        return
    if arguments.name not in known:
        near = difflib.get_close_matches(arguments.name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        raise PipelineError(f"no task {arguments.name!r}; {hint}")
    task = known[arguments.name]
    if arguments.show is None:
        _list({arguments.name: task}, given)
    elif arguments.show < 1:
        raise PipelineError("--show takes how many prompts to print, 1 or more")
    else:
        print(listing.shown(arguments.name, task, given.prepare, arguments.show, _renderer(given)))


def _list(tasks: Mapping[str, TaskParams], given: Params) -> None:
    # Each line as soon as it is known, also into a pipe: a task may take minutes to download.
    for line in listing.listing(tasks, given.prepare, given.seed):
        print(line, flush=True)
    pool, test = given.prepare.pool_size, given.prepare.test_size
    print(
        f"\nItems are those that `prepare` draws (pool_size: {pool or 'all'}, "
        f"test_size: {test or 'all'}, or a source's own size)."
    )
    others = [name for name in tasks if name not in given.tasks]
    if others:
        told = f"Declared, but not in params.yaml: {', '.join(others)}. To add the first:"
        print(f"{listing.wrapped(told)}\n  tasks: {{{others[0]}: {{benchmark: {others[0]}}}}}")


def _renderer(given: Params) -> listing.Render:
    """The target's own chat template; a served model's is its server's, so roles stand instead."""
    target = given.target
    if target.engine != "hf":
        print(f"(the chat template of {target.model} is its server's; roles stand instead)\n")
        return _by_roles
    from lai.engines.hf import chat, environment

    environment.prepare()
    from transformers import AutoTokenizer

    # Out of reach, each of the tokenizer's files would be asked for in vain.
    cached = not Path(target.model).is_dir() and bool(hub.out_of_reach())
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            target.model, revision=target.revision, local_files_only=cached
        )
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        print(f"(the tokenizer of {target.model} cannot be loaded here: {reason}; roles instead)\n")
        return _by_roles
    return lambda messages: chat.render(tokenizer, messages, target.chat_template_kwargs, True)


def _by_roles(messages: list[Message]) -> str:
    return "\n".join(f"[{message['role']}]\n{message['content']}" for message in messages)
