"""Reports what a run did, and how far each trainee is."""
