"""`lai tasks`: what can be taught and tested, and the prompts as the model will see them."""

from __future__ import annotations

import argparse
import difflib

from lai.core import params
from lai.core.errors import PipelineError
from lai.core.params import Params
from lai.core.records import Message
from lai.tasks import listing


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
        print(listing.listing(known, given.prepare, given.seed))
        return
    if arguments.name not in known:
        near = difflib.get_close_matches(arguments.name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        raise PipelineError(f"no task {arguments.name!r}; {hint}")
    task = known[arguments.name]
    if arguments.show is None:
        print(listing.listing({arguments.name: task}, given.prepare, given.seed))
    else:
        print(listing.shown(arguments.name, task, given.prepare, arguments.show, _renderer(given)))


def _renderer(given: Params) -> listing.Render:
    """The target's own chat template; a served model's is its server's, so roles stand instead."""
    target = given.target
    if target.engine != "hf":
        return _by_roles
    from lai.engines.hf import chat, environment

    environment.prepare()
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(target.model, revision=target.revision)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        print(f"(the tokenizer of {target.model} cannot be loaded here: {reason}; roles instead)")
        return _by_roles
    return lambda messages: chat.render(tokenizer, messages, target.chat_template_kwargs, True)


def _by_roles(messages: list[Message]) -> str:
    return "\n".join(f"[{message['role']}]\n{message['content']}" for message in messages)
