"""Benchmarks: each number is a ratio of two times in one run."""
