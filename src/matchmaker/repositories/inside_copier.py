"""The names that we need of Copier's inside, which Copier doesn't promise to keep.

No other module imports them. `TESTED` lists the versions in which they work as we need.
"""

import importlib.metadata
from typing import Any

from workshop.moving.reference import TESTED as TESTED
from workshop.moving.reference import is_tested as is_tested

VERSION = importlib.metadata.version("copier")

try:
    from copier import _main
    from copier._jinja_ext import SandboxedEnvironment as SandboxedEnvironment
    from copier._jinja_ext import get_yield_context as get_yield_context
    from copier._main import Worker as Worker
    from copier._subproject import Subproject as Subproject
    from copier._template import Template as Template
    from copier._types import MISSING as MISSING
    from copier._types import Phase as Phase
    from copier._user_data import AnswersMap as AnswersMap
    from copier._user_data import Question as Question
    from copier._user_data import parse_yaml_string as parse_yaml_string
    from copier._vcs import _get_cache_dir
    from copier._vcs import get_repo as get_repo
except ImportError as moved:
    raise SystemExit(
        f"matchmaker cannot work with Copier {VERSION} ({moved}).\n"
        f"Install it again with a version that it supports: copier=={TESTED[-1]}.*"
    ) from moved

inner: Any = _main
"""The module in which Copier's worker finds what it calls."""

get_cache_dir = _get_cache_dir


def notice() -> str:
    """What to tell an instructor with an untested version of Copier; empty if it is tested."""
    if is_tested():
        return ""
    return (
        f"This command was tested with Copier {' and '.join(TESTED)}, and {VERSION} is installed. "
        "So Copier makes each repository separately, which takes longer."
    )
