"""What goes wrong, as the trainee's tool has it: one class of problems for both commands."""

from workshop.problem import MOST, Problem, Problems, condensed

__all__ = ["MOST", "Problem", "Problems", "condensed"]
