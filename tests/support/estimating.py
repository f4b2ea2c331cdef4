"""Commands that tell of costs, run in a repository."""

import json
import sys

PRICE = {"input": 1.0, "output": 4.0}


def lai(made, *arguments):
    return made.run(sys.executable, "-m", "lai.cli", *arguments, check=False)


def estimated(made, *arguments):
    done = lai(made, "estimate", "--json", *arguments)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)
