"""The class of problems from the trainee's tool, which both commands use."""

from workshop.problem import MOST, Problem, Problems, condensed, ranges

__all__ = ["MOST", "Problem", "Problems", "condensed", "ranges"]
