"""The console: traces, latency, steps, and a form for requests, in the browser."""
