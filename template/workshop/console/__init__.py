"""The console: traces, latency, steps and a form to try things, on one local page."""
