"""The instructor's command: a roster in, a repository per trainee out."""
