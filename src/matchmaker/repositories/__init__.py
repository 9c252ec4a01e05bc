"""Makes and updates a repository for each trainee, and inspects existing ones."""
