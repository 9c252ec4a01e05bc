"""What the hub needs to know about each trainee: `trainees.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class HostedTrainee:
    """One trainee, as the hub knows them."""

    slug: str
    """The name to sign in with."""
    repository: str
    """Where the server clones the workshop from."""
    hash: str = ""
    """The hash of the password; empty if the company's own sign-in is used."""


def trainees_json(trainees: list[HostedTrainee]) -> str:
    """The file that the hub reads, in the order of the roster."""
    return json.dumps({"trainees": {one.slug: _known(one) for one in trainees}}, indent=1) + "\n"


def _known(one: HostedTrainee) -> Mapping[str, str]:
    own = {"repository": one.repository}
    return {"hash": one.hash, **own} if one.hash else own
