"""Pin what the image of `matchmaker host` installs for JupyterLab: the end of `make pins`.

We choose the versions in its Dockerfile by hand: JupyterHub has the version of the hub's chart.
This writes all the others to the file of constraints next to it, from releases as old as all our
pins.
"""

import re

from dev import pins
from dev.checkout import REPOSITORY
from dev.pins import Pin

IMAGE = REPOSITORY / "src" / "matchmaker" / "host" / "image"
DOCKERFILE = IMAGE / "Dockerfile"
CONSTRAINTS = IMAGE / "constraints.txt"
_VERSION = re.compile(r"^ARG (\w+)_VERSION=(\S+)$", re.MULTILINE)


def chosen() -> dict[str, str]:
    """The packages that the Dockerfile pins, and their versions."""
    found = _VERSION.findall(DOCKERFILE.read_text(encoding="utf-8"))
    return {name.lower().replace("_", "-"): version for name, version in found}


def written() -> list[str]:
    """The pins in the file of constraints."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def resolve(*, keep: bool) -> list[Pin]:
    """The pins to write. With `keep`, the existing ones apply. Raises SystemExit as in pins."""
    # For the same Pythons as everything else, because the tests install it with theirs.
    project = {"project": {"requires-python": pins.read(pins.OURS)["project"]["requires-python"]}}
    wanted = [f"{name}=={version}" for name, version in chosen().items()]
    found = pins.resolve(project, wanted, pins.before(pins.OURS), written() if keep else [])
    return [pin for pin in found if pin.name not in chosen()]


def main() -> None:
    """Write the file. Raises SystemExit if there is no such set."""
    found = resolve(keep=False)
    head = (
        f"# From releases before {pins.before(pins.OURS)}. `make pins` of the template writes it.\n"
    )
    lines = "".join(f"{pin}\n" for pin in found)
    CONSTRAINTS.write_text(head + lines, encoding="utf-8")
    print(f"{CONSTRAINTS.relative_to(REPOSITORY)}: {len(found)} packages")


if __name__ == "__main__":
    main()
