"""Makes and updates one repository for each trainee, and looks at those that are there."""
