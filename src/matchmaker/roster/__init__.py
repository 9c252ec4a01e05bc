"""Who takes part: read from a file, and checked against the template's questions."""
