"""Runs the check of a step on the code on disk, and reports what it found."""

from workshop.check.report import Report, Requirement
from workshop.check.runner import run, run_all

__all__ = ["Report", "Requirement", "run", "run_all"]
