"""The record of what a trainee did, and how it reaches the instructor."""
