"""Configurations of git that change what is written, staged, ignored, encoded or where."""

from pathlib import Path

COMMIT_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
HOOKS = (
    *COMMIT_HOOKS,
    "applypatch-msg",
    "post-checkout",
    "post-index-change",
    "post-merge",
    "post-rewrite",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-merge-commit",
    "pre-push",
    "reference-transaction",
)

SETTINGS = """
[user]
	name = Test
	email = test@localhost
[init]
	templateDir = {folder}/template
	defaultBranch = trunk
[core]
	hooksPath = {folder}/hooks
	fsmonitor = {folder}/canary
	excludesFile = {folder}/ignore
	attributesFile = {folder}/attributes
	autocrlf = true
	eol = crlf
	safecrlf = true
	fileMode = false
	quotePath = false
	abbrev = 40
	pager = {folder}/canary
	editor = {folder}/canary
	whitespace = cr-at-eol,tab-in-indent
[filter "canary"]
	clean = {folder}/canary
	smudge = {folder}/canary
	required = true
[diff]
	external = {folder}/canary
	noprefix = true
	mnemonicPrefix = true
	renames = copies
	algorithm = patience
	context = 0
[diff "canary"]
	command = {folder}/canary
	textconv = {folder}/canary
[merge]
	conflictStyle = diff3
	renormalize = true
	default = canary
[merge "canary"]
	driver = {folder}/canary
[apply]
	whitespace = error
[commit]
	gpgSign = true
	template = {folder}/ignore
	cleanup = scissors
	verbose = true
[tag]
	gpgSign = true
[gpg]
	program = {folder}/canary
[i18n]
	commitEncoding = ISO-8859-1
	logOutputEncoding = UTF-16
[color]
	ui = always
[column]
	ui = always
[status]
	showUntrackedFiles = no
	relativePaths = true
	short = true
[log]
	showSignature = true
	follow = true
[index]
	version = 4
[feature]
	manyFiles = true
[fetch]
	prune = true
	pruneTags = true
[push]
	followTags = true
	default = nothing
[protocol "file"]
	allow = never
[safe]
	bareRepository = explicit
[submodule]
	recurse = true
[alias]
	commit = !false
	status = !false
"""

# Copier's own git clones the template with these, in a process that is not ours.
NOT_FOR_COPIER = (
    "\thooksPath",
    "\tfsmonitor",
    "\tallow = never",
    "\tbareRepository",
    "\tgpgSign",
)


def configuration(folder: Path, *, for_copier: bool = False, settings: str = SETTINGS) -> Path:
    """A global configuration with everything in it; whatever it runs leaves a line in `ran`."""
    folder.mkdir(exist_ok=True)
    canary(folder / "canary", folder / "ran")
    for hooks in (folder / "hooks", folder / "template" / "hooks"):
        hooks.mkdir(parents=True, exist_ok=True)
        for name in COMMIT_HOOKS if for_copier else HOOKS:
            canary(hooks / name, folder / "ran")
    (folder / "ignore").write_text("*.md\n*.toml\napp.py\n")
    (folder / "attributes").write_text(
        "* text=auto eol=crlf filter=canary diff=canary merge=canary ident\n"
    )
    text = settings.format(folder=folder)
    if for_copier:
        lines = text.splitlines()
        text = "\n".join(line for line in lines if not line.startswith(NOT_FOR_COPIER))
        text += f"\n[core]\n\thooksPath = {folder}/hooks\n"
    (folder / "config").write_text(text)
    return folder / "config"


def canary(path: Path, ran: Path) -> None:
    """A program that says that it ran, and by whom, and fails."""
    path.write_text(f'#!/bin/sh\necho "$(id -u) $0" >> {ran}\nexit 1\n')
    path.chmod(0o755)


ENVIRONMENT = {
    "GIT_AUTHOR_DATE": "yesterday or so",
    "GIT_COMMITTER_DATE": "never",
    "GIT_ATTR_SOURCE": "nothing",
    "GIT_CONFIG_PARAMETERS": "'core.autocrlf'='true'",
    "GIT_DEFAULT_HASH": "sha256",
    "GIT_DIFF_OPTS": "-u0",
    "GIT_EDITOR": "false",
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_ICASE_PATHSPECS": "1",
    "GIT_INDEX_VERSION": "4",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "false",
    "GIT_TEMPLATE_DIR": "/nowhere",
    "GIT_TRACE": "1",
    "LANGUAGE": "de",
    "LC_ALL": "C.UTF-8",
}
"""Variables of git and of the locale that change something, too."""
