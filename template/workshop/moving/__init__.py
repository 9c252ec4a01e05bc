"""Moving between steps: what a trainee wrote is kept or saved, and the rest is Copier's work."""
