"""Makes and updates one repository for each trainee."""
