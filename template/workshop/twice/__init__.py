"""Shows one request twice: as lines timed by hand, and as the spans of the tracing client."""
