"""Tells about mistakes in a roster that don't stop the work for some of its trainees."""

from collections.abc import Sequence

from workshop.terminal import print_problem

from matchmaker.problem import Problem, condensed
from matchmaker.terminal import console


def say_mistakes_of_others(problems: Sequence[Problem]) -> None:
    """Print, on standard error, mistakes in the rows of trainees who weren't asked for."""
    if problems:
        text = "Other rows of the roster have mistakes, which you can correct later:"
        console(stderr=True).print(text)
        for each in condensed(problems):
            print_problem(each, "    ")
