"""The clones of templates that all of a session shares, as Copier sees them."""

from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from pathlib import Path

from matchmaker.repositories import clones
from matchmaker.repositories.git import for_asking
from matchmaker.repositories.inside_copier import Template, get_cache_dir, get_repo

# A process fills it before it forks, so that its workers find everything cloned. The keys are a
# template's source and version.
_templates: dict[tuple[str, str | None], Template] = {}


def template_at(source: str, version: str | None) -> Template:
    """The clone of a template. The first call makes it, and later calls share it.

    `version` is a tag or another name that git knows; None means the newest tag. The clone is in
    the folder for temporary files. Raises what Copier raises if there is no such template.
    """
    known = _templates.get((source, version))
    # Without a commit, git didn't read it as a repository. The user may since have told git to.
    if known is None or known.commit is None or not known.local_abspath.is_dir():
        known = Template(url=source, ref=version)
        with for_asking():
            # Reading any of these runs git or reads files. Do it here, before workers need them.
            for name in ("local_abspath", "commit", "commit_hash", "questions_data"):
                getattr(known, name)
            clones.let_others_read(known.local_abspath)
        _remember(source, version, known)
    return known


def ready_to_copy(source: str, version: str | None) -> None:
    """Add to the clone of a template what only making and updating repositories needs.

    It takes longer than all other questions about a template. What fails here, each worker does,
    which says for its trainee what is wrong.
    """
    known = template_at(source, version)
    with for_asking(), suppress(Exception):
        for name in ("version", "git_index_modes"):
            getattr(known, name)
        clones.add_bundle(known.local_abspath, known.commit)
        clones.let_others_read(known.local_abspath)
    _remember(source, version, known)


def _remember(source: str, version: str | None, template: Template) -> None:
    """Remember a clone under the name that repositories record, too, so that an update finds it."""
    _templates[source, version] = template
    same = copy(template)
    same.ref = template.commit
    _templates[source, template.commit] = same


def share(templates: Mapping[tuple[str, str | None], Template]) -> None:
    """Take over the clones of the parent process, if it did not fork this one."""
    _templates.update(templates)


def shared() -> dict[tuple[str, str | None], Template]:
    """The clones of this process, for the processes that it starts."""
    return dict(_templates)


def repository_url(source: str) -> str:
    """The URL of a template, whose `source` can be a short form such as `gh:team/name`."""
    return get_repo(source) or source


def cache_folder() -> Path:
    """The folder in which Copier caches what it fetches."""
    return Path(get_cache_dir())
