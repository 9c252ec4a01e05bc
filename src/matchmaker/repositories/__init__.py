"""The trainees' repositories: planned, made, brought up to date and looked at.

The trainee's tool reads, writes and runs git in them by the same two modules.
"""

from workshop import inside
from workshop.moving import git_environment

__all__ = ["git_environment", "inside"]
