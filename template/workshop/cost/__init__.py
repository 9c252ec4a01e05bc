"""Measures what instrumentation costs."""
