"""Runs the check of a step on the code on disk, and reports the result."""

from workshop.check.report import Report, Requirement
from workshop.check.runner import check_step, check_steps

__all__ = ["Report", "Requirement", "check_step", "check_steps"]
