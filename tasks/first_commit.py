"""Make a git repository, with one first commit, of the workshop in the current folder.

Copier runs this after a copy. `copier update` merges against that commit, so it has to be there
from the start. A workshop that was copied into an existing repository is left for its owner to
commit.
"""

import subprocess

# Whoever has not told git a name yet gets a commit all the same.
AUTHOR = {"user.name": "Matchmaker", "user.email": "matchmaker@localhost"}


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], capture_output=True, text=True)


def main() -> None:
    if git("rev-parse", "--is-inside-work-tree").returncode == 0:
        return
    known = git("config", "--get-regexp", r"^user\.(name|email)$").stdout
    author = [
        argument
        for setting, value in AUTHOR.items()
        if f"{setting} " not in known
        for argument in ("-c", f"{setting}={value}")
    ]
    # A new repository has nothing to tidy up; git would look for it in another process.
    options = [*author, "-c", "maintenance.auto=false"]
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        [*options, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", "Start the workshop"],
    ):
        done = git(*command)
        if done.returncode != 0:
            raise SystemExit(f"The workshop is there, but git could not commit it: {done.stderr}")


if __name__ == "__main__":
    main()
