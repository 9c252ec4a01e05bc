"""Reports what a run did, and where each trainee stands."""
