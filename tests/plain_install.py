"""Run a script as if only the core dependencies were installed: `python -I plain_install.py WHEEL SCRIPT`.

WHEEL is a folder with an unpacked wheel. Of what is installed, only what the wheel's own requirements bring
can be imported; nothing of a checkout is on the path.
"""

from __future__ import annotations

import runpy
import sys
from importlib.metadata import Distribution, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def brought_by(distribution, found):
    """Return the names of distributions that one needs when it is installed without extras."""
    for line in distribution.requires or []:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        if name not in found and (not requirement.marker or requirement.marker.evaluate({"extra": ""})):
            found.add(name)
            brought_by(Distribution.from_name(name), found)
    return found


class Only:
    """A finder that doesn't find what is blocked."""

    def __init__(self, finder, blocked):
        self.finder, self.blocked = finder, blocked

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.blocked:
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)


def main(wheel, script):
    (info,) = wheel.glob("*.dist-info")
    kept = brought_by(Distribution.at(info), set())
    blocked = {
        module
        for module, names in packages_distributions().items()
        if not kept & {canonicalize_name(name) for name in names}
    } - {"trustkit"}
    checkouts = {path for path in sys.path if (Path(path) / "trustkit").is_dir()}
    sys.path[:] = [str(wheel), *(path for path in sys.path if path not in checkouts)]
    sys.meta_path[:] = [Only(finder, blocked) for finder in sys.meta_path]
    sys.stdout.write(f"blocked: {' '.join(sorted(blocked))}\n")
    sys.argv = [script]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
